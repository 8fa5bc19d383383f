"""A DuckDB connection for one lake: bounded in memory, offline, and closed to everything but the files it is given."""

import re
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from urllib.parse import urlsplit

import duckdb

from cloudmigrate.errors.stores import LakeError
from cloudmigrate.lake.storage import S3Access

LEAST_MB = 100  # with less, few queries end
# A line may hold any text, so all is left out up to the last of DuckDB's own reasons; after these come its options.
QUOTED_LINE = re.compile(
    r"Original Line:.*(?=\n(?:Expected Number of Columns|Value with unterminated|Invalid unicode|Maximum line size))|Original Line:.*",
    re.DOTALL,
)
DUCKDB_OPTIONS = re.compile(r"\n\s*(?:Possible |file = ).*", re.DOTALL)


def connect(*, memory_limit: str, threads: int | None, temporary: TemporaryDirectory[str]) -> duckdb.DuckDBPyConnection:
    """An in-memory connection that spills into *temporary*, speaks UTC, keeps no secrets and installs nothing."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory_limit,
        "temp_directory": f"{temporary.name}/spill",
        "extension_directory": f"{temporary.name}/extensions",
        "secret_directory": f"{temporary.name}/secrets",
        "allow_persistent_secrets": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        # Order is asked for where it matters; without this DuckDB holds back whole row groups.
        "preserve_insertion_order": False,
    }
    if threads:
        config["threads"] = threads
    connection = duckdb.connect(":memory:", config=config)
    connection.execute("set global TimeZone = 'UTC'")  # of its cursors, too
    connection.execute("set global python_enable_replacements = false")  # `select * from some_python_variable` is an error
    return connection


def limit(memory_mb: int, beside_mb: int = 0) -> str:
    """The memory limit of a connection, of so much that may be taken, where something beside it takes its part."""
    return f"{max(memory_mb - beside_mb, LEAST_MB)}MB"


def open_s3(connection: duckdb.DuckDBPyConnection, access: S3Access) -> None:
    """Let the connection read from S3 with the packaged extension (no download) and these credentials. Raises LakeError."""
    import duckdb_extension_httpfs

    built_for = Path(duckdb_extension_httpfs.__file__).parent / "extensions" / f"v{duckdb.__version__}" / "httpfs.duckdb_extension"
    try:
        connection.execute(f"load {literal(str(built_for))}")
    except duckdb.Error as error:
        action = "install duckdb and duckdb-extension-httpfs in the same version"
        raise LakeError("open S3 with", str(built_for), str(error), action) from error
    endpoint = urlsplit(access.endpoint_url) if access.endpoint_url else None
    options = {
        "key_id": access.access_key,
        "secret": access.secret_key,
        "session_token": access.session_token,
        "region": access.region,
        "endpoint": endpoint.netloc if endpoint else None,
        "url_style": "path" if endpoint else None,
    }
    stated = [f"{name} {literal(value)}" for name, value in options.items() if value is not None]
    if endpoint:
        stated.append(f"use_ssl {'true' if endpoint.scheme == 'https' else 'false'}")
    connection.execute("set s3_url_compatibility_mode = true")  # keys are taken literally: no patterns, no ?options
    connection.execute(f"create secret lake (type s3, {', '.join(stated)})")


def lock(connection: duckdb.DuckDBPyConnection, files: Iterable[str]) -> None:
    """Close the connection to everything but reading *files*; nothing can open it again."""
    listed = ", ".join(literal(file) for file in files)
    connection.execute(f"set allowed_paths = [{listed}]")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")


def no_room(step: str, location: str, error: duckdb.OutOfMemoryException | duckdb.IOException) -> LakeError:
    """What to tell of a query that needed more memory than it may take, or more room to spill than there is."""
    action = "raise CLOUDMIGRATE_MEMORY_LIMIT_MB, then run again"
    if isinstance(error, duckdb.IOException) or "offload" in str(error):  # DuckDB's word for memory that goes to the disk
        action = f"free space in {gettempdir()}, where memory is spilled (TMPDIR names another folder), or {action}"
    return LakeError(step, location, str(error).split("\n", 1)[0], action)


def without_lines(error: duckdb.Error) -> str:
    """What DuckDB says of a file, on one line, without the file's own line that it quotes: that may hold a secret."""
    return " ".join(DUCKDB_OPTIONS.sub("", QUOTED_LINE.sub(" ", str(error))).split())[:300]


def literal(text: str) -> str:
    """*text* as an SQL string, for the few statements that take no parameters."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """*name* as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'

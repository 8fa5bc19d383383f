"""The ledger's connection: engines for SQLite and PostgreSQL, the schema upgrade, and driver errors told in our words."""

import re
import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from cloudmigrate.errors.stores import LedgerError
from cloudmigrate.ledger import migrations

# Numbers of our own, so that no other program in the same PostgreSQL database waits for our locks.
MIGRATION_LOCK = (0x636D6967, 1)
AUDIT_LOCK = (0x636D6967, 2)
PLACES_LOCK = (0x636D6967, 3)
LOCK_TIMEOUT_S = 30.0
CONNECT_TIMEOUT_S = 10


def parse_url(url: str) -> URL:
    """*url* as SQLAlchemy reads it. Raises LedgerError if it names no SQLite file and no PostgreSQL database."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # The text of a url that cannot be read is not shown: a password may stand anywhere in it.
        scheme = url.split("://", 1)[0] if "://" in url else "?"
        raise LedgerError("open", f"{scheme}://...", "this is no database url", _WRITE_A_URL) from None
    if parsed.drivername not in ("sqlite", "postgresql+psycopg"):
        raise LedgerError("open", hidden(parsed), f"{parsed.drivername!r} is no ledger database", _WRITE_A_URL)
    if parsed.drivername == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise LedgerError("open", hidden(parsed), "a ledger in memory would forget what was done", _WRITE_A_URL)
    return parsed


_WRITE_A_URL = "write sqlite:///ledger.db or postgresql+psycopg://user@host/database as `ledger` in the estate file."


def hidden(url: URL) -> str:
    """*url* for people: without its password, wherever it stands."""
    secrets = ("password", "sslpassword")
    shown = url.set(query={key: "***" if key in secrets else value for key, value in url.query.items()})
    return shown.render_as_string(hide_password=True)


def connect(url: URL, *, lock_timeout_s: float = LOCK_TIMEOUT_S) -> Engine:
    """An engine for *url*; makes the parent folder of a SQLite file. Raises LedgerError."""
    if url.drivername == "sqlite":
        return _sqlite(url, lock_timeout_s)
    return _postgresql(url, lock_timeout_s)


def _sqlite(url: URL, lock_timeout_s: float) -> Engine:
    path = url.database or ""
    if not path.startswith("file:"):
        try:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LedgerError(
                "make the folder", hidden(url), error.strerror or str(error), "choose a folder that can be written."
            ) from error
    engine = create_engine(url, hide_parameters=True, pool_size=5, max_overflow=-1, connect_args={"timeout": lock_timeout_s})

    @event.listens_for(engine, "connect")
    def _prepare(driver: Any, _record: Any) -> None:
        driver.isolation_level = None  # the driver's own BEGIN comes late and never around DDL; ours is below
        for pragma in ("foreign_keys = on", "synchronous = full"):
            driver.execute(f"pragma {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A writer takes the lock at once: a reader that becomes a writer halfway would fail instead of wait.
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("begin immediate" if writes else "begin")

    return engine


def _postgresql(url: URL, lock_timeout_s: float) -> Engine:
    defaults = {"connect_timeout": CONNECT_TIMEOUT_S, "application_name": "cloudmigrate"}
    arguments = {key: value for key, value in defaults.items() if key not in url.query}
    engine = create_engine(url, hide_parameters=True, pool_pre_ping=True, pool_size=5, max_overflow=20, connect_args=arguments)

    @event.listens_for(engine, "connect")
    def _prepare(driver: Any, _record: Any) -> None:
        driver.execute("select set_config('lock_timeout', %s, false)", [f"{int(lock_timeout_s * 1000)}ms"])
        driver.commit()

    return engine


def upgrade(engine: Engine, *, lock_timeout_s: float = LOCK_TIMEOUT_S) -> None:
    """Bring the schema to this release's revision, under a lock; a ledger that is up to date is only looked at."""
    if engine.dialect.name == "sqlite":
        _write_ahead(engine, lock_timeout_s)
    with engine.connect() as connection:
        if _revision(connection) == migrations.NEWEST:
            return
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        lock(connection, MIGRATION_LOCK)
        _run_migrations(connection)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(migrations.VERSION_TABLE):
        return None
    found = connection.execute(text(f"select version_num from {migrations.VERSION_TABLE}")).scalar()  # noqa: S608 - a constant
    return None if found is None else str(found)


def _run_migrations(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(migrations.FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        found = _revision(connection)
        reason = f"its schema has revision {found!r}, which this release does not know ({error})"
        raise LedgerError("upgrade the schema", hidden(connection.engine.url), reason, "run the newest CloudMigrate.") from error


def lock(connection: Connection, key: tuple[int, int]) -> None:
    """Hold *key* until the transaction ends; in SQLite a writing transaction is alone anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("select pg_advisory_xact_lock(:one, :two)"), {"one": key[0], "two": key[1]})


def _write_ahead(engine: Engine, lock_timeout_s: float) -> None:
    """Switch the file to write-ahead logging, so that readers never wait for the writer.

    SQLite answers "locked" at once here, whatever the timeout, when another process opens the same new file.
    """
    deadline = time.monotonic() + lock_timeout_s
    while True:
        driver = engine.raw_connection()
        try:
            cursor = driver.cursor()
            if cursor.execute("pragma journal_mode").fetchone()[0] != "wal":
                cursor.execute("pragma journal_mode = wal")
            return
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorname", "") not in ("SQLITE_BUSY", "SQLITE_LOCKED") or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        finally:
            driver.close()


# What a driver calls an error -> our reason and what to do. SQLite: names of result codes; PostgreSQL: SQLSTATE, class first two.
_REACTIONS: dict[str, tuple[str, str]] = {
    "SQLITE_BUSY": ("another process holds the lock", "wait for the other cloudmigrate command to end, then run again."),
    "SQLITE_LOCKED": ("another process holds the lock", "wait for the other cloudmigrate command to end, then run again."),
    "SQLITE_READONLY": ("the file is read-only", "make the file and its folder writable, or name another ledger."),
    "SQLITE_FULL": ("the disk is full", "free space, then run again; nothing half-written is visible."),
    "SQLITE_IOERR": ("the disk failed or is full", "check the disk and its free space, then run again."),
    "SQLITE_CANTOPEN": ("the file cannot be opened", "check the path and the rights on its folder."),
    "SQLITE_NOTADB": ("the file is no SQLite database", "name another file, or restore the ledger from its backup."),
    "SQLITE_CORRUPT": ("the file is damaged", "restore the ledger from its backup."),
    "SQLITE_AUTH": ("access was refused", "check the rights on the file."),
    "28": ("the database refused the user or password", "check the user and the password variable of the ledger url."),
    "3D": ("the database does not exist", "create it, or mend the ledger url."),
    "42501": ("the user lacks a privilege", "grant the user create and usage on the schema."),
    "25006": ("the database is read-only", "connect to the primary server."),
    "53100": ("the disk is full", "free space on the database server, then run again; nothing half-written is visible."),
    "53": ("the server has no resources left", "close other sessions or raise its limits, then run again."),
    "55P03": ("another session holds the lock", "wait for the other cloudmigrate command to end, then run again."),
    "57": ("the server is stopping", "run again when it is back."),
    "08": ("the server cannot be reached", "check host, port and network of the ledger url."),
}

# What passes by itself: somebody else's lock, a server that restarts or is out of reach or of connections.
_PASSING = ("SQLITE_BUSY", "SQLITE_LOCKED", "55P03", "53", "57", "08")


def ledger_error(step: str, url: URL, error: SQLAlchemyError | sqlite3.Error) -> LedgerError:
    """*error* of a driver as a LedgerError that names *step*, the database without its password, the cause and what to do."""
    original = getattr(error, "orig", None) or error
    code = getattr(original, "sqlite_errorname", None) or getattr(original, "sqlstate", None) or ""
    reason, next_action = _reaction(code, original)
    told = str(original).strip().split("\n")[0]
    if url.password:
        told = told.replace(str(url.password), "***")
    transient = (reason, next_action) in [_REACTIONS[key] for key in _PASSING]
    return LedgerError(step, hidden(url), f"{reason} ({told})" if told else reason, next_action, transient=transient)


def _reaction(code: str, original: BaseException) -> tuple[str, str]:
    if isinstance(original, NoSuchModuleError):
        return "its driver is not installed", "install CloudMigrate again."
    # SQLite extends its names (SQLITE_READONLY_DIRECTORY); SQLSTATE begins with its class.
    keys = [key for key in _REACTIONS if code.startswith(key)]
    if keys:
        return _REACTIONS[max(keys, key=len)]
    if not code and isinstance(original, _connection_errors()):
        return _connection_reaction(str(original))
    return "the database refused it", "see the database's own words above; if they do not help, report this as a bug."


def _connection_reaction(told: str) -> tuple[str, str]:
    # psycopg gives no SQLSTATE for a connection that failed; FATAL comes from the server, whose language may be another.
    if "FATAL" not in told:
        return _REACTIONS["08"]
    if re.search(r'database ".*" does not exist', told):
        return _REACTIONS["3D"]
    if "password" in told or "authentication" in told or "role" in told:
        return _REACTIONS["28"]
    return "the server refused the connection", "see the server's own words; if they do not help, ask its administrator."


def _connection_errors() -> tuple[type[BaseException], ...]:
    import psycopg

    return (psycopg.OperationalError,)

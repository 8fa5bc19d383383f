"""What the environment says: the only reader of it.

`VARIABLES` is the table of all variables; docs and error messages derive from it. Nothing here is cached: a changed
environment is seen by the next call.
"""

import getpass
import os
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from cloudmigrate.errors import UsageError

LOOPBACK_HOSTS = ("127.0.0.1", "::1", "localhost")  # where a token or a push may go where nothing may leave the machine
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
LOG_FORMATS = ("auto", "json", "console")


@dataclass(frozen=True, slots=True)
class Settings:
    """What can be set from outside, checked."""

    log_level: str = "INFO"
    log_format: str = "auto"
    colour: bool = True
    loopback_only: bool = False
    workers: int = 16
    tasks_per_account: int = 4
    account_limits: bool = True
    memory_limit_mb: int = 600
    dask_scheduler: str | None = None
    dask_workers: int = 0
    user: str | None = None
    keys: Path | None = None
    test_data: Path | None = None
    s3_endpoint_url: str | None = None
    checkov: Path | None = None


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable of the environment and the setting that it gives."""

    name: str
    field: str
    meaning: str
    parse: Callable[[str], Any]


def _one_of(words: tuple[str, ...]) -> Callable[[str], str]:
    def parse(text: str) -> str:
        for word in words:
            if text.lower() == word.lower():
                return word
        raise ValueError(f"must be one of {', '.join(words)}")

    return parse


def _flag(text: str) -> bool:
    if text.lower() in ("1", "true", "yes", "on"):
        return True
    if text.lower() in ("0", "false", "no", "off"):
        return False
    raise ValueError("must be 1 or 0")


def _between(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
            raise ValueError(f"must be a whole number from {least} to {most}")
        return int(text)

    return parse


def _folder(text: str) -> Path:
    path = Path(text).expanduser()
    if not path.is_dir():
        raise ValueError("must be a folder that exists")
    return path


def _program(text: str) -> Path:
    found = shutil.which(Path(text).expanduser())
    if found is None:
        raise ValueError("must be a program that can be executed")
    return Path(found).absolute()


def _http_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid:
        raise ValueError("must be a url such as http://127.0.0.1:5000")
    return text


def _scheduler(text: str) -> str:
    if not re.fullmatch(r"(tcp|tls|ucx|ws|wss)://[^\s/?#@]+", text):
        raise ValueError("must be an address such as tcp://127.0.0.1:8786")
    return text


VARIABLES: tuple[Variable, ...] = (
    Variable("CLOUDMIGRATE_LOG_LEVEL", "log_level", f"Least severe event that is logged: {', '.join(LOG_LEVELS)}.", _one_of(LOG_LEVELS)),
    Variable(
        "CLOUDMIGRATE_LOG_FORMAT",
        "log_format",
        "json, console, or auto: readable on a terminal, JSON lines in a pipe. Logs go to stderr.",
        _one_of(LOG_FORMATS),
    ),
    Variable("NO_COLOR", "colour", "Anything: no colours on a terminal (no-color.org).", lambda _: False),
    Variable(
        "CLOUDMIGRATE_LOOPBACK_ONLY", "loopback_only", "1: refuse every API call that would leave this machine (demo and tests).", _flag
    ),
    Variable("CLOUDMIGRATE_WORKERS", "workers", "API calls at once per account and region.", _between(1, 256)),
    Variable("CLOUDMIGRATE_TASKS_PER_ACCOUNT", "tasks_per_account", "Tasks that read one account at once.", _between(1, 256)),
    Variable(
        "CLOUDMIGRATE_ACCOUNT_LIMITS",
        "account_limits",
        "0: set no limit per account on the Prefect server (its services must run to free the slots of killed runs).",
        _flag,
    ),
    Variable(
        "CLOUDMIGRATE_MEMORY_LIMIT_MB",
        "memory_limit_mb",
        "Memory that DuckDB may take before it spills to disk, MB.",
        _between(64, 1_000_000),
    ),
    Variable("CLOUDMIGRATE_USER", "user", "Who decides, as kept with pins and other decisions; unset: the login name.", str),
    Variable(
        "CLOUDMIGRATE_KEYS",
        "keys",
        "Folder of your own private keys, by which you approve; unset: cloudmigrate/keys in your configuration folder.",
        lambda text: Path(text).expanduser(),
    ),
    Variable(
        "CLOUDMIGRATE_DASK_SCHEDULER",
        "dask_scheduler",
        "Address of a Dask scheduler, such as tcp://10.0.0.5:8786: its workers read the flow logs. Needs the extra `dask`.",
        _scheduler,
    ),
    Variable(
        "CLOUDMIGRATE_DASK_WORKERS",
        "dask_workers",
        "Processes of this machine that read flow logs at once, as a Dask cluster of the run's own; 0: threads of the flow's process.",
        _between(0, 256),
    ),
    Variable("CLOUDMIGRATE_TEST_DATA", "test_data", "Folder with recorded inputs for the tests.", _folder),
    # botocore reads these two by itself; the lake's reader of S3 is not botocore and is handed the same value.
    Variable("AWS_ENDPOINT_URL", "s3_endpoint_url", "Endpoint of all AWS services instead of AWS's own (an emulator).", _http_url),
    Variable("AWS_ENDPOINT_URL_S3", "s3_endpoint_url", "Endpoint of S3 alone; goes before AWS_ENDPOINT_URL.", _http_url),
    Variable(
        "CLOUDMIGRATE_CHECKOV",
        "checkov",
        "The executable of checkov: generated code has security.md then, what it finds against the source as code. Unset: no such page.",
        _program,
    ),
)

CONFLUENCE_TOKEN = "CLOUDMIGRATE_CONFLUENCE_TOKEN"  # noqa: S105 - the variable's name

# What runs git within a repository's hook sets others, by which our commands would work in that repository.
GIT_KEEPS = ("GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM")
CHECKOV_LACKS = ("AWS_", "BC_", "PRISMA_", "CKV_", "CHECKOV_", "CLOUDMIGRATE_", "LOG_LEVEL")
GIT_TOKEN = "CLOUDMIGRATE_GIT_TOKEN"  # noqa: S105 - the variable's name

# Only such names are put into a ledger's url: an estate file from elsewhere must not send other secrets to a database of its choice.
REFERENCE = re.compile(r"\$\{([^}]*)\}")
LEDGER_VARIABLE = re.compile(r"[A-Z0-9_]*LEDGER[A-Z0-9_]*")


def current(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings as the environment has them now; an empty variable counts as unset. Raises UsageError naming the variable."""
    found = os.environ if environment is None else environment
    values: dict[str, Any] = {}
    for variable in VARIABLES:
        text = found.get(variable.name, "").strip()
        if not text:
            continue
        try:
            values[variable.field] = variable.parse(text)
        except ValueError as error:
            raise UsageError(f"{variable.name}={text!r} {error}. Next: set it so, or unset it.") from None
    return Settings(**values)


def expand_secrets(ledger_url: str, environment: Mapping[str, str] | None = None) -> str:
    """*ledger_url* with each ``${..LEDGER..}`` replaced by that variable's value, encoded as urls need it.

    So an estate file or a saved estate names the variable that holds a password, and never the password. Raises UsageError.
    """
    found = os.environ if environment is None else environment

    def value_of(reference: re.Match[str]) -> str:
        name = reference.group(1)
        if not LEDGER_VARIABLE.fullmatch(name):
            raise UsageError(
                f"ledger: ${{{name}}} is not read; only variables with LEDGER in their upper-case name are. "
                "Next: rename it, such as ${LEDGER_PASSWORD}."
            )
        value = found.get(name, "")
        if not value:
            raise UsageError(f"ledger: the variable {name} is not set. Next: export {name}=... and run again.")
        return quote(value, safe="")

    return REFERENCE.sub(value_of, ledger_url)


def confluence_token(environment: Mapping[str, str] | None = None) -> str:
    """The token for Confluence, out of a variable that no setting shows. Raises UsageError where it is not set."""
    found = (os.environ if environment is None else environment).get(CONFLUENCE_TOKEN, "").strip()
    if not found:
        raise UsageError(f"{CONFLUENCE_TOKEN} is not set. Next: export it, or name a Prefect Secret block as confluence.token_block.")
    return found


def for_git(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a git that works in a folder of ours: the user's, but for what would lead it to another repository."""
    found = os.environ if environment is None else environment
    return {name: value for name, value in found.items() if not name.startswith("GIT_") or name in GIT_KEEPS}


def for_checkov(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a checkov: the user's, but for cloud credentials and for what would make it report to its maker."""
    found = os.environ if environment is None else environment
    return {name: value for name, value in found.items() if not name.startswith(CHECKOV_LACKS)}


def git_token(environment: Mapping[str, str] | None = None) -> str | None:
    """The token for the Git repository, out of a variable that no setting shows; None where git itself knows who asks (an SSH key)."""
    return (os.environ if environment is None else environment).get(GIT_TOKEN, "").strip() or None


def acting_user(environment: Mapping[str, str] | None = None) -> str:
    """Who is at work, for the record of decisions: CLOUDMIGRATE_USER, else the login name, else the user's number."""
    named = current(environment).user
    if named:
        return named
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # a container's user that has no name; a system without names
        return f"uid {os.getuid()}" if hasattr(os, "getuid") else "unknown"


def keys_folder(environment: Mapping[str, str] | None = None) -> Path:
    """Where a person's own private keys are: CLOUDMIGRATE_KEYS, else cloudmigrate/keys in the configuration folder (XDG)."""
    found = os.environ if environment is None else environment
    named = current(found).keys
    if named:
        return named
    configuration = found.get("XDG_CONFIG_HOME", "").strip()
    base = Path(configuration) if configuration.startswith("/") else Path("~/.config").expanduser()
    return base / "cloudmigrate" / "keys"


def variables_table() -> str:
    """The variables as a Markdown table: name, meaning, default."""
    defaults = Settings()
    rows = ["| variable | meaning | default |", "|---|---|---|"]
    for variable in VARIABLES:
        default = getattr(defaults, variable.field)
        shown = "unset" if default is None or variable.field == "colour" else int(default) if isinstance(default, bool) else default
        rows.append(f"| `{variable.name}` | {variable.meaning} | {shown} |")
    return "\n".join(rows) + "\n"


def is_debugging(environment: Mapping[str, str] | None = None) -> bool:
    """Whether the user asked for all there is to know, whatever else may be wrong with the environment."""
    found = os.environ if environment is None else environment
    return found.get("CLOUDMIGRATE_LOG_LEVEL", "").strip().upper() == "DEBUG"


def is_set(name: str, environment: Mapping[str, str] | None = None) -> bool:
    """Whether that variable has a value, so that a default of the program's own may give way to the user's wish."""
    return bool((os.environ if environment is None else environment).get(name, "").strip())

"""Running flows from the command line: in this process, against the user's Prefect server or one of our own."""

import contextlib
import logging
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from cloudmigrate import log, settings
from cloudmigrate.app.local_prefect import LocalPrefect, PrefectFailedError, PrefectUnreachableError
from cloudmigrate.errors import CloudMigrateError
from cloudmigrate.masking import masked_text

QUIET_PREFECT = {"PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore", "PREFECT_LOGGING_EXTRA_LOGGERS": "cloudmigrate"}
# Nobody can look at a server that ends with the command, and log lines sent after its end would show as errors. It runs no
# services, so nothing would free the slots that a killed run held; a single command bounds its calls by its threads.
OWN_SERVER = {"PREFECT_LOGGING_TO_API_ENABLED": "false", "CLOUDMIGRATE_ACCOUNT_LIMITS": "0"}


@contextlib.contextmanager
def prefect_api() -> Iterator[None]:
    """Flows called inside run against the API that the user's environment or profile names, else against a server of our own."""
    theirs = user_has_prefect()
    prepare_environment(own_server=not theirs)
    if theirs:
        quieten()
        with told_if_unreachable(), told_if_failed():
            yield
        return
    with LocalPrefect(home=own_home()) as server:
        quieten()  # importing Prefect takes as long as the server needs to start: the two overlap
        with using(server), told_if_failed():
            yield


@contextlib.contextmanager
def told_if_unreachable() -> Iterator[None]:
    """Tell that the user's Prefect server does not answer, which Prefect raises as a bare RuntimeError. Raises PrefectUnreachableError."""
    try:
        yield
    except RuntimeError as error:
        if not str(error).startswith("Failed to reach API"):
            raise
        raise PrefectUnreachableError(str(error)) from error


@contextlib.contextmanager
def told_if_failed() -> Iterator[None]:
    """Tell what ended a flow also where Prefect's server did not take that either: a full disk may be both's. Raises PrefectFailedError."""
    from httpx import HTTPError

    try:
        yield
    except HTTPError as error:
        before: BaseException | None = error
        while before is not None and not isinstance(before, CloudMigrateError):
            before = before.__context__
        raise before or PrefectFailedError(masked_text(str(error)) or type(error).__name__) from None


def user_has_prefect() -> bool:
    """Whether the user's environment or a Prefect profile names an API to use instead of a server of our own."""
    if os.environ.get("PREFECT_API_URL"):
        return True
    profiles = Path(os.environ.get("PREFECT_HOME") or "~/.prefect").expanduser() / "profiles.toml"
    if not profiles.is_file() or "PREFECT_API_URL" not in profiles.read_text(encoding="utf-8", errors="replace"):
        return False
    from prefect.settings import PREFECT_API_URL

    return bool(PREFECT_API_URL.value())


def own_home() -> Path:
    """Where our own server keeps its database: apart from the user's Prefect, whose version may be another."""
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "cloudmigrate" / "prefect"


def prepare_environment(*, own_server: bool) -> None:
    """Settings that Prefect reads when it is imported."""
    for name, value in (QUIET_PREFECT | OWN_SERVER if own_server else QUIET_PREFECT).items():
        os.environ.setdefault(name, value)


def quieten() -> None:
    """Keep Prefect's own lines off stderr: people read our progress, and an error is told once, without a traceback."""
    import prefect.main  # noqa: F401 - its import sets up logging

    found = logging_settings()
    log.configure(found)
    logging.getLogger("prefect").propagate = found.log_level == "DEBUG"


def logging_settings() -> settings.Settings:
    """The settings, with progress lines kept back where nobody watches and nobody asked for them."""
    found = settings.current()
    if on_terminal() or settings.is_set("CLOUDMIGRATE_LOG_LEVEL"):
        return found
    return replace(found, log_level="WARNING")


@contextlib.contextmanager
def using(server: LocalPrefect) -> Iterator[None]:
    """Flows called inside run against *server*."""
    from prefect.settings import PREFECT_API_URL, temporary_settings

    with temporary_settings(updates={PREFECT_API_URL: server.api_url}):
        yield


def on_terminal() -> bool:
    """Whether a person is watching stderr."""
    return sys.stderr.isatty()

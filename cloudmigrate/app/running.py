"""Running flows from the command line: in this process, against the user's Prefect server or one of our own."""

import contextlib
import logging
import os
import sys
from collections.abc import Iterator
from dataclasses import replace

from cloudmigrate import log, settings
from cloudmigrate.app.local_prefect import LocalPrefect

QUIET_PREFECT = {"PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore"}
# Nobody can look at a server that ends with the command, and log lines sent after its end would show as errors.
OWN_SERVER = {"PREFECT_LOGGING_TO_API_ENABLED": "false"}


@contextlib.contextmanager
def prefect_api() -> Iterator[None]:
    """Flows called inside run against the API that the user's environment or profile names, else against a server of our own."""
    prepare_environment()
    if os.environ.get("PREFECT_API_URL"):
        quieten()
        yield
        return
    with LocalPrefect() as server:
        # Importing Prefect takes as long as the server needs to start: the two overlap.
        from prefect.settings import PREFECT_API_URL

        quieten()
        if PREFECT_API_URL.value():
            yield
        else:
            with using(server):
                yield


def prepare_environment() -> None:
    """Settings that Prefect reads when it is imported."""
    for name, value in (QUIET_PREFECT if os.environ.get("PREFECT_API_URL") else QUIET_PREFECT | OWN_SERVER).items():
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

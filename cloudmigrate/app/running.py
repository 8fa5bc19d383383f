"""Running flows from the command line: in this process, against the user's Prefect server or one of our own."""

import contextlib
import os
import sys
from collections.abc import Iterator

from cloudmigrate.app.local_prefect import LocalPrefect

# People at a terminal read our own progress lines; Prefect's two lines per task would bury them.
QUIET_PREFECT = {"PREFECT_LOGGING_LEVEL": "WARNING", "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore"}


@contextlib.contextmanager
def prefect_api() -> Iterator[None]:
    """Flows called inside run against the API that the user's environment or profile names, else against a server of our own."""
    for name, value in QUIET_PREFECT.items():
        os.environ.setdefault(name, value)
    if os.environ.get("PREFECT_API_URL"):
        yield
        return
    with LocalPrefect() as server:
        # Importing Prefect takes as long as the server needs to start: the two overlap.
        from prefect.settings import PREFECT_API_URL

        if PREFECT_API_URL.value():
            yield
        else:
            with using(server):
                yield


@contextlib.contextmanager
def using(server: LocalPrefect) -> Iterator[None]:
    """Flows called inside run against *server*."""
    from prefect.settings import PREFECT_API_URL, temporary_settings

    with temporary_settings(updates={PREFECT_API_URL: server.api_url}):
        yield


def on_terminal() -> bool:
    """Whether a person is watching stderr."""
    return sys.stderr.isatty()

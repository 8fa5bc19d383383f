"""A Prefect API for this command: the one the user named, else a server of our own that ends with the command."""

import contextlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from cloudmigrate.errors import CloudMigrateError

# Batching keeps the server's recorder ahead of hundreds of task runs; the slot wait is Prefect's poll for a tag limit.
SERVER_SETTINGS = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "PREFECT_SERVER_TASKS_TAG_CONCURRENCY_SLOT_WAIT_SECONDS": "2",
    # Leases in a file outlive the server, so a restart loses no slot.
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
    "PREFECT_LOGGING_SERVER_LEVEL": "ERROR",
    "PREFECT_CLI_PROMPT": "false",
}


class PrefectServerError(CloudMigrateError):
    """Prefect's server did not start."""

    def __init__(self, reason: str, next_action: str = "set PREFECT_API_URL to a server that runs") -> None:
        self.reason = reason
        super().__init__(f"the Prefect server did not start: {reason}. Next: {next_action}.")


class PrefectUnreachableError(CloudMigrateError):
    """The Prefect server that the user's environment or profile names does not answer."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"Prefect: {reason}. Next: start that server, or unset PREFECT_API_URL to run with one of our own.")


class PrefectFailedError(CloudMigrateError):
    """Prefect's server ended, or could not keep what it was told, while a flow ran."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(
            f"Prefect's server failed: {reason}. Next: see that it runs and that its database has room, then run again; "
            "what was done of a wave stands in the ledger (`cloudmigrate status`)."
        )


class LocalPrefect:
    """A Prefect server on loopback; started at once, awaited when its address is first asked for.

    With *home* all of Prefect's files lie there; without it they lie where Prefect keeps them for this user.
    """

    def __init__(
        self, *, home: Path | None = None, port: int = 0, ui: bool = False, next_action: str = "set PREFECT_API_URL to a server that runs"
    ) -> None:
        self._next_action = next_action
        for name, value in SERVER_SETTINGS.items():
            os.environ.setdefault(name, value)
        if home is not None:
            home.mkdir(parents=True, exist_ok=True)
            os.environ["PREFECT_HOME"] = str(home.resolve())
        command = [sys.executable, "-m", "cloudmigrate.app.prefect_server", "--port", str(port), *(["--ui"] if ui else [])]
        # A pipe that nobody reads would stop the server when full. Closed by stop().
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, start_new_session=True
        )
        self._api_url: str | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    @property
    def api_url(self) -> str:
        """The API's address; waits until the server listens. Raises PrefectServerError."""
        if self._api_url is None:
            line = self._process.stdout.readline().decode().strip() if self._process.stdout else ""
            if not line:
                self._errors.seek(0)
                said = self._errors.read().decode(errors="replace").strip().splitlines()
                raise PrefectServerError(said[-1] if said else "it ended without a word", self._next_action)
            self._api_url = line
        return self._api_url

    def stop(self) -> None:
        """End the server; safe to call twice."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        try:
            self._process.wait(6)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._errors.close()
        self._api_url = None

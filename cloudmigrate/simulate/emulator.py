"""A local AWS emulator (moto's server in a process of its own) that ends with the process that started it."""

import contextlib
import os
import select
import subprocess
import sys
import tempfile
import urllib.request
from datetime import timedelta
from types import TracebackType
from typing import IO, Self

from cloudmigrate.errors import CloudMigrateError

START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 5
ANSWER_TIMEOUT_S = 60
HOME_REGION = "us-west-2"


class EmulatorError(CloudMigrateError):
    """The local AWS emulator did not start, or stopped answering."""

    def __init__(self, step: str, reason: str, next_action: str = "run `make setup` (it installs moto), then try again") -> None:
        self.step = step
        self.reason = reason
        self.next_action = next_action
        super().__init__(f"local AWS emulator: {step}: {reason}. Next: {next_action}.")


class Emulator:
    """An AWS endpoint on a free loopback port; use it as a context manager.

    Any access key is account 123456789012; a role of another account can always be assumed and leads into an account of
    its own. *latency* is added to every answer. Raises EmulatorError where it does not come up.
    """

    def __init__(self, *, latency: timedelta = timedelta(0)) -> None:
        self._latency = latency
        self._process: subprocess.Popen[bytes] | None = None
        self._files = contextlib.ExitStack()
        self._url: str | None = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Such as ``http://127.0.0.1:40123``. Raises EmulatorError before the start and after the stop."""
        if self._url is None:
            raise EmulatorError("use", "it is not running")
        return self._url

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        return self._process.pid if self._process else None

    def start(self) -> Self:
        """Start the server and wait until it listens. Raises EmulatorError."""
        latency_ms = self._latency / timedelta(milliseconds=1)
        command = [sys.executable, "-m", "cloudmigrate.simulate.server", "--parent", str(os.getpid()), "--latency-ms", str(latency_ms)]
        errors = self._files.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - the stack closes it
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, start_new_session=True)
        self._process = process
        try:
            self._url = f"http://127.0.0.1:{_announced_port(process, errors)}"
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """End the server; safe to call twice."""
        process, self._process, self._url = self._process, None, None
        if process is not None:
            process.terminate()
            try:
                process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()
        self._files.close()

    def reset(self) -> None:
        """Forget every account's resources."""
        post(f"{self.url}/moto-api/reset")

    def environment(self) -> dict[str, str]:
        """Variables that point botocore here and nowhere else; EMULATOR_UNSETS names those to remove beside them."""
        return environment_for(self.url)


def _announced_port(process: subprocess.Popen[bytes], errors: IO[bytes]) -> int:
    """The port that the server prints once it listens. Raises EmulatorError with its last words."""
    pipes = [process.stdout] if process.stdout else []
    readable, _, _ = select.select(pipes, [], [], START_TIMEOUT_S)
    line = readable[0].readline() if readable else b""
    if line.strip().isdigit():
        return int(line)
    errors.seek(0)
    said = errors.read().decode(errors="replace").strip().splitlines()
    raise EmulatorError("start", said[-1] if said else "it ended without a word")


def post(url: str, body: bytes = b"") -> bytes:
    """What our own server answers to *body* at *url*. Raises EmulatorError where it does not."""
    request = urllib.request.Request(url, data=body, method="POST")  # noqa: S310 - our own loopback address
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # a proxy in the environment must not see loopback traffic
    try:
        with opener.open(request, timeout=ANSWER_TIMEOUT_S) as answer:
            held: bytes = answer.read()
    except OSError as error:
        raise EmulatorError(f"POST {url}", str(error)) from error
    return held


def environment_for(url: str) -> dict[str, str]:
    """Variables that point botocore at *url* with keys that are nobody's; EMULATOR_UNSETS names those to remove beside them."""
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "emulator",
        "AWS_SECRET_ACCESS_KEY": "emulator",
        "AWS_DEFAULT_REGION": HOME_REGION,
        "AWS_REGION": HOME_REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


EMULATOR_UNSETS = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE")
"""Variables that would outrank or contradict `environment_for` and must be removed beside it."""

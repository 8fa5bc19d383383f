"""A process that has imported what commands need, and forks one for each: a process of its own without its seconds of imports.

Orders come as JSON lines on stdin: arguments, folder, environment, files for stdout and stderr, for which a process id goes out; or such an
id whose end is waited for, for which the exit code goes out.
"""

import atexit
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn, Self

ROOT = Path(__file__).resolve().parents[2]
FIXED = "PREFECT_"  # what is read when it is imported
WARM = (
    "great_expectations",
    "flows.assess_estate",
    "flows.publish_readiness",
    "flows.refresh_prices",
    "prefect.engine",
    "prefect.flow_engine",
    "prefect.task_engine",
    "prefect.telemetry.run_telemetry",
    "prefect.utilities.visualization",
    "fastapi.encoders",
    "alembic.command",
    "alembic.runtime.migration",
    "cloudmigrate.aws.catalogue",
    "cloudmigrate.aws.discover",
    "cloudmigrate.app.assessing",
    "cloudmigrate.app.planning",
    "cloudmigrate.app.plan_commands",
    "cloudmigrate.app.decision_commands",
    "cloudmigrate.app.graph_commands",
)


class WarmCommands:
    """Runs commands in forks of one warm process. Not for several threads."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.fixed = _fixed(environment)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.app.warm"],
            cwd=ROOT,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def can_run(self, environment: Mapping[str, str]) -> bool:
        """Whether a fork would see this environment as a process of its own would."""
        return self.fixed == _fixed(environment)

    def run(self, arguments: Sequence[str], folder: Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        """The finished command. Raises RuntimeError where the warm process itself ended."""
        with tempfile.NamedTemporaryFile() as out, tempfile.NamedTemporaryFile() as err:
            pid = self._begun(arguments, folder, environment, out=out.name, err=err.name)
            code = self._asked({"end_of": pid})
            texts = [Path(one.name).read_text(encoding="utf-8") for one in (out, err)]
        return subprocess.CompletedProcess(list(arguments), code, *texts)

    @contextmanager
    def running(self, arguments: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Iterator[int]:
        """The id of the process that runs the command, which is killed at the end of the block."""
        pid = self._begun(arguments, folder, environment, out=os.devnull, err=os.devnull)
        try:
            yield pid
        finally:
            os.kill(pid, signal.SIGKILL)  # nobody else waits for it, so the id is still its own
            self._asked({"end_of": pid})

    def _begun(self, arguments: Sequence[str], folder: Path, environment: Mapping[str, str], **files: str) -> int:
        return self._asked({"arguments": list(arguments), "folder": str(folder), "environment": dict(environment), **files})

    def _asked(self, order: Mapping[str, Any]) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError("the process that forks commands has ended")
        return int(answer)


def _fixed(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(FIXED)}


def _serve() -> dict[str, Any] | None:
    """An order, in the fork that is to carry it out; None at the end of all orders."""
    for line in sys.stdin:
        order: dict[str, Any] = json.loads(line)
        if "end_of" in order:
            print(os.waitstatus_to_exitcode(os.waitpid(order["end_of"], 0)[1]), flush=True)
            continue
        pid = os.fork()
        if pid == 0:
            return order
        print(pid, flush=True)
    return None


def _become(order: dict[str, Any]) -> NoReturn:
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(order[name], os.O_WRONLY), number)
    from cloudmigrate.app.cli import run

    code = run(order["arguments"])
    atexit._run_exitfuncs()  # but no destructors of C++, which wait for threads that only the warm process had
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)


def _import_all() -> None:
    from cloudmigrate.app.running import prepare_environment

    prepare_environment(own_server=False)
    import gc
    import importlib
    import threading

    for name in WARM:
        importlib.import_module(name)
    gc.freeze()  # a fork that looked for garbage in all this would copy it

    assert threading.active_count() == 1, "a fork would lack these threads: " + ", ".join(one.name for one in threading.enumerate())


if __name__ == "__main__":
    _import_all()
    if order := _serve():
        _become(order)

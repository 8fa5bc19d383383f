"""A process that has imported what commands need, and forks one for each: a process of its own without its seconds of imports.

Orders come as JSON lines on stdin (arguments, folder, environment, files for stdout and stderr); an exit code goes out for each.
"""

import atexit
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
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
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with tempfile.NamedTemporaryFile() as out, tempfile.NamedTemporaryFile() as err:
            order = {"arguments": list(arguments), "folder": str(folder), "environment": dict(environment)}
            self._process.stdin.write(json.dumps(order | {"out": out.name, "err": err.name}) + "\n")
            self._process.stdin.flush()
            code = self._process.stdout.readline()
            if not code:
                raise RuntimeError("the process that forks commands has ended")
            texts = [Path(one.name).read_text(encoding="utf-8") for one in (out, err)]
        return subprocess.CompletedProcess(list(arguments), int(code), *texts)


def _fixed(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(FIXED)}


def _serve() -> dict[str, Any] | None:
    """An order, in the fork that is to carry it out; None at the end of all orders."""
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            return json.loads(line)  # type: ignore[no-any-return]
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
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

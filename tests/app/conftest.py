"""The command line as a user runs it: a process of its own, against a seeded emulator and one shared Prefect server."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from cloudmigrate.app.local_prefect import LocalPrefect
from cloudmigrate.app.running import OWN_SERVER
from cloudmigrate.estate_file import load_estate
from cloudmigrate.ledger.ledger import Ledger
from cloudmigrate.simulate.emulator import EMULATOR_UNSETS, Emulator
from cloudmigrate.simulate.seed import SeedSummary, seed
from cloudmigrate.workspace import Workspace, open_lake
from tests.app.warm import WarmCommands
from tests.conftest import DemoEmulator

TIMEOUT_S = 240
_warm: list[WarmCommands] = []  # this worker's, while it runs


@dataclass(frozen=True)
class Cli:
    """Runs `cloudmigrate` in one folder with one environment."""

    folder: Path
    environment: dict[str, str]

    def __call__(self, *arguments: str | Path, code: int | None = 0, **environment: str) -> subprocess.CompletedProcess[str]:
        """The finished command; its exit code must be *code* unless that is None."""
        merged = self.environment | environment
        if _warm and _warm[0].can_run(merged):
            done = _warm[0].run([str(one) for one in arguments], self.folder, merged)
        else:
            done = subprocess.run(
                self.command(arguments),
                cwd=self.folder,
                env=merged,
                capture_output=True,
                text=True,
                timeout=TIMEOUT_S,
                check=False,
            )
        assert code in (None, done.returncode), f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def json(self, *arguments: str | Path, code: int | None = 0, **environment: str) -> Any:
        """What the command printed on stdout, which must be one JSON document."""
        return json.loads(self(*arguments, code=code, **environment).stdout)

    def query(self, sql: str, snapshot: str | None = None) -> list[dict[str, Any]]:
        """Rows of a query over the folder's estate.yaml, as the command `query` gives them, asked in this process."""
        with mock.patch.dict(os.environ, self.environment, clear=True):
            estate = load_estate(self.folder / "estate.yaml")
            # Closed at once: a test that reads the ledger's file as bytes would take the locks of this process's connections.
            with (
                contextlib.closing(Ledger.open(estate.ledger)) as ledger,
                Workspace(estate, ledger, open_lake(estate.lake)).views(snapshot) as views,
            ):
                return [json.loads(json.dumps(row, default=str)) for row in views.query(sql).rows]

    @contextlib.contextmanager
    def running(self, *arguments: str | Path) -> Iterator[subprocess.Popen[str]]:
        """The command, running, in a process group of its own that ends with the block."""
        process = subprocess.Popen(
            self.command(arguments),
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()

    @contextlib.contextmanager
    def running_warm(self, *arguments: str) -> Iterator[int]:
        """The id of the process that runs the command without the seconds of its imports; it is killed at the end of the block."""
        assert _warm[0].can_run(self.environment)
        with _warm[0].running(arguments, self.folder, self.environment) as pid:
            yield pid

    def command(self, arguments: Sequence[str | Path]) -> list[str]:
        """The command's words."""
        return [sys.executable, "-m", "cloudmigrate.app.cli", *map(str, arguments)]


def environment_of(emulator: Emulator | None, prefect_url: str | None) -> dict[str, str]:
    """The test's environment with AWS at *emulator*, or with no endpoint and no credentials at all."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("AWS_") and name not in EMULATOR_UNSETS}
    plain["CLOUDMIGRATE_LOOPBACK_ONLY"] = "true"
    if emulator is not None:
        plain |= emulator.environment()
    if prefect_url:
        plain |= {"PREFECT_API_URL": prefect_url, **OWN_SERVER}
    return plain


@pytest.fixture(scope="session")
def prefect_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One Prefect server for all commands of this worker: each would else wait ten seconds for its own."""
    saved = dict(os.environ)
    with LocalPrefect(home=tmp_path_factory.mktemp("prefect")) as server, WarmCommands(environment_of(None, server.api_url)) as warm:
        _warm.append(warm)
        yield server.api_url
        _warm.clear()
    os.environ.clear()
    os.environ.update(saved)


@pytest.fixture
def cli(tmp_path: Path, demo_emulator: Emulator, prefect_url: str) -> Cli:
    """The command in an empty folder, against the demo's estate."""
    return Cli(tmp_path, environment_of(demo_emulator, prefect_url))


@dataclass(frozen=True)
class Demo:
    """What `cloudmigrate demo --json` left behind, as a newcomer runs it: no credentials, no server, an empty folder."""

    run: Cli  # in the demo's folder
    document: dict[str, Any]
    told: str  # on stderr
    left: str  # every process of this machine, just after it
    as_of: datetime  # the full hour up to which its emulator was seeded


def this_hour() -> datetime:
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


@pytest.fixture(scope="session")
def demo_run(tmp_path_factory: pytest.TempPathFactory, prefect_url: str) -> Demo:
    """The demo, run once for all tests that look at a whole assessment."""
    while True:
        hour, folder = this_hour(), tmp_path_factory.mktemp("demo-run")
        done = Cli(folder, environment_of(None, None))("demo", "--json")
        left = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
        if this_hour() == hour:  # else nobody knows which of the two it was seeded for
            return Demo(Cli(folder / "demo", environment_of(None, prefect_url)), json.loads(done.stdout), done.stderr, left, hour)


@pytest.fixture(scope="session")
def assessed(demo_run: Demo) -> tuple[Cli, dict[str, Any]]:
    """The demo's estate, assessed once: the command in its folder, and what the demo printed, which is what `assess --json` prints."""
    return demo_run.run, demo_run.document


@pytest.fixture(scope="session")
def seeded(demo_run: Demo, demo_emulator: DemoEmulator) -> SeedSummary:
    """What the demo's emulator was seeded with, which is gone: another one is seeded to the same ids and the same traffic."""
    if demo_emulator.now == demo_run.as_of:
        return demo_emulator.summary
    with Emulator() as later:
        return seed(later.url, demo_run.as_of)


@pytest.fixture(scope="session")
def offline(assessed: tuple[Cli, dict[str, Any]]) -> Cli:
    """The command in the assessed folder with no endpoint and no credentials: whatever called a cloud would fail."""
    run, _ = assessed
    return Cli(run.folder, environment_of(None, None) | {"AWS_EC2_METADATA_DISABLED": "true", "HOME": str(run.folder)})

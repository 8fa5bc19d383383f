"""`cloudmigrate up`: a Prefect server with its UI, a worker, and every deployment registered; Ctrl-C ends it all."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cloudmigrate
from cloudmigrate.app import demo
from cloudmigrate.app.demo_migration import APPROVER, KEYS, prepare_migration
from cloudmigrate.app.local_prefect import LocalPrefect, PrefectServerError
from cloudmigrate.app.output import say
from cloudmigrate.app.running import using
from cloudmigrate.errors import CloudMigrateError
from cloudmigrate.estate_file import load_estate

POOL = "cloudmigrate"
DEFAULT_BLOCK = "default"
STOP_TIMEOUT_S = 15
QUIET = "WARNING"
REACHED_WITH = ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


def run_up(estate: Path | None, *, port: int, folder: Path) -> int:
    """Serve until Ctrl-C or SIGTERM. Without *estate*, and without ./estate.yaml, the demo's estate is served. The exit code."""
    if estate is None and Path("estate.yaml").is_file():
        estate = Path("estate.yaml")
    if estate is not None:
        load_estate(estate)  # told at once, without starting Prefect
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    say("starting Prefect")
    with contextlib.ExitStack() as open_things:
        prefect = open_things.enter_context(
            LocalPrefect(home=folder / ".prefect", port=port, ui=True, next_action="give --port another one")
        )
        path = estate or open_things.enter_context(_demo_estate(folder))
        open_things.enter_context(using(prefect))
        _save_estate(path)
        environment = {**os.environ, "PREFECT_API_URL": prefect.api_url, "CLOUDMIGRATE_VERSION": cloudmigrate.__version__}
        _prefect(environment, "work-pool", "create", POOL, "--type", "process", "--overwrite")
        _prefect(environment, "deploy", "--all", "--prefect-file", str(deployments_file()))
        if stop.is_set():
            return 0
        worker = open_things.enter_context(_worker(environment))
        print(f"Prefect UI: {prefect.api_url.removesuffix('/api')}", flush=True)
        say(f"estate {path} is saved as the block {DEFAULT_BLOCK!r}; every deployment uses it. Ctrl-C ends it all.")
        say("costs need prices: run refresh-prices/prices once, before an assessment")
        while not stop.wait(1.0):
            if worker.poll() is not None:
                raise CloudMigrateError(f"the worker ended with code {worker.returncode}. Next: look at its lines above, then run again.")
        say("stopping")
    return 0


def deployments_file() -> Path:
    """prefect.yaml, in a checkout or as the installed package carries it."""
    checkout = Path(cloudmigrate.__file__).resolve().parents[1]
    for candidate in (checkout / "prefect.yaml", checkout / "deployments" / "prefect.yaml"):
        if candidate.is_file():
            return candidate
    raise CloudMigrateError(f"prefect.yaml is not beside the package in {checkout}. Next: install CloudMigrate again.")


@contextlib.contextmanager
def _demo_estate(folder: Path) -> Iterator[Path]:
    from cloudmigrate.simulate.emulator import Emulator

    demo.prepare(folder)
    say("no estate.yaml here: seeding the demo's estate on a local AWS emulator")
    with Emulator() as emulator:
        demo.seed_demo(emulator.url, folder)
        demo.use_emulator(emulator.environment())
        prepare_migration(folder)
        keys = (folder / KEYS).resolve()
        say(f"its waves can be migrated too (migrate-wave/wave, estate {(folder / demo.ESTATE_FILE).resolve()});")
        say(f"answer at their gates with CLOUDMIGRATE_KEYS={keys} cloudmigrate approve ... --as {APPROVER}")
        reached = " ".join(f"{name}={value}" for name, value in emulator.environment().items() if name in REACHED_WITH)
        say(f"preflight, migrate --dry-run, orphans reach the emulator with {reached}")
        try:
            yield folder / demo.ESTATE_FILE
        finally:
            demo.leave_emulator(folder)


def _save_estate(path: Path) -> None:
    from blocks.estate import save_block
    from tasks.estate import open_estate

    estate = open_estate(str(path))
    for name in (DEFAULT_BLOCK, estate.estate):
        save_block(estate, name)


def _prefect(environment: dict[str, str], *arguments: str) -> None:
    """One command of Prefect's own. Raises PrefectServerError with its last line."""
    done = subprocess.run(
        [sys.executable, "-m", "prefect", "--no-prompt", *arguments],
        env={**environment, "PREFECT_LOGGING_LEVEL": QUIET},
        capture_output=True,
        text=True,
        check=False,
        cwd=deployments_file().parent,
    )
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise PrefectServerError(f"`prefect {' '.join(arguments)}` failed: {said[-1] if said else done.returncode}")


@contextlib.contextmanager
def _worker(environment: dict[str, str]) -> Iterator[Any]:
    command = [sys.executable, "-m", "prefect", "worker", "start", "--pool", POOL, "--name", "local", "--limit", "2"]
    worker = subprocess.Popen(
        [sys.executable, "-m", "cloudmigrate.app.supervised", *command],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=sys.stderr,
        start_new_session=True,
    )
    try:
        yield worker
    finally:
        if worker.stdin is not None:
            worker.stdin.close()
        try:
            worker.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()

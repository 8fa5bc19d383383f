"""The demo: a simulated estate on a local AWS emulator, assessed by the same flows as a real one."""

import os
import threading
from datetime import timedelta
from pathlib import Path

from cloudmigrate.app.assessing import summary_lines
from cloudmigrate.app.local_prefect import LocalPrefect
from cloudmigrate.app.output import print_json, say
from cloudmigrate.app.running import prepare_environment, quieten, using
from cloudmigrate.domain.assessment import Assessment
from cloudmigrate.errors import CloudMigrateError, UsageError

ESTATE_FILE = "estate.yaml"
OURS = "# The demo estate"


def run_demo(folder: Path, *, as_json: bool) -> int:
    """Seed, assess, tell; leaves the lake, the ledger and the report in *folder* and nothing running. The exit code."""
    prepare(folder)
    prepare_environment(own_server=True)
    say("starting a local AWS emulator and Prefect")
    with LocalPrefect(home=folder / ".prefect") as prefect:
        from cloudmigrate.simulate.emulator import Emulator

        with Emulator() as emulator:
            warm = threading.Thread(target=import_flows)  # two seconds of imports while the emulator is seeded
            warm.start()
            seed_demo(emulator.url, folder)
            use_emulator(emulator.environment())
            warm.join()
            quieten()
            say("assessing it")
            with using(prefect):
                from flows.assess_estate import assess_estate

                found: Assessment = assess_estate(str(folder / ESTATE_FILE))
    if as_json:
        print_json(found.document())
        return 0
    print(f"estate file: {folder / ESTATE_FILE}")
    for line in summary_lines(found):
        print(line.replace("also: s3://", "published to the emulator, which is gone now: s3://"))
    return 0  # what the emulator lacks is no gap of the demo


def prepare(folder: Path) -> None:
    """Make *folder* and the demo's estate file in it. Raises CloudMigrateError."""
    from cloudmigrate.simulate.demo import demo_estate_yaml

    try:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / ESTATE_FILE
        if path.exists() and not path.read_text(encoding="utf-8", errors="replace").startswith(OURS):
            raise UsageError(f"{path} is not the demo's and would be overwritten. Next: give --folder another place.")
        path.write_text(demo_estate_yaml(), encoding="utf-8")
    except OSError as error:
        raise CloudMigrateError(f"prepare {folder}: {error.strerror}. Next: give --folder a place you can write to.") from error


def seed_demo(url: str, folder: Path) -> None:
    """Fill the emulator with the demo's estate as of the last full hour."""
    from cloudmigrate.simulate.seed import seed
    from cloudmigrate.workspace import utc_now

    now = utc_now()
    seeded = seed(url, now - timedelta(minutes=now.minute, seconds=now.second, microseconds=now.microsecond))
    say(f"seeded {sum(seeded.expected_by_type.values())} resources; estate file: {folder / ESTATE_FILE}")


def use_emulator(environment: dict[str, str]) -> None:
    """Point this process's AWS clients at the emulator, with keys that are nobody's, and let none leave loopback."""
    from cloudmigrate.simulate.emulator import EMULATOR_UNSETS

    for name in EMULATOR_UNSETS:
        os.environ.pop(name, None)
    os.environ.update(environment)
    os.environ["CLOUDMIGRATE_LOOPBACK_ONLY"] = "true"


def import_flows() -> None:
    """Load Prefect and the flows, and what they import on first use."""
    import flows.assess_estate  # noqa: F401

"""The demo: a simulated estate on a local AWS emulator, assessed by the same flows as a real one."""

import os
import shutil
import threading
from datetime import timedelta
from pathlib import Path

from cloudmigrate.app import demo_migration
from cloudmigrate.app.assessing import summary_lines
from cloudmigrate.app.local_prefect import LocalPrefect
from cloudmigrate.app.output import print_json, say
from cloudmigrate.app.running import prepare_environment, quieten, using
from cloudmigrate.domain.assessment import Assessment
from cloudmigrate.errors import CloudMigrateError, UsageError

ESTATE_FILE = "estate.yaml"
OURS = "# The demo estate"
EARLIER = "earlier"  # the folder of what the demo before this one left


def run_demo(folder: Path, *, as_json: bool, migrate: bool = False) -> int:
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
            demo_migration.prepare_migration(folder)  # also where nothing is carried out: runbooks and code say where things move to
            warm.join()
            quieten()
            with using(prefect):
                from cloudmigrate.estate_file import load_estate
                from cloudmigrate.workspace import Workspace
                from flows.assess_estate import assess_estate
                from flows.refresh_prices import refresh_prices
                from tasks.estate import recorded_run

                say("reading prices: dated samples, each with its source")
                estate = str(folder / ESTATE_FILE)
                with recorded_run(Workspace.open(load_estate(folder / ESTATE_FILE)), "demo", {"estate": estate}):
                    refresh_prices(estate)
                    say("assessing it")
                    found: Assessment = assess_estate(estate)
                if migrate:
                    demo_migration.migrate_demo(folder, emulator.url)
    leave_emulator(folder)
    tell_demo(folder, found, as_json=as_json)
    return 0  # what the emulator lacks is no gap of the demo


def tell_demo(folder: Path, found: Assessment, *, as_json: bool) -> None:
    """Print the demo's outcome for a person, the report last, or for a script."""
    if as_json:
        print_json(found.document())
        return
    print(f"estate file: {folder / ESTATE_FILE}")
    *lines, last = summary_lines(found)
    for line in (*lines, *shown_lines(folder, found.snapshot_id), last):  # the report last, nearest to the prompt
        print(line.replace("also: s3://", "published to the emulator, which is gone now: s3://"))


def prepare(folder: Path) -> None:
    """Make *folder* with the demo's estate file and its file of workloads. Raises CloudMigrateError."""
    from cloudmigrate.simulate.demo import WORKLOADS_FILE, demo_estate_yaml, demo_workloads_csv
    from cloudmigrate.workspace import utc_now

    path, workloads = folder / ESTATE_FILE, folder / WORKLOADS_FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        is_ours = path.exists() and path.read_text(encoding="utf-8", errors="replace").startswith(OURS)
        theirs = [] if is_ours else [one for one in (path, workloads) if one.exists()]
        if theirs:
            raise UsageError(f"{theirs[0]} is not the demo's and would be overwritten. Next: give --folder another place.")
        if is_ours:
            _set_aside(folder)
        workloads.write_text(demo_workloads_csv(), encoding="utf-8")
        path.write_text(demo_estate_yaml(today=utc_now().date()), encoding="utf-8")
    except OSError as error:
        raise CloudMigrateError(f"prepare {folder}: {error.strerror}. Next: give --folder a place you can write to.") from error


def leave_emulator(folder: Path) -> None:
    """Take what ended with the emulator out of the demo's estate file. Raises CloudMigrateError."""
    from cloudmigrate.simulate.demo import without_emulator

    path = folder / ESTATE_FILE
    try:
        path.write_text(without_emulator(path.read_text(encoding="utf-8")), encoding="utf-8")
    except OSError as error:
        raise CloudMigrateError(f"write {path}: {error.strerror}. Next: give --folder a place you can write to.") from error


def _set_aside(folder: Path) -> None:
    """Move an earlier demo out of the way, where it can still be asked: its cloud is gone, and what was read of it is not this one's."""
    from cloudmigrate.simulate.demo import WORKLOADS_FILE

    left = [one for one in (folder / "lake", *sorted(folder.glob("ledger.db*"))) if one.exists()]
    if not left:
        return
    earlier = folder / EARLIER
    shutil.rmtree(earlier, ignore_errors=True)
    earlier.mkdir()
    for one in (*left, *(folder / name for name in (ESTATE_FILE, WORKLOADS_FILE, demo_migration.KEYS))):
        if one.exists():
            one.rename(earlier / one.name)
    say(f"moved an earlier demo to {earlier}: every demo has an estate of its own; ask that one with --estate {earlier / ESTATE_FILE}")


def seed_demo(url: str, folder: Path) -> None:
    """Fill the emulator with the demo's estate as of the last full hour, and with its bill of the months before."""
    from cloudmigrate.simulate.bill import seed_bill
    from cloudmigrate.simulate.seed import seed
    from cloudmigrate.workspace import utc_now

    now = utc_now()
    hour = now - timedelta(minutes=now.minute, seconds=now.second, microseconds=now.microsecond)
    seeded = seed(url, hour)
    seed_bill(url, hour)
    resources, records = sum(seeded.expected_by_type.values()), seeded.traffic.records
    say(f"seeded {resources} resources and {records:,} flow log records; estate file: {folder / ESTATE_FILE}")


def shown_lines(folder: Path, snapshot_id: str) -> list[str]:
    """What traffic showed, and how the plan took it, in a few words."""
    from cloudmigrate.estate_file import load_estate
    from cloudmigrate.workspace import Workspace

    with Workspace.open(load_estate(folder / ESTATE_FILE)).views(snapshot_id) as views:
        seen = [row for row in views.rows("dependencies") if row["observed"]]
        rejected = sum(row["action"] == "REJECT" for row in views.rows("traffic"))
        services = sorted({row["service"] for row in views.rows("shared_services") if row["held_out"]})
        unused = sum(row["finding"] == "unused" for row in views.rows("rule_findings"))
        last_wave = max((row["wave"] for row in views.rows("waves")), default=0)
    undocumented, forbidden = sum(not row["configured"] for row in seen), sum(row["allowed"] is False for row in seen)
    return [
        f"traffic: {len(seen)} dependencies seen, {undocumented} of them in no configuration, {forbidden} not allowed any more",
        f"rules: {unused} never used; {rejected} kinds of attempts rejected",
        f"waves: {last_wave}; held out as shared services: {', '.join(services) or 'none'}",
    ]


def use_emulator(environment: dict[str, str]) -> None:
    """Point this process's AWS clients at the emulator, with keys that are nobody's, and let none leave loopback."""
    from cloudmigrate.simulate.emulator import EMULATOR_UNSETS

    for name in EMULATOR_UNSETS:
        os.environ.pop(name, None)
    os.environ.update(environment)
    os.environ["CLOUDMIGRATE_LOOPBACK_ONLY"] = "true"


def import_flows() -> None:
    """Load Prefect and the flows, and what they import on first use."""
    import flows.assess_estate
    import flows.refresh_prices  # noqa: F401

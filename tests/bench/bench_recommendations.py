"""Strategies of a whole estate: the features read in one query, every resource and workload decided, explained and written.

    .venv/bin/python -m tests.bench.bench_recommendations [--scale 1]

100,000 resources at full scale, in a process of its own; seconds of processor, as other work on the machine adds none.
"""

import argparse
import json
import random
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.bench.child import answered
from tests.bench.peak import peak_mb

ROOT = Path(__file__).parent.parent.parent
RESOURCES = 100_000
ACCOUNT, REGION, SNAPSHOT = "111111111111", "eu-central-1", "s-1"
AT = datetime(2026, 11, 22, tzinfo=UTC)
SPEC = {
    "InstanceId": "i-1",
    "InstanceType": "m5.large",
    "PlatformDetails": "Linux/UNIX",
    "Placement": {"AvailabilityZone": "eu-central-1a", "Tenancy": "default"},
    "NetworkInterfaces": [{"NetworkInterfaceId": "eni-1", "Attachment": {"DeviceIndex": 0, "AttachTime": "2025-01-01T00:00:00Z"}}],
    "SecurityGroups": [{"GroupId": "sg-1", "GroupName": "default"}],
    "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeId": "vol-1", "Status": "attached"}}],
}
KINDS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("AWS::EC2::Instance", SPEC),
    ("AWS::EC2::Instance", SPEC),
    ("AWS::EC2::Volume", {"VolumeType": "gp2", "Attachments": [{"InstanceId": "i-1"}]}),
    ("AWS::RDS::DBInstance", {"Engine": "postgres", "EngineVersion": "13.9"}),
    ("AWS::Lambda::Function", {"Runtime": "python3.12"}),
    ("AWS::S3::Bucket", {}),
)
PATTERNS = ("idle", "steady", "bursty", "batch", "diurnal", "insufficient_data")


def generate(folder: Path, count: int) -> None:
    """A lake of *count* resources of which everything was measured, or nearly."""
    from cloudmigrate.lake.datasets import BY_NAME
    from cloudmigrate.lake.lake import Lake

    lake, rng = Lake.open(folder), random.Random(4)  # no secret
    uids = [f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-{number:08x}" for number in range(count)]

    def row(dataset: str, **told: object) -> dict[str, Any]:
        return dict.fromkeys(BY_NAME[dataset].schema.names) | told

    def resources() -> Iterator[dict[str, Any]]:
        usual = {"provider": "aws", "account_id": ACCOUNT, "region": REGION, "state": "running", "stateful": False, "created_at": AT}
        for number, uid in enumerate(uids):
            type_, spec = KINDS[number % len(KINDS)]
            yield row("inventory", **usual, uid=uid, name=f"n-{number}", type=type_, tags={"App": f"w{number % 900}"}, spec=spec)

    def patterns() -> Iterator[dict[str, Any]]:
        told = {"rule": "model", "reason": "at 4.1 % on average", "rules_met": [], "metric": "CPUUtilization", "peak_measured": True}
        for uid in uids:
            hours = rng.choice((336, 336, 300))
            numbers = {"hours": hours, "network_hours": hours, "peak_pct": rng.uniform(1, 90), "duty_cycle": rng.random()}
            yield row("patterns", uid=uid, pattern=rng.choice(PATTERNS), **told, **numbers, network_mb_a_day_max=rng.uniform(0, 900))

    def costs() -> Iterator[dict[str, Any]]:
        for uid in uids:
            for scenario, least in (("rehost", 60), ("replatform", 50)):
                usd = Decimal(rng.randint(least, 100))
                money = {"monthly_cost_usd": usd, "low_usd": usd, "high_usd": usd}
                yield row("costs", uid=uid, scenario=scenario, term="on_demand", region=REGION, status="priced", components=[], **money)

    def needs() -> Iterator[dict[str, Any]]:
        usual = {"kind": "traffic", "protocol": 6, "bytes": 1, "packets": 1, "flows": 1, "confidence": 0.9, "observed": True}
        for uid in uids:
            for port in (443, 5432):
                yield row("dependencies", **usual, source_uid=uid, target_uid=rng.choice(uids), port=port, configured=False)

    watched = {
        "interfaces": 1,
        "logged_interfaces": 1,
        "skipped_share": 0.0,
        "weekly_seen_probability": 1.0,
        "monthly_seen_probability": 0.4,
    }
    placed = {"source": "tag", "reason": "", "confidence": 1.0}
    made = {
        "inventory": resources(),
        "patterns": patterns(),
        "costs": costs(),
        "dependencies": needs(),
        "observation": (row("observation", uid=uid, fully_logged_days=rng.choice((13, 13, 5)), **watched) for uid in uids),
        "workloads": (row("workloads", uid=uid, workload=f"w{number % 900}", **placed) for number, uid in enumerate(uids)),
    }
    for dataset, rows in made.items():
        lake.write(dataset, rows, snapshot_id=SNAPSHOT, part="all")


def run_ours(folder: Path, count: int) -> dict[str, float]:
    """Seconds of processor for reading and for the rest."""
    from cloudmigrate.domain.strategy_facts import Windows
    from cloudmigrate.lake.lake import Lake
    from cloudmigrate.lake.views import Selection, Views
    from tasks.recommending import strategy_facts, write_recommendations

    parts = {one.parent.parent.name: (str(one.relative_to(folder)),) for one in folder.glob("*/*/all.parquet")}
    lake = Lake.open(folder)
    started = time.process_time()
    with Views(lake, Selection(SNAPSHOT, parts)) as views:
        facts = strategy_facts(views, as_of=AT, profile="compute-optimizer")
    read = time.process_time()
    part = write_recommendations(lake, SNAPSHOT, facts, Windows(336.0, 13), {})
    if len(facts) != count or part.rows <= count:
        raise SystemExit(f"bench recommendations: {part.rows} rows of {len(facts)} of {count} resources")
    return {"read_s": read - started, "decide_s": time.process_time() - read, "peak_mb": peak_mb()}


def measured(folder: Path, count: int) -> dict[str, float]:
    """What a process of its own says."""
    return answered("recommendations", "--folder", str(folder), "--resources", str(count))


def main(argv: list[str] | None = None) -> None:
    """Generate, measure, print the line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0, help="1 is 100,000 resources")
    parser.add_argument("--folder", help="the lake to read (internal)")
    parser.add_argument("--resources", type=int)
    arguments = parser.parse_args(argv)
    if arguments.folder:
        print(json.dumps(run_ours(Path(arguments.folder), arguments.resources)))
        return
    count = max(int(RESOURCES * arguments.scale), 100)
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder), count)
        found = measured(Path(folder), count)
    read, decided = found["read_s"], found["decide_s"]
    print(f"bench recommendations-{count}: read {read:.1f} s, decided {decided:.1f} s of processor, peak {found['peak_mb']:.0f} MB")


if __name__ == "__main__":
    main()

"""All scenarios and terms of an estate of 100,000 resources: seconds and peak memory. There is no peer that does the same.

    .venv/bin/python -m tests.bench.bench_costs [--scale 1] [--repeat 3]

A third of the resources are servers and databases that may be reserved for one and three years by three options; prices are of two
regions, with the rows of a price list that are no price among them. Every run is a process of its own; the fastest counts.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.bench.child import answered
from tests.bench.peak import peak_mb

ROOT = Path(__file__).parent.parent.parent
PEAK_AT_MOST_MB = 1024
FAMILIES = tuple(f"{letter}{generation}{chip}" for letter in "cmrt" for generation in (4, 5, 6) for chip in ("", "a", "g", "i"))
SIZES = ("medium", "large", "xlarge", "2xlarge", "4xlarge", "8xlarge")
KINDS = tuple(f"{family}.{size}" for family in FAMILIES for size in SIZES)
REGIONS = ("eu-central-1", "us-west-2")
OPTIONS = ("no_upfront", "partial_upfront", "all_upfront")


def prices() -> Iterator[dict[str, Any]]:
    """Rows of a price list: each type in every region, with reservations and what AWS lists at nothing."""
    from tests.cost_lake import database, disk, machine, price

    for region in REGIONS:
        for number, kind in enumerate(KINDS, start=1):
            hourly = Decimal(number) / 1000
            for operation in ("RunInstances", "RunInstances:0002"):
                sku = f"{region}/{kind}/{operation}"
                yield machine(kind, str(hourly), operation, region=region, sku=sku)
                yield machine(kind, "0", operation, region=region, sku=f"{sku}/r", capacity_status="AllocatedCapacityReservation")
                yield from leases(machine, kind, hourly, operation=operation, region=region, sku=sku)
            yield database(f"db.{kind}", str(hourly * 2), region=region, sku=f"{region}/db.{kind}")
            yield from leases(database, f"db.{kind}", hourly * 2, region=region, sku=f"{region}/db.{kind}")
        for kind in ("gp2", "gp3"):
            yield disk(kind, "0.0952", region=region)
        yield price("AmazonEC2", "Provisioned Throughput", "EBS:VolumeP-Throughput.gp3", "0.04", "MiBps-Mo", region=region)
        yield price("AmazonEC2", "System Operation", "EBS:VolumeP-IOPS.gp3", "0.005", "IOPS-Mo", region=region)
        yield price("AmazonRDS", "Database Storage", "RDS:GP2-Storage", "0.137", "GB-Mo", region=region, database_engine="Any")
        for amount, begin, end in (("0.0245", 0.0, 51_200.0), ("0.0235", 51_200.0, 512_000.0), ("0.0225", 512_000.0, None)):
            yield price("AmazonS3", "Storage", "TimedStorage-ByteHrs", amount, "GB-Mo", region=region, begin_range=begin, end_range=end)


def leases(of: Any, kind: str, hourly: Decimal, **more: Any) -> Iterator[dict[str, Any]]:
    """Reservations of one product: the hour, and the fee where there is one."""
    for years in (1, 3):
        for option in OPTIONS:
            lease = {"term": "reserved", "lease_years": years, "purchase_option": option, "offering_class": "standard"}
            yield of(kind, "0" if option == "all_upfront" else str(hourly / 2), **lease, **more)
            if option != "no_upfront":
                yield of(kind, "0", unit="Quantity", upfront=Decimal(1000 * years), **lease, **more)


def things(count: int) -> Iterator[dict[str, Any]]:
    """Resources: of a hundred 30 servers, 45 volumes, 5 databases, 10 buckets and 10 subnets."""
    from tests.cost_lake import thing

    for number in range(count):
        kind, region, uid = KINDS[number % len(KINDS)], REGIONS[number % 2], f"arn:aws:thing:{number:07d}"
        match number % 100:
            case place if place < 30:
                yield thing(uid, "AWS::EC2::Instance", region, InstanceType=kind, PlatformDetails="Linux/UNIX")
            case place if place < 75:
                yield thing(uid, "AWS::EC2::Volume", region, VolumeType="gp2" if number % 2 else "gp3", Size=100 + number % 900)
            case place if place < 80:
                values = {"DBInstanceClass": f"db.{kind}", "Engine": "postgres", "StorageType": "gp2", "AllocatedStorage": 100}
                yield thing(uid, "AWS::RDS::DBInstance", region, **values)
            case place if place < 90:
                yield thing(uid, "AWS::S3::Bucket", region)
            case _:
                yield thing(uid, "AWS::EC2::Subnet", region)


def generate(folder: Path, count: int) -> None:
    """Write the estate, its prices and the sizes of its buckets."""
    from cloudmigrate.lake.lake import Lake
    from tests.cost_lake import used

    lake = Lake.open(folder)
    lake.write("inventory", things(count), snapshot_id="s", part="p")
    lake.write("prices", prices(), snapshot_id="s", part="p")
    buckets = [one["uid"] for one in things(count) if one["type"] == "AWS::S3::Bucket"]
    for name in ("utilisation", "metric_coverage"):
        rows = (row for uid in buckets for row in used(uid, "BucketSizeBytes", 1e11, period_s=86_400)[name])
        lake.write(name, rows, snapshot_id="s", part="p")


def run_costs(folder: Path) -> int:
    """The product's own way; the number of rows."""
    from cloudmigrate.domain.cost_policy import CostPolicy
    from cloudmigrate.lake.costs import write_costs
    from cloudmigrate.lake.lake import Lake
    from cloudmigrate.lake.views import Selection, Views

    paths = {name: (f"{name}/snapshot=s/p.parquet",) for name in ("inventory", "prices", "utilisation", "metric_coverage")}
    with Views(Lake.open(folder), Selection("s", paths)) as views:
        return write_costs(views, CostPolicy(target_region="us-west-2"), part=f"run-{time.time_ns()}").rows


def measured(folder: Path) -> dict[str, float]:
    """What one run in a process of its own says."""
    return answered("costs", "--folder", str(folder))


def main(argv: list[str] | None = None) -> None:
    """Generate, measure, print a line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1, help="share of 100,000 resources")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    arguments = parser.parse_args(argv)
    if arguments.folder:
        start, processor = time.perf_counter(), time.process_time()
        rows = run_costs(Path(arguments.folder))
        spent = {"seconds": time.perf_counter() - start, "cpu_s": time.process_time() - processor}
        print(json.dumps({"rows": rows, "peak_mb": peak_mb(), **spent}))
        return
    count = max(int(100_000 * arguments.scale), 100)
    with tempfile.TemporaryDirectory(prefix="cloudmigrate-bench-") as name:
        generate(Path(name), count)
        runs = [measured(Path(name)) for _ in range(arguments.repeat)]
    best, peak = min(runs, key=lambda one: one["seconds"]), max(one["peak_mb"] for one in runs)
    missed = f" missed: peak at most {PEAK_AT_MOST_MB} MB" if peak > PEAK_AT_MOST_MB else ""
    text = f"{count} resources, {best['rows']:.0f} rows, ours {best['seconds']:.1f} s (processor {best['cpu_s']:.1f} s), peak {peak:.0f} MB"
    print(f"bench costs: {text}{missed}", flush=True)


if __name__ == "__main__":
    main()

"""Flow logs from an emulated S3: read by this process, by one and by two processes of a Dask cluster, and with one of the two killed.

    .venv/bin/python -m tests.bench.bench_flow_log_fanout [--scale 1]

4 million records at full scale, in eight batches that the flow's own tasks read and remember in a ledger. Each measure has a process, a
Prefect server and a lake of its own; S3 is one emulator for all, which serves its objects from one core. Every way must find the sums
of bytes, packets and records that were written, in the objects' reports and again in the conversations that it published, or the benchmark
breaks. The ratio says how many times as fast ours is; one process and two share this machine's cores with the emulator.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.bench.bench_flow_logs import BENCH_DATA, ROOT
from tests.bench.lines import line
from tests.bench.peak import peak_mb

if TYPE_CHECKING:
    from cloudmigrate.domain.estate import Account, Estate
    from cloudmigrate.workspace import Workspace
    from tasks.flow_log_batches import PlannedBatch

RECORDS = 4_000_000
BATCHES = 8
BUCKET = "flow-logs-of-the-bench"
WAYS = {"files": 0, "s3": 0, "dask-1": 1, "dask-2": 2, "dask-2-killed": 2}  # way -> worker processes; 0: threads of this one


def read(way: str, place: Path) -> dict[str, Any]:
    """Read all batches in one of the WAYS; the seconds, and the sums that were found."""
    folder = Path(tempfile.mkdtemp(dir=BENCH_DATA))
    os.environ |= {"CLOUDMIGRATE_DASK_WORKERS": str(WAYS[way]), "CLOUDMIGRATE_LOOPBACK_ONLY": "true"}
    try:
        from cloudmigrate.app.local_prefect import LocalPrefect
        from cloudmigrate.app.running import prepare_environment, quieten

        prepare_environment(own_server=True)
        with LocalPrefect(home=folder / "prefect") as server:
            os.environ["PREFECT_API_URL"] = server.api_url  # the workers are to find it too
            quieten()
            return _read(way, place, folder)
    finally:
        shutil.rmtree(folder)


def _read(way: str, place: Path, folder: Path) -> dict[str, Any]:
    from datetime import timedelta

    from prefect import flow

    from cloudmigrate.domain.estate import Estate
    from cloudmigrate.workspace import Workspace
    from tasks.flow_log_batches import known_batches, read_batches
    from tests.bench.flow_records import DAY

    estate = Estate(estate="bench", lake=str(folder / "lake"), ledger=f"sqlite:///{folder}/ledger.db", accounts=(_account(),))
    workspace = Workspace.open(estate)
    workspace.ledger.begin_run("bench", flow="bench", estate=estate.estate, parameters={})
    batches = _batches(estate, place / "gz" if way == "files" else None)
    killed: list[int] = []
    if way.endswith("killed"):
        threading.Thread(target=_kill_one, args=(workspace, batches[0], killed), daemon=True).start()

    @flow(name="bench")
    def run() -> list[object]:
        return list(read_batches(estate, batches, run_id="bench", now=DAY + timedelta(days=1)))

    begun_s = time.perf_counter()
    refused = [one for one in run() if one is not None]
    seconds = time.perf_counter() - begun_s
    if refused or len(killed) != way.endswith("killed"):
        raise SystemExit(f"{way}: refused {refused}, killed {killed}")
    known = known_batches(workspace, batches[0].place)
    reports = [row for batch in known for row in batch.reports]
    told = {name: sum(row[name] for row in reports) for name in ("bytes", "packets")}
    told["records"] = sum(row["accepted"] + row["rejected"] for row in reports)
    return {"seconds": seconds, "peak_mb": peak_mb(), "batches": len(known), "sums": told, "published": _published(workspace, known)}


def _account() -> "Account":
    from cloudmigrate.domain.estate import Account
    from tests.bench.flow_records import ACCOUNT, REGION

    return Account(id=ACCOUNT, regions=(REGION,), role_arn=f"arn:aws:iam::{ACCOUNT}:role/bench")


def _batches(estate: "Estate", files: Path | None) -> "list[PlannedBatch]":
    """All objects, in so many batches of equal numbers."""
    from cloudmigrate.aws.flow_log_objects import list_files, list_objects
    from cloudmigrate.aws.flow_log_places import FlowLogPlace
    from tasks.estate import aws_sessions
    from tasks.flow_log_batches import PlannedBatch
    from tests.bench.flow_records import ACCOUNT, DAY, REGION

    if files is not None:
        place = FlowLogPlace(str(files), ACCOUNT, REGION, "estate file")
        found, failure = list_files(files, [DAY.date()])
    else:
        place = FlowLogPlace(f"s3://{BUCKET}/AWSLogs/{ACCOUNT}/vpcflowlogs/{REGION}/", ACCOUNT, REGION, "estate file")
        found, failure = list_objects(aws_sessions(estate, "bench"), place, [DAY.date()])
    if failure is not None or not found:
        raise SystemExit(f"nothing to read: {failure}")
    return [PlannedBatch(place, tuple(found[at::BATCHES])) for at in range(min(BATCHES, len(found)))]


def _kill_one(workspace: "Workspace", first: "PlannedBatch", killed: list[int]) -> None:
    """Kill a worker process of the cluster as soon as some batch was read."""
    import psutil

    from tasks.flow_log_batches import known_batches

    while not known_batches(workspace, first.place):
        time.sleep(0.02)
    workers = [one for one in psutil.Process().children(recursive=True) if "spawn_main" in " ".join(one.cmdline())]
    busiest = max(workers, key=lambda one: one.cpu_times().user)
    busiest.send_signal(signal.SIGKILL)
    killed.append(busiest.pid)


def _published(workspace: "Workspace", known: Any) -> dict[str, int]:
    """Sums over the conversations that count."""
    import duckdb

    paths = [workspace.lake.location(part["path"]) for batch in known for part in batch.parts if part["dataset"] == "conversations"]
    sums = "sum(to_server_bytes + to_client_bytes), sum(to_server_packets + to_client_packets), sum(flows)"
    octets, packets, flows = duckdb.sql(f"select {sums} from read_parquet({paths})").fetchone() or (0, 0, 0)
    return {"bytes": int(octets), "packets": int(packets), "records": int(flows)}


def _child(way: str, place: Path, expected: dict[str, int]) -> dict[str, Any]:
    """What one way found, in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.bench_flow_log_fanout", "--child", way, str(place)]
    found: dict[str, Any] = json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout.splitlines()[-1])
    if found["sums"] != expected or found["published"] != expected:
        raise SystemExit(f"{way}: told {found['sums']}, published {found['published']}, written were {expected}")
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0, help="share of four million records")
    arguments = parser.parse_args()
    from cloudmigrate.aws.sessions import AwsSessions
    from cloudmigrate.simulate.emulator import Emulator
    from tests.bench.flow_records import ACCOUNT, REGION, ready, sums

    BENCH_DATA.mkdir(exist_ok=True)
    _, place = ready(BENCH_DATA, "realistic", max(100_000 * 8, int(RECORDS * arguments.scale)) if arguments.scale >= 0.1 else 100_000)
    written = sums(place)
    with Emulator() as emulator:
        os.environ |= emulator.environment()
        s3 = AwsSessions([_account()], correlation_id="bench", loopback_only=True).client(ACCOUNT, "s3", REGION)
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        for path in sorted((place / "gz").rglob("*.log.gz")):
            s3.put_object(Bucket=BUCKET, Key=str(path.relative_to(place / "gz")), Body=path.read_bytes())
        found = {way: _child(way, place, written) for way in WAYS}
    for name, way, peer in (
        ("flow-logs-s3", "s3", "files"),
        ("flow-logs-dask-1", "dask-1", "s3"),
        ("flow-logs-dask-2", "dask-2", "dask-1"),
        ("flow-logs-dask-killed", "dask-2-killed", "dask-2"),
    ):
        ours, theirs = found[way], found[peer]
        remark = f"{written['records']} records, {ours['batches']} batches, equal sums"
        ratio = theirs["seconds"] / ours["seconds"]
        print(line(name, ours["seconds"], peer, theirs["seconds"], ratio=ratio, peak_mb=ours["peak_mb"], remark=remark), flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        print(json.dumps(read(sys.argv[2], Path(sys.argv[3]))))
    else:
        main()

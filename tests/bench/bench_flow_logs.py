"""Flow logs to edges: ours against DuckDB on the same files and flowlogs-reader, each in a process of its own.

    .venv/bin/python -m tests.bench.bench_flow_logs [--scale 1] [--repeat 3] [--flowlogs-python .venv-flowlogs/bin/python]

20 million records of one day at full scale, as gzip text and as Parquet. Ours reads batches as a run does, tells directions, resolves
addresses and publishes `traffic`. DuckDB groups by interface, both addresses, the lower port, protocol and action, and joins addresses to
resources: less than ours, in one statement over all files. flowlogs-reader sums over the same key without the port, on a share of the
objects, and is extrapolated; on these objects our bytes and packets by its key must equal its own. All must find the sums of bytes,
packets and records that were written, or the benchmark breaks. The ratio says how many times as fast ours is. `ports`: every record has
another client port; `pairs`: every conversation is between another pair.
Only the standard library is imported at the top, because flowlogs-reader runs in another environment.
"""

import argparse
import gzip
import hashlib
import json
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.bench.child import answered
from tests.bench.lines import Target, line, skipped
from tests.bench.peak import peak_mb

ROOT = Path(__file__).parent.parent.parent
BENCH_DATA = ROOT / "bench-data"
RECORDS = 20_000_000
MEMORY_MB = 600  # as the setting has it by default
TARGETS = {
    ("gz", "duckdb"): Target(ratio_at_least=1.5, peak_mb_at_most=1024),
    ("gz", "flowlogs-reader"): Target(ratio_at_least=30, peak_mb_at_most=1024),
    ("parquet", "duckdb"): Target(ratio_at_least=0.9, peak_mb_at_most=1024),
}
MEMORY = Target(peak_mb_at_most=1024)
PEER_OBJECTS = 2  # of some 200: flowlogs-reader takes minutes for a million records
KEY = ("interface_id", "srcaddr", "dstaddr", "protocol", "action")


def ours(kind: str, records: int, form: str) -> dict[str, Any]:
    """Read all objects in batches, resolve them, publish traffic; sums as the objects' reports tell them."""
    from datetime import timedelta

    import pyarrow as pa

    from cloudmigrate.domain.addresses import intervals
    from cloudmigrate.domain.flow_batches import to_read
    from cloudmigrate.lake.connection import limit
    from cloudmigrate.lake.conversations import aggregate
    from cloudmigrate.lake.flow_ahead import FlowObject
    from cloudmigrate.lake.lake import Lake
    from cloudmigrate.lake.traffic import BESIDE_MB, write_traffic
    from cloudmigrate.lake.views import Selection, Views
    from tests.bench.flow_records import ACCOUNT, DAY, REGION, ready

    world, place = ready(BENCH_DATA, kind, records)
    files = {str(one): one.stat().st_size for one in sorted((place / form).rglob("*.log.*"))}
    holders = world.holders()
    pa.array([0])  # pyarrow imports pandas now, as it does on the other side: neither side's imports are measured
    folder = Path(tempfile.mkdtemp(dir=BENCH_DATA))
    try:
        begun_s = time.perf_counter()
        lake = Lake.open(str(folder))
        parts: dict[str, list[str]] = {"conversations": [], "interface_logs": []}
        found = {"bytes": 0, "packets": 0, "records": 0}
        for number, plan in enumerate(to_read({path: (path, size, DAY.date()) for path, size in files.items()}, [])):
            objects = [FlowObject("bench", one, "etag", files[one], Path(one), None, form == "parquet") for one in plan.keys]
            got = aggregate(lake, objects, account_id=ACCOUNT, region=REGION, batch=f"b{number}", now=DAY + timedelta(days=1))
            for part in got.parts:
                parts[part.dataset].append(part.path)
            for report in got.reports:
                found["bytes"] += report.bytes
                found["packets"] += report.packets
                found["records"] += report.accepted + report.rejected
        shown = Selection("20261103T000000Z-000000", {name: tuple(paths) for name, paths in parts.items()})
        with Views(lake, shown, memory_limit=limit(MEMORY_MB, BESIDE_MB)) as views:
            edges = write_traffic(views, holders=holders, intervals=intervals([(DAY, holders)]), part="p")[0].rows
            seconds = time.perf_counter() - begun_s  # as on the other side, before its tables are dropped
    finally:
        shutil.rmtree(folder)
    return {"seconds": seconds, "peak_mb": peak_mb(), "edges": edges, "sums": found}


def duckdb_alone(kind: str, records: int, form: str) -> dict[str, Any]:
    """What a user would write: one statement over all files, the lower port taken for the server's."""
    import duckdb
    import pyarrow as pa

    from tests.bench.flow_records import ready

    world, place = ready(BENCH_DATA, kind, records)
    numbers = dict.fromkeys(("srcport", "dstport", "protocol"), "INTEGER") | dict.fromkeys(("packets", "bytes", "start", "end"), "BIGINT")
    names = ["version", "account-id", "interface-id", "srcaddr", "dstaddr", "srcport", "dstport", "protocol", "packets", "bytes"]
    names += ["start", "end", "action", "log-status"]
    columns = {name: numbers.get(name, "VARCHAR") for name in names}
    glob = str(place / form / "**" / "*.log.*")
    source = {
        "gz": f"read_csv('{glob}', delim=' ', header=true, columns={columns}, nullstr='-', auto_detect=false, quote='')",
        "parquet": f"read_parquet('{glob}')",
    }[form]
    face, status = ('"interface-id"', '"log-status"') if form == "gz" else ("interface_id", "log_status")
    holders = world.holders()
    connection = duckdb.connect(config={"preserve_insertion_order": False})
    table = pa.table({"address": [one.addresses[0] for one in holders], "uid": [one.holder_uid for one in holders]})
    begun_s = time.perf_counter()
    connection.register("holders", table)
    connection.execute(
        f"""create table edges as
            select {face} as interface_id, if(dstport < srcport, srcaddr, dstaddr) as client,
                   if(dstport < srcport, dstaddr, srcaddr) as server,
                   least(srcport, dstport) as port, protocol, action, sum(bytes) as bytes, sum(packets) as packets, count(*) as flows,
                   min(start) as first_s, max("end") as last_s
            from {source} where {status} = 'OK' group by all"""
    )
    connection.execute(
        """create table traffic as
           select coalesce(a.uid, client) as source, coalesce(b.uid, server) as target, port, protocol, action, sum(bytes) as bytes,
                  sum(packets) as packets, sum(flows) as flows, min(first_s) as first_s, max(last_s) as last_s
           from edges left join holders as a on client = a.address left join holders as b on server = b.address group by all"""
    )
    seconds = time.perf_counter() - begun_s
    octets, packets, flows = connection.execute("select sum(bytes), sum(packets), sum(flows) from traffic").fetchone() or (0, 0, 0)
    edges = connection.execute("select count(*) from traffic").fetchone() or (0,)
    return {
        "seconds": seconds,
        "peak_mb": peak_mb(),
        "edges": edges[0],
        "sums": {"bytes": int(octets), "packets": int(packets), "records": int(flows)},
    }


def flowlogs_reader(files: list[str]) -> dict[str, Any]:
    """aggregated_records over a few objects, in the environment that has flowlogs-reader."""
    from flowlogs_reader import aggregated_records
    from flowlogs_reader.flowlogs_reader import FlowRecord

    read = 0

    def records() -> Iterator[Any]:
        nonlocal read
        for path in files:
            with gzip.open(path, "rt") as text:
                names = [one.replace("-", "_") for one in next(text).split()]
                for row in text:
                    record = FlowRecord(dict(zip(names, row.split(), strict=True)))
                    read += record.log_status == "OK"
                    yield record

    begun_s = time.perf_counter()
    octets = packets = 0
    by_key: dict[tuple[Any, ...], tuple[int, int]] = {}
    for one in aggregated_records(records(), key_fields=KEY):
        octets, packets = octets + one["bytes"], packets + one["packets"]
        by_key[tuple(one[name] for name in KEY)] = one["bytes"], one["packets"]
    seconds = time.perf_counter() - begun_s
    sums = {"bytes": octets, "packets": packets, "records": read}
    return {"seconds": seconds, "peak_mb": peak_mb(), "edges": len(by_key), "sums": sums, "by_key": _digest(by_key)}


def ours_by_their_key(files: list[str]) -> dict[str, Any]:
    """Our conversations of a few objects, both halves apart again, summed over flowlogs-reader's key."""
    from datetime import timedelta

    import pyarrow.parquet as pq

    from cloudmigrate.lake.conversations import aggregate
    from cloudmigrate.lake.flow_ahead import FlowObject
    from cloudmigrate.lake.lake import Lake
    from tests.bench.flow_records import ACCOUNT, DAY, REGION

    begun_s = time.perf_counter()
    by_key: Counter[tuple[Any, ...]] = Counter()
    packets_of: Counter[tuple[Any, ...]] = Counter()
    with tempfile.TemporaryDirectory(dir=BENCH_DATA) as folder:
        lake = Lake.open(folder)
        objects = [FlowObject("bench", one, "etag", Path(one).stat().st_size, Path(one)) for one in files]
        got = aggregate(lake, objects, account_id=ACCOUNT, region=REGION, batch="b", now=DAY + timedelta(days=1))
        for part in (one for one in got.parts if one.dataset == "conversations"):
            for row in pq.ParquetFile(lake.location(part.path)).read().to_pylist():
                for way, ends in (("to_server", ("client", "server")), ("to_client", ("server", "client"))):
                    key = (row["interface_id"], *(row[end] for end in ends), row["protocol"], row["action"])
                    by_key[key] += row[f"{way}_bytes"]
                    packets_of[key] += row[f"{way}_packets"]
    found = {key: (by_key[key], packets) for key, packets in packets_of.items() if packets}
    records = sum(report.accepted + report.rejected for report in got.reports)
    sums = {"bytes": sum(by_key.values()), "packets": sum(packets_of.values()), "records": records}
    return {
        "seconds": time.perf_counter() - begun_s,
        "peak_mb": peak_mb(),
        "edges": len(found),
        "sums": sums,
        "by_key": _digest(found),
    }


def _digest(by_key: Mapping[tuple[Any, ...], tuple[int, int]]) -> str:
    """What tells sums by key from others."""
    return hashlib.sha256(repr(sorted(by_key.items())).encode()).hexdigest()


def _child(python: str, *arguments: str) -> dict[str, Any]:
    """What one side found, in a process of its own."""
    return answered("flow_logs", "--child", *arguments, python=python)


def _best(repeat: int, python: str, *arguments: str, expected: dict[str, int]) -> dict[str, Any]:
    """The fastest of several runs, each of which must find the sums that were written."""
    runs = [_child(python, *arguments) for _ in range(repeat)]
    for one in runs:
        if one["sums"] != expected:
            raise SystemExit(f"{' '.join(arguments)}: found {one['sums']}, written were {expected}")
    return min(runs, key=lambda one: one["seconds"]) | {"peak_mb": max(one["peak_mb"] for one in runs)}


def _peer(python: Path, files: list[Path]) -> dict[str, Any]:
    """What flowlogs-reader found in some objects; its sums must be those of the standard library alone, and by its key our own."""
    expected = {"bytes": 0, "packets": 0, "records": 0}
    for path in files:
        with gzip.open(path, "rt") as text:
            next(text)
            for words in (row.split() for row in text):
                if words[-1] == "OK":
                    expected["packets"] += int(words[8])
                    expected["bytes"] += int(words[9])
                    expected["records"] += 1
    theirs = _best(1, str(python), "flowlogs-reader", *map(str, files), expected=expected)
    mine = _best(1, sys.executable, "same", *map(str, files), expected=expected)
    if mine["by_key"] != theirs["by_key"]:
        raise SystemExit(f"{mine['edges']} sums of ours, {theirs['edges']} of flowlogs-reader on the same files, and they differ")
    return theirs


def main(argv: list[str] | None = None) -> None:
    """Make the records where they are not there, run each side, print a line for each measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1, help="share of 20 million records")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--flowlogs-python", type=Path, default=ROOT / ".venv-flowlogs" / "bin" / "python")
    parser.add_argument("--child", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    arguments = parser.parse_args(argv)
    if arguments.child:
        child(arguments.child)
        return
    records = max(20_000, int(RECORDS * arguments.scale))
    at_size = arguments.scale >= 1
    from tests.bench.flow_records import ready, sums

    def target(one: Target) -> Target | None:
        return one if at_size else None

    _, place = ready(BENCH_DATA, "realistic", records)
    written = sums(place)
    for form in ("gz", "parquet"):
        mine = _best(arguments.repeat, sys.executable, "ours", "realistic", str(records), form, expected=written)
        bare = _best(arguments.repeat, sys.executable, "duckdb", "realistic", str(records), form, expected=written)
        remark = f"{written['records']} records, {mine['edges']} edges, DuckDB's peak {bare['peak_mb']:.0f} MB"
        _say(f"flow-logs-{form}-vs-duckdb", mine, "duckdb", bare["seconds"], target(TARGETS[form, "duckdb"]), remark)
        if form == "gz":
            files = sorted((place / "gz").rglob("*.log.gz"))[:PEER_OBJECTS]
            if not arguments.flowlogs_python.exists():
                print(skipped("flow-logs-gz-vs-flowlogs-reader", f"there is no {arguments.flowlogs_python} (`make bench` builds it)"))
                continue
            peer = _peer(arguments.flowlogs_python, files)
            whole_s = peer["seconds"] * written["records"] / peer["sums"]["records"]
            remark = f"extrapolated from {peer['sums']['records']} records"
            _say("flow-logs-gz-vs-flowlogs-reader", mine, "flowlogs-reader", whole_s, target(TARGETS["gz", "flowlogs-reader"]), remark)
    for kind in ("ports", "pairs"):
        _, place = ready(BENCH_DATA, kind, records)
        expected = sums(place)
        mine = _best(1, sys.executable, "ours", kind, str(records), "gz", expected=expected)
        bare = _best(1, sys.executable, "duckdb", kind, str(records), "gz", expected=expected)
        remark = f"{expected['records']} records, {mine['edges']} edges, DuckDB's peak {bare['peak_mb']:.0f} MB"
        _say(f"flow-logs-{kind}", mine, "duckdb", bare["seconds"], target(MEMORY), remark)


def _say(name: str, mine: dict[str, Any], peer: str, peer_s: float, target: Target | None, remark: str) -> None:
    text = line(
        name,
        mine["seconds"],
        peer,
        peer_s,
        ratio=peer_s / mine["seconds"],
        peak_mb=mine["peak_mb"],
        target=target,
        remark=remark,
    )
    print(text, flush=True)


def child(words: list[str]) -> None:
    """Run one side and print what it found as JSON."""
    side, *rest = words
    by_files = {"flowlogs-reader": flowlogs_reader, "same": ours_by_their_key}
    found = by_files[side](rest) if side in by_files else {"ours": ours, "duckdb": duckdb_alone}[side](rest[0], int(rest[1]), rest[2])
    print(json.dumps(found))


if __name__ == "__main__":
    main()

"""Utilisation over many metric points: ours against DuckDB on the best bare layout, pandas and polars, each in a process of its own.

    .venv/bin/python -m tests.bench.bench_utilisation [--scale 1] [--days 14] [--polars-python .venv-polars/bin/python]

Every side gives the same two tables: per resource and metric samples, mean, deviation, exact p50, p95, p99, p99.5, maximum, idle share,
peak hour, first and last point; and the mean and maximum of every hour of the week. `--scale 0.1` takes a tenth of the resources. The ratio
is ours by theirs: under 1, ours is faster. Only the standard library is imported at the top, because polars runs in another environment.
"""

import argparse
import importlib
import json
import os
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.bench.child import answered
from tests.bench.lines import Target, line, skipped
from tests.bench.peak import peak_mb

ROOT = Path(__file__).parent.parent.parent
BARE = Target(ratio_at_most=1.2, peak_mb_at_most=1024)
START = datetime(2026, 11, 2, tzinfo=UTC)
PERIOD_S = 300
METRICS = ("CPUUtilization", "NetworkIn", "NetworkOut", "DiskReadBytes")
COLUMNS = tuple(f"{metric}|Average" for metric in METRICS)
IDLE_BELOW_PCT = 5.0
RESOURCES_A_BATCH = 1_000
PANDAS_SHARE = 10  # pandas works on a tenth and is extrapolated: the whole takes over 7 GB
QUANTILES = (0.5, 0.95, 0.99, 0.995)


def generate(folder: Path, resources: int, days: int) -> None:
    """Write the same points twice: as parts of a lake, in batches as a collection writes them, and as one bare file sorted by uid."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    from cloudmigrate.lake.lake import Lake
    from cloudmigrate.lake.series import Window, write_series

    rng = np.random.default_rng(20261102)
    points = days * 86_400 // PERIOD_S
    times = np.datetime64(START.replace(tzinfo=None), "us") + np.arange(points) * np.timedelta64(PERIOD_S, "s")
    wave = np.sin(np.arange(points) * PERIOD_S / 86_400 * 2 * np.pi).astype(np.float32)
    ids = np.sort(rng.choice(2**52, size=resources, replace=False))
    uids = [f"arn:aws:ec2:eu-central-1:111111111111:instance/i-{one:017x}" for one in ids]
    run = Window(START, START + timedelta(days=days))
    schema = pa.schema([("uid", pa.string()), ("observed_at", pa.timestamp("us", tz="UTC")), *((name, pa.float32()) for name in COLUMNS)])
    lake, parts = Lake.open(folder / "lake"), []
    with pq.ParquetWriter(folder / "bare.parquet", schema, compression="zstd", use_dictionary=["uid"]) as bare:
        for first in range(0, resources, RESOURCES_A_BATCH):
            some = uids[first : first + RESOURCES_A_BATCH]
            level = rng.uniform(5, 60, (len(some), 1)).astype(np.float32)
            uid = pa.DictionaryArray.from_arrays(np.repeat(np.arange(len(some), dtype=np.int32), points), some).cast(pa.string())
            columns: dict[str, Any] = {"uid": uid, "observed_at": np.tile(times, len(some))}
            for number, name in enumerate(COLUMNS):
                load = level + 10 * wave + 3 * rng.standard_normal((len(some), points), dtype=np.float32)
                columns[name] = (np.clip(load, 0, 100) * 1000**number).ravel().astype(np.float32)
            parts += write_series(
                lake,
                columns,
                account_id="111111111111",
                region="eu-central-1",
                type="AWS::EC2::Instance",
                period_s=PERIOD_S,
                run=run,
                collected_at=run.end,
                part=f"bench-{first:06d}",
            )
            arrays = [
                uid,
                pa.array(columns["observed_at"], type=schema.field("observed_at").type),
                *(pa.array(columns[name]) for name in COLUMNS),
            ]
            bare.write_table(pa.Table.from_arrays(arrays, schema=schema), row_group_size=122_880)
    (folder / "parts.json").write_text(json.dumps([[one.path, one.rows, one.bytes, one.uid_min, one.uid_max, one.series] for one in parts]))


def lake_views(folder: Path, days: int) -> Any:
    """Views over the parts of the generated lake."""
    from cloudmigrate.lake.lake import Lake
    from cloudmigrate.lake.series import SeriesPart, Window, select_series
    from cloudmigrate.lake.views import Selection, Views

    end = START + timedelta(days=days)
    parts = []
    for path, rows, size, uid_min, uid_max, series in json.loads((folder / "parts.json").read_text()):
        day = datetime.fromisoformat(path.split("/day=")[1][:10]).replace(tzinfo=UTC)
        span = {"range_from": day, "range_to": day + timedelta(days=1), "valid_from": day, "valid_to": day + timedelta(days=1)}
        parts.append(
            SeriesPart(
                path=path,
                series=series,
                type="AWS::EC2::Instance",
                period_s=PERIOD_S,
                collected_at=end,
                rows=rows,
                bytes=size,
                uid_min=uid_min,
                uid_max=uid_max,
                **span,
            )
        )
    snapshot_id = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{os.getpid():06x}"
    return Views(Lake.open(folder / "lake"), Selection(snapshot_id, {}, select_series(parts, Window(START, end))), threads=os.cpu_count())


def run_ours(folder: Path, days: int) -> None:
    """The product's own way: views over the parts, then `write_utilisation`."""
    from cloudmigrate.lake.series import Window
    from cloudmigrate.lake.utilisation import MetricDefinition, write_utilisation

    definitions = [MetricDefinition("AWS::EC2::Instance", METRICS[0], "percent", capacity_pct=True)]
    with lake_views(folder, days) as views:
        window = Window(START, START + timedelta(days=days))
        written = write_utilisation(views, definitions, window=window, idle_below_pct=IDLE_BELOW_PCT)
    for part in written:
        target = folder / f"ours_{part.dataset}.parquet"
        target.unlink(missing_ok=True)
        target.hardlink_to(folder / "lake" / part.path)


def run_duckdb(folder: Path) -> None:
    """What one would write by hand over one wide file sorted by uid, with all the memory it wants."""
    import duckdb

    connection = duckdb.connect(config={"threads": os.cpu_count() or 1, "preserve_insertion_order": False})
    source = f"read_parquet('{folder}/bare.parquet')"
    for_uid, for_hour = [], []
    for number, name in enumerate(COLUMNS):
        column, quantiles = f'"{name}"', list(QUANTILES)
        for_uid.append(
            f"count({column}) n{number}, avg({column}) mean{number}, stddev_samp({column}) sd{number}, max({column}) max{number},"
            f" quantile_cont({column}, {quantiles}) q{number}, min(observed_at) filter ({column} is not null) first{number},"
            f" max(observed_at) filter ({column} is not null) last{number}, "
            + (f"count_if({column} < {IDLE_BELOW_PCT}) / n{number} idle{number}" if number == 0 else f"null::double idle{number}")
        )
        for_hour.append(f"avg({column}) mean{number}, max({column}) max{number}")
    connection.execute(
        "create temp table hourly as select uid, ((epoch_us(observed_at) // 3600000000 + 72) % 168)::integer as hour_of_week,"
        f" {', '.join(for_hour)} from {source} group by all"
    )
    connection.execute(f"create temp table total as select uid, {', '.join(for_uid)} from {source} group by uid")
    hours = " union all ".join(
        f"select uid, '{metric}' as metric, hour_of_week, mean{number} as mean, max{number} as max from hourly"
        for number, metric in enumerate(METRICS)
    )
    totals = " union all ".join(
        f"select uid, '{metric}' as metric, n{number} as samples, mean{number} as mean, sd{number} as stddev, q{number}[1] as p50,"
        f" q{number}[2] as p95, q{number}[3] as p99, q{number}[4] as p995, max{number} as max, idle{number} as idle_share,"
        f" peak{number} as peak_hour_of_week, first{number} as first_at, last{number} as last_at from total join peaks using (uid)"
        for number, metric in enumerate(METRICS)
    )
    peaks = ", ".join(f"arg_max(hour_of_week, mean{number}) as peak{number}" for number in range(len(METRICS)))
    connection.execute(f"create temp table peaks as select uid, {peaks} from hourly group by uid")
    connection.execute(f"copy ({hours}) to '{folder}/bare_utilisation_profile.parquet' (format parquet, compression zstd)")
    connection.execute(f"copy ({totals}) to '{folder}/bare_utilisation.parquet' (format parquet, compression zstd)")


def run_pandas(folder: Path, resources: int) -> None:
    """The same by pandas' group-by, on the first tenth of the resources."""
    import pandas as pd
    import pyarrow.parquet as pq

    uids = pq.ParquetFile(folder / "bare.parquet")
    wanted = -(-uids.metadata.num_rows // PANDAS_SHARE)
    groups, rows = [], 0
    for number in range(uids.num_row_groups):
        groups.append(number)
        rows += uids.metadata.row_group(number).num_rows
        if rows >= wanted:
            break
    frame = uids.read_row_groups(groups).slice(0, wanted).to_pandas()
    hour = (frame["observed_at"].dt.dayofweek * 24 + frame["observed_at"].dt.hour).astype("int32")
    profile = frame.groupby(["uid", hour.rename("hour_of_week")], sort=False)[list(COLUMNS)].agg(["mean", "max"])
    by_uid = frame.groupby("uid", sort=False)
    total = by_uid[list(COLUMNS)].agg(["count", "mean", "std", "max"])
    quantiles = by_uid[list(COLUMNS)].quantile(list(QUANTILES))
    idle = (frame[COLUMNS[0]] < IDLE_BELOW_PCT).groupby(frame["uid"], sort=False).mean()
    spans = {
        name: frame["observed_at"].where(frame[name].notna()).groupby(frame["uid"], sort=False).agg(["min", "max"]) for name in COLUMNS
    }
    assert len(total) == len(idle) == len(spans[COLUMNS[0]])
    pd.DataFrame(profile.stack(0, future_stack=True)).to_parquet(folder / "pandas_profile.parquet", compression="zstd")
    quantiles.rename_axis(["uid", "quantile"]).reset_index().to_parquet(folder / "pandas_quantiles.parquet", compression="zstd")


def run_polars(folder: Path) -> None:
    """The same by polars' lazy group-by over the bare file."""
    import polars as pl

    scan = pl.scan_parquet(folder / "bare.parquet")
    at = pl.col("observed_at")
    aggregates = []
    for name in COLUMNS:
        value = pl.col(name)
        aggregates += [
            value.count().alias(f"n {name}"),
            value.mean().alias(f"mean {name}"),
            value.std().alias(f"sd {name}"),
            value.max().alias(f"max {name}"),
            at.filter(value.is_not_null()).min().alias(f"first {name}"),
            at.filter(value.is_not_null()).max().alias(f"last {name}"),
            *(value.quantile(one, interpolation="linear").alias(f"p{one} {name}") for one in QUANTILES),
        ]
    aggregates.append((pl.col(COLUMNS[0]) < IDLE_BELOW_PCT).mean().alias("idle"))
    scan.group_by("uid").agg(aggregates).collect().write_parquet(folder / "polars_utilisation.parquet", compression="zstd")
    hour = ((at.dt.epoch("us") // 3_600_000_000 + 72) % 168).cast(pl.Int32).alias("hour_of_week")
    hourly = scan.group_by("uid", hour).agg(
        *(pl.col(name).mean().alias(f"mean {name}") for name in COLUMNS), *(pl.col(name).max().alias(f"max {name}") for name in COLUMNS)
    )
    hourly.collect().write_parquet(folder / "polars_profile.parquet", compression="zstd")


def check_agreement(folder: Path) -> None:
    """Fail unless ours and the bare query give the same numbers (up to the order of float additions)."""
    close = " or ".join(
        f"abs(ours.{name} - bare.{name}) > 1e-9 * greatest(abs(bare.{name}), 1e-9)"
        for name in ("mean", "stddev", "p50", "p95", "p99", "p995", "max")
    )
    differing = f"""
        select count(*) from '{folder}/ours_utilisation.parquet' as ours
        full join '{folder}/bare_utilisation.parquet' as bare on ours.uid = bare.uid and ours.metric = bare.metric
        where ours.uid is null or bare.uid is null or {close} or ours.samples <> bare.samples
            or ours.idle_share is distinct from bare.idle_share or ours.first_at <> bare.first_at or ours.last_at <> bare.last_at
            or ours.peak_hour_of_week <> bare.peak_hour_of_week"""
    hours = f"""
        select count(*) from '{folder}/ours_utilisation_profile.parquet' as ours
        full join '{folder}/bare_utilisation_profile.parquet' as bare
            on ours.uid = bare.uid and ours.metric = bare.metric and ours.hour_of_week = bare.hour_of_week
        where ours.uid is null or bare.uid is null or abs(ours.mean - bare.mean) > 1e-9 * abs(bare.mean) or ours.max <> bare.max"""
    for name, sql in (("utilisation", differing), ("utilisation_profile", hours)):
        _no_rows(f"{name}: ours and duckdb-wide", sql)


def check_percentiles(folder: Path, peer: str) -> None:
    """Fail unless ours and a peer give the same 95th percentiles, as far as float32 tells."""
    for metric, column in zip(METRICS, COLUMNS, strict=True):
        theirs = {
            "polars": f"""(select uid, "p0.95 {column}" as p95 from '{folder}/polars_utilisation.parquet')""",
            "pandas": f"""(select uid, "{column}" as p95 from '{folder}/pandas_quantiles.parquet' where quantile = 0.95)""",
        }[peer]
        sql = f"""
            select count(*) from {theirs} as theirs
            left join (select * from '{folder}/ours_utilisation.parquet' where metric = '{metric}') as ours on ours.uid = theirs.uid
            where ours.uid is null or abs(ours.p95 - theirs.p95) > 1e-5 * abs(ours.p95)"""
        _no_rows(f"p95 of {metric}: ours and {peer}", sql)


def _no_rows(what: str, sql: str) -> None:
    import duckdb

    count = duckdb.sql(sql).fetchall()[0][0]
    if count:
        raise SystemExit(f"bench utilisation: {count} rows differ in {what}")


def measured(side: str, folder: Path, arguments: argparse.Namespace, python: str = sys.executable) -> tuple[float, float]:
    """Seconds and peak MB of one side, run in a process of its own."""
    shape = ("--folder", str(folder), "--resources", str(arguments.resources), "--days", str(arguments.days))
    answer = answered("utilisation", "--side", side, *shape, python=python)
    return answer["seconds"], answer["peak_mb"]


def fastest(side: str, folder: Path, arguments: argparse.Namespace, python: str = sys.executable) -> tuple[float, float]:
    """Seconds of the fastest run of one side, and its highest peak MB."""
    runs = [measured(side, folder, arguments, python) for _ in range(arguments.repeat)]
    return min(one[0] for one in runs), max(one[1] for one in runs)


def run_side(arguments: argparse.Namespace) -> None:
    """Run one side here; print its seconds (without imports' start-up of Python itself) and peak memory as JSON."""
    folder = Path(arguments.folder)
    sides = {
        "generate": lambda: generate(folder, arguments.resources, arguments.days),
        "ours": lambda: run_ours(folder, arguments.days),
        "duckdb": lambda: run_duckdb(folder),
        "pandas": lambda: run_pandas(folder, arguments.resources),
        "polars": lambda: run_polars(folder),
        "check": lambda: check_agreement(folder),
        "check-pandas": lambda: check_percentiles(folder, "pandas"),
        "check-polars": lambda: check_percentiles(folder, "polars"),
    }
    module = {"ours": "cloudmigrate.lake.utilisation", "duckdb": "duckdb", "pandas": "pandas", "polars": "polars"}.get(arguments.side)
    if module:
        importlib.import_module(module)  # the time of importing is no time of computing
    start = time.perf_counter()
    sides[arguments.side]()
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "peak_mb": peak_mb()}))


def main(argv: list[str] | None = None) -> None:
    """Generate, measure every side that is installed, check, print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1, help="share of 10,000 resources; targets are judged from 1 on")
    parser.add_argument("--resources", type=int, help="their number, instead of a share")
    parser.add_argument("--days", type=int, default=14)
    parser.add_argument("--repeat", type=int, default=3, help="runs of each side; the fastest of each counts")
    parser.add_argument("--polars-python", default=".venv-polars/bin/python", help="a Python that has polars")
    parser.add_argument("--side", help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    arguments = parser.parse_args(argv)
    arguments.resources = arguments.resources or max(int(10_000 * arguments.scale), PANDAS_SHARE)
    if arguments.side:
        run_side(arguments)
        return
    with tempfile.TemporaryDirectory(prefix="cloudmigrate-bench-") as name:
        compare(Path(name), arguments)


def compare(folder: Path, arguments: argparse.Namespace) -> None:
    """Measure every side over points in *folder*."""
    points = arguments.resources * arguments.days * 86_400 // PERIOD_S * len(COLUMNS)
    print(f"utilisation: {points / 1e6:.1f} M points, {arguments.resources} resources, {arguments.days} days", flush=True)
    measured("generate", folder, arguments)
    ours, bare = [], []
    for _ in range(arguments.repeat):
        ours.append(measured("ours", folder, arguments))
        bare.append(measured("duckdb", folder, arguments))
    measured("check", folder, arguments)
    seconds, peak = min(one[0] for one in ours), max(one[1] for one in ours)

    def tell(name: str, peer: str, theirs: float, remark: str, target: Target | None = None) -> None:
        text = line(name, seconds, peer, theirs, ratio=seconds / theirs, peak_mb=peak, target=target, remark=remark)
        print(text, flush=True)

    target = BARE if arguments.resources >= 10_000 else None
    theirs, their_peak = min(one[0] for one in bare), max(one[1] for one in bare)
    tell("utilisation-vs-bare", "duckdb-wide", theirs, f"duckdb-wide {their_peak:.0f} MB", target)
    theirs, their_peak = fastest("pandas", folder, arguments)
    measured("check-pandas", folder, arguments)
    tell("utilisation-vs-pandas", "pandas", theirs * PANDAS_SHARE, f"pandas extrapolated from a tenth, which took {their_peak:.0f} MB")
    if not Path(arguments.polars_python).exists():
        print(skipped("utilisation-vs-polars", f"there is no {arguments.polars_python} (`make bench` builds it)"), flush=True)
        return
    theirs, their_peak = fastest("polars", folder, arguments, arguments.polars_python)
    measured("check-polars", folder, arguments)
    tell("utilisation-vs-polars", "polars", theirs, f"polars {their_peak:.0f} MB")


if __name__ == "__main__":
    main()

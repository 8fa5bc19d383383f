"""An offer file of AWS's full layout to Parquet: ours against bare DuckDB, pandas and polars, each in a process of its own.

    .venv/bin/python -m tests.bench.bench_prices [--scale 1] [--polars-python .venv-polars/bin/python]

Full scale is a CSV of 500 MB, 614,000 rates in some 90 columns. Every peer reads the columns that ours keeps and writes them as Parquet:
text as it stands, money as decimal(38, 10). Ours besides strips usage types, tells terms and fees apart, and takes no price that is not
exact. The last line is ours against itself: the same offer as JSON, which has to be taken apart first. The ratio is ours by theirs.
"""

import argparse
import importlib
import json
import os
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.bench.child import answered
from tests.bench.lines import Target, line, skipped
from tests.bench.peak import peak_mb

ROOT = Path(__file__).parent.parent.parent
BARE = Target(ratio_at_most=1.2, peak_mb_at_most=1024)
PUBLISHED_AT = datetime(2026, 11, 20, 22, 12, 46, tzinfo=UTC)
HEAD_ROWS = 5
PRICE = "PricePerUnit"
# What ours keeps of a price list, by AWS's own heads.
KEPT = (
    *("SKU", "RateCode", "TermType", "EffectiveDate", "StartingRange", "EndingRange", "Unit", PRICE, "Currency", "LeaseContractLength"),
    *("PurchaseOption", "OfferingClass", "Product Family", "Region Code", "usageType", "operation", "Instance Type", "Operating System"),
    *("Tenancy", "Pre Installed S/W", "License Model", "CapacityStatus", "MarketOption", "Volume API Name", "Volume Type"),
    *("To Region Code", "To Location", "Transfer Type", "Group"),
)


def run_ours(folder: Path, form: str) -> None:
    """The product's own way, with the memory that a user has by default."""
    from cloudmigrate.lake.connection import limit
    from cloudmigrate.lake.lake import Lake
    from cloudmigrate.lake.prices import Offer, OfferForm, write_offer
    from cloudmigrate.settings import Settings

    offer = Offer("AmazonEC2", "eu-central-1", "USD", "20261120221246", PUBLISHED_AT, "^(EUC1)-")
    memory = limit(Settings().memory_limit_mb)
    lake, part = Lake.open(folder / "lake"), f"{os.getpid()}-{time.time_ns()}"
    got = write_offer(
        lake, folder / f"index.{form}", OfferForm(form), offer, part=part, now=PUBLISHED_AT, memory_limit=memory, threads=os.cpu_count()
    )
    target = folder / f"ours_{form}.parquet"
    target.unlink(missing_ok=True)
    target.hardlink_to(lake.location(got.path))


def run_duckdb(folder: Path) -> None:
    """One COPY, with all the memory it wants."""
    import duckdb

    connection = duckdb.connect(config={"threads": os.cpu_count() or 1, "preserve_insertion_order": False})
    # DuckDB reads text as decimal(38, 10) 170 times as slowly as text as decimal(18, 10), which holds these prices too.
    money = f'cast(cast("{PRICE}" as decimal(18, 10)) as decimal(38, 10)) as "{PRICE}"'
    wanted = ", ".join(f'"{one}"' if one != PRICE else money for one in KEPT)
    source = f"read_csv('{folder}/index.csv', skip = {HEAD_ROWS}, header = true, all_varchar = true)"
    connection.execute(f"copy (select {wanted} from {source}) to '{folder}/bare.parquet' (format parquet, compression zstd)")


def run_pandas(folder: Path) -> None:
    """In chunks, as the whole takes gigabytes."""
    from decimal import Decimal

    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([(one, pa.decimal128(38, 10) if one == PRICE else pa.string()) for one in KEPT])
    with pq.ParquetWriter(folder / "pandas.parquet", schema, compression="zstd") as writer:
        chunks = pd.read_csv(
            folder / "index.csv", skiprows=HEAD_ROWS, usecols=list(KEPT), dtype=str, keep_default_na=False, chunksize=50_000
        )
        for chunk in chunks:
            chunk[PRICE] = [Decimal(one) for one in chunk[PRICE]]
            writer.write_table(pa.Table.from_pandas(chunk[list(KEPT)], schema=schema, preserve_index=False))


def run_polars(folder: Path) -> None:
    """A lazy scan into a Parquet file."""
    import polars as pl

    scan = pl.scan_csv(folder / "index.csv", skip_rows=HEAD_ROWS, infer_schema=False)
    kept = scan.select(pl.col(one).cast(pl.Decimal(38, 10)) if one == PRICE else pl.col(one) for one in KEPT)
    kept.sink_parquet(folder / "polars.parquet", compression="zstd")


def generate(folder: Path, rows: int) -> None:
    """The offer twice, as CSV and as JSON."""
    from tests.bench.price_files import write_csv, write_json

    write_csv(folder / "index.csv", rows=rows)
    write_json(folder / "index.json", rows=rows)


def check(folder: Path) -> None:
    """Fail unless ours has every rate of the bare file at the same price, and JSON gave what CSV gave."""
    import duckdb

    ours, bare = (f"'{folder}/{name}.parquet'" for name in ("ours_csv", "bare"))
    differing = f"""
        select count(*) from {ours} as ours full join {bare} as bare on ours.rate_code = bare."RateCode"
        where ours.sku is distinct from bare."SKU" or ours.price + ours.upfront is distinct from bare."{PRICE}"
            or ours.instance_type is distinct from nullif(bare."Instance Type", '')"""
    forms = f"select count(*) from (select * from {ours} except all select * from '{folder}/ours_json.parquet')"
    for what, sql in (("ours and bare DuckDB", differing), ("CSV and JSON", forms)):
        count = duckdb.sql(sql).fetchall()[0][0]
        if count:
            raise SystemExit(f"bench prices: {count} rows differ between {what}")


def run_side(arguments: argparse.Namespace) -> None:
    """Run one side here; print its seconds (without imports), its processor seconds and its peak memory as JSON."""
    folder = Path(arguments.folder)
    sides = {
        "generate": lambda: generate(folder, arguments.rows),
        "ours": lambda: run_ours(folder, "csv"),
        "json": lambda: run_ours(folder, "json"),
        "duckdb": lambda: run_duckdb(folder),
        "pandas": lambda: run_pandas(folder),
        "polars": lambda: run_polars(folder),
        "check": lambda: check(folder),
    }
    module = {"ours": "cloudmigrate.lake.prices", "json": "cloudmigrate.lake.prices"}.get(arguments.side, arguments.side)
    if module not in ("generate", "check"):
        importlib.import_module(module)  # the time of importing is no time of computing
    start, busy = time.perf_counter(), time.process_time()
    sides[arguments.side]()
    print(json.dumps({"seconds": time.perf_counter() - start, "processor": time.process_time() - busy, "peak_mb": peak_mb()}))


def measured(side: str, folder: Path, arguments: argparse.Namespace, python: str = sys.executable) -> dict[str, float]:
    """What one side took, in a process of its own."""
    return answered("prices", "--side", side, "--folder", str(folder), "--rows", str(arguments.rows), python=python)


def best(runs: list[dict[str, float]]) -> dict[str, float]:
    """The fastest of each, and the highest peak."""
    return {name: (max if name == "peak_mb" else min)(one[name] for one in runs) for name in runs[0]}


def main(argv: list[str] | None = None) -> None:
    """Generate, measure every side that is installed, check, print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1, help="share of 614,000 rates; targets are judged from 1 on")
    parser.add_argument("--rows", type=int, help="their number, instead of a share")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each side; the fastest of each counts")
    parser.add_argument("--polars-python", default=".venv-polars/bin/python", help="a Python that has polars")
    parser.add_argument("--side", help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    arguments = parser.parse_args(argv)
    arguments.rows = arguments.rows or max(int(614_000 * arguments.scale), 1_000)
    if arguments.side:
        run_side(arguments)
        return
    with tempfile.TemporaryDirectory(prefix="cloudmigrate-bench-") as name:
        compare(Path(name), arguments)


def compare(folder: Path, arguments: argparse.Namespace) -> None:
    """Measure every side over one offer in *folder*."""
    measured("generate", folder, arguments)
    size = (folder / "index.csv").stat().st_size / 1e6
    print(f"prices: {arguments.rows} rates, {size:.0f} MB of CSV", flush=True)
    ours_runs, bare_runs = [], []
    for _ in range(arguments.repeat):
        ours_runs.append(measured("ours", folder, arguments))
        bare_runs.append(measured("duckdb", folder, arguments))
    ours, bare = best(ours_runs), best(bare_runs)
    in_json = best([measured("json", folder, arguments)])
    measured("check", folder, arguments)

    def tell(name: str, peer: str, theirs: dict[str, float], target: Target | None = None, mine: dict[str, float] = ours) -> None:
        remark = f"processor {mine['processor']:.1f} s against {theirs['processor']:.1f} s, {peer} {theirs['peak_mb']:.0f} MB"
        ratio = mine["seconds"] / theirs["seconds"]
        text = line(name, mine["seconds"], peer, theirs["seconds"], ratio=ratio, peak_mb=mine["peak_mb"], target=target, remark=remark)
        print(text, flush=True)

    tell("prices-vs-bare", "duckdb", bare, BARE if arguments.rows >= 614_000 else None)
    tell("prices-vs-pandas", "pandas", best([measured("pandas", folder, arguments)]))
    if Path(arguments.polars_python).exists():
        runs: list[Any] = [measured("polars", folder, arguments, arguments.polars_python) for _ in range(arguments.repeat)]
        tell("prices-vs-polars", "polars", best(runs))
    else:
        print(skipped("prices-vs-polars", f"there is no {arguments.polars_python} (`make bench` builds it)"), flush=True)
    tell("prices-json-vs-csv", "csv", ours, mine=in_json)


if __name__ == "__main__":
    main()

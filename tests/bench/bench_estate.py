"""An estate of ten thousand resources from inventory to report in one run: seconds per stage, peak memory, size of the report.

    .venv/bin/python -m tests.bench.bench_estate [--scale 1] [--days 14]

Discovery and CloudWatch are left out: what they would have written (inventory, coverage, hourly points) is made up first, by
`applications.py`, and written through the lake and the ledger as the flows do. Then the flows' own tasks run, without a Prefect server.
"""

import argparse
import contextlib
import json
import logging
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.bench.child import answered
from tests.bench.peak import peak_mb

PERIOD_S = 3600
RUN_ID = "bench-estate"


def without_prefect() -> None:
    """Let artifacts go nowhere, before tasks import them: there is no server to show them."""
    import prefect.artifacts

    for name in ("create_table_artifact", "create_markdown_artifact", "create_link_artifact"):
        setattr(prefect.artifacts, name, lambda *_, **__: None)
    logging.disable(logging.INFO)


def run(folder: Path, resources: int, days: int) -> dict[str, Any]:
    """Make the estate up, run every stage; give seconds per stage and what came out."""
    without_prefect()
    from cloudmigrate.domain.estate import Account, Estate, Scope
    from cloudmigrate.domain.wave_policy import WavePolicy
    from cloudmigrate.workspace import Workspace
    from tasks import analysis, patterns, planning, quality, reporting, risk
    from tasks.discovery import relate
    from tasks.snapshots import begin_snapshot, commit_snapshot
    from tests.bench.applications import generate

    now = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)  # whole periods, hourly and daily
    found = generate(resources, now=now)
    regions: defaultdict[str, set[str]] = defaultdict(set)
    for one in found:
        regions[one.account_id].update({one.region} - {"global"})
    own, *others = sorted(regions)
    accounts = [Account(id=own, regions=tuple(sorted(regions[own])))]
    accounts += [Account(id=one, regions=tuple(sorted(regions[one])), role_arn=f"arn:aws:iam::{one}:role/MigrationScan") for one in others]
    estate = Estate(estate="bench", lake=str(folder / "lake"), ledger=f"sqlite:///{folder}/ledger.db", accounts=tuple(accounts))
    workspace = Workspace.open(estate)
    workspace.ledger.begin_run(RUN_ID, flow="assess-estate", estate="bench", parameters={})
    snapshot_id = begin_snapshot(workspace, Scope(), run_id=RUN_ID)
    ids: dict[str, Any] = {"snapshot_id": snapshot_id, "run_id": RUN_ID}
    seconds: dict[str, float] = {}

    @contextlib.contextmanager
    def stage(name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        seconds[name] = time.perf_counter() - start

    with stage("inventory"):
        units = discovered(workspace, estate, found, snapshot_id)
    with stage("relations"):
        relations = relate.fn(estate, units, **ids)
    with stage("quality"):
        checks, results = quality.check_snapshot.fn(estate, Scope(), units, relations, **ids)
        commit_snapshot(workspace, snapshot_id, [*(part for unit in units for part in unit.parts), relations, checks])
        quality.refuse_critical(results, snapshot_id)
    points = measured(workspace, found, snapshot_id, now=now, days=days)
    with stage("metric checks"):
        quality.check_metrics.fn(estate, **ids)
    with stage("utilisation"):
        pairs = analysis.compute_utilisation.fn(estate, **ids)
    with stage("patterns"):
        patterns.classify_patterns.fn(estate, **ids)
    with stage("sizes"):
        patterns.choose_sizes.fn(estate, **ids)
    with stage("risk"):
        risk.assess_risk.fn(estate, **ids)
    with stage("plan"):
        plan = planning.publish_plan.fn(estate, WavePolicy(), **ids)
    with stage("report"):
        places = reporting.publish_report.fn(estate, snapshot_id=snapshot_id, plan_id=plan.plan_id, run_id=RUN_ID)
    html, document = (Path(place) for place in places[:2])
    failed = [row for row in results if not row["passed"]]
    return {
        "seconds": seconds,
        "resources": len(found),
        "types": len(Counter(one.type for one in found)),
        "relations": relations.rows,
        "points": points,
        "pairs": pairs,
        "groups": len(plan.groups),
        "waves": len(plan.waves),
        "failed_checks": [f"{row['dataset']}.{row['check_name']}: {row['failed_rows']} of {row['checked_rows']}" for row in failed],
        "html_mb": html.stat().st_size / 2**20,
        "json_mb": document.stat().st_size / 2**20,
        "parts": len(workspace.ledger.series_of(snapshot_id)),
    }


def discovered(workspace: Any, estate: Any, found: list[Any], snapshot_id: str) -> list[Any]:
    """What discovery writes of each account and region: its resources, and a coverage row for each type of the catalogue."""
    from cloudmigrate.aws.catalogue import CATALOGUE
    from cloudmigrate.domain.assessment import GLOBAL, scan_units
    from cloudmigrate.domain.estate import Scope
    from cloudmigrate.domain.resources import Coverage, CoverageStatus
    from cloudmigrate.lake import datasets
    from tasks.discovery import UnitSummary

    by_unit: defaultdict[tuple[str, str], list[Any]] = defaultdict(list)
    globals_ = {row.type for row in CATALOGUE if row.is_global}
    for one in found:
        by_unit[one.account_id, GLOBAL if one.type in globals_ else one.region].append(one)
    units = []
    for account, region in scan_units(estate, Scope()):
        resources = by_unit[account.id, region]
        counts = Counter(one.type for one in resources)
        coverage = tuple(
            Coverage(account.id, region, row.service, row.type, CoverageStatus.OK if counts[row.type] else CoverageStatus.EMPTY)
            for row in CATALOGUE
            if row.is_global == (region == GLOBAL)
        )
        parts = [
            workspace.lake.write(dataset, (asdict(one) for one in rows), snapshot_id=snapshot_id, part=f"{account.id}-{region}")
            for dataset, rows in ((datasets.COVERAGE, coverage), (datasets.INVENTORY, resources))
        ]
        units.append(UnitSummary(account.id, region, tuple(part for part in parts if part.rows), counts, coverage))
    return units


def measured(workspace: Any, found: list[Any], snapshot_id: str, *, now: datetime, days: int) -> int:
    """What collection writes: hourly points of everything that has metrics, bound to the snapshot; the number of points."""
    import numpy as np

    from cloudmigrate.aws.catalogue import BY_TYPE
    from cloudmigrate.aws.metrics_plan import metric_targets
    from cloudmigrate.lake import datasets
    from cloudmigrate.lake.series import Window, value_column, write_series
    from cloudmigrate.ledger.records import SeriesSelection
    from tasks.snapshots import publish

    window = Window(now - timedelta(days=days), now)
    chance = np.random.default_rng(7)
    series: defaultdict[tuple[str, str, str, int], defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    coverage = []
    for target in metric_targets(found, BY_TYPE, PERIOD_S):
        same = {name: getattr(target, name) for name in ("uid", "account_id", "region", "type", "metric", "period_s")}
        state = ("ok", days * 86_400 // target.period_s) if target.dimensions is not None else ("no_data", 0)
        for stat in target.stats:
            coverage.append({**same, "stat": stat, "status": state[0], "points": state[1], "error_code": None, "detail": None})
            if target.dimensions is not None:
                series[target.account_id, target.region, target.type, target.period_s][target.uid].add(value_column(target.metric, stat))
    points, selected = 0, []
    for (account_id, region, type_, period_s), wanted in series.items():
        place = {"account_id": account_id, "region": region}
        times = np.datetime64(window.start.replace(tzinfo=None), "us") + np.arange(days * 86_400 // period_s) * np.timedelta64(
            period_s, "s"
        )
        uids = sorted(wanted)
        columns: dict[str, Any] = {"uid": np.repeat(np.array(uids, dtype=object), len(times)), "observed_at": np.tile(times, len(uids))}
        for name in sorted({name for names in wanted.values() for name in names}):
            level = chance.uniform(2, 70, (len(uids), 1))
            values = np.clip(level + 8 * chance.standard_normal((len(uids), len(times))), 0, 100).astype(np.float32)
            values[[name not in wanted[uid] for uid in uids]] = np.nan
            columns[name] = values.ravel()
            points += int(np.isfinite(values).sum())
        parts = write_series(workspace.lake, columns, **place, type=type_, period_s=period_s, run=window, collected_at=now, part="bench")
        workspace.ledger.add_series(parts, **place, run_id=RUN_ID)
        selected += [SeriesSelection(part.path, part.valid_from, part.valid_to) for part in parts]
    workspace.ledger.bind_series(snapshot_id, selected, (window.start, window.end))
    part = workspace.lake.write(datasets.METRIC_COVERAGE, coverage, snapshot_id=snapshot_id, part="bench")
    publish(workspace, snapshot_id, datasets.METRIC_COVERAGE.name, [part], RUN_ID)
    return points


def report(told: dict[str, Any]) -> None:
    """Print what was made up, what failed, and the line."""
    print(
        f"estate: {told['resources']} resources of {told['types']} types, {told['relations']} relations, "
        f"{told['points'] / 1e6:.1f} M points in {told['parts']} parts, {told['pairs']} measured pairs, "
        f"{told['groups']} move groups, {told['waves']} waves"
    )
    for one in told["failed_checks"]:
        print(f"estate: failed check {one}")
    stages = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in told["seconds"].items())
    print(
        f"bench estate-{told['resources']}: {stages}, total {sum(told['seconds'].values()):.1f} s, peak {told['peak_mb']:.0f} MB, "
        f"report {told['html_mb']:.1f} MB"
    )


def main(argv: list[str] | None = None) -> None:
    """Run the stages in a process of their own and print the line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1, help="share of 10,000 resources")
    parser.add_argument("--resources", type=int, help="their number, instead of a share")
    parser.add_argument("--days", type=int, default=14)
    parser.add_argument("--folder", help="keep lake, ledger and report there")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args(argv)
    arguments.resources = arguments.resources or max(int(10_000 * arguments.scale), 100)
    if arguments.child:
        print(json.dumps(run(Path(arguments.folder), arguments.resources, arguments.days) | {"peak_mb": peak_mb()}))
        return
    with tempfile.TemporaryDirectory(prefix="cloudmigrate-bench-") as temporary:
        folder = Path(arguments.folder or temporary).resolve()
        shape = ("--resources", str(arguments.resources), "--days", str(arguments.days), "--folder", str(folder))
        # Prefect is imported for its tasks alone: it writes its profile where it finds a home, and asks nobody anything.
        report(answered("estate", "--child", *shape, environment={"PREFECT_HOME": str(folder / "prefect"), "DO_NOT_TRACK": "1"}))


if __name__ == "__main__":
    main()

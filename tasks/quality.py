"""Data checks as the flows use them: run the table over a snapshot, store what it found, show it, stop at what is critical."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from prefect import task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE

from cloudmigrate import log
from cloudmigrate.domain.assessment import GLOBAL, scan_units
from cloudmigrate.domain.estate import Estate, Scope
from cloudmigrate.domain.quality import Expected
from cloudmigrate.lake import datasets
from cloudmigrate.lake.lake import Part
from cloudmigrate.lake.views import Views
from cloudmigrate.workspace import Workspace, utc_now
from tasks.artifacts import as_cells
from tasks.discovery import UnitSummary, parts_by_dataset
from tasks.estate import retryable
from tasks.quality_checks import check_datasets, raise_if_critical
from tasks.snapshots import publish

logger = log.get_logger(__name__)

DISCOVERED = ("inventory", "coverage", "relations")
MEASURED = ("metrics",)
CARE: dict[str, Any] = {
    "retries": 2,
    "retry_delay_seconds": [2, 10],
    "retry_condition_fn": retryable,
    "cache_policy": NO_CACHE,
}


class Checks(NamedTuple):
    """What the data checks found, and the part of the dataset ``quality`` that says so."""

    part: Part
    rows: tuple[dict[str, object], ...]


@task(name="check-inventory", task_run_name="check inventory of {snapshot_id}", **CARE)
def check_snapshot(estate: Estate, scope: Scope, units: Sequence[UnitSummary], relations: Part, *, snapshot_id: str, run_id: str) -> Checks:
    """Check what discovery wrote, before its snapshot is committed; the part is to be committed with it."""
    workspace = Workspace.open(estate)
    parts = {**parts_by_dataset(units), **({relations.dataset: (relations.path,)} if relations.rows else {})}
    with log.bound(run_id), workspace.open_views(snapshot_id, parts) as views:
        rows = check_datasets(views, expected_of(estate, scope), datasets=DISCOVERED)
        return _stored(workspace, rows, snapshot_id, DISCOVERED)


@task(name="check-metrics", task_run_name="check metrics of {snapshot_id}", **CARE)
def check_metrics(estate: Estate, *, snapshot_id: str, run_id: str) -> Checks:
    """Check the metrics that a committed snapshot sees, and publish the result beside what the earlier checks found.

    Raises DataQualityError, once the result is published, where a critical check failed.
    """
    workspace = Workspace.open(estate)
    scope = Scope.model_validate(workspace.snapshot(snapshot_id).scope)
    with log.bound(run_id), workspace.views(snapshot_id) as views:
        rows = [*_kept(views), *check_datasets(views, expected_of(estate, scope), datasets=MEASURED)]
        checks = _stored(workspace, rows, snapshot_id, MEASURED)
        # The newest edition is the one that views show, so it holds the earlier checks too.
        publish(workspace, snapshot_id, datasets.QUALITY.name, [checks.part], edition=checks.part.path)
    refuse_critical([row for row in checks.rows if row["dataset"] in MEASURED], snapshot_id)
    return checks


def refuse_critical(rows: Sequence[Mapping[str, object]], snapshot_id: str) -> None:
    """Raise DataQualityError where a critical check among *rows* failed: nothing may be concluded from such data."""
    raise_if_critical(rows, snapshot_id)


def refuse_failed(workspace: Workspace, snapshot_id: str) -> None:
    """Raise DataQualityError where a critical check of a committed snapshot failed: nothing is planned or computed from it."""
    with workspace.views(snapshot_id) as views:
        raise_if_critical(views.run("quality_all"), snapshot_id)


def expected_of(estate: Estate, scope: Scope) -> Expected:
    """What a snapshot of *estate* is checked against, taken from the catalogue."""
    from cloudmigrate.aws.catalogue import BY_TYPE, CATALOGUE, RELATION_ROLES

    wanted = [row for row in CATALOGUE if not scope.types or row.type in scope.types]
    units = scan_units(estate, scope)
    return Expected(
        types=frozenset(BY_TYPE),
        relation_kinds=frozenset(RELATION_ROLES),
        scope=frozenset(
            (account.id, region, row.type) for account, region in units for row in wanted if row.is_global == (region == GLOBAL)
        ),
        percent_metrics=frozenset(
            (row.type, metric.name)
            for row in CATALOGUE
            if row.metric_source is not None
            for metric in row.metric_source.metrics
            if metric.unit == "percent"
        ),
        read_until=utc_now(),
    )


def _kept(views: Views) -> list[dict[str, object]]:
    """The snapshot's earlier results, of other datasets than the measured ones."""
    columns = datasets.QUALITY.schema.names
    return [{name: row[name] for name in columns} for row in views.run("quality_all") if row["dataset"] not in MEASURED]


def _stored(workspace: Workspace, rows: Sequence[dict[str, object]], snapshot_id: str, checked: Sequence[str]) -> Checks:
    """The results, written to the lake and shown in the run."""
    part = workspace.lake.write(datasets.QUALITY, rows, snapshot_id=snapshot_id, part=f"checks-{checked[-1]}-{log.short_id()}")
    failed = [row for row in rows if not row["passed"]]
    for row in failed:
        what = {name: row[name] for name in ("dataset", "check_name", "severity", "failed_rows", "checked_rows")}
        logger.info("data check failed", snapshot=snapshot_id, **what)
    shown = sorted((as_cells(_cells(row)) for row in rows), key=lambda row: (row["passed"], row["severity"]))
    key = f"quality-{workspace.estate.estate}"
    create_table_artifact(shown, key=key, description=f"Data checks of snapshot {snapshot_id}: {len(failed)} of {len(rows)} failed.")
    return Checks(part, tuple(rows))


def _cells(row: Mapping[str, object]) -> dict[str, Any]:
    return {name: "" if value is None else value for name, value in row.items()}

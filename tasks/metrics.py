"""Metric collection's effects: ask CloudWatch for what is new, add it to the series, bind a snapshot to what it saw."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from prefect import task

from cloudmigrate import log, settings
from cloudmigrate.aws.metrics import MetricCoverage, fetch
from cloudmigrate.aws.metrics_plan import MetricTarget
from cloudmigrate.domain.estate import Estate
from cloudmigrate.domain.resources import Resource
from cloudmigrate.domain.series_marks import SeriesMark
from cloudmigrate.lake import datasets
from cloudmigrate.lake.lake import Part
from cloudmigrate.lake.series import SeriesKind, SeriesPart, Window, series_key, value_column, write_series
from cloudmigrate.workspace import Workspace
from tasks.estate import aws_sessions, retryable

logger = log.get_logger(__name__)
GAP_STATUSES = frozenset({"denied", "throttled", "failed"})


@dataclass(frozen=True, slots=True)
class MetricSummary:
    """What one (account, region) gave: where its coverage lies, which series it touched, and how many questions ended how."""

    account_id: str
    region: str
    coverage: Part
    series: tuple[str, ...]
    statuses: Mapping[str, int]

    @property
    def gaps(self) -> int:
        """Questions that were denied, throttled or failed."""
        return sum(count for status, count in self.statuses.items() if status in GAP_STATUSES)


@dataclass(frozen=True, slots=True)
class _Job:
    """One series to bring up to date: all targets of one type and period in one account and region."""

    estate: Estate
    account_id: str
    region: str
    type: str
    period_s: int
    columns: tuple[str, ...]
    targets: tuple[MetricTarget, ...]
    now: datetime
    run_id: str

    @property
    def series(self) -> str:
        return series_key(self.account_id, self.region, self.type, self.period_s, self.columns)


@task(
    name="collect-metrics",
    task_run_name="metrics {account_id} {region}",
    retries=2,
    retry_delay_seconds=[5, 30],
    retry_condition_fn=retryable,
)
def collect_unit_metrics(estate: Estate, account_id: str, region: str, *, snapshot_id: str, run_id: str, now: datetime) -> MetricSummary:
    """Add to the series what CloudWatch has of one account and region since the last run; write what became of each question."""
    workspace = Workspace.open(estate)
    with log.bound(run_id):
        with workspace.views(snapshot_id) as views:
            rows = views.run("inventory_of_unit", account_id=account_id, region=region)
        resources = [Resource(**{**row, "tags": {}, "private_ips": ()}) for row in rows]
        statuses: Counter[str] = Counter()
        series: list[str] = []

        def coverage_rows() -> Iterator[dict[str, Any]]:
            for job in _jobs(estate, resources, account_id, region, now=now, run_id=run_id):
                series.append(job.series)
                for row in _bring_up_to_date(workspace, job):
                    statuses[row["status"]] += 1
                    yield row

        part = workspace.lake.write(
            datasets.METRIC_COVERAGE, coverage_rows(), snapshot_id=snapshot_id, part=f"{account_id}-{region}-{log.short_id()}"
        )
        logger.info("measured", account=account_id, region=region, **statuses)
    return MetricSummary(account_id, region, part, tuple(series), statuses)


def _jobs(estate: Estate, resources: Sequence[Resource], account_id: str, region: str, *, now: datetime, run_id: str) -> Iterator[_Job]:
    """One job per (type, period), in the order of the types' names."""
    from cloudmigrate.aws.catalogue import BY_TYPE
    from cloudmigrate.aws.metric_dimensions import agent_dimensions, metrics_held
    from cloudmigrate.aws.metrics_plan import agent_metrics, listed_metrics, metric_targets

    present = [BY_TYPE[name] for name in sorted({one.type for one in resources}) if name in BY_TYPE]
    wanted = agent_metrics(present)
    agent, failure = agent_dimensions(aws_sessions(estate, run_id), account_id, region, wanted) if wanted else ({}, None)
    named = listed_metrics(present)
    listed, unlisted = metrics_held(aws_sessions(estate, run_id), account_id, region, named) if named else (frozenset(), None)
    targets = sorted(
        metric_targets(resources, BY_TYPE, estate.metrics.period_s, agent, failure or unlisted, listed=listed),
        key=lambda one: (one.type, one.period_s, one.uid, one.metric),
    )
    for (type_, period_s), members in groupby(targets, key=lambda one: (one.type, one.period_s)):
        columns = _columns(type_, period_s, estate.metrics.period_s)
        yield _Job(estate, account_id, region, type_, period_s, columns, tuple(members), now, run_id)


def _columns(type_: str, period_s: int, usual_period_s: int) -> tuple[str, ...]:
    """Every column that the catalogue knows of a type at this period: all of a series' parts have the same."""
    from cloudmigrate.aws.catalogue import BY_TYPE

    source = BY_TYPE[type_].metric_source
    if source is None:
        return ()
    return tuple(
        value_column(metric.name, stat)
        for metric in source.metrics
        if (metric.period_s or usual_period_s) == period_s
        for stat in metric.stats
    )


def _bring_up_to_date(workspace: Workspace, job: _Job) -> Iterator[dict[str, Any]]:
    """Coverage rows of one series, brought up to date: the fresh stretch of all first, then what single resources lack."""
    from cloudmigrate.aws.metrics_plan import fresh_window, series_window

    found = workspace.ledger.mark(job.series)
    mark = SeriesMark.of(found.value if found else None)
    whole = series_window(job.now, days=job.estate.metrics.days, period_s=job.period_s)
    fresh = fresh_window(mark.until, job.now, days=job.estate.metrics.days, period_s=job.period_s) if mark.until else None
    outcome = _Outcome()
    uids = sorted({target.uid for target in job.targets})
    if fresh is None:
        mark = mark.after_fresh(uids, whole.end_at, whole.end_at)
    elif fresh.start_at < fresh.end_at:
        got = _fetch(workspace, job, job.targets, Window(fresh.start_at, fresh.end_at), SeriesKind.REGULAR)
        outcome.add(got.coverage)
        if not got.complete:
            yield from outcome.rows()
            return
        mark = mark.after_fresh(uids, got.start_at, fresh.end_at)
        _commit(workspace, job, got.parts, mark)
    for (start_at, end_at), lacking in mark.backfills(uids, whole.start_at).items():
        for some in _chunks(lacking):
            chosen = frozenset(some)
            targets = [target for target in job.targets if target.uid in chosen]
            got = _fetch(workspace, job, targets, Window(start_at, end_at), SeriesKind.BACKFILL)
            outcome.add(got.coverage)
            if got.complete:
                mark = mark.after_backfill(some, end_at)
                _commit(workspace, job, got.parts, mark)
    yield from outcome.rows()


@dataclass(frozen=True, slots=True)
class _Stretch:
    """What one request for a stretch of time gave: parts that are written and not visible yet."""

    parts: tuple[SeriesPart, ...]
    coverage: tuple[MetricCoverage, ...]
    complete: bool  # every question was answered, with data or without
    start_at: datetime  # where reading really began


def _fetch(workspace: Workspace, job: _Job, targets: Iterable[MetricTarget], span: Window, kind: SeriesKind) -> _Stretch:
    """Read and write one stretch of a series; after an unanswered question nothing more is written."""
    import numpy as np

    from cloudmigrate.aws.metrics_plan import plan_requests

    batches = list(plan_requests(targets, span.start, span.end))
    parts: list[SeriesPart] = []
    coverage: list[MetricCoverage] = []
    complete = True
    sessions = aws_sessions(job.estate, job.run_id)
    for number, chunk in enumerate(fetch(sessions, job.account_id, job.region, batches, max_workers=settings.current().workers)):
        coverage += chunk.coverage
        complete = complete and chunk.is_complete
        if complete and (len(chunk) or kind is SeriesKind.REGULAR):
            empty = np.full(len(chunk), np.nan, dtype=np.float32)
            columns = {name: chunk.columns.get(name, empty) for name in job.columns}
            parts += write_series(
                workspace.lake,
                {"uid": chunk.uid, "observed_at": chunk.observed_at, **columns},
                account_id=job.account_id,
                region=job.region,
                type=job.type,
                period_s=job.period_s,
                run=Window(chunk.window.start_at, chunk.window.end_at),
                collected_at=job.now,
                part=f"{job.run_id}-{log.short_id()}-{number}",
                kind=kind,
            )
    start_at = min((batch.window.start_at for batch in batches), default=span.start)
    return _Stretch(tuple(parts), tuple(coverage), complete, start_at)


def _commit(workspace: Workspace, job: _Job, parts: Sequence[SeriesPart], mark: SeriesMark) -> None:
    workspace.ledger.add_series(parts, account_id=job.account_id, region=job.region, run_id=job.run_id, marks={job.series: mark.value()})


def _chunks(uids: Sequence[str], size: int = 500) -> Iterator[Sequence[str]]:
    for start in range(0, len(uids), size):
        yield uids[start : start + size]


class _Outcome:
    """What became of each question over all calls of a series: the worst status, all points."""

    ORDER = ("no_data", "ok", "throttled", "failed", "denied")

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str, str], dict[str, Any]] = {}

    def add(self, coverage: Iterable[MetricCoverage]) -> None:
        """Take in one chunk's rows."""
        for one in coverage:
            row = asdict(one)
            key = (one.uid, one.metric, one.stat)
            known = self._rows.get(key)
            if known is None:
                self._rows[key] = row
                continue
            points = known["points"] + row["points"]
            worse = max(known, row, key=lambda either: self.ORDER.index(either["status"]))
            self._rows[key] = {**worse, "points": points}

    def rows(self) -> Iterator[dict[str, Any]]:
        """One row per (uid, metric, stat)."""
        yield from self._rows.values()


@task(name="bind-metrics", task_run_name="bind metrics to {snapshot_id}")
def bind_metrics(estate: Estate, summaries: Sequence[MetricSummary], *, snapshot_id: str, run_id: str, now: datetime) -> int:
    """Fix which points the snapshot sees, whatever comes later; the number of parts."""
    from cloudmigrate.aws.metrics_plan import series_window
    from cloudmigrate.lake.series import select_series
    from cloudmigrate.ledger.records import SeriesSelection
    from cloudmigrate.workspace import as_lake_part
    from tasks.snapshots import publish

    workspace = Workspace.open(estate)
    window = series_window(now, days=estate.metrics.days, period_s=estate.metrics.period_s)
    with log.bound(run_id):
        known = workspace.ledger.series_parts(since=window.start_at, until=window.end_at)
        # Series of another period or an older set of metrics hold the same points again: a snapshot sees those of its own run.
        wanted = {series for one in summaries for series in one.series}
        parts = [as_lake_part(row) for row in known if row.series in wanted]
        seen = select_series(parts, Window(window.start_at, window.end_at))
        chosen = [SeriesSelection(part.path, part.valid_from, part.valid_to) for part in seen]
        workspace.ledger.bind_series(snapshot_id, chosen, (window.start_at, window.end_at))
        publish(workspace, snapshot_id, datasets.METRIC_COVERAGE.name, [one.coverage for one in summaries if one.coverage.rows], run_id)
    return len(seen)

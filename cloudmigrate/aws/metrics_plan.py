"""What to ask CloudWatch for: windows, targets, and requests that keep within its limits. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice

from cloudmigrate.aws.describe import truthy
from cloudmigrate.aws.expressions import evaluate
from cloudmigrate.aws.failures import Failure
from cloudmigrate.aws.resource_type import Metric, MetricSource, ResourceType
from cloudmigrate.domain.resources import Resource

# GetMetricData, API reference: "as many as 500 different metrics", "as many as 100,800 data points".
QUERIES_A_CALL = 500
POINTS_A_CALL = 100_800
RESOURCES_A_BATCH = 500
CELLS_A_BATCH = 20_000_000  # float32 cells (resources x columns x periods) held at a time: 80 MB
LATE = timedelta(hours=3)  # points may come this late: the last hours are asked for again
LATE_PERIODS = 2  # and daily storage metrics a day or two late (S3 User Guide, "Monitoring metrics with CloudWatch")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Dimensions = tuple[tuple[str, str], ...]
AgentDimensions = Mapping[tuple[str, str, str], Dimensions]  # (namespace, metric, instance id) -> what the agent reports it under
ListedMetrics = frozenset[tuple[str, str, Dimensions]]  # (namespace, metric, sorted dimensions) that CloudWatch has


@dataclass(frozen=True, slots=True)
class Window:
    """A span of time, its end not included."""

    start_at: datetime
    end_at: datetime

    def periods(self, period_s: int) -> int:
        """How many whole periods the window holds."""
        return max(0, int((self.end_at - self.start_at).total_seconds()) // period_s)


@dataclass(frozen=True, slots=True)
class MetricTarget:
    """One metric of one resource, with the statistics wanted of it."""

    uid: str
    account_id: str
    region: str
    type: str
    metric: str
    stats: tuple[str, ...]
    namespace: str
    dimensions: Dimensions | None  # None: nothing publishes it, so it is "no data" without asking, unless `failure` says more
    period_s: int
    failure: Failure | None = None  # why it is not known whether anything publishes it
    published_as: str | None = None  # CloudWatch's own name of it, where that is not `metric`


@dataclass(frozen=True, slots=True)
class MetricQuery:
    """One statistic of one target: one query of a GetMetricData call."""

    target: MetricTarget
    stat: str

    @property
    def column(self) -> str:
        """The name of the column that holds the answer."""
        return f"{self.target.metric}|{self.stat}"


@dataclass(frozen=True, slots=True)
class MetricRequest:
    """One GetMetricData call."""

    queries: tuple[MetricQuery, ...]
    window: Window
    period_s: int


@dataclass(frozen=True, slots=True)
class MetricBatch:
    """The calls for at most 500 resources of one type and period, and the shape of what they give."""

    type: str
    period_s: int
    window: Window
    targets: tuple[MetricTarget, ...]
    requests: tuple[MetricRequest, ...]

    @property
    def uids(self) -> tuple[str, ...]:
        """The resources of the batch, sorted."""
        return tuple(sorted({target.uid for target in self.targets}))

    @property
    def columns(self) -> tuple[str, ...]:
        """``metric|stat`` in the order of the catalogue."""
        return tuple(dict.fromkeys(query.column for query in _queries(self.targets)))


def aligned(instant: datetime, period_s: int) -> datetime:
    """The last multiple of *period_s* since the epoch that is not after *instant*."""
    return instant - timedelta(microseconds=(instant - EPOCH) // timedelta(microseconds=1) % (period_s * 1_000_000))


def series_window(now: datetime, *, days: int, period_s: int) -> Window:
    """The *days* before *now*, in whole periods: what a snapshot taken now sees."""
    end_at = aligned(now, period_s)
    return Window(aligned(now - timedelta(days=days), period_s), end_at)


def fresh_window(mark: datetime | None, now: datetime, *, days: int, period_s: int, late: timedelta = LATE) -> Window:
    """What a run asks of every resource: since the *mark* that the last run left (less *late*), else the whole series window."""
    whole = series_window(now, days=days, period_s=period_s)
    if mark is None:
        return whole
    return Window(min(max(whole.start_at, aligned(mark - late, period_s)), whole.end_at), whole.end_at)


def metric_targets(
    resources: Iterable[Resource],
    rows: Mapping[str, ResourceType],
    period_s: int,
    agent: AgentDimensions | None = None,
    list_failure: Failure | None = None,
    *,
    listed: ListedMetrics = frozenset(),
) -> Iterator[MetricTarget]:
    """Every metric that these resources can have by their rows; *agent* tells under which dimensions agents report theirs.

    *list_failure* is why that, or what is *listed*, could not be read (to the end): a metric that was not found bears it and is no
    "no data". One that needs listing and is not listed is left out.
    """
    for resource in resources:
        row = rows.get(resource.type)
        if row is None or row.metric_source is None:
            continue
        source = row.metric_source
        for metric in source.metrics:
            if metric.when is not None and not truthy(evaluate(metric.when, resource.spec)):
                continue  # AWS charges for asking, also where there can be no answer
            dimensions = _dimensions(resource, source, metric, agent or {})
            if metric.when_listed and dimensions is not None:
                known = (metric.namespace or source.namespace, metric.cloudwatch_name, tuple(sorted(dimensions)))
                dimensions = dimensions if known in listed else None
            if metric.when_listed and dimensions is None and list_failure is None:
                continue
            yield MetricTarget(
                uid=resource.uid,
                account_id=resource.account_id,
                region=resource.region,
                type=resource.type,
                metric=metric.name,
                stats=metric.stats,
                namespace=metric.namespace or source.namespace,
                dimensions=dimensions,
                period_s=metric.period_s or period_s,
                failure=list_failure if dimensions is None and (metric.when_listed or is_custom(metric.namespace)) else None,
                published_as=metric.published_as,
            )


def agent_metrics(rows: Iterable[ResourceType]) -> dict[str, tuple[str, ...]]:
    """The metrics that an agent publishes under dimensions of its own choice, by namespace."""
    found: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for row in rows:
        for metric in row.metric_source.metrics if row.metric_source else ():
            if is_custom(metric.namespace):
                found[str(metric.namespace)][metric.name] = None
    return {namespace: tuple(names) for namespace, names in found.items()}


def listed_metrics(rows: Iterable[ResourceType]) -> dict[str, tuple[str, ...]]:
    """The metrics that are asked for only where CloudWatch lists them, by namespace, in its own names."""
    found: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for row in rows:
        for metric in row.metric_source.metrics if row.metric_source else ():
            if row.metric_source and metric.when_listed:
                found[metric.namespace or row.metric_source.namespace][metric.cloudwatch_name] = None
    return {namespace: tuple(names) for namespace, names in found.items()}


def is_custom(namespace: str | None) -> bool:
    """Whether agents or applications publish under *namespace*, not AWS itself."""
    return namespace is not None and not namespace.startswith("AWS/")


def plan_requests(targets: Iterable[MetricTarget], start_at: datetime, end_at: datetime) -> Iterator[MetricBatch]:
    """The calls for *targets* in [start_at, end_at), in batches of at most 500 resources of one type and period, sorted by uid.

    AWS charges each metric that a call asks for, so a call takes few metrics with their whole window rather than many with a part of
    it (CloudWatch pricing, "GetMetricData"); a window is cut only when a single query would exceed the limit of data points. A window
    without a whole period gives nothing.
    """
    groups: defaultdict[tuple[str, int], defaultdict[str, list[MetricTarget]]] = defaultdict(lambda: defaultdict(list))
    for target in targets:
        groups[target.type, target.period_s][target.uid].append(target)
    for (type_, period_s), by_uid in sorted(groups.items()):
        window = _group_window(start_at, end_at, period_s)
        if not window.periods(period_s):
            continue
        columns = len({query.column for group in by_uid.values() for query in _queries(group)})
        size = min(RESOURCES_A_BATCH, max(1, CELLS_A_BATCH // max(1, columns * window.periods(period_s))))
        uids = iter(sorted(by_uid))
        while batch_uids := tuple(islice(uids, size)):
            batch_targets = tuple(target for uid in batch_uids for target in by_uid[uid])
            yield MetricBatch(type_, period_s, window, batch_targets, tuple(_requests(batch_targets, window, period_s)))


def _group_window(start_at: datetime, end_at: datetime, period_s: int) -> Window:
    """The window in whole periods; one of long periods reaches back far enough for points that come late."""
    latest_start = end_at - LATE_PERIODS * timedelta(seconds=period_s) if timedelta(seconds=period_s) > LATE else start_at
    return Window(aligned(min(start_at, latest_start), period_s), aligned(end_at, period_s))


def _requests(targets: Sequence[MetricTarget], window: Window, period_s: int) -> Iterator[MetricRequest]:
    for part in _cut(window, period_s):
        room = min(QUERIES_A_CALL, POINTS_A_CALL // part.periods(period_s))
        packed: list[MetricQuery] = []
        for target in targets:
            queries = list(_queries([target])) if target.dimensions is not None else []
            if packed and len(packed) + len(queries) > room:  # a metric's statistics in one call are charged as one metric
                yield MetricRequest(tuple(packed), part, period_s)
                packed = []
            packed += queries
            while len(packed) > room:
                yield MetricRequest(tuple(packed[:room]), part, period_s)
                packed = packed[room:]
        if packed:
            yield MetricRequest(tuple(packed), part, period_s)


def _cut(window: Window, period_s: int) -> Iterator[Window]:
    """The window in parts of at most as many periods as a call may return points; none when it holds no whole period."""
    step = timedelta(seconds=POINTS_A_CALL * period_s)
    start_at = window.start_at
    while start_at < window.end_at:
        end_at = min(start_at + step, window.end_at)
        yield Window(start_at, end_at)
        start_at = end_at


def _queries(targets: Iterable[MetricTarget]) -> Iterator[MetricQuery]:
    return (MetricQuery(target, stat) for target in targets for stat in target.stats)


def _dimensions(resource: Resource, source: MetricSource, metric: Metric, agent: AgentDimensions) -> Dimensions | None:
    paths = (*source.dimensions.items(), *metric.dimension_paths)
    named = tuple((name, evaluate(expression, resource.spec)) for name, expression in paths)
    if any(not isinstance(value, str) or not value for _, value in named):
        return None
    if not is_custom(metric.namespace):
        return (*named, *metric.extra_dimensions)
    return agent.get((str(metric.namespace), metric.name, dict(named).get("InstanceId", "")))

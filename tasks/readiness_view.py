"""The readiness report's view, read from the lake: queries in, frozen records out."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from cloudmigrate.lake.views import Views
from reports.readiness import coverage as seen
from reports.readiness import idle
from reports.readiness import view as v
from tasks import evidence_view as e
from tasks import use_view
from tasks.cost_view import costs
from tasks.plan_view import build_plan
from tasks.strategy_view import strategies

_Row = TypeVar("_Row")
_Rows = list[dict[str, Any]]
# The metric whose week tells most about a resource, best first.
TELLING_METRICS = (
    "CPUUtilization",
    "EngineCPUUtilization",
    "Invocations",
    "RequestCount",
    "Count",
    "ConsumedReadCapacityUnits",
    "NumberOfMessagesSent",
    "NumberOfMessagesPublished",
    "NewFlowCount",
    "ActiveConnectionCount",
    "ClientConnections",
    "VolumeWriteBytes",
)
_COPIES = frozenset({"AWS::EC2::Snapshot", "AWS::EC2::Image", "AWS::RDS::DBSnapshot", "AWS::RDS::DBClusterSnapshot"})
_SNAPSHOT_TIME = re.compile(r"^(\d{8}T\d{6})Z")
IDLE_CPU_P95_BELOW_PCT = 5.0
_METRICS_ACTION = "cloudwatch:GetMetricData"


def build_view(
    views: Views,
    *,
    estate_name: str,
    snapshot_id: str,
    plan_document: Mapping[str, Any] | None = None,
    metrics_from_at: datetime | None = None,
    metrics_to_at: datetime | None = None,
    relation_roles: Mapping[str, str] | None = None,
    scope: str | None = None,
) -> v.ReadinessView:
    """The report on one snapshot (and one plan of it, if *plan_document* is given).

    *metrics_from_at* and *metrics_to_at* are the window that was asked for. *relation_roles* maps a kind of relation to
    needs, part or setting; settings (subnets, security groups, roles) do not count among the resources most depended on.
    """
    coverage = _records(v.CoverageRow, views.run("readiness_coverage"))
    checks = _records(v.CheckRow, views.run("readiness_checks"))
    resources = tuple(_resource(row) for row in views.run("readiness_resources"))
    usage_rows = views.run("readiness_usage")
    usage = _records(v.UsageRow, usage_rows)
    roles = dict(relation_roles or {})
    logs = e.flow_logs(views)
    members = e.members(views)
    patterns = use_view.patterns(views)
    settings = sorted(kind for kind, role in roles.items() if role == "setting")
    return v.ReadinessView(
        estate_name=estate_name,
        snapshot_id=snapshot_id,
        snapshot_at=snapshot_time(snapshot_id),
        trust=_trust(coverage, checks, scope),
        gaps=seen.gaps(coverage) + e.flow_log_gaps(logs) + tuple(_metric_gap(row) for row in views.run("readiness_metric_gaps")),
        totals=_totals(resources),
        by_type=_by_type(resources),
        by_place=_by_place(resources),
        coverage=coverage,
        checks=checks,
        resources=resources,
        metrics_window=_window(usage_rows, metrics_from_at, metrics_to_at),
        measured=_records(v.MeasuredRow, views.run("readiness_measured")),
        usage=usage,
        profiles=tuple(_profile(row) for row in views.run("readiness_profiles", preferred=list(TELLING_METRICS))),
        idle=idle.idle_rows(usage, cpu_p95_below_pct=IDLE_CPU_P95_BELOW_PCT),
        idle_cpu_p95_below_pct=IDLE_CPU_P95_BELOW_PCT,
        relations=_records(v.RelationRow, views.run("readiness_relations")),
        kinds=tuple(v.KindRow(**row, role=roles.get(row["kind"])) for row in views.run("readiness_kinds")),
        settings_kinds=tuple(settings),
        most_needed=_records(v.NeededRow, views.run("readiness_most_needed", left_out=settings, at_most=15)),
        plan=None if plan_document is None else build_plan(plan_document, resources),
        flow_logs=logs,
        dependencies=e.dependency_edges(views),
        shared=e.shared_services(views),
        rules=e.rules(views),
        risks=e.risks(views),
        risk_factors=e.risk_factors(views),
        workloads=e.workloads(views, members, {row.uid: row.wave for row in resources if row.wave is not None}),
        members=members,
        needed_rules=None if plan_document is None else e.needed_rules(views),
        patterns=patterns,
        pattern_examples=use_view.pattern_examples(views, patterns or (), usage),
        sizes=use_view.sizes(views),
        costs=costs(views, with_plan=plan_document is not None),
        strategies=strategies(views),
    )


def snapshot_time(snapshot_id: str) -> datetime:
    """When the snapshot was begun, from its id (20261122T203000Z-3f9a1c). Raises ValueError for another form."""
    found = _SNAPSHOT_TIME.match(snapshot_id)
    if found is None:
        raise ValueError(f"snapshot id {snapshot_id!r} does not begin with a time such as 20261122T203000Z")
    return datetime.strptime(found.group(1), "%Y%m%dT%H%M%S").replace(tzinfo=UTC)


def _records(record: type[_Row], rows: _Rows) -> tuple[_Row, ...]:
    names = record.__dataclass_fields__.keys()  # type: ignore[attr-defined]
    return tuple(record(**{name: row[name] for name in names}) for row in rows)


def _resource(row: Mapping[str, Any]) -> v.ResourceRow:
    tags = tuple(sorted((row["tags"] or {}).items()))
    plain = {
        name: row[name]
        for name in ("uid", "account_id", "region", "type", "name", "state", "stateful", "storage_bytes", "move_group", "wave")
    }
    return v.ResourceRow(**plain, created_at=_utc(row["created_at"]), tags=tags, no_wave_reason=row["reason"])


def _profile(row: Mapping[str, Any]) -> v.ProfileRow:
    by_hour = dict(zip(row["hours"], row["means"], strict=True))
    means = tuple(by_hour.get(hour) for hour in range(v.HOURS_OF_WEEK))
    return v.ProfileRow(uid=row["uid"], metric=row["metric"], unit=row["unit"], means=means)


def _trust(coverage: Sequence[v.CoverageRow], checks: Sequence[v.CheckRow], scope: str | None) -> v.Trust:
    failed = Counter(check.severity for check in checks if not check.passed)
    return v.Trust(
        accounts=seen.tally(coverage, lambda row: row.account_id),
        regions=seen.tally([row for row in coverage if row.region != seen.GLOBAL], lambda row: (row.account_id, row.region)),
        services=seen.tally(coverage, lambda row: row.service),
        look_ups=len(coverage),
        gap_look_ups=sum(row.status not in seen.SEEN_STATUSES for row in coverage),
        checks=len(checks),
        failed_critical_checks=failed["critical"],
        failed_warning_checks=sum(failed.values()) - failed["critical"],
        scope=scope,
    )


def _metric_gap(row: Mapping[str, Any]) -> v.Gap:
    denied = row["status"] == "denied"
    step = (
        f"Allow {_METRICS_ACTION} for the role that scans this account, then run again."
        if denied
        else "Run again: only what is missing is asked for."
    )
    return v.Gap(
        account_id=row["account_id"],
        status=row["status"],
        error_code=row["error_code"],
        missing_action=_METRICS_ACTION if denied else None,
        detail=row["detail"],
        regions=tuple(row["regions"]),
        services=("cloudwatch",),
        types=tuple(row["types"]),
        look_ups=row["resources"],
        whole_account=False,
        next_step=step,
    )


def _storage(rows: Iterable[v.ResourceRow]) -> int:
    return sum(row.storage_bytes or 0 for row in rows)


def _totals(resources: Sequence[v.ResourceRow]) -> v.Totals:
    copies = _storage(row for row in resources if row.type in _COPIES)
    return v.Totals(
        resources=len(resources),
        types=len({row.type for row in resources}),
        accounts=len({row.account_id for row in resources}),
        regions=len({row.region for row in resources} - {seen.GLOBAL}),
        stateful=sum(row.stateful for row in resources),
        storage_bytes=_storage(resources) - copies,
        copies_bytes=copies,
        unsized=sum(row.stateful and row.storage_bytes is None for row in resources),
    )


def _by_type(resources: Sequence[v.ResourceRow]) -> tuple[v.TypeCount, ...]:
    found: dict[str, list[v.ResourceRow]] = defaultdict(list)
    for row in resources:
        found[row.type].append(row)
    rows = [v.TypeCount(kind, len(hit), sum(row.stateful for row in hit), _storage(hit)) for kind, hit in found.items()]
    return tuple(sorted(rows, key=lambda row: (-row.resources, row.type)))


def _by_place(resources: Sequence[v.ResourceRow]) -> tuple[v.PlaceCount, ...]:
    found: dict[tuple[str, str], list[v.ResourceRow]] = defaultdict(list)
    for row in resources:
        found[row.account_id, row.region].append(row)
    return tuple(v.PlaceCount(*place, len(hit), sum(row.stateful for row in hit), _storage(hit)) for place, hit in sorted(found.items()))


def _window(usage: _Rows, from_at: datetime | None, to_at: datetime | None) -> v.MetricsWindow:
    first = min((row["first_at"] for row in usage if row["first_at"]), default=None)
    last = max((row["last_at"] for row in usage if row["last_at"]), default=None)
    return v.MetricsWindow(asked_from_at=from_at, asked_to_at=to_at, first_at=_utc(first), last_at=_utc(last))


def _utc(at: datetime | None) -> datetime | None:
    return None if at is None else at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)

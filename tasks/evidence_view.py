"""The report's view of traffic, rules, risk and workloads, read from the lake; None where a dataset was never made."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any, TypeVar

from cloudmigrate.lake.views import Views
from reports.readiness import dependency_view as d
from reports.readiness.coverage import gap_step
from reports.readiness.view import Gap

_Row = TypeVar("_Row")
_BINDING = ("needs", "part")
_LEVELS = ("critical", "high", "medium", "low")
_REASONS_AT_MOST = 3


def is_made(views: Views, dataset: str) -> bool:
    """Whether the snapshot has that dataset at all, be it without rows."""
    return dataset in views.selection.parts


def dependency_edges(views: Views) -> tuple[d.EdgeRow, ...] | None:
    """The snapshot's dependencies, those with the most bytes first; None where none were mapped."""
    if not is_made(views, "dependencies"):
        return None
    return tuple(d.EdgeRow(**_with_tuples(row)) for row in views.run("dependency_edges"))


def stated_edges(views: Views, relation_roles: Mapping[str, str]) -> tuple[d.EdgeRow, ...]:
    """What configuration states of two resources that one needs the other, for a snapshot whose dependencies were not mapped."""
    kinds = sorted(kind for kind, role in relation_roles.items() if role in _BINDING)
    return tuple(_stated(row) for row in views.run("stated_edges", kinds=kinds))


def flow_logs(views: Views) -> d.FlowLogs | None:
    """What was read of flow logs."""
    if not is_made(views, "flow_log_sources"):
        return None
    (days,) = views.run("flow_log_days")
    objects = views.rows("flow_log_objects")
    chances = records_of(d.SeenChance, views.rows("observation"))
    return d.FlowLogs(
        places=tuple(sorted(records_of(d.FlowLogPlace, views.rows("flow_log_sources")), key=lambda row: (not row.is_gap, row.source))),
        first_day_at=midnight(days["first_day"]),
        last_day_at=midnight(days["last_day"]),
        days=days["days"],
        interfaces=days["interfaces"],
        interface_days=days["interface_days"],
        fully_logged_interface_days=days["fully_logged_interface_days"],
        skipped_share=days["skipped_share"],
        objects=len(objects),
        unreadable_objects=sum(row["status"] == "unreadable" for row in objects),
        records=sum(row["records"] for row in objects),
        broken_lines=sum(row["broken"] for row in objects),
        chances=tuple(sorted(chances, key=lambda row: row.uid)),
    )


def flow_log_gaps(logs: d.FlowLogs | None) -> tuple[Gap, ...]:
    """A gap for each place of flow logs that could not be read, or not wholly."""
    return tuple(
        Gap(
            account_id=row.account_id,
            status=row.status,
            error_code=row.error_code,
            missing_action=row.missing_action,
            detail=row.detail,
            regions=(row.region,),
            services=("flow logs",),
            types=(),
            look_ups=1,
            whole_account=False,
            next_step=gap_step(row.status, row.missing_action, row.detail),
            flow_logs=row.source,
            seen_until_at=row.seen_until_at,
        )
        for row in (logs.places if logs else ())
        if row.is_gap
    )


def shared_services(views: Views) -> tuple[d.SharedRow, ...] | None:
    """Resources that serve many, those with the most peers first."""
    if not is_made(views, "shared_services"):
        return None
    rows = [d.SharedRow(**_with_tuples(row)) for row in views.rows("shared_services")]
    return tuple(sorted(rows, key=lambda row: (-row.peers, row.uid)))


def rules(views: Views) -> tuple[d.RuleRow, ...] | None:
    """Security group rules: open to the world first, then by finding and group."""
    if not is_made(views, "rule_findings"):
        return None
    order = {"unused": 0, "not_measured": 1, "used": 2, "no_bearer": 3}
    rows = records_of(d.RuleRow, views.rows("rule_findings"))
    return tuple(sorted(rows, key=lambda row: (not row.open_to_world, order.get(row.finding, 9), row.group_uid, row.rule_id)))


def risks(views: Views) -> tuple[d.RiskRow, ...] | None:
    """Risk by resource, the highest first."""
    if not is_made(views, "risks"):
        return None
    rows = records_of(d.RiskRow, map(_with_tuples, views.rows("risks")))
    return tuple(sorted(rows, key=lambda row: (-row.upper_points, -row.points, row.uid)))


def risk_factors(views: Views) -> tuple[d.FactorRow, ...]:
    """Every factor of every resource, by resource, those with the most points first."""
    rows = records_of(d.FactorRow, views.rows("risk_factors"))
    return tuple(sorted(rows, key=lambda row: (row.uid, -row.upper_points, row.factor)))


def members(views: Views) -> tuple[d.MemberRow, ...]:
    """Resources with a workload, by workload."""
    return tuple(sorted(records_of(d.MemberRow, views.rows("workloads")), key=lambda row: (row.workload, row.uid)))


def workloads(views: Views, found: Sequence[d.MemberRow], wave_of: Mapping[str, int]) -> tuple[d.WorkloadRow, ...] | None:
    """Workloads, the largest first, with their risk where it was scored."""
    if not is_made(views, "workloads"):
        return None
    risk = {row["workload"]: row for row in views.rows("workload_risks")}
    by_name: dict[str, list[d.MemberRow]] = defaultdict(list)
    for row in found:
        by_name[row.workload].append(row)
    rows = [_workload(name, inside, wave_of, risk.get(name, {})) for name, inside in by_name.items()]
    return tuple(sorted(rows, key=lambda row: (-row.resources, row.workload)))


def needed_rules(views: Views) -> tuple[d.NeededRuleRow, ...] | None:
    """The rules that each move group of the plan needs, by group."""
    if not is_made(views, "needed_rules"):
        return None
    rows = records_of(d.NeededRuleRow, views.rows("needed_rules"))
    return tuple(sorted(rows, key=lambda row: (row.move_group, row.direction, row.protocol, row.port, row.peer)))


def _workload(name: str, inside: Sequence[d.MemberRow], wave_of: Mapping[str, int], risk: Mapping[str, Any]) -> d.WorkloadRow:
    return d.WorkloadRow(
        workload=name,
        resources=len(inside),
        sources=tuple(sorted({row.source for row in inside})),
        reasons=_commonest(row.reason for row in inside),
        confidence=min(row.confidence for row in inside),
        waves=tuple(sorted({wave_of[row.uid] for row in inside if row.uid in wave_of})),
        level=risk.get("level"),
        points=risk.get("points"),
        upper_points=risk.get("upper_points"),
        risk_reason=risk.get("reason"),
    )


def _commonest(texts: Iterable[str]) -> tuple[str, ...]:
    counted = Counter(texts)
    return tuple(sorted(counted, key=lambda text: (-counted[text], text))[:_REASONS_AT_MOST])


def _stated(row: Mapping[str, Any]) -> d.EdgeRow:
    return d.EdgeRow(
        source_uid=row["source_uid"],
        target_uid=row["target_uid"],
        kind="config",
        protocol=None,
        port=None,
        bytes=0,
        packets=0,
        flows=0,
        confidence=1.0,
        observed=False,
        configured=True,
        allowed=None,
        statements=tuple(row["statements"]),
    )


def midnight(day: date | None) -> datetime | None:
    """The instant at which *day* begins, UTC."""
    return None if day is None else datetime.combine(day, time(), tzinfo=UTC)


def records_of(record: type[_Row], rows: Iterable[Mapping[str, Any]]) -> list[_Row]:
    """A view record of each row, from the columns of the record's own names."""
    names = record.__dataclass_fields__.keys()  # type: ignore[attr-defined]
    return [record(**{name: row[name] for name in names}) for row in rows]


def _with_tuples(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}

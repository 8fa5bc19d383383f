"""Recommendations' effects: what the lake knows of each resource, decided by the table and by people, published. Makes no cloud call."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from prefect import task

from cloudmigrate import log
from cloudmigrate.domain.end_of_life import NO_END, support_ends
from cloudmigrate.domain.estate import Estate
from cloudmigrate.domain.load_metrics import LOADS_BY_TYPE, SubjectKind
from cloudmigrate.domain.overrides import overrides_of
from cloudmigrate.domain.recommendation import recommend
from cloudmigrate.domain.resources import Coverage, CoverageStatus, RelationRole
from cloudmigrate.domain.strategy_facts import Cost, StrategyFacts, Windows
from cloudmigrate.domain.strategy_tags import MANAGED_PORTS, compliance_of, product_of_tags, runs_vmware, told_strategy
from cloudmigrate.domain.workload_strategies import Member, workload_strategies
from cloudmigrate.lake.recommendation_datasets import RECOMMENDATIONS
from cloudmigrate.lake.views import Views
from cloudmigrate.ledger.records import SnapshotRow
from cloudmigrate.workspace import Workspace, utc_now
from tasks.estate import retryable
from tasks.snapshots import publish

if TYPE_CHECKING:
    from cloudmigrate.aws.reading import Reading

logger = log.get_logger(__name__)
SCENARIOS = ("as_is", "rehost", "rehost_rightsized", "replatform")
PORT_CONFIDENCE = 0.5


@task(
    name="recommend-strategies",
    task_run_name="recommendations of {snapshot_id}",
    retries=2,
    retry_delay_seconds=[2, 10],
    retry_condition_fn=retryable,
)
def recommend_strategies(estate: Estate, *, snapshot_id: str, run_id: str) -> int:
    """Publish a strategy for every resource that can migrate and every workload; the number of both."""
    with log.bound(run_id):
        return publish_recommendations(Workspace.open(estate), snapshot_id, run_id)


def publish_recommendations(workspace: Workspace, snapshot_id: str, edition: str) -> int:
    """The same as an edition of that name. Support is told of the snapshot's day, overrides of today: they hold or have expired now."""
    estate, snapshot = workspace.estate, workspace.snapshot(snapshot_id)
    overrides = overrides_of(workspace.ledger.decisions(estate.estate), utc_now().date())
    members: list[Member] = []
    with workspace.views(snapshot_id) as views:
        facts = strategy_facts(views, as_of=snapshot.started_at, profile=estate.sizing.profiles[0].name)

    def rows() -> Iterator[dict[str, object]]:
        for one in recommend(facts, windows_of(estate, snapshot), overrides):
            member = Member.of(one)
            if member is not None:
                members.append(member)
            yield one.record()
        yield from (one.record() for one in workload_strategies(members))

    part = workspace.lake.write(RECOMMENDATIONS, rows(), snapshot_id=snapshot_id, part=f"recommendations-{log.short_id()}")
    publish(workspace, snapshot_id, part.dataset, [part] if part.rows else [], edition)
    logger.info("recommended", snapshot=snapshot_id, rows=part.rows, overrides=len(overrides))
    return part.rows


def windows_of(estate: Estate, snapshot: SnapshotRow) -> Windows:
    """How much time was asked for: of metrics the snapshot's window, of flow logs the whole days that the estate's span can hold."""
    start, end = snapshot.window_start, snapshot.window_end
    hours = (end - start).total_seconds() / 3600 if start and end else 24.0 * estate.metrics.days
    return Windows(metric_hours=hours, flow_log_days=max(estate.traffic.days - 1, 1))


def strategy_facts(views: Views, *, as_of: datetime, profile: str) -> list[StrategyFacts]:
    """What is known of every resource that can migrate; a dataset that was never made leaves its facts unmeasured."""
    from cloudmigrate.aws.catalogue import CATALOGUE, RELATION_ROLES
    from cloudmigrate.aws.reading import Reading
    from cloudmigrate.aws.risk_details import PARTS_OF_WHOLES

    made = views.selection.parts
    reading = Reading(Coverage(**{**row, "status": CoverageStatus(row["status"])}) for row in views.rows("coverage"))
    rows = views.each(
        "recommendation_features",
        types=[row.type for row in CATALOGUE if row.moves],
        stated=[kind for kind, role in RELATION_ROLES.items() if role is not RelationRole.SETTING],
        parts=list(PARTS_OF_WHOLES),
        ports=sorted(MANAGED_PORTS),
        profile=profile,
        surely=PORT_CONFIDENCE,
    )
    return [_facts(row, reading, as_of=as_of, is_mapped="dependencies" in made) for row in rows]


def _facts(row: Mapping[str, Any], reading: "Reading", *, as_of: datetime, is_mapped: bool) -> StrategyFacts:
    from cloudmigrate.aws.risk_details import risk_details
    from cloudmigrate.aws.strategy_details import strategy_details

    type_, tags, place = row["type"], row["tags"] or {}, (row["account_id"], row["region"])
    whole = reading.is_whole(*place, type_)
    spec = row["spec"] or {}
    versions = risk_details(type_, spec, created_at=row["created_at"], is_whole=whole)
    details = strategy_details(type_, spec)
    compliance, tag = compliance_of(tags)
    product, evidence = _product(row["port"], tags)
    copied = ("pattern", "pattern_reason", "peak_pct", "network_mb_a_day_max", "connections_max", "duty_cycle", "callers", "stateful")
    sized = ("sizing", "current_type", "target_type", "workload")
    return StrategyFacts(
        uid=row["uid"],
        type=type_,
        **{name: row[name] for name in (*copied, *sized)},
        is_read=whole,
        unread_statements=reading.unread(*place, type_),
        hours=row["hours"] or 0,
        proof_hours=_proof_hours(row) or 0,
        peak_measured=bool(row["peak_measured"]),
        named_callers=tuple(row["named_callers"] or ()),
        logged_days=row["logged_days"] if is_mapped else None,
        is_shared=bool(row["shared"]) if is_mapped else None,
        attached=details.attached,
        was_used=None if not row["use_asked"] else row["use_samples"] > 0,
        licence=details.licence,
        placement="vmware" if runs_vmware(tags) else details.placement,
        volume_type=details.volume_type,
        product=product,
        product_evidence=evidence,
        support=versions.runtime or " ".join(filter(None, (versions.engine, versions.engine_version))) or None,
        days_since_support=_days_since(support_ends(versions.engine, versions.engine_version, versions.runtime), as_of),
        compliance=compliance,
        compliance_tag=tag,
        told=told_strategy(tags),
        costs={name: Cost(**row[name]) for name in SCENARIOS if row[name] is not None},
    )


def _proof_hours(row: Mapping[str, Any]) -> int | None:
    """Hours with data of what shows whether anybody uses it."""
    loads = LOADS_BY_TYPE.get(row["type"])
    hours: int | None = row["connection_hours" if loads is not None and loads.kind is SubjectKind.DATABASE else "network_hours"]
    return hours


def _product(port: int | None, tags: Mapping[str, str]) -> tuple[str | None, str | None]:
    """What runs on it and how that is known; a tag says more than a port."""
    tagged = product_of_tags(tags)
    if tagged is not None:
        return tagged, f'a tag names "{tagged}"'
    if port is None:
        return None, None
    product = MANAGED_PORTS[port][0]
    return product, f"it answers on port {port}, as {product} does"


def _days_since(end: Any, as_of: datetime) -> float | None:
    if end is None:
        return None
    return float("-inf") if end == NO_END else float((as_of.date() - end).days)

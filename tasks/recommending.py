"""Recommendations read, decided by the table and by people, and published; no Prefect, so that an override is taken in at once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cloudmigrate import log
from cloudmigrate.domain.calibration import UNCALIBRATED, Calibration, calibration_of
from cloudmigrate.domain.end_of_life import NO_END, support_ends
from cloudmigrate.domain.estate import Estate
from cloudmigrate.domain.load_metrics import LOADS_BY_TYPE, SubjectKind
from cloudmigrate.domain.overrides import Override, overrides_of
from cloudmigrate.domain.recommendation import recommend
from cloudmigrate.domain.resources import Coverage, CoverageStatus, RelationRole
from cloudmigrate.domain.steps import step_of
from cloudmigrate.domain.strategy_facts import Cost, StrategyFacts, Windows
from cloudmigrate.domain.strategy_tags import MANAGED_PORTS, words_of_tags
from cloudmigrate.domain.unwatched import unwatched
from cloudmigrate.domain.workload_strategies import Member, workload_strategies
from cloudmigrate.lake.baseline import gate_of
from cloudmigrate.lake.lake import Lake, Part
from cloudmigrate.lake.recommendation_datasets import RECOMMENDATIONS
from cloudmigrate.lake.views import Views
from cloudmigrate.ledger.records import SnapshotRow
from cloudmigrate.workspace import Workspace, utc_now
from tasks.committing import recommended_commitments
from tasks.snapshots import publish_together

if TYPE_CHECKING:
    from cloudmigrate.aws.reading import Reading

logger = log.get_logger(__name__)
SCENARIOS = ("as_is", "rehost", "rehost_rightsized", "replatform")
PORT_CONFIDENCE = 0.5


def publish_recommendations(workspace: Workspace, snapshot_id: str, edition: str) -> int:
    """Publish a strategy for every resource that can migrate and every workload, as an edition of that name; the number of both.

    What to commit to once they are done is published with them. Support is told of the snapshot's day, overrides of today: they hold or
    have expired now.
    """
    estate, snapshot = workspace.estate, workspace.snapshot(snapshot_id)
    overrides = overrides_of(workspace.ledger.decisions(estate.estate), utc_now().date())
    with workspace.views(snapshot_id) as views:
        facts = strategy_facts(views, as_of=snapshot.started_at, profile=estate.sized_by)
        if gate_of(views).withheld:  # what may not be shown may not decide
            facts = [replace(one, costs={}) for one in facts]
    windows, calibration = windows_of(estate, snapshot), calibration_so_far(workspace)
    part = write_recommendations(workspace.lake, snapshot_id, facts, windows, overrides, calibration=calibration)
    publish_together(workspace, snapshot_id, {part.dataset: [part], **recommended_commitments(workspace, snapshot, part)}, edition)
    logger.info("recommended", snapshot=snapshot_id, rows=part.rows, overrides=len(overrides))
    return part.rows


@unwatched
def write_recommendations(
    lake: Lake,
    snapshot_id: str,
    facts: Sequence[StrategyFacts],
    windows: Windows,
    overrides: Mapping[str, Override],
    *,
    calibration: Calibration = UNCALIBRATED,
) -> Part:
    """The strategies of resources, then of their workloads, as one part of the lake that nobody sees yet."""
    members: list[Member] = []

    def rows() -> Iterator[dict[str, object]]:
        for one in recommend(facts, windows, overrides, calibration):
            member = Member.of(one)
            if member is not None:
                members.append(member)
            yield one.record()
        yield from (one.record() for one in workload_strategies(members))

    return lake.write(RECOMMENDATIONS, rows(), snapshot_id=snapshot_id, part=f"recommendations-{log.short_id()}")


def calibration_so_far(workspace: Workspace) -> Calibration:
    """What the waves of the estate that were begun say, of whatever plan."""
    ledger = workspace.ledger
    return calibration_of(
        ([step_of(one) for one in start.steps], ledger.step_entries(start.plan_id, start.wave))
        for start in ledger.wave_starts(workspace.estate.estate)
    )


def windows_of(estate: Estate, snapshot: SnapshotRow) -> Windows:
    """How much time was asked for: of metrics the snapshot's window, of flow logs the whole days that the estate's span can hold."""
    start, end = snapshot.window_start, snapshot.window_end
    hours = (end - start).total_seconds() / 3600 if start and end else 24.0 * estate.metrics.days
    return Windows(metric_hours=hours, flow_log_days=max(estate.traffic.days - 1, 1))


@unwatched
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
    from cloudmigrate.aws.risk_details import version_of
    from cloudmigrate.aws.strategy_details import strategy_details

    type_, tags, place = row["type"], row["tags"] or {}, (row["account_id"], row["region"])
    whole = reading.is_whole(*place, type_)
    spec = row["spec"] or {}
    engine, version, runtime = version_of(type_, spec)
    details = strategy_details(type_, spec)
    words = words_of_tags(tuple(tags.items()))
    product, evidence = _product(row["port"], words.product)
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
        placement="vmware" if words.on_vmware else details.placement,
        volume_type=details.volume_type,
        product=product,
        product_evidence=evidence,
        support=runtime or " ".join(filter(None, (engine, version))) or None,
        days_since_support=_days_since_support(engine, version, runtime, as_of.date()),
        compliance=words.compliance,
        compliance_tag=words.compliance_tag,
        told=words.told,
        costs={name: Cost(**row[name]) for name in SCENARIOS if row[name] is not None},
    )


def _proof_hours(row: Mapping[str, Any]) -> int | None:
    """Hours with data of what shows whether anybody uses it."""
    loads = LOADS_BY_TYPE.get(row["type"])
    hours: int | None = row["connection_hours" if loads is not None and loads.kind is SubjectKind.DATABASE else "network_hours"]
    return hours


def _product(port: int | None, tagged: str | None) -> tuple[str | None, str | None]:
    """What runs on it and how that is known; a tag says more than a port."""
    if tagged is not None:
        return tagged, f'a tag names "{tagged}"'
    if port is None:
        return None, None
    product = MANAGED_PORTS[port][0]
    return product, f"it answers on port {port}, as {product} does"


@lru_cache(maxsize=10_000)
def _days_since_support(engine: str | None, version: str | None, runtime: str | None, today: date) -> float | None:
    """Negative until it ends, minus infinity where no end is announced, None where the table does not say."""
    end = support_ends(engine, version, runtime)
    if end is None:
        return None
    return float("-inf") if end == NO_END else float((today - end).days)

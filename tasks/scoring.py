"""Risk: what the lake knows of each resource, gathered, scored and published; no Prefect, so that an override is taken in at once."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cloudmigrate import log
from cloudmigrate.domain.overrides import decided_strategies, holding
from cloudmigrate.domain.resources import Coverage, CoverageStatus
from cloudmigrate.domain.risk import Risks, assess_risks
from cloudmigrate.domain.risk_facts import NOBODY, Degree, ResourceFacts, criticality_of
from cloudmigrate.domain.risk_policy import RiskPolicy
from cloudmigrate.domain.strategies import Strategy
from cloudmigrate.domain.workload_risks import WorkloadRisk, workload_risks
from cloudmigrate.lake import dependency_datasets as datasets
from cloudmigrate.lake.lake import Part
from cloudmigrate.lake.views import Views
from cloudmigrate.workspace import Workspace, utc_now
from tasks.plan_reading import NO_STRATEGIES
from tasks.snapshots import publish_together

if TYPE_CHECKING:
    from cloudmigrate.aws.reading import Reading

logger = log.get_logger(__name__)


def publish_risk(workspace: Workspace, snapshot_id: str, edition: str) -> int:
    """Publish the risk of every resource that can migrate, with its factors, and of every workload, as an edition of that name.

    The number of resources. As of the day of the snapshot, so that scored again it is the same but for strategies that people decided on
    since. What was never measured counts at its maximum.
    """
    estate, as_of = workspace.estate, workspace.snapshot(snapshot_id).started_at
    strategies = decided_strategies(holding(workspace.ledger.decisions(estate.estate), utc_now().date()))
    with workspace.views(snapshot_id) as views:
        risks = assess_risks(risk_facts(views, strategies), estate.risk, as_of=as_of)
        workloads = _workload_risks(views, risks, estate.risk)
    made = _write(workspace, snapshot_id, risks, workloads)
    publish_together(workspace, snapshot_id, {one.dataset: [one] for one in made}, edition)
    logger.info("scored risk", resources=len(risks.facts), workloads=len(workloads or ()))
    return len(risks.facts)


def _workload_risks(views: Views, risks: Risks, policy: RiskPolicy) -> list[WorkloadRisk] | None:
    """The risk of every workload; None where workloads were never told."""
    if "workloads" not in views.selection.parts:
        return None
    workload_of = {row["uid"]: row["workload"] for row in views.rows("workloads")}
    exchanges = [(row["source_uid"], row["target_uid"]) for row in views.run("risk_exchanges")]
    return list(workload_risks(risks, workload_of, exchanges, policy))


def _write(workspace: Workspace, snapshot_id: str, risks: Risks, workloads: list[WorkloadRisk] | None) -> list[Part]:
    lake, ids = workspace.lake, {"snapshot_id": snapshot_id, "part": f"risk-{log.short_id()}"}
    made = [lake.write(datasets.RISKS, risks.rows(), **ids), lake.write(datasets.RISK_FACTORS, risks.factor_rows(), **ids)]
    if workloads is not None:
        made.append(lake.write(datasets.WORKLOAD_RISKS, (one.row() for one in workloads), **ids))
    return made


def risk_facts(views: Views, strategies: Mapping[str, Strategy] = NO_STRATEGIES) -> list[ResourceFacts]:
    """What is known of every resource that can migrate, with the *strategies* that people decided on.

    A dataset that was never made leaves its facts unmeasured.
    """
    from cloudmigrate.aws.catalogue import CATALOGUE
    from cloudmigrate.aws.reading import Reading
    from cloudmigrate.aws.risk_details import BEARS_GROUP, HAS_INTERFACE, OPERATIONS_OVER_5_MIN, PARTS_OF_WHOLES

    made = views.selection.parts
    reading = Reading(Coverage(**{**row, "status": CoverageStatus(row["status"])}) for row in views.rows("coverage"))
    degrees = {(row["uid"], row["side"]): Degree(row["others"], row["observed"], row["weight"]) for row in views.run("risk_degrees")}
    rules = views.run("risk_open_rules", bears=BEARS_GROUP, interface=HAS_INTERFACE) if "rule_findings" in made else []
    open_rules = {row["uid"]: row["open_rules"] for row in rules}
    types = [row.type for row in CATALOGUE if row.moves]
    found = views.run("risk_resources", types=types, parts=list(PARTS_OF_WHOLES), five_minutes=[OPERATIONS_OVER_5_MIN])
    every = [_facts(row, degrees, open_rules, reading, is_mapped="dependencies" in made) for row in found]
    return [replace(one, strategy=strategies[one.uid]) if one.uid in strategies else one for one in every]


def _facts(
    row: Mapping[str, Any],
    degrees: Mapping[tuple[str, str], Degree],
    open_rules: Mapping[str, int | None],
    reading: "Reading",
    *,
    is_mapped: bool,
) -> ResourceFacts:
    """One resource's facts. Where dependencies were never mapped, flow logs and configuration tell nothing of its degrees."""
    from cloudmigrate.aws.risk_details import risk_details

    uid, type_, place = row["uid"], row["type"], (row["account_id"], row["region"])
    whole = reading.is_whole(*place, type_)
    details = risk_details(type_, row["spec"], created_at=row["created_at"], is_whole=whole)
    return ResourceFacts(
        uid=uid,
        type=type_,
        stateful=row["stateful"],
        storage_bytes=row["storage_bytes"] if details.storage_bytes is None else details.storage_bytes,
        inbound=degrees.get((uid, "inbound"), NOBODY),
        outbound=degrees.get((uid, "outbound"), NOBODY),
        fully_logged_days=row["fully_logged_days"] if is_mapped else None,
        monthly_seen_probability=row["monthly_seen_probability"] if is_mapped else None,
        inbound_unread=reading.unread(*place, type_),
        outbound_unread=not (whole and is_mapped),
        public_address=details.public_address,
        open_rules=open_rules.get(uid) if details.is_guarded else details.open_ways,
        engine=details.engine,
        engine_version=details.engine_version,
        runtime=details.runtime,
        created_at=details.created_at,
        may_be_older=details.may_be_older,
        criticality=criticality_of(row["tags"]),
        cpu_p99_pct=row["cpu_p99_pct"],
        writes_p99_per_s=row["writes_p99_per_s"],
    )

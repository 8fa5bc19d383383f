"""What planning reads of a snapshot and of stored plans; no Prefect, so that the command line answers at once."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from cloudmigrate.domain.constraints import constraints_of
from cloudmigrate.domain.decisions import Decision
from cloudmigrate.domain.environments import environment_of, usual_environments
from cloudmigrate.domain.move_groups import PlanItem
from cloudmigrate.domain.naming import Names, called, names_of
from cloudmigrate.domain.overrides import decided_strategies
from cloudmigrate.domain.plan_document import PlanDocumentError, read_plan
from cloudmigrate.domain.plan_input import Evidence, Exchange, PlanInput
from cloudmigrate.domain.resources import Relation, RelationRole
from cloudmigrate.domain.strategies import Strategy
from cloudmigrate.domain.wave_policy import WavePolicy
from cloudmigrate.domain.what_if import Rule
from cloudmigrate.errors.plans import DamagedPlanError, UnknownPlanError
from cloudmigrate.lake.views import Views
from cloudmigrate.ledger.records import PlanRow
from cloudmigrate.workspace import Workspace

WHY_NOT = {
    "network": "network: prepared in the target before wave 1",
    "identity": "identity: prepared in the target before wave 1",
    "artifact": "artefact: copied or made anew where it is needed, not moved on its own",
}
STAYS = "this type does not move"
NO_STRATEGIES: Mapping[str, Strategy] = MappingProxyType({})


def plan_input(views: Views, policy: WavePolicy, decisions: Iterable[Decision] = ()) -> PlanInput:
    """All that planning takes from a snapshot, and from *decisions* of people, which all hold.

    What was never made is empty, and the plan says so.
    """
    from cloudmigrate.aws.catalogue import RELATION_ROLES

    decided = list(decisions)
    return PlanInput(
        items=plan_items(views, decided_strategies(decided)),
        relations=[Relation(row["source_uid"], row["target_uid"], row["kind"]) for row in views.run("relations_all")],
        roles=RELATION_ROLES,
        exchanges=exchanges(views, policy.min_confidence),
        fused=[(row["uid"], row["into_uid"]) for row in views.rows("plumbing")],
        shared={row["uid"]: row["service"] for row in views.run("plan_shared")},
        constraints=constraints_of(decided),
        evidence=_evidence(views),
    )


def _evidence(views: Views) -> Evidence:
    """What there is to plan from. Traffic whose dependencies were never drawn (the run was killed between the two) tells nothing yet."""
    [row] = views.run("plan_evidence")
    return Evidence(**{**row, "traffic": row["traffic"] and "dependencies" in views.selection.parts})


def plan_items(views: Views, strategies: Mapping[str, Strategy] = NO_STRATEGIES) -> list[PlanItem]:
    """Every resource of the snapshot as planning sees it; *strategies* are those that people decided on."""
    from cloudmigrate.aws.catalogue import BY_TYPE

    rows = [(row, environment_of(row["tags"] or {})) for row in views.run("plan_items")]
    usual = usual_environments((row["workload"], environment) for row, environment in rows)
    items = []
    for row, own in rows:
        known = BY_TYPE.get(row["type"])
        moves = known is not None and known.moves
        why_not = None if moves else WHY_NOT.get(known.role, STAYS) if known else "type not in the catalogue"
        told = {"name": row["name"], "risk_level": row["risk_level"], "workload": row["workload"], "environment": own}
        told["strategy"] = strategies.get(row["uid"])
        by = usual.get(row["workload"]) if own is None else None
        if by is not None:
            told |= {"environment": by.environment, "environment_by": by.words(row["workload"])}
        items.append(PlanItem(row["uid"], row["type"], moves, why_not, **told))
    return items


def read_document(workspace: Workspace, plan: PlanRow) -> dict[str, Any]:
    """The plan's document. Raises LakeError, DamagedPlanError."""
    try:
        return read_plan(workspace.lake.read_document(plan.path), plan.content_hash)
    except PlanDocumentError as error:
        raise DamagedPlanError(plan.plan_id, plan.path, str(error)) from error


def known_plan(workspace: Workspace, snapshot: str | None, plan_id: str | None) -> PlanRow:
    """That plan, else the newest of the snapshot. Raises UnknownPlanError where there is none."""
    snapshot_id = workspace.snapshot(snapshot).snapshot_id
    found = workspace.plan(snapshot_id, plan_id)
    if found is None:
        raise UnknownPlanError(snapshot_id, plan_id)
    return found


def exchanges(views: Views, min_confidence: float) -> list[Exchange]:
    """The observed traffic between resources of the snapshot."""
    return [Exchange(**row) for row in views.run("plan_exchanges", min_confidence=min_confidence)]


def exchanges_of(views: Views, min_confidence: float, groups: Sequence[str]) -> list[Exchange]:
    """The observed traffic of resources in these groups of the plan."""
    return [Exchange(**row) for row in views.run("exchanges_of_groups", min_confidence=min_confidence, groups=list(groups))]


def rules_of(views: Views, groups: Sequence[str]) -> list[Rule]:
    """The rules that these groups of the plan need, and those of others with them."""
    return [Rule(**row) for row in views.run("rules_of_groups", groups=list(groups))]


def read_names(views: Views, asked: Iterable[str]) -> Names:
    """What of the snapshot's resources may be meant by the names *asked*."""
    rows = views.run("resources_named", names=sorted(set(asked)))
    return names_of((row["uid"], row["name"], row["workload"]) for row in rows)


def read_called(views: Views) -> dict[str, str]:
    """What to call each resource of the snapshot."""
    return called((row["uid"], row["name"], row["type"]) for row in views.run("plan_items"))


def read_edges(views: Views, min_confidence: float) -> frozenset[tuple[str, str]]:
    """The needs that a plan of the snapshot is made from, as pairs of uids."""
    from cloudmigrate.aws.catalogue import RELATION_ROLES

    stated = {
        (row["source_uid"], row["target_uid"])
        for row in views.run("relations_all")
        if RELATION_ROLES.get(row["kind"], RelationRole.NEEDS) is not RelationRole.SETTING
    }
    return frozenset(stated | {(one.source_uid, one.target_uid) for one in exchanges(views, min_confidence)})

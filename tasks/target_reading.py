"""What is read of the lake and the ledger to know what a plan's targets are, and what they are called. No cloud call, no Prefect."""

from collections.abc import Iterable, Mapping
from typing import Any

from cloudmigrate.domain.iac.assemble import target_names
from cloudmigrate.domain.iac.catalogue import KINDS
from cloudmigrate.domain.iac.distinct_names import Names
from cloudmigrate.domain.iac.existing import existing_targets
from cloudmigrate.domain.iac.making import Decided
from cloudmigrate.domain.journal import standings
from cloudmigrate.domain.overrides import decided_strategies, holding
from cloudmigrate.domain.resources import Resource
from cloudmigrate.domain.steps import step_of
from cloudmigrate.domain.strategies import Strategy
from cloudmigrate.lake.views import Views
from cloudmigrate.workspace import Workspace, utc_now


def target_resources(views: Views, document: Mapping[str, Any]) -> list[Resource]:
    """What a plan's targets are made from: its members, and all of the types of which code is made."""
    uids = [uid for group in document["groups"] for uid in group["members"]]
    return [
        Resource(**{**row, "tags": row["tags"] or {}, "private_ips": tuple(row["private_ips"] or ())})
        for row in views.run("wave_resources", uids=uids, types=[one.type for one in KINDS])
    ]


def wanted_strategies(workspace: Workspace) -> Mapping[str, Strategy]:
    """uid -> what people decided to become of it, of decisions that hold today; what is only recommended is rehosted."""
    return decided_strategies(holding(workspace.ledger.decisions(workspace.estate.estate), utc_now().date()))


def existing(workspace: Workspace, resources: Iterable[Resource]) -> dict[str, str]:
    """uid -> id of its target, of what a wave of any plan of the estate made."""
    ledger, found, inventory = workspace.ledger, dict[str, str](), {one.uid: one for one in resources}
    for start in ledger.wave_starts(workspace.estate.estate):
        known = standings(ledger.step_entries(start.plan_id, start.wave))
        found |= existing_targets([step_of(one) for one in start.steps], known, inventory)
    return found


def names_of_targets(workspace: Workspace, document: Mapping[str, Any], views: Views) -> Names:
    """What targets of a plan's document are called that could not be called as their sources: as its code has them."""
    resources = target_resources(views, document)
    decided = Decided(strategies=wanted_strategies(workspace), existing=existing(workspace, resources))
    return target_names(document, resources, workspace.estate.targets, decided)

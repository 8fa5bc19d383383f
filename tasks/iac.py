"""Infrastructure as code of a plan: read from the lake and the ledger, made, and written as a tree of files. No cloud call, no Prefect."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from cloudmigrate import settings
from cloudmigrate.domain.iac.assemble import blueprint
from cloudmigrate.domain.iac.catalogue import KINDS
from cloudmigrate.domain.iac.existing import existing_targets
from cloudmigrate.domain.iac.making import Decided
from cloudmigrate.domain.iac.model import Blueprint
from cloudmigrate.domain.journal import standings
from cloudmigrate.domain.overrides import decided_strategies, holding
from cloudmigrate.domain.resources import Resource
from cloudmigrate.domain.steps import step_of
from cloudmigrate.domain.strategies import Strategy
from cloudmigrate.ledger.records import PlanRow
from cloudmigrate.workspace import Workspace, utc_now
from reports.iac.tree import Tree, iac_tree
from tasks.iac_scanning import scanned
from tasks.plan_reading import read_document

Row = Mapping[str, Any]


def generate(workspace: Workspace, plan: PlanRow) -> Tree:
    """The files of the plan's target; with what checkov finds, where the settings name one.

    Raises LakeError, LedgerError, DamagedPlanError, ScannerError.
    """
    made, executable = read_blueprint(workspace, plan), settings.current().checkov
    return iac_tree(made, scanned(made, executable) if executable is not None else None)


def read_blueprint(workspace: Workspace, plan: PlanRow) -> Blueprint:
    """The target of all waves of the plan, by its snapshot, by what people decided, and by what was migrated already."""
    document = read_document(workspace, plan)
    uids = [uid for group in document["groups"] for uid in group["members"]]
    with workspace.views(plan.snapshot_id, plan.plan_id) as views:
        resources = [
            Resource(**{**row, "tags": row["tags"] or {}, "private_ips": tuple(row["private_ips"] or ())})
            for row in views.run("wave_resources", uids=uids, types=[one.type for one in KINDS])
        ]
        decided = Decided(
            workloads={row["uid"]: row["workload"] for row in views.rows("workloads")},
            strategies=_strategies(workspace),
            rows={row["uid"]: row["rule"] for row in views.rows("recommendations") if row["level"] == "resource" and row["rule"]},
            sizing={row["uid"]: row for row in views.rows("sizing") if row["profile"] == workspace.estate.sized_by},
            needed_rules=_by_group(views.rows("needed_rules")),
            existing=_existing(workspace, {one.uid: one for one in resources}),
            rightsized=workspace.estate.targets.rightsized,
            observed_rules=workspace.estate.targets.observed_rules,
        )
    return blueprint(document, resources, workspace.estate.targets, decided)


def _strategies(workspace: Workspace) -> Mapping[str, Strategy]:
    """uid -> what people decided, as far as it holds today: what is only recommended is rehosted, as its wave's steps have it."""
    return decided_strategies(holding(workspace.ledger.decisions(workspace.estate.estate), utc_now().date()))


def _by_group(rows: list[dict[str, Any]]) -> dict[str, list[Row]]:
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row["move_group"], row["direction"], row["protocol"], row["port"], row["peer"])):
        found[row["move_group"]].append(row)
    return dict(found)


def _existing(workspace: Workspace, inventory: Mapping[str, Resource]) -> dict[str, str]:
    """uid -> id of its target, of what a wave of any plan of the estate made."""
    ledger, found = workspace.ledger, dict[str, str]()
    for start in ledger.wave_starts(workspace.estate.estate):
        known = standings(ledger.step_entries(start.plan_id, start.wave))
        found |= existing_targets([step_of(one) for one in start.steps], known, inventory)
    return found

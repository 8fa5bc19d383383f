"""Infrastructure as code of a plan: read from the lake and the ledger, made, and written as a tree of files. No cloud call, no Prefect."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from cloudmigrate import settings
from cloudmigrate.domain.iac.assemble import blueprint
from cloudmigrate.domain.iac.making import Decided
from cloudmigrate.domain.iac.model import Blueprint
from cloudmigrate.ledger.records import PlanRow
from cloudmigrate.workspace import Workspace
from reports.iac.tree import Tree, iac_tree
from tasks.iac_scanning import scanned
from tasks.plan_reading import read_document
from tasks.target_reading import existing, target_resources, wanted_strategies

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
    with workspace.views(plan.snapshot_id, plan.plan_id) as views:
        resources = target_resources(views, document)
        decided = Decided(
            workloads={row["uid"]: row["workload"] for row in views.rows("workloads")},
            strategies=wanted_strategies(workspace),
            rows={row["uid"]: row["rule"] for row in views.rows("recommendations") if row["level"] == "resource" and row["rule"]},
            sizing={row["uid"]: row for row in views.rows("sizing") if row["profile"] == workspace.estate.sized_by},
            needed_rules=_by_group(views.rows("needed_rules")),
            existing=existing(workspace, resources),
            rightsized=workspace.estate.targets.rightsized,
            observed_rules=workspace.estate.targets.observed_rules,
        )
    return blueprint(document, resources, workspace.estate.targets, decided)


def _by_group(rows: list[dict[str, Any]]) -> dict[str, list[Row]]:
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row["move_group"], row["direction"], row["protocol"], row["port"], row["peer"])):
        found[row["move_group"]].append(row)
    return dict(found)

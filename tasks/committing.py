"""What to commit to by the strategies that were just told: published with them, so that an override is taken in at once; no Prefect."""

from cloudmigrate import log
from cloudmigrate.domain.cost_policy import CostPolicy
from cloudmigrate.domain.estate import Estate
from cloudmigrate.lake.committed_use import write_recommended_commitments
from cloudmigrate.lake.cost_datasets import COMMITMENT_PLAN_RECOMMENDED, COSTS
from cloudmigrate.lake.lake import Part
from cloudmigrate.lake.series import Window
from cloudmigrate.ledger.records import SnapshotRow
from cloudmigrate.workspace import Workspace


def cost_policy(estate: Estate) -> CostPolicy:
    """How the estate's costs are told, with the sizes that hold."""
    return estate.costs.model_copy(update={"sizing_profile": estate.sized_by})


def metrics_window(snapshot: SnapshotRow) -> Window:
    """The span whose metrics the snapshot sees."""
    return Window(snapshot.window_start or snapshot.started_at, snapshot.window_end or snapshot.started_at)


def recommended_commitments(workspace: Workspace, snapshot: SnapshotRow, recommendations: Part) -> dict[str, list[Part]]:
    """The plan by *recommendations* that nobody sees yet, by its dataset, to be published with them.

    Nothing where costs were never told; no part where there is nothing to tell. Raises LakeError.
    """
    told = workspace.ledger.parts_of(snapshot.snapshot_id)
    if COSTS.name not in told:
        return {}
    if not told[COSTS.name] or not recommendations.rows:
        return {COMMITMENT_PLAN_RECOMMENDED.name: []}
    with workspace.open_views(snapshot.snapshot_id, {**told, recommendations.dataset: (recommendations.path,)}) as views:
        part = f"commitments-{log.short_id()}"
        plan = write_recommended_commitments(views, cost_policy(workspace.estate), metrics_window(snapshot), part=part)
    return {plan.dataset: [plan]}

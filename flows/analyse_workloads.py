"""analyse-workloads: how hard a snapshot's resources work, at which size, what each costs and risks. Makes no cloud call."""

from prefect import flow
from prefect.runtime import flow_run

from cloudmigrate.workspace import Workspace
from tasks import artifacts
from tasks.analysis import compute_utilisation
from tasks.bills import hold_against_bill
from tasks.costs import compute_costs
from tasks.estate import estate_label, open_estate, recorded_run
from tasks.patterns import choose_sizes, classify_patterns
from tasks.prices import bind_prices
from tasks.quality import refuse_failed
from tasks.recommendations import recommend_strategies
from tasks.risk import assess_risk


def _run_name() -> str:
    return f"analyse {estate_label(flow_run.parameters['estate'])}"


@flow(name="analyse-workloads", flow_run_name=_run_name)
def analyse_workloads(estate: str, snapshot_id: str | None = None) -> int:
    """Compute a snapshot's utilisation, patterns, sizes, costs, risk and strategies; return how many (resource, metric) pairs have data.

    Args:
        estate: A saved estate block, or the path of an estate file on the worker.
        snapshot_id: The snapshot to analyse; the newest by default.

    """
    opened = open_estate(estate)
    workspace = Workspace.open(opened)
    snapshot_id = workspace.snapshot(snapshot_id).snapshot_id
    refuse_failed(workspace, snapshot_id)
    with recorded_run(workspace, "analyse-workloads", {"estate": estate, "snapshot_id": snapshot_id}) as run_id:
        pairs = compute_utilisation(opened, snapshot_id=snapshot_id, run_id=run_id)
        artifacts.utilisation_table(workspace, snapshot_id)
        bind_prices(workspace, snapshot_id, run_id)  # before what reads them
        classify_patterns(opened, snapshot_id=snapshot_id, run_id=run_id)
        artifacts.patterns_table(workspace, snapshot_id)
        choose_sizes(opened, snapshot_id=snapshot_id, run_id=run_id)
        artifacts.sizing_table(workspace, snapshot_id)
        compute_costs(opened, snapshot_id=snapshot_id, run_id=run_id)
        hold_against_bill(opened, snapshot_id=snapshot_id, run_id=run_id)
        assess_risk(opened, snapshot_id=snapshot_id, run_id=run_id)
        recommend_strategies(opened, snapshot_id=snapshot_id, run_id=run_id)
        artifacts.recommendations_table(workspace, snapshot_id)
        artifacts.costs_table(workspace, snapshot_id)  # what is recommended too
    return pairs

"""assess-estate: the main job. Discover, measure, map dependencies, analyse, plan, report."""

from prefect import flow
from prefect.runtime import flow_run

from cloudmigrate.domain.assessment import Assessment
from cloudmigrate.domain.estate import Scope
from cloudmigrate.domain.wave_policy import WavePolicy
from cloudmigrate.workspace import Workspace
from flows.analyse_workloads import analyse_workloads
from flows.collect_metrics import collect_metrics
from flows.discover_estate import EVERYTHING, discover_estate
from flows.map_dependencies import map_dependencies
from flows.plan_waves import plan_waves
from flows.publish_readiness import publish_readiness
from tasks.estate import estate_label, open_estate, recorded_run
from tasks.snapshots import assessment_of


def _run_name() -> str:
    return f"assess {estate_label(flow_run.parameters['estate'])}"


@flow(name="assess-estate", flow_run_name=_run_name)
def assess_estate(estate: str, scope: Scope = EVERYTHING, policy: WavePolicy | None = None) -> Assessment:
    """Assess an estate from discovery to the published readiness report; return ids and counts.

    Args:
        estate: A saved estate block, or the path of an estate file on the worker.
        scope: What of the estate to look at; everything by default.
        policy: How large waves may be and when they take place; the estate's own (`planning`) by default.

    """
    workspace = Workspace.open(open_estate(estate))
    with recorded_run(workspace, "assess-estate", {"estate": estate, "scope": scope.model_dump(mode="json")}):
        snapshot_id = discover_estate(estate, scope)
        metric_gaps = collect_metrics(estate, snapshot_id)
        flow_log_gaps = map_dependencies(estate, snapshot_id)
        analyse_workloads(estate, snapshot_id)
        plan_id = plan_waves(estate, snapshot_id, policy)
        reports = publish_readiness(estate, snapshot_id, plan_id)
    gaps = {"metric_gaps": metric_gaps, "flow_log_gaps": flow_log_gaps}
    return assessment_of(workspace, snapshot_id, plan_id=plan_id, reports=reports, **gaps)

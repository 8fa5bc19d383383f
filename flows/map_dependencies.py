"""map-dependencies: who talks to whom, from flow logs read once, and what needs what, by traffic and by configuration."""

from prefect import flow
from prefect.runtime import flow_run
from prefect.task_runners import ThreadPoolTaskRunner

from cloudmigrate.domain.flow_batches import days_of
from cloudmigrate.workspace import Workspace, utc_now
from tasks import artifacts
from tasks.dependencies import draw_dependencies, find_shared_services, flow_log_gaps
from tasks.estate import alone, estate_label, open_estate, recorded_run
from tasks.flow_log_batches import read_batches
from tasks.resolution import resolve_traffic
from tasks.rules import find_unused_rules
from tasks.traffic import list_place, places_of, summaries_of, unlisted_places, window_of
from tasks.workloads import mapping_of, propose_workloads

PLACES_AT_ONCE = 8  # listed; calls of the API wait more than they compute


def _run_name() -> str:
    return f"map dependencies of {estate_label(flow_run.parameters['estate'])}"


@flow(name="map-dependencies", flow_run_name=_run_name, task_runner=ThreadPoolTaskRunner(max_workers=PLACES_AT_ONCE))  # type: ignore[arg-type]
def map_dependencies(estate: str, snapshot_id: str | None = None, *, offline: bool = False) -> int | None:
    """Map a snapshot's dependencies; return how many places of flow logs could not be read wholly, None where there are none.

    Args:
        estate: A saved estate block, or the path of an estate file on the worker.
        snapshot_id: The snapshot whose resources the traffic is resolved to; the newest by default.
        offline: Take the traffic that the snapshot has already: no cloud call. For when a decision or the workload file changed.

    """
    opened = open_estate(estate)
    workspace = Workspace.open(opened)
    snapshot_id = workspace.snapshot(snapshot_id).snapshot_id
    parameters = {"estate": estate, "snapshot_id": snapshot_id, "offline": offline}
    with recorded_run(workspace, "map-dependencies", parameters) as run_id, alone(workspace, "map the dependencies"):
        mapping = mapping_of(opened)  # a mistake in the file shows before hours of reading
        if not offline:
            now = utc_now()
            days = days_of(*window_of(opened, now))
            places = places_of(workspace, snapshot_id)
            listing = [list_place.submit(opened, place, others=places, days=days, run_id=run_id, now=now) for place in places]
            listings = [future.result() for future in listing]
            batches = [batch for one in listings for batch in one.batches]
            refused = read_batches(opened, batches, run_id=run_id, now=now)
            summaries = summaries_of(workspace, listings, refused, days=days, run_id=run_id, now=now)
            unlisted = unlisted_places(workspace, snapshot_id)
            resolve_traffic(opened, (*summaries, *unlisted), snapshot_id=snapshot_id, run_id=run_id, days=days)
        draw_dependencies(opened, snapshot_id=snapshot_id, run_id=run_id)
        find_unused_rules(opened, snapshot_id=snapshot_id, run_id=run_id)
        find_shared_services(opened, snapshot_id=snapshot_id, run_id=run_id)
        propose_workloads(opened, mapping, snapshot_id=snapshot_id, run_id=run_id)
        gaps = flow_log_gaps(workspace, snapshot_id)
        artifacts.dependencies_table(workspace, snapshot_id, gaps)
        artifacts.shared_services_table(workspace, snapshot_id)
    return gaps

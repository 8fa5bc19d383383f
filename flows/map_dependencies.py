"""map-dependencies: who talks to whom, from flow logs; what was read before is not read again."""

from prefect import flow
from prefect.runtime import flow_run
from prefect.task_runners import ThreadPoolTaskRunner

from cloudmigrate.domain.flow_batches import days_of
from cloudmigrate.workspace import Workspace, utc_now
from tasks.estate import estate_label, open_estate, recorded_run
from tasks.flow_log_batches import read_batches
from tasks.resolution import resolve_traffic
from tasks.traffic import list_place, places_of, summaries_of, window_of

PLACES_AT_ONCE = 8  # listed; calls of the API wait more than they compute


def _run_name() -> str:
    return f"map dependencies of {estate_label(flow_run.parameters['estate'])}"


@flow(name="map-dependencies", flow_run_name=_run_name, task_runner=ThreadPoolTaskRunner(max_workers=PLACES_AT_ONCE))  # type: ignore[arg-type]
def map_dependencies(estate: str, snapshot_id: str | None = None) -> int:
    """Read what is new of the flow logs and resolve it with a snapshot; return how many places could not be read wholly.

    Args:
        estate: A saved estate block, or the path of an estate file on the worker.
        snapshot_id: The snapshot whose resources the traffic is resolved to; the newest by default.

    """
    opened = open_estate(estate)
    workspace = Workspace.open(opened)
    snapshot_id = workspace.snapshot(snapshot_id).snapshot_id
    with recorded_run(workspace, "map-dependencies", {"estate": estate, "snapshot_id": snapshot_id}) as run_id:
        now = utc_now()
        days = days_of(*window_of(opened, now))
        places = places_of(workspace, snapshot_id)
        listing = [list_place.submit(opened, place, others=places, days=days, run_id=run_id, now=now) for place in places]
        listings = [future.result() for future in listing]
        batches = [batch for one in listings for batch in one.batches]
        summaries = summaries_of(workspace, listings, read_batches(opened, batches, run_id=run_id, now=now))
        resolve_traffic(opened, summaries, snapshot_id=snapshot_id, run_id=run_id, days=days)
    return sum(one.is_gap for one in summaries)

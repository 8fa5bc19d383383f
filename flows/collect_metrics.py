"""collect-metrics: what is new of CloudWatch, into a series that only grows; the snapshot is bound to what it saw."""

from prefect import flow
from prefect.runtime import flow_run
from prefect.task_runners import ThreadPoolTaskRunner

from cloudmigrate.workspace import Workspace, utc_now
from tasks.bills import fetch_bill
from tasks.discovery import scan_tags
from tasks.estate import estate_label, open_estate, recorded_run
from tasks.limits import ensure_account_limits
from tasks.metrics import bind_metrics, collect_unit_metrics
from tasks.quality import check_metrics

UNITS_AT_ONCE = 4


def _run_name() -> str:
    return f"metrics {estate_label(flow_run.parameters['estate'])}"


@flow(name="collect-metrics", flow_run_name=_run_name, task_runner=ThreadPoolTaskRunner(max_workers=UNITS_AT_ONCE))  # type: ignore[arg-type]
def collect_metrics(estate: str, snapshot_id: str | None = None) -> int:
    """Collect the metrics of a snapshot's resources; return how many questions, those for bills too, were denied, throttled or failed.

    Args:
        estate: A saved estate block, or the path of an estate file on the worker.
        snapshot_id: The snapshot to collect for; the newest by default.

    """
    opened = open_estate(estate)
    workspace = Workspace.open(opened)
    snapshot_id = workspace.snapshot(snapshot_id).snapshot_id
    with recorded_run(workspace, "collect-metrics", {"estate": estate, "snapshot_id": snapshot_id}) as run_id:
        ensure_account_limits(opened)
        with workspace.views(snapshot_id) as views:
            units = [(row["account_id"], row["region"]) for row in views.run("units_with_resources")]
        now = utc_now()
        running = [
            collect_unit_metrics.with_options(tags=scan_tags(account)).submit(
                opened, account, region, snapshot_id=snapshot_id, run_id=run_id, now=now
            )
            for account, region in units
        ]
        summaries = [future.result() for future in running]
        bind_metrics(opened, summaries, snapshot_id=snapshot_id, run_id=run_id, now=now)
        check_metrics(opened, snapshot_id=snapshot_id, run_id=run_id)
        untold = fetch_bill(opened, snapshot_id=snapshot_id, run_id=run_id, now=now)
    return sum(summary.gaps for summary in summaries) + untold

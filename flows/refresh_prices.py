"""refresh-prices: what is new of AWS's prices, into series that only grow; a snapshot is bound to them when it is analysed."""

from prefect import flow
from prefect.runtime import flow_run
from prefect.task_runners import ThreadPoolTaskRunner

from cloudmigrate.workspace import Workspace, utc_now
from tasks.discovery import scan_tags
from tasks.estate import alone, estate_label, open_estate, recorded_run
from tasks.limits import ensure_account_limits
from tasks.price_units import units_of
from tasks.prices import refresh_prices_of, settle_prices

UNITS_AT_ONCE = 4


def _run_name() -> str:
    return f"refresh prices of {estate_label(flow_run.parameters['estate'])}"


@flow(name="refresh-prices", flow_run_name=_run_name, task_runner=ThreadPoolTaskRunner(max_workers=UNITS_AT_ONCE))  # type: ignore[arg-type]
def refresh_prices(estate: str, regions: tuple[str, ...] = (), only: tuple[str, ...] = ()) -> int:
    """Read what is new of an estate's prices; return how many questions were not answered, or not wholly.

    Args:
        estate: A saved estate block, or the path of an estate file on the worker.
        regions: Further regions, such as possible targets; the estate's own are always among them.
        only: Service codes or datasets, such as AmazonEC2 or spot_prices; everything by default.

    """
    opened = open_estate(estate)
    workspace = Workspace.open(opened)
    units = units_of(opened, regions, only)
    parameters = {"estate": estate, "regions": list(regions), "only": list(only)}
    with recorded_run(workspace, "refresh-prices", parameters) as run_id, alone(workspace, "refresh the prices"):
        ensure_account_limits(opened)
        now = utc_now()
        asking = [
            (unit, refresh_prices_of.with_options(tags=scan_tags(unit.account_id)).submit(opened, unit, run_id=run_id, now=now))
            for unit in units
        ]
        answers = settle_prices(workspace, asking, run_id=run_id, now=now)
    return sum(one.status.is_gap for one in answers)

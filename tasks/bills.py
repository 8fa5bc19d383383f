"""The bill's effects: read from Cost Explorer or an export, kept with the snapshot, and held against the estimate."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from prefect import task

from cloudmigrate import log, settings
from cloudmigrate.domain.baseline import NOT_TOLD, BillLine, Compared, Estimated, Gate, compare, gaps, gate, monthly_bill
from cloudmigrate.domain.cost_policy import COST_EXPLORER
from cloudmigrate.domain.estate import Estate
from cloudmigrate.domain.money import NOTHING
from cloudmigrate.errors.inputs import BillFileError
from cloudmigrate.lake.baseline import bill_of, estimates, write_baseline, write_bill
from cloudmigrate.lake.bills import read_bill
from cloudmigrate.lake.connection import limit
from cloudmigrate.lake.cost_datasets import BASELINE
from cloudmigrate.workspace import Workspace, s3_access
from tasks.estate import aws_sessions, retryable
from tasks.snapshots import publish

logger = log.get_logger(__name__)
MONTHS = 2  # whole ones before this month


@task(
    name="fetch-bill",
    task_run_name="bill of {snapshot_id}",
    retries=2,
    retry_delay_seconds=[5, 30],
    retry_condition_fn=retryable,
)
def fetch_bill(estate: Estate, *, snapshot_id: str, run_id: str, now: datetime) -> int:
    """Keep the bill with the snapshot: an export, or what Cost Explorer tells of the last whole months; how many accounts' are not told.

    An estate whose file names no bill has none. What an account may not ask is kept as a line that says so.
    Raises BillFileError, LakeError.
    """
    if estate.costs.bill is None:
        return 0
    workspace = Workspace.open(estate)
    with log.bound(run_id):
        lines = _asked(estate, run_id, now) if estate.costs.bill == COST_EXPLORER else _exported(estate.costs.bill)
        part = write_bill(workspace.lake, lines, snapshot_id=snapshot_id, part=f"bill-{log.short_id()}")
        publish(workspace, snapshot_id, part.dataset, [part] if part.rows else [], run_id)
        logger.info("read the bill", snapshot=snapshot_id, lines=part.rows, source=estate.costs.bill)
    return len(gaps(lines))


@task(
    name="hold-against-bill",
    task_run_name="baseline of {snapshot_id}",
    retries=2,
    retry_delay_seconds=[2, 10],
    retry_condition_fn=retryable,
)
def hold_against_bill(estate: Estate, *, snapshot_id: str, run_id: str) -> Gate:
    """Publish how far the present estate's estimate is from the bill, service by service; whether forecasts may be shown."""
    workspace = Workspace.open(estate)
    limit_pct = estate.costs.bill_error_limit_pct
    with log.bound(run_id):
        with workspace.views(snapshot_id) as views:
            lines, ours = bill_of(views), estimates(views)
            not_told = gaps(lines)
            compared: tuple[Compared, ...] = _compared(estate, lines, ours) if lines and ours and not not_told else ()
            part = write_baseline(views, compared, limit_pct=limit_pct, part=f"baseline-{log.short_id()}")
        publish(workspace, snapshot_id, BASELINE.name, [part] if part.rows else [], run_id)
        told = gate(compared, limit_pct=limit_pct, not_told=not_told)
        (logger.warning if told.withheld or not_told else logger.info)(told.reason, snapshot=snapshot_id, services=told.services)
    return told


def _compared(estate: Estate, lines: Sequence[BillLine], ours: Sequence[Estimated]) -> tuple[Compared, ...]:
    try:
        return compare(monthly_bill(lines), ours, limit_pct=estate.costs.bill_error_limit_pct)
    except ValueError as error:
        raise BillFileError(estate.costs.bill or "bill_lines", str(error)) from error


def _exported(location: str) -> list[BillLine]:
    access = s3_access(location) if location.startswith("s3://") else None
    return read_bill(location, s3=access, memory_limit=limit(settings.current().memory_limit_mb))


def _asked(estate: Estate, run_id: str, now: datetime) -> list[BillLine]:
    from cloudmigrate.aws.cost_explorer import billed

    sessions = aws_sessions(estate, run_id)
    start, end = months_before(now.date(), MONTHS)
    found: list[BillLine] = []
    for account in estate.accounts:
        lines, failure = billed(sessions, account.id, start, end)
        found += lines
        if failure is not None:
            logger.warning("the bill is not known", account=account.id, problem=failure.sentence)
            found.append(BillLine(account.id, "", NOT_TOLD, start, end, NOTHING, "USD", COST_EXPLORER, failure.sentence))
    return found


def months_before(day: date, count: int) -> tuple[date, date]:
    """The first day of the *count*-th month before that of *day*, and the first day of its own."""
    end = start = day.replace(day=1)
    for _ in range(count):
        start = (start - timedelta(days=1)).replace(day=1)
    return start, end

"""The cash curve's effects: drawn from the costs, traffic and commitments that a plan's snapshot sees. Makes no cloud call."""

from datetime import date
from decimal import Decimal

from prefect import task

from cloudmigrate import log
from cloudmigrate.domain.cash_curve import CashPolicy, Span, cash_curve, monthly_totals
from cloudmigrate.domain.cost_policy import NO_PRICES
from cloudmigrate.domain.estate import Estate
from cloudmigrate.domain.plan import Plan
from cloudmigrate.lake.baseline import gate_of
from cloudmigrate.lake.cash import has_costs, leases_left, snapshot_price, target_scenario, wave_money, wave_traffic, write_cash_curve
from cloudmigrate.lake.cost_datasets import CASH_CURVE
from cloudmigrate.workspace import Workspace
from tasks.estate import retryable
from tasks.snapshots import publish

logger = log.get_logger(__name__)
DAYS_OF_A_MONTH = 365 / 12


@task(
    name="draw-cash-curve",
    task_run_name="cash curve of {plan.plan_id}",
    retries=2,
    retry_delay_seconds=[2, 10],
    retry_condition_fn=retryable,
)
def draw_cash_curve(estate: Estate, plan: Plan) -> int:
    """Publish what the plan costs month by month; the number of entries. Without costs there is none, and the log says so."""
    workspace = Workspace.open(estate)
    costs = estate.costs
    with workspace.views(plan.snapshot_id, plan.plan_id) as views:
        if not has_costs(views):
            logger.warning(NO_PRICES, snapshot=plan.snapshot_id)
            return 0
        months, starts_on = months_of(plan)
        policy = CashPolicy(
            transfer_usd_per_gb=Decimal(str(plan.policy.transfer_usd_per_gb)),
            snapshot_usd_per_gb=snapshot_price(views, costs.target_region),
            double_running_days=Span(*costs.double_running_days),
        )
        scenario, held = target_scenario(views, costs.cash_scenario), gate_of(views)
        money = wave_money(views, scenario, months)
        entries = cash_curve(money, wave_traffic(views), leases_left(views, starts_on, costs.target_region, scenario), policy)
        part = write_cash_curve(views, plan.plan_id, entries, part=f"cash-{log.short_id()}")
    publish(workspace, plan.snapshot_id, CASH_CURVE.name, [part] if part.rows else [], plan.plan_id)
    if held.withheld:
        logger.warning(held.reason, plan=plan.plan_id, services=held.services)
    else:
        likely = {month: str(one.likely) for month, one in monthly_totals(entries).items()}
        logger.info("drew the cash curve", plan=plan.plan_id, entries=part.rows, scenario=scenario, likely_usd_by_month=likely)
    return part.rows


def months_of(plan: Plan) -> tuple[dict[int, int], date]:
    """The month of each wave, from 0, and the day from which they count: by the plan's dates, else by its distance between waves."""
    waves = plan.content["waves"]
    dated = {one["wave"]: date.fromisoformat(one["starts_on"]) for one in waves if one["starts_on"]}
    if waves and len(dated) == len(waves):
        first = min(dated.values())
        return {wave: (day.year - first.year) * 12 + day.month - first.month for wave, day in dated.items()}, first
    days = plan.policy.days_between_waves
    return {one["wave"]: int((one["wave"] - 1) * days / DAYS_OF_A_MONTH) for one in waves}, plan.created_at.date()

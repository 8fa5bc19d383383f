"""The commitment plans of a snapshot: how much ran in each hour, from the metrics; what is held; what each term asks.

One is of what runs now, one of what is recommended: each resource in the scenario that its strategy follows (`term_costs`), so at the type
and in the region that it will have, in the hours in which it ran until now. What is retired, or costs nobody knows what, is in none.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any

import pyarrow as pa

from cloudmigrate.domain.commitment_plan import NORMALIZED, Commitment, Offer, Pool, commitment_plan, held_units, used_nine_hours_of_ten
from cloudmigrate.domain.cost_policy import CostPolicy
from cloudmigrate.domain.held_plans import Covered, Place, SteadyUse, covered_by_plans, held_plans
from cloudmigrate.domain.money import EXACT, NOTHING, SMALLEST
from cloudmigrate.lake.connection import identifier
from cloudmigrate.lake.cost_datasets import COMMITMENT_PLAN, COMMITMENT_PLAN_RECOMMENDED
from cloudmigrate.lake.costs import prepare_reservable_lines
from cloudmigrate.lake.lake import Part
from cloudmigrate.lake.results import python_value, rows_of
from cloudmigrate.lake.series import Window
from cloudmigrate.lake.views import Views, sql_text

RUNNING = ("AWS::EC2::Instance", "AWS::RDS::DBInstance")
LOAD = "CPUUtilization|Average"
KINDS = {"ec2": "reserved_instance", "rds": "reserved_db_instance"}
MONEY_COLUMNS = (
    "p10_units",
    "held_units",
    "plan_units",
    "commit_units",
    "on_demand_hourly_usd",
    "committed_hourly_usd",
    "monthly_saving_usd",
)


NOW = "select distinct uid, scenario from scenario_lines where scenario = 'as_is'"
RECOMMENDED = "select uid, of_scenario as scenario from term_costs where scenario = 'recommended' and term = 'on_demand'"


def write_commitment_plan(views: Views, window: Window, *, part: str = "all") -> Part:
    """Publish what to commit to now as one part, after `write_costs` on the same views. Without metrics there is none. Raises LakeError."""
    rows = (_row(one) for one in commitments_of(views, window))
    return views.lake.write(COMMITMENT_PLAN, rows, snapshot_id=views.selection.snapshot_id, part=part)


def write_recommended_commitments(views: Views, policy: CostPolicy, window: Window, *, part: str = "all") -> Part:
    """Publish what to commit to once what *views* recommend is done, as one part; it needs no other call before. Raises LakeError."""
    prepare_reservable_lines(views, policy)
    rows = (_row(one) for one in commitments_of(views, window, RECOMMENDED))
    return views.lake.write(COMMITMENT_PLAN_RECOMMENDED, rows, snapshot_id=views.selection.snapshot_id, part=part)


def commitments_of(views: Views, window: Window, followed: str = NOW) -> tuple[Commitment, ...]:
    """What to commit to, by region, pool and term; *followed* gives the scenario that counts of each uid (NOW or RECOMMENDED)."""
    series = [one for one in views.wide if one.type in RUNNING and LOAD in one.value_columns]
    if not series:
        return ()
    points = (f"select uid, observed_at from wide.{identifier(one.view)} where {identifier(LOAD)} is not null" for one in series)  # noqa: S608
    views.execute(f"create or replace temp view running_points as {' union all '.join(points)}")
    views.execute(f"create or replace temp view followed_scenarios as {followed}")
    units = [{"size": size, "units": float(factor)} for size, factor in NORMALIZED.items()]
    views.register("size_units", units, pa.schema([("size", pa.string()), ("units", pa.float64())]))
    span = {"since": window.start, "until": window.end}
    found: Any = rows_of(views.execute(sql_text("committed_use"), span), python_value)[1]
    hours = int((window.end - window.start).total_seconds() // 3600)
    pools = [_pool(row, hours) for row in found]
    offers = {(row["region"], row["pool"]): list(_offers(views, row)) for row in found}
    # Engines of one family are pools of their own, and a reservation is of one: the first by name, where several run.
    pool_of = {}
    for row in reversed(found):
        service, family = row["pool"].split(":")[:2]
        if service in KINDS and family.rpartition(".")[2] not in NORMALIZED:
            pool_of[KINDS[service], family] = row["pool"]
    held = held_units(views.rows("commitments"), pool_of)
    return commitment_plan(pools, held, offers, _covered(views, found, pools, held))


def _covered(views: Views, found: list[dict[str, Any]], pools: list[Pool], held: Mapping[Place, Decimal]) -> Covered:
    """What the savings plans that are held cover of what always runs and no reservation covers."""
    plans = held_plans(views.rows("commitments"))
    named = [{name: row[name] for name in ("region", "pool", "rate_key")} for row in found]
    views.register("committed_pools", named, pa.schema([(name, pa.string()) for name in ("region", "pool", "rate_key")]))
    units = {(row["region"], row["pool"]): Decimal(str(row["rate_units"])) for row in found}
    rates = {}
    for commitment_id, region, pool, price in views.execute(sql_text("held_plan_rates")).fetchall() if plans else ():
        rates[str(commitment_id), (str(region), str(pool))] = EXACT.divide(price, units[region, pool])
    uses = (
        SteadyUse(
            (one.region, one.name),
            max(used_nine_hours_of_ten(one) - held.get((one.region, one.name), NOTHING), NOTHING),
            one.on_demand,
        )
        for one in pools
    )
    return covered_by_plans(plans, uses, rates)


def _pool(row: dict[str, Any], hours: int) -> Pool:
    units = tuple(Decimal(str(one)) for one in row["units"])
    return Pool(row["region"], row["pool"], hours, units, EXACT.divide(row["price"], Decimal(str(row["rate_units"]))))


def _offers(views: Views, row: dict[str, Any]) -> Iterator[Offer]:
    units = Decimal(str(row["rate_units"]))
    leases = "select term, price, upfront, lease_years from rates where region = $region and rate_key = $key and lease_years is not null"
    params = {"region": row["region"], "key": row["rate_key"]}
    for term, price, upfront, years in views.execute(f"{leases} and not ambiguous order by term", params).fetchall():
        yield Offer(str(term), EXACT.divide(price, units), EXACT.divide(upfront, units), int(years))


def _row(one: Commitment) -> dict[str, Any]:
    row = asdict(one)
    return row | {name: row[name].quantize(SMALLEST, context=EXACT) for name in MONEY_COLUMNS}

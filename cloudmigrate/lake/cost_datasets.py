"""The datasets of cost; `datasets` joins them to the others. Money is exact: ten places, rounded once for each line."""

from dataclasses import replace

import pyarrow as pa

from cloudmigrate.lake.dataset import Dataset, columns

TEXT, NUMBER, DAY, MONEY = pa.string(), pa.float64(), pa.date32(), pa.decimal128(38, 10)

COSTS = Dataset(
    name="costs",
    grain="one row per (resource, scenario, term): what it costs in a month of 730 hours, with every line behind it",
    keys=("uid", "scenario", "term"),
    json_columns=("components",),
    remarks={
        "scenario": "as_is, rehost, rehost_rightsized, replatform, retire",
        "term": "on_demand, reserved_1y_no_upfront, ..., compute_savings_plan_3y, ..., spot; only where it has a price of the term",
        "region": "whose prices these are: the target's in scenarios that move",
        "status": "priced, partly (some line is not known: the sum is of the others), unpriced",
        "monthly_cost_usd": "list price; an upfront fee is spread over its lease; null, never 0, where nothing is priced",
        "low_usd": "with the least that assumed quantities may be; of spot, the cheapest zone's median",
        "high_usd": "with the most; of spot, the dearest zone's 90th percentile",
        "price_version": "of every price list behind it",
        "sampled_on": "day of the oldest price that is a dated sample; null: none is",
        "reason": "which lines are not known and why; of retire, what remains",
        "components": "list of lines: quantity, price, monthly_usd (text, exact), evidence (measured, configured, assumed), assumption",
    },
    schema=columns(
        ("uid", TEXT),
        ("scenario", TEXT),
        ("term", TEXT),
        ("region", TEXT),
        ("status", TEXT),
        ("components", TEXT),
        nullable=(
            ("monthly_cost_usd", MONEY),
            ("low_usd", MONEY),
            ("high_usd", MONEY),
            ("price_version", TEXT),
            ("sampled_on", DAY),
            ("reason", TEXT),
        ),
    ),
)
BILL_LINES = Dataset(
    name="bill_lines",
    grain="one row per (source, account, service, category, billing period): what was charged",
    keys=("source", "account_id", "service", "category", "covered_from"),
    remarks={
        "source": "cost_explorer, focus, cur",
        "service": "as the bill calls it",
        "category": "Usage, Purchase, Tax, Credit, Adjustment, Refund; not_told (see gap)",
        "covered_from": "first day of the period with a charge",
        "covered_to": "the day after the last",
        "amount": "unblended or billed cost, summed",
        "gap": "why the account's bill could not be read; null: this line is of a bill",
    },
    schema=columns(
        ("source", TEXT),
        ("account_id", TEXT),
        ("service", TEXT),
        ("category", TEXT),
        ("covered_from", DAY),
        ("covered_to", DAY),
        ("amount", MONEY),
        ("currency", TEXT),
        nullable=(("gap", TEXT),),
    ),
)
BASELINE = Dataset(
    name="baseline",
    grain="one row per service that is billed or estimated: the present estate's estimate held against the bill",
    keys=("service",),
    remarks={
        "verdict": "matches, partly (near, but most of what runs has no price: not counted as reproduced), "
        "differs (forecasts are withheld), small (too little to tell), not_estimated (no rule prices it)",
        "billed_usd": "usage and purchases of a month of 730 hours, by the hours that the bill covers",
        "estimated_usd": "of scenario as_is on demand; null where no rule prices the service",
        "error_pct": "of the bill; above 0: estimated too high",
        "limit_pct": "above which forecasts are withheld",
        "lines": "of the estimate: what is billed of its resources",
        "priced_lines": "of these: with a quantity and a price",
    },
    schema=columns(
        ("service", TEXT),
        ("verdict", TEXT),
        ("billed_usd", MONEY),
        ("limit_pct", NUMBER),
        ("reason", TEXT),
        nullable=(("estimated_usd", MONEY), ("error_pct", NUMBER), ("lines", pa.int64()), ("priced_lines", pa.int64())),
    ),
)
COMMITMENT_PLAN = Dataset(
    name="commitment_plan",
    grain="one row per (region, pool, term): how much to commit to",
    keys=("region", "pool", "term"),
    remarks={
        "pool": "what one reservation can serve: a family where sizes are flexible, else one rate",
        "hours": "of the window that use was measured in",
        "p10_units": "normalized units (a large is 4) that ran in nine hours of ten; of a pool of one rate, things",
        "held_units": "of active reservations",
        "plan_units": "that savings plans cover, of what always ran and no reservation covers",
        "commit_units": "whole units to commit to: p10 less held and covered, where the term saves",
        "on_demand_hourly_usd": "of the units to commit to",
        "committed_hourly_usd": "with their share of the upfront fee",
    },
    schema=columns(
        ("region", TEXT),
        ("pool", TEXT),
        ("term", TEXT),
        ("hours", pa.int64()),
        ("p10_units", MONEY),
        ("held_units", MONEY),
        ("commit_units", MONEY),
        ("on_demand_hourly_usd", MONEY),
        ("committed_hourly_usd", MONEY),
        ("monthly_saving_usd", MONEY),
        ("reason", TEXT),
        nullable=(("plan_units", MONEY),),
    ),
)
COMMITMENT_PLAN_RECOMMENDED = replace(
    COMMITMENT_PLAN,
    name="commitment_plan_recommended",
    grain="one row per (region, pool, term): how much to commit to once what is recommended is done; made anew with recommendations",
    remarks={
        **COMMITMENT_PLAN.remarks,
        "region": "where the resource will be",
        "pool": "of the types that the resources will have, in the hours in which they ran until now; what is retired is in none",
    },
)
CASH_CURVE = Dataset(
    name="cash_curve",
    grain="one row per (plan, month, wave, item, basis): what the migration costs, month by month, in whole cents",
    keys=("plan_id", "month", "wave", "item", "basis"),
    per_plan=True,
    remarks={
        "month": "from 0: the month of the first wave",
        "item": "source, target, double_running, replication, snapshots, transfer, stranded_commitments",
        "basis": "what it comes from, in words",
    },
    schema=columns(
        ("plan_id", TEXT),
        ("month", pa.int32()),
        ("wave", pa.int32()),
        ("item", TEXT),
        ("basis", TEXT),
        ("low_usd", MONEY),
        ("likely_usd", MONEY),
        ("high_usd", MONEY),
    ),
)
COST_DATASETS: tuple[Dataset, ...] = (COSTS, BILL_LINES, BASELINE, COMMITMENT_PLAN, COMMITMENT_PLAN_RECOMMENDED, CASH_CURVE)

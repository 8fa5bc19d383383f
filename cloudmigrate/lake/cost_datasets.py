"""The datasets of cost; `datasets` joins them to the others. Money is exact: ten places, rounded once for each line."""

import pyarrow as pa

from cloudmigrate.lake.dataset import Dataset, columns

TEXT, COUNT, NUMBER, DAY, MONEY = pa.string(), pa.int64(), pa.float64(), pa.date32(), pa.decimal128(38, 10)

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
COST_DATASETS: tuple[Dataset, ...] = (COSTS,)

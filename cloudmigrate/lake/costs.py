"""Costs of the whole estate, computed in DuckDB: prices become rates, resources become lines of quantities, lines meet rates by scenario.

A line is one thing that is billed: uid, line (its name), variant (always; now or replatform where the two differ), size and key ({size} in
it is the size's place), quantity with low and high (a month), evidence, assumption, and unknown (why there is no quantity). Every service
has an SQL file of lines. Quantities are decimals with six places, prices with ten.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict

import pyarrow as pa

from cloudmigrate.domain.cost_policy import CostPolicy
from cloudmigrate.domain.cost_rates import PLATFORMS, RATE_RULES
from cloudmigrate.domain.cost_scenarios import FARGATE_SIZES, FREE_TYPES, GRAVITON_SIBLINGS, SCENARIO_RULES, TERMS
from cloudmigrate.domain.money import HOURS_PER_MONTH, HOURS_PER_YEAR
from cloudmigrate.domain.object_classes import CLASS_OFFERS, STORAGE_TYPES
from cloudmigrate.domain.patterns import BATCH_DUTY_AT_MOST
from cloudmigrate.domain.strategy_features import RULED_OUT_DAYS
from cloudmigrate.lake.cost_datasets import COSTS
from cloudmigrate.lake.function_time import make_function_time
from cloudmigrate.lake.lake import Part, part_path
from cloudmigrate.lake.parquet import one_ahead
from cloudmigrate.lake.utilisation import AFTER_EVERY_UID
from cloudmigrate.lake.views import Views, sql_text

CURRENCY = "USD"
LINE_FILES = (
    *("instance_lines", "volume_lines", "snapshot_lines", "database_lines", "cache_lines", "bucket_lines"),
    *("object_lines", "function_lines"),
    *("container_lines", "balancer_lines", "network_lines", "request_lines", "message_lines", "item_lines", "transfer_lines"),
)
RESERVABLE_FILES = ("instance_lines", "database_lines")
LINES = """create or replace temp table cost_lines (
    uid varchar, line varchar, variant varchar, size varchar, key varchar, quantity decimal(20, 6), low decimal(20, 6), high decimal(20, 6),
    evidence varchar, assumption varchar, unknown varchar
)"""
UIDS_A_RANGE = 4_000  # a resource has some tens of rows, each with its lines as text: about 100 MB a range
TEXT = pa.string()


def write_costs(views: Views, policy: CostPolicy, *, part: str = "all") -> Part:
    """Publish `costs` of a snapshot as one part. Raises LakeError."""
    prepare_lines(views, policy)
    path = part_path(COSTS, views.selection.snapshot_id, part)
    return views.lake.write_batches(COSTS, path, one_ahead(_costs(views)))


def has_prices(views: Views) -> bool:
    """Whether the snapshot sees any price at all."""
    return bool(views.execute("select 1 from prices limit 1").fetchall())


def prepare_lines(views: Views, policy: CostPolicy) -> None:
    """Make the tables that `costs.sql` reads: rates, lines by scenario, totals of tiers, and what fits spot."""
    _prepare(views, policy)
    _registered(views, "free_types", ({"type": one} for one in sorted(FREE_TYPES)), {})
    _bucket_classes(views, policy.target_region)
    make_function_time(views)
    _insert_lines(views, LINE_FILES)
    views.execute(f"insert into cost_lines by name {sql_text('unruled_lines')}")
    _scenario_lines(views, policy)
    _table(views, "tiered_totals")
    _table(views, "spot_fits")
    for macro in ("shared_out", "line_cost"):
        views.execute(sql_text(macro))


def prepare_reservable_lines(views: Views, policy: CostPolicy) -> None:
    """Make the rates, and the lines by scenario of servers and databases alone: what can be committed to, in a part of the time."""
    _prepare(views, policy)
    _insert_lines(views, RESERVABLE_FILES)
    _scenario_lines(views, policy)


def _prepare(views: Views, policy: CostPolicy) -> None:
    make_rates(views, [policy.target_region] if policy.target_region else [])
    _registered(views, "scenario_rules", (asdict(one) for one in SCENARIO_RULES), {"moves": pa.bool_()})
    _registered(views, "graviton_siblings", ({"x86": x86, "arm": arm} for x86, arm in GRAVITON_SIBLINGS), {})
    told = ({"uid": one.uid, "key": one.rate_key} for one in policy.managed_databases)
    _registered(views, "managed_databases", told, {}, empty=("uid", "key"))
    sizes = ({"vcpus": vcpus, "least_gb": least, "most_gb": most} for vcpus, least, most in FARGATE_SIZES)
    _registered(views, "fargate_sizes", sizes, dict.fromkeys(("vcpus", "least_gb", "most_gb"), pa.int32()))
    _table(views, "scheduled_servers", {"duty_at_most": BATCH_DUTY_AT_MOST, "days_at_least": RULED_OUT_DAYS})
    _table(views, "monthly_use", {"hours": HOURS_PER_MONTH})


def _insert_lines(views: Views, names: Iterable[str]) -> None:
    views.execute(LINES)
    for name in names:
        text = sql_text(name)
        views.execute(f"insert into cost_lines by name {text}", {"hours": HOURS_PER_MONTH} if "$hours" in text else None)


def _scenario_lines(views: Views, policy: CostPolicy) -> None:
    _table(views, "scenario_lines", {"target_region": policy.target_region, "profile": policy.sizing_profile})


def make_rates(views: Views, more_regions: Iterable[str] = ()) -> None:
    """Make the table `rates` of the regions that the inventory lies in, and of *more_regions*."""
    regions = {str(row[0]) for row in views.execute("select distinct region from inventory").fetchall()}
    _registered(views, "cost_regions", ({"region": one} for one in sorted(regions | set(more_regions))), {}, empty=("region",))
    _registered(views, "platforms", ({"operation": a, "details": b, "name": c} for a, b, c in PLATFORMS), {})
    _registered(views, "rate_rules", ({**asdict(one), "factor": str(one.factor)} for one in RATE_RULES), {})
    _registered(views, "cost_terms", (asdict(one) for one in TERMS), {"lease_years": pa.int32()})
    _table(views, "rates")


def _bucket_classes(views: Views, target_region: str | None) -> None:
    """Make the tables that say how each bucket is read, and which class its data would cost the least in."""
    types = ({**asdict(one), "metric": one.metric} for one in STORAGE_TYPES)
    _registered(views, "storage_types", types, {})
    offers = ({**asdict(one), "reads_below": str(one.reads_below)} for one in CLASS_OFFERS)
    _registered(views, "class_offers", offers, {"smallest_billed": pa.int64(), "least_days": pa.int32()})
    _table(views, "bucket_access")
    _table(views, "bucket_classes", {"target_region": target_region})


def _costs(views: Views) -> Iterator[pa.Table]:
    shared = {"currency": CURRENCY, "lease_year_hours": HOURS_PER_YEAR}
    for uids in _uid_ranges(views):
        yield views.table(sql_text("costs"), COSTS, {**shared, **uids})
    yield views.table(sql_text("retired"), COSTS)


def _uid_ranges(views: Views) -> Iterator[dict[str, object]]:
    """Ranges of uids that together hold every uid once."""
    uids = [str(row[0]) for row in views.execute("select distinct uid from cost_lines order by uid").fetchall()]
    bounds = ["", *(uids[place] for place in range(UIDS_A_RANGE, len(uids), UIDS_A_RANGE))]
    for start, end in zip(bounds, [*bounds[1:], AFTER_EVERY_UID], strict=True):
        yield {"uid_from": start, "uid_before": end}


def _table(views: Views, name: str, params: Mapping[str, object] | None = None) -> None:
    views.execute(f"create or replace temp table {name} as {sql_text(name)}", params)


def _registered(
    views: Views, name: str, rows: Iterable[Mapping[str, object]], types: Mapping[str, pa.DataType], *, empty: tuple[str, ...] = ()
) -> None:
    """The rows as a table of this connection; columns are texts unless *types* says otherwise."""
    listed = list(rows)
    names = tuple(listed[0]) if listed else empty
    views.register(name, listed, pa.schema([(one, types.get(one, TEXT)) for one in names]))

"""The cash curve of a plan: what its waves cost, exchange and leave behind, out of the lake, and the curve's rows."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from cloudmigrate.domain.cash_curve import Entry, Lease, Span, WaveMoney, WaveTraffic
from cloudmigrate.domain.cost_scenarios import Scenario
from cloudmigrate.domain.held_plans import INSTANCE
from cloudmigrate.domain.money import HOURS_PER_MONTH, effective_hourly, monthly, total
from cloudmigrate.lake.cost_datasets import CASH_CURVE
from cloudmigrate.lake.costs import make_rates
from cloudmigrate.lake.lake import Part
from cloudmigrate.lake.views import Views

SNAPSHOT_KEY = "snapshot:storage"
YEARS = {"1y": 1, "3y": 3}
SAVINGS_PLAN, RESERVED_SERVER = "savings_plan", "reserved_instance"


def target_scenario(views: Views, asked: str) -> str:
    """The scenario that the target's costs are taken from: *asked*, but moving like for like where no strategy was recommended yet."""
    known = views.execute("select 1 from term_costs where scenario = $asked limit 1", {"asked": asked}).fetchone()
    return asked if known or asked != Scenario.RECOMMENDED else Scenario.REHOST


def wave_money(views: Views, scenario: str, months: Mapping[int, int]) -> list[WaveMoney]:
    """What each wave costs a month where it is and in that scenario."""
    return [
        WaveMoney(
            row["wave"],
            months[row["wave"]],
            Span(row["source_low"], row["source_likely"], row["source_high"]),
            Span(row["target_low"], row["target_likely"], row["target_high"]),
            row["storage_gb"],
            row["source_open"],
            row["target_open"],
            Span(row["moving_low"], row["moving_likely"], row["moving_high"]),
        )
        for row in views.run("wave_money", scenario=scenario)
    ]


def wave_traffic(views: Views) -> list[WaveTraffic]:
    """What the waves exchange in a month."""
    return [WaveTraffic(**row) for row in views.run("wave_traffic", hours=HOURS_PER_MONTH)]


def leases_left(views: Views, starts_on: date, target_region: str | None, scenario: str = Scenario.REHOST) -> list[Lease]:
    """What is committed to and used by nothing once the last of its family has left its region, or the family, each to its end.

    These are reservations, an upfront fee included, and EC2 Instance savings plans, whose commitment includes theirs. Compute plans go
    along to any region and family. Without a target region everything stays in its own, and only another family leaves one behind.
    """
    families = views.run("wave_families", scenario=scenario, target_region=target_region)
    left = {(row["kind"], row["region"], row["family"]): row["wave"] for row in families}
    found = []
    for one in views.rows("commitments"):
        wave = left.get(_serves(one))
        if one["state"] != "active" or wave is None or one["end_at"] is None:
            continue
        ends = one["end_at"].date()
        months = (ends.year - starts_on.year) * 12 + ends.month - starts_on.month
        found.append(Lease(wave, _monthly(one), months, one["offering_class"] == "convertible"))
    return [_merged(some) for some in _alike(found)]


def _serves(one: Mapping[str, Any]) -> tuple[str, str, str]:
    """The kind of reservation, region and family whose use a commitment is for; of Compute plans none."""
    if one["kind"] == SAVINGS_PLAN:
        is_tied = one["offering_class"] == INSTANCE and one["hourly_commitment"] is not None
        return (RESERVED_SERVER if is_tied else "", str(one["region"]), str(one["instance_family"]))
    return (str(one["kind"]), str(one["region"]), str(one["instance_type"] or "").rpartition(".")[0])


def _monthly(one: Mapping[str, Any]) -> Decimal:
    """What a commitment costs a month."""
    if one["kind"] == SAVINGS_PLAN:
        return monthly(one["hourly_commitment"])
    return monthly(effective_hourly(one["recurring_hourly"] or Decimal(0), one["upfront"], YEARS.get(str(one["term"]), 1)), one["count"])


def snapshot_price(views: Views, region: str | None) -> Decimal | None:
    """What a gigabyte of a snapshot costs in *region*, else in the dearest of the estate's; None where no price is known."""
    make_rates(views, [region] if region else [])
    known = "select max(price) from rates where rate_key = $key and term = 'on_demand' and not ambiguous and begin_range = 0"
    found = views.execute(f"{known} and ($region is null or region = $region)", {"key": SNAPSHOT_KEY, "region": region}).fetchone()
    return found[0] if found else None


def has_costs(views: Views) -> bool:
    """Whether the snapshot's costs were told."""
    return bool(views.execute("select 1 from costs limit 1").fetchall())


def write_cash_curve(views: Views, plan_id: str, entries: Iterable[Entry], *, part: str) -> Part:
    """Publish the curve of a plan as one part. Raises LakeError."""
    rows = (
        {
            "plan_id": plan_id,
            "month": one.month,
            "wave": one.wave,
            "item": str(one.item),
            "basis": one.basis,
            "low_usd": one.amount.low,
            "likely_usd": one.amount.likely,
            "high_usd": one.amount.high,
        }
        for one in entries
    )
    return views.lake.write(CASH_CURVE, rows, snapshot_id=views.selection.snapshot_id, part=part)


def _alike(leases: Iterable[Lease]) -> Iterator[list[Lease]]:
    """Leases that end together and are left with the same wave: one entry a month tells of them."""
    groups: dict[Any, list[Lease]] = {}
    for one in leases:
        groups.setdefault((one.wave, one.may_be_given_back, one.months), []).append(one)
    yield from groups.values()


def _merged(leases: list[Lease]) -> Lease:
    first = leases[0]
    return Lease(first.wave, total(one.monthly_usd for one in leases), first.months, first.may_be_given_back)

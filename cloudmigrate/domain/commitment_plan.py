"""How much to commit to: the use that is there in nine hours of ten, less what is committed already. Not the peak, nor the mean.

A pool is what one reservation can serve: of Linux servers and of open-source databases all sizes of a family in a region, counted in
normalized units; of others one type. Source of the factors and of which are flexible: Amazon EC2 User Guide, "How Reserved Instances are
applied" (instance size flexibility); Amazon RDS User Guide, "Size-flexible reserved DB instances".
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from cloudmigrate.domain.held_plans import Covered
from cloudmigrate.domain.money import EXACT, HOURS_PER_MONTH, NOTHING, effective_hourly, times, total

USED_IN_SHARE = Decimal("0.1")  # the 10th percentile: committed hours are used in nine of ten
NORMALIZED: Mapping[str, Decimal] = {
    "nano": Decimal("0.25"),
    "micro": Decimal("0.5"),
    "small": Decimal(1),
    "medium": Decimal(2),
    "large": Decimal(4),
    "xlarge": Decimal(8),
    **{f"{number}xlarge": Decimal(8 * number) for number in (2, 3, 4, 6, 8, 9, 10, 12, 16, 18, 24, 32, 48, 56, 112)},
}

NOT_COVERED = Covered({}, frozenset())


@dataclass(frozen=True, slots=True)
class Pool:
    """What one reservation can serve, and how much of it ran in each hour of the window."""

    region: str
    name: str  # such as ec2:m5:linux, or a rate's whole key where sizes are not flexible
    hours: int  # of the window; hours without a row had nothing
    units: tuple[Decimal, ...]  # of each hour with any, in any order
    on_demand: Decimal  # USD an hour of one unit


@dataclass(frozen=True, slots=True)
class Offer:
    """What one unit of a pool costs under a term."""

    term: str
    hourly: Decimal
    upfront: Decimal
    lease_years: int


@dataclass(frozen=True, slots=True)
class Commitment:
    """What to commit to of one pool under one term, beside what is held."""

    region: str
    pool: str
    term: str
    hours: int
    p10_units: Decimal
    held_units: Decimal
    plan_units: Decimal  # that savings plans cover of what no reservation does
    commit_units: Decimal
    on_demand_hourly_usd: Decimal  # of the units to commit to
    committed_hourly_usd: Decimal  # with their share of the upfront fee
    monthly_saving_usd: Decimal
    reason: str


def used_nine_hours_of_ten(pool: Pool) -> Decimal:
    """The units that ran in at least nine hours of ten: the smallest value that a tenth of the hours does not exceed (nearest rank)."""
    if not pool.hours:
        return NOTHING
    rank = -(-pool.hours * USED_IN_SHARE // 1)  # rounded up
    empty = pool.hours - len(pool.units)
    return NOTHING if rank <= empty else sorted(pool.units)[int(rank) - empty - 1]


def commitment_plan(
    pools: Iterable[Pool],
    held: Mapping[tuple[str, str], Decimal],
    offers: Mapping[tuple[str, str], Sequence[Offer]],
    covered: Covered = NOT_COVERED,
) -> tuple[Commitment, ...]:
    """What to commit to, by region, pool and term; *held* and *offers* by region and pool, *covered* by savings plans.

    Only whole units, and only what saves.
    """
    return tuple(
        _commitment(pool, offer, held.get((pool.region, pool.name), NOTHING), covered)
        for pool in sorted(pools, key=lambda one: (one.region, one.name))
        for offer in offers.get((pool.region, pool.name), ())
    )


def _commitment(pool: Pool, offer: Offer, held: Decimal, covered: Covered) -> Commitment:
    steady, place = used_nine_hours_of_ten(pool), (pool.region, pool.name)
    by_plans = covered.units.get(place, NOTHING)
    committed = effective_hourly(offer.hourly, offer.upfront, offer.lease_years)
    saving = EXACT.subtract(pool.on_demand, committed)
    units = max(steady - held - by_plans, NOTHING) // 1 if saving > NOTHING else NOTHING
    told = f"{steady:f} units ran in nine hours of ten of {pool.hours}, {held:f} are committed already"
    if by_plans > NOTHING:
        told += f", and savings plans cover {by_plans:.2f}"
    if place in covered.unknown:
        told += "; a savings plan is held whose rate for it is not known, and is not deducted"
    if saving <= NOTHING:
        told += "; this term costs no less than on demand"
    return Commitment(
        region=pool.region,
        pool=pool.name,
        term=offer.term,
        hours=pool.hours,
        p10_units=steady,
        held_units=held,
        plan_units=by_plans,
        commit_units=units,
        on_demand_hourly_usd=times(pool.on_demand, units),
        committed_hourly_usd=times(committed, units),
        monthly_saving_usd=times(times(saving, units), HOURS_PER_MONTH),
        reason=told,
    )


def held_units(commitments: Iterable[Mapping[str, object]], pool_of: Mapping[tuple[str, str], str]) -> dict[tuple[str, str], Decimal]:
    """Units of active reservations, by region and pool. *pool_of*: (kind, family or type) -> pool. Others are of no pool that runs."""
    found: dict[tuple[str, str], list[Decimal]] = {}
    for one in commitments:
        kind, name = str(one["kind"]), str(one["instance_type"] or "")
        family, _, size = name.rpartition(".")
        pool = pool_of.get((kind, family))
        if one["state"] == "active" and pool and size in NORMALIZED:
            count = Decimal(str(one["count"]))
            found.setdefault((str(one["region"]), pool), []).append(count * NORMALIZED[size])
    return {place: total(some) for place, some in found.items()}

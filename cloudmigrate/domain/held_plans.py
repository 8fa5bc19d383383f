"""What savings plans that are held cover of the use that is always there, in the order in which AWS applies them.

Reservations come first, then EC2 Instance plans, then Compute plans; each covers the use with the highest saving first, at its own rate,
until its hourly commitment is used up. Source: AWS Savings Plans User Guide, "How Savings Plans apply to your usage".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from cloudmigrate.domain.money import EXACT, NOTHING, times

INSTANCE, COMPUTE = "ec2_instance", "compute"
Place = tuple[str, str]  # region and pool


@dataclass(frozen=True, slots=True)
class HeldPlan:
    """A savings plan that is in force."""

    id: str
    offering_class: str
    hourly: Decimal  # commitment: USD an hour, the upfront part included
    region: str | None = None  # of EC2 Instance plans, as the family
    family: str | None = None

    def serves(self, region: str, pool: str) -> bool:
        """Whether it can cover use of that pool."""
        if not pool.startswith("ec2:"):
            return False
        return self.offering_class == COMPUTE or (self.region == region and pool.split(":")[1].split(".", maxsplit=1)[0] == self.family)


@dataclass(frozen=True, slots=True)
class SteadyUse:
    """What runs of a pool in nine hours of ten and no reservation covers, in units."""

    place: Place
    units: Decimal
    on_demand: Decimal  # USD an hour of one unit


@dataclass(frozen=True, slots=True)
class Covered:
    """What plans cover, by region and pool; and of which pools it is not known, as a plan's rate for them is not."""

    units: Mapping[Place, Decimal]
    unknown: frozenset[Place]


def covered_by_plans(plans: Iterable[HeldPlan], uses: Iterable[SteadyUse], rates: Mapping[tuple[str, Place], Decimal]) -> Covered:
    """The units that *plans* cover. *rates*: (plan's id, place) -> USD an hour of one unit under that plan."""
    listed = {one.place: one for one in uses if one.units > NOTHING}
    left = {place: one.units for place, one in listed.items()}
    unknown: set[Place] = set()
    for plan in sorted(plans, key=lambda one: (one.offering_class != INSTANCE, one.id)):
        places = [place for place in listed if plan.serves(*place)]
        unknown |= {place for place in places if (plan.id, place) not in rates}
        budget = plan.hourly
        for place in sorted((one for one in places if (plan.id, one) in rates), key=lambda one: _order(plan, listed[one], rates)):
            rate = rates[plan.id, place]
            units = min(left[place], EXACT.divide(budget, rate)) if rate > NOTHING else left[place]
            left[place] = EXACT.subtract(left[place], units)
            budget = max(EXACT.subtract(budget, times(rate, units)), NOTHING)
    found = {place: EXACT.subtract(one.units, left[place]) for place, one in listed.items()}
    return Covered({place: units for place, units in found.items() if units > NOTHING}, frozenset(unknown))


def _order(plan: HeldPlan, use: SteadyUse, rates: Mapping[tuple[str, Place], Decimal]) -> tuple[Decimal, Decimal, Place]:
    """The highest saving first, of equals the lowest rate."""
    rate = rates[plan.id, use.place]
    return (EXACT.divide(rate, use.on_demand) if use.on_demand > NOTHING else Decimal(1), rate, use.place)


def held_plans(commitments: Iterable[Mapping[str, object]]) -> tuple[HeldPlan, ...]:
    """The active Compute and EC2 Instance plans among the rows of the dataset `commitments`."""
    return tuple(
        HeldPlan(
            str(one["commitment_id"]),
            str(one["offering_class"]),
            Decimal(str(one["hourly_commitment"])),
            str(one["region"]) if one["offering_class"] == INSTANCE else None,
            str(one["instance_family"]) if one["offering_class"] == INSTANCE else None,
        )
        for one in commitments
        if one["kind"] == "savings_plan"
        and one["state"] == "active"
        and one["offering_class"] in (INSTANCE, COMPUTE)
        and one["hourly_commitment"] is not None
    )

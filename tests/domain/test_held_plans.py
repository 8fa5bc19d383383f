"""What savings plans that are held cover: instance plans first, the highest saving first; every number worked out by hand."""

from decimal import Decimal

from cloudmigrate.domain.commitment_plan import Offer, Pool, commitment_plan
from cloudmigrate.domain.held_plans import COMPUTE, INSTANCE, HeldPlan, SteadyUse, covered_by_plans, held_plans

FRANKFURT = "eu-central-1"
M5, C5, DB = (FRANKFURT, "ec2:m5:linux"), (FRANKFURT, "ec2:c5:linux"), (FRANKFURT, "rds:db.m5:postgres:single-az")


def use(place: tuple[str, str], units: int, on_demand: str) -> SteadyUse:
    return SteadyUse(place, Decimal(units), Decimal(on_demand))


def test_the_use_with_the_highest_saving_is_covered_first() -> None:
    """c5 saves a third (0.02 of 0.03), m5 a quarter (0.03 of 0.04). A commitment of 0.50: 10 units of c5 take 0.20, the other 0.30 cover
    10 of m5's 40."""
    plan = HeldPlan("p", COMPUTE, Decimal("0.50"))
    rates = {("p", M5): Decimal("0.03"), ("p", C5): Decimal("0.02")}
    found = covered_by_plans([plan], [use(M5, 40, "0.04"), use(C5, 10, "0.03"), use(DB, 9, "0.05")], rates)
    assert found.units == {C5: 10, M5: 10}
    assert found.unknown == frozenset()


def test_instance_plans_come_before_compute_plans_and_serve_their_family() -> None:
    """The instance plan (0.20 at 0.025 a unit) covers 8 of m5's 10; the compute plan's 0.60 the 2 that are left (0.06), and 27 of c5."""
    plans = [HeldPlan("a", COMPUTE, Decimal("0.60")), HeldPlan("z", INSTANCE, Decimal("0.20"), FRANKFURT, "m5")]
    rates = {("a", M5): Decimal("0.03"), ("a", C5): Decimal("0.02"), ("z", M5): Decimal("0.025")}
    found = covered_by_plans(plans, [use(M5, 10, "0.05"), use(C5, 90, "0.03")], rates)
    assert found.units == {M5: 10, C5: 27}


def test_a_plan_of_unknown_rate_covers_nothing_and_says_so() -> None:
    plans = [HeldPlan("z", INSTANCE, Decimal("0.20"), FRANKFURT, "m5"), HeldPlan("y", INSTANCE, Decimal(9), "us-east-1", "m5")]
    found = covered_by_plans(plans, [use(M5, 10, "0.05"), use(C5, 10, "0.05")], {})
    assert (found.units, found.unknown) == ({}, {M5})


def test_a_commitment_larger_than_the_use_covers_no_more_than_the_use() -> None:
    found = covered_by_plans([HeldPlan("p", COMPUTE, Decimal(100))], [use(M5, 10, "0.05")], {("p", M5): Decimal("0.04")})
    assert found.units == {M5: 10}


def test_what_plans_cover_is_not_committed_to_again() -> None:
    """20 units always; reservations hold 4, plans cover 6.5: 9 whole units are left of 9.5."""
    pool = Pool(*M5, 10, (Decimal(20),) * 10, Decimal("0.04"))
    covered = covered_by_plans([HeldPlan("p", COMPUTE, Decimal("0.195"))], [use(M5, 16, "0.04")], {("p", M5): Decimal("0.03")})
    (found,) = commitment_plan([pool], {M5: Decimal(4)}, {M5: [Offer("reserved_1y_no_upfront", Decimal("0.03"), Decimal(0), 1)]}, covered)
    assert (found.held_units, found.plan_units, found.commit_units) == (4, Decimal("6.5"), 9)
    assert found.reason == "20 units ran in nine hours of ten of 10, 4 are committed already, and savings plans cover 6.50"


def test_only_active_plans_of_computing_are_held() -> None:
    row = {"kind": "savings_plan", "state": "active", "hourly_commitment": Decimal(2), "region": "global", "instance_family": None}
    rows = [
        {**row, "commitment_id": "c", "offering_class": "compute"},
        {**row, "commitment_id": "i", "offering_class": "ec2_instance", "region": FRANKFURT, "instance_family": "m5"},
        {**row, "commitment_id": "s", "offering_class": "sagemaker"},
        {**row, "commitment_id": "r", "offering_class": "compute", "state": "retired"},
        {**row, "commitment_id": "ri", "offering_class": "standard", "kind": "reserved_instance"},
    ]
    assert held_plans(rows) == (HeldPlan("c", COMPUTE, Decimal(2)), HeldPlan("i", INSTANCE, Decimal(2), FRANKFURT, "m5"))

"""What to commit to: the tenth percentile of hourly use, existing commitments deducted; every number worked out by hand."""

from decimal import Decimal

import pytest

from cloudmigrate.domain.commitment_plan import NORMALIZED, Offer, Pool, commitment_plan, held_units, used_nine_hours_of_ten

FRANKFURT, POOL = "eu-central-1", "ec2:m5:linux"


def pool(*units: int, hours: int | None = None) -> Pool:
    """m5 at 0.115 an hour for a large, which is 4 units: 0.02875 a unit."""
    return Pool(FRANKFURT, POOL, len(units) if hours is None else hours, tuple(map(Decimal, units)), Decimal("0.02875"))


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        pytest.param(pool(*[40] * 10), 40, id="steady"),
        pytest.param(pool(8, *[40] * 9), 8, id="a-tenth-of-the-hours-is-low"),
        pytest.param(pool(8, *[40] * 19), 40, id="a-twentieth-is-low"),
        pytest.param(pool(*[40] * 8, hours=10), 0, id="empty-hours-count"),
        pytest.param(pool(*[40] * 19, hours=20), 40, id="few-empty-hours-do-not"),
        pytest.param(pool(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 500), 2, id="the-peak-says-nothing"),
        pytest.param(pool(hours=0), 0, id="no-window"),
    ],
)
def test_what_runs_in_nine_hours_of_ten(one: Pool, expected: int) -> None:
    assert used_nine_hours_of_ten(one) == expected


def test_the_plan_by_hand() -> None:
    """20 hours: by day 40 units, in 4 of them (a fifth) 12: p10 is 12. A large (4) is held: 8 are left.

    On demand 8 x 0.02875 = 0.23 an hour. Reserved for a year, partly upfront: 0.00875 + 77.5 / 8,760 = 0.017597031... each: 0.140776255...
    The month saves 730 x (0.23 - 0.140776255...) = 167.90 - (51.10 + 8 x 77.5 / 12 = 51.6666...) = 65.1333...
    """
    (found,) = commitment_plan(
        [pool(*[12] * 4, *[40] * 16)],
        {(FRANKFURT, POOL): Decimal(4)},
        {(FRANKFURT, POOL): [Offer("reserved_1y_partial_upfront", Decimal("0.00875"), Decimal("77.5"), 1)]},
    )
    assert (found.p10_units, found.held_units, found.commit_units) == (12, 4, 8)
    assert found.on_demand_hourly_usd == Decimal("0.23")
    assert round(found.committed_hourly_usd, 9) == Decimal("0.140776256")
    assert round(found.monthly_saving_usd, 4) == Decimal("65.1333")
    assert found.reason == "12 units ran in nine hours of ten of 20, 4 are committed already"


@pytest.mark.parametrize(
    ("held", "hourly", "reason"),
    [
        pytest.param("40", "0.01", "are committed already", id="enough-is-held"),
        pytest.param("0", "0.03", "this term costs no less than on demand", id="dearer-than-on-demand"),
    ],
)
def test_nothing_is_committed_that_does_not_save(held: str, hourly: str, reason: str) -> None:
    offers = {(FRANKFURT, POOL): [Offer("reserved_1y_no_upfront", Decimal(hourly), Decimal(0), 1)]}
    (found,) = commitment_plan([pool(*[20] * 10)], {(FRANKFURT, POOL): Decimal(held)}, offers)
    assert (found.commit_units, found.monthly_saving_usd) == (0, 0)
    assert reason in found.reason


def test_only_active_reservations_of_a_pool_that_runs_are_held() -> None:
    """Two m5.xlarge are 16 units; the expired, and the family that nobody runs, are none."""
    rows = [
        {"kind": "reserved_instance", "region": FRANKFURT, "instance_type": "m5.xlarge", "count": 2, "state": "active"},
        {"kind": "reserved_instance", "region": FRANKFURT, "instance_type": "m5.xlarge", "count": 1, "state": "retired"},
        {"kind": "reserved_instance", "region": FRANKFURT, "instance_type": "c4.large", "count": 1, "state": "active"},
        {"kind": "savings_plan", "region": "global", "instance_type": None, "count": 1, "state": "active"},
    ]
    assert held_units(rows, {("reserved_instance", "m5"): POOL}) == {(FRANKFURT, POOL): 16}


def test_each_size_is_twice_the_one_before() -> None:
    assert [NORMALIZED[name] for name in ("nano", "micro", "small", "medium", "large", "xlarge", "2xlarge", "24xlarge")] == [
        *(Decimal("0.25"), Decimal("0.5"), 1, 2, 4, 8, 16, 192)
    ]

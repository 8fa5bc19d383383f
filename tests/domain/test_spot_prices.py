"""Spot prices weighted by time, worked out by hand."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from cloudmigrate.domain.spot_prices import SpotPrice, distribution

FROM = datetime(2026, 11, 1, tzinfo=UTC)
TO = FROM + timedelta(hours=10)


def price(hour: float, amount: str) -> SpotPrice:
    return SpotPrice(FROM + timedelta(hours=hour), Decimal(amount))


def test_a_price_counts_for_as_long_as_it_held() -> None:
    """0.01 for 6 hours, 0.05 for 3, 0.09 for 1: half of the time at most 0.01, nine tenths at most 0.05."""
    found = distribution([price(0, "0.01"), price(6, "0.05"), price(9, "0.09")], FROM, TO)
    assert found is not None
    assert (found.median, found.p90, found.samples, found.window_from, found.window_to) == (Decimal("0.01"), Decimal("0.05"), 3, FROM, TO)


def test_the_price_before_the_window_holds_at_its_start() -> None:
    """Three days old, it held for the first 4 hours of ten; what came after the window did not."""
    found = distribution([price(-72, "0.02"), price(4, "0.04"), price(11, "9")], FROM, TO)
    assert found is not None
    assert (found.median, found.p90, found.samples, found.window_from) == (Decimal("0.04"), Decimal("0.04"), 2, FROM)


def test_where_no_earlier_price_is_known_the_window_begins_with_the_first() -> None:
    found = distribution([price(8, "0.03")], FROM, TO)
    assert found is not None
    assert (found.window_from, found.median) == (FROM + timedelta(hours=8), Decimal("0.03"))


def test_no_price_in_the_window_is_no_distribution() -> None:
    assert distribution([], FROM, TO) is None
    assert distribution([price(10, "0.03")], FROM, TO) is None


def test_of_two_prices_of_one_instant_the_last_holds() -> None:
    found = distribution([price(0, "0.01"), price(0, "0.02")], FROM, TO)
    assert found is not None
    assert (found.median, found.samples) == (Decimal("0.02"), 1)


MOMENTS = st.lists(st.tuples(st.integers(-50, 60), st.integers(1, 9)), min_size=1, max_size=8)


@given(MOMENTS)
def test_quantiles_are_prices_that_were_asked_and_in_order(moments: list[tuple[int, int]]) -> None:
    found = distribution([price(hour / 5, str(amount)) for hour, amount in moments], FROM, TO)
    if found is not None:
        assert found.median in {Decimal(amount) for _, amount in moments}
        assert found.median <= found.p90

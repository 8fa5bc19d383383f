"""Money: exact inside, whole cents at the border, and sums that add up."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmigrate.domain.money import HOURS_PER_MONTH, HOURS_PER_YEAR, cents, effective_hourly, exact, monthly, times, total

AMOUNTS = st.decimals(min_value=-(10**9), max_value=10**9, places=10)


def test_a_month_has_730_hours_and_a_year_8760() -> None:
    assert (HOURS_PER_MONTH, HOURS_PER_YEAR) == (730, 8760)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        pytest.param("0.1380000000", Decimal("0.138"), id="ten-places"),
        pytest.param("0.0000000001", Decimal("0.0000000001"), id="the-smallest"),
        pytest.param("2.0E-7", Decimal("0.0000002"), id="an-exponent"),
        pytest.param(" 134199 ", Decimal(134199), id="blanks-around"),
        pytest.param("9999999999999999999999999999.9999999999", Decimal("9999999999999999999999999999.9999999999"), id="the-largest"),
        pytest.param("10000000000000000000000000000", None, id="too-large"),
        pytest.param("0.00000000001", None, id="more-places-than-can-be-held"),
        pytest.param("", None, id="nothing"),
        pytest.param("NA", None, id="a-word"),
        pytest.param("NaN", None, id="no-number"),
        pytest.param("Infinity", None, id="infinite"),
    ],
)
def test_an_amount_is_read_to_the_last_digit_or_not_at_all(text: str, amount: Decimal | None) -> None:
    assert exact(text) == amount


@pytest.mark.parametrize(("amount", "shown"), [("0.005", "0.00"), ("0.015", "0.02"), ("-0.005", "0.00"), ("2.675", "2.68"), ("1", "1.00")])
def test_halves_go_to_the_even_cent(amount: str, shown: str) -> None:
    assert cents(Decimal(amount)) == Decimal(shown)


def test_a_month_of_an_m5_large() -> None:
    """0.096 an hour in us-east-1: 0.096 x 730 = 70.08."""
    assert monthly(Decimal("0.096")) == Decimal("70.080")
    assert monthly(Decimal("0.096"), 3) == Decimal("210.240")
    assert times(Decimal("0.0000000001"), 10**30) == Decimal(10**20)


def test_the_upfront_fee_is_spread_over_the_hours_of_the_lease() -> None:
    """876 for a year is 0.10 an hour; 876 for three years is a third of that."""
    assert effective_hourly(Decimal("0.05"), Decimal(876), 1) == Decimal("0.15")
    assert effective_hourly(Decimal(0), Decimal(2628), 3) == Decimal("0.1")


def test_a_sum_loses_nothing_however_small_beside_however_large() -> None:
    assert total([Decimal("1e27"), Decimal("0.0000000001"), Decimal("-1e27")]) == Decimal("0.0000000001")


def test_effective_hours_of_one_type_in_25_regions(third_party_data: Path) -> None:
    """What ec2instances.info states for reservations of x2iedn.32xlarge paid all upfront is a whole fee over the lease's hours."""
    path = third_party_data / "prices" / "ec2_single_instance.json"
    if not path.is_file():
        pytest.skip(f"there is no {path}")
    checked = 0
    for region in json.loads(path.read_text())["pricing"].values():
        for name, stated in region["linux"].get("reserved", {}).items():
            years = int(name[6])
            if name.endswith("allUpfront"):
                fee = (Decimal(stated) * HOURS_PER_YEAR * years).quantize(Decimal(1))
                assert effective_hourly(Decimal(0), fee, years).quantize(Decimal("0.000001")) == Decimal(stated)
                checked += 1
    assert checked >= 50


@given(st.lists(AMOUNTS, max_size=8))
def test_the_order_of_a_sum_does_not_matter(amounts: list[Decimal]) -> None:
    assert total(amounts) == total(reversed(amounts))

"""Money: exact decimals inside, whole cents only at the border of a report or a plan; and how many hours a month has."""

from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Context, Decimal, DecimalException, Inexact, localcontext

# AWS counts a month as 730 hours (8,760 / 12) in its own calculators (AWS Pricing Calculator, "Assumptions").
HOURS_PER_MONTH = 730
MONTHS_PER_YEAR = 12
HOURS_PER_YEAR = HOURS_PER_MONTH * MONTHS_PER_YEAR
PLACES = 10  # AWS states prices to ten places
DIGITS = 38  # of a price in the lake: decimal(38, 10)
NOTHING = Decimal(0)
CENT = Decimal("0.01")
SMALLEST = Decimal(1).scaleb(-PLACES)
MOST = Decimal(1).scaleb(DIGITS - PLACES)
# Products of a price and an amount have more digits than a price: enough that none is lost before the border.
EXACT = Context(prec=100, rounding=ROUND_HALF_EVEN)


def exact(text: str) -> Decimal | None:
    """The amount that *text* states, to the last digit; None where it states none, or one that no column of the lake can hold."""
    with localcontext(EXACT) as strict:
        strict.traps[Inexact] = True
        try:
            amount = Decimal(text.strip()).quantize(SMALLEST)
        except DecimalException:  # also of what rounding would change
            return None
        return amount if amount.is_finite() and abs(amount) < MOST else None


def total(amounts: Iterable[Decimal]) -> Decimal:
    """The exact sum: nothing is rounded on the way, and the order does not matter."""
    with localcontext(EXACT):
        return sum(amounts, NOTHING)


def times(price: Decimal, amount: Decimal | int) -> Decimal:
    """A price for so many units, exact."""
    with localcontext(EXACT):
        return price * amount


def monthly(hourly: Decimal, count: Decimal | int = 1) -> Decimal:
    """What *count* things at so much an hour cost in a month, exact."""
    with localcontext(EXACT):
        return hourly * HOURS_PER_MONTH * count


def effective_hourly(hourly: Decimal, upfront: Decimal, lease_years: int) -> Decimal:
    """What an hour of a lease costs with its share of the upfront fee; not a whole number of cents."""
    with localcontext(EXACT):
        return hourly + upfront / (HOURS_PER_YEAR * lease_years)


def cents(amount: Decimal) -> Decimal:
    """The amount as people are told it: two places, halves to the even cent."""
    with localcontext(EXACT):
        return amount.quantize(CENT)

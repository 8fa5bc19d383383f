"""Spot prices as a distribution over a window: a price counts for as long as it held, which is until the next one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

MEDIAN, P90 = Fraction(1, 2), Fraction(9, 10)
NO_TIME = timedelta(0)


@dataclass(frozen=True, slots=True)
class SpotPrice:
    """One price of one instance type and product in one zone, from an instant on."""

    at: datetime
    price: Decimal


@dataclass(frozen=True, slots=True)
class SpotDistribution:
    """What a market asked between two instants; *window_from* is later than asked for where no earlier price is known."""

    window_from: datetime
    window_to: datetime
    samples: int  # prices that held for any time in the window
    median: Decimal
    p90: Decimal


def distribution(prices: Iterable[SpotPrice], window_from: datetime, window_to: datetime) -> SpotDistribution | None:
    """The time-weighted distribution of *prices* in [window_from, window_to); None where none held in it.

    A price of before the window that no later one replaced before it holds at its start. Of two prices of one instant the later in
    the list holds: it has replaced the other. Quantiles are prices that were really asked: the lowest that was not exceeded for at
    least that share of the time.
    """
    in_order = sorted(prices, key=lambda one: one.at)
    held: dict[Decimal, timedelta] = {}
    samples, start = 0, None
    ends = [*(one.at for one in in_order[1:]), window_to]
    for one, replaced_at in zip(in_order, ends, strict=False):  # of no prices there is an end all the same
        begin, end = max(one.at, window_from), min(replaced_at, window_to)
        if begin >= end:
            continue
        start = start or begin
        samples += 1
        held[one.price] = held.get(one.price, NO_TIME) + (end - begin)
    if start is None:
        return None
    return SpotDistribution(start, window_to, samples, _quantile(held, MEDIAN), _quantile(held, P90))


def _quantile(held: dict[Decimal, timedelta], share: Fraction) -> Decimal:
    """The lowest price that, with those below it, held for at least *share* of the whole time."""
    microsecond = timedelta(microseconds=1)
    needed = share * (sum(held.values(), NO_TIME) // microsecond)
    passed = 0
    for price in sorted(held):
        passed += held[price] // microsecond
        if passed >= needed:
            return price
    return max(held)

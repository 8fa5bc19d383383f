"""What a migration costs month by month: both sites, running twice, copying, data between what has moved and what has not, and leases left.

A wave is cut over at the end of its month: its source is paid for up to that month, its target from the next one on, and the target also
for the days that both run. Each entry is whole cents, so every sum of entries is exact to the cent.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from cloudmigrate.domain.money import EXACT, HOURS_PER_MONTH, NOTHING, cents, times, total

DAYS_PER_MONTH = Decimal(HOURS_PER_MONTH) / 24


@dataclass(frozen=True, slots=True)
class Span:
    """An amount and the range that it lies in."""

    low: Decimal
    likely: Decimal
    high: Decimal

    @classmethod
    def of(cls, amount: Decimal | int) -> "Span":
        """An amount without a range."""
        return cls(Decimal(amount), Decimal(amount), Decimal(amount))

    def by(self, other: "Span") -> "Span":
        """Low by low, likely by likely, high by high; of amounts and factors that are not below 0."""
        return Span(times(self.low, other.low), times(self.likely, other.likely), times(self.high, other.high))

    def in_cents(self) -> "Span":
        """Each as people are told it."""
        return Span(cents(self.low), cents(self.likely), cents(self.high))


class Item(StrEnum):
    """What money goes to."""

    SOURCE = "source"
    TARGET = "target"
    DOUBLE_RUNNING = "double_running"
    REPLICATION = "replication"
    SNAPSHOTS = "snapshots"
    TRANSFER = "transfer"
    STRANDED = "stranded_commitments"


@dataclass(frozen=True, slots=True)
class WaveMoney:
    """One wave: its month (0: the first), what it costs a month where it is and where it goes, and how much it copies."""

    wave: int
    month: int
    source: Span
    target: Span
    storage_gb: Decimal  # of what moves
    source_open: int = 0  # resources without a whole price there: what is not known of them is not in the spans
    target_open: int = 0
    moving: Span | None = None  # of the target what runs twice while it moves; None: all of it


@dataclass(frozen=True, slots=True)
class WaveTraffic:
    """What two waves send one another in a month, both directions."""

    one: int
    other: int
    gb: Decimal


@dataclass(frozen=True, slots=True)
class Lease:
    """A commitment that nothing uses any more once *wave* has left: what it costs a month, and for how many months of the curve."""

    wave: int
    monthly_usd: Decimal
    months: int  # from month 0
    may_be_given_back: bool  # convertible ones can be exchanged, standard ones sold at best: then nothing is lost at the low end


@dataclass(frozen=True, slots=True)
class CashPolicy:
    """What is assumed. All are judgement but the prices; put your own in their place."""

    transfer_usd_per_gb: Decimal
    snapshot_usd_per_gb: Decimal | None  # None: not known, and no entry tells of snapshots
    double_running_days: Span = Span(Decimal(7), Decimal(14), Decimal(30))
    copies: Span = Span(Decimal(1), Decimal("1.2"), Decimal("1.5"))  # of the data: what changes while it is copied is copied again
    snapshot_months: Span = Span(Decimal(1), Decimal(1), Decimal(2))
    months_after: int = 3  # that the curve goes on after the last wave


@dataclass(frozen=True, slots=True)
class Entry:
    """What one wave costs in one month under one heading."""

    wave: int
    month: int
    item: Item
    amount: Span  # whole cents
    basis: str


def cash_curve(
    waves: Sequence[WaveMoney], traffic: Iterable[WaveTraffic], leases: Iterable[Lease], policy: CashPolicy
) -> tuple[Entry, ...]:
    """Every entry, by month, wave and item; entries of nothing are left out."""
    if not waves:
        return ()
    last = max(one.month for one in waves) + policy.months_after
    months = {one.wave: one.month for one in waves}
    found = [
        *(entry for one in waves for entry in _running(one, last, policy)),
        *(entry for one in waves for entry in _copying(one, policy)),
        *_between(traffic, months, policy),
        *(entry for one in leases for entry in _stranded(one, months, last)),
    ]
    order = list(Item)
    kept = (one for one in found if one.amount.high > NOTHING)
    return tuple(sorted(kept, key=lambda one: (one.month, one.wave, order.index(one.item), one.basis)))


def monthly_totals(entries: Iterable[Entry]) -> dict[int, Span]:
    """What all waves cost together in each month: the exact sums of the entries."""
    by_month: dict[int, list[Span]] = {}
    for one in entries:
        by_month.setdefault(one.month, []).append(one.amount)
    return {
        month: Span(total(one.low for one in some), total(one.likely for one in some), total(one.high for one in some))
        for month, some in sorted(by_month.items())
    }


def _running(one: WaveMoney, last: int, policy: CashPolicy) -> Iterator[Entry]:
    source, target = (f"the {name}'s month{_gap(count)}" for name, count in (("source", one.source_open), ("target", one.target_open)))
    for month in range(last + 1):
        if month <= one.month:
            yield Entry(one.wave, month, Item.SOURCE, one.source.in_cents(), source)
        else:
            yield Entry(one.wave, month, Item.TARGET, one.target.in_cents(), target)
    days = policy.double_running_days
    share = Span(*(EXACT.divide(min(one, DAYS_PER_MONTH), DAYS_PER_MONTH) for one in (days.low, days.likely, days.high)))
    told = f"the target for {days.low:f}, {days.likely:f} or {days.high:f} days beside the source"
    moving = one.target if one.moving is None else one.moving
    yield Entry(one.wave, one.month, Item.DOUBLE_RUNNING, moving.by(share).in_cents(), told)


def _gap(count: int) -> str:
    """That a sum is a bound from below, and why."""
    return f"; at least: {count} {'resource has' if count == 1 else 'resources have'} no whole price" if count else ""


def _copying(one: WaveMoney, policy: CashPolicy) -> Iterator[Entry]:
    data = Span.of(times(policy.transfer_usd_per_gb, one.storage_gb)).by(policy.copies)
    yield Entry(one.wave, one.month, Item.REPLICATION, data.in_cents(), f"{one.storage_gb:f} GB, copied {policy.copies.likely:f} times")
    if policy.snapshot_usd_per_gb is None:
        return
    kept = cents(times(policy.snapshot_usd_per_gb, one.storage_gb))
    for number in range(int(policy.snapshot_months.high)):
        low, likely = (kept if number < months else NOTHING for months in (policy.snapshot_months.low, policy.snapshot_months.likely))
        yield Entry(one.wave, one.month + number, Item.SNAPSHOTS, Span(low, likely, kept), f"snapshots of {one.storage_gb:f} GB")


def _between(traffic: Iterable[WaveTraffic], months: Mapping[int, int], policy: CashPolicy) -> Iterator[Entry]:
    """Transfer is booked to the wave that moved first, in each month in which the other has not."""
    for pair in traffic:
        first, second = sorted((pair.one, pair.other), key=lambda wave: (months[wave], wave))
        amount = Span.of(times(policy.transfer_usd_per_gb, pair.gb)).in_cents()
        for month in range(months[first] + 1, months[second] + 1):
            yield Entry(first, month, Item.TRANSFER, amount, f"{pair.gb:.3f} GB with wave {second}, which has not moved")


def _stranded(lease: Lease, months: Mapping[int, int], last: int) -> Iterator[Entry]:
    for month in range(months[lease.wave] + 1, min(lease.months, last + 1)):
        full = cents(lease.monthly_usd)
        amount = Span(NOTHING if lease.may_be_given_back else full, full, full)
        yield Entry(lease.wave, month, Item.STRANDED, amount, "paid for, and nothing uses it")

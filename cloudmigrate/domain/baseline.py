"""Whether our estimate of the present estate is the bill: the error of each service, and what may be forecast after that."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from enum import StrEnum

from cloudmigrate.domain.bill_services import SERVICE_OF_BILL_NAME
from cloudmigrate.domain.counting import counted
from cloudmigrate.domain.money import EXACT, HOURS_PER_MONTH, NOTHING, SMALLEST, cents, total

# What a bill is made of, as FOCUS calls it (FOCUS 1.0, "Charge Category"). Taxes, credits and corrections are no use of anything.
COMPARED = frozenset({"Usage", "Purchase"})
SMALL = Decimal(1)  # USD a month: a service that is billed and estimated below that decides nothing
HUNDRED = Decimal(100)
NOT_BY_COST = "Costs bear on none of them"  # of strategies, where forecasts are withheld
NOT_TOLD = "not_told"  # category of the one line that an account has whose bill could not be read
NO_BILL = "no bill was read: estimates are not held against one. Next: name an export (or cost_explorer) under costs.bill"


@dataclass(frozen=True, slots=True)
class BillLine:
    """What one service was charged for in one billing period."""

    account_id: str
    service: str  # as the bill calls it
    category: str  # Usage, Purchase, Tax, Credit, Adjustment, Refund
    covered_from: date
    covered_to: date  # out
    amount: Decimal
    currency: str
    source: str  # cost_explorer, focus, cur
    gap: str | None = None  # why the account's bill is not told; then the line says nothing else


@dataclass(frozen=True, slots=True)
class Estimated:
    """What our lines of one service come to in a month, and how many of them are not known."""

    service: str
    monthly_usd: Decimal
    lines: int
    unknown: int
    unpriced: int = 0  # of the unknown: it is known how much is used, and no price list has a price of it

    @property
    def is_mostly_unpriced(self) -> bool:
        """Whether more than half of the lines whose quantity is known have no price: then a match is one of the few that have."""
        return 2 * self.unpriced > self.lines - self.unknown + self.unpriced


class Match(StrEnum):
    """How a service's estimate compares with its bill."""

    MATCHES = "matches"
    PARTLY = "partly"  # near the bill, and most of what is known to run has no price: it proves little
    DIFFERS = "differs"
    SMALL = "small"  # too little of both to say anything
    NOT_ESTIMATED = "not_estimated"  # billed, and no rule of ours prices it


@dataclass(frozen=True, slots=True)
class Compared:
    """One service, held against its bill."""

    service: str
    verdict: Match
    billed_usd: Decimal  # of a month of 730 hours
    estimated_usd: Decimal | None
    error_pct: float | None  # of the bill; above 0: estimated too high
    reason: str
    lines: int | None = None  # of the estimate
    priced_lines: int | None = None


@dataclass(frozen=True, slots=True)
class Gate:
    """Whether forecasts may be shown, and in words why not."""

    withheld: bool
    checked: bool
    services: tuple[str, ...]  # that do not match
    reason: str


def monthly_bill(lines: Iterable[BillLine]) -> dict[str, Decimal]:
    """What each service of the bill costs in a month of 730 hours, by the hours that the bill covers.

    Raises ValueError where the bill is in more than one currency or not in USD, or covers no day.
    """
    listed = [one for one in lines if one.category in COMPARED]
    currencies = {one.currency for one in listed}
    if currencies - {"USD"}:
        raise ValueError(f"the bill is in {', '.join(sorted(currencies))}: only USD can be held against prices in USD")
    days = {(one.covered_from, one.covered_to) for one in listed}
    hours = _hours(days)
    if listed and not hours:
        raise ValueError("no charge of the bill covers a day: none says until when it was charged")
    sums: defaultdict[str, list[Decimal]] = defaultdict(list)
    for one in listed:
        sums[one.service].append(one.amount)
    with localcontext(EXACT):
        return {name: (total(some) * HOURS_PER_MONTH / hours).quantize(SMALLEST) for name, some in sorted(sums.items())}


def _hours(spans: Iterable[tuple[date, date]]) -> int:
    """Hours of the days that some span covers; each day once."""
    covered: set[int] = set()
    for start, end in spans:
        covered.update(range(start.toordinal(), end.toordinal()))
    return 24 * len(covered)


def compare(billed: Mapping[str, Decimal], estimated: Sequence[Estimated], *, limit_pct: Decimal) -> tuple[Compared, ...]:
    """Every service that is billed or estimated, by name; *billed* is of a month, by the bill's names."""
    by_service: defaultdict[str, list[Decimal]] = defaultdict(list)
    for name, amount in billed.items():
        by_service[SERVICE_OF_BILL_NAME.get(name, name)].append(amount)
    ours = {one.service: one for one in estimated}
    return tuple(
        _compared(name, total(by_service.get(name, [])), ours.get(name), limit_pct) for name in sorted({*by_service, *ours}, key=str.lower)
    )


def _compared(name: str, billed: Decimal, ours: Estimated | None, limit_pct: Decimal) -> Compared:
    if ours is None:
        return Compared(name, Match.NOT_ESTIMATED, billed, None, None, f"billed at {cents(billed)} a month; no rule of ours prices it")
    told = f"billed at {cents(billed)} a month, estimated at {cents(ours.monthly_usd)}"
    if max(abs(billed), ours.monthly_usd) < SMALL:
        verdict, error, told = Match.SMALL, None, f"{told}: too little to tell"
    elif billed <= NOTHING:
        verdict, error, told = Match.DIFFERS, None, f"{told}: the bill has nothing of it"
    else:
        error = EXACT.divide(EXACT.multiply(EXACT.subtract(ours.monthly_usd, billed), HUNDRED), billed)
        near = Match.PARTLY if ours.is_mostly_unpriced else Match.MATCHES
        verdict, told = near if abs(error) <= limit_pct else Match.DIFFERS, f"{told}: {error:+.1f} %"
    error_pct = None if error is None else float(error)
    reason = f"{told}{_known(verdict, billed, ours)}"
    return Compared(name, verdict, billed, ours.monthly_usd, error_pct, reason, ours.lines, ours.lines - ours.unknown)


def _known(verdict: Match, billed: Decimal, ours: Estimated) -> str:
    """How much of the service the estimate speaks for; empty where all of it is known."""
    verb = "is" if ours.unknown == 1 else "are"
    told = f"; {ours.unknown} of {counted(ours.lines, 'line')} {verb} not known" if ours.unknown else ""
    if ours.unpriced:
        told += f", {ours.unpriced} of them for want of a price"
    if verdict is Match.PARTLY:
        share = EXACT.divide(EXACT.multiply(ours.monthly_usd, HUNDRED), billed)
        told += f": the {ours.lines - ours.unknown} that are priced come to {share:.0f} % of the bill, which proves little of the others"
    return told


def gaps(lines: Iterable[BillLine]) -> tuple[str, ...]:
    """Which accounts' bills are not told, and why: then those of the others are not the estate's."""
    return tuple(f"account {one.account_id}: {one.gap}" for one in lines if one.gap is not None)


def gate(compared: Sequence[Compared], *, limit_pct: Decimal, not_told: Sequence[str] = ()) -> Gate:
    """Whether forecasts may be shown. Without a bill, or without all of it, they may, and are said not to be held against one."""
    if not_told:
        reason = f"the bill is not wholly known, so estimates are not held against it: {'; '.join(not_told)}"
        return Gate(withheld=False, checked=False, services=(), reason=reason)
    if not compared:
        return Gate(withheld=False, checked=False, services=(), reason=NO_BILL)
    differing = [one for one in compared if one.verdict is Match.DIFFERS]
    if differing:
        named = "; ".join(f"{one.service} ({one.reason})" for one in differing)
        reason = f"forecasts are withheld: more than {limit_pct:f} % from the bill: {named}"
        return Gate(withheld=True, checked=True, services=tuple(one.service for one in differing), reason=reason)
    billed = total(one.billed_usd for one in compared)
    covered = total(one.billed_usd for one in compared if one.verdict not in (Match.NOT_ESTIMATED, Match.PARTLY))
    share = EXACT.divide(covered * HUNDRED, billed) if billed else NOTHING
    partly = [one.service for one in compared if one.verdict is Match.PARTLY]
    those = "every service whose lines mostly have prices" if partly else "every service that is estimated"
    reason = f"{those} is within {limit_pct:f} % of its bill; they are {share:.0f} % of the bill"
    if partly:
        reason += f"; not counted, as most of what runs has no price: {', '.join(partly)}"
    return Gate(withheld=False, checked=True, services=(), reason=reason)

"""What stands where on the cash curve of a plan: a month a row, what the migration itself costs, and which waves cost most of it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from markupsafe import Markup

from cloudmigrate.domain.money import total
from reports.readiness import cost_words, drawings
from reports.readiness.cost_view import Amount, CashRow
from reports.readiness.plan_view import Plan
from reports.readiness.words import count, listing

RUNNING = ("source", "target")
EXTRA = ("double_running", "replication", "snapshots", "transfer", "stranded_commitments")
ITEM_WORDS = {
    "source": "where it is",
    "target": "at the target",
    "double_running": "running twice",
    "replication": "replication",
    "snapshots": "snapshots",
    "transfer": "data between the sites",
    "stranded_commitments": "commitments left behind",
}


@dataclass(frozen=True, slots=True)
class CashMonth:
    """One month: what runs where, and what the migration adds."""

    label: str
    chart: Markup
    source: str
    target: str
    extra: str
    whole: str
    span: str


@dataclass(frozen=True, slots=True)
class CashPage:
    """The curve, its months, and what the migration costs by item and wave."""

    curve: Markup
    top: str
    months: tuple[CashMonth, ...]
    items: tuple[tuple[str, str], ...]
    waves: tuple[tuple[int, str], ...]  # the dearest first
    sentence: str


def cash_page(rows: Sequence[CashRow], plan: Plan | None) -> CashPage | None:
    """The rows, arranged; None without any."""
    if not rows:
        return None
    months: dict[int, list[CashRow]] = defaultdict(list)
    for row in rows:
        months[row.month].append(row)
    ordered = [months.get(month, []) for month in range(max(months) + 1)]
    sums = [amount_of(inside) for inside in ordered]
    lows, likely, highs = ([float(getattr(one, name) or 0) for one in sums] for name in ("low_usd", "monthly_usd", "high_usd"))
    top = max(highs)
    first = min((wave.starts_on for wave in plan.waves if wave.starts_on), default=None) if plan else None
    extra = [row for row in rows if row.item not in RUNNING]
    return CashPage(
        curve=drawings.band(lows, likely, highs, top),
        top=f"{top:,.0f} USD a month",
        months=tuple(_month(at, inside, one, top, first) for at, (inside, one) in enumerate(zip(ordered, sums, strict=True))),
        items=tuple((ITEM_WORDS.get(name, name), cost_words.ranged(amount_of(hit))) for name, hit in _by(extra, "item")),
        waves=tuple((int(name), cost_words.ranged(amount_of(hit))) for name, hit in _by(extra, "wave")),
        sentence=cash_sentence(rows, len(ordered)),
    )


def _by(rows: Iterable[CashRow], column: str) -> list[tuple[str, list[CashRow]]]:
    """Groups of *rows* by a column, the dearest first."""
    found: dict[str, list[CashRow]] = defaultdict(list)
    for row in rows:
        found[str(getattr(row, column))].append(row)
    return sorted(found.items(), key=lambda one: (-(amount_of(one[1]).monthly_usd or 0), one[0]))


def _month(at: int, inside: Sequence[CashRow], whole: Amount, top: float, first: date | None) -> CashMonth:
    likely, low, high = (float(one or 0) for one in (whole.monthly_usd, whole.low_usd, whole.high_usd))
    source, target, extra = (
        cost_words.usd(amount_of(row for row in inside if row.item in names).monthly_usd) for names in (("source",), ("target",), EXTRA)
    )
    chart = drawings.ranges([("bar-part", likely, low, high)], top)
    return CashMonth(month_label(at, first), chart, source, target, extra, cost_words.usd(whole.monthly_usd), cost_words.between(whole))


def month_label(at: int, first: date | None) -> str:
    """Such as "Dec 2026"; "month 3" of a plan without dates."""
    if first is None:
        return f"month {at + 1}"
    month = first.year * 12 + first.month - 1 + at
    return f"{date(month // 12, month % 12 + 1, 1):%b %Y}"


def amount_of(rows: Iterable[CashRow]) -> Amount:
    """What the rows come to, exact."""
    found = list(rows)
    return Amount(*(total(getattr(row, name) for row in found) for name in ("likely_usd", "low_usd", "high_usd")))


def cash_sentence(rows: Sequence[CashRow], months: int) -> str:
    """What the migration itself costs, and most of it for what."""
    extra = [row for row in rows if row.item not in RUNNING]
    if not extra or not amount_of(extra).monthly_usd:
        return f"Over {count(months, 'month')} the migration itself costs nothing beyond what runs."
    most = [(ITEM_WORDS.get(name, name), amount_of(hit).monthly_usd or Decimal(0)) for name, hit in _by(extra, "item")]
    parts = [f"{name} {cost_words.usd(amount)}" for name, amount in most if amount]
    return f"Over {count(months, 'month')} the migration itself costs {cost_words.ranged(amount_of(extra))}: {listing(parts, at_most=5)}."

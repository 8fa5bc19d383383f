"""What stands where in the section on costs: now and afterwards, by strategy, service, workload and wave."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

from cloudmigrate.domain.money import total
from reports.readiness import cost_words, drawings
from reports.readiness.cash_page import CashPage, cash_page
from reports.readiness.cost_view import Amount, Costs, GroupCost, Outlook, ResourceCost
from reports.readiness.view import ReadinessView
from reports.readiness.words import count

GROUPS = 15
NOW, RECOMMENDED, SIZED = "as_is", "recommended", "rehost_rightsized"  # SIZED: where nothing was recommended
REHOST, ANEW = "rehost", "made anew"  # ANEW: what has no strategy, as it only prepares the ground
NOT_COMPARED = "not known in full"


@dataclass(frozen=True, slots=True)
class Change:
    """What one resource costs now and afterwards, as both sums take it; *estimated*: the two can be compared."""

    row: ResourceCost
    strategy: str
    now: Amount
    after: Amount
    estimated: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the waterfall."""

    label: str
    chart: Markup
    amount: str
    resources: str


@dataclass(frozen=True, slots=True)
class PairRow:
    """A group's cost now and in another scenario."""

    label: str
    chart: Markup
    now: str
    now_range: str
    then: str
    then_range: str
    not_priced: int


@dataclass(frozen=True, slots=True)
class TermRow:
    """The estate under one way to pay."""

    label: str
    now: str
    after: str
    committed: str


@dataclass(frozen=True, slots=True)
class CostPage:
    """All that the section shows."""

    outlook: Outlook
    changes: tuple[Change, ...]
    steps: tuple[Step, ...]
    deltas: tuple[tuple[str, Decimal], ...]
    services: tuple[PairRow, ...]
    workloads: tuple[PairRow, ...]
    waves: tuple[PairRow, ...]
    terms: tuple[TermRow, ...]
    savings: tuple[Change, ...]  # the largest first
    dearer: tuple[Change, ...]  # what will cost more than now, the most first
    withheld: bool
    cash: CashPage | None

    @property
    def before(self) -> Amount:
        """What the estate costs now."""
        return self.outlook.now.amount

    @property
    def after(self) -> Amount:
        """What it would cost afterwards; unknown where forecasts are withheld."""
        return self.outlook.after.amount if self.outlook.after else Amount()


def cost_page(view: ReadinessView) -> CostPage | None:
    """The view, arranged; None without costs."""
    costs = view.costs
    now = costs.total(NOW) if costs else None
    if costs is None or now is None or not costs.resources:
        return None
    then = scenario_after(costs)
    found = changes(costs.resources, then, withheld=costs.withheld)
    deltas = () if costs.withheld else deltas_of(found)
    after = None if costs.withheld else costs.total(then)
    open_ = [one for one in found if not one.estimated]
    outlook = Outlook(
        now=now,
        after=after,
        how="As recommended" if then == RECOMMENDED else "Moved at the sizes that use needs",
        saved_usd=total(saving(one) for one in found),
        compared=len(found) - len(open_),
        not_compared=len(open_),
        not_compared_now_usd=total(one.now.monthly_usd or Decimal(0) for one in open_),
    )
    waves = pairs(costs.waves, then, withheld=costs.withheld)
    return CostPage(
        outlook=outlook,
        changes=found,
        steps=_steps(now, after, deltas, found) if after else (),
        deltas=deltas,
        services=pairs(costs.services, then, withheld=costs.withheld),
        workloads=pairs(costs.workloads, then, withheld=costs.withheld),
        waves=tuple(sorted(waves, key=lambda row: (len(row.label), row.label))),
        terms=_terms(costs, then),
        savings=tuple(sorted((one for one in found if saving(one) > 0), key=lambda one: (-saving(one), one.row.uid))),
        dearer=tuple(sorted((one for one in found if saving(one) < 0), key=lambda one: (saving(one), one.row.uid))),
        withheld=costs.withheld,
        cash=None if costs.withheld else cash_page(costs.cash, view.plan),
    )


def scenario_after(costs: Costs) -> str:
    """Which scenario is afterwards: that of the strategies, or where there are none the one of sizes."""
    return RECOMMENDED if costs.total(RECOMMENDED) else SIZED


def changes(rows: Iterable[ResourceCost], then: str, *, withheld: bool = False) -> tuple[Change, ...]:
    """What each resource with a price costs now and afterwards; only now where forecasts are withheld."""
    found = []
    for row in rows:
        now, after = row.now.amount, Amount() if withheld else row.of(then).amount
        if now.monthly_usd is None and after.monthly_usd is None:
            continue
        strategy = (row.of(then).strategy or ANEW) if then == RECOMMENDED else REHOST
        found.append(Change(row, strategy, now, after, not withheld and row.comparable(then) is not None))
    return tuple(found)


def saving(one: Change) -> Decimal:
    """By how much it becomes cheaper; 0 where that is not known."""
    return -_delta(one) if one.estimated else Decimal(0)


def _delta(one: Change) -> Decimal:
    return (one.after.monthly_usd or Decimal(0)) - (one.now.monthly_usd or Decimal(0))


def dearer_sentence(money: CostPage) -> str:
    """What will cost more than now, in one sentence; empty where nothing will."""
    if not money.dearer:
        return ""
    more = cost_words.usd(-total(saving(one) for one in money.dearer))
    return (
        f"{count(len(money.dearer), 'resource')} will cost {more} USD a month more than now, as use needs a larger size or prices are "
        "higher where they go: that is in the sums, and is no saving."
    )


def amount_of(amounts: Iterable[Amount]) -> Amount:
    """The sum of likely amounts and of both ends; unknown where there is none."""
    known = [one for one in amounts if one.monthly_usd is not None]
    if not known:
        return Amount()
    return Amount(
        *(total(one for one in (getattr(row, name) for row in known) if one is not None) for name in ("monthly_usd", "low_usd", "high_usd"))
    )


def deltas_of(found: Sequence[Change]) -> tuple[tuple[str, Decimal], ...]:
    """By strategy, by how much it changes the cost, the largest saving first; last, by how much the sums differ for what is not known."""
    by: dict[str, Decimal] = defaultdict(Decimal)
    for one in found:
        by[one.strategy if one.estimated else NOT_COMPARED] += _delta(one)
    return tuple(sorted(by.items(), key=lambda one: (one[0] == NOT_COMPARED, one[1], one[0])))


def _steps(now: GroupCost, after: GroupCost, deltas: Sequence[tuple[str, Decimal]], found: Sequence[Change]) -> tuple[Step, ...]:
    before, then = now.amount.monthly_usd, after.amount.monthly_usd
    if before is None or then is None:
        return ()
    at, levels = before, [before, then]
    for _, delta in deltas:
        at += delta
        levels.append(at)
    top = float(max(levels))
    rows = [Step("Now", drawings.step(0, float(before), top, "bar-part"), cost_words.summed(now), f"{now.resources - now.unpriced:,}")]
    at = before
    for name, delta in deltas:
        chart = drawings.step(float(at), float(at + delta), top, "step-less" if delta <= 0 else "step-more")
        amount = sum((one.strategy if one.estimated else NOT_COMPARED) == name for one in found)
        rows.append(Step(name, chart, cost_words.change(Decimal(0), delta), f"{amount:,}"))
        at += delta
    whole = drawings.step(0, float(then), top, "bar-part")
    rows.append(Step("Afterwards", whole, cost_words.summed(after), f"{after.resources - after.unpriced:,}"))
    return tuple(rows)


def pairs(rows: Sequence[GroupCost], then: str, *, withheld: bool) -> tuple[PairRow, ...]:
    """Each group of resources now and afterwards, in the order of *rows*."""
    nows = [row for row in rows if row.scenario == NOW]
    afters = {} if withheld else {row.name: row for row in rows if row.scenario == then}
    shown = [row.amount for row in (*nows, *afters.values())]
    top = max((float(one.high_usd or 0) for one in shown), default=0.0)
    return tuple(_pair(row, afters.get(row.name), top) for row in nows)


def _pair(now: GroupCost, after: GroupCost | None, top: float) -> PairRow:
    then = after.amount if after else Amount()
    bars = [_bar("bar-part", now.amount), *([_bar("bar-fill", then)] if after else [])]
    return PairRow(
        label=now.name,
        chart=drawings.ranges(bars, top),
        now=cost_words.bound(now),
        now_range=cost_words.between(now.amount),
        then=cost_words.bound(after) if after else "–",
        then_range=cost_words.between(then),
        not_priced=now.unpriced + now.partly,
    )


def _bar(name: str, amount: Amount) -> tuple[str, float, float, float]:
    likely = float(amount.monthly_usd or 0)
    low, high = (float(one) if one is not None else likely for one in (amount.low_usd, amount.high_usd))
    return name, likely, low, high


def _terms(costs: Costs, then: str) -> tuple[TermRow, ...]:
    after = {} if costs.withheld else {row.term: row for row in costs.totals if row.scenario == then}
    now = [row for row in costs.totals if row.scenario == NOW]
    now.sort(key=lambda row: (row.term != "on_demand", row.amount.monthly_usd or Decimal(0), row.term))
    return tuple(
        TermRow(
            cost_words.term_words(row.term),
            cost_words.summed(row),
            cost_words.summed(after[row.term]) if row.term in after else "–",
            cost_words.usd(row.committed_usd) if row.term != "on_demand" else "–",
        )
        for row in now
    )

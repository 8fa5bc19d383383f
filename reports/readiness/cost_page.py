"""What stands where in the section on costs: now and afterwards, by strategy, service, workload and wave."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

from cloudmigrate.domain.money import total
from reports.readiness import cost_words, drawings
from reports.readiness.cash_page import CashPage, cash_page
from reports.readiness.cost_view import Amount, Costs, GroupCost, ResourceCost
from reports.readiness.view import ReadinessView
from reports.readiness.words import count

GROUPS = 15
NOW = "as_is"
# What a strategy comes to in money; where a resource has no such estimate the next one counts, and one without any keeps what it costs.
SCENARIOS_OF: Mapping[str, tuple[str, ...]] = {
    "retire": ("retire",),
    "retain": (NOW,),
    "rehost": ("rehost_rightsized", "rehost"),
    "relocate": ("rehost",),
    "replatform": ("replatform",),
    "repurchase": (),
    "refactor": (),
}
UNDECIDED = "rehost"
THEN = "rehost_rightsized"


@dataclass(frozen=True, slots=True)
class Change:
    """What one resource costs now and afterwards; *estimated* says whether the latter is more than the present cost carried over."""

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
    sized: str
    committed: str


@dataclass(frozen=True, slots=True)
class CostPage:
    """All that the section shows."""

    before: Amount
    after: Amount
    how: str
    not_estimated: int
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


def cost_page(view: ReadinessView) -> CostPage | None:
    """The view, arranged; None without costs."""
    costs = view.costs
    if costs is None or not costs.resources:
        return None
    strategy = {row.uid: row.strategy for row in view.strategies.resources} if view.strategies else {}
    found = changes(costs.resources, strategy, withheld=costs.withheld)
    before, after = amount_of(one.now for one in found), amount_of(one.after for one in found)
    deltas = deltas_of(found)
    named = {
        "services": {row.uid: row.type.split("::")[1] if "::" in row.type else row.type for row in view.resources},
        "workloads": {row.uid: row.workload for row in view.members},
        "waves": {row.uid: str(row.wave) for row in view.resources if row.wave},
    }
    groups = {
        name: pairs(found, name_of, _not_priced(getattr(costs, name)), withheld=costs.withheld)
        for name, name_of in named.items()
        if getattr(costs, name)
    }
    return CostPage(
        before=before,
        after=after,
        how="As recommended" if strategy else "Moved at the sizes that use needs",
        not_estimated=sum(not one.estimated for one in found),
        changes=found,
        steps=() if costs.withheld else _steps(before, after, deltas, found),
        deltas=deltas,
        services=groups.get("services", ()),
        workloads=groups.get("workloads", ()),
        waves=tuple(sorted(groups.get("waves", ()), key=lambda row: (len(row.label), row.label))),
        terms=_terms(costs),
        savings=tuple(sorted((one for one in found if saving(one) > 0), key=lambda one: (-saving(one), one.row.uid))),
        dearer=tuple(sorted((one for one in found if saving(one) < 0), key=lambda one: (saving(one), one.row.uid))),
        withheld=costs.withheld,
        cash=None if costs.withheld else cash_page(costs.cash, view.plan),
    )


def changes(rows: Iterable[ResourceCost], strategy: Mapping[str, str], *, withheld: bool = False) -> tuple[Change, ...]:
    """What each resource with a price costs now and afterwards; only now where forecasts are withheld."""
    found = []
    for row in rows:
        now = row.now.amount
        if now.monthly_usd is None:
            continue
        chosen = strategy.get(row.uid, UNDECIDED)
        known = (row.comparable(name) for name in SCENARIOS_OF.get(chosen, ()))
        after = None if withheld else next((one for one in known if one is not None), None)
        found.append(Change(row, chosen, now, after or now, after is not None))
    return tuple(found)


def saving(one: Change) -> Decimal:
    """By how much it becomes cheaper."""
    return (one.now.monthly_usd or Decimal(0)) - (one.after.monthly_usd or Decimal(0))


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
    """By strategy, by how much it changes the cost; the largest saving first."""
    by: dict[str, Decimal] = defaultdict(Decimal)
    for one in found:
        by[one.strategy] -= saving(one)
    return tuple(sorted(by.items(), key=lambda one: (one[1], one[0])))


def _steps(before: Amount, after: Amount, deltas: Sequence[tuple[str, Decimal]], found: Sequence[Change]) -> tuple[Step, ...]:
    if before.monthly_usd is None or after.monthly_usd is None:
        return ()
    at, levels = before.monthly_usd, [before.monthly_usd, after.monthly_usd]
    for _, delta in deltas:
        at += delta
        levels.append(at)
    top = float(max(levels))
    rows = [Step("Now", drawings.step(0, float(before.monthly_usd), top, "bar-part"), cost_words.ranged(before), f"{len(found):,}")]
    at = before.monthly_usd
    for name, delta in deltas:
        chart = drawings.step(float(at), float(at + delta), top, "step-less" if delta <= 0 else "step-more")
        amount = sum(one.strategy == name for one in found)
        rows.append(Step(name, chart, cost_words.change(Decimal(0), delta), f"{amount:,}"))
        at += delta
    rows.append(
        Step("Afterwards", drawings.step(0, float(after.monthly_usd), top, "bar-part"), cost_words.ranged(after), f"{len(found):,}")
    )
    return tuple(rows)


def pairs(found: Sequence[Change], name_of: Mapping[str, str], not_priced: Mapping[str, int], *, withheld: bool) -> tuple[PairRow, ...]:
    """Each group of resources now and afterwards, by the same amounts as the waterfall; the dearest now first."""
    by: dict[str, list[Change]] = {name: [] for name in not_priced}
    for one in found:
        if one.row.uid in name_of:
            by.setdefault(name_of[one.row.uid], []).append(one)
    sums = {name: (amount_of(one.now for one in hit), amount_of(one.after for one in hit)) for name, hit in by.items()}
    top = max((float(amount.high_usd or 0) for both in sums.values() for amount in both), default=0.0)
    ranked = sorted(sums, key=lambda name: (-(sums[name][0].monthly_usd or 0), name))
    return tuple(_pair(name, *sums[name], not_priced.get(name, 0), top, withheld=withheld) for name in ranked)


def _pair(name: str, now: Amount, after: Amount, not_priced: int, top: float, *, withheld: bool) -> PairRow:
    bars = [_bar("bar-part", now), *([] if withheld else [_bar("bar-fill", after)])]
    return PairRow(
        label=name,
        chart=drawings.ranges(bars, top),
        now=cost_words.usd(now.monthly_usd),
        now_range=cost_words.between(now),
        then=cost_words.usd(after.monthly_usd),
        then_range=cost_words.between(after),
        not_priced=not_priced,
    )


def _not_priced(rows: Sequence[GroupCost]) -> dict[str, int]:
    """Of each group, how many of its resources have no price, or one in part."""
    return {row.name: row.unpriced + row.partly for row in rows if row.scenario == NOW}


def _bar(name: str, amount: Amount) -> tuple[str, float, float, float]:
    likely = float(amount.monthly_usd or 0)
    low, high = (float(one) if one is not None else likely for one in (amount.low_usd, amount.high_usd))
    return name, likely, low, high


def _terms(costs: Costs) -> tuple[TermRow, ...]:
    sized = {} if costs.withheld else {row.term: row.amount for row in costs.totals if row.scenario == THEN}
    now = [row for row in costs.totals if row.scenario == NOW]
    now.sort(key=lambda row: (row.term != "on_demand", row.amount.monthly_usd or Decimal(0), row.term))
    return tuple(
        TermRow(
            cost_words.term_words(row.term),
            cost_words.ranged(row.amount),
            cost_words.ranged(sized.get(row.term, Amount())),
            cost_words.usd(row.committed_usd) if row.term != "on_demand" else "–",
        )
        for row in now
    )

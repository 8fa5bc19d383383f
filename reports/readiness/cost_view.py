"""What the report says about money, as frozen records; amounts are exact USD a month of 730 hours, and None where nothing is priced."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

SCENARIOS = ("as_is", "rehost", "rehost_rightsized", "replatform", "retire", "recommended")
ON_DEMAND = "on_demand"


@dataclass(frozen=True, slots=True)
class Amount:
    """What something costs in a month: likely, and between what."""

    monthly_usd: Decimal | None = None
    low_usd: Decimal | None = None
    high_usd: Decimal | None = None


@dataclass(frozen=True, slots=True)
class GroupCost:
    """What the resources of one name (a service, a workload, a wave, the estate) cost in one scenario and term."""

    name: str
    scenario: str
    term: str
    amount: Amount
    resources: int
    partly: int  # of them priced in part
    unpriced: int  # of them not priced at all
    committed_usd: Decimal | None = None  # of what has a price of the term itself

    @property
    def at_least(self) -> bool:
        """Whether the amount is a bound from below: something of the group is priced in part or not at all."""
        return bool(self.partly or self.unpriced)


@dataclass(frozen=True, slots=True)
class ScenarioCost:
    """What one resource costs on demand in one scenario."""

    scenario: str
    amount: Amount
    status: str = "priced"  # priced, partly, unpriced
    reason: str | None = None  # which lines are not known, and why
    strategy: str | None = None  # that scenario recommended follows


@dataclass(frozen=True, slots=True)
class ResourceCost:
    """What one resource costs on demand, in each scenario that it has."""

    uid: str
    sampled_on: date | None  # day of the oldest price that is a dated sample
    scenarios: tuple[ScenarioCost, ...]

    def of(self, scenario: str) -> ScenarioCost:
        """What it costs in that scenario; an unknown amount where it has none."""
        return next((one for one in self.scenarios if one.scenario == scenario), ScenarioCost(scenario, Amount(), "unpriced"))

    @property
    def now(self) -> ScenarioCost:
        """What it costs as it is."""
        return self.of("as_is")

    def comparable(self, scenario: str) -> Amount | None:
        """What it costs in that scenario, where that leaves out nothing that its present cost holds; else None."""
        found = self.of(scenario)
        alike = (found.status, found.reason) == (self.now.status, self.now.reason)
        return found.amount if found.amount.monthly_usd is not None and (found.status == "priced" or alike) else None


@dataclass(frozen=True, slots=True)
class UnpricedRow:
    """A reason for which lines have no price, and what it concerns."""

    reason: str
    resources: int
    types: tuple[tuple[str, int], ...]  # most frequent first


@dataclass(frozen=True, slots=True)
class PriceListRow:
    """One price list whose prices the snapshot sees."""

    price_version: str
    service: str
    region: str
    prices: int
    samples: int  # of them dated samples
    sampled_on: date | None = None  # the oldest
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BaselineRow:
    """One service's estimate held against its bill."""

    service: str
    verdict: str  # matches, partly, differs, small, not_estimated
    billed_usd: Decimal
    estimated_usd: Decimal | None
    error_pct: float | None  # of the bill; above 0: estimated too high
    limit_pct: float
    reason: str
    lines: int | None = None  # of the estimate
    priced_lines: int | None = None


@dataclass(frozen=True, slots=True)
class CommitRow:
    """How much of one pool to commit to, for one term."""

    region: str
    pool: str
    term: str
    p10_units: Decimal  # ran in nine hours of ten
    held_units: Decimal
    commit_units: Decimal
    monthly_saving_usd: Decimal
    reason: str


@dataclass(frozen=True, slots=True)
class CashRow:
    """What one item of one wave costs in one month of the plan; whole cents."""

    month: int  # from 0: that of the first wave
    wave: int
    item: str  # source, target, double_running, replication, snapshots, transfer, stranded_commitments
    basis: str
    low_usd: Decimal
    likely_usd: Decimal
    high_usd: Decimal


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the estate costs now and afterwards, and how far the two can be compared."""

    now: GroupCost
    after: GroupCost | None  # None: forecasts are withheld, or nothing was estimated
    how: str
    saved_usd: Decimal  # by what is whole on both sides
    compared: int  # resources that are
    not_compared: int  # resources of which only a part is known afterwards, or nothing
    not_compared_now_usd: Decimal


@dataclass(frozen=True, slots=True)
class Costs:
    """All of it."""

    totals: tuple[GroupCost, ...]  # of the estate, by scenario and term
    services: tuple[GroupCost, ...]  # on demand; here and below the dearest now first
    workloads: tuple[GroupCost, ...]
    waves: tuple[GroupCost, ...]
    resources: tuple[ResourceCost, ...]
    unpriced: tuple[UnpricedRow, ...]
    price_lists: tuple[PriceListRow, ...]
    baseline: tuple[BaselineRow, ...] = ()  # empty where there is no bill
    withheld: bool = False  # the bill was not reproduced: no forecast may be shown
    gate_reason: str = ""
    commits: tuple[CommitRow, ...] = ()  # of what runs now: those that save, most first
    commits_after: tuple[CommitRow, ...] = ()  # the same of what is recommended
    cash: tuple[CashRow, ...] = ()  # of the plan, by month

    def total(self, scenario: str, term: str = ON_DEMAND) -> GroupCost | None:
        """What the estate costs in that scenario and term."""
        return next((row for row in self.totals if (row.scenario, row.term) == (scenario, term)), None)

"""Laws of recommendations: less evidence never means more confidence, order does not matter, nothing that is needed is retired."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, cast

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cloudmigrate.domain.load_metrics import LOADS_BY_TYPE, SubjectKind
from cloudmigrate.domain.pattern_features import Features, Pattern
from cloudmigrate.domain.pattern_forest import Forest
from cloudmigrate.domain.patterns import classify
from cloudmigrate.domain.recommendation import Recommendation, recommend
from cloudmigrate.domain.strategies import Strategy
from cloudmigrate.domain.strategy_facts import Cost, StrategyFacts, Windows, has_load, has_proof, talks
from cloudmigrate.domain.strategy_features import FEATURES, Words
from cloudmigrate.domain.strategy_table import TABLE
from cloudmigrate.domain.workload_strategies import Member, workload_strategies

LAW = settings(deadline=None)
DAYS, FLOW_DAYS = 14, 13
WINDOWS = Windows(metric_hours=24.0 * DAYS, flow_log_days=FLOW_DAYS)
START = datetime(2026, 11, 8, tzinfo=UTC)
PATTERNS = tuple(one for one in Pattern if one not in (Pattern.IDLE, Pattern.INSUFFICIENT_DATA))
TYPES = (
    "AWS::EC2::Instance",
    "AWS::RDS::DBInstance",
    "AWS::ElastiCache::CacheCluster",
    "AWS::Lambda::Function",
    "AWS::EC2::Volume",
    "AWS::S3::Bucket",
    "AWS::SQS::Queue",
    "AWS::EKS::Cluster",
    "AWS::ECS::Service",
)


@dataclass(frozen=True)
class Day:
    """One day of one resource, as it truly was."""

    mean_pct: float
    peak_pct: float
    busy_hours: int
    network_mb: float
    connections: float


@dataclass(frozen=True)
class Truth:
    """A resource as it truly is, and what was kept of the evidence."""

    facts: StrategyFacts
    days: tuple[Day, ...]
    callers: tuple[frozenset[str], ...]  # of each day of flow logs
    metric_days: frozenset[int]
    flow_days: frozenset[int]
    maximum: bool
    proof: bool
    told: tuple[Any, ...]  # what a model that saw just this evidence says: votes, autocorrelations, costs

    def seen(self) -> StrategyFacts:
        """The facts, as far as the evidence that was kept tells them."""
        return replace(self._of_use(), **self._of_traffic(), costs=self.told[2])

    def _of_traffic(self) -> dict[str, Any]:
        if not talks(self.facts.type):
            return {}
        callers = frozenset[str]().union(*(self.callers[day] for day in self.flow_days))
        return {"callers": len(callers) + self.facts.callers, "logged_days": len(self.flow_days)}

    def _of_use(self) -> StrategyFacts:
        one, kept = self.facts, sorted(self.metric_days)
        if not has_load(one.type) or not kept:
            return one
        features = self._features([self.days[day] for day in kept], kept)
        forest = cast("Forest", _Votes(self.told[0]))
        [verdict] = classify([features], forest)
        return replace(
            one,
            pattern=verdict.pattern.value,
            hours=features.hours,
            proof_hours=(features.connection_hours or features.network_hours) if has_proof(one.type) else 0,
            peak_pct=features.peak_pct,
            peak_measured=self.maximum,
            network_mb_a_day_max=features.network_mb_a_day_max,
            connections_max=features.connections_max,
            duty_cycle=features.duty_cycle,
        )

    def _features(self, days: list[Day], kept: list[int]) -> Features:
        loads = LOADS_BY_TYPE[self.facts.type]
        hours = 24 * len(days)
        span = 24 * (kept[-1] - kept[0] + 1)
        database = loads.kind is SubjectKind.DATABASE
        proof = self.proof and has_proof(self.facts.type)
        network = proof and not database
        quiet = [day for day in days if day.mean_pct <= 10]
        correlation_day, correlation_week = self.told[1]
        return Features(
            uid=self.facts.uid,
            kind=loads.kind,
            samples=hours,
            hours=hours,
            gaps=0,
            gap_hours=span - hours,
            first_at=START + timedelta(days=kept[0]),
            last_at=START + timedelta(days=kept[-1], hours=23),
            age_days=DAYS - kept[0],
            level_mean_pct=sum(day.mean_pct for day in days) / len(days),
            level_median_pct=1.0,
            floor_pct=min(day.mean_pct for day in days),
            high_pct=50.0,
            top_pct=50.0,
            peak_pct=max(day.peak_pct if self.maximum else day.mean_pct for day in days),
            peak_measured=self.maximum,
            spread=1.0,
            spikes=0.0,
            autocorrelation_day=correlation_day,
            autocorrelation_week=correlation_week,
            daily_share=0.0,
            daily_swing_pct=0.0,
            trend=0.0,
            trend_fit=0.0,
            step_fit=0.0,
            duty_cycle=sum(day.busy_hours for day in days) / hours,
            days=len(days),
            low_cpu_days=len(quiet),
            low_days=sum(day.network_mb <= 5 for day in quiet) if network else 0,
            network_days=len(days) if network else 0,
            network_hours=hours if network else 0,
            network_mb_a_day=sum(day.network_mb for day in days) / len(days) if network else None,
            network_mb_a_day_max=max(day.network_mb for day in days) if network else None,
            connection_hours=hours if proof and database else 0,
            connections_max=max(day.connections for day in days) if proof and database else None,
        )


class _Votes:
    """A model that always votes as it was told to."""

    def __init__(self, votes: tuple[float, ...]) -> None:
        self.classes = PATTERNS
        self._votes = votes

    def votes(self, rows: Any) -> Any:
        return np.array([self._votes] * len(rows))


LEVELS = st.sampled_from([0.5, 3.0, 4.9, 9.0, 30.0])
DAY = st.builds(
    lambda mean, above, busy, network, connections: Day(mean, mean + above, busy, network, connections),
    LEVELS,
    st.sampled_from([0.0, 0.1, 8.0, 60.0]),
    st.sampled_from([0, 2, 24]),
    st.sampled_from([0.0, 1.0, 4.0, 900.0]),
    st.sampled_from([0.0, 0.0, 3.0]),
)


@st.composite
def told(draw: st.DrawFn) -> tuple[Any, ...]:
    """What depends on evidence in ways that nobody can bound: the model's votes, correlations, costs."""
    votes = tuple(draw(st.lists(st.floats(0, 1), min_size=len(PATTERNS), max_size=len(PATTERNS))))
    correlations = draw(st.tuples(st.sampled_from([None, 0.1, 0.9]), st.sampled_from([None, 0.1, 0.9])))
    return votes, correlations, draw(costs())


@st.composite
def costs(draw: st.DrawFn) -> dict[str, Cost]:
    if draw(st.booleans()):
        return {}
    found = {}
    for scenario in ("rehost", "replatform"):
        usd = Decimal(draw(st.integers(50, 100)))
        found[scenario] = Cost(usd, usd * Decimal("0.95"), usd * Decimal("1.05"), is_whole=draw(st.booleans()))
    return found


@st.composite
def truths(draw: st.DrawFn) -> Truth:
    """A resource with all that is true of it; some of the evidence is missing already."""
    type_ = draw(st.sampled_from(TYPES))
    one_day = draw(DAY)
    days = tuple(draw(st.one_of(st.just(one_day), DAY)) for _ in range(DAYS))
    some = st.frozensets(st.sampled_from(["a", "b"]), max_size=1)
    quiet = draw(st.booleans())
    callers = tuple(frozenset() if quiet else draw(some) for _ in range(FLOW_DAYS))
    facts = StrategyFacts(
        "arn:one",
        type_,
        workload="shop",
        is_shared=draw(st.sampled_from([False, False, True, None])),
        callers=draw(st.sampled_from([0, 0, 2])),
        unread_statements=draw(st.sampled_from([None, None, "AWS::Lambda::Function"])),
        licence=draw(st.sampled_from(["none", "none", "windows"])),
        placement=draw(st.sampled_from(["shared", "shared", "host"])),
        volume_type=draw(st.sampled_from(["gp2", "gp3"])),
        attached=draw(st.sampled_from([True, False])),
        was_used=draw(st.sampled_from([True, False, None])),
        product=draw(st.sampled_from([None, None, "jira", "mysql"])),
        days_since_support=draw(st.sampled_from([None, -1000.0, -30.0, 100.0])),
        compliance=draw(st.sampled_from(["none", "none", "regulated", "bound"])),
        told=draw(st.sampled_from([None, None, None, Strategy.REFACTOR, Strategy.RETIRE])),
    )
    gone = draw(st.frozensets(st.integers(0, DAYS - 1), max_size=2))
    flows = draw(st.frozensets(st.integers(0, FLOW_DAYS - 1), max_size=2))
    kept = frozenset(range(DAYS)) - (gone if draw(st.booleans()) else frozenset())
    logged = frozenset(range(FLOW_DAYS)) - (flows if draw(st.booleans()) else frozenset())
    flags = draw(st.sampled_from([(True, True), (True, True), (False, True), (True, False)]))
    return Truth(facts, days, callers, kept, logged, flags[0], flags[1], draw(told()))


@st.composite
def removals(draw: st.DrawFn) -> tuple[Truth, Truth]:
    """The same resource with all of some evidence, and with less of it: whole days or whole series gone, from metrics and flow logs."""
    full = draw(truths())
    what = draw(st.sampled_from(["days", "flow days", "maximum", "proof", "load", "flow logs", "mapping", "configuration", "prices"]))
    loads = LOADS_BY_TYPE.get(full.facts.type)
    assume(what != "proof" or has_proof(full.facts.type))  # a type without such a series loses none
    assume(what != "maximum" or (loads is not None and loads.kind is not SubjectKind.REQUESTS))
    some = st.frozensets(st.integers(0, DAYS - 1), min_size=1)
    changes: dict[str, Any] = {
        "days": {"metric_days": full.metric_days - draw(some)},
        "flow days": {"flow_days": full.flow_days - draw(some)},
        "maximum": {"maximum": False},
        "proof": {"proof": False},
        "load": {"metric_days": frozenset()},
        "flow logs": {"flow_days": frozenset()},
        "mapping": {"flow_days": frozenset(), "facts": replace(full.facts, is_shared=None)},
        "configuration": {"facts": _unread(full.facts)},
        "prices": {"told": (*full.told[:2], {})},
    }[what]
    less = replace(full, **changes)
    if less.metric_days != full.metric_days or less.maximum != full.maximum or less.proof != full.proof:
        assume(has_load(full.facts.type))
        told_anew = draw(told())  # votes, correlations, and the costs of a size that follows use
        less = replace(less, told=(*told_anew[:2], full.told[2] and (told_anew[2] or full.told[2])))
        if full.told[2]:
            less = replace(less, told=(*less.told[:2], _no_wholer(less.told[2], full.told[2])))
    return full, less


def _no_wholer(less: dict[str, Cost], full: dict[str, Cost]) -> dict[str, Cost]:
    """Less evidence prices nothing that more did not."""
    return {name: replace(cost, is_whole=cost.is_whole and full[name].is_whole) for name, cost in less.items()}


def _unread(one: StrategyFacts) -> StrategyFacts:
    """Its listing alone: no tags, no details, and others that may state a need of it were not read either."""
    unknown = dict.fromkeys(("licence", "placement", "volume_type", "attached", "was_used", "days_since_support", "told"))
    product = one.product if one.product == "mysql" else None  # seen in traffic
    return replace(one, **unknown, product=product, compliance="none", is_read=False, unread_statements="AWS::SNS::Topic", callers=0)


def of(truth: Truth) -> Recommendation:
    [found] = recommend([truth.seen()], WINDOWS)
    return found


@LAW
@given(removals())
def test_removing_days_or_series_never_raises_confidence(pair: tuple[Truth, Truth]) -> None:
    full, less = map(of, pair)
    assert less.confidence.value <= full.confidence.value + 1e-12, (full.row.name, less.row.name)


@LAW
@given(removals())
def test_what_is_removed_only_widens_what_a_feature_may_be(pair: tuple[Truth, Truth]) -> None:
    """The ground of the law above: the wider box holds the narrower one, and what the feature was taken to be."""
    full, less = (one.seen() for one in pair)
    for feature in FEATURES:
        before, after = feature.of(full, WINDOWS), feature.of(less, WINDOWS)
        if isinstance(before, Words):
            assert isinstance(after, Words)
            assert {before.point, *before.possible} <= after.possible, feature.name
            assert after.point in after.possible
        else:
            assert not isinstance(after, Words)
            assert after.low <= before.low <= before.point <= before.high <= after.high, feature.name
            assert after.low <= after.point <= after.high


@LAW
@given(truths())
def test_nothing_that_something_needs_is_retired(truth: Truth) -> None:
    """Nor what was not watched for a week, whose neighbours' configuration was not read, or whose use was not measured."""
    found, seen = of(truth), truth.seen()
    if found.recommended is not Strategy.RETIRE:
        return
    assert seen.callers == 0
    assert seen.unread_statements is None
    assert seen.is_shared is False
    if seen.type != "AWS::EC2::Volume":
        assert (seen.logged_days or 0) >= 7
    if seen.told is None:
        measured = seen.was_used is False if seen.type == "AWS::EC2::Volume" else seen.pattern == "idle" and seen.proof_hours > 0
        assert measured


@LAW
@given(st.lists(truths(), min_size=1, max_size=6), st.randoms())
def test_the_order_of_resources_does_not_matter(some: list[Truth], shuffled: Any) -> None:
    facts = [replace(truth.seen(), uid=f"arn:{number}") for number, truth in enumerate(some)]
    before = [one.record() for one in recommend(facts, WINDOWS)]
    shuffled.shuffle(facts)
    assert [one.record() for one in recommend(facts, WINDOWS)] == before


@LAW
@given(st.lists(removals(), min_size=1, max_size=3))
def test_a_workload_is_no_surer_either(pairs: list[tuple[Truth, Truth]]) -> None:
    def workload(truths: list[Truth]) -> float:
        found = recommend([replace(one.seen(), uid=f"arn:{number}") for number, one in enumerate(truths)], WINDOWS)
        members = [member for one in found if (member := Member.of(one)) is not None]
        [told] = workload_strategies(members)
        return cast("float", told.record()["confidence"])

    assert workload([less for _, less in pairs]) <= workload([full for full, _ in pairs])


def test_every_row_that_retires_asks_that_nobody_calls() -> None:
    for row in TABLE:
        if row.strategy is Strategy.RETIRE:
            assert "callers" in {condition.feature for condition in row.when}, row.name

"""The named features that strategies are decided by, each as a box: what it is taken to be, and all that it may be.

A feature that was measured wholly is a point. Of one that was not, the box holds every value that the missing hours and days allow: a
missing hour may have been anything from 0 to capacity, a missing day of flow logs may have had a caller. What is removed from the
evidence only ever widens a box, and the box still holds what the feature was taken to be before; all laws of confidence rest on that.
Where nothing is known, a feature is taken to be what speaks against a change: someone calls, nothing is saved, nothing was idle.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from cloudmigrate.domain.load_metrics import LOADS_BY_TYPE, SubjectKind
from cloudmigrate.domain.pattern_features import Pattern
from cloudmigrate.domain.patterns import BATCH_DUTY_AT_MOST, QUIET_PEAK_PCT
from cloudmigrate.domain.strategies import Strategy
from cloudmigrate.domain.strategy_facts import (
    LICENSED_KINDS,
    PRICED_KINDS,
    VERSIONED_KINDS,
    Kind,
    StrategyFacts,
    Windows,
    has_load,
    has_proof,
    talks,
)
from cloudmigrate.domain.strategy_tags import SOLD_AS_SERVICE

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

EDGE_HOURS = 2  # of the window: its first and last are rarely whole
RULED_OUT_DAYS = 7  # fully logged days without a caller, from which on nobody is taken to call: what comes weekly would have come


class Box(NamedTuple):
    """What a number is taken to be, and the least and most that it may be."""

    point: float
    low: float
    high: float


class Words(NamedTuple):
    """What a word is taken to be, and all that it may be."""

    point: str
    possible: frozenset[str]


@cache
def exactly(word: str) -> Words:
    """A word that is known."""
    return Words(word, frozenset((word,)))


def use_is_complete(one: StrategyFacts, windows: Windows) -> bool:
    """Whether its use was measured in every hour of the window: its load with its peaks, and what else proves that nobody uses it."""
    if not has_load(one.type):
        return True
    enough = windows.metric_hours - EDGE_HOURS
    peaks = one.peak_measured or LOADS_BY_TYPE[one.type].kind is SubjectKind.REQUESTS
    return one.hours > 0 and one.hours >= enough and peaks and (not has_proof(one.type) or one.proof_hours >= enough)


def callers_are_complete(one: StrategyFacts, windows: Windows) -> bool:
    """Whether all that needs it had its chance to be seen on every day of the window, and by configuration."""
    stated = one.unread_statements is None and one.is_read and one.is_shared is not None
    if one.kind in (Kind.PIECE, Kind.VOLUME):
        return stated
    return stated and talks(one.type) and (one.logged_days or 0) >= max(windows.flow_log_days, 1)


def _kind(one: StrategyFacts, _: Windows) -> Words:
    return exactly(one.kind.value)


_ANY_PATTERN = frozenset(Pattern)


def _pattern(one: StrategyFacts, windows: Windows) -> Words:
    if not has_load(one.type):
        return exactly("none")
    verdict = one.pattern or Pattern.INSUFFICIENT_DATA.value
    if use_is_complete(one, windows):
        return exactly(verdict)
    ruled_out = set()
    if (one.peak_pct or 0) >= QUIET_PEAK_PCT:
        ruled_out.add(Pattern.IDLE)
    if _duty(one, windows).low > BATCH_DUTY_AT_MOST:
        ruled_out.add(Pattern.BATCH)
    return Words(verdict, (_ANY_PATTERN - ruled_out) | {verdict})


def _at_least_seen(value: float | None, most: float, *, complete: bool) -> Box:
    """A maximum: more of it may lie in what is missing."""
    if value is None:
        return Box(most, 0.0, most)
    return Box(value, value, value if complete else max(value, most))


_NOTHING = Box(0.0, 0.0, 0.0)  # of what does not concern its type


def _peak(one: StrategyFacts, windows: Windows) -> Box:
    if not has_load(one.type):
        return _NOTHING
    return _at_least_seen(one.peak_pct, 100.0, complete=use_is_complete(one, windows))


def _network(one: StrategyFacts, windows: Windows) -> Box:
    if not has_load(one.type) or not LOADS_BY_TYPE[one.type].network:
        return _NOTHING
    return _at_least_seen(one.network_mb_a_day_max, math.inf, complete=use_is_complete(one, windows))


def _connections(one: StrategyFacts, windows: Windows) -> Box:
    if not has_load(one.type) or LOADS_BY_TYPE[one.type].kind is not SubjectKind.DATABASE:
        return _NOTHING
    return _at_least_seen(one.connections_max, math.inf, complete=use_is_complete(one, windows))


def _duty(one: StrategyFacts, windows: Windows) -> Box:
    """The share of hours at work; the missing ones may all have been, or none."""
    if not has_load(one.type):
        return _NOTHING
    if one.duty_cycle is None or one.hours <= 0:
        return Box(1.0, 0.0, 1.0)
    all_hours = max(windows.metric_hours, one.hours)
    active = round(one.duty_cycle * one.hours)  # whole hours: else rounding would narrow a box that less evidence must widen
    return Box(one.duty_cycle, min(active / all_hours, one.duty_cycle), max((active + all_hours - one.hours) / all_hours, one.duty_cycle))


def _callers(one: StrategyFacts, windows: Windows) -> Box:
    complete = callers_are_complete(one, windows)
    if one.callers:
        return Box(one.callers, one.callers, one.callers if complete else math.inf)
    stated = one.unread_statements is None and one.is_read and one.is_shared is not None
    observed = not talks(one.type) or (one.logged_days or 0) >= RULED_OUT_DAYS
    ruled_out = stated and observed and (talks(one.type) or one.kind in (Kind.PIECE, Kind.VOLUME))
    return Box(0.0 if ruled_out else 1.0, 0.0, 0.0 if complete and ruled_out else math.inf)


def _shared(one: StrategyFacts, windows: Windows) -> Words:
    word = "yes" if one.is_shared else "no"
    if one.is_shared is not None and (callers_are_complete(one, windows) or not talks(one.type)):
        return exactly(word)
    return Words(word, frozenset(("yes", "no")))


_LICENCES = frozenset({"none", "windows", "sql_server", "oracle", "marketplace", "unknown"})
_PLACES = frozenset({"shared", "dedicated", "host", "metal", "vmware", "unknown"})


def _licence(one: StrategyFacts, _: Windows) -> Words:
    if one.kind not in LICENSED_KINDS:
        return exactly("none")
    return exactly(one.licence) if one.licence else Words("unknown", _LICENCES)


def _placement(one: StrategyFacts, _: Windows) -> Words:
    if one.kind is not Kind.SERVER:
        return exactly("shared")
    return exactly(one.placement) if one.placement else Words("unknown", _PLACES)


def _volume_type(one: StrategyFacts, _: Windows) -> Words:
    if one.kind is not Kind.VOLUME:
        return exactly("other")
    if one.volume_type is None:
        return Words("unknown", frozenset({"gp2", "other", "unknown"}))
    return exactly("gp2" if one.volume_type == "gp2" else "other")


def _attachment(one: StrategyFacts, _: Windows) -> Words:
    """Of a volume attached to nothing CloudWatch has no data; hours that were not read look the same, so "unused" stays open."""
    if one.kind is not Kind.VOLUME or one.attached:
        return exactly("attached")
    if one.attached is None:
        return Words("unknown", frozenset({"attached", "used", "unused", "unknown"}))
    return exactly("used") if one.was_used else Words("unused" if one.was_used is False else "used", frozenset({"used", "unused"}))


def _product(one: StrategyFacts, windows: Windows) -> Words:
    if one.kind is not Kind.SERVER:
        return exactly("none")
    if one.product in SOLD_AS_SERVICE:
        return exactly("sold_as_service")
    if one.product is not None:
        return exactly("managed_elsewhere")
    if not one.is_read:
        return Words("none", frozenset({"none", "managed_elsewhere", "sold_as_service"}))
    return exactly("none") if callers_are_complete(one, windows) else Words("none", frozenset({"none", "managed_elsewhere"}))


def _compliance(one: StrategyFacts, _: Windows) -> Words:
    known = one.is_read or one.compliance != "none"
    return exactly(one.compliance) if known else Words(one.compliance, frozenset({"none", "regulated", "bound"}))


def _told(one: StrategyFacts, _: Windows) -> Words:
    word = one.told.value if one.told else "nothing"
    return exactly(word) if one.is_read or one.told else Words(word, frozenset({"nothing", *Strategy}))


def _days_since_support(one: StrategyFacts, _: Windows) -> Box:
    if one.kind not in VERSIONED_KINDS:
        return Box(-math.inf, -math.inf, -math.inf)
    days = one.days_since_support
    return Box(-math.inf, -math.inf, math.inf) if days is None else Box(days, days, days)


def _saving(one: StrategyFacts, windows: Windows) -> Box:
    """What replatforming saves of the cost of moving like for like, -1..1; sizes follow use, so it is open where use is."""
    if one.kind not in PRICED_KINDS:
        return _NOTHING
    now, then = one.costs.get("rehost"), one.costs.get("replatform")
    if now is None or then is None or not (now.is_whole and then.is_whole) or now.low_usd <= 0:
        return Box(0.0, -1.0, 1.0)
    point = _clipped(1 - then.usd / now.usd)
    if not use_is_complete(one, windows):
        return Box(point, -1.0, 1.0)
    low, high = _clipped(1 - then.high_usd / now.low_usd), _clipped(1 - then.low_usd / now.high_usd)
    return Box(point, min(low, point), max(high, point))


def _clipped(share: Decimal) -> float:
    return min(max(float(share), -1.0), 1.0)


@dataclass(frozen=True, slots=True)
class WordFeature:
    """A feature that is one of some words."""

    name: str
    what: str
    words: tuple[str, ...]
    of: Callable[[StrategyFacts, Windows], Words]


@dataclass(frozen=True, slots=True)
class NumberFeature:
    """A feature that is a number."""

    name: str
    what: str
    unit: str
    of: Callable[[StrategyFacts, Windows], Box]


FEATURES: tuple[WordFeature | NumberFeature, ...] = (
    WordFeature("kind", "what it is, by its type", tuple(Kind), _kind),
    WordFeature("pattern", "pattern of use; none where its type has no load", (*Pattern, "none"), _pattern),
    NumberFeature("peak_pct", "busiest data point of its load", "percent", _peak),
    NumberFeature("network_mb_a_day", "network in and out on its busiest day", "10^6 bytes", _network),
    NumberFeature("connections", "most connections at once", "connections", _connections),
    NumberFeature("duty_cycle", "share of hours at work", "0..1", _duty),
    NumberFeature("callers", "others that need it, by traffic or configuration", "resources", _callers),
    WordFeature("shared", "a shared service that is held out of grouping", ("yes", "no"), _shared),
    WordFeature("licence", "whose software it runs", tuple(sorted(_LICENCES)), _licence),
    WordFeature("placement", "on whose host it runs", tuple(sorted(_PLACES)), _placement),
    WordFeature("volume_type", "gp2 or another type of EBS", ("gp2", "other", "unknown"), _volume_type),
    WordFeature("attachment", "of a volume", ("attached", "used", "unused", "unknown"), _attachment),
    WordFeature("product", "what a tag or an answering port says it runs", ("none", "managed_elsewhere", "sold_as_service"), _product),
    WordFeature("compliance", "what tags say of rules that bind it", ("none", "regulated", "bound"), _compliance),
    WordFeature("told", "the strategy that a tag states", ("nothing", *Strategy), _told),
    NumberFeature("days_since_support", "since standard support of its version ended; negative until then", "days", _days_since_support),
    NumberFeature("saving_share", "what replatforming saves of the cost of moving it like for like", "-1..1", _saving),
)
BY_NAME: Mapping[str, WordFeature | NumberFeature] = {one.name: one for one in FEATURES}


@dataclass(frozen=True)
class Column:
    """One feature of many resources. Of words: *point* is a place in its words, *low* the set of possible places as bits."""

    point: "npt.NDArray[np.float64] | npt.NDArray[np.int64]"
    low: "npt.NDArray[np.float64] | npt.NDArray[np.int64]"
    high: "npt.NDArray[np.float64] | npt.NDArray[np.int64]"


def columns_of(facts: Sequence[StrategyFacts], windows: Windows) -> Mapping[str, Column]:
    """Every feature of every resource."""
    return {feature.name: _column(feature, facts, windows) for feature in FEATURES}


def _column(feature: WordFeature | NumberFeature, facts: Sequence[StrategyFacts], windows: Windows) -> Column:
    import numpy as np

    if isinstance(feature, NumberFeature):
        numbers = chain.from_iterable(feature.of(one, windows) for one in facts)
        boxes = np.fromiter(numbers, dtype=np.float64).reshape(-1, 3)
        return Column(boxes[:, 0], boxes[:, 1], boxes[:, 2])
    places = {word: at for at, word in enumerate(feature.words)}
    codes: dict[Words, tuple[int, int]] = {}
    points, possible = [], []
    for one in facts:
        found = feature.of(one, windows)
        code = codes.get(found)
        if code is None:
            code = codes[found] = (places[found.point], sum(1 << places[word] for word in found.possible))
        points.append(code[0])
        possible.append(code[1])
    masks = np.array(possible, dtype=np.int64)
    return Column(np.array(points, dtype=np.int64), masks, masks)

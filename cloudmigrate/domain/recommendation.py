"""One strategy per resource, out of the table, with reasons, alternatives and a confidence made of named parts; and what people decided."""

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from operator import attrgetter

from cloudmigrate.domain.calibration import UNCALIBRATED, Calibration
from cloudmigrate.domain.confidence import Confidence, confidence_of
from cloudmigrate.domain.effort import effort_hours
from cloudmigrate.domain.overrides import Override
from cloudmigrate.domain.strategies import Strategy
from cloudmigrate.domain.strategy_choice import STRATEGIES, choose
from cloudmigrate.domain.strategy_facts import StrategyFacts, Windows
from cloudmigrate.domain.strategy_features import FEATURES, NumberFeature, columns_of
from cloudmigrate.domain.strategy_table import TABLE, Row
from cloudmigrate.domain.strategy_words import asks_for, callers_words, reasons_of, why_not

AT_A_TIME = 10_000  # resources whose features are held as arrays
_UNREMARKABLE = frozenset({"none", "nothing", "no", "shared", "attached", "other"})


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another strategy and why it was not chosen; at a distance of 0 it may be the right one, as what is missing may say so."""

    strategy: Strategy
    distance: float
    why_not: str
    text: str  # the three as JSON, which most share


def _alternative(strategy: Strategy, distance: float, why_not: str) -> Alternative:
    told = {"distance": distance, "strategy": strategy.value, "why_not": why_not}
    return Alternative(strategy, distance, why_not, json.dumps(told, ensure_ascii=False, separators=(",", ":")))


@lru_cache(maxsize=10_000)
def _usual(strategy: Strategy, distance: float, row: int, unmet: int, chosen: int) -> Alternative:
    """The alternative by what its row asks for; many resources share it."""
    return _alternative(strategy, distance, asks_for(TABLE[row], unmet, TABLE[chosen]))


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What is recommended for one resource, and what a person made of it."""

    facts: StrategyFacts
    row: Row
    confidence: Confidence
    reasons: tuple[str, ...]
    alternatives: tuple[Alternative, ...]  # nearest first
    features: Mapping[str, object]
    override: Override | None = None

    @property
    def recommended(self) -> Strategy:
        """What the table says."""
        return self.row.strategy

    @property
    def strategy(self) -> Strategy:
        """What holds: a person's decision until it expires, else what the table says."""
        held = self.override
        return self.recommended if held is None or held.has_expired else held.strategy

    @property
    def hours(self) -> float:
        """Hours of work that what holds takes."""
        return effort_hours(self.facts.type, self.strategy)

    def record(self) -> dict[str, object]:
        """A row of the dataset ``recommendations``."""
        one = self.facts
        return {
            "uid": one.uid,
            "level": "resource",
            "workload": one.workload,
            "pattern": one.pattern,
            "strategy": self.strategy.value,
            "recommended": self.recommended.value,
            "rule": self.row.name,
            "confidence": round(self.confidence.value, 4),
            "confidence_parts": self.confidence.parts(),
            "reasons": [*self.reasons],
            "alternatives": f"[{','.join([other.text for other in self.alternatives])}]",  # as JSON
            "runner_up": self.alternatives[0].strategy.value,
            "effort_hours": self.hours,
            "override": self.override.record(self.recommended) if self.override else None,
            "open_question": self.override.question() if self.override else None,
            "features": self.features,
        }


def recommend(
    facts: Iterable[StrategyFacts],
    windows: Windows,
    overrides: Mapping[str, Override] | None = None,
    calibration: Calibration = UNCALIBRATED,
) -> Iterator[Recommendation]:
    """The recommendation for every resource, sorted by uid. Raises ValueError on a uid given twice."""
    ordered = sorted(facts, key=attrgetter("uid"))
    for one, following in pairwise(ordered):
        if one.uid == following.uid:
            raise ValueError(f"resource {one.uid} is given twice. Next: check the inventory's uids with the data checks.")
    for start in range(0, len(ordered), AT_A_TIME):
        yield from _of(ordered[start : start + AT_A_TIME], windows, overrides or {}, calibration)


def _of(
    facts: Sequence[StrategyFacts], windows: Windows, overrides: Mapping[str, Override], calibration: Calibration
) -> Iterator[Recommendation]:
    columns = columns_of(facts, windows)
    choices = choose(columns, len(facts))
    features = _features(
        {name: (one.point.round(6).tolist(), one.low.round(6).tolist(), one.high.round(6).tolist()) for name, one in columns.items()},
        len(facts),
    )
    rows, distances, nearest = choices.row.tolist(), choices.distance.T.tolist(), choices.nearest.T.tolist()
    unmet, runners_up = choices.unmet.T.tolist(), choices.runner_up.tolist()
    for at, (one, told) in enumerate(zip(facts, features, strict=True)):
        row = TABLE[rows[at]]
        others = [number for number, strategy in enumerate(STRATEGIES) if strategy is not row.strategy]
        others.sort(key=lambda number: (number != runners_up[at], distances[at][number], number))
        ways = [(number, nearest[at][number], round(distances[at][number], 4)) for number in others]
        first, by, _ = ways[0]
        alternatives = (
            _alternative(STRATEGIES[first], ways[0][2], why_not(one, TABLE[by], unmet[at][by], row, windows)),
            *(_usual(STRATEGIES[number], far, by, unmet[at][by], rows[at]) for number, by, far in ways[1:]),
        )
        override = overrides.get(one.uid)
        yield Recommendation(
            one,
            row,
            confidence_of(one, windows, distances[at][first], calibration),
            (*_decided(one, row, override, windows), *reasons_of(one, row, windows)),
            alternatives,
            told,
            override,
        )


def _decided(one: StrategyFacts, row: Row, override: Override | None, windows: Windows) -> Iterator[str]:
    """What a person decided, and what speaks against it."""
    if override is None:
        return
    if (question := override.question()) is not None:
        yield question
        return
    until = f" until {override.expires_on}" if override.expires_on else ""
    yield f"{override.strategy}{until}, decided by {override.by}: {override.reason}; without that it would be {row.strategy}"
    if override.strategy is Strategy.RETIRE and one.callers:
        yield f"against it: {callers_words(one, windows)}, and will find it gone"


def _features(columns: Mapping[str, tuple[list[float], list[float], list[float]]], count: int) -> list[dict[str, object]]:
    """Each resource's features as JSON values: what each is taken to be, and under ``open`` what it may be besides."""
    found: list[dict[str, object]] = [{} for _ in range(count)]
    opened: list[dict[str, object]] = [{} for _ in range(count)]
    for feature in FEATURES:
        points, lows, highs = columns[feature.name]
        if isinstance(feature, NumberFeature):
            for at, (point, low, high) in enumerate(zip(points, lows, highs, strict=True)):
                if low != high:
                    opened[at][feature.name] = [_finite(low), _finite(high)]
                if math.isfinite(point) and (point or low != high):
                    found[at][feature.name] = point
            continue
        sets: dict[float, list[str]] = {}
        for at, (place, mask) in enumerate(zip(points, lows, strict=True)):
            word = feature.words[int(place)]
            if mask not in sets:
                sets[mask] = [one for number, one in enumerate(feature.words) if int(mask) >> number & 1]
            if len(sets[mask]) > 1:
                opened[at][feature.name] = sets[mask]
            if word not in _UNREMARKABLE:
                found[at][feature.name] = word
    for told, possible in zip(found, opened, strict=True):
        if possible:
            told["open"] = possible
    return found


def _finite(number: float) -> float | None:
    """None where there is no bound."""
    return number if math.isfinite(number) else None

"""How sure a recommendation is, 0..1, as a sum of named parts; each part says what it is made of.

``confidence = min(weighted mean of the parts, (1 + margin) / 2)``: more than a half only in so far as no other strategy could be the right
one. A part that says nothing of a type is left out by the type alone, and its weight goes to the others. Removing days or series lowers
some parts and raises none, so it never raises the whole (see ``strategy_choice``).
"""

from dataclasses import dataclass

from cloudmigrate.domain.calibration import UNCALIBRATED, Calibration
from cloudmigrate.domain.strategy_facts import PRICED_KINDS, StrategyFacts, Windows, has_load, has_proof, talks

WEIGHTS = {"completeness": 0.3, "window": 0.2, "margin": 0.4, "calibration": 0.1}
MONTH_DAYS = 30


@dataclass(frozen=True, slots=True)
class Confidence:
    """One resource's confidence and what it is made of."""

    value: float
    completeness: float
    sources: dict[str, float]  # each measured source's share, 0..1
    window: float | None  # None: nothing of it is watched over time
    window_of: str | None  # the source that was watched shortest
    margin: float
    calibration: Calibration = UNCALIBRATED

    def parts(self) -> dict[str, object]:
        """As JSON values."""
        window = None if self.window is None else round(self.window, 4)
        return {
            "completeness": round(self.completeness, 4),
            "sources": {name: round(share, 4) for name, share in self.sources.items()},
            "window": window,
            "window_of": self.window_of,
            "margin": round(self.margin, 4),
            "calibration": round(self.calibration.share, 4),
            "calibrated_by": self.calibration.finished,  # migrations of resources
        }


def confidence_of(one: StrategyFacts, windows: Windows, margin: float, calibration: Calibration = UNCALIBRATED) -> Confidence:
    """The confidence of a recommendation with that *margin*."""
    sources = _sources(one, windows)
    completeness = sum(sources.values()) / len(sources)
    watched = _watched(one)
    window = min(watched.values()) if watched else None
    parts = {"completeness": completeness, "window": window, "margin": margin, "calibration": calibration.share}
    known = {name: part for name, part in parts.items() if part is not None}
    mean = sum(WEIGHTS[name] * part for name, part in known.items()) / sum(WEIGHTS[name] for name in known)
    shortest = min(sorted(watched), key=watched.__getitem__) if watched else None
    return Confidence(min(mean, (1 + margin) / 2), completeness, sources, window, shortest, margin, calibration)


def _sources(one: StrategyFacts, windows: Windows) -> dict[str, float]:
    """How much of what bears on its type was measured."""
    found = {"configuration": (one.is_read + (one.unread_statements is None)) / 2}
    hours = max(windows.metric_hours, 1.0)
    if has_load(one.type):
        found["load"] = min(one.hours / hours, 1.0)
    if has_proof(one.type):
        found["network or connections"] = min(one.proof_hours / hours, 1.0)
    if talks(one.type):
        found["flow logs"] = min((one.logged_days or 0) / max(windows.flow_log_days, 1), 1.0)
    if one.kind in PRICED_KINDS:
        priced = [one.costs[name].is_whole for name in ("rehost", "replatform") if name in one.costs]
        found["prices"] = (len(priced) + sum(priced)) / 4
    return found


def _watched(one: StrategyFacts) -> dict[str, float]:
    """For each source that is read over time: with which probability it would have shown what happens once a month."""
    found = {}
    if has_load(one.type):
        found["load"] = min(one.hours / (24 * MONTH_DAYS), 1.0)
    if talks(one.type):
        found["flow logs"] = min((one.logged_days or 0) / MONTH_DAYS, 1.0)
    return found

"""How long acts take: from the estate's own journal where one was ever done, else the catalogue's estimate, which is said."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cloudmigrate.domain.acts.catalogue import BY_NAME
from cloudmigrate.domain.explaining import Explained
from cloudmigrate.domain.journal import StepState
from cloudmigrate.domain.runbooks.words import count, span
from cloudmigrate.domain.steps import Gate, Step

BY_HAND = "by_hand."
A_PERSON = "as long as a person takes, not counted"


@dataclass(frozen=True, slots=True)
class TimedLine:
    """One line of a wave's journal, with when and by which process it was written."""

    step_id: str
    state: StepState
    at: datetime
    holder: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """How long the runs of one act took."""

    runs: int
    p50: timedelta
    p90: timedelta


@dataclass(frozen=True, slots=True)
class Slot:
    """When a step likely begins, from the beginning of the wave, and how long it likely takes."""

    starts_after: timedelta
    lasts: timedelta
    words: str

    @property
    def ends_after(self) -> timedelta:
        """From the beginning of the wave."""
        return self.starts_after + self.lasts


def measured(journals: Iterable[tuple[Sequence[Step], Sequence[TimedLine]]]) -> dict[str, Measured]:
    """act -> how long it took, of every act that was done in these waves.

    From intent to done, where the same process wrote both: between two processes lies the time in which nobody ran. What a person does,
    and what rests for days, is not measured: both end when somebody resumes the wave.
    """
    took: dict[str, list[timedelta]] = defaultdict(list)
    for steps, lines in journals:
        acts = {one.step_id: one.act for one in steps}
        begun: dict[str, TimedLine] = {}
        for line in lines:
            if line.state is StepState.INTENT:
                begun[line.step_id] = line
                continue
            first = begun.pop(line.step_id, None)
            act = acts.get(line.step_id)
            if line.state is StepState.DONE and first and act and first.holder == line.holder and _is_measured(act):
                took[act].append(line.at - first.at)
    return {act: Measured(len(some), percentile(some, 50), percentile(some, 90)) for act, some in sorted(took.items())}


def _is_measured(act: str) -> bool:
    return act in BY_NAME and BY_NAME[act].rests is None and not act.startswith(BY_HAND)


def percentile(spans: Sequence[timedelta], pct: int) -> timedelta:
    """The nearest-rank percentile: the smallest value that so many percent do not exceed. Source: Hyndman and Fan (1996), type 1."""
    ordered = sorted(spans)
    return ordered[max(0, math.ceil(pct * len(ordered) / 100) - 1)]


def scheduled(explained: Sequence[Explained], known: Mapping[str, Measured]) -> dict[str, Slot]:
    """step -> when and how long, where nothing but its needs holds it up; time that people take at gates is not in it."""
    slots: dict[str, Slot] = {}
    for one in explained:
        found = known.get(one.step.act)
        starts = max((slots[need].ends_after for need in one.step.needs if need in slots), default=timedelta(0))
        if one.step.act.startswith(BY_HAND):
            slots[one.step.step_id] = Slot(starts, timedelta(0), A_PERSON if one.step.gate is Gate.BY_HAND else "nothing to do")
            continue
        lasts = found.p50 if found else one.likely
        slots[one.step.step_id] = Slot(starts, lasts, expected_words(one.likely, found))
    return slots


def expected_words(likely: timedelta, found: Measured | None) -> str:
    """How long it takes, and how that is known."""
    if found is None:
        return f"{span(likely)} (catalogue's estimate)"
    return f"{span(found.p50)}, 90 % within {span(found.p90)} ({count(found.runs, 'own run')})"

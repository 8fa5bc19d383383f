"""What finished migrations say of recommendations: how many resources came where they were to go.

One share for the whole estate, whatever the strategy: a share of each would let a recommendation become surer by losing the evidence that
spoke for another one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cloudmigrate.domain.journal import NOTHING, Entry, StepState, standings
from cloudmigrate.domain.steps import Gate, Step

OUTCOMES = frozenset({StepState.DONE, StepState.FAILED, StepState.UNDO_FAILED})


@dataclass(frozen=True, slots=True)
class Calibration:
    """How many resources finished, and how many of these well."""

    borne_out: int = 0  # all their steps are done
    finished: int = 0  # these, and those that a step of their own kept from it

    @property
    def share(self) -> float:
        """Laplace's rule of succession, 0..1: one half where nothing has finished, and nearer to what was seen the more was seen."""
        return (self.borne_out + 1) / (self.finished + 2)


UNCALIBRATED = Calibration()


def calibration_of(waves: Iterable[tuple[Sequence[Step], Sequence[Entry]]]) -> Calibration:
    """What the journals of an estate's waves say, the newest wave first: of a resource that was in several the newest counts.

    Not counted: what is under way, what went back with others or because a person wanted it, and what people did by hand.
    """
    ended: dict[str, bool] = {}
    for steps, entries in waves:
        known = standings(entries)
        outcomes = {one.step_id: one.state for one in entries if one.state in OUTCOMES}  # of each step the last
        own: dict[str, list[Step]] = {}
        for step in steps:
            own.setdefault(step.uid, []).append(step)
        for uid, its in own.items():
            if uid in ended or any(one.gate is Gate.BY_HAND for one in its):
                continue
            if all(known.get(one.step_id, NOTHING).state is StepState.DONE for one in its):
                ended[uid] = True
            elif any(outcomes.get(one.step_id, StepState.DONE) is not StepState.DONE for one in its):
                ended[uid] = False
    return Calibration(sum(ended.values()), len(ended))

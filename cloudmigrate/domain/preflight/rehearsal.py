"""What AWS said to the steps beforehand: checks that could be made, calls sent with DryRun; and what people do by hand."""

from collections.abc import Collection, Iterator, Mapping

from cloudmigrate.domain.counting import counted
from cloudmigrate.domain.preflight.names import CheckName
from cloudmigrate.domain.preflight.questions import WaveFacts, failed, listed, passed, unknown
from cloudmigrate.domain.preflight.record import Check
from cloudmigrate.domain.steps import Gate

NAME = CheckName.REHEARSAL
RESUME = "mend it, then run the preflight again"


def of_rehearsal(wave: WaveFacts, said: Mapping[str, str], refused: Mapping[str, str], unclear: Collection[str]) -> Iterator[Check]:
    """A check for each step that AWS was asked about. *unclear*: steps of *refused* whose answer does not say whether it would be done."""
    writes = [one for one in wave.explained if any(call.writes for call in one.calls)]
    for one in wave.explained:
        step, place = one.step, (one.step.account_id, one.step.region)
        if step.step_id in unclear:
            yield unknown(NAME, step.step_id, place, refused[step.step_id], "run the preflight again")
        elif step.step_id in refused:
            why, _, advice = refused[step.step_id].partition(" Next: ")
            yield failed(NAME, step.step_id, place, why, advice.rstrip(".") or RESUME)
        elif step.step_id in said:
            yield passed(NAME, step.step_id, place, said[step.step_id])
    asked = sum(one.step.step_id in said or one.step.step_id in refused for one in writes)
    steps = counted(len(writes), "step that writes", "steps that write")
    told = f"{asked} of {steps} could be asked about; the others take what earlier steps give, or have no DryRun"
    yield passed(NAME, "", ("", ""), told)


def of_by_hand(wave: WaveFacts) -> Iterator[Check]:
    """How many steps wait for a person; no more than news."""
    steps = [one.step.step_id for one in wave.explained if one.step.gate is Gate.BY_HAND]
    told = f"{counted(len(steps), 'step waits', 'steps wait')} for a person: {listed(steps)}" if steps else "no step waits for a person"
    yield passed(CheckName.BY_HAND, "", ("", ""), told)

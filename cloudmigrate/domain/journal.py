"""What the journal says of each step, and what may follow: it alone decides what a new process does with an old one's work."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from cloudmigrate.domain.steps import Reversal, Step

KEY_LENGTH = 36  # EC2 and CloudFormation take tokens of 64 and more; RDS and DMS names of 63, with a word before it


class StepState(StrEnum):
    """What was last recorded of a step."""

    INTENT = "intent"  # about to act, or acting, or dead while acting
    DONE = "done"  # acted, with what it created
    FAILED = "failed"  # refused: nothing was done
    UNDOING = "undoing"
    UNDONE = "undone"
    UNDO_FAILED = "undo_failed"  # a person has to


# What may be recorded after what; None: nothing was recorded yet.
FOLLOWING: Mapping[StepState | None, frozenset[StepState]] = {
    None: frozenset({StepState.INTENT}),
    StepState.INTENT: frozenset({StepState.DONE, StepState.FAILED, StepState.UNDOING}),
    StepState.FAILED: frozenset({StepState.INTENT, StepState.UNDOING}),
    StepState.DONE: frozenset({StepState.UNDOING}),
    StepState.UNDOING: frozenset({StepState.UNDONE, StepState.UNDO_FAILED}),
    StepState.UNDO_FAILED: frozenset({StepState.UNDOING}),
    StepState.UNDONE: frozenset({StepState.INTENT}),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal of a wave."""

    step_id: str
    state: StepState
    outputs: Mapping[str, Any] = field(default_factory=dict)  # of DONE: what the step gives to later ones
    error: str = ""  # of FAILED and UNDO_FAILED: what happened and what to do


@dataclass(frozen=True, slots=True)
class Standing:
    """What the journal says of one step."""

    state: StepState | None = None
    outputs: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    attempt: int = 1  # counts up when a step that was undone is done anew
    began: int = 0  # place of its last intent in the journal, from 1: what began last is undone first
    line: int = 0  # place of its last line


NOTHING = Standing()


def standings(entries: Iterable[Entry]) -> dict[str, Standing]:
    """step -> what is known of it, by a journal from its first line on. Raises ValueError for lines that cannot follow one another."""
    known: dict[str, Standing] = {}
    for number, entry in enumerate(entries, start=1):
        known[entry.step_id] = after(known.get(entry.step_id, NOTHING), entry, number)
    return known


def after(standing: Standing, entry: Entry, number: int) -> Standing:
    """The standing with one more line. Raises ValueError where the line cannot follow."""
    if entry.state not in FOLLOWING[standing.state]:
        raise ValueError(f"step {entry.step_id} is {standing.state or 'not begun'} and cannot become {entry.state}")
    again = standing.state is StepState.UNDONE
    return Standing(
        state=entry.state,
        # What was created stays known until it is gone.
        outputs=entry.outputs if entry.state is StepState.DONE else {} if again else standing.outputs,
        error=entry.error,
        attempt=standing.attempt + 1 if again else standing.attempt,
        began=number if entry.state is StepState.INTENT else standing.began,
        line=number,
    )


def idempotency_key(plan_hash: str, wave: int, step_id: str, attempt: int) -> str:
    """The same for each try of the same attempt, whichever process makes it; 36 letters and digits, a letter first."""
    text = f"{plan_hash}\n{wave}\n{step_id}\n{attempt}"
    return f"cm{hashlib.sha256(text.encode()).hexdigest()}"[:KEY_LENGTH]


def given(known: Mapping[str, Standing]) -> dict[str, Mapping[str, Any]]:
    """step -> what it gave, of all steps that are done."""
    return {step_id: one.outputs for step_id, one in known.items() if one.state is StepState.DONE}


def startable(steps: Sequence[Step], known: Mapping[str, Standing]) -> list[Step]:
    """Steps that are not done and all of whose needs are, in their order: those that a dead process began come with them."""
    done = {step_id for step_id, one in known.items() if one.state is StepState.DONE}
    return [one for one in steps if one.step_id not in done and all(need in done for need in one.needs)]


def is_begun(standing: Standing) -> bool:
    """Whether the step may have left something behind: done, begun, refused half-way, half undone, or not undone yet."""
    return standing.state not in (None, StepState.UNDONE)


def is_returning(steps: Iterable[Step], known: Mapping[str, Standing]) -> bool:
    """Whether these steps, a group, are on a way back that has not come to its end."""
    of_steps = [known[one.step_id] for one in steps if one.step_id in known]
    last = max(of_steps, key=lambda one: one.line, default=NOTHING)
    return last.state in (StepState.UNDOING, StepState.UNDONE, StepState.UNDO_FAILED) and any(map(is_begun, of_steps))


def to_undo(steps: Iterable[Step], known: Mapping[str, Standing]) -> list[Step]:
    """Steps that may have left something behind, newest first."""
    begun = [one for one in steps if is_begun(known.get(one.step_id, NOTHING))]
    return sorted(begun, key=lambda one: known[one.step_id].began, reverse=True)


def point_passed(steps: Iterable[Step], known: Mapping[str, Standing]) -> Step | None:
    """The first step without return that was done, or may have been."""
    return next(
        (
            one
            for one in steps
            if one.reversal is Reversal.NO_RETURN and known.get(one.step_id, NOTHING).state in (StepState.INTENT, StepState.DONE)
        ),
        None,
    )

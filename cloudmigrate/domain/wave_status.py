"""Where a wave, each of its move groups and its steps are, by the journal alone: what a person reads, whatever process wrote it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cloudmigrate.domain.journal import NOTHING, Standing, StepState, is_begun, is_returning, point_passed
from cloudmigrate.domain.steps import Output, Step
from cloudmigrate.printable import one_line


class GroupState(StrEnum):
    """Where a move group is."""

    NOT_STARTED = "not started"
    UNDER_WAY = "under way"  # some steps are done; nothing failed, nothing is being taken back
    FAILED = "failed"  # a step was refused, and nothing was taken back yet
    RETURNING = "returning"  # steps are being taken back
    ROLLED_BACK = "rolled back"
    STUCK = "stuck"  # a step could not be taken back: a person has to
    MIGRATED = "migrated"


# The worst first: what a wave is that has groups in several states.
WORST_FIRST = (
    GroupState.STUCK,
    GroupState.RETURNING,
    GroupState.FAILED,
    GroupState.ROLLED_BACK,
    GroupState.UNDER_WAY,
    GroupState.NOT_STARTED,
    GroupState.MIGRATED,
)


@dataclass(frozen=True, slots=True)
class GroupStatus:
    """One move group."""

    group: str
    state: GroupState
    steps: int
    done: int
    undone: int
    past_return: str = ""  # the step without return that was done, or may have been
    now: tuple[str, ...] = ()  # steps whose intent is on record: being done, or left by a process that died
    errors: Mapping[str, str] | None = None  # step -> why it failed, or could not be undone


def group_statuses(steps: Sequence[Step], known: Mapping[str, Standing]) -> list[GroupStatus]:
    """Every group of the wave, in the order of the steps."""
    groups: dict[str, list[Step]] = {}
    for one in steps:
        groups.setdefault(one.group, []).append(one)
    return [_status(name, own, known) for name, own in groups.items()]


def says_now(step: Step, given: Mapping[str, Mapping[str, Any]]) -> str:
    """What the step does, with the values that earlier steps gave by now (step -> name -> value) for its words such as <instance_id>.

    A word for which two steps gave different values stays. Only a whole parameter is in the words: see `said`.
    """
    values: dict[str, set[str]] = {}
    for output in (one for one in step.params.values() if isinstance(one, Output)):
        value = given.get(output.step_id, {}).get(output.name)
        values.setdefault(f"<{output.name}>", set()).add(str(value) if isinstance(value, str | int) else "")
    known = {word: one_line(*found) for word, found in values.items() if len(found) == 1 and "" not in found}
    return re.sub("|".join(map(re.escape, known)), lambda word: known[word[0]], step.says) if known else step.says


def wave_state(statuses: Iterable[GroupStatus]) -> GroupState:
    """The wave as a whole: migrated when every group is, not started when none was begun, else the worst of its groups."""
    states = {one.state for one in statuses}
    if GroupState.MIGRATED in states and GroupState.NOT_STARTED in states and len(states) == 2:
        return GroupState.UNDER_WAY
    return next((one for one in WORST_FIRST if one in states), GroupState.NOT_STARTED)


def _status(name: str, own: Sequence[Step], known: Mapping[str, Standing]) -> GroupStatus:
    standings = {one.step_id: known.get(one.step_id, NOTHING) for one in own}
    states = [one.state for one in standings.values()]
    passed = point_passed(own, known)
    return GroupStatus(
        group=name,
        state=_state(own, known, states),
        steps=len(own),
        done=states.count(StepState.DONE),
        undone=states.count(StepState.UNDONE),
        past_return=passed.step_id if passed else "",
        now=tuple(step_id for step_id, one in standings.items() if one.state in (StepState.INTENT, StepState.UNDOING)),
        errors={step_id: one.error for step_id, one in standings.items() if one.error},
    )


def _state(own: Sequence[Step], known: Mapping[str, Standing], states: Sequence[StepState | None]) -> GroupState:
    if StepState.UNDO_FAILED in states:
        return GroupState.STUCK
    if all(one is StepState.DONE for one in states):
        return GroupState.MIGRATED
    if not any(is_begun(known.get(one.step_id, NOTHING)) for one in own):
        return GroupState.ROLLED_BACK if StepState.UNDONE in states else GroupState.NOT_STARTED
    if is_returning(own, known):
        return GroupState.RETURNING
    return GroupState.FAILED if StepState.FAILED in states else GroupState.UNDER_WAY

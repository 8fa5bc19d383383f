"""What waves of other plans have in their hands: a resource is moved by one of them at a time, and by the same acts only once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cloudmigrate.domain.journal import NOTHING, Standing, is_begun
from cloudmigrate.domain.steps import Step
from cloudmigrate.domain.wave_status import GroupState, group_statuses


@dataclass(frozen=True, slots=True)
class OtherWave:
    """A wave of another plan as it was begun last, and what is known of its steps."""

    plan_id: str
    wave: int
    steps: Sequence[Step]
    known: Mapping[str, Standing]


def moved_elsewhere(mine: Iterable[Step], others: Iterable[OtherWave]) -> tuple[OtherWave, str] | None:
    """The wave that is moving a resource of these steps, or has moved it by the same acts and was not taken back, and the resource.

    A source that was moved may well be retired by a later plan.
    """
    own = _acts(mine)
    for other in others:
        states, theirs = {one.group: one.state for one in group_statuses(other.steps, other.known)}, _acts(other.steps)
        for one in other.steps:
            is_twice = states[one.group] is not GroupState.MIGRATED or theirs[one.uid] == own.get(one.uid)
            if one.uid in own and is_twice and is_begun(other.known.get(one.step_id, NOTHING)):
                return other, one.uid
    return None


def _acts(steps: Iterable[Step]) -> dict[str, frozenset[str]]:
    """uid -> the acts by which it moves."""
    acts: dict[str, set[str]] = {}
    for one in steps:
        acts.setdefault(one.uid, set()).add(one.act)
    return {uid: frozenset(of_uid) for uid, of_uid in acts.items()}

"""Leftovers: what bears our tags in a cloud, and no live step of any journal answers for."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from cloudmigrate.domain.journal import NOTHING, Standing, StepState, idempotency_key
from cloudmigrate.domain.steps import Reversal, Step

TAG = "cloudmigrate:"
LIVE = (StepState.INTENT, StepState.DONE, StepState.UNDOING)


@dataclass(frozen=True, slots=True)
class TaggedThing:
    """One thing in a cloud that bears our tags."""

    account_id: str
    region: str
    kind: str  # as the API calls it: instance, snapshot, rds:db
    thing_id: str  # id or ARN
    plan_id: str
    wave: int | None  # None: its tag is no number
    step_id: str
    key: str


@dataclass(frozen=True, slots=True)
class WaveRecord:
    """What the ledger knows of one wave that was begun."""

    plan_hash: str
    steps: Mapping[str, Step]
    known: Mapping[str, Standing]


@dataclass(frozen=True, slots=True)
class Orphan:
    """One leftover, and why it is one."""

    thing: TaggedThing
    why: str


def orphans(things: Iterable[TaggedThing], waves: Mapping[tuple[str, int], WaveRecord]) -> list[Orphan]:
    """The things that nobody answers for, by place and id. *waves*: (plan, wave) -> what the ledger of this estate knows."""
    return sorted(_found(things, waves), key=lambda one: (one.thing.account_id, one.thing.region, one.thing.kind, one.thing.thing_id))


def _found(things: Iterable[TaggedThing], waves: Mapping[tuple[str, int], WaveRecord]) -> Iterator[Orphan]:
    for thing in things:
        why = _why(thing, waves.get((thing.plan_id, thing.wave)) if thing.wave is not None else None)
        if why:
            yield Orphan(thing, why)


def _why(thing: TaggedThing, wave: WaveRecord | None) -> str:
    """Why nobody answers for it; empty where a step does."""
    if wave is None:
        return "this ledger knows no such wave: it is another estate's or ledger's, or its ledger was lost"
    step = wave.steps.get(thing.step_id)
    if step is None:
        return "the wave has no such step any more"
    standing = wave.known.get(thing.step_id, NOTHING)
    if standing.state is StepState.UNDO_FAILED:
        return f"its step could not be undone: {standing.error}"
    if standing.state not in LIVE:
        kept = standing.state is StepState.UNDONE and step.reversal is Reversal.NOTHING
        return "its step was taken back, and the policy keeps what it made" if kept else "its step was taken back, or never done"
    if thing.key != idempotency_key(wave.plan_hash, thing.wave or 0, thing.step_id, standing.attempt):
        return "it was made by an earlier attempt of its step"
    return "it is a double: its step gave another" if _is_double(thing, standing) else ""


def _is_double(thing: TaggedThing, standing: Standing) -> bool:
    """Whether the step gave something of the same kind, by the prefix of its id, and not this."""
    prefix = thing.thing_id.partition("-")[0] + "-" if "-" in thing.thing_id and ":" not in thing.thing_id else ""
    given = {value for value in standing.outputs.values() if isinstance(value, str)}
    return bool(prefix) and thing.thing_id not in given and any(value.startswith(prefix) for value in given)

"""A world and a journal in memory that fail, lose answers and die as a test says."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any

from cloudmigrate.domain.journal import Entry, Standing, standings
from cloudmigrate.domain.steps import Reversal, Step
from cloudmigrate.errors.steps import StepNotDueError, StepRefusedError, StepUnclearError
from cloudmigrate.execution.carrying import Carrier
from cloudmigrate.execution.ports import Patience

PLAN_HASH = "0" * 64


def place(step: Step) -> dict[str, str]:
    """Where a step is done, for an error."""
    return {"account_id": step.account_id, "region": step.region, "uid": step.uid}


class Killed(BaseException):
    """The process ends here, as by kill -9: nothing catches this."""


@dataclass
class Fates:
    """What becomes of each next call, by words; when they are used up, every call goes well."""

    words: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def next(self, call: str, *known: str) -> str:
        with self.lock:
            self.calls.append(call)
            if self.words and self.words[0] in known:
                return self.words.pop(0)
            if self.words and self.words[0] == "ok":
                self.words.pop(0)
            return "ok"


@dataclass
class Thing:
    """What a step created."""

    step_id: str
    key: str
    hidden_for: int  # looks that do not see it yet


@dataclass
class ModelWorld:
    """Things by the steps that created them. *delay*: how many looks a new thing stays unseen."""

    fates: Fates = field(default_factory=Fates)
    delay: int = 0
    refused: frozenset[str] = frozenset()  # steps that are always refused
    not_undoable: frozenset[str] = frozenset()
    repeatable: frozenset[str] = frozenset()
    due_at: dict[str, datetime] = field(default_factory=dict)  # step -> before which day it is not done
    things: list[Thing] = field(default_factory=list)

    def look(self, step: Step, params: Mapping[str, Any], key: str) -> Mapping[str, Any] | None:
        if self.fates.next(f"look {step.step_id}", "unclear", "die") != "ok":
            self._fail(step, "unclear")
        if step.reversal is Reversal.NOTHING:
            return None
        found = None
        for thing in self.things:
            if (thing.step_id, thing.key) == (step.step_id, key):
                if thing.hidden_for == 0:
                    found = {"id": f"{step.step_id}/{key}"}
                thing.hidden_for = max(0, thing.hidden_for - 1)
        return found

    def begun(self, step: Step, params: Mapping[str, Any], key: str) -> Mapping[str, Any] | None:
        return None

    def act(self, step: Step, params: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        fate = self.fates.next(f"act {step.step_id}", "throttled", "not done", "answer lost", "die before", "die after")
        match fate:
            case "die before":
                raise Killed
            case "throttled":
                raise self._unclear(step, was_sent=False)
            case "not done":
                raise self._unclear(step)
        if step.step_id in self.refused:
            raise StepRefusedError(step.step_id, **place(step), reason="AccessDenied", next_action="grant the action")
        if step.step_id in self.due_at:
            raise StepNotDueError(step.step_id, **place(step), due_at=self.due_at[step.step_id], reason="it rests")
        is_there = any((thing.step_id, thing.key) == (step.step_id, key) for thing in self.things)
        if step.reversal is not Reversal.NOTHING and not (is_there and step.step_id in self.repeatable):
            self.things.append(Thing(step.step_id, key, self.delay))
        if fate == "die after":
            raise Killed
        if fate == "answer lost":
            raise self._unclear(step)
        return {"id": f"{step.step_id}/{key}"}

    def undo(self, step: Step, params: Mapping[str, Any], outputs: Mapping[str, Any]) -> None:
        fate = self.fates.next(f"undo {step.step_id}", "not done", "answer lost", "die before", "die after")
        if fate == "die before":
            raise Killed
        if fate == "not done":
            raise self._unclear(step)
        if step.step_id in self.not_undoable:
            raise StepRefusedError(step.step_id, **place(step), reason="in use", next_action="delete it by hand")
        self.things = [thing for thing in self.things if f"{thing.step_id}/{thing.key}" != outputs["id"]]
        if fate == "die after":
            raise Killed
        if fate == "answer lost":
            raise self._unclear(step)

    def is_repeatable(self, step: Step) -> bool:
        return step.step_id in self.repeatable

    def give_up(self, groups: Collection[str]) -> None:
        """Nothing: its waits are over at once."""

    def only_waits(self, step: Step) -> bool:
        return step.act == "model.wait"

    def left(self) -> list[str]:
        return sorted(thing.step_id for thing in self.things)

    def _fail(self, step: Step, fate: str) -> None:
        if fate == "die":
            raise Killed
        raise self._unclear(step)

    def _unclear(self, step: Step, *, was_sent: bool = True) -> StepUnclearError:
        return StepUnclearError(step.step_id, **place(step), reason="no answer", next_action="look", was_sent=was_sent)


@dataclass
class ModelJournal:
    """Lines in memory; dies before or after a line is kept, as the fates say."""

    fates: Fates = field(default_factory=Fates)
    entries: list[Entry] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)
    doubts: dict[str, str] = field(default_factory=dict)

    def doubt(self, step_id: str) -> str:
        return self.doubts.get(step_id, "")

    def standings(self) -> Mapping[str, Standing]:
        with self.lock:
            return standings(self.entries)

    def record(self, entry: Entry) -> None:
        fate = self.fates.next(f"record {entry.state} {entry.step_id}", "die before", "die after")
        if fate == "die before":
            raise Killed
        with self.lock:
            standings([*self.entries, entry])  # refuses what cannot follow
            self.entries.append(entry)
        if fate == "die after":
            raise Killed


def carrier(world: ModelWorld, journal: ModelJournal, wave: int = 1) -> Carrier:
    """A carrier that does not wait."""
    return Carrier(PLAN_HASH, wave, world, journal, Patience(tries=8, looks=5), sleep=lambda _: None)


def until_alive(attempt: Callable[[], Any], most: int = 200) -> Any:
    """What *attempt* returns when no kill ends it any more."""
    for _ in range(most):
        try:
            return attempt()
        except Killed:
            continue
    raise AssertionError("it never ended")


def chain(group: str, *names: str, **options: Any) -> Iterator[Step]:
    """Steps of a group, each needing the one before."""
    before: tuple[str, ...] = options.pop("needs", ())
    for name in names:
        step_id = f"{group}/{name}"
        yield Step(step_id, "model.create", group, f"arn:{group}", "111111111111", "eu-central-1", needs=before, **options)
        before = (step_id,)

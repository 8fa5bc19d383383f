"""All that a wave's runbooks are made from: read once, as values, from the plan, the estate file, the inventory and the ledger."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from cloudmigrate.domain.estate import Estate
from cloudmigrate.domain.explaining import Explained, explain
from cloudmigrate.domain.gates import GateStanding
from cloudmigrate.domain.journal import NOTHING, Standing, StepState
from cloudmigrate.domain.resources import Resource
from cloudmigrate.domain.runbooks.blocks import AuditRow, Tick
from cloudmigrate.domain.runbooks.durations import Measured, Slot, TimedLine, scheduled
from cloudmigrate.domain.steps import Gate, Step, steps_hash
from cloudmigrate.domain.strategies import Strategy
from cloudmigrate.domain.what_if import Rule

TICKS = {
    None: Tick.OPEN,
    StepState.INTENT: Tick.DOING,
    StepState.DONE: Tick.DONE,
    StepState.FAILED: Tick.FAILED,
    StepState.UNDOING: Tick.UNDOING,
    StepState.UNDONE: Tick.UNDONE,
    StepState.UNDO_FAILED: Tick.UNDO_FAILED,
}
ENDS = (StepState.DONE, StepState.FAILED, StepState.UNDONE, StepState.UNDO_FAILED)


@dataclass(frozen=True, slots=True)
class CheckFact:
    """One verdict of the newest preflight of the wave, as the ledger keeps it."""

    check: str
    subject: str
    state: str  # pass, fail, not_assessed
    evidence: str
    waived_by: str = ""


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What the ledger tells of a wave that was begun."""

    started_by: str
    started_at: datetime
    lines: tuple[TimedLine, ...]
    known: Mapping[str, Standing]
    gates: Mapping[Gate, GateStanding]
    events: tuple[AuditRow, ...] = ()  # of the steps, oldest first


@dataclass(frozen=True)
class WaveFacts:
    """One wave of one plan."""

    estate: Estate
    plan_id: str
    plan_hash: str
    wave: int
    groups: tuple[Mapping[str, Any], ...]  # of the plan's document
    as_of: datetime
    starts_on: date | None = None
    ends_on: date | None = None
    steps: tuple[Step, ...] = ()
    untold: str = ""  # why the steps cannot be told
    lacking: tuple[str, ...] = ()  # what the estate file has to say first, of each what needs it and what to add
    resources: Mapping[str, Resource] = field(default_factory=dict)  # by uid
    strategies: Mapping[str, Strategy] = field(default_factory=dict)  # by uid, where a person decided
    measured: Mapping[str, Measured] = field(default_factory=dict)  # by act
    checks: tuple[CheckFact, ...] | None = None  # None: never checked
    checked_at: datetime | None = None
    rules: tuple[Rule, ...] = ()  # that its groups need, as the plan saw them
    run: RunFacts | None = None  # None: never begun

    @property
    def place(self) -> str:
        """How a command names the wave."""
        return f"{self.plan_id} --wave {self.wave}"

    @cached_property
    def given(self) -> dict[str, Mapping[str, Any]]:
        """step -> what it gave, of those that were done and not taken back."""
        return {step_id: one.outputs for step_id, one in self.known.items() if one.outputs and one.state is not StepState.UNDONE}

    @property
    def known(self) -> Mapping[str, Standing]:
        """What the journal says of each step."""
        return self.run.known if self.run else {}

    @cached_property
    def explained(self) -> tuple[Explained, ...]:
        """Every step with its calls; ids that earlier steps gave stand in them, and words in the place of those that are not there yet."""
        return explain(self.steps, plan_hash=self.plan_hash, wave=self.wave, known=self.given)

    @cached_property
    def steps_hash(self) -> str:
        """What an approval binds."""
        return steps_hash(self.steps)

    @cached_property
    def by_step(self) -> dict[str, Explained]:
        """step -> its explanation."""
        return {one.step.step_id: one for one in self.explained}

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        """move group -> places of its steps."""
        found: dict[str, list[int]] = {}
        for place, one in enumerate(self.steps):
            found.setdefault(one.group, []).append(place)
        return found

    def own(self, groups: Iterable[str]) -> list[Step]:
        """The steps of these move groups, in their order."""
        return [self.steps[place] for place in sorted(place for one in set(groups) for place in self._places.get(one, ()))]

    @cached_property
    def steps_on(self) -> dict[str, list[Step]]:
        """uid -> the steps that move it, in their order."""
        found: dict[str, list[Step]] = {}
        for one in self.steps:
            found.setdefault(one.uid, []).append(one)
        return found

    @cached_property
    def slots(self) -> dict[str, Slot]:
        """When each step likely begins and how long it takes."""
        return scheduled(self.explained, self.measured)

    @cached_property
    def lines_of(self) -> dict[str, list[TimedLine]]:
        """step -> its lines of the journal, oldest first."""
        found: dict[str, list[TimedLine]] = {}
        for line in self.run.lines if self.run else ():
            found.setdefault(line.step_id, []).append(line)
        return found

    @cached_property
    def events_of(self) -> dict[str, list[AuditRow]]:
        """step -> its events of the audit chain, oldest first."""
        found: dict[str, list[AuditRow]] = {}
        for one in self.run.events if self.run else ():
            found.setdefault(one.subject, []).append(one)
        return found

    def tick(self, step: Step) -> Tick:
        """Where a step is."""
        return TICKS[self.known.get(step.step_id, NOTHING).state]

    def took(self, step: Step) -> timedelta | None:
        """How long the step's last act took, its undo where it was taken back; None where that is not known, or not over."""
        lines = self.lines_of.get(step.step_id, [])
        if len(lines) < 2 or lines[-1].state not in ENDS:
            return None
        return lines[-1].at - lines[-2].at

    def name_of(self, uid: str) -> str:
        """What people call a resource."""
        found = self.resources.get(uid)
        return (found.name if found else "") or uid


@dataclass(frozen=True)
class Workload:
    """What one runbook is about: the move groups of a wave that share workloads, which a team moves together."""

    title: str
    name: str  # safe in a path
    groups: tuple[Mapping[str, Any], ...]

    @property
    def group_ids(self) -> frozenset[str]:
        """Of its move groups."""
        return frozenset(str(one["id"]) for one in self.groups)

    @property
    def members(self) -> tuple[str, ...]:
        """The uids that move."""
        return tuple(uid for one in self.groups for uid in one["members"])

"""What the runbooks of a plan are made from: read from the plan, the lake and the ledger, with no cloud call. No Prefect."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from cloudmigrate.approving import Undertaking, gate_of
from cloudmigrate.domain.gates import GateStanding
from cloudmigrate.domain.iac.distinct_names import Names
from cloudmigrate.domain.journal import NOTHING, is_begun, standings
from cloudmigrate.domain.plan import day_of
from cloudmigrate.domain.renewal import renewal
from cloudmigrate.domain.resources import Resource
from cloudmigrate.domain.runbooks.blocks import AuditRow, Document
from cloudmigrate.domain.runbooks.durations import Measured, TimedLine, measured
from cloudmigrate.domain.runbooks.facts import CheckFact, RunFacts, WaveFacts
from cloudmigrate.domain.runbooks.pages import index_page, runbooks
from cloudmigrate.domain.steps import WAVE_GATES, Gate, ItineraryError, Step, step_of
from cloudmigrate.domain.wave_status import GroupState, group_statuses, wave_state
from cloudmigrate.domain.what_if import Rule
from cloudmigrate.errors import UsageError
from cloudmigrate.errors.waves import UnplacedError
from cloudmigrate.ledger.records import JournalLine, PlanRow, WaveStart
from cloudmigrate.workspace import Workspace
from tasks.migrating import compiled, wave_resources
from tasks.plan_reading import read_document, rules_of
from tasks.target_reading import names_of_targets, wanted_strategies


@dataclass(frozen=True, slots=True)
class PlanRunbooks:
    """The runbooks of a plan: of each wave its own page and those of its workloads; and what could not be told."""

    plan: PlanRow
    waves: Mapping[int, tuple[Document, ...]]
    untold: Mapping[int, str]  # wave -> why its steps cannot be told
    states: Mapping[int, GroupState]  # wave -> where it is by the journal
    is_whole: bool  # whether all waves of the plan are there

    @property
    def documents(self) -> tuple[Document, ...]:
        """Every page; of a whole plan the index first."""
        pages = list(self.waves.values())
        every = tuple(one for some in pages for one in some)
        return (index_page(every[0].estate, self.plan.plan_id, pages), *every) if self.is_whole else every


@dataclass(frozen=True, slots=True)
class _Read:
    """What is read once for all waves of a plan."""

    workspace: Workspace
    plan: PlanRow
    document: Mapping[str, Any]
    resources: Sequence[Resource]
    names: Names  # of the targets
    rules: Sequence[Rule]
    measured: Mapping[str, Measured]
    measured_at: datetime  # of the newest line of the journal that the durations come from; of the plan where there is none


def read_runbooks(workspace: Workspace, plan: PlanRow, wave: int | None = None) -> PlanRunbooks:
    """The runbooks of one wave of a plan, or of all. Raises UsageError for a wave that it has not, LakeError, LedgerError."""
    pages: dict[int, tuple[Document, ...]] = {}
    untold: dict[int, str] = {}
    states: dict[int, GroupState] = {}
    for facts in wave_facts(workspace, plan, wave):  # one wave's facts at a time: they are several times as large as its pages
        pages[facts.wave], states[facts.wave] = runbooks(facts), _state(facts)
        if facts.untold:
            untold[facts.wave] = f"{facts.untold}; its runbook lists them all." if facts.lacking else facts.untold
    return PlanRunbooks(plan, pages, untold, states, wave is None)


def _state(facts: WaveFacts) -> GroupState:
    return wave_state(group_statuses(facts.steps, facts.known)) if facts.run else GroupState.NOT_STARTED


def wave_facts(workspace: Workspace, plan: PlanRow, wave: int | None = None) -> Iterator[WaveFacts]:
    """All that is known of one wave, or of each wave of the plan in turn."""
    document = read_document(workspace, plan)
    known = sorted({int(one["wave"]) for one in document["groups"]})
    asked = known if wave is None else [wave]
    if not known or not set(asked) <= set(known):
        told = f"it has waves {known[0]} to {known[-1]}" if known else "nothing moves in it"
        raise UsageError(f"plan {plan.plan_id} has no wave {wave or 1}: {told}. Next: name one of them, or plan again.")
    groups = [one for one in document["groups"] if one["wave"] in asked]
    with workspace.views(plan.snapshot_id, plan.plan_id) as views:
        resources = wave_resources(views, [uid for one in groups for uid in one["members"]])
        names = names_of_targets(workspace, document, views)
        rules = rules_of(views, [str(one["id"]) for one in groups])
    durations, measured_at = _durations(workspace)
    read = _Read(workspace, plan, document, resources, names, rules, durations, max(measured_at or plan.created_at, plan.created_at))
    for number in asked:
        yield _facts(read, number)


def _facts(read: _Read, wave: int) -> WaveFacts:
    workspace, plan, ledger = read.workspace, read.plan, read.workspace.ledger
    groups = tuple(one for one in read.document["groups"] if one["wave"] == wave)
    dates: Mapping[str, Any] = next((one for one in read.document["waves"] if one["wave"] == wave), {})
    lines, start = ledger.journal_lines(plan.plan_id, wave), ledger.wave_start(plan.plan_id, wave)
    steps, fault = _steps(read, wave, lines, start)
    preflight = ledger.newest_preflight(plan.plan_id, wave)
    said = ledger.approvals(workspace.estate.estate, plan.plan_id, wave)
    moments = [one.recorded_at for one in lines] + [one.requested_at for one in said.requests] + [one.answered_at for one in said.answers]
    moments += [start.started_at] if start else []
    moments += [preflight.checked_at] if preflight else []
    as_of = max([read.measured_at, *moments])
    members = {uid for one in groups for uid in one["members"]}
    ids = {str(one["id"]) for one in groups}
    return WaveFacts(
        estate=workspace.estate,
        plan_id=plan.plan_id,
        plan_hash=plan.content_hash,
        wave=wave,
        groups=groups,
        as_of=as_of,
        starts_on=day_of(dates.get("starts_on")),
        ends_on=day_of(dates.get("ends_on")),
        steps=tuple(steps),
        untold=fault.sentence if isinstance(fault, UnplacedError) else str(fault or ""),
        lacking=fault.lacking if isinstance(fault, UnplacedError) else (),
        resources={one.uid: one for one in read.resources if one.uid in members},
        strategies=wanted_strategies(workspace),
        measured=read.measured,
        checks=None if preflight is None else tuple(_check(one) for one in preflight.document["checks"]),
        checked_at=preflight.checked_at if preflight else None,
        rules=tuple(one for one in read.rules if one.move_group in ids),
        run=_run(read, start, steps, lines, as_of) if start else None,
    )


def _steps(
    read: _Read, wave: int, lines: Sequence[JournalLine], start: WaveStart | None
) -> tuple[Sequence[Step], UsageError | ItineraryError | None]:
    """The steps by which the engine carries the wave out: of groups of which something stands those that it began with. Or why none."""
    known = standings(one.entry for one in lines)
    begun = [step_of(one) for one in start.steps] if start is not None and any(map(is_begun, known.values())) else []
    standing = {one.group for one in begun if is_begun(known.get(one.step_id, NOTHING))}
    if begun and standing == {one.group for one in begun}:
        return begun, None
    try:
        now = compiled(read.workspace, read.document, read.resources, wave, read.names)
        return (renewal(begun, now, known).steps if begun else now), None
    except (UsageError, ItineraryError) as error:
        return begun, None if begun else error


def _run(read: _Read, start: WaveStart, steps: Sequence[Step], lines: Sequence[JournalLine], as_of: datetime) -> RunFacts:
    workspace, plan, wave = read.workspace, read.plan, start.wave
    what = Undertaking(plan.plan_id, plan.content_hash, wave, start.steps_hash, start.preflight_hash)
    used = {one.gate for one in steps}
    # As of the newest thing that is on record, not of now: the same ledger gives the same page.
    gates: dict[Gate, GateStanding] = {
        gate: gate_of(workspace.estate, workspace.ledger, what, gate, as_of) for gate in WAVE_GATES if gate in used
    }
    events = workspace.ledger.step_events(plan.plan_id, wave)
    rows = tuple(AuditRow(one.seq, one.at, one.action, one.subject, one.actor, one.hash) for one in events)
    known = standings(one.entry for one in lines)
    doubts = workspace.ledger.journal_doubts(plan.plan_id, wave, [one.entry for one in lines])
    # No command names what a changed line of the journal says.
    known |= {step_id: replace(known.get(step_id, NOTHING), outputs=doubt.told) for step_id, doubt in doubts.items()}
    return RunFacts(start.started_by, start.started_at, _timed(lines), known, gates, rows)


def _timed(lines: Sequence[JournalLine]) -> tuple[TimedLine, ...]:
    return tuple(TimedLine(one.entry.step_id, one.entry.state, one.recorded_at, one.holder, one.entry.error) for one in lines)


def _durations(workspace: Workspace) -> tuple[dict[str, Measured], datetime | None]:
    """How long acts took in every wave of the estate that was ever begun, and when the newest of these lines was written."""
    journals, newest = [], None
    for start in workspace.ledger.wave_starts(workspace.estate.estate):
        lines = workspace.ledger.journal_lines(start.plan_id, start.wave)
        if lines:
            journals.append(([step_of(one) for one in start.steps], _timed(lines)))
            newest = max(newest or lines[-1].recorded_at, lines[-1].recorded_at)
    return measured(journals), newest


def _check(one: Mapping[str, Any]) -> CheckFact:
    waived = one.get("waived") or {}
    return CheckFact(one["check"], one["subject"], one["state"], one["evidence"], waived.get("by", ""))

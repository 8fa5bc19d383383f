"""What a person asks of waves: where they are, what was done when, what is left over. Reads only, and starts no Prefect."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from cloudmigrate.approving import Undertaking, gate_of, standing_of
from cloudmigrate.domain.approvals import ApprovalRequest
from cloudmigrate.domain.confirmations import confirmed
from cloudmigrate.domain.estate import Estate
from cloudmigrate.domain.explaining import due_at
from cloudmigrate.domain.gates import GateStanding
from cloudmigrate.domain.journal import NOTHING, Standing, StepState, standings, startable
from cloudmigrate.domain.orphans import Orphan, TaggedThing, WaveRecord, orphans
from cloudmigrate.domain.shell_commands import undo_commands
from cloudmigrate.domain.steps import WAVE_GATES, Gate, Step, step_of
from cloudmigrate.domain.wave_status import GroupStatus, group_statuses, says_now, wave_state
from cloudmigrate.ledger.journal_proof import Doubt
from cloudmigrate.ledger.records import JournalLine, PlanRow, WaveStart
from cloudmigrate.workspace import Workspace, utc_now
from tasks.migrating import patient_sessions

NAMES_AT_MOST = 3
_OF_STEP = re.compile(r"^[^/]*/(.*?)(?:-[0-9a-f]{8})?/[^/]*$")  # the resource's name in a step's id, without the digits of its uid


@dataclass(frozen=True, slots=True)
class AskedGate:
    """The gate of execution, asked for with steps that a wave has not begun with yet."""

    request: ApprovalRequest
    standing: GateStanding

    def sentence(self) -> str:
        """What is asked, by whom, since when, and how it stands, for a person."""
        asked = f"asked by {self.request.requested_by} at {self.request.requested_at:%Y-%m-%d %H:%M} UTC"
        return f"gate {self.request.gate.value}, {asked}, is {self.standing.sentence()}"

    def document(self) -> dict[str, Any]:
        """It as JSON values."""
        return {
            "gate": self.request.gate.value,
            "state": self.standing.state.value,
            "standing": self.standing.sentence(),
            "asked_by": self.request.requested_by,
            "asked_at": self.request.requested_at.isoformat(timespec="seconds"),
            "steps_hash": self.request.steps_hash,
            "preflight_hash": self.request.preflight_hash,
        }


@dataclass(frozen=True, slots=True)
class WaveReading:
    """All that the ledger tells of one wave that was begun."""

    plan: PlanRow
    start: WaveStart
    steps: tuple[Step, ...]
    lines: tuple[JournalLine, ...]
    known: Mapping[str, Standing]
    groups: tuple[GroupStatus, ...]
    gates: tuple[tuple[Gate, GateStanding], ...]  # those that stand before some step
    by_hand: tuple[Step, ...]  # what a person has to do and confirm now
    holder: str
    every_step: Mapping[str, Step]  # those of earlier beginnings as well
    asked_anew: AskedGate | None = None  # of groups that went back and take new steps
    doubts: Mapping[str, Doubt] = field(default_factory=dict)  # of what could not be undone: lines that the audit chain does not tell

    def stuck(self) -> dict[str, tuple[str, list[str]]]:
        """step -> why it could not be undone, and the commands by which a person does it, in the order of the way back."""
        steps = {one.step_id: one for one in self.steps}
        failed = [(step_id, one) for step_id, one in self.known.items() if one.state is StepState.UNDO_FAILED and step_id in steps]
        told = {one: replace(self.known.get(one, NOTHING), outputs=doubt.told) for one, doubt in self.doubts.items()}
        known = {**self.known, **told}  # no command names what a changed line says
        newest_first = sorted(failed, key=lambda pair: pair[1].began, reverse=True)
        return {step_id: (one.error, undo_commands(steps[step_id], known)) for step_id, one in newest_first}

    def rests(self) -> list[tuple[Step, datetime]]:
        """Steps that wait for a day or an hour, and when each is due at the earliest."""
        return [(one, at) for one in self.steps if (at := due_at(one, self.known)) is not None]

    def moved_by(self, group: str) -> str:
        """What a group moves, by name: a few of it."""
        return moves_of(one for one in self.steps if one.group == group)

    def timeline(self) -> list[dict[str, Any]]:
        """A row for each line of the journal, oldest first, with how long each act took."""
        steps = self.every_step
        began: dict[str, datetime] = {}
        given: dict[str, Mapping[str, Any]] = {}  # at that time: what is made anew has another id
        rows = []
        for line in self.lines:
            step_id, state = line.entry.step_id, line.entry.state
            took = None
            if state in (StepState.INTENT, StepState.UNDOING):
                began[step_id] = line.recorded_at
            elif step_id in began:
                took = round((line.recorded_at - began.pop(step_id)).total_seconds(), 1)
            if line.entry.outputs:
                given[step_id] = line.entry.outputs
            rows.append(
                {
                    "at": line.recorded_at.isoformat(timespec="seconds"),
                    "state": state.value,
                    "took_s": took,
                    "step": step_id,
                    "says": says_now(steps[step_id], given) if step_id in steps else "",
                    "gave": dict(line.entry.outputs),
                    "error": line.entry.error,
                    "by": line.holder,
                }
            )
        return rows

    def document(self) -> dict[str, Any]:
        """All of it as JSON values."""
        given = {step_id: one.outputs for step_id, one in self.known.items()}
        return {
            "plan_id": self.plan.plan_id,
            "plan_hash": self.plan.content_hash,
            "wave": self.start.wave,
            "state": wave_state(self.groups).value,
            "started_by": self.start.started_by,
            "started_at": self.start.started_at.isoformat(timespec="seconds"),
            "steps_hash": self.start.steps_hash,
            "preflight_hash": self.start.preflight_hash,
            "holder": self.holder,
            "groups": [{"moves": self.moved_by(one.group), **asdict(one), "state": one.state.value} for one in self.groups],
            "gates": [{"gate": gate.value, "state": one.state.value, "standing": one.sentence()} for gate, one in self.gates],
            "asked_anew": self.asked_anew.document() if self.asked_anew else None,
            "waiting": [
                {"step": one.step_id, "says": says_now(one, given), "until": at.isoformat(timespec="seconds")} for one, at in self.rests()
            ],
            "by_hand": [{"step": one.step_id, "says": says_now(one, given)} for one in self.by_hand],
            "stuck": [{"step": step_id, "error": why, "commands": commands} for step_id, (why, commands) in self.stuck().items()],
            "timeline": self.timeline(),
        }


def moves_of(steps: Iterable[Step]) -> str:
    """What the steps move, by name: a few of it."""
    names = list(dict.fromkeys(_OF_STEP.sub(r"\1", one.step_id) for one in steps))
    return ", ".join(names[:NAMES_AT_MOST]) + (f" and {len(names) - NAMES_AT_MOST} more" if len(names) > NAMES_AT_MOST else "")


def read_wave(workspace: Workspace, plan: PlanRow, wave: int) -> WaveReading | None:
    """What the ledger tells of a wave; None where it was never begun. Raises LedgerError."""
    ledger, estate = workspace.ledger, workspace.estate
    start = ledger.wave_start(plan.plan_id, wave)
    if start is None:
        return None
    steps = tuple(step_of(one) for one in start.steps)
    lines = ledger.journal_lines(plan.plan_id, wave)
    known = standings(one.entry for one in lines)
    what = Undertaking(plan.plan_id, plan.content_hash, wave, start.steps_hash, start.preflight_hash)
    used = {one.gate for one in steps}
    now = utc_now()
    is_stuck = any(one.state is StepState.UNDO_FAILED for one in known.values())
    said = confirmed(ledger.confirmations(plan.plan_id, wave), steps, estate.people, plan_hash=plan.content_hash)
    return WaveReading(
        plan=plan,
        start=start,
        steps=steps,
        lines=lines,
        known=known,
        groups=tuple(group_statuses(steps, known)),
        gates=tuple((gate, gate_of(estate, ledger, what, gate, now)) for gate in WAVE_GATES if gate in used),
        by_hand=tuple(one for one in startable(steps, known) if one.gate is Gate.BY_HAND and one.step_id not in said),
        holder=ledger.wave_holder(plan.plan_id, wave) or "",
        every_step=ledger.every_step(plan.plan_id, wave),
        asked_anew=asked_since(workspace, plan, wave, start),
        doubts=ledger.journal_doubts(plan.plan_id, wave, [one.entry for one in lines]) if is_stuck else {},
    )


def asked_since(workspace: Workspace, plan: PlanRow, wave: int, start: WaveStart | None = None) -> AskedGate | None:
    """What was asked for last at the gate of execution and not begun with yet; *start*: the wave's newest. None where nothing was."""
    ledger, estate = workspace.ledger, workspace.estate
    asked = [one for one in ledger.approvals(estate.estate, plan.plan_id, wave).requests if one.gate is Gate.EXECUTION]
    if not asked or (start is not None and asked[-1].requested_at <= start.started_at):
        return None
    if start is not None and (asked[-1].steps_hash, asked[-1].preflight_hash) == (start.steps_hash, start.preflight_hash):
        return None
    return AskedGate(asked[-1], standing_of(estate, ledger, asked[-1], utc_now()))


def wave_rows(workspace: Workspace) -> list[dict[str, Any]]:
    """A row for each wave of the estate that was ever begun, the last begun first; before them those that wait for their first approval."""
    begun = workspace.ledger.begun_waves(workspace.estate.estate)
    rows = _rows_asked(workspace, begun)
    for plan_id, wave in begun:
        plan = workspace.ledger.plan(plan_id)
        found = read_wave(workspace, plan, wave) if plan else None
        if found:
            states = [found.known.get(one.step_id, NOTHING).state for one in found.steps]
            rows.append(
                {
                    "plan": plan_id,
                    "wave": wave,
                    "state": wave_state(found.groups).value,
                    "groups": len(found.groups),
                    "steps_done": f"{states.count(StepState.DONE)} of {len(states)}",
                    "started_by": found.start.started_by,
                    "started_at": found.start.started_at.isoformat(timespec="seconds"),
                    "last_line": found.lines[-1].recorded_at.isoformat(timespec="seconds") if found.lines else "",
                    "holder": found.holder,
                }
            )
    return rows


def _rows_asked(workspace: Workspace, begun: Collection[tuple[str, int]]) -> list[dict[str, Any]]:
    """A row for each wave that was asked for and never begun, the last asked for first."""
    places = dict.fromkeys((one.plan_id, one.wave) for one in workspace.ledger.approvals(workspace.estate.estate).requests)
    rows = []
    for plan_id, wave in reversed([one for one in places if one not in set(begun)]):
        plan = workspace.ledger.plan(plan_id)
        asked = asked_since(workspace, plan, wave) if plan else None
        if asked is not None:
            nothing = dict.fromkeys(("steps_done", "started_by", "started_at", "last_line", "holder"), "")
            rows.append({"plan": plan_id, "wave": wave, "state": f"not begun: {asked.sentence()}", "groups": "", **nothing})
    return rows


def find_orphans(workspace: Workspace) -> tuple[list[Orphan], list[str]]:
    """What is left over in the estate's accounts and regions, and a sentence for each place where that is not known."""
    from cloudmigrate.aws.tagged import TaggedReadError, still_there, tagged_things

    estate = workspace.estate
    sessions = patient_sessions(estate)
    things: list[TaggedThing] = []
    unseen: list[str] = []
    waves = _waves(workspace)
    for account_id, region in places_of(estate, waves.values()):
        try:
            things += tagged_things(sessions, account_id, region)
        except TaggedReadError as error:
            unseen.append(str(error))
    found = orphans(things, waves)
    try:
        there = still_there(sessions, (one.thing for one in found))
    except TaggedReadError as error:
        return found, [*unseen, str(error)]
    return [one for one in found if one.thing in there], unseen


def places_of(estate: Estate, waves: Iterable[WaveRecord] = ()) -> list[tuple[str, str]]:
    """Where anything of ours can be: the estate's regions, the one that things move to, and those to which a wave ever wrote."""
    target = (estate.targets.region,) if estate.targets.region else ()
    stated = {(account.id, region) for account in estate.accounts for region in (*account.regions, *target)}
    written = {(one.account_id, one.region) for wave in waves for one in wave.steps.values()}
    known = {account.id for account in estate.accounts}
    return sorted(stated | {(account_id, region) for account_id, region in written if account_id in known and region != "global"})


def _waves(workspace: Workspace) -> dict[tuple[str, int], WaveRecord]:
    found = {}
    for start in workspace.ledger.wave_starts(workspace.estate.estate):
        place, plan = (start.plan_id, start.wave), workspace.ledger.plan(start.plan_id)
        if plan:
            steps = workspace.ledger.every_step(*place)  # it may have written elsewhere before its estate file was mended
            known = standings(workspace.ledger.step_entries(*place))
            found[place] = WaveRecord(plan.content_hash, steps, known)
    return found

"""A wave carried out and taken back: the engine with the ledger as its journal, AWS as its world and people at its gates. No Prefect."""

import os
import socket
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from cloudmigrate import log
from cloudmigrate.domain.estate import Estate
from cloudmigrate.domain.journal import Entry, Standing, StepState, is_begun, standings
from cloudmigrate.domain.renewal import standing_alone
from cloudmigrate.domain.steps import Gate, Step, step_document
from cloudmigrate.domain.writes_at_risk import writes_at_risk
from cloudmigrate.errors import UsageError
from cloudmigrate.errors.waves import WaveBusyError, WritesAtRiskError
from cloudmigrate.execution.by_hand import WithPeople
from cloudmigrate.execution.carrying import Carrier
from cloudmigrate.execution.halting import Halt
from cloudmigrate.execution.ports import Journal, Patience, World
from cloudmigrate.execution.waves import GroupEnd, Limits, WaveEnd, roll_back, run_wave, with_dependents
from cloudmigrate.ledger.approvals import signed_heads
from cloudmigrate.ledger.records import PlanRow, WaveStart
from cloudmigrate.ledger.wave_journal import WaveJournal, WavePlaces, told_of
from cloudmigrate.settings import acting_user
from cloudmigrate.workspace import Workspace, utc_now
from tasks.manifests import WithManifests
from tasks.migrating import patient_sessions, world_of
from tasks.wave_gates import People, Waiting, ask, to_confirm, was_let
from tasks.wave_preparing import PreparedWave, begun

if TYPE_CHECKING:
    from cloudmigrate.aws.acting import AwsWorld
    from cloudmigrate.aws.calling import CallMade

logger = log.get_logger(__name__)
Heard = Callable[[Step, Entry], None]


def _log(step: Step, entry: Entry) -> None:
    logger.info(f"{entry.state.value}: {step.says}", step_id=step.step_id, uid=step.uid)


@dataclass(frozen=True, slots=True)
class Means:
    """What a wave is carried out with."""

    world: "AwsWorld | None" = None  # None: AWS, with the estate's accounts
    limits: Limits | None = None  # None: the estate's
    patience: Patience = field(default_factory=Patience)
    heard: Heard = _log  # hears of every line of the journal, once it is kept
    by: str = ""  # who asks for it; empty: who is at work here


USUAL = Means()


@dataclass(frozen=True, slots=True)
class WaveOutcome:
    """How a run of a wave ended."""

    end: WaveEnd
    waiting: Waiting = field(default_factory=Waiting)


def carry_out(
    prepared: PreparedWave,
    preflight_hash: str,
    *,
    reopen: Callable[[], Estate],
    means: Means = USUAL,
    apart: Collection[str] = (),
) -> WaveOutcome:
    """Carry the wave on to its end, to a gate, or back. The gate of execution is open; *reopen* reads the estate file anew at each other.

    *apart*: groups that are left as they are, of which nothing stands. Raises WaveBusyError, LedgerError.
    """
    workspace, plan, wave = prepared.workspace, prepared.plan, prepared.wave
    with _held(workspace, plan, wave):
        _refuse_moved(prepared)
        if prepared.start is None or prepared.renewed:
            _begin(prepared, preflight_hash, means.by or acting_user())
        elif not was_let(prepared, preflight_hash, reopen()):
            end = WaveEnd(dict.fromkeys((one.group for one in prepared.steps), GroupEnd.WAITING), waiting_for=(Gate.EXECUTION,))
            return WaveOutcome(end, ask(prepared, preflight_hash, [Gate.EXECUTION], estate=reopen(), by=means.by))
        people = People(prepared, preflight_hash, reopen)
        carrier = _carrier(prepared, people, means)
        steps = standing_alone(prepared.steps, apart) if apart else prepared.steps
        end = run_wave(
            steps,
            carrier,
            is_open=people.is_open,
            is_confirmed=people.is_confirmed,
            limits=means.limits or Limits(),
            before_undo=lambda groups: _name_writes(prepared, groups),
        )
        waiting = ask(prepared, preflight_hash, end.waiting_for, estate=reopen(), by=means.by)
        if Gate.BY_HAND in end.waiting_for:
            waiting = replace(waiting, by_hand=to_confirm(steps, carrier.journal.standings(), people))
        return WaveOutcome(end, waiting)


def take_back(
    workspace: Workspace,
    plan: PlanRow,
    wave: int,
    *,
    reason: str,
    groups: Collection[str] | None = None,
    despite_writes: bool = False,
    means: Means = USUAL,
) -> WaveEnd:
    """Take back what was done of the wave, or of some of its groups and what was built on them, newest first.

    Raises UsageError (an unknown group, a point of no return), WritesAtRiskError, WaveBusyError, LedgerError.
    """
    with _held(workspace, plan, wave):
        prepared = begun(workspace, plan, wave)  # read while nobody can begin it anew
        unknown = set(groups or ()) - {one.group for one in prepared.steps}
        if unknown:
            raise UsageError(f"wave {wave} has no move group {min(unknown)}. Next: see its groups with `cloudmigrate status`.")
        known = standings(workspace.ledger.step_entries(plan.plan_id, wave))
        going = with_dependents(prepared.steps, groups or {one.group for one in prepared.steps}, known)
        told = told_writes(prepared, going)
        if told and not despite_writes:
            raise WritesAtRiskError(plan.plan_id, wave, told)
        detail = {"groups": sorted(groups) if groups else "all", "reason": reason, "plan_hash": plan.content_hash}
        workspace.ledger.audit(means.by or acting_user(), "wave.rollback", f"{plan.plan_id}/{wave}", detail)
        people = People(prepared, "", lambda: workspace.estate)
        return roll_back(
            prepared.steps,
            _carrier(prepared, people, means),
            groups,
            is_confirmed=people.is_confirmed,
            before_undo=lambda found: _name_writes(prepared, found),
        )


def told_writes(prepared: PreparedWave, groups: Collection[str]) -> list[str]:
    """What users may have written to in these groups since cutover, each in a sentence with how much CloudWatch saw of it."""
    from cloudmigrate.aws.target_writes import written_since

    plan, workspace = prepared.plan, prepared.workspace
    lines = workspace.ledger.journal_lines(plan.plan_id, prepared.wave)
    at_risk = writes_at_risk(prepared.steps, standings(one.entry for one in lines), groups)
    done_at = {one.entry.step_id: one.recorded_at for one in lines if one.entry.state is StepState.DONE}
    sessions = patient_sessions(workspace.estate) if at_risk else None
    told = []
    for one in at_risk:
        assert sessions is not None  # noqa: S101 - made where there is something to ask about
        since = done_at[one.since_step]
        ids = ", ".join(str(value) for name, value in one.holds.items() if name.endswith("_id") or name == "arn")
        measured = written_since(sessions, (one.account_id, one.region), one.holds, since, utc_now())
        told.append(
            f"{ids} (account {one.account_id}, {one.region}), in the place of {one.uid}, since {since:%Y-%m-%d %H:%M} UTC: {measured}"
        )
    return told


def _name_writes(prepared: PreparedWave, groups: Collection[str]) -> None:
    """Put on record what users may have written to, before it is removed."""
    for told in told_writes(prepared, groups):
        logger.warning(f"goes back, with what users wrote to it: {told}")
        detail = {"wave": prepared.wave, "plan_hash": prepared.plan.content_hash, "what": told}
        prepared.workspace.ledger.audit(holder(), "wave.writes_at_risk", f"{prepared.plan.plan_id}/{prepared.wave}", detail)


def _refuse_moved(prepared: PreparedWave) -> None:
    """Raises WaveBusyError where another process moved the wave since it was prepared: its steps may be others.

    A wave that was not begun may have been by now; one that was may have been begun anew; and of a group that takes new steps something
    may stand.
    """
    plan, wave, ledger = prepared.plan, prepared.wave, prepared.workspace.ledger
    known = standings(ledger.step_entries(plan.plan_id, wave))
    if prepared.start is None:
        is_moved = any(map(is_begun, known.values()))
    else:
        is_moved = ledger.wave_start(plan.plan_id, wave) != prepared.start or (bool(prepared.renewed) and known != prepared.known)
    if is_moved:
        raise WaveBusyError(plan.plan_id, wave, ledger.wave_holder(plan.plan_id, wave) or "not known")


def _begin(prepared: PreparedWave, preflight_hash: str, by: str) -> None:
    """Put on record with which steps the wave begins, or goes on from now."""
    ledger = prepared.workspace.ledger
    ledger.start_wave(_start(prepared, preflight_hash, by))
    if prepared.renewed:
        detail = {"groups": sorted(prepared.renewed), "changes": prepared.changes, "plan_hash": prepared.plan.content_hash}
        ledger.audit(by, "wave.renewed", f"{prepared.plan.plan_id}/{prepared.wave}", detail)


def _start(prepared: PreparedWave, preflight_hash: str, by: str) -> WaveStart:
    what = prepared.undertaking(preflight_hash)
    return WaveStart(
        estate=prepared.workspace.estate.estate,
        plan_id=what.plan_id,
        plan_hash=what.plan_hash,
        wave=what.wave,
        steps_hash=what.steps_hash,
        steps=[step_document(one) for one in prepared.steps],
        preflight_hash=preflight_hash,
        started_by=by,
        started_at=utc_now(),
    )


@contextmanager
def _held(workspace: Workspace, plan: PlanRow, wave: int) -> Iterator[None]:
    """This wave for this process alone. Raises WaveBusyError at once where another has it."""
    with workspace.ledger.hold(f"wave {wave} of plan {plan.plan_id}") as is_ours:
        if not is_ours:
            raise WaveBusyError(plan.plan_id, wave, workspace.ledger.wave_holder(plan.plan_id, wave) or "not known yet")
        yield


def _carrier(prepared: PreparedWave, people: People, means: Means) -> Carrier:
    workspace, plan, wave = prepared.workspace, prepared.plan, prepared.wave
    hold = workspace.ledger.take_wave(plan.plan_id, wave, estate=workspace.estate.estate, holder=holder())
    estate = workspace.estate
    journal = WaveJournal(
        workspace.ledger,
        hold,
        prepared.steps,
        signed=lambda: signed_heads(workspace.ledger.approvals(estate.estate), estate.people),
    )
    steps = {one.step_id: one for one in prepared.steps}
    halt = Halt()
    acting = replace(
        means.world or world_of(workspace.estate),
        heard=lambda made: _audit(prepared, made),
        may_write=journal.refuse_lost,
        sleep=halt.sleep,
    )
    compared = WithManifests(
        acting,
        patient_sessions(workspace.estate),
        workspace.lake,
        heard=acting.heard,
        may_write=acting.may_write,
        sleep=halt.sleep,
    )
    told: World = WithPeople(compared, people.is_confirmed)
    places, heard = WavePlaces(workspace.ledger, hold), HeardJournal(journal, steps, means.heard)
    return Carrier(plan.content_hash, wave, told, heard, means.patience, halt, places)


def holder() -> str:
    """The person, the machine and the process: who is to be asked about a wave that does not go on."""
    return f"{acting_user()}@{socket.gethostname()}/{os.getpid()}"


def _audit(prepared: PreparedWave, made: "CallMade") -> None:
    """Put a write call on the audit chain: who, what, why, by which plan, and AWS's own id of the request."""
    detail: dict[str, Any] = {
        "account_id": made.account_id,
        "region": made.region,
        "request_id": made.request_id,
        "plan_id": prepared.plan.plan_id,
        "plan_hash": prepared.plan.content_hash,
        "wave": prepared.wave,
        "step_id": made.step.step_id,
        "uid": made.step.uid,
        "why": made.step.says,
        "outcome": made.error or "done",
    }
    with told_of(prepared.plan.plan_id, prepared.wave, made.step):
        prepared.workspace.ledger.audit(holder(), f"call.{made.call.service}:{made.call.operation}", made.step.step_id, detail)


@dataclass(frozen=True, slots=True)
class HeardJournal:
    """A journal whose lines somebody hears of, once they are kept."""

    journal: Journal
    steps: Mapping[str, Step]
    heard: Heard

    def standings(self) -> Mapping[str, Standing]:
        """step -> what is known of it, now."""
        return self.journal.standings()

    def doubt(self, step_id: str) -> str:
        """Why what is known of that step is not to be acted upon; empty: nothing is against it."""
        return self.journal.doubt(step_id)

    def record(self, entry: Entry) -> None:
        """Nothing; the line is kept."""
        self.journal.record(entry)
        self.heard(self.steps[entry.step_id], entry)

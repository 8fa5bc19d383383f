"""A run of a wave from its preflight to where it ends, waits or goes back; and its way back. What people and Prefect start. No Prefect."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cloudmigrate.domain.estate import Estate
from cloudmigrate.domain.journal import NOTHING, StepState, given, standings
from cloudmigrate.domain.other_waves import OtherWave, moved_elsewhere
from cloudmigrate.domain.preflight.record import Preflight
from cloudmigrate.domain.steps import Gate
from cloudmigrate.domain.wave_needs import built_on, unmet_needs
from cloudmigrate.domain.wave_status import GroupState, group_statuses
from cloudmigrate.errors import UsageError
from cloudmigrate.errors.waves import PreflightBlocksError
from cloudmigrate.execution.waves import GroupEnd, Limits, WaveEnd
from cloudmigrate.ledger.records import PlanRow, PreflightRow
from cloudmigrate.workspace import Workspace, utc_now
from tasks.executing import USUAL, Means, WaveOutcome, carry_out, take_back
from tasks.migrating import DryRun, patient_sessions, rehearsed
from tasks.plan_reading import read_document
from tasks.preflight import record, run_preflight
from tasks.repository import refuse_edited
from tasks.wave_gates import ask, is_open
from tasks.wave_preparing import PreparedWave, begun, prepare, steps_begun

if TYPE_CHECKING:
    from cloudmigrate.aws.acting import AwsWorld


@dataclass(frozen=True, slots=True)
class Asked:
    """Which wave, of which plan, and by whom it is asked for."""

    workspace: Workspace
    plan: PlanRow
    wave: int
    by: str


def go_on(asked: Asked, *, reopen: Callable[[], Estate], means: Means = USUAL) -> WaveOutcome:
    """Carry a wave on as far as it goes: to its end, to a gate, or back; one that was not begun is checked first, and asks for its gate.

    Raises PreflightBlocksError, EditedCodeError, RepositoryError, UsageError, WaveBusyError, LedgerError, LakeError.
    """
    refuse_edited(asked.workspace, asked.plan)
    prepared = prepare(asked.workspace, asked.plan, asked.wave)
    limits = means.limits or Limits(**asked.workspace.estate.execution.limits.model_dump())
    means = Means(means.world, limits, means.patience, means.heard, asked.by)
    if prepared.renewed:
        return _go_on_anew(prepared, asked, reopen=reopen, means=means)
    if prepared.start is not None:
        return carry_out(prepared, prepared.start.preflight_hash, reopen=reopen, means=means)
    _refuse_unmet(asked)
    refuse_elsewhere(prepared)
    checked = _checked(prepared, asked)
    if not is_open(prepared, checked, Gate.EXECUTION, estate=reopen()):
        end = WaveEnd(dict.fromkeys((one.group for one in prepared.steps), GroupEnd.WAITING), waiting_for=(Gate.EXECUTION,))
        return WaveOutcome(end, ask(prepared, checked, [Gate.EXECUTION], estate=reopen(), by=asked.by))
    return carry_out(prepared, checked, reopen=reopen, means=means)


def _go_on_anew(prepared: PreparedWave, asked: Asked, *, reopen: Callable[[], Estate], means: Means) -> WaveOutcome:
    """Carry on a begun wave of which groups take new steps: these are checked and approved first; until then the others go on alone."""
    blocking: PreflightBlocksError | None = None
    checked = ""
    try:
        checked = _checked(prepared, asked)
    except PreflightBlocksError as error:
        blocking = error
    if checked and is_open(prepared, checked, Gate.EXECUTION, estate=reopen()):
        return carry_out(prepared, checked, reopen=reopen, means=means)
    outcome = _kept(prepared, reopen=reopen, means=means)
    if not {GroupEnd.ROLLED_BACK, GroupEnd.STUCK}.isdisjoint(outcome.end.groups.values()):
        return outcome  # told first: a group that went back now may be mended as well, and checked with these
    if blocking is not None:
        raise blocking
    waiting = ask(prepared, checked, [Gate.EXECUTION], estate=reopen(), by=asked.by)
    groups = {**outcome.end.groups, **dict.fromkeys(prepared.renewed, GroupEnd.WAITING)}
    gates = tuple(one for one in Gate if one is Gate.EXECUTION or one in outcome.end.waiting_for)
    requests = (*waiting.requests, *(one for one in outcome.waiting.requests if one[0].gate is not Gate.EXECUTION))
    return WaveOutcome(
        replace(outcome.end, groups=groups, waiting_for=gates), replace(outcome.waiting, requests=requests, changes=waiting.changes)
    )


def _kept(prepared: PreparedWave, *, reopen: Callable[[], Estate], means: Means) -> WaveOutcome:
    """The groups that keep their steps, carried on as they were begun, where something of them is left to do."""
    before = prepared.as_begun()
    left = [one for one in before.steps if one.group not in prepared.renewed]
    if prepared.start is None or all(prepared.known.get(one.step_id, NOTHING).state is StepState.DONE for one in left):
        return WaveOutcome(WaveEnd(dict.fromkeys((one.group for one in left), GroupEnd.MIGRATED)))
    return carry_out(before, prepared.start.preflight_hash, reopen=reopen, means=means, apart=prepared.renewed)


def go_back(
    asked: Asked, *, reason: str, groups: Collection[str] | None = None, despite_writes: bool = False, means: Means = USUAL
) -> WaveEnd:
    """Take back a wave, or groups of it. Raises UsageError also where groups of other waves were built on it, WritesAtRiskError."""
    prepared = begun(asked.workspace, asked.plan, asked.wave)  # its groups are the plan's, whoever begins it anew meanwhile
    going = set(groups) if groups else {one.group for one in prepared.steps}
    states = states_of(asked.workspace, asked.plan)
    alive = {name for name, state in states.items() if state not in (GroupState.NOT_STARTED, GroupState.ROLLED_BACK)}
    own = {one.group for one in prepared.steps}  # of the same wave: they go back with it
    # The lake is asked only where it matters: at night a wave goes back by the ledger alone.
    hindered = built_on(_groups(asked), going, alive - own) if alive - own else []
    if hindered:
        group, need = hindered[0]
        raise UsageError(f"move group {group} was built on {need}, which would go back. Next: roll back the wave of {group} first.")
    means = Means(means.world, means.limits, means.patience, means.heard, asked.by)
    return take_back(asked.workspace, asked.plan, asked.wave, reason=reason, groups=groups, despite_writes=despite_writes, means=means)


def states_of(workspace: Workspace, plan: PlanRow) -> dict[str, GroupState]:
    """group -> where it is, of every wave of the plan that was ever begun. What is wrong with another plan's record hinders none."""
    found: dict[str, GroupState] = {}
    for plan_id, wave in workspace.ledger.begun_waves(workspace.estate.estate):
        start = workspace.ledger.wave_start(plan_id, wave) if plan_id == plan.plan_id else None
        if start is not None:
            known = standings(workspace.ledger.step_entries(plan_id, wave))
            found |= {one.group: one.state for one in group_statuses(steps_begun(start), known)}
    return found


def _groups(asked: Asked) -> list[Mapping[str, object]]:
    groups: list[Mapping[str, object]] = read_document(asked.workspace, asked.plan)["groups"]
    return groups


def _refuse_unmet(asked: Asked) -> None:
    migrated = [name for name, state in states_of(asked.workspace, asked.plan).items() if state is GroupState.MIGRATED]
    unmet = unmet_needs(_groups(asked), asked.wave, migrated)
    if unmet:
        group, need, wave = unmet[0]
        more = f" (and {len(unmet) - 1} more such needs)" if len(unmet) > 1 else ""
        raise UsageError(
            f"wave {asked.wave} cannot begin: its move group {group} needs {need} of wave {wave}, which is not migrated{more}. "
            f"Next: migrate wave {wave} first."
        )


def refuse_elsewhere(prepared: PreparedWave) -> None:
    """Raises UsageError where a wave of another plan has in its hands what this one would move: told before anybody is asked.

    Whether it still has when a resource is begun, the journal decides.
    """
    found = moved_elsewhere(prepared.steps, _others(prepared))
    if found is not None:
        other, uid = found
        place = f"{other.plan_id} --wave {other.wave}"
        raise UsageError(
            f"wave {prepared.wave} of plan {prepared.plan.plan_id} cannot begin: wave {other.wave} of plan {other.plan_id} moves {uid} "
            f"and was not taken back. Next: see `cloudmigrate status {place}`; go on with that one, or roll it back first."
        )


def _others(prepared: PreparedWave) -> Iterator[OtherWave]:
    """The waves of other plans of the estate that were ever begun."""
    ledger = prepared.workspace.ledger
    for plan_id, wave in ledger.begun_waves(prepared.workspace.estate.estate):
        start = ledger.wave_start(plan_id, wave) if plan_id != prepared.plan.plan_id else None
        if start is not None:
            yield OtherWave(plan_id, wave, steps_begun(start), standings(ledger.step_entries(plan_id, wave)))


def _checked(prepared: PreparedWave, asked: Asked) -> str:
    """The hash of the preflight, made now and on record. Raises PreflightBlocksError."""
    found, row = check_prepared(prepared, by=asked.by)
    if found.blocks:
        told = [f"{one.name.value} {one.state.value} {one.subject} {one.place}: {one.evidence}" for one in found.blocking]
        raise PreflightBlocksError(prepared.plan.plan_id, prepared.wave, told)
    return row.preflight_hash


def dry_run(prepared: PreparedWave, world: "AwsWorld") -> DryRun:
    """What the wave would do. Nothing is written; groups of which anything stands are told, and not asked about."""
    plan = prepared.plan
    return rehearsed(
        prepared.steps,
        plan_id=plan.plan_id,
        plan_hash=plan.content_hash,
        wave=prepared.wave,
        world=world,
        begun=prepared.begun_groups,
        given=given(prepared.known),
    )


def check_prepared(prepared: PreparedWave, *, by: str, rehearsal: DryRun | None = None) -> tuple[Preflight, PreflightRow]:
    """The preflight of all groups of which nothing stands, and its row, now in the ledger."""
    now, workspace, plan = utc_now(), prepared.workspace, prepared.plan
    found = run_preflight(
        workspace,
        plan,
        prepared.wave,
        prepared.steps,
        patient_sessions(workspace.estate),
        now=now,
        rehearsal=rehearsal,
        begun=prepared.begun_groups,
        given=given(prepared.known),
    )
    return found, record(workspace, plan, prepared.steps, found, checked_by=by, checked_at=now)

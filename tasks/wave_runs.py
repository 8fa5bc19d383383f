"""A run of a wave from its preflight to where it ends, waits or goes back; and its way back. What people and Prefect start. No Prefect."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from cloudmigrate.domain.estate import Estate
from cloudmigrate.domain.journal import NOTHING, is_begun, standings
from cloudmigrate.domain.steps import Gate, Step, step_of
from cloudmigrate.domain.wave_needs import built_on, unmet_needs
from cloudmigrate.domain.wave_status import GroupState, group_statuses
from cloudmigrate.errors import PreflightBlocksError, UsageError
from cloudmigrate.execution.waves import GroupEnd, Limits, WaveEnd
from cloudmigrate.ledger.records import PlanRow
from cloudmigrate.workspace import Workspace, utc_now
from tasks.executing import USUAL, Means, PreparedWave, WaveOutcome, ask, begun, carry_out, is_open, prepare, take_back
from tasks.migrating import patient_sessions
from tasks.plan_reading import read_document
from tasks.preflight import record, run_preflight
from tasks.repository import refuse_edited


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
    if prepared.start is not None:
        return carry_out(prepared, prepared.start.preflight_hash, reopen=reopen, means=means)
    _refuse_unmet(asked)
    refuse_elsewhere(prepared)
    checked = _checked(prepared, asked)
    if not is_open(prepared, checked, Gate.EXECUTION, estate=reopen()):
        end = WaveEnd(dict.fromkeys((one.group for one in prepared.steps), GroupEnd.WAITING), waiting_for=(Gate.EXECUTION,))
        return WaveOutcome(end, ask(prepared, checked, [Gate.EXECUTION], estate=reopen(), by=asked.by))
    return carry_out(prepared, checked, reopen=reopen, means=means)


def go_back(
    asked: Asked, *, reason: str, groups: Collection[str] | None = None, despite_writes: bool = False, means: Means = USUAL
) -> WaveEnd:
    """Take back a wave, or groups of it. Raises UsageError also where groups of other waves were built on it, WritesAtRiskError."""
    prepared = begun(asked.workspace, asked.plan, asked.wave)
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
    return take_back(prepared, reason=reason, groups=groups, despite_writes=despite_writes, means=means)


def states_of(workspace: Workspace, plan: PlanRow) -> dict[str, GroupState]:
    """group -> where it is, of every wave of the plan that was ever begun."""
    found: dict[str, GroupState] = {}
    for plan_id, wave in workspace.ledger.begun_waves(workspace.estate.estate):
        start = workspace.ledger.wave_start(plan_id, wave) if plan_id == plan.plan_id else None
        if start is not None:
            known = standings(workspace.ledger.step_entries(plan_id, wave))
            found |= {one.group: one.state for one in group_statuses([step_of(one) for one in start.steps], known)}
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
    """Raises UsageError where a wave of another plan is moving what this one would, or has moved it by the same acts.

    A source that was moved may well be retired by a later plan.
    """
    ledger, mine = prepared.workspace.ledger, _acts(prepared.steps)
    for plan_id, wave in ledger.begun_waves(prepared.workspace.estate.estate):
        start = ledger.wave_start(plan_id, wave) if plan_id != prepared.plan.plan_id else None
        if start is None:
            continue
        steps, known = [step_of(one) for one in start.steps], standings(ledger.step_entries(plan_id, wave))
        states, theirs = {one.group: one.state for one in group_statuses(steps, known)}, _acts(steps)
        for one in steps:
            is_twice = states[one.group] is not GroupState.MIGRATED or theirs[one.uid] == mine.get(one.uid)
            if one.uid in mine and is_twice and is_begun(known.get(one.step_id, NOTHING)):
                place = f"{plan_id} --wave {wave}"
                raise UsageError(
                    f"wave {prepared.wave} of plan {prepared.plan.plan_id} cannot begin: wave {wave} of plan {plan_id} moves {one.uid} "
                    f"and was not taken back. Next: see `cloudmigrate status {place}`; go on with that one, or roll it back first."
                )


def _acts(steps: Iterable[Step]) -> dict[str, frozenset[str]]:
    """uid -> the acts by which it moves."""
    acts: dict[str, set[str]] = {}
    for one in steps:
        acts.setdefault(one.uid, set()).add(one.act)
    return {uid: frozenset(of_uid) for uid, of_uid in acts.items()}


def _checked(prepared: PreparedWave, asked: Asked) -> str:
    """The hash of the preflight, made now and on record. Raises PreflightBlocksError."""
    now, workspace = utc_now(), prepared.workspace
    found = run_preflight(workspace, prepared.plan, prepared.wave, prepared.steps, patient_sessions(workspace.estate), now=now)
    row = record(workspace, prepared.plan, prepared.steps, found, checked_by=asked.by, checked_at=now)
    if found.blocks:
        told = [f"{one.name.value} {one.state.value} {one.subject} {one.place}: {one.evidence}" for one in found.blocking]
        raise PreflightBlocksError(prepared.plan.plan_id, prepared.wave, told)
    return row.preflight_hash

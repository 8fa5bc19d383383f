"""A wave made ready to be carried out: its steps, from the plan and the estate file as they are, or as the ledger has them. No Prefect."""

from dataclasses import dataclass

from cloudmigrate.approving import Undertaking
from cloudmigrate.domain.journal import is_begun, standings
from cloudmigrate.domain.steps import Step, step_of, steps_hash
from cloudmigrate.errors import UsageError
from cloudmigrate.ledger.records import PlanRow, WaveStart
from cloudmigrate.workspace import Workspace
from tasks.migrating import wave_steps


@dataclass(frozen=True, slots=True)
class PreparedWave:
    """One wave of a plan with the steps that it is carried out by: those that it began with, where it was begun."""

    workspace: Workspace
    plan: PlanRow
    wave: int
    steps: tuple[Step, ...]
    start: WaveStart | None  # None: nothing of it was begun, or all was taken back

    def undertaking(self, preflight_hash: str) -> Undertaking:
        """What an approval of it binds."""
        return Undertaking(self.plan.plan_id, self.plan.content_hash, self.wave, steps_hash(self.steps), preflight_hash)


def prepare(workspace: Workspace, plan: PlanRow, wave: int) -> PreparedWave:
    """The wave as it would be, or is, carried out. Raises UsageError, LedgerError."""
    known = standings(workspace.ledger.step_entries(plan.plan_id, wave))
    start = workspace.ledger.wave_start(plan.plan_id, wave)
    if start is not None and any(map(is_begun, known.values())):
        return PreparedWave(workspace, plan, wave, tuple(step_of(one) for one in start.steps), start)
    return PreparedWave(workspace, plan, wave, tuple(wave_steps(workspace, plan, wave)), None)


def begun(workspace: Workspace, plan: PlanRow, wave: int) -> PreparedWave:
    """The wave as it was begun last. Raises UsageError where it never was."""
    start = workspace.ledger.wave_start(plan.plan_id, wave)
    if start is None:
        raise UsageError(
            f"wave {wave} of plan {plan.plan_id} was never begun. Next: `cloudmigrate migrate {plan.plan_id} --wave {wave}`, "
            "or see `cloudmigrate status` for those that were."
        )
    return PreparedWave(workspace, plan, wave, tuple(step_of(one) for one in start.steps), start)

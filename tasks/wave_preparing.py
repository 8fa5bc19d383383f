"""A wave made ready to be carried out: its steps, from the plan and the estate file as they are, or as the ledger has them. No Prefect."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from cloudmigrate import log
from cloudmigrate.approving import Undertaking
from cloudmigrate.domain.approvals import ApprovalRequest
from cloudmigrate.domain.journal import NOTHING, Standing, is_begun, standings
from cloudmigrate.domain.renewal import changes, renewal
from cloudmigrate.domain.steps import Gate, ItineraryError, Step, step_of, steps_hash
from cloudmigrate.errors import UsageError
from cloudmigrate.errors.plans import DamagedPlanError
from cloudmigrate.errors.stores import LakeError
from cloudmigrate.ledger.records import PlanRow, WaveStart
from cloudmigrate.workspace import Workspace
from tasks.migrating import plan_named, wave_steps

logger = log.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class PreparedWave:
    """One wave of a plan with the steps that it is carried out by: where it was begun, those of its start, but for renewed groups."""

    workspace: Workspace
    plan: PlanRow
    wave: int
    steps: tuple[Step, ...]
    start: WaveStart | None  # None: nothing of it was begun, or all was taken back
    renewed: frozenset[str] = frozenset()  # groups, not begun or wholly undone, whose steps are others than those of the start
    known: Mapping[str, Standing] = field(default_factory=dict)  # the journal as it was seen

    def undertaking(self, preflight_hash: str) -> Undertaking:
        """What an approval of it binds."""
        return Undertaking(self.plan.plan_id, self.plan.content_hash, self.wave, steps_hash(self.steps), preflight_hash)

    def as_begun(self) -> "PreparedWave":
        """The same with the steps of its start alone."""
        return replace(self, steps=steps_begun(self.start), renewed=frozenset()) if self.start else self

    @property
    def begun_groups(self) -> frozenset[str]:
        """The groups of which something stands, or may."""
        return frozenset(one.group for one in self.steps if is_begun(self.known.get(one.step_id, NOTHING)))

    @property
    def changes(self) -> list[str]:
        """What differs from the start in the steps of renewed groups, a sentence for each."""
        return changes(steps_begun(self.start), self.steps, self.renewed) if self.start else []


def steps_begun(start: WaveStart) -> tuple[Step, ...]:
    """The steps that a wave was begun with."""
    return tuple(step_of(one) for one in start.steps)


def prepare(workspace: Workspace, plan: PlanRow, wave: int) -> PreparedWave:
    """The wave as it would be, or is, carried out. Raises UsageError, LedgerError.

    The steps of a group of which nothing stands follow the plan and the estate file as they are now; where these give none, because
    the file or the lake is broken, a begun wave keeps those of its start.
    """
    start = workspace.ledger.wave_start(plan.plan_id, wave)
    known = standings(workspace.ledger.step_entries(plan.plan_id, wave))
    if start is None or not any(map(is_begun, known.values())):
        return PreparedWave(workspace, plan, wave, tuple(wave_steps(workspace, plan, wave)), None, known=known)
    begun_with = PreparedWave(workspace, plan, wave, steps_begun(start), start, known=known)
    if begun_with.begun_groups == {one.group for one in begun_with.steps}:
        return begun_with
    try:
        found = renewal(begun_with.steps, wave_steps(workspace, plan, wave), known)
    except (UsageError, LakeError, DamagedPlanError, ItineraryError) as error:
        logger.warning(f"the wave goes on with the steps that it began with: now it cannot be made into steps: {error}")
        return begun_with
    for group, why in found.held_back.items():
        logger.warning(f"move group {group} keeps the steps that the wave began with, though the estate file says others now: {why}")
    return replace(begun_with, steps=found.steps, renewed=found.groups)


def begun(workspace: Workspace, plan: PlanRow, wave: int) -> PreparedWave:
    """The wave as it was begun last. Raises UsageError where it never was."""
    start = workspace.ledger.wave_start(plan.plan_id, wave)
    if start is None:
        raise UsageError(
            f"wave {wave} of plan {plan.plan_id} was never begun. Next: `cloudmigrate migrate {plan.plan_id} --wave {wave}`, "
            "or see `cloudmigrate status` for those that were."
        )
    known = standings(workspace.ledger.step_entries(plan.plan_id, wave))
    return PreparedWave(workspace, plan, wave, steps_begun(start), start, known=known)


def changes_asked(workspace: Workspace, request: ApprovalRequest) -> list[str]:
    """What differs in the steps that are asked for from those that the wave began with, a sentence for each; none before its beginning."""
    start = workspace.ledger.wave_start(request.plan_id, request.wave)
    if request.gate is not Gate.EXECUTION or start is None or start.steps_hash == request.steps_hash:
        return []
    try:
        prepared = prepare(workspace, plan_named(workspace, request.plan_id), request.wave)
    except (UsageError, LakeError, DamagedPlanError) as error:
        return [f"what, cannot be told here: {error}"]
    if steps_hash(prepared.steps) != request.steps_hash:
        return ["by another estate file than the one here: see what it says where the wave is run"]
    return prepared.changes

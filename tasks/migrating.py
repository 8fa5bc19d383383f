"""A wave's steps, and its dry run: what would be called, what the cloud says to it beforehand, and nothing written. No Prefect."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from cloudmigrate import log, settings
from cloudmigrate.domain.estate import Estate
from cloudmigrate.domain.explaining import Explained, duration, explain, rolled_back
from cloudmigrate.domain.iac.distinct_names import Names
from cloudmigrate.domain.itineraries.compile import GROUP, INTERFACE, TARGET_GROUP, VOLUME, TargetError, compile_wave
from cloudmigrate.domain.itineraries.retire import FLOW_LOG
from cloudmigrate.domain.resources import Resource
from cloudmigrate.domain.steps import ItineraryError, Step, resolved, steps_hash
from cloudmigrate.errors import UsageError
from cloudmigrate.errors.plans import UnknownPlanError
from cloudmigrate.errors.sources import AccountAccessError
from cloudmigrate.errors.steps import StepError, StepUnclearError
from cloudmigrate.errors.waves import UnplacedError
from cloudmigrate.lake.views import Views
from cloudmigrate.ledger.records import PlanRow
from cloudmigrate.workspace import Workspace
from tasks.plan_reading import known_plan, read_document
from tasks.target_reading import names_of_targets, wanted_strategies

if TYPE_CHECKING:
    from cloudmigrate.aws.acting import AwsWorld
    from cloudmigrate.aws.sessions import AwsSessions

BORNE = (GROUP, VOLUME, INTERFACE, TARGET_GROUP, FLOW_LOG)


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a wave would do, and what the cloud said to it."""

    plan_id: str
    plan_hash: str
    wave: int
    steps: tuple[Step, ...]
    explained: tuple[Explained, ...]
    said: Mapping[str, str] = field(default_factory=dict)  # step -> what AWS would do, or what a check found
    refused: Mapping[str, str] = field(default_factory=dict)  # step -> why it would fail
    unclear: frozenset[str] = frozenset()  # steps of those whose answer does not say whether they would

    @property
    def likely(self) -> timedelta:
        """How long the wave likely takes."""
        return duration(self.explained)

    def document(self) -> dict[str, Any]:
        """All of it as JSON values."""
        return {
            "plan_id": self.plan_id,
            "plan_hash": self.plan_hash,
            "wave": self.wave,
            "steps_hash": steps_hash(self.steps),
            "likely_s": self.likely.total_seconds(),
            "steps": [self._step(one) for one in self.explained],
            "rollback": [{"step_id": one.step.step_id, "calls": [_call(call) for call in one.undo]} for one in rolled_back(self.explained)],
        }

    def _step(self, one: Explained) -> dict[str, Any]:
        return {
            "step_id": one.step.step_id,
            "uid": one.step.uid,
            "says": one.step.says,
            "gate": one.step.gate.value if one.step.gate else None,
            "reversal": one.step.reversal.value,
            "needs": list(one.step.needs),
            "starts_after_s": one.starts_after.total_seconds(),
            "likely_s": one.likely.total_seconds(),
            "iam_actions": list(one.iam_actions),
            "calls": [_call(call) for call in one.calls],
            "said": self.said.get(one.step.step_id),
            "refused": self.refused.get(one.step.step_id),
        }


def plan_named(workspace: Workspace, plan_id: str | None) -> PlanRow:
    """That plan, of whichever snapshot of the estate; else the newest of the newest. Raises UnknownPlanError."""
    if plan_id is None:
        return known_plan(workspace, None, None)
    found = workspace.ledger.plan(plan_id)
    if found is None:
        raise UnknownPlanError(None, plan_id)
    workspace.snapshot(found.snapshot_id)  # refuses another estate's
    return found


def world_of(estate: Estate) -> "AwsWorld":
    """AWS, with the estate's accounts. Its clients do not retry: what an answer means for a write, the journal decides."""
    from cloudmigrate.aws.acting import AwsWorld
    from cloudmigrate.aws.sessions import AwsSessions, CallPolicy

    loopback_only = settings.current().loopback_only
    policy = CallPolicy(attempts=1)
    return AwsWorld(AwsSessions(estate.accounts, correlation_id=log.new_correlation_id(), loopback_only=loopback_only, policy=policy))


def patient_sessions(estate: Estate) -> "AwsSessions":
    """Clients of the estate's accounts that try again by themselves, as reads and what is done twice without harm may."""
    from cloudmigrate.aws.sessions import AwsSessions

    return AwsSessions(estate.accounts, correlation_id=log.new_correlation_id(), loopback_only=settings.current().loopback_only)


def wave_steps(workspace: Workspace, plan: PlanRow, wave: int) -> list[Step]:
    """The steps of one wave of a plan. Raises UsageError: the estate file does not say where things go, or there is no such wave."""
    document = read_document(workspace, plan)
    uids = [uid for group in document["groups"] if group["wave"] == wave for uid in group["members"]]
    with workspace.views(plan.snapshot_id, plan.plan_id) as views:
        resources, names = wave_resources(views, uids), names_of_targets(workspace, document, views)
    return compiled(workspace, document, resources, wave, names)


def wave_resources(views: Views, uids: Sequence[str]) -> list[Resource]:
    """What the steps of these members of a plan are made from: they themselves, and all that any resource bears or holds."""
    return [
        Resource(**{**row, "tags": row["tags"] or {}, "private_ips": tuple(row["private_ips"] or ())})
        for row in views.run("wave_resources", uids=list(uids), types=list(BORNE))
    ]


def compiled(workspace: Workspace, document: Mapping[str, Any], resources: Iterable[Resource], wave: int, names: Names) -> list[Step]:
    """The steps of one wave of a plan's document, from the inventory as it was read. *names*: of the plan's targets. Raises UsageError."""
    strategies = wanted_strategies(workspace)
    try:
        return compile_wave(document, resources, workspace.estate.targets, wave, strategies, names=names)
    except TargetError as error:
        raise UnplacedError(document["plan_id"], wave, error.lacking) from error
    except ItineraryError as error:
        todo = 'see the plan\'s waves with `cloudmigrate query "from waves"`, or give what is missing under `targets` in the estate file'
        raise UsageError(f"wave {wave} of plan {document['plan_id']} cannot be made into steps: {error}. Next: {todo}.") from error


def rehearsed(
    steps: Sequence[Step],
    *,
    plan_id: str,
    plan_hash: str,
    wave: int,
    world: "AwsWorld",
    given: Mapping[str, Mapping[str, Any]] | None = None,
    begun: Collection[str] = (),
) -> DryRun:
    """What the steps would do: their checks are made, and calls that take DryRun are sent with it.

    *begun*: groups that are told, and not asked about, for some of it was done; *given*: what their steps gave.
    """
    known: dict[str, Mapping[str, Any]] = dict(given or {})
    refused: dict[str, StepError] = {}
    said: dict[str, str] = {}
    later = _after_writes(steps, world)
    for step in steps:
        if step.step_id not in later and step.group not in begun:
            _look(step, world, known, said, refused)
    explained = explain(steps, plan_hash=plan_hash, wave=wave, known=known)
    for one in explained:
        for call in one.calls:
            if call.takes_dry_run and call.call is not None and one.step.group not in begun:
                try:
                    world.rehearse(one.step, call.call)
                    said[one.step.step_id] = "AWS would do it"
                except StepError as error:
                    refused[one.step.step_id] = error
    told = {step_id: str(error) for step_id, error in refused.items()}
    unclear = frozenset(
        step_id
        for step_id, error in refused.items()
        if isinstance(error, StepUnclearError) or isinstance(error.__cause__, AccountAccessError)  # whoever was not let in asked nothing
    )
    return DryRun(plan_id, plan_hash, wave, tuple(steps), explained, said, told, unclear)


def _after_writes(steps: Sequence[Step], world: "AwsWorld") -> set[str]:
    """Steps that look at what a step of the same resource makes or changes first: now they would see what was before."""
    own = {one.step_id: one for one in steps}
    found: set[str] = set()
    for one in steps:
        before = [own[need] for need in one.needs if own[need].uid == one.uid]
        if any(world.acts[step.act].does is not None or step.step_id in found for step in before):
            found.add(one.step_id)
    return found


def _look(step: Step, world: "AwsWorld", known: dict[str, Mapping[str, Any]], said: dict[str, str], refused: dict[str, StepError]) -> None:
    """Make a check whose parameters are known already."""
    try:
        params = resolved(step, known)
    except ItineraryError:  # an earlier step has to give something first
        return
    try:
        found = world.glance(step, params)
    except StepError as error:
        refused[step.step_id] = error
        return
    if found is not None:
        known[step.step_id] = found
        said[step.step_id] = "holds"


def _call(call: Any) -> dict[str, Any]:
    made = call.call
    return {
        "account_id": call.account_id,
        "region": call.region,
        "service": made.service if made else None,
        "operation": made.operation if made else None,
        "params": dict(made.params) if made else None,
        "writes": call.writes,
        "depends_on": list(call.depends_on),
    }

"""What users may have written to targets since cutover: it does not come back with a rollback, so it is named before anything is undone."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cloudmigrate.domain.acts.catalogue import BY_NAME
from cloudmigrate.domain.acts.record import Act
from cloudmigrate.domain.journal import NOTHING, Standing, StepState
from cloudmigrate.domain.steps import Step

# Acts behind which users reach the target, whatever they were told: a name points at it, a balancer sends to it.
LEADS = frozenset({"dns.point_record", "elbv2.register_target", "ec2.associate_address"})


@dataclass(frozen=True, slots=True)
class AtRisk:
    """One thing of the target that holds writes, and what has led users to it."""

    group: str
    uid: str  # of the source
    account_id: str
    region: str
    act: str
    holds: Mapping[str, Any]  # what the step gave: ids of what holds the writes
    since_step: str  # the first step by which users came to it


def writes_at_risk(
    steps: Sequence[Step], known: Mapping[str, Standing], groups: Collection[str], acts: Mapping[str, Act] = BY_NAME
) -> list[AtRisk]:
    """What in these groups a rollback would throw away users' writes with, in the order of the steps.

    A group is counted from the first step that leads users to it, or from its end where nothing of ours leads there: whoever was told
    of the new address may use it.
    """
    found: list[AtRisk] = []
    for group in dict.fromkeys(one.group for one in steps if one.group in groups):
        own = [one for one in steps if one.group == group]
        led = _led_by(own, known)
        if led is not None:
            found += [
                AtRisk(group, one.uid, one.account_id, one.region, one.act, dict(known[one.step_id].outputs), led.step_id)
                for one in own
                if acts[one.act].holds_writes and known.get(one.step_id, NOTHING).state in (StepState.DONE, StepState.UNDOING)
            ]
    return found


def _led_by(own: Sequence[Step], known: Mapping[str, Standing]) -> Step | None:
    """The step since which users reach the group's targets; None where they do not yet."""
    done = [one for one in own if known.get(one.step_id, NOTHING).state is StepState.DONE]
    leading = min((one for one in done if one.act in LEADS), key=lambda one: known[one.step_id].line, default=None)
    if leading is not None:
        return leading
    return max(done, key=lambda one: known[one.step_id].line, default=None) if len(done) == len(own) else None

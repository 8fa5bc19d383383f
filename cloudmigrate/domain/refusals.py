"""That a step is refused, or that nobody knows whether it was done, with the place and the resource that its error has to name."""

from cloudmigrate.domain.steps import Step
from cloudmigrate.errors.steps import StepRefusedError, StepUnclearError


def refused(step: Step, reason: str, next_action: str) -> StepRefusedError:
    """The error that says why the step was not done, and what to do now."""
    return StepRefusedError(
        step.step_id, account_id=step.account_id, region=step.region, uid=step.uid, reason=reason, next_action=next_action
    )


def unclear(step: Step, reason: str, next_action: str, *, was_sent: bool = True) -> StepUnclearError:
    """The error that says why nobody knows whether the step was done; *was_sent*: whether a call of it may have arrived."""
    return StepUnclearError(
        step.step_id,
        was_sent=was_sent,
        account_id=step.account_id,
        region=step.region,
        uid=step.uid,
        reason=reason,
        next_action=next_action,
    )

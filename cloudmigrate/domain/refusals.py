"""That a step is refused, with the place and the resource that its error has to name."""

from cloudmigrate.domain.steps import Step
from cloudmigrate.errors import StepRefusedError


def refused(step: Step, reason: str, next_action: str) -> StepRefusedError:
    """The error that says why the step was not done, and what to do now."""
    return StepRefusedError(
        step.step_id, account_id=step.account_id, region=step.region, uid=step.uid, reason=reason, next_action=next_action
    )

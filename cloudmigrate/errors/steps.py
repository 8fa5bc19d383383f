"""One step of a migration: refused, given up, unclear, not due, or not recorded."""

from datetime import UTC, datetime

from cloudmigrate.errors import CloudMigrateError
from cloudmigrate.errors.stores import LedgerError


class StepUnrecordedError(LedgerError):
    """The ledger did not take what became of a step: the run ends, and whoever goes on looks first what was done."""

    def __init__(self, error: LedgerError, *, plan_id: str, wave: int, account_id: str, region: str, uid: str) -> None:
        self.plan_id = plan_id
        self.wave = wave
        self.account_id = account_id
        self.region = region
        self.uid = uid
        place = f"{plan_id} --wave {wave}"
        on = f"The wave goes on with `cloudmigrate resume {place}`, or back with `cloudmigrate rollback {place} --reason ...`"
        step = f"{error.step} for {uid} (account {account_id}, {region})"
        super().__init__(
            step, error.url, error.reason, f"{error.next_action} {on}; both look first what was done.", transient=error.transient
        )


class StepError(CloudMigrateError):
    """A step of a migration did not come about; names where, what and the next action."""

    def __init__(self, step_id: str, *, account_id: str, region: str, uid: str, reason: str, next_action: str) -> None:
        self.step_id = step_id
        self.account_id = account_id
        self.region = region
        self.uid = uid
        self.reason = reason
        self.next_action = next_action
        super().__init__(f"step {step_id} for {uid} (account {account_id}, {region}): {reason.rstrip('.')}. Next: {next_action}")


class StepRefusedError(StepError):
    """The cloud said no, or what was checked does not hold: nothing was done, and the same again will not help."""


class StepGivenUpError(StepRefusedError):
    """What the step waited for comes no more: another step of its move group failed, which goes back."""


class StepUnclearError(StepError):
    """No answer came, or none that says whether it was done: look, wait, and only then act again."""

    def __init__(self, step_id: str, *, was_sent: bool = True, **told: str) -> None:
        self.was_sent = was_sent  # False: throttled or never sent, so nothing can have been done
        super().__init__(step_id, **told)


class StepNotDueError(StepError):
    """A wait of days has not come to its end: nothing failed, and who resumes the wave from *due_at* on looks again."""

    def __init__(self, step_id: str, *, due_at: datetime, account_id: str, region: str, uid: str, reason: str) -> None:
        self.due_at = due_at
        due = due_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
        next_action = f"resume the wave from {due} on"
        super().__init__(step_id, account_id=account_id, region=region, uid=uid, reason=reason, next_action=next_action)

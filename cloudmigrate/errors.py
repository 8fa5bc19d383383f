"""The one error tree: a class for each reaction a caller might have.

Data are attributes; the sentence is built here, so that every message names what failed and what to do now.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

SHOWN_AT_MOST = 20


def _checks_block(number: int) -> str:
    return "1 check blocks it" if number == 1 else f"{number} checks block it"


class CloudMigrateError(Exception):
    """Anything CloudMigrate reports to a person; ends a command with exit code 1."""


class UsageError(CloudMigrateError):
    """The caller's input is wrong and must be changed; ends a command with exit code 2."""


class EstateFileError(UsageError):
    """The estate file cannot be used; every problem is named with its line and field."""

    def __init__(self, source: str, problems: Sequence[str], next_action: str = "mend the lines above, then run again.") -> None:
        self.source = source
        self.problems = tuple(problems)
        self.next_action = next_action
        listing = "\n".join(f"  {problem}" for problem in self.problems)
        super().__init__(f"{source} is not a valid estate file:\n{listing}\nNext: {next_action}")


class WorkloadFileError(UsageError):
    """The file that maps resources to workloads cannot be used; every problem is named with its line."""

    def __init__(self, source: str, problems: Sequence[str], next_action: str = "mend the lines above, then run again.") -> None:
        self.source = source
        self.problems = tuple(problems)
        self.next_action = next_action
        listing = "\n".join(f"  {problem}" for problem in self.problems[:50])
        more = f"\n  and {len(self.problems) - 50} more" if len(self.problems) > 50 else ""
        super().__init__(f"{source} is not a valid list of workloads:\n{listing}{more}\nNext: {next_action}")


class BillFileError(UsageError):
    """The export of a bill cannot be used: it is none, or lacks what a comparison needs."""

    def __init__(self, source: str, problem: str) -> None:
        self.source = source
        self.problem = problem
        super().__init__(
            f"{source} cannot be read as a bill: {problem}. Next: name a FOCUS or CUR export (CSV or Parquet) under costs.bill."
        )


class UnknownSnapshotError(UsageError):
    """The estate has no such committed snapshot (or none at all)."""

    def __init__(self, estate: str, snapshot_id: str | None, known: Sequence[str] = ()) -> None:
        self.estate = estate
        self.snapshot_id = snapshot_id
        if snapshot_id is None:
            text = f"estate {estate!r} has no snapshot yet. Next: run `cloudmigrate assess` or `cloudmigrate discover` first."
        else:
            newest = ", ".join(known[:5]) or "none"
            text = f"estate {estate!r} has no snapshot {snapshot_id!r}; newest: {newest}. Next: pick one of these."
        super().__init__(text)


class UnknownPlanError(UsageError):
    """The snapshot has no such plan (or none at all); without a snapshot, none of the ledger's has."""

    def __init__(self, snapshot_id: str | None, plan_id: str | None) -> None:
        self.snapshot_id = snapshot_id
        self.plan_id = plan_id
        where = f"snapshot {snapshot_id}" if snapshot_id else "the ledger"
        what = f"no plan {plan_id!r}" if plan_id else "no plan yet"
        todo = "`cloudmigrate snapshots` lists the plans that there are" if plan_id else "run `cloudmigrate plan`"
        super().__init__(f"{where} has {what}. Next: {todo}.")


class DamagedPlanError(CloudMigrateError):
    """A stored plan cannot be read: someone changed or cut off its file."""

    def __init__(self, plan_id: str, path: str, reason: str) -> None:
        self.plan_id = plan_id
        self.path = path
        self.reason = reason
        super().__init__(f"plan {plan_id} ({path}) cannot be used: {reason}. Next: plan again with `cloudmigrate plan`.")


class ImpossiblePlanError(UsageError):
    """What a person asked of a plan cannot be obeyed; nothing was recorded."""

    def __init__(self, asked: str, constraints: Sequence[str]) -> None:
        self.asked = asked
        self.constraints = tuple(constraints)
        listing = "\n".join(f"  {one}" for one in self.constraints)
        super().__init__(
            f"{asked} cannot be obeyed. These do not hold together, and without any one of them the others would:\n{listing}\n"
            "Next: ask for another wave, take back a pin (--unpin), or change the limit in the estate file. Nothing was recorded."
        )


class QueryError(UsageError):
    """A user's SQL was refused by DuckDB; the message is DuckDB's own."""


class AccountAccessError(CloudMigrateError):
    """An account of the estate cannot be entered with the credentials at hand."""

    def __init__(self, account_id: str, error_code: str, reason: str, next_action: str, missing_action: str | None = None) -> None:
        self.account_id = account_id
        self.error_code = error_code
        self.reason = reason
        self.next_action = next_action
        self.missing_action = missing_action
        super().__init__(f"account {account_id}: {reason} ({error_code}). Next: {next_action}")


class EndpointGapError(CloudMigrateError):
    """The endpoint answered an API call with something that is no AWS answer (an HTML error page)."""

    def __init__(self, service: str, operation: str, http_status: int) -> None:
        self.service = service
        self.operation = operation
        self.http_status = http_status
        super().__init__(
            f"{service}:{operation} is not implemented by endpoint (HTTP {http_status} with an HTML body). "
            "Next: check AWS_ENDPOINT_URL; it does not point at AWS."
        )


class LoopbackOnlyError(CloudMigrateError):
    """A request would have left this machine although only loopback endpoints are allowed."""

    def __init__(self, url: str) -> None:
        self.url = url
        super().__init__(f"refused to call {url}: only loopback endpoints are allowed here. Next: set AWS_ENDPOINT_URL to 127.0.0.1.")


class DownloadError(CloudMigrateError):
    """A file could not be fetched whole."""

    def __init__(self, url: str, reason: str, next_action: str) -> None:
        self.url = url
        self.reason = reason
        self.next_action = next_action
        super().__init__(f"download {url}: {reason}. Next: {next_action}")


class RepositoryError(CloudMigrateError):
    """A Git repository could not be read or written; its branches are as they were."""

    def __init__(self, step: str, remote: str, reason: str, next_action: str, *, transient: bool = False) -> None:
        self.step = step
        self.remote = remote
        self.reason = reason
        self.next_action = next_action
        self.transient = transient  # the same again may succeed
        super().__init__(f"{step} in repository {remote}: {reason}. Next: {next_action}.")


class ScannerError(CloudMigrateError):
    """A scanner of code could not be run, or did not look at everything; nothing was written."""

    def __init__(self, executable: str, step: str, reason: str, next_action: str) -> None:
        self.executable = executable
        self.step = step
        self.reason = reason
        self.next_action = next_action
        super().__init__(f"{step} with {executable}: {reason}. Next: {next_action}.")


class PublishConflictError(CloudMigrateError):
    """A branch holds what somebody else wrote; nothing was published over it."""

    def __init__(self, remote: str, branch: str, reason: str, diff: str) -> None:
        self.remote = remote
        self.branch = branch
        self.reason = reason
        self.diff = diff
        told = f"\n{diff.rstrip()}" if diff else ""
        super().__init__(
            f"branch {branch} of repository {remote} was not published to: {reason}.{told}\n"
            "Next: bring what was changed there into the estate file and plan again, or delete the branch, then publish again."
        )


class EditedCodeError(CloudMigrateError):
    """What was published of a plan was changed in its repository since: its waves wait until people have looked."""

    def __init__(self, plan_id: str, remote: str, branch: str, commit: str, diff: str) -> None:
        self.plan_id = plan_id
        self.remote = remote
        self.branch = branch
        self.commit = commit
        self.diff = diff
        super().__init__(
            f"branch {branch} of repository {remote} is not as it was published of plan {plan_id} (commit {commit}):\n{diff.rstrip()}\n"
            "Next: bring the change into the estate file and plan again, or take it back in the repository; then go on."
        )


class BrokenOfferError(CloudMigrateError):
    """An offer file or an answer of the Price List is none, is cut off, or is built otherwise; nothing of it was taken."""

    def __init__(self, source: str, reason: str) -> None:
        self.source = source
        self.reason = reason
        self.next_action = "run again: it is asked for anew; if it stays, report it"
        super().__init__(f"read prices of {source}: {reason}. Next: {self.next_action}")


class NothingSeenError(CloudMigrateError):
    """Discovery could look at nothing at all, so there is nothing to assess."""

    def __init__(self, estate: str, reasons: Sequence[str]) -> None:
        self.estate = estate
        self.reasons = tuple(reasons)
        listing = "\n".join(f"  {reason}" for reason in self.reasons[:20])
        super().__init__(f"nothing of estate {estate!r} could be seen:\n{listing}\nNext: mend the access named above, then run again.")


class LakeError(CloudMigrateError):
    """The lake (local folder or S3 prefix) could not be read or written; nothing half-written is visible."""

    def __init__(self, step: str, location: str, reason: str, next_action: str, *, transient: bool = False) -> None:
        self.step = step
        self.location = location
        self.reason = reason
        self.next_action = next_action
        self.transient = transient  # the same again may succeed
        super().__init__(f"{step} {location}: {reason}. Next: {next_action}")


class ReportUnpublishedError(CloudMigrateError):
    """A report is written, and not at each further place that the estate file names."""

    def __init__(self, places: Sequence[str], failed: Sequence[LakeError]) -> None:
        self.places = tuple(places)  # where it lies, its HTML in the lake first
        self.failed = tuple(failed)
        self.transient = any(error.transient for error in failed)  # the same again may succeed
        listing = "\n".join(f"  not published: {error}" for error in self.failed)
        super().__init__(
            f"the report is written: {self.places[0]}\n{listing}\n"
            "Next: mend that, or take the place out of `reports` in the estate file, then run `cloudmigrate report` again."
        )


class LedgerError(CloudMigrateError):
    """The ledger's database could not be read or written."""

    def __init__(self, step: str, url: str, reason: str, next_action: str, *, transient: bool = False) -> None:
        self.step = step
        self.url = url
        self.reason = reason
        self.next_action = next_action
        self.transient = transient  # the same again may succeed
        super().__init__(f"{step} in ledger {url}: {reason}. Next: {next_action}")


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


class DataQualityError(CloudMigrateError):
    """A critical data check failed; analysis was not started."""

    def __init__(self, snapshot_id: str, failures: Sequence[str]) -> None:
        self.snapshot_id = snapshot_id
        self.failures = tuple(failures)
        listing = "\n".join(f"  {failure}" for failure in self.failures)
        super().__init__(
            f"snapshot {snapshot_id} fails critical data checks:\n{listing}\n"  # noqa: S608 - a sentence
            f'Next: look at them with `cloudmigrate query "select * from quality where not passed" --snapshot {snapshot_id}`.'
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


class PastReturnError(UsageError):
    """What was asked to be undone lies behind a step that cannot be undone."""

    def __init__(self, group: str, step_id: str) -> None:
        self.group = group
        self.step_id = step_id
        super().__init__(
            f"move group {group} cannot be rolled back: step {step_id}, its point of no return, was done. "
            "Next: restore from the snapshots that the journal names (`cloudmigrate status`), or go on with `cloudmigrate resume`."
        )


class UnplacedError(UsageError):
    """The estate file does not say where some of a wave goes to, so it has no steps."""

    def __init__(self, plan_id: str, wave: int, lacking: Sequence[str]) -> None:
        self.plan_id = plan_id
        self.wave = wave
        self.lacking = tuple(lacking)  # all of it, each with what needs it and what to add
        entries = "1 entry is" if len(self.lacking) == 1 else f"{len(self.lacking)} entries are"
        self.sentence = f"wave {wave} of plan {plan_id} cannot be made into steps: {entries} missing under `targets` in the estate file"
        shown = "".join(f"\n  {one}" for one in self.lacking[:SHOWN_AT_MOST])
        rest = len(self.lacking) - SHOWN_AT_MOST
        whole = f"`cloudmigrate runbook {plan_id} --wave {wave} --out FOLDER` writes the whole list"
        more = f"\n  and {rest} more: {whole}" if rest > 0 else ""
        super().__init__(f"{self.sentence}:{shown}{more}\nNext: add what each line names, then run this again.")


class PreflightBlocksError(CloudMigrateError):
    """What was checked before a wave keeps it from being begun."""

    def __init__(self, plan_id: str, wave: int, blocking: Sequence[str]) -> None:
        self.plan_id = plan_id
        self.wave = wave
        self.blocking = tuple(blocking)
        shown = "".join(f"\n  {one}" for one in self.blocking[:SHOWN_AT_MOST])
        more = f"\n  and {len(self.blocking) - SHOWN_AT_MOST} more" if len(self.blocking) > SHOWN_AT_MOST else ""
        super().__init__(
            f"wave {wave} of plan {plan_id} was not begun: {_checks_block(len(self.blocking))}.{shown}{more}\n"
            f"Next: see `cloudmigrate preflight {plan_id} --wave {wave}`, mend or waive them (execution.waivers), then run this again."
        )


class WaveFailedError(CloudMigrateError):
    """A wave did not come to its end: groups went back, or wait for a person."""

    def __init__(self, plan_id: str, wave: int, groups: Mapping[str, str], failures: Mapping[str, str], stuck: Mapping[str, str]) -> None:
        self.plan_id = plan_id
        self.wave = wave
        self.groups = dict(groups)
        self.failures = dict(failures)
        self.stuck = dict(stuck)  # step -> why it could not be undone
        told = "".join(f"\n  {name}: {state}" for name, state in self.groups.items())
        why = "".join(f"\n  {one}" for one in (*self.failures.values(), *(f"not undone: {text}" for text in self.stuck.values())))
        todo = (
            f"`cloudmigrate status {plan_id} --wave {wave}` gives the commands for what could not be undone; then roll back again"
            if self.stuck
            else f"mend the cause, then `cloudmigrate resume {plan_id} --wave {wave}`"
        )
        super().__init__(f"wave {wave} of plan {plan_id} did not come to its end:{told}{why}\nNext: {todo}.")


class WaveHaltedError(CloudMigrateError):
    """This run of a wave ends in its midst; what was begun is on record, and whoever goes on looks first what was done."""

    def __init__(self) -> None:
        super().__init__("the run of the wave ends; what was begun is on record. Next: resume it, or roll it back.")


class WritesAtRiskError(UsageError):
    """What would go back holds what users may have written since cutover, and nobody said that it may be lost."""

    def __init__(self, plan_id: str, wave: int, told: Sequence[str]) -> None:
        self.plan_id = plan_id
        self.wave = wave
        self.told = tuple(told)
        lines = "".join(f"\n  {one}" for one in told)
        super().__init__(
            f"wave {wave} of plan {plan_id}: users may have written to what would be removed:{lines}\n"
            "Next: save what they wrote, then roll back with --despite-writes."
        )


class WaveBusyError(CloudMigrateError):
    """Another process runs this wave, or took it over."""

    def __init__(self, plan_id: str, wave: int, holder: str) -> None:
        self.plan_id = plan_id
        self.wave = wave
        self.holder = holder
        super().__init__(
            f"wave {wave} of plan {plan_id} is run by another process ({holder}); this one stops and does nothing more. "
            "Next: watch it with `cloudmigrate status`, or stop it before you start again."
        )


class ConfluenceError(CloudMigrateError):
    """A page could not be published."""

    def __init__(self, space: str, page: str, step: str, reason: str, next_action: str) -> None:
        self.space = space
        self.page = page
        self.step = step
        super().__init__(f"Confluence, space {space}, page {page!r}: {step}: {reason}. Next: {next_action}.")


class ConfluenceConflictError(ConfluenceError):
    """Somebody else wrote the page meanwhile, or made one of its title."""


class ConfluenceUnclearError(ConfluenceError):
    """The server failed or did not answer: whether the page was written is not known."""

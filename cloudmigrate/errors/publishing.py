"""What leaves for places that people share: repositories, scanned code, pages of Confluence."""

from collections.abc import Sequence

from cloudmigrate.errors import CloudMigrateError
from cloudmigrate.errors.stores import LakeError


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

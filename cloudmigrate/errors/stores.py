"""What CloudMigrate keeps: the lake, the ledger, and the quality of the data in them."""

from collections.abc import Sequence

from cloudmigrate.errors import CloudMigrateError


class LakeError(CloudMigrateError):
    """The lake (local folder or S3 prefix) could not be read or written; nothing half-written is visible."""

    def __init__(self, step: str, location: str, reason: str, next_action: str, *, transient: bool = False) -> None:
        self.step = step
        self.location = location
        self.reason = reason
        self.next_action = next_action
        self.transient = transient  # the same again may succeed
        super().__init__(f"{step} {location}: {reason}. Next: {next_action}")


class LedgerError(CloudMigrateError):
    """The ledger's database could not be read or written."""

    def __init__(self, step: str, url: str, reason: str, next_action: str, *, transient: bool = False) -> None:
        self.step = step
        self.url = url
        self.reason = reason
        self.next_action = next_action
        self.transient = transient  # the same again may succeed
        super().__init__(f"{step} in ledger {url}: {reason}. Next: {next_action}")


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

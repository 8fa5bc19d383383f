"""Snapshots and plans that are not there, cannot be read, or cannot be made as asked."""

from collections.abc import Sequence

from cloudmigrate.errors import CloudMigrateError, UsageError


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

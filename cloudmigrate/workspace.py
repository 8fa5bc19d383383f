"""The estate with its ledger and lake opened: where tasks and the command line join what the rooms below keep apart."""

import atexit
import threading
from dataclasses import dataclass

from cloudmigrate import settings
from cloudmigrate.domain.estate import Estate
from cloudmigrate.errors.plans import UnknownPlanError, UnknownSnapshotError
from cloudmigrate.lake.connection import limit
from cloudmigrate.lake.lake import Lake
from cloudmigrate.lake.series import SeriesKind, SeriesPart
from cloudmigrate.lake.storage import S3Access
from cloudmigrate.lake.views import Selection, Views
from cloudmigrate.ledger import transactions
from cloudmigrate.ledger.ledger import Ledger
from cloudmigrate.ledger.records import PlanRow, SeriesRow, SnapshotRow

_lock = threading.Lock()
_opened: dict[str, "Workspace"] = {}


utc_now = transactions.utc_now  # the clock that every ledger entry is stamped by


@dataclass(frozen=True, slots=True)
class Workspace:
    """One estate's ledger and lake, open; safe to share between threads."""

    estate: Estate
    ledger: Ledger
    lake: Lake

    @classmethod
    def open(cls, estate: Estate) -> "Workspace":
        """The workspace of *estate*, opened once per process. Raises LedgerError, LakeError."""
        key = estate.model_dump_json()
        with _lock:
            if key not in _opened:
                _opened[key] = cls(estate, Ledger.open(settings.expand_secrets(estate.ledger)), open_lake(estate.lake))
                # The last connection to close moves SQLite's write-ahead log into the file, so that a copy of it is whole.
                atexit.register(_opened[key].ledger.close)
            return _opened[key]

    def snapshot(self, snapshot_id: str | None = None) -> SnapshotRow:
        """That committed snapshot, else the newest. Raises UnknownSnapshotError."""
        found = self.ledger.snapshot(snapshot_id) if snapshot_id else self.ledger.newest_snapshot(self.estate.estate)
        if found is None or found.estate != self.estate.estate:
            known = [row.snapshot_id for row in self.ledger.snapshots(self.estate.estate)]
            raise UnknownSnapshotError(self.estate.estate, snapshot_id, known)
        return found

    def plan(self, snapshot_id: str, plan_id: str | None = None) -> PlanRow | None:
        """That plan of the snapshot, else its newest, else None. Raises UnknownPlanError where a named one is not there."""
        found = self.ledger.plan(plan_id) if plan_id else self.ledger.newest_plan(snapshot_id)
        if plan_id and (found is None or found.snapshot_id != snapshot_id):
            raise UnknownPlanError(snapshot_id, plan_id)
        return found

    def views(self, snapshot_id: str | None = None, plan_id: str | None = None) -> Views:
        """Views over a committed snapshot (the newest by default) and one of its plans (the newest by default)."""
        snapshot = self.snapshot(snapshot_id)
        plan = self.plan(snapshot.snapshot_id, plan_id)
        chosen = plan.plan_id if plan else None
        return self.open_views(snapshot.snapshot_id, self.ledger.parts_of(snapshot.snapshot_id, chosen), plan_id=chosen)

    def open_views(self, snapshot_id: str, parts: dict[str, tuple[str, ...]], *, plan_id: str | None = None, beside_mb: int = 0) -> Views:
        """Views over stated parts: also those of a snapshot that is not committed yet. *beside_mb* of memory are left to others."""
        series = tuple(as_lake_part(row) for row in self.ledger.series_of(snapshot_id))
        selection = Selection(snapshot_id=snapshot_id, parts=parts, series=series, plan_id=plan_id)
        return Views(self.lake, selection, memory_limit=limit(settings.current().memory_limit_mb, beside_mb))


def as_lake_part(row: SeriesRow) -> SeriesPart:
    """The lake's record of a part that the ledger knows."""
    shared = {name: getattr(row, name) for name in SeriesPart.__dataclass_fields__ if name != "kind"}
    return SeriesPart(**shared, kind=SeriesKind(row.kind))


def open_lake(root: str) -> Lake:
    """The lake at a folder or ``s3://bucket/prefix``, the latter with the caller's own credentials."""
    return Lake.open(root, s3=s3_access(root) if root.startswith("s3://") else None)


def s3_access(location: str) -> S3Access:
    """The caller's own credentials and endpoint, as values for readers of *location* that are not boto3. Raises LakeError."""
    from cloudmigrate.aws.caller import caller_credentials

    found = caller_credentials(location)
    return S3Access(
        region=found.region,
        access_key=found.access_key,
        secret_key=found.secret_key,
        session_token=found.session_token,
        endpoint_url=settings.current().s3_endpoint_url,
    )


def publish(location: str, path: str, data: bytes) -> str:
    """The full address of *data* stored at *path* under a folder or S3 prefix. Raises LakeError."""
    return open_lake(location).write_document(path, data)

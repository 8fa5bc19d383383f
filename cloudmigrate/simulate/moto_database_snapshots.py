"""Snapshots of databases as RDS copies and shares them: over regions and accounts, with keys that are there."""

from collections.abc import Callable
from typing import Any

from cloudmigrate.simulate.moto_databases import error, refuse_unless
from cloudmigrate.simulate.moto_transitions import becomes, look_at_named

DEFAULT_KEYS = ("default_kms_key_id", "alias/aws/rds")


def install() -> None:
    """Apply every fix."""
    _of_instances()
    _of_clusters()
    _show_changes()


def _found(backend: Any, name: str, held: str, missing: Callable[[str], Exception]) -> Any:
    """The snapshot by its name here, or by its ARN wherever it is, if it may be used."""
    from moto.rds.models import rds_backends

    region, account_id, short = backend.region_name, backend.account_id, name
    if name.startswith("arn:"):
        _, _, _, region, account_id, _, short = name.split(":", 6)
    snapshot = getattr(rds_backends[account_id][region], held).get(short)
    if snapshot is None or (account_id != backend.account_id and backend.account_id not in snapshot.attributes["restore"]):
        raise missing(name)
    return snapshot


def _refuse_copy(backend: Any, snapshot: Any, key: str | None, wrong_state: str) -> None:
    """Nothing, if RDS would copy it. Source: user guide, "Copying a DB snapshot", "Sharing encrypted snapshots"."""
    is_shared, is_far = snapshot.account_id != backend.account_id, snapshot.region != backend.region_name
    if snapshot.status != "available":
        raise error(wrong_state, f"Snapshot {snapshot.arn} is {snapshot.status}")
    if snapshot.encrypted and is_shared and is_far:
        raise error("InvalidParameterValue", "A shared encrypted snapshot can only be copied in its own region")
    if snapshot.encrypted and (is_shared or is_far) and not key:
        raise error("KMSKeyNotAccessibleFault", "The snapshot is encrypted: give a key of the target")


def _refuse_share(snapshot: Any, wrong_state: str) -> None:
    if snapshot.status != "available":
        raise error(wrong_state, f"Snapshot {snapshot.arn} is {snapshot.status}")
    if snapshot.encrypted and str(snapshot.kms_key_id).endswith(DEFAULT_KEYS):
        raise error("InvalidParameterValue", "A snapshot that is encrypted with the default key cannot be shared")


def _of_instances() -> None:
    from moto.rds.exceptions import DBSnapshotAlreadyExistsError, DBSnapshotNotFoundFault
    from moto.rds.models import DBSnapshot, RDSBackend

    create, change = RDSBackend.create_db_snapshot, RDSBackend.modify_db_snapshot_attribute

    def create_db_snapshot(self: Any, db_instance_identifier: str, *values: Any, **named: Any) -> Any:
        snapshot_type = named.get("snapshot_type", "manual")
        database = self.databases.get(db_instance_identifier)
        if database is not None and snapshot_type == "manual":
            refuse_unless(database, "available")
        made = create(self, db_instance_identifier, *values, **named)
        if snapshot_type == "manual":
            becomes(made, "creating", "available")
            becomes(database, "backing-up", "available")
        return made

    def copy_db_snapshot(
        self: Any,
        source_db_snapshot_identifier: str,
        target_db_snapshot_identifier: str,
        kms_key_id: str | None = None,
        tags: Any = None,
        **_: Any,
    ) -> Any:
        if target_db_snapshot_identifier in self.database_snapshots:
            raise DBSnapshotAlreadyExistsError(target_db_snapshot_identifier)
        source = _found(self, source_db_snapshot_identifier, "database_snapshots", DBSnapshotNotFoundFault)
        _refuse_copy(self, source, kms_key_id, "InvalidDBSnapshotState")
        key = self._validate_kms_key(kms_key_id) if kms_key_id else source.kms_key_id
        made = DBSnapshot(self, source.database, target_db_snapshot_identifier, tags=tags, kms_key_id=key)
        self.database_snapshots[target_db_snapshot_identifier] = made
        becomes(made, "creating", "available")
        return made

    def modify_db_snapshot_attribute(self: Any, db_snapshot_identifier: str, *values: Any, **named: Any) -> Any:
        if db_snapshot_identifier in self.database_snapshots:
            _refuse_share(self.database_snapshots[db_snapshot_identifier], "InvalidDBSnapshotState")
        return change(self, db_snapshot_identifier, *values, **named)

    RDSBackend.create_db_snapshot = create_db_snapshot  # type: ignore[method-assign]
    RDSBackend.copy_db_snapshot = copy_db_snapshot  # type: ignore[method-assign, assignment]
    RDSBackend.modify_db_snapshot_attribute = modify_db_snapshot_attribute  # type: ignore[method-assign]


def _of_clusters() -> None:
    from moto.rds.exceptions import DBClusterSnapshotAlreadyExistsError, DBClusterSnapshotNotFoundError
    from moto.rds.models import DBClusterSnapshot, RDSBackend

    create, change = RDSBackend.create_db_cluster_snapshot, RDSBackend.modify_db_cluster_snapshot_attribute
    wrong = "InvalidDBClusterSnapshotStateFault"

    def create_db_cluster_snapshot(self: Any, db_cluster_identifier: str, *values: Any, **named: Any) -> Any:
        snapshot_type = named.get("snapshot_type", "manual")
        cluster = self.clusters.get(db_cluster_identifier)
        if cluster is not None and snapshot_type == "manual" and cluster.status != "available":
            raise error("InvalidDBClusterStateFault", f"Cluster {db_cluster_identifier} is {cluster.status}")
        made = create(self, db_cluster_identifier, *values, **named)
        if snapshot_type == "manual":
            becomes(made, "creating", "available")
        return made

    def copy_db_cluster_snapshot(
        self: Any,
        source_db_cluster_snapshot_identifier: str,
        target_db_cluster_snapshot_identifier: str,
        kms_key_id: str | None = None,
        tags: Any = None,
        **_: Any,
    ) -> Any:
        if target_db_cluster_snapshot_identifier in self.cluster_snapshots:
            raise DBClusterSnapshotAlreadyExistsError(target_db_cluster_snapshot_identifier)
        source = _found(self, source_db_cluster_snapshot_identifier, "cluster_snapshots", DBClusterSnapshotNotFoundError)
        _refuse_copy(self, source, kms_key_id, wrong)
        if source.account_id != self.account_id and source.region != self.region_name:
            raise error("InvalidParameterValue", "A cluster snapshot is not copied to another region and account at once")
        if kms_key_id and not source.encrypted:
            raise error("InvalidParameterCombination", "An unencrypted cluster snapshot is not encrypted by a copy")
        key = self._validate_kms_key(kms_key_id) if kms_key_id else None
        made = DBClusterSnapshot(self, source.cluster, target_db_cluster_snapshot_identifier, tags=tags, kms_key_id=key)
        self.cluster_snapshots[target_db_cluster_snapshot_identifier] = made
        becomes(made, "creating", "available")
        return made

    def modify_db_cluster_snapshot_attribute(self: Any, db_cluster_snapshot_identifier: str, *values: Any, **named: Any) -> Any:
        if db_cluster_snapshot_identifier in self.cluster_snapshots:
            _refuse_share(self.cluster_snapshots[db_cluster_snapshot_identifier], wrong)
        return change(self, db_cluster_snapshot_identifier, *values, **named)

    RDSBackend.create_db_cluster_snapshot = create_db_cluster_snapshot  # type: ignore[method-assign]
    RDSBackend.copy_db_cluster_snapshot = copy_db_cluster_snapshot  # type: ignore[method-assign, assignment]
    RDSBackend.modify_db_cluster_snapshot_attribute = modify_db_cluster_snapshot_attribute  # type: ignore[method-assign]


def _show_changes() -> None:
    """Count looks, and refuse to delete what is still being made."""
    from moto.rds.models import RDSBackend
    from moto.rds.responses import RDSResponse

    for word, held, wrong in (
        ("db_snapshot", "database_snapshots", "InvalidDBSnapshotState"),
        ("db_cluster_snapshot", "cluster_snapshots", "InvalidDBClusterSnapshotStateFault"),
    ):
        describe, delete = getattr(RDSResponse, f"describe_{word}s"), getattr(RDSBackend, f"delete_{word}")

        def described(self: Any, describe: Any = describe, held: str = held) -> Any:
            asked = self.params.get("DBSnapshotIdentifier") or self.params.get("DBClusterSnapshotIdentifier")
            look_at_named(getattr(self.backend, held), asked)
            return describe(self)

        def deleted(self: Any, name: str = "", delete: Any = delete, held: str = held, wrong: str = wrong, **named: Any) -> Any:
            name = name or next(iter(named.values()))
            found = getattr(self, held).get(name)
            if found is not None and found.status == "creating":
                raise error(wrong, f"Snapshot {name} is {found.status}")
            return delete(self, name)

        setattr(RDSResponse, f"describe_{word}s", described)
        setattr(RDSBackend, f"delete_{word}", deleted)

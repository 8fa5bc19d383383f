"""Clusters of Aurora as RDS keeps them: names that are taken once, states that take their time, and instances that stop with them."""

from collections.abc import Mapping
from typing import Any

from cloudmigrate.simulate.moto_databases import OFF_UNLESS_ASKED, error
from cloudmigrate.simulate.moto_transitions import becomes, look_at_named


def install() -> None:
    """Apply every fix."""
    _show_changes()
    _change_what_is_at_rest()
    _restore()


def _held(backend: Any, name: str, *states: str) -> Any:
    from moto.rds.exceptions import DBClusterNotFoundError

    if name not in backend.clusters:
        raise DBClusterNotFoundError(name)
    cluster = backend.clusters[name]
    if states and cluster.status not in states:
        raise error("InvalidDBClusterStateFault", f"Cluster {name} is in state {cluster.status}, not in {' or '.join(states)}")
    return cluster


def _show_changes() -> None:
    from moto.rds.responses import RDSResponse

    describe = RDSResponse.describe_db_clusters

    def describe_db_clusters(self: Any) -> Any:
        look_at_named(self.backend.clusters, self.params.get("DBClusterIdentifier"))
        return describe(self)

    RDSResponse.describe_db_clusters = describe_db_clusters  # type: ignore[method-assign]


def _change_what_is_at_rest() -> None:
    from moto.rds.models import RDSBackend

    create, modify, delete = RDSBackend.create_db_cluster, RDSBackend.modify_db_cluster, RDSBackend.delete_db_cluster

    def create_db_cluster(self: Any, kwargs: Any) -> Any:
        if kwargs["db_cluster_identifier"] in self.clusters:
            raise error("DBClusterAlreadyExistsFault", "DB Cluster already exists")
        made = create(self, kwargs)
        becomes(made, "creating", "available")
        return made

    def modify_db_cluster(self: Any, kwargs: Any) -> Any:
        name = kwargs["db_cluster_identifier"]
        cluster = _held(self, name, "available")
        changed = modify(self, kwargs)
        becomes(cluster, "modifying", "available")
        return changed

    def all_become(cluster: Any, shown: str, final: str) -> Any:
        def members() -> None:
            for one in cluster.members:
                one.status = cluster.status

        becomes(cluster, shown, final, members)
        members()
        return cluster

    def stop_db_cluster(self: Any, cluster_identifier: str) -> Any:
        return all_become(_held(self, cluster_identifier, "available"), "stopping", "stopped")

    def start_db_cluster(self: Any, cluster_identifier: str) -> Any:
        return all_become(_held(self, cluster_identifier, "stopped"), "starting", "available")

    def delete_db_cluster(self: Any, cluster_identifier: str, snapshot_name: str | None = None) -> Any:
        cluster = _held(self, cluster_identifier, "available", "stopped")
        if cluster.deletion_protection:
            raise error("InvalidParameterCombination", "Cannot delete protected Cluster, please disable deletion protection and try again.")
        if cluster.members:
            raise error("InvalidDBClusterStateFault", "Cluster cannot be deleted, it still contains DB instances in non-deleting state.")

        def gone() -> None:
            delete(self, cluster_identifier, snapshot_name)
            automated = [name for name in self.cluster_snapshots if name.startswith(f"rds:{cluster_identifier}-")]
            for name in automated:
                del self.cluster_snapshots[name]

        becomes(cluster, "deleting", "deleting", gone)
        return cluster

    RDSBackend.create_db_cluster = create_db_cluster  # type: ignore[method-assign]
    RDSBackend.modify_db_cluster = modify_db_cluster  # type: ignore[method-assign]
    RDSBackend.stop_db_cluster = stop_db_cluster  # type: ignore[method-assign]
    RDSBackend.start_db_cluster = start_db_cluster  # type: ignore[method-assign]
    RDSBackend.delete_db_cluster = delete_db_cluster  # type: ignore[method-assign]


def _restore() -> None:
    from moto.rds.exceptions import DBClusterSnapshotNotFoundError
    from moto.rds.models import RDSBackend

    def restore_db_cluster_from_snapshot(self: Any, from_snapshot_id: str, overrides: Mapping[str, Any]) -> Any:
        snapshot = self.cluster_snapshots.get(from_snapshot_id.rpartition(":")[2])
        if snapshot is None:
            raise DBClusterSnapshotNotFoundError(from_snapshot_id)
        if snapshot.status != "available":
            raise error("InvalidDBClusterSnapshotStateFault", f"Snapshot {from_snapshot_id} is {snapshot.status}")
        kept = {name: value for name, value in snapshot.cluster.get_cfg().items() if name not in ("becoming", "availability_zones")}
        kept |= dict.fromkeys(OFF_UNLESS_ASKED, False)
        asked = {name: value for name, value in overrides.items() if value is not None}
        if asked.get("kms_key_id"):
            asked |= {"kms_key_id": self._validate_kms_key(asked["kms_key_id"]), "storage_encrypted": True}
        return self.create_db_cluster({**kept, **asked})

    RDSBackend.restore_db_cluster_from_snapshot = restore_db_cluster_from_snapshot  # type: ignore[method-assign]

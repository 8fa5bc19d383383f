"""Databases as RDS keeps them: what changes takes its time and refuses other changes, replicas and restores are databases of their own."""

import copy
from collections.abc import Mapping
from typing import Any

from cloudmigrate.simulate.moto_transitions import becomes, look_at_named

OPEN_CONNECTIONS = 5  # of a database that somebody gets in to
NOT_KEPT = frozenset({"backend", "db_parameter_group_name", "vpc_security_group_ids", "max_allocated_storage", "becoming", "connections"})
# What a restore or a replica has only where it is asked for; moto keeps what the source has.
OFF_UNLESS_ASKED = ("deletion_protection", "multi_az", "publicly_accessible", "copy_tags_to_snapshot", "manage_master_user_password")


def install() -> None:
    """Apply every fix."""
    _show_changes()
    _change_what_is_at_rest()
    _replicate()
    _restore()
    _hold_groups()


def error(code: str, message: str) -> Exception:
    """An error of RDS."""
    from moto.rds.exceptions import RDSClientError

    made: Exception = RDSClientError(code, message)
    return made


def refuse_unless(database: Any, *states: str) -> None:
    """Nothing, if the database is in one of the states. Raises what RDS answers else."""
    if database.status not in states:
        raise error(
            "InvalidDBInstanceState", f"Database {database.resource_id} is in state {database.status}, not in {' or '.join(states)}"
        )


def _show_changes() -> None:
    from moto.rds.responses import RDSResponse

    describe = RDSResponse.describe_db_instances

    def describe_db_instances(self: Any) -> Any:
        look_at_named(self.backend.databases, self.params.get("DBInstanceIdentifier"))
        return describe(self)

    RDSResponse.describe_db_instances = describe_db_instances  # type: ignore[method-assign]


def _change_what_is_at_rest() -> None:
    from moto.rds.models import RDSBackend

    create, modify, stop, start, delete = (
        RDSBackend.create_db_instance,
        RDSBackend.modify_db_instance,
        RDSBackend.stop_db_instance,
        RDSBackend.start_db_instance,
        RDSBackend.delete_db_instance,
    )

    def create_db_instance(self: Any, db_kwargs: Any) -> Any:
        made = create(self, db_kwargs)
        becomes(made, "creating", "available")
        return made

    def modify_db_instance(self: Any, db_instance_identifier: str, db_kwargs: Any) -> Any:
        refuse_unless(self.describe_db_instances(db_instance_identifier)[0], "available")
        changed = modify(self, db_instance_identifier, db_kwargs)
        becomes(changed, "modifying", "available")
        return changed

    def reboot_db_instance(self: Any, db_instance_identifier: str) -> Any:
        database = self.describe_db_instances(db_instance_identifier)[0]
        refuse_unless(database, "available")
        database.__dict__["connections"] = OPEN_CONNECTIONS if lets_in(database) else 0
        becomes(database, "rebooting", "available")
        return database

    def stop_db_instance(self: Any, db_instance_identifier: str, db_snapshot_identifier: str | None = None) -> Any:
        database = self.describe_db_instances(db_instance_identifier)[0]
        refuse_unless(database, "available")
        if database.replicas:
            raise error("InvalidDBInstanceState", "A database that has read replicas cannot be stopped")
        stopped = stop(self, db_instance_identifier, db_snapshot_identifier)
        becomes(stopped, "stopping", "stopped")
        return stopped

    def start_db_instance(self: Any, db_instance_identifier: str) -> Any:
        refuse_unless(self.describe_db_instances(db_instance_identifier)[0], "stopped")
        started = start(self, db_instance_identifier)
        becomes(started, "starting", "available")
        return started

    def delete_db_instance(self: Any, db_instance_identifier: str, *values: Any, **named: Any) -> Any:
        database = self.describe_db_instances(db_instance_identifier)[0]
        refuse_unless(database, "available", "stopped", "failed")
        if database.deletion_protection:
            raise error(
                "InvalidParameterCombination", "Cannot delete protected DB Instance, please disable deletion protection and try again."
            )

        def gone() -> None:
            for one in _replicas_of(database):
                one.is_replica, one.source_db_instance_identifier = False, None
            database.replicas.clear()
            delete(self, db_instance_identifier, *values, **named)

        becomes(database, "deleting", "deleting", gone)
        return database

    RDSBackend.create_db_instance = create_db_instance  # type: ignore[method-assign]
    RDSBackend.modify_db_instance = modify_db_instance  # type: ignore[method-assign]
    RDSBackend.reboot_db_instance = reboot_db_instance  # type: ignore[method-assign]
    RDSBackend.stop_db_instance = stop_db_instance  # type: ignore[method-assign]
    RDSBackend.start_db_instance = start_db_instance  # type: ignore[method-assign]
    RDSBackend.delete_db_instance = delete_db_instance  # type: ignore[method-assign]


def lets_in(database: Any) -> bool:
    """Whether a security group of the database has a rule that lets somebody in."""
    from moto.ec2.models import ec2_backends

    backend = ec2_backends[database.account_id][database.region]
    held = [backend.get_security_group_from_id(one) for one in database.vpc_security_group_ids or ()]
    return any(one is not None and one.ingress_rules for one in held)


def connections(database: Any) -> int:
    """How many are connected: connections outlive a change of groups, and end with a reboot."""
    open_ones = OPEN_CONNECTIONS if lets_in(database) else database.__dict__.get("connections", OPEN_CONNECTIONS)
    return int(open_ones or len(database.replicas))


def _replicas_of(database: Any) -> list[Any]:
    from moto.rds.models import rds_backends

    regions = rds_backends[database.account_id].values()
    every = [one for backend in regions for one in backend.databases.values()]
    return [one for one in every if one.is_replica and one.source_db_instance_identifier in (database.arn, database.db_instance_identifier)]


def copied_settings(database: Any) -> dict[str, Any]:
    """What a database made from this one has in common with it."""
    held = {name.removeprefix("_"): copy.copy(value) for name, value in database.__dict__.items()}
    kept = {name: value for name, value in held.items() if name not in NOT_KEPT}
    if not database.option_group_supplied:
        del kept["option_group_name"]
    return {**kept, **dict.fromkeys(OFF_UNLESS_ASKED, False)}


def _replicate() -> None:
    from moto.rds.exceptions import DBInstanceAlreadyExists, KMSKeyNotAccessibleFault
    from moto.rds.models import DBInstance, RDSBackend

    update, replicate = DBInstance.update, RDSBackend.create_db_instance_read_replica

    def create_db_instance_read_replica(self: Any, db_kwargs: Any) -> Any:
        if db_kwargs["db_instance_identifier"] in self.databases:
            raise DBInstanceAlreadyExists
        source = db_kwargs["source_db_instance_identifier"]
        primary = self.find_db_from_id(source)
        refuse_unless(primary, "available")
        if not primary.backup_retention_period:
            raise error("InvalidDBInstanceState", "Automated backups are not enabled for this database instance")
        if primary.region == self.region_name:
            near = replicate(self, db_kwargs)
            becomes(near, "creating", "available")
            return near
        key = db_kwargs.get("kms_key_id")
        if primary.storage_encrypted:
            if not key:
                raise KMSKeyNotAccessibleFault("none")
            key = self._validate_kms_key(key)
        asked = {name: value for name, value in db_kwargs.items() if value is not None}
        replica = self.create_db_instance({**copied_settings(primary), **asked, "kms_key_id": key or primary.kms_key_id})
        replica.set_as_replica()
        primary.add_replica(replica)
        return replica

    def promote_read_replica(self: Any, db_kwargs: Any) -> Any:
        database = self.describe_db_instances(db_kwargs["db_instance_identifier"])[0]
        if not database.is_replica:
            raise error("InvalidDBInstanceState", "DB Instance is not a read replica.")
        refuse_unless(database, "available")
        self.find_db_from_id(database.source_db_instance_identifier).remove_replica(database)
        database.is_replica, database.source_db_instance_identifier = False, None
        update(database, **db_kwargs)
        becomes(database, "modifying", "available")
        return database

    def remove_replica(self: Any, replica: Any) -> None:
        self.replicas = [one for one in self.replicas if one not in (replica.db_instance_arn, replica.db_instance_identifier)]

    RDSBackend.create_db_instance_read_replica = create_db_instance_read_replica  # type: ignore[method-assign]
    RDSBackend.promote_read_replica = promote_read_replica  # type: ignore[method-assign]
    DBInstance.remove_replica = remove_replica  # type: ignore[method-assign]


def _restore() -> None:
    from moto.rds.exceptions import DBInstanceAlreadyExists, DBSnapshotNotFoundFault
    from moto.rds.models import RDSBackend

    def restore_db_instance_from_db_snapshot(self: Any, from_snapshot_id: str, overrides: Mapping[str, Any]) -> Any:
        snapshot = self.database_snapshots.get(from_snapshot_id.rpartition(":")[2])
        if snapshot is None:
            raise DBSnapshotNotFoundFault(from_snapshot_id)
        if snapshot.status != "available":
            raise error("InvalidDBSnapshotState", f"Snapshot {from_snapshot_id} is {snapshot.status}")
        if overrides["db_instance_identifier"] in self.databases:
            raise DBInstanceAlreadyExists
        kept = copied_settings(snapshot.database) | {"kms_key_id": snapshot.kms_key_id, "storage_encrypted": snapshot.encrypted}
        kept["source_db_instance_identifier"] = None
        return self.create_db_instance({**kept, **{name: value for name, value in overrides.items() if value is not None}})

    RDSBackend.restore_db_instance_from_db_snapshot = restore_db_instance_from_db_snapshot  # type: ignore[method-assign]


def _hold_groups() -> None:
    """Let no security group go while a database or a replication instance bears it."""
    from moto.dms.models import dms_backends
    from moto.ec2.exceptions import DependencyViolationError
    from moto.ec2.models.security_groups import SecurityGroupBackend
    from moto.rds.models import rds_backends

    delete = SecurityGroupBackend.delete_security_group

    def delete_security_group(self: Any, name: str | None = None, group_id: str | None = None) -> None:
        rds = rds_backends[self.account_id][self.region_name]
        databases: list[Any] = [*rds.databases.values(), *rds.clusters.values()]
        borne = [one for held in databases for one in held.vpc_security_group_ids or ()]
        for held in dms_backends[self.account_id][self.region_name].replication_instances.values():
            borne += [one["VpcSecurityGroupId"] for one in held.vpc_security_groups]
        if group_id in borne:
            raise DependencyViolationError(f"resource {group_id} has a dependent object")
        delete(self, name, group_id)

    SecurityGroupBackend.delete_security_group = delete_security_group  # type: ignore[method-assign]

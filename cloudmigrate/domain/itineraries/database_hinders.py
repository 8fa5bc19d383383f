"""What keeps a database from being moved by steps: reasons why a person has to do it, and what the estate file has to say first."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from cloudmigrate.domain.acts.rds_kinds import CLUSTER
from cloudmigrate.domain.database_policy import DatabaseWay
from cloudmigrate.domain.itineraries.databases import Database, cluster_of, cluster_of_member, instance_of, is_member
from cloudmigrate.domain.itineraries.names import names_of
from cloudmigrate.domain.itineraries.record import Move

OPEN_SOURCE = ("postgres", "mysql", "mariadb")
COMMERCIAL = ("oracle", "sqlserver", "db2")
AURORA = ("aurora-mysql", "aurora-postgresql")


def instance_hinders(move: Move) -> str:
    """Why a person has to move an instance; empty: nothing does."""
    if is_member(move):
        cluster = cluster_of_member(move)
        return cluster_hinders(replace(move, source=cluster)) if cluster else "its cluster is not in the inventory"
    database, spec = instance_of(move), move.source.spec
    elsewhere = move.target.account_id != move.source.account_id
    own_options = database.source_options and not database.options_group and database.engine.startswith(COMMERCIAL)
    reasons = (
        (database.engine.startswith("custom-"), "it is RDS Custom, whose host and image are the account's own"),
        (not database.engine.startswith((*OPEN_SOURCE, *COMMERCIAL)), f"nobody here knows how engine {database.engine} moves"),
        (move.source.state != "available", f"it is {move.source.state}, and only what is available can be snapshotted"),
        (bool(spec.get("ReadReplicaSourceDBInstanceIdentifier")), "it is a read replica: make it anew from its source's target"),
        (_has_replicas(spec), "it has read replicas, which have to be made anew from its target"),
        (spec.get("BackupTarget") == "outposts", "it lies on an Outpost"),
        (bool(spec.get("AdditionalStorageVolumes")), "it has further storage volumes"),
        (bool(spec.get("DomainMemberships")), "it is a member of a directory, which the target has to have"),
        (bool(spec.get("AssociatedRoles")), "it has roles of its own for S3 or other services"),
        (bool(spec.get("TdeCredentialArn")), "its data is encrypted by the engine itself (TDE)"),
        (
            own_options,
            f"its option group {database.source_options} cannot be copied: map one of the target in targets.databases.option_groups",
        ),
        (
            elsewhere and spec.get("LicenseModel") == "bring-your-own-license",
            "its licence is your own: see that the other account may use it",
        ),
        (not database.vpc_id, "it is in no VPC"),
        *_way_hinders(database, elsewhere=elsewhere),
    )
    return next((why for holds, why in reasons if holds), "")


def _has_replicas(spec: Mapping[str, Any]) -> bool:
    names = ("ReadReplicaDBInstanceIdentifiers", "ReadReplicaDBClusterIdentifiers", "ReadReplicaIdentifiers")
    return any(spec.get(one) for one in names)


def _way_hinders(database: Database, *, elsewhere: bool) -> Iterable[tuple[bool, str]]:
    """What keeps an instance from the way that was chosen for it."""
    if database.way is DatabaseWay.REPLICA:
        yield elsewhere, "a replica cannot be in another account: choose snapshot or dms in targets.databases"
        yield database.target.region == database.at.region, "a replica in its own region stays in its VPC: choose snapshot or dms"
        yield database.engine not in OPEN_SOURCE, f"replicas of {database.engine} in another region need licences and settings of their own"
        yield not database.spec.get("BackupRetentionPeriod"), "without automated backups it can have no replica: turn them on"
    if database.way is DatabaseWay.DMS:
        yield database.engine not in OPEN_SOURCE, f"how DMS follows {database.engine} has to be prepared in the database itself"


def cluster_hinders(move: Move) -> str:
    """Why a person has to move a cluster; empty: nothing does."""
    database, spec = cluster_of(move), move.source.spec
    members = len(spec.get("DBClusterMembers") or ())
    reasons = (
        (database.engine not in AURORA, f"only clusters of Aurora are moved, not those of {database.engine}"),
        (
            database.way is not DatabaseWay.SNAPSHOT,
            f"a cluster goes by snapshot, not by {database.way.value}: choose so in targets.databases",
        ),
        (move.source.state != "available", f"it is {move.source.state}, and only what is available can be snapshotted"),
        (
            spec.get("EngineMode", "provisioned") != "provisioned",
            f"its engine mode is {spec.get('EngineMode')} (Aurora Serverless v1 and such)",
        ),
        (bool(spec.get("GlobalClusterIdentifier")), "it is a part of a global database: add the target's region to that one instead"),
        (bool(spec.get("ReplicationSourceIdentifier")), "it is a replica of another cluster"),
        (_has_replicas(spec), "it has replicas, which have to be made anew from its target"),
        (bool(spec.get("LimitlessDatabase")), "it is a limitless database"),
        (bool(spec.get("DomainMemberships")), "it is a member of a directory, which the target has to have"),
        (bool(spec.get("AssociatedRoles")), "it has roles of its own for S3 or other services"),
        (spec.get("ActivityStreamStatus") in ("started", "starting"), "it has an activity stream"),
        (not members, "it has no instance"),
        (len(database.members) != members, "not all of its instances are in the inventory: scan again"),
        (any(one.state != "available" for one in database.members), "one of its instances is not available"),
        (not database.vpc_id, "its subnet group is not in the inventory: scan again"),
    )
    return next((why for holds, why in reasons if holds), "")


def lacks(database: Database) -> Iterable[str]:
    """What the estate file has to say first."""
    where = f"(add it to targets.databases.overrides, {database.move.source.uid})"
    if any(one.to in ("private_ip", "elastic_ip") for one in names_of(database.move.policy, database.move.source.uid)):
        yield "a name that leads to a database is pointed at its endpoint (set to: endpoint in targets.dns)"
    if database.way is DatabaseWay.DMS:
        yield from _dms_lacks(database, where)
        return
    if database.subnet_group is None:
        yield f"no target subnet group for {database.source_subnet_group} (add it to targets.databases.subnet_groups)"
    for name in _own_parameters(database):
        if not (database.override.parameter_group or database.policy.parameter_groups.get(name)):
            yield f"no target parameter group for {name} (add it to targets.databases.parameter_groups)"
    if database.source_options and not database.options_group:
        yield f"no target option group for {database.source_options} (add it to targets.databases.option_groups)"
    if database.target == database.at and database.name == database.database_id:
        yield f"it stays in its region and account, where its name is taken: no name of its target {where}"
    if database.is_encrypted and database.target != database.at and not database.move.policy.kms_key:
        yield "its storage is encrypted, and no key of the target is given (add it as targets.kms_key)"
    if database.is_encrypted and database.target.account_id != database.at.account_id and not database.policy.share_key:
        yield "its snapshot has to be encrypted anew before another account may use it (add a key as targets.databases.share_key)"


def _own_parameters(database: Database) -> Iterable[str]:
    """Parameter groups of the source that are not AWS's own."""
    if database.source_parameters and not database.source_parameters.startswith("default."):
        yield database.source_parameters
    for one in database.members if database.kind is CLUSTER else ():
        for held in one.spec.get("DBParameterGroups") or ():
            if not str(held.get("DBParameterGroupName", "")).startswith("default."):
                yield str(held["DBParameterGroupName"])


def _dms_lacks(database: Database, where: str) -> Iterable[str]:
    given, endpoints = database.policy.replication, database.override.endpoints
    if endpoints is None:
        yield f"no endpoints for the way dms {where}"
    elif database.engine != "postgres" and endpoints.ssl_mode == "require":
        yield f"DMS takes a certificate to encrypt connections of {database.engine} (set ssl_mode: none, or choose another way)"
    if len(given.subnets) < 2:
        yield "DMS needs two subnets of the target (add them to targets.databases.replication.subnets)"
    if not given.security_groups:
        yield "DMS needs a security group of the target (add it to targets.databases.replication.security_groups)"
    if given.secrets_role is None:
        yield "DMS needs a role that reads the secrets (add it as targets.databases.replication.secrets_role)"

"""A database that moves: what it is, where it goes to, what keeps it from it, and what its target is given."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from cloudmigrate.domain.acts.rds import CLUSTER, INSTANCE, Kind
from cloudmigrate.domain.database_policy import DatabaseOverride, DatabasePolicy, DatabaseWay
from cloudmigrate.domain.itineraries.building import Place
from cloudmigrate.domain.itineraries.names import names_of
from cloudmigrate.domain.itineraries.record import Bears, Move
from cloudmigrate.domain.itineraries.security_groups import Clone
from cloudmigrate.domain.resources import Resource

DB_INSTANCE, DB_CLUSTER, SUBNET_GROUP = "AWS::RDS::DBInstance", "AWS::RDS::DBCluster", "AWS::RDS::DBSubnetGroup"
OPEN_SOURCE = ("postgres", "mysql", "mariadb")
COMMERCIAL = ("oracle", "sqlserver", "db2")
AURORA = ("aurora-mysql", "aurora-postgresql")
LARGE_GP3_IOPS = 3000  # a smaller gp3 volume has as much in any case, and RDS refuses to be asked for it


@dataclass(frozen=True, slots=True)
class Database:
    """An instance, or a cluster with its instances, and what the rules say that it gets in the target."""

    move: Move
    kind: Kind

    @property
    def spec(self) -> Mapping[str, Any]:
        """What AWS says of the source."""
        return self.move.source.spec

    @property
    def database_id(self) -> str:
        """Of the source."""
        return str(self.spec[f"{self.kind.thing}Identifier"])

    @property
    def policy(self) -> DatabasePolicy:
        """The rules for databases."""
        return self.move.policy.databases

    @property
    def override(self) -> DatabaseOverride:
        """What is said of this one."""
        return self.policy.override(self.move.source.uid)

    @property
    def way(self) -> DatabaseWay:
        """How it moves."""
        return self.policy.way_of(self.move.source.uid)

    @property
    def at(self) -> Place:
        """Where it is."""
        return self.move.at_source

    @property
    def target(self) -> Place:
        """Where it goes to."""
        return self.move.target

    @property
    def is_copied(self) -> bool:
        """Whether its snapshot is restored elsewhere, or under another key."""
        return self.target != self.at or bool(self.move.policy.kms_key)

    @property
    def name(self) -> str:
        """Of the target."""
        return self.move.names.of(self.move.source.uid, self.override.name or self.database_id)

    @property
    def engine(self) -> str:
        """As RDS calls it."""
        return str(self.spec.get("Engine"))

    @property
    def is_encrypted(self) -> bool:
        """Whether the source's storage is."""
        return bool(self.spec.get("StorageEncrypted"))

    @property
    def group_ids(self) -> tuple[str, ...]:
        """Security groups of the source."""
        return tuple(str(one["VpcSecurityGroupId"]) for one in self.spec.get("VpcSecurityGroups") or ())

    @property
    def target_group_ids(self) -> list[Any]:
        """Security groups of the target: ids, or what clones will give."""
        mapped = self.move.policy.security_groups
        return [self.move.clones[one].group_id if one in self.move.clones else mapped[one] for one in self.group_ids]

    @property
    def clones(self) -> list[Clone]:
        """Those of its groups that are cloned; a wave's other clones are nothing to it."""
        held = borne(self).group_ids
        return [self.move.clones[one] for one in held if one in self.move.clones]

    @property
    def source_subnet_group(self) -> str:
        """The name of the source's subnet group."""
        held = self.spec.get("DBSubnetGroup") or ""
        return str(held.get("DBSubnetGroupName", "") if isinstance(held, Mapping) else held)

    @property
    def subnet_group(self) -> str | None:
        """That of the target."""
        return self.override.subnet_group or self.policy.subnet_groups.get(self.source_subnet_group)

    @property
    def vpc_id(self) -> str:
        """The VPC of the source."""
        held = self.spec.get("DBSubnetGroup")
        if isinstance(held, Mapping):
            return str(held.get("VpcId", ""))
        groups = (one for one in self.move.inventory.values() if one.type == SUBNET_GROUP and _near(one, self.move.source))
        return next((str(one.spec.get("VpcId", "")) for one in groups if one.spec.get("DBSubnetGroupName") == held), "")

    @property
    def source_parameters(self) -> str:
        """The name of the source's parameter group."""
        if self.kind is CLUSTER:
            return str(self.spec.get("DBClusterParameterGroup") or "")
        return str(next((one.get("DBParameterGroupName") for one in self.spec.get("DBParameterGroups") or ()), ""))

    @property
    def parameters(self) -> str | None:
        """That of the target; None where AWS's own is taken."""
        return self.override.parameter_group or self.policy.parameter_groups.get(self.source_parameters)

    @property
    def source_options(self) -> str:
        """The name of the source's option group, where it is none of AWS's own."""
        held = (str(one.get("OptionGroupName", "")) for one in self.spec.get("OptionGroupMemberships") or ())
        return next((one for one in held if one and not one.startswith("default:")), "")

    @property
    def options_group(self) -> str | None:
        """That of the target."""
        return self.policy.option_groups.get(self.source_options)

    @property
    def members(self) -> list[Resource]:
        """The instances of a cluster, the one that writes first."""
        ranks = {
            str(one["DBInstanceIdentifier"]): (not one.get("IsClusterWriter"), str(one["DBInstanceIdentifier"]))
            for one in self.spec.get("DBClusterMembers") or ()
        }
        held = [
            one
            for one in self.move.inventory.values()
            if one.type == DB_INSTANCE and _near(one, self.move.source) and str(one.spec.get("DBInstanceIdentifier")) in ranks
        ]
        return sorted(held, key=lambda one: ranks[str(one.spec["DBInstanceIdentifier"])])

    def instance_class(self, source: str) -> str:
        """The class of the target."""
        return self.override.instance_class or self.policy.instance_classes.get(source, source)


def _near(one: Resource, other: Resource) -> bool:
    return (one.account_id, one.region) == (other.account_id, other.region)


def instance_of(move: Move) -> Database:
    """The move of an instance."""
    return Database(move, INSTANCE)


def cluster_of(move: Move) -> Database:
    """The move of a cluster."""
    return Database(move, CLUSTER)


def is_member(move: Move) -> bool:
    """Whether the instance is one of a cluster, and moves with it."""
    return bool(move.source.spec.get("DBClusterIdentifier"))


def borne(database: Database) -> Bears:
    """The security groups that its target needs; a target of DMS is there with its own."""
    return Bears() if database.way is DatabaseWay.DMS else Bears(database.group_ids, database.vpc_id)


def cluster_of_member(move: Move) -> Resource | None:
    """The cluster of an instance, as far as it is in the inventory."""
    wanted = move.source.spec.get("DBClusterIdentifier")
    every = (one for one in move.inventory.values() if one.type == DB_CLUSTER and _near(one, move.source))
    return next((one for one in every if one.spec.get("DBClusterIdentifier") == wanted), None)


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


def instance_options(database: Database) -> dict[str, Any]:
    """What a restored instance or a replica is asked to have, in the words of the API. It is protected in the end only."""
    spec = database.spec
    iops = int(spec.get("Iops") or 0)
    kind = spec.get("StorageType")
    asked_iops = iops if iops and (kind in ("io1", "io2") or (kind == "gp3" and iops > LARGE_GP3_IOPS)) else None
    port = (spec.get("Endpoint") or {}).get("Port")
    options = {
        "DBInstanceClass": database.instance_class(str(spec["DBInstanceClass"])),
        "DBSubnetGroupName": database.subnet_group,
        "VpcSecurityGroupIds": database.target_group_ids,
        "DBParameterGroupName": database.parameters,
        "OptionGroupName": database.options_group,
        "Port": int(port) if port else None,
        "MultiAZ": bool(spec.get("MultiAZ")),
        "PubliclyAccessible": bool(spec.get("PubliclyAccessible")),
        "AutoMinorVersionUpgrade": bool(spec.get("AutoMinorVersionUpgrade")),
        "StorageType": kind,
        "Iops": asked_iops,
        "StorageThroughput": int(spec["StorageThroughput"]) if asked_iops and kind == "gp3" and spec.get("StorageThroughput") else None,
        "CopyTagsToSnapshot": bool(spec.get("CopyTagsToSnapshot")),
        "EnableIAMDatabaseAuthentication": bool(spec.get("IAMDatabaseAuthenticationEnabled")),
        "EnableCloudwatchLogsExports": sorted(spec.get("EnabledCloudwatchLogsExports") or ()) or None,
        "DeletionProtection": False,
    }
    return {name: value for name, value in options.items() if value is not None}


def cluster_options(database: Database) -> dict[str, Any]:
    """What a restored cluster is asked to have."""
    spec = database.spec
    options = {
        "Engine": database.engine,
        "EngineVersion": spec.get("EngineVersion"),
        "DBSubnetGroupName": database.subnet_group,
        "VpcSecurityGroupIds": database.target_group_ids,
        "DBClusterParameterGroupName": database.parameters,
        "Port": int(spec["Port"]) if spec.get("Port") else None,
        "KmsKeyId": None if database.is_encrypted else database.move.policy.kms_key,  # else that of its snapshot
        "StorageType": spec.get("StorageType") if str(spec.get("StorageType", "")).startswith("aurora") else None,
        "BacktrackWindow": int(spec["BacktrackWindow"]) if spec.get("BacktrackWindow") else None,
        "ServerlessV2ScalingConfiguration": spec.get("ServerlessV2ScalingConfiguration") or None,
        "CopyTagsToSnapshot": bool(spec.get("CopyTagsToSnapshot")),
        "EnableIAMDatabaseAuthentication": bool(spec.get("IAMDatabaseAuthenticationEnabled")),
        "EnableCloudwatchLogsExports": sorted(spec.get("EnabledCloudwatchLogsExports") or ()) or None,
        "DeletionProtection": False,
    }
    return {name: value for name, value in options.items() if value is not None}


def settings(database: Database) -> dict[str, Any]:
    """What is set on the target once it is there."""
    spec, found = database.spec, dict[str, Any]()
    if spec.get("DeletionProtection"):
        found["DeletionProtection"] = True
    if database.kind is INSTANCE and int(spec.get("MaxAllocatedStorage") or 0) > int(spec.get("AllocatedStorage") or 0):
        found["MaxAllocatedStorage"] = int(spec["MaxAllocatedStorage"])
    if spec.get("MasterUserSecret"):  # RDS makes the target a secret of its own
        found["ManageMasterUserPassword"] = True
    return found

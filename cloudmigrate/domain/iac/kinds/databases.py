"""Instances of RDS: by a snapshot, by a replica, or empty for the Database Migration Service; replicas and members of clusters.

Source: AWS CloudFormation template reference, AWS::RDS::DBInstance; RDS API reference, DBInstance.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from cloudmigrate.domain.database_names import member_name
from cloudmigrate.domain.database_policy import DatabaseWay
from cloudmigrate.domain.iac.kind import GIVEN, Kind, same_name_there
from cloudmigrate.domain.iac.kinds.classes import chosen_class
from cloudmigrate.domain.iac.kinds.database_groups import PARAMETERS
from cloudmigrate.domain.iac.kinds.database_parts import (
    NOT_CONFIGURATION,
    RUN_TIME,
    authority_of,
    encryption_of,
    features,
    groups_of,
    insights_key_of,
    master_password,
    name_of,
    override_of,
    parameters_of,
    private,
    roles_of,
    snapshot_of,
    subnets_of,
    version_of,
    watching_of,
)
from cloudmigrate.domain.iac.kinds.replication import replication
from cloudmigrate.domain.iac.model import TargetResource
from cloudmigrate.domain.iac.source import NotGenerated, Source, transformed
from cloudmigrate.domain.iac.values import Came, Leaf, Node, Origin

INSTANCE, CLUSTER = "AWS::RDS::DBInstance", "AWS::RDS::DBCluster"
OF_THE_ORIGINAL = ("AllocatedStorage", "Engine", "EngineVersion", "LicenseModel", "StorageEncrypted")  # a replica has them of it
LARGE_GP3_IOPS = 3000  # a smaller gp3 volume has as much in any case, and RDS refuses to be asked for it


def instance(source: Source) -> Iterator[TargetResource]:
    """An instance of its own, or a member of a cluster."""
    spec = source.spec
    engine = str(spec.get("Engine", ""))
    if engine.startswith("custom-"):
        raise NotGenerated(
            "it is RDS Custom, whose host and image are the account's own: make it by hand of the same custom engine version"
        )
    if spec.get("BackupTarget") == "outposts":
        raise NotGenerated("it lies on an Outpost: make it by hand on one of the target")
    if spec.get("DBClusterIdentifier"):
        yield source.target(INSTANCE, _member(source))
        return
    way = source.policy.databases.way_of(source.resource.uid)
    properties = {**_comes(source, way), **_own(source), **_shared(source)}
    if _is_replica(source) or way is DatabaseWay.REPLICA:
        properties = _as_replica(source, properties, is_near=_is_replica(source))
    made = source.target(INSTANCE, properties, stateful=True)
    yield made
    if way is DatabaseWay.DMS and not _is_replica(source):
        yield from replication(source, made)


def _is_replica(source: Source) -> bool:
    return bool(source.spec.get("ReadReplicaSourceDBInstanceIdentifier") or source.spec.get("ReadReplicaSourceDBClusterIdentifier"))


def _as_replica(source: Source, properties: dict[str, Node | None], *, is_near: bool) -> dict[str, Node | None]:
    """What a replica is asked to have: all else it has of what it replicates. One in the same region has its network as well."""
    source.read |= {"DBName", "MasterUsername", "CharacterSetName", "NcharCharacterSetName", "Timezone"}
    left = {*OF_THE_ORIGINAL, *(("KmsKeyId", "DBSubnetGroupName") if is_near else ())}
    return {name: node for name, node in properties.items() if name not in left}


def _comes(source: Source, way: DatabaseWay) -> dict[str, Node | None]:
    """Its name, and what its data comes from."""
    found: dict[str, Node | None] = {"DBInstanceIdentifier": name_of(source, "DBInstanceIdentifier")}
    if _is_replica(source):
        member = next(
            one for one in ("ReadReplicaSourceDBInstanceIdentifier", "ReadReplicaSourceDBClusterIdentifier") if source.spec.get(one)
        )
        type_ = INSTANCE if member == "ReadReplicaSourceDBInstanceIdentifier" else CLUSTER
        name = member.removeprefix("ReadReplica")
        return found | {name: source.referred(member, type_=type_), "ReplicaMode": source.copied("ReplicaMode")}
    endpoints = override_of(source).endpoints
    source.read |= {"DBName", "MasterUsername"}
    if way is DatabaseWay.REPLICA:
        why = "a replica of the source until cutover, when it is promoted: then this is taken out"
        return found | {"SourceDBInstanceIdentifier": Leaf(source.resource.uid, transformed("DBInstanceArn", why))}
    if way is DatabaseWay.DMS:
        if endpoints is not None:
            why = "targets.databases.overrides: the database that the rows go to"
            found["DBInstanceIdentifier"] = Leaf(endpoints.target, transformed("DBInstanceIdentifier", why))
        return found | {
            "DBName": source.copied("DBName"),
            "MasterUsername": source.copied("MasterUsername"),
            "ManageMasterUserPassword": master_password(),
            "CharacterSetName": source.copied("CharacterSetName"),
            "NcharCharacterSetName": source.copied("NcharCharacterSetName"),
            "Timezone": source.copied("Timezone"),
        }
    source.read |= {"CharacterSetName", "NcharCharacterSetName", "Timezone"}
    return found | {"DBSnapshotIdentifier": snapshot_of(source), "ManageMasterUserPassword": master_password()}


def _own(source: Source) -> dict[str, Node | None]:
    """What only an instance of its own has: storage, standby, backups, and what belongs to a licence."""
    spec = source.spec
    kind, iops = spec.get("StorageType"), int(spec.get("Iops") or 0)
    asks = iops > 0 and (kind in ("io1", "io2") or (kind == "gp3" and iops > LARGE_GP3_IOPS))
    subnets = spec.get("DBSubnetGroup") or {}
    source.read |= {"Iops", "StorageThroughput", "Endpoint"}
    port = (spec.get("Endpoint") or {}).get("Port")
    return {
        "AllocatedStorage": source.copied("AllocatedStorage", of=str),
        "MaxAllocatedStorage": _ceiling(source),
        "StorageType": source.copied("StorageType"),
        "Iops": source.copied("Iops") if asks else None,
        "StorageThroughput": source.copied("StorageThroughput") if asks and kind == "gp3" else None,
        "DedicatedLogVolume": source.copied("DedicatedLogVolume"),
        **encryption_of(source),
        "MultiAZ": source.copied("MultiAZ"),
        "NetworkType": source.copied("NetworkType"),
        "Port": Leaf(str(port), transformed("Endpoint.Port", "as it is")) if port else None,
        "DBSubnetGroupName": subnets_of(source, str(subnets.get("DBSubnetGroupName", "") if isinstance(subnets, Mapping) else subnets)),
        "VPCSecurityGroups": groups_of(source),
        "OptionGroupName": _options(source),
        "LicenseModel": source.copied("LicenseModel"),
        "BackupRetentionPeriod": source.copied("BackupRetentionPeriod"),
        "PreferredBackupWindow": source.copied("PreferredBackupWindow"),
        "DeletionProtection": source.copied("DeletionProtection"),
        "EnableCloudwatchLogsExports": source.copied("EnabledCloudwatchLogsExports"),
        "EnableIAMDatabaseAuthentication": source.copied("IAMDatabaseAuthenticationEnabled"),
        "ProcessorFeatures": features(source.value("ProcessorFeatures"), "ProcessorFeatures"),
        "AssociatedRoles": roles_of(source),
        "EngineLifecycleSupport": source.copied("EngineLifecycleSupport"),
    }


def _shared(source: Source) -> dict[str, Node | None]:
    """What members of clusters have as well."""
    databases = source.policy.databases
    group = next((str(one.get("DBParameterGroupName", "")) for one in source.value("DBParameterGroups") or ()), "")
    insights = source.value("PerformanceInsightsEnabled")
    return {
        "DBInstanceClass": chosen_class(source, "DBInstanceClass", override_of(source).instance_class, databases.instance_classes),
        "Engine": source.copied("Engine"),
        "EngineVersion": version_of(source),
        "DBParameterGroupName": parameters_of(source, "DBParameterGroups", group, PARAMETERS),
        "PubliclyAccessible": private(source),
        "AutoMinorVersionUpgrade": source.copied("AutoMinorVersionUpgrade"),
        "PreferredMaintenanceWindow": source.copied("PreferredMaintenanceWindow"),
        "CopyTagsToSnapshot": source.copied("CopyTagsToSnapshot"),
        "CACertificateIdentifier": authority_of(source),
        **watching_of(source),
        "EnablePerformanceInsights": source.copied("PerformanceInsightsEnabled"),
        "PerformanceInsightsKMSKeyId": insights_key_of(source) if insights else None,
        "PerformanceInsightsRetentionPeriod": source.copied("PerformanceInsightsRetentionPeriod") if insights else None,
        "Tags": source.tags(),
    }


def _member(source: Source) -> dict[str, Node | None]:
    """An instance of a cluster: its storage, network and backups are the cluster's."""
    source.read |= set(_OF_THE_CLUSTER)
    return {
        "DBInstanceIdentifier": _member_name(source),
        "DBClusterIdentifier": source.referred("DBClusterIdentifier", type_=CLUSTER),
        **{name: node for name, node in _shared(source).items() if name not in OF_CLUSTERS},
        "PromotionTier": source.copied("PromotionTier"),
    }


def _member_name(source: Source) -> Leaf | None:
    own, told = str(source.spec["DBInstanceIdentifier"]), override_of(source).name
    clusters = source.having(CLUSTER, "DBClusterIdentifier", str(source.spec["DBClusterIdentifier"]))
    of_cluster = source.policy.databases.override(clusters[0].uid).name if clusters and told is None else None
    name = member_name(clusters[0].spec, of_cluster, own) if clusters else own
    if name == own:
        return name_of(source, "DBInstanceIdentifier")
    source.read.add("DBInstanceIdentifier")
    return Leaf(name, transformed("DBInstanceIdentifier", "targets.databases.overrides: the name of its cluster, and its number"))


OF_CLUSTERS = ("CopyTagsToSnapshot", "DatabaseInsightsMode", "EngineVersion")  # an instance must not say them
_OF_THE_CLUSTER = (
    "AllocatedStorage",
    "BackupRetentionPeriod",
    "CharacterSetName",
    "DatabaseInsightsMode",
    "DBName",
    "DBSubnetGroup",
    "DeletionProtection",
    "EnabledCloudwatchLogsExports",
    "Endpoint",
    "EngineVersion",
    "IAMDatabaseAuthenticationEnabled",
    "KmsKeyId",
    "LicenseModel",
    "MasterUsername",
    "MultiAZ",
    "NetworkType",
    "OptionGroupMemberships",
    "PreferredBackupWindow",
    "StorageEncrypted",
    "StorageThroughput",
    "StorageType",
    "Iops",
    "VpcSecurityGroups",
)


def _ceiling(source: Source) -> Leaf | None:
    """Up to what storage grows by itself; equal to what is allocated means that it does not."""
    found = source.copied("MaxAllocatedStorage")
    return found if found and int(source.spec.get("AllocatedStorage") or 0) < int(source.spec["MaxAllocatedStorage"]) else None


def _options(source: Source) -> Leaf | None:
    names = (str(one.get("OptionGroupName", "")) for one in source.value("OptionGroupMemberships") or ())
    name = next(names, "")
    if not name:
        return None
    if name.startswith("default:"):
        return Leaf(None, Origin(Came.DEFAULTED, "AWS's own option group of the engine"))
    return source.referred("OptionGroupMemberships", name, type_="AWS::RDS::OptionGroup", where="targets.databases.option_groups")


OF_INSTANCES: Mapping[str, Any] = {
    **NOT_CONFIGURATION,
    "DBInstanceStatus": RUN_TIME,
    "InstanceCreateTime": RUN_TIME,
    "DBInstanceArn": GIVEN,
    "DbiResourceId": GIVEN,
    "DbInstancePort": "that of Endpoint",
    "ListenerEndpoint": GIVEN,
    "AvailabilityZone": "AWS chooses one of the subnet group's",
    "SecondaryAvailabilityZone": "AWS chooses one of the subnet group's",
    "DBSecurityGroups": "of EC2-Classic, which is no more",
    "ReadReplicaDBInstanceIdentifiers": "each replica says so itself",
    "ReadReplicaDBClusterIdentifiers": "each replica says so itself",
    "ReadReplicaIdentifiers": "each replica says so itself",
    "ReadReplicaSourceDBInstanceIdentifier": "read where it is a replica",
    "BackupTarget": "region, where it is not on an Outpost",
    "IsStorageConfigUpgradeAvailable": RUN_TIME,
    "StorageVolumeStatus": RUN_TIME,
    "StorageOperationStatus": RUN_TIME,
    "StorageOperationPercentProgress": RUN_TIME,
    "ResumeFullAutomationModeTime": RUN_TIME,
}
KINDS = (
    Kind(
        INSTANCE,
        instance,
        known_as=("DBInstanceIdentifier",),
        asks_for=("DBInstanceIdentifier",),
        named_arn=same_name_there,
        arn="DBInstanceArn",
        not_configuration=OF_INSTANCES,
    ),
)

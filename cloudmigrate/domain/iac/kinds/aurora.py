"""Clusters of Aurora, provisioned or Serverless v2; their instances are resources of their own.

Source: AWS CloudFormation template reference, AWS::RDS::DBCluster; RDS API reference, DBCluster.
"""

from collections.abc import Iterator

from cloudmigrate.domain.iac.kind import GIVEN, Kind, same_name_there
from cloudmigrate.domain.iac.kinds.database_groups import CLUSTER_PARAMETERS
from cloudmigrate.domain.iac.kinds.database_parts import (
    NOT_CONFIGURATION,
    RUN_TIME,
    encryption_of,
    groups_of,
    master_password,
    name_of,
    parameters_of,
    roles_of,
    snapshot_of,
    subnets_of,
    version_of,
)
from cloudmigrate.domain.iac.model import TargetResource
from cloudmigrate.domain.iac.source import NotGenerated, Source
from cloudmigrate.domain.iac.values import Node

CLUSTER = "AWS::RDS::DBCluster"


def cluster(source: Source) -> Iterator[TargetResource]:
    """A cluster that is restored from a snapshot: that is the only way in which clusters move."""
    _refuse(source)
    spec = source.spec
    source.read |= {"DatabaseName", "MasterUsername", "CharacterSetName", "EngineMode", "ServerlessV2PlatformVersion"}
    is_aurora = str(spec.get("StorageType", "")).startswith("aurora")
    properties: dict[str, Node | None] = {
        "DBClusterIdentifier": name_of(source, "DBClusterIdentifier"),
        "SnapshotIdentifier": snapshot_of(source),
        "ManageMasterUserPassword": master_password(),
        "Engine": source.copied("Engine"),
        "EngineVersion": version_of(source),
        "EngineLifecycleSupport": source.copied("EngineLifecycleSupport"),
        **encryption_of(source),
        "StorageType": source.copied("StorageType") if is_aurora else None,
        "DBSubnetGroupName": subnets_of(source, str(source.value("DBSubnetGroup") or "")),
        "DBClusterParameterGroupName": parameters_of(
            source, "DBClusterParameterGroup", str(source.value("DBClusterParameterGroup") or ""), CLUSTER_PARAMETERS
        ),
        "VpcSecurityGroupIds": groups_of(source),
        "Port": source.copied("Port"),
        "NetworkType": source.copied("NetworkType"),
        "ServerlessV2ScalingConfiguration": source.copied("ServerlessV2ScalingConfiguration"),
        "BackupRetentionPeriod": source.copied("BackupRetentionPeriod"),
        "PreferredBackupWindow": source.copied("PreferredBackupWindow"),
        "PreferredMaintenanceWindow": source.copied("PreferredMaintenanceWindow"),
        "BacktrackWindow": source.copied("BacktrackWindow") if spec.get("BacktrackWindow") else None,
        "CopyTagsToSnapshot": source.copied("CopyTagsToSnapshot"),
        "DeletionProtection": source.copied("DeletionProtection"),
        "EnableCloudwatchLogsExports": source.copied("EnabledCloudwatchLogsExports"),
        "EnableIAMDatabaseAuthentication": source.copied("IAMDatabaseAuthenticationEnabled"),
        "EnableHttpEndpoint": source.copied("HttpEndpointEnabled"),
        "AssociatedRoles": roles_of(source),
        "Tags": source.tags(),
    }
    source.read.add("StorageType")
    yield source.target(CLUSTER, properties, stateful=True)


def _refuse(source: Source) -> None:
    spec = source.spec
    engine = str(spec.get("Engine", ""))
    reasons = (
        (
            not engine.startswith("aurora"),
            f"only clusters of Aurora are made, not those of {engine}: make it by hand from a snapshot of it",
        ),
        (
            spec.get("EngineMode", "provisioned") != "provisioned",
            f"its engine mode is {spec.get('EngineMode')}: turn it into a provisioned one, or Serverless v2, before the move",
        ),
        (bool(spec.get("GlobalClusterIdentifier")), "it is a part of a global database: add the target's region to that one instead"),
        (bool(spec.get("ReplicationSourceIdentifier")), "it is a replica of another cluster: make it anew from that one's target"),
        (bool(spec.get("LimitlessDatabase")), "it is a limitless database: make it by hand"),
    )
    for holds, why in reasons:
        if holds:
            raise NotGenerated(why)


KINDS = (
    Kind(
        CLUSTER,
        cluster,
        known_as=("DBClusterIdentifier",),
        named_arn=same_name_there,
        arn="DBClusterArn",
        not_configuration={
            **NOT_CONFIGURATION,
            "Status": RUN_TIME,
            "ClusterCreateTime": RUN_TIME,
            "EarliestRestorableTime": RUN_TIME,
            "EarliestBacktrackTime": RUN_TIME,
            "BacktrackConsumedChangeRecords": RUN_TIME,
            "DBClusterArn": GIVEN,
            "DbClusterResourceId": GIVEN,
            "HostedZoneId": GIVEN,
            "Endpoint": GIVEN,
            "ReaderEndpoint": GIVEN,
            "AllocatedStorage": "Aurora's storage grows by itself",
            "AvailabilityZones": "those of the subnet group",
            "DBClusterMembers": "each instance says so itself",
            "DBClusterOptionGroupMemberships": "AWS's own of the engine",
            "MultiAZ": "by its instances",
            "AutoMinorVersionUpgrade": "each instance says so itself",
            "PubliclyAccessible": "each instance says so itself",
            "MonitoringInterval": "each instance says so itself",
            "MonitoringRoleArn": "each instance says so itself",
            "PerformanceInsightsEnabled": "each instance says so itself",
            "PerformanceInsightsKMSKeyId": "each instance says so itself",
            "PerformanceInsightsRetentionPeriod": "each instance says so itself",
            "DatabaseInsightsMode": "each instance says so itself",
            "CrossAccountClone": RUN_TIME,
            "CloneGroupId": GIVEN,
            "IOOptimizedNextAllowedModificationTime": RUN_TIME,
            "Capacity": RUN_TIME,
            "ScalingConfigurationInfo": "of Serverless v1",
            "GlobalWriteForwardingRequested": "of global databases",
            "GlobalWriteForwardingStatus": "of global databases",
            "ReadReplicaIdentifiers": "each replica says so itself",
        },
    ),
)

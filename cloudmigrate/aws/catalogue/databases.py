"""Rows for databases and caches: RDS, DynamoDB, ElastiCache, with the groups that configure them."""

from cloudmigrate.aws.catalogue.rules import GIB, PART, SETTING, encrypted_by, runs_as, security_groups, subnets
from cloudmigrate.aws.resource_type import Call, Metric, MetricSource, RelationRule, ResourceType

DB_INSTANCE_METRICS = MetricSource(
    namespace="AWS/RDS",
    dimensions={"DBInstanceIdentifier": "DBInstanceIdentifier"},
    metrics=(
        Metric("CPUUtilization", "percent", capacity_pct=True),
        Metric("DatabaseConnections", "count"),
        Metric("ReadIOPS", "count_per_second"),
        Metric("WriteIOPS", "count_per_second"),
        Metric("ReadThroughput", "bytes_per_second"),
        Metric("WriteThroughput", "bytes_per_second"),
        Metric("FreeStorageSpace", "bytes", stats=("Average", "Minimum"), when="!starts_with(Engine || '', 'aurora')"),
        Metric("FreeableMemory", "bytes", stats=("Average", "Minimum")),
    ),
)
DB_CLUSTER_METRICS = MetricSource(
    namespace="AWS/RDS",
    dimensions={"DBClusterIdentifier": "DBClusterIdentifier"},
    metrics=(
        Metric("VolumeBytesUsed", "bytes", stats=("Average",)),
        Metric("VolumeReadIOPs", "count", stats=("Average",)),
        Metric("VolumeWriteIOPs", "count", stats=("Average",)),
    ),
)
TABLE_METRICS = MetricSource(
    namespace="AWS/DynamoDB",
    dimensions={"TableName": "TableName"},
    metrics=(
        Metric("ConsumedReadCapacityUnits", "count", stats=("Sum",)),
        Metric("ConsumedWriteCapacityUnits", "count", stats=("Sum",)),
        Metric("ReadThrottleEvents", "count", stats=("Sum",)),
        Metric("WriteThrottleEvents", "count", stats=("Sum",)),
    ),
)
CACHE_METRICS = MetricSource(
    namespace="AWS/ElastiCache",
    dimensions={"CacheClusterId": "CacheClusterId"},
    metrics=(
        Metric("CPUUtilization", "percent", capacity_pct=True),
        Metric("EngineCPUUtilization", "percent", capacity_pct=True, when="Engine != 'memcached'"),
        Metric("CurrConnections", "count"),
        Metric("BytesUsedForCache", "bytes", when="Engine != 'memcached'"),
        Metric("FreeableMemory", "bytes", stats=("Average", "Minimum")),
        Metric("Evictions", "count", stats=("Sum",)),
        Metric("NetworkBytesIn", "bytes", stats=("Sum",)),
        Metric("NetworkBytesOut", "bytes", stats=("Sum",)),
    ),
)


def rds_tags(arn: str, not_found: str) -> Call:
    """The tags of an RDS resource whose listing leaves them out."""
    return Call("list_tags_for_resource", {"ResourceName": arn}, "TagList[]", "TagList", gone_codes=(not_found,))


RDS = (
    ResourceType(
        type="AWS::RDS::DBInstance",
        service="rds",
        operation="describe_db_instances",
        path="DBInstances[]",
        id="DBInstanceIdentifier",
        arn="=DBInstanceArn",
        role="data",
        moves=True,
        name="DBInstanceIdentifier",
        state="DBInstanceStatus",
        created="InstanceCreateTime",
        tags="TagList",
        gone_states=frozenset({"deleted", "deleting"}),
        stateful=True,
        # Aurora keeps its data in the cluster's volume; its instances say 1.
        storage="(!starts_with(Engine || '', 'aurora') && AllocatedStorage) || `null`",
        storage_unit_bytes=GIB,
        dns_names=("Endpoint.Address",),
        relations=(
            RelationRule("db-subnet-group", "DBSubnetGroup.DBSubnetGroupName", "AWS::RDS::DBSubnetGroup", role=SETTING),
            subnets("DBSubnetGroup.Subnets[].SubnetIdentifier"),
            security_groups("VpcSecurityGroups[].VpcSecurityGroupId"),
            RelationRule("db-parameter-group", "DBParameterGroups[].DBParameterGroupName", "AWS::RDS::DBParameterGroup", role=SETTING),
            RelationRule("db-cluster", "DBClusterIdentifier", "AWS::RDS::DBCluster", role=PART),
            RelationRule(
                "replica-source",
                "[ReadReplicaSourceDBInstanceIdentifier, ReadReplicaSourceDBClusterIdentifier]",
                ("AWS::RDS::DBInstance", "AWS::RDS::DBCluster"),
            ),
            RelationRule("secret", "MasterUserSecret.SecretArn", "AWS::SecretsManager::Secret", by="arn", role=SETTING),
            encrypted_by("KmsKeyId"),
            runs_as("[AssociatedRoles[].RoleArn, [MonitoringRoleArn]][]"),
        ),
        metric_source=DB_INSTANCE_METRICS,
    ),
    ResourceType(
        type="AWS::RDS::DBCluster",
        service="rds",
        operation="describe_db_clusters",
        path="DBClusters[]",
        id="DBClusterIdentifier",
        arn="=DBClusterArn",
        role="data",
        moves=True,
        name="DBClusterIdentifier",
        state="Status",
        created="ClusterCreateTime",
        tags="TagList",
        gone_states=frozenset({"deleted", "deleting"}),
        stateful=True,
        storage="(!starts_with(Engine || '', 'aurora') && AllocatedStorage) || `null`",
        storage_unit_bytes=GIB,
        dns_names=("Endpoint", "ReaderEndpoint", "CustomEndpoints[]"),
        relations=(
            RelationRule("db-subnet-group", "DBSubnetGroup", "AWS::RDS::DBSubnetGroup", role=SETTING),
            security_groups("VpcSecurityGroups[].VpcSecurityGroupId"),
            RelationRule("db-parameter-group", "DBClusterParameterGroup", "AWS::RDS::DBClusterParameterGroup", role=SETTING),
            RelationRule("replica-source", "ReplicationSourceIdentifier", ("AWS::RDS::DBCluster", "AWS::RDS::DBInstance"), by="arn"),
            RelationRule("secret", "MasterUserSecret.SecretArn", "AWS::SecretsManager::Secret", by="arn", role=SETTING),
            encrypted_by("KmsKeyId"),
            runs_as("AssociatedRoles[].RoleArn"),
        ),
        metric_source=DB_CLUSTER_METRICS,
    ),
    ResourceType(
        type="AWS::RDS::DBSubnetGroup",
        service="rds",
        operation="describe_db_subnet_groups",
        path="DBSubnetGroups[]",
        id="DBSubnetGroupName",
        arn="=DBSubnetGroupArn",
        role="network",
        moves=False,
        name="DBSubnetGroupName",
        state="SubnetGroupStatus",
        tags="TagList",
        calls=(rds_tags("DBSubnetGroupArn", "DBSubnetGroupNotFoundFault"),),
        relations=(
            subnets("Subnets[].SubnetIdentifier"),
            RelationRule("vpc", "VpcId", "AWS::EC2::VPC", role=SETTING),
        ),
    ),
    ResourceType(
        type="AWS::RDS::DBParameterGroup",
        service="rds",
        operation="describe_db_parameter_groups",
        path="DBParameterGroups[]",
        id="DBParameterGroupName",
        arn="=DBParameterGroupArn",
        role="artifact",
        moves=False,
        name="DBParameterGroupName",
        tags="TagList",
        calls=(
            rds_tags("DBParameterGroupArn", "DBParameterGroupNotFound"),
            Call(
                "describe_db_parameters",
                {"DBParameterGroupName": "DBParameterGroupName"},
                "Parameters[].{ParameterName: ParameterName, ParameterValue: ParameterValue, ApplyMethod: ApplyMethod}",
                "Parameters",
                constant={"Source": "user"},  # only what somebody set; the rest is the engine's default
                when="!starts_with(DBParameterGroupName, 'default.')",
                gone_codes=("DBParameterGroupNotFound",),
            ),
        ),
    ),
    ResourceType(
        type="AWS::RDS::DBClusterParameterGroup",
        service="rds",
        operation="describe_db_cluster_parameter_groups",
        path="DBClusterParameterGroups[]",
        id="DBClusterParameterGroupName",
        arn="=DBClusterParameterGroupArn",
        role="artifact",
        moves=False,
        name="DBClusterParameterGroupName",
        tags="TagList",
        calls=(
            rds_tags("DBClusterParameterGroupArn", "DBParameterGroupNotFound"),
            Call(
                "describe_db_cluster_parameters",
                {"DBClusterParameterGroupName": "DBClusterParameterGroupName"},
                "Parameters[].{ParameterName: ParameterName, ParameterValue: ParameterValue, ApplyMethod: ApplyMethod}",
                "Parameters",
                constant={"Source": "user"},
                when="!starts_with(DBClusterParameterGroupName, 'default.')",
                gone_codes=("DBParameterGroupNotFound",),
            ),
        ),
    ),
)

NO_TABLE = ("ResourceNotFoundException", "TableNotFoundException")

DYNAMODB = (
    ResourceType(
        type="AWS::DynamoDB::Table",
        service="dynamodb",
        operation="list_tables",
        path="TableNames[].{TableName: @}",
        id="TableName",
        arn="arn:{partition}:dynamodb:{region}:{account}:table/{id}",
        role="data",
        moves=True,
        name="TableName",
        state="TableStatus",
        created="CreationDateTime",
        gone_states=frozenset({"deleting"}),
        calls=(
            Call("describe_table", {"TableName": "TableName"}, "Table", "@", gone_codes=NO_TABLE),
            Call("list_tags_of_resource", {"ResourceArn": "TableArn"}, "Tags[]", "Tags", gone_codes=NO_TABLE, when="TableArn"),
            Call(
                "describe_continuous_backups",
                {"TableName": "TableName"},
                "ContinuousBackupsDescription",
                "ContinuousBackups",
                gone_codes=NO_TABLE,
            ),
            Call("describe_time_to_live", {"TableName": "TableName"}, "TimeToLiveDescription", "TimeToLive", gone_codes=NO_TABLE),
        ),
        stateful=True,
        storage="TableSizeBytes",
        relations=(encrypted_by("SSEDescription.KMSMasterKeyArn"),),
        metric_source=TABLE_METRICS,
    ),
)


def cache_tags(not_found: str) -> Call:
    """The tags of an ElastiCache resource."""
    return Call("list_tags_for_resource", {"ResourceName": "ARN"}, "TagList[]", "TagList", gone_codes=(not_found,), when="ARN")


ELASTICACHE = (
    ResourceType(
        type="AWS::ElastiCache::CacheCluster",
        service="elasticache",
        operation="describe_cache_clusters",
        path="CacheClusters[]",
        id="CacheClusterId",
        arn="=ARN",
        role="data",
        moves=True,
        name="CacheClusterId",
        state="CacheClusterStatus",
        created="CacheClusterCreateTime",
        tags="TagList",
        gone_states=frozenset({"deleted", "deleting"}),
        params={"ShowCacheNodeInfo": True},
        calls=(cache_tags("CacheClusterNotFound"),),
        stateful="Engine != 'memcached'",
        dns_names=("ConfigurationEndpoint.Address", "CacheNodes[].Endpoint.Address"),
        relations=(
            RelationRule(
                "cache-subnet-group", "CacheSubnetGroupName", "AWS::ElastiCache::SubnetGroup", role=SETTING, keep_unresolved=False
            ),
            security_groups("SecurityGroups[].SecurityGroupId"),
            RelationRule("replication-group", "ReplicationGroupId", "AWS::ElastiCache::ReplicationGroup", role=PART),
        ),
        metric_source=CACHE_METRICS,
    ),
    ResourceType(
        type="AWS::ElastiCache::ReplicationGroup",
        service="elasticache",
        operation="describe_replication_groups",
        path="ReplicationGroups[]",
        id="ReplicationGroupId",
        arn="=ARN",
        role="data",
        moves=True,
        name="ReplicationGroupId",
        state="Status",
        created="ReplicationGroupCreateTime",
        tags="TagList",
        gone_states=frozenset({"deleted", "deleting"}),
        calls=(cache_tags("ReplicationGroupNotFoundFault"),),
        stateful=True,
        dns_names=(
            "ConfigurationEndpoint.Address",
            "NodeGroups[].PrimaryEndpoint.Address",
            "NodeGroups[].ReaderEndpoint.Address",
            "NodeGroups[].NodeGroupMembers[].ReadEndpoint.Address",
        ),
        relations=(
            # Both sides tell which clusters belong to the group.
            RelationRule(
                "replication-group", "MemberClusters[]", "AWS::ElastiCache::CacheCluster", role=PART, reverse=True, keep_unresolved=False
            ),
            encrypted_by("KmsKeyId"),
        ),
    ),
    ResourceType(
        type="AWS::ElastiCache::SubnetGroup",
        service="elasticache",
        operation="describe_cache_subnet_groups",
        path="CacheSubnetGroups[]",
        id="CacheSubnetGroupName",
        arn="=ARN",
        role="network",
        moves=False,
        name="CacheSubnetGroupName",
        tags="TagList",
        calls=(cache_tags("CacheSubnetGroupNotFoundFault"),),
        relations=(
            subnets("Subnets[].SubnetIdentifier"),
            RelationRule("vpc", "VpcId", "AWS::EC2::VPC", role=SETTING),
        ),
    ),
)

ROWS: tuple[ResourceType, ...] = (*RDS, *DYNAMODB, *ELASTICACHE)

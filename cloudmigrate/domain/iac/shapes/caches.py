"""Caches in Terraform."""

from collections.abc import Mapping

from cloudmigrate.domain.iac.shape import TAGS, Argument, Nested, Reshaped, Shape, named
from cloudmigrate.domain.iac.values import Value


def _destination(value: Value) -> Value:
    """The name of where logs go, whichever service it is of."""
    assert isinstance(value, Mapping)  # noqa: S101 - the reference says that it is an object
    for of in value.values():
        if isinstance(of, Mapping):
            return next(iter(of.values()), None)
    return None


LOGS = Nested(
    "log_delivery_configuration",
    {
        **named(DestinationType="destination_type", LogFormat="log_format", LogType="log_type"),
        "DestinationDetails": Reshaped(_destination, Argument("destination")),
    },
)
COMMON = named(
    CacheNodeType="node_type",
    Engine="engine",
    EngineVersion="engine_version",
    Port="port",
    CacheSubnetGroupName="subnet_group_name",
    CacheParameterGroupName="parameter_group_name",
    AutoMinorVersionUpgrade="auto_minor_version_upgrade",
    PreferredMaintenanceWindow="maintenance_window",
    NotificationTopicArn="notification_topic_arn",
    SnapshotRetentionLimit="snapshot_retention_limit",
    SnapshotWindow="snapshot_window",
    SnapshotName="snapshot_name",
    TransitEncryptionEnabled="transit_encryption_enabled",
    NetworkType="network_type",
    IpDiscovery="ip_discovery",
)
SHAPES = (
    Shape(
        "AWS::ElastiCache::CacheCluster",
        "aws_elasticache_cluster",
        {
            **COMMON,
            **named(ClusterName="cluster_id", NumCacheNodes="num_cache_nodes", AZMode="az_mode", VpcSecurityGroupIds="security_group_ids"),
            "LogDeliveryConfigurations": LOGS,
            "Tags": TAGS,
        },
        attributes={
            "": "cluster_id",
            "ConfigurationEndpoint.Address": "cluster_address",
            "ConfigurationEndpoint.Port": "port",
            "RedisEndpoint.Address": "cache_nodes[0].address",
            "RedisEndpoint.Port": "port",
        },
        import_id="cluster_id",
    ),
    Shape(
        "AWS::ElastiCache::ReplicationGroup",
        "aws_elasticache_replication_group",
        {
            **COMMON,
            **named(
                ReplicationGroupId="replication_group_id",
                ReplicationGroupDescription="description",
                NumCacheClusters="num_cache_clusters",
                NumNodeGroups="num_node_groups",
                ReplicasPerNodeGroup="replicas_per_node_group",
                AutomaticFailoverEnabled="automatic_failover_enabled",
                MultiAZEnabled="multi_az_enabled",
                DataTieringEnabled="data_tiering_enabled",
                ClusterMode="cluster_mode",
                SecurityGroupIds="security_group_ids",
                AtRestEncryptionEnabled="at_rest_encryption_enabled",
                KmsKeyId="kms_key_id",
                TransitEncryptionMode="transit_encryption_mode",
                AuthToken="auth_token",
                UserGroupIds="user_group_ids",
            ),
            "LogDeliveryConfigurations": LOGS,
            "Tags": TAGS,
        },
        attributes={
            "": "replication_group_id",
            "PrimaryEndPoint.Address": "primary_endpoint_address",
            "PrimaryEndPoint.Port": "port",
            "ReaderEndPoint.Address": "reader_endpoint_address",
            "ConfigurationEndPoint.Address": "configuration_endpoint_address",
            "ConfigurationEndPoint.Port": "port",
        },
        import_id="replication_group_id",
    ),
    Shape(
        "AWS::ElastiCache::SubnetGroup",
        "aws_elasticache_subnet_group",
        {**named(CacheSubnetGroupName="name", Description="description", SubnetIds="subnet_ids"), "Tags": TAGS},
        attributes={"": "name"},
        import_id="name",
    ),
)

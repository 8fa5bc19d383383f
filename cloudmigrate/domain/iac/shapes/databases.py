"""Databases of RDS and Aurora in Terraform, with their groups."""

from collections.abc import Mapping

from cloudmigrate.domain.iac.shape import TAGS, Argument, Beside, Instead, Nested, NotThere, Reshaped, Shape, named
from cloudmigrate.domain.iac.values import Value


def _number(value: Value) -> Value:
    """A number that CloudFormation has as text."""
    return int(value) if isinstance(value, str) and value.isdigit() else value


def _parameters(value: Value) -> Value:
    """Parameters as blocks: ``{name: value}`` is ``[{name, value}]``; those that need a restart get one anyway, so all may wait for it."""
    found = value if isinstance(value, Mapping) else {}
    return tuple({"name": name, "value": said, "apply": "pending-reboot"} for name, said in sorted(found.items())) or None


PARAMETERS = Reshaped(_parameters, Nested("parameter", named(name="name", value="value", apply="apply_method")))
ROLE_FEATURE = named(RoleArn="role_arn", FeatureName="feature_name")
OF_ANY_INSTANCE = {
    **named(
        DBInstanceIdentifier="identifier",
        DBInstanceClass="instance_class",
        Engine="engine",
        EngineVersion="engine_version",
        PubliclyAccessible="publicly_accessible",
        AutoMinorVersionUpgrade="auto_minor_version_upgrade",
        CopyTagsToSnapshot="copy_tags_to_snapshot",
        CACertificateIdentifier="ca_cert_identifier",
        MonitoringInterval="monitoring_interval",
        MonitoringRoleArn="monitoring_role_arn",
        EnablePerformanceInsights="performance_insights_enabled",
        PerformanceInsightsKMSKeyId="performance_insights_kms_key_id",
        PerformanceInsightsRetentionPeriod="performance_insights_retention_period",
    ),
    "Tags": TAGS,
}
MEMBER = Shape(
    "AWS::RDS::DBInstance",
    "aws_rds_cluster_instance",
    {
        **OF_ANY_INSTANCE,
        **named(
            DBClusterIdentifier="cluster_identifier",
            DBParameterGroupName="db_parameter_group_name",
            PreferredMaintenanceWindow="preferred_maintenance_window",
            PromotionTier="promotion_tier",
        ),
    },
    attributes={"": "identifier", "DBInstanceArn": "arn", "Endpoint.Address": "endpoint", "Endpoint.Port": "port"},
    import_id="identifier",
)
INSTANCE = Shape(
    "AWS::RDS::DBInstance",
    "aws_db_instance",
    {
        **OF_ANY_INSTANCE,
        **named(
            DBSnapshotIdentifier="snapshot_identifier",
            SourceDBInstanceIdentifier="replicate_source_db",
            ReplicaMode="replica_mode",
            DBName="db_name",
            MasterUsername="username",
            ManageMasterUserPassword="manage_master_user_password",
            CharacterSetName="character_set_name",
            NcharCharacterSetName="nchar_character_set_name",
            Timezone="timezone",
            MaxAllocatedStorage="max_allocated_storage",
            StorageType="storage_type",
            Iops="iops",
            StorageThroughput="storage_throughput",
            DedicatedLogVolume="dedicated_log_volume",
            StorageEncrypted="storage_encrypted",
            KmsKeyId="kms_key_id",
            MultiAZ="multi_az",
            NetworkType="network_type",
            DBSubnetGroupName="db_subnet_group_name",
            VPCSecurityGroups="vpc_security_group_ids",
            OptionGroupName="option_group_name",
            DBParameterGroupName="parameter_group_name",
            LicenseModel="license_model",
            BackupRetentionPeriod="backup_retention_period",
            PreferredBackupWindow="backup_window",
            PreferredMaintenanceWindow="maintenance_window",
            DeletionProtection="deletion_protection",
            EnableCloudwatchLogsExports="enabled_cloudwatch_logs_exports",
            EnableIAMDatabaseAuthentication="iam_database_authentication_enabled",
            EngineLifecycleSupport="engine_lifecycle_support",
            DatabaseInsightsMode="database_insights_mode",
        ),
        "AllocatedStorage": Argument("allocated_storage", _number),
        "Port": Argument("port", _number),
        "SourceDBClusterIdentifier": Argument("replicate_source_db"),
        "ProcessorFeatures": NotThere("the provider cannot set cores and threads: they are the class's own until a person sets them"),
    },
    attributes={
        "": "identifier",
        "DBInstanceArn": "arn",
        "DbiResourceId": "resource_id",
        "Endpoint.Address": "address",
        "Endpoint.Port": "port",
        "Endpoint.HostedZoneId": "hosted_zone_id",
    },
    beside=(Beside("aws_db_instance_role_association", {"db_instance_identifier": "identifier"}, ROLE_FEATURE, each="AssociatedRoles"),),
    import_id="identifier",
    instead=(Instead("DBClusterIdentifier", MEMBER),),
)
CLUSTER = Shape(
    "AWS::RDS::DBCluster",
    "aws_rds_cluster",
    {
        **named(
            DBClusterIdentifier="cluster_identifier",
            SnapshotIdentifier="snapshot_identifier",
            ManageMasterUserPassword="manage_master_user_password",
            Engine="engine",
            EngineVersion="engine_version",
            EngineLifecycleSupport="engine_lifecycle_support",
            StorageEncrypted="storage_encrypted",
            KmsKeyId="kms_key_id",
            StorageType="storage_type",
            DBSubnetGroupName="db_subnet_group_name",
            DBClusterParameterGroupName="db_cluster_parameter_group_name",
            VpcSecurityGroupIds="vpc_security_group_ids",
            Port="port",
            NetworkType="network_type",
            BackupRetentionPeriod="backup_retention_period",
            PreferredBackupWindow="preferred_backup_window",
            PreferredMaintenanceWindow="preferred_maintenance_window",
            BacktrackWindow="backtrack_window",
            CopyTagsToSnapshot="copy_tags_to_snapshot",
            DeletionProtection="deletion_protection",
            EnableCloudwatchLogsExports="enabled_cloudwatch_logs_exports",
            EnableIAMDatabaseAuthentication="iam_database_authentication_enabled",
            EnableHttpEndpoint="enable_http_endpoint",
        ),
        "ServerlessV2ScalingConfiguration": Nested(
            "serverlessv2_scaling_configuration",
            named(MinCapacity="min_capacity", MaxCapacity="max_capacity", SecondsUntilAutoPause="seconds_until_auto_pause"),
        ),
        "Tags": TAGS,
    },
    attributes={
        "": "cluster_identifier",
        "DBClusterArn": "arn",
        "DBClusterResourceId": "cluster_resource_id",
        "Endpoint.Address": "endpoint",
        "Endpoint.Port": "port",
        "ReadEndpoint.Address": "reader_endpoint",
    },
    beside=(
        Beside("aws_rds_cluster_role_association", {"db_cluster_identifier": "cluster_identifier"}, ROLE_FEATURE, each="AssociatedRoles"),
    ),
    import_id="cluster_identifier",
)
SHAPES = (
    INSTANCE,
    CLUSTER,
    Shape(
        "AWS::RDS::DBSubnetGroup",
        "aws_db_subnet_group",
        {**named(DBSubnetGroupName="name", DBSubnetGroupDescription="description", SubnetIds="subnet_ids"), "Tags": TAGS},
        attributes={"": "name", "DBSubnetGroupArn": "arn"},
        import_id="name",
    ),
    Shape(
        "AWS::RDS::DBParameterGroup",
        "aws_db_parameter_group",
        {
            **named(DBParameterGroupName="name", Family="family", Description="description"),
            "Parameters": PARAMETERS,
            "Tags": TAGS,
        },
        attributes={"": "name", "DBParameterGroupArn": "arn"},
        import_id="name",
    ),
    Shape(
        "AWS::RDS::DBClusterParameterGroup",
        "aws_rds_cluster_parameter_group",
        {
            **named(DBClusterParameterGroupName="name", Family="family", Description="description"),
            "Parameters": PARAMETERS,
            "Tags": TAGS,
        },
        attributes={"": "name"},
        import_id="name",
    ),
)

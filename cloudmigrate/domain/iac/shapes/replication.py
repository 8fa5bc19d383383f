"""The Database Migration Service in Terraform."""

from cloudmigrate.domain.iac.shape import Inlined, Shape, named

SETTINGS = Inlined(named(SecretsManagerSecretId="secrets_manager_arn", SecretsManagerAccessRoleArn="secrets_manager_access_role_arn"))
SHAPES = (
    Shape(
        "AWS::DMS::ReplicationSubnetGroup",
        "aws_dms_replication_subnet_group",
        named(
            ReplicationSubnetGroupIdentifier="replication_subnet_group_id",
            ReplicationSubnetGroupDescription="replication_subnet_group_description",
            SubnetIds="subnet_ids",
        ),
        attributes={"": "id"},
    ),
    Shape(
        "AWS::DMS::ReplicationInstance",
        "aws_dms_replication_instance",
        named(
            ReplicationInstanceIdentifier="replication_instance_id",
            ReplicationInstanceClass="replication_instance_class",
            AllocatedStorage="allocated_storage",
            ReplicationSubnetGroupIdentifier="replication_subnet_group_id",
            VpcSecurityGroupIds="vpc_security_group_ids",
            PubliclyAccessible="publicly_accessible",
            KmsKeyId="kms_key_arn",
        ),
        attributes={"": "replication_instance_arn"},
        import_id="replication_instance_id",
    ),
    Shape(
        "AWS::DMS::Endpoint",
        "aws_dms_endpoint",
        {
            **named(
                EndpointIdentifier="endpoint_id",
                EndpointType="endpoint_type",
                EngineName="engine_name",
                DatabaseName="database_name",
                SslMode="ssl_mode",
            ),
            "PostgreSqlSettings": SETTINGS,
            "MySqlSettings": SETTINGS,
        },
        attributes={"": "endpoint_arn"},
        import_id="endpoint_id",
    ),
    Shape(
        "AWS::DMS::ReplicationTask",
        "aws_dms_replication_task",
        named(
            ReplicationTaskIdentifier="replication_task_id",
            MigrationType="migration_type",
            ReplicationInstanceArn="replication_instance_arn",
            SourceEndpointArn="source_endpoint_arn",
            TargetEndpointArn="target_endpoint_arn",
            TableMappings="table_mappings",
            ReplicationTaskSettings="replication_task_settings",
        ),
        attributes={"": "replication_task_arn"},
        import_id="replication_task_id",
    ),
)

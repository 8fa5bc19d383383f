"""Rows for files and objects: S3 buckets, EFS file systems."""

from cloudmigrate.aws.catalogue.rules import PART, SETTING, encrypted_by, runs_as, security_groups, subnets
from cloudmigrate.aws.resource_type import Call, Metric, MetricSource, RelationRule, ResourceType
from cloudmigrate.domain.object_classes import STANDARD, STORAGE_TYPES, StorageType

DAY_S = 86_400
# Somebody has to switch request metrics on; those of a whole bucket are the ones whose configuration has no filter.
COUNTS_ALL = "length(MetricsConfigurations[?!Filter] || `[]`) > `0`"
COUNTED_BY = (("FilterId", "MetricsConfigurations[?!Filter] | [0].Id"),)


def bucket_size(one: StorageType) -> Metric:
    """The size of what a bucket holds in one way of storing."""
    return Metric(
        one.metric,
        "bytes",
        stats=("Average",),
        period_s=DAY_S,
        extra_dimensions=(("StorageType", one.storage_type),),
        published_as="BucketSizeBytes",
        when_listed=one.storage_type != STANDARD,
    )


def bucket_requests(name: str, unit: str = "count") -> Metric:
    """A count over all requests to a bucket."""
    return Metric(name, unit, stats=("Sum",), when=COUNTS_ALL, dimension_paths=COUNTED_BY)


BUCKET_METRICS = MetricSource(
    namespace="AWS/S3",
    dimensions={"BucketName": "Name"},
    metrics=(
        *map(bucket_size, STORAGE_TYPES),
        Metric("NumberOfObjects", "count", stats=("Average",), period_s=DAY_S, extra_dimensions=(("StorageType", "AllStorageTypes"),)),
        *map(bucket_requests, ("GetRequests", "HeadRequests", "PutRequests", "PostRequests", "ListRequests")),
        bucket_requests("BytesDownloaded", "bytes"),
    ),
)
FILE_SYSTEM_METRICS = MetricSource(
    namespace="AWS/EFS",
    dimensions={"FileSystemId": "FileSystemId"},
    metrics=(
        Metric("DataReadIOBytes", "bytes", stats=("Sum",)),
        Metric("DataWriteIOBytes", "bytes", stats=("Sum",)),
        Metric("MetadataIOBytes", "bytes", stats=("Sum",)),
        Metric("ClientConnections", "count", stats=("Sum",)),
        # Only general-purpose performance mode has a limit to be near to.
        Metric("PercentIOLimit", "percent", when="PerformanceMode == 'generalPurpose'", capacity_pct=True),
    ),
)


def bucket_detail(operation: str, action: str, path: str, into: str, *absent_codes: str) -> Call:
    """One enriching call about a bucket, asked in the bucket's own region; S3's IAM actions differ from its operations."""
    return Call(
        operation,
        {"Bucket": "Name"},
        path,
        into,
        absent_codes=absent_codes,
        gone_codes=("NoSuchBucket",),
        action=f"s3:{action}",
        region_path="BucketRegion",
    )


BUCKET_DETAILS = (
    bucket_detail("get_bucket_tagging", "GetBucketTagging", "TagSet[]", "Tags", "NoSuchTagSet"),
    bucket_detail("get_bucket_policy", "GetBucketPolicy", "from_json(Policy)", "Policy", "NoSuchBucketPolicy"),
    bucket_detail(
        "get_bucket_lifecycle_configuration", "GetLifecycleConfiguration", "Rules[]", "LifecycleRules", "NoSuchLifecycleConfiguration"
    ),
    bucket_detail("get_bucket_versioning", "GetBucketVersioning", "{Status: Status, MFADelete: MFADelete}", "Versioning"),
    bucket_detail(
        "get_bucket_encryption",
        "GetEncryptionConfiguration",
        "ServerSideEncryptionConfiguration.Rules[]",
        "EncryptionRules",
        "ServerSideEncryptionConfigurationNotFoundError",
    ),
    bucket_detail(
        "get_bucket_replication",
        "GetReplicationConfiguration",
        "ReplicationConfiguration",
        "Replication",
        "ReplicationConfigurationNotFoundError",
    ),
    bucket_detail(
        "get_bucket_notification_configuration",
        "GetBucketNotification",
        "{TopicConfigurations: TopicConfigurations, QueueConfigurations: QueueConfigurations, "
        "LambdaFunctionConfigurations: LambdaFunctionConfigurations, EventBridgeConfiguration: EventBridgeConfiguration}",
        "Notification",
    ),
    bucket_detail(
        "get_public_access_block",
        "GetBucketPublicAccessBlock",
        "PublicAccessBlockConfiguration",
        "PublicAccessBlock",
        "NoSuchPublicAccessBlockConfiguration",
    ),
    bucket_detail(
        "get_bucket_website",
        "GetBucketWebsite",
        "{RedirectAllRequestsTo: RedirectAllRequestsTo, IndexDocument: IndexDocument, ErrorDocument: ErrorDocument, "
        "RoutingRules: RoutingRules}",
        "Website",
        "NoSuchWebsiteConfiguration",
    ),
    bucket_detail("get_bucket_logging", "GetBucketLogging", "LoggingEnabled", "Logging"),
    bucket_detail("get_bucket_cors", "GetBucketCORS", "CORSRules[]", "CORSRules", "NoSuchCORSConfiguration"),
    bucket_detail(
        "get_bucket_ownership_controls",
        "GetBucketOwnershipControls",
        "OwnershipControls.Rules[]",
        "OwnershipRules",
        "OwnershipControlsNotFoundError",
    ),
    bucket_detail(
        "get_object_lock_configuration",
        "GetBucketObjectLockConfiguration",
        "ObjectLockConfiguration",
        "ObjectLock",
        "ObjectLockConfigurationNotFoundError",
    ),
    bucket_detail("get_bucket_acl", "GetBucketAcl", "Grants[]", "Grants"),
    bucket_detail("list_bucket_metrics_configurations", "GetMetricsConfiguration", "MetricsConfigurationList[]", "MetricsConfigurations"),
    bucket_detail(
        "list_bucket_analytics_configurations",
        "GetAnalyticsConfiguration",
        "AnalyticsConfigurationList[].{Id: Id, Filter: Filter}",
        "AnalyticsConfigurations",
    ),
)

S3 = (
    ResourceType(
        type="AWS::S3::Bucket",
        service="s3",
        operation="list_buckets",
        path="Buckets[]",
        id="Name",
        arn="arn:{partition}:s3:::{id}",
        role="data",
        moves=True,
        name="Name",
        created="CreationDate",
        is_global=True,
        own_region="BucketRegion",
        action="s3:ListAllMyBuckets",
        page_size=1000,  # also what makes S3 tell each bucket's region
        calls=(
            Call(
                "get_bucket_location",
                {"Bucket": "Name"},
                "LocationConstraint == 'EU' && 'eu-west-1' || LocationConstraint || 'us-east-1'",
                "BucketRegion",
                gone_codes=("NoSuchBucket",),
                action="s3:GetBucketLocation",
                when="!BucketRegion",
                locates=True,
            ),
            *BUCKET_DETAILS,
        ),
        stateful=True,
        dns_names=(
            "{id}.s3.{region}.amazonaws.com",
            "{id}.s3.amazonaws.com",
            "{id}.s3-website-{region}.amazonaws.com",
            "{id}.s3-website.{region}.amazonaws.com",
        ),
        relations=(
            RelationRule(
                "notification",
                "Notification.[TopicConfigurations[].TopicArn, QueueConfigurations[].QueueArn, "
                "LambdaFunctionConfigurations[].LambdaFunctionArn][][]",
                ("AWS::SNS::Topic", "AWS::SQS::Queue", "AWS::Lambda::Function"),
                by="arn",
            ),
            RelationRule("replicates-to", "Replication.Rules[].Destination.Bucket", "AWS::S3::Bucket", by="arn"),
            RelationRule("log-destination", "Logging.TargetBucket", "AWS::S3::Bucket", by="name", role=SETTING),
            encrypted_by(
                "[EncryptionRules[].ApplyServerSideEncryptionByDefault.KMSMasterKeyID, "
                "Replication.Rules[].Destination.EncryptionConfiguration.ReplicaKmsKeyID][][]"
            ),
            runs_as("Replication.Role"),
        ),
        metric_source=BUCKET_METRICS,
    ),
)

NO_FILE_SYSTEM = ("FileSystemNotFound",)

EFS = (
    ResourceType(
        type="AWS::EFS::FileSystem",
        service="efs",
        operation="describe_file_systems",
        path="FileSystems[]",
        id="FileSystemId",
        arn="=FileSystemArn",
        role="data",
        moves=True,
        name="Name",
        state="LifeCycleState",
        created="CreationTime",
        gone_states=frozenset({"deleted", "deleting"}),
        calls=(
            Call("describe_mount_targets", {"FileSystemId": "FileSystemId"}, "MountTargets[]", "MountTargets", gone_codes=NO_FILE_SYSTEM),
            Call(
                "describe_mount_target_security_groups",
                {"MountTargetId": "Each"},
                "SecurityGroups[]",
                "MountTargetSecurityGroups",
                absent_codes=("MountTargetNotFound", "IncorrectMountTargetState"),
                each="MountTargets[].MountTargetId",
            ),
            Call(
                "describe_file_system_policy",
                {"FileSystemId": "FileSystemId"},
                "from_json(Policy)",
                "Policy",
                absent_codes=("PolicyNotFound",),
                gone_codes=NO_FILE_SYSTEM,
            ),
            Call(
                "describe_lifecycle_configuration",
                {"FileSystemId": "FileSystemId"},
                "LifecyclePolicies[]",
                "LifecyclePolicies",
                gone_codes=NO_FILE_SYSTEM,
            ),
            Call(
                "describe_backup_policy",
                {"FileSystemId": "FileSystemId"},
                "BackupPolicy.Status",
                "BackupPolicyStatus",
                absent_codes=("PolicyNotFound",),
                gone_codes=NO_FILE_SYSTEM,
            ),
        ),
        stateful=True,
        storage="SizeInBytes.Value",
        private_ips="MountTargets[].IpAddress",
        dns_names=("{id}.efs.{region}.amazonaws.com",),
        relations=(
            subnets("MountTargets[].SubnetId"),
            security_groups("MountTargetSecurityGroups[].Value[]"),
            RelationRule("network-interface", "MountTargets[].NetworkInterfaceId", "AWS::EC2::NetworkInterface", role=PART),
            encrypted_by("KmsKeyId"),
        ),
        metric_source=FILE_SYSTEM_METRICS,
    ),
    ResourceType(
        type="AWS::EFS::AccessPoint",
        service="efs",
        operation="describe_access_points",
        path="AccessPoints[]",
        id="AccessPointId",
        arn="=AccessPointArn",
        role="data",
        moves=True,
        name="Name",
        state="LifeCycleState",
        gone_states=frozenset({"deleted", "deleting"}),
        relations=(RelationRule("access-point-of", "FileSystemId", "AWS::EFS::FileSystem", role=PART),),
    ),
)

ROWS: tuple[ResourceType, ...] = (*S3, *EFS)

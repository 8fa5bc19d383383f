"""Buckets in Terraform: one resource for the bucket, and one for each thing that configures it."""

from collections.abc import Mapping

from cloudmigrate.domain.iac.shape import TAGS, Argument, Beside, Inlined, Member, Nested, Reshaped, Shape, Within, named, tag_map
from cloudmigrate.domain.iac.shapes.bucket_rules import LIFECYCLE_RULE, lifecycle_rules
from cloudmigrate.domain.iac.values import Value

PARENT = {"bucket": "id"}
VERSIONING = "aws_s3_bucket_versioning"


def _as_suffix(value: Value) -> Value:
    return {"Suffix": value}


def _as_key(value: Value) -> Value:
    return {"Key": value}


def _with_prefix(value: Value) -> Value:
    """A log's place with its prefix, which the provider asks for."""
    assert isinstance(value, Mapping)  # noqa: S101 - the reference says that it is an object
    return {"LogFilePrefix": "", **value}


def _list(value: Value) -> Value:
    return (value,)


def _key_filter(value: Value) -> Value:
    """Which keys are told of: ``{prefix: ..., suffix: ...}``."""
    key = value.get("S3Key") if isinstance(value, Mapping) else None
    rules = key.get("Rules") if isinstance(key, Mapping) else None
    return {str(one["Name"]): one["Value"] for one in rules or () if isinstance(one, Mapping)} if isinstance(rules, tuple) else None


def _receiver(property_: str, argument: str) -> dict[str, Member]:
    return {
        property_: Argument(argument),
        "Event": Argument("events", _list),
        "Filter": Reshaped(_key_filter, Inlined(named(prefix="filter_prefix", suffix="filter_suffix"))),
    }


ENCRYPTION = Inlined(
    {
        "ServerSideEncryptionConfiguration": Nested(
            "rule",
            {
                "ServerSideEncryptionByDefault": Nested(
                    "apply_server_side_encryption_by_default", named(SSEAlgorithm="sse_algorithm", KMSMasterKeyID="kms_master_key_id")
                ),
                "BucketKeyEnabled": Argument("bucket_key_enabled"),
            },
        )
    }
)
ACCESS = Inlined(
    named(
        BlockPublicAcls="block_public_acls",
        BlockPublicPolicy="block_public_policy",
        IgnorePublicAcls="ignore_public_acls",
        RestrictPublicBuckets="restrict_public_buckets",
    )
)
CORS = Inlined(
    {
        "CorsRules": Nested(
            "cors_rule",
            named(
                Id="id",
                AllowedHeaders="allowed_headers",
                AllowedMethods="allowed_methods",
                AllowedOrigins="allowed_origins",
                ExposedHeaders="expose_headers",
                MaxAge="max_age_seconds",
            ),
        )
    }
)
ROUTE: Mapping[str, Member] = {
    "RedirectRule": Nested(
        "redirect",
        named(
            HostName="host_name",
            HttpRedirectCode="http_redirect_code",
            Protocol="protocol",
            ReplaceKeyPrefixWith="replace_key_prefix_with",
            ReplaceKeyWith="replace_key_with",
        ),
    ),
    "RoutingRuleCondition": Nested(
        "condition", named(HttpErrorCodeReturnedEquals="http_error_code_returned_equals", KeyPrefixEquals="key_prefix_equals")
    ),
}
WEBSITE = Inlined(
    {
        "IndexDocument": Reshaped(_as_suffix, Nested("index_document", named(Suffix="suffix"))),
        "ErrorDocument": Reshaped(_as_key, Nested("error_document", named(Key="key"))),
        "RedirectAllRequestsTo": Nested("redirect_all_requests_to", named(HostName="host_name", Protocol="protocol")),
        "RoutingRules": Nested("routing_rule", ROUTE),
    }
)
LOGGING = Reshaped(
    _with_prefix,
    Inlined(
        {
            **named(DestinationBucketName="target_bucket", LogFilePrefix="target_prefix"),
            "TargetObjectKeyFormat": Nested(
                "target_object_key_format",
                {
                    "PartitionedPrefix": Nested("partitioned_prefix", named(PartitionDateSource="partition_date_source")),
                    "SimplePrefix": Nested("simple_prefix", {}),
                },
            ),
        }
    ),
)
NOTIFICATION = Inlined(
    {
        "QueueConfigurations": Nested("queue", _receiver("Queue", "queue_arn")),
        "TopicConfigurations": Nested("topic", _receiver("Topic", "topic_arn")),
        "LambdaConfigurations": Nested("lambda_function", _receiver("Function", "lambda_function_arn")),
        "EventBridgeConfiguration": Inlined(named(EventBridgeEnabled="eventbridge")),
    }
)
STATUS: Mapping[str, Member] = named(Status="status")
DESTINATION: Mapping[str, Member] = {
    **named(Bucket="bucket", Account="account", StorageClass="storage_class"),
    "AccessControlTranslation": Nested("access_control_translation", named(Owner="owner")),
    "EncryptionConfiguration": Nested("encryption_configuration", named(ReplicaKmsKeyID="replica_kms_key_id")),
    "ReplicationTime": Nested("replication_time", {**STATUS, "Time": Nested("time", named(Minutes="minutes"))}),
    "Metrics": Nested("metrics", {**STATUS, "EventThreshold": Nested("event_threshold", named(Minutes="minutes"))}),
}
REPLICATION = Inlined(
    {
        "Role": Argument("role"),
        "Rules": Nested(
            "rule",
            {
                **named(Id="id", Status="status", Priority="priority", Prefix="prefix"),
                "Filter": Nested(
                    "filter",
                    {
                        "Prefix": Argument("prefix"),
                        "TagFilter": Nested("tag", named(Key="key", Value="value")),
                        "And": Nested("and", {"Prefix": Argument("prefix"), "TagFilters": Argument("tags", tag_map)}),
                    },
                ),
                "SourceSelectionCriteria": Nested(
                    "source_selection_criteria",
                    {
                        "SseKmsEncryptedObjects": Nested("sse_kms_encrypted_objects", STATUS),
                        "ReplicaModifications": Nested("replica_modifications", STATUS),
                    },
                ),
                "DeleteMarkerReplication": Nested("delete_marker_replication", STATUS),
                "Destination": Nested("destination", DESTINATION),
            },
        ),
    }
)
LOCK = Inlined(
    {
        "ObjectLockEnabled": Argument("object_lock_enabled"),
        "Rule": Nested("rule", {"DefaultRetention": Nested("default_retention", named(Mode="mode", Days="days", Years="years"))}),
    }
)
METRIC: Mapping[str, Member] = {
    "Id": Argument("name"),
    "Prefix": Within("filter", Argument("prefix")),
    "TagFilters": Within("filter", Argument("tags", tag_map)),
}
# Resource of the provider -> the property that it says, and how.
PARTS: Mapping[str, tuple[str, Member]] = {
    VERSIONING: (
        "VersioningConfiguration",
        Nested("versioning_configuration", named(Status="status", MFADelete="mfa_delete")),
    ),
    "aws_s3_bucket_server_side_encryption_configuration": ("BucketEncryption", ENCRYPTION),
    "aws_s3_bucket_public_access_block": ("PublicAccessBlockConfiguration", ACCESS),
    "aws_s3_bucket_ownership_controls": (
        "OwnershipControls",
        Inlined({"Rules": Nested("rule", named(ObjectOwnership="object_ownership"))}),
    ),
    "aws_s3_bucket_lifecycle_configuration": (
        "LifecycleConfiguration",
        Inlined({"Rules": Reshaped(lifecycle_rules, Nested("rule", LIFECYCLE_RULE))}),
    ),
    "aws_s3_bucket_cors_configuration": ("CorsConfiguration", CORS),
    "aws_s3_bucket_website_configuration": ("WebsiteConfiguration", WEBSITE),
    "aws_s3_bucket_logging": ("LoggingConfiguration", LOGGING),
    "aws_s3_bucket_notification": ("NotificationConfiguration", NOTIFICATION),
    "aws_s3_bucket_replication_configuration": ("ReplicationConfiguration", REPLICATION),
    "aws_s3_bucket_object_lock_configuration": ("ObjectLockConfiguration", LOCK),
}
NEED_VERSIONS = ("aws_s3_bucket_replication_configuration", "aws_s3_bucket_lifecycle_configuration")
SHAPES = (
    Shape(
        "AWS::S3::Bucket",
        "aws_s3_bucket",
        {**named(BucketName="bucket", ObjectLockEnabled="object_lock_enabled"), "Tags": TAGS},
        attributes={
            "": "id",
            "Arn": "arn",
            "DomainName": "bucket_domain_name",
            "RegionalDomainName": "bucket_regional_domain_name",
        },
        beside=(
            *(
                Beside(type_, PARENT, {property_: member}, after=VERSIONING if type_ in NEED_VERSIONS else "")
                for type_, (property_, member) in PARTS.items()
            ),
            Beside("aws_s3_bucket_metric", PARENT, METRIC, each="MetricsConfigurations"),
        ),
        import_id="bucket",
    ),
    Shape("AWS::S3::BucketPolicy", "aws_s3_bucket_policy", named(Bucket="bucket", PolicyDocument="policy"), import_id="bucket"),
)

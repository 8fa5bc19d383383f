"""Buckets as code. Expected values are those of AWS::S3::Bucket in CloudFormation's reference, worked out by hand."""

from typing import Any

from cloudmigrate.domain.iac.values import Document, Joined, Ref, Variable
from cloudmigrate.domain.target_policy import TargetPolicy
from tests.domain.iac.data_rows import (
    ACCOUNT,
    KEY,
    OTHER_REGION,
    REGION,
    Row,
    by_key,
    came,
    kms_key,
    made,
    row,
    said,
    terraform,
)

BUCKET, COPY, LOGS = "arn:aws:s3:::shop-files", "arn:aws:s3:::shop-copy", "arn:aws:s3:::shop-logs"
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:files"
OWNER = {"Grantee": {"ID": "75aa", "Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"}
NOTHING: dict[str, Any] = {"Name": "", "BucketRegion": REGION, "Grants": [OWNER], "Versioning": {"Status": None, "MFADelete": None}}


def bucket(**more: Any) -> Row:
    spec = {
        **NOTHING,
        "Name": "shop-files",
        "CreationDate": "2020-01-01T00:00:00Z",
        "Versioning": {"Status": "Enabled", "MFADelete": None},
        "EncryptionRules": [
            {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY}, "BucketKeyEnabled": True}
        ],
        "PublicAccessBlock": {
            "BlockPublicAcls": True,
            "IgnorePublicAcls": True,
            "BlockPublicPolicy": False,
            "RestrictPublicBuckets": False,
        },
        "OwnershipRules": [{"ObjectOwnership": "BucketOwnerEnforced"}],
        "LifecycleRules": [
            {
                "ID": "old",
                "Status": "Enabled",
                "Filter": {"And": {"Prefix": "logs/", "Tags": [{"Key": "keep", "Value": "no"}], "ObjectSizeGreaterThan": 1024}},
                "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}],
                "Expiration": {"Days": 365},
                "NoncurrentVersionTransitions": [{"NoncurrentDays": 10, "StorageClass": "GLACIER", "NewerNoncurrentVersions": 2}],
                "NoncurrentVersionExpiration": {"NoncurrentDays": 90},
            },
            {"ID": "parts", "Status": "Enabled", "Filter": {"Prefix": ""}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}},
        ],
        "CORSRules": [
            {"AllowedMethods": ["GET"], "AllowedOrigins": ["https://shop.example.com"], "ExposeHeaders": ["ETag"], "MaxAgeSeconds": 60}
        ],
        "Website": {
            "IndexDocument": {"Suffix": "index.html"},
            "ErrorDocument": {"Key": "error.html"},
            "RoutingRules": [{"Condition": {"KeyPrefixEquals": "old/"}, "Redirect": {"ReplaceKeyPrefixWith": "new/"}}],
        },
        "Logging": {"TargetBucket": "shop-logs", "TargetPrefix": "files/"},
        "Notification": {
            "QueueConfigurations": [
                {
                    "Id": "new",
                    "QueueArn": QUEUE,
                    "Events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"],
                    "Filter": {"Key": {"FilterRules": [{"Name": "Prefix", "Value": "in/"}, {"Name": "Suffix", "Value": ".csv"}]}},
                }
            ],
            "EventBridgeConfiguration": {},
        },
        "Replication": {
            "Role": f"arn:aws:iam::{ACCOUNT}:role/copies",
            "Rules": [
                {
                    "ID": "all",
                    "Priority": 1,
                    "Status": "Enabled",
                    "Filter": {},
                    "DeleteMarkerReplication": {"Status": "Disabled"},
                    "Destination": {"Bucket": COPY, "StorageClass": "STANDARD_IA"},
                }
            ],
        },
        "MetricsConfigurations": [{"Id": "csv", "Filter": {"And": {"Prefix": "in/", "Tags": [{"Key": "kind", "Value": "csv"}]}}}],
        "Policy": {
            "Version": "2012-10-17",
            "Statement": [
                {"Sid": "Public", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"{BUCKET}/*"},
                {
                    "Sid": "Tls",
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "s3:*",
                    "Resource": [BUCKET, f"{BUCKET}/in/*"],
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}, "StringEquals": {"aws:Referer": {"sha256": "ab" * 32}}},
                },
            ],
        },
        **more,
    }
    return row("AWS::S3::Bucket", BUCKET, "shop-files", spec)


def others() -> list[Row]:
    queue = row(
        "AWS::SQS::Queue",
        QUEUE,
        "files",
        {
            "QueueArn": QUEUE,
            "Policy": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "s3.amazonaws.com"},
                        "Action": "sqs:SendMessage",
                        "Resource": QUEUE,
                        "Condition": {"ArnEquals": {"aws:SourceArn": BUCKET}},
                    }
                ],
            },
        },
    )
    copy = row("AWS::S3::Bucket", COPY, "shop-copy", {**NOTHING, "Name": "shop-copy"})
    logs = row("AWS::S3::Bucket", LOGS, "shop-logs", {**NOTHING, "Name": "shop-logs"})
    return [queue, copy, logs, kms_key()]


def test_a_bucket_keeps_what_configures_it_and_the_public_stays_out() -> None:
    found = by_key(made([bucket(), *others()]))
    properties = said(found[BUCKET])
    replication: Any = properties.pop("ReplicationConfiguration")
    assert properties == {
        "BucketName": "shop-files-ie",
        "BucketEncryption": {
            "ServerSideEncryptionConfiguration": (
                {
                    "ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": Ref(KEY, "Arn")},
                    "BucketKeyEnabled": True,
                },
            )
        },
        "VersioningConfiguration": {"Status": "Enabled"},
        "PublicAccessBlockConfiguration": {
            "BlockPublicAcls": True,
            "BlockPublicPolicy": True,
            "IgnorePublicAcls": True,
            "RestrictPublicBuckets": True,
        },
        "OwnershipControls": {"Rules": ({"ObjectOwnership": "BucketOwnerEnforced"},)},
        "LifecycleConfiguration": {
            "Rules": (
                {
                    "Id": "old",
                    "Status": "Enabled",
                    "Prefix": "logs/",
                    "TagFilters": ({"Key": "keep", "Value": "no"},),
                    "ObjectSizeGreaterThan": "1024",
                    "ExpirationInDays": 365,
                    "Transitions": ({"TransitionInDays": 30, "StorageClass": "STANDARD_IA"},),
                    "NoncurrentVersionTransitions": ({"TransitionInDays": 10, "StorageClass": "GLACIER", "NewerNoncurrentVersions": 2},),
                    "NoncurrentVersionExpiration": {"NoncurrentDays": 90},
                },
                {"Id": "parts", "Status": "Enabled", "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}},
            )
        },
        "CorsConfiguration": {
            "CorsRules": (
                {"AllowedMethods": ("GET",), "AllowedOrigins": ("https://shop.example.com",), "ExposedHeaders": ("ETag",), "MaxAge": 60},
            )
        },
        "WebsiteConfiguration": {
            "IndexDocument": "index.html",
            "ErrorDocument": "error.html",
            "RoutingRules": ({"RedirectRule": {"ReplaceKeyPrefixWith": "new/"}, "RoutingRuleCondition": {"KeyPrefixEquals": "old/"}},),
        },
        "LoggingConfiguration": {"DestinationBucketName": "shop-logs-ie", "LogFilePrefix": "files/"},
        "NotificationConfiguration": {
            "QueueConfigurations": tuple(
                {
                    "Event": event,
                    "Queue": Ref(QUEUE, "Arn"),
                    "Filter": {"S3Key": {"Rules": ({"Name": "prefix", "Value": "in/"}, {"Name": "suffix", "Value": ".csv"})}},
                }
                for event in ("s3:ObjectCreated:*", "s3:ObjectRemoved:*")
            ),
            "EventBridgeConfiguration": {"EventBridgeEnabled": True},
        },
        "MetricsConfigurations": ({"Id": "csv", "Prefix": "in/", "TagFilters": ({"Key": "kind", "Value": "csv"},)},),
        "Tags": ({"Key": "App", "Value": "shop"},),
    }
    assert replication["Rules"] == (
        {
            "Id": "all",
            "Status": "Enabled",
            "Priority": 1,
            "Filter": {"Prefix": ""},
            "DeleteMarkerReplication": {"Status": "Disabled"},
            "Destination": {"Bucket": "arn:aws:s3:::shop-copy-ie", "StorageClass": "STANDARD_IA"},
        },
    )
    assert came(found[BUCKET], "PublicAccessBlockConfiguration.BlockPublicPolicy")[0] == "defaulted"
    assert came(found[BUCKET], "PublicAccessBlockConfiguration.BlockPublicAcls")[0] == "copied"
    assert found[BUCKET].stateful


def test_its_policy_is_the_targets_without_what_lets_the_public_in() -> None:
    found = by_key(made([bucket(), *others()]))[f"{BUCKET}#policy"]
    document = said(found)["PolicyDocument"]
    assert isinstance(document, Document)
    content: Any = document.content
    (statement,) = content["Statement"]
    assert statement["Resource"] == ("arn:aws:s3:::shop-files-ie", "arn:aws:s3:::shop-files-ie/in/*")
    hidden = statement["Condition"]["StringEquals"]["aws:Referer"]
    assert isinstance(hidden, Variable)
    assert hidden.is_secret
    assert came(found, "PolicyDocument") == ("transformed", "1 of 2 statements lets the public in: left out")


def test_a_bucket_and_the_queue_that_hears_of_it_are_no_circle() -> None:
    found = by_key(made([bucket(), *others()]))
    policy: Any = said(found[f"{QUEUE}#policy"])["PolicyDocument"]
    assert policy.content["Statement"][0]["Condition"] == {"ArnEquals": {"aws:SourceArn": "arn:aws:s3:::shop-files-ie"}}
    assert {f"{QUEUE}#policy", COPY, LOGS} <= set(found[BUCKET].needs)
    assert {one.key for one in found[f"{QUEUE}#policy"].references()} == {QUEUE}


def test_a_name_that_nobody_says_is_asked_for_once() -> None:
    found = by_key(made([bucket(), *others()], TargetPolicy(region="eu-west-1")))
    name = said(found[BUCKET])["BucketName"]
    assert isinstance(name, Variable)
    policy: Any = said(found[f"{QUEUE}#policy"])["PolicyDocument"]
    assert policy.content["Statement"][0]["Condition"]["ArnEquals"]["aws:SourceArn"] == Joined(("arn:aws:s3:::", name))


def test_a_plain_bucket_is_encrypted_closed_and_owned_by_its_account() -> None:
    found = by_key(made([row("AWS::S3::Bucket", LOGS, "shop-logs", {**NOTHING, "Name": "shop-logs"})]))[LOGS]
    properties: Any = said(found)
    rule = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"][0]
    assert rule == {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    assert all(properties["PublicAccessBlockConfiguration"].values())
    assert properties["OwnershipControls"] == {"Rules": ({"ObjectOwnership": "BucketOwnerEnforced"},)}
    assert not {"VersioningConfiguration", "LoggingConfiguration", "NotificationConfiguration", "LifecycleConfiguration"} & set(properties)
    told = by_key(made([row("AWS::S3::Bucket", LOGS, "shop-logs", {**NOTHING, "Name": "shop-logs"})], with_key()))[LOGS]
    encrypted: Any = said(told)["BucketEncryption"]
    assert encrypted["ServerSideEncryptionConfiguration"][0]["ServerSideEncryptionByDefault"]["KMSMasterKeyID"] == "alias/moved"


def with_key() -> TargetPolicy:
    return OTHER_REGION.model_copy(update={"kms_key": "alias/moved"})


def test_a_bucket_that_logs_to_itself_says_its_own_name() -> None:
    found = by_key(made([bucket(Logging={"TargetBucket": "shop-files", "TargetPrefix": ""}), *others()]))[BUCKET]
    assert said(found)["LoggingConfiguration"] == {"DestinationBucketName": "shop-files-ie"}
    assert BUCKET not in found.needs


def test_grants_to_others_and_analyses_are_told() -> None:
    group = {"Grantee": {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/s3/LogDelivery"}, "Permission": "WRITE"}
    found = made([bucket(Grants=[OWNER, group], AnalyticsConfigurations=[{"Id": "a"}]), *others()])
    assert found.not_carried == {BUCKET: ("AnalyticsConfigurations", "Grants")}
    assert made([bucket(), *others()]).not_carried == {}


def test_object_lock_is_on_from_the_beginning() -> None:
    lock = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 30}}}
    blueprint = made([bucket(ObjectLock=lock), *others()])
    properties = said(by_key(blueprint)[BUCKET])
    assert properties["ObjectLockEnabled"] is True
    assert properties["ObjectLockConfiguration"] == lock
    text = terraform(blueprint, BUCKET)
    assert 'default_retention {\ndays = 30\nmode = "GOVERNANCE"\n}' in text


def test_terraform_has_a_resource_for_each_part() -> None:
    text = terraform(made([bucket(), *others()]), BUCKET)
    for part in (
        'bucket = "shop-files-ie"',
        'resource "aws_s3_bucket_versioning"',
        'sse_algorithm = "aws:kms"',
        "block_public_policy = true",
        'and {\nobject_size_greater_than = 1024\nprefix = "logs/"\ntags = {\nkeep = "no"\n}\n}',
        'transition {\ndays = 30\nstorage_class = "STANDARD_IA"\n}',
        "expiration {\ndays = 365\n}",
        'filter {\nprefix = ""\n}',
        'expose_headers = ["ETag"]',
        'index_document {\nsuffix = "index.html"\n}',
        'target_bucket = "shop-logs-ie"',
        'filter_suffix = ".csv"',
        "eventbridge = true",
        'resource "aws_s3_bucket_metric"',
        'filter {\nprefix = "in/"\ntags = {\nkind = "csv"\n}\n}',
    ):
        assert part in text, part
    replication = text[text.index('resource "aws_s3_bucket_replication_configuration"') :]
    assert "depends_on = [aws_s3_bucket_versioning.shop_files_" in replication

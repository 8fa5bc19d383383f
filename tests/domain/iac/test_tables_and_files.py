"""Tables of DynamoDB and file systems of EFS as code."""

from typing import Any

from cloudmigrate.domain.iac.values import Ref
from cloudmigrate.domain.target_policy import TargetPolicy
from tests.domain.iac.data_rows import ACCOUNT, KEY, REGION, Row, by_key, came, kms_key, made, row, said, terraform

THERE = TargetPolicy(region="eu-west-1", subnets={"subnet-0a": "subnet-1a"}, security_groups={"sg-0a": "sg-1a"})
TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders"
FILES = f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/fs-0a"
POINT = f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:access-point/fsap-0a"


def table(**more: Any) -> Row:
    def key(*names: str) -> list[dict[str, str]]:
        return [{"AttributeName": name, "KeyType": kind} for name, kind in zip(names, ("HASH", "RANGE"), strict=False)]

    spec = {
        "TableName": "orders",
        "TableArn": TABLE,
        "TableStatus": "ACTIVE",
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in ("id", "at", "by")],
        "KeySchema": key("id", "at"),
        "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 2, "NumberOfDecreasesToday": 0},
        "GlobalSecondaryIndexes": [
            {
                "IndexName": "by",
                "KeySchema": key("by"),
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["total"]},
                "IndexStatus": "ACTIVE",
                "IndexSizeBytes": 9,
                "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
            }
        ],
        "LocalSecondaryIndexes": [{"IndexName": "who", "KeySchema": key("id", "by"), "Projection": {"ProjectionType": "ALL"}}],
        "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        "LatestStreamArn": f"{TABLE}/stream/1",
        "TimeToLive": {"TimeToLiveStatus": "ENABLED", "AttributeName": "gone"},
        "ContinuousBackups": {"PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "ENABLED", "RecoveryPeriodInDays": 14}},
        "SSEDescription": {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": KEY},
        "TableClassSummary": {"TableClass": "STANDARD_INFREQUENT_ACCESS"},
        "DeletionProtectionEnabled": True,
        **more,
    }
    return row("AWS::DynamoDB::Table", TABLE, "orders", spec)


def test_a_table_keeps_keys_indexes_capacity_and_what_protects_it() -> None:
    blueprint = made([table(), kms_key()], THERE)
    found = by_key(blueprint)[TABLE]
    assert said(found) == {
        "TableName": "orders",
        "AttributeDefinitions": tuple({"AttributeName": name, "AttributeType": "S"} for name in ("id", "at", "by")),
        "KeySchema": ({"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}),
        "BillingMode": "PROVISIONED",
        "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 2},
        "GlobalSecondaryIndexes": (
            {
                "IndexName": "by",
                "KeySchema": ({"AttributeName": "by", "KeyType": "HASH"},),
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ("total",)},
                "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
            },
        ),
        "LocalSecondaryIndexes": (
            {
                "IndexName": "who",
                "KeySchema": ({"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "by", "KeyType": "RANGE"}),
                "Projection": {"ProjectionType": "ALL"},
            },
        ),
        "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
        "TimeToLiveSpecification": {"AttributeName": "gone", "Enabled": True},
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 14},
        "SSESpecification": {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": Ref(KEY, "Arn")},
        "DeletionProtectionEnabled": True,
        "TableClass": "STANDARD_INFREQUENT_ACCESS",
        "Tags": ({"Key": "App", "Value": "shop"},),
    }
    assert blueprint.not_carried == {}


def test_a_table_on_demand_has_no_capacity_and_replicas_are_told() -> None:
    summary = {"BillingMode": "PAY_PER_REQUEST"}
    limits = {"MaxReadRequestUnits": 100, "MaxWriteRequestUnits": -1}
    blueprint = made(
        [table(BillingModeSummary=summary, OnDemandThroughput=limits, Replicas=[{"RegionName": "us-east-1"}]), kms_key()], THERE
    )
    properties: Any = said(by_key(blueprint)[TABLE])
    assert properties["BillingMode"] == "PAY_PER_REQUEST"
    assert properties["OnDemandThroughput"] == {"MaxReadRequestUnits": 100}
    assert "ProvisionedThroughput" not in properties
    assert "ProvisionedThroughput" not in properties["GlobalSecondaryIndexes"][0]
    assert blueprint.not_carried == {TABLE: ("Replicas",)}


def test_terraform_has_the_same_table() -> None:
    text = terraform(made([table(), kms_key()], THERE), TABLE)
    for part in (
        'hash_key = "id"',
        'range_key = "at"',
        "read_capacity = 5",
        'attribute {\nname = "at"\ntype = "S"\n}',
        'local_secondary_index {\nname = "who"\nprojection_type = "ALL"\nrange_key = "by"\n}',
        "stream_enabled = true",
        'ttl {\nattribute_name = "gone"\nenabled = true\n}',
        "point_in_time_recovery {\nenabled = true\nrecovery_period_in_days = 14\n}",
        "server_side_encryption {\nenabled = true\nkms_key_arn = aws_kms_key.alias_shop_",
    ):
        assert part in text, part


def test_in_its_own_place_a_table_gets_a_name_of_awss() -> None:
    blueprint = made([table(SSEDescription=None)], TargetPolicy())
    assert "TableName" not in said(by_key(blueprint)[TABLE])
    assert 'name = "orders-' in terraform(blueprint, TABLE)


def file_system(**more: Any) -> Row:
    spec = {
        "FileSystemId": "fs-0a",
        "FileSystemArn": FILES,
        "OwnerId": ACCOUNT,
        "CreationToken": "x",
        "LifeCycleState": "available",
        "NumberOfMountTargets": 1,
        "SizeInBytes": {"Value": 9},
        "PerformanceMode": "generalPurpose",
        "ThroughputMode": "provisioned",
        "ProvisionedThroughputInMibps": 64.0,
        "Encrypted": False,
        "LifecyclePolicies": [{"TransitionToIA": "AFTER_30_DAYS"}, {"TransitionToPrimaryStorageClass": "AFTER_1_ACCESS"}],
        "BackupPolicyStatus": "ENABLED",
        "FileSystemProtection": {"ReplicationOverwriteProtection": "ENABLED"},
        "Policy": {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": {"AWS": "*"}, "Resource": FILES, "Action": "*"}]},
        "MountTargets": [{"MountTargetId": "fsmt-0a", "SubnetId": "subnet-0a", "IpAddress": "10.0.0.9"}],
        "MountTargetSecurityGroups": [{"Key": "fsmt-0a", "Value": ["sg-0a"]}],
        **more,
    }
    return row("AWS::EFS::FileSystem", FILES, "files", spec)


def access_point() -> Row:
    spec = {
        "AccessPointId": "fsap-0a",
        "AccessPointArn": POINT,
        "FileSystemId": "fs-0a",
        "OwnerId": ACCOUNT,
        "PosixUser": {"Uid": 1000, "Gid": 1001, "SecondaryGids": [7]},
        "RootDirectory": {"Path": "/app", "CreationInfo": {"OwnerUid": 1000, "OwnerGid": 1001, "Permissions": "0755"}},
    }
    return row("AWS::EFS::AccessPoint", POINT, "app", spec)


def test_a_file_system_is_encrypted_and_mounted_as_at_the_source() -> None:
    blueprint = made([file_system(), access_point()], THERE)
    found = by_key(blueprint)
    properties: Any = said(found[FILES])
    assert properties.pop("FileSystemPolicy").content["Statement"][0]["Resource"] == "*"
    assert properties == {
        "Encrypted": True,
        "PerformanceMode": "generalPurpose",
        "ThroughputMode": "provisioned",
        "ProvisionedThroughputInMibps": 64.0,
        "LifecyclePolicies": ({"TransitionToIA": "AFTER_30_DAYS"}, {"TransitionToPrimaryStorageClass": "AFTER_1_ACCESS"}),
        "BackupPolicy": {"Status": "ENABLED"},
        "FileSystemProtection": {"ReplicationOverwriteProtection": "ENABLED"},
        "FileSystemTags": ({"Key": "App", "Value": "shop"},),
    }
    assert came(found[FILES], "Encrypted")[0] == "defaulted"
    assert said(found[f"{FILES}#mount-target-0"]) == {"FileSystemId": Ref(FILES), "SubnetId": "subnet-1a", "SecurityGroups": ("sg-1a",)}
    assert said(found[POINT]) == {
        "FileSystemId": Ref(FILES),
        "PosixUser": {"Uid": "1000", "Gid": "1001", "SecondaryGids": ("7",)},
        "RootDirectory": {"Path": "/app", "CreationInfo": {"OwnerUid": "1000", "OwnerGid": "1001", "Permissions": "0755"}},
        "AccessPointTags": ({"Key": "App", "Value": "shop"},),
    }
    assert blueprint.not_carried == {}


def test_terraform_has_the_same_file_system() -> None:
    blueprint = made([file_system(), access_point()], THERE)
    text = terraform(blueprint, FILES)
    for part in (
        "encrypted = true",
        'lifecycle_policy {\ntransition_to_ia = "AFTER_30_DAYS"\n}',
        'backup_policy {\nstatus = "ENABLED"\n}',
        'protection {\nreplication_overwrite = "ENABLED"\n}',
        'resource "aws_efs_file_system_policy"',
    ):
        assert part in text, part
    assert 'security_groups = ["sg-1a"]' in terraform(blueprint, f"{FILES}#mount-target-0")
    assert 'creation_info {\nowner_gid = "1001"' in terraform(blueprint, POINT)

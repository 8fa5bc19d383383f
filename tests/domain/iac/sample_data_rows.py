"""Databases, caches, buckets and file systems that the emulator does not tell in full, in the demo's network."""

from collections.abc import Mapping
from typing import Any

ACCOUNT, REGION = "222222222222", "eu-central-1"
HERE = f"{REGION}:{ACCOUNT}"
SUBNETS = ({"SubnetIdentifier": "subnet-0b5447bad478a46ba"}, {"SubnetIdentifier": "subnet-7a8312811e65b3b3a"})
GROUPS = ("sg-1af9cd9bb3480b06d",)


def _row(type_: str, uid: str, name: str, spec: Mapping[str, Any], *, moves: bool = True) -> dict[str, Any]:
    return {
        "uid": uid,
        "type": type_,
        "name": name,
        "account_id": ACCOUNT,
        "region": REGION,
        "state": "available",
        "tags": {"App": "analytics"},
        "stateful": True,
        "storage_bytes": None,
        "private_ips": [],
        "spec": dict(spec),
        "workload": "analytics" if moves else None,
        "wave": 2 if moves else None,
        "group": "by-hand" if moves else None,
    }


DATA_ROWS: tuple[dict[str, Any], ...] = (
    _row(
        "AWS::EFS::AccessPoint",
        f"arn:aws:elasticfilesystem:{HERE}:access-point/fsap-0123456789abcdef0",
        "jobs",
        {
            "AccessPointId": "fsap-0123456789abcdef0",
            "FileSystemId": "fs-f7c85fa2",
            "PosixUser": {"Uid": 1000, "Gid": 1000, "SecondaryGids": [1001]},
            "RootDirectory": {"Path": "/jobs", "CreationInfo": {"OwnerUid": 1000, "OwnerGid": 1000, "Permissions": "0750"}},
        },
    ),
    _row(
        "AWS::ElastiCache::CacheCluster",
        f"arn:aws:elasticache:{HERE}:cluster:results",
        "results",
        {
            "CacheClusterId": "results",
            "Engine": "memcached",
            "EngineVersion": "1.6.22",
            "CacheNodeType": "cache.t4g.medium",
            "NumCacheNodes": 2,
            "CacheSubnetGroupName": "results",
            "SecurityGroups": [{"SecurityGroupId": one} for one in GROUPS],
            "TransitEncryptionEnabled": True,
        },
    ),
    _row(
        "AWS::ElastiCache::SubnetGroup",
        f"arn:aws:elasticache:{HERE}:subnetgroup:results",
        "results",
        {"CacheSubnetGroupName": "results", "CacheSubnetGroupDescription": "Results", "Subnets": list(SUBNETS)},
        moves=False,
    ),
    _row(
        "AWS::RDS::DBCluster",
        f"arn:aws:rds:{HERE}:cluster:ledger",
        "ledger",
        {
            "DBClusterIdentifier": "ledger",
            "Engine": "aurora-postgresql",
            "EngineVersion": "16.6",
            "EngineMode": "provisioned",
            "StorageEncrypted": True,
            "StorageType": "aurora-iopt1",
            "Port": 5432,
            "DBSubnetGroup": "ledger",
            "DBClusterParameterGroup": "ledger",
            "VpcSecurityGroups": [{"VpcSecurityGroupId": one} for one in GROUPS],
            "DBClusterMembers": [{"DBInstanceIdentifier": "ledger-1", "IsClusterWriter": True}],
            "ServerlessV2ScalingConfiguration": {"MinCapacity": 0.5, "MaxCapacity": 8.0},
            "BackupRetentionPeriod": 7,
            "DeletionProtection": True,
            "HttpEndpointEnabled": True,
            "EnabledCloudwatchLogsExports": ["postgresql"],
        },
    ),
    _row(
        "AWS::RDS::DBInstance",
        f"arn:aws:rds:{HERE}:db:ledger-1",
        "ledger-1",
        {
            "DBInstanceIdentifier": "ledger-1",
            "DBClusterIdentifier": "ledger",
            "DBInstanceClass": "db.serverless",
            "Engine": "aurora-postgresql",
            "EngineVersion": "16.6",
            "PromotionTier": 1,
            "PerformanceInsightsEnabled": True,
            "PerformanceInsightsRetentionPeriod": 7,
        },
    ),
    _row(
        "AWS::RDS::DBSubnetGroup",
        f"arn:aws:rds:{HERE}:subgrp:ledger",
        "ledger",
        {"DBSubnetGroupName": "ledger", "DBSubnetGroupDescription": "Ledger", "Subnets": list(SUBNETS)},
        moves=False,
    ),
    _row(
        "AWS::RDS::DBClusterParameterGroup",
        f"arn:aws:rds:{HERE}:cluster-pg:ledger",
        "ledger",
        {
            "DBClusterParameterGroupName": "ledger",
            "DBParameterGroupFamily": "aurora-postgresql16",
            "Description": "Ours",
            "Parameters": [{"ParameterName": "log_statement", "ParameterValue": "ddl", "ApplyMethod": "immediate"}],
        },
        moves=False,
    ),
    _row(
        "AWS::S3::Bucket",
        "arn:aws:s3:::acme-ledger-files",
        "acme-ledger-files",
        {
            "Name": "acme-ledger-files",
            "Versioning": {"Status": "Enabled", "MFADelete": None},
            "ObjectLock": {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 30}}},
            "LifecycleRules": [
                {
                    "ID": "old",
                    "Status": "Enabled",
                    "Filter": {"And": {"Prefix": "out/", "ObjectSizeGreaterThan": 131072}},
                    "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}],
                    "NoncurrentVersionExpiration": {"NoncurrentDays": 90},
                }
            ],
            "CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["https://shop.example.com"], "MaxAgeSeconds": 60}],
            "Website": {"IndexDocument": {"Suffix": "index.html"}},
            "Logging": {"TargetBucket": "acme-ledger-files", "TargetPrefix": "log/"},
            "Notification": {"EventBridgeConfiguration": {}},
            "MetricsConfigurations": [{"Id": "all"}],
            "Policy": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Deny",
                        "Principal": "*",
                        "Action": "s3:*",
                        "Resource": "arn:aws:s3:::acme-ledger-files/*",
                        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                    }
                ],
            },
        },
    ),
)

"""Databases, buckets, caches, file systems and keys in full, as the services' API references describe what is told of them."""

from collections.abc import Iterable, Mapping
from typing import Any

from cloudmigrate.domain.iac.hcl import Code
from cloudmigrate.domain.iac.links import links_of
from cloudmigrate.domain.iac.model import Blueprint, TargetResource
from cloudmigrate.domain.iac.terraform import address, attribute_there, blocks
from cloudmigrate.domain.iac.values import Branch, Leaf, Ref, Value, leaves, plain
from cloudmigrate.domain.target_policy import TargetPolicy
from reports.iac.hcl_text import hcl_text
from tests.domain.iac.sample_estate import blueprint_of

ACCOUNT, OTHER_ACCOUNT, REGION = "111111111111", "333333333333", "eu-central-1"
OTHER_REGION = TargetPolicy(region="eu-west-1", bucket_suffix="-ie")
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0a"
Row = dict[str, Any]


def row(type_: str, uid: str, name: str, spec: Mapping[str, Any], **more: Any) -> Row:
    """A resource that a plan moves in its first wave; *group* None: it moves with nothing."""
    told = {"account_id": ACCOUNT, "region": REGION, "state": "available", "tags": {"App": "shop", "aws:x": "y"}, "stateful": True}
    told |= {"storage_bytes": None, "private_ips": [], "workload": "shop", "wave": 1, "group": "g1"}
    return {"uid": uid, "type": type_, "name": name, "spec": dict(spec), **told, **more}


def shared(type_: str, uid: str, name: str, spec: Mapping[str, Any], **more: Any) -> Row:
    """What is prepared where something refers to it."""
    return row(type_, uid, name, spec, workload=None, wave=None, group=None, **more)


def made(rows: Iterable[Row], policy: TargetPolicy = OTHER_REGION, **decided: Any) -> Blueprint:
    return blueprint_of(rows, policy, **decided)


def by_key(blueprint: Blueprint) -> dict[str, TargetResource]:
    return {one.key: one for unit in blueprint.units for one in unit.resources}


def said(resource: TargetResource) -> dict[str, Value]:
    """Its properties without origins."""
    return {name: value for name, node in resource.properties.items() if (value := plain(node)) is not None}


def came(resource: TargetResource, path: str) -> tuple[str, str]:
    """From where an attribute comes, and by what."""
    found: dict[str, Leaf] = dict(leaves(Branch(resource.properties)))
    return found[path].origin.came.value, found[path].origin.says


def terraform(blueprint: Blueprint, key: str) -> str:
    """A resource in Terraform, with what is beside it; without blanks where arguments are aligned."""
    links = links_of(blueprint.units)

    def refer(ref: Ref) -> Code:
        other = links.resources[ref.key]
        return Code(f"{address(other)}.{attribute_there(other, ref.attribute)}")

    return "\n".join(" ".join(line.split()) for line in hcl_text(blocks(links.resources[key], refer)).splitlines())


def kms_key(**more: Any) -> Row:
    spec = {
        "AWSAccountId": ACCOUNT,
        "KeyId": "0a",
        "KeyArn": KEY,
        "Arn": KEY,
        "Description": "Databases",
        "Enabled": True,
        "KeyManager": "CUSTOMER",
        "KeyState": "Enabled",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "Origin": "AWS_KMS",
        "MultiRegion": False,
        "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
        "Aliases": [{"AliasName": "alias/shop", "AliasArn": f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/shop", "TargetKeyId": "0a"}],
        "Rotation": {"KeyRotationEnabled": True, "RotationPeriodInDays": 180},
        "Policy": {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"},
                {
                    "Effect": "Allow",
                    "Principal": "*",
                    "Action": "kms:Decrypt",
                    "Resource": KEY,
                    "Condition": {"StringEquals": {"kms:ViaService": f"rds.{REGION}.amazonaws.com", "kms:CallerAccount": ACCOUNT}},
                },
            ],
        },
        "Tags": [],
        **more,
    }
    return shared("AWS::KMS::Key", KEY, "alias/shop", spec, tags={})


DB = f"arn:aws:rds:{REGION}:{ACCOUNT}:db:shop"
SUBNETS, PARAMETERS = f"arn:aws:rds:{REGION}:{ACCOUNT}:subgrp:inner", f"arn:aws:rds:{REGION}:{ACCOUNT}:pg:tuned"


def database(**more: Any) -> Row:
    spec = {
        "DBInstanceIdentifier": "shop",
        "DBInstanceArn": DB,
        "DBInstanceClass": "db.m5.2xlarge",
        "Engine": "postgres",
        "EngineVersion": "16.8",
        "DBInstanceStatus": "available",
        "MasterUsername": "owner",
        "DBName": "orders",
        "Endpoint": {"Address": f"shop.abc.{REGION}.rds.amazonaws.com", "Port": 5432, "HostedZoneId": "Z1"},
        "AllocatedStorage": 500,
        "MaxAllocatedStorage": 1000,
        "StorageType": "gp3",
        "Iops": 12000,
        "StorageThroughput": 500,
        "StorageEncrypted": True,
        "KmsKeyId": KEY,
        "MultiAZ": True,
        "PubliclyAccessible": True,
        "BackupRetentionPeriod": 14,
        "PreferredBackupWindow": "01:00-01:30",
        "PreferredMaintenanceWindow": "sun:03:00-sun:04:00",
        "AutoMinorVersionUpgrade": True,
        "CopyTagsToSnapshot": True,
        "DeletionProtection": True,
        "LicenseModel": "postgresql-license",
        "CACertificateIdentifier": "rds-ca-rsa2048-g1",
        "IAMDatabaseAuthenticationEnabled": True,
        "EnabledCloudwatchLogsExports": ["postgresql", "upgrade"],
        "PerformanceInsightsEnabled": True,
        "PerformanceInsightsKMSKeyId": KEY,
        "PerformanceInsightsRetentionPeriod": 7,
        "MonitoringInterval": 60,
        "MonitoringRoleArn": f"arn:aws:iam::{ACCOUNT}:role/watching",
        "DBParameterGroups": [{"DBParameterGroupName": "tuned", "ParameterApplyStatus": "in-sync"}],
        "OptionGroupMemberships": [{"OptionGroupName": "default:postgres-16", "Status": "in-sync"}],
        "DBSubnetGroup": {"DBSubnetGroupName": "inner", "VpcId": "vpc-0a"},
        "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-0a", "Status": "active"}],
        "AssociatedRoles": [{"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/loads", "FeatureName": "s3Import", "Status": "ACTIVE"}],
        "TagList": [],
        **more,
    }
    return row("AWS::RDS::DBInstance", DB, "shop", spec)


def subnet_group() -> Row:
    spec = {
        "DBSubnetGroupName": "inner",
        "DBSubnetGroupArn": SUBNETS,
        "DBSubnetGroupDescription": "Inner subnets",
        "SubnetGroupStatus": "Complete",
        "VpcId": "vpc-0a",
        "Subnets": [{"SubnetIdentifier": "subnet-0a"}, {"SubnetIdentifier": "subnet-0b"}],
    }
    return shared("AWS::RDS::DBSubnetGroup", SUBNETS, "inner", spec)


def parameter_group() -> Row:
    spec = {
        "DBParameterGroupName": "tuned",
        "DBParameterGroupArn": PARAMETERS,
        "DBParameterGroupFamily": "postgres16",
        "Description": "Ours",
        "Parameters": [
            {"ParameterName": "work_mem", "ParameterValue": "65536", "ApplyMethod": "immediate"},
            {"ParameterName": "log_statement", "ParameterValue": "ddl", "ApplyMethod": "immediate"},
        ],
    }
    return shared("AWS::RDS::DBParameterGroup", PARAMETERS, "tuned", spec)

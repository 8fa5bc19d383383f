"""What the target of a database is asked to have, in the words of the API of RDS."""

from typing import Any

from cloudmigrate.domain.acts.rds_kinds import INSTANCE
from cloudmigrate.domain.itineraries.databases import Database

LARGE_GP3_IOPS = 3000  # a smaller gp3 volume has as much in any case, and RDS refuses to be asked for it


def instance_options(database: Database) -> dict[str, Any]:
    """What a restored instance or a replica is asked to have, in the words of the API. It is protected in the end only."""
    spec = database.spec
    iops = int(spec.get("Iops") or 0)
    kind = spec.get("StorageType")
    asked_iops = iops if iops and (kind in ("io1", "io2") or (kind == "gp3" and iops > LARGE_GP3_IOPS)) else None
    port = (spec.get("Endpoint") or {}).get("Port")
    options = {
        "DBInstanceClass": database.instance_class(str(spec["DBInstanceClass"])),
        "DBSubnetGroupName": database.subnet_group,
        "VpcSecurityGroupIds": database.target_group_ids,
        "DBParameterGroupName": database.parameters,
        "OptionGroupName": database.options_group,
        "Port": int(port) if port else None,
        "MultiAZ": bool(spec.get("MultiAZ")),
        "PubliclyAccessible": bool(spec.get("PubliclyAccessible")),
        "AutoMinorVersionUpgrade": bool(spec.get("AutoMinorVersionUpgrade")),
        "StorageType": kind,
        "Iops": asked_iops,
        "StorageThroughput": int(spec["StorageThroughput"]) if asked_iops and kind == "gp3" and spec.get("StorageThroughput") else None,
        "CopyTagsToSnapshot": bool(spec.get("CopyTagsToSnapshot")),
        "EnableIAMDatabaseAuthentication": bool(spec.get("IAMDatabaseAuthenticationEnabled")),
        "EnableCloudwatchLogsExports": sorted(spec.get("EnabledCloudwatchLogsExports") or ()) or None,
        "DeletionProtection": False,
    }
    return {name: value for name, value in options.items() if value is not None}


def cluster_options(database: Database) -> dict[str, Any]:
    """What a restored cluster is asked to have."""
    spec = database.spec
    options = {
        "Engine": database.engine,
        "EngineVersion": spec.get("EngineVersion"),
        "DBSubnetGroupName": database.subnet_group,
        "VpcSecurityGroupIds": database.target_group_ids,
        "DBClusterParameterGroupName": database.parameters,
        "Port": int(spec["Port"]) if spec.get("Port") else None,
        "KmsKeyId": None if database.is_encrypted else database.move.policy.kms_key,  # else that of its snapshot
        "StorageType": spec.get("StorageType") if str(spec.get("StorageType", "")).startswith("aurora") else None,
        "BacktrackWindow": int(spec["BacktrackWindow"]) if spec.get("BacktrackWindow") else None,
        "ServerlessV2ScalingConfiguration": spec.get("ServerlessV2ScalingConfiguration") or None,
        "CopyTagsToSnapshot": bool(spec.get("CopyTagsToSnapshot")),
        "EnableIAMDatabaseAuthentication": bool(spec.get("IAMDatabaseAuthenticationEnabled")),
        "EnableCloudwatchLogsExports": sorted(spec.get("EnabledCloudwatchLogsExports") or ()) or None,
        "DeletionProtection": False,
    }
    return {name: value for name, value in options.items() if value is not None}


def settings(database: Database) -> dict[str, Any]:
    """What is set on the target once it is there."""
    spec, found = database.spec, dict[str, Any]()
    if spec.get("DeletionProtection"):
        found["DeletionProtection"] = True
    if database.kind is INSTANCE and int(spec.get("MaxAllocatedStorage") or 0) > int(spec.get("AllocatedStorage") or 0):
        found["MaxAllocatedStorage"] = int(spec["MaxAllocatedStorage"])
    if spec.get("MasterUserSecret"):  # RDS makes the target a secret of its own
        found["ManageMasterUserPassword"] = True
    return found

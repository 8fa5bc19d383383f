"""File systems of EFS in Terraform."""

from cloudmigrate.domain.iac.shape import TAGS, Argument, Beside, Nested, Shape, named

SHAPES = (
    Shape(
        "AWS::EFS::FileSystem",
        "aws_efs_file_system",
        {
            **named(
                Encrypted="encrypted",
                KmsKeyId="kms_key_id",
                PerformanceMode="performance_mode",
                ThroughputMode="throughput_mode",
                ProvisionedThroughputInMibps="provisioned_throughput_in_mibps",
                AvailabilityZoneName="availability_zone_name",
            ),
            "LifecyclePolicies": Nested(
                "lifecycle_policy",
                named(
                    TransitionToIA="transition_to_ia",
                    TransitionToArchive="transition_to_archive",
                    TransitionToPrimaryStorageClass="transition_to_primary_storage_class",
                ),
            ),
            "FileSystemProtection": Nested("protection", named(ReplicationOverwriteProtection="replication_overwrite")),
            "FileSystemTags": TAGS,
        },
        attributes={"": "id", "Arn": "arn", "FileSystemId": "id"},
        beside=(
            Beside("aws_efs_backup_policy", {"file_system_id": "id"}, {"BackupPolicy": Nested("backup_policy", named(Status="status"))}),
            Beside("aws_efs_file_system_policy", {"file_system_id": "id"}, {"FileSystemPolicy": Argument("policy")}),
        ),
    ),
    Shape(
        "AWS::EFS::MountTarget",
        "aws_efs_mount_target",
        named(FileSystemId="file_system_id", SubnetId="subnet_id", SecurityGroups="security_groups", IpAddress="ip_address"),
        attributes={"": "id", "IpAddress": "ip_address"},
    ),
    Shape(
        "AWS::EFS::AccessPoint",
        "aws_efs_access_point",
        {
            "FileSystemId": Argument("file_system_id"),
            "PosixUser": Nested("posix_user", named(Uid="uid", Gid="gid", SecondaryGids="secondary_gids")),
            "RootDirectory": Nested(
                "root_directory",
                {
                    "Path": Argument("path"),
                    "CreationInfo": Nested("creation_info", named(OwnerUid="owner_uid", OwnerGid="owner_gid", Permissions="permissions")),
                },
            ),
            "AccessPointTags": TAGS,
        },
        attributes={"": "id", "Arn": "arn", "AccessPointId": "id"},
    ),
)

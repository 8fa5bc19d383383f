"""File systems of EFS with their mount targets, and access points. Files are moved by a person (DataSync, or EFS replication).

Source: AWS CloudFormation template reference, AWS::EFS::FileSystem, MountTarget and AccessPoint; EFS API reference.
"""

from collections.abc import Iterator
from typing import Any

from cloudmigrate.domain.iac.kind import GIVEN, Kind
from cloudmigrate.domain.iac.kinds.key_use import key_or_told
from cloudmigrate.domain.iac.kinds.keys import without_self
from cloudmigrate.domain.iac.model import TargetResource
from cloudmigrate.domain.iac.source import Source, branch, defaulted, transformed
from cloudmigrate.domain.iac.values import Came, Items, Leaf, Node, Origin, Ref

FILE_SYSTEM = "AWS::EFS::FileSystem"
RUN_TIME = "what it holds or does at the moment"


def file_system(source: Source) -> Iterator[TargetResource]:
    """A file system, encrypted, with a mount target in each subnet that the source has one in."""
    policy = source.value("Policy")
    properties: dict[str, Node | None] = {
        **_encryption(source),
        "PerformanceMode": source.copied("PerformanceMode"),
        "ThroughputMode": source.copied("ThroughputMode"),
        "ProvisionedThroughputInMibps": source.copied("ProvisionedThroughputInMibps"),
        "AvailabilityZoneName": _one_zone(source),
        "LifecyclePolicies": source.copied("LifecyclePolicies"),
        "BackupPolicy": _backup(source),
        "FileSystemPolicy": source.rewritten("Policy", without_self(policy, source.resource.uid)) if policy else None,
        "FileSystemProtection": source.copied("FileSystemProtection"),
        "FileSystemTags": source.tags(),
    }
    made = source.target(FILE_SYSTEM, properties, stateful=True)
    yield made
    groups = {one["Key"]: one["Value"] for one in source.value("MountTargetSecurityGroups") or ()}
    for number, one in enumerate(source.value("MountTargets") or ()):
        yield _mount_target(source, made, number, one, groups.get(one.get("MountTargetId")) or ())


def _mount_target(source: Source, made: TargetResource, number: int, one: Any, groups: Any) -> TargetResource:
    path = f"MountTargets[{number}]"
    found = source.all_referred(
        f"{path}.SecurityGroups", groups, attribute="GroupId", type_="AWS::EC2::SecurityGroup", where="targets.security_groups"
    )
    properties = {
        "FileSystemId": Leaf(Ref(made.key), transformed(f"{path}.FileSystemId", "the file system that it is of")),
        "SubnetId": source.referred(f"{path}.SubnetId", one.get("SubnetId"), type_="AWS::EC2::Subnet", where="targets.subnets"),
        "SecurityGroups": found or Items(),
        "IpAddress": Leaf(None, Origin(Came.DEFAULTED, "AWS gives an address of the target's subnet; clients go by the name")),
    }
    return source.target("AWS::EFS::MountTarget", properties, part=f"mount-target-{number}", name=f"{source.resource.name} {number}")


def _encryption(source: Source) -> dict[str, Node | None]:
    encrypted = source.copied("Encrypted")
    if encrypted is None or encrypted.value is not True:
        encrypted = defaulted(value=True, why="files are encrypted at rest, though the source's are not")
    return {"Encrypted": encrypted, "KmsKeyId": key_or_told(source, "KmsKeyId")}


def _one_zone(source: Source) -> Leaf | None:
    if not source.value("AvailabilityZoneName"):
        return None
    return source.unknown("availability zone", "the file system is in one zone only: that of the subnet of its mount target")


def _backup(source: Source) -> Node | None:
    status = source.value("BackupPolicyStatus")
    if status is None:
        return None
    is_on = status in ("ENABLED", "ENABLING")
    return branch(Status=Leaf("ENABLED" if is_on else "DISABLED", Origin(Came.COPIED, "BackupPolicyStatus")))


def access_point(source: Source) -> Iterator[TargetResource]:
    """An access point with its user and its directory."""
    yield source.target(
        "AWS::EFS::AccessPoint",
        {
            "FileSystemId": source.referred("FileSystemId", type_=FILE_SYSTEM),
            "PosixUser": source.copied("PosixUser", of=_texts),
            "RootDirectory": source.copied("RootDirectory", of=_texts),
            "AccessPointTags": source.tags(),
        },
    )


def _texts(value: Any) -> Any:
    """Numbers as text: so the reference has user ids."""
    if isinstance(value, dict):
        return {name: _texts(item) for name, item in value.items()}
    if isinstance(value, list):
        return tuple(map(_texts, value))
    return str(value)


KINDS = (
    Kind(
        FILE_SYSTEM,
        file_system,
        known_as=("FileSystemId",),
        not_configuration={
            "OwnerId": GIVEN,
            "CreationToken": "a name that only its making needed",
            "CreationTime": RUN_TIME,
            "FileSystemId": GIVEN,
            "FileSystemArn": GIVEN,
            "LifeCycleState": RUN_TIME,
            "NumberOfMountTargets": RUN_TIME,
            "SizeInBytes": RUN_TIME,
            "Name": "the tag Name",
            "AvailabilityZoneId": "that of AvailabilityZoneName",
        },
    ),
    Kind(
        "AWS::EFS::AccessPoint",
        access_point,
        known_as=("AccessPointId",),
        not_configuration={
            "OwnerId": GIVEN,
            "ClientToken": "a name that only its making needed",
            "AccessPointId": GIVEN,
            "AccessPointArn": GIVEN,
            "LifeCycleState": RUN_TIME,
            "Name": "the tag Name",
        },
    ),
)

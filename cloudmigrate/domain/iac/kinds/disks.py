"""Disks: of what type, how large, and encrypted. Those of a server come with its image; a volume of its own comes from a snapshot.

Source: AWS CloudFormation template reference, AWS::EC2::Volume; EC2 user guide, "Amazon EBS volume types".
"""

from collections.abc import Iterator, Mapping
from typing import Any

from cloudmigrate.domain.iac.kind import GIVEN, RUN_TIME, Kind
from cloudmigrate.domain.iac.model import TargetResource
from cloudmigrate.domain.iac.source import OF_ITS_ID, NotGenerated, Source, branch, defaulted, told, transformed
from cloudmigrate.domain.iac.told import KEY
from cloudmigrate.domain.iac.values import Came, Leaf, Node, Origin, Zone
from cloudmigrate.domain.resources import Resource
from cloudmigrate.domain.strategies import Strategy

VOLUME = "AWS::EC2::Volume"
WITH_IOPS = ("gp3", "io1", "io2")
USUAL_GP3 = {"Iops": 3000, "Throughput": 125}  # what gp3 has by itself
WHY_ENCRYPTED = "the source's is not encrypted; the target's is, by the account's key of EBS where none is named"


def volume(source: Source) -> Iterator[TargetResource]:
    """A volume that is attached to nothing. One that is attached comes with its server."""
    attached = [str(one.get("InstanceId")) for one in source.value("Attachments") or ()]
    if attached:
        raise NotGenerated(f"nothing of its own is needed: it is a disk of {attached[0]}, and comes with the image of that")
    zone = str(source.value("AvailabilityZone") or "")
    number = max(ord(zone[-1:] or "a") - ord("a"), 0)
    why = f"id in the target of the copied snapshot of {source.spec['VolumeId']}: what the volume holds"
    source.value("SnapshotId")
    properties: dict[str, Node | None] = {
        "AvailabilityZone": Leaf(Zone(number), transformed("AvailabilityZone", f"the zone of the region at the place of {zone}")),
        "SnapshotId": source.unknown("snapshot id", why),
        "Size": source.copied("Size"),
        **kind_of(source, source.resource, ""),
        "MultiAttachEnabled": source.copied("MultiAttachEnabled"),
        "Encrypted": encrypted(source.resource, ""),
        "KmsKeyId": key_of(source, source.resource, ""),
        "Tags": source.tags(),
    }
    source.read |= {"Encrypted", "Iops", "Throughput", "VolumeType", "KmsKeyId"}
    yield source.target(VOLUME, properties, stateful=True)


def disk(source: Source, path: str, mapping: Mapping[str, Any], found: Resource | None) -> Node:
    """A server's disk: what its volume is, as far as that is in the inventory, and whether it goes with the server."""
    ends = (mapping.get("Ebs") or {}).get("DeleteOnTermination")
    where = f"{path}.Ebs"
    members: dict[str, Node | None] = {
        "DeleteOnTermination": None if ends is None else Leaf(bool(ends), Origin(Came.COPIED, f"{where}.DeleteOnTermination")),
        "Encrypted": encrypted(found, where),
    }
    if found is not None:
        members |= kind_of(source, found, f"{where}: ")
        members["VolumeSize"] = Leaf(int(found.spec["Size"]), Origin(Came.COPIED, f"{where}: Size")) if found.spec.get("Size") else None
        members["KmsKeyId"] = key_of(source, found, where)
    device = Leaf(str(mapping["DeviceName"]), Origin(Came.COPIED, f"{path}.DeviceName"))
    ebs = branch(**members)
    assert ebs is not None  # noqa: S101 - whether it is encrypted is always in it
    return branch(DeviceName=device, Ebs=ebs) or ebs


def kind_of(source: Source, found: Resource, where: str) -> dict[str, Node | None]:
    """Type, operations and throughput of a volume, by what the estate file and its recommendation say of types."""
    spec = found.spec
    kind = str(spec.get("VolumeType") or "gp2")
    target, origin = kind, Origin(Came.COPIED, f"{where}VolumeType")
    mapped = {str(one): str(other) for one, other in source.policy.volume_types.items()}
    if kind in mapped:
        target, origin = mapped[kind], transformed(f"{where}VolumeType", "targets.volume_types")
    elif kind == "gp2" and source.strategies.get(found.uid) is Strategy.REPLATFORM:
        target, origin = "gp3", transformed(f"{where}VolumeType", "its strategy is replatform: gp3 instead of gp2")
    members: dict[str, Node | None] = {"VolumeType": Leaf(target, origin)}
    iops = spec.get("Iops")
    if target in WITH_IOPS and kind in WITH_IOPS and iops and not (target == "gp3" and int(iops) == USUAL_GP3["Iops"]):
        members["Iops"] = Leaf(int(iops), Origin(Came.COPIED, f"{where}Iops"))
    elif target in WITH_IOPS and kind not in WITH_IOPS and iops and int(iops) > USUAL_GP3["Iops"]:
        members["Iops"] = Leaf(int(iops), transformed(f"{where}Iops", f"as many as the {kind} volume has"))
    elif target in ("io1", "io2"):
        members["Iops"] = defaulted(USUAL_GP3["Iops"], "this type asks for it, and the source does not say")
    through = spec.get("Throughput")
    if target == kind == "gp3" and through and int(through) != USUAL_GP3["Throughput"]:
        members["Throughput"] = Leaf(int(through), Origin(Came.COPIED, f"{where}Throughput"))
    return members


def encrypted(found: Resource | None, where: str) -> Leaf:
    """On, always."""
    if found is not None and found.spec.get("Encrypted"):
        return Leaf(value=True, origin=Origin(Came.COPIED, f"{where}: Encrypted" if where else "Encrypted"))
    return defaulted(value=True, why=WHY_ENCRYPTED)


def key_of(source: Source, found: Resource, where: str) -> Leaf | None:
    """The key that encrypts it; none where that is AWS's own of the account."""
    key = str(found.spec.get("KmsKeyId") or "")
    path = f"{where}: KmsKeyId" if where else "KmsKeyId"
    if source.policy.kms_key is not None:
        return Leaf(source.policy.kms_key, transformed(path, "targets.kms_key"))
    if not key or "alias/aws/" in key:
        return None
    known = source.look(source.resource, key, KEY)
    if known is None:
        return told(f"{key} is not in the inventory: the account's key of EBS encrypts it; targets.kms_key would name another", path)
    return source.referred(path, key, attribute="Arn", type_=KEY, where="targets.kms_key")


KINDS = (
    Kind(
        VOLUME,
        volume,
        asks_for=("VolumeId",),
        known_as=("VolumeId",),
        arn=OF_ITS_ID,
        not_configuration={
            "VolumeId": GIVEN,
            "State": RUN_TIME,
            "CreateTime": RUN_TIME,
            "AvailabilityZoneId": "the zone is that of the same letter",
            "FastRestored": "a setting of snapshots",
            "SseType": "what its encryption says",
            "Operator": RUN_TIME,
            "VolumeInitializationRate": "how fast its snapshot was read",
        },
    ),
)

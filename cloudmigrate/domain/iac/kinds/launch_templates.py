"""Launch templates, of the version that groups launch.

Source: AWS CloudFormation template reference, AWS::EC2::LaunchTemplate.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from cloudmigrate.domain.iac.kind import GIVEN, RUN_TIME, Kind
from cloudmigrate.domain.iac.kinds.disks import USUAL_GP3, WHY_ENCRYPTED
from cloudmigrate.domain.iac.kinds.server_access import key_name, metadata_options, profile_of
from cloudmigrate.domain.iac.model import TargetResource
from cloudmigrate.domain.iac.source import OF_ITS_ID, NotGenerated, Source, branch, defaulted, frozen, told, transformed
from cloudmigrate.domain.iac.values import Branch, Came, Items, Leaf, Node, Origin

TEMPLATE, GROUP = "AWS::EC2::LaunchTemplate", "AWS::AutoScaling::AutoScalingGroup"
DATA = "Versions.LaunchTemplateData"
# Members of a template that are carried as they are.
COPIED = (
    "EbsOptimized",
    "DisableApiTermination",
    "DisableApiStop",
    "InstanceInitiatedShutdownBehavior",
    "Monitoring",
    "CreditSpecification",
    "CpuOptions",
    "HibernationOptions",
    "EnclaveOptions",
    "PrivateDnsNameOptions",
    "InstanceMarketOptions",
)
# Members of a template of which nothing is made, and what a person does.
LEFT = {
    "InstanceRequirements": "types are chosen by attributes: write them, and check what they give in the target's region",
    "CapacityReservationSpecification": "reservations are of a region",
    "LicenseSpecifications": "licences are of a region",
    "RamDiskId": "that of its image",
    "KernelId": "that of its image",
    "ElasticGpuSpecifications": "AWS offers them no more",
    "ElasticInferenceAccelerators": "AWS offers them no more",
    "MaintenanceOptions": "as AWS has it by itself",
    "NetworkPerformanceOptions": "as AWS has it by itself",
    "SecurityGroups": "names of groups mean those of a default VPC, which code does not make: name them by id",
}


def launch_template(source: Source) -> Iterator[TargetResource]:
    """A template, of the version that its groups launch."""
    versions = list(source.value("Versions") or ())
    if not versions:
        raise NotGenerated("no version of it could be read: write it by hand, or discover it with ec2:DescribeLaunchTemplateVersions")
    chosen = _version(source, versions)
    data = chosen.get("LaunchTemplateData") or {}
    properties: dict[str, Node | None] = {
        "LaunchTemplateName": source.own_name("LaunchTemplateName", str(source.spec.get("LaunchTemplateName") or "")),
        "LaunchTemplateData": _data(source, data),
        "TagSpecifications": _own_tags(source),
    }
    yield source.target(TEMPLATE, properties)


def _version(source: Source, versions: list[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The version that the first group asks for, where it is known; else the default one."""
    asked = "$Default"
    for group in source.relatives(source.resource, GROUP):
        named = template_of(group.spec)
        if source.spec.get("LaunchTemplateId") == named.get("LaunchTemplateId"):
            asked = str(named.get("Version") or "$Default")
            break
    newest = max(versions, key=lambda one: int(one.get("VersionNumber") or 0))
    if asked == "$Latest":
        return newest
    by_number = [one for one in versions if str(one.get("VersionNumber")) == asked]
    return next(iter([*by_number, *(one for one in versions if one.get("DefaultVersion"))]), newest)


def template_of(spec: Mapping[str, Any]) -> Mapping[str, Any]:
    """The template that a group launches from; empty where it has none."""
    mixed = ((spec.get("MixedInstancesPolicy") or {}).get("LaunchTemplate") or {}).get("LaunchTemplateSpecification")
    found: Mapping[str, Any] = spec.get("LaunchTemplate") or mixed or {}
    return found


def _data(source: Source, data: Mapping[str, Any]) -> Branch:
    groups = source.all_referred(DATA, data.get("SecurityGroupIds") or (), attribute="GroupId", where="targets.security_groups")
    profile = data.get("IamInstanceProfile") or {}
    name = profile_of(source, "Versions", str(profile.get("Arn") or profile.get("Name") or ""))
    image = data.get("ImageId")
    members: dict[str, Node | None] = {
        "ImageId": source.unknown("image id", f"id in the target of the copy of image {image}, which the template launches", kind="Image")
        if image
        else None,
        "InstanceType": _type(source, data),
        "KeyName": key_name(source, f"{DATA}.KeyName", str(data.get("KeyName") or "")),
        "SecurityGroupIds": groups,
        "IamInstanceProfile": branch(Name=name),
        "UserData": _user_data(source, data),
        "BlockDeviceMappings": _disks(source, data),
        "NetworkInterfaces": _interfaces(source, data),
        "MetadataOptions": metadata_options(data.get("MetadataOptions") or {}, f"{DATA}.MetadataOptions"),
        "Placement": _placement(source, data),
        "TagSpecifications": _launch_tags(source, data),
    }
    members |= {
        word: Leaf(frozen(data[word]), Origin(Came.COPIED, f"{DATA}.{word}")) for word in COPIED if data.get(word) not in (None, "", {}, [])
    }
    left = tuple(told(f"{word} is left out: {why}", f"{DATA}.{word}") for word, why in LEFT.items() if data.get(word))
    known = {*members, *LEFT, "ImageId"}
    left += tuple(told(f"{word} is left out: nothing is known of it", f"{DATA}.{word}") for word in sorted(set(data) - known))
    return branch(**members, InstanceRequirements=Items(left) if left else None) or Branch()


def _type(source: Source, data: Mapping[str, Any]) -> Leaf | None:
    given = data.get("InstanceType")
    if not given:
        return None
    if given in source.policy.instance_types:
        return Leaf(source.policy.instance_types[given], transformed(f"{DATA}.InstanceType", "targets.instance_types"))
    return Leaf(given, Origin(Came.COPIED, f"{DATA}.InstanceType"))


def _user_data(source: Source, data: Mapping[str, Any]) -> Leaf | None:
    if not data.get("UserData"):
        return None
    if not source.policy.user_data:
        return told("targets.user_data says that the start script stays behind", f"{DATA}.UserData")
    why = "start script, in base64; it runs at each server's first start and may hold secrets"
    return source.secret(f"{DATA}.UserData", why, read_at="LaunchTemplateVersions[0].LaunchTemplateData.UserData", part="user data")


def _disks(source: Source, data: Mapping[str, Any]) -> Items | None:
    items = []
    for number, one in enumerate(data.get("BlockDeviceMappings") or ()):
        path = f"{DATA}.BlockDeviceMappings[{number}]"
        ebs = one.get("Ebs")
        items.append(
            branch(
                DeviceName=Leaf(str(one["DeviceName"]), Origin(Came.COPIED, path)) if one.get("DeviceName") else None,
                VirtualName=Leaf(str(one["VirtualName"]), Origin(Came.COPIED, path)) if one.get("VirtualName") else None,
                NoDevice=Leaf("", Origin(Came.COPIED, path)) if one.get("NoDevice") is not None else None,
                Ebs=None if ebs is None else _ebs(source, ebs, f"{path}.Ebs"),
            )
        )
    return Items(tuple(one for one in items if one is not None)) if items else None


def _ebs(source: Source, ebs: Mapping[str, Any], path: str) -> Node | None:
    kind = ebs.get("VolumeType")
    target = source.policy.volume_types.get(kind, kind) if kind else None
    origin = Origin(Came.COPIED, f"{path}.VolumeType") if target == kind else transformed(f"{path}.VolumeType", "targets.volume_types")
    copied = {
        word: Leaf(frozen(ebs[word]), Origin(Came.COPIED, f"{path}.{word}"))
        for word in ("VolumeSize", "DeleteOnTermination")
        if ebs.get(word) is not None
    }
    if target == kind or (target == "gp3" and int(ebs.get("Iops") or 0) > USUAL_GP3["Iops"]):
        copied |= {
            word: Leaf(int(ebs[word]), Origin(Came.COPIED, f"{path}.{word}"))
            for word in ("Iops", "Throughput")
            if ebs.get(word) and not (target == "gp3" and int(ebs[word]) == USUAL_GP3[word])
        }
    key = ebs.get("KmsKeyId") or ""
    is_on = Leaf(value=True, origin=Origin(Came.COPIED, f"{path}.Encrypted"))
    return branch(
        VolumeType=Leaf(target, origin) if target else None,
        **copied,
        Encrypted=is_on if ebs.get("Encrypted") else defaulted(value=True, why=WHY_ENCRYPTED),
        KmsKeyId=source.referred(f"{path}.KmsKeyId", key, attribute="Arn", type_="AWS::KMS::Key", where="targets.kms_key"),
        SnapshotId=told("it comes with the image", f"{path}.SnapshotId") if ebs.get("SnapshotId") else None,
    )


def _interfaces(source: Source, data: Mapping[str, Any]) -> Items | None:
    items = []
    for number, one in enumerate(data.get("NetworkInterfaces") or ()):
        path = f"{DATA}.NetworkInterfaces[{number}]"
        members: dict[str, Node | None] = {
            word: Leaf(frozen(one[word]), Origin(Came.COPIED, f"{path}.{word}"))
            for word in (
                "AssociatePublicIpAddress",
                "DeleteOnTermination",
                "Description",
                "DeviceIndex",
                "InterfaceType",
                "NetworkCardIndex",
            )
            if one.get(word) not in (None, "")
        }
        members["Groups"] = source.all_referred(
            f"{path}.Groups", one.get("Groups") or (), attribute="GroupId", where="targets.security_groups"
        )
        members["SubnetId"] = source.referred(f"{path}.SubnetId", one.get("SubnetId") or "", where="targets.subnets")
        left = sorted(word for word, value in one.items() if word not in members and value not in (None, "", [], 0))
        members["PrivateIpAddresses"] = told(f"{', '.join(left)}: addresses are those of the target", path) if left else None
        items.append(branch(**members))
    return Items(tuple(one for one in items if one is not None)) if items else None


def _placement(source: Source, data: Mapping[str, Any]) -> Node | None:
    given = data.get("Placement") or {}
    tenancy = given.get("Tenancy")
    left = sorted(word for word, value in given.items() if word != "Tenancy" and value not in (None, ""))
    return branch(
        Tenancy=Leaf(tenancy, Origin(Came.COPIED, f"{DATA}.Placement.Tenancy")) if tenancy else None,
        HostId=source.unknown("host id", "id of the dedicated host of the target") if tenancy == "host" else None,
        GroupName=told(f"{', '.join(left)}: it is of the source; make the like in the target", f"{DATA}.Placement") if left else None,
    )


def _launch_tags(source: Source, data: Mapping[str, Any]) -> Items | None:
    """Tags of what the template launches."""
    items = []
    for one in data.get("TagSpecifications") or ():
        tags = source.tags({str(tag["Key"]): str(tag.get("Value", "")) for tag in one.get("Tags") or ()})
        kind = str(one.get("ResourceType", ""))
        if tags is not None and kind != "launch-template":
            items.append(branch(ResourceType=Leaf(kind, Origin(Came.COPIED, f"{DATA}.TagSpecifications")), Tags=tags))
    return Items(tuple(one for one in items if one is not None)) if items else None


def _own_tags(source: Source) -> Items | None:
    tags = source.tags()
    if tags is None:
        return None
    kind = branch(ResourceType=defaulted("launch-template", "what bears these tags"), Tags=tags)
    return None if kind is None else Items((kind,))


KINDS = (
    Kind(
        TEMPLATE,
        launch_template,
        known_as=("LaunchTemplateId", "LaunchTemplateName"),
        is_shared=True,
        stays_in_place=True,
        arn=OF_ITS_ID,
        not_configuration={
            "LaunchTemplateId": GIVEN,
            "CreateTime": RUN_TIME,
            "CreatedBy": RUN_TIME,
            "DefaultVersionNumber": "one version is made",
            "LatestVersionNumber": "one version is made",
            "Operator": RUN_TIME,
        },
    ),
)

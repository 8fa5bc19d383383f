"""Servers and their key pairs. A server's image, with what is on its disks, is made by the migration: its id is a variable.

Source: AWS CloudFormation template reference, AWS::EC2::Instance and KeyPair.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from cloudmigrate.domain.iac.kind import Kind
from cloudmigrate.domain.iac.kinds.disks import VOLUME, disk
from cloudmigrate.domain.iac.kinds.managed_databases import managed_database
from cloudmigrate.domain.iac.kinds.networks import GIVEN, RUN_TIME, host_names
from cloudmigrate.domain.iac.model import TargetResource
from cloudmigrate.domain.iac.source import OF_ITS_ID, NotGenerated, Source, branch, defaulted, told, transformed
from cloudmigrate.domain.iac.values import Branch, Came, Items, Leaf, Node, Origin, Ref
from cloudmigrate.domain.resources import Resource
from cloudmigrate.domain.strategies import Strategy

INSTANCE, KEY_PAIR, PROFILE = "AWS::EC2::Instance", "AWS::EC2::KeyPair", "AWS::IAM::InstanceProfile"
GROUP_TAG = "aws:autoscaling:groupName"
SMALLER, LARGER = "smaller", "larger"
# Rows of the table of strategies that replatform: onto another processor, and onto a managed database.
OTHER_PROCESSOR, OWN_DATABASE = "cheaper-server", "self-managed-database"


def instance(source: Source) -> Iterator[TargetResource]:
    """A server, with the address that it has of its own, and a launch template where its disks need one; or what takes its place."""
    _refuse(source)
    if source.strategy is Strategy.REPLATFORM and source.row == OWN_DATABASE:
        ids = [str(one["Ebs"].get("VolumeId")) for one in source.value("BlockDeviceMappings") or () if "Ebs" in one]
        volumes = {one: found for one in ids if (found := _volume(source, one)) is not None}
        yield from managed_database(source, rightsized(source), volumes)
        return
    disks = _disks(source)
    needs_template = any(
        "Throughput" in ebs.members for one in disks if isinstance(one, Branch) and isinstance(ebs := one.members["Ebs"], Branch)
    )
    template = None
    if needs_template:
        inner = branch(BlockDeviceMappings=Items(disks))
        template = source.target(
            "AWS::EC2::LaunchTemplate", {"LaunchTemplateData": inner}, part="template", name=f"{source.resource.name} disks"
        )
    size = rightsized(source)
    groups = [str(one["GroupId"]) for one in source.value("SecurityGroups") or ()]
    properties: dict[str, Node | None] = {
        "ImageId": image_of(source),
        "InstanceType": size,
        "SubnetId": _subnet(source),
        "SecurityGroupIds": source.all_referred("SecurityGroups", groups, attribute="GroupId", where="targets.security_groups"),
        "PrivateIpAddress": _private_ip(source),
        "SourceDestCheck": _forwards(source),
        "KeyName": key_name(source, "KeyName", str(source.value("KeyName") or "")),
        "IamInstanceProfile": profile_of(source, "IamInstanceProfile", str((source.value("IamInstanceProfile") or {}).get("Arn", ""))),
        "UserData": _user_data(source),
        "BlockDeviceMappings": Items(disks) if disks and template is None else None,
        "LaunchTemplate": None if template is None else _template(template),
        "MetadataOptions": metadata_options(source.value("MetadataOptions") or {}, "MetadataOptions"),
        "EbsOptimized": source.copied("EbsOptimized"),
        "Monitoring": _monitoring(source),
        "DisableApiTermination": source.copied("DisableApiTermination"),
        "InstanceInitiatedShutdownBehavior": source.copied("InstanceInitiatedShutdownBehavior"),
        "HibernationOptions": _switched_on(source, "HibernationOptions", "Configured"),
        "EnclaveOptions": _switched_on(source, "EnclaveOptions", "Enabled"),
        "CpuOptions": _cpu_options(source, size),
        "PrivateDnsNameOptions": host_names(source, "PrivateDnsNameOptions", aaaa=True),
        **_placement(source),
        "InstanceMarketOptions": told("the source is a spot instance; the target is on demand", "InstanceLifecycle")
        if source.value("InstanceLifecycle") == "spot"
        else None,
        "NetworkInterfaces": _told_of_addresses(source),
        "TargetGroups": _told_of_target_groups(source),
        "Tags": source.tags(),
    }
    made = source.target(INSTANCE, properties, stateful=True)
    yield made
    if template is not None:
        yield template
    yield from _address(source, made)


def _refuse(source: Source) -> None:
    """Say why no server is made, where none is to be. Raises NotGenerated."""
    spec, strategy = source.spec, source.strategy
    group = source.resource.tags.get(GROUP_TAG)
    if group:
        raise NotGenerated(f"nothing of its own is needed: the Auto Scaling group {group} makes it")
    if strategy in (Strategy.REPURCHASE, Strategy.REFACTOR):
        becomes = "a product that is bought as a service" if strategy is Strategy.REPURCHASE else "what is rebuilt"
        raise NotGenerated(f"its strategy is {strategy.value}: {becomes} takes its place; no server is made")
    arm = source.sizing.get("arm_type")
    if strategy is Strategy.REPLATFORM and source.row != OWN_DATABASE and not (arm and source.row in ("", OTHER_PROCESSOR)):
        instead = {
            "scheduled-work": "its work goes into a container that a schedule starts: build its image, a task definition and a rule",
        }.get(source.row, "another platform takes its place, and nobody says which: decide on one, or override it with rehost")
        raise NotGenerated(f"its strategy is replatform: {instead}")
    if (spec.get("RootDeviceType") or "ebs") != "ebs":
        raise NotGenerated("its root device is an instance store, of which no image can be made: install it anew")
    interfaces = spec.get("NetworkInterfaces") or ()
    if len(interfaces) > 1:
        raise NotGenerated(f"it has {len(interfaces)} network interfaces: write it by hand, with an AWS::EC2::NetworkInterface for each")


def image_of(source: Source) -> Leaf:
    """The image of a server: the one that was copied already, or a variable."""
    source.read |= {"ImageId", "RootDeviceName", "RootDeviceType"}
    if source.image is not None:
        return Leaf(source.image, transformed("ImageId", "the image that the migration made of it and copied"))
    name, processor = source.spec.get("InstanceId", source.resource.name), ""
    if source.strategy is Strategy.REPLATFORM:
        processor = ", built anew for arm64 and tested"
    if source.value("ProductCodes"):
        processor += (
            "; it is a product of the marketplace, of which no copy may be made: subscribe to it in the target and take its own image"
        )
    return source.unknown("image id", f"id in the target of the copied image of {name}{processor}; the migration makes it", kind="Image")


def rightsized(source: Source) -> Leaf:
    """Its size: what the estate file says of it, else what its use needs where that is smaller, else what is said of the type."""
    given = str(source.value("InstanceType"))
    told_of_it = source.policy.override(source.resource.uid).instance_type
    target, verdict = source.sizing.get("target_type"), source.sizing.get("verdict")
    if told_of_it is not None:
        return Leaf(told_of_it, transformed("InstanceType", "targets.overrides"))
    if source.strategy is Strategy.REPLATFORM and source.row != OWN_DATABASE:
        return Leaf(str(source.sizing["arm_type"]), transformed("InstanceType", "its strategy is replatform: another processor"))
    if verdict == SMALLER and target and source.is_rightsized:
        return Leaf(str(target), transformed("InstanceType", f"rightsized from {given}: {source.sizing.get('reason')}"))
    if given in source.policy.instance_types:
        return Leaf(source.policy.instance_types[given], transformed("InstanceType", "targets.instance_types"))
    if verdict == LARGER and target:
        return Leaf(given, transformed("InstanceType", f"as it is, though its use needs {target}: {source.sizing.get('reason')}"))
    return Leaf(given, Origin(Came.COPIED, "InstanceType"))


def _subnet(source: Source) -> Leaf | None:
    told_of_it = source.policy.override(source.resource.uid).subnet
    source.read |= {"SubnetId", "VpcId"}
    if told_of_it is not None:
        return Leaf(told_of_it, transformed("SubnetId", "targets.overrides"))
    return source.referred("SubnetId", where="targets.subnets")


def _forwards(source: Source) -> Leaf | None:
    """Said only where it is off: then the server forwards traffic of others, such as a firewall."""
    return Leaf(value=False, origin=Origin(Came.COPIED, "SourceDestCheck")) if source.value("SourceDestCheck") is False else None


def _private_ip(source: Source) -> Leaf | None:
    """Its address: only where the estate file says so does it keep one."""
    given = source.value("PrivateIpAddress")
    told_of_it = source.policy.override(source.resource.uid).private_ip
    if told_of_it is not None:
        return Leaf(told_of_it, transformed("PrivateIpAddress", "targets.overrides"))
    if source.policy.same_private_ip:
        return source.copied("PrivateIpAddress")
    return told("its subnet gives it an address; targets.same_private_ip would keep this one", "PrivateIpAddress") if given else None


def profile_of(source: Source, path: str, arn: str) -> Leaf | None:
    """The name of the instance profile."""
    source.value(path)
    name = arn.rpartition("/")[2]
    if not name:
        return None
    known = next((one for one in (name, arn) if source.look(source.resource, one, PROFILE) is not None), None)
    if known is None:
        return Leaf(name, transformed(path, "a profile of the same name, as targets.instance_profiles says no other"))
    found = source.referred(path, known, type_=PROFILE)
    if found is not None and isinstance(found.value, str):
        return Leaf(found.value.rpartition("/")[2], found.origin)
    return found


def key_name(source: Source, path: str, name: str) -> Leaf | None:
    """The name of the key pair."""
    if name and source.look(source.resource, name, KEY_PAIR) is None:
        return Leaf(name, transformed(path, "a key pair of the same name, as targets.key_pairs says no other"))
    return source.referred(path, name, type_=KEY_PAIR)


def _user_data(source: Source) -> Leaf | None:
    if not source.value("UserData"):
        return None
    if not source.policy.user_data:
        return told("targets.user_data says that the start script stays behind", "UserData")
    return source.secret("UserData", "start script, in base64; it runs at the first start and may hold secrets", read_at="UserData.Value")


def _disks(source: Source) -> tuple[Node, ...]:
    """Its disks, that of the system first."""
    root = source.value("RootDeviceName")
    given = [(number, one) for number, one in enumerate(source.value("BlockDeviceMappings") or ()) if "Ebs" in one]
    return tuple(
        disk(source, f"BlockDeviceMappings[{number}]", one, _volume(source, str(one["Ebs"].get("VolumeId"))))
        for number, one in sorted(given, key=lambda pair: (pair[1]["DeviceName"] != root, str(pair[1]["DeviceName"])))
    )


def _volume(source: Source, volume_id: str) -> Resource | None:
    """The volume of that id, where it is in the inventory."""
    return next(iter(source.having(VOLUME, "VolumeId", volume_id)), None)


def _template(template: TargetResource) -> Node | None:
    why = "disks whose throughput is set are said by a launch template: a server itself has no word for it"
    return branch(
        LaunchTemplateId=Leaf(Ref(template.key), transformed("BlockDeviceMappings", why)),
        Version=Leaf(Ref(template.key, "LatestVersionNumber"), transformed("BlockDeviceMappings", why)),
    )


def metadata_options(given: Mapping[str, Any], path: str) -> Node | None:
    """How the server asks for what AWS knows of it: with a token only."""
    required = given.get("HttpTokens") == "required"
    tokens = (
        Leaf("required", Origin(Came.COPIED, f"{path}.HttpTokens"))
        if required
        else Leaf(
            "required", transformed(f"{path}.HttpTokens", "IMDSv2 only; programs that ask without a token have to be brought up to date")
        )
    )
    others = {
        word: Leaf(given[word], Origin(Came.COPIED, f"{path}.{word}"))
        for word in ("HttpEndpoint", "HttpPutResponseHopLimit", "HttpProtocolIpv6", "InstanceMetadataTags")
        if given.get(word) is not None
    }
    if given.get("HttpEndpoint") == "disabled":
        return branch(HttpEndpoint=others["HttpEndpoint"])
    return branch(HttpTokens=tokens, **others)


def _monitoring(source: Source) -> Leaf | None:
    state = (source.value("Monitoring") or {}).get("State")
    return Leaf(value=True, origin=transformed("Monitoring.State", "enabled")) if state == "enabled" else None


def _switched_on(source: Source, path: str, word: str) -> Node | None:
    """A switch that is said only where it is on."""
    return branch(**{word: source.copied(f"{path}.{word}")}) if (source.value(path) or {}).get(word) else None


def _cpu_options(source: Source, size: Leaf) -> Node | None:
    """How many threads a core has, where that is one and the size is the same: else it is as its type has it."""
    given = source.value("CpuOptions") or {}
    if given.get("ThreadsPerCore") != 1 or size.origin.came is not Came.COPIED:
        return None
    return branch(CoreCount=source.copied("CpuOptions.CoreCount"), ThreadsPerCore=source.copied("CpuOptions.ThreadsPerCore"))


def _placement(source: Source) -> dict[str, Node | None]:
    """On whose hardware it runs."""
    given = source.value("Placement") or {}
    tenancy = given.get("Tenancy") or "default"
    members: dict[str, Node | None] = {}
    if tenancy != "default":
        members["Tenancy"] = Leaf(tenancy, Origin(Came.COPIED, "Placement.Tenancy"))
    if tenancy == "host":
        members["HostId"] = source.unknown("host id", "id of the dedicated host of the target: allocate one of the type's family first")
    if given.get("GroupName"):
        members["PlacementGroupName"] = told(
            f"the placement group {given['GroupName']} has to be made in the target", "Placement.GroupName"
        )
    return members


def _told_of_addresses(source: Source) -> Node | None:
    interfaces = source.value("NetworkInterfaces") or ()
    first = interfaces[0] if interfaces else {}
    left = []
    if len(first.get("PrivateIpAddresses") or ()) > 1:
        left.append(told("it has further private addresses: give them to its interface", "NetworkInterfaces[0].PrivateIpAddresses"))
    if first.get("Ipv6Addresses"):
        left.append(told("its IPv6 addresses stay at the source: AWS gives the VPC others", "NetworkInterfaces[0].Ipv6Addresses"))
    return Items(tuple(left)) if left else None


def _told_of_target_groups(source: Source) -> Node | None:
    given = source.policy.override(source.resource.uid).target_groups or ()
    left = tuple(told(f"it is to be registered with {one}, which the code of that group does", "targets.overrides") for one in given)
    return Items(left) if left else None


def _address(source: Source, made: TargetResource) -> Iterator[TargetResource]:
    """An elastic address, where the estate file says so or, if it says nothing, where the source has one."""
    uid = source.resource.uid
    told_of_it = source.policy.override(uid).elastic_ip
    named = any(one.uid == uid and one.to == "elastic_ip" for one in source.policy.dns)
    own = source.having("AWS::EC2::EIP", "InstanceId", str(source.spec.get("InstanceId")))
    if not (named if told_of_it is None and not own else told_of_it is not False):
        return
    why = "targets.overrides" if told_of_it else "targets.dns" if named else "the source has one; this is another, of the target's region"
    properties: dict[str, Node | None] = {
        "Domain": defaulted("vpc", "every address is of a VPC"),
        "InstanceId": Leaf(Ref(made.key), transformed("InstanceId", why)),
        "Tags": source.tags(),
    }
    yield source.target("AWS::EC2::EIP", properties, part="address", name=f"{source.resource.name} address")


def key_pair(source: Source) -> Iterator[TargetResource]:
    """The public half of a key pair; the private half stays with its people."""
    if not source.value("PublicKey"):
        raise NotGenerated("its public half is not told: import it in the target, and map it in targets.key_pairs")
    properties: dict[str, Node | None] = {
        "KeyName": source.copied("KeyName"),
        "PublicKeyMaterial": source.copied("PublicKey"),
        "Tags": source.tags(),
    }
    yield source.target(KEY_PAIR, properties)


KINDS = (
    Kind(
        INSTANCE,
        instance,
        asks_for=("InstanceId", "InstanceType"),
        known_as=("InstanceId",),
        arn=OF_ITS_ID,
        not_configuration={
            "InstanceId": GIVEN,
            "AmiLaunchIndex": GIVEN,
            "Architecture": "that of its type",
            "BootMode": "that of its image",
            "CurrentInstanceBootMode": RUN_TIME,
            "CapacityReservationId": "reservations are of a region",
            "CapacityReservationSpecification": "reservations are of a region",
            "ClientToken": GIVEN,
            "EnaSupport": "that of its image",
            "Hypervisor": "that of its type",
            "LaunchTime": RUN_TIME,
            "Licenses": "licences are of a region",
            "MaintenanceOptions": "as AWS has it by itself",
            "NetworkPerformanceOptions": "as AWS has it by itself",
            "Operator": RUN_TIME,
            "OutpostArn": "its place is the region",
            "Platform": "that of its image",
            "PlatformDetails": "that of its image",
            "PrivateDnsName": GIVEN,
            "PublicDnsName": GIVEN,
            "PublicIpAddress": GIVEN,
            "Ipv6Address": GIVEN,
            "RamdiskId": "that of its image",
            "KernelId": "that of its image",
            "SpotInstanceRequestId": GIVEN,
            "SriovNetSupport": "that of its image",
            "State": RUN_TIME,
            "StateReason": RUN_TIME,
            "StateTransitionReason": RUN_TIME,
            "TpmSupport": "that of its image",
            "UsageOperation": "that of its image",
            "UsageOperationUpdateTime": RUN_TIME,
            "VirtualizationType": "that of its image",
        },
    ),
    Kind(
        KEY_PAIR,
        key_pair,
        known_as=("KeyName", "KeyPairId"),
        is_shared=True,
        stays_in_place=True,
        arn=OF_ITS_ID,
        not_configuration={"KeyPairId": GIVEN, "KeyFingerprint": GIVEN, "KeyType": "what its public half says", "CreateTime": RUN_TIME},
    ),
)

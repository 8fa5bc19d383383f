"""Servers. A server's image, with what is on its disks, is made by the migration: its id is a variable.

Source: AWS CloudFormation template reference, AWS::EC2::Instance.
"""

from collections.abc import Iterator

from cloudmigrate.domain.iac.kind import GIVEN, RUN_TIME, Kind
from cloudmigrate.domain.iac.kinds.disks import VOLUME, disk
from cloudmigrate.domain.iac.kinds.interfaces import further_interfaces, own_groups, refuse_interfaces
from cloudmigrate.domain.iac.kinds.managed_databases import managed_database
from cloudmigrate.domain.iac.kinds.networks import host_names
from cloudmigrate.domain.iac.kinds.server_access import key_name, metadata_options, profile_of
from cloudmigrate.domain.iac.kinds.server_addresses import elastic_address, forwards, ipv6_count, private_ip, subnet_of, told_of_addresses
from cloudmigrate.domain.iac.kinds.server_sizes import OTHER_PROCESSOR, OWN_DATABASE, cpu_options, image_of, rightsized
from cloudmigrate.domain.iac.model import TargetResource
from cloudmigrate.domain.iac.source import OF_ITS_ID, NotGenerated, Source, branch, told, transformed
from cloudmigrate.domain.iac.values import Branch, Came, Items, Leaf, Node, Origin, Ref
from cloudmigrate.domain.resources import Resource
from cloudmigrate.domain.strategies import Strategy

INSTANCE = "AWS::EC2::Instance"
GROUP_TAG = "aws:autoscaling:groupName"


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
    size, subnet = rightsized(source), subnet_of(source)
    properties: dict[str, Node | None] = {
        "ImageId": image_of(source),
        "InstanceType": size,
        "SubnetId": subnet,
        "SecurityGroupIds": source.all_referred("SecurityGroups", own_groups(source), attribute="GroupId", where="targets.security_groups"),
        "PrivateIpAddress": private_ip(source),
        "Ipv6AddressCount": ipv6_count(source, subnet),
        "SourceDestCheck": forwards(source),
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
        "CpuOptions": cpu_options(source, size),
        "PrivateDnsNameOptions": host_names(source, "PrivateDnsNameOptions", aaaa=True),
        **_placement(source),
        "InstanceMarketOptions": told("the source is a spot instance; the target is on demand", "InstanceLifecycle")
        if source.value("InstanceLifecycle") == "spot"
        else None,
        "NetworkInterfaces": told_of_addresses(source),
        "TargetGroups": _told_of_target_groups(source),
        "Tags": source.tags(),
    }
    made = source.target(INSTANCE, properties, stateful=True)
    yield made
    if template is not None:
        yield template
    addresses = list(elastic_address(source, made))
    yield from addresses
    yield from further_interfaces(source, made, [one.key for one in addresses])


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
    refuse_interfaces(source)


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


def _monitoring(source: Source) -> Leaf | None:
    state = (source.value("Monitoring") or {}).get("State")
    return Leaf(value=True, origin=transformed("Monitoring.State", "enabled")) if state == "enabled" else None


def _switched_on(source: Source, path: str, word: str) -> Node | None:
    """A switch that is said only where it is on."""
    return branch(**{word: source.copied(f"{path}.{word}")}) if (source.value(path) or {}).get(word) else None


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


def _told_of_target_groups(source: Source) -> Node | None:
    given = source.policy.override(source.resource.uid).target_groups or ()
    left = tuple(told(f"it is to be registered with {one}, which the code of that group does", "targets.overrides") for one in given)
    return Items(left) if left else None


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
)

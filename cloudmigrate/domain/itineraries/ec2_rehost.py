"""A server rehosted: its image made and copied, launched in the target, seen to be well, and led to; its source stands still."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cloudmigrate.domain.acts.launches import addresses_asked
from cloudmigrate.domain.iac.distinct_names import Names
from cloudmigrate.domain.iac.kinds.security_groups import plain_text
from cloudmigrate.domain.iac.kinds.server_access import KEY_PAIR, PROFILE
from cloudmigrate.domain.itineraries.building import Builder, Place, of
from cloudmigrate.domain.itineraries.names import ReadName, names_of, point_name, read_names
from cloudmigrate.domain.itineraries.security_groups import Clone
from cloudmigrate.domain.itineraries.server_interfaces import Interface, by_hand_text, interfaces_hinder
from cloudmigrate.domain.resources import Resource
from cloudmigrate.domain.steps import Gate, Output, Reversal, Step
from cloudmigrate.domain.target_policy import DnsName, TargetPolicy
from cloudmigrate.printable import one_line

GLOBAL = "global"  # the region of what IAM has
METADATA = ("HttpTokens", "HttpPutResponseHopLimit", "HttpEndpoint", "HttpProtocolIpv6", "InstanceMetadataTags")


@dataclass(frozen=True, slots=True)
class Server:
    """A server, where it goes to, and what the rules say that it gets there."""

    source: Resource
    target: Place
    subnet_id: str
    group_ids: tuple[Any, ...]  # of the target: ids, or what clones will give
    clones: tuple[Clone, ...]
    volumes: Mapping[str, Resource]  # by device name, as far as they are in the inventory
    target_groups: tuple[str, ...]
    policy: TargetPolicy
    known_as: Names  # of the target, where they are others than the sources'
    further: tuple[tuple[Interface, str, tuple[Any, ...]], ...] = ()  # interfaces but the first, each with its subnet and groups there
    own: Interface | None = None  # the first, where there are further ones

    @property
    def instance_id(self) -> str:
        """Of the source."""
        return str(self.source.spec["InstanceId"])

    @property
    def at_source(self) -> Place:
        """Where the source is."""
        return Place(self.source.account_id, self.source.region)

    @property
    def devices(self) -> tuple[str, ...]:
        """Device names of its volumes."""
        return tuple(sorted(str(one["DeviceName"]) for one in self.source.spec.get("BlockDeviceMappings") or () if "Ebs" in one))

    @property
    def names(self) -> tuple[DnsName, ...]:
        """The names that lead to it."""
        return names_of(self.policy, self.source.uid)

    @property
    def gets_address(self) -> bool:
        """Whether it gets an elastic address."""
        told = self.policy.override(self.source.uid).elastic_ip
        return any(one.to == "elastic_ip" for one in self.names) if told is None else told


def cannot_move(source: Resource, managed: Collection[str] = ()) -> str:
    """Why this itinerary does not move the server; empty if it does. *managed*: ids of interfaces that a service made."""
    spec = source.spec
    reasons = (
        ((spec.get("Placement") or {}).get("Tenancy", "default") != "default", "it runs on dedicated hardware"),
        (spec.get("RootDeviceType", "ebs") != "ebs", "its root device is an instance store"),
        (bool(spec.get("InstanceLifecycle")), f"it is a {spec.get('InstanceLifecycle')} instance"),
        (spec.get("SourceDestCheck") is False, "it forwards traffic of others (its source/destination check is off)"),
        ("aws:autoscaling:groupName" in source.tags, "an Auto Scaling group made it and would replace it"),
        (bool(spec.get("ProductCodes")), "its image is a marketplace product, which may not be copied"),
        (source.state not in ("running", "stopped"), f"it is {source.state}"),
        (bool(interfaces_hinder(source, managed)), interfaces_hinder(source, managed)),
    )
    return next((why for holds, why in reasons if holds), "")


def rehost(builder: Builder, server: Server) -> Step:
    """The last step, after which the server is whole at the target. Steps before cutover come first: none of them touches the source."""
    ready = [*_checks(builder, server), *(step for clone in server.clones for step in clone.ready)]
    address = builder.add("ec2.allocate_address", {}, server.target) if server.gets_address else None
    records = read_names(builder, server.policy, server.at_source, "A")
    ready += [step for one in records for step in (one.read, one.lower, one.forgotten)] + ([address] if address else [])
    if server.policy.consistency == "stopped":
        stopped = _stop(builder, server, ready)
        launched = _launch(builder, server, _copy(builder, server, [*ready, *stopped]), ready)
    else:
        launched = _launch(builder, server, _copy(builder, server, ready), ready)
        stopped = _stop(builder, server, [*ready, *launched])
    return _cut_over(builder, server, launched, [*stopped, *launched], address=address, records=records)


def _checks(builder: Builder, server: Server) -> list[Step]:
    steps = []
    if server.source.state == "running":
        steps.append(builder.add("ec2.check_source", {"instance_id": server.instance_id}, server.at_source))
    key = key_pair_of(server)
    if key:
        steps.append(builder.add("ec2.check_key_pair", {"key_name": key}, server.target))
    profile = profile_of(server)
    if profile:
        steps.append(builder.add("iam.check_instance_profile", {"profile": profile}, server.target))
    return steps


def profile_of(server: Server) -> str:
    """The name of the instance profile that the target gets; empty for none."""
    arn = str((server.source.spec.get("IamInstanceProfile") or {}).get("Arn", ""))
    name = arn.rpartition("/")[2]
    return server.policy.instance_profiles.get(name) or server.known_as.of_named(PROFILE, server.source.account_id, GLOBAL, name)


def key_pair_of(server: Server) -> str:
    """The name of the key pair that the target gets; empty for none."""
    name = str(server.source.spec.get("KeyName") or "")
    at = server.at_source
    return server.policy.key_pairs.get(name) or server.known_as.of_named(KEY_PAIR, at.account_id, at.region, name)


def _stop(builder: Builder, server: Server, after: Sequence[Step]) -> list[Step]:
    """The source stands still; one that did before stays as it is, and is not started by a rollback."""
    if server.source.state != "running":
        return []
    named = {"instance_id": server.instance_id}
    stop = builder.add("ec2.stop_source", named, server.at_source, needs=after, gate=Gate.CUTOVER)
    return [stop, builder.add("ec2.await_stopped", named, server.at_source, needs=(stop,))]


def _copy(builder: Builder, server: Server, after: Sequence[Step]) -> list[Step]:
    """The image, in the target and ready; the last of these gives it."""
    policy, source, target = server.policy, server.at_source, server.target
    image = builder.add("ec2.create_image", {"instance_id": server.instance_id, "no_reboot": True}, source, needs=after)
    made = of(image, "image_id")
    ready = builder.add("ec2.await_image", {"image_id": made, "devices": list(server.devices)}, source)
    if target == source:
        return [image, ready]
    shared: list[Step] = []
    if target.account_id != source.account_id:
        share = {"with_account": target.account_id}
        shared.append(builder.add("ec2.share_image", {"image_id": made, **share}, source, needs=(ready,)))
        for device in server.devices:
            snapshot = of(ready, f"snapshot {device}")
            shared.append(builder.add("ec2.share_snapshot", {"snapshot_id": snapshot, **share}, source, needs=(ready,)))
    asked = {"image_id": made, "source_region": source.region, **({"kms_key_id": policy.kms_key} if policy.kms_key else {})}
    kept = Reversal.NOTHING if policy.keep_images else None
    copy = builder.add("ec2.copy_image", asked, target, needs=(ready, *shared), reversal=kept)
    copied = builder.add("ec2.await_image", {"image_id": of(copy, "image_id")}, target)
    return [copy, copied]


def _launch(builder: Builder, server: Server, images: Sequence[Step], after: Sequence[Step]) -> list[Step]:
    """The server runs in the target and both its status checks pass; the first of these gives its id, the second its address."""
    policy, target = server.policy, server.target
    kind = str(server.source.spec["InstanceType"])
    asked: dict[str, Any] = {
        "image_id": of(images[0], "image_id"),
        "instance_type": policy.override(server.source.uid).instance_type or policy.instance_types.get(kind, kind),
        "subnet_id": server.subnet_id,
        "group_ids": list(server.group_ids),
        "options": _options(server),
        **_interfaces(server),
    }
    if policy.user_data and server.source.spec.get("UserData"):
        asked["user_data_of"] = {
            "instance_id": server.instance_id,
            "region": server.at_source.region,
            "account_id": server.at_source.account_id,
        }
    launch = builder.add("ec2.run_instance", asked, target, needs=(*images, *after))
    named = {"instance_id": of(launch, "instance_id")}
    places = {"places": [0, *(one.place for one, *_ in server.further)]} if server.further else {}
    running = builder.add("ec2.await_running", {**named, **places}, target)
    forwarding = [
        builder.add("ec2.let_forward", {"interface_id": of(running, f"interface {one.place}")}, target, needs=(running,))
        for one, *_ in server.further
        if one.forwards
    ]
    return [launch, running, builder.add("ec2.await_status_checks", named, target, needs=(running, *forwarding))]


def _interfaces(server: Server) -> dict[str, Any]:
    """What the launch asks of interfaces where there are several; they go with the instance, so that a rollback leaves none behind."""
    if not server.further or server.own is None:
        return {}
    policy, own = server.policy, addresses_asked(server.own.addresses, are_kept=server.policy.same_private_ip)
    address = policy.override(server.source.uid).private_ip
    if address:
        own = {"PrivateIpAddress": address, **addresses_asked(server.own.addresses, are_kept=False)}
    listed = [
        {
            "place": one.place,
            "subnet_id": subnet_id,
            "group_ids": list(group_ids),
            "description": plain_text(one.description),
            "addresses": addresses_asked(one.addresses, are_kept=policy.same_private_ip),
        }
        for one, subnet_id, group_ids in server.further
    ]
    return {"interfaces": listed, "own_addresses": own}


def _options(server: Server) -> dict[str, Any]:
    """What else the launch asks for: settings of the source, mapped."""
    spec, policy = server.source.spec, server.policy
    metadata = {name: spec["MetadataOptions"][name] for name in METADATA if (spec.get("MetadataOptions") or {}).get(name) is not None}
    kept = policy.override(server.source.uid).private_ip or (spec.get("PrivateIpAddress") if policy.same_private_ip else None)
    profile = profile_of(server)
    options = {
        "KeyName": key_pair_of(server) or None,
        "IamInstanceProfile": {"Name": profile} if profile else None,
        "PrivateIpAddress": None if server.further else kept,
        "EbsOptimized": True if spec.get("EbsOptimized") else None,
        "Monitoring": {"Enabled": True} if (spec.get("Monitoring") or {}).get("State") == "enabled" else None,
        "MetadataOptions": metadata or None,
        "BlockDeviceMappings": [{"DeviceName": one, "Ebs": _disk(server, one)} for one in server.devices] or None,
    }
    return {name: value for name, value in options.items() if value is not None}


def _disk(server: Server, device: str) -> dict[str, Any]:
    """A volume's type as at the source, mapped. It goes with the instance until cutover is done: a rollback leaves no volume behind."""
    volume = server.volumes.get(device)
    if volume is None or not volume.spec.get("VolumeType"):
        return {"DeleteOnTermination": True}
    spec, kind = volume.spec, volume.spec["VolumeType"]
    target = server.policy.volume_types.get(kind, kind)
    disk: dict[str, Any] = {"VolumeType": target, "DeleteOnTermination": True}
    if target in ("gp3", "io1", "io2") and kind in ("gp3", "io1", "io2") and spec.get("Iops"):
        disk["Iops"] = int(spec["Iops"])
    if target == kind == "gp3" and spec.get("Throughput"):
        disk["Throughput"] = int(spec["Throughput"])
    return disk


def _cut_over(
    builder: Builder, server: Server, launched: Sequence[Step], after: Sequence[Step], *, address: Step | None, records: Sequence[ReadName]
) -> Step:
    """The last step: what leads to the source leads to the target, and its volumes outlive it where they did at the source."""
    target, named = server.target, {"instance_id": of(launched[0], "instance_id")}
    gate = Gate.CUTOVER if server.source.state != "running" else None
    done: list[Step] = [*after]
    if address is not None:
        bearer = {"interface_id": of(launched[1], "interface 0")} if server.further else {}
        given = {"allocation_id": of(address, "allocation_id"), **named, **bearer}
        done.append(builder.add("ec2.associate_address", given, target, needs=done))
    for arn in server.target_groups:
        register = builder.add("elbv2.register_target", {"target_group_arn": arn, **named}, target, needs=done)
        done.append(builder.add("elbv2.await_target", {"target_group_arn": arn, **named}, target, needs=(register,)))
    for one in records:
        value: Output = of(address, "public_ip") if address and one.name.to == "elastic_ip" else of(launched[1], "private_ip")
        done.append(point_name(builder, server.policy, one, value, after=done, gate=gate))
    outlive = [
        str(one["DeviceName"])
        for one in server.source.spec.get("BlockDeviceMappings") or ()
        if (one.get("Ebs") or {}).get("DeleteOnTermination") is False
    ]
    if outlive:
        done.append(builder.add("ec2.keep_volumes", {"devices": sorted(outlive), **named}, target, needs=done))
    text = by_hand_text(server.source.name or server.source.uid, [one for one, *_ in server.further])
    if text:
        done.append(builder.add("by_hand.confirm", {"text": one_line(text)}, target, needs=done, gate=Gate.BY_HAND, reversal=Reversal.UNDO))
    return done[-1]


def clean_up(builder: Builder, server: Server, after: Sequence[Step]) -> None:
    """The source's end, behind a gate of its own: not a part of the itinerary unless the policy asks for it."""
    named = {"instance_id": server.instance_id}
    builder.add("ec2.terminate_source", named, server.at_source, needs=after, gate=Gate.CLEAN_UP, reversal=Reversal.NO_RETURN)

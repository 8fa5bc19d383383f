"""EC2: what is set on things that are there: shares of images, addresses, what becomes of volumes; and the end of a source."""

from datetime import timedelta
from typing import Any

from cloudmigrate.domain.acts.ec2 import NO_IMAGE, NO_INSTANCE, NO_SNAPSHOT
from cloudmigrate.domain.acts.record import Act, Await, Call, Look, Params, Undo, by_key, quoted, tagged

NO_ADDRESS = frozenset({"InvalidAllocationID.NotFound"})
NO_ASSOCIATION = frozenset({"InvalidAssociationID.NotFound"})
NO_VOLUME = frozenset({"InvalidVolume.NotFound"})
NO_INTERFACE = frozenset({"InvalidNetworkInterfaceID.NotFound"})
ENDED = frozenset({"IncorrectInstanceState"})  # what EC2 says to changes of an instance that is terminated and still shows


def _shared(thing: str, says: str, *, attribute: str, answer: str, absent: frozenset[str]) -> Act:
    """The act that lets another account use an image or a snapshot. *answer*: where DescribeTHINGAttribute lists who may."""
    id_name = f"{thing.lower()}_id"

    def change(kind: str, params: Params) -> Call:
        asked = {f"{thing}Id": params[id_name], "Attribute": attribute, "UserIds": [params["with_account"]]}
        return Call("ec2", f"Modify{thing}Attribute", {**asked, "OperationType": kind})

    return Act(
        f"ec2.share_{thing.lower()}",
        says,
        does=lambda params, key: change("add", params),
        keeps=("with_account",),
        look=lambda params, key: Look(
            Call("ec2", f"Describe{thing}Attribute", {f"{thing}Id": params[id_name], "Attribute": attribute}),
            {"with_account": f"{answer}[?UserId=={quoted(params['with_account'])}].UserId | [0]"},
            absent,
        ),
        undoes=lambda params, outputs: (Undo(change("remove", params), absent),),
        is_repeatable=True,
        takes_dry_run=True,
        family="ec2-images",
    )


SHARE_IMAGE = _shared(
    "Image", "share the image with account {with_account}", attribute="launchPermission", answer="LaunchPermissions", absent=NO_IMAGE
)
SHARE_SNAPSHOT = _shared(
    "Snapshot",
    "share a snapshot with account {with_account}",
    attribute="createVolumePermission",
    answer="CreateVolumePermissions",
    absent=NO_SNAPSHOT,
)
ALLOCATE_ADDRESS = Act(
    "ec2.allocate_address",
    "allocate an elastic address",
    does=lambda params, key: Call("ec2", "AllocateAddress", {"Domain": "vpc", "TagSpecifications": tagged(("elastic-ip",), params, key)}),
    gives={"allocation_id": "AllocationId", "public_ip": "PublicIp"},
    look=lambda params, key: Look(
        Call("ec2", "DescribeAddresses", {"Filters": by_key(key)}),
        {"allocation_id": "Addresses[0].AllocationId", "public_ip": "Addresses[0].PublicIp"},
    ),
    undoes=lambda params, outputs: (
        Undo(
            Call("ec2", "ReleaseAddress", {"AllocationId": outputs["allocation_id"]}),
            NO_ADDRESS,
            not_yet=frozenset({"InvalidIPAddress.InUse"}),
        ),
    ),
    takes_dry_run=True,
    further_actions=("ec2:CreateTags",),
    likely=timedelta(seconds=2),
    family="ec2-network",
)


def _bearer(params: Params) -> dict[str, Any]:
    """Who gets an address: an instance with one interface, else the interface, as EC2 does not choose one of several."""
    return {"NetworkInterfaceId": params["interface_id"]} if params.get("interface_id") else {"InstanceId": params["instance_id"]}


ASSOCIATE_ADDRESS = Act(
    "ec2.associate_address",
    "give {instance_id} the elastic address",
    does=lambda params, key: Call(
        "ec2", "AssociateAddress", {"AllocationId": params["allocation_id"], **_bearer(params), "AllowReassociation": False}
    ),
    gives={"association_id": "AssociationId"},
    look=lambda params, key: Look(
        Call("ec2", "DescribeAddresses", {"AllocationIds": [params["allocation_id"]]}),
        {"association_id": next(f"Addresses[?{name}=={quoted(value)}].AssociationId | [0]" for name, value in _bearer(params).items())},
        NO_ADDRESS,
    ),
    undoes=lambda params, outputs: (
        Undo(Call("ec2", "DisassociateAddress", {"AssociationId": outputs["association_id"]}), NO_ASSOCIATION),
    ),
    is_repeatable=True,  # again for the same instance it is answered with the same association
    takes_dry_run=True,
    exists=frozenset({"Resource.AlreadyAssociated"}),
    not_yet=NO_ADDRESS,
    family="ec2-network",
)


def _kept(params: Params, *, goes: bool) -> Call:
    devices = [{"DeviceName": one, "Ebs": {"DeleteOnTermination": goes}} for one in params["devices"]]
    return Call("ec2", "ModifyInstanceAttribute", {"InstanceId": params["instance_id"], "BlockDeviceMappings": devices})


def _kept_volumes(params: Params, finds: str) -> Look:
    """The instance's id as *finds*, where all the volumes outlive it, and the id of each: volume_0, volume_1 ..., as the devices stand."""
    wanted = " || ".join(f"DeviceName=={quoted(one)}" for one in params["devices"])
    kept = f"BlockDeviceMappings[?({wanted}) && Ebs.DeleteOnTermination==`false`]"
    found = f"Reservations[].Instances[?length({kept}) == `{len(params['devices'])}`][].InstanceId | [0]"
    volumes = {
        f"volume_{number}": f"Reservations[0].Instances[0].BlockDeviceMappings[?DeviceName=={quoted(one)}].Ebs.VolumeId | [0]"
        for number, one in enumerate(params["devices"])
    }
    return Look(Call("ec2", "DescribeInstances", {"InstanceIds": [params["instance_id"]]}), {finds: found, **volumes}, NO_INSTANCE)


def _kept_no_more(params: Params, outputs: Params) -> tuple[Undo, ...]:
    """The volumes go with the instance again; where it is gone already and left them, they are deleted."""
    volumes = [outputs[name] for name in (f"volume_{number}" for number in range(len(params["devices"]))) if name in outputs]
    return (
        Undo(_kept(params, goes=True), NO_INSTANCE | ENDED),
        *(Undo(Call("ec2", "DeleteVolume", {"VolumeId": one}), NO_VOLUME, otherwise=frozenset({"VolumeInUse"})) for one in volumes),
    )


KEEP_VOLUMES = Act(
    "ec2.keep_volumes",
    "let volumes outlive {instance_id}, as at the source",
    does=lambda params, key: _kept(params, goes=False),
    keeps=("instance_id",),
    look=lambda params, key: _kept_volumes(params, "instance_id"),
    awaits=lambda params: Await(
        _kept_volumes(params, "state"), frozenset({params["instance_id"]}), every=timedelta(seconds=5), within=timedelta(minutes=5)
    ),
    undoes=_kept_no_more,
    is_repeatable=True,
    takes_dry_run=True,
    family="ec2-run",
)


def _checked(params: Params, *, is_on: bool) -> Call:
    asked = {"NetworkInterfaceId": params["interface_id"], "SourceDestCheck": {"Value": is_on}}
    return Call("ec2", "ModifyNetworkInterfaceAttribute", asked)


LET_FORWARD = Act(
    "ec2.let_forward",
    "let {interface_id} forward traffic of others, as at the source: its source/destination check is off",
    does=lambda params, key: _checked(params, is_on=False),
    keeps=("interface_id",),
    look=lambda params, key: Look(
        Call("ec2", "DescribeNetworkInterfaces", {"NetworkInterfaceIds": [params["interface_id"]]}),
        {"interface_id": "NetworkInterfaces[?SourceDestCheck==`false`].NetworkInterfaceId | [0]"},
        NO_INTERFACE,
    ),
    undoes=lambda params, outputs: (Undo(_checked(params, is_on=True), NO_INTERFACE),),
    is_repeatable=True,
    takes_dry_run=True,
    not_yet=NO_INTERFACE,
    family="ec2-network",
)


def _gone(params: Params, key: str) -> Look:
    asked: dict[str, Any] = {"InstanceIds": [params["instance_id"]]}
    asked["Filters"] = [{"Name": "instance-state-name", "Values": ["shutting-down", "terminated"]}]
    return Look(Call("ec2", "DescribeInstances", asked), {"instance_id": "Reservations[0].Instances[0].InstanceId"})


TERMINATE_SOURCE = Act(
    "ec2.terminate_source",
    "terminate the source {instance_id}: it cannot be had back",
    does=lambda params, key: Call("ec2", "TerminateInstances", {"InstanceIds": [params["instance_id"]]}),
    gives={"instance_id": "TerminatingInstances[0].InstanceId"},
    look=_gone,
    is_repeatable=True,
    takes_dry_run=True,
    likely=timedelta(minutes=1),
    family="ec2-run",
)
CHECK_RUNNING = Act(
    "ec2.check_source",
    "see that the source {instance_id} runs",
    awaits=lambda params: Await(
        Look(
            Call("ec2", "DescribeInstances", {"InstanceIds": [params["instance_id"]]}), {"state": "Reservations[0].Instances[0].State.Name"}
        ),
        frozenset({"running"}),
        within=timedelta(0),
        advice="start it, or scan and plan anew: what the plan was made for runs no more",
    ),
)
CHECK_KEY_PAIR = Act(
    "ec2.check_key_pair",
    "see that the target has key pair {key_name}",
    awaits=lambda params: Await(
        Look(
            Call("ec2", "DescribeKeyPairs", {"KeyNames": [params["key_name"]]}),
            {"state": "KeyPairs[0].KeyName"},
            frozenset({"InvalidKeyPair.NotFound"}),
        ),
        frozenset({params["key_name"]}),
        frozenset({None}),
        within=timedelta(0),
        advice="import the key pair there, or map its name in targets.key_pairs",
    ),
)
CHECK_PROFILE = Act(
    "iam.check_instance_profile",
    "see that the target has instance profile {profile}",
    awaits=lambda params: Await(
        Look(
            Call("iam", "GetInstanceProfile", {"InstanceProfileName": params["profile"]}, region="global"),
            {"state": "InstanceProfile.InstanceProfileName"},
            frozenset({"NoSuchEntity"}),
        ),
        frozenset({params["profile"]}),
        frozenset({None}),
        within=timedelta(0),
        advice="create the instance profile there, or map its name in targets.instance_profiles",
    ),
)

ACTS = (
    SHARE_IMAGE,
    SHARE_SNAPSHOT,
    ALLOCATE_ADDRESS,
    ASSOCIATE_ADDRESS,
    KEEP_VOLUMES,
    LET_FORWARD,
    TERMINATE_SOURCE,
    CHECK_RUNNING,
    CHECK_KEY_PAIR,
    CHECK_PROFILE,
)

"""EC2: images, security groups, instances. Source: the EC2 API reference, "Actions" and "Error codes"."""

import base64
from datetime import timedelta
from typing import Any

from cloudmigrate.domain.acts.launches import interface_params
from cloudmigrate.domain.acts.record import Act, Await, Call, Look, Params, Undo, by_key, quoted, tagged

NO_IMAGE = frozenset({"InvalidAMIID.NotFound", "InvalidAMIID.Unavailable"})
NO_INSTANCE = frozenset({"InvalidInstanceID.NotFound"})
NO_GROUP = frozenset({"InvalidGroup.NotFound", "InvalidGroupId.Malformed"})
NO_SNAPSHOT = frozenset({"InvalidSnapshot.NotFound"})


def _images(**params: Any) -> Call:
    return Call("ec2", "DescribeImages", {"Owners": ["self"], **params})


def _instances(instance_id: str) -> Call:
    return Call("ec2", "DescribeInstances", {"InstanceIds": [instance_id]})


def _image_found(params: Params) -> dict[str, str]:
    """The state, and the snapshot of each device that the step asks for: ``snapshot /dev/sda1``."""
    snapshot = "Images[0].BlockDeviceMappings[?DeviceName=={}].Ebs.SnapshotId | [0]"
    return {"state": "Images[0].State", **{f"snapshot {one}": snapshot.format(quoted(one)) for one in params.get("devices", ())}}


def _image_undone(params: Params, outputs: Params) -> tuple[Undo, ...]:
    return (Undo(Call("ec2", "DeregisterImage", {"ImageId": outputs["image_id"], "DeleteAssociatedSnapshots": True}), NO_IMAGE),)


CREATE_IMAGE = Act(
    "ec2.create_image",
    "make an image of {instance_id}",
    does=lambda params, key: Call(
        "ec2",
        "CreateImage",
        {
            "InstanceId": params["instance_id"],
            "Name": f"cloudmigrate-{key}",
            "NoReboot": params["no_reboot"],
            "TagSpecifications": tagged(("image", "snapshot"), params, key),
        },
    ),
    gives={"image_id": "ImageId"},
    look=lambda params, key: Look(
        _images(Filters=[{"Name": "name", "Values": [f"cloudmigrate-{key}"]}]), {"image_id": "Images[0].ImageId"}
    ),
    undoes=_image_undone,
    exists=frozenset({"InvalidAMIName.Duplicate"}),  # its name is unique: a second request is refused, and looked for then
    takes_dry_run=True,
    further_actions=("ec2:CreateTags", "ec2:CreateSnapshot", "ec2:DeleteSnapshot"),  # the undo deletes its snapshots
    likely=timedelta(seconds=10),
    family="ec2-images",
)
AWAIT_IMAGE = Act(
    "ec2.await_image",
    "wait until the image is available",
    awaits=lambda params: Await(
        Look(
            _images(ImageIds=[params["image_id"]]),
            _image_found(params),
            NO_IMAGE,
        ),
        frozenset({"available"}),
        frozenset({"failed", "error", "invalid", "deregistered"}),
        every=timedelta(seconds=30),
        within=timedelta(hours=24),
    ),
    likely=timedelta(minutes=20),
)
COPY_IMAGE = Act(
    "ec2.copy_image",
    "copy the image to {region}",
    does=lambda params, key: Call(
        "ec2",
        "CopyImage",
        {
            "SourceImageId": params["image_id"],
            "SourceRegion": params["source_region"],
            "Name": f"cloudmigrate-{key}",
            "ClientToken": key,
            **({"Encrypted": True, "KmsKeyId": params["kms_key_id"]} if params.get("kms_key_id") else {}),
            "TagSpecifications": tagged(("image", "snapshot"), params, key),
        },
    ),
    gives={"image_id": "ImageId"},
    look=lambda params, key: Look(
        _images(Filters=[{"Name": "name", "Values": [f"cloudmigrate-{key}"]}]), {"image_id": "Images[0].ImageId"}
    ),
    undoes=_image_undone,
    is_repeatable=True,
    takes_dry_run=True,
    not_yet=NO_IMAGE,
    further_actions=("ec2:CreateTags", "ec2:CopySnapshot", "ec2:DeleteSnapshot"),
    likely=timedelta(seconds=10),
    family="ec2-images",
)
CREATE_GROUP = Act(
    "ec2.create_security_group",
    "create security group {name} in {vpc_id}",
    does=lambda params, key: Call(
        "ec2",
        "CreateSecurityGroup",
        {
            "GroupName": params["name"],
            "Description": params["description"],
            "VpcId": params["vpc_id"],
            "TagSpecifications": tagged(("security-group",), params, key),
        },
    ),
    gives={"group_id": "GroupId"},
    look=lambda params, key: Look(
        Call("ec2", "DescribeSecurityGroups", {"Filters": by_key(key)}), {"group_id": "SecurityGroups[0].GroupId"}
    ),
    undoes=lambda params, outputs: (
        Undo(
            Call("ec2", "DeleteSecurityGroup", {"GroupId": outputs["group_id"]}),
            NO_GROUP,
            not_yet=frozenset({"DependencyViolation", "InvalidGroup.InUse"}),
        ),
    ),
    takes_dry_run=True,
    exists=frozenset({"InvalidGroup.Duplicate"}),
    further_actions=("ec2:CreateTags",),
    family="ec2-network",
)


def _user_data(params: Params) -> Look | None:
    """The source's start script: it may hold secrets, so it goes from server to server and stays nowhere."""
    source = params.get("user_data_of")
    if not source:
        return None
    asked = {"InstanceId": source["instance_id"], "Attribute": "userData"}
    call = Call("ec2", "DescribeInstanceAttribute", asked, region=source["region"], account_id=source["account_id"])
    return Look(call, {"user_data": "not_null(UserData.Value, '')"})


RUN_INSTANCE = Act(
    "ec2.run_instance",
    "launch a {instance_type} in {subnet_id}",
    does=lambda params, key: Call(
        "ec2",
        "RunInstances",
        {
            "ImageId": params["image_id"],
            "InstanceType": params["instance_type"],
            "MinCount": 1,
            "MaxCount": 1,
            **interface_params(params),
            "ClientToken": key,
            "MetadataOptions": {"HttpTokens": "required", "HttpEndpoint": "enabled"},
            **({"UserData": base64.b64decode(params["user_data"])} if params.get("user_data") else {}),
            **params.get("options", {}),
            "TagSpecifications": tagged(("instance", "volume", "network-interface"), params, key),
        },
    ),
    gives={"instance_id": "Instances[0].InstanceId"},
    reads=_user_data,
    look=lambda params, key: Look(
        Call(
            "ec2",
            "DescribeInstances",
            {"Filters": [*by_key(key), {"Name": "instance-state-name", "Values": ["pending", "running", "stopping", "stopped"]}]},
        ),
        {"instance_id": "Reservations[0].Instances[0].InstanceId"},
    ),
    undoes=lambda params, outputs: (
        Undo(
            Call("ec2", "TerminateInstances", {"InstanceIds": [outputs["instance_id"]]}),
            NO_INSTANCE,
            gone=Await(
                Look(_instances(outputs["instance_id"]), {"state": "Reservations[0].Instances[0].State.Name"}, NO_INSTANCE),
                frozenset({"terminated"}),
                within=timedelta(minutes=15),
                or_gone=True,
            ),
        ),
    ),
    is_repeatable=True,
    takes_dry_run=True,
    not_yet=NO_IMAGE | NO_GROUP,
    further_actions=("ec2:CreateTags", "iam:PassRole"),  # tags on launch, and the role of an instance profile
    likely=timedelta(seconds=30),
    family="ec2-run",
    holds_writes=True,
)


def _interface_at(place: int) -> str:
    """Where an instance's description tells the id of its interface at that place."""
    return f"Reservations[0].Instances[0].NetworkInterfaces[?Attachment.DeviceIndex==`{place}`].NetworkInterfaceId | [0]"


def _in_state(state: str, *failing: str) -> Any:
    def awaited(params: Params) -> Await:
        found = {
            "state": "Reservations[0].Instances[0].State.Name",
            "private_ip": "Reservations[0].Instances[0].PrivateIpAddress",
            **{f"interface {place}": _interface_at(place) for place in params.get("places", ())},
        }
        look = Look(_instances(params["instance_id"]), found, NO_INSTANCE)  # one that was launched just now does not show yet
        return Await(look, frozenset({state}), frozenset(failing), within=timedelta(minutes=30))

    return awaited


AWAIT_RUNNING = Act(
    "ec2.await_running",
    "wait until {instance_id} runs",
    awaits=_in_state("running", "terminated", "shutting-down", "stopped"),
    likely=timedelta(minutes=1),
)
AWAIT_HEALTHY = Act(
    "ec2.await_status_checks",
    "wait for both status checks of {instance_id}",
    awaits=lambda params: Await(
        Look(
            Call("ec2", "DescribeInstanceStatus", {"InstanceIds": [params["instance_id"]]}),
            {"state": "join('/', InstanceStatuses[0].[InstanceStatus.Status, SystemStatus.Status])"},
        ),
        frozenset({"ok/ok"}),
        within=timedelta(minutes=30),
    ),
    likely=timedelta(minutes=4),
)
STOP_SOURCE = Act(
    "ec2.stop_source",
    "stop the source {instance_id}",
    does=lambda params, key: Call("ec2", "StopInstances", {"InstanceIds": [params["instance_id"]]}),
    gives={"instance_id": "StoppingInstances[0].InstanceId"},
    # Stopped by whomever: this step wants it stopped, and undone it runs again, as it did before.
    look=lambda params, key: Look(
        Call(
            "ec2",
            "DescribeInstances",
            {
                "InstanceIds": [params["instance_id"]],
                "Filters": [{"Name": "instance-state-name", "Values": ["stopping", "stopped"]}],
            },
        ),
        {"instance_id": "Reservations[0].Instances[0].InstanceId"},
    ),
    undoes=lambda params, outputs: (
        Undo(
            Call("ec2", "StartInstances", {"InstanceIds": [params["instance_id"]]}),
            not_yet=frozenset({"IncorrectInstanceState"}),
            gone=_in_state("running", "terminated", "shutting-down")(params),
        ),
    ),
    is_repeatable=True,
    takes_dry_run=True,
    likely=timedelta(minutes=1),
    family="ec2-run",
)
AWAIT_STOPPED = Act(
    "ec2.await_stopped",
    "wait until the source {instance_id} is stopped",
    awaits=_in_state("stopped", "terminated"),
    likely=timedelta(minutes=2),
)

ACTS = (CREATE_IMAGE, AWAIT_IMAGE, COPY_IMAGE, CREATE_GROUP, RUN_INSTANCE, AWAIT_RUNNING, AWAIT_HEALTHY, STOP_SOURCE, AWAIT_STOPPED)

"""What is retired stands still for some days, is watched for callers, and goes. Source: API references of EC2 and CloudWatch Logs."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from cloudmigrate.domain.acts.ec2 import NO_IMAGE, NO_INSTANCE, NO_SNAPSHOT
from cloudmigrate.domain.acts.record import Act, Await, Call, Look, Params, Rest, Undo, by_key, quoted, tagged

TOMBSTONE = "cloudmigrate:tombstone"  # the tag of what stands still until it is deleted
NO_VOLUME = frozenset({"InvalidVolume.NotFound"})
NO_LOG_GROUP = frozenset({"ResourceNotFoundException"})
LATE_RECORDS = timedelta(minutes=15)  # flow logs of the minutes before the stop are delivered after it: windows of up to 10 minutes
REVIVED = "somebody needs it: let it run, and retain it in the plan; or find the caller, and retire it anew"


def _marked(params: Params, key: str) -> list[dict[str, str]]:
    return [{"Key": TOMBSTONE, "Value": key}]


MARK = Act(
    "retire.mark",
    "mark {resource_id} as standing still until it is deleted",
    does=lambda params, key: Call("ec2", "CreateTags", {"Resources": [params["resource_id"]], "Tags": _marked(params, key)}),
    keeps=("resource_id",),
    look=lambda params, key: Look(
        Call(
            "ec2",
            "DescribeTags",
            {
                "Filters": [
                    {"Name": "resource-id", "Values": [params["resource_id"]]},
                    {"Name": "key", "Values": [TOMBSTONE]},
                    {"Name": "value", "Values": [key]},
                ]
            },
        ),
        {"resource_id": "Tags[0].ResourceId"},
    ),
    undoes=lambda params, outputs: (
        Undo(Call("ec2", "DeleteTags", {"Resources": [params["resource_id"]], "Tags": [{"Key": TOMBSTONE}]}), NO_INSTANCE | NO_VOLUME),
    ),
    is_repeatable=True,
    takes_dry_run=True,
    likely=timedelta(seconds=2),
    family="ec2-run",
)
AWAIT_LAST_IMAGE = Act(
    "retire.await_last_image",
    "wait until the last image of it is available",
    awaits=lambda params: Await(
        Look(
            Call("ec2", "DescribeImages", {"Owners": ["self"], "ImageIds": [params["image_id"]]}),
            {"state": "Images[0].State", "since": "Images[0].CreationDate"},
            NO_IMAGE,
        ),
        frozenset({"available"}),
        frozenset({"failed", "error", "invalid", "deregistered"}),
        every=timedelta(seconds=30),
        within=timedelta(hours=24),
    ),
    likely=timedelta(minutes=20),
)


def _server_contacts(params: Params) -> Any:
    def contacts(since: datetime, now: datetime) -> tuple[Look, ...]:
        return tuple(_started(params)) + tuple(_logged(params, since, now))

    return contacts


def _started(params: Params) -> Iterator[Look]:
    running = [{"Name": "instance-state-name", "Values": ["pending", "running"]}]
    call = Call("ec2", "DescribeInstances", {"InstanceIds": [params["instance_id"]], "Filters": running})
    state = "Reservations[0].Instances[0].State.Name"
    yield Look(call, {"contact": f"{state} && join(' ', ['somebody started it, it is', {state}])"}, NO_INSTANCE)


def _logged(params: Params, since: datetime, now: datetime) -> Iterator[Look]:
    """A look into each flow log of its network, for each address of it."""
    begun = since + LATE_RECORDS
    if now <= begun:
        return
    for group in params["log_groups"]:
        for address in params["private_ips"]:
            asked = {
                "logGroupName": group,
                "startTime": int(begun.timestamp() * 1000),
                "endTime": int(now.timestamp() * 1000),
                "filterPattern": f'"{address}"',
            }
            line = f"events[?contains(message, {quoted(f' {address} ')})].message | [0]"
            yield Look(Call("logs", "FilterLogEvents", asked), {"contact": line}, NO_LOG_GROUP)


REST_SERVER = Act(
    "retire.rest_server",
    "let {instance_id} stand still for {days} days, and see that nobody starts it or sends to it ({watched})",
    rests=lambda params: Rest(params["since"], timedelta(days=params["days"]), _server_contacts(params), REVIVED),
)
AWAIT_TERMINATED = Act(
    "retire.await_terminated",
    "wait until {instance_id} is gone",
    awaits=lambda params: Await(
        Look(
            Call("ec2", "DescribeInstances", {"InstanceIds": [params["instance_id"]]}),
            {"state": "Reservations[0].Instances[0].State.Name"},
            NO_INSTANCE,
        ),
        frozenset({"terminated"}),
        within=timedelta(minutes=30),
        or_gone=True,
    ),
    likely=timedelta(minutes=1),
)
CHECK_UNATTACHED = Act(
    "retire.check_unattached",
    "see that volume {volume_id} is attached to nothing",
    awaits=lambda params: Await(
        Look(Call("ec2", "DescribeVolumes", {"VolumeIds": [params["volume_id"]]}), {"state": "Volumes[0].State"}),
        frozenset({"available"}),
        within=timedelta(0),
        advice="a server uses it: retire the server, or scan and plan anew",
    ),
)
CREATE_SNAPSHOT = Act(
    "retire.create_snapshot",
    "make the last snapshot of {volume_id}",
    does=lambda params, key: Call(
        "ec2", "CreateSnapshot", {"VolumeId": params["volume_id"], "TagSpecifications": tagged(("snapshot",), params, key)}
    ),
    gives={"snapshot_id": "SnapshotId"},
    look=lambda params, key: Look(
        Call("ec2", "DescribeSnapshots", {"OwnerIds": ["self"], "Filters": by_key(key)}), {"snapshot_id": "Snapshots[0].SnapshotId"}
    ),
    undoes=lambda params, outputs: (Undo(Call("ec2", "DeleteSnapshot", {"SnapshotId": outputs["snapshot_id"]}), NO_SNAPSHOT),),
    takes_dry_run=True,
    further_actions=("ec2:CreateTags",),
    likely=timedelta(seconds=10),
    family="ec2-images",
)
AWAIT_SNAPSHOT = Act(
    "retire.await_snapshot",
    "wait until the last snapshot is complete",
    awaits=lambda params: Await(
        Look(
            Call("ec2", "DescribeSnapshots", {"SnapshotIds": [params["snapshot_id"]]}),
            {"state": "Snapshots[0].State", "since": "Snapshots[0].StartTime"},
            NO_SNAPSHOT,
        ),
        frozenset({"completed"}),
        frozenset({"error"}),
        every=timedelta(seconds=30),
        within=timedelta(hours=24),
    ),
    likely=timedelta(minutes=20),
)


def _attached(params: Params) -> Any:
    state = "(Volumes[?State!='available'] | [0].State)"
    look = Look(
        Call("ec2", "DescribeVolumes", {"VolumeIds": [params["volume_id"]]}),
        {"contact": f"{state} && join(' ', ['somebody attached it, it is', {state}])"},
        NO_VOLUME,
    )
    return lambda since, now: (look,)


REST_VOLUME = Act(
    "retire.rest_volume",
    "let volume {volume_id} lie for {days} days, and see that nobody attaches it",
    rests=lambda params: Rest(params["since"], timedelta(days=params["days"]), _attached(params), REVIVED),
)


def _volume_gone(params: Params, key: str) -> Look:
    asked = {"Filters": [{"Name": "volume-id", "Values": [params["volume_id"]]}]}
    left = "length(Volumes[?State!='deleting'])"
    return Look(Call("ec2", "DescribeVolumes", asked), {"volume_id": f"({left} == `0` && {quoted(params['volume_id'])}) || `null`"})


DELETE_VOLUME = Act(
    "retire.delete_volume",
    "delete volume {volume_id}: only its snapshot is left",
    does=lambda params, key: Call("ec2", "DeleteVolume", {"VolumeId": params["volume_id"]}),
    keeps=("volume_id",),
    look=_volume_gone,
    exists=NO_VOLUME,  # gone: seen by the look
    not_yet=frozenset({"VolumeInUse"}),  # its server still goes
    takes_dry_run=True,
    likely=timedelta(seconds=5),
    family="ec2-run",
)

ACTS = (
    MARK,
    AWAIT_LAST_IMAGE,
    REST_SERVER,
    AWAIT_TERMINATED,
    CHECK_UNATTACHED,
    CREATE_SNAPSHOT,
    AWAIT_SNAPSHOT,
    REST_VOLUME,
    DELETE_VOLUME,
)

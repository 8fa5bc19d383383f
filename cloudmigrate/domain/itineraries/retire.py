"""What is retired: stopped, kept in a last copy, watched for callers while it stands still, and deleted behind the point of no return."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cloudmigrate.domain.acts.ec2 import AWAIT_STOPPED
from cloudmigrate.domain.itineraries.building import Builder, Place, of
from cloudmigrate.domain.itineraries.record import Itinerary, Move
from cloudmigrate.domain.resources import Resource
from cloudmigrate.domain.retirements import DATABASE, SERVER, TYPES, VOLUME
from cloudmigrate.domain.steps import Gate, Reversal, Step
from cloudmigrate.domain.strategies import Strategy

FLOW_LOG = "AWS::EC2::FlowLog"
UNWATCHED = "no flow log of its network goes to CloudWatch Logs, so only a start shows"
MOST_GROUPS = 5


def hinders(move: Move) -> str:
    """Why a person has to retire it; empty if this does."""
    return _HINDERS[move.source.type](move.source)


def _server_hinders(source: Resource) -> str:
    spec = source.spec
    reasons = (
        (spec.get("RootDeviceType", "ebs") != "ebs", "its root device is an instance store, which a stop would lose"),
        (bool(spec.get("InstanceLifecycle")), f"it is a {spec.get('InstanceLifecycle')} instance"),
        ("aws:autoscaling:groupName" in source.tags, "an Auto Scaling group made it and would replace it: set the group to zero"),
        (source.state not in ("running", "stopped"), f"it is {source.state}"),
    )
    return next((why for holds, why in reasons if holds), "")


def _database_hinders(source: Resource) -> str:
    spec = source.spec
    engine = str(spec.get("Engine", ""))
    reasons = (
        (bool(spec.get("DBClusterIdentifier")) or engine.startswith("aurora"), "it is a member of a cluster, which stops as a whole"),
        (bool(spec.get("ReadReplicaSourceDBInstanceIdentifier")), "it is a read replica, which cannot be stopped"),
        (bool(spec.get("ReadReplicaDBInstanceIdentifiers")), "it has read replicas: retire these first"),
        (engine.startswith("sqlserver") and bool(spec.get("MultiAZ")), "SQL Server in several zones cannot be stopped"),
        (bool(spec.get("DeletionProtection")), "its deletion protection is on: somebody wanted it kept"),
        (source.state != "available", f"it is {source.state or 'in no known state'}"),
    )
    return next((why for holds, why in reasons if holds), "")


def _volume_hinders(source: Resource) -> str:
    servers = [str(one.get("InstanceId")) for one in source.spec.get("Attachments") or ()]
    return f"it is attached to {servers[0]}: retire that" if servers else ""


_HINDERS: Mapping[str, Callable[[Resource], str]] = {SERVER: _server_hinders, DATABASE: _database_hinders, VOLUME: _volume_hinders}


def steps(builder: Builder, move: Move) -> Step:
    """The last step after which it stands still, with a copy of what it holds: all of it can be taken back."""
    return _STEPS[move.source.type](builder, move)


def _server_steps(builder: Builder, move: Move) -> Step:
    source, at = move.source, move.at_source
    named = {"instance_id": str(source.spec["InstanceId"])}
    needs: list[Step] = []
    if source.state == "running":
        check = builder.add("ec2.check_source", named, at)
        stop = builder.add("ec2.stop_source", named, at, needs=(check,), gate=Gate.CUTOVER)
        needs = [builder.add(AWAIT_STOPPED.name, named, at, needs=(stop,))]
    image = builder.add("ec2.create_image", {**named, "no_reboot": True}, at, needs=needs)
    ready = builder.add("retire.await_last_image", {"image_id": of(image, "image_id")}, at)
    return builder.add("retire.mark", {"resource_id": named["instance_id"]}, at, needs=(ready,))


def _database_steps(builder: Builder, move: Move) -> Step:
    source, at = move.source, move.at_source
    named = {"db_instance_id": str(source.spec["DBInstanceIdentifier"])}
    snapshot = {"snapshot_id": snapshot_name(builder)}
    check = builder.add("retire.check_database", named, at)
    stop = builder.add("retire.stop_database", {**named, **snapshot}, at, needs=(check,), gate=Gate.CUTOVER)
    stopped = builder.add("retire.await_database_stopped", named, at, needs=(stop,))
    ready = builder.add("retire.await_last_snapshot", snapshot, at, needs=(stopped,))
    kept = builder.add("retire.mark_database", {"arn": of(ready, "snapshot_arn")}, at)
    return builder.add("retire.mark_database", {"arn": source.uid}, at, needs=(kept,))


def snapshot_name(builder: Builder) -> str:
    """The name of a database's last snapshot: the same each time that the plan is compiled, and no other plan's."""
    text = f"{builder.marks.get('plan')}\n{builder.marks.get('wave')}\n{builder.uid}"
    return f"cloudmigrate-last-{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


def _volume_steps(builder: Builder, move: Move) -> Step:
    at, named = move.at_source, {"volume_id": str(move.source.spec["VolumeId"])}
    check = builder.add("retire.check_unattached", named, at)
    snapshot = builder.add("retire.create_snapshot", named, at, needs=(check,))
    ready = builder.add("retire.await_snapshot", {"snapshot_id": of(snapshot, "snapshot_id")}, at)
    return builder.add("retire.mark", {"resource_id": named["volume_id"]}, at, needs=(ready,))


_STEPS: Mapping[str, Callable[[Builder, Move], Step]] = {SERVER: _server_steps, DATABASE: _database_steps, VOLUME: _volume_steps}


def delete(builder: Builder, move: Move, after: Sequence[Step]) -> None:
    """Its rest, in which nobody must call it, and its end behind the gate of the point of no return."""
    days = {"days": move.policy.retire_after_days}
    _DELETES[move.source.type](builder, move, after, days)


def _server_deleted(builder: Builder, move: Move, after: Sequence[Step], days: Mapping[str, Any]) -> None:
    source, at = move.source, move.at_source
    named = {"instance_id": str(source.spec["InstanceId"])}
    groups = flow_log_groups(move)
    watched = {
        "private_ips": sorted(source.private_ips),
        "log_groups": groups,
        "watched": f"flow logs in {', '.join(groups)}" if groups else UNWATCHED,
    }
    asked = {**named, **days, **watched, "since": of(_given_by(builder, "retire.await_last_image"), "since")}
    rest = builder.add("retire.rest_server", asked, at, needs=after)
    gone = _without_return(builder, "ec2.terminate_source", named, at, rest)
    awaited = builder.add("retire.await_terminated", named, at, needs=(gone,))
    for volume_id in _outliving(source):
        _without_return(builder, "retire.delete_volume", {"volume_id": volume_id}, at, awaited)


def _database_deleted(builder: Builder, move: Move, after: Sequence[Step], days: Mapping[str, Any]) -> None:
    at, named = move.at_source, {"db_instance_id": str(move.source.spec["DBInstanceIdentifier"])}
    asked = {**named, **days, "since": of(_given_by(builder, "retire.await_last_snapshot"), "since")}
    rest = builder.add("retire.rest_database", asked, at, needs=after)
    gone = _without_return(builder, "retire.delete_database", named, at, rest)
    builder.add("retire.await_database_deleted", named, at, needs=(gone,))


def _volume_deleted(builder: Builder, move: Move, after: Sequence[Step], days: Mapping[str, Any]) -> None:
    at, named = move.at_source, {"volume_id": str(move.source.spec["VolumeId"])}
    asked = {**named, **days, "since": of(_given_by(builder, "retire.await_snapshot"), "since")}
    rest = builder.add("retire.rest_volume", asked, at, needs=after)
    _without_return(builder, "retire.delete_volume", named, at, rest)


_DELETES: Mapping[str, Callable[[Builder, Move, Sequence[Step], Mapping[str, Any]], None]] = {
    SERVER: _server_deleted,
    DATABASE: _database_deleted,
    VOLUME: _volume_deleted,
}


def _without_return(builder: Builder, act: str, params: Mapping[str, Any], at: Place, after: Step) -> Step:
    return builder.add(act, params, at, needs=(after,), gate=Gate.NO_RETURN, reversal=Reversal.NO_RETURN)


def _given_by(builder: Builder, act: str) -> Step:
    return next(one for one in builder.steps if one.act == act)


def _outliving(source: Resource) -> list[str]:
    """Volumes that would stay without the server; its last image has a snapshot of each."""
    disks = [one.get("Ebs") or {} for one in source.spec.get("BlockDeviceMappings") or ()]
    return sorted(str(one["VolumeId"]) for one in disks if one.get("DeleteOnTermination") is False and one.get("VolumeId"))


def flow_log_groups(move: Move) -> list[str]:
    """Log groups that get the flow logs of its network, as far as these are in the inventory; a few are enough to see a caller."""
    spec = move.source.spec
    network = {str(spec.get("VpcId")), str(spec.get("SubnetId"))}
    network |= {str(one.get("NetworkInterfaceId")) for one in spec.get("NetworkInterfaces") or ()}
    found = {
        str(one.spec["LogGroupName"])
        for one in move.inventory.values()
        if one.type == FLOW_LOG
        and (one.account_id, one.region) == (move.source.account_id, move.source.region)
        and str(one.spec.get("ResourceId")) in network
        and one.spec.get("LogGroupName")
    }
    return sorted(found)[:MOST_GROUPS]


ITINERARY = Itinerary("retire", TYPES, frozenset({Strategy.RETIRE}), steps, hinders=hinders, clean_up=delete, ends_source=True)

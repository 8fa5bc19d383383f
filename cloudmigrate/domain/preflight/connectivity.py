"""Connectivity: whether what was seen to talk with a server is still let through once the server is in its target.

The wave's servers are put into the inventory as they will be, with the security groups that the steps make, and the rules of both ends,
the routes and the network ACLs are judged as `cloudmigrate.domain.reachability` judges them. Of configuration only: no packet is sent.
Reachability Analyzer is not asked: it writes (it makes a path and an analysis).
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cloudmigrate.domain.acts.ec2_groups import EVERYTHING
from cloudmigrate.domain.acts.launches import Launched, launched_interfaces
from cloudmigrate.domain.counting import counted
from cloudmigrate.domain.explaining import Explained, Later
from cloudmigrate.domain.preflight.names import CheckName
from cloudmigrate.domain.preflight.questions import WaveFacts, failed, listed, passed, unknown
from cloudmigrate.domain.preflight.record import Check
from cloudmigrate.domain.protocols import protocol_name
from cloudmigrate.domain.reachability import Allowed, Pair
from cloudmigrate.domain.resources import Resource
from cloudmigrate.domain.verdict import NO, UNKNOWN, YES

NAME = CheckName.CONNECTIVITY
GROUP, INTERFACE = "AWS::EC2::SecurityGroup", "AWS::EC2::NetworkInterface"
DOCUMENTATION = "203.0.113.1"  # RFC 5737: stands for the elastic address that a server will have


@dataclass(frozen=True, slots=True)
class Judged:
    """One pair that was seen to talk, by the rules of now and by those after the move."""

    pair: Pair
    before: Allowed
    after: Allowed


def moved_servers(wave: WaveFacts) -> dict[str, Explained]:
    """uid -> the step that launches it in the target."""
    return {one.step.uid: one for one, *_ in wave.calls("ec2", "RunInstances")}


def after_move(resources: Iterable[Resource], wave: WaveFacts) -> list[Resource]:
    """The inventory as it will be: servers in their targets, with cloned groups; their old interfaces gone."""
    held = list(resources)
    subnets = {str(one.spec.get("SubnetId")): one for one in held if one.type == "AWS::EC2::Subnet"}
    addressed = {step.step.uid for step, *_ in wave.calls("ec2", "AllocateAddress")}
    launched = {}
    for step, account_id, region, call in wave.calls("ec2", "RunInstances"):
        first, *further = (_interface(one, subnets) for one in launched_interfaces(call.params))
        public = DOCUMENTATION if step.step.uid in addressed else None
        spec = {**first, "SecurityGroups": first["Groups"], "PublicIpAddress": public}
        if further:
            spec["NetworkInterfaces"] = [{**first, "Association": {"PublicIp": public}}, *further]
        launched[step.step.uid] = (account_id, region, spec)
    old = {str(one.spec.get("InstanceId")) for one in held if one.uid in launched}
    found = []
    for one in held:
        if one.type == INTERFACE and str((one.spec.get("Attachment") or {}).get("InstanceId")) in old:
            continue
        if one.uid in launched:
            account_id, region, spec = launched[one.uid]
            kept = {name: one.spec.get(name) for name in ("InstanceId", "Platform", "PlatformDetails")}
            found.append(replace(one, account_id=account_id, region=region, spec={**kept, **spec}, private_ips=()))
        else:
            found.append(one)
    return [*found, *_clones(wave)]


def _interface(made: Launched, subnets: Mapping[str, Resource]) -> dict[str, Any]:
    """An interface as it will be described."""
    subnet = subnets.get(str(made.subnet_id))
    return {
        "SubnetId": str(made.subnet_id),
        "VpcId": str(subnet.spec.get("VpcId")) if subnet else "",
        "Groups": [{"GroupId": _id(group)} for group in made.group_ids],
        "PrivateIpAddress": made.addresses[0] if made.addresses else None,
        "PrivateIpAddresses": [{"PrivateIpAddress": one} for one in made.addresses],
    }


def _clones(wave: WaveFacts) -> Iterator[Resource]:
    """The security groups that the steps make, with their rules."""
    rules: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for direction in ("Ingress", "Egress"):
        for _, _, _, call in wave.calls("ec2", f"AuthorizeSecurityGroup{direction}"):
            rules[_id(call.params["GroupId"]), direction] += [_with_ids(one) for one in call.params["IpPermissions"]]
    closed = {_id(call.params["GroupId"]) for _, _, _, call in wave.calls("ec2", "RevokeSecurityGroupEgress")}
    for one, account_id, region, call in wave.calls("ec2", "CreateSecurityGroup"):
        group_id = _id(_given_by(one))
        outside = rules[group_id, "Egress"] + ([] if group_id in closed else [EVERYTHING])
        spec = {"GroupId": group_id, "GroupName": call.params["GroupName"], "VpcId": call.params["VpcId"]}
        spec |= {"IpPermissions": rules[group_id, "Ingress"], "IpPermissionsEgress": outside}
        uid = f"arn:aws:ec2:{region}:{account_id}:security-group/{group_id}"
        yield Resource(uid, "aws", account_id, region, GROUP, str(call.params["GroupName"]), "", {}, spec, stateful=False)


def _given_by(one: Explained) -> Later:
    """The id of the group that a step makes, as other steps name it."""
    return Later(f"<group_id of {one.step.step_id}>")


def _id(group: Any) -> str:
    """The id of a group; of one that is not there yet a stand-in, in the form that ids have."""
    return f"sg-{hashlib.sha256(str(group).encode()).hexdigest()[:17]}" if isinstance(group, Later) else str(group)


def _with_ids(permission: Mapping[str, Any]) -> dict[str, Any]:
    pairs = [{**one, "GroupId": _id(one.get("GroupId"))} for one in permission.get("UserIdGroupPairs") or ()]
    return {**permission, **({"UserIdGroupPairs": pairs} if pairs else {})}


def pairs_of(wave: WaveFacts, edges: Iterable[Mapping[str, Any]]) -> list[Pair]:
    """The pairs that were seen to talk of which an end is a server that moves, each once."""
    moved = moved_servers(wave)
    pairs = ((str(one["source_uid"]), str(one["target_uid"]), int(one["protocol"]), int(one["port"])) for one in edges)
    return sorted({pair for pair in pairs if pair[0] in moved or pair[1] in moved})


def of_connectivity(wave: WaveFacts, judged: Sequence[Judged], *, is_mapped: bool) -> Iterator[Check]:
    """One check for each server that moves. *is_mapped*: whether anybody looked who talks to whom."""
    moved = moved_servers(wave)
    by_server: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        for uid in {one.pair[0], one.pair[1]} & moved.keys():
            by_server[uid].append(one)
    for uid, explained in moved.items():
        place = (explained.step.account_id, explained.step.region)
        if not is_mapped:
            told = "who talks to it was never looked at: the plan's snapshot has no dependencies"
            yield unknown(NAME, uid, place, told, "run `cloudmigrate dependencies`, then plan anew")
        else:
            yield _of_server(wave, uid, place, by_server.get(uid, []))


def _of_server(wave: WaveFacts, uid: str, place: tuple[str, str], judged: Sequence[Judged]) -> Check:
    elsewhere = {one.step.uid for one in wave.explained if one.step.act not in ("by_hand.retain",)} - moved_servers(wave).keys()
    stopped, doubtful, through, shut = [], [], 0, 0
    for one in judged:
        told = f"{_told(wave, one.pair)} ({_named(wave, one.after.why)})"
        if not elsewhere.isdisjoint(one.pair[:2]):
            doubtful.append(f"{_told(wave, one.pair)} (its other end moves too, in another way)")
        elif one.after.verdict is YES:
            through += 1
        elif one.after.verdict is UNKNOWN:
            doubtful.append(told)
        elif one.before.verdict is NO:
            shut += 1
        else:
            stopped.append(told)
    pairs = counted(len(judged), "pair")
    sums = f"{pairs} seen to talk: {through} let through, {len(stopped)} not, {len(doubtful)} unknown, {shut} shut today too"
    if stopped:
        advice = "open the rules, routes or ACLs that are named, or add the server's new group to them; waive it if nobody needs these"
        return failed(NAME, uid, place, f"{sums}; not: {listed(stopped)}", advice, bends=True)
    if doubtful:
        return unknown(NAME, uid, place, f"{sums}; unknown: {listed(doubtful)}", "test these from a server in the target subnet")
    return passed(NAME, uid, place, sums)


def _told(wave: WaveFacts, pair: Pair) -> str:
    names = [one.name if (one := wave.resources.get(uid)) and one.name else uid for uid in pair[:2]]
    return f"{names[0]} to {names[1]} {protocol_name(pair[2])} {pair[3]}"


def _named(wave: WaveFacts, why: str) -> str:
    """The reason, with groups that are not there yet called by their names."""
    for one, _, _, call in wave.calls("ec2", "CreateSecurityGroup"):
        why = why.replace(_id(_given_by(one)), f"the clone of {call.params['GroupName']}")
    return why

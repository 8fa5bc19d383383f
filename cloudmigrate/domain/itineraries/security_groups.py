"""Security groups cloned for a move group: all are created first, then every rule is added, with the groups that it names exchanged."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cloudmigrate.domain.acts.ec2_groups import EVERYTHING
from cloudmigrate.domain.itineraries.building import Builder, Place, of
from cloudmigrate.domain.resources import Resource
from cloudmigrate.domain.steps import Gate, Output, Reversal, Step
from cloudmigrate.domain.target_policy import TargetPolicy

# Source: EC2 API reference, CreateSecurityGroup: up to 255 characters of these; a name does not begin with sg-.
_NOT_IN_NAME = re.compile(r"[^A-Za-z0-9 ._\-:/()#,@\[\]+=&;{}!$*]")
LONGEST = 255


@dataclass(frozen=True, slots=True)
class Clone:
    """A group of the target: its id, and the steps after which it has all its rules."""

    group_id: Output
    ready: tuple[Step, ...]


def clone_groups(
    sources: Iterable[Resource], vpc_of: Mapping[str, str], builder_of: Mapping[str, Builder], at: Place, policy: TargetPolicy
) -> dict[str, Clone]:
    """source group id -> its clone. *vpc_of*: the target VPC by group id, *builder_of*: whose steps its own become."""
    ordered = sorted(sources, key=lambda one: one.uid)
    created: dict[str, Step] = {}
    for one in ordered:
        group_id = str(one.spec["GroupId"])
        named = {
            "name": clone_name(one),
            "description": _plain(str(one.spec.get("Description", ""))) or "cloned",
            "vpc_id": vpc_of[group_id],
        }
        created[group_id] = builder_of[group_id].add("ec2.create_security_group", named, at)
    known: dict[str, Any] = {**policy.security_groups, **{name: of(step, "group_id") for name, step in created.items()}}
    clones = {}
    for one in ordered:
        group_id = str(one.spec["GroupId"])
        ready = [*_rules(builder_of[group_id], one, created[group_id], known=known, policy=policy)]
        clones[group_id] = Clone(of(created[group_id], "group_id"), (created[group_id], *ready))
    return clones


def _rules(builder: Builder, source: Resource, created: Step, *, known: Mapping[str, Any], policy: TargetPolicy) -> Iterable[Step]:
    at = Place(created.account_id, created.region)
    group_id = of(created, "group_id")
    left_out: list[str] = []
    inside = [one for rule in source.spec.get("IpPermissions") or () if (one := _exchanged(rule, known, policy, left_out))]
    outside = [one for rule in source.spec.get("IpPermissionsEgress") or () if (one := _exchanged(rule, known, policy, left_out))]
    if inside:
        yield builder.add("ec2.authorize_ingress", {"group_id": group_id, "permissions": inside}, at)
    plain = {**EVERYTHING, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    kept = [one for one in outside if _bare(one) != plain]
    if len(kept) == len(outside):
        yield builder.add("ec2.close_egress", {"group_id": group_id}, at)
    if kept:
        yield builder.add("ec2.authorize_egress", {"group_id": group_id, "permissions": kept}, at)
    if left_out:
        text = (
            f"security group {source.name} ({source.uid}): its rules name {', '.join(sorted(set(left_out)))}, which the target has not; "
            "add to its clone the rules that are needed there, or map them in targets.security_groups and targets.prefix_lists"
        )
        yield builder.add("by_hand.confirm", {"text": text}, at, needs=(created,), gate=Gate.BY_HAND, reversal=Reversal.UNDO)


def _exchanged(rule: Mapping[str, Any], known: Mapping[str, Any], policy: TargetPolicy, left_out: list[str]) -> dict[str, Any] | None:
    """The rule as the target can have it; None where nothing of it is left. *left_out* gets what it names and the target lacks."""
    pairs, lists = [], []
    for pair in rule.get("UserIdGroupPairs") or ():
        named = str(pair.get("GroupId", ""))
        if named in known:
            pairs.append({"GroupId": known[named], **_described(pair)})
        else:
            left_out.append(named)
    for entry in rule.get("PrefixListIds") or ():
        named = str(entry.get("PrefixListId", ""))
        if named in policy.prefix_lists:
            lists.append({"PrefixListId": policy.prefix_lists[named], **_described(entry)})
        else:
            left_out.append(named)
    kept: dict[str, Any] = {
        "IpRanges": [{"CidrIp": one["CidrIp"], **_described(one)} for one in rule.get("IpRanges") or ()],
        "Ipv6Ranges": [{"CidrIpv6": one["CidrIpv6"], **_described(one)} for one in rule.get("Ipv6Ranges") or ()],
        "UserIdGroupPairs": pairs,
        "PrefixListIds": lists,
    }
    held = {name: value for name, value in kept.items() if value}
    ports = {name: rule[name] for name in ("FromPort", "ToPort") if rule.get(name) is not None}
    return {"IpProtocol": str(rule["IpProtocol"]), **ports, **held} if held else None


def _described(entry: Mapping[str, Any]) -> dict[str, str]:
    text = _plain(str(entry.get("Description") or ""))
    return {"Description": text} if text else {}


def _bare(rule: Mapping[str, Any]) -> dict[str, Any]:
    """The rule without its words."""
    ranges = [{"CidrIp": one["CidrIp"]} for one in rule.get("IpRanges", ())]
    return {**{name: value for name, value in rule.items() if name not in {"FromPort", "ToPort"}}, "IpRanges": ranges}


def clone_name(source: Resource) -> str:
    """The name of the clone: that of the source as far as EC2 takes it."""
    name = _plain(str(source.spec.get("GroupName") or source.name))
    if not name or name == "default" or name.startswith("sg-"):  # EC2 keeps these for itself
        name = f"cloudmigrate-{name or source.spec['GroupId']}"
    return name[:LONGEST]


def _plain(text: str) -> str:
    return _NOT_IN_NAME.sub("-", text)[:LONGEST].strip()

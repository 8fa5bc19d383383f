"""Security groups. Each rule is a resource of its own, so that groups which name one another make no circle.

Source: AWS CloudFormation template reference, AWS::EC2::SecurityGroup, SecurityGroupIngress and SecurityGroupEgress.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from cloudmigrate.domain.iac.kind import Kind
from cloudmigrate.domain.iac.model import Place, TargetResource
from cloudmigrate.domain.iac.naming import terraform_name
from cloudmigrate.domain.iac.observed import SECURITY_GROUP, Observed, Rule
from cloudmigrate.domain.iac.source import OF_ITS_ID, Source, defaulted, frozen, told, transformed
from cloudmigrate.domain.iac.values import Came, Items, Leaf, Node, Origin, Ref, Variable
from cloudmigrate.domain.resources import Resource
from cloudmigrate.domain.target_policy import TargetPolicy

# Source: EC2 API reference, CreateSecurityGroup: up to 255 characters of these; a name does not begin with sg-.
_NOT_IN_NAME = re.compile(r"[^A-Za-z0-9 ._\-:/()#,@\[\]+=&;{}!$*]")
LONGEST = 255
PREFIX_LIST = "AWS::EC2::PrefixList"
MEMBERS = (("ingress", "IpPermissions"), ("egress", "IpPermissionsEgress"))
RANGES = (("IpRanges", "CidrIp", "cidr"), ("Ipv6Ranges", "CidrIpv6", "cidr"), ("PrefixListIds", "PrefixListId", "prefix_list"))
# A group without rules for what goes out lets everything out. This one matches nothing, and keeps that rule from being made.
NOTHING_OUT = {"IpProtocol": "icmp", "CidrIp": "255.255.255.255/32", "FromPort": 252, "ToPort": 86, "Description": "Disallow all traffic"}


def security_group(source: Source) -> Iterator[TargetResource]:
    """A group and its rules: the source's, or those of them that observed traffic needs."""
    name = group_name(source.resource)
    description = plain_text(str(source.value("Description") or ""))
    observed = source.observed
    rules, told_of = _rules(source)
    kept, dropped = _needed(rules, observed)
    properties: dict[str, Node | None] = {
        "GroupName": source.own_name("GroupName", name),
        "GroupDescription": Leaf(description, transformed("Description", "characters that AWS takes"))
        if description
        else defaulted("cloned", "AWS asks for a description"),
        "VpcId": source.referred("VpcId", where="targets.vpcs"),
        "SecurityGroupEgress": Items(
            (defaulted(frozen(NOTHING_OUT), "matches nothing: else AWS lets everything out beside the rules that are made here"),)
        ),
        "SecurityGroupIngress": Items((*told_of, *dropped)) if told_of or dropped else None,
        "Tags": source.tags(),
    }
    made = source.target(SECURITY_GROUP, properties)
    yield made
    for rule in kept:
        found = _rule(source, made, rule)
        if found is not None:
            yield found


def plain_text(text: str) -> str:
    """The text as EC2 takes it for names and descriptions."""
    return _NOT_IN_NAME.sub("-", text)[:LONGEST].strip()


def group_name(source: Resource) -> str:
    """The name of a group's target where nothing else is called so: that of the source as far as EC2 takes it."""
    name = plain_text(str(source.spec.get("GroupName") or source.name))
    if not name or name == "default" or name.startswith("sg-"):  # EC2 keeps these for itself
        name = f"cloudmigrate-{name or source.spec['GroupId']}"
    return name[:LONGEST]


def mapped_groups(inventory: Iterable[Resource], policy: TargetPolicy, place_of: Callable[[Resource], Place]) -> Iterator[TargetResource]:
    """The groups that the target has for others, as if they were made: an earlier wave may have, under these names."""
    for one in inventory:
        vpc_id = policy.vpcs.get(str(one.spec.get("VpcId"))) if one.type == SECURITY_GROUP else None
        if vpc_id is not None and one.spec.get("GroupId") in policy.security_groups:
            why = transformed("GroupId", "targets.security_groups")
            properties = {"GroupName": Leaf(group_name(one), why), "VpcId": Leaf(vpc_id, why)}
            yield TargetResource(one.uid, SECURITY_GROUP, one.name, place_of(one), properties, one.uid)


def _rules(source: Source) -> tuple[list[Rule], list[Leaf]]:
    """Every permission of the source, one for each peer, and what is told of those that the target cannot have."""
    found, told_of = [], []
    for direction, member in MEMBERS:
        for number, one in enumerate(source.value(member) or ()):
            path = f"{member}[{number}]"
            first, last = one.get("FromPort"), one.get("ToPort")
            for ranges, word, kind in RANGES:
                found += [
                    Rule(direction, str(one["IpProtocol"]), first, last, kind, str(entry[word]), path, _described(entry))
                    for entry in one.get(ranges) or ()
                ]
            for pair in one.get("UserIdGroupPairs") or ():
                peer, owner = str(pair.get("GroupId", "")), str(pair.get("UserId") or source.resource.account_id)
                rule = Rule(direction, str(one["IpProtocol"]), first, last, "group", peer, path, _described(pair), owner)
                why = _unreachable(source, rule)
                if why:
                    told_of.append(told(f"{_said(rule)} is left out: {why}", path))
                else:
                    found.append(rule)
    return found, told_of


def _unreachable(source: Source, rule: Rule) -> str:
    """Why the target cannot have a rule that names a group; empty where it can."""
    known = source.look(source.resource, rule.peer, SECURITY_GROUP)
    if known is None:
        return "the group is not in the inventory; map it in targets.security_groups of the estate file, or name its addresses"
    if rule.owner != source.resource.account_id and source.policy.account is None:
        return f"the group is of account {rule.owner}, which stays apart; add it as {rule.owner}/<id of the group> where the two are peered"
    return ""


def _needed(rules: list[Rule], observed: Observed | None) -> tuple[list[Rule], list[Leaf]]:
    """The rules to make, each once, and what is told of those that are not."""
    if observed is None:
        return _once(rules), []
    if observed.kept:
        return _once(rules), [told(f"its rules are the source's, not only those that traffic needs: {observed.kept}")]
    kept, dropped = [], []
    for rule in rules:
        narrower = observed.narrowed(rule)
        kept += narrower
        if not narrower:
            dropped.append(told(f"{_said(rule)} is left out: no observed traffic needs it", rule.path))
    return _once(kept), dropped


def _once(rules: list[Rule]) -> list[Rule]:
    """The rules without those that AWS would call the same; the first, by its place in the source, stays."""
    unique: dict[tuple[object, ...], Rule] = {}
    for one in rules:
        unique.setdefault((one.direction, one.protocol, _ports(one), one.peer), one)
    return list(unique.values())


def _ports(rule: Rule) -> tuple[int | None, int | None]:
    return (None, None) if rule.protocol == "-1" else (rule.first, rule.last)


def _rule(source: Source, group: TargetResource, rule: Rule) -> TargetResource | None:
    ingress = rule.direction == "ingress"
    origin = _origin(rule)
    first, last = _ports(rule)
    properties: dict[str, Node | None] = {
        "GroupId": Leaf(Ref(group.key, "GroupId"), transformed(rule.path, "the group that it is of")),
        "IpProtocol": Leaf(rule.protocol, origin),
        "FromPort": None if first is None else Leaf(first, origin),
        "ToPort": None if last is None else Leaf(last, origin),
        "Description": Leaf(rule.description, Origin(Came.COPIED, rule.path)) if rule.description else None,
    }
    only_with: tuple[str, ...] = ()
    if rule.peer_kind == "cidr":
        properties["CidrIpv6" if ":" in rule.peer else "CidrIp"] = Leaf(rule.peer, origin)
    elif rule.peer_kind == "prefix_list":
        properties["SourcePrefixListId" if ingress else "DestinationPrefixListId"] = _list(source, rule)
    else:
        known = source.look(source.resource, rule.peer, SECURITY_GROUP)
        if known is None:
            return None
        word = "SourceSecurityGroupId" if ingress else "DestinationSecurityGroupId"
        if known.key is None:
            properties[word] = Leaf(known.literal, transformed(rule.path, known.rule))
        else:
            properties[word] = Leaf(Ref(known.key, "GroupId"), transformed(rule.path, "the group of the target that stands for it"))
            only_with = (known.key,)
    type_ = "AWS::EC2::SecurityGroupIngress" if ingress else "AWS::EC2::SecurityGroupEgress"
    part = "/".join((rule.direction, rule.protocol, *("" if one is None else str(one) for one in (first, last)), rule.peer))
    name = f"{source.resource.name} {rule.direction} {rule.protocol} {'' if first is None else first}".strip()
    return source.target(type_, properties, part=part, name=name, only_with=only_with)


def _list(source: Source, rule: Rule) -> Leaf | None:
    """A prefix list: the one that stands for it, or AWS's own of the target's region, whose id a person looks up."""
    found = next((one for one in source.relatives(source.resource, PREFIX_LIST) if one.spec.get("PrefixListId") == rule.peer), None)
    if found is None or found.spec.get("OwnerId") != "AWS" or rule.peer in source.policy.prefix_lists:
        return source.referred(rule.path, rule.peer, type_=PREFIX_LIST, where="targets.prefix_lists")
    name = str(found.spec.get("PrefixListName", "")).replace(f".{source.resource.region}.", f".{source.place.region}.")
    why = f"AWS's list {name} has an id of its own in each region: aws ec2 describe-managed-prefix-lists tells it"
    return Leaf(Variable(terraform_name(f"prefix list {name}", name), f"{why}."), Origin(Came.UNKNOWN, why, rule.path))


def _origin(rule: Rule) -> Origin:
    if rule.evidence is None:
        return Origin(Came.COPIED, rule.path)
    edges, seen = rule.evidence.edges, rule.evidence.last_seen
    when = seen.strftime("%Y-%m-%d %H:%M UTC") if seen else "never told when"
    return transformed(rule.path, f"observed traffic, {edges} {'edge' if edges == 1 else 'edges'}, last seen {when}")


def _said(rule: Rule) -> str:
    ports = "" if rule.first is None else f"/{rule.first}" if rule.first == rule.last else f"/{rule.first}-{rule.last}"
    protocol = "all protocols" if rule.protocol == "-1" else f"{rule.protocol}{ports}"
    return f"the {rule.direction} rule for {protocol} with {rule.peer}"


def _described(entry: Mapping[str, Any]) -> str:
    return plain_text(str(entry.get("Description") or ""))


KINDS = (
    Kind(
        SECURITY_GROUP,
        security_group,
        asks_for=("GroupId",),
        known_as=("GroupId",),
        is_shared=True,
        stays_in_place=True,
        arn=OF_ITS_ID,
        not_configuration={"GroupId": "given by AWS", "SecurityGroupArn": "given by AWS", "OwnerId": "its account"},
    ),
)

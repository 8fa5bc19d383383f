"""Rules of security groups made as narrow as observed traffic needs them; never wider than the source's.

Which rows there are, and what they cannot know: docs/rules.md, "Needed".
"""

import ipaddress
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from cloudmigrate.domain.network import WITH_PORTS, is_private, span
from cloudmigrate.domain.resources import Resource

SECURITY_GROUP = "AWS::EC2::SecurityGroup"
# They bear a group for others, or name it in their rules.
_BEAR_NOTHING = frozenset({SECURITY_GROUP, "AWS::EC2::NetworkInterface", "AWS::EC2::LaunchTemplate"})
PROTOCOLS = {"tcp": 6, "udp": 17, "icmp": 1, "icmpv6": 58}
EVERY_PROTOCOL = "-1"
SERVICE_PORTS = (80, 443)
# What is reached at public addresses of AWS, on these ports.
SERVICES = frozenset(
    {
        "AWS::ApiGateway::RestApi",
        "AWS::ApiGatewayV2::Api",
        "AWS::DynamoDB::Table",
        "AWS::Lambda::Function",
        "AWS::S3::Bucket",
        "AWS::SNS::Topic",
        "AWS::SQS::Queue",
    }
)
HAVE_NO_ADDRESS = frozenset({"AWS::EC2::Volume", "AWS::Route53::RecordSet", "AWS::Lambda::EventSourceMapping"})
_NAMES = {number: name for name, number in PROTOCOLS.items()}


@dataclass(frozen=True, slots=True)
class Evidence:
    """The traffic that a rule was made for."""

    edges: int
    last_seen: datetime | None


@dataclass(frozen=True, slots=True)
class Rule:
    """One permission of a group, with one peer."""

    direction: str  # ingress, egress
    protocol: str  # as AWS spells it: tcp, udp, icmp, icmpv6, a number; -1 for every one
    first: int | None  # port, or type of ICMP
    last: int | None  # port, or code of ICMP
    peer_kind: str  # cidr, group, prefix_list
    peer: str
    path: str  # in the source's configuration
    description: str = ""
    owner: str = ""  # account of a group
    evidence: Evidence | None = None  # None: as the source has it


@dataclass(frozen=True, slots=True)
class Observed:
    """What is known of the traffic of those that bear one group."""

    rows: tuple[Mapping[str, Any], ...]  # of `needed_rules`
    traffic: "Traffic"
    kept: str = ""  # why its rules stay the source's; empty: they are narrowed

    def narrowed(self, rule: Rule) -> list[Rule]:
        """What of a rule the traffic needs, in order; nothing where nobody used it."""
        sums: defaultdict[tuple[str, int | None, int | None, str], list[Mapping[str, Any]]] = defaultdict(list)
        for row in self.rows:
            if row["direction"] != rule.direction:
                continue
            ports = _ports(rule, row)
            if ports is not None:
                for peer in self.traffic.peers(rule, row):
                    sums[(*ports, peer)].append(row)
        return [
            replace(rule, protocol=key[0], first=key[1], last=key[2], peer=key[3], evidence=_evidence(rows))
            for key, rows in sorted(sums.items(), key=lambda pair: tuple(map(str, pair[0])))
        ]


@dataclass(frozen=True)
class Traffic:
    """What was observed of a plan's move groups, and who bears which security group."""

    inventory: Mapping[str, Resource]
    group_of: Mapping[str, str]  # uid -> move group
    needed_rules: Mapping[str, list[Mapping[str, Any]]]  # move group -> rows
    mapped: frozenset[str] = frozenset()  # ids of VPCs that the estate file maps: addresses there are others
    vpcs: list[Resource] = field(default_factory=list, init=False)
    home_of: dict[str, str] = field(default_factory=dict, init=False)  # group id -> id of its VPC
    bearers: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set), init=False)  # group id -> uids
    members: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set), init=False)  # move group -> uids

    def __post_init__(self) -> None:
        for uid, one in self.inventory.items():
            if one.type == "AWS::EC2::VPC":
                self.vpcs.append(one)
            elif one.type == SECURITY_GROUP:
                self.home_of[str(one.spec.get("GroupId"))] = str(one.spec.get("VpcId"))
            for group_id in () if one.type in _BEAR_NOTHING else _group_ids(one.spec):
                self.bearers[group_id].add(uid)
        for uid, group in self.group_of.items():
            self.members[group].add(uid)

    def of(self, security_group: Resource) -> Observed:
        """What is known of the traffic of those that bear a group."""
        bearers = self.bearers.get(str(security_group.spec.get("GroupId")), set())
        groups = sorted({self.group_of[uid] for uid in bearers if uid in self.group_of})
        endpoints = sorted(uid for uid in bearers if self.inventory[uid].type == "AWS::EC2::VPCEndpoint")
        blind = [group for group in groups if not self.needed_rules.get(group)]
        if not groups:
            return Observed((), self, "nothing that moves bears it")
        if endpoints:
            return Observed((), self, f"{endpoints[0]} bears it too, of whose traffic nothing is told")
        if blind:
            return Observed((), self, f"no traffic of move group {blind[0]}, which bears it, was observed")
        return Observed(tuple(row for group in groups for row in self.needed_rules[group]), self)

    def peers(self, rule: Rule, row: Mapping[str, Any]) -> Iterator[str]:
        """What of the rule's peer the row needs: the peer itself, or a part of it."""
        kind, name = str(row["peer_kind"]), str(row["peer"])
        uids = self.members.get(name, set()) if kind == "move_group" else {name} if kind == "resource" else set()
        if rule.peer_kind == "group":
            if uids & self.bearers.get(rule.peer, set()):
                yield rule.peer
        elif rule.peer_kind == "prefix_list":
            if kind == "aws_service" or self._is_in_list(rule.peer, name, uids):
                yield rule.peer
        elif kind == "cidr":
            yield from _narrower(rule.peer, name)
        elif kind == "aws_service":
            if _is_public(rule.peer):
                yield rule.peer
        elif kind == "resource":
            yield from self._addresses_in(rule.peer, name)
        else:
            found = {one for uid in uids for one in self._networks_in(rule.peer, uid)}
            if any(self._may_be_anywhere(uid, rule.peer, int(row["port"])) for uid in uids):
                found.add(rule.peer)
            yield from sorted(found)

    def _may_be_anywhere(self, uid: str, cidr: str, port: int) -> bool:
        """Whether a thing may have an address anywhere in a range: nothing is told of where it is, or it is a service of AWS."""
        one = self.inventory.get(uid)
        if one is None or not (one.private_ips or self._borne(uid) or one.type in HAVE_NO_ADDRESS or one.type in SERVICES):
            return True
        return one.type in SERVICES and not self._borne(uid) and port in SERVICE_PORTS and _is_public(cidr)

    def _borne(self, uid: str) -> list[str]:
        """Ids of the security groups that a thing bears."""
        return sorted(group_id for group_id, uids in self.bearers.items() if uid in uids)

    def _networks_in(self, cidr: str, uid: str) -> Iterator[str]:
        """Where in a range a thing that moves will have its address: another one, of the same network where that is made anew."""
        resource = self.inventory.get(uid)
        if resource is None:
            return
        blocks = list(self._blocks(resource))
        if resource.private_ips:
            for address in self._addresses_in(cidr, uid):
                inside = {block for block, _ in blocks if any(True for _ in _narrower(block, address))}
                is_known = len(inside) == 1 and not any(vpc in self.mapped for block, vpc in blocks if block in inside)
                yield from _narrower(cidr, next(iter(inside))) if is_known else (cidr,)
            return
        homes = {vpc for group_id in self._borne(uid) if (vpc := self.home_of.get(group_id))}
        for block, vpc in blocks:
            if vpc in homes:
                yield from (cidr,) if vpc in self.mapped else _narrower(cidr, block)

    def _blocks(self, near: Resource) -> Iterator[tuple[str, str]]:
        """Ranges of the VPCs in the account and region of a thing, and the ids of these."""
        for one in self.vpcs:
            if (one.account_id, one.region) == (near.account_id, near.region):
                more = [
                    block.get("CidrBlock")
                    for block in one.spec.get("CidrBlockAssociationSet") or ()
                    if (block.get("CidrBlockState") or {}).get("State", "associated") == "associated"
                ]
                yield from ((str(block), str(one.spec.get("VpcId"))) for block in (one.spec.get("CidrBlock"), *more) if block)

    def _addresses_in(self, cidr: str, uid: str) -> Iterator[str]:
        resource, allowed = self.inventory.get(uid), span(cidr)
        if resource is None or not resource.private_ips:
            yield cidr
            return
        for address in sorted(resource.private_ips):
            own = span(address)
            if own is not None and allowed is not None and allowed.contains(own):
                yield f"{address}/{128 if own.is_ipv6 else 32}"

    def _is_in_list(self, list_id: str, cidr: str, uids: Iterable[str]) -> bool:
        """Whether the list may have an address of these; one that is not in the inventory may."""
        found = next((one for one in self.inventory.values() if one.spec.get("PrefixListId") == list_id), None)
        entries = [str(one["Cidr"]) for one in found.spec.get("Entries") or ()] if found else []
        if not entries:
            return True
        wanted = [cidr] if span(cidr) else [ip for uid in uids if uid in self.inventory for ip in self.inventory[uid].private_ips]
        return any(True for entry in entries for one in wanted for _ in _narrower(entry, one))


def _is_public(cidr: str) -> bool:
    allowed = span(cidr)
    return allowed is not None and not is_private(allowed)


def _group_ids(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _group_ids(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _group_ids(item)
    elif isinstance(value, str) and value.startswith("sg-"):
        yield value


def _ports(rule: Rule, row: Mapping[str, Any]) -> tuple[str, int | None, int | None] | None:
    """Protocol and ports of what both the rule and the row have; None where they have nothing in common."""
    number, port = int(row["protocol"]), int(row["port"])
    if rule.protocol != EVERY_PROTOCOL and protocol_number(rule.protocol) != number:
        return None
    name = _NAMES.get(number, str(number))
    if number not in WITH_PORTS or not port:  # it has none, or it could not be told which
        if rule.protocol == EVERY_PROTOCOL:
            return (name, 0, 65535) if number in WITH_PORTS else (name, -1, -1) if name in PROTOCOLS else (name, None, None)
        return name, rule.first, rule.last
    if rule.protocol != EVERY_PROTOCOL and rule.first not in (None, -1) and not (int(rule.first or 0) <= port <= int(rule.last or 0)):
        return None
    return name, port, port


def protocol_number(name: str) -> int:
    """IANA's number of a protocol as AWS spells it."""
    return PROTOCOLS.get(name) or int(name)


def _narrower(allowed: str, seen: str) -> Iterator[str]:
    """The narrower of two ranges of which one lies within the other; nothing of two that have nothing in common."""
    one, other = span(allowed), span(seen)
    if one is None or other is None:
        return
    if one.contains(other):
        yield str(ipaddress.ip_network(seen, strict=False))
    elif other.contains(one):
        yield allowed


def _evidence(rows: Iterable[Mapping[str, Any]]) -> Evidence:
    given = list(rows)
    seen = [one["last_seen"] for one in given if one.get("last_seen") is not None]
    return Evidence(sum(int(one["edges"]) for one in given), max(seen, default=None))

"""Single permissions and entries as EC2 answers them, turned into records; and which listings were whole."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from cloudmigrate.aws.failures import plain
from cloudmigrate.domain.network import (
    ALL_PROTOCOLS,
    ICMP,
    ICMPV6,
    TCP,
    UDP,
    WITH_PORTS,
    AclEntry,
    GroupRule,
    Span,
    span,
)
from cloudmigrate.domain.resources import Coverage
from cloudmigrate.masking import masked_text

DESCRIPTION_CHARACTERS = 255  # as many as EC2 allows
_PEER_CHARACTERS = 64
_PROTOCOLS: Mapping[str, int] = {"-1": ALL_PROTOCOLS, "all": ALL_PROTOCOLS, "icmp": ICMP, "tcp": TCP, "udp": UDP, "icmpv6": ICMPV6}
_NAMES = {number: name for name, number in _PROTOCOLS.items()}
UidOf = Callable[[str, str, str], str]  # (kind of peer, its id, the account that owns it) -> uid
# peer kind -> member of IpPermission, and of its items
_PEERS = (
    ("cidr", "IpRanges", "CidrIp"),
    ("cidr", "Ipv6Ranges", "CidrIpv6"),
    ("group", "UserIdGroupPairs", "GroupId"),
    ("prefix_list", "PrefixListIds", "PrefixListId"),
)


def group_rules(
    group_id: str, sides: Sequence[Any], lists: Mapping[str, tuple[Span, ...] | None], uid_of: UidOf
) -> tuple[GroupRule, ...] | None:
    """The rules of a group, *sides* being its ingress and egress permissions; one for each peer, of equal ones the first.

    A rule's id says all that makes it another rule than its neighbours, so it stays the same while they change. None where a
    permission is for no known protocol: then nobody can tell what the group lets through.
    """
    found: dict[str, GroupRule] = {}
    for is_egress, permissions in zip((False, True), sides, strict=True):
        for permission in permissions:
            protocol = protocol_number(permission.get("IpProtocol")) if isinstance(permission, Mapping) else None
            if protocol is None:
                return None
            ports = _number(permission.get("FromPort"), -1), _number(permission.get("ToPort"), -1)
            for kind, peer, owner, description in _peers(permission):
                spans = lists.get(peer) if kind == "prefix_list" else known_spans([peer]) if kind == "cidr" else ()
                rule_id = _rule_id(group_id, "egress" if is_egress else "ingress", protocol, ports, peer)
                rule = GroupRule(rule_id, group_id, is_egress, protocol, *ports, kind, peer, uid_of(kind, peer, owner), spans, description)
                found.setdefault(rule_id, rule)
    return tuple(found.values())


def _peers(permission: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str | None]]:
    """Kind, id, owner and description of every peer of a permission."""
    for kind, member, name in _PEERS:
        for one in permission.get(member) or ():
            if isinstance(one, Mapping) and one.get(name):
                yield kind, plain(str(one[name]), _PEER_CHARACTERS), str(one.get("UserId") or ""), described(one.get("Description"))


def described(text: Any) -> str | None:
    """A stranger's description: on one line, without secrets, cut; None where there is none."""
    return plain(masked_text(text), DESCRIPTION_CHARACTERS) or None if isinstance(text, str) else None


def _rule_id(group_id: str, direction: str, protocol: int, ports: tuple[int, int], peer: str) -> str:
    first, last = ports
    named = "" if ports == (-1, -1) else f"{first}" if first == last else f"{first}-{last}"
    return "/".join(one for one in (group_id, direction, _NAMES.get(protocol, str(protocol)), named, peer) if one)


def protocol_number(value: Any) -> int | None:
    """IANA's number of a protocol that EC2 names by word or number, -1 for all; None for none of these."""
    text = str(value).lower()
    if text in _PROTOCOLS:
        return _PROTOCOLS[text]
    return int(text) if text.isascii() and text.isdigit() and int(text) < 256 else None


def acl_entries(acl_id: str, entries: Iterable[Mapping[str, Any]]) -> tuple[AclEntry, ...] | None:
    """The entries of a network ACL in the order in which they are tried, with type and code for ports of ICMP; None if one is not clear."""
    found = [_acl_entry(acl_id, one) for one in entries]
    known = [one for one in found if one is not None]
    return tuple(sorted(known, key=lambda one: (one.number, one.is_egress))) if len(known) == len(found) else None


def _acl_entry(acl_id: str, entry: Mapping[str, Any]) -> AclEntry | None:
    protocol, number = protocol_number(entry.get("Protocol")), _number(entry.get("RuleNumber"), -1)
    if protocol is None or number < 0:
        return None
    of_icmp, of_ports = entry.get("IcmpTypeCode") or {}, entry.get("PortRange") or {}
    has_ports = protocol in WITH_PORTS
    is_egress = bool(entry.get("Egress"))
    return AclEntry(
        entry_id=f"{acl_id}/{'egress' if is_egress else 'ingress'}/{number}",
        number=number,
        is_egress=is_egress,
        allows=entry.get("RuleAction") == "allow",
        protocol=protocol,
        from_port=_number(of_ports.get("From") if has_ports else of_icmp.get("Type"), -1),
        to_port=_number(of_ports.get("To") if has_ports else of_icmp.get("Code"), -1),
        addresses=span(str(entry.get("CidrBlock") or entry.get("Ipv6CidrBlock") or "")),
    )


def known_spans(texts: Iterable[Any]) -> tuple[Span, ...] | None:
    """The addresses of CIDRs; None if one of them cannot be read."""
    found = [span(text) if isinstance(text, str) else None for text in texts]
    known = [one for one in found if one is not None]
    return tuple(known) if len(known) == len(found) else None


def readable_spans(texts: Iterable[Any]) -> tuple[Span, ...]:
    """The addresses of CIDRs and addresses, each once; what is none is left out."""
    found = (span(text) for text in texts if isinstance(text, str))
    return tuple(dict.fromkeys(one for one in found if one is not None))


def is_whole(coverage: Iterable[Coverage]) -> Callable[[str, str, str], bool]:
    """Whether all of an (account, region, type) was listed: looked at, without a gap, and without a filter that left something out."""
    seen = {(one.account_id, one.region, one.type) for one in coverage if not one.status.is_gap and not one.detail}
    return lambda account_id, region, type_: (account_id, region, type_) in seen


def _number(value: Any, otherwise: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else otherwise

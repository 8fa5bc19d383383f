"""Whether the security groups of an end let traffic through to or from a peer.

Security groups only allow, and remember connections: what may begin may be answered (VPC User Guide, "Security group rules"). A rule that
names a group matches the private addresses of its bearers in the same VPC, over peering within a region, and over a transit gateway
with referencing support; never what comes through a public address.
"""

from dataclasses import dataclass

from cloudmigrate.domain.network import ALL_PORTS, ALL_PROTOCOLS, WITH_PORTS, WITH_TYPES, GroupRule, Network, Span, is_private
from cloudmigrate.domain.verdict import NO, UNKNOWN, YES, Check, Verdict, all_of, any_of

_NO_PORTS = -1
_NAMED_AT_MOST = 5  # groups in a sentence


@dataclass(frozen=True, slots=True)
class Packets:
    """What is asked about: packets of one protocol towards some ports, out of an end or into it."""

    direction: str  # egress, ingress
    protocol: int
    ports: tuple[int, int]

    @property
    def is_egress(self) -> bool:
        """Whether they leave."""
        return self.direction == "egress"


@dataclass(frozen=True, slots=True)
class Peer:
    """The other end as a security group's rules see it."""

    addresses: Span
    groups: tuple[str, ...] | None  # None: not known
    references: Verdict  # whether rules that name a group match on this way
    is_outside: bool = False
    service: str = ""


def group_check(network: Network, groups: tuple[str, ...] | None, peer: Peer, packets: Packets) -> Check:
    """Whether some rule of *groups* lets *packets* through to *peer* (egress) or from it (ingress), with all that do."""
    direction = packets.direction
    if groups is None:
        return Check(UNKNOWN, why=f"which security groups apply ({direction}) is not known")
    if not groups:
        return Check(YES)
    sure: list[str] = []
    doubtful: list[str] = []
    unseen: list[str] = []
    for group_id in groups:
        group = network.groups.get(group_id)
        if group is None or group.rules is None:
            unseen.append(group_id)
            continue
        for rule in group.rules:
            if rule.is_egress is not packets.is_egress:
                continue
            matches = all_of((_matches_ports(rule, packets.protocol, packets.ports), _matches_peer(network, rule, peer)))
            if matches is YES:
                sure.append(rule.rule_id)
            elif matches is UNKNOWN:
                doubtful.append(rule.rule_id)
    return Check(
        YES if sure else UNKNOWN if doubtful or unseen else NO,
        tuple(sure),
        tuple(doubtful),
        "" if sure else _why(direction, groups, doubtful, unseen),
    )


def _why(direction: str, groups: tuple[str, ...], doubtful: list[str], unseen: list[str]) -> str:
    if unseen:
        return f"the rules of {_listed(unseen)} ({direction}) were not seen"
    if doubtful:
        return (
            f"{_listed(doubtful)} ({direction}) may let it through: for part of the addresses, ports or types, or a peer not wholly known"
        )
    return f"no {direction} rule of {_listed(groups)} lets it through"


def _listed(names: list[str] | tuple[str, ...]) -> str:
    more = len(names) - _NAMED_AT_MOST
    return ", ".join(names[:_NAMED_AT_MOST]) + (f" and {more} more" if more > 0 else "")


def _matches_ports(rule: GroupRule, protocol: int, ports: tuple[int, int]) -> Verdict:
    """Whether the rule is for the protocol and all, none or a part of the ports; types of ICMP are not in flow logs."""
    if rule.protocol == ALL_PROTOCOLS:
        return YES
    return NO if rule.protocol != protocol else covers_ports(protocol, (rule.from_port, rule.to_port), ports)


def covers_ports(protocol: int, named: tuple[int, int], ports: tuple[int, int]) -> Verdict:
    """Whether the ports (or type and code) that a rule *named* are all of *ports*, none, or a part."""
    if protocol in WITH_TYPES:
        return YES if named[0] == _NO_PORTS else UNKNOWN
    if protocol not in WITH_PORTS or named in ((_NO_PORTS, _NO_PORTS), ALL_PORTS):
        return YES
    if named[0] <= ports[0] and ports[1] <= named[1]:
        return YES
    return UNKNOWN if named[0] <= ports[1] and ports[0] <= named[1] else NO


def covers(named: Span | None, addresses: Span, service: str = "") -> Verdict:
    """Whether the addresses that a rule *named* are all of *addresses*, none, or a part; None: not known."""
    if named is None:
        return UNKNOWN
    if named.contains(addresses):
        return YES
    if not named.overlaps(addresses) or (service and is_private(named)):
        return NO
    return UNKNOWN


def _matches_peer(network: Network, rule: GroupRule, peer: Peer) -> Verdict:
    if rule.peer_kind == "group":
        if peer.references is NO:
            return NO
        if peer.groups is None or (peer.is_outside and rule.peer not in network.groups):
            return UNKNOWN  # a group of an account that is not in the estate may be borne by what lies outside
        return peer.references if rule.peer in peer.groups else NO
    if rule.peer_kind == "prefix_list" and peer.service:
        name = network.prefix_lists.get(rule.peer, "").lower()
        if name.startswith("com.amazonaws."):
            return YES if name.endswith(f".{peer.service}") else NO
    if rule.peer_spans is None:
        return UNKNOWN
    return any_of(covers(one, peer.addresses, peer.service) for one in rule.peer_spans)

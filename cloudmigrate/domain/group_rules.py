"""Whether the security groups of an end let traffic through to or from a peer.

Security groups only allow, and remember connections: what may begin may be answered (VPC User Guide, "Security group rules"). A rule that
names a group matches the private addresses of its bearers in the same VPC, over peering within a region, and (inbound only) over a
transit gateway with referencing support; never what comes through a public address.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from cloudmigrate.domain.nested_spans import NestedSpans
from cloudmigrate.domain.network import ALL_PORTS, ALL_PROTOCOLS, WITH_PORTS, WITH_TYPES, GroupRule, Network, Span, is_private
from cloudmigrate.domain.verdict import NO, UNKNOWN, YES, Check, Verdict, all_of, any_of

_NO_PORTS = -1
_NAMED_AT_MOST = 5  # groups in a sentence
_OF_AWS = "com.amazonaws."
_ANY_SERVICE = "amazon"  # what flow logs call addresses of AWS that they assign to no service
_LINK_LOCAL_LIST = "vpc-lattice"  # the one of AWS's own prefix lists that holds addresses which are not public


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


@dataclass(slots=True)
class _Asked:
    """The rules of one group that are for some packets, by what tells whether they are for a peer too."""

    rules: list[tuple[str, Verdict]] = field(default_factory=list)  # ids, and whether they are for all of the ports
    of_groups: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))  # group named -> places in `rules`
    of_spans: dict[Span, list[int]] = field(default_factory=lambda: defaultdict(list))
    unread: list[int] = field(default_factory=list)  # with addresses that were not to be read
    of_aws: list[tuple[int, GroupRule]] = field(default_factory=list)  # with a prefix list of AWS's own
    spans: NestedSpans = field(default_factory=lambda: NestedSpans(()))


@dataclass(slots=True)
class GroupRules:
    """Answers about the groups of one network, quickly where groups have many rules."""

    network: Network
    _asked: dict[tuple[str, Packets], _Asked | None] = field(default_factory=dict)

    def check(self, groups: tuple[str, ...] | None, peer: Peer, packets: Packets) -> Check:
        """Whether some rule of *groups* lets *packets* through to *peer* (egress) or from it (ingress), with all that do."""
        if groups is None:
            return Check(UNKNOWN, why=f"which security groups apply ({packets.direction}) is not known")
        if not groups:
            return Check(YES)
        sure: list[str] = []
        doubtful: list[str] = []
        unseen: list[str] = []
        for group_id in groups:
            key = (group_id, packets)
            asked = self._asked[key] if key in self._asked else self._asked.setdefault(key, self._ask(group_id, packets))
            if asked is None:
                unseen.append(group_id)
            elif asked.rules:
                matches = self._matches(asked, peer)
                for place in sorted(matches) if len(matches) > 1 else matches:
                    rule_id, of_ports = asked.rules[place]
                    verdict = matches[place] if of_ports is YES else all_of((of_ports, matches[place]))
                    if verdict is not NO:
                        (sure if verdict is YES else doubtful).append(rule_id)
        if sure:
            return Check(YES, tuple(sure), tuple(doubtful))
        verdict = UNKNOWN if doubtful or unseen else NO
        return Check(verdict, (), tuple(doubtful), _why(packets.direction, groups, doubtful, unseen))

    def _ask(self, group_id: str, packets: Packets) -> _Asked | None:
        """The group's rules for *packets*; None where they were not seen."""
        group = self.network.groups.get(group_id)
        if group is None or group.rules is None:
            return None
        asked = _Asked()
        for rule in group.rules:
            of_ports = _matches_ports(rule, packets.protocol, packets.ports) if rule.is_egress is packets.is_egress else NO
            if of_ports is NO:
                continue
            place = len(asked.rules)
            asked.rules.append((rule.rule_id, of_ports))
            if rule.peer_kind == "group":
                asked.of_groups[rule.peer].append(place)
            elif rule.peer_kind == "prefix_list" and self._list_name(rule).startswith(_OF_AWS):
                asked.of_aws.append((place, rule))
            elif rule.peer_spans is None:
                asked.unread.append(place)
            else:
                for one in rule.peer_spans:
                    asked.of_spans[one].append(place)
        asked.spans = NestedSpans(asked.of_spans)
        return asked

    def _list_name(self, rule: GroupRule) -> str:
        return self.network.prefix_lists.get(rule.peer, "").lower()

    def _matches(self, asked: _Asked, peer: Peer) -> dict[int, Verdict]:
        """Of which rules the peer is, or may be, by their places in `asked.rules`."""
        found = dict.fromkeys(asked.unread, UNKNOWN)
        if asked.of_spans:
            for one in asked.spans.within(peer.addresses):
                if not (peer.service and is_private(one)):
                    found |= dict.fromkeys(asked.of_spans[one], UNKNOWN)
            for one in asked.spans.around(peer.addresses):
                found |= dict.fromkeys(asked.of_spans[one], YES)
        for place, rule in asked.of_aws:
            found[place] = self._of_list(rule, peer)
        if asked.of_groups and peer.references is not NO:
            if peer.groups is None:
                found |= {place: UNKNOWN for places in asked.of_groups.values() for place in places}
            elif peer.is_outside:  # a group of an account that is not in the estate may be borne by what lies outside
                strange = (one for name, one in asked.of_groups.items() if name not in self.network.groups)
                found |= {place: UNKNOWN for places in strange for place in places}
            for name in peer.groups or ():
                found |= dict.fromkeys(asked.of_groups.get(name, ()), peer.references)
        return found

    def _of_list(self, rule: GroupRule, peer: Peer) -> Verdict:
        """Whether a peer is in a prefix list of AWS's own: they are named for services, and hold public addresses."""
        name = self._list_name(rule)
        if peer.service and peer.service != _ANY_SERVICE:
            return YES if name.endswith(f".{peer.service}") else NO
        if rule.peer_spans is not None:
            return any_of(covers(one, peer.addresses) for one in rule.peer_spans)
        return NO if is_private(peer.addresses) and not name.endswith(_LINK_LOCAL_LIST) else UNKNOWN


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

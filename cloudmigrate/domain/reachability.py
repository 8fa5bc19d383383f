"""Whether rules and routes let one resource talk to another now.

A pair may talk where the source's security groups let it out, the target's let it in, the routes lead there and back, and the network
ACLs of both subnets let packets and answers pass. Only pairs that are given are judged, never all: pairs whose ends lie at the same
places (`cloudmigrate.domain.places`) are judged once, so the work grows with the kinds of pairs, not with the pairs.

A resource with several interfaces may use any of them: one that is let through is enough. Of an end outside the estate only our own
side is judged, by addresses; of one that is only partly named by a rule (a /24 of which a rule opens one address) the answer is unknown.
So is all that the inventory does not tell. Flow logs have no ICMP types: a rule for some of them is unknown too. Port 0 means that the
server's port could not be told: then only rules for all ports say yes.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from cloudmigrate.domain.acl_entries import acl_check
from cloudmigrate.domain.group_rules import GroupRules, Packets, Peer
from cloudmigrate.domain.network import ALL_PORTS, WITH_PORTS, Network, Span
from cloudmigrate.domain.places import Atlas, Place, as_ways_see, exact_ports, places_of
from cloudmigrate.domain.verdict import NO, UNKNOWN, YES, Check, Verdict, agreed, all_of
from cloudmigrate.domain.ways import Router, Way

Pair = tuple[str, str, int, int]  # source uid, target uid, protocol, server's port
_Ports = tuple[int, int]
REMEMBERED = 200_000  # answers for pairs of kinds of ends; an estate that has more is judged anew from there on, in bounded memory


@dataclass(frozen=True, slots=True)
class Allowed:
    """The answer for one pair; ``rules`` let it through, ``doubtful`` may (ids of security group rules, `used_rules` tells which count)."""

    verdict: Verdict
    rules: tuple[str, ...]
    doubtful: tuple[str, ...]
    passes: tuple[str, ...]  # network ACL entries and gateways on the way, where the answer is yes
    why: str  # what stops it or what is not known; empty for yes

    @property
    def as_flag(self) -> bool | None:
        """As the column ``allowed`` has it: None for unknown."""
        return None if self.verdict is UNKNOWN else self.verdict is YES


def allowed(network: Network, pairs: Iterable[Pair]) -> list[Allowed]:
    """The answers, one for each of *pairs*, in their order."""
    return list(answers(network, pairs))


def answers(network: Network, pairs: Iterable[Pair]) -> Iterator[Allowed]:
    """The same one by one, so that neither pairs nor answers need be held."""
    judge = Judge(network, Atlas(network))
    return (judge.pair(*pair) for pair in pairs)


def allowed_alone(network: Network, pair: Pair) -> Allowed:
    """The same for one pair by its exact addresses and port, with nothing shared: what `allowed` must agree with."""
    return Judge(network, None).pair(*pair)


@dataclass(slots=True)
class Judge:
    """Judges pairs in one network and remembers; without an atlas it judges exact addresses.

    Places have numbers: what is remembered of a pair of them is found without comparing the places themselves.
    """

    network: Network
    atlas: Atlas | None
    _router: Router = field(init=False)
    _group_rules: GroupRules = field(init=False)
    _ends: dict[str, int] = field(default_factory=dict)  # uid -> number of its tuple of places
    _sets: dict[tuple[int, ...], int] = field(default_factory=dict)
    _members: list[tuple[int, ...]] = field(default_factory=list)  # by the number of a tuple of places
    _numbers: dict[Place, int] = field(default_factory=dict)
    _places: list[Place] = field(default_factory=list)  # by number
    _seen_by_ways: list[int] = field(default_factory=list)  # by a place's number: the number of what ways see of it
    _classes: dict[Place, int] = field(default_factory=dict)
    _class_places: list[Place] = field(default_factory=list)
    _answers: dict[tuple[int, int, int, _Ports], Allowed] = field(default_factory=dict)
    _ports: dict[tuple[int, int], _Ports] = field(default_factory=dict)
    _ways: dict[tuple[int, int], tuple[Way, ...]] = field(default_factory=dict)
    _lines: dict[tuple[int, int, int, _Ports], tuple[Check, ...]] = field(default_factory=dict)
    _packets: dict[tuple[str, int, _Ports], Packets] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._router = Router(self.network)
        self._group_rules = GroupRules(self.network)

    def pair(self, source_uid: str, target_uid: str, protocol: int, port: int) -> Allowed:
        """The answer for one pair."""
        ports = self._ports.get((protocol, port))
        if ports is None:
            ports = exact_ports(protocol, port) if self.atlas is None else self.atlas.ports(protocol, port)
            self._ports[protocol, port] = ports
        key = (self._end(source_uid), self._end(target_uid), protocol, ports)
        answer = self._answers.get(key)
        if answer is None:
            if len(self._answers) >= REMEMBERED:
                self._answers.clear()
            answer = self._answers[key] = self._judged(self._members[key[0]], self._members[key[1]], protocol, ports)
        return answer

    def _end(self, uid: str) -> int:
        """The number of the places of an end."""
        number = self._ends.get(uid)
        if number is None:
            places = tuple(self._number(one) for one in places_of(self.network, uid, self.atlas))
            number = self._sets.setdefault(places, len(self._members))
            if number == len(self._members):
                self._members.append(places)
            self._ends[uid] = number
        return number

    def _number(self, place: Place) -> int:
        number = self._numbers.setdefault(place, len(self._places))
        if number == len(self._places):
            seen = as_ways_see(place, self.atlas)
            class_ = self._classes.setdefault(seen, len(self._class_places))
            if class_ == len(self._class_places):
                self._class_places.append(seen)
            self._places.append(place)
            self._seen_by_ways.append(class_)
        return number

    def _judged(self, sources: tuple[int, ...], targets: tuple[int, ...], protocol: int, ports: _Ports) -> Allowed:
        """The answer over all places of both ends."""
        if not sources or not targets:
            end = "source" if not sources else "target"
            return Allowed(UNKNOWN, (), (), (), f"where the {end} lies in the network is not known")
        places = self._places
        if len(sources) == len(targets) == 1 and places[sources[0]].addresses.is_ipv6 is places[targets[0]].addresses.is_ipv6:
            return self._between(sources[0], targets[0], protocol, ports)
        found = [
            (places[one].is_certain and places[other].is_certain, self._between(one, other, protocol, ports))
            for one in sources
            for other in targets
            if places[one].addresses.is_ipv6 is places[other].addresses.is_ipv6
        ]
        if not found:
            return Allowed(UNKNOWN, (), (), (), "no address of the one family is known of both")
        return _any_of(found)

    def _between(self, one: int, other: int, protocol: int, ports: _Ports) -> Allowed:
        """The answer for two places, over every way between them."""
        classes = (self._seen_by_ways[one], self._seen_by_ways[other])
        ways = self._ways.get(classes)
        if ways is None:
            ways = self._ways[classes] = self._router.ways(self._class_places[classes[0]], self._class_places[classes[1]])
        of_lines = ports if self.atlas is None else self.atlas.ports_for_ways(ports)
        key = (*classes, protocol, of_lines)
        lines = self._lines.get(key)
        if lines is None:
            lines = self._lines[key] = tuple(self._line(way, *classes, protocol, of_lines) for way in ways)
        found = [self._on_way(way, line, one, other, (protocol, ports)) for way, line in zip(ways, lines, strict=True)]
        return found[0] if len(found) == 1 else _any_of([(True, answer) for answer in found])

    def _on_way(self, way: Way, line: Check, one: int, other: int, asked: tuple[int, _Ports]) -> Allowed:
        """The answer for one way, *line* being that of its routes and network ACLs."""
        source, target = self._places[one], self._places[other]
        sides: list[Check] = []
        if source.kind != "outside":
            peer = Peer(way.target or target.addresses, target.groups, way.lets_out_by_group, target.kind == "outside", target.service)
            sides.append(self._group_rules.check(source.groups, peer, self._asked("egress", *asked)))
        if target.kind != "outside":
            peer = Peer(way.source or source.addresses, source.groups, way.lets_in_by_group, source.kind == "outside", source.service)
            sides.append(self._group_rules.check(target.groups, peer, self._asked("ingress", *asked)))
        checks = (*sides, line)
        verdict = all_of([check.verdict for check in checks])
        return Allowed(
            verdict,
            tuple(rule for check in sides for rule in check.rules),
            tuple(rule for check in sides if check.verdict is not YES for rule in check.doubtful),
            line.rules if verdict is YES else (),
            "" if verdict is YES else next(check.why for check in checks if check.verdict is verdict),
        )

    def _asked(self, direction: str, protocol: int, ports: _Ports) -> Packets:
        key = (direction, protocol, ports)
        found = self._packets.get(key)
        if found is None:
            found = self._packets[key] = Packets(*key)
        return found

    def _line(self, way: Way, one: int, other: int, protocol: int, ports: _Ports) -> Check:
        """Whether the routes of a way and the network ACLs on it let packets through, by what ways see of both ends."""
        source, target = self._class_places[one], self._class_places[other]
        acls = self._acl_checks(way, source, target, protocol, ports) if way.leaves_subnet else ()
        checks = (way.check, *acls)
        verdict = all_of(one.verdict for one in checks)
        why = "" if verdict is YES else next(one.why for one in checks if one.verdict is verdict)
        return Check(verdict, tuple(dict.fromkeys(rule for one in checks for rule in one.rules)), why=why)

    def _acl_checks(self, way: Way, source: Place, target: Place, protocol: int, ports: _Ports) -> Iterator[Check]:
        """The packets' way out of the source's subnet and into the target's, and the answers' way back."""
        answers = source.client_ports if protocol in WITH_PORTS else ALL_PORTS
        seen, named = way.source or source.addresses, way.target or target.addresses
        if source.is_ours:
            yield self._acl_check(source, named, self._asked("egress", protocol, ports), target.service)
        if target.is_ours:
            yield self._acl_check(target, seen, self._asked("ingress", protocol, ports), source.service)
            yield _answering(self._acl_check(target, seen, self._asked("egress", protocol, answers), source.service))
        if source.is_ours:
            yield _answering(self._acl_check(source, named, self._asked("ingress", protocol, answers), target.service))

    def _acl_check(self, place: Place, addresses: Span, packets: Packets, service: str) -> Check:
        subnet = self.network.subnets.get(place.subnet_id)
        acl = subnet.acl if subnet else None
        if acl is None:
            return Check(UNKNOWN, why=f"no network ACL of {place.subnet_id or 'its subnet'} was seen")
        return acl_check(acl, addresses, packets, service)


def _answering(check: Check) -> Check:
    return check if check.verdict is YES else Check(check.verdict, check.rules, check.doubtful, f"answers: {check.why}")


def _any_of(found: Sequence[tuple[bool, Allowed]]) -> Allowed:
    """The answer when any of several may apply: yes if one that is there for sure is let through, or if all are."""
    if len(found) == 1:
        return found[0][1]
    answers = [one for _, one in found]
    verdict = YES if any(is_certain and one.verdict is YES for is_certain, one in found) else agreed(one.verdict for one in answers)
    # What one way stops tells nothing where another is open.
    open_ones = [one for one in answers if one.verdict is not NO] or answers
    telling = [one for one in open_ones if one.verdict is verdict] or [one for one in answers if one.verdict is not YES]
    rules = tuple(dict.fromkeys(rule for one in open_ones for rule in one.rules))
    return Allowed(
        verdict,
        rules,
        tuple(dict.fromkeys(rule for one in open_ones for rule in one.doubtful if rule not in rules)),
        tuple(dict.fromkeys(one for answer in telling for one in answer.passes)) if verdict is YES else (),
        "" if verdict is YES else telling[0].why,
    )

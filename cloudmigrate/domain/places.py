"""The two ends of a pair as rules see them: places in the network, networks outside, addresses that nobody knows.

Rules tell addresses apart only by the blocks that some rule names, and ports by the ranges. So the first address of its kind stands for
all others in the same blocks (`Atlas`), and all resources with the same groups in the same subnet and blocks are one place: judged once.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from cloudmigrate.domain.nested_spans import NestedSpans
from cloudmigrate.domain.network import (
    ALL_IPV4,
    ALL_IPV6,
    ALL_PORTS,
    EXTERNAL,
    PRIVATE_SPANS,
    UNKNOWN_ADDRESS,
    WITH_PORTS,
    Network,
    NetworkAcl,
    RouteTable,
    Seat,
    Span,
    span,
)


@dataclass(frozen=True, slots=True)
class Place:
    """One end of a pair; ends that are no resource have no subnet."""

    kind: str  # seat, outside, unknown
    addresses: Span
    vpc_id: str = ""
    subnet_id: str = ""
    groups: tuple[str, ...] | None = None  # () where none apply, None where not known
    public: tuple[Span, ...] = ()
    is_public: bool = False
    is_certain: bool = True
    client_ports: tuple[int, int] = (1024, 65535)
    service: str = ""  # an AWS service whose addresses are not known

    @property
    def is_ours(self) -> bool:
        """Whether it is a place in the estate's own network."""
        return self.kind == "seat"


class Atlas:
    """Which addresses, and which ports, no rule of a network tells apart."""

    def __init__(self, network: Network) -> None:
        of_ways = set(_spans_of_ways(network))
        self._for_all = _Kinds(of_ways | {one for rule in network.rules() for one in rule.peer_spans or ()})
        self._for_ways = _Kinds(of_ways)
        of_acls = set(_ports_of_acls(network))
        self._ports_of_ways = _bounds(of_acls)
        self._ports = _bounds(of_acls | _ports_of_groups(network))

    def alike(self, addresses: Span) -> Span:
        """The first addresses that were asked about which no rule, route or entry tells from these."""
        return self._for_all.first(addresses)

    def alike_for_ways(self, addresses: Span) -> Span:
        """The same for routes and network ACLs alone: fewer kinds."""
        return self._for_ways.first(addresses)

    def ports(self, protocol: int, port: int) -> tuple[int, int]:
        """The ports that no rule tells from *port*; all of them for a port that was not told, and for protocols without ports."""
        if protocol not in WITH_PORTS or not ALL_PORTS[0] < port <= ALL_PORTS[1]:
            return ALL_PORTS
        return _between(self._ports, port, port)

    def ports_for_ways(self, ports: tuple[int, int]) -> tuple[int, int]:
        """The ports that no network ACL tells from *ports*: fewer kinds."""
        return _between(self._ports_of_ways, *ports)


class _Kinds:
    """Kinds of addresses: two are of one kind where the smallest block around them is the same, and the blocks within them are."""

    def __init__(self, spans: set[Span]) -> None:
        self._blocks = NestedSpans(spans | {ALL_IPV4, ALL_IPV6})
        self._firsts: dict[tuple[Span, ...], Span] = {}

    def first(self, addresses: Span) -> Span:
        """The first addresses of the same kind."""
        kind = (next(self._blocks.around(addresses)), *self._blocks.within(addresses))
        return self._firsts.setdefault(kind, addresses)


def exact_ports(protocol: int, port: int) -> tuple[int, int]:
    """The same without widening."""
    return (port, port) if protocol in WITH_PORTS and ALL_PORTS[0] < port <= ALL_PORTS[1] else ALL_PORTS


def places_of(network: Network, uid: str, atlas: Atlas | None) -> tuple[Place, ...]:
    """The distinct places of an end, each as the first of its kind where an *atlas* is given; none where nothing is known of it."""
    found: Iterable[Place]
    if uid.startswith(EXTERNAL):
        found = _outside(uid.removeprefix(EXTERNAL))
    elif uid.startswith(UNKNOWN_ADDRESS):
        address = span(uid.removeprefix(UNKNOWN_ADDRESS))
        found = () if address is None else (Place("unknown", address),)
    else:
        found = (place for seat in network.seats.get(uid, ()) for place in _of_seat(seat))
    return tuple(dict.fromkeys(place if atlas is None else _alike(place, atlas) for place in found))


def _outside(name: str) -> tuple[Place, ...]:
    addresses = span(name)
    if addresses is not None:
        return (Place("outside", addresses, groups=()),)
    return (Place("outside", ALL_IPV4, groups=(), service=name.lower()),)


def _of_seat(seat: Seat) -> Iterator[Place]:
    """A place for each address, since it may use any."""
    for addresses in seat.addresses:
        yield Place(
            kind="seat",
            addresses=addresses,
            vpc_id=seat.vpc_id,
            subnet_id=seat.subnet_id,
            groups=seat.groups,
            public=() if addresses.is_ipv6 else seat.public,
            is_public=seat.is_public and not addresses.is_ipv6,
            is_certain=seat.is_certain,
            client_ports=seat.client_ports,
        )


def _alike(place: Place, atlas: Atlas) -> Place:
    public = tuple(dict.fromkeys(atlas.alike(one) for one in place.public))
    return replace(place, addresses=place.addresses if place.service else atlas.alike(place.addresses), public=public)


def as_ways_see(place: Place, atlas: Atlas | None) -> Place:
    """A place without what no route and no network ACL asks about, so that many places have the same ways."""
    addresses = place.addresses if place.service or atlas is None else atlas.alike_for_ways(place.addresses)
    return replace(place, addresses=addresses, groups=(), is_certain=True)


def _spans_of_ways(network: Network) -> Iterator[Span]:
    """Every stretch of addresses that something besides security groups asks about."""
    yield from PRIVATE_SPANS
    for acl in _acls(network):
        yield from (entry.addresses for entry in acl.entries if entry.addresses)
    for table in _tables(network):
        for route in table.routes:
            yield from route.destinations or ()
    for vpc in network.vpcs.values():
        yield from vpc.spans
    for subnet in network.subnets.values():
        yield from subnet.spans


def _ports_of_groups(network: Network) -> set[tuple[int, int]]:
    return {(rule.from_port, rule.to_port) for rule in network.rules() if rule.protocol in WITH_PORTS}


def _ports_of_acls(network: Network) -> Iterator[tuple[int, int]]:
    for acl in _acls(network):
        yield from ((entry.from_port, entry.to_port) for entry in acl.entries if entry.protocol in WITH_PORTS)


def _bounds(ports: Iterable[tuple[int, int]]) -> list[int]:
    """Where stretches of ports begin between which no range ends."""
    found = {ALL_PORTS[0], ALL_PORTS[1] + 1}
    for first, last in ports:
        found |= {first, last + 1}
    return sorted(one for one in found if ALL_PORTS[0] <= one <= ALL_PORTS[1] + 1)


def _between(bounds: list[int], first: int, last: int) -> tuple[int, int]:
    return bounds[bisect_right(bounds, first) - 1], bounds[bisect_right(bounds, last)] - 1


def _acls(network: Network) -> Iterable[NetworkAcl]:
    return {one.acl.acl_id: one.acl for one in network.subnets.values() if one.acl}.values()


def _tables(network: Network) -> Iterable[RouteTable]:
    return {one.table.table_id: one.table for one in network.subnets.values() if one.table}.values()

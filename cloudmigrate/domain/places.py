"""The two ends of a pair as rules see them: places in the network, networks outside, addresses that nobody knows.

Rules tell addresses and ports apart only at the bounds that some rule names. So an address is widened to the whole stretch between two
bounds (`Atlas`), and all resources with the same groups in the same subnet between the same bounds are one place: judged once.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

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
    """Where the bounds lie between which no rule tells addresses, or ports, apart."""

    def __init__(self, network: Network) -> None:
        edges = {ALL_IPV4.first, ALL_IPV6.first, ALL_IPV6.last + 1}
        for one in _named_spans(network):
            edges |= {one.first, one.last + 1}
        self._edges = sorted(edges)
        ports = {ALL_PORTS[0], ALL_PORTS[1] + 1}
        for first, last in _named_ports(network):
            ports |= {first, last + 1}
        self._ports = sorted(one for one in ports if 0 <= one <= ALL_PORTS[1] + 1)

    def widened(self, addresses: Span) -> Span:
        """*addresses* with all that no rule tells from them."""
        low = bisect_right(self._edges, addresses.first)
        high = bisect_right(self._edges, addresses.last)
        return Span(self._edges[low - 1], self._edges[high] - 1)

    def ports(self, protocol: int, port: int) -> tuple[int, int]:
        """The ports that no rule tells from *port*; all of them for a port that was not told, and for protocols without ports."""
        if protocol not in WITH_PORTS or not ALL_PORTS[0] < port <= ALL_PORTS[1]:
            return ALL_PORTS
        low = bisect_right(self._ports, port)
        return self._ports[low - 1], self._ports[low] - 1


def exact_ports(protocol: int, port: int) -> tuple[int, int]:
    """The same without widening."""
    return (port, port) if protocol in WITH_PORTS and ALL_PORTS[0] < port <= ALL_PORTS[1] else ALL_PORTS


def places_of(network: Network, uid: str, atlas: Atlas | None) -> tuple[Place, ...]:
    """The distinct places of an end, widened where an *atlas* is given; none where nothing is known of it."""
    found: Iterable[Place]
    if uid.startswith(EXTERNAL):
        found = _outside(uid.removeprefix(EXTERNAL))
    elif uid.startswith(UNKNOWN_ADDRESS):
        address = span(uid.removeprefix(UNKNOWN_ADDRESS))
        found = () if address is None else (Place("unknown", address),)
    else:
        found = (place for seat in network.seats.get(uid, ()) for place in _of_seat(seat))
    return tuple(dict.fromkeys(place if atlas is None else _widened(place, atlas) for place in found))


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


def _widened(place: Place, atlas: Atlas) -> Place:
    public = tuple(dict.fromkeys(atlas.widened(one) for one in place.public))
    addresses = place.addresses if place.service else atlas.widened(place.addresses)
    return Place(
        place.kind,
        addresses,
        place.vpc_id,
        place.subnet_id,
        place.groups,
        public,
        place.is_public,
        place.is_certain,
        place.client_ports,
        place.service,
    )


def _named_spans(network: Network) -> Iterator[Span]:
    """Every stretch of addresses that something in the network asks about."""
    yield from PRIVATE_SPANS
    for rule in network.rules():
        yield from rule.peer_spans or ()
    for acl in _acls(network):
        yield from (entry.addresses for entry in acl.entries if entry.addresses)
    for table in _tables(network):
        for route in table.routes:
            yield from route.destinations or ()
    for vpc in network.vpcs.values():
        yield from vpc.spans
    for subnet in network.subnets.values():
        yield from subnet.spans


def _named_ports(network: Network) -> Iterator[tuple[int, int]]:
    for rule in network.rules():
        if rule.protocol in WITH_PORTS and rule.from_port >= 0:
            yield rule.from_port, rule.to_port
    for acl in _acls(network):
        for entry in acl.entries:
            if entry.protocol in WITH_PORTS and entry.from_port >= 0:
                yield entry.from_port, entry.to_port


def _acls(network: Network) -> Iterable[NetworkAcl]:
    return {one.acl.acl_id: one.acl for one in network.subnets.values() if one.acl}.values()


def _tables(network: Network) -> Iterable[RouteTable]:
    return {one.table.table_id: one.table for one in network.subnets.values() if one.table}.values()

"""The rules that decide who may talk to whom: security groups, network ACLs, routes, and what bears them. Frozen records, no judgement.

Addresses lie on one line of numbers: IPv4 as itself, IPv6 behind it (`Span`), so that containment is two comparisons. Where the inventory
does not say something, a record says None, or has no entry; whoever judges takes that as unknown, never as "nothing there".
"""

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

ALL_PROTOCOLS = -1
ICMP, TCP, UDP, ICMPV6 = 1, 6, 17, 58
WITH_PORTS = frozenset({TCP, UDP})
WITH_TYPES = frozenset({ICMP, ICMPV6})
ALL_PORTS = (0, 65535)
EXTERNAL, UNKNOWN_ADDRESS = "external:", "unknown:"  # how the uids of ends begin that are no resource
_IPV6_BEGINS = 1 << 32
_LONGEST_CIDR = 49  # characters: an IPv6 address with its length


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Addresses from *first* to *last*, both included; never of both families."""

    first: int
    last: int

    def contains(self, other: "Span") -> bool:
        """Whether every address of *other* is in here."""
        return self.first <= other.first and other.last <= self.last

    def overlaps(self, other: "Span") -> bool:
        """Whether some address is in both."""
        return self.first <= other.last and other.first <= self.last

    @property
    def is_ipv6(self) -> bool:
        """Of which family it is."""
        return self.first >= _IPV6_BEGINS

    @property
    def size(self) -> int:
        """How many addresses."""
        return self.last - self.first + 1


@lru_cache(maxsize=1 << 16)
def span(text: str) -> Span | None:
    """The addresses of a CIDR or of one address; None where *text* is neither."""
    if len(text) > _LONGEST_CIDR or "%" in text:
        return None
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
    shift = _IPV6_BEGINS if network.version == 6 else 0
    return Span(int(network.network_address) + shift, int(network.broadcast_address) + shift)


def _known(text: str) -> Span:
    found = span(text)
    if found is None:
        raise ValueError(f"no CIDR: {text}")
    return found


ALL_IPV4, ALL_IPV6 = _known("0.0.0.0/0"), _known("::/0")
# Never routed in the internet: RFC 1918, RFC 6598 (shared), RFC 3927 (link-local), RFC 4193 (unique local), RFC 4291 (link-local).
PRIVATE_SPANS = tuple(
    map(_known, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "fc00::/7", "fe80::/10"))
)


def is_private(addresses: Span) -> bool:
    """Whether none of *addresses* can be reached through the internet."""
    return any(one.contains(addresses) for one in PRIVATE_SPANS)


@dataclass(frozen=True, slots=True)
class GroupRule:
    """One permission of a security group.

    ``protocol`` is IANA's number, -1 for all. ``from_port`` and ``to_port`` are ports, for ICMP type and code, and -1 each where the rule
    names none (EC2 API reference, IpPermission).
    """

    rule_id: str  # group/direction/protocol/ports/peer: what tells a rule from others of its group
    group_id: str
    is_egress: bool
    protocol: int
    from_port: int
    to_port: int
    peer_kind: str  # cidr, group, prefix_list
    peer: str  # CIDR, security group id, prefix list id
    peer_uid: str  # the same as a uid where it has one
    peer_spans: tuple[Span, ...] | None = ()  # None: what the prefix list holds, or the CIDR says, was not to be read
    description: str | None = None  # written by strangers: masked and cut

    @property
    def direction(self) -> str:
        """Which way the traffic that it lets through opens."""
        return "egress" if self.is_egress else "ingress"

    @property
    def is_open_to_world(self) -> bool:
        """Whether it names every IPv4 or every IPv6 address."""
        return any(one in (ALL_IPV4, ALL_IPV6) for one in self.peer_spans or ())


@dataclass(frozen=True, slots=True)
class SecurityGroup:
    """A security group with its rules; ``rules`` is None where the answer held none of them."""

    uid: str
    group_id: str
    account_id: str
    region: str
    vpc_id: str
    rules: tuple[GroupRule, ...] | None


@dataclass(frozen=True, slots=True)
class AclEntry:
    """One entry of a network ACL; for ICMP ``from_port`` is the type, -1 for all, and ``to_port`` the code."""

    entry_id: str  # acl/direction/number
    number: int
    is_egress: bool
    allows: bool
    protocol: int
    from_port: int
    to_port: int
    addresses: Span | None  # None: not to be read


@dataclass(frozen=True, slots=True)
class NetworkAcl:
    """A network ACL; ``entries`` by number, the lowest first, as they are tried."""

    acl_id: str
    entries: tuple[AclEntry, ...]


@dataclass(frozen=True, slots=True)
class Route:
    """Where a route table sends addresses."""

    destinations: tuple[Span, ...] | None  # None: a prefix list that was not seen
    gateway_id: str  # local, pcx-, tgw-, igw-, eigw-, nat-, vgw-, vpce-, eni-, i-, ...
    is_blackhole: bool = False
    prefix_list_id: str | None = None


@dataclass(frozen=True, slots=True)
class RouteTable:
    """A route table; the most specific route wins, whatever the order."""

    table_id: str
    routes: tuple[Route, ...]


@dataclass(frozen=True, slots=True)
class Peering:
    """A peering connection between two VPCs."""

    peering_id: str
    vpc_ids: tuple[str, str]
    is_active: bool
    within_region: bool | None  # security group references do not work across regions; None: not known


@dataclass(frozen=True, slots=True)
class TransitGateway:
    """A transit gateway as its attachments show it; its own route tables are not in the inventory."""

    gateway_id: str
    tables: Mapping[str, str | None]  # VPC attached -> the gateway's route table that its attachment is associated with
    references_groups: bool | None  # security group referencing support; None: not known


@dataclass(frozen=True, slots=True)
class Vpc:
    """A VPC and its addresses."""

    vpc_id: str
    region: str
    spans: tuple[Span, ...]
    # A network load balancer keeps the client's address, and the answer goes back through it, past the route table.
    has_network_balancer: bool = False


@dataclass(frozen=True, slots=True)
class Subnet:
    """A subnet with what applies in it; None: not seen."""

    subnet_id: str
    vpc_id: str
    spans: tuple[Span, ...] = ()
    acl: NetworkAcl | None = None
    table: RouteTable | None = None


@dataclass(frozen=True, slots=True)
class Seat:
    """One place where a resource lies in the network: an interface of it, or a place that its own description names."""

    holder_uid: str
    vpc_id: str
    subnet_id: str
    addresses: tuple[Span, ...]  # those of an interface; the subnet's where no interface was seen
    groups: tuple[str, ...] | None  # security group ids; () where it uses none (network balancers, NAT), None: not known
    public: tuple[Span, ...] = ()
    is_public: bool = False  # reachable from the internet, as far as addresses go
    is_certain: bool = True  # false: one of several places, of which it uses at least one
    client_ports: tuple[int, int] = (32768, 65535)  # where its connections come from
    interface_id: str = ""
    is_attached: bool = True  # false: an interface that nothing uses


@dataclass(frozen=True, slots=True)
class Network:
    """All of an estate's rules, and who bears them."""

    groups: Mapping[str, SecurityGroup] = field(default_factory=dict)  # by group id
    subnets: Mapping[str, Subnet] = field(default_factory=dict)  # by subnet id
    vpcs: Mapping[str, Vpc] = field(default_factory=dict)
    peerings: Mapping[str, Peering] = field(default_factory=dict)
    transit_gateways: Mapping[str, TransitGateway] = field(default_factory=dict)
    prefix_lists: Mapping[str, str] = field(default_factory=dict)  # prefix list id -> its name
    nat_addresses: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)  # NAT gateway id -> its public addresses
    seats: Mapping[str, tuple[Seat, ...]] = field(default_factory=dict)  # by uid of the resource, and of each interface
    blind: frozenset[tuple[str, str]] = frozenset()  # (account, region) where interfaces could not be listed wholly

    def rules(self) -> Iterator[GroupRule]:
        """Every rule of every group, in order of their ids."""
        for group_id in sorted(self.groups):
            yield from self.groups[group_id].rules or ()


@dataclass(frozen=True, slots=True)
class ObservedEdge:
    """Traffic that was seen: a row of ``traffic`` or an observed one of ``dependencies``, as far as rules are concerned."""

    source_uid: str
    target_uid: str
    protocol: int
    port: int
    bytes: int = 0
    last_seen: datetime | None = None
    confidence: float = 1.0
    action: str = "ACCEPT"
    direction: str | None = None  # how the server was told: syn, known, listens, range, guess

    @classmethod
    def of(cls, row: Mapping[str, object]) -> "ObservedEdge":
        """The edge of a row; columns that it does not need are left."""
        return cls(**{name: row[name] for name in cls.__slots__ if name in row})  # type: ignore[arg-type]

"""Small networks for tests, said in few words."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from cloudmigrate.domain.network import (
    AclEntry,
    GroupRule,
    Network,
    NetworkAcl,
    Peering,
    Route,
    RouteTable,
    Seat,
    SecurityGroup,
    Span,
    Subnet,
    TransitGateway,
    Vpc,
    span,
)

ICMP, TCP, UDP = 1, 6, 17
ANYWHERE, ANYWHERE6 = "0.0.0.0/0", "::/0"
ALL = (-1, -1)


def spans(*texts: str) -> tuple[Span, ...]:
    """The addresses of CIDRs."""
    found = [span(text) for text in texts]
    assert None not in found, texts
    return tuple(one for one in found if one)


def rule(
    group_id: str,
    direction: str,
    protocol: int,
    ports: int | tuple[int, int],
    peer: str,
    holds: tuple[Span, ...] | None = None,
) -> GroupRule:
    """A rule; its peer is a group (sg-...), a prefix list (pl-..., with what it *holds*, None: not seen) or a CIDR. Its id says it all."""
    first, last = (ports, ports) if isinstance(ports, int) else ports
    kind = "group" if peer.startswith("sg-") else "prefix_list" if peer.startswith("pl-") else "cidr"
    named = holds if kind == "prefix_list" else spans(peer) if kind == "cidr" else ()
    rule_id = f"{group_id}/{direction}/{protocol}/{first}-{last}/{peer}"
    return GroupRule(rule_id, group_id, direction == "egress", protocol, first, last, kind, peer, peer, named)


def to_all(group_id: str) -> GroupRule:
    """The rule that a new group has: everything may leave."""
    return rule(group_id, "egress", -1, ALL, ANYWHERE)


def acl(acl_id: str, *entries: tuple[int, str, str, int, tuple[int, int], str]) -> NetworkAcl:
    """A network ACL; an entry is (number, direction, allow or deny, protocol, ports, CIDR)."""
    rows = [
        AclEntry(f"{acl_id}/{direction}/{number}", number, direction == "egress", action == "allow", protocol, *ports, span(cidr))
        for number, direction, action, protocol, ports, cidr in entries
    ]
    return NetworkAcl(acl_id, tuple(sorted(rows, key=lambda one: one.number)))


OPEN_ACL = acl("acl-open", (100, "ingress", "allow", -1, ALL, ANYWHERE), (100, "egress", "allow", -1, ALL, ANYWHERE),
               (101, "ingress", "allow", -1, ALL, ANYWHERE6), (101, "egress", "allow", -1, ALL, ANYWHERE6))  # fmt: skip


def table(table_id: str, *routes: tuple[str, str]) -> RouteTable:
    """A route table; a route is (CIDR, gateway), with "!" before a gateway that is gone."""
    return RouteTable(table_id, tuple(Route(spans(cidr), gateway.lstrip("!"), gateway.startswith("!")) for cidr, gateway in routes))


@dataclass
class Build:
    """A network in the making: VPCs a (10.1.0.0/16) and b (10.2.0.0/16) unless told otherwise."""

    groups: dict[str, SecurityGroup] = field(default_factory=dict)
    subnets: dict[str, Subnet] = field(default_factory=dict)
    vpcs: dict[str, Vpc] = field(default_factory=dict)
    peerings: dict[str, Peering] = field(default_factory=dict)
    transit_gateways: dict[str, TransitGateway] = field(default_factory=dict)
    prefix_lists: dict[str, str] = field(default_factory=dict)
    nat_addresses: dict[str, tuple[Span, ...]] = field(default_factory=dict)
    seats: dict[str, list[Seat]] = field(default_factory=dict)
    blind: set[tuple[str, str]] = field(default_factory=set)

    def vpc(self, vpc_id: str, *cidrs: str, has_balancer: bool = False) -> "Build":
        self.vpcs[vpc_id] = Vpc(vpc_id, "r", spans(*cidrs), has_balancer)
        return self

    def subnet(
        self, subnet_id: str, vpc_id: str, *cidrs: str, acl: NetworkAcl | None = OPEN_ACL, routes: RouteTable | None = None
    ) -> "Build":
        local = RouteTable(f"rtb-{vpc_id}", (Route(self.vpcs[vpc_id].spans, "local"),)) if vpc_id in self.vpcs else None
        self.subnets[subnet_id] = Subnet(subnet_id, vpc_id, spans(*cidrs), acl, routes or local)
        return self

    def group(self, group_id: str, *rules: GroupRule, seen: bool = True) -> "Build":
        self.groups[group_id] = SecurityGroup(f"arn:{group_id}", group_id, "1", "r", "", rules if seen else None)
        return self

    def at(self, uid: str, subnet_id: str, addresses: str | Iterable[str], *groups: str, **more: object) -> "Build":
        """A place of *uid*; without groups none apply (pass ``groups=None`` for not known)."""
        listed = (addresses,) if isinstance(addresses, str) else tuple(addresses)
        subnet = self.subnets.get(subnet_id)
        values: dict[str, object] = {
            "holder_uid": uid,
            "vpc_id": subnet.vpc_id if subnet else "",
            "subnet_id": subnet_id,
            "addresses": spans(*listed),
            "groups": groups,
        }
        if "public" in more:
            more["public"] = spans(str(more["public"]))
            more.setdefault("is_public", True)
        self.seats.setdefault(uid, []).append(Seat(**(values | more)))  # type: ignore[arg-type]
        return self

    def peering(self, peering_id: str, one: str, other: str, *, is_active: bool = True, within_region: bool | None = True) -> "Build":
        self.peerings[peering_id] = Peering(peering_id, (one, other), is_active, within_region)
        return self

    def network(self) -> Network:
        return Network(
            self.groups,
            self.subnets,
            self.vpcs,
            self.peerings,
            self.transit_gateways,
            self.prefix_lists,
            self.nat_addresses,
            {uid: tuple(seats) for uid, seats in self.seats.items()},
            frozenset(self.blind),
        )


def one_subnet() -> Build:
    """VPC a with the subnet s, 10.1.0.0/24 and 2600:1::/64."""
    return Build().vpc("vpc-a", "10.1.0.0/16", "2600:1::/56").subnet("s", "vpc-a", "10.1.0.0/24", "2600:1::/64")


def two_subnets(first: NetworkAcl | None = OPEN_ACL, second: NetworkAcl | None = OPEN_ACL) -> Build:
    """VPC a with the subnets s and t, 10.1.0.0/24 and 10.1.1.0/24, app in the one and db in the other, their groups wide open."""
    made = Build().vpc("vpc-a", "10.1.0.0/16")
    made.subnet("s", "vpc-a", "10.1.0.0/24", acl=first).subnet("t", "vpc-a", "10.1.1.0/24", acl=second)
    made.group("sg-open", to_all("sg-open"), rule("sg-open", "ingress", -1, ALL, ANYWHERE))
    return made.at("app", "s", "10.1.0.5", "sg-open").at("db", "t", "10.1.1.5", "sg-open")


def two_vpcs(there: Iterable[tuple[str, str]], back: Iterable[tuple[str, str]]) -> Build:
    """app in VPC a and db in VPC b (10.2.0.0/16), groups wide open, with these routes besides the VPCs' own."""
    made = Build().vpc("vpc-a", "10.1.0.0/16").vpc("vpc-b", "10.2.0.0/16")
    made.subnet("s", "vpc-a", "10.1.0.0/24", routes=table("rtb-a", ("10.1.0.0/16", "local"), *there))
    made.subnet("t", "vpc-b", "10.2.0.0/24", routes=table("rtb-b", ("10.2.0.0/16", "local"), *back))
    made.group("sg-open", to_all("sg-open"), rule("sg-open", "ingress", -1, ALL, ANYWHERE))
    return made.at("app", "s", "10.1.0.5", "sg-open").at("db", "t", "10.2.0.5", "sg-open")

"""Over which ways two places may reach one another: routes there and back, and what each end looks like to the other.

The most specific route to an address wins (VPC User Guide, "Route priority"). What lies behind a VPN, a transit gateway or the internet
is not ours to judge: for an end outside, only the estate's own side is asked. Where a transit gateway would send traffic is in route
tables of its own, which are not in the inventory: two VPCs reach one another for sure only where both are associated with the same.
The network ACL in the subnet of a NAT gateway is not looked at.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from cloudmigrate.domain.nested_spans import NestedSpans
from cloudmigrate.domain.network import ALL_IPV4, Network, Route, RouteTable, Span, is_private
from cloudmigrate.domain.places import Place
from cloudmigrate.domain.verdict import NO, UNKNOWN, YES, Check, Verdict, agreed, all_of

LOCAL = Route((), "local")


@dataclass(frozen=True, slots=True)
class Way:
    """One way between two places."""

    check: Check  # of the routes there and back; its rules are the gateways passed
    source: Span | None = None  # the source's address as the target sees it, where that is not its own
    target: Span | None = None  # the target's address as the source names it, where that is not its own
    lets_in_by_group: Verdict = NO  # whether the target's rules that name a group match
    lets_out_by_group: Verdict = NO  # whether the source's do
    leaves_subnet: bool = True  # within a subnet no network ACL is asked


@dataclass(slots=True)
class Router:
    """Finds ways in one network; tables are sorted once."""

    network: Network
    _tables: dict[str, "_Table"] = field(default_factory=dict)

    def ways(self, source: Place, target: Place) -> tuple[Way, ...]:
        """The ways from *source* to *target*, of which any may be taken."""
        if "unknown" in (source.kind, target.kind):
            ours, other = (source, target) if source.is_ours else (target, source)
            subnet = self.network.subnets.get(ours.subnet_id)
            inside = subnet is not None and any(one.contains(other.addresses) for one in subnet.spans)
            check = Check(UNKNOWN, why="which resource has the address of one end is not known")
            return (Way(check, None, None, UNKNOWN, UNKNOWN, not inside),)
        if source.is_ours and target.is_ours:
            private = self._private(source, target)
            return (private,) if private.check.verdict is YES else (private, *self._public(source, target))
        if source.is_ours:
            return (Way(self._outbound(source, target), lets_out_by_group=self._references(source, target)[1]),)
        if target.is_ours:
            return (Way(self._inbound(target, source), lets_in_by_group=self._references(target, source)[0]),)
        return (Way(Check(UNKNOWN, why="neither end is in the estate")),)

    def _private(self, source: Place, target: Place) -> Way:
        there = self._leads(source, target, is_answer=False)
        back = self._leads(target, source, is_answer=True)
        lets_in, lets_out = self._references(source, target)
        same_subnet = bool(source.subnet_id) and source.subnet_id == target.subnet_id
        return Way(_joined(there, back), None, None, lets_in, lets_out, not same_subnet)

    def _public(self, source: Place, target: Place) -> Iterator[Way]:
        """Through the internet: the target's public address, and the source's own or that of its NAT gateway."""
        if not target.is_public:
            return
        for address in target.public or (ALL_IPV4,):
            there = self._outbound(source, Place("outside", address, groups=()))
            if there.verdict is NO:
                continue
            for seen in self._translated(source, there):
                yield Way(_joined(there, self._inbound(target, Place("outside", seen, groups=()))), seen, address)

    def _translated(self, source: Place, there: Check) -> tuple[Span, ...]:
        """The addresses that the source shows outside; every one where that is not known."""
        nats = [one for one in there.rules if one.startswith("nat-")]
        if nats:
            return self.network.nat_addresses.get(nats[0]) or (ALL_IPV4,)
        return source.public or (ALL_IPV4,)

    def _references(self, place: Place, other: Place) -> tuple[Verdict, Verdict]:
        """Whether rules that name a group match between a place and what its routes lead to: those that let in, and those that let out."""
        gateways = {route.gateway_id for route in self._towards(place, other) if route}
        found = [self._through(one) for one in sorted(gateways)]
        return (agreed(one for one, _ in found), agreed(one for _, one in found)) if found else (UNKNOWN, UNKNOWN)

    def _through(self, gateway_id: str) -> tuple[Verdict, Verdict]:
        if gateway_id == "local":
            return YES, YES
        if gateway_id.startswith("pcx-"):
            peering = self.network.peerings.get(gateway_id)
            within = None if peering is None else peering.within_region
            return (UNKNOWN, UNKNOWN) if within is None else (YES, YES) if within else (NO, NO)
        if gateway_id.startswith("tgw-"):
            gateway = self.network.transit_gateways.get(gateway_id)
            supported = None if gateway is None else gateway.references_groups
            # Inbound only (AWS Networking blog, "Introducing security group referencing for AWS Transit Gateway").
            return UNKNOWN if supported is None else YES if supported else NO, NO
        if gateway_id.startswith(("igw-", "nat-", "eigw-")):
            return NO, NO
        return UNKNOWN, UNKNOWN

    # --- routes ---

    def _candidates(self, place: Place, addresses: Span, service: str = "") -> tuple[Route | None, ...]:
        """The routes that may be taken to *addresses*; None among them: for some there is none. Empty: no table was seen."""
        subnet = self.network.subnets.get(place.subnet_id)
        table = subnet.table if subnet else None
        if table is None:
            return ()
        rows = self._tables.get(table.table_id)
        if rows is None:
            rows = self._tables[table.table_id] = _Table(table)
        found: list[Route | None] = [one for one in rows.unseen if self._may_hold(one, addresses, service)]
        if service:
            named = [one for one in table.routes if self._is_for(one, service)]
            if named:
                return tuple(named)
        else:
            found += [rows.by_span[one] for one in rows.spans.within(addresses)]
        return (*found, next((rows.by_span[one] for one in rows.spans.around(addresses)), None))

    def _may_hold(self, route: Route, addresses: Span, service: str) -> bool:
        """Whether a prefix list that was not seen may hold them: those of gateway endpoints hold public addresses of AWS only."""
        if route.gateway_id.startswith("vpce-"):
            return bool(service) or not is_private(addresses)
        return True

    def _is_for(self, route: Route, service: str) -> bool:
        return self.network.prefix_lists.get(route.prefix_list_id or "", "").lower().endswith(f".{service}")

    def _judged(self, place: Place, routes: Iterable[tuple[Route | None, Verdict, str]]) -> Check:
        """What holds of all routes that may be taken."""
        found = list(routes)
        subnet = self.network.subnets.get(place.subnet_id)
        if not found:
            return Check(UNKNOWN, why=f"no route table of {place.subnet_id or 'its subnet'} was seen")
        name = subnet.table.table_id if subnet and subnet.table else place.vpc_id
        verdict = agreed(one for _, one, _ in found)
        gateways = tuple(dict.fromkeys(route.gateway_id for route, _, _ in found if route))
        whys = dict.fromkeys(why for _, _, why in found if why)
        return Check(verdict, gateways, why="" if verdict is YES else f"{name}: {'; '.join(whys) or 'routes disagree'}")

    def _leads(self, place: Place, other: Place, *, is_answer: bool) -> Check:
        """Whether the routes at *place* lead to *other*, both in the estate."""
        routes = self._towards(place, other)
        return self._judged(place, ((one, *self._reaches(one, place, other, is_answer=is_answer)) for one in routes))

    def _towards(self, place: Place, other: Place) -> tuple[Route | None, ...]:
        """The routes that may be taken to a place in the estate; every table has the VPC's own, seen or not."""
        routes = self._candidates(place, other.addresses)
        return routes or ((LOCAL,) if place.vpc_id and place.vpc_id == other.vpc_id else ())

    def _reaches(self, route: Route | None, place: Place, other: Place, *, is_answer: bool) -> tuple[Verdict, str]:
        if route is None or route.is_blackhole:
            return _nowhere(route)
        gateway = route.gateway_id
        if gateway == "local" and place.vpc_id and other.vpc_id:
            return (YES, "") if place.vpc_id == other.vpc_id else (NO, "keeps the address within its own VPC")
        if gateway.startswith("pcx-"):
            return self._through_peering(gateway, other.vpc_id)
        if gateway.startswith("tgw-"):
            return self._through_transit(gateway, place.vpc_id, other.vpc_id)
        if gateway.startswith(("igw-", "nat-", "eigw-")):
            return _through_internet(gateway, other, is_answer=is_answer)
        return UNKNOWN, f"leads through {gateway}, behind which nothing is known"

    def _through_peering(self, gateway: str, vpc_id: str | None) -> tuple[Verdict, str]:
        """Through a peering connection to a VPC; None for one outside the estate."""
        peering = self.network.peerings.get(gateway)
        if peering is None:
            return UNKNOWN, f"{gateway} was not seen"
        if not peering.is_active:
            return NO, f"{gateway} is not active"
        return (YES, "") if vpc_id is None or vpc_id in peering.vpc_ids else (NO, f"{gateway} leads to another VPC")

    def _through_transit(self, gateway: str, vpc_id: str, other_vpc_id: str) -> tuple[Verdict, str]:
        found = self.network.transit_gateways.get(gateway)
        ends = (vpc_id, other_vpc_id)
        if found is None or any(one not in found.tables for one in ends):
            return UNKNOWN, f"the attachments of {gateway} to both VPCs were not seen"
        tables = {found.tables[one] for one in ends}
        return (YES, "") if len(tables) == 1 and None not in tables else (UNKNOWN, f"the route tables of {gateway} are not known")

    def _outbound(self, place: Place, other: Place) -> Check:
        """Whether the routes at *place* lead to an end outside."""
        routes = self._candidates(place, other.addresses, other.service)
        return self._judged(place, ((one, *self._leaves(one, place, other)) for one in routes))

    def _leaves(self, route: Route | None, place: Place, other: Place) -> tuple[Verdict, str]:
        if route is None or route.is_blackhole:
            return _nowhere(route)
        gateway, is_hidden = route.gateway_id, is_private(other.addresses)
        if gateway.startswith("pcx-"):
            return self._through_peering(gateway, None)
        if gateway.startswith("igw-") and (is_hidden or not (place.is_public or place.addresses.is_ipv6)):
            return NO, f"leads to {gateway}, " + (
                "where no private address is reached" if is_hidden else "and the source has no public address"
            )
        if gateway.startswith(("tgw-", "vgw-", "vpce-", "eigw-", "igw-")) or (gateway.startswith("nat-") and not is_hidden):
            return YES, ""
        return UNKNOWN, "the address lies within the VPC" if gateway == "local" else f"leads through {gateway}"

    def _inbound(self, place: Place, other: Place) -> Check:
        """Whether an end outside reaches *place*, by the routes that its answers take."""
        routes = self._candidates(place, other.addresses, other.service)
        return self._judged(place, ((one, *self._lets_in(one, place)) for one in routes))

    def _lets_in(self, route: Route | None, place: Place) -> tuple[Verdict, str]:
        gateway = route.gateway_id if route else ""
        if route and not route.is_blackhole:
            if gateway.startswith("pcx-"):
                return self._through_peering(gateway, None)
            if gateway.startswith(("tgw-", "vgw-")) or (gateway.startswith("igw-") and (place.is_public or place.addresses.is_ipv6)):
                return YES, ""
            if not gateway.startswith(("igw-", "nat-", "eigw-")):
                return UNKNOWN, f"answers lead through {gateway}"
        vpc = self.network.vpcs.get(place.vpc_id)
        if vpc is None or vpc.has_network_balancer:
            return UNKNOWN, "only through a network load balancer that keeps the client's address"
        if route is None or route.is_blackhole:
            return _nowhere(route)
        return NO, f"answers lead to {gateway}, through which nobody outside reaches it"


class _Table:
    """A route table, ready to be asked: of two routes to the same addresses the VPC's own wins, then the first."""

    def __init__(self, table: RouteTable) -> None:
        self.unseen = [route for route in table.routes if route.destinations is None]
        self.by_span: dict[Span, Route] = {}
        for route in sorted(table.routes, key=lambda one: one.gateway_id != "local"):
            for one in route.destinations or ():
                self.by_span.setdefault(one, route)
        self.spans = NestedSpans(self.by_span)


def _joined(there: Check, back: Check) -> Check:
    verdict = all_of((there.verdict, back.verdict))
    stopping = there if there.verdict is verdict else back
    rules = tuple(dict.fromkeys((*there.rules, *back.rules)))
    return Check(verdict, rules, why="" if verdict is YES else ("answers: " if stopping is back else "") + stopping.why)


def _nowhere(route: Route | None) -> tuple[Verdict, str]:
    return (NO, "no route to the address") if route is None else (NO, f"blackhole (through {route.gateway_id})")


def _through_internet(gateway: str, other: Place, *, is_answer: bool) -> tuple[Verdict, str]:
    """Whether a gateway to the internet leads to a place by its own address, which only IPv6 has."""
    if not other.addresses.is_ipv6 or is_private(other.addresses):
        return NO, f"leads to {gateway}, where no private address is reached"
    if gateway.startswith("eigw-") and is_answer:
        return NO, f"leads to {gateway}, which lets nothing in"
    return (UNKNOWN, f"leads to {gateway}") if gateway.startswith("nat-") else (YES, "")

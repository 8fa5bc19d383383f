"""Networks at random, small enough that every kind of answer comes up, and changes to them."""

import random
from collections.abc import Callable
from dataclasses import replace

from hypothesis import strategies as st

from cloudmigrate.domain.network import AclEntry, GroupRule, Network, NetworkAcl, RouteTable, SecurityGroup, Subnet, TransitGateway
from cloudmigrate.domain.reachability import Pair
from tests.domain.networks import ALL, ICMP, TCP, UDP, Build, rule, spans, table

GROUPS = ("sg-1", "sg-2", "sg-3")
NAMED_GROUPS = (*GROUPS, "sg-foreign")
CIDRS = ("0.0.0.0/0", "::/0", "10.0.0.0/8", "10.1.0.0/16", "10.2.0.0/16", "10.1.0.0/24", "10.1.1.0/24", "10.2.0.0/24", "10.1.0.5/32",
         "10.2.0.6/32", "2600:1::/64", "2600:2::/56", "203.0.113.0/24", "203.0.113.7/32", "54.0.0.0/8", "54.9.9.9/32")  # fmt: skip
PORTS: tuple[tuple[int, int], ...] = ((443, 443), (0, 1023), (5432, 5433), (0, 65535), (1024, 65535), (32768, 50000))
ROUTED = ("0.0.0.0/0", "::/0", "10.0.0.0/8", "10.9.0.0/16", "203.0.113.0/24", "172.16.0.0/12")
GATEWAYS = ("pcx-1", "pcx-2", "tgw-1", "tgw-2", "igw-1", "nat-1", "eigw-1", "vgw-1", "eni-1", "!pcx-1")
OUTSIDE = ("external:203.0.113.0/24", "external:203.0.113.7/32", "external:203.0.113.9/32", "external:10.9.0.0/16",
           "external:2001:db8::/32", "external:S3", "unknown:10.1.0.200", "unknown:10.9.9.9", "nobody")  # fmt: skip
ENDS = (*(f"r{number}" for number in range(7)), *OUTSIDE)
ASKED = ((TCP, 443), (TCP, 5432), (TCP, 5433), (TCP, 0), (TCP, 40000), (UDP, 443), (ICMP, 0), (47, 0))


def some_rule(rng: random.Random, group_id: str) -> GroupRule:
    protocol = rng.choice((-1, TCP, TCP, TCP, UDP, ICMP))
    ports = ALL if protocol == -1 else rng.choice((ALL, (8, 0))) if protocol == ICMP else rng.choice(PORTS)
    peer = rng.choice((*CIDRS, *CIDRS, *NAMED_GROUPS, *GROUPS, "pl-1", "pl-2", "pl-s3"))
    holds = {"pl-1": spans("10.1.0.0/24", "203.0.113.7/32")}.get(peer)
    return rule(group_id, rng.choice(("ingress", "egress")), protocol, ports, peer, holds)


def _acl(rng: random.Random, acl_id: str) -> NetworkAcl:
    entries = []
    for number in range(rng.randrange(5)):
        protocol = rng.choice((-1, TCP, ICMP))
        ports = rng.choice((ALL, (8, 0))) if protocol == ICMP else rng.choice(PORTS) if protocol == TCP else ALL
        is_egress, allows, (cidr,) = rng.random() < 0.5, rng.random() < 0.6, spans(rng.choice(CIDRS))
        entries.append(AclEntry(f"{acl_id}/{number}", number, is_egress, allows, protocol, *ports, cidr))
    for is_egress in (False, True):
        for cidr in spans("0.0.0.0/0", "::/0") if rng.random() < 0.8 else ():
            entries.append(AclEntry(f"{acl_id}/{len(entries)}", 100 + len(entries), is_egress, True, -1, -1, -1, cidr))
    return NetworkAcl(acl_id, tuple(entries))


def _table(rng: random.Random, subnet_id: str, vpc_id: str, *own: str) -> RouteTable:
    other = "10.2.0.0/16" if vpc_id == "vpc-a" else "10.1.0.0/16"
    routes = {one: rng.choice(GATEWAYS) for one in rng.sample(ROUTED, rng.randrange(4))}
    if rng.random() < 0.7:
        routes[other] = rng.choice(("pcx-1", "pcx-1", "tgw-1", rng.choice(GATEWAYS)))
    return table(f"rtb-{subnet_id}", *((one, "local") for one in own), *routes.items())


def network_of(rng: random.Random) -> Network:
    """A network of two VPCs with two subnets each, three groups and seven resources."""
    made = Build()
    for vpc_id, v4, v6 in (("vpc-a", "10.1", "2600:1:"), ("vpc-b", "10.2", "2600:2:")):
        cidrs = (f"{v4}.0.0/16", f"{v6}:/56")
        made.vpc(vpc_id, *cidrs, has_balancer=rng.random() < 0.2)
        for number in range(2):
            subnet_id = f"{vpc_id}-{number}"
            acl = _acl(rng, f"acl-{subnet_id}") if rng.random() < 0.9 else None
            v6_subnet = f"{v6}{number}::/64" if number else f"{v6}:/64"
            made.subnet(subnet_id, vpc_id, f"{v4}.{number}.0/24", v6_subnet, acl=acl, routes=_table(rng, subnet_id, vpc_id, *cidrs))
    for group_id in GROUPS:
        seen = rng.random() < 0.9
        found = {one.rule_id: one for one in (some_rule(rng, group_id) for _ in range(rng.randrange(7)))}
        wide = rule(group_id, rng.choice(("ingress", "egress")), -1, ALL, "0.0.0.0/0")
        made.group(group_id, *(found | {wide.rule_id: wide}).values(), seen=seen)
    made.peering("pcx-1", "vpc-a", "vpc-b", is_active=rng.random() < 0.9, within_region=rng.choice((True, True, False, None)))
    tables = {"vpc-a": "t1", "vpc-b": rng.choice(("t1", "t2", None))}
    made.transit_gateways["tgw-1"] = TransitGateway("tgw-1", tables, rng.choice((True, False, None)))
    made.prefix_lists["pl-s3"] = "com.amazonaws.r.s3"
    made.nat_addresses["nat-1"] = spans("54.9.9.9")
    for number in range(7):
        _place(rng, made, f"r{number}")
    return made.network()


def _place(rng: random.Random, made: Build, uid: str) -> None:
    for _ in range(rng.choice((1, 1, 1, 2))):
        subnet = made.subnets[rng.choice(list(made.subnets))]
        first = subnet.spans[0]
        host = str(rng.choice((5, 6, 7, 8)))
        text = ".".join((str(first.first >> 24), str(first.first >> 16 & 255), str(first.first >> 8 & 255), host))
        six = f"2600:{1 if subnet.vpc_id == 'vpc-a' else 2}:0:{subnet.subnet_id[-1]}::{host}"
        addresses = rng.choice(((text,), (text,), (text, six), (six,)))
        ports = rng.choice(((32768, 60999), (32768, 65535), (40000, 50000)))
        more: dict[str, object] = {"is_certain": rng.random() < 0.8, "client_ports": ports}
        if rng.random() < 0.3:
            more["public"] = rng.choice(("54.1.1.1", "54.9.9.8"))
        groups = tuple(sorted(set(rng.choices((*GROUPS, "sg-unlisted"), weights=(3, 3, 3, 1), k=rng.randrange(3)))))
        if rng.random() < 0.1:
            made.at(uid, subnet.subnet_id, addresses, **more, groups=None)
        else:
            made.at(uid, subnet.subnet_id, addresses, *groups, **more)


def pairs_of(rng: random.Random, number: int = 60) -> list[Pair]:
    """Pairs of which not all ends are known."""
    return [(rng.choice(ENDS[:7] * 2 + ENDS), rng.choice(ENDS[:7] * 2 + ENDS), *rng.choice(ASKED)) for _ in range(number)]


def with_groups(network: Network, changed: Callable[[SecurityGroup], SecurityGroup]) -> Network:
    return replace(network, groups={group_id: changed(group) for group_id, group in network.groups.items()})


def with_subnets(network: Network, changed: Callable[[Subnet], Subnet]) -> Network:
    return replace(network, subnets={subnet_id: changed(subnet) for subnet_id, subnet in network.subnets.items()})


RANDOM = st.integers(0, 1 << 32).map(random.Random)  # a seed: drawing every choice from hypothesis takes ten times as long

"""Network ACLs: what they let through is what trying the entries for each single port says."""

import random

from hypothesis import given, settings

from cloudmigrate.domain.acl_entries import acl_check
from cloudmigrate.domain.group_rules import Packets
from cloudmigrate.domain.network import AclEntry, NetworkAcl
from cloudmigrate.domain.verdict import NO, UNKNOWN, YES, Verdict
from tests.domain.networks import ALL, ANYWHERE, ICMP, TCP, UDP, acl, spans
from tests.domain.random_networks import RANDOM

(HOST,) = spans("10.1.0.5")
BOUNDS = (0, 22, 80, 443, 1024, 5432, 32768, 50000, 65535)


def of_one_port(one: NetworkAcl, direction: str, protocol: int, port: int) -> bool:
    """What the first entry that matches says, as the VPC User Guide has it."""
    for entry in one.entries:
        is_for = entry.is_egress is (direction == "egress") and entry.protocol in (-1, protocol)
        has_port = entry.protocol == -1 or entry.from_port <= port <= entry.to_port
        if is_for and has_port and entry.addresses is not None and entry.addresses.contains(HOST):
            return entry.allows
    return False


@settings(max_examples=200)
@given(RANDOM)
def test_of_a_range_it_says_what_all_of_its_ports_say(rng: random.Random) -> None:
    entries = []
    for number in range(rng.randrange(7)):
        protocol = rng.choice((-1, TCP, TCP, UDP))
        ports = ALL if protocol == -1 else tuple(sorted(rng.sample(BOUNDS, 2)))
        (cidr,) = spans(rng.choice((ANYWHERE, "10.1.0.0/16", "10.2.0.0/16", "10.1.0.5/32")))
        entries.append(AclEntry(f"e{number}", number, rng.random() < 0.5, rng.random() < 0.5, protocol, *ports, cidr))
    one = NetworkAcl("acl-1", tuple(entries))
    direction, protocol, (first, last) = rng.choice(("ingress", "egress")), rng.choice((TCP, UDP)), sorted(rng.choices(BOUNDS, k=2))
    # Between two bounds every port is like the first: it is enough to try the bounds and their neighbours.
    tried = {port for bound in BOUNDS for port in (bound - 1, bound, bound + 1) if first <= port <= last} | {first, last}
    said = {of_one_port(one, direction, protocol, port) for port in tried}
    expected: Verdict = UNKNOWN if len(said) == 2 else YES if said == {True} else NO
    assert acl_check(one, HOST, Packets(direction, protocol, (first, last))).verdict is expected


def test_an_entry_for_a_part_of_the_addresses_leaves_the_answer_open() -> None:
    (network,) = spans("10.1.0.0/24")
    one = acl("acl-1", (90, "ingress", "deny", TCP, (443, 443), "10.1.0.5/32"), (100, "ingress", "allow", -1, ALL, ANYWHERE))
    found = acl_check(one, network, Packets("ingress", TCP, (443, 443)))
    assert (found.verdict, found.why) == (UNKNOWN, "acl-1/ingress/90 denies a part of what acl-1/ingress/100 allows")
    assert acl_check(one, network, Packets("ingress", TCP, (80, 80))).verdict is YES


def test_of_one_type_of_icmp_nobody_can_tell() -> None:
    echo = acl("acl-1", (100, "ingress", "allow", ICMP, (8, -1), ANYWHERE))
    every = acl("acl-1", (100, "ingress", "allow", ICMP, ALL, ANYWHERE))
    packets = Packets("ingress", ICMP, (0, 65535))
    assert [acl_check(one, HOST, packets).verdict for one in (echo, every)] == [UNKNOWN, YES]


def test_entries_that_were_not_to_be_read_leave_the_answer_open() -> None:
    blurred = NetworkAcl(
        "acl-1", (AclEntry("e", 90, False, False, -1, -1, -1, None), AclEntry("f", 100, False, True, -1, -1, -1, spans(ANYWHERE)[0]))
    )
    assert acl_check(blurred, HOST, Packets("ingress", TCP, (443, 443))).verdict is UNKNOWN

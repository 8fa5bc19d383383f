"""Laws of judging who may talk to whom, over networks at random."""

import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings

from cloudmigrate.domain.group_rules import GroupRules, Packets, Peer, covers, covers_ports
from cloudmigrate.domain.network import ALL_PROTOCOLS, GroupRule, Network
from cloudmigrate.domain.reachability import Pair, allowed, allowed_alone
from cloudmigrate.domain.verdict import NO, UNKNOWN, YES, Verdict, all_of, any_of
from tests.domain.networks import spans
from tests.domain.random_networks import (
    CIDRS,
    GROUPS,
    NAMED_GROUPS,
    PORTS,
    RANDOM,
    network_of,
    pairs_of,
    some_rule,
    with_groups,
    with_subnets,
)

RANKS = {NO: 0, UNKNOWN: 1, YES: 2}


def verdicts(network: Network, pairs: list[Pair]) -> list[Verdict]:
    return [one.verdict for one in allowed(network, pairs)]


@settings(deadline=None)
@given(RANDOM)
def test_judging_by_kinds_of_places_is_judging_each_pair_alone(rng: random.Random) -> None:
    network, pairs = network_of(rng), pairs_of(rng)
    assert allowed(network, pairs) == [allowed_alone(network, pair) for pair in pairs]


def test_every_answer_comes_up() -> None:
    """The laws would hold of networks in which nothing may talk, too."""
    rng = random.Random(1)
    found = [one for _ in range(20) for one in verdicts(network_of(rng), pairs_of(rng))]
    assert min(found.count(one) for one in Verdict) > len(found) // 20


@settings(deadline=None)
@given(RANDOM)
def test_another_permission_takes_nothing_away(rng: random.Random) -> None:
    network, pairs = network_of(rng), pairs_of(rng)
    group_id = rng.choice(GROUPS)
    new = some_rule(rng, group_id)

    def more(group: object) -> object:
        one = network.groups[group_id]
        return replace(one, rules=(*(one.rules or ()), new)) if group is one and one.rules is not None else group

    before, after = verdicts(network, pairs), verdicts(with_groups(network, more), pairs)  # type: ignore[arg-type]
    assert all(RANKS[one] <= RANKS[other] for one, other in zip(before, after, strict=True))


@settings(deadline=None)
@given(RANDOM)
def test_a_deny_less_takes_nothing_away(rng: random.Random) -> None:
    network, pairs = network_of(rng), pairs_of(rng)

    def less(subnet: object) -> object:
        acl = subnet.acl  # type: ignore[attr-defined]
        return subnet if acl is None else replace(subnet, acl=replace(acl, entries=tuple(one for one in acl.entries if one.allows)))  # type: ignore[type-var]

    before, after = verdicts(network, pairs), verdicts(with_subnets(network, less), pairs)  # type: ignore[arg-type]
    assert all(RANKS[one] <= RANKS[other] for one, other in zip(before, after, strict=True))


def _without_list(one: GroupRule) -> GroupRule:
    return replace(one, peer_spans=None) if one.peer_kind == "prefix_list" else one


HIDDEN: dict[str, Callable[[Network], Network]] = {
    "groups": lambda one: with_groups(one, lambda group: replace(group, rules=None)),
    "groups not listed": lambda one: replace(one, groups={}),
    "prefix lists": lambda one: with_groups(
        one, lambda group: replace(group, rules=group.rules and tuple(map(_without_list, group.rules)))
    ),
    "network ACLs": lambda one: with_subnets(one, lambda subnet: replace(subnet, acl=None)),
    "routes": lambda one: with_subnets(one, lambda subnet: replace(subnet, table=None)),
    "subnets": lambda one: replace(one, subnets={}),
    "VPCs": lambda one: replace(one, vpcs={}),
    "peering": lambda one: replace(one, peerings={}),
    "transit gateways": lambda one: replace(one, transit_gateways={}),
    "bearers": lambda one: replace(
        one, seats={uid: tuple(replace(seat, groups=None) for seat in seats) for uid, seats in one.seats.items()}
    ),
    "places": lambda one: replace(one, seats={}),
    "NAT addresses": lambda one: replace(one, nat_addresses={}),
}


@pytest.mark.parametrize("what", HIDDEN)
@settings(deadline=None)
@given(RANDOM)
def test_what_is_not_seen_never_makes_a_no(what: str, rng: random.Random) -> None:
    """Hiding a part of the inventory may make an answer unknown; never does it turn yes or unknown into no, nor no into yes."""
    network, pairs = network_of(rng), pairs_of(rng)
    hidden = verdicts(HIDDEN[what](network), pairs)
    for pair, before, after in zip(pairs, verdicts(network, pairs), hidden, strict=True):
        assert after in (before, UNKNOWN), pair


@settings(deadline=None)
@given(RANDOM)
def test_a_rule_that_no_answer_names_may_go(rng: random.Random) -> None:
    """Without the rules that no pair used every answer stays: what is called unused is."""
    network, pairs = network_of(rng), pairs_of(rng, 15)
    answers = allowed(network, pairs)
    named = {rule for one in answers for rule in (*one.rules, *one.doubtful)}
    bare = with_groups(
        network, lambda group: replace(group, rules=group.rules and tuple(rule for rule in group.rules if rule.rule_id in named))
    )
    assert verdicts(bare, pairs) == [one.verdict for one in answers]


def _slowly(network: Network, rules: tuple[GroupRule, ...], peer: Peer, packets: Packets) -> tuple[set[str], set[str]]:
    """The rules that match for sure and those that may, each rule looked at by itself."""
    sure, doubtful = set(), set()
    for rule in rules:
        if rule.is_egress is not packets.is_egress or rule.protocol not in (ALL_PROTOCOLS, packets.protocol):
            continue
        named = (rule.from_port, rule.to_port)
        of_ports = YES if rule.protocol == ALL_PROTOCOLS else covers_ports(packets.protocol, named, packets.ports)
        if rule.peer_kind == "group":
            is_foreign = peer.is_outside and rule.peer not in network.groups
            is_borne = YES if rule.peer in (peer.groups or ()) else UNKNOWN if peer.groups is None or is_foreign else NO
            of_peer = NO if NO in (is_borne, peer.references) else all_of((is_borne, peer.references))
        elif rule.peer == "pl-s3":
            of_peer = NO
        else:
            of_peer = UNKNOWN if rule.peer_spans is None else any_of(covers(one, peer.addresses) for one in rule.peer_spans)
        match = all_of((of_ports, of_peer))
        if match is not NO:
            (sure if match is YES else doubtful).add(rule.rule_id)
    return sure, doubtful


@settings(deadline=None)
@given(RANDOM)
def test_rules_found_by_index_are_those_found_one_by_one(rng: random.Random) -> None:
    network = network_of(rng)
    groups = tuple(sorted(rng.sample(GROUPS, rng.randrange(1, 4))))
    (addresses,) = spans(rng.choice([one for one in CIDRS if one.startswith("10.")] + ["10.1.0.77", "10.2.9.9"]))
    borne = None if rng.random() < 0.2 else tuple(sorted(rng.sample(NAMED_GROUPS, rng.randrange(3))))
    peer = Peer(addresses, borne, rng.choice(list(Verdict)), is_outside=rng.random() < 0.3)
    packets = Packets(rng.choice(("ingress", "egress")), rng.choice((6, 17, 1, 47)), rng.choice(PORTS))
    rules = tuple(rule for one in groups for rule in network.groups[one].rules or ())
    found = GroupRules(network).check(groups, peer, packets)
    sure, doubtful = _slowly(network, rules, peer, packets)
    assert (set(found.rules), set(found.doubtful)) == (sure, doubtful)
    unseen = any(network.groups[one].rules is None for one in groups)
    assert found.verdict is (YES if sure else UNKNOWN if doubtful or unseen else NO)

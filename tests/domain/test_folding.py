"""What folding says by name, and its law: between what remains, exactly what could be reached can be reached."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from hypothesis import given
from hypothesis import strategies as st

from cloudmigrate.aws.catalogue import BY_TYPE, RELATION_ROLES
from cloudmigrate.aws.plumbing import FOLD_RULES
from cloudmigrate.domain.folding import ConfiguredNeed, Folding, FoldRule, fold
from cloudmigrate.domain.resources import Relation, RelationRole

INSTANCE, BALANCER, GROUP = "AWS::EC2::Instance", "AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::ElasticLoadBalancingV2::TargetGroup"
INTERFACE, ADDRESS = "AWS::EC2::NetworkInterface", "AWS::EC2::EIP"
FUNCTION, MAPPING, QUEUE = "AWS::Lambda::Function", "AWS::Lambda::EventSourceMapping", "AWS::SQS::Queue"


def folded(types: Mapping[str, str], *relations: tuple[str, str, str], held: Mapping[str, str] | None = None) -> Folding:
    return fold(types, [Relation(*one) for one in relations], RELATION_ROLES, FOLD_RULES, held=held)


def test_a_load_balancer_needs_the_instances_behind_it() -> None:
    got = folded(
        {"lb": BALANCER, "tg": GROUP, "i-1": INSTANCE, "i-2": INSTANCE},
        ("lb", "tg", "listener-target"),
        ("tg", "i-1", "target"),
        ("tg", "i-2", "target"),
    )

    assert got.needs == (
        ConfiguredNeed("lb", "i-1", ("listener-target", "target"), ("tg",)),
        ConfiguredNeed("lb", "i-2", ("listener-target", "target"), ("tg",)),
    )
    assert got.homes() == {"tg": "lb"}
    assert got.plumbing[0].reason == "target group: its load balancer forwards through it"


def test_what_reaches_an_instance_past_its_balancer_does_not_need_the_balancer() -> None:
    got = folded(
        {"lb": BALANCER, "tg": GROUP, "i-1": INSTANCE, "api": "AWS::ApiGatewayV2::Api"},
        ("lb", "tg", "listener-target"),
        ("tg", "i-1", "target"),
        ("api", "tg", "integration"),
    )

    assert [(one.source_uid, one.target_uid) for one in got.needs] == [("api", "i-1"), ("lb", "i-1")]


def test_balancer_before_balancer_and_a_circle_through_target_groups() -> None:
    got = folded(
        {"nlb": BALANCER, "tg-1": GROUP, "alb": BALANCER, "tg-2": GROUP, "f": FUNCTION},
        ("nlb", "tg-1", "listener-target"),
        ("tg-1", "alb", "target"),
        ("alb", "tg-2", "listener-target"),
        ("tg-2", "f", "target"),
        ("f", "alb", "environment"),
    )

    assert [(one.source_uid, one.target_uid, one.via) for one in got.needs] == [
        ("alb", "f", ("tg-2",)),
        ("f", "alb", ()),
        ("nlb", "alb", ("tg-1",)),
    ]


def test_a_function_needs_the_queue_through_its_mapping_and_what_the_mapping_needs() -> None:
    got = folded(
        {"f": FUNCTION, "m": MAPPING, "q": QUEUE, "dead": QUEUE},
        ("m", "f", "mapping-of"),
        ("m", "q", "event-source"),
        ("f", "q", "event-source"),
        ("m", "dead", "dead-letter"),
    )

    assert got.needs == (ConfiguredNeed("f", "dead", ("dead-letter",), ("m",)), ConfiguredNeed("f", "q", ("event-source",), ("m",)))
    assert got.homes() == {"m": "f"}


def test_an_interface_stands_for_its_instance_and_an_address_for_the_interface() -> None:
    got = folded(
        {"i": INSTANCE, "eni": INTERFACE, "eip": ADDRESS, "record": "AWS::Route53::RecordSet"},
        ("i", "eni", "network-interface"),
        ("eni", "eip", "elastic-ip"),
        ("i", "eip", "elastic-ip"),
        ("record", "eip", "dns-target"),
    )

    assert got.homes() == {"eni": "i", "eip": "i"}
    assert got.needs == (ConfiguredNeed("record", "i", ("dns-target",), ("eip",)),)


def test_an_interface_without_a_stated_owner_goes_to_its_known_holder() -> None:
    types = {"lb": BALANCER, "tg": GROUP, "eni": INTERFACE, "service": "AWS::ECS::Service"}
    relations = (("lb", "tg", "listener-target"), ("tg", "eni", "target"))

    got = folded(types, *relations, held={"eni": "service"})

    assert got.needs == (ConfiguredNeed("lb", "service", ("listener-target", "target"), ("eni", "tg")),)
    assert folded(types, *relations, held={"eni": "gone"}).needs == (ConfiguredNeed("lb", "eni", ("listener-target", "target"), ("tg",)),)


def test_what_serves_several_or_nobody_stays_a_resource() -> None:
    got = folded(
        {"a": "AWS::ApiGateway::RestApi", "b": "AWS::ApiGateway::RestApi", "link": "AWS::ApiGateway::VpcLink", "lb": BALANCER, "tg": GROUP},
        ("a", "link", "vpc-link"),
        ("b", "link", "vpc-link"),
        ("link", "lb", "vpc-link-target"),
        ("tg", "i-gone", "target"),
    )

    assert got.plumbing == ()
    assert [(one.source_uid, one.target_uid) for one in got.needs] == [("a", "link"), ("b", "link"), ("link", "lb"), ("tg", "i-gone")]


def test_settings_and_parts_are_no_needs_and_nothing_needs_itself() -> None:
    got = folded(
        {"i": INSTANCE, "vol": "AWS::EC2::Volume", "sub": "AWS::EC2::Subnet"},
        ("i", "vol", "volume"),
        ("i", "sub", "subnet"),
        ("i", "i", "user-data"),
    )

    assert got == Folding((), ())


def test_every_rule_is_of_the_catalogue() -> None:
    for rule in FOLD_RULES:
        kinds = {one.kind for one in BY_TYPE[rule.type].relations}
        by_others = {one.kind for row in BY_TYPE.values() for one in row.relations if rule.type in (one.target, *one.target)}
        assert rule.kind in kinds | by_others
        # What is passed through is needed by its owner; what is fused is of one piece with it, or no need at all.
        assert (RELATION_ROLES[rule.kind] is RelationRole.NEEDS) is not rule.is_fused


RULES = (
    FoldRule("passed", "forwards", owner_is_source=True, is_fused=False, reason="passed"),
    FoldRule("fused", "part", owner_is_source=True, is_fused=True, reason="fused"),
    FoldRule("own", "part", owner_is_source=False, is_fused=True, reason="own"),
)
ROLES = {"needs": RelationRole.NEEDS, "forwards": RelationRole.NEEDS, "part": RelationRole.PART, "setting": RelationRole.SETTING}


@st.composite
def worlds(draw: st.DrawFn) -> tuple[dict[str, str], list[Relation]]:
    uids = [f"r{number}" for number in range(draw(st.integers(1, 9)))]
    types = {uid: draw(st.sampled_from(["thing", "passed", "fused", "own"])) for uid in uids}
    ends = st.sampled_from([*uids, "unseen"])
    return types, draw(st.lists(st.builds(Relation, ends, ends, st.sampled_from(sorted(ROLES))), max_size=18))


def reached(edges: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """Everything that can be reached in one step or more, by following edges until nothing is new."""
    found: dict[str, set[str]] = defaultdict(set)
    for source, target in edges:
        found[source].add(target)
    while True:
        more = {one: set().union(ends, *(found.get(end, set()) for end in ends)) for one, ends in found.items()}
        if all(len(more[one]) == len(found[one]) for one in more):
            return more
        found = defaultdict(set, more)


@given(worlds())
def test_nothing_is_lost_and_nothing_is_added(world: tuple[dict[str, str], list[Relation]]) -> None:
    types, relations = world
    got = fold(types, relations, ROLES, RULES)
    homes = got.homes()
    fused = [(uid, home) for uid, home in homes.items() if types[uid] != "passed"]
    before = reached(
        [
            *((one.source_uid, one.target_uid) for one in relations if ROLES[one.kind] is RelationRole.NEEDS),
            *fused,
            *((home, uid) for uid, home in fused),
        ]
    )
    after = reached((one.source_uid, one.target_uid) for one in got.needs)

    kept = [*(uid for uid in types if uid not in homes), "unseen"]
    for uid in kept:
        assert {one for one in before.get(uid, ()) if one not in homes and one != uid} == after.get(uid, set()) - {uid}
    assert all(home not in homes for home in homes.values())
    assert all(one.source_uid != one.target_uid and not {one.source_uid, one.target_uid} & homes.keys() for one in got.needs)
    assert all(set(one.via) <= homes.keys() and one.statements for one in got.needs)


@given(worlds(), st.randoms())
def test_the_order_of_the_input_does_not_matter(world: tuple[dict[str, str], list[Relation]], chance: object) -> None:
    types, relations = world
    shuffled = list(relations)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]

    assert fold(dict(sorted(types.items(), reverse=True)), shuffled, ROLES, RULES) == fold(types, relations, ROLES, RULES)

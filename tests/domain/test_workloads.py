"""Where each resource's workload comes from, who wins, and what goes with what; by hand-worked cases."""

import random
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from cloudmigrate.aws.catalogue import RELATION_ROLES
from cloudmigrate.domain.decisions import Decision, DecisionKind
from cloudmigrate.domain.resources import Relation
from cloudmigrate.domain.workload_mapping import Mapped, WorkloadMapping
from cloudmigrate.domain.workloads import GROUP, SERVICE, STACK, Placed, Tagged, Workloads, workloads

INSTANCE, VOLUME, INTERFACE, VPC = "AWS::EC2::Instance", "AWS::EC2::Volume", "AWS::EC2::NetworkInterface", "AWS::EC2::VPC"
STAYING = {STACK, INTERFACE, VPC}


def thing(uid: str, type_: str = INSTANCE, **tags: str) -> Tagged:
    return Tagged(uid, type_, f"name of {uid}", tags, moves=type_ not in STAYING)


def decided(uid: str, value: str) -> Decision:
    return Decision(DecisionKind.WORKLOAD, uid, value, "", "ada", datetime(2025, 11, 22, tzinfo=UTC))


def placed(
    resources: list[Tagged],
    *relations: tuple[str, str, str],
    homes: Mapping[str, str] | None = None,
    links: Mapping[tuple[str, str], float] | None = None,
    **more: object,
) -> dict[str, Placed]:
    got = all_of(resources, *relations, homes=homes, links=links, **more)
    return {one.uid: one for one in got.placed}


def all_of(
    resources: list[Tagged],
    *relations: tuple[str, str, str],
    homes: Mapping[str, str] | None = None,
    links: Mapping[tuple[str, str], float] | None = None,
    **more: object,
) -> Workloads:
    listed = [Relation(*one) for one in relations]
    return workloads(resources, listed, RELATION_ROLES, homes=homes or {}, links=links or {}, **more)  # type: ignore[arg-type]


def names(got: Mapping[str, Placed]) -> dict[str, str]:
    return {uid: one.workload for uid, one in got.items()}


def test_a_tag_names_the_workload_and_says_so() -> None:
    assert placed([thing("i", App="shop"), thing("j"), thing("vpc", VPC, App="shop")]) == {
        "i": Placed("i", "shop", "tag", "tag App = shop", 0.95)
    }


def test_a_person_wins_over_the_file_and_the_file_over_tags() -> None:
    mapping = WorkloadMapping("w.csv", {"i": Mapped("billing", 2), "j": Mapped("billing", 3), "gone": Mapped("x", 4)})

    got = all_of([thing("i", App="shop"), thing("j", App="shop")], mapping=mapping, decisions=[decided("j", "ledger"), decided("old", "x")])

    assert [(one.uid, one.workload, one.source, one.reason) for one in got.placed] == [
        ("i", "billing", "mapping", "line 2 of w.csv"),
        ("j", "ledger", "decision", "ada decided"),
    ]
    assert got.unknown_uids == ("gone", "old")


def test_volumes_and_interfaces_go_with_their_instance() -> None:
    got = placed(
        [thing("i", App="shop"), thing("vol", VOLUME), thing("eni", INTERFACE), thing("other", VOLUME, App="crm")],
        ("i", "vol", "volume"),
        ("i", "other", "volume"),
        ("i", "eni", "network-interface"),
        homes={"eni": "i"},
    )

    assert names(got) == {"i": "shop", "vol": "shop", "eni": "shop", "other": "crm"}  # what bears a tag of its own keeps it
    assert got["vol"].reason == "of one piece with name of i: tag App = shop"
    assert got["eni"].reason == "folded into name of i: tag App = shop"


def test_a_persons_word_on_an_instance_takes_its_volumes_along() -> None:
    got = placed([thing("i"), thing("vol", VOLUME, App="crm")], ("i", "vol", "volume"), decisions=[decided("i", "shop")])

    assert names(got) == {"i": "shop", "vol": "shop"}


def test_a_target_group_goes_with_its_balancer_whatever_it_bears() -> None:
    balancer, group = "AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::ElasticLoadBalancingV2::TargetGroup"

    got = placed([thing("lb", balancer, App="shop"), thing("tg", group, App="crm")], homes={"tg": "lb"})

    assert names(got) == {"lb": "shop", "tg": "shop"}
    assert names(placed([thing("lb", balancer), thing("tg", group, App="crm")], homes={"tg": "lb"})) == {"lb": "crm", "tg": "crm"}


def test_the_outermost_stack_names_its_members() -> None:
    resources = [
        Tagged("root", STACK, "shop", {}, moves=False),
        Tagged("inner", STACK, "shop-db-1X", {}, moves=False),
        thing("i"),
        thing("j"),
    ]

    got = placed(resources, ("root", "i", "stack-member"), ("inner", "j", "stack-member"), ("inner", "root", "parent-stack"))

    assert got == {
        "i": Placed("i", "shop", "stack", "member of CloudFormation stack shop", 0.85),
        "j": Placed("j", "shop", "stack", "member of CloudFormation stack shop", 0.85),
    }


def test_housekeeping_stacks_are_no_application() -> None:
    stack = Tagged("s", STACK, "StackSet-AWSControlTowerBP-1", {}, moves=False)
    tagged = thing("j", **{"aws:cloudformation:stack-name": "CDKToolkit"})

    assert placed([stack, thing("i"), tagged], ("s", "i", "stack-member")) == {}


def test_an_auto_scaling_group_names_its_members_unless_a_tag_does() -> None:
    asg = Tagged("asg", GROUP, "web-asg", {}, moves=True)
    member = thing("i", **{"aws:autoscaling:groupName": "web-asg"})

    plain = placed([asg, member], ("asg", "i", "group-member"))
    tagged = placed([Tagged("asg", GROUP, "web-asg", {"App": "shop"}, moves=True), member], ("asg", "i", "group-member"))

    assert {uid: (one.workload, one.source) for uid, one in plain.items()} == dict.fromkeys(("asg", "i"), ("web-asg", "auto_scaling_group"))
    assert names(tagged) == {"asg": "shop", "i": "shop"}


def test_an_ecs_service_names_itself_and_its_task_definition_unless_shared() -> None:
    definition = "AWS::ECS::TaskDefinition"
    resources = [thing("s1", SERVICE), thing("s2", SERVICE), thing("td1", definition), thing("both", definition)]

    got = placed(resources, ("s1", "td1", "task-definition"), ("s1", "both", "task-definition"), ("s2", "both", "task-definition"))

    assert names(got) == {"s1": "name of s1", "s2": "name of s2", "td1": "name of s1"}
    assert got["td1"].reason == "used by name of s1: ECS service name of s1"


def test_one_spelling_the_most_frequent_or_a_persons() -> None:
    resources = [thing("a", App="Shop"), thing("b", App="shop"), thing("c", App="shop")]

    assert set(names(placed(resources)).values()) == {"shop"}
    assert set(names(placed(resources, decisions=[decided("a", "SHOP")])).values()) == {"SHOP"}


def test_what_mostly_talks_with_a_workload_joins_it() -> None:
    resources = [thing("a", App="shop"), thing("b", App="shop"), thing("c", App="crm"), thing("db"), thing("torn")]
    links = {("a", "db"): 4.0, ("b", "db"): 4.0, ("c", "db"): 2.0, ("a", "torn"): 1.0, ("c", "torn"): 1.0}

    got = placed(resources, links=links)

    assert got["db"] == Placed("db", "shop", "traffic", "80% of its traffic and statements is with 2 of shop", 0.56)
    assert "torn" not in got  # half and half: nobody's alone


def test_whoever_joined_speaks_for_the_next() -> None:
    got = placed([thing("web", App="shop"), thing("app"), thing("db")], links={("app", "web"): 3.0, ("app", "db"): 2.0})

    assert names(got) == {"web": "shop", "app": "shop", "db": "shop"}


def test_the_untagged_half_of_a_workload_joins_the_tagged_half() -> None:
    """Each of b and c talks as much with the other as with a, so neither is mostly with what is known before the other is, too."""
    resources = [thing("a", App="shop"), thing("b"), thing("c"), thing("z", App="crm")]
    links = {("a", "b"): 4.0, ("b", "c"): 5.0, ("a", "c"): 4.0, ("c", "z"): 1.0}

    got = placed(resources, links=links)

    assert (got["b"].workload, got["c"].workload) == ("shop", "shop")
    assert got["c"].reason == "90% of its traffic and statements is with 2 of shop"


def test_whoever_turns_out_to_talk_with_others_mostly_does_not_join() -> None:
    """Of e only the link to a leads to a workload at first; its others turn out to be a community of their own."""
    resources = [thing("a", App="shop"), *(thing(one) for one in "efgh")]
    links = {("a", "e"): 4.0, ("e", "f"): 3.0, ("e", "g"): 3.0, ("f", "g"): 20.0, ("f", "h"): 20.0, ("g", "h"): 20.0}

    got = placed(resources, links=links)

    assert "shop" not in {got[one].workload for one in "fgh"}
    assert got.get("e", got["f"]).workload == got["f"].workload


def test_communities_of_the_rest_are_named_for_who_talks_most() -> None:
    links = {("a", "b"): 5.0, ("a", "c"): 6.0, ("b", "c"): 5.5, ("x", "y"): 5.0, ("c", "x"): 0.5}

    got = placed([thing(one) for one in "abcxyz"], links=links)

    assert names(got) == dict.fromkeys("abc", "around name of c") | dict.fromkeys("xy", "around name of x")
    assert got["c"].reason == "96% of its traffic and statements is within a community of 3 around name of c"
    assert got["b"].confidence == pytest.approx(0.5)


def test_a_shared_service_binds_nothing_together() -> None:
    resources = [thing(one) for one in ("a", "b", "dns", "x", "y")]
    links = {("a", "b"): 3.0, ("x", "y"): 3.0, **{tuple(sorted((one, "dns"))): 9.0 for one in "abxy"}}

    got = placed(resources, links=links, held_out=["dns"])  # type: ignore[arg-type]

    assert set(got) == {"a", "b", "x", "y"}
    assert got["a"].workload == got["b"].workload != got["x"].workload == got["y"].workload


def test_what_cannot_migrate_joins_no_community() -> None:
    assert placed([thing("a"), thing("endpoint", "AWS::EC2::NetworkInterface")], links={("a", "endpoint"): 3.0}) == {}


def test_a_community_never_takes_the_name_of_a_workload() -> None:
    got = placed([thing("t", App="around name of a"), thing("a"), thing("b")], links={("a", "b"): 1.0})

    assert got["a"].workload == got["b"].workload
    assert got["a"].workload.startswith("around name of a ")


def test_the_order_of_the_input_does_not_matter() -> None:
    chance = random.Random(3)
    resources = [thing(f"r{number:02}", **({"App": f"app{number % 4}"} if number % 3 == 0 else {})) for number in range(40)]
    links = {(f"r{a:02}", f"r{b:02}"): chance.random() for a in range(40) for b in range(a + 1, 40) if chance.random() < 0.1}
    relations = [(f"r{chance.randrange(40):02}", f"r{chance.randrange(40):02}", "volume") for _ in range(8)]
    first = all_of(resources, *relations, links=links)

    for _ in range(3):
        shuffled = list(links.items())
        for some in (resources, relations, shuffled):
            chance.shuffle(some)  # type: ignore[arg-type]
        assert all_of(resources, *relations, links=dict(shuffled)) == first

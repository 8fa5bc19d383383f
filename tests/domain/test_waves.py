"""Waves: cases worked by hand, laws that hold for any estate, and one estate whose order others have published."""

import json
import random
import time
from pathlib import Path

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmigrate.domain.move_groups import PlanItem
from cloudmigrate.domain.resources import Relation
from cloudmigrate.domain.waves import WavePlan, plan_waves
from tests.domain.graphs import ROLES, estates, item, needs, part, setting


def waves_of(plan: WavePlan) -> list[list[str]]:
    """The uids of each wave, sorted."""
    members = {group.id: group.members for group in plan.groups}
    return [sorted(uid for group in wave.groups for uid in members[group]) for wave in plan.waves]


CASES = [
    pytest.param([], [], None, [], id="nothing"),
    pytest.param([item("a"), item("b")], [], None, [["a", "b"]], id="no relations: one wave"),
    pytest.param([item("web"), item("db")], [needs("web", "db")], None, [["db"], ["web"]], id="what is needed moves first"),
    pytest.param([item("web"), item("subnet")], [setting("web", "subnet")], None, [["subnet", "web"]], id="a setting does not order"),
    pytest.param(
        [item("app"), item("vol"), item("zdb")],
        [part("app", "vol"), needs("vol", "zdb")],
        None,
        [["zdb"], ["app", "vol"]],
        id="an instance waits for what its volume needs",
    ),
    pytest.param(
        [item("a"), item("b"), item("c")], [needs("a", "b"), needs("b", "a"), needs("b", "c")], None, [["c"], ["a", "b"]], id="a circle"
    ),
    pytest.param(
        [item("web"), item("dns", moves=False), item("db")],
        [needs("web", "dns"), needs("dns", "db")],
        None,
        [["db"], ["web"]],
        id="order passes through what stays",
    ),
    pytest.param(
        [item("web"), item("role", moves=False), item("db")],
        [setting("web", "role"), needs("role", "db")],
        None,
        [["db", "web"]],
        id="order does not pass through a setting",
    ),
    pytest.param(
        [item("a"), item("bus", moves=False), item("b")],
        [needs("a", "bus"), needs("bus", "b"), needs("b", "bus"), needs("bus", "a")],
        1,
        [["a", "b"]],
        id="a circle through what stays moves as one, larger than the limit",
    ),
    pytest.param([item(uid) for uid in "abcde"], [], 2, [["a", "b"], ["c", "d"], ["e"]], id="a layer is cut at the limit"),
    pytest.param(
        [item(uid) for uid in "abcd"], [needs("a", "b"), needs("b", "c"), needs("a", "d")], 10, [["c", "d"], ["b"], ["a"]], id="a chain"
    ),
    pytest.param([item("a")], [needs("a", "arn:unseen"), needs("a", "a")], None, [["a"]], id="needing itself or the unseen orders nothing"),
    pytest.param(
        [item("web"), item("db")], [Relation("web", "db", "kind of a newer release")], None, [["db"], ["web"]], id="an unknown kind orders"
    ),
]


@pytest.mark.parametrize(("items", "relations", "limit", "expected"), CASES)
def test_waves_by_hand(items: list[PlanItem], relations: list[Relation], limit: int | None, expected: list[list[str]]) -> None:
    assert waves_of(plan_waves(items, relations, ROLES, max_resources_per_wave=limit)) == expected


def test_a_wave_holds_at_least_one_resource() -> None:
    with pytest.raises(ValueError, match="greater than or equal to 1"):
        plan_waves([], [], ROLES, max_resources_per_wave=0)


limits = st.none() | st.integers(1, 6)


@given(estates(), limits)
def test_nothing_moves_before_what_it_needs(estate: tuple[list[PlanItem], list[Relation]], limit: int | None) -> None:
    """Checked on the plain graph of resources: along any way of needs, fused parts and things that stay, waves do not rise."""
    items, relations = estate
    plan = plan_waves(items, relations, ROLES, max_resources_per_wave=limit)
    wave_of = {uid: number for number, wave in enumerate(waves_of(plan)) for uid in wave}
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(one.uid for one in items)
    known = set(graph)
    for one in relations:
        if {one.source_uid, one.target_uid} <= known and one.kind != "setting":
            graph.add_edge(one.source_uid, one.target_uid)
            if one.kind == "part":
                graph.add_edge(one.target_uid, one.source_uid)
    for source, wave in wave_of.items():
        reached = nx.descendants(graph, source)
        together = {uid for uid in reached if source in nx.descendants(graph, uid)}
        assert all(wave_of[target] == wave for target in together & wave_of.keys())
        assert all(wave_of[target] < wave for target in (reached - together) & wave_of.keys())


@given(estates(), limits)
def test_every_resource_once(estate: tuple[list[PlanItem], list[Relation]], limit: int | None) -> None:
    items, relations = estate
    plan = plan_waves(items, relations, ROLES, max_resources_per_wave=limit)
    planned = [uid for wave in waves_of(plan) for uid in wave]
    assert sorted(planned) == sorted(one.uid for one in items if one.moves)
    assert [(one.uid, one.reason) for one in plan.unplanned] == sorted((one.uid, "stays") for one in items if not one.moves)
    assert sorted(group for wave in plan.waves for group in wave.groups) == sorted(group.id for group in plan.groups)
    assert [wave.wave for wave in plan.waves] == list(range(1, len(plan.waves) + 1))


@given(estates(), limits, st.randoms(use_true_random=False))
def test_order_of_input_does_not_matter(estate: tuple[list[PlanItem], list[Relation]], limit: int | None, shuffled: random.Random) -> None:
    items, relations = estate
    plan = plan_waves(items, relations, ROLES, max_resources_per_wave=limit)
    again_items, again_relations = list(items), [*relations, *relations[:3]]
    shuffled.shuffle(again_items)
    shuffled.shuffle(again_relations)
    assert plan_waves(again_items, again_relations, ROLES, max_resources_per_wave=limit) == plan


@given(estates(), st.integers(1, 6))
def test_the_limit_holds_unless_one_group_is_larger(estate: tuple[list[PlanItem], list[Relation]], limit: int) -> None:
    plan = plan_waves(*estate, ROLES, max_resources_per_wave=limit)
    for wave in plan.waves:
        assert wave.resources <= limit or len(wave.groups) == 1


@given(estates(), st.integers(1, 6))
def test_no_wave_is_needless(estate: tuple[list[PlanItem], list[Relation]], limit: int) -> None:
    """What could have moved a wave earlier found no room there."""
    plan = plan_waves(*estate, ROLES, max_resources_per_wave=limit)
    sizes = {group.id: len(group.members) for group in plan.groups}
    for wave, following in zip(plan.waves, plan.waves[1:], strict=False):
        here = {group.id for group in plan.groups if group.id in wave.groups}
        for group in plan.groups:
            if group.id in following.groups and not here & set(group.needs) and not group.needs_unplanned:
                assert wave.resources + sizes[group.id] > limit


def test_waves_of_a_published_shop(third_party_data: Path) -> None:
    """Google's Online Boutique: 13 services, 17 dependencies, and the order in which its own manifests let it move."""
    path = third_party_data / "graph" / "online-boutique-truth.json"
    if not path.is_file():
        pytest.skip(f"there is no published graph at {path}")
    document = json.loads(path.read_text())
    relations = [needs(edge["src"], edge["dst"]) for edge in document["edges"]]
    services = {end for one in relations for end in (one.source_uid, one.target_uid)}
    assert (len(services), len(relations)) == (13, 17)
    plan = plan_waves([item(uid) for uid in services], relations, ROLES)
    assert waves_of(plan) == [sorted(layer) for layer in document["waves_dependency_first"]]
    assert len(plan.waves) == 5


def test_ten_thousand_resources_in_moments() -> None:
    """Takes 0.3 s of one core; the bound only tells linear from quadratic."""
    chance = random.Random(7)
    uids = [f"arn:aws:ec2:eu-central-1:111111111111:instance/i-{number:05}" for number in range(10_000)]
    relations = [needs(uids[number], uids[chance.randrange(max(1, number))]) for number in range(1, 10_000) for _ in range(3)]
    relations += [part(chance.choice(uids), chance.choice(uids)) for _ in range(300)]
    plan_waves([item("a")], [], ROLES)  # what is imported on first use
    started = time.process_time()
    plan = plan_waves([item(uid) for uid in uids], relations, ROLES, max_resources_per_wave=50)
    assert time.process_time() - started < 3
    assert sum(wave.resources for wave in plan.waves) == 10_000


def test_a_hub_that_stays_is_written_once() -> None:
    """4,000 services behind one bus and 4,000 before it: 16 million pairs are not spelled out."""
    before, behind = [f"a{number:04}" for number in range(4_000)], [f"b{number:04}" for number in range(4_000)]
    items = [item(uid) for uid in [*before, *behind]] + [item("bus", moves=False)]
    plan = plan_waves(items, [*(needs(uid, "bus") for uid in before), *(needs("bus", uid) for uid in behind)], ROLES)
    assert waves_of(plan) == [behind, before]
    assert plan.groups[0].needs_unplanned == ("bus",)
    assert len(plan.unplanned[0].needs) == 4_000

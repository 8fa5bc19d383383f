"""Cuts of a group that is too large: the cheapest among those whose sides fit, worked out by hand and against every way."""

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudmigrate.domain.cut_search import CutGraph, _sides_by_flows, cheapest_cut, cut_weight
from cloudmigrate.domain.drafting import draft_plan
from cloudmigrate.domain.move_groups import PlanItem
from cloudmigrate.domain.plan_input import Evidence, Exchange, PlanInput
from cloudmigrate.domain.wave_policy import WavePolicy
from tests.domain.graphs import ROLES, needs, part
from tests.domain.plans import NOW, SNAPSHOT, inputs, policies

DAY = 86_400
GB = 2**30


def circle(*uids: str, bytes_per_s: float = 0.0) -> list[Exchange]:
    return [Exchange(a, b, 6, 443, bytes_per_s * DAY) for a, b in zip(uids, (*uids[1:], uids[0]), strict=True)]


def two_halves(level: str | None = "low") -> PlanInput:
    """Two circles that carry much, joined both ways by little: 5 bytes a second from a to d, and a need from f back to c."""
    items = [PlanItem(uid, "AWS::EC2::Instance", True, risk_level=level) for uid in "abcdef"]
    inside = circle("a", "b", "c", bytes_per_s=1000) + circle("d", "e", "f", bytes_per_s=1000)
    between = [Exchange("a", "d", 6, 5432, 5.0 * DAY)]
    return PlanInput(items, [needs("f", "c")], ROLES, inside + between, evidence=Evidence(traffic=True))


def cuts(found: PlanInput, **limits: float | None) -> list[dict[str, object]]:
    policy = WavePolicy(**{"max_effort_hours_per_wave": None, "link_latency_ms": 12, "transfer_usd_per_gb": 1.0, **limits})  # type: ignore[arg-type]
    return draft_plan(found, policy, snapshot_id=SNAPSHOT, created_at=NOW).to_document()["cuts"]


def test_a_cut_says_what_runs_between_sites_and_what_that_costs() -> None:
    [cut] = cuts(two_halves(), max_resources_per_wave=4)
    assert sorted([cut["side_a"], cut["side_b"]]) == [["a", "b", "c"], ["d", "e", "f"]]
    assert (cut["measure"], cut["size"], cut["limit"]) == ("resources", 6, 4)
    assert cut["edges"] == [
        {"source_uid": "a", "target_uid": "d", "protocol": 6, "port": 5432, "bytes_per_s": 5.0},
        {"source_uid": "f", "target_uid": "c", "protocol": None, "port": None, "bytes_per_s": 0.0},
    ]
    assert (cut["bytes_per_s"], cut["added_latency_ms"]) == (5.0, 12)
    assert cut["transfer_usd_per_day"] == pytest.approx(5 * DAY / GB, abs=1e-4)
    assert cut["reason"] == ("6 resources where a wave holds 4; the cheapest cut found severs 2 dependencies, 1 of them seen in traffic")


def test_fused_pieces_are_never_cut() -> None:
    found = two_halves()
    fused = PlanInput(found.items, [*found.relations, part("a", "d")], ROLES, found.exchanges)
    [cut] = cuts(fused, max_resources_per_wave=5)
    sides = [set(cut["side_a"]), set(cut["side_b"])]  # type: ignore[call-overload]
    assert {"a", "d"} <= sides[0] or {"a", "d"} <= sides[1]


def test_one_piece_has_nothing_to_cut() -> None:
    items = [PlanItem(uid, "AWS::EC2::Instance", True) for uid in "abc"]
    [cut] = cuts(PlanInput(items, [part("a", "b"), part("b", "c")], ROLES), max_resources_per_wave=2)
    assert (cut["side_a"], cut["side_b"], cut["edges"], cut["added_latency_ms"]) == (["a", "b", "c"], [], [], 0)
    assert cut["reason"] == "3 resources where a wave holds 2, all of one piece: nothing to cut"


def test_a_critical_dependency_is_spared_before_a_busier_one() -> None:
    """a - b carries 10 bytes a second and b - c 25; a is critical (4), the others are low: 40 against 25."""
    level = {"a": "critical", "b": "low", "c": "low"}
    items = [PlanItem(uid, "AWS::EC2::Instance", True, risk_level=level[uid]) for uid in "abc"]
    exchanges = [Exchange("a", "b", 6, 1, 10.0 * DAY), Exchange("b", "c", 6, 2, 24.0 * DAY)]
    [cut] = cuts(PlanInput(items, [needs("c", "b"), needs("b", "a")], ROLES, exchanges), max_resources_per_wave=2)
    assert sorted([cut["side_a"], cut["side_b"]]) == [["a", "b"], ["c"]]


def test_a_group_several_times_too_large_is_cut_again() -> None:
    uids = [f"n{number:02}" for number in range(12)]
    items = [PlanItem(uid, "AWS::EC2::Instance", True) for uid in uids]
    found = cuts(PlanInput(items, [], ROLES, circle(*uids, bytes_per_s=1)), max_resources_per_wave=4)
    parts = {tuple(uids)}
    for cut in found:
        whole = tuple(sorted([*cut["side_a"], *cut["side_b"]]))  # type: ignore[misc]
        parts.remove(whole)
        parts |= {tuple(cut["side_a"]), tuple(cut["side_b"])}  # type: ignore[arg-type]
    assert all(len(one) <= 4 for one in parts)


@st.composite
def small_graphs(draw: st.DrawFn) -> tuple[CutGraph, float]:
    count = draw(st.integers(2, 8))
    sizes = [float(draw(st.integers(1, 4))) for _ in range(count)]
    pairs = list(itertools.combinations(range(count), 2))
    weights = {pair: float(draw(st.integers(1, 50))) for pair in draw(st.sets(st.sampled_from(pairs)))}
    return CutGraph(sizes, weights), float(draw(st.integers(2, 20)))


@settings(deadline=None)
@given(small_graphs())
def test_the_cheapest_of_every_way_that_fits(made: tuple[CutGraph, float]) -> None:
    graph, limit = made
    count = len(graph.sizes)
    found = cheapest_cut(graph, limit)
    assert found is not None
    assert 0 < sum(map(bool, found)) < count

    def load(side: tuple[bool, ...], which: bool) -> float:
        return sum(size for size, inside in zip(graph.sizes, side, strict=True) if inside is which)

    ways = [side for side in itertools.product((True, False), repeat=count) if any(side) and not all(side)]
    fitting = [side for side in ways if max(load(side, True), load(side, False)) <= limit]
    chosen = tuple(map(bool, found))
    if fitting:
        assert chosen in fitting
        cheapest = min(sum(weight for (a, b), weight in graph.weights.items() if side[a] != side[b]) for side in fitting)
        assert cut_weight(graph, found) == cheapest


@pytest.mark.parametrize(("count", "halves"), [(40, 2), (120, 2), (60, 3)])
def test_planted_halves_are_found_by_flows(count: int, halves: int) -> None:
    """Dense communities joined by little: no cut that fits is cheaper than along their border."""
    chance = random.Random(count)
    community = [number * halves // count for number in range(count)]
    weights = {}
    for a, b in itertools.combinations(range(count), 2):
        same = community[a] == community[b]
        if chance.random() < (min(1.0, 24 / count * halves) if same else 0.02):
            weights[a, b] = float(chance.randint(50, 100) if same else chance.randint(1, 5))
    graph = CutGraph([1.0] * count, weights)
    border = min(
        sum(weight for (a, b), weight in weights.items() if (community[a] == alone) != (community[b] == alone)) for alone in range(halves)
    )
    side = cheapest_cut(graph, count - count // halves + 1.0)
    assert side is not None
    assert cut_weight(graph, side) <= border


def test_flows_are_whole_cuts_each() -> None:
    graph = CutGraph([1.0] * 16, {(number, number + 1): 1.0 + number for number in range(15)})
    sides = list(_sides_by_flows(graph))
    assert sides
    assert all(0 < side.sum() < 16 for side in sides)
    assert min(cut_weight(graph, side) for side in sides) == 1.0


@settings(deadline=None)
@given(inputs(), policies())
def test_every_cut_parts_a_group_and_tells_every_edge_between(found: PlanInput, policy: WavePolicy) -> None:
    plan = draft_plan(found, policy, snapshot_id=SNAPSHOT, created_at=NOW).to_document()
    members = {group["id"]: set(group["members"]) for group in plan["groups"]}
    for cut in plan["cuts"]:
        a, b = set(cut["side_a"]), set(cut["side_b"])
        assert a
        assert not a & b
        assert a | b <= members[cut["group"]]
        between = {
            (one.source_uid, one.target_uid)
            for one in found.exchanges
            if (one.source_uid in a and one.target_uid in b) or (one.source_uid in b and one.target_uid in a)
        }
        assert between <= {(edge["source_uid"], edge["target_uid"]) for edge in cut["edges"]}
        assert not any(
            one.kind == "part" and {one.source_uid, one.target_uid} & a and {one.source_uid, one.target_uid} & b for one in found.relations
        )

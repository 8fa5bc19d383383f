"""Laws of every plan: over random estates, policies and decisions, checked on the finished document."""

import random
from collections import Counter, defaultdict
from datetime import date
from typing import Any

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudmigrate.domain.constraints import left_behind, part_pairs
from cloudmigrate.domain.drafting import draft_plan
from cloudmigrate.domain.effort import SERVERS, effort_hours
from cloudmigrate.domain.plan_input import PlanInput
from cloudmigrate.domain.wave_calendar import WaveDates, overlaps
from cloudmigrate.domain.wave_policy import FreezeWindow, WavePolicy
from tests.domain.plans import NOW, SNAPSHOT, inputs, policies


def document(found: PlanInput, policy: WavePolicy) -> dict[str, Any]:
    return draft_plan(found, policy, snapshot_id=SNAPSHOT, created_at=NOW).to_document()


def wave_of(plan: dict[str, Any]) -> dict[str, int]:
    return {uid: group["wave"] for group in plan["groups"] for uid in group["members"]}


@settings(deadline=None)
@given(inputs(), policies())
def test_each_resource_is_in_one_wave_or_has_a_reason(found: PlanInput, policy: WavePolicy) -> None:
    plan = document(found, policy)
    members = [uid for group in plan["groups"] for uid in group["members"]]
    staying = [one["uid"] for one in plan["unplanned"]]
    assert sorted(members + staying) == sorted(item.uid for item in found.items)
    assert all(one["reason"] for one in plan["unplanned"])
    inside = [group for wave in plan["waves"] for group in wave["groups"]]
    assert sorted(inside) == sorted(group["id"] for group in plan["groups"])
    assert {group: wave["wave"] for wave in plan["waves"] for group in wave["groups"]} == {one["id"]: one["wave"] for one in plan["groups"]}
    assert [wave["wave"] for wave in plan["waves"]] == list(range(1, len(plan["waves"]) + 1))
    assert not plan["waves"] or plan["waves"][-1]["groups"], "the last wave holds something"


@settings(deadline=None)
@given(inputs(), policies())
def test_no_need_lies_backwards(found: PlanInput, policy: WavePolicy) -> None:
    """On the plain graph of resources: along any way of needs, parts and things that stay, what is needed moves no later."""
    plan = document(found, policy)
    waves = wave_of(plan)
    group_of = {uid: group["id"] for group in plan["groups"] for uid in group["members"]}
    pieces: nx.Graph[str] = nx.Graph([(one.source_uid, one.target_uid) for one in found.relations if one.kind == "part"])
    pieces.add_nodes_from(item.uid for item in found.items)
    held = {uid for one in found.shared for uid in nx.node_connected_component(pieces, one)}
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(item.uid for item in found.items)
    graph.add_edges_from(edge for a, b in pieces.edges for edge in ((a, b), (b, a)))
    wanted = [(one.source_uid, one.target_uid) for one in found.relations if one.kind == "needs"]
    wanted += [(one.source_uid, one.target_uid) for one in found.exchanges]
    graph.add_edges_from((a, b) for a, b in wanted if not {a, b} & held or nx.has_path(pieces, a, b))
    for uid, wave in waves.items():
        for other in nx.descendants(graph, uid) & waves.keys():
            together = uid in nx.descendants(graph, other)
            assert (group_of[uid] == group_of[other]) == together
            assert waves[other] == wave if together else waves[other] <= wave - policy.separate_layers


@settings(deadline=None)
@given(inputs(), policies())
def test_limits_hold_unless_a_group_alone_exceeds_one(found: PlanInput, policy: WavePolicy) -> None:
    plan = document(found, policy)
    types = {item.uid: item.type for item in found.items}
    sizes = {group["id"]: [types[uid] for uid in group["members"]] for group in plan["groups"]}
    for wave in plan["waves"]:
        inside = [type_ for group in wave["groups"] for type_ in sizes[group]]
        loads = (len(inside), sum(type_ in SERVERS for type_ in inside), sum(map(effort_hours, inside)))
        assert loads == (wave["resources"], wave["servers"], wave["effort_hours"])
        limits = (policy.max_resources_per_wave, policy.max_servers_per_wave, policy.max_effort_hours_per_wave)
        over = any(limit is not None and load > limit for load, limit in zip(loads, limits, strict=True))
        assert not over or len(wave["groups"]) == 1
        if over:
            assert any("a cut is proposed" in reason for reason in wave["reasons"])
            assert any(cut["group"] == wave["groups"][0] for cut in plan["cuts"])


@settings(deadline=None)
@given(inputs(), policies())
def test_a_pin_is_held_or_refused_with_its_conflict(found: PlanInput, policy: WavePolicy) -> None:
    plan = document(found, policy)
    waves = wave_of(plan)
    for pin in plan["constraints"]["pins"]:
        if pin["refused"]:
            assert waves.get(pin["uid"]) is None or len(pin["refused"]) > 1, "a conflict has more than one side, unless it does not move"
        else:
            assert waves[pin["uid"]] == pin["wave"]


@settings(deadline=None)
@given(inputs(), policies())
def test_what_is_excluded_stays_with_its_pieces(found: PlanInput, policy: WavePolicy) -> None:
    plan = document(found, policy)
    causes = left_behind(found.constraints.excluded, part_pairs(found.relations, found.roles, found.fused))
    assert not causes.keys() & wave_of(plan).keys()
    for one in plan["constraints"]["excluded"]:
        needing = {group["id"] for group in plan["groups"] if one["uid"] in group["needs_unplanned"]}
        assert needing <= set(one["breaks"])


@settings(deadline=None)
@given(inputs(), policies())
def test_dates_never_touch_a_freeze(found: PlanInput, policy: WavePolicy) -> None:
    plan = document(found, policy)
    environments = {group["id"]: group["environment"] for group in plan["groups"]}
    last: date | None = None
    for wave in plan["waves"]:
        if policy.first_wave_on is None:
            assert wave["starts_on"] is wave["ends_on"] is None
            continue
        dates = WaveDates(date.fromisoformat(wave["starts_on"]), date.fromisoformat(wave["ends_on"]))
        assert (dates.ends_on - dates.starts_on).days == policy.wave_days - 1
        assert last is None or (dates.starts_on - last).days >= policy.days_between_waves
        last = dates.starts_on
        inside = {environments[group] for group in wave["groups"]}
        assert not any(overlaps(one, dates) and concerns(one, inside) for one in policy.freeze_windows)


def concerns(window: FreezeWindow, environments: set[str | None]) -> bool:
    return not window.environments or bool(set(window.environments) & environments)


@settings(deadline=None)
@given(inputs(), policies(), st.randoms(use_true_random=False))
def test_the_same_plan_from_input_in_any_order(found: PlanInput, policy: WavePolicy, chance: random.Random) -> None:
    def shuffled(rows: Any) -> list[Any]:
        again = list(rows)
        chance.shuffle(again)
        return again

    again = PlanInput(
        shuffled(found.items),
        shuffled([*found.relations, *found.relations[:2]]),
        found.roles,
        shuffled(found.exchanges),
        shared=dict(shuffled(found.shared.items())),
        constraints=found.constraints,
        evidence=found.evidence,
    )
    assert document(again, policy) == document(found, policy)


@settings(deadline=None)
@given(inputs(), policies())
def test_what_crosses_adds_up(found: PlanInput, policy: WavePolicy) -> None:
    """From single exchanges: every byte a day between waves is in one crossing, and in the figures of both waves."""
    plan = document(found, policy)
    waves = wave_of(plan)
    group_of = {uid: group["id"] for group in plan["groups"] for uid in group["members"]}
    expected: Counter[tuple[str, str]] = Counter()
    per_wave: defaultdict[int, float] = defaultdict(float)
    for one in found.exchanges:
        a, b = waves.get(one.source_uid), waves.get(one.target_uid)
        if a is not None and b is not None and a != b:
            expected[group_of[one.source_uid], group_of[one.target_uid]] += int(one.bytes_per_day)
            per_wave[a] += one.bytes_per_day
            per_wave[b] += one.bytes_per_day
    assert {(one["source_group"], one["target_group"]): one["bytes_per_day"] for one in plan["crossings"]} == dict(expected)
    assert {wave["wave"]: wave["cross_wave_bytes_per_day"] for wave in plan["waves"]} == {
        wave["wave"]: per_wave[wave["wave"]] for wave in plan["waves"]
    }
    assert plan["score"]["cross_wave_bytes_per_day"] == sum(expected.values())


@settings(deadline=None)
@given(inputs(), policies())
def test_every_group_and_wave_says_why(found: PlanInput, policy: WavePolicy) -> None:
    plan = document(found, policy)
    for one in [*plan["groups"], *plan["waves"]]:
        assert one["reasons"]
        assert all(reason and "None" not in reason and "  " not in reason for reason in one["reasons"])
        assert len(set(one["reasons"])) == len(one["reasons"])

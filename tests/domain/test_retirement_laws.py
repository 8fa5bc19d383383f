"""Laws of what a plan retires: over random estates, policies and decisions, checked on the finished document."""

from collections import Counter, defaultdict
from typing import Any

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudmigrate.domain.drafting import draft_plan
from cloudmigrate.domain.plan_form import wrong_with
from cloudmigrate.domain.plan_input import PlanInput
from cloudmigrate.domain.retirements import ALONG, TYPES
from cloudmigrate.domain.stored_plan import stored_plan
from cloudmigrate.domain.wave_policy import WavePolicy
from cloudmigrate.domain.what_if import what_if
from tests.domain.plans import NOW, SNAPSHOT, inputs, policies

ESTATES = inputs(retiring=True)
Document = dict[str, Any]


def document(found: PlanInput, policy: WavePolicy) -> Document:
    return draft_plan(found, policy, snapshot_id=SNAPSHOT, created_at=NOW).to_document()


def pieces_of(found: PlanInput) -> dict[str, frozenset[str]]:
    graph: nx.Graph[str] = nx.Graph([(one.source_uid, one.target_uid) for one in found.relations if one.kind == "part"])
    graph.add_nodes_from(item.uid for item in found.items)
    return {uid: frozenset(piece) for piece in nx.connected_components(graph) for uid in piece}


def needs_of(found: PlanInput) -> set[tuple[str, str]]:
    stated = {(one.source_uid, one.target_uid) for one in found.relations if one.kind == "needs"}
    return stated | {(one.source_uid, one.target_uid) for one in found.exchanges}


def members(plan: Document, *, retired: bool) -> dict[str, Document]:
    """uid -> its group, of those that are retired, or that move."""
    return {uid: group for group in plan["groups"] if group["retires"] is retired for uid in group["members"]}


@settings(deadline=None)
@given(ESTATES, policies())
def test_what_is_retired_is_in_one_wave_with_its_piece_and_all_else_that_was_to_be_says_why_not(
    found: PlanInput, policy: WavePolicy
) -> None:
    plan, pieces = document(found, policy), pieces_of(found)
    types = {item.uid: item.type for item in found.items}
    moves = {item.uid for item in found.items if item.moves}
    decided = {one.uid for one in found.constraints.retired}
    carried_out = {one["uid"] for one in plan["constraints"]["retired"]}
    excluded = {one["uid"] for one in plan["constraints"]["excluded"]}
    assert not carried_out & excluded
    assert carried_out | excluded >= decided
    gone = members(plan, retired=True)
    inside = Counter(
        uid
        for wave in plan["waves"]
        for one in wave["groups"]
        for group in plan["groups"]
        if group["id"] == one
        for uid in group["members"]
    )
    for uid in carried_out:
        assert inside[uid] == 1
        assert pieces[uid] & moves <= set(gone[uid]["members"])
        assert gone[uid]["cyclic"] or set(gone[uid]["members"]) == pieces[uid] & moves
    for uid in gone:
        assert (uid in decided and types[uid] in TYPES) or (uid not in decided and types[uid] in ALONG), "nobody decided so"
        assert pieces[uid] & carried_out
    reasons = {one["uid"]: one["reason"] for one in plan["unplanned"]}
    for uid in decided - carried_out:
        assert uid not in members(plan, retired=False)
        assert reasons[uid]


@settings(deadline=None)
@given(ESTATES, policies())
def test_nothing_is_retired_before_what_depends_on_it(found: PlanInput, policy: WavePolicy) -> None:
    """On the plain graph: whoever needs it, also through things that stay, is away by then, and is named as what its group waits for."""
    plan, pieces = document(found, policy), pieces_of(found)
    group_of = members(plan, retired=True) | members(plan, retired=False)
    gone = members(plan, retired=True)
    held = {uid for one in plan["held_out"] for uid in pieces[one["uid"]]}
    stays = {uid for uid in pieces if not pieces[uid] & group_of.keys()}
    above: defaultdict[str, set[str]] = defaultdict(set)  # uid -> those of other pieces that need its piece
    for source, target in needs_of(found):
        if pieces[source] != pieces[target]:
            for uid in pieces[target]:
                above[uid].add(source)
    broken = {one["uid"]: set(one["breaks"]) for one in plan["constraints"]["retired"]}
    for uid, own in gone.items():
        direct = above[uid]
        clients, seen = {one for one in direct if one not in stays}, {one for one in direct if one in stays}
        told = {one for other in pieces[uid] & broken.keys() for one in broken[other]}
        assert told >= seen
        stack = list(seen)
        while stack:
            piece = pieces[stack.pop()]
            for one in above[min(piece)] if not piece & held else ():
                if one in held or one in pieces[uid]:  # what reaches itself through what stays waits for nobody
                    continue
                if one not in stays:
                    clients.add(one)
                elif one not in seen:
                    seen.add(one)
                    stack.append(one)
        for client in clients:
            [theirs] = {group_of[one]["id"]: group_of[one] for one in pieces[client] & group_of.keys()}.values()
            if theirs["id"] != own["id"]:
                assert theirs["wave"] <= own["wave"] - policy.separate_layers
                assert theirs["id"] in own["needs"]
            else:
                assert theirs["cyclic"]


@settings(deadline=None)
@given(ESTATES, policies())
def test_what_moves_never_waits_for_what_is_retired_and_keeps_its_own_order(found: PlanInput, policy: WavePolicy) -> None:
    plan = document(found, policy)
    gone = {group["id"] for group in plan["groups"] if group["retires"]}
    moving = members(plan, retired=False)
    pieces, held = pieces_of(found), {one["uid"] for one in plan["held_out"]}
    for group in plan["groups"]:
        assert group["retires"] or not gone & set(group["needs"])
        assert not (group["retires"] and group["needs_unplanned"])
    for source, target in needs_of(found):
        if source in moving and target in moving and pieces[source] != pieces[target] and not (pieces[source] | pieces[target]) & held:
            together = moving[source]["id"] == moving[target]["id"]
            assert together or moving[target]["wave"] <= moving[source]["wave"] - policy.separate_layers


@settings(deadline=None)
@given(ESTATES, policies(), st.data())
def test_a_stored_plan_knows_what_it_retires(found: PlanInput, policy: WavePolicy, data: st.DataObject) -> None:
    """Its form is right; moving nothing changes nothing; one that is retired cannot go before what it waits for."""
    plan = document(found, policy)
    assert wrong_with(plan) is None
    stored = stored_plan(plan)
    waits = [(at, group) for at, group in enumerate(plan["groups"]) if group["retires"] and group["needs"]]
    at, to = 0, plan["groups"][0]["wave"] if plan["groups"] else 0
    if waits:
        at, group = data.draw(st.sampled_from(waits))
        to = data.draw(st.integers(1, group["wave"]))
        latest = max(one["wave"] for one in plan["groups"] if one["id"] in group["needs"])
        asked = what_if(stored, {at: to}, found.exchanges, ())
        assert (to < latest + policy.separate_layers) == any("is retired and waits for" in one for one in asked.laws_broken)
    if plan["groups"]:
        same = what_if(stored, {at: plan["groups"][at]["wave"]}, found.exchanges, ())
        assert same.after == same.before


@settings(deadline=None)
@given(ESTATES, policies())
def test_traffic_crosses_only_while_both_ends_are_there(found: PlanInput, policy: WavePolicy) -> None:
    plan = document(found, policy)
    group_of = members(plan, retired=True) | members(plan, retired=False)
    expected: Counter[tuple[str, str]] = Counter()
    for one in found.exchanges:
        a, b = group_of.get(one.source_uid), group_of.get(one.target_uid)
        if a is None or b is None or a["id"] == b["id"]:
            continue
        if a["retires"] and b["retires"]:
            crosses = False  # neither is ever anywhere else
        elif a["retires"] or b["retires"]:
            gone, moved = (a, b) if a["retires"] else (b, a)
            crosses = moved["wave"] < gone["wave"]
        else:
            crosses = a["wave"] != b["wave"]
        if crosses:
            expected[a["id"], b["id"]] += int(one.bytes_per_day)
    assert {(one["source_group"], one["target_group"]): one["bytes_per_day"] for one in plan["crossings"]} == dict(expected)
    assert plan["score"]["cross_wave_bytes_per_day"] == sum(expected.values())

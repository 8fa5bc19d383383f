"""Two plans compared: each change with its cause."""

import re
from dataclasses import replace
from typing import Any

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudmigrate.domain.constraints import Constraints, Exclusion, Pin
from cloudmigrate.domain.drafting import draft_plan
from cloudmigrate.domain.move_groups import PlanItem
from cloudmigrate.domain.plan_diff import Cause, diff_plans
from cloudmigrate.domain.plan_elsewhere import Elsewhere
from cloudmigrate.domain.plan_input import Evidence, Exchange, PlanInput
from cloudmigrate.domain.stored_plan import stored_plan
from cloudmigrate.domain.wave_policy import WavePolicy
from cloudmigrate.domain.what_if import laws_broken
from tests.domain.graphs import ROLES, needs
from tests.domain.plans import NOW, SNAPSHOT, inputs, policies

TWO = "the limit of 2 resources a wave"
UNTOLD = "no need, limit or goal in the plans tells the two apart; traffic within a wave is no part of a plan"
LAYERED = WavePolicy(separate_layers=True, pilot_waves=0)


def light(uid: str) -> PlanItem:
    """Something that takes no hours, so that no wave is evened out with it."""
    return PlanItem(uid, "AWS::EC2::NetworkInterface", moves=True)


# Three layers: a needs b, b needs c; d stands alone.
BEFORE = PlanInput([light(uid) for uid in "abcd"], [needs("a", "b"), needs("b", "c")], ROLES)


def document(found: PlanInput, policy: WavePolicy = LAYERED) -> dict[str, Any]:
    return draft_plan(found, policy, snapshot_id=SNAPSHOT, created_at=NOW).to_document()


def edges(found: PlanInput) -> frozenset[tuple[str, str]]:
    stated = {(one.source_uid, one.target_uid) for one in found.relations if one.kind != "setting"}
    return frozenset(stated | {(one.source_uid, one.target_uid) for one in found.exchanges})


def pinned(found: PlanInput, **waves: int) -> PlanInput:
    return replace(found, constraints=Constraints(pins=tuple(Pin(uid, wave, "", "ann") for uid, wave in waves.items())))


def excluded(found: PlanInput, uid: str) -> PlanInput:
    return replace(found, constraints=Constraints(excluded=(Exclusion(uid, "retired", "ann"),)))


@pytest.mark.parametrize(
    ("after", "policy", "expected"),
    [
        pytest.param(BEFORE, LAYERED, [], id="the same"),
        pytest.param(
            replace(BEFORE, items=[*BEFORE.items, light("e")]),
            LAYERED,
            [("e", None, 1, Cause.NEW_RESOURCE, "was not in the snapshot before")],
            id="a new resource",
        ),
        pytest.param(
            replace(BEFORE, items=BEFORE.items[:3]), LAYERED, [("d", 1, None, Cause.GONE, "is not in the snapshot any more")], id="one gone"
        ),
        pytest.param(
            replace(BEFORE, exchanges=[Exchange("d", "a", 6, 443, 1.0)]),
            LAYERED,
            [("d", 1, 4, Cause.DEPENDENCY_APPEARED, "d needs a")],
            id="a dependency seen in traffic",
        ),
        pytest.param(
            replace(BEFORE, relations=BEFORE.relations[:1]),
            LAYERED,
            [
                ("a", 3, 2, Cause.KNOCK_ON, "follows b, which it needs: wave 2 -> wave 1"),
                ("b", 2, 1, Cause.DEPENDENCY_VANISHED, "b needs c"),
            ],
            id="a dependency that vanished, and what follows from it",
        ),
        pytest.param(pinned(BEFORE, d=2), LAYERED, [("d", 1, 2, Cause.PIN, "d: not pinned -> wave 2")], id="a pin"),
        pytest.param(excluded(BEFORE, "d"), LAYERED, [("d", 1, None, Cause.EXCLUSION, "d: retired")], id="an exclusion"),
        pytest.param(
            BEFORE,
            WavePolicy(separate_layers=True, pilot_waves=0, max_resources_per_wave=1),
            [("d", 1, 4, Cause.POLICY, "max_resources_per_wave: 50 -> 1")],
            id="another policy",
        ),
    ],
)
def test_a_change_has_its_cause(after: PlanInput, policy: WavePolicy, expected: list[tuple[Any, ...]]) -> None:
    found = diff_plans(document(BEFORE), document(after, policy), edges_before=edges(BEFORE), edges_after=edges(after))
    assert [(one.uid, one.from_wave, one.to_wave, one.cause, one.detail) for one in found] == expected


def test_a_risk_that_rose_is_a_cause() -> None:
    """d becomes of high risk; in its place in the first, pilot wave nothing risky goes while something else may."""
    policy = WavePolicy(pilot_waves=1, max_resources_per_wave=3)
    alone = replace(BEFORE, relations=())
    risen = replace(alone, items=[replace(one, risk_level="high") if one.uid == "a" else one for one in alone.items])
    found = diff_plans(document(alone, policy), document(risen, policy), edges_before=frozenset(), edges_after=frozenset())
    assert ("a", Cause.RISK_CHANGED, "not known -> high") in [(one.uid, one.cause, one.detail) for one in found]


def test_what_makes_room_for_a_pin_names_it() -> None:
    """Two to a wave and nothing joined: d, pinned to wave 1, takes the place of one of those that were there."""
    policy = WavePolicy(pilot_waves=0, max_resources_per_wave=2)
    loose = replace(BEFORE, relations=())
    found = diff_plans(
        document(loose, policy),
        document(pinned(loose, d=1), policy),
        edges_before=frozenset(),
        edges_after=frozenset(),
        called={"d": "the database"},
    )
    assert [(one.uid, one.from_wave, one.to_wave, one.cause, one.detail) for one in found] == [
        (
            "b",
            1,
            2,
            Cause.ROOM,
            f"makes room for the database in wave 1 ({TWO}), takes the room of the database in wave 2 ({TWO})",
        ),
        ("d", 2, 1, Cause.PIN, "the database: not pinned -> wave 1"),
    ]


def test_two_that_moved_together_do_not_explain_each_other() -> None:
    """Two to a wave: x, pinned to wave 1, drives a and b out; a alone would find room there, were it not for b."""
    policy = WavePolicy(pilot_waves=0, max_resources_per_wave=2)
    pair = PlanInput(
        [light(uid) for uid in "abx"], [needs("a", "b")], ROLES, [Exchange("a", "b", 6, 443, 1e9)], evidence=Evidence(traffic=True)
    )
    after = pinned(pair, x=1)

    found = diff_plans(document(pair, policy), document(after, policy), edges_before=edges(pair), edges_after=edges(after))

    assert [(one.uid, one.from_wave, one.to_wave, one.detail) for one in found] == [
        ("a", 1, 2, "wave 1 is not open to it any more: it needs b in wave 2"),
        ("b", 1, 2, "together with a makes room for x in wave 1 (the limit of 2 resources a wave)"),
        ("x", 2, 1, "x: not pinned -> wave 1"),
    ]


def test_nothing_follows_a_shared_service_that_is_held_out() -> None:
    """d, on which all would depend, is pinned away: b, which talks with it, only takes the room that this leaves."""
    policy = WavePolicy(pilot_waves=0, max_resources_per_wave=1)
    found = PlanInput([light("b"), light("d")], [], ROLES, [Exchange("b", "d", 17, 53, 1.0)], shared={"d": "dns"})
    after = pinned(found, d=2)

    changes = diff_plans(document(found, policy), document(after, policy), edges_before=edges(found), edges_after=edges(after))

    assert [(one.uid, one.from_wave, one.to_wave, one.detail) for one in changes] == [
        (
            "b",
            2,
            1,
            "makes room for d in wave 2 (the limit of 1 resource a wave), takes the room of d in wave 1 (the limit of 1 resource a wave)",
        ),
        ("d", 1, 2, "d: not pinned -> wave 2"),
    ]


def server(uid: str) -> PlanItem:
    """Something that takes 4 hours."""
    return PlanItem(uid, "AWS::EC2::Instance", moves=True)


def between_two(early: float, late: float) -> PlanInput:
    """p needs what is pinned to wave 1 and is needed by what is pinned to wave 2; it exchanges so many GiB a day with each."""
    exchanges = [Exchange("p", "early", 6, 443, early * 2**30), Exchange("late", "p", 6, 443, late * 2**30)]
    found = PlanInput([light(uid) for uid in ("early", "late", "p")], [], ROLES, exchanges, evidence=Evidence(traffic=True))
    return pinned(found, early=1, late=2)


IN_TWO_WAVES = replace(BEFORE, items=[light("a"), light("b"), replace(light("p"), environment="prod")], relations=[needs("a", "b")])
IN_ONE_WAVE = replace(IN_TWO_WAVES, relations=[])


@pytest.mark.parametrize(
    ("before", "after", "policy", "expected"),
    [
        pytest.param(
            # Wave 2 loses x and wave 1 gets d: with c still in wave 1 that were 12 hours and 4.
            PlanInput([server(uid) for uid in "abcx"], [needs("a", "b"), needs("x", "b")], ROLES),
            PlanInput([server(uid) for uid in "abcd"], [needs("a", "b"), needs("a", "d")], ROLES),
            LAYERED,
            ("c", 1, 2, "wave 1 would take it too; the work is more even so, 8 hours in wave 1 and 8 in wave 2"),
            id="even load",
        ),
        pytest.param(
            IN_ONE_WAVE, IN_TWO_WAVES, LAYERED, ("p", 1, 2, "wave 1 would take it too; production goes later so"), id="an environment"
        ),
        pytest.param(IN_TWO_WAVES, IN_ONE_WAVE, LAYERED, ("p", 2, 1, "the plan ends with wave 1"), id="fewer waves"),
        pytest.param(
            # 5 GiB with the later one ran across; now 1 GiB with the earlier one does.
            between_two(10, 5),
            between_two(1, 5),
            WavePolicy(pilot_waves=0),
            ("p", 1, 2, "wave 1 would take it too; 4 GiB a day less runs across waves, beside late"),
            id="traffic that no longer runs across",
        ),
        pytest.param(
            between_two(10, 5),
            between_two(10, 15),
            WavePolicy(pilot_waves=0),
            (
                "p",
                1,
                2,
                f"wave 1 would take it too; {UNTOLD}",
            ),
            id="what the plans do not tell",
        ),
    ],
)
def test_where_nothing_keeps_it_out_the_goal_is_named(
    before: PlanInput, after: PlanInput, policy: WavePolicy, expected: tuple[str, int, int, str]
) -> None:
    found = diff_plans(document(before, policy), document(after, policy), edges_before=edges(before), edges_after=edges(after))
    assert [(one.uid, one.from_wave, one.to_wave, one.detail) for one in found if one.cause is Cause.WEIGHED] == [expected]


def test_high_risk_is_better_later() -> None:
    """Wave 1 is a pilot wave."""
    risky = replace(IN_TWO_WAVES, items=[light("a"), light("b"), replace(light("p"), risk_level="high")])
    plan = Elsewhere(document(risky, WavePolicy(separate_layers=True, pilot_waves=1)))
    assert (plan.worse("p", 1), plan.worse("b", 2)) == ("high risk goes later so", None)


@settings(deadline=None)
@given(inputs(), policies(), st.data())
def test_what_is_said_to_be_in_the_way_is_what_a_move_back_would_break(found: PlanInput, policy: WavePolicy, data: st.DataObject) -> None:
    before = replace(found, constraints=Constraints())
    subject = data.draw(st.sampled_from([one.uid for one in found.items]))
    after = replace(found, constraints=Constraints(pins=(Pin(subject, data.draw(st.integers(1, 4)), "", "ann"),)))
    new = document(after, policy)

    changes = diff_plans(document(before, policy), new, edges_before=edges(before), edges_after=edges(after))

    plan = stored_plan(new)
    for one in changes:
        if (
            one.from_wave
            and one.to_wave
            and one.cause in {Cause.ROOM, Cause.WEIGHED, Cause.KNOCK_ON}
            and not one.detail.startswith("follows")
        ):
            along = re.match(r"together with (.*) makes room for", one.detail)
            if along and " more" in along[1]:
                continue  # not all of them are named
            back = {plan.group_of[uid] for uid in (one.uid, *re.findall(r"arn:\S+r/\d+", along[1] if along else ""))}
            broken = laws_broken(plan, [one.from_wave if at in back else wave for at, wave in enumerate(plan.waves)], sorted(back))
            assert bool(broken) == bool(re.search(r"not open to it any more|makes room for|has no room any more", one.detail)), one


@settings(deadline=None)
@given(inputs(), policies(), st.data())
def test_who_follows_whom_never_comes_back_to_where_it_began(found: PlanInput, policy: WavePolicy, data: st.DataObject) -> None:
    before = replace(found, constraints=Constraints())
    subject = data.draw(st.sampled_from([one.uid for one in found.items]))
    after = replace(found, constraints=Constraints(pins=(Pin(subject, data.draw(st.integers(1, 4)), "", "ann"),)))

    changes = diff_plans(document(before, policy), document(after, policy), edges_before=edges(before), edges_after=edges(after))

    follows = [(one.uid, told[1]) for one in changes if (told := re.match(r"follows (\S+), which", one.detail))]
    assert nx.is_directed_acyclic_graph(nx.DiGraph(follows))


def test_a_plan_of_version_1_can_be_compared() -> None:
    group = {"id": "g", "members": ["a"], "layer": 1, "cyclic": False, "cycle": [], "needs": [], "needed_by": [], "needs_unplanned": []}
    wave = {"wave": 2, "layer": 1, "groups": ["g"], "resources": 1, "reason": "layer 1 of 1"}
    old = {"schema_version": 1, "policy": {"max_resources_per_wave": 50}, "groups": [group], "waves": [wave], "unplanned": []}
    [one] = [one for one in diff_plans(old, document(BEFORE), edges_before=frozenset(), edges_after=frozenset()) if one.uid == "a"][:1]
    assert (one.from_wave, one.to_wave) == (2, 3)

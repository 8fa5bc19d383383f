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
from cloudmigrate.domain.plan_input import Evidence, Exchange, PlanInput
from cloudmigrate.domain.wave_policy import WavePolicy
from tests.domain.graphs import ROLES, needs
from tests.domain.plans import NOW, SNAPSHOT, inputs, policies

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
        ("b", 1, 2, Cause.KNOCK_ON, "makes room for the database in wave 1, takes the room of the database in wave 2"),
        ("d", 2, 1, Cause.PIN, "the database: not pinned -> wave 1"),
    ]


def test_two_that_moved_together_do_not_explain_each_other() -> None:
    """Two to a wave: x, pinned to wave 1, drives a and b out."""
    policy = WavePolicy(pilot_waves=0, max_resources_per_wave=2)
    pair = PlanInput(
        [light(uid) for uid in "abx"], [needs("a", "b")], ROLES, [Exchange("a", "b", 6, 443, 1e9)], evidence=Evidence(traffic=True)
    )
    after = pinned(pair, x=1)

    found = diff_plans(document(pair, policy), document(after, policy), edges_before=edges(pair), edges_after=edges(after))

    assert [(one.uid, one.from_wave, one.to_wave, one.detail) for one in found] == [
        ("a", 1, 2, "makes room for x in wave 1, takes the room of x in wave 2"),
        ("b", 1, 2, "makes room for x in wave 1, takes the room of x in wave 2"),
        ("x", 2, 1, "x: not pinned -> wave 1"),
    ]


def test_nothing_follows_a_shared_service_that_is_held_out() -> None:
    """d, on which all would depend, is pinned away: b, which talks with it, only takes the room that this leaves."""
    policy = WavePolicy(pilot_waves=0, max_resources_per_wave=1)
    found = PlanInput([light("b"), light("d")], [], ROLES, [Exchange("b", "d", 17, 53, 1.0)], shared={"d": "dns"})
    after = pinned(found, d=2)

    changes = diff_plans(document(found, policy), document(after, policy), edges_before=edges(found), edges_after=edges(after))

    assert [(one.uid, one.from_wave, one.to_wave, one.detail) for one in changes] == [
        ("b", 2, 1, "makes room for d in wave 2, takes the room of d in wave 1"),
        ("d", 1, 2, "d: not pinned -> wave 2"),
    ]


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

"""What-if: cases by hand, and that its figures are those of counting everything anew."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudmigrate.domain.constraints import Constraints, Pin
from cloudmigrate.domain.crossings import crossing, ends_of, links
from cloudmigrate.domain.drafting import draft_plan, prepare
from cloudmigrate.domain.plan_input import Evidence, Exchange, PlanInput
from cloudmigrate.domain.stored_plan import stored_plan
from cloudmigrate.domain.wave_goals import Goals
from cloudmigrate.domain.wave_policy import WavePolicy
from cloudmigrate.domain.what_if import Rule, WhatIf, what_if
from tests.domain.graphs import ROLES, item, needs
from tests.domain.plans import NOW, SNAPSHOT, inputs, policies

GB = 2**30
SHOP = PlanInput(
    [item("db"), item("jobs"), item("web")],
    [needs("web", "db")],
    ROLES,
    [Exchange("web", "db", 6, 5432, 10.0 * GB), Exchange("jobs", "db", 6, 5432, 1.0 * GB)],
    constraints=Constraints(pins=(Pin("jobs", 2, "", "ann"),)),
    evidence=Evidence(traffic=True),
)
POLICY = WavePolicy(max_resources_per_wave=2, transfer_usd_per_gb=0.1, link_latency_ms=15)


def document(found: PlanInput, policy: WavePolicy) -> dict[str, Any]:
    return draft_plan(found, policy, snapshot_id=SNAPSHOT, created_at=NOW).to_document()


def answer(moves: Mapping[str, int], rules: tuple[Rule, ...] = ()) -> WhatIf:
    plan = stored_plan(document(SHOP, POLICY))
    return what_if(plan, {plan.group_of[uid]: wave for uid, wave in moves.items()}, SHOP.exchanges, rules)


def test_a_move_is_told_in_bytes_money_latency_and_laws() -> None:
    """db and web move in wave 1, jobs in wave 2 by its pin: 1 GB a day crosses; with web in wave 2 it is 11."""
    found = answer({"web": 2})
    assert (found.before.cross_wave_bytes_per_day, found.after.cross_wave_bytes_per_day) == (GB, 11 * GB)
    assert (found.before.transfer_usd_per_day, found.after.transfer_usd_per_day) == (0.1, 1.1)
    assert (found.before.cross_wave_edges, found.after.cross_wave_edges) == (1, 2)
    assert (found.edges_newly_crossing, found.edges_no_longer_crossing, found.added_latency_ms) == (1, 0, 15)
    assert found.laws_broken == ()
    assert found.after.score > found.before.score
    [moved] = found.moves
    assert (moved.label, moved.from_wave, moved.to_wave, moved.first, moved.last, moved.resources) == ("web", 1, 2, 1, 2, 1)


def test_broken_laws_can_be_counted_by_law() -> None:
    found = answer({"jobs": 1})
    assert [(one.law, one.goal) for one in found.breaches] == [("the limit of 2 resources a wave", False), ("pins", False)]
    assert [one.law for one in answer({"db": 2}).breaches] == ["what is needed moves no later than what needs it"]
    assert not found.allowed
    assert answer({"web": 2}).allowed


@pytest.mark.parametrize(
    ("moves", "expected"),
    [
        pytest.param({"db": 2}, ["web in wave 1 needs db in wave 2, which must move no later than it"], id="needed later than it needs"),
        pytest.param(
            {"jobs": 1},
            ["jobs does not fit wave 1: the limit of 2 resources a wave", "jobs is pinned to wave 2 by ann"],
            id="full, and pinned elsewhere",
        ),
        pytest.param({"db": 2, "web": 2}, ["web does not fit wave 2: the limit of 2 resources a wave"], id="together, but too many"),
        pytest.param({"web": 7}, [], id="later than the last wave"),
    ],
)
def test_laws_that_a_move_breaks(moves: dict[str, int], expected: list[str]) -> None:
    assert list(answer(moves).laws_broken) == expected


def test_rules_to_open_are_those_that_newly_run_between_sites() -> None:
    plan = stored_plan(document(SHOP, POLICY))
    ids = {label: plan.problem.ids[number] for number, label in enumerate(plan.labels)}
    inward = Rule(ids["db"], "ingress", 6, 5432, ids["web"], "move_group")
    others = (
        Rule(ids["db"], "ingress", 6, 5432, ids["jobs"], "move_group"),  # ran between sites before
        Rule(ids["web"], "ingress", 6, 443, "0.0.0.0/0", "cidr"),
        Rule(ids["web"], "egress", 6, 22, "arn:stays", "resource"),
    )
    assert answer({"web": 2}, (inward, *others)).rules_to_open == (inward,)


@settings(deadline=None)
@given(inputs(), policies(), st.data())
def test_a_what_if_equals_counting_everything_anew(found: PlanInput, policy: WavePolicy, data: st.DataObject) -> None:
    made = document(found, policy)
    plan = stored_plan(made)
    if not plan.waves:
        return
    moves = data.draw(st.dictionaries(st.integers(0, len(plan.waves) - 1), st.integers(1, 6), max_size=3))
    answered = what_if(plan, moves, [one for one in found.exchanges if moves_end(one, plan.group_of, moves)], ())
    ready = prepare(found, policy)
    assert ready.problem.ids == plan.problem.ids
    waves = [moves.get(number, wave) for number, wave in enumerate(plan.waves)]
    held = [number for number, facts in enumerate(ready.problem.facts) if facts.shared_service]
    ends = ends_of(found.exchanges, ready.group_of)
    crossed = crossing(links(ends, [one.bytes_per_day for one in found.exchanges], held), waves)
    assert answered.after.cross_wave_bytes_per_day == sum(one.bytes_per_day for one in crossed)
    assert answered.after.cross_wave_edges == sum(one.edges for one in crossed)
    assert answered.after.score == pytest.approx(Goals(ready.problem, max(waves)).of(waves).total, abs=1e-5)
    assert answered.before.score == pytest.approx(made["score"]["total"], abs=1e-5)


def moves_end(one: Exchange, group_of: Mapping[str, int], moves: Mapping[int, int]) -> bool:
    return group_of.get(one.source_uid) in moves or group_of.get(one.target_uid) in moves


@settings(deadline=None)
@given(inputs(), policies())
def test_a_plan_breaks_none_of_its_own_laws(found: PlanInput, policy: WavePolicy) -> None:
    """Every group moved to where it is: nothing to tell, but for the size of pilot waves, which is a goal."""
    plan = stored_plan(document(found, policy))
    told = what_if(plan, dict(enumerate(plan.waves)), found.exchanges, ()).laws_broken
    assert [one for one in told if not one.startswith("goal, not a law")] == []

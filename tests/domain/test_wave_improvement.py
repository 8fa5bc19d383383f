"""Moves of several groups at once, on estates of four groups worked out by hand."""

from typing import Any

import pytest

from cloudmigrate.domain.constraints import Pin
from cloudmigrate.domain.plan_input import Exchange
from cloudmigrate.domain.wave_filling import Filling
from cloudmigrate.domain.wave_goals import Goals
from cloudmigrate.domain.wave_improvement import improve
from cloudmigrate.domain.wave_policy import WavePolicy
from cloudmigrate.domain.wave_problem import Exchanged, GroupFacts, Problem
from tests.domain.test_wave_goals import plan, server, waves

GB = 10**9


def talks(source: str, target: str, gigabytes: float) -> Exchange:
    return Exchange(source, target, 6, 443, gigabytes * GB)


def test_a_group_moves_with_what_needs_it() -> None:
    """late (pinned to wave 2) needs web, and so does front; y holds wave 1.

    In wave 1 web and front leave 3 of 5 GB crossing (score 10 * 3/5). web cannot follow late alone, as front needs it; front alone makes
    all 5 GB cross (10). Both in wave 2 leave none: 4 and 12 hours of work against a mean of 8 remain, ((1/2)^2 + (1/2)^2) / 2.
    """
    found = plan(
        [server(uid, None) for uid in ("front", "late", "web", "y")],
        WavePolicy(pilot_waves=0),
        exchanges=[talks("late", "web", 3), talks("front", "web", 2)],
        pins=[Pin("late", 2, "", "ann"), Pin("y", 1, "", "ann")],
    )
    assert waves(found) == {"y": 1, "web": 2, "front": 2, "late": 2}
    assert found["score"]["total"] == pytest.approx(0.25)


def test_groups_of_two_full_waves_are_exchanged() -> None:
    """p (wave 2) needs q, and s needs r (wave 1). q is first in line for the room in wave 1, and both pairs are torn apart: score 10.

    Neither wave has room for a third, so only q against s brings both together: 0.
    """
    found = plan(
        [server(uid, None) for uid in "pqrs"],
        WavePolicy(pilot_waves=0, max_resources_per_wave=2),
        exchanges=[talks("p", "q", 1), talks("s", "r", 1)],
        pins=[Pin("p", 2, "", "ann"), Pin("r", 1, "", "ann")],
    )
    assert waves(found) == {"r": 1, "s": 1, "p": 2, "q": 2}
    assert found["score"]["total"] == 0


def test_what_holds_one_of_a_block_holds_all() -> None:
    """As above, but front is pinned to wave 1 too: web must stay with it."""
    found = plan(
        [server(uid, None) for uid in ("front", "late", "web", "y")],
        WavePolicy(pilot_waves=0),
        exchanges=[talks("late", "web", 3), talks("front", "web", 2)],
        pins=[Pin("late", 2, "", "ann"), Pin("y", 1, "", "ann"), Pin("front", 1, "", "ann")],
    )
    assert waves(found) == {"y": 1, "web": 1, "front": 1, "late": 2}
    assert found["score"]["traffic"] == pytest.approx(3 / 5)


def test_a_block_keeps_its_layers_apart() -> None:
    """b needs a, each layer a wave of its own. c (wave 3) needs b: with a moved to 1 and b to 2 nothing is nearer; b may not join c."""
    found = plan(
        [server(uid, None) for uid in "abc"],
        WavePolicy(pilot_waves=0, separate_layers=True),
        exchanges=[talks("b", "a", 1), talks("c", "b", 1)],
        pins=[Pin("c", 3, "", "ann")],
    )
    assert waves(found) == {"a": 1, "b": 2, "c": 3}


def problem(facts: list[GroupFacts], policy: WavePolicy, **told: Any) -> Problem:
    nothing: list[list[int]] = [[] for _ in facts]
    return Problem([f"g{at}" for at in range(len(facts))], facts, [1] * len(facts), nothing, nothing, policy, **told)


@pytest.mark.parametrize(("wave", "risk"), [(1, 1.0), (2, 0.5), (3, 0.0)])
def test_high_risk_counts_less_in_later_pilot_waves(wave: int, risk: float) -> None:
    """Of the resources of high risk all in wave 1 count 1, in the second of two pilot waves half, behind them nothing."""
    facts = [GroupFacts(3, 0, 1.0, risk_level="critical"), GroupFacts(5, 0, 1.0, risk_level="low")]
    assert Goals(problem(facts, WavePolicy(pilot_waves=2)), 3).of([wave, 1]).risk == risk


def test_an_exchange_that_gains_nothing_leaves_everything_as_it_was() -> None:
    """Two groups that have nothing to do with one another, each filling its wave."""
    facts = [GroupFacts(1, 0, 2.0), GroupFacts(1, 0, 2.0)]
    given = problem(facts, WavePolicy(max_resources_per_wave=1, pilot_waves=0), exchanged=Exchanged())
    filling, found = Filling(given), [1, 2]
    for group, wave in enumerate(found):
        filling.add(group, wave)
    improve(given, filling, found, Goals(given, 2))
    assert found == [1, 2]
    assert (filling.groups, filling.hours) == ([0, 1, 1], [0.0, 2.0, 2.0])

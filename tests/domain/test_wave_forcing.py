"""Waves improved by force: what no group gains by moving alone, and an estate of nothing."""

import random

import pytest

from cloudmigrate.domain.wave_improvement import may_move, window
from cloudmigrate.domain.wave_policy import WavePolicy
from cloudmigrate.domain.wave_problem import Exchanged, GroupFacts, Problem
from cloudmigrate.domain.waves import order_waves


def made(seed: int) -> Problem:
    """Four to ten groups, each needing up to two earlier ones, with which it exchanges data."""
    chance = random.Random(seed)
    count = chance.randint(4, 10)
    needs = [sorted({chance.randrange(one) for _ in range(2)}) if one else [] for one in range(count)]
    needed_by = [[other for other in range(count) if one in needs[other]] for one in range(count)]
    facts = [GroupFacts(chance.randint(1, 4), 1, 4.0, chance.choice(["dev", "prod"])) for _ in range(count)]
    pairs = sorted((one, other, float(chance.randint(1, 10**6))) for other in range(count) for one in needs[other])
    first, second, carried = (list(column) for column in zip(*pairs, strict=True))
    policy = WavePolicy(max_resources_per_wave=8, pilot_waves=0)
    return Problem(
        [f"g{one}" for one in range(count)], facts, [1] * count, needs, needed_by, policy, exchanged=Exchanged(first, second, carried)
    )


@pytest.mark.parametrize("seed", range(20))
def test_no_group_gains_by_another_wave(seed: int) -> None:
    problem = made(seed)
    found = order_waves(problem)
    assert found is not None
    waves, goals, filling = found.waves, found.goals, found.filling
    total = goals.of(waves).total
    for group, here in enumerate(waves):
        first, last = window(problem, waves, group, goals.last)
        for wave in range(first, last + 1):
            if wave == here or filling.refuses(group, wave) or filling.groups[here] == 1 or not may_move(problem, filling, group):
                continue
            assert goals.of([*waves[:group], wave, *waves[group + 1 :]]).total >= total - 1e-6


def test_nothing_has_no_waves() -> None:
    found = order_waves(Problem([], [], [], [], [], WavePolicy()))
    assert found is not None
    assert found.waves == []

"""Pins that cannot be obeyed together: the smallest set is named, and without any one of it the rest can be."""

from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given, settings

from cloudmigrate.domain.conflicts import conflict_words, feasible, minimal_conflict
from cloudmigrate.domain.constraints import Constraints, Pin
from cloudmigrate.domain.drafting import Prepared, conflict_with, ordered_under, prepare
from cloudmigrate.domain.move_groups import PlanItem
from cloudmigrate.domain.plan_input import PlanInput
from cloudmigrate.domain.resources import Relation
from cloudmigrate.domain.wave_policy import FreezeWindow, WavePolicy
from tests.domain.graphs import ROLES, item, needs, part
from tests.domain.plans import inputs, policies


def prepared(items: Sequence[PlanItem], relations: Sequence[Relation], pins: dict[str, int], policy: WavePolicy | None = None) -> Prepared:
    held = tuple(Pin(uid, wave, "", f"p{at}") for at, (uid, wave) in enumerate(pins.items()))
    return prepare(PlanInput(items, relations, ROLES, constraints=Constraints(pins=held)), policy or WavePolicy())


def words(found: Prepared) -> tuple[str, ...]:
    conflict = minimal_conflict(found.problem, found.pins, found.group_of)
    return conflict_words(found.problem, conflict, found.group_of, found.labels)


def pinned(*waves: tuple[str, int, str]) -> list[str]:
    return [f"{uid} is pinned to wave {wave} by {by}" for uid, wave, by in waves]


CHAIN = ([item(uid) for uid in "abcd"], [needs("a", "b"), needs("b", "c")])


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param(prepared(*CHAIN, {"a": 3, "c": 1, "d": 2}), [], id="no conflict"),
        pytest.param(
            prepared(*CHAIN, {"d": 1, "a": 1, "c": 2}),
            [*pinned(("a", 1, "p1"), ("c", 2, "p2")), "a needs c, which must move no later than it: a -> b -> c"],
            id="a needs c over b",
        ),
        pytest.param(
            prepared([item("a"), item("v")], [part("a", "v")], {"a": 1, "v": 2}),
            [*pinned(("a", 1, "p0"), ("v", 2, "p1")), "a and v belong to one move group, which is never split"],
            id="one group in two waves",
        ),
        pytest.param(
            prepared([item(uid) for uid in "abc"], [], dict.fromkeys("abc", 2), WavePolicy(max_resources_per_wave=2)),
            [*pinned(("a", 2, "p0"), ("b", 2, "p1"), ("c", 2, "p2")), "the limit of 2 resources a wave"],
            id="a wave too full",
        ),
        pytest.param(
            prepared(*CHAIN, {"a": 1}, WavePolicy(max_servers_per_wave=2)),
            [
                *pinned(("a", 1, "p0")),
                "a needs 2 other move groups, which must move by wave 1: c and b",
                "the limit of 2 servers a wave",
            ],
            id="no room for what it needs",
        ),
        pytest.param(
            prepared(*CHAIN, {"a": 2}, WavePolicy(separate_layers=True)),
            [*pinned(("a", 2, "p0")), "a needs 2 other move groups, which must move by wave 1: c and b"],
            id="too early for its layers",
        ),
        pytest.param(
            prepared(
                [PlanItem("a", "t", True, environment="prod"), item("b")],
                [],
                {"a": 2, "b": 2},
                WavePolicy(
                    first_wave_on=date(2027, 1, 2),
                    freeze_windows=(
                        FreezeWindow(from_on=date(2027, 1, 16), to_on=date(2027, 1, 16), reason="audit", environments=("prod",)),
                    ),
                ),
            ),
            [*pinned(("a", 2, "p0")), "prod is frozen from 2027-01-16 to 2027-01-16: audit"],
            id="a freeze of its environment",
        ),
    ],
)
def test_a_conflict_by_hand(found: Prepared, expected: list[str]) -> None:
    assert sorted(words(found)) == sorted(expected)


def test_a_shared_wave_is_refused_to_a_group_that_is_too_large() -> None:
    found = prepared([item("a"), item("v"), item("b")], [part("a", "v")], {"a": 1, "b": 1}, WavePolicy(max_resources_per_wave=1))
    assert words(found) == (*pinned(("a", 1, "p0"), ("b", 1, "p1")), "the limit of 1 resource a wave")


def test_the_newest_is_refused_and_the_older_kept() -> None:
    found = prepared(*CHAIN, {"a": 1, "c": 2, "d": 9})
    assert conflict_with(found, {"c"}), "c cannot join a"
    assert conflict_with(found, {"d"}) == (), "an older conflict does not stand in the way of another pin"


@settings(deadline=None)
@given(inputs(), policies())
def test_without_any_one_of_a_conflict_the_rest_can_be_obeyed(found: PlanInput, policy: WavePolicy) -> None:
    ready = prepare(found, policy)
    conflict = minimal_conflict(ready.problem, ready.pins, ready.group_of)
    assert bool(conflict) == (ordered_under(ready, ready.pins) is None), "a conflict is found where planning finds no waves, and only there"
    if not conflict:  # most draws; to assume it away makes hypothesis give up now and then
        return
    assert not feasible(ready.problem, conflict, ready.group_of)
    for at in range(len(conflict)):
        assert feasible(ready.problem, conflict[:at] + conflict[at + 1 :], ready.group_of)
    assert len(conflict_words(ready.problem, conflict, ready.group_of, ready.labels)) == len(conflict)

"""Where groups and a wave are by the journal, what is left over, what a wave needs of others: each worked out by hand."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cloudmigrate.domain.journal import FOLLOWING, Entry, StepState, idempotency_key, standings
from cloudmigrate.domain.orphans import TaggedThing, WaveRecord, orphans
from cloudmigrate.domain.steps import Output, Reversal, Step
from cloudmigrate.domain.wave_needs import built_on, unmet_needs
from cloudmigrate.domain.wave_status import GroupState, group_statuses, says_now, wave_state

INTENT, DONE, FAILED = StepState.INTENT, StepState.DONE, StepState.FAILED
UNDOING, UNDONE, UNDO_FAILED = StepState.UNDOING, StepState.UNDONE, StepState.UNDO_FAILED
HASH = "a" * 64


def step(name: str, group: str = "g", reversal: Reversal = Reversal.UNDO) -> Step:
    return Step(name, "ec2.run_instance", group, f"arn:{name}", "1" * 12, "eu-west-1", reversal=reversal)


STEPS = [step("a"), step("b")]


@pytest.mark.parametrize(
    ("lines", "state"),
    [
        ([], GroupState.NOT_STARTED),
        ([("a", INTENT)], GroupState.UNDER_WAY),
        ([("a", INTENT), ("a", DONE)], GroupState.UNDER_WAY),
        ([("a", INTENT), ("a", FAILED)], GroupState.FAILED),
        ([("a", INTENT), ("a", DONE), ("b", INTENT), ("b", DONE)], GroupState.MIGRATED),
        ([("a", INTENT), ("a", DONE), ("b", INTENT), ("b", FAILED), ("b", UNDOING), ("b", UNDONE)], GroupState.RETURNING),
        ([("a", INTENT), ("a", DONE), ("a", UNDOING), ("a", UNDONE)], GroupState.ROLLED_BACK),
        ([("a", INTENT), ("a", DONE), ("a", UNDOING), ("a", UNDO_FAILED)], GroupState.STUCK),
        ([("a", INTENT), ("a", DONE), ("a", UNDOING), ("a", UNDONE), ("a", INTENT)], GroupState.UNDER_WAY),
    ],
)
def test_a_group_is_where_its_journal_says(lines: list[tuple[str, StepState]], state: GroupState) -> None:
    known = standings(Entry(name, of) for name, of in lines)
    [found] = group_statuses(STEPS, known)
    assert found.state is state


def test_what_cannot_be_undone_any_more_is_told() -> None:
    known = standings([Entry("a", INTENT), Entry("a", DONE)])
    [found] = group_statuses([step("a", reversal=Reversal.NO_RETURN), step("b")], known)
    assert (found.past_return, found.done, found.steps) == ("a", 1, 2)


def test_a_wave_is_as_its_worst_group_and_whole_only_when_all_are() -> None:
    steps = [step("a", "one"), step("b", "two")]

    def state(*lines: tuple[str, StepState]) -> GroupState:
        return wave_state(group_statuses(steps, standings(Entry(name, of) for name, of in lines)))

    done = [("a", INTENT), ("a", DONE)]
    assert state() is GroupState.NOT_STARTED
    assert state(*done) is GroupState.UNDER_WAY
    assert state(*done, ("b", INTENT), ("b", DONE)) is GroupState.MIGRATED
    assert state(*done, ("b", INTENT), ("b", UNDOING), ("b", UNDO_FAILED)) is GroupState.STUCK


def thing(thing_id: str = "i-1", *, step_id: str = "a", key: str | None = None, plan: str = "p", wave: int | None = 1) -> TaggedThing:
    own = key if key is not None else idempotency_key(HASH, 1, step_id, 1)
    return TaggedThing("1" * 12, "eu-west-1", "instance", thing_id, plan, wave, step_id, own)


def why(one: TaggedThing, *lines: tuple[str, StepState], reversal: Reversal = Reversal.UNDO) -> str:
    known = standings(Entry(name, of, {"instance_id": "i-1"} if of is DONE else {}) for name, of in lines)
    record = WaveRecord(HASH, {"a": step("a", reversal=reversal)}, known)
    return next((found.why for found in orphans([one], {("p", 1): record})), "")


def test_what_a_live_step_made_is_no_orphan() -> None:
    assert why(thing(), ("a", INTENT)) == "", "a dead process may have made it: resume finds it"
    assert why(thing(), ("a", INTENT), ("a", DONE)) == ""
    assert why(thing("vol-1"), ("a", INTENT), ("a", DONE)) == "", "a disk that came with the server"
    assert why(thing(), ("a", INTENT), ("a", DONE), ("a", UNDOING)) == ""


WAITS = "wait until <instance_id> of <group_id> runs"
FROM_A = {"instance": Output("a", "instance_id"), "text": {"peer": Output("a", "group_id")}}


@pytest.mark.parametrize(
    ("params", "given", "told"),
    [
        pytest.param(FROM_A, {}, WAITS, id="nothing-is-known"),
        pytest.param(FROM_A, {"b": {"instance_id": "i-1"}}, WAITS, id="another-steps"),
        pytest.param(FROM_A, {"a": {"instance_id": ["i-1"]}}, WAITS, id="no-word"),
        pytest.param(
            FROM_A,
            {"a": {"instance_id": "i-1", "group_id": "sg-1"}},
            "wait until i-1 of <group_id> runs",
            id="what-is-within-is-in-no-words",
        ),
        pytest.param(
            {**FROM_A, "group": Output("b", "group_id")},
            {"a": {"instance_id": "<group_id>", "group_id": "sg-1"}, "b": {"group_id": "sg-2"}},
            "wait until <group_id> of sg-2 runs",
            id="each-word-once",
        ),
        pytest.param(
            {"source": Output("a", "instance_id"), "target": Output("b", "instance_id")},
            {"a": {"instance_id": "i-1"}, "b": {"instance_id": "i-2"}},
            WAITS,
            id="two-differ",
        ),
        pytest.param(FROM_A, {"a": {"instance_id": "i-1\nNext: rm"}}, "wait until i-1\ufffdNext: rm of <group_id> runs", id="one-line"),
    ],
)
def test_words_take_the_values_that_are_known(params: dict[str, Any], given: dict[str, dict[str, Any]], told: str) -> None:
    assert says_now(replace(step("c"), params=params, says=WAITS), given) == told


def test_what_nobody_answers_for_is_one_and_says_why() -> None:
    undone = [("a", INTENT), ("a", DONE), ("a", UNDOING), ("a", UNDONE)]
    assert why(thing(), *undone) == "its step was taken back, or never done"
    assert "policy keeps" in why(thing(), *undone, reversal=Reversal.NOTHING)
    assert why(thing(), *undone, ("a", INTENT)) == "it was made by an earlier attempt of its step"
    assert why(thing(), *undone[:3], ("a", UNDO_FAILED)).startswith("its step could not be undone")
    assert why(thing("i-2"), ("a", INTENT), ("a", DONE)) == "it is a double: its step gave another"
    assert why(thing(step_id="gone"), ("a", INTENT)) == "the wave has no such step any more"
    assert why(thing(plan="other")).startswith("this ledger knows no such wave")
    assert why(thing(wave=None)).startswith("this ledger knows no such wave")


GROUPS = [
    {"id": "db", "wave": 1, "needs": []},
    {"id": "app", "wave": 2, "needs": ["db", "dns"]},
    {"id": "web", "wave": 2, "needs": ["app"]},
    {"id": "dns", "wave": None, "needs": []},
]


def test_a_wave_needs_what_its_groups_need_of_other_waves() -> None:
    assert unmet_needs(GROUPS, 2, []) == [("app", "db", 1)], "web needs app of its own wave; dns is in no wave"
    assert unmet_needs(GROUPS, 2, ["db"]) == []
    assert unmet_needs(GROUPS, 1, []) == []


def test_what_was_built_on_a_group_hinders_its_way_back() -> None:
    assert built_on(GROUPS, {"db"}, {"db", "app"}) == [("app", "db")]
    assert built_on(GROUPS, {"db", "app"}, {"db", "app"}) == []
    assert built_on(GROUPS, {"db"}, {"db"}) == []


def test_the_picture_of_a_step_shows_exactly_what_may_follow_what() -> None:
    page = (Path(__file__).parents[2] / "docs" / "execution.md").read_text(encoding="utf-8")
    drawing = page.split("## What is recorded of a step")[1].split("```")[1]
    drawn = {tuple(line.strip().split(" --> ")) for line in drawing.splitlines() if "-->" in line}
    said = {("[*]" if before is None else before.value, after.value) for before, follows in FOLLOWING.items() for after in follows}
    assert drawn == said


def test_the_picture_of_a_wave_names_every_state() -> None:
    page = (Path(__file__).parents[2] / "docs" / "execution.md").read_text(encoding="utf-8")
    drawing = page.split("## Where a wave is")[1].split("```")[1]
    drawn = {word for line in drawing.splitlines() if "-->" in line for word in line.split(" : ")[0].split() if word not in ("[*]", "-->")}
    assert drawn == {one.value.replace(" ", "_") for one in GroupState}

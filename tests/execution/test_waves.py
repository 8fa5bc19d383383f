"""A wave: groups end migrated or back where they were, few steps run at once, and gates hold."""

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmigrate.domain.journal import StepState
from cloudmigrate.domain.steps import Gate, ItineraryError, Output, Reversal, Step, check_steps, step_document, step_of, steps_hash
from cloudmigrate.errors.waves import PastReturnError
from cloudmigrate.execution.waves import GroupEnd, Limits, WaveEnd, roll_back, run_wave
from tests.execution.model import Fates, Killed, ModelJournal, ModelWorld, carrier, chain, until_alive

ONE_BY_ONE = Limits(at_once=1, waiting=1, failed_groups=99)  # beside one that works one that waits


def run(
    steps: Sequence[Step],
    world: ModelWorld,
    journal: ModelJournal,
    *,
    is_open: Callable[[Gate], bool] = lambda _: True,
    limits: Limits = ONE_BY_ONE,
) -> WaveEnd:
    return run_wave(steps, carrier(world, journal), is_open=is_open, limits=limits)


def test_every_group_is_migrated_and_a_second_run_changes_nothing() -> None:
    steps = [*chain("db", "copy", "start"), *chain("web", "copy", "start", needs=("db/start",))]
    fates = Fates()
    world, journal = ModelWorld(fates), ModelJournal(fates)
    assert run(steps, world, journal).groups == {"db": GroupEnd.MIGRATED, "web": GroupEnd.MIGRATED}
    assert [call for call in fates.calls if call.startswith("act")] == ["act db/copy", "act db/start", "act web/copy", "act web/start"]
    lines = len(journal.entries)
    assert run(steps, world, journal).is_whole
    assert len(journal.entries) == lines


def test_a_failed_group_goes_back_and_what_needs_it_never_starts_and_others_go_on() -> None:
    steps = [*chain("db", "copy", "start"), *chain("web", "copy", needs=("db/start",)), *chain("mail", "copy")]
    world, journal = ModelWorld(refused=frozenset({"db/start"})), ModelJournal()
    end = run(steps, world, journal)
    assert end.groups == {"db": GroupEnd.ROLLED_BACK, "web": GroupEnd.NOT_STARTED, "mail": GroupEnd.MIGRATED}
    assert list(end.failures) == ["db/start"]
    assert world.left() == ["mail/copy"]


def test_after_too_many_failures_no_further_group_is_begun() -> None:
    steps = [*chain("a", "one"), *chain("b", "one", "two"), *chain("c", "one")]
    world, journal = ModelWorld(refused=frozenset({"a/one"})), ModelJournal()
    end = run(steps, world, journal, limits=Limits(at_once=1, failed_groups=1))
    assert end.groups == {"a": GroupEnd.ROLLED_BACK, "b": GroupEnd.NOT_STARTED, "c": GroupEnd.NOT_STARTED}


def test_a_closed_gate_holds_the_step_behind_it_and_lets_others_pass() -> None:
    first, second = chain("web", "copy", "switch")
    steps = [first, Step(**{**{name: getattr(second, name) for name in Step.__slots__}, "gate": Gate.CUTOVER}), *chain("mail", "copy")]
    world, journal = ModelWorld(), ModelJournal()
    end = run(steps, world, journal, is_open=lambda _: False)
    assert end.groups == {"web": GroupEnd.WAITING, "mail": GroupEnd.MIGRATED}
    assert end.waiting_for == (Gate.CUTOVER,)
    assert run(steps, world, journal).is_whole


def test_a_wait_of_days_lets_the_wave_end_and_is_looked_at_again_when_it_is_resumed() -> None:
    later, sooner = datetime(2026, 3, 15, tzinfo=UTC), datetime(2026, 3, 8, tzinfo=UTC)
    steps = [*chain("old", "stop", "rest", "delete"), *chain("older", "rest"), *chain("mail", "copy")]
    fates = Fates()
    world, journal = ModelWorld(fates, due_at={"old/rest": later, "older/rest": sooner}), ModelJournal(fates)
    end = run(steps, world, journal)
    assert end.groups == {"old": GroupEnd.WAITING, "older": GroupEnd.WAITING, "mail": GroupEnd.MIGRATED}
    assert (end.waiting_until, end.waiting_for, dict(end.failures)) == (sooner, (), {})
    assert journal.standings()["old/rest"].state is StepState.INTENT
    assert fates.calls.count("act old/rest") == 1
    del world.due_at["older/rest"]
    end = run(steps, world, journal)
    assert (end.groups["older"], end.waiting_until) == (GroupEnd.MIGRATED, later)
    lines = len(journal.entries)
    assert run(steps, world, journal).groups["old"] is GroupEnd.WAITING
    assert len(journal.entries) == lines
    world.due_at.clear()
    assert run(steps, world, journal).is_whole


def test_what_waits_for_a_day_can_be_rolled_back_and_is_refused_like_any_other_step() -> None:
    steps = list(chain("old", "stop", "rest"))
    world, journal = ModelWorld(due_at={"old/rest": datetime(2026, 3, 15, tzinfo=UTC)}), ModelJournal()
    run(steps, world, journal)
    assert roll_back(steps, carrier(world, journal)).groups == {"old": GroupEnd.ROLLED_BACK}
    assert world.left() == []
    run(steps, world, journal)
    world.refused = frozenset({"old/rest"})  # somebody called
    end = run(steps, world, journal)
    assert (end.groups, end.waiting_until) == ({"old": GroupEnd.ROLLED_BACK}, None)
    assert world.left() == []


def test_what_cannot_be_undone_is_told_and_stops_no_other_undo() -> None:
    steps = list(chain("web", "one", "two", "three"))
    world = ModelWorld(refused=frozenset({"web/three"}), not_undoable=frozenset({"web/two"}))
    journal = ModelJournal()
    end = run(steps, world, journal)
    assert end.groups == {"web": GroupEnd.STUCK}
    assert list(end.undo_failures) == ["web/two"]
    assert world.left() == ["web/two"]


def test_behind_the_point_of_no_return_nothing_is_rolled_back() -> None:
    (gone,) = chain("web", "delete", needs=("web/copy",), reversal=Reversal.NO_RETURN)
    steps = [*chain("web", "copy"), gone, *chain("web", "check", needs=("web/delete",), reversal=Reversal.NOTHING)]
    world, journal = ModelWorld(refused=frozenset({"web/check"})), ModelJournal()
    assert run(steps, world, journal).groups == {"web": GroupEnd.STUCK}
    with pytest.raises(PastReturnError, match="web/delete"):
        roll_back(steps, carrier(world, journal))
    assert world.left() == ["web/copy", "web/delete"]


def test_what_something_beyond_return_was_built_on_does_not_go_back_either() -> None:
    """web called old, which is deleted since: web's clean-up fails, and a web that came back would look for old."""
    (gone,) = chain("old", "delete", needs=("web/moved",), reversal=Reversal.NO_RETURN)
    steps = [*chain("web", "moved"), gone, *chain("web", "cleaned", needs=("web/moved", "old/delete"))]
    world, journal = ModelWorld(refused=frozenset({"web/cleaned"})), ModelJournal()
    end = run(steps, world, journal)
    assert end.groups == {"web": GroupEnd.STUCK, "old": GroupEnd.MIGRATED}
    assert world.left() == ["old/delete", "web/moved"]


def test_a_rollback_takes_those_along_that_were_built_on_it_newest_first() -> None:
    steps = [*chain("db", "copy"), *chain("web", "copy", needs=("db/copy",)), *chain("mail", "copy")]
    fates = Fates()
    world, journal = ModelWorld(fates), ModelJournal(fates)
    run(steps, world, journal)
    end = roll_back(steps, carrier(world, journal), {"db"})
    assert end.groups == {"db": GroupEnd.ROLLED_BACK, "web": GroupEnd.ROLLED_BACK}
    assert [call for call in fates.calls if call.startswith("undo ")] == ["undo web/copy", "undo db/copy"]
    assert world.left() == ["mail/copy"]


def test_no_more_steps_run_at_once_than_the_limits_let() -> None:
    steps = [Step(f"g{n}/s", "model.create", f"g{n}", f"arn:{n}", f"{n % 2}", "r", limited_by=("db",) if n < 4 else ()) for n in range(12)]
    now: dict[str, int] = {}
    most: dict[str, int] = {}
    lock = threading.Lock()
    meet = threading.Barrier(2)

    class Counting(ModelWorld):
        def act(self, step, params, key):  # type: ignore[no-untyped-def]
            names = ["all", f"account {step.account_id}", *step.limited_by]
            with lock:
                for name in names:
                    now[name] = now.get(name, 0) + 1
                    most[name] = max(most.get(name, 0), now[name])
            if "db" in names and not meet.broken:
                meet.wait(timeout=10)  # two of these do run at once
            with lock:
                for name in names:
                    now[name] -= 1
            return super().act(step, params, key)

    world, journal = Counting(), ModelJournal()
    assert run(steps, world, journal, limits=Limits(at_once=3, per_account=2, per_region=9, per_name=2)).is_whole
    assert most["db"] == 2
    assert most["all"] <= 3
    assert most["account 0"] <= 2


def waiting(group: str, **options: Any) -> Step:
    """A step that only waits."""
    (step,) = chain(group, "wait", reversal=Reversal.NOTHING, **options)
    return replace(step, act="model.wait")


@dataclass
class Patient(ModelWorld):
    """A world in which waits end once as many steps have worked as are said."""

    until: int = 1
    worked: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    most: dict[str, int] = field(default_factory=dict)
    now: dict[str, int] = field(default_factory=dict)

    def act(self, step: Step, params: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        kind = "waits" if self.only_waits(step) else "works"
        for name in (kind, *step.limited_by):
            with self.fates.lock:
                self.now[name] = self.now.get(name, 0) + 1
                self.most[name] = max(self.most.get(name, 0), self.now[name])
        try:
            if kind == "works":
                self.worked.release(50)
            else:
                assert self.worked.acquire(timeout=20), "what works was held up by what waits"
            return super().act(step, params, key)
        finally:
            with self.fates.lock:
                for name in (kind, *step.limited_by):
                    self.now[name] -= 1


def test_steps_that_only_wait_hold_up_no_other_group() -> None:
    steps = [*(waiting(f"w{number}") for number in range(5)), *chain("web", "copy")]
    world = Patient()
    assert run(steps, world, ModelJournal(), limits=Limits(at_once=1, waiting=5, per_account=1, per_region=1)).is_whole
    assert (world.most["waits"], world.most["works"]) == (5, 1)


def test_more_waits_than_have_places_of_their_own_take_those_of_steps_that_work() -> None:
    steps = [*chain("web", "copy"), *(waiting(f"w{number}") for number in range(9))]
    world = Patient()
    assert run(steps, world, ModelJournal(), limits=Limits(at_once=2, waiting=3)).is_whole
    assert world.most["waits"] <= 5


def test_what_few_may_share_is_shared_by_few_also_where_they_wait() -> None:
    steps = [*(waiting(f"w{number}", limited_by=("db",)) for number in range(4)), *chain("web", "copy")]
    world = Patient()
    assert run(steps, world, ModelJournal(), limits=Limits(at_once=1, waiting=9, per_name=2)).is_whole
    assert world.most["db"] == 2


def test_steps_that_cannot_run_as_they_stand_are_refused_before_anything_runs() -> None:
    a, b = chain("web", "a", "b")
    with pytest.raises(ItineraryError, match="web/b needs web/a, which does not come before it"):
        check_steps([b, a])
    with pytest.raises(ItineraryError, match="web/a stands there twice"):
        check_steps([a, a])
    taking = Step("web/c", "x", "web", "u", "1", "r", {"id": [Output("web/a", "id")]})
    with pytest.raises(ItineraryError, match="takes a value of web/a without needing it"):
        check_steps([a, taking])
    (gone,) = chain("web", "gone", reversal=Reversal.NO_RETURN)
    with pytest.raises(ItineraryError, match="comes after the point of no return web/gone"):
        check_steps([gone, a])


def test_a_step_is_the_same_after_its_way_through_json() -> None:
    step = Step(
        "web/a", "ec2.launch", "web", "u", "1", "r", {"list": [Output("web/z", "id"), {"deep": 1}]}, ("web/z",), Reversal.UNDO, Gate.CUTOVER
    )
    assert step_of(step_document(step)) == step
    assert steps_hash([step]) != steps_hash([Step("web/a", "ec2.launch", "web", "u", "1", "r")])


@st.composite
def waves(draw: st.DrawFn) -> list[Step]:
    """A few groups of a few steps; a group may need the last step of an earlier one."""
    steps: list[Step] = []
    for number in range(draw(st.integers(1, 3))):
        needs = (draw(st.sampled_from(steps)).step_id,) if steps and draw(st.booleans()) else ()
        steps += chain(f"g{number}", *"abc"[: draw(st.integers(1, 3))], needs=needs)
    asleep = draw(st.sets(st.sampled_from([one.step_id for one in steps])))
    return [replace(one, act="model.wait") if one.step_id in asleep else one for one in steps]


WORDS = ["ok", "throttled", "not done", "answer lost", "die before", "die after", "die", "unclear"]
FATES = st.lists(st.sampled_from(WORDS), max_size=20)


@given(waves(), FATES, st.integers(0, 4))
def test_resumed_after_any_deaths_a_wave_ends_as_if_nothing_had_died(steps: list[Step], words: list[str], delay: int) -> None:
    fates = Fates(words)
    world, journal = ModelWorld(fates, delay=delay), ModelJournal(fates)
    while not until_alive(lambda: run_wave(steps, carrier(world, journal), is_open=lambda _: True, limits=ONE_BY_ONE)).is_whole:
        pass  # without an answer to the end of patience a group goes back; started again it is done
    assert world.left() == sorted(one.step_id for one in steps)


@given(waves(), FATES, FATES, st.integers(0, 4))
def test_rolled_back_from_any_point_the_world_is_as_it_was(steps: list[Step], words: list[str], later: list[str], delay: int) -> None:
    fates = Fates(words)
    world, journal = ModelWorld(fates, delay=delay), ModelJournal(fates)
    with suppress(Killed):
        run(steps, world, journal)
    fates.words = later
    while until_alive(lambda: roll_back(steps, carrier(world, journal))).undo_failures:
        pass
    assert world.left() == []
    assert {one.state for one in journal.standings().values()} <= {StepState.UNDONE}


@given(waves(), FATES, st.integers(0, 3), st.data())
def test_a_refused_step_leaves_its_group_untouched_and_all_others_whole(
    steps: list[Step], words: list[str], delay: int, data: st.DataObject
) -> None:
    refused = data.draw(st.sampled_from(steps))
    fates = Fates(words)
    world, journal = ModelWorld(fates, delay=delay, refused=frozenset({refused.step_id})), ModelJournal(fates)
    until_alive(lambda: run(steps, world, journal))
    fates.words = []
    end = run(steps, world, journal)
    whole = {group for group, how in end.groups.items() if how is GroupEnd.MIGRATED}
    assert refused.group not in whole
    assert set(world.left()) == {one.step_id for one in steps if one.group in whole}

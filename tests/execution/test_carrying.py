"""One step: whatever fails or dies, it is done once or undone, and the journal says so."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmigrate.domain.journal import Entry, StepState
from cloudmigrate.domain.steps import Output, Reversal, Step
from cloudmigrate.errors.steps import StepRefusedError, StepUnclearError
from tests.execution.model import Fates, Killed, ModelJournal, ModelWorld, carrier, chain, place, until_alive

(STEP,) = chain("web", "image")


def states(journal: ModelJournal) -> list[StepState]:
    return [entry.state for entry in journal.entries]


def test_intent_is_recorded_before_the_act_and_what_it_gave_after_it() -> None:
    fates = Fates()
    world, journal = ModelWorld(fates), ModelJournal(fates)
    carrier(world, journal).carry_out(STEP)
    assert fates.calls == ["record intent web/image", "look web/image", "act web/image", "record done web/image"]
    assert journal.entries[-1].outputs["id"].startswith("web/image/cm")


def test_a_done_step_is_left_alone() -> None:
    world, journal = ModelWorld(), ModelJournal()
    carrier(world, journal).carry_out(STEP)
    carrier(world, journal).carry_out(STEP)
    assert world.left() == ["web/image"]
    assert states(journal) == [StepState.INTENT, StepState.DONE]


def test_a_refused_step_is_failed_and_can_be_tried_again() -> None:
    world, journal = ModelWorld(refused=frozenset({"web/image"})), ModelJournal()
    with pytest.raises(StepRefusedError, match=r"step web/image for arn:web \(account 111111111111, eu-central-1\).*Next: grant"):
        carrier(world, journal).carry_out(STEP)
    assert states(journal) == [StepState.INTENT, StepState.FAILED]
    assert "AccessDenied" in journal.entries[-1].error
    world.refused = frozenset()
    carrier(world, journal).carry_out(STEP)
    assert world.left() == ["web/image"]


def test_a_step_that_may_not_be_looked_for_and_was_never_tried_is_taken_back_without_a_look() -> None:
    class Denying(ModelWorld):
        def look(self, step: Step, params, key):  # type: ignore[no-untyped-def]
            raise StepRefusedError(step.step_id, **place(step), reason="AccessDenied", next_action="grant the action")

    world, journal = Denying(), ModelJournal()
    with pytest.raises(StepRefusedError):
        carrier(world, journal).carry_out(STEP)
    assert carrier(world, journal).take_back(STEP) is None
    assert states(journal) == [StepState.INTENT, StepState.FAILED, StepState.UNDOING, StepState.UNDONE]


def test_an_undo_that_cannot_be_made_up_is_a_failed_one_and_stops_no_other() -> None:
    class Odd(ModelWorld):
        def undo(self, step: Step, params, outputs):  # type: ignore[no-untyped-def]
            raise KeyError("InstanceId")

    world, journal = Odd(), ModelJournal()
    carrier(world, journal).carry_out(STEP)
    error = carrier(world, journal).take_back(STEP)
    assert "KeyError: 'InstanceId'" in str(error)
    assert states(journal)[-1] is StepState.UNDO_FAILED


def test_a_step_refused_after_a_lost_answer_may_have_been_done() -> None:
    class LosingThenDenying(ModelWorld):
        def look(self, step: Step, params, key):  # type: ignore[no-untyped-def]
            if self.things and not self.refused:
                self.refused = frozenset({step.step_id})
                raise StepRefusedError(step.step_id, **place(step), reason="AccessDenied", next_action="grant the action")
            return super().look(step, params, key)

    world, journal = LosingThenDenying(Fates(["answer lost"])), ModelJournal()
    with pytest.raises(StepRefusedError):
        carrier(world, journal).carry_out(STEP)
    assert states(journal) == [StepState.INTENT]  # and not failed, which says that nothing was done
    assert world.left() == ["web/image"]
    assert carrier(world, journal).take_back(STEP) is None
    assert world.left() == []


def test_a_lost_answer_is_looked_for_before_the_act_is_repeated() -> None:
    world, journal = ModelWorld(Fates(["answer lost"]), delay=3), ModelJournal()
    carrier(world, journal).carry_out(STEP)
    assert world.left() == ["web/image"]


def test_an_act_without_any_answer_leaves_its_intent() -> None:
    world, journal = ModelWorld(Fates(["not done"] * 8)), ModelJournal()
    with pytest.raises(StepUnclearError):
        carrier(world, journal).carry_out(STEP)
    assert states(journal) == [StepState.INTENT]


def test_what_the_act_gave_reaches_the_steps_that_need_it() -> None:
    seen = {}

    class Watching(ModelWorld):
        def act(self, step: Step, params, key):  # type: ignore[no-untyped-def]
            seen[step.step_id] = params
            return super().act(step, params, key)

    world, journal = Watching(), ModelJournal()
    launch = Step(
        "web/launch", "model.create", "web", "arn:web", "1", "r", {"image": Output("web/image", "id"), "tags": ["x"]}, ("web/image",)
    )
    for step in (STEP, launch):
        carrier(world, journal).carry_out(step)
    assert seen["web/launch"] == {"image": journal.entries[1].outputs["id"], "tags": ["x"]}


def test_undoing_what_cannot_be_undone_is_recorded_and_returned() -> None:
    world, journal = ModelWorld(not_undoable=frozenset({"web/image"})), ModelJournal()
    carrier(world, journal).carry_out(STEP)
    error = carrier(world, journal).take_back(STEP)
    assert error is not None
    assert error.next_action == "delete it by hand"
    assert states(journal)[-1] is StepState.UNDO_FAILED
    world.not_undoable = frozenset()
    assert carrier(world, journal).take_back(STEP) is None
    assert world.left() == []


def test_a_check_is_undone_without_a_call_and_runs_again_in_the_next_attempt() -> None:
    (check,) = chain("web", "check", reversal=Reversal.NOTHING)
    fates = Fates()
    world, journal = ModelWorld(fates), ModelJournal(fates)
    for _ in range(2):
        carrier(world, journal).carry_out(check)
        carrier(world, journal).take_back(check)
    assert [call for call in fates.calls if "undo " in call] == []
    assert fates.calls.count("act web/check") == 2


def test_a_new_attempt_has_a_key_of_its_own() -> None:
    world, journal = ModelWorld(), ModelJournal()
    for _ in range(2):
        carrier(world, journal).carry_out(STEP)
        carrier(world, journal).take_back(STEP)
    one, two = (entry.outputs["id"] for entry in journal.entries if entry.state is StepState.DONE)
    assert one != two


FATES = st.lists(st.sampled_from(["ok", "unclear", "throttled", "not done", "answer lost", "die before", "die after", "die"]), max_size=14)


@given(FATES, st.integers(0, 4), st.booleans())
def test_whatever_dies_a_step_is_done_once(words: list[str], delay: int, is_repeatable: bool) -> None:
    fates = Fates(words)
    world = ModelWorld(fates, delay=delay, repeatable=frozenset({"web/image"} if is_repeatable else ()))
    journal = ModelJournal(fates)

    while not journal.entries or states(journal)[-1] is not StepState.DONE:
        with suppress(Killed, StepUnclearError):  # an unclear end leaves the intent; whoever comes next goes on
            carrier(world, journal).carry_out(STEP)
    assert world.left() == ["web/image"]


@given(FATES, FATES, st.integers(0, 4))
def test_wherever_it_died_a_step_can_be_taken_back(words: list[str], later: list[str], delay: int) -> None:
    fates = Fates(words)
    world, journal = ModelWorld(fates, delay=delay), ModelJournal(fates)
    with suppress(Killed, StepUnclearError):
        carrier(world, journal).carry_out(STEP)
    fates.words = later
    while until_alive(lambda: carrier(world, journal).take_back(STEP)) is not None:
        pass
    assert world.left() == []
    assert not journal.entries or states(journal)[-1] is StepState.UNDONE


def test_a_line_that_cannot_follow_is_refused() -> None:
    journal = ModelJournal()
    with pytest.raises(ValueError, match="is not begun and cannot become done"):
        journal.record(Entry("web/image", StepState.DONE))


def test_what_was_made_by_a_line_that_was_changed_is_left_to_a_person() -> None:
    fates = Fates()
    world, journal = ModelWorld(fates), ModelJournal(fates)
    image, launch = chain("web", "image", "launch")
    for step in (image, launch):
        carrier(world, journal).carry_out(step)
    journal.doubts = {"web/image": "line 2 of it says done {}"}
    fates.calls.clear()
    error = carrier(world, journal).take_back(image)
    assert "lines of web/image were changed since they were written: line 2 of it says done {}; nothing was called" in str(error)
    assert fates.calls == ["record undoing web/image", "record undo_failed web/image"]
    assert carrier(world, journal).take_back(launch) is None


def test_a_step_is_not_done_by_what_a_changed_line_says() -> None:
    fates = Fates()
    world, journal = ModelWorld(fates), ModelJournal(fates)
    image, launch = chain("web", "image", "launch")
    carrier(world, journal).carry_out(image)
    journal.doubts = {"web/image": "the journal has 3 lines of it, and the audit chain tells of 2"}
    with pytest.raises(StepRefusedError, match=r"tells of 2\. Next: ask who could write"):
        carrier(world, journal).carry_out(launch)
    assert world.left() == ["web/image"]
    assert states(journal)[-2:] == [StepState.INTENT, StepState.FAILED]

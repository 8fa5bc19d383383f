"""Steps that a person does: what depends on them waits for the word, and their undo is a person's too."""

from dataclasses import replace

from cloudmigrate.domain.journal import StepState
from cloudmigrate.domain.steps import Gate, Step
from cloudmigrate.execution.by_hand import WithPeople
from cloudmigrate.execution.carrying import Carrier
from cloudmigrate.execution.ports import Patience
from cloudmigrate.execution.waves import GroupEnd, Limits, roll_back, run_wave
from tests.execution.model import PLAN_HASH, ModelJournal, ModelWorld, chain


def test_a_step_by_hand_holds_what_needs_it_until_it_is_confirmed_and_its_undo_is_asked_for() -> None:
    said: set[str] = set()

    def is_confirmed(step: Step) -> bool:
        return step.step_id in said

    (table,) = chain("table", "move")
    table = replace(table, gate=Gate.BY_HAND, act="by_hand.confirm")
    steps = [table, *chain("web", "copy", needs=("table/move",)), *chain("mail", "copy")]
    world, journal = ModelWorld(), ModelJournal()
    by_people = Carrier(PLAN_HASH, 1, WithPeople(world, is_confirmed), journal, Patience(tries=2, looks=2), sleep=lambda _: None)

    def run() -> dict[str, GroupEnd]:
        end = run_wave(steps, by_people, is_open=lambda _: True, limits=Limits(at_once=1), is_confirmed=is_confirmed)
        return dict(end.groups)

    assert run() == {"table": GroupEnd.WAITING, "web": GroupEnd.NOT_STARTED, "mail": GroupEnd.MIGRATED}
    said.add("table/move")
    assert set(run().values()) == {GroupEnd.MIGRATED}
    back = roll_back(steps, by_people)
    assert back.groups["table"] is GroupEnd.STUCK
    assert "withdraw its confirmation" in back.undo_failures["table/move"]
    assert world.left() == []
    said.clear()
    assert set(roll_back(steps, by_people).groups.values()) == {GroupEnd.ROLLED_BACK}
    assert journal.standings()["table/move"].state is StepState.UNDONE


def test_what_a_person_confirmed_and_no_run_took_up_is_not_forgotten_on_the_way_back() -> None:
    """The wave ran and waits for the person, who says that the table is moved; nobody resumes, and all is to go back."""
    said: set[str] = set()

    def is_confirmed(step: Step) -> bool:
        return step.step_id in said

    (table,) = chain("table", "move")
    steps = [replace(table, gate=Gate.BY_HAND, act="by_hand.confirm"), *chain("mail", "copy")]
    world, journal = ModelWorld(), ModelJournal()
    carrier = Carrier(PLAN_HASH, 1, WithPeople(world, is_confirmed), journal, Patience(tries=2, looks=2), sleep=lambda _: None)
    run_wave(steps, carrier, is_open=lambda _: True, limits=Limits(at_once=1), is_confirmed=is_confirmed)
    said.add("table/move")

    back = roll_back(steps, carrier, is_confirmed=is_confirmed)
    assert back.groups == {"table": GroupEnd.STUCK, "mail": GroupEnd.ROLLED_BACK}
    assert "a person did it, so a person has to undo it" in back.undo_failures["table/move"]
    said.clear()
    assert roll_back(steps, carrier, is_confirmed=is_confirmed).groups == {"table": GroupEnd.ROLLED_BACK, "mail": GroupEnd.ROLLED_BACK}
    assert journal.standings()["table/move"].state is StepState.UNDONE

"""A mended estate file: groups of which nothing stands take the new steps, the others keep theirs, and what they share still fits."""

from dataclasses import replace

import pytest

from cloudmigrate.domain.journal import Entry, Standing, StepState, idempotency_key, standings
from cloudmigrate.domain.renewal import changes, renewal, standing_alone
from cloudmigrate.domain.steps import Gate, ItineraryError, Output, Step, check_steps

DONE = (StepState.INTENT, StepState.DONE)
BACK = (*DONE, StepState.UNDOING, StepState.UNDONE)


def step(step_id: str, act: str, *needs: str, gate: Gate | None = None, **params: object) -> Step:
    group = step_id.partition("/")[0]
    return Step(step_id, act, group, f"arn:{group}", "1" * 12, "eu-west-1", params, needs, gate=gate, says=f"{act} {group}")


def stand(**groups: tuple[StepState, ...]) -> dict[str, Standing]:
    """The journal with these lines for each step of WAVE in the groups."""
    return standings(Entry(one.step_id, state) for one in WAVE if one.group in groups for state in groups[one.group])


# The database makes a security group that the web server bears as well.
WAVE = (
    step("db/1-group", "ec2.create_group", name="db"),
    step("db/2-run", "ec2.run_instance", "db/1-group", subnet="subnet-1", groups=[Output("db/1-group", "group_id")]),
    step("web/1-run", "ec2.run_instance", "db/2-run", "db/1-group", subnet="subnet-1", groups=[Output("db/1-group", "group_id")]),
    step("web/2-check", "ec2.check", "web/1-run", id=Output("web/1-run", "instance_id")),
    step("job/1-run", "ec2.run_instance", subnet="subnet-1"),
)


def mended(subnet: str = "subnet-2") -> tuple[Step, ...]:
    return tuple(replace(one, params={**one.params, "subnet": subnet}) if "subnet" in one.params else one for one in WAVE)


def test_a_group_that_went_back_takes_the_new_steps_and_a_migrated_one_keeps_its_own() -> None:
    found = renewal(WAVE, mended(), stand(db=DONE, web=BACK))
    assert found.groups == {"web", "job"}
    subnets = {one.step_id: one.params["subnet"] for one in found.steps if "subnet" in one.params}
    assert subnets == {"db/2-run": "subnet-1", "web/1-run": "subnet-2", "job/1-run": "subnet-2"}
    check_steps(found.steps)
    assert changes(WAVE, found.steps, found.groups) == [
        "web/1-run: params.subnet was subnet-1, is subnet-2",
        "job/1-run: params.subnet was subnet-1, is subnet-2",
    ]


@pytest.mark.parametrize("state", list(StepState))
def test_whatever_stands_of_a_group_keeps_its_steps(state: StepState) -> None:
    found = renewal(WAVE, mended(), {"job/1-run": Standing(state)})
    assert ("job" in found.groups) is (state is StepState.UNDONE)


def test_where_no_step_is_another_the_steps_are_those_of_before_in_their_order() -> None:
    found = renewal(WAVE, (WAVE[-1], *WAVE[:-1]), stand(db=DONE, web=BACK))
    assert (found.steps, found.groups, found.held_back) == (WAVE, frozenset(), {})


def test_lists_and_tuples_of_parameters_are_the_same() -> None:
    same = tuple(replace(one, params={name: tuple(v) if isinstance(v, list) else v for name, v in one.params.items()}) for one in WAVE)
    assert renewal(WAVE, same, stand(db=DONE)).groups == frozenset()


def test_a_new_first_step_waits_for_the_end_that_a_begun_group_has_whatever_its_new_last_step_would_be_called() -> None:
    longer = (
        *mended()[:2],
        step("db/3-tag", "ec2.tag", "db/2-run"),
        replace(mended()[2], needs=("db/3-tag", "db/1-group")),
        *mended()[3:],
    )
    found = renewal(WAVE, longer, stand(db=DONE, web=BACK))
    run = next(one for one in found.steps if one.step_id == "web/1-run")
    assert run.needs == ("db/2-run", "db/1-group")
    assert "db/3-tag" not in {one.step_id for one in found.steps}
    late = (*WAVE, step("db/9-delete", "ec2.delete", "db/2-run", gate=Gate.CLEAN_UP))
    again = renewal(late, longer, stand(db=DONE, web=BACK))
    assert next(one for one in again.steps if one.step_id == "web/1-run").needs == ("db/2-run", "db/1-group"), (
        "its clean-up is not waited for"
    )


def test_a_value_of_a_begun_group_is_taken_from_the_step_that_gives_it_though_its_number_is_another_now() -> None:
    def shifted(one: Step) -> Step:
        needs = tuple(need.replace("db/1-group", "db/2-group") for need in one.needs)
        groups = {"groups": [Output("db/2-group", "group_id")]} if "groups" in one.params else {}
        marks = {"marks": {"step": "db/2-group"}} if one.act == "ec2.create_group" else {}
        return replace(one, step_id=one.step_id.replace("db/1-group", "db/2-group"), needs=needs, params={**one.params, **groups, **marks})

    found = renewal(WAVE, [step("db/1-note", "note"), *map(shifted, mended())], stand(db=DONE, web=BACK))
    run = next(one for one in found.steps if one.step_id == "web/1-run")
    assert run.params == {"subnet": "subnet-2", "groups": [Output("db/1-group", "group_id")]}
    assert run.needs == ("db/2-run", "db/1-group")


def test_a_group_that_would_take_what_a_begun_one_does_not_give_keeps_its_steps_and_says_why() -> None:
    elsewhere = tuple(replace(one, params={"name": "another"}) if one.act == "ec2.create_group" else one for one in mended())
    found = renewal(WAVE, elsewhere, stand(db=DONE, web=BACK))
    assert found.groups == {"job"}
    assert found.held_back == {"web": "web/1-run takes a value of db/1-group, which group db began without"}
    assert next(one for one in found.steps if one.step_id == "web/1-run") == WAVE[2]


def test_what_a_begun_group_is_built_on_keeps_its_steps_until_that_one_is_back() -> None:
    stuck = stand(db=BACK) | {"web/1-run": Standing(StepState.UNDO_FAILED)}
    found = renewal(WAVE, mended(), stuck)
    assert found.groups == {"job"}
    assert found.held_back == {"db": "a group that was begun is built on it"}


def test_groups_that_keep_their_steps_run_without_the_others() -> None:
    assert [one.group for one in standing_alone(WAVE, {"web", "job"})] == ["db", "db"]
    with pytest.raises(ItineraryError, match="needs db/2-run"):
        standing_alone(WAVE, {"db"})


def test_an_undone_step_that_comes_again_is_a_new_attempt_with_a_key_of_its_own() -> None:
    lines = [Entry("web/1-run", state) for state in BACK]
    first = standings(lines)["web/1-run"]
    again = standings([*lines, Entry("web/1-run", StepState.INTENT)])["web/1-run"]
    assert (first.attempt, again.attempt, again.outputs) == (1, 2, {})
    assert idempotency_key("a" * 64, 1, "web/1-run", 1) != idempotency_key("a" * 64, 1, "web/1-run", 2)

"""EC2 rehost killed at the boundaries of its journal: a sample; `make test-faults` runs all of it."""

import signal
from collections.abc import Iterator
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import pytest

from cloudmigrate.domain.acts.catalogue import BY_NAME
from cloudmigrate.domain.steps import step_document
from cloudmigrate.simulate.emulator import Emulator
from tests.execution import small_estate
from tests.execution.kill_matrix import Case, Matrix, Point, cases, ledger_in, run_and_die, together
from tests.execution.small_estate import ACCOUNT, HOSTILE, OTHER, SOURCE, TARGET

APART = 4  # steps between one case of the sample and the next


@pytest.fixture
def matrix(clean_emulator: Emulator, tmp_path: Path) -> Iterator[Matrix]:
    estate = small_estate.make()
    ledger = ledger_in(tmp_path)
    yield Matrix(estate, ledger, estate.steps())
    ledger.close()


def test_killed_anywhere_it_is_whole_or_as_before(matrix: Matrix) -> None:
    steps = [matrix.steps[number * APART].step_id for number in range(len(Point))]
    follows = ["resume", "roll back", "resume", "roll back", *["roll back"] * 4]
    sample = [Case(*one) for one in zip(steps, Point, follows, strict=True)]
    assert set(sample) <= set(cases(matrix.steps))
    assert {one.name: wrong for one in sample if (wrong := matrix.fails(one))} == {}
    many = [Case(one.step_id, Point.AFTER_CALL, "resume") for one in matrix.steps[::APART]]
    assert matrix.fails(*many) is None
    is_whole_at_the_target(matrix)


def test_what_dies_alike_dies_in_one_run_and_what_is_taken_back_in_its_own() -> None:
    some = [
        Case(f"step-{number}", point, then)
        for number in range(9)
        for point, then in ((Point.AFTER_CALL, "resume"), (Point.AFTER_CALL, "roll back"), (Point.AFTER_UNDONE, "roll back"))
    ]
    runs = [[some[at] for at in run] for run in together(some)]
    assert sorted(one.name for run in runs for one in run) == sorted(one.name for one in some)
    assert sorted(len(run) for run in runs) == [1] * (9 + 2) + [8, 8]
    assert all(len({(one.point, one.then) for one in run}) == 1 for run in runs)


def is_whole_at_the_target(matrix: Matrix) -> None:
    """An undisturbed run gave what is worked out here by hand; killed ones are held to what it gave."""
    there, here = matrix.whole[f"{ACCOUNT}/{TARGET}"], matrix.whole[f"{ACCOUNT}/{SOURCE}"]
    assert there["groups"] == {
        "db servers": ["in tcp 5432 db servers", "in tcp 5432 web", "out tcp 5432 10.0.0.0/8"],
        "default": ["out -1  0.0.0.0/0"],
        "web": ["in tcp 443 0.0.0.0/0", "out -1  0.0.0.0/0"],
    }
    assert there["instances"] == [
        ("db", "running", "t3.small", ("db servers", "web"), (("/dev/sda1", True),), "ops"),
        (HOSTILE, "running", "t3.small", ("web",), (("/dev/sda1", True), ("/dev/sdb", False)), "ops"),
    ]
    assert there["volumes"] == [(20, "gp3", 4000, 250, "in-use"), (50, "io1", 1000, 0, "in-use"), (100, "gp3", 3000, 0, "in-use")]
    assert (there["images"], there["snapshots"], there["addresses"]) == ([(1, "available"), (2, "available")], [20, 50, 100], [True])
    assert [one[1] for one in here["instances"]] == ["stopped", "stopped"]
    assert matrix.whole["dns"] == [
        matrix.before["dns"][0],
        {"Name": "shop.example.com.", "Type": "A", "TTL": 60, "ResourceRecords": ["172.31.0.77"]},
    ]
    assert matrix.whole["targets"] == ["healthy"]


def test_a_process_that_the_kernel_ended_is_followed_by_one_that_ends_the_wave(matrix: Matrix, tmp_path: Path) -> None:
    documents = [step_document(one) for one in matrix.steps]
    launch = next(one for one in matrix.steps if one.act == "ec2.run_instance").step_id
    for plan, case in (
        ("killed-1", Case(launch, Point.AFTER_CALL, "resume")),
        ("killed-2", Case(launch, Point.AFTER_UNDO_CALL, "roll back")),
    ):
        child = get_context("spawn").Process(target=run_and_die, args=(documents, tmp_path, plan, case))
        child.start()
        child.join(120)
        assert child.exitcode == -signal.SIGKILL
        assert (matrix.resumes(plan) if case.then == "resume" else None) is None
        assert matrix.returns(plan) is None


def test_the_matrix_sees_a_broken_inverse(matrix: Matrix) -> None:
    broken = replace(BY_NAME["ec2.run_instance"], undoes=lambda params, outputs: ())
    matrix.acts = {**BY_NAME, broken.name: broken}
    step = next(one for one in matrix.steps if one.act == broken.name)
    told = matrix.fails(Case(step.step_id, Point.AFTER_RECORD, "roll back"))
    assert told is not None
    assert "not undone" in told or "instances" in told


@pytest.mark.usefixtures("clean_emulator")
def test_into_another_account_it_goes_and_comes_back(tmp_path: Path) -> None:
    estate = small_estate.make(OTHER)
    ledger = ledger_in(tmp_path)
    matrix = Matrix(estate, ledger, estate.steps())
    assert [one[:3] for one in matrix.whole[f"{OTHER}/{TARGET}"]["instances"]] == [
        ("db", "running", "t3.small"),
        (HOSTILE, "running", "t3.small"),
    ]
    assert matrix.whole["targets"] == ["healthy"]
    shared = next(one for one in matrix.steps if one.act == "ec2.share_snapshot")
    for case in (Case(shared.step_id, Point.AFTER_CALL, "resume"), Case(shared.step_id, Point.AFTER_INTENT, "roll back")):
        assert matrix.fails(case) is None
    ledger.close()

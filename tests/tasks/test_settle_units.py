"""A unit that a fault ends is recorded as not attempted; it takes no other with it, and what is fatal stays fatal."""

from pathlib import Path
from typing import Any, cast

import pytest
from prefect.exceptions import CrashedRun
from prefect.futures import PrefectFuture

from cloudmigrate.domain.estate import Account, Estate, Scope
from cloudmigrate.domain.resources import CoverageStatus
from cloudmigrate.errors.stores import LakeError
from cloudmigrate.workspace import Workspace
from tasks.discovery import UnitSummary, parts_by_dataset, settle_units

ACCOUNT, GOOD, BAD, SNAPSHOT = "111111111111", "eu-central-1", "us-west-2", "20261122T203000Z-3f9a1c"
EC2, S3 = "AWS::EC2::Instance", "AWS::S3::Bucket"  # one regional type, one that is read globally


class Ended:
    """A future whose task has ended."""

    def __init__(self, outcome: object) -> None:
        self.outcome = outcome

    def result(self, *, raise_on_failure: bool) -> object:
        assert not raise_on_failure
        return self.outcome


@pytest.fixture
def estate(tmp_path: Path) -> Estate:
    account = Account(id=ACCOUNT, regions=(GOOD, BAD))
    return Estate(estate="acme", lake=str(tmp_path / "lake"), ledger=f"sqlite:///{tmp_path}/ledger.db", accounts=(account,))


def settled(estate: Estate, *outcomes: tuple[str, object]) -> list[UnitSummary]:
    reading: list[Any] = [(ACCOUNT, region, cast("PrefectFuture[UnitSummary]", Ended(outcome))) for region, outcome in outcomes]
    return settle_units(estate, Scope(types=(EC2, S3)), reading, snapshot_id=SNAPSHOT)


def seen(region: str) -> UnitSummary:
    return UnitSummary(ACCOUNT, region, (), {}, ())


def test_a_unit_that_a_fault_ended_is_not_attempted_and_the_others_stay(estate: Estate) -> None:
    good, bad = settled(estate, (GOOD, seen(GOOD)), (BAD, KeyError("password=hunter2")))

    assert good == seen(GOOD)
    (row,) = bad.coverage  # buckets are of the global unit
    assert (row.account_id, row.region, row.type, row.status) == (ACCOUNT, BAD, EC2, CoverageStatus.NOT_ATTEMPTED)
    assert row.error_code == "KeyError"
    assert row.status.is_gap
    assert "Next: run again" in str(row.detail)
    assert "hunter2" not in str(row.detail)
    with Workspace.open(estate).open_views(SNAPSHOT, parts_by_dataset([good, bad])) as views:
        assert views.query("select region, type, status from coverage").rows == [{"region": BAD, "type": EC2, "status": "not_attempted"}]


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(LakeError("write", "/lake", "disk full", "free space"), id="lake"),
        pytest.param(CrashedRun("killed"), id="crashed"),
        pytest.param(KeyboardInterrupt(), id="interrupted"),
    ],
)
def test_what_is_fatal_ends_the_run(estate: Estate, error: BaseException) -> None:
    with pytest.raises(type(error)):
        settled(estate, (GOOD, seen(GOOD)), (BAD, error))


def test_where_no_unit_could_be_read_the_first_fault_ends_the_run(estate: Estate) -> None:
    with pytest.raises(KeyError, match="first"):
        settled(estate, (GOOD, KeyError("first")), (BAD, KeyError("second")))

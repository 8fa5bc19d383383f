"""A refresh of prices: what is new is added once, a refusal is a recorded gap, a death leaves nothing half-seen, snapshots stay bound."""

import contextlib
import hashlib
import resource
import signal
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest
from prefect.exceptions import CrashedRun

from cloudmigrate.domain.estate import Account, Estate
from cloudmigrate.domain.price_answers import PREFIX, PriceAnswer, PriceUnit
from cloudmigrate.domain.prices import RULES, Tariff, tariff
from cloudmigrate.domain.resources import CoverageStatus
from cloudmigrate.errors import UsageError
from cloudmigrate.errors.stores import LakeError, LedgerError
from cloudmigrate.lake.leftovers import sweep
from cloudmigrate.ledger.ledger import Ledger
from cloudmigrate.simulate.emulator import Emulator
from cloudmigrate.workspace import Workspace
from tasks import estate as running_estate
from tasks.price_units import units_of
from tasks.prices import answers_of, bind_prices, fix_prices, settle_prices
from tests.aws.scripted import Reply, ec2_error, json_error, json_reply
from tests.dying import killed_in_a_child
from tests.planned_estate import take_snapshot
from tests.price_samples import as_item, instance
from tests.priced_estate import ACCOUNT, NOW, REGION, Prices, price_endpoint, priced_estate, refresh_here

EC2 = ("prices", "AmazonEC2", REGION)
OK, EMPTY, DENIED, FAILED = CoverageStatus.OK, CoverageStatus.EMPTY, CoverageStatus.DENIED, CoverageStatus.FAILED


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    opened = Workspace.open(priced_estate(tmp_path))
    yield opened
    opened.ledger.close()


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[Prices]:
    from botocore.retries import bucket, standard

    monkeypatch.setattr(standard.ExponentialBackoff, "delay_amount", lambda *_: 0.0)
    monkeypatch.setattr(bucket.TokenBucket, "acquire", lambda *_, **__: True)
    running_estate._sessions.clear()  # of another test's run of the same name
    with price_endpoint() as running:
        yield running


def shown(workspace: Workspace, snapshot_id: str, sql: str) -> list[dict[str, Any]]:
    with workspace.views(snapshot_id) as views:
        return views.query(sql).rows


def prices_of(workspace: Workspace, snapshot_id: str) -> list[tuple[str, Decimal]]:
    rows = shown(workspace, snapshot_id, "select sku, price::varchar as price from prices order by sku")
    return [(row["sku"], Decimal(row["price"])) for row in rows]


def state(workspace: Workspace) -> tuple[list[str], dict[str, Any]]:
    """All parts, and all marks with the runs that set them."""
    return [one.path for one in workspace.ledger.series_parts()], {
        name: mark.run_id for name, mark in workspace.ledger.marks(PREFIX).items()
    }


def test_each_question_has_its_answer_and_a_refusal_hides_no_other(workspace: Workspace, endpoint: Prices) -> None:
    answers = refresh_here(workspace, "run-1")
    found = answers[EC2]
    assert (found.status, found.rows, found.price_version) == (OK, 1, f"AmazonEC2/20261120000000/{REGION}")
    assert answers["prices", "AmazonRDS", REGION].status is EMPTY
    assert (answers["spot_prices", "ec2", REGION].rows, answers["instance_types", "ec2", REGION].rows) == (1, 1)
    assert answers["commitments", "ec2", REGION].missing_action == "ec2:DescribeReservedInstances"
    assert answers["commitments", "rds", REGION].status is DENIED
    assert answers["commitments", "elasticache", REGION].status is EMPTY
    whole = answers["commitments", "account", "global"]
    assert (whole.status, whole.detail) == (CoverageStatus.PARTIAL, f"not told by ec2 {REGION}, rds {REGION}. Next: see their own rows")
    assert {one.checked_at for one in answers_of(workspace)} == {NOW}


def test_a_snapshot_shows_what_it_was_bound_to(workspace: Workspace, endpoint: Prices) -> None:
    first = take_snapshot(workspace, [])
    assert bind_prices(workspace, first, "run-0") == 0, "prices were never asked for"
    refresh_here(workspace, "run-1")
    assert bind_prices(workspace, first, "run-1") == 4, "one part of each: prices, spot prices, instance types, commitments"
    assert prices_of(workspace, first) == [("SKU1", Decimal("0.096"))]

    endpoint.lists["AmazonEC2"] = ("20261125000000", [instance("SKU1", "0.0900000000")])
    refresh_here(workspace, "run-2")
    assert prices_of(workspace, first) == [("SKU1", Decimal("0.096"))], "what was bound stays, offline, whatever came later"
    second = take_snapshot(workspace, [])
    bind_prices(workspace, second, "run-2")
    assert prices_of(workspace, second) == [("SKU1", Decimal("0.09"))]
    [spot] = shown(workspace, second, "select zone, median::varchar as median, samples from spot_prices")
    assert spot == {"zone": "eu-central-1a", "median": "0.0400000000", "samples": 1}
    assert shown(workspace, second, "select instance_type, vcpus from instance_types") == [{"instance_type": "m5.large", "vcpus": 2}]
    [row] = shown(workspace, second, "select status, price_version, rows from price_coverage where service = 'AmazonEC2'")
    assert row == {"status": "ok", "price_version": f"AmazonEC2/20261125000000/{REGION}", "rows": 1}


def test_a_rerun_adds_nothing_and_downloads_nothing(workspace: Workspace, endpoint: Prices) -> None:
    refresh_here(workspace, "run-1")
    before, downloads = state(workspace), endpoint.downloads()
    refresh_here(workspace, "run-2", now=NOW + timedelta(hours=3))
    assert state(workspace) == before
    assert (endpoint.downloads(), downloads) == (1, 1)


def test_a_new_version_is_read_beside_the_old_one(workspace: Workspace, endpoint: Prices) -> None:
    refresh_here(workspace, "run-1", "AmazonEC2")
    endpoint.lists["AmazonEC2"] = ("20261127000000", [instance("SKU1"), instance("SKU2")])
    assert refresh_here(workspace, "run-2", "AmazonEC2")[EC2].rows == 2
    parts = workspace.ledger.series_parts(f"prices/AmazonEC2/{REGION}/USD")
    assert [(one.rows, one.uid_min) for one in parts] == [
        (1, f"AmazonEC2/20261120000000/{REGION}"),
        (2, f"AmazonEC2/20261127000000/{REGION}"),
    ]


def test_a_later_refusal_is_a_gap_beside_what_is_held_and_ends_with_it(workspace: Workspace, endpoint: Prices) -> None:
    refresh_here(workspace, "run-1", "AmazonEC2")
    assert endpoint.running is not None
    listed = endpoint.running.answers["ListPriceLists"]
    endpoint.running.answers["ListPriceLists"] = json_error("AccessDeniedException", "not authorized to perform: pricing:ListPriceLists")
    found = refresh_here(workspace, "run-2", "AmazonEC2")[EC2]
    assert (found.status, found.missing_action, found.rows) == (DENIED, "pricing:ListPriceLists", 1)
    assert found.price_version == f"AmazonEC2/20261120000000/{REGION}"
    snapshot = take_snapshot(workspace, [])
    bind_prices(workspace, snapshot, "run-2")
    assert prices_of(workspace, snapshot) == [("SKU1", Decimal("0.096"))]
    assert shown(workspace, snapshot, "select status from price_coverage") == [{"status": "denied"}]

    endpoint.running.answers["ListPriceLists"] = listed
    found = refresh_here(workspace, "run-3", "AmazonEC2")[EC2]
    assert (found.status, found.detail, endpoint.downloads()) == (OK, None, 1), "the same version was held all along"


def test_a_broken_file_is_a_gap_and_the_next_run_reads_it(workspace: Workspace, endpoint: Prices) -> None:
    good = endpoint.lists["AmazonEC2"]
    endpoint.lists |= {"AmazonEC2": ("20261121000000", []), "AmazonRDS": ("20261101000000", [instance("DB1")])}
    assert endpoint.running is not None
    urls = endpoint.running.answers["GetPriceListFileUrl"]

    def broken(asked: Any) -> Reply:
        answer = cast("Any", urls)(asked)
        endpoint.running.answers["GET /AmazonEC2.csv"] = Reply("<html>maintenance</html>")  # type: ignore[union-attr]
        return cast("Reply", answer)

    endpoint.running.answers["GetPriceListFileUrl"] = broken
    answers = refresh_here(workspace, "run-1", "AmazonEC2", "AmazonRDS")
    assert (answers[EC2].status, answers[EC2].error_code, answers[EC2].price_version) == (FAILED, "BrokenOffer", None)
    assert answers["prices", "AmazonRDS", REGION].rows == 1
    assert [one.series for one in workspace.ledger.series_parts()] == [f"prices/AmazonRDS/{REGION}/USD"]
    endpoint.running.answers["GetPriceListFileUrl"] = urls
    endpoint.lists["AmazonEC2"] = good
    assert refresh_here(workspace, "run-2", "AmazonEC2")[EC2].status is OK


def test_rows_that_cannot_be_taken_exactly_make_a_list_partial_on_every_run(workspace: Workspace, endpoint: Prices) -> None:
    endpoint.lists["AmazonEC2"] = ("20261120000000", [instance("SKU1"), instance("SKU2", "0.00000000001")])
    for run in ("run-1", "run-2"):
        found = refresh_here(workspace, run, "AmazonEC2")[EC2]
        assert (found.status, found.rows) == (CoverageStatus.PARTIAL, 1)
        assert "SKU2.JRTCKXETXF.6YS6EN2CT7" in str(found.detail)
    assert endpoint.downloads() == 1


class Killed(BaseException):
    """The end of the process, as far as one process can play it: nobody catches it."""


@pytest.mark.parametrize("where", ["before the part", "after the part"])
def test_a_refresh_that_died_is_made_good_by_the_next(
    workspace: Workspace, endpoint: Prices, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, where: str
) -> None:
    def die(*_: Any, **__: Any) -> Any:
        raise Killed

    with monkeypatch.context() as patch:
        if where == "before the part":
            patch.setattr("cloudmigrate.lake.prices._price_part", die)
        else:
            patch.setattr(Ledger, "add_series", die)
        with pytest.raises(Killed):
            refresh_here(workspace, "run-1", "AmazonEC2")
    assert list(tmp_path.glob("lake/prices/**/*.parquet")), "the file is there"
    assert (workspace.ledger.series_parts(), answers_of(workspace)) == ((), []), "and nobody sees it"

    refresh_here(workspace, "run-2", "AmazonEC2")
    snapshot = take_snapshot(workspace, [])
    assert bind_prices(workspace, snapshot, "run-2") == 1
    assert prices_of(workspace, snapshot) == [("SKU1", Decimal("0.096"))]


@pytest.mark.parametrize(
    ("module", "name", "times", "seen"),
    [
        pytest.param("cloudmigrate.aws.download", "_number", 1, 0, id="download"),
        pytest.param("cloudmigrate.lake.prices", "_Loading.write", 1, 0, id="parse"),
        pytest.param("cloudmigrate.lake.prices", "shutil.copyfileobj", 1, 0, id="half-written"),
        pytest.param("cloudmigrate.lake.storage", "_sync_folder", 1, 0, id="published-and-not-told"),
        pytest.param("cloudmigrate.aws.price_list", "newest_list", 2, 1, id="between-services"),
    ],
)
def test_a_refresh_that_was_killed_is_made_good_by_the_next(
    workspace: Workspace, endpoint: Prices, tmp_path: Path, *, module: str, name: str, times: int, seen: int
) -> None:
    """A real SIGKILL: what was told before stays, nothing half-written is seen, and the next run has it all."""
    endpoint.lists["AmazonRDS"] = ("20261101000000", [instance("DB1")])
    workspace.ledger.close()

    def refresh() -> None:
        refresh_here(Workspace.open(workspace.estate), "run-1", "AmazonEC2", "AmazonRDS")

    assert killed_in_a_child(refresh, module=module, name=name, times=times)
    again = Workspace.open(workspace.estate)
    assert [one.series for one in again.ledger.series_parts()] == [f"prices/AmazonEC2/{REGION}/USD"][:seen]
    assert sum(one.status is OK for one in answers_of(again)) == seen
    answers = refresh_here(again, "run-2", "AmazonEC2", "AmazonRDS")
    assert {one.status for one in answers.values()} == {OK}
    snapshot = take_snapshot(again, [])
    assert bind_prices(again, snapshot, "run-2") == 2
    assert prices_of(again, snapshot) == [("DB1", Decimal("0.096")), ("SKU1", Decimal("0.096"))]
    sweep.cache_clear()  # as a new process would
    Workspace.open(workspace.estate).lake.write_document("x.txt", b"x")
    assert not list((tmp_path / "lake" / ".writing").iterdir())


def test_a_full_disk_is_told_and_the_next_run_reads_on(workspace: Workspace, endpoint: Prices) -> None:
    """A limit on the size of files is a real error of the disk: there is room for the ledger, and not for the file of 700 kB."""
    products = [instance(hashlib.sha256(str(number).encode()).hexdigest(), f"0.{number:010}") for number in range(1_500)]
    endpoint.lists["AmazonEC2"] = ("20261120000000", products)
    workspace.ledger.begin_run("run-0", flow="refresh-prices", estate="acme")  # the ledger is there before the disk is full
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    kept = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (450_000, hard))
    try:
        with pytest.raises(LakeError, match=r"download to .*offer\.csv: File too large. Next: free space"):
            refresh_here(workspace, "run-1", "AmazonEC2")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, kept)
    assert workspace.ledger.series_parts() == ()
    assert refresh_here(workspace, "run-2", "AmazonEC2")[EC2].rows == 1_500


def test_two_refreshes_at_once_leave_one_truth(workspace: Workspace, endpoint: Prices, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second begins and ends while the first has written its part and not told of it: both ran well, and no price is there twice."""
    real, waiting = Ledger.add_series, ["run-2"]

    def meanwhile(ledger: Ledger, *given: Any, **named: Any) -> None:
        if waiting:
            refresh_here(Workspace.open(workspace.estate), waiting.pop(), "AmazonEC2")
        real(ledger, *given, **named)

    monkeypatch.setattr(Ledger, "add_series", meanwhile)
    assert refresh_here(workspace, "run-1", "AmazonEC2")[EC2].status is OK
    assert [one.status for one in answers_of(workspace)] == [OK]
    snapshot = take_snapshot(workspace, [])
    bind_prices(workspace, snapshot, "run-1")
    assert prices_of(workspace, snapshot) == [("SKU1", Decimal("0.096"))]
    refresh_here(workspace, "run-3", "AmazonEC2")
    assert endpoint.downloads() == 2, "the next finds the version held"


def test_single_products_take_the_place_of_those_that_are_held(workspace: Workspace, endpoint: Prices) -> None:
    endpoint.lists["AmazonEC2"] = ("20261120000000", [instance("SKU1"), instance("SKU2", "0.2")])
    refresh_here(workspace, "run-1", "AmazonEC2")
    assert endpoint.running is not None
    endpoint.running.answers["GetProducts"] = json_reply({"PriceList": [as_item(instance("SKU1", "0.0950000000"))]})
    answer = fix_prices(workspace.estate, "AmazonEC2", REGION, {"instanceType": "m5.large"}, run_id="run-1", now=NOW)
    assert (answer.rows, answer.price_version) == (2, f"AmazonEC2/20261120000000/{REGION}")
    snapshot = take_snapshot(workspace, [])
    bind_prices(workspace, snapshot, "run-1")
    assert prices_of(workspace, snapshot) == [("SKU1", Decimal("0.095")), ("SKU2", Decimal("0.2"))]


def test_single_products_that_are_not_there_change_nothing(workspace: Workspace, endpoint: Prices) -> None:
    workspace.ledger.begin_run("run-1", flow="fix-prices", estate="acme")
    assert endpoint.running is not None
    endpoint.running.answers["GetProducts"] = json_reply({"PriceList": []})
    with pytest.raises(UsageError, match=r"AmazonEC2 has no product in eu-central-1 with instanceType=x9\.huge"):
        fix_prices(workspace.estate, "AmazonEC2", REGION, {"instanceType": "x9.huge"}, run_id="run-1", now=NOW)
    with pytest.raises(UsageError):
        fix_prices(workspace.estate, "ComputeSavingsPlans", REGION, {}, run_id="run-1", now=NOW)
    assert workspace.ledger.series_parts() == ()


def test_a_denied_account_keeps_the_commitments_that_are_held(workspace: Workspace, endpoint: Prices) -> None:
    refresh_here(workspace, "run-1", "commitments")
    assert endpoint.running is not None
    no = ec2_error("UnauthorizedOperation")
    names = ("DescribeReservedInstances", "DescribeReservedDBInstances", "DescribeReservedCacheNodes", "POST /DescribeSavingsPlans")
    endpoint.running.answers |= dict.fromkeys(names, no)
    endpoint.running.answers["POST /DescribeSavingsPlans"] = Reply('{"message": "no"}', 403, "application/json")
    answers = refresh_here(workspace, "run-2", "commitments")
    assert answers["commitments", "account", "global"].status is DENIED
    assert len(workspace.ledger.series_parts("commitments/")) == 1


def test_the_price_book_of_the_demo_comes_the_same_way(tmp_path: Path, clean_emulator: Emulator) -> None:
    """Its stand-in for AWS's endpoint is asked as AWS is; every price says that it is a dated sample, and where it is from."""
    running_estate._sessions.clear()
    with contextlib.closing(Workspace.open(priced_estate(tmp_path)).ledger):
        workspace = Workspace.open(priced_estate(tmp_path))
        answers = refresh_here(workspace, "run-1", "AmazonEC2", "AmazonRDS", "AWSDataTransfer", "ComputeSavingsPlans", "spot_prices")
        snapshot = take_snapshot(workspace, [])
        bind_prices(workspace, snapshot, "run-1")
        assert (answers[EC2].status, answers["prices", "ComputeSavingsPlans", REGION].status) == (OK, EMPTY)
        with workspace.views(snapshot) as views:
            found = tariff(views.rows("prices"), RULES["ec2_instance"], REGION, instance_type="m5.large")
        sampled = shown(workspace, snapshot, "select distinct origin, sample_source is null as bare from prices where price + upfront > 0")
        spot = shown(workspace, snapshot, "select count(*) as n from spot_prices where median > 0 and median < 100")
    assert isinstance(found, Tariff)
    assert (found.origin, found.price) == ("sample", Decimal("0.115"))
    assert sampled == [{"origin": "sample", "bare": False}]
    assert spot[0]["n"] > 0


class Ended:
    """A future whose task has ended."""

    def __init__(self, outcome: object) -> None:
        self.outcome = outcome

    def result(self, *, raise_on_failure: bool) -> object:
        assert not raise_on_failure
        return self.outcome


UNIT = PriceUnit("prices", "AmazonEC2", ACCOUNT, REGION)


def test_a_unit_that_a_fault_ended_is_recorded_as_not_attempted(workspace: Workspace) -> None:
    workspace.ledger.begin_run("run-1", flow="refresh-prices", estate="acme")
    fine = replace(UNIT.question, service="AmazonS3", status=OK)
    asking: Any = [(UNIT, Ended(KeyError("password=hunter2"))), (UNIT, Ended((fine,)))]
    settled = settle_prices(workspace, asking, run_id="run-1", now=NOW)
    assert [(one.service, one.status) for one in settled] == [("AmazonEC2", CoverageStatus.NOT_ATTEMPTED), ("AmazonS3", OK)]
    [known] = answers_of(workspace)
    assert (known.error_code, known.status.is_gap) == ("KeyError", True)
    assert "hunter2" not in str(known.detail)


@pytest.mark.parametrize("error", [LedgerError("write", "sqlite://", "locked", "wait"), CrashedRun("gone"), KeyboardInterrupt()])
def test_what_is_fatal_stays_fatal(workspace: Workspace, error: BaseException) -> None:
    asking: Any = [(UNIT, Ended(error))]
    with pytest.raises(type(error)):
        settle_prices(workspace, asking, run_id="run-1", now=NOW)


def estate_of(*accounts: tuple[str, str]) -> Estate:
    return Estate(
        estate="acme",
        accounts=tuple(
            Account(id=id_, regions=(region,), role_arn=f"arn:aws:iam::{id_}:role/x" if number else None)
            for number, (id_, region) in enumerate(accounts)
        ),
    )


def test_the_account_that_may_ask_asks() -> None:
    """Of GovCloud's prices the commercial account, of China's its own, of a region without one nobody; what is inside, who is inside."""
    estate = estate_of(("1" * 12, "us-gov-west-1"), ("2" * 12, "eu-central-1"), ("3" * 12, "cn-north-1"))
    asked = {(one.dataset, one.region): one.account_id for one in units_of(estate, ["us-east-1"])}
    assert asked["prices", "us-gov-west-1"] == asked["prices", "eu-central-1"] == asked["prices", "us-east-1"] == "2" * 12
    assert asked["prices", "cn-north-1"] == "3" * 12
    assert (asked["spot_prices", "us-gov-west-1"], asked["instance_types", "us-east-1"]) == ("1" * 12, "2" * 12)
    alone = estate_of(("1" * 12, "us-gov-west-1"))
    assert {one.account_id for one in units_of(alone, only=["AmazonEC2"])} == {""}


def test_prices_that_nobody_may_ask_for_are_a_gap(workspace: Workspace) -> None:
    from tasks.price_units import Refresh, refresh_unit

    refresh = Refresh(workspace, cast("Any", None), "run-1", NOW)
    [answer] = refresh_unit(refresh, replace(UNIT, account_id="")).answers
    assert (answer.status, answer.error_code) == (CoverageStatus.NOT_ATTEMPTED, "NoAccount")


@pytest.mark.parametrize("question", [{"further_regions": ["eu-centrl-1"]}, {"only": ["AmazonEC3"]}])
def test_a_name_that_is_none_is_a_mistake(question: dict[str, list[str]]) -> None:
    with pytest.raises(UsageError):
        units_of(estate_of(("1" * 12, "eu-central-1")), **question)


def test_answers_survive_their_way_through_the_ledger() -> None:
    answer = replace(UNIT.question, status=DENIED, checked_at=NOW, published_at=NOW, rows=3, held_status=CoverageStatus.PARTIAL)
    assert PriceAnswer.of(answer.value()) == answer
    assert PriceAnswer.of(answer.value() | {"unknown": 1}) == answer

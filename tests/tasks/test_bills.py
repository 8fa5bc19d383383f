"""The bill as a task: read once, kept with the snapshot, held against the estimate; baseline_estimates by service."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cloudmigrate.domain.cost_policy import COST_EXPLORER, CostPolicy
from cloudmigrate.domain.estate import Account, Estate
from cloudmigrate.errors.inputs import BillFileError
from cloudmigrate.lake.baseline import gate_of
from cloudmigrate.simulate.emulator import environment_for
from tasks import estate as running_estate
from tasks.bills import fetch_bill, hold_against_bill, months_before
from tasks.costs import compute_costs
from tests.aws.scripted import caller_identity, json_error, json_reply, scripted_aws
from tests.conftest import aws_environment
from tests.tasks.test_costs import PRICES, RUN, SNAPSHOT, filled

NOW = datetime.fromisoformat("2026-11-28T12:00:00+00:00")
HEAD = (
    "ProviderName,SubAccountId,ServiceName,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,BillingPeriodStart,BilledCost,BillingCurrency"
)


def estate_with(folder: Path, billed: str | None, currency: str = "USD") -> Estate:
    """An estate whose bill has 730 hours' worth of days (30 and 31 of them: 1,464 hours) of EC2, and a service nobody prices."""
    bill = None
    if billed is not None:
        spans = (("2026-09-01", "2026-10-01"), ("2026-10-01", "2026-11-01"))
        rows = [f"AWS,1,Amazon Elastic Compute Cloud,Usage,{start},{end},{start},{billed},{currency}" for start, end in spans]
        rows.append(f"AWS,1,Amazon GuardDuty,Usage,2026-09-01,2026-10-01,2026-09-01,7,{currency}")
        bill = str(folder / "focus.csv")
        Path(bill).write_text("\n".join([HEAD, *rows]))
    places = {"lake": str(folder / "lake"), "ledger": f"sqlite:///{folder}/ledger.db"}
    accounts = (Account(id="111111111111", regions=("eu-central-1",)),)
    return Estate(estate="acme", accounts=accounts, costs=CostPolicy(bill=bill), **places)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("billed", "withheld", "error"),
    [
        # Estimated 93.47 (see test_costs); 2 x 93.47 x 732 / 730 = billed over both months.
        pytest.param("93.726082191780", False, 0.0, id="matches"),
        pytest.param("46.863041095890", True, 100.0, id="half-is-billed"),
    ],
)
def test_the_estimate_is_held_against_the_bill(billed: str, withheld: bool, error: float, tmp_path: Path) -> None:
    estate = estate_with(tmp_path, billed)
    workspace = filled(estate, PRICES)
    assert fetch_bill.fn(estate, snapshot_id=SNAPSHOT, run_id=RUN, now=NOW) == 0
    compute_costs.fn(estate, snapshot_id=SNAPSHOT, run_id=RUN)
    told = hold_against_bill.fn(estate, snapshot_id=SNAPSHOT, run_id=RUN)
    assert (told.withheld, told.services) == (withheld, ("Amazon EC2",) if withheld else ())
    with workspace.views(SNAPSHOT) as views:
        rows = {row["service"]: row for row in views.rows("baseline")}
    assert rows["Amazon EC2"]["estimated_usd"] == Decimal("93.47")
    assert rows["Amazon EC2"]["error_pct"] == pytest.approx(error, abs=1e-6)
    # The server and its disk have a price; what it sent was not measured.
    assert (rows["Amazon EC2"]["lines"], rows["Amazon EC2"]["priced_lines"]) == (3, 2)
    assert rows["Amazon GuardDuty"]["verdict"] == "not_estimated"


def test_without_a_bill_nothing_is_claimed(tmp_path: Path) -> None:
    estate = estate_with(tmp_path, None)
    filled(estate, PRICES)
    assert fetch_bill.fn(estate, snapshot_id=SNAPSHOT, run_id=RUN, now=NOW) == 0
    assert not hold_against_bill.fn(estate, snapshot_id=SNAPSHOT, run_id=RUN).checked


def test_a_bill_in_another_currency_is_named(tmp_path: Path) -> None:
    estate = estate_with(tmp_path, "10", "EUR")
    filled(estate, PRICES)
    fetch_bill.fn(estate, snapshot_id=SNAPSHOT, run_id=RUN, now=NOW)
    compute_costs.fn(estate, snapshot_id=SNAPSHOT, run_id=RUN)
    with pytest.raises(BillFileError, match="in EUR"):
        hold_against_bill.fn(estate, snapshot_id=SNAPSHOT, run_id=RUN)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        pytest.param(date(2026, 11, 28), (date(2026, 9, 1), date(2026, 11, 1)), id="autumn"),
        pytest.param(date(2026, 1, 1), (date(2025, 11, 1), date(2026, 1, 1)), id="over-the-year"),
    ],
)
def test_only_whole_months_are_asked_for(day: date, expected: tuple[date, date]) -> None:
    assert months_before(day, 2) == expected


PERIOD = {
    "TimePeriod": {"Start": "2026-09-01", "End": "2026-10-01"},
    "Total": {},
    "Groups": [{"Keys": ["AWS Lambda"], "Metrics": {"UnblendedCost": {"Amount": "1.25", "Unit": "USD"}}}],
    "Estimated": False,
}


@pytest.mark.parametrize("denied", [False, True])
def test_cost_explorer_is_asked_where_the_estate_says_so(denied: bool, tmp_path: Path) -> None:
    """A refusal is a gap: it counts, it is kept, and what then is known is held against nothing."""
    answer = json_error("AccessDeniedException") if denied else json_reply({"ResultsByTime": [PERIOD]})
    estate = estate_with(tmp_path, None).model_copy(update={"costs": CostPolicy(bill=COST_EXPLORER)})
    workspace, run_id = filled(estate, PRICES), f"asked-{denied}"  # sessions are kept by run
    workspace.ledger.begin_run(run_id, flow="collect-metrics", estate="acme", parameters={})
    answers: dict[str, Any] = {"GetCallerIdentity": caller_identity("111111111111"), "GetCostAndUsage": answer}
    with scripted_aws(answers) as aws, aws_environment(environment_for(aws.url)):
        assert fetch_bill.fn(estate, snapshot_id=SNAPSHOT, run_id=run_id, now=NOW) == int(denied)
        (asked,) = [one.params["TimePeriod"] for one in aws.asked if one.operation == "GetCostAndUsage"]
    assert asked == {"Start": "2026-09-01", "End": "2026-11-01"}
    with workspace.views(SNAPSHOT) as views:
        assert [(row["category"], row["amount"]) for row in views.rows("bill_lines")] == (
            [("not_told", Decimal(0))] if denied else [("Usage", Decimal("1.25"))]
        )
    compute_costs.fn(estate, snapshot_id=SNAPSHOT, run_id=RUN)
    told = hold_against_bill.fn(estate, snapshot_id=SNAPSHOT, run_id=RUN)
    with workspace.views(SNAPSHOT) as views:
        assert gate_of(views) == told, "what is published tells the same"
        assert bool(views.rows("baseline")) != denied
    assert told.checked != denied
    if denied:
        assert "not wholly known" in told.reason
        assert "account 111111111111: " in told.reason
        assert "ce:GetCostAndUsage is missing" in told.reason


@pytest.mark.parametrize(
    "change",
    [
        {"TimePeriod": {"Start": "soon", "End": "2026-10-01"}},
        {"TimePeriod": {"Start": "10000-01-01", "End": "2026-10-01"}},
        {"TimePeriod": {}},
        {"Groups": [{"Keys": [], "Metrics": {"UnblendedCost": {"Amount": "1", "Unit": "USD"}}}]},
        {"Groups": [{"Keys": ["AWS Lambda"], "Metrics": {}}]},
        {"Groups": [{"Keys": ["AWS Lambda"], "Metrics": {"UnblendedCost": {"Amount": "1" + "0" * 40, "Unit": "USD"}}}]},
    ],
)
def test_a_month_that_is_none_is_a_gap_and_no_fault(change: dict[str, Any], tmp_path: Path) -> None:
    estate = estate_with(tmp_path, None).model_copy(update={"costs": CostPolicy(bill=COST_EXPLORER)})
    workspace = filled(estate, [])
    running_estate._sessions.clear()
    workspace.ledger.begin_run("broken", flow="collect-metrics", estate="acme", parameters={})
    answers: dict[str, Any] = {
        "GetCallerIdentity": caller_identity("111111111111"),
        "GetCostAndUsage": json_reply({"ResultsByTime": [PERIOD, PERIOD | change]}),
    }
    with scripted_aws(answers) as aws, aws_environment(environment_for(aws.url)):
        assert fetch_bill.fn(estate, snapshot_id=SNAPSHOT, run_id="broken", now=NOW) == 1
    with workspace.views(SNAPSHOT) as views:
        [line] = views.rows("bill_lines")
    assert (line["category"], line["amount"]) == ("not_told", 0)


@pytest.mark.parametrize("end", ["2026-09-01", "2026-08-01"])
def test_a_bill_that_covers_no_day_is_refused(end: str, tmp_path: Path) -> None:
    estate = estate_with(tmp_path, "10")
    place = Path(str(estate.costs.bill))
    row = f"AWS,1,Amazon Elastic Compute Cloud,Usage,2026-09-01,{end},2026-09-01,10,USD"
    place.write_text(f"{HEAD}\n{row}\n")
    filled(estate, PRICES)
    fetch_bill.fn(estate, snapshot_id=SNAPSHOT, run_id=RUN, now=NOW)
    compute_costs.fn(estate, snapshot_id=SNAPSHOT, run_id=RUN)
    with pytest.raises(BillFileError, match="covers a day"):
        hold_against_bill.fn(estate, snapshot_id=SNAPSHOT, run_id=RUN)

"""The bill against our estimate: a month of 730 hours, the error of each service, and when forecasts are withheld."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from cloudmigrate.domain.baseline import BillLine, Compared, Estimated, Match, compare, gate, monthly_bill
from cloudmigrate.domain.bill_services import BILL_SERVICES, SERVICE_OF_BILL_NAME, SERVICE_OF_PREFIX
from cloudmigrate.domain.cost_rates import RATE_RULES

TEN = Decimal(10)
SEPTEMBER, OCTOBER, NOVEMBER = date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1)


def line(
    service: str, amount: str, category: str = "Usage", start: date = SEPTEMBER, end: date = OCTOBER, currency: str = "USD"
) -> BillLine:
    return BillLine("111111111111", service, category, start, end, Decimal(amount), "USD", "focus")


def test_a_bill_of_two_months_becomes_one_month_of_730_hours() -> None:
    """720 + 744 hours cost 72 + 74.40: 0.10 an hour, 73.00 a month."""
    lines = [line("Amazon EC2", "72"), line("Amazon EC2", "74.4", start=OCTOBER, end=NOVEMBER)]
    assert monthly_bill(lines) == {"Amazon EC2": 73}


def test_taxes_and_credits_are_no_use_and_days_count_once() -> None:
    lines = [line("A", "72"), line("B", "7.2", "Purchase"), line("A", "10", "Tax"), line("A", "-30", "Credit")]
    assert monthly_bill(lines) == {"A": 73, "B": Decimal("7.3")}


def test_a_bill_in_another_currency_is_refused() -> None:
    with pytest.raises(ValueError, match="in EUR"):
        monthly_bill([replace(line("A", "1"), currency="EUR")])


def found(billed: dict[str, str], *estimated: Estimated) -> dict[str, Compared]:
    compared = compare({name: Decimal(amount) for name, amount in billed.items()}, estimated, limit_pct=TEN)
    return {one.service: one for one in compared}


@pytest.mark.parametrize(
    ("billed", "estimated", "verdict", "error"),
    [
        pytest.param("100", "110", Match.MATCHES, 10.0, id="at-the-limit"),
        pytest.param("100", "110.01", Match.DIFFERS, 10.01, id="above-it"),
        pytest.param("100", "89", Match.DIFFERS, -11.0, id="below-it"),
        pytest.param("0.5", "0.9", Match.SMALL, None, id="too-little"),
        pytest.param("0", "20", Match.DIFFERS, None, id="not-billed-at-all"),
    ],
)
def test_the_error_is_of_the_bill(billed: str, estimated: str, verdict: Match, error: float | None) -> None:
    one = found({"AmazonRDS": billed}, Estimated("Amazon RDS", Decimal(estimated), 3, 1))["Amazon RDS"]
    assert (one.verdict, one.error_pct) == (verdict, error)
    assert "1 of 3 lines is not known" in one.reason


@pytest.mark.parametrize(
    ("lines", "unknown", "unpriced", "verdict"),
    [
        # Of 12 lines 10 have no price: 2 of 12 is not most.
        pytest.param(12, 10, 10, Match.PARTLY, id="ten-of-twelve-without-a-price"),
        # 4 priced and 4 without a price: half is not most. Two more are not measured: they are neither.
        pytest.param(10, 6, 4, Match.MATCHES, id="half"),
        pytest.param(10, 6, 5, Match.PARTLY, id="four-priced-and-five-not"),
        # Requests that nobody measured are bounded by the bill that was reproduced without them.
        pytest.param(22, 17, 0, Match.MATCHES, id="not-measured"),
    ],
)
def test_a_match_of_few_lines_is_none_of_the_service(lines: int, unknown: int, unpriced: int, verdict: Match) -> None:
    one = found({"AmazonRDS": "100"}, Estimated("Amazon RDS", Decimal(99), lines, unknown, unpriced))["Amazon RDS"]
    assert (one.verdict, one.lines, one.priced_lines) == (verdict, lines, lines - unknown)


def test_what_mostly_has_no_price_is_not_counted_as_reproduced_and_is_named() -> None:
    """RDS is 300 of 400: only S3, a quarter of the bill, was reproduced. Beyond the limit it withholds like any other."""
    few = Estimated("Amazon RDS", Decimal(297), 12, 10, 10)
    compared = found({"AmazonRDS": "300", "AmazonS3": "100"}, few, Estimated("Amazon S3", Decimal(100), 1, 0))
    assert compared["Amazon RDS"].reason == (
        "billed at 300.00 a month, estimated at 297.00: -1.0 %; 10 of 12 lines are not known, 10 of them for want of a price: "
        "the 2 that are priced come to 99 % of the bill, which proves little of the others"
    )
    told = gate(list(compared.values()), limit_pct=TEN)
    assert (told.withheld, told.checked) == (False, True)
    assert told.reason == (
        "every service whose lines mostly have prices is within 10 % of its bill; they are 25 % of the bill; not counted, as most of what "
        "runs has no price: Amazon RDS"
    )
    far = found({"AmazonRDS": "300"}, replace(few, monthly_usd=Decimal(200)))["Amazon RDS"]
    assert far.verdict is Match.DIFFERS


def test_the_parts_of_one_service_are_one() -> None:
    """Cost Explorer bills servers and disks as two services."""
    one = found({"Amazon Elastic Compute Cloud - Compute": "60", "EC2 - Other": "40"}, Estimated("Amazon EC2", Decimal(105), 9, 0))[
        "Amazon EC2"
    ]
    assert (one.billed_usd, one.error_pct, one.verdict) == (100, 5.0, Match.MATCHES)


def test_what_nobody_estimates_is_named_and_does_not_withhold() -> None:
    compared = found({"Amazon GuardDuty": "50", "AmazonRDS": "50"}, Estimated("Amazon RDS", Decimal(50), 1, 0))
    assert compared["Amazon GuardDuty"].verdict is Match.NOT_ESTIMATED
    told = gate(list(compared.values()), limit_pct=TEN)
    assert (told.withheld, told.services) == (False, ())
    assert "50 % of the bill" in told.reason


def test_forecasts_are_withheld_by_name() -> None:
    compared = found(
        {"AmazonRDS": "100", "AmazonS3": "10"}, Estimated("Amazon RDS", Decimal(150), 1, 0), Estimated("Amazon S3", Decimal(10), 1, 0)
    )
    told = gate(list(compared.values()), limit_pct=TEN)
    assert (told.withheld, told.services) == (True, ("Amazon RDS",))
    assert told.reason == (
        "forecasts are withheld: more than 10 % from the bill: Amazon RDS (billed at 100.00 a month, estimated at 150.00: +50.0 %)"
    )


def test_without_a_bill_nothing_is_withheld_and_nothing_is_claimed() -> None:
    told = gate((), limit_pct=TEN)
    assert (told.withheld, told.checked) == (False, False)
    assert "no bill was read" in told.reason


def test_every_rate_belongs_to_one_service_of_the_bill() -> None:
    assert {one.key.split(":")[0] for one in RATE_RULES} <= set(SERVICE_OF_PREFIX)
    assert len(SERVICE_OF_PREFIX) == sum(len(one.prefixes) for one in BILL_SERVICES)
    assert len(SERVICE_OF_BILL_NAME) == sum(len(one.bill_names) for one in BILL_SERVICES)

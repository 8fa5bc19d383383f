"""What Cost Explorer says an account was charged, by service and month. It asks for 0.01 USD a request (Cost Explorer pricing page)."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, DecimalException
from typing import Any

from cloudmigrate.aws.answers import BrokenAnswerError
from cloudmigrate.aws.failures import CALL_ERRORS, Failure, failure_of
from cloudmigrate.aws.listing import read_pages
from cloudmigrate.aws.regions import GLOBAL
from cloudmigrate.aws.sessions import AwsSessions
from cloudmigrate.domain.baseline import BillLine
from cloudmigrate.domain.money import EXACT, MOST, SMALLEST

BILL_OPERATION, BILL_ACTION = "get_cost_and_usage", "ce:GetCostAndUsage"
METRIC = "UnblendedCost"
NO_USE = ("Credit", "Refund", "Tax")  # values of the dimension RECORD_TYPE that are a use of nothing


def billed(sessions: AwsSessions, account_id: str, start: date, end: date) -> tuple[list[BillLine], Failure | None]:
    """What the account was charged for use in the months from *start* to *end* (out), by service; or why that is not told.

    *start* and *end* are first days of months: a month that is not over has only a part of its charges. An amount that no decimal of the
    lake holds (more than ten places) is rounded to one.
    """
    request = {
        "TimePeriod": {"Start": start.isoformat(), "End": end.isoformat()},
        "Granularity": "MONTHLY",
        "Metrics": [METRIC],
        "GroupBy": [{"Type": "DIMENSION", "Key": "SERVICE"}],
        "Filter": {"Not": {"Dimensions": {"Key": "RECORD_TYPE", "Values": list(NO_USE)}}},
    }
    try:
        client = sessions.client(account_id, "ce", GLOBAL)
        pages = read_pages(client, BILL_OPERATION, request)
        return [line for page in pages for one in page.get("ResultsByTime") or () for line in _lines(one, account_id)], None
    except CALL_ERRORS as error:
        return [], failure_of(error, BILL_ACTION)


def _lines(period: Mapping[str, Any], account_id: str) -> Iterator[BillLine]:
    """A month's lines. Raises BrokenAnswerError for what is no month of a bill."""
    try:
        start, end = (date.fromisoformat(period["TimePeriod"][name][:10]) for name in ("Start", "End"))
        told = [(group["Keys"][0], group["Metrics"][METRIC]) for group in period.get("Groups") or ()]
        charged = [(str(service), one["Amount"], one["Unit"]) for service, one in told]
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        raise BrokenAnswerError("ce", BILL_OPERATION, "a month that is none of a bill") from None
    for service, amount, currency in charged:
        yield BillLine(account_id, service, "Usage", start, end, _amount(amount), currency, "cost_explorer")


def _amount(text: str) -> Decimal:
    """Cost Explorer's amounts have up to sixteen places. Raises BrokenAnswerError for what is no amount."""
    try:
        stated = Decimal(text)
        if stated.is_finite():
            rounded = stated.quantize(SMALLEST, context=EXACT)
            if abs(rounded) < MOST:
                return rounded
    except DecimalException:
        pass
    raise BrokenAnswerError("ce", BILL_OPERATION, "an amount that is no number")

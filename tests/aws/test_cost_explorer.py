"""Cost Explorer: paged, by service and month, out of an official answer that the emulator serves; a refusal is told."""

import json
import urllib.request
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cloudmigrate.aws.cost_explorer import billed
from cloudmigrate.aws.sessions import AwsSessions
from cloudmigrate.domain.estate import Account
from cloudmigrate.domain.money import total
from cloudmigrate.simulate.emulator import Emulator, environment_for
from tests.aws.scripted import caller_identity, json_error, json_reply, scripted_aws
from tests.conftest import aws_environment

ACCOUNT = "123456789012"
JULY, SEPTEMBER = date(2023, 7, 1), date(2023, 9, 1)


def sessions() -> AwsSessions:
    return AwsSessions((Account(id=ACCOUNT, regions=("us-east-1",)),), correlation_id="t", operations={"ce": {"get_cost_and_usage"}})


def period(service: str, amount: str, start: str = "2023-07-01", end: str = "2023-08-01") -> dict[str, Any]:
    groups = [{"Keys": [service], "Metrics": {"UnblendedCost": {"Amount": amount, "Unit": "USD"}}}]
    return {"TimePeriod": {"Start": start, "End": end}, "Total": {}, "Groups": groups, "Estimated": False}


def test_every_page_is_read_and_only_use_is_asked_for() -> None:
    pages = [
        json_reply({"ResultsByTime": [period("Amazon Simple Storage Service", "1.25")], "NextPageToken": "more"}),
        json_reply({"ResultsByTime": [period("AWS Lambda", "0.0000141480001234")]}),
    ]
    answers: dict[str, Any] = {"GetCallerIdentity": caller_identity(ACCOUNT), "GetCostAndUsage": pages}
    with scripted_aws(answers) as aws, aws_environment(environment_for(aws.url)):
        lines, failure = billed(sessions(), ACCOUNT, JULY, SEPTEMBER)
    assert failure is None
    assert [(one.service, one.amount) for one in lines] == [
        ("Amazon Simple Storage Service", Decimal("1.25")),
        ("AWS Lambda", Decimal("0.0000141480")),
    ]
    first, second = (one.params for one in aws.asked if one.operation == "GetCostAndUsage")
    assert first["TimePeriod"] == {"Start": "2023-07-01", "End": "2023-09-01"}
    assert first["Filter"]["Not"]["Dimensions"]["Values"] == ["Credit", "Refund", "Tax"]
    assert second == {**first, "NextPageToken": "more"}


def test_a_refusal_is_told_with_the_action_that_is_missing() -> None:
    answers: dict[str, Any] = {"GetCallerIdentity": caller_identity(ACCOUNT), "GetCostAndUsage": json_error("AccessDeniedException")}
    with scripted_aws(answers) as aws, aws_environment(environment_for(aws.url)):
        lines, failure = billed(sessions(), ACCOUNT, JULY, SEPTEMBER)
    assert lines == []
    assert failure is not None
    assert failure.missing_action == "ce:GetCostAndUsage"


def test_a_token_that_comes_twice_ends_the_reading() -> None:
    page = json_reply({"ResultsByTime": [], "NextPageToken": "again"})
    answers: dict[str, Any] = {"GetCallerIdentity": caller_identity(ACCOUNT), "GetCostAndUsage": page}
    with scripted_aws(answers) as aws, aws_environment(environment_for(aws.url)):
        lines, failure = billed(sessions(), ACCOUNT, JULY, SEPTEMBER)
    assert (lines, failure is None) == ([], False)
    assert aws.count("GetCostAndUsage") == 2


def test_an_official_answer_comes_out_as_its_sums(clean_emulator: Emulator, third_party_data: Path) -> None:
    """The sums that Python's decimal gives for the answer's amounts: 306.0460632127 in July and 285.9882013419 in August."""
    sample = third_party_data / "billing" / "cloudscape-ce" / "get_cost_and_usage_2023-07_08_by_service.json"
    body = json.dumps({"results": [json.loads(sample.read_text())]}).encode()
    url = f"{clean_emulator.url}/moto-api/static/ce/cost-and-usage-results"
    urllib.request.urlopen(urllib.request.Request(url, data=body, headers={"Content-Type": "application/json"}), timeout=30).close()
    lines, failure = billed(sessions(), ACCOUNT, JULY, SEPTEMBER)
    assert failure is None
    sums = {month: total(one.amount for one in lines if one.covered_from.month == month) for month in (7, 8)}
    assert sums == {7: Decimal("306.0460632127"), 8: Decimal("285.9882013419")}
    assert len({one.service for one in lines}) >= 31


@pytest.mark.parametrize("amount", ["", "none"])
def test_an_amount_that_is_none_is_not_taken_for_nothing(amount: str) -> None:
    answers: dict[str, Any] = {
        "GetCallerIdentity": caller_identity(ACCOUNT),
        "GetCostAndUsage": json_reply({"ResultsByTime": [period("AWS Lambda", amount)]}),
    }
    with scripted_aws(answers) as aws, aws_environment(environment_for(aws.url)):
        lines, failure = billed(sessions(), ACCOUNT, JULY, SEPTEMBER)
    assert (lines, failure is None) == ([], False)

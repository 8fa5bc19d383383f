"""Reservations and savings plans, and how well they are used: contract-tested against scripted answers, as no emulator has them."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import botocore.session
import pytest
from botocore import xform_name

from cloudmigrate.aws.commitments import COMMITMENT_SOURCES, commitments
from cloudmigrate.aws.iam_policy import iam_action
from cloudmigrate.domain.resources import CoverageStatus
from cloudmigrate.lake.datasets import BY_NAME
from tests.aws.conftest import OWN, own_account, sessions_of
from tests.aws.scripted import Reply, ScriptedAws, ec2_error, json_error, json_reply, query_error, xml

Start = Callable[..., ScriptedAws]
TODAY = date(2026, 11, 28)
RESERVED = (
    "<reservedInstancesSet><item><reservedInstancesId>ri-1</reservedInstancesId><instanceType>m5.large</instanceType>"
    "<scope>Region</scope><start>2026-01-01T00:00:00Z</start><end>2027-01-01T00:00:00Z</end><duration>31536000</duration>"
    "<usagePrice>0.0</usagePrice><fixedPrice>262.0</fixedPrice><instanceCount>3</instanceCount>"
    "<productDescription>Linux/UNIX</productDescription><state>active</state><currencyCode>USD</currencyCode>"
    "<offeringClass>standard</offeringClass><offeringType>Partial Upfront</offeringType>"
    "<recurringCharges><item><frequency>Hourly</frequency><amount>0.03</amount></item></recurringCharges></item></reservedInstancesSet>"
)
DATABASES = (
    "<ReservedDBInstances><ReservedDBInstance><ReservedDBInstanceId>db-1</ReservedDBInstanceId><DBInstanceClass>db.r6g.large</DBInstanceClass>"
    "<StartTime>2025-01-01T00:00:00Z</StartTime><Duration>94608000</Duration><FixedPrice>1500</FixedPrice><UsagePrice>0</UsagePrice>"
    "<CurrencyCode>USD</CurrencyCode><DBInstanceCount>2</DBInstanceCount><ProductDescription>postgresql</ProductDescription>"
    "<OfferingType>All Upfront</OfferingType><MultiAZ>true</MultiAZ><State>active</State></ReservedDBInstance></ReservedDBInstances>"
)
CACHES = (
    "<ReservedCacheNodes><ReservedCacheNode><ReservedCacheNodeId>cache-1</ReservedCacheNodeId><CacheNodeType>cache.m6g.large</CacheNodeType>"
    "<StartTime>2026-06-01T00:00:00Z</StartTime><Duration>31536000</Duration><FixedPrice>0</FixedPrice><UsagePrice>0</UsagePrice>"
    "<CacheNodeCount>1</CacheNodeCount><ProductDescription>redis</ProductDescription><OfferingType>No Upfront</OfferingType>"
    "<State>active</State><RecurringCharges><RecurringCharge><RecurringChargeAmount>0.095</RecurringChargeAmount>"
    "<RecurringChargeFrequency>Hourly</RecurringChargeFrequency></RecurringCharge></RecurringCharges></ReservedCacheNode></ReservedCacheNodes>"
)
PLAN = {
    "savingsPlanId": "sp-1",
    "savingsPlanArn": f"arn:aws:savingsplans::{OWN}:savingsplan/sp-1",
    "savingsPlanType": "EC2Instance",
    "region": "us-west-2",
    "ec2InstanceFamily": "m5",
    "paymentOption": "No Upfront",
    "productTypes": ["EC2"],
    "currency": "USD",
    "commitment": "0.50000000",
    "upfrontPaymentAmount": "0.0",
    "termDurationInSeconds": 94_608_000,
    "start": "2026-03-01T00:00:00.000Z",
    "end": "2029-02-28T23:59:59.000Z",
    "state": "active",
}


def answers(**changes: Any) -> dict[str, Any]:
    group = {"Key": "SUBSCRIPTION_ID", "Value": "987", "Utilization": {"UtilizationPercentage": "87.5"}}
    group["Attributes"] = {"reservationARN": f"arn:aws:ec2:us-west-2:{OWN}:reserved-instances/ri-1"}
    detail = {"SavingsPlanArn": PLAN["savingsPlanArn"], "Utilization": {"UtilizationPercentage": "64.2"}}
    own: dict[str, Any] = {
        "DescribeReservedInstances": xml("DescribeReservedInstances", RESERVED),
        "DescribeReservedDBInstances": xml("DescribeReservedDBInstances", DATABASES),
        "DescribeReservedCacheNodes": xml("DescribeReservedCacheNodes", CACHES),
        "POST /DescribeSavingsPlans": json_reply({"savingsPlans": [PLAN]}),
        "GetReservationUtilization": json_reply({"UtilizationsByTime": [{"Groups": [group]}]}),
        "GetSavingsPlansUtilizationDetails": json_reply(
            {"SavingsPlansUtilizationDetails": [detail], "TimePeriod": {"Start": "2026-10-29", "End": "2026-11-28"}}
        ),
    }
    return own | changes


def read(script: Start, scripted: dict[str, Any]) -> tuple[dict[str, dict[str, Any]], dict[tuple[str, str], Any], ScriptedAws]:
    running = script(scripted)
    rows, asked = commitments(sessions_of(own_account()), OWN, ("us-west-2",), TODAY)
    assert {frozenset(row) for row in rows} <= {frozenset(BY_NAME["commitments"].schema.names)}
    return {row["commitment_id"]: row for row in rows}, {(one.service, one.region): one for one in asked}, running


def told(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None and name not in ("account_id", "region", "commitment_id")}


def test_each_kind_of_commitment_with_its_use(script: Start) -> None:
    rows, asked, running = read(script, answers())
    assert told(rows["ri-1"]) == {
        "kind": "reserved_instance",
        "instance_type": "m5.large",
        "scope": "Region",
        "count": 3,
        "term": "1y",
        "purchase_option": "partial_upfront",
        "offering_class": "standard",
        "start_at": datetime(2026, 1, 1, tzinfo=UTC),
        "end_at": datetime(2027, 1, 1, tzinfo=UTC),
        "recurring_hourly": Decimal("0.03"),
        "upfront": Decimal(262),
        "currency": "USD",
        "utilisation_pct": 87.5,
        "product": "Linux/UNIX",
        "state": "active",
    }
    database = rows["db-1"]
    assert (database["term"], database["scope"], database["upfront"], database["utilisation_pct"]) == (
        "3y",
        "Multi-AZ",
        Decimal(1500),
        None,
    )
    assert database["end_at"] == datetime(2028, 1, 1, tzinfo=UTC), "1,095 days after the first of January 2025"
    assert (rows["cache-1"]["recurring_hourly"], rows["cache-1"]["product"]) == (Decimal("0.095"), "redis")
    plan = rows["sp-1"]
    assert (plan["region"], plan["kind"], plan["offering_class"], plan["instance_family"]) == (
        "us-west-2",
        "savings_plan",
        "ec2_instance",
        "m5",
    )
    assert (plan["hourly_commitment"], plan["term"], plan["utilisation_pct"]) == (Decimal("0.5"), "3y", 64.2)
    assert all(one.failure is None for one in asked.values())
    [period] = [one.params["TimePeriod"] for one in running.asked if one.operation == "GetReservationUtilization"]
    assert period == {"Start": "2026-10-29", "End": "2026-11-28"}


@pytest.mark.parametrize(
    ("operation", "refusal", "lost", "key"),
    [
        ("DescribeReservedInstances", ec2_error("UnauthorizedOperation"), "ri-1", ("ec2", "us-west-2")),
        ("DescribeReservedDBInstances", query_error("AccessDenied"), "db-1", ("rds", "us-west-2")),
        ("DescribeReservedCacheNodes", query_error("AccessDenied"), "cache-1", ("elasticache", "us-west-2")),
        ("POST /DescribeSavingsPlans", Reply('{"message": "no"}', 403, "application/json"), "sp-1", ("savingsplans", "global")),
    ],
)
def test_one_refusal_hides_nothing_else(script: Start, operation: str, refusal: Reply, lost: str, key: tuple[str, str]) -> None:
    rows, asked, _ = read(script, answers(**{operation: refusal}))
    assert set(rows) == {"ri-1", "db-1", "cache-1", "sp-1"} - {lost}
    assert asked[key].failure.status is CoverageStatus.DENIED


@pytest.mark.parametrize(
    ("operation", "key", "unknown"),
    [
        ("GetReservationUtilization", ("ce reservations", "global"), "ri-1"),
        ("GetSavingsPlansUtilizationDetails", ("ce savings plans", "global"), "sp-1"),
    ],
)
def test_use_that_is_not_told_is_unknown_and_never_0(script: Start, operation: str, key: tuple[str, str], unknown: str) -> None:
    rows, asked, _ = read(script, answers(**{operation: json_error("AccessDeniedException")}))
    assert rows[unknown]["utilisation_pct"] is None
    assert asked[key].failure.status is CoverageStatus.DENIED
    assert [row["utilisation_pct"] for row in rows.values() if row["utilisation_pct"] is not None] != []


def test_where_nothing_is_committed_cost_explorer_is_not_asked(script: Start) -> None:
    """Each of its calls costs a cent."""
    nothing = {
        "DescribeReservedInstances": xml("DescribeReservedInstances", "<reservedInstancesSet/>"),
        "DescribeReservedDBInstances": xml("DescribeReservedDBInstances", "<ReservedDBInstances/>"),
        "DescribeReservedCacheNodes": xml("DescribeReservedCacheNodes", "<ReservedCacheNodes/>"),
        "POST /DescribeSavingsPlans": json_reply({"savingsPlans": []}),
    }
    rows, asked, running = read(script, answers(**nothing))
    assert rows == {}
    assert {(one.found, one.failure) for one in asked.values()} == {(0, None)}
    assert not [one for one in running.asked if one.operation.startswith("Get") and "Utilization" in one.operation]


def test_pages_of_savings_plans_are_followed_and_a_token_that_comes_again_is_a_failure(script: Start) -> None:
    first = json_reply({"savingsPlans": [PLAN], "nextToken": "t"})
    second = json_reply({"savingsPlans": [{**PLAN, "savingsPlanId": "sp-2"}]})
    rows, _, _ = read(script, answers(**{"POST /DescribeSavingsPlans": [first, second]}))
    assert {"sp-1", "sp-2"} <= set(rows)
    _, asked, _ = read(script, answers(**{"POST /DescribeSavingsPlans": first}))
    assert asked["savingsplans", "global"].failure.error_code == "PaginationError"


@pytest.mark.parametrize("source", COMMITMENT_SOURCES, ids=lambda one: one.operation)
def test_every_source_is_an_operation_of_botocore_with_its_action(source: Any) -> None:
    model = botocore.session.get_session().get_service_model(source.service)
    assert source.operation in {xform_name(name) for name in model.operation_names}
    assert iam_action(source.service, source.operation) == source.action

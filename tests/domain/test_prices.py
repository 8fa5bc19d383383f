"""One tariff or a reason: the rules against rows that a price list has beside the right one."""

from decimal import Decimal
from typing import Any

import pytest

from cloudmigrate.domain.prices import NONE, PRICE_RULES, RULES, SEVERAL, NoTariff, Tariff, Tier, conditions, tariff
from cloudmigrate.lake.datasets import BY_NAME

REGION = "eu-central-1"
EMPTY: dict[str, Any] = dict.fromkeys(BY_NAME["prices"].schema.names)


def row(sku: str = "A", price: str = "0.096", code: str = "JRTCKXETXF.6YS6EN2CT7", **told: Any) -> dict[str, Any]:
    """The on-demand price of an m5.large with Linux, but for what is told."""
    plain = {
        "price_version": "AmazonEC2/20261120221246/eu-central-1",
        "service": "AmazonEC2",
        "region": REGION,
        "sku": sku,
        "rate_code": f"{sku}.{code}",
        "product_family": "Compute Instance",
        "usage_type": "BoxUsage:m5.large",
        "operation": "RunInstances",
        "term": "on_demand",
        "unit": "Hrs",
        "currency": "USD",
        "price": Decimal(price),
        "upfront": Decimal(0),
        "begin_range": 0.0,
        "origin": "price_list",
        "instance_type": "m5.large",
        "operating_system": "Linux",
        "tenancy": "Shared",
        "preinstalled_sw": "NA",
        "license_model": "No License required",
        "capacity_status": "Used",
        "market_option": "OnDemand",
    }
    return EMPTY | plain | told


def price_of(rows: list[dict[str, Any]], rule: str = "ec2_instance", **wanted: Any) -> Tariff | NoTariff:
    return tariff(rows, RULES[rule], REGION, **(wanted or {"instance_type": "m5.large"}))


OTHERS = [
    pytest.param(row("B", "0", capacity_status="AllocatedCapacityReservation"), id="reserved-capacity-at-0-dollars"),
    pytest.param(row("B", "0.096", capacity_status="UnusedCapacityReservation"), id="reserved-capacity-that-is-not-used"),
    pytest.param(row("B", "0.05", market_option="CapacityBlock"), id="capacity-block"),
    pytest.param(row("B", "0.576", preinstalled_sw="SQL Std"), id="installed-software"),
    pytest.param(row("B", "0.188", operating_system="Windows"), id="windows"),
    pytest.param(row("B", "0.096", operating_system="Windows", license_model="Bring your own license"), id="own-licence"),
    pytest.param(row("B", "0.102", tenancy="Dedicated"), id="dedicated"),
    pytest.param(row("B", "0.12", region="eu-central-1-ham-1"), id="local-zone"),
    pytest.param(row("B", "0.06", term="reserved", lease_years=1, purchase_option="no_upfront"), id="reserved"),
    pytest.param(row("B", "0.069", term="savings_plan"), id="savings-plan"),
    pytest.param(row("B", "0.3", product_family="Dedicated Host"), id="host"),
    pytest.param(row("B", "0.096", service="AWSDataTransfer"), id="another-service"),
]


@pytest.mark.parametrize("other", OTHERS)
def test_the_plain_price_is_found_beside_every_other_kind_of_row(other: dict[str, Any]) -> None:
    found = price_of([other, row()])
    assert isinstance(found, Tariff)
    assert (found.sku, found.price, found.unit, found.upfront) == ("A", Decimal("0.096"), "Hrs", 0)


@pytest.mark.parametrize("other", OTHERS)
def test_alone_none_of_these_rows_is_the_price(other: dict[str, Any]) -> None:
    found = price_of([other])
    assert isinstance(found, NoTariff)
    assert found.kind == NONE
    assert "instance_type m5.large" in found.reason


def test_two_offers_that_fit_are_no_price_but_a_reason_with_both() -> None:
    found = price_of([row("A"), row("B", "0.1")])
    assert found == NoTariff(SEVERAL, found.reason)  # type: ignore[union-attr]
    assert "A (AmazonEC2/20261120221246/eu-central-1), B (AmazonEC2" in found.reason  # type: ignore[union-attr]


def test_what_the_asker_states_goes_before_what_is_usual() -> None:
    rows = [row(), row("W", "0.188", operating_system="Windows")]
    found = price_of(rows, instance_type="m5.large", operating_system="Windows")
    assert isinstance(found, Tariff)
    assert found.price == Decimal("0.188")


@pytest.mark.parametrize("wanted", [{}, {"instance_type": "m5.large", "engine": "x"}])
def test_a_question_that_the_rule_does_not_take_is_a_mistake(wanted: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="ec2_instance"):
        tariff([], RULES["ec2_instance"], REGION, **wanted)


def transfer(price: str, begin: float, end: float | None, code: str) -> dict[str, Any]:
    told = {"service": "AWSDataTransfer", "transfer_type": "AWS Outbound", "to_region": "External", "unit": "GB"}
    return row("T", price, f"JRTCKXETXF.{code}", begin_range=begin, end_range=end, **told)


def test_tiers_of_one_product_are_one_tariff_and_each_unit_costs_what_its_tier_asks() -> None:
    """10,240 GB at 0.09 and 40,960 at 0.085 and the rest at 0.07: 60,000 GB cost 921.60 + 3,481.60 + 616.00."""
    rows = [transfer("0.07", 51_200, None, "C"), transfer("0.09", 0, 10_240, "A"), transfer("0.085", 10_240, 51_200, "B")]
    found = tariff(rows, RULES["transfer_to_internet"], REGION)
    assert isinstance(found, Tariff)
    assert found.tiers[0] == Tier(Decimal(0), Decimal(10_240), Decimal("0.09"))
    assert found.cost(Decimal(60_000)) == Decimal("5019.2")
    assert found.cost(Decimal(0)) == 0
    assert found.cost(Decimal(10_240)) == Decimal("921.6")


@pytest.mark.parametrize("begin", [5_000, 20_000])
def test_tiers_that_overlap_or_leave_a_gap_are_no_tariff(begin: float) -> None:
    rows = [transfer("0.09", 0, 10_240, "A"), transfer("0.07", begin, None, "C")]
    found = tariff(rows, RULES["transfer_to_internet"], REGION)
    assert isinstance(found, NoTariff)
    assert "tiers" in found.reason


def test_a_reservation_is_its_fee_and_its_hour_together() -> None:
    lease = {"term": "reserved", "lease_years": 1, "purchase_option": "partial_upfront", "offering_class": "standard"}
    hour = row("A", "0.03", "HU7G6KETJZ.6YS6EN2CT7", **lease)
    fee = row("A", "0", "HU7G6KETJZ.2TG2D8R56U", unit="Quantity", upfront=Decimal(262), **lease)
    other = row("A", "0.06", "4NA7Y494T4.6YS6EN2CT7", **{**lease, "purchase_option": "no_upfront"})
    wanted = {"lease_years": 1, "purchase_option": "partial_upfront", "offering_class": "standard"}
    found = price_of([fee, other, hour, row()], "ec2_reserved", instance_type="m5.large", **wanted)
    assert isinstance(found, Tariff)
    assert (found.price, found.upfront, found.unit) == (Decimal("0.03"), Decimal(262), "Hrs")


def test_a_savings_plans_rate_is_found_by_the_sku_that_it_discounts() -> None:
    plan = {"term": "savings_plan", "lease_years": 3, "purchase_option": "all_upfront"}
    rows = [
        row("A", "0.04", offering_class="ec2_instance", **plan) | {"rate_code": "P2.A"},
        row("A", "0.05", offering_class="compute", **plan) | {"rate_code": "P1.A"},
    ]
    wanted = {"lease_years": 3, "purchase_option": "all_upfront", "offering_class": "compute"}
    found = price_of([*rows, row()], "ec2_savings_plan", sku="A", **wanted)
    assert isinstance(found, Tariff)
    assert found.price == Decimal("0.05")


def test_a_dated_sample_says_so() -> None:
    found = price_of([row(origin="sample", sample_source="a catalogue", sampled_on="2026-10-01")])
    assert isinstance(found, Tariff)
    assert (found.origin, found.sample_source, found.sampled_on) == ("sample", "a catalogue", "2026-10-01")


@pytest.mark.parametrize("rule", PRICE_RULES, ids=lambda one: one.name)
def test_every_rule_names_columns_of_the_dataset(rule: Any) -> None:
    asked = conditions(rule, REGION, **dict.fromkeys(rule.needs, "x"))
    assert set(asked) <= set(EMPTY)
    assert set(rule.needs).isdisjoint(rule.usual)
    assert "term" in asked

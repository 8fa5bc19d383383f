"""The price book: every figure has a source and a day, and the figures agree with third parties' where those have them too."""

import csv
import itertools
import json
import re
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cloudmigrate.simulate.ec2_prices import offerings
from cloudmigrate.simulate.estate.parts import EUROPE, OREGON
from cloudmigrate.simulate.price_book import LOCATIONS, TERM_CODES, Product, Rate, price_lists, rows, sources, spot_rates
from cloudmigrate.simulate.price_traps import with_traps

UNITS = {
    *("Hrs", "hours", "hour", "Hours", "LCU-Hrs", "GB", "GigaBytes", "GB-Mo", "GB-Hours", "GB-Seconds", "Lambda-GB-Second", "MiBps-Mo"),
    *("GiBps-mo", "IOPS-Mo", "IOs", "Requests", "ReadRequestUnits", "WriteRequestUnits", "ReadCapacityUnit-Hrs", "WriteCapacityUnit-Hrs"),
    *("Messages", "Minutes", "Objects", "Keys", "Quantity", "Notifications"),
}
KEY = (
    *("service", "region", "product_family", "usage_type", "operation", "attributes", "term", "lease", "purchase_option"),
    *("offering_class", "unit", "begin_range"),
)
PREFIXES = {"eu-central-1": ("EUC1-", "eu-central-1-"), "us-west-2": ("USW2-", "us-west-2-"), "us-east-1": ("",)}


def on_demand(service: str, region: str, **attributes: str) -> Decimal:
    """The one on-demand price of the one product with *attributes*; of tiers the first."""
    (product,) = products(service, region, **attributes)
    return next(rate.price for rate in product.rates if rate.term == "OnDemand")


def products(service: str, region: str, **attributes: str) -> list[Product]:
    found = price_lists()[service, region].products
    return [one for one in found if attributes.items() <= one.attributes.items()]


def linux(kind: str) -> dict[str, str]:
    return {"instanceType": kind, "operatingSystem": "Linux", "tenancy": "Shared", "preInstalledSw": "NA"}


def test_every_row_has_what_a_price_needs() -> None:
    for row in rows():
        assert row["source"] in sources(), row
        assert date(2017, 1, 1) <= date.fromisoformat(row["sampled_on"]) <= date(2026, 11, 28), row
        assert Decimal(row["price"]) >= 0, row
        assert -Decimal(row["price"]).as_tuple().exponent <= 10, row  # type: ignore[operator]  # ten places, as AWS writes
        assert row["currency"] == "USD"
        assert row["unit"] in UNITS, row
        assert (row["term"], row["lease"], row["purchase_option"], row["offering_class"]) in TERM_CODES, row
        assert row["region"] in LOCATIONS
        assert row["usage_type"].startswith(PREFIXES[row["region"]]), row
        assert row["end_range"] == "Inf" or Decimal(row["begin_range"]) < Decimal(row["end_range"]), row


def test_no_two_rows_price_the_same() -> None:
    twice = [key for key, count in Counter(tuple(row[name] for name in KEY) for row in rows()).items() if count > 1]

    assert twice == []


def test_products_and_rates_are_told_apart_by_their_codes() -> None:
    for prices in (with_traps(*key) for key in price_lists()):
        skus = Counter(product.sku for product in prices.products)
        codes = Counter(product.rate_code(rate) for product in prices.products for rate in product.rates)
        assert max(skus.values()) == 1, [sku for sku, count in skus.items() if count > 1]
        assert max(codes.values()) == 1, [code for code, count in codes.items() if count > 1]
        assert all(re.fullmatch(r"[A-Z0-9]{16}", sku) for sku in skus)


def test_every_source_is_a_commit_and_is_used() -> None:
    used = {row["source"] for row in rows()} | {rate.source for rate in spot_rates()}

    assert used == set(sources())
    for source in sources().values():
        assert re.fullmatch(r"[0-9a-f]{40}", source.commit), source
        assert source.path, source
        assert source.date_is in {"published", "charged", "committed", "not before"}, source


def test_tiers_follow_one_another() -> None:
    for prices in price_lists().values():
        for product in prices.products:
            ladder = sorted((rate for rate in product.rates if rate.term == "OnDemand"), key=lambda rate: Decimal(rate.begin_range))
            for lower, upper in itertools.pairwise(ladder):
                assert lower.end_range == upper.begin_range, (product.attributes, ladder)


@pytest.mark.parametrize("region", [EUROPE, OREGON])
def test_types_of_the_estate_have_a_price(region: str) -> None:
    """Every server type of the demo's estate; databases and caches where the source has them."""
    used = set()
    for path in (Path(__file__).parents[2] / "cloudmigrate" / "simulate" / "estate").glob("*.py"):
        used |= set(re.findall(r'"((?:db\.|cache\.)?[a-z]\d[a-z0-9]*\.[a-z0-9]+)"', path.read_text(encoding="utf-8")))
    priced = {
        product.attributes.get("instanceType")
        for (_, where), prices in price_lists().items()
        if where == region
        for product in prices.products
    }

    assert used
    assert used <= priced


@pytest.fixture(scope="module")
def focus(third_party_data: Path) -> dict[tuple[str, str], Decimal]:
    """List unit prices of AWS's own bill by region and description."""
    with (third_party_data / "billing" / "focus_sample.csv").open(encoding="utf-8", newline="") as file:
        return {
            (row["RegionId"], row["ChargeDescription"]): Decimal(row["ListUnitPrice"])
            for row in csv.DictReader(file)
            if row["ListUnitPrice"] not in ("", "NULL")
        }


# What the bill of September 2024 says, beside rows of the book that have another source.
BILLED: tuple[tuple[str, str, str, dict[str, str]], ...] = (
    (
        EUROPE,
        "$0.119 per GB-month of General Purpose SSD (gp2) provisioned storage - EU (Frankfurt)",
        "AmazonEC2",
        {"usagetype": "EUC1-EBS:VolumeUsage.gp2"},
    ),
    (
        EUROPE,
        "$0.0952 per GB-month of General Purpose (gp3) provisioned storage - EU (Frankfurt)",
        "AmazonEC2",
        {"usagetype": "EUC1-EBS:VolumeUsage.gp3"},
    ),
    (EUROPE, "$0.006 per provisioned IOPS-month of gp3 - EU (Frankfurt)", "AmazonEC2", {"usagetype": "EUC1-EBS:VolumeP-IOPS.gp3"}),
    (EUROPE, "$0.0476 per provisioned MiBps-month of gp3 - EU (Frankfurt)", "AmazonEC2", {"usagetype": "EUC1-EBS:VolumeP-Throughput.gp3"}),
    (
        EUROPE,
        "$0.090 per GB - first 10 TB / month data transfer out beyond the global free tier",
        "AWSDataTransfer",
        {"transferType": "AWS Outbound"},
    ),
    (OREGON, "$0.045 per NAT Gateway Hour", "AmazonEC2", {"usagetype": "USW2-NatGateway-Hours"}),
    (OREGON, "$0.17 per On Demand Linux c5.xlarge Instance Hour", "AmazonEC2", linux("c5.xlarge")),
    (OREGON, "$0.023 per GB - first 50 TB / month of storage used", "AmazonS3", {"usagetype": "USW2-TimedStorage-ByteHrs"}),
    (OREGON, "AWS Fargate - vCPU  - US West 2 (Oregon)", "AmazonECS", {"usagetype": "USW2-Fargate-vCPU-Hours:perCPU"}),
    (OREGON, "$0.005 per In-use public IPv4 address per hour", "AmazonVPC", {"usagetype": "USW2-PublicIPv4:InUseAddress"}),
)


@pytest.mark.parametrize(("region", "described", "service", "attributes"), BILLED)
def test_the_book_agrees_with_a_bill(
    focus: dict[tuple[str, str], Decimal], region: str, described: str, service: str, attributes: dict[str, str]
) -> None:
    assert on_demand(service, region, **attributes) == focus[region, described]


def test_the_book_agrees_with_the_one_type_of_ec2instances_info(third_party_data: Path) -> None:
    found: Any = json.loads((third_party_data / "prices" / "ec2_single_instance.json").read_text(encoding="utf-8"))
    found = found[0] if isinstance(found, list) else found

    for region in LOCATIONS:
        told = found["pricing"][region]["linux"]
        (product,) = products("AmazonEC2", region, **linux("x2iedn.32xlarge"))
        assert on_demand("AmazonEC2", region, **linux("x2iedn.32xlarge")) == Decimal(told["ondemand"])
        assert hourly(product, "3yr", "No Upfront", "standard") == Decimal(told["reserved"]["yrTerm3Standard.noUpfront"])
        fee = hourly(product, "3yr", "All Upfront", "standard")
        assert abs(fee / 26_280 - Decimal(told["reserved"]["yrTerm3Standard.allUpfront"])) < Decimal("0.000001")


def test_reservations_agree_with_opencost(third_party_data: Path) -> None:
    """m5.large in Frankfurt: $1,136 for three years, 0.0432... an hour."""
    told = json.loads((third_party_data / "prices" / "awsreservationofferings.json").read_text(encoding="utf-8"))
    fees = {
        one.instance_type: one.fee
        for one in offerings(EUROPE)
        if one.lease == "3yr"
        and one.payment == "All Upfront"
        and one.platform == "Linux/UNIX"
        and not one.instance_type.startswith("x2iedn")
    }

    assert fees["m5.large"] == 1136
    assert {kind: float(fee) for kind, fee in fees.items()} == pytest.approx({kind: told[f"{kind}/{EUROPE}"] * 26_280 for kind in fees})


def hourly(product: Product, lease: str, payment: str, offering_class: str) -> Decimal:
    """The sum of a reservation's rates: its fee, or its price an hour."""

    def is_meant(rate: Rate) -> bool:
        return (rate.lease, rate.purchase_option, rate.offering_class) == (lease, payment, offering_class)

    return sum((rate.price for rate in product.rates if is_meant(rate)), Decimal(0))


def test_spot_prices_are_below_on_demand_prices() -> None:
    assert len(spot_rates()) > 50
    for rate in spot_rates():
        assert 0 < rate.price < on_demand("AmazonEC2", rate.region, **linux(rate.instance_type)), rate

"""Rates out of price lists: which rows are the price of a thing, and which are traps."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from cloudmigrate.domain.cost_rates import RATE_RULES
from cloudmigrate.domain.cost_scenarios import TERMS
from cloudmigrate.lake.costs import make_rates
from cloudmigrate.lake.results import python_value, rows_of
from tests.cost_lake import FRANKFURT, OREGON, database, disk, lake_views, machine, price, row_of, thing

SERVER = [thing("i-1", "AWS::EC2::Instance", InstanceType="m5.large")]
LEASE = {"term": "reserved", "lease_years": 1, "purchase_option": "partial_upfront", "offering_class": "standard"}


def rates(*prices: dict[str, Any], spot: tuple[dict[str, Any], ...] = ()) -> dict[tuple[str, str, str], dict[str, Any]]:
    """The rates of a lake with these prices, by region, key and term; of tiers, the first."""
    with lake_views({"inventory": SERVER, "prices": prices, "spot_prices": spot}) as views:
        make_rates(views)
        found = rows_of(views.execute("from rates order by begin_range desc"), python_value)[1]
    return {(str(row["region"]), str(row["rate_key"]), str(row["term"])): row for row in found}


@pytest.mark.parametrize(
    "trap",
    [
        pytest.param({"capacity_status": "AllocatedCapacityReservation"}, id="nothing-per-reservation"),
        pytest.param({"capacity_status": "UnusedCapacityReservation"}, id="unused-reservation"),
        pytest.param({"market_option": "CapacityBlock"}, id="capacity-block"),
        pytest.param({"tenancy": "Host"}, id="host"),
        pytest.param({"license_model": "Bring your own license"}, id="licence-of-the-customer"),
        pytest.param({"region": "eu-west-1"}, id="another-region"),
        pytest.param({"service": "AmazonEKS"}, id="another-service"),
    ],
)
def test_a_trap_is_no_price(trap: dict[str, Any]) -> None:
    values = {"sku": "trap", **trap}
    service = values.pop("service", "AmazonEC2")
    found = rates(machine("m5.large", "0.115"), {**machine("m5.large", "0", **values), "service": service})
    assert list(found) == [(FRANKFURT, "ec2:m5.large:linux", "on_demand")]
    assert found[FRANKFURT, "ec2:m5.large:linux", "on_demand"]["price"] == Decimal("0.115")


@pytest.mark.parametrize(
    "absurd",
    [
        pytest.param({"amount": "1234567890123456789012345678.0123456789"}, id="a-price"),
        pytest.param({"amount": "-123456789"}, id="below-0"),
        pytest.param({"amount": "1", "upfront": Decimal(10**27)}, id="a-fee"),
        pytest.param({"amount": "1", "begin_range": 1e300}, id="where-a-tier-begins"),
    ],
)
def test_what_no_cost_can_hold_is_no_price_and_stops_nothing(absurd: dict[str, Any]) -> None:
    """The lists are read exactly whatever they say; a price of 10^27 USD must not end the reckoning of all others."""
    values = dict(absurd)
    found = rates(machine("m5.large", values.pop("amount"), **values), machine("m5.xlarge", "0.23", end_range=1e300))
    [row] = found.values()
    assert (row["rate_key"], row["price"], row["end_range"]) == ("ec2:m5.xlarge:linux", Decimal("0.23"), None)


@pytest.mark.parametrize(("other", "ambiguous"), [("0.115", False), ("0.116", True)])
def test_a_product_that_is_listed_twice_at_two_prices_is_ambiguous(other: str, ambiguous: bool) -> None:
    [row] = rates(machine("m5.large", "0.115", sku="A"), machine("m5.large", other, sku="B")).values()
    assert row["ambiguous"] is ambiguous


def test_platforms_and_tenancies_have_keys_of_their_own() -> None:
    found = rates(
        machine("m5.large", "0.207", operation="RunInstances:0002"),
        machine("m5.large", "0.687", operation="RunInstances:0006"),
        machine("m5.large", "0.1219", tenancy="Dedicated"),
    )
    assert {key: row["price"] for (_, key, _), row in found.items()} == {
        "ec2:m5.large:windows": Decimal("0.207"),
        "ec2:m5.large:windows-sql-std": Decimal("0.687"),
        "ec2:m5.large:linux:dedicated": Decimal("0.1219"),
    }


def test_an_offers_fee_and_its_hour_are_one_rate() -> None:
    fee = machine("m5.large", "0", unit="Quantity", upfront=Decimal(310), **LEASE)
    found = rates(machine("m5.large", "0.115"), machine("m5.large", "0.0350", **LEASE), fee)
    rate = found[FRANKFURT, "ec2:m5.large:linux", "reserved_1y_partial_upfront"]
    assert (rate["price"], rate["upfront"], rate["unit"], rate["ambiguous"]) == (Decimal("0.035"), Decimal(310), "Hrs", False)


def test_convertible_reservations_are_not_told() -> None:
    assert len(rates(machine("m5.large", "0.115"), machine("m5.large", "0.05", **{**LEASE, "offering_class": "convertible"}))) == 1


def test_a_savings_plans_rate_takes_its_key_from_the_product_that_it_discounts() -> None:
    product = machine("m5.large", "0.115", sku="S1")
    plan = {**machine("m5.large", "0.078", sku="S1", price_version="ComputeSavingsPlans/1/eu-central-1"), "operating_system": None}
    plan |= {"term": "savings_plan", "lease_years": 3, "purchase_option": "no_upfront", "offering_class": "compute", "rate_code": "P.S1"}
    plan |= {"product_family": "ComputeSavingsPlans", "tenancy": None, "license_model": None}
    rate = rates(product, plan)[FRANKFURT, "ec2:m5.large:linux", "compute_savings_plan_3y"]
    assert (rate["price"], rate["price_version"]) == (Decimal("0.078"), "ComputeSavingsPlans/1/eu-central-1")


def test_two_products_at_two_prices_are_ambiguous_and_at_one_price_are_one() -> None:
    found = rates(
        *(machine("m5.large", amount, sku=sku) for sku, amount in (("A", "0.1"), ("B", "0.2"))),
        *(disk("gp3", "0.0952", sku=sku) for sku in "CD"),
    )
    assert found[FRANKFURT, "ec2:m5.large:linux", "on_demand"]["ambiguous"]
    assert found[FRANKFURT, "ec2:m5.large:linux", "on_demand"]["skus"] == "A, B"
    assert not found[FRANKFURT, "ebs:gp3:storage", "on_demand"]["ambiguous"]


def test_throughput_per_gibibyte_becomes_throughput_per_mebibyte() -> None:
    """40.96 for each GiB/s is 40.96 / 1,024 = 0.04 for each MiB/s."""
    row = price("AmazonEC2", "Provisioned Throughput", "EBS:VolumeP-Throughput.gp3", "40.96", "GiBps-mo", volume_type="gp3")
    assert rates(row)[FRANKFURT, "ebs:gp3:throughput", "on_demand"]["price"] == Decimal("0.04")


def test_databases_are_told_by_operation_and_deployment() -> None:
    found = rates(
        database("db.m5.large", "0.201"),
        database("db.m5.large", "0.402", deployment="Multi-AZ"),
        database("db.m5.large", "0.3", operation="CreateDBInstance:0020"),
        database("db.r6g.large", "0.313", operation="CreateDBInstance:0021"),
        {**database("db.r6g.large", "0.407", operation="CreateDBInstance:0021"), "usage_type": "InstanceUsageIOOptimized:db.r6g.large"},
    )
    assert {key: row["price"] for (_, key, _), row in found.items()} == {
        "rds:db.m5.large:postgres:single-az": Decimal("0.201"),
        "rds:db.m5.large:postgres:multi-az": Decimal("0.402"),
        "rds:db.m5.large:oracle-se2:single-az": Decimal("0.3"),
        "rds:db.r6g.large:aurora-postgresql:single-az": Decimal("0.313"),
        "rds:db.r6g.large:aurora-postgresql:single-az:io-optimized": Decimal("0.407"),
    }


def test_a_spot_price_is_the_middle_zones_with_cheapest_and_dearest_as_range() -> None:
    zones = (("a", "0.030", "0.034"), ("b", "0.040", "0.041"), ("c", "0.050", "0.060"))
    span = {"window_from": datetime(2026, 11, 1, tzinfo=UTC), "window_to": datetime(2026, 11, 15, tzinfo=UTC), "samples": 9}
    spot = tuple(
        row_of("spot_prices", region=FRANKFURT, zone=zone, instance_type="m5.large", product="Linux/UNIX", currency="USD")
        | {"median": Decimal(median), "p90": Decimal(p90), "origin": "sample", "sampled_on": date(2026, 11, 15), **span}
        for zone, median, p90 in zones
    )
    rate = rates(machine("m5.large", "0.115"), spot=spot)[FRANKFURT, "ec2:m5.large:linux", "spot"]
    assert (rate["low_price"], rate["price"], rate["high_price"]) == (Decimal("0.03"), Decimal("0.04"), Decimal("0.06"))
    assert rate["price_version"] == "spot/20261115/eu-central-1"


def test_transfer_between_regions_is_keyed_by_where_it_goes() -> None:
    row = price("AWSDataTransfer", "Data Transfer", "USW2-AWS-Out-Bytes", "0.02", "GB", to_region=OREGON)
    assert (FRANKFURT, f"transfer:inter-region:{OREGON}", "on_demand") in rates(row)


def test_no_two_rules_take_the_same_rows() -> None:
    """A row that two rules took would be priced twice over: every rule differs from every other in a column that both name."""
    stated = [tuple(getattr(one, name) for name in one.__dataclass_fields__ if name not in {"key", "factor"}) for one in RATE_RULES]
    assert len(stated) == len(set(stated))
    assert len({one.term for one in TERMS}) == len(TERMS)


@pytest.mark.parametrize(
    ("row", "key"),
    [
        pytest.param(price("awskms", "Encryption Key", "eu-central-1-KMS-Keys", "1", "Keys"), "kms:key", id="key"),
        pytest.param(price("AWSSecretsManager", "Secret", "AWSSecretsManager-Secrets", "0.4", "Secrets"), "secret:month", id="secret"),
        pytest.param(price("AmazonECR", "EC2 Container Registry", "TimedStorage-ByteHrs", "0.1", "GB-Mo"), "ecr:storage", id="images"),
        pytest.param(price("AWSQueueService", "API Request", "Requests-FIFO-Tier1", "0.0000005", "Requests"), "sqs:fifo", id="fifo-queue"),
        pytest.param(
            price("AWSQueueService", "API Request", "Requests-RBP", "0.0000004", "Requests"), "sqs:standard", id="queue-in-virginia"
        ),
        pytest.param(
            price("AmazonSNS", "Message Delivery", "DeliveryAttempts-HTTP", "0.0000006", "Notifications"), "sns:http", id="delivery"
        ),
        pytest.param(price("AmazonEKS", "Compute", "AmazonEKS-Hours:perCluster", "0.1", "Hours"), "eks:cluster", id="control-plane"),
        pytest.param(
            price("AmazonS3GlacierDeepArchive", "Storage", "TimedStorage-GDA-ByteHrs", "0.0018", "GB-Mo"),
            "s3:deep-archive:storage",
            id="deep-archive-has-a-list-of-its-own",
        ),
        pytest.param(
            database("db.m6gd.large", "0.783", deployment="Multi-AZ (readable standbys)"),
            "rds:db.m6gd.large:postgres:multi-az-cluster",
            id="cluster-of-three",
        ),
        pytest.param(
            price("AmazonRDS", "Database Storage", "RDS:Multi-AZCluster-GP3-Storage", "0.393", "GB-Mo", database_engine="PostgreSQL"),
            "rds-storage:gp3:multi-az-cluster",
            id="storage-of-three",
        ),
    ],
)
def test_further_services_have_rates(row: dict[str, Any], key: str) -> None:
    assert {(found, one["price"]) for (_, found, _), one in rates(row).items()} == {(key, row["price"])}

"""The stand-in for AWS's pricing services, as boto3 sees it: over HTTP, on the emulator's own port."""

import csv
import io
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from cloudmigrate.simulate.ec2_prices import offering_id
from cloudmigrate.simulate.emulator import Emulator
from cloudmigrate.simulate.estate.parts import EUROPE, OREGON
from cloudmigrate.simulate.price_book import price_lists
from tests.conftest import aws_environment

NOW = datetime(2026, 11, 28, tzinfo=UTC)
M5_LARGE = [
    {"Type": "TERM_MATCH", "Field": "ServiceCode", "Value": "AmazonEC2"},
    {"Type": "TERM_MATCH", "Field": "instanceType", "Value": "m5.large"},
    {"Type": "TERM_MATCH", "Field": "regionCode", "Value": EUROPE},
]
Rates = dict[str, tuple[str, str, str, str]]  # by rate code: term, unit, price, begin of range


@pytest.fixture(scope="module")
def endpoint(emulator: Emulator) -> Iterator[Emulator]:
    emulator.reset()
    with aws_environment(emulator.environment()):
        yield emulator


@pytest.fixture(scope="module")
def pricing(endpoint: Emulator) -> Any:
    return boto3.client("pricing")


def refusal(call: Any, **params: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**params)
    return str(caught.value.response["Error"]["Code"])


def fetched(url: str) -> bytes:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=30) as answer:
        body: bytes = answer.read()
    return body


def test_services_and_their_attributes(pricing: Any) -> None:
    services = {one["ServiceCode"]: one["AttributeNames"] for one in pricing.describe_services(FormatVersion="aws_v1")["Services"]}
    engines = pricing.get_attribute_values(ServiceCode="AmazonElastiCache", AttributeName="cacheEngine")["AttributeValues"]

    assert set(services) == {service for service, _ in price_lists()}
    assert {"instanceType", "usagetype", "productFamily", "volumeApiName", "marketoption"} <= set(services["AmazonEC2"])
    assert engines == [{"Value": "Memcached"}, {"Value": "Redis"}]
    assert refusal(pricing.describe_services, ServiceCode="AmazonNothing") == "NotFoundException"
    assert refusal(pricing.get_attribute_values, ServiceCode="AmazonEC2", AttributeName="colour") == "InvalidParameterException"


def test_products_are_json_strings_and_any_row_of_a_type_is_not_its_price(pricing: Any) -> None:
    answer = pricing.get_products(ServiceCode="AmazonEC2", Filters=M5_LARGE)
    items = [json.loads(text) for text in answer["PriceList"]]
    bare = [item for item in items if item["product"]["attributes"]["operation"] == "RunInstances"]  # Linux, nothing installed
    statuses = {item["product"]["attributes"]["capacitystatus"]: item for item in bare}
    (offer,) = statuses["Used"]["terms"]["OnDemand"].values()
    (dimension,) = offer["priceDimensions"].values()

    assert answer["FormatVersion"] == "aws_v1"
    assert set(statuses) == {"Used", "AllocatedCapacityReservation"}
    assert (dimension["unit"], dimension["pricePerUnit"], dimension["endRange"]) == ("Hrs", {"USD": "0.1150000000"}, "Inf")
    assert statuses["Used"]["product"]["attributes"]["usagetype"] == "EUC1-BoxUsage:m5.large"
    assert "lamngockhuong/aws-price" in statuses["Used"]["product"]["attributes"]["sampleSource"]
    (nothing,) = statuses["AllocatedCapacityReservation"]["terms"]["OnDemand"].values()
    assert [one["pricePerUnit"]["USD"] for one in nothing["priceDimensions"].values()] == ["0.0000000000"]
    reserved = [one["termAttributes"] for one in statuses["Used"]["terms"]["Reserved"].values()]
    assert {"LeaseContractLength": "3yr", "OfferingClass": "standard", "PurchaseOption": "All Upfront"} in reserved
    systems = {item["product"]["attributes"]["operatingSystem"] for item in items}
    software = {item["product"]["attributes"]["preInstalledSw"] for item in items}
    assert (systems, software) == ({"Linux", "Windows"}, {"NA", "SQL Std", "SQL Web"})


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("TERM_MATCH", "m5.xlarge", {"m5.xlarge"}),
        ("EQUALS", "m5.xlarge", {"m5.xlarge"}),
        ("CONTAINS", "m6g.", {"m6g.medium", "m6g.large", "m6g.xlarge", "m6g.2xlarge", "m6g.4xlarge", "m6g.8xlarge"}),
        ("ANY_OF", "t3.nano,t3.micro", {"t3.nano", "t3.micro"}),
        ("TERM_MATCH", "m5.huge", set()),
    ],
)
def test_filters(pricing: Any, kind: str, value: str, expected: set[str]) -> None:
    filters = [
        {"Type": kind, "Field": "instanceType", "Value": value},
        {"Type": "NONE_OF", "Field": "capacitystatus", "Value": "Nothing,At all"},
    ]
    pages = pricing.get_paginator("get_products").paginate(ServiceCode="AmazonEC2", Filters=filters)

    assert {json.loads(text)["product"]["attributes"]["instanceType"] for page in pages for text in page["PriceList"]} == expected


def test_pages_hold_all_products_once_and_tokens_belong_to_their_request(pricing: Any) -> None:
    first = pricing.get_products(ServiceCode="AmazonRDS", MaxResults=7)
    skus = [
        json.loads(text)["product"]["sku"]
        for page in pricing.get_paginator("get_products").paginate(ServiceCode="AmazonRDS")
        for text in page["PriceList"]
    ]

    assert len(first["PriceList"]) == 7
    assert sorted(skus) == sorted(
        product.sku for (service, _), prices in price_lists().items() if service == "AmazonRDS" for product in prices.products
    )
    assert refusal(pricing.get_products, ServiceCode="AmazonEC2", NextToken=first["NextToken"]) == "InvalidNextTokenException"
    assert refusal(pricing.get_products, ServiceCode="AmazonRDS", NextToken="???") == "InvalidNextTokenException"
    assert refusal(pricing.get_products, ServiceCode="AmazonNothing") == "NotFoundException"


def test_what_botocore_would_not_send_is_refused(endpoint: Emulator) -> None:
    careless = boto3.client("pricing", config=Config(parameter_validation=False))

    assert refusal(careless.get_products, ServiceCode="AmazonEC2", MaxResults="many") == "InvalidParameterException"
    assert refusal(careless.get_products, Filters=[]) == "InvalidParameterException"
    assert refusal(careless.get_products, ServiceCode="AmazonEC2", Filters=[{"Type": "LIKE", "Field": "sku", "Value": "A"}]) == (
        "InvalidParameterException"
    )


def test_price_lists_of_a_day(pricing: Any) -> None:
    def lists(at: datetime, **more: str) -> list[str]:
        asked = {"ServiceCode": "AmazonRDS", "CurrencyCode": "USD"} | more
        return [one["PriceListArn"] for one in pricing.list_price_lists(EffectiveDate=at, **asked)["PriceLists"]]

    assert lists(NOW, RegionCode=EUROPE) == ["arn:aws:pricing:::price-list/aws/AmazonRDS/USD/20210803000000/eu-central-1"]
    assert {arn.rpartition("/")[2] for arn in lists(NOW)} == {EUROPE, OREGON, "us-east-1"}
    assert lists(datetime(2021, 8, 2, tzinfo=UTC), RegionCode=EUROPE) == []  # not published yet
    assert lists(NOW, CurrencyCode="CNY") == []
    assert (
        refusal(pricing.list_price_lists, ServiceCode="AmazonNothing", EffectiveDate=NOW, CurrencyCode="USD") == "ResourceNotFoundException"
    )
    gone = "arn:aws:pricing:::price-list/aws/AmazonRDS/USD/20200101000000/eu-central-1"
    assert refusal(pricing.get_price_list_file_url, PriceListArn=gone, FileFormat="csv") == "ResourceNotFoundException"
    assert refusal(pricing.get_price_list_file_url, PriceListArn=lists(NOW)[0], FileFormat="parquet") == "InvalidParameterException"


@pytest.mark.parametrize(
    ("service", "region"), [("AmazonEC2", EUROPE), ("AmazonRDS", OREGON), ("AWSLambda", "us-east-1"), ("AmazonS3", EUROPE)]
)
def test_both_files_and_the_products_tell_the_same(endpoint: Emulator, pricing: Any, service: str, region: str) -> None:
    (found,) = pricing.list_price_lists(ServiceCode=service, EffectiveDate=NOW, CurrencyCode="USD", RegionCode=region)["PriceLists"]
    urls = {
        form: pricing.get_price_list_file_url(PriceListArn=found["PriceListArn"], FileFormat=form)["Url"] for form in found["FileFormats"]
    }
    table = fetched(urls["csv"]).decode()
    document = json.loads(fetched(urls["json"]))
    pages = pricing.get_paginator("get_products").paginate(
        ServiceCode=service, Filters=[{"Type": "TERM_MATCH", "Field": "regionCode", "Value": region}]
    )
    items = [json.loads(text) for page in pages for text in page["PriceList"]]

    assert all(url.startswith(endpoint.url) for url in urls.values())
    assert [line.split(",")[0] for line in table.splitlines()[:5]] == [
        *('"FormatVersion"', '"Disclaimer"', '"Publication Date"', '"Version"', '"OfferCode"')
    ]
    assert document["products"].keys() == {item["product"]["sku"] for item in items}
    from_items: Rates = {}
    for item in items:
        from_items |= rates({term: {item["product"]["sku"]: offers} for term, offers in item["terms"].items()})
    assert rates_of_table(table) == rates(document["terms"]) == from_items


def rates(terms: dict[str, Any]) -> Rates:
    return {
        code: (term, one["unit"], one["pricePerUnit"]["USD"], one.get("beginRange", ""))
        for term, products in terms.items()
        for offers in products.values()
        for offer in offers.values()
        for code, one in offer["priceDimensions"].items()
    }


def rates_of_table(table: str) -> Rates:
    lines = csv.DictReader(io.StringIO(table.split("\n", 5)[5]))
    return {row["RateCode"]: (row["TermType"], row["Unit"], row["PricePerUnit"], row["StartingRange"]) for row in lines}


def test_the_file_of_ec2_has_the_columns_of_aws_and_its_traps(pricing: Any) -> None:
    (found,) = pricing.list_price_lists(ServiceCode="AmazonEC2", EffectiveDate=NOW, CurrencyCode="USD", RegionCode=OREGON)["PriceLists"]
    url = pricing.get_price_list_file_url(PriceListArn=found["PriceListArn"], FileFormat="csv")["Url"]
    rows = list(csv.DictReader(io.StringIO(fetched(url).decode().split("\n", 5)[5])))
    machines = [row for row in rows if row["Product Family"] == "Compute Instance"]

    assert len(rows[0]) > 85
    assert {row["Tenancy"] for row in machines} == {"Shared", "Dedicated"}
    assert {"NA", "SQL Std", "SQL Ent", "SQL Web"} == {row["Pre Installed S/W"] for row in machines}
    assert {row["MarketOption"] for row in machines} == {"OnDemand", "CapacityBlock"}
    assert {row["CapacityStatus"] for row in machines} == {"Used", "AllocatedCapacityReservation"}
    unsourced = [row for row in rows if not row["sampleSource"]]
    assert unsourced
    assert {Decimal(row["PricePerUnit"]) for row in unsourced} == {Decimal(0)}


def test_a_missing_file_is_not_found(endpoint: Emulator) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404"):
        fetched(f"{endpoint.url}/offers/v1.0/aws/AmazonEC2/20200101000000/eu-central-1/index.csv")


def test_savings_plans_have_no_rate_because_no_source_has_one(endpoint: Emulator) -> None:
    plans = boto3.client("savingsplans")

    assert plans.describe_savings_plans()["savingsPlans"] == []
    assert plans.describe_savings_plans_offerings()["searchResults"] == []
    assert plans.describe_savings_plans_offering_rates(savingsPlanTypes=["Compute"])["searchResults"] == []
    assert refusal(plans.create_savings_plan, savingsPlanOfferingId="one", commitment="1.0") == "UnknownOperationException"


def test_spot_prices_are_those_of_the_book_by_zone(endpoint: Emulator) -> None:
    client = boto3.client("ec2", region_name=EUROPE)

    def history(**asked: Any) -> dict[str, str]:
        pages = client.get_paginator("describe_spot_price_history").paginate(**asked)
        return {one["AvailabilityZone"]: one["SpotPrice"] for page in pages for one in page["SpotPriceHistory"]}

    whole = history(InstanceTypes=["m5.xlarge"], ProductDescriptions=["Linux/UNIX"], StartTime=NOW - timedelta(days=14), EndTime=NOW)
    zone = [{"Name": "availability-zone", "Values": ["eu-central-1b"]}]

    assert whole == {"eu-central-1a": "0.061800", "eu-central-1b": "0.067600", "eu-central-1c": "0.063800"}
    assert history(InstanceTypes=["m5.xlarge"], Filters=zone, ProductDescriptions=["Linux/UNIX (Amazon VPC)"]) == {
        "eu-central-1b": "0.067600"
    }
    assert history(InstanceTypes=["m5.xlarge"], EndTime=datetime(2020, 1, 1, tzinfo=UTC)) == {}
    assert history(InstanceTypes=["m5.xlarge"], ProductDescriptions=["Windows"]) == {}
    assert history(InstanceTypes=["x1.32xlarge"]) == {}  # moto has one made-up price for everything
    assert len(client.describe_spot_price_history(MaxResults=5)["SpotPriceHistory"]) == 5


def test_reservations_are_sold_at_the_prices_of_the_book(clean_emulator: Emulator) -> None:
    client = boto3.client("ec2", region_name=EUROPE)
    wanted = offering_id(EUROPE, "m5.xlarge", lease="3yr", payment="All Upfront")
    (offer,) = client.describe_reserved_instances_offerings(ReservedInstancesOfferingIds=[wanted])["ReservedInstancesOfferings"]

    bought = client.purchase_reserved_instances_offering(ReservedInstancesOfferingId=wanted, InstanceCount=2)["ReservedInstancesId"]
    (held,) = client.describe_reserved_instances(Filters=[{"Name": "state", "Values": ["active"]}])["ReservedInstances"]

    assert (offer["FixedPrice"], offer["OfferingClass"], offer["ProductDescription"]) == (2273.0, "standard", "Linux/UNIX")
    assert (held["ReservedInstancesId"], held["InstanceCount"], held["InstanceType"]) == (bought, 2, "m5.xlarge")
    assert held["End"] - held["Start"] == timedelta(days=1095)
    assert boto3.client("ec2", region_name=OREGON).describe_reserved_instances()["ReservedInstances"] == []
    assert refusal(client.purchase_reserved_instances_offering, ReservedInstancesOfferingId="none", InstanceCount=1) == (
        "InvalidReservedInstancesOfferingId"
    )
    clean_emulator.reset()
    assert client.describe_reserved_instances()["ReservedInstances"] == []

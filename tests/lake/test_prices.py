"""Offer files to parts of prices: the traps of AWS's layout, exact money, whole or not at all; CSV, JSON and GetProducts say the same.

Queries: exact_money, price_rows, savings_plan_rates, price_part_counts.
"""

import errno
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cloudmigrate.errors.sources import BrokenOfferError
from cloudmigrate.errors.stores import LakeError
from cloudmigrate.lake.lake import Lake
from cloudmigrate.lake.prices import Offer, OfferForm, PricePart, write_offer, write_products
from cloudmigrate.lake.views import Selection, Views
from tests.price_samples import VERSION, Product, Rate, as_csv, as_item, as_json, instance, offer, reserved

NOW = datetime(2026, 11, 28, tzinfo=UTC)
FORMS = (OfferForm.CSV, OfferForm.JSON)


def load(folder: Path, text: str, chosen: Offer, form: OfferForm = OfferForm.CSV, part: str = "p1") -> PricePart:
    path = folder / f"index.{form}"
    path.write_text(text, encoding="utf-8")
    return write_offer(Lake.open(folder / "lake"), path, form, chosen, part=part, now=NOW, memory_limit="200MB", threads=1)


def rows_of(folder: Path, *parts: PricePart) -> list[dict[str, Any]]:
    with Views(Lake.open(folder / "lake"), Selection("s1", {"prices": tuple(one.path for one in parts)})) as views:
        return sorted(views.rows("prices"), key=lambda row: row["rate_code"])


def rows_in(
    folder: Path, products: Sequence[Product], chosen: Offer | None = None, form: OfferForm = OfferForm.CSV
) -> list[dict[str, Any]]:
    chosen = chosen or offer()
    text = as_csv(products, service=chosen.service) if form is OfferForm.CSV else as_json(products, chosen.service)
    return rows_of(folder, load(folder, text, chosen, form))


def test_a_row_of_an_offer_file(tmp_path: Path) -> None:
    [row] = rows_in(tmp_path, [instance("SKU1")])
    told = {name: value for name, value in row.items() if value is not None}
    assert told == {
        "price_version": f"AmazonEC2/{VERSION}/eu-central-1",
        "service": "AmazonEC2",
        "region": "eu-central-1",
        "sku": "SKU1",
        "rate_code": "SKU1.JRTCKXETXF.6YS6EN2CT7",
        "product_family": "Compute Instance",
        "usage_type": "BoxUsage:m5.large",
        "operation": "RunInstances",
        "term": "on_demand",
        "unit": "Hrs",
        "currency": "USD",
        "price": Decimal("0.0960000000"),
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
        "effective_at": datetime(2026, 11, 1, tzinfo=UTC),
    }


def everything() -> list[Product]:
    """Products with all that an offer of AWS can hold."""
    term = reserved("0.0300000000", "262.0000000000", option="Partial Upfront", code="HU7G6KETJZ")
    mixed = instance("SKU2", "0.0960000000")
    tiers = (
        Rate("0.0900000000", unit="GB", begin="0", end="10240", code="PGHJ3S3EYE"),
        Rate("0.0850000000", unit="GB", begin="10240", end="Inf", code="CDG8QKCQ8D"),
    )
    transfer = {"productFamily": "Data Transfer", "transferType": "AWS Outbound", "toLocation": "External"}
    hostile = {
        "groupDescription": "=cmd|' /C calc'!A0",
        "group": '\'; drop table offer; --\n"x", {{7*7}} <script>',
        "operation": "ünï\u2028x",
    }
    return [
        instance("SKU1"),
        Product("SKU2", (*mixed.rates, *term), mixed.attributes),
        Product("SKU3", tiers, {**transfer, "usagetype": "EUC1-DataTransfer-Out-Bytes", "regionCode": "eu-central-1"}),
        instance("SKU4", **hostile),
        instance("SKU5", "2.0E-7", capacitystatus="AllocatedCapacityReservation"),
    ]


def test_csv_and_json_of_one_offer_give_the_same_rows(tmp_path: Path) -> None:
    (tmp_path / "csv").mkdir()
    (tmp_path / "json").mkdir()
    from_csv = rows_in(tmp_path / "csv", everything())
    from_json = rows_in(tmp_path / "json", everything(), form=OfferForm.JSON)
    assert from_csv == from_json
    assert len(from_csv) == 8


def test_items_of_get_products_give_the_same_rows_too(tmp_path: Path) -> None:
    """PriceList items are JSON strings: whoever asks has parsed them."""
    (tmp_path / "csv").mkdir()
    items = [json.loads(as_item(one)) for one in everything()]
    got = write_products(Lake.open(tmp_path / "lake"), items, offer(origin="get_products"), (), part="p1", now=NOW)
    expected = [{**row, "origin": "get_products"} for row in rows_in(tmp_path / "csv", everything())]
    assert rows_of(tmp_path, got) == expected


def test_a_correction_of_one_product_makes_a_new_part_and_leaves_the_old_one(tmp_path: Path) -> None:
    old = load(tmp_path, as_csv([instance("SKU1"), instance("SKU2", "0.1")]), offer())
    item = json.loads(as_item(instance("SKU1", "0.0950000000")))
    new = write_products(Lake.open(tmp_path / "lake"), [item], offer(origin="get_products"), (old.path,), part="p2", now=NOW)
    assert new.series == old.series
    assert [(row["sku"], row["price"], row["origin"]) for row in rows_of(tmp_path, new)] == [
        ("SKU1", Decimal("0.095"), "get_products"),
        ("SKU2", Decimal("0.1"), "price_list"),
    ]
    assert [row["price"] for row in rows_of(tmp_path, old)] == [Decimal("0.096"), Decimal("0.1")]


@pytest.mark.parametrize("form", FORMS)
def test_tiers_keep_their_ranges_and_inf_is_no_end(tmp_path: Path, form: OfferForm) -> None:
    rows = rows_in(tmp_path, everything()[2:3], form=form)
    ranges = {(row["begin_range"], row["end_range"], row["price"], row["unit"]) for row in rows}
    assert ranges == {(0.0, 10240.0, Decimal("0.09"), "GB"), (10240.0, None, Decimal("0.085"), "GB")}
    assert {row["to_region"] for row in rows} == {"External"}


@pytest.mark.parametrize("form", FORMS)
def test_an_upfront_fee_is_a_fee_and_no_price_of_an_hour(tmp_path: Path, form: OfferForm) -> None:
    rows = [row for row in rows_in(tmp_path, everything()[1:2], form=form) if row["term"] == "reserved"]
    assert {(row["unit"], row["price"], row["upfront"]) for row in rows} == {
        ("Hrs", Decimal("0.03"), Decimal(0)),
        ("Quantity", Decimal(0), Decimal(262)),
    }
    assert {(row["lease_years"], row["purchase_option"], row["offering_class"]) for row in rows} == {(1, "partial_upfront", "standard")}


def test_capacity_blocks_and_other_market_options_stay_apart_from_on_demand(tmp_path: Path) -> None:
    rows = rows_in(tmp_path, [instance("A"), instance("B", "98.0", marketoption="CapacityBlock")])
    assert {(row["sku"], row["market_option"]) for row in rows} == {("A", "OnDemand"), ("B", "CapacityBlock")}


def test_zero_dollar_reservation_rows_stay_apart_from_used_instances(tmp_path: Path) -> None:
    free = instance("B", "0.0000000000", capacitystatus="AllocatedCapacityReservation", usagetype="EUC1-Reservation:m5.large")
    rows = rows_in(tmp_path, [instance("A"), free])
    assert {(row["capacity_status"], row["price"]) for row in rows} == {
        ("Used", Decimal("0.096")),
        ("AllocatedCapacityReservation", Decimal(0)),
    }


def test_software_and_licences_stay_apart(tmp_path: Path) -> None:
    sql = instance("B", "0.5", preInstalledSw="SQL Std", operation="RunInstances:0004")
    own = instance("C", "0.09", operatingSystem="Windows", licenseModel="Bring your own license")
    rows = rows_in(tmp_path, [instance("A"), sql, own])
    assert [(row["preinstalled_sw"], row["license_model"]) for row in rows] == [
        ("NA", "No License required"),
        ("SQL Std", "No License required"),
        ("NA", "Bring your own license"),
    ]


@pytest.mark.parametrize(
    ("region", "prefix", "usage_type", "stripped"),
    [
        ("eu-central-1", "^(EUC1)-", "EUC1-BoxUsage:m5.large", "BoxUsage:m5.large"),
        ("us-west-2", "^(USW2)-", "USW2-EBS:VolumeUsage.gp3", "EBS:VolumeUsage.gp3"),
        ("us-east-1", "^(USE1)-", "BoxUsage:m5.large", "BoxUsage:m5.large"),
        ("us-east-1", "^(USE1)-", "USE1-Fargate-vCPU-Hours:perCPU", "Fargate-vCPU-Hours:perCPU"),
        ("eu-west-1", "^(EU|EUW1)-", "EU-NatGateway-Hours", "NatGateway-Hours"),
        ("ap-northeast-1", "^(APN1)-", "APN1-RDS:GP3-Storage", "RDS:GP3-Storage"),
        ("us-gov-west-1", "^(UGW1)-", "UGW1-BoxUsage:m5.large", "BoxUsage:m5.large"),
        ("eu-central-1", "^(EUC1)-", "EUC1-USW2-AWS-Out-Bytes", "USW2-AWS-Out-Bytes"),
        ("eu-central-1", "^(EUC1)-", "TimedStorage-ByteHrs", "TimedStorage-ByteHrs"),
    ],
)
def test_usage_types_lose_the_prefix_of_their_own_region(tmp_path: Path, region: str, prefix: str, usage_type: str, stripped: str) -> None:
    [row] = rows_in(tmp_path, [instance("A", usagetype=usage_type, regionCode=region)], offer(region=region, prefix=prefix))
    assert row["usage_type"] == stripped


def test_a_local_zone_is_a_region_of_its_own(tmp_path: Path) -> None:
    """Else the same type would have two prices in one region."""
    zone = instance("B", "0.11", regionCode="eu-central-1-ham-1", usagetype="HAM1-BoxUsage:m5.large", location="Germany (Hamburg)")
    rows = rows_in(tmp_path, [instance("A"), zone])
    assert [(row["region"], row["usage_type"]) for row in rows] == [
        ("eu-central-1", "BoxUsage:m5.large"),
        ("eu-central-1-ham-1", "BoxUsage:m5.large"),
    ]


@pytest.mark.parametrize("form", FORMS)
def test_money_is_exact_to_the_tenth_place(tmp_path: Path, form: OfferForm) -> None:
    """No float can hold these: 0.1 + 0.2, thirty digits, an exponent."""
    texts = ("0.1000000000", "0.2000000000", "1234567890123456789012345678.0123456789", "2.0E-7")
    rows = rows_in(tmp_path, [instance(f"S{number}", text) for number, text in enumerate(texts)], form=form)
    assert [row["price"] for row in rows] == [Decimal(text) for text in texts]
    assert rows[0]["price"] + rows[1]["price"] == Decimal("0.3")


@pytest.mark.parametrize(
    "text", ["0.00000000001", "1E-12", "1e-400", "", "free", "NaN", "Infinity", "1e400", "-", "-0.01", "1,5", "1" + "0" * 29]
)
def test_a_price_that_cannot_be_taken_exactly_is_left_out_and_counted(tmp_path: Path, text: str) -> None:
    got = load(tmp_path, as_csv([instance("A"), instance("B", text)]), offer())
    assert (got.rows, got.refused, got.example) == (1, 1, "B.JRTCKXETXF.6YS6EN2CT7")
    assert [row["sku"] for row in rows_of(tmp_path, got)] == ["A"]


@pytest.mark.parametrize(
    "change", [{"begin": "a few"}, {"begin": "Inf"}, {"end": "lots"}, {"end": "NaN"}, {"begin": "-1"}, {"currency": ""}]
)
def test_a_rate_with_a_range_or_currency_that_is_none_is_left_out(tmp_path: Path, change: dict[str, str]) -> None:
    odd = Product("B", (Rate("0.1", **change),), instance("B").attributes)  # type: ignore[arg-type]
    got = load(tmp_path, as_csv([instance("A"), odd]), offer())
    assert (got.rows, got.refused) == (1, 1)


@pytest.mark.parametrize("form", FORMS)
def test_other_currencies_are_carried(tmp_path: Path, form: OfferForm) -> None:
    product = Product("A", (Rate("0.7840000000", currency="CNY"),), {**instance("A").attributes, "regionCode": "cn-north-1"})
    chosen = offer(region="cn-north-1", prefix="^(CNN1)-", currency="CNY")
    [row] = rows_in(tmp_path, [product], chosen, form)
    assert (row["currency"], row["price"]) == ("CNY", Decimal("0.784"))


@pytest.mark.parametrize("form", FORMS)
def test_hostile_text_is_text_only(tmp_path: Path, form: OfferForm) -> None:
    [row] = rows_in(tmp_path, everything()[3:4], form=form)
    assert row["group_name"] == '\'; drop table offer; --\n"x", {{7*7}} <script>'
    assert row["operation"] == "ünï\u2028x"


@pytest.mark.parametrize(
    ("usage_type", "volume_type", "api_name", "expected"),
    [
        ("EUC1-EBS:VolumeUsage.gp3", "General Purpose", "gp3", "gp3"),
        ("CAN1-EBS:VolumeUsage.piops", "Provisioned IOPS", "", "io1"),
        ("EUC1-EBS:VolumeUsage.gp2", "General Purpose", "", "gp2"),
        ("EUC1-EBS:VolumeUsage", "Magnetic", "", "standard"),
        ("EUC1-RDS:GP3-Storage", "General Purpose-GP3", "", "gp3"),
        ("EUC1-RDS:Multi-AZ-GP2-Storage", "General Purpose", "", "gp2"),
        ("EUC1-Aurora:StorageUsage", "General Purpose-Aurora", "", "General Purpose-Aurora"),
    ],
)
def test_volume_types_have_the_names_of_the_api(tmp_path: Path, usage_type: str, volume_type: str, api_name: str, expected: str) -> None:
    volume = {"productFamily": "Storage", "usagetype": usage_type, "volumeType": volume_type, "volumeApiName": api_name}
    [row] = rows_in(tmp_path, [Product("A", (Rate("0.1", unit="GB-Mo"),), volume)])
    assert row["volume_type"] == expected


def test_storage_classes_of_s3_are_what_its_list_calls_volume_types(tmp_path: Path) -> None:
    attributes = {"productFamily": "Storage", "volumeType": "Standard - Infrequent Access", "storageClass": "Infrequent Access"}
    [row] = rows_in(tmp_path, [Product("A", (Rate("0.0135", unit="GB-Mo"),), attributes)], offer("AmazonS3"))
    assert (row["storage_class"], row["volume_type"]) == ("Standard - Infrequent Access", None)


def test_columns_that_a_service_does_not_have_are_null(tmp_path: Path) -> None:
    got = load(tmp_path, as_csv([instance("A")], without=("Instance Type", "Tenancy", "Region Code", "MarketOption")), offer())
    [row] = rows_of(tmp_path, got)
    assert (row["instance_type"], row["tenancy"], row["market_option"], row["region"]) == (None, None, None, "eu-central-1")


def test_only_the_product_families_that_are_asked_for_are_kept(tmp_path: Path) -> None:
    products = [instance("A"), instance("B", productFamily="Elastic Graphics")]
    assert [row["sku"] for row in rows_in(tmp_path, products, offer(families=("Compute Instance",)))] == ["A"]


def test_dated_samples_say_so(tmp_path: Path) -> None:
    """A price book of samples has two more columns, as no price list of AWS has."""
    head, table = as_csv([instance("A")]).split('"SKU"', 1)
    lines = ('"SKU"' + table).splitlines()
    text = head + lines[0] + ',"Sample Source","Sampled On"\n' + lines[1] + ',"a catalogue","2026-10-01"\n'
    [row] = rows_of(tmp_path, load(tmp_path, text, offer()))
    assert (row["origin"], row["sample_source"], str(row["sampled_on"])) == ("sample", "a catalogue", "2026-10-01")


SAVINGS_HEADS = (
    "SKU,RateCode,Unit,EffectiveDate,DiscountedRate,Currency,DiscountedSKU,DiscountedServiceCode,DiscountedUsageType,DiscountedOperation,"
    "PurchaseOption,LeaseContractLength,LeaseContractLengthUnit,ServiceCode,usageType,Operation,Product Family,DiscountedRegionCode,"
    "DiscountedInstanceType"
)
SAVINGS_LINES = tuple(
    line.strip()
    for line in """
PLAN1,PLAN1.SKU1,Hrs,2026-11-01,0.0690000000,USD,SKU1,AmazonEC2,EUC1-BoxUsage:m5.large,RunInstances,No Upfront,1,year,\
ComputeSavingsPlans,ComputeSP:1yrNoUpfront,,ComputeSavingsPlans,eu-central-1,m5.large
PLAN2,PLAN2.SKU1,Hrs,2026-11-01,0.0400000000,USD,SKU1,AmazonEC2,EUC1-BoxUsage:m5.large,RunInstances,All Upfront,3,year,\
ComputeSavingsPlans,EUC1-EC2SP:m5.3yrAllUpfront,,EC2InstanceSavingsPlans,eu-central-1,m5.large
PLAN1,PLAN1.SKU9,GB-Second,2026-11-01,0.0000138000,USD,SKU9,AWSLambda,EUC1-Lambda-GB-Second,,No Upfront,1,year,\
ComputeSavingsPlans,ComputeSP:1yrNoUpfront,,ComputeSavingsPlans,eu-central-1,
""".strip().splitlines()
)


def savings_json() -> str:
    """The same three rates as AWS states them in JSON: products and plans are lists, and rates lie within plans."""
    names = ("discountedSku", "discountedServiceCode", "discountedUsageType", "discountedOperation")
    products, plans = {}, {}
    for line in SAVINGS_LINES:
        cells = dict(zip(SAVINGS_HEADS.split(","), line.split(","), strict=True))
        attributes = {"purchaseOption": cells["PurchaseOption"]}
        products[cells["SKU"]] = {
            "sku": cells["SKU"],
            "productFamily": cells["Product Family"],
            "usageType": cells["usageType"],
            "attributes": attributes,
        }
        rate = {name: cells[f"D{name[1:]}".replace("Sku", "SKU")] for name in names}
        rate |= {"rateCode": cells["RateCode"], "unit": cells["Unit"], "discountedRegionCode": cells["DiscountedRegionCode"]}
        rate |= {"discountedRate": {"price": cells["DiscountedRate"], "currency": "USD"}}
        rate |= {"discountedInstanceType": cells["DiscountedInstanceType"]}
        plan = plans.setdefault(cells["SKU"], {"rates": [], "sku": cells["SKU"], "effectiveDate": "2026-11-01T00:00:00Z"})
        plan["leaseContractLength"] = {"duration": int(cells["LeaseContractLength"]), "unit": "year"}
        plan["rates"].append(rate)
    head = {"version": VERSION, "publicationDate": "2026-11-20T22:12:46Z", "regionCode": "eu-central-1"}
    return json.dumps({**head, "products": list(products.values()), "terms": {"savingsPlan": list(plans.values())}})


@pytest.mark.parametrize("form", FORMS)
def test_rates_of_savings_plans_are_keyed_by_what_they_discount(tmp_path: Path, form: OfferForm) -> None:
    """Their files have a layout of their own, in both forms."""
    metadata = 'FormatVersion,v1.0\nDisclaimer,"x, y"\nPublication Date,2026-11-20T22:12:46Z\nVersion,1\nOfferCode,AWSComputeSavingsPlan\n'
    text = metadata + SAVINGS_HEADS + "\n" + "\n".join(SAVINGS_LINES) + "\n" if form is OfferForm.CSV else savings_json()
    rows = rows_of(tmp_path, load(tmp_path, text, offer("ComputeSavingsPlans", is_savings_plan=True), form))
    names = ("sku", "service", "usage_type", "instance_type", "term", "lease_years", "purchase_option", "offering_class", "price", "unit")
    box, function = ("AmazonEC2", "BoxUsage:m5.large", "m5.large"), ("AWSLambda", "Lambda-GB-Second", None)
    assert [tuple(row[name] for name in names) for row in rows] == [
        ("SKU1", *box, "savings_plan", 1, "no_upfront", "compute", Decimal("0.069"), "Hrs"),
        ("SKU9", *function, "savings_plan", 1, "no_upfront", "compute", Decimal("0.0000138"), "GB-Second"),
        ("SKU1", *box, "savings_plan", 3, "all_upfront", "ec2_instance", Decimal("0.04"), "Hrs"),
    ]
    assert {row["price_version"] for row in rows} == {f"ComputeSavingsPlans/{VERSION}/eu-central-1"}


@pytest.mark.parametrize(
    ("form", "text"),
    [
        pytest.param(OfferForm.CSV, "<html>not here</html>\n" * 100, id="a-page"),
        pytest.param(OfferForm.CSV, "", id="nothing"),
        pytest.param(OfferForm.CSV, '"FormatVersion\n' * 100, id="one-quote-without-end"),
        pytest.param(OfferForm.CSV, '"SKU","Price"\n"a","1"\n', id="columns-of-something-else"),
        pytest.param(OfferForm.CSV, as_csv([instance("A")]) + '"B","only two"\n', id="a-line-cut-off"),
        pytest.param(OfferForm.CSV, as_csv([instance("A")]) + '"B","x', id="a-quote-cut-off"),
        pytest.param(OfferForm.JSON, as_json([instance("A")])[:-20], id="json-cut-off"),
        pytest.param(OfferForm.JSON, "[1, 2]", id="json-of-another-kind"),
        pytest.param(OfferForm.JSON, '{"products": {"A": [1]}, "terms": {}}', id="json-with-odd-products"),
        pytest.param(OfferForm.JSON, '{"products": {"A": ' + "[" * 100_000, id="json-without-bottom"),
    ],
)
def test_a_file_that_is_no_offer_or_broken_leaves_nothing_behind(tmp_path: Path, form: OfferForm, text: str) -> None:
    with pytest.raises(BrokenOfferError) as told:
        load(tmp_path, text, offer(), form)
    assert "Next: " in str(told.value)
    assert not list(tmp_path.glob("lake/**/*.parquet"))


@pytest.mark.parametrize(
    "tail",
    [
        pytest.param(b'"AKIAIOSFODNN7EXAMPLE","x\xff"\n', id="no-utf-8"),
        pytest.param(b'"AKIAIOSFODNN7EXAMPLE","only two"\n', id="too-short"),
        pytest.param(b'"AKIAIOSFODNN7EXAMPLE\n\nInvalid unicode: AKIAIOSFODNN7EXAMPLE', id="words-of-duckdb"),
        pytest.param(b'"AKIAIOSFODNN7EXAMPLE' + b"x" * 10_000_000 + b'"\n', id="ten-megabytes"),
    ],
)
def test_what_is_told_of_a_broken_line_does_not_quote_it(tmp_path: Path, tail: bytes) -> None:
    path = tmp_path / "offer.csv"
    path.write_bytes(as_csv([instance("A")]).encode() + tail)
    with pytest.raises(BrokenOfferError) as told:
        write_offer(Lake.open(tmp_path / "lake"), path, OfferForm.CSV, offer(), part="p1", now=NOW)
    assert "CSV Error on Line" in str(told.value)
    assert "AKIA" not in str(told.value)
    assert told.value.__cause__ is None


def test_a_full_disk_is_no_fault_of_the_offer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("cloudmigrate.lake.price_json._Texts.add", full)
    with pytest.raises(LakeError, match=r"No space left on device. Next: free space in"):
        load(tmp_path, as_json([instance("A")]), offer(), OfferForm.JSON)


def test_one_line_without_end_is_not_read_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cloudmigrate.lake.price_text.HEAD_CHARACTERS", 1_000)
    with pytest.raises(BrokenOfferError, match="no line of the first 50 begins with SKU"):
        load(tmp_path, "x" * 100_000 + "\n" + as_csv([instance("A")]), offer())


def test_the_fragment_of_get_products_that_aws_publishes(tmp_path: Path, third_party_data: Path) -> None:
    """The one item in botocore's examples: io1 storage in Canada at 0.138 USD a GB-month, of 2017."""
    path = third_party_data / "prices" / "pricing-examples-1.json"
    if not path.is_file():
        pytest.skip(f"there is no {path}")
    output = json.loads(path.read_text())["examples"]["GetProducts"][0]["output"]
    items = [json.loads(one) for one in output["PriceList"]]
    got = write_products(Lake.open(tmp_path / "lake"), items, offer(region="ca-central-1", prefix="^(CAN1)-"), (), part="p1", now=NOW)
    [row] = rows_of(tmp_path, got)
    found = {name: row[name] for name in ("sku", "usage_type", "volume_type", "unit", "price", "currency", "begin_range", "end_range")}
    assert found == {
        "sku": "WQGC34PB2AWS8R4U",
        "usage_type": "EBS:VolumeUsage.piops",
        "volume_type": "io1",
        "unit": "GB-Mo",
        "price": Decimal("0.138"),
        "currency": "USD",
        "begin_range": 0.0,
        "end_range": None,
    }
    assert row["effective_at"] == datetime(2017, 8, 1, tzinfo=UTC)

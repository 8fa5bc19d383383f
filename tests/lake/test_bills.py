"""Bills out of exports: bill_sums over FOCUS and CUR in CSV and Parquet, and over the official FOCUS sample."""

import os
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest

from cloudmigrate.domain.money import total
from cloudmigrate.errors.inputs import BillFileError
from cloudmigrate.lake.bills import read_bill

FOCUS = """ProviderName,SubAccountId,ServiceName,ChargeCategory,ChargePeriodStart,\
ChargePeriodEnd,BillingPeriodStart,BilledCost,BillingCurrency
AWS,111,Amazon Simple Storage Service,Usage,2026-10-01 00:00:00,2026-10-01 01:00:00,2026-10-01,0.00000000125,USD
AWS,111,Amazon Simple Storage Service,Usage,2026-10-09 23:00:00,2026-10-10 00:00:00,2026-10-01,1.5E-3,USD
AWS,111,Amazon Simple Storage Service,Tax,2026-10-01 00:00:00,2026-11-01 00:00:00,2026-10-01,0.19,USD
Microsoft,111,Virtual Machines,Usage,2026-10-01 00:00:00,2026-10-01 01:00:00,2026-10-01,99,USD
"""
CUR = """bill/BillingPeriodStartDate,lineItem/UsageAccountId,lineItem/LineItemType,lineItem/UsageStartDate,lineItem/UsageEndDate,\
lineItem/ProductCode,lineItem/UnblendedCost,lineItem/CurrencyCode
2026-10-01T00:00:00Z,111,Usage,2026-10-01T00:00:00Z,2026-10-01T01:00:00Z,AmazonEC2,0.10,USD
2026-10-01T00:00:00Z,111,RIFee,2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,AmazonEC2,36.5,USD
2026-10-01T00:00:00Z,111,DiscountedUsage,2026-10-01T00:00:00Z,2026-10-01T01:00:00Z,AmazonEC2,0,USD
"""


def written(folder: Path, text: str, name: str = "bill.csv") -> str:
    (folder / name).write_text(text)
    return str(folder / name)


def test_focus_is_summed_by_service_and_category(tmp_path: Path) -> None:
    """0.00000000125 + 0.0015; the tax line makes October whole; another provider's lines are left aside."""
    tax, usage = sorted(read_bill(written(tmp_path, FOCUS)), key=lambda one: one.category)
    assert (usage.service, usage.amount, usage.source) == ("Amazon Simple Storage Service", Decimal("0.0015000013"), "focus")
    assert (tax.category, tax.amount) == ("Tax", Decimal("0.19"))
    assert (usage.covered_from, usage.covered_to) == (date(2026, 10, 1), date(2026, 11, 1))


def test_an_export_of_some_days_covers_these(tmp_path: Path) -> None:
    some = "\n".join(line for line in FOCUS.splitlines() if ",Tax," not in line)
    (usage,) = read_bill(written(tmp_path, some))
    assert (usage.covered_from, usage.covered_to) == (date(2026, 10, 1), date(2026, 10, 10))


@pytest.mark.parametrize("form", ["slashes", "snakes", "parquet"])
def test_every_form_of_the_usage_report_is_read(form: str, tmp_path: Path) -> None:
    text = CUR
    if form != "slashes":
        head, _, rows = CUR.partition("\n")
        names = {
            "bill/BillingPeriodStartDate": "bill_billing_period_start_date",
            "lineItem/UsageAccountId": "line_item_usage_account_id",
            "lineItem/LineItemType": "line_item_line_item_type",
            "lineItem/UsageStartDate": "line_item_usage_start_date",
            "lineItem/UsageEndDate": "line_item_usage_end_date",
            "lineItem/ProductCode": "line_item_product_code",
            "lineItem/UnblendedCost": "line_item_unblended_cost",
            "lineItem/CurrencyCode": "line_item_currency_code",
        }
        text = ",".join(names[one] for one in head.split(",")) + "\n" + rows
    place = written(tmp_path, text)
    if form == "parquet":
        table = pa.csv.read_csv(place)
        place = str(tmp_path / "bill.parquet")
        pa.parquet.write_table(table, place)
    found = {(one.category, one.source): one.amount for one in read_bill(place) if one.amount}
    assert found == {("Usage", "cur"): Decimal("0.10"), ("Purchase", "cur"): Decimal("36.5")}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("a,b\n1,2\n", "it lacks the columns", id="no-export"),
        pytest.param(FOCUS.replace("1.5E-3", "much"), "1 charges of Amazon Simple Storage Service", id="broken-amount"),
        pytest.param(FOCUS.replace("1.5E-3", "=1+1"), "1 charges of Amazon Simple Storage Service", id="a-formula"),
        pytest.param(FOCUS.replace("1.5E-3", "1e308"), "1 charges of Amazon Simple Storage Service", id="more-than-money"),
        pytest.param(FOCUS.replace("1.5E-3", "NaN"), "1 charges of Amazon Simple Storage Service", id="no-number"),
        pytest.param(FOCUS.replace("2026-10-01 01:00:00", "infinity"), "2 charges|1 charges", id="for-ever"),
        pytest.param(FOCUS.replace("2026-10-09 23:00:00", "4000-01-01 (BC)"), "1 charges", id="before-all-calendars"),
        pytest.param(FOCUS.replace("2026-10-10 00:00:00", "290000-01-01"), "1 charges", id="after-all-calendars"),
        pytest.param(FOCUS.splitlines()[0], "it has no charge of AWS", id="no-charge"),
        pytest.param("", "it lacks the columns", id="nothing"),
        pytest.param(FOCUS + "AKIAIOSFODNN7EXAMPLE," + "x" * 3_000_000, "CSV Error on Line", id="a-line-of-megabytes"),
        pytest.param(FOCUS.replace("BilledCost", "EffectiveCost"), "as focus it lacks the columns BilledCost", id="no-billed-cost"),
    ],
)
def test_what_is_no_bill_is_refused(text: str, problem: str, tmp_path: Path) -> None:
    with pytest.raises(BillFileError, match=problem) as told:
        read_bill(written(tmp_path, text))
    assert "AKIA" not in str(told.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BillFileError, match=r"nowhere\.csv"):
        read_bill(str(tmp_path / "nowhere.csv"))


@pytest.mark.parametrize("place", ["folder", "pipe", "loop", "http://evil.example/x.csv", "hf://a/b.csv"])
def test_what_is_no_file_is_told_at_once(place: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(BillFileError, match=r"it is no file|there is no such file|neither in a folder nor in S3"):
        read_bill(place if "://" in place else str(tmp_path / place))


@pytest.mark.parametrize("name", ["a'); drop table charges; --.csv", "b*[x]?.csv", "=cmd().csv", "\u202egnp.csv"])
def test_hostile_names_of_files_columns_and_services_are_text(name: str, tmp_path: Path) -> None:
    head, first, *_ = FOCUS.splitlines()
    wicked = "'; attach '/etc/passwd' as p; --"
    row = first.replace("Amazon Simple Storage Service", wicked).replace("0.00000000125", "0.5")
    text = f'\ufeff{head},"x"" from read_text(\'/etc/passwd\') --"\r\n{row},1\r\n'
    (tmp_path / "bill.csv").write_bytes(text.encode())
    (tmp_path / name).symlink_to(tmp_path / "bill.csv")
    [line] = read_bill(str(tmp_path / name))
    assert (line.service, line.amount) == (wicked, Decimal("0.5"))


def test_a_parquet_of_wrong_types_is_refused(tmp_path: Path) -> None:
    [head, *_] = FOCUS.splitlines()
    table = pa.table({name: [[1, 2]] if name == "BilledCost" else [{"a": 1}] for name in head.split(",")})
    pa.parquet.write_table(table.set_column(0, "ProviderName", [["AWS"]]), tmp_path / "bill.parquet")
    with pytest.raises(BillFileError, match="1 charges of"):
        read_bill(str(tmp_path / "bill.parquet"))


def test_the_official_sample_comes_out_to_the_last_digit(third_party_data: Path) -> None:
    """The sums of BilledCost that Python's own csv and decimal modules give for the sample's AWS lines."""
    lines = read_bill(str(third_party_data / "billing" / "focus_sample.csv"))
    sums = {name: total(one.amount for one in lines if one.service == name) for name in {one.service for one in lines}}
    assert len(sums) == 24
    assert {name: sums[name] for name in ("Amazon Elastic Compute Cloud", "Amazon Relational Database Service", "AWS Lambda")} == {
        "Amazon Elastic Compute Cloud": Decimal("16.0416930505"),
        "Amazon Relational Database Service": Decimal("0.7532270852"),
        "AWS Lambda": Decimal("0.0089392163"),
    }
    assert {(one.covered_from.month, one.source) for one in lines} == {(9, "focus")}

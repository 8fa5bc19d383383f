"""The generator of bulk price lists: the layout of AWS's files, every trap, and figures that nobody could take for real."""

import csv
import json
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from tests.bench.price_files import write_csv, write_json

ROWS = 8_000


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    path = tmp_path_factory.mktemp("prices") / "index.csv"
    truth = write_csv(path, rows=ROWS)
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = list(csv.DictReader(lines[5:]))

    assert (truth.rows, truth.bytes) == (ROWS, path.stat().st_size)
    assert truth.by_term == Counter(row["TermType"] for row in rows)
    assert [line.split(",")[0].strip('"') for line in lines[:5]] == [
        "FormatVersion",
        "Disclaimer",
        "Publication Date",
        "Version",
        "OfferCode",
    ]
    assert "No figure in this file is real" in lines[1]
    return rows


def test_no_figure_can_be_taken_for_real(table: list[dict[str, str]]) -> None:
    prices = {Decimal(row["PricePerUnit"]) for row in table}

    assert min(prices - {Decimal(0)}) >= 1000
    assert all("GENERATED" in row["PriceDescription"] or row["PriceDescription"] == "Upfront Fee" for row in table)


def test_layout_and_traps(table: list[dict[str, str]]) -> None:
    machines = [row for row in table if row["Product Family"] == "Compute Instance"]

    assert len(table) == ROWS
    assert 85 <= len(table[0]) <= 95
    assert max(Counter(row["RateCode"] for row in table).values()) == 1
    assert {row["Pre Installed S/W"] for row in machines} == {"NA", "SQL Std", "SQL Web", "SQL Ent"}
    assert {row["Tenancy"] for row in machines} == {"Shared", "Dedicated", "Host"}
    assert {row["CapacityStatus"] for row in machines} == {"Used", "UnusedCapacityReservation", "AllocatedCapacityReservation"}
    assert {row["MarketOption"] for row in machines} == {"OnDemand", "CapacityBlock"}
    assert {row["Region Code"] for row in machines} == {"eu-central-1", "eu-central-1-waw-1"}
    assert {row["Unit"] for row in table if row["TermType"] == "Reserved"} == {"Hrs", "Quantity"}
    assert {row["PurchaseOption"] for row in table} == {"", "No Upfront", "Partial Upfront", "All Upfront"}
    assert {row["Volume API Name"] for row in table if row["Volume Type"]} == {"gp2", "gp3", "io1", "st1", ""}
    tiers = [(row["StartingRange"], row["EndingRange"]) for row in table if row["Transfer Type"]]
    assert tiers == [("0", "10240"), ("10240", "51200"), ("51200", "153600"), ("153600", "Inf")]


def test_both_forms_and_every_run_of_a_seed_tell_the_same(tmp_path: Path) -> None:
    first, again, other = (tmp_path / name for name in ("first.csv", "again.csv", "other.csv"))
    truth = write_csv(first, rows=1_000, seed=7)

    assert write_csv(again, rows=1_000, seed=7) == truth
    assert first.read_bytes() == again.read_bytes()
    write_csv(other, rows=1_000, seed=8)
    assert other.read_bytes() != first.read_bytes()
    told = write_json(tmp_path / "index.json", rows=1_000, seed=7)
    assert (told.rows, told.by_term, told.machines) == (truth.rows, truth.by_term, truth.machines)
    document = json.loads((tmp_path / "index.json").read_text(encoding="utf-8"))
    codes = {
        (code, rate["pricePerUnit"]["USD"])
        for products in document["terms"].values()
        for offers in products.values()
        for offer in offers.values()
        for code, rate in offer["priceDimensions"].items()
    }
    with first.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(list(file)[5:]))
    assert codes == {(row["RateCode"], row["PricePerUnit"]) for row in rows}
    machine = next(one["attributes"] for one in document["products"].values() if one["productFamily"] == "Compute Instance")
    assert {
        "instanceType",
        "operatingSystem",
        "preInstalledSw",
        "capacitystatus",
        "marketoption",
        "usagetype",
        "regionCode",
    } <= machine.keys()

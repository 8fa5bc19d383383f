"""Offer files of AWS's full layout, generated: CSV and JSON say the same, and each machine's price is found among all its rows."""

from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cloudmigrate.domain.prices import RULES, Tariff, tariff
from cloudmigrate.lake.lake import Lake
from cloudmigrate.lake.prices import OfferForm, write_offer
from cloudmigrate.lake.views import Selection, Views
from tests.bench.price_files import Truth, write_csv, write_json
from tests.price_samples import PUBLISHED_AT, offer

RATES = 6_000


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Truth, list[dict[str, Any]]]:
    """The lake's folder, what was generated, and the rows of its CSV."""
    folder = tmp_path_factory.mktemp("offers")
    truth = write_csv(folder / "index.csv", rows=RATES)
    write_json(folder / "index.json", rows=RATES)
    return folder, truth, read(folder, OfferForm.CSV)


def read(folder: Path, form: OfferForm) -> list[dict[str, Any]]:
    lake = Lake.open(folder / "lake")
    part = write_offer(lake, folder / f"index.{form}", form, offer(), part=str(form), now=PUBLISHED_AT, memory_limit="200MB", threads=2)
    assert part.refused == 0
    with Views(lake, Selection("s1", {"prices": (part.path,)})) as views:
        return sorted(views.rows("prices"), key=lambda row: row["rate_code"])


def test_every_rate_is_read_once(generated: tuple[Path, Truth, list[dict[str, Any]]]) -> None:
    _, truth, rows = generated
    counts: defaultdict[str, int] = defaultdict(int)
    for row in rows:
        counts[row["term"]] += 1
    assert (len(rows), len({row["rate_code"] for row in rows})) == (RATES, RATES)
    assert counts == {"on_demand": truth.by_term["OnDemand"], "reserved": truth.by_term["Reserved"]}


def test_json_gives_the_rows_of_csv(generated: tuple[Path, Truth, list[dict[str, Any]]]) -> None:
    folder, _, rows = generated
    assert read(folder, OfferForm.JSON) == rows


def test_each_machines_price_is_found_among_all_its_rows(generated: tuple[Path, Truth, list[dict[str, Any]]]) -> None:
    """Some 800 rows a type: other systems, software, tenancies, reserved and unused capacity, blocks, reservations."""
    _, truth, rows = generated
    by_type: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        by_type[row["instance_type"]].append(row)
    found = {name: tariff(by_type[name], RULES["ec2_instance"], "eu-central-1", instance_type=name) for name in truth.machines}
    assert len(found) > 3
    assert {name: one.price for name, one in found.items() if isinstance(one, Tariff)} == {
        name: Decimal(price) for name, price in truth.machines.items()
    }

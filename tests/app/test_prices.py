"""`cloudmigrate prices`: refreshed by the flow against a scripted endpoint, listed, and exact about what is missing."""

import json
from pathlib import Path

import pytest

from cloudmigrate.app.cli import exit_code
from cloudmigrate.app.output import Format
from cloudmigrate.app.price_commands import fix, held, summary
from cloudmigrate.domain.price_answers import PriceAnswer
from cloudmigrate.errors import UsageError
from cloudmigrate.simulate.emulator import environment_for
from tests.app.conftest import Cli, environment_of
from tests.priced_estate import ACCOUNT, REGION, price_endpoint

ESTATE = f'estate: acme\nlake: ./lake\nledger: sqlite:///ledger.db\naccounts: [{{id: "{ACCOUNT}", regions: [{REGION}]}}]\n'


def test_prices_are_refreshed_and_listed_with_their_gaps(tmp_path: Path, prefect_url: str) -> None:
    (tmp_path / "estate.yaml").write_text(ESTATE)
    with price_endpoint() as endpoint:
        assert endpoint.running is not None
        cli = Cli(tmp_path, environment_of(None, prefect_url) | environment_for(endpoint.running.url))
        only = ("--only", "AmazonEC2", "instance_types", "commitments")
        document = cli.json("prices", "refresh", *only, "--json", code=3)
        downloads = endpoint.downloads()
    assert document["gaps"] == 3, "reservations of EC2 and RDS are denied, so the account's are not whole"
    found = {(one["dataset"], one["service"]): one for one in document["prices"]}
    ec2 = found["prices", "AmazonEC2"]
    told = (ec2["status"], ec2["rows"], ec2["price_version"], ec2["published_at"])
    assert told == ("ok", 1, f"AmazonEC2/20261120000000/{REGION}", "2026-11-20 00:00:00+00:00")
    assert found["commitments", "ec2"]["missing_action"] == "ec2:DescribeReservedInstances"
    assert downloads == 1


def test_the_summary_has_a_line_for_each_dataset_and_one_for_gaps() -> None:
    held_list = PriceAnswer("prices", "AmazonEC2", ACCOUNT, REGION, rows=1, series="prices/AmazonEC2")
    other = PriceAnswer("prices", "AmazonRDS", ACCOUNT, REGION, rows=2, series="prices/AmazonRDS")
    assert summary([held_list, other, PriceAnswer("prices", "AmazonS3", ACCOUNT, REGION)], 1) == [
        "prices: 3 rows in 2 parts",
        "gaps: 1 question was not answered, or not wholly: see `cloudmigrate prices`",
    ]


def test_an_estate_without_prices_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "estate.yaml"
    path.write_text(ESTATE)
    assert held(estate=path, form=Format.JSON) == 0
    told = capsys.readouterr()
    assert json.loads(told.out) == []
    assert told.err == "no prices are held. Next: run `cloudmigrate prices refresh`.\n"


@pytest.mark.parametrize("where", [[], ["instanceType"], ["=m5.large"], ["instanceType="]])
def test_a_question_without_attributes_is_bad_usage(where: list[str]) -> None:
    with pytest.raises(UsageError) as told:
        fix("AmazonEC2", REGION, where=where)
    assert exit_code(told.value) == 2

"""The demo's estate file is valid and names the accounts that the demo has."""

from datetime import timedelta

import pytest
import yaml

from cloudmigrate.domain.estate import Estate
from cloudmigrate.simulate.demo import demo_estate_yaml
from cloudmigrate.simulate.estate import PLACES


def test_it_names_every_place_of_the_tables() -> None:
    estate = Estate.model_validate(yaml.safe_load(demo_estate_yaml()))
    assert {(account.id, region) for account in estate.accounts for region in account.regions} == {
        (place.account_id, place.region) for place in PLACES
    }


@pytest.mark.parametrize(
    ("root", "lake", "ledger"),
    [
        (".", "./lake", "sqlite:///./ledger.db"),
        ("/tmp/a demo", "/tmp/a demo/lake", "sqlite:////tmp/a demo/ledger.db"),
        ('/tmp/"x": #', '/tmp/"x": #/lake', 'sqlite:////tmp/"x": #/ledger.db'),
    ],
)
def test_lake_and_ledger_lie_under_the_root(root: str, lake: str, ledger: str) -> None:
    estate = Estate.model_validate(yaml.safe_load(demo_estate_yaml(root)))
    assert (estate.lake, estate.ledger) == (lake, ledger)


def test_a_shorter_window_for_tests() -> None:
    assert Estate.model_validate(yaml.safe_load(demo_estate_yaml(window=timedelta(days=1)))).metrics.days == 1

"""The demo's estate file is valid and names the accounts that the demo has."""

from datetime import date, timedelta

import pytest
import yaml

from cloudmigrate.domain.estate import Estate
from cloudmigrate.domain.workload_mapping import read_mapping
from cloudmigrate.simulate.demo import REPORTS, WORKLOADS, demo_estate_yaml, demo_workloads_csv, without_emulator
from cloudmigrate.simulate.estate import PLACES
from cloudmigrate.simulate.things import Thing


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


def test_waves_begin_on_a_saturday_with_four_weeks_notice() -> None:
    estate = Estate.model_validate(yaml.safe_load(demo_estate_yaml("demo", today=date(2026, 11, 27))))  # a Friday

    assert estate.planning.first_wave_on == date(2026, 12, 26)
    assert [(one.from_on, one.to_on) for one in estate.planning.freeze_windows] == [(date(2027, 1, 21), date(2027, 2, 4))]
    assert estate.workloads == "demo/workloads.csv"


def test_when_the_emulator_is_gone_the_estate_is_as_it_was_but_for_its_further_place_of_reports() -> None:
    text = demo_estate_yaml("demo", today=date(2026, 11, 27))
    before, after = (Estate.model_validate(yaml.safe_load(one)) for one in (text, without_emulator(text)))

    assert before.reports == (REPORTS,)
    assert after == before.model_copy(update={"reports": ()})
    assert without_emulator(without_emulator(text)) == without_emulator(text)
    assert without_emulator(text).splitlines()[4].endswith(f'beside the lake alone: reports: ["{REPORTS}"]  # in the emulator')


def test_the_file_of_workloads_is_one_and_names_what_the_tables_have() -> None:
    assert len(read_mapping(demo_workloads_csv(), "workloads.csv").by_uid) == len(WORKLOADS)
    keys = {step.key for place in PLACES for step in place.steps if isinstance(step, Thing)}
    assert {uid.rpartition(":")[2] for uid, _ in WORKLOADS} <= keys


def test_a_shorter_window_for_tests() -> None:
    assert Estate.model_validate(yaml.safe_load(demo_estate_yaml(window=timedelta(days=1)))).metrics.days == 1

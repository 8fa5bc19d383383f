"""The table of docs/iac.md: each type that code is made of, and that the emulator takes what the table says that it takes."""

import re
from pathlib import Path

import pytest

from cloudmigrate.domain.iac.catalogue import KINDS
from cloudmigrate.simulate.emulator import Emulator
from tests.domain.iac.emulated import (
    CREATED,
    deployed,
    first_of_each_type,
    fresh,
    resources_of,
    rows_without_outcome,
    sample,
    stack_client,
    with_needed,
)
from tests.domain.iac.sample_estate import sample_rows

TABLE = re.findall(r"^(\| AWS::.* \| )(.+) \|$", (Path(__file__).parents[3] / "docs" / "iac.md").read_text(encoding="utf-8"), re.MULTILINE)
MADE = sample()


def test_the_table_has_every_type_that_is_made() -> None:
    assert [row for row, _ in TABLE] == rows_without_outcome(MADE)


def test_what_the_table_calls_created_is_created_changed_and_deleted() -> None:
    by_key, first = {one.key: one for one in resources_of(MADE)}, first_of_each_type(MADE)
    named = [row.split("|")[1].strip() for row, told in TABLE if told == CREATED]
    together = {need.key: need for type_ in named for need in with_needed(first[type_], by_key)}
    with Emulator() as emulator:
        fresh(emulator.url)
        assert deployed(stack_client(emulator.url), together.values()) == CREATED


@pytest.mark.parametrize("kind", [one.type for one in KINDS])
def test_every_kind_is_in_the_sample(kind: str) -> None:
    assert kind in {row["type"] for row in sample_rows()}

"""The datasets' page is the one that the table gives."""

from pathlib import Path

import pytest

from cloudmigrate.lake.dataset import Dataset
from cloudmigrate.lake.datasets import BY_NAME, DATASETS
from cloudmigrate.lake.definitions import sql_type
from cloudmigrate.lake.docs_table import datasets_page

PAGE = Path(__file__).parents[2] / "docs" / "datasets.md"


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == datasets_page(), "run: .venv/bin/python -m cloudmigrate.lake.docs_table > docs/datasets.md"


def test_names_are_distinct() -> None:
    assert len(BY_NAME) == len(DATASETS)


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda one: one.name)
def test_every_row_of_the_table_is_whole(dataset: Dataset) -> None:
    """Keys and remarks name columns, a key that may be null says when, every column has a type in SQL, no file holds the snapshot's id."""
    names = dataset.schema.names
    assert set(dataset.keys) | set(dataset.json_columns) | set(dataset.remarks) <= set(names)
    assert "snapshot" not in names
    assert not [key for key in dataset.keys if dataset.schema.field(key).nullable and "null where" not in dataset.remarks.get(key, "")]
    assert all(sql_type(dataset, name) for name in names)
    assert not dataset.per_plan or "plan_id" in names

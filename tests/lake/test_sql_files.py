"""The house rule for SQL files: a header that says what a row is, and a test that names the file."""

import re
from importlib import resources
from pathlib import Path

import pytest

FILES = sorted((one.name.removesuffix(".sql"), one.read_text()) for one in resources.files("cloudmigrate.lake").joinpath("sql").iterdir())
TESTS = "\n".join(one.read_text() for one in Path(__file__).parent.parent.rglob("test_*.py"))


@pytest.mark.parametrize(("name", "text"), FILES, ids=[name for name, _ in FILES])
def test_a_query_says_what_it_gives_and_is_tested(name: str, text: str) -> None:
    assert text.startswith(f"-- {name}: ")
    assert "one row" in text.split("\n\n", maxsplit=1)[0] or "create temp macro" in text
    assert re.search(rf"\b{name}\b", TESTS)

"""Artifacts in the Prefect UI: what strangers named reads as it is."""

import pytest

from tasks.artifacts import as_cells, as_markdown


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("<script>alert('x')</script>\"'", "&lt;script&gt;alert('x')&lt;/script&gt;\"'"),
        ("[here](javascript:alert(1))", r"\[here\](javascript:alert(1))"),
        ("a|b\n| c", r"a\|b \| c"),
        ("**bold** `code` # no title", r"\*\*bold\*\* \`code\` \# no title"),
        ("web & co", "web &amp; co"),
        (r"back\slash", r"back\\slash"),
    ],
)
def test_names_are_no_markdown(name: str, shown: str) -> None:
    assert as_markdown(name) == shown


def test_cells_of_tables_are_no_markdown_and_stay_searchable_where_they_are_plain() -> None:
    row = {
        "name": "<b>web</b>",
        "link": "[x](http://192.0.2.1)",
        "term": "reserved_1y_no_upfront",
        "edge": "_web_",
        "none": None,
        "bytes": 12,
    }
    assert as_cells(row) == {
        **row,
        "name": "&lt;b&gt;web&lt;/b&gt;",
        "link": r"\[x\](http://192.0.2.1)",
        "edge": r"\_web\_",
    }

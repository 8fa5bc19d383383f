"""Artifacts in the Prefect UI: what strangers named reads as it is."""

import pytest

from tasks.artifacts import as_markdown


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

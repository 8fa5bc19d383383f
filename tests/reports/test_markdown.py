"""Markdown of what strangers named: one line, no marks, no tags, no links, no mentions."""

import pytest

from reports.markdown import table, text


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param("a\n# b | c\r\n<script>&amp;", "a \\# b \\| c \\<script\\>\\&amp;", id="lines-marks-and-tags"),
        pytest.param(
            "[x](javascript:1) **b** ~~c~~ \\", "\\[x\\](javascript:1) \\*\\*b\\*\\* \\~\\~c\\~\\~ \\\\", id="a-link-and-emphasis"
        ),
        pytest.param("\x1b[31m\u202e", "\u2039U+001B\u203a\\[31m\u2039U+202E\u203a", id="what-hides-is-written-out"),
        pytest.param("ask @team at www.x.example", "ask `@team` at `www.x.example`", id="mentions-and-addresses-are-code"),
        pytest.param("1. first", "1\\. first", id="no-list"),
    ],
)
def test_words_of_strangers_are_one_line_and_no_marks(given: str, expected: str) -> None:
    assert text(given) == expected


def test_a_cell_does_not_end_early() -> None:
    assert list(table(("name", "count"), [("a|b @c|d", "1"), ("", "2")], (False, True))) == [
        "| name | count |",
        "| --- | ---: |",
        "| a\\|b `@c\\|d` | 1 |",
        "|   | 2 |",
    ]

"""What the page is made of: strangers' text, small charts, and the browser's data."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmigrate.domain.naming import local_id
from reports.readiness import charts
from reports.readiness.payload import embed, payload, short_number
from reports.readiness.text import middle, visible
from tests.reports.sample_views import empty_view, resource


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("\u202etxt.exe", "\u2039U+202E\u203atxt.exe"),
        ("a\x00b", "a\u2039U+0000\u203ab"),
        ("zero\u200bwidth", "zero\u2039U+200B\u203awidth"),
        ("Zürich 東京 🚀", "Zürich 東京 🚀"),
        ("e" + "\u0301" * 50, "e" + "\u0301" * 3),
    ],
    ids=["plain", "direction", "nul", "zero-width", "other-scripts", "accent-tower"],
)
def test_visible(text: str, expected: str) -> None:
    assert visible(text) == expected


@given(st.text(), st.integers(min_value=2, max_value=300))
def test_visible_is_bounded_and_prints(text: str, at_most: int) -> None:
    shown = visible(text, at_most=at_most)
    assert len(shown) <= at_most
    assert not set(shown) & set("\x00\n\r\u202e\u2066\u200b\u2028")


@pytest.mark.parametrize(
    ("text", "at_most", "expected"),
    [("abcdef", 6, "abcdef"), ("abcdefg", 6, "abc\u2026fg"), ("abcdefgh", 5, "ab\u2026gh"), ("abc", 2, "a\u2026")],
)
def test_middle(text: str, at_most: int, expected: str) -> None:
    assert middle(text, at_most) == expected


@pytest.mark.parametrize(
    ("uid", "expected"),
    [
        ("arn:aws:rds:us-west-2:222222222222:db:orders", "db:orders"),
        ("arn:aws:s3:::bucket", "bucket"),
        ("/subscriptions/1/vm", "/subscriptions/1/vm"),
        ("arn:short", "arn:short"),
    ],
)
def test_local_id(uid: str, expected: str) -> None:
    assert local_id(uid) == expected


def test_week_levels_of_a_capacity_have_fixed_bounds() -> None:
    assert charts.week_levels((None, 0.0, 4.9, 5.0, 20.0, 40.0, 69.9, 70.0, 100.0), "percent") == ".00123344"


def test_week_levels_of_other_metrics_are_against_their_own_peak() -> None:
    assert charts.week_levels((0.0, 4.0, 5.0, 25.0, 50.0, 75.0, 100.0), "count") == "0012344"


def test_week_levels_of_silence_are_lowest() -> None:
    assert charts.week_levels((0.0, 0.0), "count") == "00"


def test_bar_is_as_long_as_its_share_and_zero_of_zero_is_no_bar() -> None:
    assert 'width="25%" height="12"' in charts.bar(1, 4)
    assert 'width="0%" height="12"' in charts.bar(0, 0)


def test_spread_stays_on_its_scale() -> None:
    drawn = charts.spread(-1.0, 50.0, 130.0)
    assert 'cx="0%"' in drawn
    assert 'cx="50%"' in drawn
    assert 'x2="100%" y1="8"' in drawn


@given(st.recursive(st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_embedded_data_is_never_markup_and_comes_back(data: object) -> None:
    text = embed(data)
    assert not set(text) & set("<>&'\u2028\u2029")
    assert json.loads(text) == data


@pytest.mark.parametrize(
    ("value", "expected"), [(None, None), (float("nan"), None), (1234.56, 1235), (0.123456, 0.1235), (2.0, 2), (1e9 + 1, 1_000_000_000)]
)
def test_short_number(value: float | None, expected: float | None) -> None:
    assert short_number(value) == expected


def test_many_tags_are_cut_and_counted() -> None:
    row = resource(tags=tuple((f"k{number:02}", "v") for number in range(50)))
    (tags,) = payload(replace(empty_view(), resources=(row,)))["res"]["tags"]
    assert tags.splitlines()[0] == "k00=v"
    assert tags.splitlines()[-1] == "and 30 more"
    assert len(tags.splitlines()) == 21

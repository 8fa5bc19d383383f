"""What a good reading covers, and what it does not."""

import json
from datetime import UTC, date, datetime

import pytest

from cloudmigrate.domain.flow_log_reads import FullRead

READ = FullRead(datetime(2026, 11, 22, 6, 48, tzinfo=UTC), date(2026, 11, 9), frozenset({"1|s3://a/"}))


@pytest.mark.parametrize(
    ("first_day", "beside", "expected"),
    [
        pytest.param(date(2026, 11, 9), {"1|s3://a/"}, True, id="the-same"),
        pytest.param(date(2026, 11, 12), {"1|s3://a/"}, True, id="the-window-moved-on"),
        pytest.param(date(2026, 11, 8), {"1|s3://a/"}, False, id="the-window-reaches-further-back"),
        pytest.param(date(2026, 11, 9), {"1|s3://a/", "1|s3://a/b/"}, True, id="one-more-beside-it"),
        pytest.param(date(2026, 11, 9), set(), False, id="the-one-that-read-in-its-stead-is-gone"),
    ],
)
def test_covers(first_day: date, beside: set[str], expected: bool) -> None:
    assert READ.covers(first_day, beside) is expected


def test_a_reading_comes_back_from_json_as_it_was() -> None:
    assert FullRead.of(json.loads(json.dumps(READ.value()))) == READ

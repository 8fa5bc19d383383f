"""Read marks: whatever comes and goes, each point of a resource that is there is seen once, and none is missed."""

import json
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from cloudmigrate.domain.series_marks import SeriesMark, Span, digest

DAY = datetime(2026, 11, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_the_first_run_backfills_the_whole_window() -> None:
    mark = SeriesMark().after_fresh(["a", "b"], DAY, DAY)

    assert mark.backfills(["a", "b"], DAY - 5 * HOUR) == {(DAY - 5 * HOUR, DAY): ("a", "b")}
    assert mark.after_backfill(["a", "b"], DAY).whole == {digest("a"), digest("b")}


def test_a_new_resource_lacks_what_came_before_the_fresh_stretch() -> None:
    mark = SeriesMark().after_fresh(["a"], DAY, DAY).after_backfill(["a"], DAY)

    later = mark.after_fresh(["a", "b"], DAY - 3 * HOUR, DAY + 5 * HOUR)

    assert later.backfills(["a", "b"], DAY - 9 * HOUR) == {(DAY - 9 * HOUR, DAY - 3 * HOUR): ("b",)}


def test_a_resource_that_was_out_of_scope_lacks_just_that_time() -> None:
    mark = SeriesMark().after_fresh(["a", "b"], DAY, DAY).after_backfill(["a", "b"], DAY)

    without = mark.after_fresh(["b"], DAY - 3 * HOUR, DAY + 5 * HOUR)
    back = without.after_fresh(["a", "b"], DAY + 2 * HOUR, DAY + 9 * HOUR)

    assert without.missing == {digest("a"): (Span(DAY - 3 * HOUR, None),)}
    assert back.backfills(["a", "b"], DAY - 9 * HOUR) == {(DAY - 3 * HOUR, DAY + 2 * HOUR): ("a",)}


def test_a_mark_survives_the_way_through_json() -> None:
    mark = SeriesMark().after_fresh(["a", "b"], DAY, DAY).after_backfill(["a"], DAY).after_fresh(["b"], DAY, DAY + HOUR)

    assert SeriesMark.of(json.loads(json.dumps(mark.value()))) == mark
    assert SeriesMark.of(None) == SeriesMark()


runs = st.lists(
    st.tuples(
        st.frozensets(st.sampled_from("abcd"), min_size=1),
        st.integers(min_value=1, max_value=6),  # hours since the run before
        st.integers(min_value=0, max_value=3),  # backfills that get done before the run is killed
    ),
    min_size=1,
    max_size=7,
)


@given(runs)
def test_law_each_point_of_what_is_there_is_seen_once(history: list[tuple[frozenset[str], int, int]]) -> None:
    """A model of the series: an hour is a point; fresh stretches replace what earlier runs said of everyone, backfills replace nothing."""
    late, start = 3, -10
    mark, now = SeriesMark(), 0
    seen: dict[tuple[str, int], int] = {}
    for present, wait, done in history:
        first = mark.until is None
        now += wait
        fresh_from = now if first else now - wait - late
        for key in [key for key in seen if key[1] >= fresh_from]:
            del seen[key]
        for uid in present:
            for hour in range(fresh_from, now):
                seen[uid, hour] = seen.get((uid, hour), 0) + 1
        mark = mark.after_fresh(present, DAY + fresh_from * HOUR, DAY + now * HOUR)
        open_spans = mark.backfills(present, DAY + start * HOUR)
        for (span_start, span_end), uids in list(open_spans.items())[:done]:
            for uid in uids:
                for hour in range(int((span_start - DAY) / HOUR), int((span_end - DAY) / HOUR)):
                    seen[uid, hour] = seen.get((uid, hour), 0) + 1
            mark = mark.after_backfill(uids, span_end)
    assert set(seen.values()) <= {1}
    for (span_start, span_end), uids in mark.backfills(history[-1][0], DAY + start * HOUR).items():
        for uid in uids:
            for hour in range(int((span_start - DAY) / HOUR), int((span_end - DAY) / HOUR)):
                seen[uid, hour] = 1
    for uid in history[-1][0]:
        assert all((uid, hour) in seen for hour in range(start, now))

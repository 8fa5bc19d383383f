"""What is read, read again, and left alone."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmigrate.domain.flow_batches import OPEN, Batch, ToRead, days_of, flow_log_of, live, owned, to_read, unreadable_changes

DAY = date(2025, 11, 22)


def there(**objects: str) -> dict[str, tuple[str, int, date | None]]:
    return {key: (etag, 10, DAY) for key, etag in objects.items()}


def batch(name: str, supersedes: tuple[str, ...] = (), **objects: str) -> Batch:
    return Batch(name, objects, (), (), supersedes)


def test_what_was_read_is_not_read_again() -> None:
    assert to_read(there(a="1", b="1"), [batch("x", a="1")]) == [ToRead(("b",), ())]


def test_a_changed_object_makes_its_batch_be_read_again() -> None:
    assert to_read(there(a="2", b="1"), [batch("x", a="1", b="1")]) == [ToRead(("a", "b"), ("x",))]


def test_a_batch_of_which_an_object_is_gone_keeps_what_it_gave() -> None:
    read = [batch("x", a="1", b="1"), batch("y", c="1", d="1"), batch("z", e="1", f="1")]
    present = there(a="2", c="2", d="1", e="1")

    assert to_read(present, read) == [ToRead(("c", "d"), ("y",))]
    assert unreadable_changes(present, read) == ["a"], "its news cannot be told from what b gave, and that is said"


def test_superseded_batches_do_not_count() -> None:
    assert [one.name for one in live([batch("y", ("x",), a="2"), batch("x", a="1")])] == ["y"]


def test_a_batch_survives_its_way_through_json() -> None:
    one = Batch("x", {"a": "1"}, ({"path": "p"},), ({"key": "a"},), ("w",))
    assert Batch.of("x", one.value()) == one


def test_what_still_grows_lies_apart() -> None:
    """Reading the present hour again must not read the day's settled hours again."""
    assert to_read(there(a="s", b=f"{OPEN}1", c="s"), []) == [ToRead(("a", "c"), ()), ToRead(("b",), ())]


def test_flow_logs_lie_apart() -> None:
    one, other = (f"x/111111111111_vpcflowlogs_eu-central-1_{name}_20251122T0000Z_ab.log.gz" for name in ("fl-0a", "fl-0b"))

    assert to_read({one: ("1", 1, DAY), other: ("1", 1, DAY)}, []) == [ToRead((one,), ()), ToRead((other,), ())]
    assert (flow_log_of(one), flow_log_of("my.log")) == ("fl-0a", "")


NEXT = date(2025, 11, 23)


@pytest.mark.parametrize(
    ("sizes", "batches"),
    [
        pytest.param((10, 10), [("a", "b")], id="small-days-together"),
        pytest.param((100, 10), [("a",), ("b",)], id="a-day-that-is-large-enough-alone"),
        pytest.param((0, 0), [("a",), ("b",)], id="days-of-unknown-size-alone"),
    ],
)
def test_small_days_are_read_together(sizes: tuple[int, int], batches: list[tuple[str, ...]]) -> None:
    objects = {"a": ("1", sizes[0], DAY), "b": ("1", sizes[1], NEXT)}
    assert [one.keys for one in to_read(objects, [], small_bytes=50)] == batches


@pytest.mark.parametrize(
    ("here", "elsewhere", "inside", "mine"),
    [
        pytest.param((), (), False, True, id="nobody-elses"),
        pytest.param((), (), True, False, id="the-innermost-place-reads-it"),
        pytest.param(("x",), (), True, True, id="what-was-read-here-stays-here"),
        pytest.param((), ("x",), False, False, id="what-was-read-there-stays-there"),
    ],
)
def test_an_object_of_two_places_is_read_by_one(here: tuple[str, ...], elsewhere: tuple[str, ...], inside: bool, mine: bool) -> None:
    assert owned("x", here=here, elsewhere=elsewhere, is_inside_another=inside) is mine


@given(
    st.dictionaries(st.text("abc", min_size=1, max_size=3), st.tuples(st.just("e"), st.integers(1, 50), st.sampled_from([None, DAY]))),
    st.integers(1, 60),
    st.integers(1, 4),
)
def test_every_object_is_in_one_batch_of_one_day_within_bounds(
    objects: dict[str, tuple[str, int, date | None]], size: int, number: int
) -> None:
    plans = to_read(objects, [], batch_bytes=size, batch_objects=number, small_bytes=0)

    assert sorted(key for plan in plans for key in plan.keys) == sorted(objects)
    for plan in plans:
        assert len({objects[key][2] for key in plan.keys}) == 1
        assert len(plan.keys) <= number
        assert len(plan.keys) == 1 or sum(objects[key][1] for key in plan.keys) <= size


def test_days_of_a_window() -> None:
    assert days_of(datetime(2026, 1, 1, 23, tzinfo=UTC), datetime(2026, 1, 3, tzinfo=UTC)) == (date(2026, 1, 1), date(2026, 1, 2))

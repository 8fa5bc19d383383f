"""The collector is slowed down for as long as somebody needs that, and no longer."""

import gc
from collections.abc import Iterator

import pytest

from cloudmigrate.aws.collector import THRESHOLDS, RareCollections


@pytest.fixture(autouse=True)
def usual() -> Iterator[tuple[int, int, int]]:
    before = gc.get_threshold()
    gc.set_threshold(701, 11, 12)
    yield (701, 11, 12)
    gc.set_threshold(*before)


def test_the_last_to_leave_sets_it_back(usual: tuple[int, int, int]) -> None:
    rare = RareCollections()
    with rare:
        with rare:
            assert gc.get_threshold() == THRESHOLDS
        assert gc.get_threshold() == THRESHOLDS
    assert gc.get_threshold() == usual


def test_an_error_sets_it_back(usual: tuple[int, int, int]) -> None:
    with pytest.raises(KeyError), RareCollections():
        raise KeyError
    assert gc.get_threshold() == usual


def test_a_collector_that_is_off_stays_off() -> None:
    gc.set_threshold(0, 11, 12)
    with RareCollections():
        assert gc.get_threshold() == (0, 11, 12)
    assert gc.get_threshold() == (0, 11, 12)

"""Texts kept in pieces are found by number as in one list."""

import numpy as np
import pyarrow as pa
import pytest

from cloudmigrate.lake.texts import Texts

TEXTS = ["a", "b", "c", "d", "e"]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 9])
@pytest.mark.parametrize("places", [[], [0], [4, 0, 4], [1, 2, 3], [3, 3]])
def test_texts_in_pieces_are_named_as_in_one(size: int, places: list[int]) -> None:
    pieces = [pa.array(TEXTS[start : start + size]) for start in range(0, len(TEXTS), size)]
    named = Texts(pieces, size).named(np.array(places, np.int64))
    assert named.to_pylist() == [TEXTS[place] for place in places]
    assert len(named.dictionary) == len(set(places))


def test_no_texts_name_nothing() -> None:
    assert Texts([], 5).named(np.array([], np.int64)).to_pylist() == []

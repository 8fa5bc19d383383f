"""Many texts by their numbers, in pieces, so that no step needs room for all of them at once."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa


class Texts:
    """The texts 0, 1, 2 and so on: pieces of *size* of them each; the last may have fewer."""

    def __init__(self, pieces: Sequence[pa.Array], size: int) -> None:
        self._pieces = pieces
        self._size = size

    def named(self, places: npt.NDArray[np.int64]) -> pa.DictionaryArray:
        """The texts at these places, each written once."""
        there, indices = np.unique(places, return_inverse=True)
        cuts = np.searchsorted(there, np.arange(len(self._pieces) + 1) * self._size).tolist()
        found = [
            piece.take(pa.array(there[begin:end] - number * self._size))
            for number, (piece, (begin, end)) in enumerate(zip(self._pieces, pairwise(cuts), strict=True))
            if begin < end
        ]
        return pa.DictionaryArray.from_arrays(pa.array(indices.astype(np.int32)), pa.concat_arrays(found or [pa.array([], pa.string())]))

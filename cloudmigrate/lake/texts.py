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

    def __len__(self) -> int:
        return sum(map(len, self._pieces))

    def named(self, places: npt.NDArray[np.int64]) -> pa.DictionaryArray:
        """The texts at these places, each written once."""
        encoded = pa.array(places).dictionary_encode()
        met = encoded.dictionary.to_numpy()
        if len(self._pieces) == 1:
            return pa.DictionaryArray.from_arrays(encoded.indices, self._pieces[0].take(encoded.dictionary))
        order = np.argsort(met)
        rank = np.empty(len(met), np.int32)
        rank[order] = np.arange(len(met), dtype=np.int32)
        cuts = np.searchsorted(met, np.arange(len(self._pieces) + 1) * self._size, sorter=order).tolist()
        found = [
            piece.take(pa.array(met[order[begin:end]] - number * self._size))
            for number, (piece, (begin, end)) in enumerate(zip(self._pieces, pairwise(cuts), strict=True))
            if begin < end
        ]
        indices = pa.array(rank[encoded.indices.to_numpy()])
        return pa.DictionaryArray.from_arrays(indices, pa.concat_arrays(found or [pa.array([], pa.string())]))

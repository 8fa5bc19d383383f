"""Numbers that stand for addresses and interfaces within a batch, and their names."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Numbers = npt.NDArray[np.uint64]
OCTETS = pa.array([str(octet) for octet in range(256)])


@dataclass(frozen=True, slots=True)
class Names:
    """Names of numbers: of some they are listed, of the others the number tells it."""

    numbers: Numbers  # in order
    names: pa.Array
    default: Callable[[Numbers], pa.Array]

    @classmethod
    def of(cls, table: pa.Table, default: Callable[[Numbers], pa.Array]) -> "Names":
        """The names of a table of numbers in their order, and names; *default* names those that are not listed."""
        numbers, names = (column.combine_chunks() for column in table.columns)
        return cls(numbers.to_numpy(), names, default)

    def of_numbers(self, numbers: Numbers) -> pa.DictionaryArray:
        """The name of each number."""
        encoded = pa.array(numbers).dictionary_encode()
        there, places = encoded.dictionary.to_numpy(), encoded.indices.to_numpy()
        at = np.searchsorted(self.numbers, there)
        is_listed = at < len(self.numbers)
        is_listed[is_listed] = self.numbers[at[is_listed]] == there[is_listed]
        found = pa.concat_arrays([self.default(there[~is_listed]), self.names.take(pa.array(at[is_listed]))])
        place_of = np.empty(len(there), np.int32)
        place_of[np.concatenate([np.flatnonzero(~is_listed), np.flatnonzero(is_listed)])] = np.arange(len(there), dtype=np.int32)
        mask = np.asarray(found.is_null())[place_of][places] if found.null_count else None
        return pa.DictionaryArray.from_arrays(pa.array(place_of[places], mask=mask), found.fill_null(""))


def addresses(numbers: Numbers) -> pa.Array:
    """IPv4 addresses."""
    octets = (OCTETS.take(pa.array((numbers >> np.uint64(shift) & np.uint64(255)).astype(np.uint8))) for shift in (24, 16, 8, 0))
    return pc.binary_join_element_wise(*octets, ".")


def interfaces(numbers: Numbers) -> pa.Array:
    """Interfaces as AWS names them."""
    return pa.array([f"eni-0{number:016x}" for number in numbers.tolist()], type=pa.string())


def unknown(numbers: Numbers) -> pa.Array:
    """No name for any."""
    return pa.nulls(len(numbers), pa.string())

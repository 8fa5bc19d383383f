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
    """Names that were written as text: of these alone the number does not tell the name, or need not."""

    numbers: Numbers  # in order
    names: pa.Array

    @classmethod
    def of(cls, table: pa.Table) -> "Names":
        """The names of a table of numbers in their order, and names."""
        numbers, names = (column.combine_chunks() for column in table.columns)
        return cls(numbers.to_numpy(), names)

    def of_numbers(self, numbers: Numbers, default: Callable[[Numbers], pa.Array]) -> pa.Array:
        """The name of each number; *default* names those that are not listed."""
        there, places = np.unique(numbers, return_inverse=True)
        at = np.searchsorted(self.numbers, there)
        is_listed = at < len(self.numbers)
        is_listed[is_listed] = self.numbers[at[is_listed]] == there[is_listed]
        found = pa.concat_arrays([default(there[~is_listed]), self.names.take(pa.array(at[is_listed]))])
        place_of = np.empty(len(there), np.int64)
        place_of[np.concatenate([np.flatnonzero(~is_listed), np.flatnonzero(is_listed)])] = np.arange(len(there))
        return found.take(pa.array(place_of[places]))


def addresses(numbers: Numbers) -> pa.Array:
    """IPv4 addresses."""
    octets = (OCTETS.take(pa.array((numbers >> np.uint64(shift) & np.uint64(255)).astype(np.uint8))) for shift in (24, 16, 8, 0))
    return pc.binary_join_element_wise(*octets, ".")


def interfaces(numbers: Numbers) -> pa.Array:
    """Interfaces as AWS names them."""
    return pa.array([f"eni-0{number:016x}" for number in numbers.tolist()], type=pa.string())

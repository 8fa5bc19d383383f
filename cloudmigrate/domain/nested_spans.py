"""Blocks of addresses, of which any two lie apart or one within the other, as CIDRs do: which of them hold an address."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator

from cloudmigrate.domain.network import Span


class NestedSpans:
    """Finds the blocks around an address in steps, however many there are.

    Raises ValueError for blocks that overlap without one holding the other.
    """

    def __init__(self, spans: Iterable[Span]) -> None:
        self._spans = sorted(set(spans), key=lambda one: (one.first, -one.last))
        self._firsts = [one.first for one in self._spans]
        self._parents: list[int] = []  # the smallest block around each, -1 for none
        open_ones: list[int] = []
        for number, one in enumerate(self._spans):
            while open_ones and self._spans[open_ones[-1]].last < one.first:
                open_ones.pop()
            if open_ones and self._spans[open_ones[-1]].last < one.last:
                raise ValueError(f"{self._spans[open_ones[-1]]} and {one} overlap")
            self._parents.append(open_ones[-1] if open_ones else -1)
            open_ones.append(number)

    def around(self, addresses: Span) -> Iterator[Span]:
        """The blocks that hold all of *addresses*, the smallest first."""
        number = bisect_right(self._firsts, addresses.first) - 1
        while number >= 0:
            one = self._spans[number]
            if one.last >= addresses.last:
                yield one
            number = self._parents[number]

    def within(self, addresses: Span) -> Iterator[Span]:
        """The blocks that hold a part of *addresses*, but not all."""
        if addresses.first == addresses.last:
            return
        number = bisect_right(self._firsts, addresses.first) - 1
        while number >= 0:
            one = self._spans[number]
            if addresses.first <= one.last < addresses.last:
                yield one
            number = self._parents[number]
        for one in self._spans[bisect_right(self._firsts, addresses.first) : bisect_right(self._firsts, addresses.last)]:
            if not one.contains(addresses):
                yield one

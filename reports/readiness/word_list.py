"""Columns for the browser made small: repeated words as numbers, measurements with the digits that they can carry."""

import math
from typing import Any


class WordList:
    """Distinct words in the order of their first use, each known by its number."""

    def __init__(self) -> None:
        self.words: list[Any] = []
        self._numbers: dict[Any, int] = {}

    def number(self, word: Any) -> int:
        """The number of *word*."""
        if word not in self._numbers:
            self._numbers[word] = len(self.words)
            self.words.append(word)
        return self._numbers[word]


def short_number(value: float | None) -> float | int | None:
    """*value* with 4 significant digits, as an integer where it is one; None for none and not-a-number."""
    if value is None or not math.isfinite(value):
        return None
    cut = float(f"{value:.4g}")
    return int(cut) if cut == int(cut) else cut

"""Markdown (CommonMark with GitHub's tables) in which text from strangers is text, whatever it holds."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from reports.written import code, plain

_MARKUP = re.compile(r"([\\`*_\[\]<>#|~&!${}^=])")
# Whoever renders it may make links, mentions and mail addresses of such words by itself, escaped or not; within a code span nobody does.
_LINKING = re.compile(r"@|://|www\.", re.IGNORECASE)
_AT_THE_START = re.compile(r"^(\d{1,9})([.)])|^([+-])")
_TICKS = re.compile(r"`+")


@lru_cache(maxsize=8192)  # pages of one plan say the same words in many rows
def text(value: str, *, in_table: bool = False) -> str:
    """The value as text of one line, which no reader of Markdown takes for markup, a link, a mention or HTML."""
    shown = plain(value)
    pieces = shown.split(" ") if _LINKING.search(shown) else [shown]
    escaped = " ".join(span_of(one, in_table=in_table) if _LINKING.search(one) else _MARKUP.sub(r"\\\1", one) for one in pieces)
    return _AT_THE_START.sub(lambda hit: f"{hit[1]}\\{hit[2]}" if hit[1] else f"\\{hit[3]}", escaped)


def span_of(value: str, *, in_table: bool = False) -> str:
    """The value as a code span; its fence is longer than any run of backticks in it."""
    shown = plain(value)
    fence = "`" * (_longest_run(shown) + 1)
    padded = f" {shown} " if shown.startswith(("`", " ")) or shown.endswith(("`", " ")) else shown
    told = f"{fence}{padded}{fence}"
    return told.replace("|", "\\|") if in_table else told


def fenced(value: str, language: str) -> str:
    """The value as a block to copy; its fence is longer than any run of backticks in it."""
    shown = code(value)
    fence = "`" * max(3, _longest_run(shown) + 1)
    return f"{fence}{language}\n{shown}\n{fence}"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], numbers: Sequence[bool] = ()) -> Iterator[str]:
    """A table of GitHub's kind."""
    yield f"| {' | '.join(text(one, in_table=True) for one in heads)} |"
    yield f"| {' | '.join('---:' if number < len(numbers) and numbers[number] else '---' for number in range(len(heads)))} |"
    for row in rows:
        yield f"| {' | '.join(text(one, in_table=True) or ' ' for one in row)} |"


def _longest_run(value: str) -> int:
    return max((len(one) for one in _TICKS.findall(value)), default=0)

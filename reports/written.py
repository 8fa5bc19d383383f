"""Text from strangers made fit to be written: in one line, or as a block to copy. Escaping is the work of each format."""

import re
from functools import lru_cache

from reports.readiness.text import visible

TEXT_AT_MOST = 4_000
_SURROGATE = re.compile("[\ud800-\udfff]")
_NOT_IN_CODE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff]")


@lru_cache(maxsize=8192)  # a page says the same words in many rows
def plain(text: str) -> str:
    """Text for one line: what hides or reorders is written out, white space is one space."""
    if len(text) <= TEXT_AT_MOST and text.isascii() and text.isprintable() and "  " not in text and text == text.strip():
        return text
    return visible(_written(" ".join(text.split())), at_most=TEXT_AT_MOST)


def code(text: str) -> str:
    """Text to copy: whole, in its lines; signs that would hide or reorder what is copied are written out."""
    return _NOT_IN_CODE.sub(_number, _written(text.replace("\r\n", "\n").replace("\r", "\n")))


def _written(text: str) -> str:
    return _SURROGATE.sub(_number, text)


def _number(hit: re.Match[str]) -> str:
    return f"\u2039U+{ord(hit.group()):04X}\u203a"

"""The text of YAML that every reader takes for the same: bare words only where no version of YAML reads them as anything but text.

Source: YAML 1.1, "Language-Independent Types" (bool, float, int, merge, null, timestamp); YAML 1.1 and 1.2, "Escape Sequences".
"""

import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

# Begins with a letter, ends with a letter or digit, and has no colon that something could be a key before.
_BARE = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:(?:::?|[./-])[A-Za-z0-9_]+)*")
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "none", "nan", "inf"})  # in any case of letters
_ESCAPED = re.compile(r'["\\\x00-\x1f\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]')
_LONGEST_KEY = 500  # characters; a reader looks for a key's colon within 1,024


def yaml_text(value: Mapping[str, Any]) -> str:
    """A document: mappings and lists in blocks, members in the order that they have."""
    lines: list[str] = []
    _write(value, 0, lines)
    return "\n".join((*lines, ""))


def yaml_scalar(value: Any) -> str:
    """A plain value. Half of a pair of surrogates, which no text of YAML can hold, becomes U+FFFD."""
    if isinstance(value, str):
        is_bare = _BARE.fullmatch(value) is not None and value.lower() not in _WORDS
        return value if is_bare else f'"{_ESCAPED.sub(_escape, value)}"'
    text = json.dumps(value)
    if isinstance(value, float) and "e" in text and "." not in text:  # YAML 1.1 has no float without a dot
        text = text.replace("e", ".0e")
    return text


def _write(value: Mapping[str, Any] | Sequence[Any], depth: int, lines: list[str]) -> None:
    """Add the lines of a mapping or a list."""
    pad = "  " * depth
    if isinstance(value, Mapping):
        for name, item in value.items():
            key = _key(str(name))
            _beneath(f"{pad}{key}:" if len(key) <= _LONGEST_KEY else f"{pad}? {key}\n{pad}:", item, depth + 1, lines)
        return
    for item in value:
        if isinstance(item, Mapping) and item:  # its first member stands beside the dash
            first = len(lines)
            _write(item, depth + 1, lines)
            lines[first] = f"{pad}- {lines[first][len(pad) + 2 :]}"
        else:
            _beneath(f"{pad}-", item, depth + 1, lines)


def _beneath(opening: str, item: Any, depth: int, lines: list[str]) -> None:
    if isinstance(item, str) or not isinstance(item, Mapping | Sequence):
        lines.append(f"{opening} {yaml_scalar(item)}")
    elif item:
        lines.append(opening)
        _write(item, depth, lines)
    else:
        lines.append(f"{opening} {'{}' if isinstance(item, Mapping) else '[]'}")


@lru_cache(maxsize=4096)  # the same few names of properties come again and again
def _key(name: str) -> str:
    return yaml_scalar(name)


def _escape(found: re.Match[str]) -> str:
    char = found.group()
    if char in '"\\':
        return f"\\{char}"
    if char in "\n\r\t":
        return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}[char]
    number = ord(char)
    if 0xD800 <= number < 0xE000:
        return "\\uFFFD"
    return f"\\x{number:02X}" if number < 0x100 else f"\\u{number:04X}"

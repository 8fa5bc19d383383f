"""The page's data made small without losing a sign: columns of texts, of sparse numbers and of hourly levels in forms of their own.

unpack.js restores exactly what `pack` was given. Nothing is compressed: the file stays text that can be read, searched and compared.
"""

import re
from collections.abc import Sequence
from typing import Any

from reports.readiness.word_list import WordList

_SHORTEST = 32  # columns shorter than this are left as they are
_VALUE = re.compile(r"[0-9][0-9a-f.]*")
_LEVELS = ".01234"
_PAIRS = "0123456789abcdefghijklmnopqrstuvwxyz"


def pack(data: Any) -> Any:
    """*data* with every long column in its smallest form: an object with one key, ``$texts``, ``$numbers`` or ``$levels``."""
    if isinstance(data, dict):
        return {key: pack(value) for key, value in data.items()}
    if not isinstance(data, list) or len(data) < _SHORTEST:
        return data
    if all(type(one) is str for one in data):
        return _levels(data) or _texts(data)
    if 10 * data.count(None) > len(data) and all(one is None or type(one) in (int, float) for one in data):
        return {"$numbers": ",".join("" if one is None else repr(one) for one in data)}
    return data


def _texts(column: Sequence[str]) -> dict[str, Any]:
    """Texts as the number of a form and what stands in its gaps: "12 calls" and "7 calls" are one form with 12 and 7."""
    forms, form, values = WordList(), [], []
    for text in column:
        head, tail = _cut(text)
        pieces = _VALUE.split(tail)
        form.append(forms.number((head + pieces[0], *pieces[1:])))
        values += _VALUE.findall(tail)
    return {"$texts": {"forms": [list(one) for one in forms.words], "form": form, "values": " ".join(values)}}


def _cut(text: str) -> tuple[str, str]:
    """The part of an ARN that it shares with its neighbours, which has no gaps, and the rest."""
    if not text.startswith("arn:"):
        return "", text
    at = max(text.rfind("/"), text.rfind(":")) + 1
    return text[:at], text[at:]


def _levels(column: Sequence[str]) -> dict[str, Any] | None:
    """Texts of levels, two in one sign; None where they are something else."""
    if len(column[0]) % 2 or not column[0] or any(len(one) != len(column[0]) or one.strip(_LEVELS) for one in column):
        return None
    sign = {first + second: _PAIRS[len(_LEVELS) * a + b] for a, first in enumerate(_LEVELS) for b, second in enumerate(_LEVELS)}
    return {"$levels": ["".join(sign[one[at : at + 2]] for at in range(0, len(one), 2)) for one in column]}

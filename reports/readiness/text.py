"""Text from strangers made fit for a page: control characters visible, length bounded.

Escaping is the work of the template and of the payload.
"""

import re
import unicodedata

# Characters that reorder or hide what is around them; a name must not be able to disguise itself.
_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]"
)
AT_MOST = 256


def visible(text: str, *, at_most: int = AT_MOST) -> str:
    """*text* with invisible and direction-changing characters written out ("‹U+202E›"), cut in the middle to *at_most* characters."""
    return middle(_INVISIBLE.sub(lambda hit: f"\u2039U+{ord(hit.group()):04X}\u203a", _without_long_marks(text[: at_most * 8])), at_most)


def clipped(text: str, at_most: int) -> str:
    """A sentence with invisible characters written out, its end cut off: the middle of a sentence cannot be guessed."""
    shown = visible(text, at_most=8 * at_most)
    return shown if len(shown) <= at_most else f"{shown[: at_most - 1].rstrip()}\u2026"


def middle(text: str, at_most: int) -> str:
    """*text*, or its beginning and end around an ellipsis where it is longer than *at_most* characters."""
    if len(text) <= at_most:
        return text
    head = at_most // 2
    tail = at_most - 1 - head
    return f"{text[:head]}\u2026{text[-tail:]}" if tail else f"{text[:head]}\u2026"


def _without_long_marks(text: str, *, marks_at_most: int = 3) -> str:
    """*text* with at most that many combining marks in a row: a tower of accents must not paint over its neighbours."""
    if text.isascii():
        return text
    kept: list[str] = []
    run = 0
    for letter in text:
        run = run + 1 if unicodedata.combining(letter) else 0
        if run <= marks_at_most:
            kept.append(letter)
    return "".join(kept)

"""What a cloud was given and nobody may hear, taken out of its words: services repeat in errors what they do not like."""

import base64
import html
import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

from cloudmigrate.domain.acts.record import Call
from cloudmigrate.masking import MASK, masked_text

SHORTEST_SECRET = 4


def hidden_of(request: Call, shown: Call) -> set[str]:
    """What of a request nobody may hear, as it is and as a service may spell it in an error."""
    plain = {one for one in set(_texts(request.params)) - set(_texts(shown.params)) if len(one) >= SHORTEST_SECRET}
    spelled = (spell(one) for one in plain for spell in (_json, _json_ascii, html.escape, quote, quote_plus))
    return plain | set(spelled)


def without(text: str, hidden: Collection[str]) -> str:
    """Words of the cloud without what nobody may hear, and without what looks like a secret."""
    for one in sorted(hidden, key=len, reverse=True):  # a part of another may be hidden as well
        text = text.replace(one, MASK)
    return masked_text(text)


def _json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _json_ascii(text: str) -> str:
    return json.dumps(text)[1:-1]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, bytes):
        yield base64.b64encode(value).decode("ascii")
        yield from _texts(value.decode("utf-8", "replace"))
    elif isinstance(value, str):
        yield value
        yield from (line.strip() for line in value.splitlines())  # a refusal quotes one line of a script

"""The value of a JMESPath expression, with the functions that catalogue rows use and a fast way for plain paths."""

import json
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import jmespath
import jmespath.exceptions
import jmespath.functions

PLAIN_PATH = re.compile(r"[A-Za-z_]\w*(\[\])?(\.[A-Za-z_]\w*(\[\])?)*")


class _CatalogueFunctions(jmespath.functions.Functions):
    """What JMESPath lacks to read names out of ARNs and policies out of text."""

    @jmespath.functions.signature({"types": ["string", "null"]}, {"types": ["string"]}, {"types": ["number"]})
    def _func_part(self, text: str | None, separator: str, index: float) -> str | None:
        """The *index*-th piece of *text* cut at *separator*; null when there is none."""
        if text is None:
            return None
        pieces = text.split(separator)
        return pieces[int(index)] if -len(pieces) <= index < len(pieces) else None

    @jmespath.functions.signature({"types": ["string", "null"]}, {"types": ["string"]})
    def _func_split(self, text: str | None, separator: str) -> list[str]:
        """The pieces of *text* cut at *separator*, without the empty ones."""
        return [piece.strip() for piece in text.split(separator) if piece.strip()] if text else []

    @jmespath.functions.signature({"types": ["string", "null"]})
    def _func_from_json(self, text: str | None) -> Any:
        """The document that *text* holds; the text itself when it is no JSON, null when null."""
        if text is None:
            return None
        try:
            return json.loads(text)
        except ValueError:
            return text

    @jmespath.functions.signature({"types": ["array", "null"]}, {"types": ["number"]})
    def _func_chunks(self, values: list[Any] | None, size: float) -> list[list[Any]]:
        """*values* in lists of at most *size*: what one request takes."""
        step = int(size)
        return [values[start : start + step] for start in range(0, len(values), step)] if values else []


_OPTIONS = jmespath.Options(custom_functions=_CatalogueFunctions())


def evaluate(expression: str, item: Any) -> Any:
    """The value of *expression* over *item*; None when it names nothing, or when the item is not what a function in it takes."""
    return compiled(expression)(item)


@lru_cache(maxsize=4096)
def compiled(expression: str) -> Callable[[Any], Any]:
    """A function from item to value. Plain paths (``A.B[].C``) skip the interpreter: relations run over 100,000 items."""
    if PLAIN_PATH.fullmatch(expression):
        return _plain(expression)
    parsed = jmespath.compile(expression)

    def search(item: Any) -> Any:
        try:
            return parsed.search(item, options=_OPTIONS)
        except jmespath.exceptions.JMESPathTypeError:
            return None  # a refused call left a member out, or an emulator gave it another type

    return search


def _plain(expression: str) -> Callable[[Any], Any]:
    steps = [(step.removesuffix("[]"), step.endswith("[]")) for step in expression.split(".")]

    def walk(value: Any, depth: int) -> Any:
        for position in range(depth, len(steps)):
            key, is_list = steps[position]
            value = value.get(key) if isinstance(value, dict) else None
            if value is None:
                return None
            if is_list:
                return project(value, position + 1)
        return value

    def project(value: Any, depth: int) -> list[Any] | None:
        """What JMESPath's flatten projection gives: one level of lists joined, nulls left out."""
        if not isinstance(value, list):
            return None
        flat: list[Any] = []
        for element in value:
            flat.extend(element if isinstance(element, list) else [element])
        if depth == len(steps):
            return [one for one in flat if one is not None]
        found: list[Any] = []
        nested = any(is_list for _, is_list in steps[depth:])
        for element in flat:
            result = walk(element, depth)
            if result is not None:
                found.extend(result) if nested and isinstance(result, list) else found.append(result)
        return found

    return lambda item: walk(item, 0)

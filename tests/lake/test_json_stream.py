"""JSON read member by member, whatever the size of the document and of the pieces in which it comes."""

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmigrate.lake.json_stream import BrokenJsonError, JsonStream

VALUES = st.recursive(
    st.none() | st.booleans() | st.text() | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)


def with_texts(value: Any) -> Any:
    """The value as the stream gives it: numbers are texts."""
    match value:
        case bool() | None | str():
            return value
        case int():
            return str(value)
        case list():
            return [with_texts(one) for one in value]
        case _:
            return {name: with_texts(one) for name, one in value.items()}


@given(st.dictionaries(st.text(), VALUES, max_size=4), st.integers(min_value=1, max_value=9), st.booleans())
def test_members_are_what_json_says_however_the_text_is_cut(document: dict[str, Any], chunk: int, ascii_only: bool) -> None:
    text = json.dumps(document, ensure_ascii=ascii_only, indent=1)
    stream = JsonStream(io.StringIO(text), chunk)
    assert {name: stream.value() for name in stream.members()} == with_texts(document)


@given(st.lists(VALUES, max_size=4), st.integers(min_value=1, max_value=9))
def test_what_is_passed_over_is_passed_over_wholly(values: list[Any], chunk: int) -> None:
    stream = JsonStream(io.StringIO(json.dumps({"a": values, "b": 7})), chunk)
    found = {}
    for name in stream.members():
        if name == "b":
            found[name] = stream.value()
        else:
            for _ in stream.items():
                stream.skip()
    assert found == {"b": "7"}


def test_numbers_keep_their_digits() -> None:
    stream = JsonStream(io.StringIO('{"price": 0.10000000000000000001, "many": 12345678901234567890}'))
    assert {name: stream.value() for name in stream.members()} == {"price": "0.10000000000000000001", "many": "12345678901234567890"}


def test_no_more_is_held_than_a_value_and_a_piece() -> None:
    """Of a document of a million characters, a reader in pieces of 100 holds a few hundred."""
    text = json.dumps({f"member{number}": "x" * 20 for number in range(25_000)})
    stream = JsonStream(io.StringIO(text), 100)
    held = 0
    for _ in stream.members():
        stream.value()
        held = max(held, len(stream._text))
    assert held < 500 < len(text)


@pytest.mark.parametrize(
    "text", ["", "{", '{"a"', '{"a":', '{"a": 1', '{"a": 1 2}', "{1: 2}", "[1]", '{"a": tru', '{"a" 1}', "no", '{"a": "x']
)
def test_a_broken_document_is_told(text: str) -> None:
    stream = JsonStream(io.StringIO(text))
    with pytest.raises(BrokenJsonError):
        [stream.value() for _ in stream.members()]

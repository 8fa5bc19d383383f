"""A JSON document of any size, read member by member: no more of it is in memory than one value and one chunk of text.

Numbers stay the text that they are: a price must not go through a float.
"""

import json
from collections.abc import Iterator
from typing import Any, TextIO

CHUNK = 1 << 20  # characters
MOST = 1 << 26  # characters of one value: an offer's largest has thousands
BLANKS = " \t\r\n"
DECODER = json.JSONDecoder(parse_float=str, parse_int=str)


class BrokenJsonError(ValueError):
    """The document ends too early or is no JSON."""


class JsonStream:
    """A reader of one document. What `members` or `items` announces must be taken by a further call before the next is asked for.

    Raises BrokenJsonError.
    """

    def __init__(self, file: TextIO, chunk: int = CHUNK) -> None:
        self._file = file
        self._chunk = chunk
        self._text = ""
        self._at = 0
        self._ended = False

    def peek(self) -> str:
        """The next character that is no blank; it stays where it is."""
        while True:
            text, at = self._text, self._at
            while at < len(text) and text[at] in BLANKS:
                at += 1
            self._at = at
            if at < len(text):
                return text[at]
            if self._ended:
                raise BrokenJsonError("the document ends too early")
            self._more(self._chunk)

    def members(self) -> Iterator[str]:
        """The names of an object's members, one after another; the value of each comes next."""
        yield from self._inside("{", "}")

    def items(self) -> Iterator[None]:
        """Once for each element of a list, which comes next."""
        for _ in self._inside("[", "]"):
            yield None

    def value(self) -> Any:
        """The next value, whole."""
        self.peek()
        size = self._chunk
        while True:
            try:
                found, end = DECODER.raw_decode(self._text, self._at)
            except ValueError as error:
                if self._ended:
                    raise BrokenJsonError("the document ends too early or is no JSON") from error
            except RecursionError as error:
                raise BrokenJsonError("the document is nested too deeply") from error
            else:
                if end < len(self._text) or self._ended:  # else a number might go on
                    self._at = end
                    return found
            if len(self._text) - self._at > MOST:
                raise BrokenJsonError(f"one value has more than {MOST} characters, or the document is no JSON")
            self._more(size)
            size *= 2

    def skip(self) -> None:
        """Pass over the next value, however large it is."""
        depth = 0
        while True:
            character = self.peek()
            if character in "{[":
                depth += 1
                self._at += 1
            elif character in "}],:":
                depth -= character in "}]"
                self._at += 1
            else:
                self.value()
            if depth <= 0:
                return

    def _inside(self, opening: str, closing: str) -> Iterator[str]:
        self._take(opening)
        if self.peek() == closing:
            self._at += 1
            return
        while True:
            name = ""
            if opening == "{":
                if self.peek() != '"':
                    raise BrokenJsonError("a member of an object has no name")
                name = self.value()
                self._take(":")
            yield name
            character = self.peek()
            self._at += 1
            if character == closing:
                return
            if character != ",":
                raise BrokenJsonError(f"{character!r} stands where a comma or {closing!r} should")

    def _take(self, expected: str) -> None:
        character = self.peek()
        if character != expected:
            raise BrokenJsonError(f"{character!r} stands where {expected!r} should")
        self._at += 1

    def _more(self, size: int) -> None:
        read = self._file.read(size)
        self._ended = not read
        self._text = self._text[self._at :] + read
        self._at = 0

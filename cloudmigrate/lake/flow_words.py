"""Words of flow log lines read eight characters at once, by arithmetic on whole columns: numbers, IPv4 addresses, interface ids.

Eight characters make one 64-bit number, in which every step below works
on all eight bytes at once. Whether a word was of its kind is gathered in an array of marks, so that no step branches; `is_marked` tells.
Addresses and interface ids become numbers that stand for exactly one text each; sql/address_names.sql and conversation_numbers.sql turn
them back.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.uint64]
Integers = npt.NDArray[np.int64]

MARGIN = b"\n" * 24  # before the text, so that what stands before its first word can be read as well
LINE_END, SPACE = 10, 32
_ALL = (1 << 64) - 1
_KEEP = np.array([(_ALL >> 8 * (8 - length) << 8 * (8 - length)) & _ALL if length else 0 for length in range(9)], dtype=np.uint64)


def _bytes(value: int) -> np.uint64:
    """A number with *value* in each of its eight bytes."""
    return np.uint64(int.from_bytes(bytes([value] * 8), "little"))


_ZEROS = _KEEP & _bytes(ord("0"))
_TOP = _bytes(0x80)
_ONES = _bytes(1)
_NIBBLES = np.uint64(0x1111111111111111)
_PAIRS, _FOURS, _EIGHTS = np.uint64(0x00FF00FF00FF00FF), np.uint64(0x0000FFFF0000FFFF), np.uint64(0xFFFFFFFF)
_BIT = tuple(np.uint64(number) for number in range(64))
_ENI = np.uint64(int.from_bytes(b"eni-0", "little"))
_ENI_LENGTH, _FIVE = 21, np.uint64((1 << 40) - 1)


@dataclass(frozen=True, slots=True)
class Text:
    """A text with its bytes seen one, two and eight at a time, from any place on; it begins after MARGIN."""

    ones: npt.NDArray[np.uint8]
    twos: npt.NDArray[np.uint16]
    eights: Numbers

    @classmethod
    def of(cls, text: bytes) -> "Text":
        """The views of *text*."""
        data = MARGIN + text
        return cls(
            np.frombuffer(data, np.uint8),
            np.ndarray((len(data) - 1,), "<u2", data, strides=(1,)),
            np.ndarray((len(data) - 7,), "<u8", data, strides=(1,)),
        )


@dataclass(frozen=True, slots=True)
class Words:
    """Words of a text: where each ends, and its length."""

    text: Text
    ends: Integers
    lengths: Integers

    def eights(self, before: int = 8) -> Numbers:
        """The eight characters that begin so many before each word's end."""
        found: Numbers = self.text.eights[self.ends - before]
        return found


def is_marked(marks: Numbers) -> npt.NDArray[np.bool_]:
    """Which words were not of their kind."""
    return (marks & _TOP) != 0


def short_numbers(words: Words, marks: Numbers) -> Integers:
    """Decimal numbers of one to eight digits."""
    _mark_unless(marks, (words.lengths > 0) & (words.lengths <= 8))
    return _digits(words.eights(), np.minimum(words.lengths, 8), marks).view(np.int64)


def long_numbers(words: Words, marks: Numbers) -> Integers:
    """Decimal numbers of one to sixteen digits."""
    _mark_unless(marks, (words.lengths > 0) & (words.lengths <= 16))
    values = _digits(words.eights(), np.minimum(words.lengths, 8), marks)
    which = np.flatnonzero(words.lengths > 8)
    if len(which):
        more = np.zeros(len(which), np.uint64)
        high = _digits(words.text.eights[words.ends[which] - 16], np.minimum(words.lengths[which] - 8, 8), more)
        values[which] += high * np.uint64(100_000_000)
        marks[which] |= more
    return values.view(np.int64)


def instants(words: Words, marks: Numbers) -> Integers:
    """Seconds since 1970; of their ten digits the first two are the same for years."""
    first = words.text.twos[words.ends - 10]
    if not len(first) or (words.lengths != 10).any() or (first != first[0]).any() or not bytes(first[:1].tobytes()).isdigit():
        return long_numbers(words, marks)
    values = _digits(words.eights(), words.lengths - 2, marks)
    values += np.uint64(int(first[:1].tobytes()) * 100_000_000)
    return values.view(np.int64)


def addresses(words: Words, marks: Numbers) -> Numbers:
    """IPv4 addresses as their characters, four bits each: 1 is a dot, 3 to 12 are the digits, 0 is nothing."""
    _mark_unless(marks, (words.lengths > 0) & (words.lengths <= 15))
    packed = _characters(words.eights(16), _KEEP[np.clip(words.lengths - 8, 0, 7)], marks)
    packed <<= _BIT[32]
    packed |= _characters(words.eights(), _KEEP[np.minimum(words.lengths, 8)], marks)
    _mark_unless(marks, _count(packed, 1) == 3)
    _mark_unless(marks, _count(packed, 2) == 0)  # a slash, which lies between dot and digits
    return packed


def interfaces(words: Words, marks: Numbers) -> Numbers:
    """Interface ids of today's form, eni-0 and sixteen hexadecimal digits, as the number that those are."""
    _mark_unless(marks, (words.lengths == _ENI_LENGTH) & ((words.eights(_ENI_LENGTH) & _FIVE) == _ENI))
    packed = _hexadecimal(words.eights(16), marks)
    packed <<= _BIT[32]
    packed |= _hexadecimal(words.eights(), marks)
    _mark_unless(marks, packed > _EIGHTS)  # smaller numbers stand for other interfaces
    return packed


def are_word(words: Words, word: str) -> npt.NDArray[np.bool_]:
    """Which words are *word*, of seven characters at most; a space must stand before each."""
    expected = f" {word}".encode()
    eights = words.eights()
    eights >>= _BIT[8 * (8 - len(expected))]
    return eights == np.uint64(int.from_bytes(expected, "little"))


def _mark_unless(marks: Numbers, good: npt.NDArray[np.bool_]) -> None:
    if not good.all():
        marks[~good] |= _TOP


def _digits(eights: Numbers, lengths: Integers, marks: Numbers) -> Numbers:
    """The number that the last *lengths* of eight digits make: of neighbours first pairs, then fours, then all eight are joined."""
    eights &= _KEEP[lengths]
    eights ^= _ZEROS[lengths]
    marks |= eights
    marks |= eights + _bytes(0x76)  # 10 and more reach the top bit
    eights *= np.uint64(10 * 2**8 + 1)
    eights >>= _BIT[8]
    eights &= _PAIRS
    eights *= np.uint64(100 * 2**16 + 1)
    eights >>= _BIT[16]
    eights &= _FOURS
    eights *= np.uint64(10_000 * 2**32 + 1)
    eights >>= _BIT[32]
    return eights


def _characters(eights: Numbers, keep: Numbers, marks: Numbers) -> Numbers:
    """Dots and digits at four bits each, the first one highest."""
    eights -= _bytes(ord("."))
    wrong = eights + _bytes(0x80 - 12)  # what is above 9 reaches the top bit; what was below a dot has it
    wrong |= eights
    wrong &= keep
    marks |= wrong
    eights += _ONES
    eights &= keep
    return _nibbles(eights)


def _hexadecimal(eights: Numbers, marks: Numbers) -> Numbers:
    """The number that eight hexadecimal digits in small letters make."""
    letters = eights >> _BIT[6]
    letters &= _ONES
    eights -= letters * np.uint64(ord("a") - ord("0")) + _bytes(ord("0"))
    marks |= eights
    marks |= eights + (letters * np.uint64(4) + _bytes(0x76))  # 10 and more of a digit, 6 and more of a letter
    eights += letters * np.uint64(10)
    return _nibbles(eights)


def _nibbles(eights: Numbers) -> Numbers:
    """The low halves of eight bytes side by side, the first one highest."""
    eights.byteswap(inplace=True)
    eights |= eights >> _BIT[4]
    eights &= _PAIRS
    eights |= eights >> _BIT[8]
    eights &= _FOURS
    eights |= eights >> _BIT[16]
    eights &= _EIGHTS
    return eights


def _count(packed: Numbers, code: int) -> npt.NDArray[np.uint8]:
    """How often a code stands in packed characters."""
    differ = packed ^ (_NIBBLES * np.uint64(code))
    there = differ & (_NIBBLES * np.uint64(7))
    there += _NIBBLES * np.uint64(7)
    there |= differ
    np.invert(there, out=there)
    there &= _NIBBLES * np.uint64(8)
    return np.bitwise_count(there)

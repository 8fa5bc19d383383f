"""Words of flow log lines read eight characters at once, by arithmetic on whole columns: numbers, IPv4 addresses, interface ids.

A word is given by where it ends in a text and how long it is. Eight characters make one 64-bit number, in which every step below works
on all eight bytes at once. Whether a word was of its kind is gathered in an array of marks, so that no step branches; `is_marked` tells.
Addresses and interface ids become numbers that stand for exactly one text each; sql/address_names.sql and conversation_numbers.sql turn
them back.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]

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


def is_marked(marks: Numbers) -> npt.NDArray[np.bool_]:
    """Which words were not of their kind."""
    return (marks & _TOP) != 0


def short_numbers(text: Text, ends: Places, lengths: Places, marks: Numbers) -> Numbers:
    """Decimal numbers of one to eight digits."""
    _mark_unless(marks, (lengths > 0) & (lengths <= 8))
    return _digits(text.eights[ends - 8], np.minimum(lengths, 8), marks)


def long_numbers(text: Text, ends: Places, lengths: Places, marks: Numbers) -> Numbers:
    """Decimal numbers of one to sixteen digits."""
    _mark_unless(marks, (lengths > 0) & (lengths <= 16))
    values = _digits(text.eights[ends - 8], np.minimum(lengths, 8), marks)
    which = np.flatnonzero(lengths > 8)
    if len(which):
        more = np.zeros(len(which), np.uint64)
        values[which] += _digits(text.eights[ends[which] - 16], np.minimum(lengths[which] - 8, 8), more) * np.uint64(100_000_000)
        marks[which] |= more
    return values


def instants(text: Text, ends: Places, lengths: Places, marks: Numbers) -> Numbers:
    """Seconds since 1970 in ten digits, of which the first two are the same for years."""
    if not len(ends):
        return np.zeros(0, np.uint64)
    century = text.twos[ends - 10]
    if (lengths != 10).any() or (century != century[0]).any():
        return long_numbers(text, ends, lengths, marks)
    first = bytes(text.ones[ends[0] - 10 : ends[0] - 8])
    values = _digits(text.eights[ends - 8], lengths - 2, marks)
    if not first.isdigit():
        _mark_unless(marks, np.zeros(len(ends), np.bool_))
        return values
    values += np.uint64(int(first) * 100_000_000)
    return values


def addresses(text: Text, ends: Places, lengths: Places, marks: Numbers) -> Numbers:
    """IPv4 addresses as their characters, four bits each: 1 is a dot, 3 to 12 are the digits, 0 is nothing."""
    _mark_unless(marks, (lengths > 0) & (lengths <= 15))
    packed = _characters(text.eights[ends - 16], _KEEP[np.clip(lengths - 8, 0, 7)], marks)
    packed <<= _BIT[32]
    packed |= _characters(text.eights[ends - 8], _KEEP[np.minimum(lengths, 8)], marks)
    _mark_unless(marks, _count(packed, 1) == 3)
    _mark_unless(marks, _count(packed, 2) == 0)  # a slash, which lies between dot and digits
    return packed


def interfaces(text: Text, ends: Places, lengths: Places, marks: Numbers) -> Numbers:
    """Interface ids of today's form, eni-0 and sixteen hexadecimal digits, as the number that those are."""
    _mark_unless(marks, (lengths == _ENI_LENGTH) & ((text.eights[ends - _ENI_LENGTH] & _FIVE) == _ENI))
    packed = _hexadecimal(text.eights[ends - 16], marks)
    packed <<= _BIT[32]
    packed |= _hexadecimal(text.eights[ends - 8], marks)
    return packed


def are_word(text: Text, ends: Places, word: str) -> npt.NDArray[np.bool_]:
    """Which words are *word*, of seven characters at most; a space must stand before each."""
    expected = f" {word}".encode()
    words = text.eights[ends - 8]
    words >>= _BIT[8 * (8 - len(expected))]
    return words == np.uint64(int.from_bytes(expected, "little"))


def _mark_unless(marks: Numbers, good: npt.NDArray[np.bool_]) -> None:
    if not good.all():
        marks[~good] |= _TOP


def _digits(eights: Numbers, lengths: Places, marks: Numbers) -> Numbers:
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

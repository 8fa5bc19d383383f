"""Words of a flow log line read eight letters at a time: numbers, addresses, names. Compiled by numba into `flow_kernel`.

Every function looks some letters ahead, and so behind the last line: the text ends with line ends (`flow_blocks.LINE_ENDS`).
A word's letters lie in an integer, the first in its lowest byte; what is true of a letter is its highest bit.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "boundscheck": False}
_0, _1, _3, _8, _16, _32, _64 = (np.uint64(one) for one in (0, 1, 3, 8, 16, 32, 64))
_HIGH = np.uint64(0x8080808080808080)
_ZEROS = np.uint64(0x3030303030303030)
_TO_HIGH = np.uint64(0x7676767676767676)  # makes the highest bit of what is greater than 9
_SPACES = np.uint64(0x2121212121212121)
_OCTET = np.uint64(255)
_TENS = np.uint64(0x000000FF000000FF)
_TIMES = (np.uint64(100 + (1_000_000 << 32)), np.uint64(1 + (10_000 << 32)))
_A = np.uint8(ord("a"))


def word_of(letters: str) -> np.uint64:
    """The integer in which these letters lie."""
    return np.uint64(int.from_bytes(letters.encode(), "little"))


LETTERS_OF_INTERFACE = 21
_ENI, _ENI_MASK = word_of("eni-0"), np.uint64((1 << 40) - 1)


def _letters(_typing: Any, text: Any, _at: Any) -> Any:
    """Eight letters of the text from there on."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        place = builder.gep(array.data, [arguments[1]])
        return builder.load(builder.bitcast(place, ir.IntType(64).as_pointer()), align=1, typ=ir.IntType(64))

    return types.uint64(text, types.uint64), generate


def _zeros_below(_typing: Any, _word: Any) -> Any:
    """How many bits lie below the lowest that is set; 64 where none is."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.IntType(1)(0))

    return types.uint64(types.uint64), generate


def _fetch(_typing: Any, table: Any, _place: Any) -> Any:
    """Have the processor bring the memory at that place of a flat array; nothing else happens."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        place = builder.gep(array.data, [arguments[1]])
        pointer = builder.bitcast(place, ir.IntType(8).as_pointer())
        kind = ir.FunctionType(ir.VoidType(), [pointer.type, *[ir.IntType(32)] * 3])
        call = builder.module.declare_intrinsic("llvm.prefetch", [pointer.type], kind)
        builder.call(call, [pointer, *(ir.IntType(32)(one) for one in (1, 3, 1))])
        return context.get_dummy_value()

    return types.void(table, types.uint64), generate


# To mypy they are functions of other arguments than to numba.
letters: Any = intrinsic(_letters)
zeros_below: Any = intrinsic(_zeros_below)
fetch: Any = intrinsic(_fetch)


@njit(forceinline=True, **OPTIONS)
def eight_digits(word):  # type: ignore[no-untyped-def]
    """The number of eight digits, of which the first lies lowest; their letters less that of 0."""
    word = (word * np.uint64(10)) + (word >> _8)
    return (((word & _TENS) * _TIMES[0]) + (((word >> _16) & _TENS) * _TIMES[1])) >> _32


@njit(forceinline=True, **OPTIONS)
def number(text, at):  # type: ignore[no-untyped-def]
    """The decimal number that begins there (-1: none, or too long), and where it ends."""
    word = letters(text, at) ^ _ZEROS
    bits = zeros_below((word + _TO_HIGH | word) & _HIGH)
    if bits < _64:
        length = bits >> _3
        if length == 0:
            return np.int64(-1), at
        return np.int64(eight_digits(word << (_64 - (length << _3)))), at + length
    value = eight_digits(word)
    at += _8
    word = letters(text, at) ^ _ZEROS
    bits = zeros_below((word + _TO_HIGH | word) & _HIGH)
    if bits == _64:
        at += _8
        value = value * np.uint64(100_000_000) + eight_digits(word)
        digit = np.uint8(text[at] - np.uint8(48))
        if digit < 10:
            return np.int64(-1), at
        return np.int64(value), at
    for _ in range(bits >> _3):
        value = value * np.uint64(10) + (word & _OCTET)
        word >>= _8
        at += _1
    return np.int64(value), at


@njit(forceinline=True, **OPTIONS)
def ipv4(text, at):  # type: ignore[no-untyped-def]
    """The IPv4 address that begins there as a number (-1: none, or written with zeros before), and where it ends."""
    value = _0
    is_good = True
    for part in range(4):
        word = letters(text, at) ^ _ZEROS
        length = zeros_below((word + _TO_HIGH | word) & _HIGH) >> _3
        is_good &= (length - _1) < _3  # 1 to 3
        is_good &= (length == _1) | ((word & _OCTET) != _0)
        digits = word << ((_64 - (length << _3)) & np.uint64(63))
        octet = (
            (digits >> np.uint64(56))
            + np.uint64(10) * (digits >> np.uint64(48) & _OCTET)
            + np.uint64(100) * (digits >> np.uint64(40) & _OCTET)
        )
        is_good &= octet <= _OCTET
        value = value << _8 | octet
        at += length
        if part < 3:
            is_good &= text[at] == 46
            at += _1
    return np.int64(value) if is_good else np.int64(-1), at


@njit(forceinline=True, **OPTIONS)
def interface(text, at):  # type: ignore[no-untyped-def]
    """The number in eni-0 and sixteen hexadecimal digits (0: another name), and where it ends."""
    if letters(text, at) & _ENI_MASK != _ENI:
        return _0, at
    at += np.uint64(5)
    value = _0
    for _ in range(16):
        digit = np.uint8(text[at] - np.uint8(48))
        if digit >= 10:
            digit = np.uint8(text[at] - _A)
            if digit >= 6:
                return _0, at
            digit = np.uint8(digit + 10)
        value = value << np.uint64(4) | np.uint64(digit)
        at += _1
    return value, at


@njit(**OPTIONS)
def ipv4_within(text, begin, end):  # type: ignore[no-untyped-def]
    """The number of the IPv4 address that is all that lies there; -1: it is none, or written with zeros before."""
    value, octet, digits, dots = np.int64(0), np.int64(0), 0, 0
    for at in range(begin, end):
        digit = np.uint8(text[at] - np.uint8(48))
        if digit < 10:
            if digits == 3 or (digits == 1 and octet == 0):
                return np.int64(-1)
            octet, digits = octet * 10 + digit, digits + 1
        elif text[at] == 46 and digits > 0 and octet < 256 and dots < 3:
            value, octet, digits, dots = value << 8 | octet, np.int64(0), 0, dots + 1
        else:
            return np.int64(-1)
    return value << 8 | octet if dots == 3 and digits > 0 and octet < 256 else np.int64(-1)


@njit(**OPTIONS)
def interface_within(text, begin, end):  # type: ignore[no-untyped-def]
    """The number in eni-0 and sixteen hexadecimal digits, if that is all that lies there; 0: another name."""
    if end - begin != LETTERS_OF_INTERFACE:
        return _0
    for at in range(5):
        if text[begin + at] != np.uint8(_ENI >> np.uint64(8 * at) & _OCTET):
            return _0
    value = _0
    for at in range(begin + 5, end):
        digit = np.uint8(text[at] - np.uint8(48))
        if digit >= 10:
            digit = np.uint8(text[at] - _A)
            if digit >= 6:
                return _0
            digit = np.uint8(digit + 10)
        value = value << np.uint64(4) | np.uint64(digit)
    return value


@njit(forceinline=True, **OPTIONS)
def end_of_word(text, at):  # type: ignore[no-untyped-def]
    """Where the first letter is that is a blank, a control character, or not of ASCII."""
    while True:
        word = letters(text, at)
        bits = zeros_below(((word - _SPACES) & ~word | word) & _HIGH)
        at += bits >> _3
        if bits < _64:
            return at

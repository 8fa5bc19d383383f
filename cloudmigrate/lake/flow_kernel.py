"""The inner loop over flow log lines, compiled to machine code: parse a record's words, tell its sides, add it to a table of sums.

Compiled by numba once per installation (some seconds), and only loaded where there is much to read. A line is taken where every field
is what AWS writes for a record with traffic between IPv4 addresses; any other is left for the reader of text, which judges it. The text
must end with a line end, at which every loop here stops.
"""

from typing import Any

import numpy as np
from numba import njit

OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "boundscheck": False, "cache": True}
# What a column of the text is to the kernel.
INTERFACE, SRC, DST, SRCPORT, DSTPORT, PROTOCOL, PACKETS, BYTES, START, END, FLAGS, ACTION, STATUS, NONE, OTHER = range(15)
# A row of the table of sums: the first three are the key; a row without flows is free.
K_INTERFACE, K_PAIR, K_FACTS, S_BYTES, S_PACKETS, S_FLOWS, S_FIRST, S_LAST, S_HOURS, WIDTH = range(10)
RECORDS, REJECTED, T_BYTES, T_PACKETS = range(4)  # totals
LEAST_INTERFACE = 1 << 32  # smaller numbers stand for interfaces with other names
LONG_SPAN = 1 << 24  # beside the bits of the hours: the record covers more than a minute
SYN, ACK_SYN, TCP = 2, 18, 6
GUESS, BY_SYN = 4, 0  # strengths of direction.DirectionRule, checked by a test
DIGITS_AT_MOST = 16
LARGEST = 10**12  # packets or bytes of a record; there are few with more, and sums of millions of these fit
FLAGS_AT_MOST = 255
DIGITS_OF_RECORD = 20  # in a record there are at least two instants, of ten digits each
_1, _4, _5, _16, _32 = np.uint64(1), np.uint64(4), np.uint64(5), np.uint64(16), np.uint64(32)
_ZERO, _A = np.uint8(48), np.uint8(97)
_MIX = tuple(np.uint64(one) for one in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))


@njit(inline="always", **OPTIONS)
def number(text, at):  # type: ignore[no-untyped-def]
    """The decimal number that begins there (-1: none, or too long), and where it ends."""
    value = np.int64(0)
    begin = at
    digit = np.uint8(text[at] - _ZERO)
    while digit < 10:
        value = value * 10 + np.int64(digit)
        at += _1
        digit = np.uint8(text[at] - _ZERO)
    if at == begin or at - begin > DIGITS_AT_MOST:
        value = np.int64(-1)
    return value, at


@njit(inline="always", **OPTIONS)
def ipv4(text, at):  # type: ignore[no-untyped-def]
    """The IPv4 address that begins there as a number (-1: none, or written with zeros before), and where it ends."""
    value = np.int64(0)
    for part in range(4):
        begin = at
        octet = np.int64(0)
        digit = np.uint8(text[at] - _ZERO)
        while digit < 10 and at - begin < _4:
            octet = octet * 10 + np.int64(digit)
            at += _1
            digit = np.uint8(text[at] - _ZERO)
        if at == begin or octet > 255 or (text[begin] == _ZERO and at - begin > _1):
            return np.int64(-1), at
        value = value << 8 | octet
        if part < 3:
            if text[at] != 46:
                return np.int64(-1), at
            at += _1
    return value, at


@njit(inline="always", **OPTIONS)
def interface(text, at):  # type: ignore[no-untyped-def]
    """The number in eni-0 and sixteen hexadecimal digits (0: another name), and where it ends."""
    for letter in (101, 110, 105, 45, 48):
        if text[at] != letter:
            return np.uint64(0), at
        at += _1
    value = np.uint64(0)
    begin = at
    while at - begin < _16:
        digit = np.uint8(text[at] - _ZERO)
        if digit >= 10:
            digit = np.uint8(text[at] - _A)
            if digit >= 6:
                return np.uint64(0), at
            digit = np.uint8(digit + 10)
        value = value << _4 | np.uint64(digit)
        at += _1
    return value, at


@njit(inline="always", **OPTIONS)
def is_word(text, at, word):  # type: ignore[no-untyped-def]
    """Whether *word* begins there."""
    for letter in word:
        if text[at] != letter:
            return False
        at += _1
    return True


@njit(inline="always", **OPTIONS)
def add(table, face, src, dst, sides, srcport, dstport, protocol, flags, rejected, packets, octets, start, end):  # type: ignore[no-untyped-def]
    """Add one record to the table; 1 where it took a new row. *sides* are the kinds of ports, and by two kinds side and rule."""
    kinds, side_of, rule_of, portless = sides
    case = kinds[np.uint64(srcport)] * 4 + kinds[np.uint64(dstport)]
    side, rule = np.int64(side_of[np.uint64(case)]), np.int64(rule_of[np.uint64(case)])
    if portless[np.uint64(protocol)]:
        side, rule = np.int64(-1), np.int64(GUESS)
    elif protocol == TCP and (flags & SYN) != 0:
        side, rule = np.int64((flags & ACK_SYN) == SYN), np.int64(BY_SYN)
    hour = start // 3600
    day = hour // 24
    last = min(end - day * 86_400, np.int64(86_399)) // 3600
    hours = (np.int64(1) << (last + 1)) - (np.int64(1) << (hour - day * 24))
    if end - start > 60:
        hours |= LONG_SPAN
    facts = (np.int64(0) if side == 1 else srcport + 1) | (np.int64(0) if side == 0 else dstport + 1) << 17
    facts |= protocol << 34 | rule << 42 | rejected << 45 | day << 46
    pair = np.int64(src << 32 | dst)
    key = np.int64(face)
    mask = np.uint64(len(table) - 1)
    at = face * _MIX[0]
    at = (at ^ (at >> _32) ^ np.uint64(pair)) * _MIX[1]
    at = (at ^ (at >> _32) ^ np.uint64(facts)) * _MIX[2]
    at = (at ^ (at >> _32)) & mask
    while table[at, S_FLOWS] != 0:
        if table[at, K_INTERFACE] == key and table[at, K_PAIR] == pair and table[at, K_FACTS] == facts:
            table[at, S_BYTES] += octets
            table[at, S_PACKETS] += packets
            table[at, S_FLOWS] += 1
            table[at, S_FIRST] = min(table[at, S_FIRST], start)
            table[at, S_LAST] = max(table[at, S_LAST], end)
            table[at, S_HOURS] |= hours
            return 0
        at = (at + _1) & mask
    table[at, K_INTERFACE], table[at, K_PAIR], table[at, K_FACTS] = key, pair, facts
    table[at, S_BYTES], table[at, S_PACKETS], table[at, S_FLOWS] = octets, packets, 1
    table[at, S_FIRST], table[at, S_LAST], table[at, S_HOURS] = start, end, hours
    return 1


@njit(inline="always", **OPTIONS)
def is_met(met, face):  # type: ignore[no-untyped-def]
    """Whether the interface is in the set *met*, in which it is then; one that is more than half full takes no more and knows none."""
    mask = np.uint64(len(met) - 1)
    at = (face * _MIX[0]) >> _32 & mask
    for _ in range(64):
        if met[at] == face:
            return True
        if met[at] == 0:
            met[at] = face
            return False
        at = (at + _1) & mask
    return False


@njit(**OPTIONS)
def read_lines(text, begin, roles, latest, longest, sides, table, used, limit, met, others, totals):  # type: ignore[no-untyped-def]
    """Take lines from *begin* on; return where it stopped, the rows used, the number of *others*, and whether the last may be a header.

    It stops where the text ends, where the table or *others* are full, and behind a line that may be a header. *others* gets from where to
    where the lines lie that were not taken; among them, if *met* has any room at all, the first of each interface.
    """
    size, columns = np.uint64(len(text)), len(roles)
    at, left, is_header = np.uint64(begin), 0, False
    srcport = dstport = protocol = packets = octets = start = end = src = dst = np.int64(0)
    sound = refused = all_octets = all_packets = np.int64(0)
    while at < size and used < limit and left < len(others):
        line, good, column = at, True, 0
        face, rejected, flags = np.uint64(0), np.int64(0), np.int64(0)
        while column < columns:
            role = roles[column]
            if role == OTHER:
                while np.int8(text[at]) > 32:  # not beyond ASCII
                    at += _1
            elif role == INTERFACE:
                face, at = interface(text, at)
                good = face >= LEAST_INTERFACE
            elif role == SRC:
                src, at = ipv4(text, at)
                good = src >= 0
            elif role == DST:
                dst, at = ipv4(text, at)
                good = dst >= 0
            elif role == SRCPORT:
                srcport, at = number(text, at)
                good = 0 <= srcport <= 65_535
            elif role == DSTPORT:
                dstport, at = number(text, at)
                good = 0 <= dstport <= 65_535
            elif role == PROTOCOL:
                protocol, at = number(text, at)
                good = 0 <= protocol <= 255
            elif role == PACKETS:
                packets, at = number(text, at)
                good = 0 <= packets <= LARGEST
            elif role == BYTES:
                octets, at = number(text, at)
                good = 0 <= octets <= LARGEST
            elif role == START:
                start, at = number(text, at)
                good = start >= 0
            elif role == END:
                end, at = number(text, at)
                good = end >= 0
            elif role == FLAGS:
                flags, at = number(text, at)
                good = 0 <= flags <= FLAGS_AT_MOST
            elif role == ACTION:
                rejected = np.int64(text[at] == 82)
                good = is_word(text, at, (82, 69, 74, 69, 67, 84)) or is_word(text, at, (65, 67, 67, 69, 80, 84))
                if good:
                    at += np.uint64(6)
            elif role == STATUS:
                good = is_word(text, at, (79, 75))
                if good:
                    at += np.uint64(2)
            else:
                good = text[at] == 45
                if good:
                    at += _1
            column += 1
            good = good and bool(text[at] == (10 if column == columns else 32))
            if not good:
                break
            at += _1
        good = good and start <= end and end - start <= longest and end <= latest  # type: ignore[assignment]
        if good and len(met) > 1:
            good = is_met(met, face)
        if not good:
            at, digits = line, 0
            while text[at] != 10:
                digits += np.uint8(text[at] - _ZERO) < 10  # type: ignore[assignment]
                at += _1
            at += _1
            others[left, 0], others[left, 1] = line, at
            left += 1
            is_header = text[line] > 64 and digits < DIGITS_OF_RECORD
            if is_header:
                break  # it may change what follows
            continue
        used += add(table, face, src, dst, sides, srcport, dstport, protocol, flags, rejected, packets, octets, start, end)
        sound += 1
        refused += rejected
        all_octets += octets
        all_packets += packets
    totals[RECORDS] += sound
    totals[REJECTED] += refused
    totals[T_BYTES] += all_octets
    totals[T_PACKETS] += all_packets
    return np.int64(at), used, left, is_header


@njit(**OPTIONS)
def add_rows(begin, numbers, good, faces, srcs, dsts, sides, table, used, limit, totals):  # type: ignore[no-untyped-def]
    """Add the rows that are *good* from *begin* on, until the table has no room: where, and rows used.

    *numbers*: source port, target port, protocol, TCP flags, rejected, packets, bytes, start, end.
    """
    srcport, dstport, protocol, flags, rejected, packets, octets, start, end = numbers
    row = begin
    while row < len(good) and used < limit:
        if good[row]:
            used += add(
                table,
                faces[row],
                srcs[row],
                dsts[row],
                sides,
                np.int64(srcport[row]),
                np.int64(dstport[row]),
                np.int64(protocol[row]),
                np.int64(flags[row]),
                np.int64(rejected[row]),
                packets[row],
                octets[row],
                start[row],
                end[row],
            )
            totals[RECORDS] += 1
            totals[REJECTED] += np.int64(rejected[row])
            totals[T_BYTES] += octets[row]
            totals[T_PACKETS] += packets[row]
        row += 1
    return row, used


@njit(**OPTIONS)
def addresses_of(text, ends):  # type: ignore[no-untyped-def]
    """The number of each IPv4 address of a list, whose words end at *ends*, each with a line end behind; -1 for another."""
    found = np.empty(len(ends), np.int64)
    begin = 0
    for word in range(len(ends)):
        value, at = ipv4(text, np.uint64(begin))
        found[word] = value if at == np.uint64(ends[word]) else -1
        begin = ends[word] + 1
    return found


@njit(**OPTIONS)
def interfaces_of(text, ends):  # type: ignore[no-untyped-def]
    """The same for interfaces; 0 for another."""
    found = np.empty(len(ends), np.uint64)
    begin = 0
    for word in range(len(ends)):
        value, at = interface(text, np.uint64(begin))
        found[word] = value if at == np.uint64(ends[word]) and value >= LEAST_INTERFACE else np.uint64(0)
        begin = ends[word] + 1
    return found

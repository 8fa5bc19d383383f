"""The inner loop over flow log lines, compiled to machine code: parse a record's words, tell its sides, add it to a table of sums.

Compiled once per installation, in some seconds, and kept (`flow_native`). A line is taken where every field
is what AWS writes for a record with traffic between IPv4 addresses; any other is left for the reader of text, which judges it. The text
must end with line ends (`flow_blocks.LINE_ENDS` of them more than its lines have), at which every loop here stops.
"""

import numpy as np
from numba import njit

from cloudmigrate.lake.flow_fields import FIRST_RULE, LONG_SPAN
from cloudmigrate.lake.flow_table import (
    ACTION,
    BY_SYN,
    BYTES,
    DST,
    DSTPORT,
    END,
    FLAGS,
    GUESS,
    HASH,
    INTERFACE,
    K_FACTS,
    K_INTERFACE,
    K_PAIR,
    LARGEST,
    OTHER,
    P_TO_CLIENT,
    P_TO_SERVER,
    PACKETS,
    PROTOCOL,
    RECORDS,
    REFUSED,
    REJECTED,
    ROW_BITS,
    S_FIRST,
    S_FLOWS,
    S_LAST,
    S_SEEN,
    S_TO_CLIENT,
    S_TO_SERVER,
    SRC,
    SRCPORT,
    START,
    STATUS,
    T_BYTES,
    T_PACKETS,
    UNKNOWN,
    WIDTH,
)
from cloudmigrate.lake.flow_words import (
    OPTIONS,
    end_of_word,
    fetch,
    interface,
    interface_within,
    ipv4,
    ipv4_within,
    letters,
    number,
    word_of,
)

FETCHED = 12  # rows brought by the processor ahead of their use
LEAST_INTERFACE = np.uint64(1 << 32)  # smaller numbers stand for interfaces with other names
SYN, ACK_SYN, TCP = 2, 18, 6
FLAGS_AT_MOST = 255
DIGITS_OF_RECORD = 20  # in a record there are at least two instants, of ten digits each
_0, _1, _2, _6, _8, _13, _21, _32 = (np.uint64(one) for one in (0, 1, 2, 6, 8, 13, 21, 32))
_ACCEPT, _REJECT, _SIX = word_of("ACCEPT"), word_of("REJECT"), np.uint64((1 << 48) - 1)
_OK, _TWO = word_of("OK"), np.uint64((1 << 16) - 1)
_MIX = tuple(np.uint64(one) for one in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))


@njit(forceinline=True, **OPTIONS)
def put(waiting, one, index, face, src, dst, sides, srcport, dstport, protocol, flags, rejected, packets, octets, start, end):  # type: ignore[no-untyped-def]
    """Let a record wait for `add`; its place of the index is fetched. *sides*: the kinds of ports, and by two kinds side and rule."""
    kinds, side_of, rule_of, portless = sides
    case = kinds[np.uint64(srcport)] * 4 + kinds[np.uint64(dstport)]
    side, rule = np.int64(side_of[np.uint64(case)]), np.int64(rule_of[np.uint64(case)])
    if portless[np.uint64(protocol)]:
        side, rule = np.int64(-1), np.int64(GUESS)
    elif protocol == TCP and (flags & SYN) != 0:
        side, rule = np.int64((flags & ACK_SYN) == SYN), np.int64(BY_SYN)
    day = start // 86_400
    first, last = (start - day * 86_400) // 3600, min(end - day * 86_400, np.int64(86_399)) // 3600
    seen = (np.int64(1) << (last + 1)) - (np.int64(1) << first) | np.int64(1) << (FIRST_RULE + rule)
    seen |= np.int64(LONG_SPAN if end - start > 60 else 0)
    served = side == 0  # the source is the server: this is an answer
    pair = np.int64(dst << 32 | src if served else src << 32 | dst)
    facts = (srcport if served else dstport) + 1 << 17 | (srcport + 1 if side < 0 else np.int64(0))
    facts |= protocol << 34 | rejected << 42 | day << 43
    back = np.int64(served)
    waiting[one, K_INTERFACE], waiting[one, K_PAIR], waiting[one, K_FACTS] = np.int64(face), pair, facts
    waiting[one, S_TO_SERVER], waiting[one, S_TO_CLIENT] = octets * (1 - back), octets * back
    waiting[one, P_TO_SERVER], waiting[one, P_TO_CLIENT] = packets * (1 - back), packets * back
    waiting[one, S_FLOWS], waiting[one, S_FIRST], waiting[one, S_LAST], waiting[one, S_SEEN] = np.int64(1), start, end, seen
    mix = face * _MIX[0]
    mix = (mix ^ (mix >> _32) ^ np.uint64(pair)) * _MIX[1]
    mix = (mix ^ (mix >> _32) ^ np.uint64(facts)) * _MIX[2]
    mix ^= mix >> _32
    fetch(index, mix & np.uint64(len(index) - 1))
    waiting[one, HASH] = np.int64(mix)


@njit(**OPTIONS)
def add(waiting, count, index, rows, used):  # type: ignore[no-untyped-def]
    """Add the records that wait to the rows, for which there must be room; how many rows are used then.

    *index* tells by hash where a key's row is: a power of two of entries, more than there can be rows.
    """
    mask = np.uint64(len(index) - 1)
    of_row = (np.uint32(1) << ROW_BITS) - np.uint32(1)
    for one in range(count):
        if one + FETCHED < count:
            ahead = index[np.uint64(waiting[one + FETCHED, HASH]) & mask] & of_row
            if ahead != 0:
                fetch(rows, np.uint64(ahead - 1) * np.uint64(WIDTH))
                fetch(rows, np.uint64(ahead - 1) * np.uint64(WIDTH) + _8)
        face, pair, facts = waiting[one, K_INTERFACE], waiting[one, K_PAIR], waiting[one, K_FACTS]
        at = np.uint64(waiting[one, HASH])
        tag = np.uint32(at >> _32) & ~of_row
        at &= mask
        while True:
            entry = index[at]
            if entry == 0:
                for column in range(WIDTH):
                    rows[used, column] = waiting[one, column]
                used += 1
                index[at] = tag | np.uint32(used)
                break
            row = np.int64(entry & of_row) - 1
            if entry & ~of_row == tag and rows[row, K_PAIR] == pair and rows[row, K_FACTS] == facts and rows[row, K_INTERFACE] == face:
                for column in range(S_TO_SERVER, S_FIRST):
                    rows[row, column] += waiting[one, column]
                rows[row, S_FIRST] = min(rows[row, S_FIRST], waiting[one, S_FIRST])
                rows[row, S_LAST] = max(rows[row, S_LAST], waiting[one, S_LAST])
                rows[row, S_SEEN] |= waiting[one, S_SEEN]
                break
            at = (at + _1) & mask
    return used


@njit(forceinline=True, **OPTIONS)
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
def read_lines(text, size, begin, roles, latest, longest, sides, index, waiting, met, others, totals):  # type: ignore[no-untyped-def]
    """Take lines from *begin* on; return where it stopped, the numbers of *waiting* and *others*, and whether the last may be a header.

    It stops at *size*, where *waiting* or *others* are full, and behind a line that may be a header.
    *others* gets from where to where the lines lie that were not taken; among them, if *met* has any room at all, each interface's first.
    """
    columns = len(roles)
    size, at, left, is_header = np.uint64(size), np.uint64(begin), 0, False
    srcport = dstport = protocol = packets = octets = start = end = src = dst = np.int64(0)
    sound = refused = all_octets = all_packets = np.int64(0)
    face = same_0 = same_1 = same_2 = _0  # the letters of the interface that was met last
    waits = 0
    while at < size and waits < len(waiting) and left < len(others):
        line, good, column = at, True, 0
        rejected, flags = np.int64(0), np.int64(0)
        while column < columns:
            role = roles[column]
            if role == OTHER:
                at = end_of_word(text, at)
            elif role == INTERFACE:
                word_0, word_1, word_2 = letters(text, at), letters(text, at + _8), letters(text, at + _13)
                if word_0 == same_0 and word_1 == same_1 and word_2 == same_2:
                    at += _21
                else:
                    face, at = interface(text, at)
                    good = face >= LEAST_INTERFACE
                    same_0, same_1, same_2 = word_0 if good else _0, word_1, word_2
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
                word = letters(text, at) & _SIX
                rejected = np.int64(word == _REJECT)
                good = (word == _REJECT) | (word == _ACCEPT)
                at += _6 if good else _0
            elif role == STATUS:
                good = letters(text, at) & _TWO == _OK
                at += _2 if good else _0
            else:
                good = text[at] == 45
                at += _1 if good else _0
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
                digits += np.uint8(text[at] - np.uint8(48)) < 10  # type: ignore[assignment]
                at += _1
            at += _1
            others[left, 0], others[left, 1] = line, at
            left += 1
            is_header = text[line] > 64 and digits < DIGITS_OF_RECORD
            if is_header:
                break  # it may change what follows
            continue
        put(waiting, waits, index, face, src, dst, sides, srcport, dstport, protocol, flags, rejected, packets, octets, start, end)
        waits += 1
        sound += 1
        refused += rejected
        all_octets += octets
        all_packets += packets
    totals[RECORDS] += sound
    totals[REJECTED] += refused
    totals[T_BYTES] += all_octets
    totals[T_PACKETS] += all_packets
    return np.int64(at), waits, left, is_header


@njit(**OPTIONS)
def read_rows(begin, numbers, places, lists, left_out, latest, longest, sides, index, waiting, met, taken, totals):  # type: ignore[no-untyped-def]
    """Take rows of columns (`flow_columns.columns_of`) from *begin* on, until *waiting* is full: where it stopped, and how many.

    *left_out*: rows that are not to be taken; empty: none. *taken* tells of each row whether it was; *met* as in `read_lines`.
    """
    srcports, dstports, protocols, all_flags, all_packets, all_octets, starts, ends = numbers
    face_at, src_at, dst_at, action_at, status_at = places
    faces, srcs, dsts, actions, statuses = lists
    waits, row = 0, begin
    while row < len(taken) and waits < len(waiting):
        face = faces[np.uint64(face_at[row])]
        src, dst = srcs[np.uint64(src_at[row])], dsts[np.uint64(dst_at[row])]
        action = actions[np.uint64(action_at[row])]
        srcport, dstport, protocol = np.int64(srcports[row]), np.int64(dstports[row]), np.int64(protocols[row])
        flags, packets, octets, start, end = np.int64(all_flags[row]), all_packets[row], all_octets[row], starts[row], ends[row]
        good = face != _0 and src >= 0 and dst >= 0 and action != UNKNOWN and statuses[np.uint64(status_at[row])] != 0
        good &= (0 <= srcport <= 65_535) & (0 <= dstport <= 65_535) & (0 <= protocol <= 255) & (0 <= flags <= FLAGS_AT_MOST)
        good &= (0 <= packets <= LARGEST) & (0 <= octets <= LARGEST)
        good &= (0 <= start <= end) & (end - start <= longest) & (end <= latest)
        if len(left_out):
            good &= not left_out[row]
        if good and len(met) > 1:
            good = is_met(met, face)
        taken[row] = good
        row += 1
        if good:
            rejected = np.int64(action == REFUSED)
            put(waiting, waits, index, face, src, dst, sides, srcport, dstport, protocol, flags, rejected, packets, octets, start, end)
            waits += 1
            totals[REJECTED] += rejected
            totals[T_BYTES] += octets
            totals[T_PACKETS] += packets
    totals[RECORDS] += waits
    return row, waits


@njit(**OPTIONS)
def addresses_of(text, bounds, found):  # type: ignore[no-untyped-def]
    """Give *found* the number of each IPv4 address of a list, whose words lie one behind the other between *bounds*; -1: another."""
    for word in range(len(found)):
        found[word] = ipv4_within(text, bounds[word], bounds[word + 1])


@njit(**OPTIONS)
def interfaces_of(text, bounds, found):  # type: ignore[no-untyped-def]
    """The same for interfaces; 0 for another."""
    for word in range(len(found)):
        value = interface_within(text, bounds[word], bounds[word + 1])
        found[word] = value if value >= LEAST_INTERFACE else _0

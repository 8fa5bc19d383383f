"""Which rows of the table of sums nothing else touches, found by compiled code.

A row is loose where its server is not told yet. What was read as text, and whatever may belong together with a loose row, goes its way;
the rest, which is nearly all, is settled. Marks are by hash: a row may be taken for loose by chance, never the other way round.
"""

import numpy as np
from numba import njit

from cloudmigrate.lake.flow_table import K_FACTS, K_INTERFACE, K_PAIR
from cloudmigrate.lake.flow_words import OPTIONS

SERVES, TALKS = 1, 2  # marks: of an address and its port, of an interface and two addresses in any order
UNTOLD = (1 << 17) - 1  # bits of facts: source port + 1 where the server is not told
PORT = UNTOLD << 17  # server's or target port + 1
PROTOCOL = 255 << 34
DAY = 43  # the bit from which on it has the day
_32 = np.uint64(32)
_LOW = np.uint64((1 << 32) - 1)
_MIX = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9))


@njit(forceinline=True, **OPTIONS)
def _place(marks, one, other):  # type: ignore[no-untyped-def]
    mix = np.uint64(one) * _MIX[0]
    mix = (mix ^ (mix >> _32) ^ np.uint64(other)) * _MIX[1]
    return (mix ^ (mix >> _32)) & np.uint64(len(marks) - 1)


@njit(forceinline=True, **OPTIONS)
def _pair_place(marks, face, pair):  # type: ignore[no-untyped-def]
    """The same for a pair of addresses in either order."""
    turned = pair << _32 | pair >> _32
    return _place(marks, face, min(pair, turned))


@njit(**OPTIONS)
def mark_loose(rows, is_text, marks):  # type: ignore[no-untyped-def]
    """Mark what the loose rows may meet; of rows that were read as text, which are loose all, too. *marks*: a power of two of bytes."""
    for row in range(len(rows)):
        facts = rows[row, K_FACTS]
        pair = np.uint64(rows[row, K_PAIR])
        if facts & UNTOLD:
            marks[_place(marks, pair & _LOW, facts & (PROTOCOL | PORT))] |= SERVES
            marks[_place(marks, pair >> _32, facts & PROTOCOL | (facts & UNTOLD) << 17)] |= SERVES
        elif not is_text:
            continue
        marks[_pair_place(marks, np.uint64(rows[row, K_INTERFACE]), pair)] |= TALKS


@njit(forceinline=True, **OPTIONS)
def _is_from(bounds, at, day, face, pair):  # type: ignore[no-untyped-def]
    """Whether a key is that bound or behind it."""
    if day != bounds[at, 0]:
        return day > bounds[at, 0]
    if face != bounds[at, 1]:
        return face > bounds[at, 1]
    return pair >= bounds[at, 2]


@njit(**OPTIONS)
def settled(rows, marks, bounds, share, found, ends):  # type: ignore[no-untyped-def]
    """Where the settled rows are, a share after the other, and behind them the others: written to *found*; *ends*: where each ends.

    *bounds* has the least day, interface and pair of every share but the first, in order; *share* is room for a byte a row.
    """
    shares = len(bounds) + 1
    for row in range(len(rows)):
        facts = rows[row, K_FACTS]
        pair = np.uint64(rows[row, K_PAIR])
        face = np.uint64(rows[row, K_INTERFACE])
        meets = marks[_place(marks, pair & _LOW, facts & (PROTOCOL | PORT))] & SERVES
        meets |= marks[_pair_place(marks, face, pair)] & TALKS
        at = shares
        if not (facts & UNTOLD or meets):
            day = np.uint64(facts >> DAY)
            at = 0
            while at < shares - 1 and _is_from(bounds, at, day, face, pair):
                at += 1
        share[row] = at
        ends[at] += 1
    before = 0
    for at in range(shares + 1):
        before, ends[at] = before + ends[at], before
    for row in range(len(rows)):
        at = share[row]
        found[ends[at]] = row
        ends[at] += 1

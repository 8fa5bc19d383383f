"""The doors into the compiled code: functions as C has them, which take addresses of memory and lengths. numba compiles them in seconds.

`flow_native` keeps what is made of them, and calls it. Every array lies densely; whoever calls sees to it that it is of the kind and size
stated here, for nothing is checked.
"""

from numba import carray, cfunc, types  # type: ignore[attr-defined]

from cloudmigrate.lake import flow_kernel, flow_settling
from cloudmigrate.lake.flow_blocks import LINE_ENDS
from cloudmigrate.lake.flow_table import KEYS, TOTALS, WAITING_WIDTH, WIDTH

PORTS, CASES, PROTOCOLS = 65_536, 16, 256  # lengths of flow_sides.KINDS, SIDES_OF and RULES, PORTLESS_PROTOCOLS
INTEGER = types.int64
_KINDS = (types.uint8, types.int8, types.int32, types.int64, types.boolean, types.uint32, types.uint64)
TEXT, SMALL, MIDDLE, WIDE, TRUTHS, PLACES, NAMES = map(types.CPointer, _KINDS)
ANY = 1  # the length of what is only read at places that are in it


@cfunc(INTEGER(WIDE, INTEGER, PLACES, INTEGER, WIDE, INTEGER, INTEGER))
def add(waiting, count, index, places, rows, room, used):  # type: ignore[no-untyped-def]
    """How many rows are used then; see `flow_kernel.add`."""
    return flow_kernel.add(carray(waiting, (count, WAITING_WIDTH)), count, carray(index, (places,)), carray(rows, (room, WIDTH)), used)


_SIDES = (SMALL, SMALL, SMALL, TRUTHS)
_TABLE = (PLACES, INTEGER, WIDE, INTEGER, NAMES, INTEGER)  # index and its places, waiting and its room, interfaces met and their room


@cfunc(types.void(TEXT, INTEGER, INTEGER, SMALL, INTEGER, INTEGER, INTEGER, *_SIDES, *_TABLE, WIDE, INTEGER, WIDE, WIDE))
def read_lines(  # type: ignore[no-untyped-def]
    text, size, begin, roles, columns, latest, longest, kinds, side_of, rule_of, portless,
    index, places, waiting, waits, met, mets, others, room, totals, found,
):  # fmt: skip
    """*found*: where it stopped, how many wait, how many others there are, whether the last may be a header (`flow_kernel.read_lines`)."""
    found[0], found[1], found[2], found[3] = flow_kernel.read_lines(
        carray(text, (size + LINE_ENDS,)),
        size,
        begin,
        carray(roles, (columns,)),
        latest,
        longest,
        (carray(kinds, (PORTS,)), carray(side_of, (CASES,)), carray(rule_of, (CASES,)), carray(portless, (PROTOCOLS,))),
        carray(index, (places,)),
        carray(waiting, (waits, WAITING_WIDTH)),
        carray(met, (mets,)),
        carray(others, (room, 2)),
        carray(totals, (TOTALS,)),
    )


_NUMBERS, _TEXTS, _LISTS = (MIDDLE,) * 4 + (WIDE,) * 4, (MIDDLE,) * 5, (NAMES, WIDE, WIDE, SMALL, SMALL)


@cfunc(
    types.void(
        INTEGER, INTEGER, *_NUMBERS, *_TEXTS, *_LISTS, TRUTHS, INTEGER, INTEGER, INTEGER, *_SIDES, *_TABLE, TRUTHS, WIDE, WIDE
    )
)  # fmt: skip
def read_rows(  # type: ignore[no-untyped-def]
    begin, rows, srcport, dstport, protocol, flags, packets, octets, start, end, face_at, src_at, dst_at, action_at, status_at,
    faces, srcs, dsts, actions, statuses, left_out, left_outs, latest, longest, kinds, side_of, rule_of, portless,
    index, places, waiting, waits, met, mets, taken, totals, found,
):  # fmt: skip
    """*found*: where it stopped, how many wait (`flow_kernel.read_rows`)."""
    found[0], found[1] = flow_kernel.read_rows(
        begin,
        (
            carray(srcport, (rows,)), carray(dstport, (rows,)), carray(protocol, (rows,)), carray(flags, (rows,)),
            carray(packets, (rows,)), carray(octets, (rows,)), carray(start, (rows,)), carray(end, (rows,)),
        ),
        (
            carray(face_at, (rows,)), carray(src_at, (rows,)), carray(dst_at, (rows,)), carray(action_at, (rows,)),
            carray(status_at, (rows,)),
        ),
        (carray(faces, (ANY,)), carray(srcs, (ANY,)), carray(dsts, (ANY,)), carray(actions, (ANY,)), carray(statuses, (ANY,))),
        carray(left_out, (left_outs,)),
        latest,
        longest,
        (carray(kinds, (PORTS,)), carray(side_of, (CASES,)), carray(rule_of, (CASES,)), carray(portless, (PROTOCOLS,))),
        carray(index, (places,)),
        carray(waiting, (waits, WAITING_WIDTH)),
        carray(met, (mets,)),
        carray(taken, (rows,)),
        carray(totals, (TOTALS,)),
    )  # fmt: skip


@cfunc(types.void(TEXT, INTEGER, MIDDLE, INTEGER, WIDE))
def addresses_of(text, size, bounds, words, found):  # type: ignore[no-untyped-def]
    """Into *found*; see `flow_kernel.addresses_of`."""
    flow_kernel.addresses_of(carray(text, (size,)), carray(bounds, (words + 1,)), carray(found, (words,)))


@cfunc(types.void(TEXT, INTEGER, MIDDLE, INTEGER, NAMES))
def interfaces_of(text, size, bounds, words, found):  # type: ignore[no-untyped-def]
    """Into *found*; see `flow_kernel.interfaces_of`."""
    flow_kernel.interfaces_of(carray(text, (size,)), carray(bounds, (words + 1,)), carray(found, (words,)))


@cfunc(types.void(WIDE, INTEGER, INTEGER, INTEGER, TEXT, INTEGER))
def mark_loose(rows, count, width, is_text, marks, places):  # type: ignore[no-untyped-def]
    """See `flow_settling.mark_loose`."""
    flow_settling.mark_loose(carray(rows, (count, width)), is_text != 0, carray(marks, (places,)))


@cfunc(types.void(WIDE, INTEGER, TEXT, INTEGER, NAMES, INTEGER, TEXT, WIDE, WIDE))
def settled(rows, count, marks, places, bounds, bound, share, found, ends):  # type: ignore[no-untyped-def]
    """Into *share*, *found* and *ends*; see `flow_settling.settled`."""
    flow_settling.settled(
        carray(rows, (count, WIDTH)),
        carray(marks, (places,)),
        carray(bounds, (bound, KEYS)),
        carray(share, (count,)),
        carray(found, (count,)),
        carray(ends, (bound + 2,)),
    )


ENTRIES = {one.__name__: one for one in (add, read_lines, read_rows, addresses_of, interfaces_of, mark_loose, settled)}

"""Records told apart by side: whose port is the service's, as far as one record alone can tell, and which hours it covers.

Records come in two shapes: with texts (`SIDES`), and as numbers alone (`NUMBERED`), which are summed three times as fast.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cloudmigrate.domain.direction import ACK_SYN, DYNAMIC_FROM, KNOWN_PORTS, PORTLESS, STRENGTH, SYN, DirectionRule

CLIENT = -1  # instead of a client's own port, which is another one in every conversation
TCP = 6
LONG_SPAN = 1 << 24  # beside the bits of the hours: the record covers more than SHORT_SPAN_S
SHORT_SPAN_S = 60
SIDES = pa.schema(
    [(name, pa.string()) for name in ("interface_id", "src", "dst", "action", "src_service", "dst_service", "vpc_id", "subnet_id", "hint")]
    + [(name, pa.int32()) for name in ("srcport", "dstport", "protocol", "day", "hours", "span_s")]
    + [("rule", pa.int8())]
    + [(name, pa.int64()) for name in ("packets", "bytes", "start_s", "end_s")]
)
# facts: source port + 1 (17 bits), target port + 1 (17), protocol (8), rule (3), rejected (1), day (17), from the lowest bit on.
NUMBERED = pa.schema(
    [(name, pa.uint64()) for name in ("interface", "src", "dst")]
    + [(name, pa.int64()) for name in ("facts", "packets", "bytes", "start_s", "end_s")]
    + [("hours", pa.int32())]
)
Integers = npt.NDArray[np.int64]

_PORTLESS = np.zeros(256, dtype=bool)
_PORTLESS[sorted(PORTLESS)] = True
# A port is of one of four kinds (bit 0: below the dynamic range, bit 1: a known service's); two ports make sixteen cases.
_KIND = (np.arange(65_536) < DYNAMIC_FROM).astype(np.int8)
_KIND[sorted(KNOWN_PORTS)] |= 2


def _case(source: int, target: int) -> tuple[int, int]:
    """The side (1: the target serves, 0: the source, -1: undecided) and the rule's strength, for two kinds of ports."""
    for bit, rule in ((2, DirectionRule.KNOWN), (1, DirectionRule.RANGE)):
        if (source ^ target) & bit:
            return int(bool(target & bit)), STRENGTH[rule]
    return -1, STRENGTH[DirectionRule.GUESS]


_SIDE, _RULE = np.array([_case(kinds >> 2, kinds & 3) for kinds in range(16)], dtype=np.int8).T.copy()


@dataclass(frozen=True, slots=True)
class Columns:
    """Sound records as numbers: addresses and interfaces as `flow_words` makes them."""

    interface: npt.NDArray[np.uint64]
    src: npt.NDArray[np.uint64]
    dst: npt.NDArray[np.uint64]
    srcport: Integers
    dstport: Integers
    protocol: Integers
    packets: Integers
    bytes: Integers
    start_s: Integers
    end_s: Integers
    rejected: npt.NDArray[np.bool_]
    flags: Integers | None = None


def sides_of(records: pa.RecordBatch) -> pa.RecordBatch:
    """The records of `flow_fields.RECORDS` with their client's port made `CLIENT` where one record tells who the client is."""
    srcport, dstport, protocol = (_numbers(records, name) for name in ("srcport", "dstport", "protocol"))
    flags = records.column("tcp_flags")
    told = _integers(flags.fill_null(0)) if flags.null_count < len(flags) else None
    to_server, rule = _server_side(srcport, dstport, protocol, told)
    start_s, end_s = _numbers(records, "start_s"), _numbers(records, "end_s")
    day = start_s // 86_400
    columns = {
        "srcport": np.where(to_server == 1, CLIENT, srcport).astype(np.int32),
        "dstport": np.where(to_server == 0, CLIENT, dstport).astype(np.int32),
        "day": day.astype(np.int32),
        "hours": hour_bits(start_s - day * 86_400, end_s - day * 86_400),
        "span_s": (end_s - start_s).astype(np.int32),
        "rule": rule,
    }
    renamed = {"hint": "owner_hint"}
    arrays = [
        pa.array(columns[name], type=SIDES.field(name).type) if name in columns else records.column(renamed.get(name, name))
        for name in SIDES.names
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=SIDES)


def numbered(records: Columns) -> pa.RecordBatch:
    """The same for records that are numbers, in `NUMBERED`."""
    to_server, rule = _server_side(records.srcport, records.dstport, records.protocol, records.flags)
    facts = np.where(to_server == 1, 0, records.srcport + 1)
    facts |= np.where(to_server == 0, 0, records.dstport + 1) << 17
    facts |= records.protocol << 34
    facts |= rule.astype(np.int64) << 42
    facts |= records.rejected.astype(np.int64) << 45
    day, hours = _days_and_hours(records.start_s, records.end_s)
    facts |= day << 46
    hours |= np.where(records.end_s - records.start_s > SHORT_SPAN_S, np.int32(LONG_SPAN), np.int32(0))
    columns = (records.interface, records.src, records.dst, facts, records.packets, records.bytes, records.start_s, records.end_s, hours)
    return pa.RecordBatch.from_arrays([pa.array(one) for one in columns], schema=NUMBERED)


def hour_bits(from_s: Integers, to_s: Integers) -> npt.NDArray[np.int32]:
    """Bit n for each hour n of the day between two instants of it, in seconds from its start; what lies after midnight is left out."""
    first, last = from_s // 3600, np.minimum(to_s, 86_399) // 3600
    return ((np.int64(1) << (last + 1)) - (np.int64(1) << first)).astype(np.int32)


def _days_and_hours(start_s: Integers, end_s: Integers) -> tuple[Integers, npt.NDArray[np.int32]]:
    """The day of each record and the bits of its hours; most objects lie within one hour, which spares the arithmetic."""
    if len(start_s) and start_s.min() // 3600 == end_s.max() // 3600:
        hour = int(start_s[0]) // 3600
        return np.full(len(start_s), hour // 24, np.int64), np.full(len(start_s), 1 << hour % 24, np.int32)
    day = start_s // 86_400
    return day, hour_bits(start_s - day * 86_400, end_s - day * 86_400)


def _server_side(
    srcport: Integers, dstport: Integers, protocol: Integers, flags: Integers | None
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int8]]:
    """For each record 1 (the target serves), 0 (the source serves) or -1 (undecided), and the strength of the rule that told."""
    case = _KIND[srcport] * np.int8(4)
    case += _KIND[dstport]
    side, rule = _SIDE[case], _RULE[case]
    if flags is not None:
        tcp = protocol == TCP
        for which, serves in ((SYN, 1), (ACK_SYN, 0)):
            told = tcp & ((flags & ACK_SYN) == which)
            side[told], rule[told] = serves, STRENGTH[DirectionRule.SYN]
    portless = _PORTLESS[protocol]
    if portless.any():
        side[portless], rule[portless] = -1, STRENGTH[DirectionRule.GUESS]
    return side, rule


def _numbers(records: pa.RecordBatch, name: str) -> Integers:
    return _integers(records.column(name))


def _integers(column: pa.Array) -> Integers:
    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.int64)

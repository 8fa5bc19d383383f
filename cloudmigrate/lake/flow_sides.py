"""Records told apart by side: whose port is the service's, as far as one record alone can tell, and which hours it covers."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cloudmigrate.domain.direction import ACK_SYN, DYNAMIC_FROM, KNOWN_PORTS, PORTLESS, STRENGTH, SYN, DirectionRule

CLIENT = -1  # instead of a client's own port, which is another one in every conversation
TCP = 6
SIDES = pa.schema(
    [(name, pa.string()) for name in ("interface_id", "src", "dst", "action", "src_service", "dst_service", "vpc_id", "subnet_id", "hint")]
    + [(name, pa.int32()) for name in ("srcport", "dstport", "protocol", "day", "hours", "span_s")]
    + [("rule", pa.int8())]
    + [(name, pa.int64()) for name in ("packets", "bytes", "start_s", "end_s")]
)
Integers = npt.NDArray[np.int64]

PORTLESS_PROTOCOLS = np.zeros(256, dtype=bool)
PORTLESS_PROTOCOLS[sorted(PORTLESS)] = True
# A port is of one of four kinds (bit 0: below the dynamic range, bit 1: a known service's); two ports make sixteen cases.
KINDS = (np.arange(65_536) < DYNAMIC_FROM).astype(np.int8)
KINDS[sorted(KNOWN_PORTS)] |= 2


def _case(source: int, target: int) -> tuple[int, int]:
    """The side (1: the target serves, 0: the source, -1: undecided) and the rule's strength, for two kinds of ports."""
    for bit, rule in ((2, DirectionRule.KNOWN), (1, DirectionRule.RANGE)):
        if (source ^ target) & bit:
            return int(bool(target & bit)), STRENGTH[rule]
    return -1, STRENGTH[DirectionRule.GUESS]


SIDES_OF, RULES = np.array([_case(kinds >> 2, kinds & 3) for kinds in range(16)], dtype=np.int8).T.copy()


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


def hour_bits(from_s: Integers, to_s: Integers) -> npt.NDArray[np.int32]:
    """Bit n for each hour n of the day between two instants of it, in seconds from its start; what lies after midnight is left out."""
    first, last = from_s // 3600, np.minimum(to_s, 86_399) // 3600
    return ((np.int64(1) << (last + 1)) - (np.int64(1) << first)).astype(np.int32)


def _server_side(
    srcport: Integers, dstport: Integers, protocol: Integers, flags: Integers | None
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int8]]:
    """For each record 1 (the target serves), 0 (the source serves) or -1 (undecided), and the strength of the rule that told."""
    case = KINDS[srcport] * np.int8(4)
    case += KINDS[dstport]
    side, rule = SIDES_OF[case], RULES[case]
    if flags is not None:
        tcp = protocol == TCP
        for which, serves in ((SYN, 1), (ACK_SYN, 0)):
            told = tcp & ((flags & ACK_SYN) == which)
            side[told], rule[told] = serves, STRENGTH[DirectionRule.SYN]
    portless = PORTLESS_PROTOCOLS[protocol]
    if portless.any():
        side[portless], rule[portless] = -1, STRENGTH[DirectionRule.GUESS]
    return side, rule


def _numbers(records: pa.RecordBatch, name: str) -> Integers:
    return _integers(records.column(name))


def _integers(column: pa.Array) -> Integers:
    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.int64)

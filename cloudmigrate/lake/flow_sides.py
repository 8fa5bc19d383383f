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
_KNOWN = np.zeros(65_536, dtype=bool)
_KNOWN[sorted(KNOWN_PORTS)] = True
_PORTLESS = np.zeros(256, dtype=bool)
_PORTLESS[sorted(PORTLESS)] = True


def sides_of(records: pa.RecordBatch) -> pa.RecordBatch:
    """The records of `flow_text.RECORDS` with their client's port made `CLIENT` where one record tells who the client is."""
    srcport, dstport, protocol = (_numbers(records, name) for name in ("srcport", "dstport", "protocol"))
    to_server, rule = _server_side(srcport, dstport, protocol, records.column("tcp_flags"))
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


def hour_bits(from_s: npt.NDArray[np.int64], to_s: npt.NDArray[np.int64]) -> npt.NDArray[np.int32]:
    """Bit n for each hour n of the day between two instants of it, in seconds from its start; what lies after midnight is left out."""
    first, last = from_s // 3600, np.minimum(to_s, 86_399) // 3600
    return ((np.int64(1) << (last + 1)) - (np.int64(1) << first)).astype(np.int32)


def _server_side(
    srcport: npt.NDArray[np.int64], dstport: npt.NDArray[np.int64], protocol: npt.NDArray[np.int64], flags: pa.Array
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int8]]:
    """For each record 1 (the target serves), 0 (the source serves) or -1 (undecided), and the strength of the rule that told."""
    side = np.full(len(srcport), -1, dtype=np.int8)
    rule = np.full(len(srcport), STRENGTH[DirectionRule.GUESS], dtype=np.int8)

    def decide(which: npt.NDArray[np.bool_], serves: int, by: DirectionRule) -> None:
        side[which], rule[which] = serves, STRENGTH[by]

    low_src, low_dst = srcport < DYNAMIC_FROM, dstport < DYNAMIC_FROM
    decide(low_dst & ~low_src, 1, DirectionRule.RANGE)
    decide(low_src & ~low_dst, 0, DirectionRule.RANGE)
    known_src, known_dst = _KNOWN[srcport], _KNOWN[dstport]
    decide(known_dst & ~known_src, 1, DirectionRule.KNOWN)
    decide(known_src & ~known_dst, 0, DirectionRule.KNOWN)
    if flags.null_count < len(flags):
        told = np.asarray(flags.fill_null(0).to_numpy(zero_copy_only=False))
        tcp = protocol == TCP
        decide(tcp & ((told & ACK_SYN) == SYN), 1, DirectionRule.SYN)
        decide(tcp & ((told & ACK_SYN) == ACK_SYN), 0, DirectionRule.SYN)
    decide(_PORTLESS[protocol], -1, DirectionRule.GUESS)
    return side, rule


def _numbers(records: pa.RecordBatch, name: str) -> npt.NDArray[np.int64]:
    return np.asarray(records.column(name).to_numpy(zero_copy_only=False), dtype=np.int64)

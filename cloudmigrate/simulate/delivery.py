"""Flow log records as AWS delivers them: gzip text and Parquet in S3, events of a log group."""

import gzip
import io
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cloudmigrate.simulate.estate.flow_logs import FlowLog
from cloudmigrate.simulate.traffic import DAY_S, Records

TEXT_S = 6 * 3_600  # AWS writes an object every five minutes; so many would take minutes to seed
EVENTS_A_CALL = 5_000
WIDTHS = {"version": "Int32", "srcport": "Int32", "dstport": "Int32", "protocol": "Int32", "tcp_flags": "Int32"} | dict.fromkeys(
    ("packets", "bytes", "start", "end"), "Int64"
)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """An object to put."""

    key: str
    body: bytes


def lines(columns: Sequence[str], records: Records) -> list[str]:
    """The records as text, without a header; a field that a record lacks is a hyphen."""
    values = [records.fields.get(name, "-") for name in columns]
    arrays = [one.tolist() for one in values if isinstance(one, np.ndarray)]
    form = " ".join("%d" if isinstance(one, np.ndarray) else str(one).replace("%", "%%") for one in values)
    return [form % row for row in zip(*arrays, strict=True)]


def text_file(log: FlowLog, flow_log_id: str, start_s: int, body: Sequence[str]) -> StoredFile:
    """A gzip object of lines under their header."""
    packed = gzip.compress("\n".join((" ".join(log.columns), *body, "")).encode(), compresslevel=1, mtime=0)
    at = datetime.fromtimestamp(start_s, UTC)
    folder = f"AWSLogs/{log.account_id}/vpcflowlogs/{log.region}/{at:%Y/%m/%d}"
    return StoredFile(f"{folder}/{_name(log, flow_log_id, at, packed)}.log.gz", packed)


def parquet_file(log: FlowLog, flow_log_id: str, start_s: int, records: Sequence[Records]) -> StoredFile:
    """A Parquet object in Hive-compatible folders; a field that a record lacks is null.

    Source of the columns' types: Amazon VPC User Guide, "Flow log records", Parquet data types.
    """
    import pandas as pd

    columns = {name.replace("-", "_"): [value for one in records for value in _values(one, name)] for name in log.columns}
    table = pd.DataFrame(columns, dtype=object).astype({name: WIDTHS.get(name, "string") for name in columns})
    held = io.BytesIO()
    table.to_parquet(held, index=False, compression="gzip")
    packed = held.getvalue()
    at = datetime.fromtimestamp(start_s, UTC)
    folder = (
        f"AWSLogs/aws-account-id={log.account_id}/aws-service=vpcflowlogs/aws-region={log.region}/year={at:%Y}/month={at:%m}/day={at:%d}"
    )
    return StoredFile(f"{folder}/{_name(log, flow_log_id, at, packed)}.log.parquet", packed)


def _values(records: Records, name: str) -> list[str | int | None]:
    """One field of each record; None where it says nothing."""
    value = records.fields.get(name)
    if isinstance(value, np.ndarray):
        return list(value.tolist())
    return [None if value == "-" else value] * len(records.start_s)


def event_calls(log: FlowLog, records: Mapping[str, Sequence[Records]]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """What to put into a log group: a stream for each interface, its events in order of time, as many as one call may have."""
    for interface_id, some in sorted(records.items()):
        timed = sorted((int(at), line) for one in some for at, line in zip(one.start_s, lines(log.columns, one), strict=True))
        events = [{"timestamp": at * 1000, "message": line} for at, line in timed]
        for first in range(0, len(events), EVENTS_A_CALL):
            yield f"{interface_id}-all", events[first : first + EVENTS_A_CALL]


def _name(log: FlowLog, flow_log_id: str, at: datetime, body: bytes) -> str:
    return f"{log.account_id}_vpcflowlogs_{log.region}_{flow_log_id}_{at:%Y%m%dT%H%MZ}_{zlib.crc32(body):08x}"


def day_edges(first_s: int, end_s: int, step_s: int = DAY_S) -> NDArray[np.int64]:
    """The bounds of stretches of *step_s* from the first to past the end."""
    return np.arange(first_s, end_s + step_s, step_s, dtype=np.int64)

"""What a flow log record looks like inside: the fields that are read, their types, and what bounds a sound value has."""

from datetime import timedelta

import pyarrow as pa

from cloudmigrate.lake.flow_blocks import NODATA, SKIPDATA

AHEAD = timedelta(days=1)  # clocks differ; a record from further in the future is broken
LONGEST_S = 86_400  # of one capture window; AWS has 60 and 600 s
MOST = 10**13  # packets or bytes of one record: 133 Gbit/s for ten minutes, five times what one flow may have in EC2; more is a lie
# Of `seen` in flow_sums.SUMS, beside the bits of the hours.
LONG_SPAN = 1 << 24  # beside the bits of the hours: the record covers more than a minute
FIRST_RULE = 25  # from this bit on, one for each strength of a rule that told the server
SUM_AT_MOST = 2**53 - 1  # of packets or bytes, as the queries have it too: sums of lies end there instead of ending the run

NUMBERS = {
    "srcport": pa.int32(),
    "dstport": pa.int32(),
    "protocol": pa.int32(),
    "packets": pa.int64(),
    "bytes": pa.int64(),
    "start": pa.int64(),
    "end": pa.int64(),
    "tcp-flags": pa.int32(),
}
IDLE_STATUSES = (NODATA, SKIPDATA)
TEXTS = (
    "interface-id",
    "srcaddr",
    "dstaddr",
    "pkt-srcaddr",
    "pkt-dstaddr",
    "action",
    "log-status",
    "vpc-id",
    "subnet-id",
    "instance-id",
    "pkt-src-aws-service",
    "pkt-dst-aws-service",
    "tgw-src-eni",
    "tgw-src-vpc-id",
    "ecs-cluster-name",
    "ecs-service-name",
)
# What a batch of sound records looks like; null where the format has no such field.
RECORDS = pa.schema(
    [(name, pa.string()) for name in ("interface_id", "src", "dst")]
    + [("srcport", pa.int32()), ("dstport", pa.int32()), ("protocol", pa.int32())]
    + [(name, pa.int64()) for name in ("packets", "bytes", "start_s", "end_s")]
    + [("action", pa.string()), ("tcp_flags", pa.int32())]
    + [(name, pa.string()) for name in ("src_service", "dst_service", "vpc_id", "subnet_id", "owner_hint")]
)
IDLE = pa.schema([("interface_id", pa.string()), ("start_s", pa.int64()), ("end_s", pa.int64()), ("status", pa.string())])

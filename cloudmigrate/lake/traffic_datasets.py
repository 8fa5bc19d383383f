"""The datasets of flow logs and the traffic in them; `datasets` joins them to the others.

Uids of ends that are no resource: ``external:<CIDR or AWS service>``, ``unknown:<address>``. ``protocol`` is IANA's number (6 TCP,
17 UDP); ``port`` is the server's, 0 where the protocol has none or none could be told.
"""

import pyarrow as pa

from cloudmigrate.lake.dataset import UTC_TIME, Dataset, columns

TEXT, COUNT, SMALL, SHARE, YES = pa.string(), pa.int64(), pa.int32(), pa.float64(), pa.bool_()
TEXTS = pa.list_(pa.string())

CONVERSATIONS = Dataset(
    name="conversations",
    grain="one row per (batch of flow log objects, day, interface, client, server, protocol, port, action); addresses, not resources",
    keys=("batch", "day", "interface_id", "client", "server", "protocol", "port", "action"),
    remarks={
        "interface_id": "the interface that recorded it; empty where the format has none",
        "client": "address; the packet's own (pkt-srcaddr, pkt-dstaddr) where the format has it",
        "action": "ACCEPT, REJECT",
        "direction": "how the server was told: syn, known, listens, range, guess",
        "flows": "records",
        "hours": "bit n: seen in UTC hour n of the day",
        "aws_service": "name of the AWS service at the server's or else the client's address, where the format says",
    },
    schema=columns(
        ("batch", TEXT),
        ("account_id", TEXT),
        ("region", TEXT),
        ("day", pa.date32()),
        ("interface_id", TEXT),
        ("client", TEXT),
        ("server", TEXT),
        ("protocol", SMALL),
        ("port", SMALL),
        ("action", TEXT),
        ("direction", TEXT),
        ("to_server_bytes", COUNT),
        ("to_client_bytes", COUNT),
        ("to_server_packets", COUNT),
        ("to_client_packets", COUNT),
        ("flows", COUNT),
        ("first_at", UTC_TIME),
        ("last_at", UTC_TIME),
        ("hours", SMALL),
        nullable=(("vpc_id", TEXT), ("aws_service", TEXT)),
    ),
)
INTERFACE_LOGS = Dataset(
    name="interface_logs",
    grain="one row per (batch of flow log objects, day, interface): what was logged at all",
    keys=("batch", "day", "interface_id"),
    remarks={
        "owner_hint": "instance id, or ecs:<cluster>/<service>, where the format says whose interface it is",
        "aggregation_s": "the longest capture window of its records, rounded up to 60 or 600",
        "hours": "bit n: some record (OK or NODATA) covers UTC hour n",
        "skipped_hours": "bit n: a SKIPDATA record covers UTC hour n",
    },
    schema=columns(
        ("batch", TEXT),
        ("account_id", TEXT),
        ("region", TEXT),
        ("day", pa.date32()),
        ("interface_id", TEXT),
        ("records", COUNT),
        ("nodata_records", COUNT),
        ("skipdata_records", COUNT),
        ("aggregation_s", SMALL),
        ("hours", SMALL),
        ("skipped_hours", SMALL),
        nullable=(("vpc_id", TEXT), ("subnet_id", TEXT), ("owner_hint", TEXT)),
    ),
)
FLOW_LOG_OBJECTS = Dataset(
    name="flow_log_objects",
    grain="one row per flow log object read (of a log group: per hour), with what became of its lines",
    keys=("source", "account_id", "key"),
    remarks={
        "status": "ok, partly (some lines broken, or cut off), unreadable",
        "bytes": "sum over accepted and rejected records, as logged",
        "sample": "a few broken lines, cut and masked",
    },
    schema=columns(
        ("source", TEXT),
        ("account_id", TEXT),
        ("key", TEXT),
        ("etag", TEXT),
        ("status", TEXT),
        ("records", COUNT),
        ("accepted", COUNT),
        ("rejected", COUNT),
        ("nodata", COUNT),
        ("skipdata", COUNT),
        ("broken", COUNT),
        ("bytes", COUNT),
        ("packets", COUNT),
        nullable=(("sample", TEXTS), ("detail", TEXT)),
    ),
)
FLOW_LOG_SOURCES = Dataset(
    name="flow_log_sources",
    grain="one row per place where flow logs were looked for",
    keys=("source", "account_id"),
    remarks={
        "found_by": "estate file, or DescribeFlowLogs",
        "status": "of the last attempt: ok, empty (no record), partial (not all was read, but records count, from this attempt or an "
        "earlier one), denied, throttled, failed",
        "missing_action": "IAM action to grant, such as s3:ListBucket",
        "objects": "of the window that are known, listed now or read before; of a log group: hours",
        "new_objects": "that the last attempt was to read; those that were read before are not read again",
        "read_objects": "of `objects`, those that were read, by any attempt: traffic is made of them",
        "read_at": "when the window was last read in full; null where it never was, or that is not known",
        "attempted_at": "when it was last tried to read the place; null where discovery was refused to find it, and in older snapshots",
    },
    schema=columns(
        ("source", TEXT),
        ("account_id", TEXT),
        ("region", TEXT),
        ("found_by", TEXT),
        ("status", TEXT),
        ("objects", COUNT),
        ("new_objects", COUNT),
        nullable=(
            ("error_code", TEXT),
            ("missing_action", TEXT),
            ("detail", TEXT),
            ("read_objects", COUNT),
            ("read_at", UTC_TIME),
            ("attempted_at", UTC_TIME),
        ),
    ),
)
TRAFFIC = Dataset(
    name="traffic",
    grain="one row per (source, target, protocol, server port, action); source is the client",
    keys=("source_uid", "target_uid", "protocol", "port", "action"),
    remarks={
        "action": "ACCEPT, REJECT",
        "bytes": "both halves of the conversation, each counted once",
        "flows": "records",
        "active_hours": "distinct hours with traffic",
        "confidence": "0..1: that the two resources and the direction are right",
        "direction": "how the server was told, by its strongest evidence: syn, known, listens, range, guess",
        "resolution": "resolved, assumed (older than the first snapshot), external, unknown: the weaker of both ends",
        "periodicity": "continuous, hourly, daily, weekdays, weekly, month_end, irregular, once; as far as the window can show it",
        "hours_of_day": "bit n: seen in UTC hour n of some day",
        "days_logged": "days on which an interface at either end logged all 24 hours",
        "skipped_share": "0..1: share of logged hours with SKIPDATA at the recording interfaces",
        "aggregation_s": "longest capture window of the recording interfaces, seconds",
    },
    schema=columns(
        ("source_uid", TEXT),
        ("target_uid", TEXT),
        ("protocol", SMALL),
        ("port", SMALL),
        ("action", TEXT),
        ("bytes", COUNT),
        ("packets", COUNT),
        ("flows", COUNT),
        ("first_seen", UTC_TIME),
        ("last_seen", UTC_TIME),
        ("active_hours", SMALL),
        ("days_seen", SMALL),
        ("confidence", SHARE),
        ("direction", TEXT),
        ("resolution", TEXT),
        ("periodicity", TEXT),
        ("days_logged", SMALL),
        ("skipped_share", SHARE),
        nullable=(("aggregation_s", SMALL), ("hours_of_day", SMALL)),
    ),
)
TRAFFIC_ACTIVITY = Dataset(
    name="traffic_activity",
    grain="one row per (source, target, protocol, server port, action, day)",
    keys=("source_uid", "target_uid", "protocol", "port", "action", "day"),
    remarks={"hours": "bit n: seen in UTC hour n of the day", "bytes": "both halves, each counted once"},
    schema=columns(
        ("source_uid", TEXT),
        ("target_uid", TEXT),
        ("protocol", SMALL),
        ("port", SMALL),
        ("action", TEXT),
        ("day", pa.date32()),
        ("hours", SMALL),
        ("bytes", COUNT),
    ),
)
FLOW_LOG_COVERAGE = Dataset(
    name="flow_log_coverage",
    grain="one row per (interface, day) in the window with at least one record",
    keys=("interface_id", "day"),
    remarks={
        "uid": "the resource that the interface serves; null where no snapshot knows it",
        "logged_hours": "hours with a record; none where only rejected traffic is logged",
        "fully_logged": "all 24 hours are logged and none was skipped",
    },
    schema=columns(
        ("interface_id", TEXT),
        ("day", pa.date32()),
        ("account_id", TEXT),
        ("region", TEXT),
        ("records", COUNT),
        ("nodata_records", COUNT),
        ("skipdata_records", COUNT),
        ("logged_hours", SMALL),
        ("skipped_hours", SMALL),
        ("fully_logged", YES),
        ("aggregation_s", SMALL),
        nullable=(("uid", TEXT), ("vpc_id", TEXT)),
    ),
)
OBSERVATION = Dataset(
    name="observation",
    grain="one row per resource with an address: what the window of flow logs can have shown of it",
    keys=("uid",),
    remarks={
        "fully_logged_days": "days on which all of its interfaces logged every hour, none skipped",
        "weekly_seen_probability": "0..1: min(1, fully logged days / 7): one occurrence a week at an unknown time",
        "monthly_seen_probability": "0..1: min(1, fully logged days / 30)",
    },
    schema=columns(
        ("uid", TEXT),
        ("interfaces", SMALL),
        ("logged_interfaces", SMALL),
        ("fully_logged_days", SMALL),
        ("skipped_share", SHARE),
        ("weekly_seen_probability", SHARE),
        ("monthly_seen_probability", SHARE),
    ),
)

TRAFFIC_DATASETS: tuple[Dataset, ...] = (
    CONVERSATIONS,
    INTERFACE_LOGS,
    FLOW_LOG_OBJECTS,
    FLOW_LOG_SOURCES,
    TRAFFIC,
    TRAFFIC_ACTIVITY,
    FLOW_LOG_COVERAGE,
    OBSERVATION,
)

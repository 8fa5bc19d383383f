"""What the columns of VPC flow logs are: the table of fields, and how a file or a flow log says which of them it has and in what order.

Source: Amazon VPC User Guide, "Flow log records" (fields by version) and "Transit Gateway Flow Log records".
"""

import re
from collections.abc import Mapping, Sequence

LOG_FORMAT_FIELD = re.compile(r"\$\{([a-z0-9-]+)\}")


# Version of the record format -> the fields that it brought.
FIELDS: Mapping[int, str] = {
    2: ("version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status"),
    3: ("vpc-id subnet-id instance-id type tcp-flags pkt-srcaddr pkt-dstaddr"),
    4: "region az-id sublocation-type sublocation-id",
    5: ("pkt-src-aws-service pkt-dst-aws-service flow-direction traffic-path"),
    6: (
        "resource-type tgw-id tgw-attachment-id tgw-src-vpc-account-id tgw-dst-vpc-account-id tgw-src-vpc-id tgw-dst-vpc-id "
        "tgw-src-subnet-id tgw-dst-subnet-id tgw-src-eni tgw-dst-eni tgw-src-az-id tgw-dst-az-id tgw-pair-attachment-id "
        "packets-lost-no-route packets-lost-blackhole packets-lost-mtu-exceeded packets-lost-ttl-expired"
    ),
    7: (
        "ecs-cluster-arn ecs-cluster-name ecs-container-instance-arn ecs-container-instance-id ecs-container-id "
        "ecs-second-container-id ecs-service-name ecs-task-definition-arn ecs-task-arn ecs-task-id"
    ),
    8: "reject-reason",
}
KNOWN_FIELDS = frozenset(name for names in FIELDS.values() for name in names.split())

# The order of a flow log for which nobody chose one (User Guide, "Default format"): that of version 2.
DEFAULT_COLUMNS: tuple[str, ...] = tuple(FIELDS[2].split())
# Without these a record says nothing about who talked to whom, how much, or when.
NEEDED: tuple[str, ...] = ("srcaddr", "dstaddr", "protocol", "bytes", "packets", "start", "end")
_STATUSES = frozenset({"OK", "NODATA", "SKIPDATA"})
HEADER_SHARE = 0.5  # of a header's words that must be known: newer versions may add fields that this table lacks


def columns_of_format(log_format: str) -> tuple[str, ...] | None:
    """The columns of a LogFormat as DescribeFlowLogs gives it (``${version} ${account-id} ...``); None where it names none."""
    return tuple(LOG_FORMAT_FIELD.findall(log_format)) or None


def missing_fields(columns: Sequence[str]) -> tuple[str, ...]:
    """The fields that *columns* lack to tell a conversation; the packet's own addresses serve as well as the interface's."""
    return tuple(name for name in NEEDED if name not in columns and f"pkt-{name}" not in columns)


def columns_of_header(line: str) -> tuple[str, ...] | None:
    """The columns that a header line names, in its order; None for a line that is no header.

    Underscores (Parquet) and capitals are taken as hyphens and small letters. A word that is no known field is kept, so that the
    order of the others holds.
    """
    words = tuple(word.lower().replace("_", "-") for word in line.split())
    known = sum(word in KNOWN_FIELDS for word in words)
    if len(words) < 2 or known < 2 or known < HEADER_SHARE * len(words) or len(set(words)) != len(words):
        return None
    return words


def columns_of_record(line: str) -> tuple[str, ...] | None:
    """The default columns where *line* is a record in the default format; None where that cannot be told."""
    words = line.split()
    is_default = (
        len(words) == len(DEFAULT_COLUMNS)
        and words[0] == "2"
        and words[-1] in _STATUSES
        and words[-2] in {"ACCEPT", "REJECT", "-"}
        and all(word == "-" or word.isdigit() for word in words[5:12])
    )
    return DEFAULT_COLUMNS if is_default else None


def columns_of_lines(lines: Sequence[str]) -> tuple[str, ...] | None:
    """The columns of a text whose first lines these are: its header's, else the default where the first whole record has that form."""
    for line in lines:
        found = columns_of_header(line) or columns_of_record(line)
        if found:
            return found
    return None

"""Flow logs in CloudWatch Logs: a log group as objects of one hour each, read page by page and kept compressed.

A flow log's event has the instant at which the record's capture window began (Amazon VPC User Guide, "Publish flow logs to CloudWatch
Logs"), so an hour of events is an hour of records. Events come late; an hour that is long enough ago is settled and not read again.
"""

import gzip
import io
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from cloudmigrate.aws.failures import CALL_ERRORS, Failure, failure_of
from cloudmigrate.aws.flow_log_objects import StoredObject
from cloudmigrate.aws.flow_log_places import FlowLogPlace
from cloudmigrate.aws.sessions import AwsSessions
from cloudmigrate.domain.flow_batches import OPEN
from cloudmigrate.domain.resources import CoverageStatus

GROUP_OPERATIONS = ("describe_log_groups", "filter_log_events")
FIND_ACTION, EVENTS_ACTION = "logs:DescribeLogGroups", "logs:FilterLogEvents"
SLICE = timedelta(hours=1)
# The capture window (10 minutes) and the delivery after it (5 minutes, "best effort": VPC User Guide, "Flow log limitations"), with room.
SETTLED_AFTER = timedelta(hours=2)
OLDEST_EVENT = timedelta(days=14)  # that PutLogEvents takes
_KEY = "%Y-%m-%dT%H"


def list_slices(
    sessions: AwsSessions, place: FlowLogPlace, days: Sequence[date], now: datetime
) -> tuple[list[StoredObject], Failure | None]:
    """The hours of the *days* that the log group can still hold, up to *now*, and why there are none.

    A settled hour has always the same ETag; an open one another at every reading.
    """
    try:
        found = _described(sessions.client(place.account_id, "logs", place.region), place.group)
    except CALL_ERRORS as error:
        return [], failure_of(error, FIND_ACTION)
    if found is None:
        detail = f"account {place.account_id} has no log group {place.group} in {place.region}"
        return [], Failure(CoverageStatus.FAILED, "ResourceNotFoundException", None, detail, "correct its name, region or account")
    begins = max(datetime.combine(days[0], datetime.min.time(), UTC), _oldest(found, now))
    ends = min(datetime.combine(days[-1], datetime.min.time(), UTC) + timedelta(days=1), now)
    hour = begins.replace(minute=0, second=0, microsecond=0)
    slices = []
    while hour < ends:
        etag = "settled" if hour + SLICE + SETTLED_AFTER <= now else f"{OPEN}{now.timestamp():.0f}"
        slices.append(StoredObject(f"{hour:{_KEY}}", etag, 0, hour.date()))
        hour += SLICE
    return slices, None


def fetch_slice(sessions: AwsSessions, place: FlowLogPlace, key: str) -> bytes:
    """The events of one hour as lines, compressed. Raises one of CALL_ERRORS."""
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=1, mtime=0) as lines:
        for message in _messages(sessions.client(place.account_id, "logs", place.region), place.group, key):
            lines.write(message.rstrip("\r\n").encode() + b"\n")
    return packed.getvalue()


def _messages(client: Any, group: str, key: str) -> Iterator[str]:
    begins = datetime.strptime(key, _KEY).replace(tzinfo=UTC)
    first, last = int(begins.timestamp() * 1000), int((begins + SLICE).timestamp() * 1000) - 1  # both included
    for page in client.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=first, endTime=last):
        for event in page.get("events") or ():
            yield str(event.get("message") or "")


def _described(client: Any, group: str) -> Any:
    """The log group's own record; None where there is no such group."""
    for page in client.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=group):
        for one in page.get("logGroups") or ():
            if one.get("logGroupName") == group:
                return one
    return None


def _oldest(found: Any, now: datetime) -> datetime:
    """Before when the group cannot hold an event."""
    created_ms, kept_days = found.get("creationTime"), found.get("retentionInDays")
    created = datetime.fromtimestamp(created_ms / 1000, UTC) - OLDEST_EVENT if created_ms else datetime.min.replace(tzinfo=UTC)
    return max(created, now - timedelta(days=kept_days)) if kept_days else created

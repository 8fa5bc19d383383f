"""Where an estate's flow logs lie, and their objects in S3: listed by day, with ETag and size, and fetched whole."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlsplit

from cloudmigrate.aws.failures import CALL_ERRORS, coverage_status
from cloudmigrate.aws.sessions import AwsSessions
from cloudmigrate.domain.estate import Estate
from cloudmigrate.domain.flow_log_format import columns_of_format
from cloudmigrate.domain.resources import Resource

# Amazon VPC User Guide, "Flow log files": plain, and Hive-compatible, optionally by hour.
KEY_DAY = re.compile(r"/(?:(\d{4})/(\d{2})/(\d{2})|year=(\d{4})/month=(\d{2})/day=(\d{2}))/")
KEY_REGION = re.compile(r"/(?:vpcflowlogs/|aws-region=)([a-z]{2,4}(?:-[a-z]+)+-\d)(?:/|$)")
PLAIN_ROOT = re.compile(r"/vpcflowlogs/[a-z0-9-]+/$")
FLOW_LOG_OPERATIONS = ("list_objects_v2", "get_object")
ENDINGS = (".log.gz", ".log", ".gz", ".parquet", ".txt")


@dataclass(frozen=True, slots=True)
class FlowLogPlace:
    """One place where flow logs lie."""

    url: str  # s3://bucket/prefix/, a local path, or logs://group
    account_id: str
    region: str
    found_by: str  # "estate file" or "DescribeFlowLogs"
    columns: tuple[str, ...] | None = None  # of its LogFormat, where one is known

    @property
    def is_s3(self) -> bool:
        """Whether objects in S3 hold it."""
        return self.url.startswith("s3://")


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One object of a place; *day* is the one that its name tells, if any."""

    key: str
    etag: str
    size: int
    day: date | None


@dataclass(frozen=True, slots=True)
class PlaceFailure:
    """Why a place, or the rest of it, could not be listed or read."""

    status: str
    error_code: str | None
    missing_action: str | None
    detail: str


def flow_log_places(estate: Estate, flow_logs: Iterable[Resource]) -> tuple[FlowLogPlace, ...]:
    """The places that the estate file names; where it names none, those that the inventory's flow logs deliver to."""
    stated = []
    for source in estate.flow_log_sources():
        found = KEY_REGION.search(source.url)
        account_id = source.account or estate.accounts[0].id
        region = found.group(1) if found else estate.account(account_id).regions[0]
        columns = columns_of_format(source.format or "")
        stated.append(FlowLogPlace(source.url, account_id, region, "estate file", columns))
    if stated:
        return tuple(stated)
    places: dict[tuple[str, str], FlowLogPlace] = {}
    for one in flow_logs:
        spec = one.spec
        columns = columns_of_format(str(spec.get("LogFormat") or ""))
        if spec.get("LogDestinationType") == "s3":
            bucket, _, prefix = str(spec.get("LogDestination") or "").split(":::", 1)[-1].partition("/")
            inside = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
            url = f"s3://{bucket}/{inside}AWSLogs/{one.account_id}/vpcflowlogs/{one.region}/"
        elif spec.get("LogDestinationType") in ("cloud-watch-logs", None) and spec.get("LogGroupName"):
            url = f"logs://{spec['LogGroupName']}"
        else:
            continue
        place = FlowLogPlace(url, one.account_id, one.region, "DescribeFlowLogs", columns)
        known = places.get((url, one.region))
        # Flow logs of several formats may share a place: then only the files' own headers can tell.
        places[url, one.region] = place if known is None or known.columns == columns else replace(place, columns=None)
    return tuple(places[key] for key in sorted(places))


def list_objects(sessions: AwsSessions, place: FlowLogPlace, days: Sequence[date]) -> tuple[list[StoredObject], PlaceFailure | None]:
    """The objects of the *days* (and those whose names tell no day), in the order of their keys, and why the list is not whole."""
    bucket, prefix = _address(place.url)
    prefixes = [f"{prefix}{day:%Y/%m/%d}/" for day in days] if PLAIN_ROOT.search(f"/{prefix}") else [prefix]
    found: list[StoredObject] = []
    wanted = frozenset(days)
    try:
        pages = sessions.client(place.account_id, "s3", place.region).get_paginator("list_objects_v2")
        for one in prefixes:
            for page in pages.paginate(Bucket=bucket, Prefix=one):
                for entry in page.get("Contents") or ():
                    day = day_of(entry["Key"])
                    if entry["Key"].endswith(ENDINGS) and entry["Size"] and (day is None or day in wanted):
                        found.append(StoredObject(entry["Key"], entry["ETag"].strip('"'), entry["Size"], day))
    except CALL_ERRORS as error:
        return found, place_failure(error, "s3:ListBucket")
    return sorted(found, key=lambda one: one.key), None


def fetch_object(sessions: AwsSessions, place: FlowLogPlace, key: str) -> bytes:
    """An object's bytes. Raises one of CALL_ERRORS."""
    bucket, _ = _address(place.url)
    answer = sessions.client(place.account_id, "s3", place.region).get_object(Bucket=bucket, Key=key)
    body: bytes = answer["Body"].read()
    return body


def place_failure(error: Exception, action: str) -> PlaceFailure:
    """What *error* means for a place. Raises it where it is a fault of ours."""
    failure = coverage_status(error, action=action)
    if failure is None:
        raise error
    return PlaceFailure(str(failure.status), failure.error_code, failure.missing_action, failure.sentence)


def day_of(key: str) -> date | None:
    """The UTC day that an object's key tells."""
    found = KEY_DAY.search(f"/{key}")
    try:
        return date(*(int(one) for one in found.groups() if one)) if found else None
    except ValueError:
        return None


def _address(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.netloc, parts.path.lstrip("/")

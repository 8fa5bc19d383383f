"""Flow log objects in S3 and in folders: listed by day, with ETag and size, and fetched whole."""

import errno
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

from cloudmigrate.aws.failures import CALL_ERRORS, Failure, failure_of
from cloudmigrate.aws.flow_log_places import FlowLogPlace
from cloudmigrate.aws.sessions import AwsSessions
from cloudmigrate.domain.resources import CoverageStatus

# Amazon VPC User Guide, "Flow log files": plain, and Hive-compatible, optionally by hour.
KEY_DAY = re.compile(r"/(?:(\d{4})/(\d{2})/(\d{2})|year=(\d{4})/month=(\d{2})/day=(\d{2}))/")
# Root of a region's objects -> the folder of a day in it.
DAY_FOLDERS = (
    (re.compile(r"/vpcflowlogs/[a-z0-9-]+/$"), "%Y/%m/%d/"),
    (re.compile(r"/aws-service=vpcflowlogs/aws-region=[a-z0-9-]+/$"), "year=%Y/month=%m/day=%d/"),
)
OBJECT_OPERATIONS = ("list_objects_v2", "get_object")
LIST_ACTION, READ_ACTION = "s3:ListBucket", "s3:GetObject"
ENDINGS = (".log.gz", ".log", ".gz", ".parquet", ".txt")


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One object of a place; *day* is the one that its name tells, if any."""

    key: str
    etag: str
    size: int
    day: date | None


def list_objects(sessions: AwsSessions, place: FlowLogPlace, days: Sequence[date]) -> tuple[list[StoredObject], Failure | None]:
    """The objects of the *days* (and those whose names tell no day), in the order of their keys, and why the list is not whole."""
    bucket, prefix = _address(place.url)
    folder = next((one for root, one in DAY_FOLDERS if root.search(f"/{prefix}")), None)
    prefixes = [f"{prefix}{day:{folder}}" for day in days] if folder else [prefix]
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
        return found, failure_of(error, LIST_ACTION)
    return sorted(found, key=lambda one: one.key), None


def fetch_object(sessions: AwsSessions, place: FlowLogPlace, key: str) -> bytes:
    """An object's bytes. Raises one of CALL_ERRORS."""
    bucket, _ = _address(place.url)
    answer = sessions.client(place.account_id, "s3", place.region).get_object(Bucket=bucket, Key=key)
    body: bytes = answer["Body"].read()
    return body


def list_files(path: Path, days: Sequence[date]) -> tuple[list[StoredObject], Failure | None]:
    """The files at or under a path, by name, and why they are not all; a file's size and time of change stand for its ETag."""
    wanted = frozenset(days)
    refused: list[OSError] = []
    found = []
    for one in _files_of(path, refused):
        try:
            if not os.access(one, os.R_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(one))
            stat = one.stat()
        except OSError as error:
            refused.append(error)
            continue
        day = day_of(one.as_posix())
        if stat.st_size and (day is None or day in wanted):
            found.append(StoredObject(str(one), f"{stat.st_size}-{stat.st_mtime_ns}", stat.st_size, day))
    return found, file_failure(refused[0], path) if refused else None


def _files_of(path: Path, refused: list[OSError]) -> list[Path]:
    """Every file there that may be a flow log; what may not be looked into is added to *refused*."""
    if path.is_file():
        return [path]
    walked = os.walk(path, onerror=refused.append)
    files = [Path(folder, name) for folder, _, names in walked for name in names if name.endswith(ENDINGS)]
    return sorted(one for one in files if one.is_file())


def file_failure(error: OSError, path: Path) -> Failure:
    """What it means that a file or folder of this machine, at or under *path*, cannot be read."""
    detail = f"read {error.filename or path}: {error.strerror or error}"
    return Failure(
        CoverageStatus.FAILED, type(error).__name__, None, detail, "check the path in the estate file, and that this user may read it"
    )


def day_of(key: str) -> date | None:
    """The UTC day that an object's key tells."""
    found = KEY_DAY.search(f"/{key}")
    try:
        return date(*(int(one) for one in found.groups() if one)) if found else None
    except ValueError:
        return None


def day_in(place: FlowLogPlace, key: str) -> date | None:
    """The UTC day that the name of an object of *place* tells, if any; *key* is as `StoredObject` has it."""
    return date.fromisoformat(key.partition("T")[0]) if place.is_log_group else day_of(key)


def _address(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.netloc, parts.path.lstrip("/")

"""Every version in a bucket as rows, checksums of single ones, and versions deleted by their ids: what comparing two buckets needs."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from cloudmigrate.aws.failures import error_code
from cloudmigrate.errors import CloudMigrateError

MOST_AT_ONCE = 1000  # that DeleteObjects takes
AT_A_TIME = 16  # requests for tags and checksums: S3 takes 5,500 reads a second of one prefix
GONE = frozenset({"NoSuchKey", "NoSuchVersion", "404", "MethodNotAllowed"})
NO_TAGS = "[]"
SUMS = ("ChecksumCRC64NVME", "ChecksumSHA256", "ChecksumSHA1", "ChecksumCRC32C", "ChecksumCRC32")


Item = TypeVar("Item")


class UndeletedError(CloudMigrateError):
    """S3 took a request to delete versions and left one of them."""

    def __init__(self, bucket: str, key: str, reason: str) -> None:
        self.bucket = bucket
        self.key = key
        self.reason = reason
        super().__init__(f"a version of {key!r} in bucket {bucket} was not deleted: {reason}. Next: see who keeps it, then go on")


def _batches(items: Iterable[Item], most: int) -> Iterator[list[Item]]:
    """The items, so many at a time."""
    source = iter(items)
    while some := list(islice(source, most)):
        yield some


def versions(client: Any, bucket: str) -> Iterator[dict[str, Any]]:
    """A row for each version and delete marker, page by page, with its tags. Raises CALL_ERRORS."""
    with ThreadPoolExecutor(AT_A_TIME, thread_name_prefix="cloudmigrate-tags") as pool:
        for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket):
            found = page.get("Versions") or []
            for one, tags in zip(found, pool.map(lambda one: _tags(client, bucket, one), found), strict=True):
                yield {**_row(one), "is_delete_marker": False, "size_bytes": one["Size"], "etag": one["ETag"].strip('"'), "tags": tags}
            for one in page.get("DeleteMarkers") or []:
                yield {**_row(one), "is_delete_marker": True, "size_bytes": None, "etag": None, "tags": NO_TAGS}


def _row(one: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "key": one["Key"],
        "version_id": one.get("VersionId") or "null",
        "is_latest": bool(one.get("IsLatest")),
        "last_modified": one["LastModified"],
        "storage_class": one.get("StorageClass"),
    }


def _tags(client: Any, bucket: str, one: Mapping[str, Any]) -> str:
    """The version's tags as sorted JSON; none for one that went meanwhile."""
    try:
        answer = client.get_object_tagging(Bucket=bucket, Key=one["Key"], VersionId=one.get("VersionId") or "null")
    except client.exceptions.ClientError as error:
        if error_code(error) in GONE:
            return NO_TAGS
        raise
    return json.dumps(sorted([tag["Key"], tag["Value"]] for tag in answer.get("TagSet") or ()))


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two buckets, and the client of its region."""

    client: Any
    bucket: str


def checksums(source: Side, target: Side, pairs: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """For each pair whether both versions have the same checksum; None where they have none of the same kind. Raises CALL_ERRORS."""

    def looked_at(pair: Mapping[str, Any]) -> dict[str, Any]:
        ours = _sums(source, pair["key"], pair["version_id"])
        theirs = _sums(target, pair["key"], pair["target_version_id"])
        common = [name for name in SUMS if name in ours and name in theirs and ours.get("ChecksumType") == theirs.get("ChecksumType")]
        is_equal = all(ours[name] == theirs[name] for name in common) if common else None
        return {"key": pair["key"], "version_id": pair["version_id"], "is_equal": is_equal}

    with ThreadPoolExecutor(AT_A_TIME, thread_name_prefix="cloudmigrate-sums") as pool:
        for some in _batches(pairs, MOST_AT_ONCE):
            yield from pool.map(looked_at, some)


def _sums(side: Side, key: str, version_id: str) -> Mapping[str, Any]:
    try:
        answer = side.client.get_object_attributes(Bucket=side.bucket, Key=key, VersionId=version_id, ObjectAttributes=["Checksum"])
    except side.client.exceptions.ClientError as error:
        if error_code(error) in GONE:
            return {}
        raise
    held: Mapping[str, Any] = answer.get("Checksum") or {}
    return held


def delete_versions(side: Side, pairs: Iterable[tuple[str, str]], heard: Callable[[Mapping[str, Any]], None] = lambda _: None) -> int:
    """How many versions, given as key and id, were deleted; deleted again they stay deleted. *heard* gets each answer.

    Raises CALL_ERRORS, UndeletedError.
    """
    count = 0
    for some in _batches(pairs, MOST_AT_ONCE):
        objects = [{"Key": key, "VersionId": version_id} for key, version_id in some]
        answer = side.client.delete_objects(Bucket=side.bucket, Delete={"Objects": objects, "Quiet": True})
        heard(answer)
        for one in answer.get("Errors") or ():
            if one.get("Code") not in GONE:
                raise UndeletedError(side.bucket, str(one.get("Key")), f"{one.get('Code')}: {one.get('Message')}")
        count += len(objects)
    return count


def is_empty(side: Side) -> bool | None:
    """Whether the bucket holds no version; None where there is no such bucket. Raises CALL_ERRORS."""
    try:
        answer = side.client.list_object_versions(Bucket=side.bucket, MaxKeys=1)
    except side.client.exceptions.ClientError as error:
        if error_code(error) == "NoSuchBucket":
            return None
        raise
    return not answer.get("Versions") and not answer.get("DeleteMarkers")


def is_by_key(side: Side) -> bool:
    """Whether a key encrypts what comes to the bucket, so that entity tags are no sums of content. Raises CALL_ERRORS."""
    try:
        answer = side.client.get_bucket_encryption(Bucket=side.bucket)
    except side.client.exceptions.ClientError as error:
        if error_code(error) == "ServerSideEncryptionConfigurationNotFoundError":
            return False
        raise
    rules = answer["ServerSideEncryptionConfiguration"].get("Rules") or ()
    return any("kms" in str((one.get("ApplyServerSideEncryptionByDefault") or {}).get("SSEAlgorithm", "")) for one in rules)

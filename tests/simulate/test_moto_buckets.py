"""The emulator's buckets copy, count looks and refuse as S3 does, so that a move that is wrong fails on it."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from cloudmigrate.aws.manifests import Side, checksums, delete_versions, is_empty, versions
from cloudmigrate.simulate.emulator import Emulator, post
from cloudmigrate.simulate.moto_images import PENDING_PATH
from tests.execution.small_estate import ACCOUNT, SOURCE, TARGET, sessions

ROLE = f"arn:aws:iam::{ACCOUNT}:role/replicator"
RULE = {"ID": "ours", "Priority": 3, "Status": "Enabled", "Filter": {"Prefix": ""}, "DeleteMarkerReplication": {"Status": "Enabled"}}
RULES = {"Role": ROLE, "Rules": [{**RULE, "Destination": {"Bucket": "arn:aws:s3:::new"}}]}
JOB: dict[str, Any] = {
    "AccountId": ACCOUNT,
    "Operation": {"S3ReplicateObject": {}},
    "Report": {"Enabled": False},
    "Priority": 1,
    "RoleArn": ROLE,
    "ManifestGenerator": {"S3JobManifestGenerator": {"SourceBucket": "arn:aws:s3:::old", "EnableManifestOutput": False}},
}


@pytest.fixture
def old(clean_emulator: Emulator) -> Any:
    s3 = boto3.client("s3", region_name=SOURCE, endpoint_url=clean_emulator.url)
    s3.create_bucket(Bucket="old", CreateBucketConfiguration={"LocationConstraint": SOURCE, "Tags": [{"Key": "a", "Value": "1"}]})
    return s3


@pytest.fixture
def new(old: Any, clean_emulator: Emulator) -> Any:
    s3 = boto3.client("s3", region_name=TARGET, endpoint_url=clean_emulator.url)
    s3.create_bucket(Bucket="new", CreateBucketConfiguration={"LocationConstraint": TARGET})
    return s3


def keep_versions(s3: Any, bucket: str, status: str = "Enabled") -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})


def refused(call: Any, **params: Any) -> str:
    with pytest.raises(ClientError) as told:
        call(**params)
    return str(told.value.response["Error"]["Code"])


def test_rules_copy_what_comes_and_a_job_what_was_there(old: Any, new: Any, clean_emulator: Emulator) -> None:
    assert old.get_bucket_tagging(Bucket="old")["TagSet"] == [{"Key": "a", "Value": "1"}]
    old.put_object(Bucket="old", Key="before", Body=b"1", Tagging="x=1")
    keep_versions(old, "old")
    assert refused(old.put_bucket_replication, Bucket="old", ReplicationConfiguration=RULES) == "InvalidRequest"
    keep_versions(new, "new")
    old.put_bucket_replication(Bucket="old", ReplicationConfiguration=RULES)
    assert old.get_bucket_replication(Bucket="old")["ReplicationConfiguration"] == RULES
    assert refused(old.put_bucket_versioning, Bucket="old", VersioningConfiguration={"Status": "Suspended"}) == "InvalidBucketState"
    old.put_object(Bucket="old", Key="after", Body=b"2", Metadata={"by": "shop"})
    old.put_object_tagging(Bucket="old", Key="after", Tagging={"TagSet": [{"Key": "y", "Value": "2"}]})
    old.delete_object(Bucket="old", Key="after")
    assert sorted(one["key"] for one in versions(new, "new")) == ["after", "after"]
    post(clean_emulator.url + PENDING_PATH, b"2")
    jobs = sessions().client(ACCOUNT, "s3control", SOURCE)
    job_id = jobs.create_job(**JOB, ClientRequestToken="one")["JobId"]
    post(clean_emulator.url + PENDING_PATH, b"0")
    assert jobs.create_job(**JOB, ClientRequestToken="one")["JobId"] == job_id
    assert refused(jobs.create_job, **{**JOB, "Priority": 2}, ClientRequestToken="one") == "IdempotencyException"
    seen = [jobs.describe_job(AccountId=ACCOUNT, JobId=job_id)["Job"]["Status"] for _ in range(3)]
    assert seen == ["Active", "Active", "Complete"]
    assert refused(jobs.update_job_status, AccountId=ACCOUNT, JobId=job_id, RequestedJobStatus="Cancelled") == "JobStatusException"
    rows = {name: {(one["key"], one["version_id"]): one for one in versions(s3, name)} for s3, name in ((old, "old"), (new, "new"))}
    assert rows["old"] == rows["new"]
    assert rows["new"]["before", "null"]["tags"] == '[["x", "1"]]'


def test_versions_go_one_by_one_and_twice_is_once(old: Any) -> None:
    keep_versions(old, "old")
    for body in (b"1", b"2"):
        old.put_object(Bucket="old", Key="a", Body=body)
    old.delete_object(Bucket="old", Key="a")
    keep_versions(old, "old", "Suspended")
    side = Side(old, "old")
    found = [(one["key"], one["version_id"]) for one in versions(old, "old")]
    assert delete_versions(side, found[:1]) == delete_versions(side, found[:1]) == 1
    assert len(list(versions(old, "old"))) == 2
    delete_versions(side, found)
    assert is_empty(side)
    assert is_empty(Side(old, "nowhere")) is None


def test_checksums_tell_what_entity_tags_of_parts_cannot(old: Any, new: Any) -> None:
    old.put_object(Bucket="old", Key="same", Body=b"1", ChecksumAlgorithm="SHA256")
    new.put_object(Bucket="new", Key="same", Body=b"1", ChecksumAlgorithm="SHA256")
    old.put_object(Bucket="old", Key="other", Body=b"1", ChecksumAlgorithm="SHA256")
    new.put_object(Bucket="new", Key="other", Body=b"2", ChecksumAlgorithm="SHA256")
    old.put_object(Bucket="old", Key="kind", Body=b"1", ChecksumAlgorithm="SHA256")
    new.put_object(Bucket="new", Key="kind", Body=b"1", ChecksumAlgorithm="SHA1")
    pairs = [{"key": key, "version_id": "null", "target_version_id": "null"} for key in ("same", "other", "kind", "gone")]
    found = {one["key"]: one["is_equal"] for one in checksums(Side(old, "old"), Side(new, "new"), pairs)}
    assert found == {"same": True, "other": False, "kind": None, "gone": None}

"""Buckets: made, replicated to, filled by a job, compared, emptied. Source: API references of Amazon S3 and S3 Control."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from cloudmigrate.domain.acts.bucket_settings import BUSY, NO_BUCKET
from cloudmigrate.domain.acts.record import Act, Await, Call, Look, Params, Undo, quoted, tags_of

NOT_THERE = NO_BUCKET | {"404"}  # HeadBucket has no body to name its error in
NO_RULES = frozenset({"ReplicationConfigurationNotFoundError"})
HOME = "us-east-1"  # the region that CreateBucket must not name

CHECK_NAME = Act(
    "s3.check_name",
    "see that no bucket has the name {bucket}",
    awaits=lambda params: Await(
        Look(Call("s3", "HeadBucket", {"Bucket": params["bucket"]}), {"state": "BucketRegion || 'taken'"}, NOT_THERE),
        frozenset(),
        within=timedelta(0),
        advice="that name is taken by a bucket that this wave did not make: name another in targets.buckets",
    ),
)
CHECK_PAYER = Act(
    "s3.check_payer",
    "see that the owner of {bucket} pays for requests",
    awaits=lambda params: Await(
        Look(Call("s3", "GetBucketRequestPayment", {"Bucket": params["bucket"]}), {"state": "Payer"}),
        frozenset({"BucketOwner"}),
        within=timedelta(0),
        advice="who reads it pays for it, which no replica carries over: move it by hand",
    ),
)
CHECK_ROLE = Act(
    "iam.check_replication_role",
    "see that role {role} is there",
    awaits=lambda params: Await(
        Look(
            Call("iam", "GetRole", {"RoleName": params["role"]}, region="global"),
            {"state": "Role.RoleName", "role_arn": "Role.Arn"},
            frozenset({"NoSuchEntity"}),
        ),
        frozenset({params["role"]}),
        frozenset({None}),
        within=timedelta(0),
        advice="create it, for s3.amazonaws.com and batchoperations.s3.amazonaws.com to assume, or correct targets.replication_role",
    ),
)


def _created(params: Params, key: str) -> Call:
    asked: dict[str, Any] = {"Tags": tags_of(params, key)}
    if params["to_region"] != HOME:
        asked["LocationConstraint"] = params["to_region"]
    lock = {"ObjectLockEnabledForBucket": True} if params.get("object_lock") else {}
    return Call("s3", "CreateBucket", {"Bucket": params["bucket"], "CreateBucketConfiguration": asked, **lock})


CREATE_BUCKET = Act(
    "s3.create_bucket",
    "create bucket {bucket} in {to_region}",
    does=_created,
    keeps=("bucket",),
    look=lambda params, key: Look(
        Call("s3", "GetBucketTagging", {"Bucket": params["bucket"]}),
        {"bucket": f"TagSet[?Key=='cloudmigrate:key' && Value=={quoted(key)}] | [0] && {quoted(params['bucket'])}"},
        NO_BUCKET | {"NoSuchTagSet"},
    ),
    # Only an empty bucket goes. What replication put there is taken away before, where the source holds it too: see tasks/manifests.py.
    undoes=lambda params, outputs: (Undo(Call("s3", "DeleteBucket", {"Bucket": params["bucket"]}), NO_BUCKET, not_yet=BUSY),),
    exists=frozenset({"BucketAlreadyOwnedByYou"}),
    further_actions=("s3:PutBucketTagging", "s3:TagResource", "s3:ListBucketVersions", "s3:DeleteObjectVersion"),
    likely=timedelta(seconds=5),
    family="s3",
)


def _versioned(bucket: str, status: str) -> Call:
    return Call("s3", "PutBucketVersioning", {"Bucket": bucket, "VersioningConfiguration": {"Status": status}})


ENABLE_VERSIONING = Act(
    "s3.enable_versioning",
    "keep versions of what {bucket} holds; once kept they can be suspended ({former} it was), but never be as if there had been none",
    does=lambda params, key: _versioned(params["bucket"], "Enabled"),
    keeps=("bucket",),
    look=lambda params, key: Look(
        Call("s3", "GetBucketVersioning", {"Bucket": params["bucket"]}),
        {"bucket": f"[Status] | [?@=='Enabled'] | [0] && {quoted(params['bucket'])}"},
        NO_BUCKET,
    ),
    undoes=lambda params, outputs: (Undo(_versioned(params["bucket"], "Suspended"), NO_BUCKET, not_yet=BUSY | {"InvalidBucketState"}),),
    is_repeatable=True,
    not_yet=BUSY | NO_BUCKET,
    likely=timedelta(seconds=2),
    family="s3",
)
READ_REPLICATION = Act(
    "s3.read_replication",
    "read by which rules {bucket} is replicated now",
    awaits=lambda params: Await(
        Look(
            Call("s3", "GetBucketReplication", {"Bucket": params["bucket"]}),
            {"state": "ReplicationConfiguration && 'read'", "replication": "ReplicationConfiguration"},
            NO_RULES,
            otherwise={"state": "read", "replication": {}},
        ),
        frozenset({"read"}),
        within=timedelta(0),
    ),
)


def with_rule(params: Params) -> dict[str, Any]:
    """The configuration as it was, with our rule as the one that counts most."""
    former: Mapping[str, Any] = params["replication"]
    rules = list(former.get("Rules", ()))
    first = max((int(one.get("Priority", 0)) for one in rules), default=0) + 1
    return {"Role": former.get("Role") or params["role_arn"], "Rules": [*rules, {**params["rule"], "Priority": first}]}


def _rule_undone(params: Params, outputs: Params) -> tuple[Undo, ...]:
    former: Mapping[str, Any] = params["replication"]
    if former:
        asked = {"Bucket": params["bucket"], "ReplicationConfiguration": dict(former)}
        return (Undo(Call("s3", "PutBucketReplication", asked), NO_BUCKET, not_yet=BUSY),)
    return (Undo(Call("s3", "DeleteBucketReplication", {"Bucket": params["bucket"]}), NO_BUCKET | NO_RULES, not_yet=BUSY),)


ADD_RULE = Act(
    "s3.add_replication_rule",
    "replicate to {to_bucket} whatever comes to {bucket}",
    does=lambda params, key: Call(
        "s3", "PutBucketReplication", {"Bucket": params["bucket"], "ReplicationConfiguration": with_rule(params)}
    ),
    keeps=("bucket",),
    look=lambda params, key: Look(
        Call("s3", "GetBucketReplication", {"Bucket": params["bucket"]}),
        {"bucket": f"ReplicationConfiguration.Rules[?ID=={quoted(params['rule']['ID'])}] | [0] && {quoted(params['bucket'])}"},
        NO_BUCKET | NO_RULES,
    ),
    undoes=_rule_undone,
    is_repeatable=True,
    not_yet=BUSY,
    further_actions=("iam:PassRole",),
    likely=timedelta(seconds=5),
    family="s3",
)


def _job(params: Params, key: str) -> Call:
    manifest = {
        "ExpectedBucketOwner": params["account_id"],
        "SourceBucket": params["bucket_arn"],
        "EnableManifestOutput": False,
        "Filter": {"EligibleForReplication": True, "ObjectReplicationStatuses": ["NONE", "FAILED"]},
    }
    asked = {
        "AccountId": params["account_id"],
        "ConfirmationRequired": False,
        "Operation": {"S3ReplicateObject": {}},
        "Report": {"Enabled": False},
        "ClientRequestToken": key,
        "Description": f"cloudmigrate {key}",
        "ManifestGenerator": {"S3JobManifestGenerator": manifest},
        "Priority": 10,
        "RoleArn": params["role_arn"],
    }
    return Call("s3control", "CreateJob", asked)


CREATE_JOB = Act(
    "s3.create_job",
    "copy by a batch job what {bucket} holds already",
    does=_job,
    gives={"job_id": "JobId"},
    look=lambda params, key: Look(
        Call("s3control", "ListJobs", {"AccountId": params["account_id"], "MaxResults": 1000}),
        {"job_id": f"Jobs[?Description=={quoted(f'cloudmigrate {key}')}].JobId | [0]"},
    ),
    undoes=lambda params, outputs: (
        Undo(
            Call(
                "s3control",
                "UpdateJobStatus",
                {"AccountId": params["account_id"], "JobId": outputs["job_id"], "RequestedJobStatus": "Cancelled"},
            ),
            frozenset({"JobStatusException", "NoSuchJob"}),  # it came to its end before
        ),
    ),
    is_repeatable=True,
    further_actions=("iam:PassRole",),
    likely=timedelta(seconds=5),
    family="s3control",
)
AWAIT_JOB = Act(
    "s3.await_job",
    "wait until the batch job has copied everything",
    awaits=lambda params: Await(
        Look(
            Call("s3control", "DescribeJob", {"AccountId": params["account_id"], "JobId": params["job_id"]}),
            {
                # A job that is complete may have failed for some objects.
                "state": "(Job.ProgressSummary.NumberOfTasksFailed > `0` && 'Complete with failures') || Job.Status",
                "copied": "Job.ProgressSummary.NumberOfTasksSucceeded",
            },
        ),
        frozenset({"Complete"}),
        frozenset({"Complete with failures", "Failed", "Cancelled", "Suspended", "Paused"}),
        every=timedelta(seconds=30),
        within=timedelta(hours=24),
        advice="read the job's failures in the S3 console (Batch Operations): the role's permissions on objects, keys or the target",
    ),
    likely=timedelta(hours=1),
)
# Done by tasks/manifests.py: it needs the lake.
COMPARE = Act(
    "s3.compare_manifests",
    "compare every version in {bucket} and {to_bucket} by key, version, size, checksum and tags until nothing differs",
    likely=timedelta(minutes=20),
    is_elsewhere=True,
    further_actions=(
        "s3:GetObjectAttributes",
        "s3:GetObjectTagging",
        "s3:GetObjectVersionAttributes",
        "s3:GetObjectVersionTagging",
        "s3:ListBucketVersions",
    ),
)
EMPTY_SOURCE = Act(
    "s3.empty_source",
    "delete from {bucket} every version that {to_bucket} was seen to have: it cannot be had back from there",
    likely=timedelta(minutes=20),
    is_elsewhere=True,
    further_actions=("s3:DeleteObjectVersion", "s3:ListBucketVersions"),
)


def _bucket_gone(params: Params, key: str) -> Look:
    left = f"length(Buckets[?Name=={quoted(params['bucket'])}])"
    asked = {"Prefix": params["bucket"], "MaxBuckets": 1000}
    return Look(Call("s3", "ListBuckets", asked), {"bucket": f"({left} == `0` && {quoted(params['bucket'])}) || `null`"})


DELETE_SOURCE = Act(
    "s3.delete_source",
    "delete the source bucket {bucket}: its name is free for anybody from then on",
    does=lambda params, key: Call("s3", "DeleteBucket", {"Bucket": params["bucket"]}),
    keeps=("bucket",),
    look=_bucket_gone,
    exists=NO_BUCKET,  # gone: seen by the look
    not_yet=BUSY,
    likely=timedelta(seconds=5),
    family="s3",
)

ACTS = (
    CHECK_NAME,
    CHECK_PAYER,
    CHECK_ROLE,
    CREATE_BUCKET,
    ENABLE_VERSIONING,
    READ_REPLICATION,
    ADD_RULE,
    CREATE_JOB,
    AWAIT_JOB,
    COMPARE,
    EMPTY_SOURCE,
    DELETE_SOURCE,
)

"""A bucket with what buckets have, on the emulator; all that its move could leave behind; and the steps that move it."""

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cloudmigrate.aws.acting import AwsWorld
from cloudmigrate.aws.catalogue import ROWS
from cloudmigrate.aws.discover import discover_region
from cloudmigrate.aws.sessions import AwsSessions
from cloudmigrate.domain.acts.record import Act
from cloudmigrate.domain.estate import Account, Scope
from cloudmigrate.domain.itineraries.buckets import BUCKET
from cloudmigrate.domain.itineraries.compile import compile_wave
from cloudmigrate.domain.resources import Resource
from cloudmigrate.domain.steps import Step
from cloudmigrate.domain.target_policy import TargetPolicy
from cloudmigrate.lake.lake import Lake
from tasks.manifests import WithManifests
from tests.execution.small_estate import ACCOUNT, SOURCE, TARGET, sessions

NAME, TARGET_NAME, BEFORE_NAME = "shop-images", "shop-images-eu-west-1", "shop-images-backup"
ROLE = "replicator"
AT_ONCE = timedelta(0)
EVIDENCE = tempfile.TemporaryDirectory(prefix="cloudmigrate-test-")  # gone with the process
HOSTILE = 'invoice "; $(reboot) `x` é\u2028.pdf'
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "cloudfront.amazonaws.com"},
            "Action": "s3:GetObject",
            "Resource": [f"arn:aws:s3:::{NAME}/*"],
        }
    ],
}


@dataclass
class SmallBuckets:
    """The estate as it was made."""

    sessions: AwsSessions
    target_account: str
    resources: list[Resource]
    policy: TargetPolicy

    @property
    def source(self) -> Any:
        """A client where the source is."""
        return self.sessions.client(ACCOUNT, "s3", SOURCE)

    @property
    def target(self) -> Any:
        """A client where the target is to be."""
        return self.sessions.client(self.target_account, "s3", TARGET)

    def steps(self, plan_id: str = "plan-1") -> list[Step]:
        """The wave's steps."""
        members = [one.uid for one in self.resources if one.name == NAME]
        plan = {"plan_id": plan_id, "groups": [{"id": "images", "members": members, "needs": [], "wave": 1}]}
        return compile_wave(plan, self.resources, self.policy, 1)

    def state(self) -> dict[str, Any]:
        """Every bucket with its settings and versions, and the jobs that still run."""
        found = {}
        for client in {id(one): one for one in (self.source, self.target)}.values():
            for one in client.list_buckets()["Buckets"]:
                found[one["Name"]] = _state_of(client, one["Name"])
        jobs = self.sessions.client(ACCOUNT, "s3control", SOURCE).list_jobs(AccountId=ACCOUNT)["Jobs"]
        return {"buckets": found, "jobs at work": sum(one["Status"] == "Active" for one in jobs)}


def _state_of(s3: Any, bucket: str) -> dict[str, Any]:
    answer = s3.list_object_versions(Bucket=bucket)
    versions = [(one["Key"], one["VersionId"], one["ETag"], one["IsLatest"]) for one in answer.get("Versions", ())]
    markers = [(one["Key"], one["VersionId"], "gone", one["IsLatest"]) for one in answer.get("DeleteMarkers", ())]
    tags = {one[0]: s3.get_object_tagging(Bucket=bucket, Key=one[0], VersionId=one[1])["TagSet"] for one in versions}
    own = _or_none(lambda: s3.get_bucket_tagging(Bucket=bucket)["TagSet"]) or []
    return {
        "versions": sorted(versions + markers),
        "tags": tags,
        "bucket tags": sorted(one["Key"] for one in own if one["Key"] != "cloudmigrate:key"),
        # A bucket that never kept versions can only suspend them: both keep none of what comes.
        "keeps versions": s3.get_bucket_versioning(Bucket=bucket).get("Status") == "Enabled",
        "replication": _or_none(lambda: s3.get_bucket_replication(Bucket=bucket)["ReplicationConfiguration"]),
        "encryption": _or_none(lambda: s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]),
        "policy": _or_none(lambda: json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])),
        "access": _or_none(lambda: s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]),
        "cors": _or_none(lambda: s3.get_bucket_cors(Bucket=bucket)["CORSRules"]),
        "lifecycle": _or_none(lambda: [one["ID"] for one in s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]]),
    }


def _or_none(ask: Any) -> Any:
    from botocore.exceptions import ClientError

    try:
        return ask()
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code.startswith("NoSuch") or code.endswith(("NotFoundError", "NotFound")):
            return None
        raise


def make(target_account: str = ACCOUNT, *, has_rules: bool = False, **more: Any) -> SmallBuckets:
    """A bucket that never kept versions, or one that keeps them and is replicated to a third. *more*: of the policy."""
    clients = sessions()
    s3 = clients.client(ACCOUNT, "s3", SOURCE)
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    role = clients.client(ACCOUNT, "iam", "global").create_role(RoleName=ROLE, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    for name in (NAME, BEFORE_NAME) if has_rules else (NAME,):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": SOURCE})
    _set(s3)
    if has_rules:  # from the beginning: the batch job finds nothing that the backup lacks
        for name in (NAME, BEFORE_NAME):
            s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        destination = {"Bucket": f"arn:aws:s3:::{BEFORE_NAME}"}
        rule = {"ID": "backup", "Priority": 7, "Status": "Enabled", "Filter": {"Prefix": "a"}, "Destination": destination}
        rules = [{**rule, "DeleteMarkerReplication": {"Status": "Disabled"}}]
        s3.put_bucket_replication(Bucket=NAME, ReplicationConfiguration={"Role": role, "Rules": rules})
    s3.put_object(Bucket=NAME, Key="a.png", Body=b"a" * 10, Tagging="kind=image", Metadata={"by": "shop"}, ChecksumAlgorithm="SHA256")
    s3.put_object(Bucket=NAME, Key=HOSTILE, Body=b"b")
    if has_rules:
        s3.put_object(Bucket=NAME, Key="a.png", Body=b"aa", Tagging="kind=image")
        s3.delete_object(Bucket=NAME, Key=HOSTILE)
    account = Account(id=ACCOUNT, regions=(SOURCE, TARGET))
    scope = Scope(types=(BUCKET,))
    found = discover_region(clients, account, "global", ROWS, scope, regions_in_scope=frozenset({SOURCE, TARGET}), max_workers=2)
    said = {"region": TARGET, "account": target_account, "buckets": {NAME: TARGET_NAME}, "replication_role": ROLE}
    return SmallBuckets(clients, target_account, list(found.resources), TargetPolicy.model_validate(said | more))


def _set(s3: Any) -> None:
    """What a bucket has set."""
    s3.put_bucket_tagging(Bucket=NAME, Tagging={"TagSet": [{"Key": "App", "Value": "shop"}]})
    s3.put_bucket_policy(Bucket=NAME, Policy=json.dumps(POLICY))
    blocked = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
    s3.put_public_access_block(Bucket=NAME, PublicAccessBlockConfiguration=blocked)
    by_s3 = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
    s3.put_bucket_encryption(Bucket=NAME, ServerSideEncryptionConfiguration=by_s3)
    cors = {"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["https://shop.example.com"], "MaxAgeSeconds": 60}]}
    s3.put_bucket_cors(Bucket=NAME, CORSConfiguration=cors)
    old = {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 7}}
    s3.put_bucket_lifecycle_configuration(Bucket=NAME, LifecycleConfiguration={"Rules": [old]})


def with_manifests(clients: AwsSessions, acts: Mapping[str, Act]) -> WithManifests:
    """The cloud and a lake of its own, in which nothing is waited for."""
    world = AwsWorld(clients, acts=acts, pause_factor=0)
    return WithManifests(world, clients, Lake.open(EVIDENCE.name), memory_limit="200MB", sleep=lambda _: None)

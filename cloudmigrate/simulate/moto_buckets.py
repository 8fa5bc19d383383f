"""Buckets as S3 keeps them: tags at creation, replication that copies, and Batch Operations jobs that copy what was there before."""

import copy
import threading
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from cloudmigrate.simulate.moto_images import READY_AFTER

_ONE_AT_A_TIME = threading.RLock()
JOB_PATHS = ("/v20180820/jobs", "/v20180820/jobs/<job_id>", "/v20180820/jobs/<job_id>/status")


def install() -> None:
    """Apply every fix."""
    _tag_new_buckets()
    _delete_single_versions()
    _replicate()
    _run_jobs()


def _client_error(code: str, message: str) -> Exception:
    from moto.s3.exceptions import S3ClientError

    error: Exception = S3ClientError(code, message)
    return error


def _tag_new_buckets() -> None:
    """Keep the tags that CreateBucket gives, which moto drops; refuse to change the versioning of what is replicated."""
    from moto.s3.responses import S3Response

    put = S3Response._bucket_response_put

    def put_with_tags(self: Any, request: Any, bucket_name: str, querystring: Mapping[str, Any]) -> Any:
        if "versioning" in querystring and b"Suspended" in self.body and getattr(self.backend.get_bucket(bucket_name), "replication", None):
            raise _client_error("InvalidBucketState", "A replication configuration is present on this bucket")
        answer: Any = put(self, request, bucket_name, dict(querystring))
        if not querystring and self.body:
            given = [one for one in ElementTree.fromstring(self.body).iter() if one.tag.endswith("}Tag")]  # noqa: S314 - our own request
            if tags := {one[0].text: one[1].text or "" for one in given}:
                self.backend.put_bucket_tagging(bucket_name, tags)
        return answer

    get = S3Response._bucket_response_get

    def get_with_payer(self: Any, bucket_name: str, querystring: Mapping[str, Any]) -> Any:
        if "requestPayment" in querystring:  # which moto answers with a list of objects
            self.backend.get_bucket(bucket_name)
            return 200, {}, "<RequestPaymentConfiguration><Payer>BucketOwner</Payer></RequestPaymentConfiguration>"
        return get(self, bucket_name, dict(querystring))

    S3Response._bucket_response_get = get_with_payer  # type: ignore[method-assign]
    S3Response._bucket_response_put = put_with_tags  # type: ignore[method-assign]


def _delete_single_versions() -> None:
    """Delete the one version that is named where versions are suspended; moto deletes all of the key, or fails."""
    from moto.s3.models import S3Backend

    delete = S3Backend.delete_object

    def delete_object(self: Any, bucket_name: str, key_name: str, version_id: str | None = None, *, bypass: bool = False) -> Any:
        bucket = self.get_bucket(bucket_name)
        if version_id is None or bucket.versioning_status != "Suspended":
            return delete(self, bucket_name, key_name, version_id=version_id, bypass=bypass)
        held = bucket.keys.getlist(key_name, [])
        bucket.keys.setlist(key_name, [one for one in held if one.version_id != version_id])
        if not bucket.keys.getlist(key_name):
            bucket.keys.pop(key_name)
        return True, {"version-id": version_id}

    S3Backend.delete_object = delete_object  # type: ignore[method-assign, assignment]


def _replicate() -> None:
    """After each request that writes to a bucket, copy what is new in it by its rules; moto keeps rules and copies nothing."""
    from moto.core.responses import ActionResult
    from moto.s3.exceptions import ReplicationConfigurationNotFoundError
    from moto.s3.models import S3Backend
    from moto.s3.responses import S3Response

    of_bucket, of_key, put = S3Response._bucket_response, S3Response._key_response, S3Backend.put_bucket_replication

    def followed(respond: Any) -> Any:
        def response(self: Any, request: Any, full_url: str) -> Any:
            answer = respond(self, request, full_url)
            if request.method not in ("GET", "HEAD", "OPTIONS"):
                name = self.parse_bucket_name_from_url(request, full_url)
                with _ONE_AT_A_TIME:
                    found = _bucket_named(name) if name else None
                    if found is not None and getattr(found, "replication", None):
                        _copy_by_rules(found, only_new=True)
            return answer

        return response

    def put_bucket_replication(self: Any, bucket_name: str, replication: dict[str, Any]) -> None:
        rules = replication["Rule"] if isinstance(replication["Rule"], list) else [replication["Rule"]]
        for rule in rules:
            found = _bucket_named(_name_of(rule["Destination"]["Bucket"]))
            if found is None:
                raise _client_error("InvalidRequest", "Destination bucket must exist.")
            if not found.is_versioned:
                raise _client_error("InvalidRequest", "Destination bucket must have versioning enabled.")
        bucket = self.get_bucket(bucket_name)
        with _ONE_AT_A_TIME:
            known = bucket.__dict__.setdefault("there_before", {})
            put(self, bucket_name, replication)
            ids = {rule["ID"] for rule in bucket.replication["Rule"]}
            bucket.there_before = {one: known.get(one, {_identity(version) for version in _versions(bucket)}) for one in ids}

    def get_bucket_replication(self: Any) -> Any:
        self.data["Action"] = "GetBucketReplication"
        held = self.backend.get_bucket_replication(self.bucket_name)
        if not held:
            raise ReplicationConfigurationNotFoundError(bucket_name=self.bucket_name)
        told = {"Role": held["Role"], "Rules": [_plain(one) for one in held["Rule"]]}
        return self.serialized(ActionResult({"ReplicationConfiguration": told}))

    S3Backend.put_bucket_replication = put_bucket_replication  # type: ignore[method-assign]
    S3Response._bucket_response = followed(of_bucket)  # type: ignore[method-assign]
    S3Response._key_response = followed(of_key)  # type: ignore[method-assign]
    S3Response.get_bucket_replication = get_bucket_replication  # type: ignore[method-assign]


def _plain(value: Any) -> Any:
    """Parsed XML as the answer has it: an empty element is an empty text."""
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items() if not name.startswith("@")}
    return [_plain(item) for item in value] if isinstance(value, list) else "" if value is None else value


def _name_of(arn: str) -> str:
    return arn.rpartition(":")[2]


def _bucket_named(name: str) -> Any:
    from moto.s3.models import s3_backends

    place = s3_backends.bucket_accounts.get(name)
    return s3_backends[place[1]][place[0]].buckets.get(name) if place else None


def _versions(bucket: Any) -> Iterator[Any]:
    for _, versions in list(bucket.keys.iterlists()):
        yield from versions


def _identity(version: Any) -> tuple[str, str]:
    return version.name, version.version_id


def _copy_by_rules(source: Any, *, only_new: bool) -> int:
    """How many versions were copied: by each rule that is on, what is new since it was put, or all."""
    copied = 0
    for rule in source.replication["Rule"]:
        if rule["Status"] != "Enabled":
            continue
        prefix = (rule.get("Filter") or {}).get("Prefix") or rule.get("Prefix") or ""
        target = _bucket_named(_name_of(rule["Destination"]["Bucket"]))
        if target is None or not target.is_versioned:
            continue
        before = source.there_before.get(rule["ID"], set()) if only_new else set()
        markers = (rule.get("DeleteMarkerReplication") or {}).get("Status") == "Enabled"
        done = {_identity(one) for one in _versions(target)}
        for one in _versions(source):
            if one.name.startswith(prefix) and _identity(one) not in before:
                if _identity(one) not in done and (markers or hasattr(one, "etag")):
                    _copy(one, target)
                    copied += 1
                if hasattr(one, "etag"):
                    _copy_tags(one, target)
    return copied


def _copy(version: Any, target: Any) -> None:
    made = copy.deepcopy(version)
    held = target.keys.getlist(version.name, [])
    if hasattr(version, "etag"):
        made.bucket_name, made.account_id, made.region_name = target.name, target.account_id, target.region_name
        made.last_modified = version.last_modified
    target.keys.setlist(version.name, sorted([*held, made], key=lambda one: one.last_modified))


def _copy_tags(version: Any, target: Any) -> None:
    from moto.s3.models import s3_backends

    made = next((one for one in target.keys.getlist(version.name, []) if one.version_id == version.version_id), None)
    if made is None:
        return
    source_tagger = s3_backends[version.account_id][version.partition].tagger
    tagger = s3_backends[target.account_id][target.partition].tagger
    tagger.delete_all_tags_for_resource(made.arn)
    tagger.tag_resource(made.arn, source_tagger.list_tags_for_resource(version.arn)["Tags"])


@dataclass
class Job:
    """A Batch Operations job."""

    job_id: str
    asked: Mapping[str, Any]
    status: str
    looks: int  # at which it is still at work
    copied: int = 0
    failed: int = 0

    def looked_at(self) -> None:
        """Come nearer to its end by one look; at its end everything is copied."""
        if self.status == "Active" and self.looks > 0:
            self.looks -= 1
        elif self.status == "Active":
            source = _bucket_named(_name_of(self.asked["ManifestGenerator"]["S3JobManifestGenerator"]["SourceBucket"]))
            with _ONE_AT_A_TIME:
                if source is None or not getattr(source, "replication", None):
                    self.status = "Failed"
                    return
                self.copied = _copy_by_rules(source, only_new=False)
            self.status = "Complete"

    def described(self) -> dict[str, Any]:
        """As DescribeJob and ListJobs answer it."""
        done, failed = self.copied, self.failed
        progress = {"TotalNumberOfTasks": done + failed, "NumberOfTasksSucceeded": done, "NumberOfTasksFailed": failed}
        named = {name: self.asked[name] for name in ("Priority", "Description") if name in self.asked}
        return {"JobId": self.job_id, "Status": self.status, "ProgressSummary": progress, **named}


def _run_jobs() -> None:
    from moto.core.responses import ActionResult
    from moto.s3control import urls
    from moto.s3control.exceptions import S3ControlError
    from moto.s3control.models import S3ControlBackend
    from moto.s3control.responses import S3ControlResponse

    def jobs_of(response: Any) -> dict[str, Job]:
        backend: S3ControlBackend = response.backend
        held: dict[str, Job] = backend.__dict__.setdefault("batch_jobs", {})  # goes with the backend's reset
        return held

    def job_named(response: Any) -> Job:
        found = jobs_of(response).get(str(response._get_param("JobId")))
        if found is None:
            raise S3ControlError("NoSuchJob", "The specified job does not exist")
        return found

    def create_job(self: Any) -> Any:
        names = ("ClientRequestToken", "Operation", "ManifestGenerator", "RoleArn", "Priority", "Description", "ConfirmationRequired")
        asked = {name: self._get_param(name) for name in names if self._get_param(name) is not None}
        with _ONE_AT_A_TIME:
            for one in jobs_of(self).values():
                if one.asked["ClientRequestToken"] == asked["ClientRequestToken"]:
                    if one.asked != asked:
                        raise S3ControlError("IdempotencyException", "The token was used with other parameters")
                    return ActionResult({"JobId": one.job_id})
            made = Job(str(uuid.uuid4()), asked, "Active", READY_AFTER["looks"])
            jobs_of(self)[made.job_id] = made
        return ActionResult({"JobId": made.job_id})

    def describe_job(self: Any) -> Any:
        found = job_named(self)
        found.looked_at()
        return ActionResult({"Job": found.described()})

    def list_jobs(self: Any) -> Any:
        return ActionResult({"Jobs": [one.described() for one in jobs_of(self).values()]})

    def update_job_status(self: Any) -> Any:
        found, wanted = job_named(self), self._get_param("RequestedJobStatus")
        if found.status != "Active" or wanted != "Cancelled":
            raise S3ControlError("JobStatusException", f"A job that is {found.status} cannot become {wanted}")
        found.status = "Cancelled"
        return ActionResult({"JobId": found.job_id, "Status": found.status})

    for action in (create_job, describe_job, list_jobs, update_job_status):
        setattr(S3ControlResponse, action.__name__, action)
    urls.url_paths.update(dict.fromkeys(JOB_PATHS, S3ControlResponse.dispatch))

"""A bucket: made anew in the target, replicated to, filled by a batch job, and compared version by version until nothing differs."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cloudmigrate.domain.itineraries.building import Builder, of
from cloudmigrate.domain.itineraries.record import Itinerary, Move
from cloudmigrate.domain.steps import Gate, Reversal, Step
from cloudmigrate.domain.strategies import Strategy

BUCKET = "AWS::S3::Bucket"
SETTLED_S = 900  # what is younger than this may still be on its way. Source: S3 user guide, "Replication Time Control": 15 minutes


def hinders(move: Move) -> str:
    """Why a person has to move it; empty if this does."""
    spec = move.source.spec
    rules = (spec.get("Replication") or {}).get("Rules") or ()
    reasons = (
        ((spec.get("Versioning") or {}).get("MFADelete") == "Enabled", "its versions are deleted only with an MFA device (MFA delete)"),
        (bool(spec.get("ObjectLock")), "its objects are locked (object lock, legal holds): a rollback could not take copies away"),
        (bool(spec.get("Website")), "it is a website: its endpoint's name changes with the bucket"),
        (any("Prefix" in one for one in rules), "its replication rules are of the old form (Prefix in the place of Filter)"),
    )
    return next((why for holds, why in reasons if holds), "")


def lacks(move: Move) -> Iterator[str]:
    """What the estate file has to say first."""
    if target_name(move) is None:
        yield f"no target name for bucket {move.source.name} (add it to targets.buckets, or give targets.bucket_suffix)"
    elif target_name(move) == move.source.name:
        yield f"bucket {move.source.name} cannot move to a bucket of its own name (correct targets.buckets)"
    role = str((move.source.spec.get("Replication") or {}).get("Role", "")).rpartition("/")[2]
    if move.policy.replication_role is None:
        yield "no role that replicates (add targets.replication_role)"
    elif role and role != move.policy.replication_role.rpartition("/")[2]:
        yield f"its replication has a role, {role}, and can have but one: name it in targets.replication_role, let it write to the target"


def target_name(move: Move) -> str | None:
    """The name that the rules give to its target."""
    return move.policy.bucket_name(move.source.name)


def steps(builder: Builder, move: Move) -> Step:
    """The last step, after which the target has every version of the source. The source stays, and goes on to be replicated."""
    source, target = move.source, move.target
    bucket, to_bucket = source.name, str(target_name(move))
    here, there, both = {"bucket": bucket}, {"bucket": to_bucket}, {"bucket": bucket, "to_bucket": to_bucket}
    at = move.at_source
    role = builder.add("iam.check_replication_role", {"role": str(move.policy.replication_role).rpartition("/")[2]}, at)
    payer = builder.add("s3.check_payer", here, at)
    free = builder.add("s3.check_name", there, target)
    made = {**there, "to_region": target.region, "source": {**here, "account_id": at.account_id, "region": at.region}}
    created = builder.add("s3.create_bucket", made, target, needs=(free, role, payer))
    ready = [created, *_settings(builder, move, there, created)]
    ready.append(builder.add("s3.enable_versioning", {**there, "former": "new"}, target, needs=(created,)))
    if (source.spec.get("Versioning") or {}).get("Status") != "Enabled":
        former = (source.spec.get("Versioning") or {}).get("Status") or "never kept"
        ready.append(builder.add("s3.enable_versioning", {**here, "former": former}, at, needs=ready))
    read = builder.add("s3.read_replication", here, at, needs=ready)
    rule = {**both, "role_arn": of(role, "role_arn"), "replication": of(read, "replication"), "rule": _rule(move, to_bucket)}
    replicated = builder.add("s3.add_replication_rule", rule, at, needs=ready)
    asked = {**here, "account_id": source.account_id, "bucket_arn": source.uid, "role_arn": of(role, "role_arn")}
    job = builder.add("s3.create_job", asked, at, needs=(replicated,))
    filled = builder.add("s3.await_job", {"account_id": source.account_id, "job_id": of(job, "job_id")}, at)
    places = {"to_account_id": target.account_id, "to_region": target.region}
    same = builder.add("s3.compare_manifests", {**both, **places, "settled_s": SETTLED_S}, at, needs=(filled,))
    writers = move.policy.bucket_writers.get(bucket)
    if writers:
        text = f"point what writes to bucket {bucket} at {to_bucket}: {writers}"
        moved = builder.add("by_hand.confirm", {"text": text}, at, needs=(same,), gate=Gate.BY_HAND, reversal=Reversal.UNDO)
        same = moved
    return builder.add(
        "s3.compare_manifests", {**both, **places, "settled_s": 0, "may_have_more": True}, at, needs=(same,), gate=Gate.CUTOVER
    )


def _settings(builder: Builder, move: Move, there: Mapping[str, str], created: Step) -> list[Step]:
    """What the source has set, on the target; what cannot be carried over is a step by hand."""
    spec, target, found = move.source.spec, move.target, list[Step]()

    def put(act: str, config: Any) -> None:
        found.append(builder.add(act, {**there, act.partition("_")[2]: config}, target, needs=(created,)))

    if spec.get("PublicAccessBlock"):
        put("s3.block_public_access", spec["PublicAccessBlock"])
    if spec.get("OwnershipRules"):
        put("s3.set_ownership", {"Rules": spec["OwnershipRules"]})
    if rules := _encryption(move):
        put("s3.set_encryption", {"Rules": rules})
    if spec.get("CORSRules"):
        put("s3.set_cors", {"CORSRules": spec["CORSRules"]})
    if spec.get("LifecycleRules"):
        put("s3.set_lifecycle", {"Rules": spec["LifecycleRules"]})
    policy, unmapped = _policy(move, there["bucket"])
    if policy is not None:
        put("s3.set_policy", policy)
    left = [*unmapped, *(what for member, what in BY_HAND.items() if _says_something(spec.get(member)))]
    if left:
        text = f"bucket {there['bucket']} lacks what {move.source.name} has: {'; '.join(left)}"
        found.append(builder.add("by_hand.confirm", {"text": text}, target, needs=(created,), gate=Gate.BY_HAND, reversal=Reversal.UNDO))
    return found


BY_HAND = {
    "Notification": "notifications: their queues, topics and functions have other names in the target",
    "Logging": "access logs: name a bucket of the target region",
    "MetricsConfigurations": "request metrics",
    "AnalyticsConfigurations": "storage class analysis",
}


def _says_something(value: Any) -> bool:
    return any(_says_something(one) for one in value.values()) if isinstance(value, Mapping) else bool(value)


def _key_arn(move: Move) -> str | None:
    key = move.policy.kms_key
    if key is None or key.startswith("arn:"):
        return key
    partition = move.source.uid.split(":")[1]
    return f"arn:{partition}:kms:{move.target.region}:{move.target.account_id}:{key if key.startswith('alias/') else f'key/{key}'}"


def _is_by_key(move: Move) -> bool:
    rules = move.source.spec.get("EncryptionRules") or ()
    return any("kms" in str((one.get("ApplyServerSideEncryptionByDefault") or {}).get("SSEAlgorithm", "")) for one in rules)


def _encryption(move: Move) -> list[dict[str, Any]]:
    """The target's rules: its own key where one is named, else those of the source, whose key stays in its region."""
    key = _key_arn(move)
    if key is not None:
        return [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}, "BucketKeyEnabled": True}]
    rules = []
    for one in move.source.spec.get("EncryptionRules") or ():
        default = {name: value for name, value in (one.get("ApplyServerSideEncryptionByDefault") or {}).items() if name != "KMSMasterKeyID"}
        rules.append({"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": bool(one.get("BucketKeyEnabled"))})
    return rules


def _rule(move: Move, to_bucket: str) -> dict[str, Any]:
    """The rule without its priority, which depends on the others."""
    destination: dict[str, Any] = {"Bucket": f"arn:{move.source.uid.split(':')[1]}:s3:::{to_bucket}"}
    rule: dict[str, Any] = {
        "ID": f"cloudmigrate-{to_bucket}",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "DeleteMarkerReplication": {"Status": "Enabled"},
        "Destination": destination,
    }
    key = _key_arn(move)
    if key is not None:
        destination["EncryptionConfiguration"] = {"ReplicaKmsKeyID": key}
    if key is not None or _is_by_key(move):
        rule["SourceSelectionCriteria"] = {"SseKmsEncryptedObjects": {"Status": "Enabled"}}
    if move.target.account_id != move.source.account_id:
        destination |= {"Account": move.target.account_id, "AccessControlTranslation": {"Owner": "Destination"}}
    return rule


def _policy(move: Move, to_bucket: str) -> tuple[str | None, list[str]]:
    """The policy with the target's name, as text; or none, and what a person has to do about it.

    Statements that name nothing but the bucket are carried over; a principal, condition or account of the source has to be mapped by hand.
    """
    policy = move.source.spec.get("Policy")
    if not isinstance(policy, Mapping) or not policy.get("Statement"):
        return None, []
    text = json.dumps(policy, sort_keys=True)
    named = f":s3:::{move.source.name}"
    mapped = text.replace(f'{named}"', f':s3:::{to_bucket}"').replace(f"{named}/", f":s3:::{to_bucket}/")
    moves = move.target.account_id != move.source.account_id
    if (moves and move.source.account_id in mapped) or move.source.region in mapped or named in mapped.replace(f":s3:::{to_bucket}", ""):
        return None, ["its policy names things of the source: write it for the target"]
    return mapped, []


def clean_up(builder: Builder, move: Move, after: Sequence[Step]) -> None:
    """The source's end, where the policy asks for it: emptied of what was seen at the target, then deleted."""
    at, bucket = move.at_source, move.source.name
    both = {"bucket": bucket, "to_bucket": str(target_name(move))}
    places = {"to_account_id": move.target.account_id, "to_region": move.target.region}
    common = {"gate": Gate.CLEAN_UP, "reversal": Reversal.NO_RETURN}
    empty = builder.add("s3.empty_source", {**both, **places}, at, needs=after, **common)  # type: ignore[arg-type]
    builder.add("s3.delete_source", {"bucket": bucket}, at, needs=(empty,), **common)  # type: ignore[arg-type]


ITINERARY = Itinerary(
    "s3-replicate",
    frozenset({BUCKET}),
    frozenset({Strategy.REHOST, Strategy.REPLATFORM, Strategy.RELOCATE}),
    steps,
    hinders=hinders,
    lacks=lacks,
    clean_up=clean_up,
)

"""Buckets of S3 with all that configures them. Objects are copied by the migration.

Others say a bucket's ARN by its name: it refers to queues, topics and functions, whose policies name it, and a circle cannot be applied.
Source: AWS CloudFormation template reference, AWS::S3::Bucket and BucketPolicy; S3 API reference.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from cloudmigrate.domain.counting import counted
from cloudmigrate.domain.iac.kind import Kind
from cloudmigrate.domain.iac.kinds import bucket_rules
from cloudmigrate.domain.iac.kinds.bucket_names import BUCKET, bucket_arn, bucket_name, named
from cloudmigrate.domain.iac.kinds.bucket_replication import replication
from cloudmigrate.domain.iac.kinds.key_use import key_of, told_key
from cloudmigrate.domain.iac.model import TargetResource
from cloudmigrate.domain.iac.source import Source, branch, defaulted, transformed
from cloudmigrate.domain.iac.values import Branch, Came, Items, Leaf, Node, Origin, Ref

OPEN = "public access is blocked, though the source lets the public in: who needs it reads through CloudFront or a signed address"
BLOCKS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
ENFORCED = "BucketOwnerEnforced"


def bucket(source: Source) -> Iterator[TargetResource]:
    """A bucket, and its policy."""
    source.read |= {"Name", "BucketRegion"}
    notified, waits = bucket_rules.notification(source)
    copies, first = replication(source)
    logged, stores = _logging(source)
    properties: dict[str, Node | None] = {
        "BucketName": bucket_name(source.resource, source.policy),
        "BucketEncryption": _encryption(source),
        "VersioningConfiguration": _versioning(source),
        "PublicAccessBlockConfiguration": _access(source),
        "OwnershipControls": _ownership(source),
        "LifecycleConfiguration": bucket_rules.lifecycle(source),
        "CorsConfiguration": bucket_rules.cors(source),
        "WebsiteConfiguration": bucket_rules.website(source),
        "LoggingConfiguration": logged,
        "NotificationConfiguration": notified,
        "ReplicationConfiguration": copies,
        **_lock(source),
        "MetricsConfigurations": _metrics(source),
        "Tags": source.tags(),
    }
    made = source.target(BUCKET, properties, stateful=True, needs=tuple(sorted({*waits, *first, *stores})))
    yield made
    policy = _policy(source)
    if policy is not None:
        parts = {"Bucket": Leaf(Ref(made.key), transformed("Policy", "the bucket that it is of")), "PolicyDocument": policy}
        yield source.target("AWS::S3::BucketPolicy", parts, part="policy")


def _policy(source: Source) -> Leaf | None:
    """Its policy without what lets the public in, which S3 would refuse: public policies are blocked."""
    given = source.value("Policy") or {}
    statements = given.get("Statement") or ()
    every = [statements] if isinstance(statements, Mapping) else list(statements)
    kept = [one for one in every if not _is_public(one)]
    if not kept:
        return None
    written = source.rewritten("Policy", {**given, "Statement": kept})
    if written is None or len(kept) == len(every):
        return written
    public = len(every) - len(kept)
    said = f"{public} of {counted(len(every), 'statement')} {'lets' if public == 1 else 'let'} the public in: left out"
    return Leaf(written.value, transformed("Policy", said))


def _is_public(statement: Mapping[str, Any]) -> bool:
    principal = statement.get("Principal")
    accounts = principal.get("AWS") if isinstance(principal, Mapping) else principal
    names = accounts if isinstance(accounts, list | tuple) else [accounts]
    return statement.get("Effect") == "Allow" and "*" in names and not statement.get("Condition")


def _encryption(source: Source) -> Node:
    """What objects are encrypted with that say nothing else; S3 encrypts in any case."""
    rules = source.value("EncryptionRules") or ()
    default = (rules[0].get("ApplyServerSideEncryptionByDefault") or {}) if rules else {}
    algorithm = str(default.get("SSEAlgorithm") or "")
    at = "EncryptionRules[0]"
    key = key_of(source, at, default.get("KMSMasterKeyID") or "")
    if key is not None or algorithm.startswith("aws:kms"):
        said = Leaf(algorithm, Origin(Came.COPIED, f"{at}.ApplyServerSideEncryptionByDefault.SSEAlgorithm"))
    elif source.policy.kms_key is not None:
        said = defaulted("aws:kms", "with the key of targets.kms_key")
        key = told_key(source)
    else:
        said = defaulted("AES256", "as S3 does in any case")
    keyed = rules[0].get("BucketKeyEnabled") if rules else None
    rule = branch(
        ServerSideEncryptionByDefault=branch(SSEAlgorithm=said, KMSMasterKeyID=key),
        BucketKeyEnabled=Leaf(bool(keyed), Origin(Came.COPIED, f"{at}.BucketKeyEnabled")) if keyed is not None else None,
    )
    return Branch({"ServerSideEncryptionConfiguration": Items((rule,) if rule else ())})


def _versioning(source: Source) -> Node | None:
    given = source.value("Versioning") or {}
    status = given.get("Status")
    if not status:
        needed = source.spec.get("ObjectLock") or source.spec.get("Replication")
        return branch(Status=defaulted("Enabled", "object lock and replication need it")) if needed else None
    deletes = Leaf(None, Origin(Came.UNKNOWN, "deleting needs a second factor at the source: only the account's root can set that"))
    return branch(
        Status=Leaf(str(status), Origin(Came.COPIED, "Versioning.Status")),
        MFADelete=deletes if given.get("MFADelete") == "Enabled" else None,
    )


def _access(source: Source) -> Branch:
    """All four blocks are on; where the source lets the public in, that is told."""
    given = source.value("PublicAccessBlock") or {}
    return Branch(
        {
            name: Leaf(value=True, origin=Origin(Came.COPIED, f"PublicAccessBlock.{name}"))
            if given.get(name)
            else defaulted(value=True, why=OPEN)
            for name in BLOCKS
        }
    )


def _ownership(source: Source) -> Branch:
    """Whose the objects are. Grants to others than the owner are told: only a bucket without enforced ownership has any."""
    rules = source.value("OwnershipRules") or ()
    owner = {one.get("Grantee", {}).get("ID") for one in source.spec.get("Grants") or () if one.get("Permission") == "FULL_CONTROL"}
    if all(one.get("Grantee", {}).get("ID") in owner for one in source.spec.get("Grants") or ()):
        source.read.add("Grants")
    said = (
        Leaf(str(rules[0]["ObjectOwnership"]), Origin(Came.COPIED, "OwnershipRules[0].ObjectOwnership"))
        if rules
        else defaulted(ENFORCED, "access is by policies only: lists of grants are off, as in every new bucket")
    )
    return Branch({"Rules": Items((Branch({"ObjectOwnership": said}),))})


def _logging(source: Source) -> tuple[Node | None, tuple[str, ...]]:
    """Where a log of requests goes, and what has to be there first."""
    given = source.value("Logging") or {}
    if not given.get("TargetBucket"):
        return None, ()
    name, needs = named(source, "Logging.TargetBucket", str(given["TargetBucket"]), leads_on="Logging")
    prefix = given.get("TargetPrefix")
    format_ = given.get("TargetObjectKeyFormat")
    node = branch(
        DestinationBucketName=name,
        LogFilePrefix=Leaf(str(prefix), Origin(Came.COPIED, "Logging.TargetPrefix")) if prefix else None,
        TargetObjectKeyFormat=_key_format(format_) if format_ else None,
    )
    return node, needs


def _key_format(given: Mapping[str, Any]) -> Leaf:
    partitioned = given.get("PartitionedPrefix")
    value = {"PartitionedPrefix": dict(partitioned)} if partitioned else {"SimplePrefix": {}}
    return Leaf(value, Origin(Came.COPIED, "Logging.TargetObjectKeyFormat"))


def _lock(source: Source) -> dict[str, Node | None]:
    given = source.value("ObjectLock") or {}
    if given.get("ObjectLockEnabled") != "Enabled":
        return {}
    retention = (given.get("Rule") or {}).get("DefaultRetention")
    enabled = Leaf("Enabled", Origin(Came.COPIED, "ObjectLock.ObjectLockEnabled"))
    rule = branch(DefaultRetention=Leaf(dict(retention), Origin(Came.COPIED, "ObjectLock.Rule.DefaultRetention"))) if retention else None
    return {
        "ObjectLockEnabled": Leaf(value=True, origin=Origin(Came.COPIED, "ObjectLock.ObjectLockEnabled")),
        "ObjectLockConfiguration": branch(ObjectLockEnabled=enabled, Rule=rule),
    }


def _metrics(source: Source) -> Items | None:
    """Counts of requests, where somebody switched them on."""
    made = []
    for number, one in enumerate(source.value("MetricsConfigurations") or ()):
        path = f"MetricsConfigurations[{number}]"
        given = one.get("Filter") or {}
        both = given.get("And") or {}
        prefix, tags = both.get("Prefix") or given.get("Prefix"), both.get("Tags") or ([given["Tag"]] if given.get("Tag") else [])
        point = both.get("AccessPointArn") or given.get("AccessPointArn")
        if point:
            continue  # access points are not made
        node = branch(
            Id=Leaf(str(one["Id"]), Origin(Came.COPIED, f"{path}.Id")),
            Prefix=Leaf(str(prefix), Origin(Came.COPIED, f"{path}.Filter")) if prefix else None,
            TagFilters=bucket_rules.tag_filters(tags, f"{path}.Filter"),
        )
        made += [node] if node else []
    return Items(tuple(made)) if made else None


KINDS = (
    Kind(
        BUCKET,
        bucket,
        known_as=("Name",),
        named_arn=bucket_arn,
        is_named=True,
        not_configuration={"CreationDate": "what it was at the source", "BucketRegion": "where it is"},
    ),
)

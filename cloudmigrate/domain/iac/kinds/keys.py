"""Keys, secrets and repositories of images: what others are encrypted with, log in with and start from.

Source: AWS CloudFormation template reference, AWS::KMS::Key and Alias, AWS::SecretsManager::Secret, AWS::ECR::Repository.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from cloudmigrate.domain.iac.kind import GIVEN, Kind, same_name_there
from cloudmigrate.domain.iac.kinds.key_use import key_of
from cloudmigrate.domain.iac.model import TargetResource
from cloudmigrate.domain.iac.source import NotGenerated, Source, branch, defaulted, transformed
from cloudmigrate.domain.iac.told import KEY
from cloudmigrate.domain.iac.values import Came, Document, Leaf, Node, Origin, Ref

RUN_TIME = "what it does at the moment"
FOLLOWS = "follows from the kind of key"
VALUE = "its value is never read: who may read it puts it into this secret before cutover"


def key(source: Source) -> Iterator[TargetResource]:
    """A key and its aliases. What it encrypts is encrypted anew: a key never leaves its region."""
    spec = source.spec
    if spec.get("Origin", "AWS_KMS") != "AWS_KMS":
        raise NotGenerated(f"its material is not AWS's ({spec['Origin']}): make it by hand in the target, and name it as targets.kms_key")
    if (source.value("MultiRegionConfiguration") or {}).get("MultiRegionKeyType") == "REPLICA":
        raise NotGenerated(
            "it is a replica of a key of several regions: replicate its primary key into the target's region, "
            "and name the replica as targets.kms_key"
        )
    source.read |= {"Origin", "KeyArn", "KeyId", "Arn"}
    made = source.target(
        KEY,
        {
            "Description": source.copied("Description"),
            "KeyPolicy": key_policy(source),
            "KeySpec": source.copied("KeySpec") or source.copied("CustomerMasterKeySpec"),
            "KeyUsage": source.copied("KeyUsage"),
            "MultiRegion": source.copied("MultiRegion"),
            "Enabled": source.copied("Enabled"),
            **_rotation(source),
            "Tags": source.tags(),
        },
        stateful=True,
    )
    yield made
    for one in source.value("Aliases") or ():
        name = source.own_name("Aliases", str(one["AliasName"]))
        if name is None:
            continue
        properties = {"AliasName": name, "TargetKeyId": Leaf(Ref(made.key), transformed("Aliases", "the key that it is of"))}
        yield source.target("AWS::KMS::Alias", properties, part=str(one["AliasName"]), name=str(one["AliasName"]))


def key_policy(source: Source) -> Leaf | None:
    """Its policy for the target: principals and services are those of the target's account and region."""
    policy = source.value("Policy")
    if not policy:
        return None
    there = with_service_hosts(without_self(policy, source.resource.uid), source.resource.region, source.place.region)
    written = source.rewritten("Policy", there)
    if written is None or written.value == Document(_as_document(policy)):
        return written
    return Leaf(written.value, transformed("Policy", "ARNs, account and services are those of the target"))


def without_self(document: Any, uid: str) -> Any:
    """A policy in which the thing itself is ``*``: a policy that is of a thing means nothing else, and must not refer to it."""
    if isinstance(document, Mapping):
        return {name: without_self(item, uid) for name, item in document.items()}
    if isinstance(document, list | tuple):
        return [without_self(item, uid) for item in document]
    return "*" if document == uid else document


def with_service_hosts(document: Any, region: str, there: str) -> Any:
    """A policy whose conditions name services by their hosts in another region, such as ``rds.eu-west-1.amazonaws.com``."""
    if isinstance(document, Mapping):
        return {name: with_service_hosts(item, region, there) for name, item in document.items()}
    if isinstance(document, list | tuple):
        return [with_service_hosts(item, region, there) for item in document]
    if isinstance(document, str) and not document.startswith("arn:"):
        return document.replace(f".{region}.amazonaws.com", f".{there}.amazonaws.com")
    return document


def _as_document(policy: Any) -> Any:
    if isinstance(policy, Mapping):
        return {str(name): _as_document(item) for name, item in policy.items()}
    return tuple(map(_as_document, policy)) if isinstance(policy, list | tuple) else policy


def _rotation(source: Source) -> dict[str, Node | None]:
    """Rotation once a year, unless the source says another period. Only AWS's own symmetric material can rotate."""
    rotation = source.value("Rotation") or {}
    if source.spec.get("KeySpec", "SYMMETRIC_DEFAULT") != "SYMMETRIC_DEFAULT":
        return {}
    if not rotation.get("KeyRotationEnabled"):
        return {"EnableKeyRotation": defaulted(value=True, why="a key's material is exchanged every year, though the source's is not")}
    period = rotation.get("RotationPeriodInDays")
    return {
        "EnableKeyRotation": Leaf(value=True, origin=Origin(Came.COPIED, "Rotation.KeyRotationEnabled")),
        "RotationPeriodInDays": Leaf(int(period), Origin(Came.COPIED, "Rotation.RotationPeriodInDays")) if period else None,
    }


def secret(source: Source) -> Iterator[TargetResource]:
    """A secret without its value."""
    owner = source.value("OwningService")
    if owner:
        raise NotGenerated(f"{owner} made it and makes one anew in the target: nothing is to be done")
    yield source.target(
        "AWS::SecretsManager::Secret",
        {
            "Name": source.own_name("Name", source.resource.name),
            "Description": source.copied("Description"),
            "KmsKeyId": key_of(source, "KmsKeyId"),
            "SecretString": Leaf(None, Origin(Came.SECRET, VALUE)),
            "Tags": source.tags(),
        },
        stateful=True,
    )


def repository(source: Source) -> Iterator[TargetResource]:
    """A repository of images with its policies. Images are copied by the migration."""
    encryption = source.value("encryptionConfiguration") or {}
    kms = key_of(source, "encryptionConfiguration", encryption.get("kmsKey") or "")
    kind = Leaf("KMS" if kms else "AES256", Origin(Came.COPIED, "encryptionConfiguration.encryptionType"))
    lifecycle = source.value("lifecyclePolicy")
    scans = (source.value("imageScanningConfiguration") or {}).get("scanOnPush")
    scanned = (
        Leaf(value=True, origin=Origin(Came.COPIED, "imageScanningConfiguration.scanOnPush"))
        if scans
        else defaulted(value=True, why="images are scanned as they come, which costs nothing in basic scanning")
    )
    yield source.target(
        "AWS::ECR::Repository",
        {
            "RepositoryName": source.own_name("repositoryName", str(source.spec["repositoryName"])),
            "ImageTagMutability": source.copied("imageTagMutability"),
            "ImageTagMutabilityExclusionFilters": _exclusions(source),
            "ImageScanningConfiguration": branch(ScanOnPush=scanned),
            "EncryptionConfiguration": branch(EncryptionType=kind, KmsKey=kms),
            "LifecyclePolicy": branch(
                LifecyclePolicyText=Leaf(json.dumps(lifecycle, sort_keys=True), transformed("lifecyclePolicy", "as JSON text"))
                if lifecycle
                else None
            ),
            "RepositoryPolicyText": source.rewritten("policy"),
            "Tags": source.tags(),
        },
        stateful=True,
    )


def _exclusions(source: Source) -> Leaf | None:
    def said(found: Any) -> Any:
        names = {"ImageTagMutabilityExclusionFilterType": "filterType", "ImageTagMutabilityExclusionFilterValue": "filter"}
        return tuple({name: one[member] for name, member in names.items()} for one in found)

    return source.copied("imageTagMutabilityExclusionFilters", of=said)


KINDS = (
    Kind(
        KEY,
        key,
        known_as=("KeyId",),
        is_shared=True,
        stays_in_place=True,
        not_configuration={
            "AWSAccountId": GIVEN,
            "CreationDate": RUN_TIME,
            "KeyManager": GIVEN,
            "KeyState": RUN_TIME,
            "CustomerMasterKeySpec": "the former name of KeySpec",
            "EncryptionAlgorithms": FOLLOWS,
            "SigningAlgorithms": FOLLOWS,
            "KeyAgreementAlgorithms": FOLLOWS,
            "EncapsulationAlgorithms": FOLLOWS,
            "MacAlgorithms": FOLLOWS,
            "CurrentKeyMaterialId": GIVEN,
        },
    ),
    Kind(
        "AWS::SecretsManager::Secret",
        secret,
        known_as=("Name",),
        is_shared=True,
        arn="",
        stays_in_place=True,
        not_configuration={
            "ARN": GIVEN,
            "CreatedDate": RUN_TIME,
            "LastChangedDate": RUN_TIME,
            "LastAccessedDate": RUN_TIME,
            "LastRotatedDate": RUN_TIME,
            "NextRotationDate": RUN_TIME,
            "SecretVersionsToStages": RUN_TIME,
        },
    ),
    Kind(
        "AWS::ECR::Repository",
        repository,
        known_as=("repositoryUri", "repositoryName"),
        asks_for=("repositoryName",),
        is_shared=True,
        named_arn=same_name_there,
        stays_in_place=True,
        not_configuration={
            "repositoryArn": GIVEN,
            "repositoryUri": GIVEN,
            "registryId": GIVEN,
            "createdAt": RUN_TIME,
            "imageSizesInBytes": "images are copied by the migration",
        },
    ),
)

"""To where a bucket's objects are replicated."""

from collections.abc import Mapping
from typing import Any

from cloudmigrate.domain.iac.kinds.bucket_names import BUCKET
from cloudmigrate.domain.iac.kinds.bucket_rules import copied, tag_filters
from cloudmigrate.domain.iac.kinds.key_use import key_of
from cloudmigrate.domain.iac.source import Source, branch
from cloudmigrate.domain.iac.values import Branch, Came, Items, Leaf, Node, Origin

OWNER = "AccessControlTranslation"


def replication(source: Source) -> tuple[Node | None, tuple[str, ...]]:
    """The rules and the role of replication, and the buckets that have to be there first."""
    given = source.value("Replication") or {}
    if not given.get("Rules"):
        return None, ()
    rules, needs = [], []
    for number, one in enumerate(given["Rules"]):
        rules.append(_rule(source, f"Replication.Rules[{number}]", one))
        needs += _first(source, str(one["Destination"]["Bucket"]))
    role = source.referred("Replication.Role", attribute="Arn", type_="AWS::IAM::Role", where="targets.roles")
    return branch(Role=role, Rules=Items(tuple(rules))), tuple(needs)


def _rule(source: Source, path: str, one: Mapping[str, Any]) -> Branch:
    given = one.get("Filter") or {}
    both = given.get("And")
    tag = given.get("Tag")
    chosen: Node | None = None
    if both:
        chosen = branch(And=branch(Prefix=copied(both, "Prefix", f"{path}.Filter.And"), TagFilters=tag_filters(both.get("Tags"), path)))
    elif tag:
        chosen = branch(TagFilter=Leaf({"Key": tag["Key"], "Value": tag["Value"]}, _from(f"{path}.Filter.Tag")))
    elif "Filter" in one:
        chosen = branch(Prefix=Leaf(str(given.get("Prefix") or ""), _from(f"{path}.Filter.Prefix")))
    members = {
        "Id": copied(one, "ID", path),
        "Status": copied(one, "Status", path),
        "Priority": copied(one, "Priority", path),
        "Filter": chosen,
        "Prefix": copied(one, "Prefix", path) if "Filter" not in one else None,
        "SourceSelectionCriteria": copied(one, "SourceSelectionCriteria", path),
        "DeleteMarkerReplication": copied(one, "DeleteMarkerReplication", path),
        "Destination": _destination(source, f"{path}.Destination", one["Destination"]),
    }
    return Branch({name: node for name, node in members.items() if node is not None})


def _destination(source: Source, path: str, one: Mapping[str, Any]) -> Node | None:
    key = (one.get("EncryptionConfiguration") or {}).get("ReplicaKmsKeyID")
    account = one.get("Account")
    return branch(
        Bucket=source.referred(f"{path}.Bucket", one["Bucket"], attribute="Arn", type_=BUCKET, where="targets.buckets"),
        Account=Leaf(source.place.account_id if account == source.resource.account_id else str(account), _from(f"{path}.Account"))
        if account
        else None,
        StorageClass=copied(one, "StorageClass", path),
        AccessControlTranslation=copied(one, OWNER, path),
        EncryptionConfiguration=branch(ReplicaKmsKeyID=key_of(source, f"{path}.EncryptionConfiguration", key)) if key else None,
        ReplicationTime=copied(one, "ReplicationTime", path),
        Metrics=copied(one, "Metrics", path),
    )


def _first(source: Source, arn: str) -> list[str]:
    """The destination, unless it replicates itself: then it may lead back, and neither can be first."""
    near = source.relatives(source.resource, BUCKET)
    return [one.uid for one in near if one.uid == arn and one.uid != source.resource.uid and not one.spec.get("Replication")]


def _from(path: str) -> Origin:
    return Origin(Came.COPIED, path)

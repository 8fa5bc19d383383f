"""How two JSON values differ, path by path, and which paths move by themselves."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

_FIRST_LEVEL = re.compile(r"spec\.[A-Za-z0-9_-]+")
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")

# Members that name an element of a list in AWS answers, most telling first: elements are compared under the first that
# every element of both lists has, each with a value of its own.
_LIST_KEYS = (
    "Arn", "ARN", "Id", "ID", "Key", "VolumeId", "AttachmentId", "NetworkInterfaceId", "SecurityGroupRuleId", "GroupId", "SubnetId",
    "RouteTableAssociationId", "DestinationCidrBlock", "RuleNumber", "RuleArn", "ListenerArn", "DeviceName", "IndexName",
    "AttributeName", "AllocationId", "Sid", "PolicyName", "ParameterName", "CacheNodeId", "DBInstanceIdentifier", "StatementId",
    "containerPort", "name", "Name", "Value",
)  # fmt: skip

# (type, path): what changes without anybody's act. Counters, and instants at which the service looked or somebody read;
# the path is matched as a shell pattern. Sizes that a service measures are growth, not a change of configuration.
VOLATILE: tuple[tuple[str, str], ...] = (
    ("AWS::AutoScaling::AutoScalingGroup", "spec.*HealthStatus"),
    ("AWS::CertificateManager::Certificate", "spec.*RenewalSummary.UpdatedAt"),
    ("AWS::CloudFormation::Stack", "spec.DriftInformation.LastCheckTimestamp"),
    ("AWS::DynamoDB::Table", "spec.*ItemCount"),
    ("AWS::DynamoDB::Table", "spec.*SizeBytes"),
    ("AWS::DynamoDB::Table", "storage_bytes"),
    ("AWS::EC2::Image", "spec.LastLaunchedTime"),
    ("AWS::EC2::Snapshot", "spec.Progress"),
    ("AWS::EC2::TransitGateway*", "spec.*LastUpdated*"),
    ("AWS::ECR::Repository", "spec.*imageCount"),
    ("AWS::ECS::Cluster", "spec.activeServicesCount"),
    ("AWS::ECS::Cluster", "spec.pendingTasksCount"),
    ("AWS::ECS::Cluster", "spec.registeredContainerInstancesCount"),
    ("AWS::ECS::Cluster", "spec.runningTasksCount"),
    ("AWS::ECS::Cluster", "spec.statistics*"),
    ("AWS::ECS::Service", "spec.*pendingCount"),
    ("AWS::ECS::Service", "spec.*runningCount"),
    ("AWS::ECS::Service", "spec.*updatedAt"),
    ("AWS::ECS::Service", "spec.events*"),
    ("AWS::EFS::FileSystem", "spec.SizeInBytes*"),
    ("AWS::EFS::FileSystem", "storage_bytes"),
    ("AWS::ElasticLoadBalancingV2::TargetGroup", "spec.*TargetHealth.*"),
    ("AWS::IAM::Role", "spec.RoleLastUsed*"),
    ("AWS::Lambda::EventSourceMapping", "spec.LastProcessingResult"),
    ("AWS::RDS::*", "spec.*LatestRestorableTime"),
    ("AWS::RDS::DBCluster", "spec.EarliestRestorableTime"),
    ("AWS::RDS::DBCluster", "storage_bytes"),
    ("AWS::S3::Bucket", "storage_bytes"),
    ("AWS::SQS::Queue", "spec.*ApproximateNumberOfMessages*"),
    ("AWS::SecretsManager::Secret", "spec.LastAccessedDate"),
    ("*", "spec.ResponseMetadata*"),
)


@dataclass(frozen=True, slots=True)
class Change:
    """One attribute that differs; ``path`` such as ``tags.Team`` or ``spec.Endpoint.Port``; None where a side has no value."""

    path: str
    before: Any
    after: Any

    def may_be_refusal(self, *, before: bool, after: bool) -> bool:
        """Whether a detail that was refused (in the older, in the newer snapshot) would look like this change.

        Each enriching call fills one member of the spec, so a refusal takes a member of its first level away.
        """
        return _FIRST_LEVEL.fullmatch(self.path) is not None and ((before and self.before is None) or (after and self.after is None))


def is_volatile(type: str, path: str) -> bool:
    """Whether that path of a resource of that type changes without anybody's act."""
    return any(fnmatchcase(type, row_type) and fnmatchcase(path, row_path) for row_type, row_path in VOLATILE)


def changes_between(path: str, before: Any, after: Any) -> Iterator[Change]:
    """Every change from one JSON value to the other, at the deepest path that both have.

    Objects are compared key by key. Lists are compared without regard to order, which AWS does not keep: by the elements' own
    names where they have some (``Tags[Key=env].Value``), else as bags (``Cidrs[]``: one change per element gone or come).
    An absent value and null are the same.
    """
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted({*before, *after}):
            yield from changes_between(path + _step(key), before.get(key), after.get(key))
    elif isinstance(before, list) and isinstance(after, list):
        yield from _list_changes(path, before, after)
    else:
        yield Change(path, before, after)


def _list_changes(path: str, before: Sequence[Any], after: Sequence[Any]) -> Iterator[Change]:
    name = _naming_key(before, after)
    if name is not None:
        old, new = ({_canonical(element[name]): element for element in side} for side in (before, after))
        for key in sorted({*old, *new}):
            yield from changes_between(f"{path}[{name}={_bare(key)}]", old.get(key), new.get(key))
        return
    old_bag, new_bag = (Counter(map(_canonical, side)) for side in (before, after))
    for text in sorted((old_bag - new_bag).elements()):
        yield Change(f"{path}[]", json.loads(text), None)
    for text in sorted((new_bag - old_bag).elements()):
        yield Change(f"{path}[]", None, json.loads(text))


def _naming_key(*sides: Sequence[Any]) -> str | None:
    """The member that names the elements of all *sides*, or None."""
    if not all(isinstance(element, Mapping) for side in sides for element in side):
        return None
    for name in _LIST_KEYS:
        values = [[_canonical(element[name]) for element in side if element.get(name) is not None] for side in sides]
        if all(len(found) == len(side) == len(set(found)) for found, side in zip(values, sides, strict=True)):
            return name
    return None


def _step(key: str) -> str:
    """A key as a step of a path; quoted unless it is a plain word, since tags hold anything."""
    return f".{key}" if _PLAIN_KEY.fullmatch(key) else f"[{json.dumps(key)}]"


def _bare(text: str) -> str:
    """A JSON value for a path: a plain word without its quotes."""
    inner = text[1:-1]
    return inner if text.startswith('"') and re.fullmatch(r"[\w:/.-]+", inner) else text


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)

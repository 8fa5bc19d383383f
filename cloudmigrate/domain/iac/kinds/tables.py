"""Tables of DynamoDB. What is in them is moved by a person (an export, or AWS Backup): a table of the same name is there before.

Source: AWS CloudFormation template reference, AWS::DynamoDB::Table; DynamoDB API reference, TableDescription.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from cloudmigrate.domain.iac.kind import GIVEN, Kind, same_name_there
from cloudmigrate.domain.iac.kinds.key_use import key_of, told_key
from cloudmigrate.domain.iac.model import TargetResource
from cloudmigrate.domain.iac.source import Source, branch, defaulted, frozen, transformed
from cloudmigrate.domain.iac.values import Branch, Came, Items, Leaf, Node, Origin

ON_DEMAND, PROVISIONED = "PAY_PER_REQUEST", "PROVISIONED"
RUN_TIME = "what it holds or does at the moment"
UNITS = ("ReadCapacityUnits", "WriteCapacityUnits")
MOST = ("MaxReadRequestUnits", "MaxWriteRequestUnits")


def table(source: Source) -> Iterator[TargetResource]:
    """A table with its indexes. Scaling of its capacity is told, not made: it is a resource of another service."""
    on_demand = (source.value("BillingModeSummary") or {}).get("BillingMode") == ON_DEMAND
    source.read |= {"ProvisionedThroughput", "OnDemandThroughput"}
    properties: dict[str, Node | None] = {
        "TableName": source.own_name("TableName", str(source.spec["TableName"])),
        "AttributeDefinitions": source.copied("AttributeDefinitions"),
        "KeySchema": source.copied("KeySchema"),
        "BillingMode": Leaf(ON_DEMAND if on_demand else PROVISIONED, Origin(Came.COPIED, "BillingModeSummary.BillingMode")),
        "ProvisionedThroughput": None if on_demand else _capacity(source.value("ProvisionedThroughput"), "ProvisionedThroughput", UNITS),
        "OnDemandThroughput": _capacity(source.value("OnDemandThroughput"), "OnDemandThroughput", MOST) if on_demand else None,
        "GlobalSecondaryIndexes": _indexes(source, "GlobalSecondaryIndexes", on_demand=on_demand),
        "LocalSecondaryIndexes": _indexes(source, "LocalSecondaryIndexes", on_demand=True),
        "StreamSpecification": _stream(source),
        "TimeToLiveSpecification": _time_to_live(source),
        "PointInTimeRecoverySpecification": _recovery(source),
        "SSESpecification": _encryption(source),
        "DeletionProtectionEnabled": source.copied("DeletionProtectionEnabled"),
        "TableClass": Leaf(str(found), Origin(Came.COPIED, "TableClassSummary.TableClass"))
        if (found := (source.value("TableClassSummary") or {}).get("TableClass"))
        else None,
        "Tags": source.tags(),
    }
    yield source.target("AWS::DynamoDB::Table", properties, stateful=True)


def _capacity(given: Any, path: str, members: tuple[str, str]) -> Node | None:
    found = {name: int(value) for name in members if (value := (given or {}).get(name)) and int(value) > 0}
    return branch(**{name: Leaf(value, Origin(Came.COPIED, f"{path}.{name}")) for name, value in found.items()})


def _indexes(source: Source, path: str, *, on_demand: bool) -> Items | None:
    """Indexes with their keys and what they hold; without what AWS says of their size and state."""
    made = []
    for number, one in enumerate(source.value(path) or ()):
        at = f"{path}[{number}]"
        members: dict[str, Node | None] = {
            name: Leaf(frozen(one[name]), Origin(Came.COPIED, f"{at}.{name}")) for name in ("IndexName", "KeySchema", "Projection")
        }
        if path == "GlobalSecondaryIndexes":
            name, units = ("OnDemandThroughput", MOST) if on_demand else ("ProvisionedThroughput", UNITS)
            members[name] = _capacity(one.get(name), f"{at}.{name}", units)
        made.append(Branch({name: node for name, node in members.items() if node is not None}))
    return Items(tuple(made)) if made else None


def _stream(source: Source) -> Node | None:
    given = source.value("StreamSpecification") or {}
    if not given.get("StreamEnabled"):
        return None
    return branch(StreamViewType=Leaf(str(given["StreamViewType"]), Origin(Came.COPIED, "StreamSpecification.StreamViewType")))


def _time_to_live(source: Source) -> Node | None:
    given: Mapping[str, Any] = source.value("TimeToLive") or {}
    if given.get("TimeToLiveStatus") not in ("ENABLED", "ENABLING"):
        return None
    return branch(
        AttributeName=Leaf(str(given["AttributeName"]), Origin(Came.COPIED, "TimeToLive.AttributeName")),
        Enabled=Leaf(value=True, origin=transformed("TimeToLive.TimeToLiveStatus", "on where it is ENABLED")),
    )


def _recovery(source: Source) -> Node:
    given = (source.value("ContinuousBackups") or {}).get("PointInTimeRecoveryDescription") or {}
    path = "ContinuousBackups.PointInTimeRecoveryDescription"
    is_on = given.get("PointInTimeRecoveryStatus") == "ENABLED"
    days = given.get("RecoveryPeriodInDays")
    kept: dict[str, Node] = {
        "PointInTimeRecoveryEnabled": Leaf(is_on, transformed(f"{path}.PointInTimeRecoveryStatus", "on where it is ENABLED"))
    }
    if is_on and days:
        kept["RecoveryPeriodInDays"] = Leaf(int(days), Origin(Came.COPIED, f"{path}.RecoveryPeriodInDays"))
    return Branch(kept)


def _encryption(source: Source) -> Node | None:
    """A key of the account's own where the source has one, or the estate file names one; DynamoDB encrypts with its own in any case."""
    given = source.value("SSEDescription") or {}
    if given.get("Status") in ("ENABLED", "UPDATING") and given.get("SSEType", "KMS") == "KMS":
        key = key_of(source, "SSEDescription", given.get("KMSMasterKeyArn") or "")
        why = transformed("SSEDescription.Status", "on where it is ENABLED")
    elif source.policy.kms_key is not None:
        key = told_key(source)
        why = Origin(Came.DEFAULTED, "with the key of targets.kms_key")
    else:
        return Leaf(None, Origin(Came.DEFAULTED, "DynamoDB encrypts with a key of its own, as at the source"))
    return branch(SSEEnabled=Leaf(value=True, origin=why), SSEType=defaulted("KMS", "the only type there is"), KMSMasterKeyId=key)


KINDS = (
    Kind(
        "AWS::DynamoDB::Table",
        table,
        known_as=("TableName",),
        asks_for=("TableName",),
        named_arn=same_name_there,
        not_configuration={
            "TableArn": GIVEN,
            "TableId": GIVEN,
            "TableStatus": RUN_TIME,
            "TableSizeBytes": RUN_TIME,
            "ItemCount": RUN_TIME,
            "CreationDateTime": RUN_TIME,
            "LatestStreamArn": GIVEN,
            "LatestStreamLabel": GIVEN,
            "WarmThroughput": "what AWS keeps warm by the table's use",
            "RestoreSummary": RUN_TIME,
        },
    ),
)

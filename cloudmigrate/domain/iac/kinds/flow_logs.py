"""Flow logs: the record of who talks to whom in a VPC or subnet.

Source: AWS CloudFormation template reference, AWS::EC2::FlowLog.
"""

from collections.abc import Iterator

from cloudmigrate.domain.iac.kind import GIVEN, RUN_TIME, Kind
from cloudmigrate.domain.iac.model import TargetResource, keys_of
from cloudmigrate.domain.iac.source import OF_ITS_ID, NotGenerated, Source, transformed
from cloudmigrate.domain.iac.values import Here, Joined, Leaf, Node, Ref


def flow_log(source: Source) -> Iterator[TargetResource]:
    """The record of who talks to whom in a VPC or subnet."""
    of = str(source.value("ResourceId") or "")
    if not of.startswith(("vpc-", "subnet-")):
        raise NotGenerated(f"it is of {of}, which has another id in the target: make it when that is there")
    what = source.referred("ResourceId", where="targets.vpcs or targets.subnets")
    kind = "VPC" if of.startswith("vpc-") else "Subnet"
    properties: dict[str, Node | None] = {
        "ResourceId": what,
        "ResourceType": Leaf(kind, transformed("ResourceId", "what its id begins with")),
        "TrafficType": source.copied("TrafficType"),
        "LogDestinationType": source.copied("LogDestinationType"),
        "LogDestination": _destination(source),
        "DeliverLogsPermissionArn": source.referred("DeliverLogsPermissionArn", attribute="Arn", where="targets.roles"),
        "LogFormat": source.copied("LogFormat"),
        "MaxAggregationInterval": source.copied("MaxAggregationInterval"),
        "DestinationOptions": source.copied("DestinationOptions"),
        "Tags": source.tags(),
    }
    yield source.target("AWS::EC2::FlowLog", properties, only_with=keys_of(what))


def _destination(source: Source) -> Leaf | None:
    """Where the record goes: a bucket with the folder in it, or a log group of the target."""
    group, given = source.value("LogGroupName"), str(source.value("LogDestination") or "")
    if given.startswith("arn:") and ":logs:" not in given:
        stem, slash, folder = given.partition("/")
        found = source.referred("LogDestination", stem, attribute="Arn", where="targets.buckets")
        if found is not None and slash and isinstance(found.value, Ref | str):
            return Leaf(Joined((found.value, f"/{folder}")) if isinstance(found.value, Ref) else f"{found.value}/{folder}", found.origin)
        return found
    name = str(group or given.partition(":log-group:")[2].removesuffix(":*"))
    if not name:
        return None
    name = source.policy.log_groups.get(name, name)
    parts = ("arn:", Here.PARTITION, ":logs:", Here.REGION, ":", Here.ACCOUNT, f":log-group:{name}")
    return Leaf(Joined(parts), transformed("LogGroupName", "the log group of that name in the target, which has to be there"))


KINDS = (
    Kind(
        "AWS::EC2::FlowLog",
        flow_log,
        is_shared=True,
        stays_in_place=True,
        arn=OF_ITS_ID,
        not_configuration={
            "FlowLogId": GIVEN,
            "CreationTime": RUN_TIME,
            "DeliverLogsStatus": RUN_TIME,
            "DeliverLogsErrorMessage": RUN_TIME,
            "FlowLogStatus": RUN_TIME,
        },
    ),
)

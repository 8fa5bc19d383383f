"""What bears our tags in an account and region: EC2 by its own list of tags, everything else by the tagging API."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import jmespath

from cloudmigrate.aws.failures import CALL_ERRORS, failure_of
from cloudmigrate.aws.sessions import AwsSessions
from cloudmigrate.domain.orphans import TAG, TaggedThing
from cloudmigrate.errors import CloudMigrateError

NAMES = ("plan", "wave", "step", "key")
# IAM action -> botocore's service and paginator.
READS = {"ec2:DescribeTags": ("ec2", "describe_tags"), "tag:GetResources": ("resourcegroupstaggingapi", "get_resources")}


class TaggedReadError(CloudMigrateError):
    """What bears our tags cannot be listed somewhere: nothing may be said of that place."""

    def __init__(self, account_id: str, region: str, action: str, reason: str) -> None:
        self.account_id = account_id
        self.region = region
        self.action = action
        super().__init__(f"account {account_id} {region}: what bears our tags is not known: {reason}")


def tagged_things(sessions: AwsSessions, account_id: str, region: str) -> Iterator[TaggedThing]:
    """Everything there that bears our tags. Raises TaggedReadError."""
    place = (sessions, account_id, region)
    found: dict[str, tuple[str, dict[str, str]]] = {}
    wanted = {"Filters": [{"Name": "key", "Values": [f"{TAG}{name}" for name in NAMES]}]}
    for row in _pages(place, "ec2:DescribeTags", "Tags", **wanted):
        kind, tags = found.setdefault(row["ResourceId"], (row["ResourceType"], {}))
        tags[row["Key"]] = row["Value"]
    asked = {"TagFilters": [{"Key": f"{TAG}key"}]}
    for row in _pages(place, "tag:GetResources", "ResourceTagMappingList", **asked):
        arn = row["ResourceARN"]
        service, name = arn.split(":", 5)[2], arn.split(":", 5)[5]
        if service != "ec2":  # those are known already, by their ids
            kind = f"{service}:{name.partition('/')[0].partition(':')[0]}"
            found[arn] = (kind, {one["Key"]: one["Value"] for one in row["Tags"]})
    for thing_id, (kind, tags) in found.items():
        if f"{TAG}key" in tags:
            yield _thing(account_id, region, kind, thing_id, tags)


# What is deleted keeps its tags for a while (a terminated instance for an hour), so what would be told is looked at once more.
# prefix of ids -> paginator, filter, and path to the ids of those that are there.
LOOKS = {
    "eipalloc": ("describe_addresses", "allocation-id", "Addresses[].AllocationId"),
    "ami": ("describe_images", "image-id", "Images[].ImageId"),
    "i": ("describe_instances", "instance-id", "Reservations[].Instances[?State.Name!='terminated'][].InstanceId"),
    "eni": ("describe_network_interfaces", "network-interface-id", "NetworkInterfaces[].NetworkInterfaceId"),
    "sg": ("describe_security_groups", "group-id", "SecurityGroups[].GroupId"),
    "sgr": ("describe_security_group_rules", "security-group-rule-id", "SecurityGroupRules[].SecurityGroupRuleId"),
    "snap": ("describe_snapshots", "snapshot-id", "Snapshots[].SnapshotId"),
    "vol": ("describe_volumes", "volume-id", "Volumes[].VolumeId"),
}
AT_ONCE = 100  # values of a filter; EC2 takes 200


def still_there(sessions: AwsSessions, things: Iterable[TaggedThing]) -> set[TaggedThing]:
    """Those of *things* that exist: what EC2 shows no more was deleted. Kinds that are not looked at are taken as they are.

    Raises TaggedReadError.
    """
    found: set[TaggedThing] = set()
    groups: dict[tuple[str, str, str], list[TaggedThing]] = {}
    for one in things:
        prefix = one.thing_id.partition("-")[0]
        if prefix in LOOKS:
            groups.setdefault((one.account_id, one.region, prefix), []).append(one)
        else:
            found.add(one)
    for (account_id, region, prefix), own in groups.items():
        for some in (own[at : at + AT_ONCE] for at in range(0, len(own), AT_ONCE)):
            there = _shown(sessions, (account_id, region), prefix, [one.thing_id for one in some])
            found |= {one for one in some if one.thing_id in there}
    return found


def _shown(sessions: AwsSessions, place: tuple[str, str], prefix: str, ids: Sequence[str]) -> set[str]:
    operation, name, path = LOOKS[prefix]
    client = sessions.client(place[0], "ec2", place[1])
    asked = {"Filters": [{"Name": name, "Values": list(ids)}]}
    try:
        if not client.can_paginate(operation):
            return set(jmespath.search(path, getattr(client, operation)(**asked)))
        return {one for page in client.get_paginator(operation).paginate(**asked) for one in jmespath.search(path, page)}
    except CALL_ERRORS as error:
        action = f"ec2:{''.join(word.capitalize() for word in operation.split('_'))}"
        failure = failure_of(error, action)
        raise TaggedReadError(*place, action, failure.sentence) from error


def _thing(account_id: str, region: str, kind: str, thing_id: str, tags: Mapping[str, str]) -> TaggedThing:
    told = {name: tags.get(f"{TAG}{name}", "") for name in NAMES}
    wave = int(told["wave"]) if told["wave"].isascii() and told["wave"].isdecimal() and len(told["wave"]) < 7 else None
    return TaggedThing(account_id, region, kind, thing_id, told["plan"], wave, told["step"], told["key"])


def _pages(place: tuple[AwsSessions, str, str], action: str, member: str, **asked: Any) -> Iterator[Any]:
    """The items of every page of the answer to that action."""
    sessions, account_id, region = place
    service, operation = READS[action]
    try:
        for page in sessions.client(account_id, service, region).get_paginator(operation).paginate(**asked):
            yield from page[member]
    except CALL_ERRORS as error:
        failure = failure_of(error, action)
        raise TaggedReadError(account_id, region, action, failure.sentence) from error

"""What bears our tags in an account and region: EC2 by its own list of tags, everything else by the tagging API."""

from collections.abc import Iterator, Mapping
from typing import Any

from cloudmigrate.aws.failures import CALL_ERRORS, coverage_status
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
        failure = coverage_status(error, action=action)
        if failure is None:
            raise
        raise TaggedReadError(account_id, region, action, failure.sentence) from error

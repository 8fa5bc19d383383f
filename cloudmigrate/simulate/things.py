"""The records that a simulated estate is written in, and how one refers to another."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

REFERENCE = re.compile(r"\$(\$?)\{([\w.-]+?)(?::(\w+))?\}")

Params = Mapping[str, Any]
Tags = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Thing:
    """One resource to create. ``${key}`` anywhere in its parameters stands for the id of an earlier thing, ``${key:arn}`` for its ARN.

    ``$${key}`` is ``${key}`` as it stands.
    """

    key: str
    type: str  # the CloudFormation type
    params: Params
    tags: Tags = field(default_factory=dict)
    operation: str = ""  # where it is not the type's usual call (a read replica)


@dataclass(frozen=True, slots=True)
class Act:
    """One call that changes things already created: a rule, a route, an attachment, a policy."""

    service: str
    operation: str
    params: Params


@dataclass(frozen=True, slots=True)
class Place:
    """What one account has in one region, in the order of its creation (global services with the account's first place)."""

    account_id: str
    region: str
    steps: tuple[Thing | Act, ...]
    ended: frozenset[str] = frozenset()  # instances that are terminated in the end: no resources any more


def resolved(value: Any, lookup: Callable[[str, str], str]) -> Any:
    """*value* with every reference replaced by what *lookup* gives for its key and attribute."""
    match value:
        case str():
            return REFERENCE.sub(lambda found: found[0][1:] if found[1] else lookup(found[2], found[3] or "id"), value)
        case Mapping():
            return {key: resolved(one, lookup) for key, one in value.items()}
        case list() | tuple():
            return [resolved(one, lookup) for one in value]
        case _:
            return value


def expected_counts(places: tuple[Place, ...]) -> dict[tuple[str, str], Counter[str]]:
    """How many resources of each type discovery must find, by (account, region); worked out from the tables alone.

    Besides the things themselves these are what AWS makes along with them (see `IMPLIED`).
    """
    counts: dict[tuple[str, str], Counter[str]] = {}
    made: dict[tuple[str, str], set[str]] = defaultdict(set)
    for place in places:
        made[place.account_id, place.region] |= {step.key for step in place.steps if isinstance(step, Thing)}
    for place in places:
        for step in place.steps:
            if isinstance(step, Act):
                counts.setdefault((place.account_id, place.region), Counter()).update(_accepted(step, made[place.account_id, place.region]))
                continue
            if step.key in place.ended:
                continue
            region = "global" if step.type in GLOBAL_TYPES else place.region
            found = counts.setdefault((place.account_id, region), Counter())
            if step.type not in INSIDE_PARENT:
                found[step.type] += 1
            found.update(IMPLIED.get(step.type, _nothing)(step.params))
    return counts


def _accepted(act: Act, own: Collection[str]) -> Counter[str]:
    """A peering that another place asked for: whoever accepts it sees it too."""
    if act.operation != "accept_vpc_peering_connection":
        return Counter()
    found = REFERENCE.search(act.params["VpcPeeringConnectionId"])
    return Counter({"AWS::EC2::VPCPeeringConnection": 0 if found is None or found[2] in own else 1})


def _nothing(_: Params) -> Counter[str]:
    return Counter()


def _with_instance(params: Params) -> Counter[str]:
    volumes = sum("Ebs" in one for one in params.get("BlockDeviceMappings", ())) or 1
    return Counter({"AWS::EC2::NetworkInterface": 1, "AWS::EC2::Volume": volumes})


def _with_group(params: Params) -> Counter[str]:
    desired = int(params["DesiredCapacity"])
    # Launch templates of the estate name no volumes: each instance gets its root volume.
    return Counter({"AWS::EC2::Instance": desired, "AWS::EC2::NetworkInterface": desired, "AWS::EC2::Volume": desired})


def _with_endpoint(params: Params) -> Counter[str]:
    return Counter({"AWS::EC2::NetworkInterface": len(params.get("SubnetIds", ()))})


def _with_stack(params: Params) -> Counter[str]:
    return Counter(one["Type"] for one in json.loads(params["TemplateBody"])["Resources"].values())


GLOBAL_TYPES = frozenset({"AWS::IAM::Role", "AWS::IAM::InstanceProfile", "AWS::Route53::HostedZone", "AWS::Route53::RecordSet"})

# Kept in the spec of their load balancer and file system: not resources of their own in an inventory.
INSIDE_PARENT = frozenset({"AWS::ElasticLoadBalancingV2::Listener", "AWS::EFS::MountTarget"})

IMPLIED: Mapping[str, Callable[[Params], Counter[str]]] = {
    # A VPC comes with a main route table, a default network ACL and a default security group.
    "AWS::EC2::VPC": lambda _: Counter({"AWS::EC2::RouteTable": 1, "AWS::EC2::NetworkAcl": 1, "AWS::EC2::SecurityGroup": 1}),
    "AWS::EC2::Instance": _with_instance,
    "AWS::AutoScaling::AutoScalingGroup": _with_group,
    "AWS::EC2::NatGateway": lambda _: Counter({"AWS::EC2::NetworkInterface": 1}),
    "AWS::EC2::VPCEndpoint": _with_endpoint,
    "AWS::EFS::MountTarget": lambda _: Counter({"AWS::EC2::NetworkInterface": 1}),
    "AWS::CloudFormation::Stack": _with_stack,
    "AWS::EC2::Image": lambda _: Counter({"AWS::EC2::Snapshot": 1}),
    # A zone comes with its NS and SOA records.
    "AWS::Route53::HostedZone": lambda _: Counter({"AWS::Route53::RecordSet": 2}),
}

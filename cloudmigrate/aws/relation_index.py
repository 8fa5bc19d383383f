"""Ways to find a discovered resource: by uid, id, name, host, address and hashed name; made in one pass over the inventory."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from cloudmigrate.aws.arns import partition_of
from cloudmigrate.aws.catalogue import BY_TYPE
from cloudmigrate.aws.expressions import evaluate
from cloudmigrate.aws.mentions import ADDRESS
from cloudmigrate.aws.redact import sha256
from cloudmigrate.domain.resources import Resource

GLOBAL = "global"
BUCKET = "AWS::S3::Bucket"
QUEUE = "AWS::SQS::Queue"
# Ids of EC2 are unique across accounts: a subnet shared by another account is found by its id alone.
EC2_ID = re.compile(r"([a-z]+(?:-[a-z]+)*)-[0-9a-f]{8,17}")
# What an id begins with says of which type it is, where a rule allows several (EC2 User Guide, "Resource IDs").
TYPE_OF_PREFIX = {
    "eigw": "AWS::EC2::EgressOnlyInternetGateway",
    "eipalloc": "AWS::EC2::EIP",
    "eni": "AWS::EC2::NetworkInterface",
    "i": "AWS::EC2::Instance",
    "igw": "AWS::EC2::InternetGateway",
    "nat": "AWS::EC2::NatGateway",
    "pcx": "AWS::EC2::VPCPeeringConnection",
    "sg": "AWS::EC2::SecurityGroup",
    "subnet": "AWS::EC2::Subnet",
    "tgw": "AWS::EC2::TransitGateway",
    "vol": "AWS::EC2::Volume",
    "vpc": "AWS::EC2::VPC",
    "vpce": "AWS::EC2::VPCEndpoint",
}
# A variable that holds exactly a resource's name is taken for it only if the variable's name speaks of such a thing.
NAME_HINTS = {
    BUCKET: re.compile(r"bucket|s3", re.IGNORECASE),
    "AWS::DynamoDB::Table": re.compile(r"table|dynamo|ddb", re.IGNORECASE),
    QUEUE: re.compile(r"queue|sqs", re.IGNORECASE),
    "AWS::SNS::Topic": re.compile(r"topic|sns", re.IGNORECASE),
    "AWS::Lambda::Function": re.compile(r"function|lambda", re.IGNORECASE),
    "AWS::SecretsManager::Secret": re.compile(r"secret", re.IGNORECASE),
}
INTERNAL_NAME = re.compile(r"ip-(\d+)-(\d+)-(\d+)-(\d+)\.(?:ec2|[a-z0-9-]+\.compute)\.internal")
PUBLIC_ADDRESSES = ("PublicIp", "PublicIpAddress", "Association.PublicIp")
VPC_PATHS = ("VpcId", "VpcConfig.VpcId", "VPCId", "resourcesVpcConfig.vpcId", "DBSubnetGroup.VpcId")


def normal_host(text: str) -> str:
    """A host name as it is compared: of a url the host; without port, trailing dot, load balancers' "dualstack.", China's ".cn"."""
    host = text.rpartition("://")[2].split("/", 1)[0].partition(":")[0].lower().rstrip(".")
    host = host.removeprefix("dualstack.")
    return host.removesuffix(".cn") if host.endswith(".amazonaws.com.cn") else host


def vpc_of(resource: Resource) -> str | None:
    """The id of the VPC that the resource runs in, if its spec tells."""
    return next((vpc for path in VPC_PATHS if isinstance(vpc := evaluate(path, resource.spec), str)), None)


class RelationIndex:
    """The inventory, findable by whatever configuration writes down."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self.by_uid: dict[str, Resource] = {}
        self._ids: dict[tuple[str, str, str, str], str] = {}
        self._names: dict[tuple[str, str, str, str], str] = {}
        self._anywhere: dict[tuple[str, str], str | None] = {}
        self._hosts: dict[str, list[str]] = defaultdict(list)
        self._addresses: dict[str, list[Resource]] = defaultdict(list)
        self._hashes: dict[str, list[Resource]] = defaultdict(list)
        self._queues: dict[str, list[Resource]] = defaultdict(list)
        for resource in resources:
            self._add(resource)

    def _add(self, resource: Resource) -> None:
        row = BY_TYPE.get(resource.type)
        self.by_uid[resource.uid] = resource
        if row is None:
            return
        place = (resource.type, resource.account_id, resource.region)
        own_id = evaluate(row.id, resource.spec)
        if isinstance(own_id, str):
            self._ids[*place, own_id] = resource.uid
            anywhere = (resource.type, own_id)
            self._anywhere[anywhere] = None if self._anywhere.get(anywhere, resource.uid) != resource.uid else resource.uid
            if resource.type in NAME_HINTS:
                self._hashes[sha256(own_id)].append(resource)
            if resource.type == QUEUE:
                self._queues[f"{resource.account_id}/{own_id}"].append(resource)
        for name in _texts(
            evaluate(row.name, resource.spec) if row.name else None, evaluate(row.aliases, resource.spec) if row.aliases else None, own_id
        ):
            self._names.setdefault((*place, name), resource.uid)
        for host in self._hosts_of(resource, row.dns_names, own_id):
            self._hosts[host].append(resource.uid)
        for address in dict.fromkeys((*resource.private_ips, *_texts(*(evaluate(path, resource.spec) for path in PUBLIC_ADDRESSES)))):
            self._addresses[address].append(resource)

    @staticmethod
    def _hosts_of(resource: Resource, dns_names: tuple[str, ...], own_id: Any) -> Iterator[str]:
        found: dict[str, None] = {}
        for name in dns_names:
            if name.startswith("{id}"):
                found[normal_host(name.format(id=own_id, region=resource.region))] = None
                continue
            for host in _texts(evaluate(name, resource.spec)):
                found[normal_host(host)] = None
        # Instances in different VPCs bear the same internal name: these are found by address, within a VPC.
        return (host for host in found if host and not INTERNAL_NAME.fullmatch(host))

    def by_id(self, types: Iterable[str], value: str, near: Resource) -> str | None:
        """The resource with that id in the same account and region, or anywhere if ids of its type are unique in the world."""
        for type_ in types:
            found = self._ids.get((type_, near.account_id, self._region(type_, near), value))
            if found is None and (EC2_ID.fullmatch(value) or type_ in (BUCKET, "AWS::Route53::HostedZone")):
                found = self._anywhere.get((type_, value))
            if found is not None:
                return found
        return None

    def by_name(self, types: Iterable[str], value: str, account_id: str, region: str) -> str | None:
        """The resource of that name, id or alias in that account and region."""
        for type_ in types:
            row = BY_TYPE[type_]
            where = GLOBAL if row.is_global and not row.own_region else region
            found = self._names.get((type_, account_id, where, value))
            found = found or (self._anywhere.get((type_, value.rstrip("."))) if type_ == BUCKET else None)
            if found is not None:
                return found
        return None

    def by_host(self, types: frozenset[str], value: str, near: Resource) -> tuple[str, ...]:
        """The resources that answer to that host name or address."""
        host = normal_host(value)
        internal = INTERNAL_NAME.fullmatch(host)
        if internal or ADDRESS.fullmatch(host):
            found = self.by_address(tuple(types), ".".join(internal.groups()) if internal else host, near)
            return (found,) if found else ()
        return tuple(uid for uid in self._hosts.get(host, ()) if self.by_uid[uid].type in types)

    def by_address(self, types: tuple[str, ...], address: str, near: Resource) -> str | None:
        """The resource with that address: in the VPC of *near* if that is known, else where only one VPC has it.

        Private addresses repeat from VPC to VPC. Types are tried in their order: an instance before its interface.
        """
        having = [one for one in self._addresses.get(address, ()) if one.type in types]
        vpc = vpc_of(near)
        if vpc is not None:
            same = [one for one in having if vpc_of(one) == vpc]
            having = same or [one for one in having if address not in one.private_ips]
        if len({vpc_of(one) for one in having}) > 1:
            return None
        ranked = sorted(having, key=lambda one: (types.index(one.type), one.uid))
        return ranked[0].uid if ranked else None

    def by_hash(self, types: frozenset[str], name: str, digest: str, near: Resource) -> Iterator[str]:
        """The resources whose name has that hash, if the variable's name speaks of their type."""
        for one in self._hashes.get(digest, ()):
            same_place = (one.account_id, one.region) == (near.account_id, near.region)
            if one.type in types and NAME_HINTS[one.type].search(name) and (same_place or one.type == BUCKET):
                yield one.uid

    def by_queue_url(self, account_and_name: str, host: str, near: Resource) -> str | None:
        """The queue of a url's path ``account/name``: in the region that the host names, else in that of *near*."""
        queues = self._queues.get(account_and_name, [])
        named = [one for one in queues if f".{one.region}." in f".{host}"]
        chosen = named or [one for one in queues if one.region == near.region]
        return chosen[0].uid if chosen else None

    def constructed(self, types: Iterable[str], value: str, near: Resource) -> str | None:
        """The uid that a resource with that id would have in the same account and region; None where its type's ARN is not built."""
        prefix = EC2_ID.fullmatch(value)
        for type_ in types:
            row = BY_TYPE[type_]
            is_ec2 = ":ec2:" in row.arn
            if row.arn.startswith("=") or (
                is_ec2 and TYPE_OF_PREFIX.get(prefix.group(1) if prefix else "", type_ if prefix else "") != type_
            ):
                continue
            region = self._region(type_, near)
            return row.arn.format(partition=partition_of(near.uid), region=region, account=near.account_id, id=value)
        return None

    @staticmethod
    def _region(type_: str, near: Resource) -> str:
        row = BY_TYPE[type_]
        return GLOBAL if row.is_global and not row.own_region else near.region


def _texts(*values: Any) -> Iterator[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            yield from (one for one in value if isinstance(one, str))

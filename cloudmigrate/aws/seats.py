"""Where resources lie in the network and which security groups they bear: by their interfaces, else by what they say themselves.

Sources: each service's API reference for the members named in the table; for the ports that clients use, VPC User Guide, "Custom network
ACLs", "Ephemeral ports".
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from cloudmigrate.aws.describe import mappings
from cloudmigrate.aws.expressions import evaluate
from cloudmigrate.aws.interfaces import HOLDER_TYPES, INTERFACE, holders
from cloudmigrate.aws.rule_entries import readable_spans
from cloudmigrate.domain.network import ALL_IPV4, Seat, Span, Subnet, Vpc
from cloudmigrate.domain.resources import Resource

INSTANCE, CLUSTER, CACHE_GROUP = "AWS::EC2::Instance", "AWS::RDS::DBCluster", "AWS::ElastiCache::ReplicationGroup"
FILE_SYSTEM, NAT, GROUP = "AWS::EFS::FileSystem", "AWS::EC2::NatGateway", "AWS::AutoScaling::AutoScalingGroup"
LINUX, WINDOWS, ANY_PORT = (32768, 60999), (49152, 65535), (1024, 65535)
_NO_GROUPS: tuple[str, ...] = ()
_WITHOUT_GROUPS = frozenset({"nat", "transit_gateway"})  # security groups cannot be put on their interfaces


@dataclass(frozen=True, slots=True)
class _Described:
    """Where a type says in which subnets it is and which security groups it bears (JMESPath)."""

    type: str
    subnets: str
    groups: str
    vpc: str = "VpcId"
    is_public: str = "`false`"
    uses_every_subnet: bool = False  # else one of them at least
    lacks_groups: str = "`false`"  # whether no groups means that none apply, not that they are not known
    subnets_of: tuple[str, str] | None = None  # type and name of a subnet group: then *subnets* is read there


ROWS = (
    _Described(
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "AvailabilityZones[].SubnetId",
        "SecurityGroups[]",
        is_public="Scheme == 'internet-facing'",
        uses_every_subnet=True,
        lacks_groups="Type != 'application'",
    ),
    _Described(
        "AWS::ElasticLoadBalancing::LoadBalancer",
        "Subnets[]",
        "SecurityGroups[]",
        "VPCId",
        is_public="Scheme == 'internet-facing'",
        uses_every_subnet=True,
    ),
    _Described(
        "AWS::RDS::DBInstance",
        "DBSubnetGroup.Subnets[].SubnetIdentifier",
        "VpcSecurityGroups[].VpcSecurityGroupId",
        "DBSubnetGroup.VpcId",
        is_public="PubliclyAccessible",
    ),
    _Described(
        CLUSTER,
        "Subnets[].SubnetIdentifier",
        "VpcSecurityGroups[].VpcSecurityGroupId",
        is_public="PubliclyAccessible",
        subnets_of=("AWS::RDS::DBSubnetGroup", "DBSubnetGroup"),
    ),
    _Described(
        "AWS::ElastiCache::CacheCluster",
        "Subnets[].SubnetIdentifier",
        "SecurityGroups[].SecurityGroupId",
        subnets_of=("AWS::ElastiCache::SubnetGroup", "CacheSubnetGroupName"),
    ),
    _Described("AWS::Lambda::Function", "VpcConfig.SubnetIds[]", "VpcConfig.SecurityGroupIds[]", "VpcConfig.VpcId"),
    _Described(
        "AWS::ECS::Service",
        "networkConfiguration.awsvpcConfiguration.subnets[]",
        "networkConfiguration.awsvpcConfiguration.securityGroups[]",
        is_public="networkConfiguration.awsvpcConfiguration.assignPublicIp == 'ENABLED'",
    ),
    _Described(
        "AWS::EKS::Cluster",
        "resourcesVpcConfig.subnetIds[]",
        "[resourcesVpcConfig.securityGroupIds, [resourcesVpcConfig.clusterSecurityGroupId]][][]",
        "resourcesVpcConfig.vpcId",
    ),
    _Described("AWS::EC2::VPCEndpoint", "SubnetIds[]", "Groups[].GroupId", uses_every_subnet=True),
    _Described("AWS::ApiGatewayV2::VpcLink", "SubnetIds[]", "SecurityGroupIds[]"),
)
_BY_TYPE = {row.type: row for row in ROWS}
# A type that lies wherever its parts lie -> the type of its parts, and where it names them.
_WHOLES = {
    CLUSTER: ("AWS::RDS::DBInstance", "DBClusterMembers[].DBInstanceIdentifier", "DBInstanceIdentifier"),
    CACHE_GROUP: ("AWS::ElastiCache::CacheCluster", "MemberClusters[]", "CacheClusterId"),
    GROUP: (INSTANCE, "Instances[].InstanceId", "InstanceId"),
}
# What telling where resources lie needs of an inventory.
SEAT_TYPES: tuple[str, ...] = tuple(
    dict.fromkeys((*HOLDER_TYPES, INSTANCE, FILE_SYSTEM, *_WHOLES, *_BY_TYPE, "AWS::RDS::DBSubnetGroup", "AWS::ElastiCache::SubnetGroup"))
)


def seats_of(
    resources: Iterable[Resource], subnets: Mapping[str, Subnet], vpcs: Mapping[str, Vpc], blind: frozenset[tuple[str, str]]
) -> dict[str, tuple[Seat, ...]]:
    """The places of each resource and of each interface, by uid.

    Interfaces tell best. What a resource says itself counts where no interface of it was seen, and besides where interfaces could not be
    listed wholly (*blind*).
    """
    rows = list(resources)
    seen = _by_interface(rows, subnets, vpcs)
    subnet_groups = {(one.account_id, one.region, one.type, one.name): one for one in rows}
    described = _Describer(subnets, vpcs, subnet_groups)
    for one in rows:
        if one.uid not in seen or (one.account_id, one.region) in blind:
            own = tuple(described.seats(one))
            known = seen.get(one.uid, ())
            ids = {seat.interface_id for seat in known}
            both = (*known, *(seat for seat in own if not seat.interface_id or seat.interface_id not in ids))
            if both:
                seen[one.uid] = both
    for one in rows:
        if one.type in _WHOLES and one.uid not in seen:
            parts = tuple(seat for uid in _parts(one, subnet_groups) for seat in seen.get(uid, ()))
            if parts:
                seen[one.uid] = tuple(replace(seat, holder_uid=one.uid) for seat in parts)
    return seen


def _parts(one: Resource, by_name: Mapping[tuple[str, str, str, str], Resource]) -> Iterator[str]:
    """The uids of what a resource consists of."""
    type_, path, own_id = _WHOLES[one.type]
    wanted = set(evaluate(path, one.spec) or ())
    for other in by_name.values():
        if other.type == type_ and (other.account_id, other.region) == (one.account_id, one.region) and other.spec.get(own_id) in wanted:
            yield other.uid


def _by_interface(rows: list[Resource], subnets: Mapping[str, Subnet], vpcs: Mapping[str, Vpc]) -> dict[str, tuple[Seat, ...]]:
    """Seats by holder and by interface, for every interface that was listed."""
    found: dict[str, list[Seat]] = defaultdict(list)
    specs = {str(one.spec.get("NetworkInterfaceId")): one for one in rows if one.type == INTERFACE}
    clients = {one.uid: _client_ports(one) for one in rows if one.type == INSTANCE}
    for holder in holders(rows):
        one = specs[holder.interface_id]
        addresses = (*readable_spans(holder.addresses), *_prefixes(one.spec))
        public = readable_spans(holder.public_addresses)
        seat = Seat(
            holder_uid=holder.holder_uid,
            vpc_id=holder.vpc_id,
            subnet_id=holder.subnet_id,
            addresses=addresses or _anywhere(holder.subnet_id, holder.vpc_id, subnets, vpcs),
            groups=_NO_GROUPS if holder.kind in _WITHOUT_GROUPS else _ids(one.spec.get("Groups"), "GroupId"),
            public=public,
            is_public=bool(public),
            client_ports=clients.get(holder.holder_uid, ANY_PORT),
            interface_id=holder.interface_id,
            is_attached=one.spec.get("Status") != "available",
        )
        found[holder.holder_uid].append(seat)
        if one.uid != holder.holder_uid:
            found[one.uid].append(seat)
    return {uid: tuple(seats) for uid, seats in found.items()}


@dataclass(frozen=True, slots=True)
class _Describer:
    """Reads where resources say that they are."""

    subnets: Mapping[str, Subnet]
    vpcs: Mapping[str, Vpc]
    by_name: Mapping[tuple[str, str, str, str], Resource]

    def seats(self, one: Resource) -> Iterator[Seat]:
        """The places that a resource's own description names."""
        match one.type:
            case "AWS::EC2::Instance":
                yield from self._of_instance(one)
            case "AWS::EFS::FileSystem":
                yield from self._of_file_system(one)
            case "AWS::EC2::NatGateway":
                for entry in mappings(one.spec.get("NatGatewayAddresses")):
                    own, public = readable_spans([entry.get("PrivateIp")]), readable_spans([entry.get("PublicIp")])
                    yield self._seat(one, one.spec, own, _NO_GROUPS, public=public, interface_id=entry.get("NetworkInterfaceId"))
            case _ if one.type in _BY_TYPE:
                yield from self._of_row(_BY_TYPE[one.type], one)

    def _of_instance(self, one: Resource) -> Iterator[Seat]:
        interfaces = mappings(one.spec.get("NetworkInterfaces"))
        for entry in interfaces:
            named = [own.get("PrivateIpAddress") for own in mappings(entry.get("PrivateIpAddresses"))]
            named += [entry.get("PrivateIpAddress"), *(own.get("Ipv6Address") for own in mappings(entry.get("Ipv6Addresses")))]
            groups, public = _ids(entry.get("Groups"), "GroupId"), readable_spans([(entry.get("Association") or {}).get("PublicIp")])
            addresses = (*readable_spans(named), *_prefixes(entry))
            yield self._seat(one, entry, addresses, groups, public=public, interface_id=entry.get("NetworkInterfaceId"))
        if not interfaces and (one.spec.get("SubnetId") or one.spec.get("PrivateIpAddress")):
            groups, public = _ids(one.spec.get("SecurityGroups"), "GroupId"), readable_spans([one.spec.get("PublicIpAddress")])
            yield self._seat(one, one.spec, readable_spans([one.spec.get("PrivateIpAddress")]), groups, public=public)

    def _of_file_system(self, one: Resource) -> Iterator[Seat]:
        groups = {str(entry.get("Key")): entry.get("Value") for entry in mappings(one.spec.get("MountTargetSecurityGroups"))}
        for target in mappings(one.spec.get("MountTargets")):
            borne = groups.get(str(target.get("MountTargetId")))
            ids = tuple(map(str, borne)) if isinstance(borne, list) else None
            yield self._seat(one, target, readable_spans([target.get("IpAddress")]), ids, interface_id=target.get("NetworkInterfaceId"))

    def _of_row(self, row: _Described, one: Resource) -> Iterator[Seat]:
        where: Any = one.spec
        if row.subnets_of is not None:
            named = self.by_name.get((one.account_id, one.region, row.subnets_of[0], str(evaluate(row.subnets_of[1], one.spec))))
            if named is None:
                return
            where = named.spec
        subnets = [str(subnet_id) for subnet_id in evaluate(row.subnets, where) or () if subnet_id]
        groups: tuple[str, ...] | None = tuple(dict.fromkeys(str(group) for group in evaluate(row.groups, one.spec) or () if group))
        if not groups and evaluate(row.lacks_groups, one.spec) is not True:
            groups = None
        vpc_id = str(evaluate(row.vpc, where) or "")
        for subnet_id in dict.fromkeys(subnets):
            # The subnet knows its VPC better than one who names both.
            place = {"SubnetId": subnet_id, "VpcId": self.subnets[subnet_id].vpc_id if subnet_id in self.subnets else vpc_id}
            seat = self._seat(one, place, (), groups)
            is_certain = row.uses_every_subnet or len(subnets) == 1
            yield replace(seat, is_public=evaluate(row.is_public, one.spec) is True, is_certain=is_certain)

    def _seat(
        self,
        one: Resource,
        place: Mapping[str, Any],
        addresses: tuple[Span, ...],
        groups: tuple[str, ...] | None,
        *,
        public: tuple[Span, ...] = (),
        interface_id: Any = None,
    ) -> Seat:
        subnet_id, vpc_id = str(place.get("SubnetId") or ""), str(place.get("VpcId") or "")
        return Seat(
            holder_uid=one.uid,
            vpc_id=vpc_id,
            subnet_id=subnet_id,
            addresses=addresses or _anywhere(subnet_id, vpc_id, self.subnets, self.vpcs),
            groups=groups,
            public=public,
            is_public=bool(public),
            client_ports=_client_ports(one),
            interface_id=str(interface_id or ""),
        )


def _anywhere(subnet_id: str, vpc_id: str, subnets: Mapping[str, Subnet], vpcs: Mapping[str, Vpc]) -> tuple[Span, ...]:
    """Where an address may lie that is not known: IPv4, since every service of AWS uses it unless told otherwise."""
    subnet, vpc = subnets.get(subnet_id), vpcs.get(vpc_id)
    spans = (subnet.spans if subnet else ()) or (vpc.spans if vpc else ())
    return tuple(one for one in spans if not one.is_ipv6) or spans or (ALL_IPV4,)


def _client_ports(one: Resource) -> tuple[int, int]:
    """The ports that connections come from: of an instance as its system is delivered, of a service any."""
    if one.type != INSTANCE:
        return ANY_PORT
    platform = f"{one.spec.get('Platform') or ''} {one.spec.get('PlatformDetails') or ''}".lower()
    return WINDOWS if "windows" in platform else LINUX


def _ids(entries: Any, name: str) -> tuple[str, ...] | None:
    return tuple(dict.fromkeys(str(one.get(name)) for one in mappings(entries))) if isinstance(entries, list) else None


def _prefixes(spec: Mapping[str, Any]) -> tuple[Span, ...]:
    """The blocks of addresses that an interface holds besides single ones, as container networks use them."""
    found = [one.get("Ipv4Prefix") for one in mappings(spec.get("Ipv4Prefixes"))]
    return readable_spans([*found, *(one.get("Ipv6Prefix") for one in mappings(spec.get("Ipv6Prefixes")))])

"""The rules that decide who may talk to whom, read from the inventory's specs: security groups, network ACLs, routes and what links VPCs.

What coverage says was not listed wholly is left unknown. Sources: Amazon EC2 API reference (IpPermission, NetworkAclEntry, Route,
VpcPeeringConnection, TransitGatewayOptions, ManagedPrefixList).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from cloudmigrate.aws.arns import partition_of
from cloudmigrate.aws.describe import mappings
from cloudmigrate.aws.interfaces import HOLDER_TYPES, NETWORK_TYPES
from cloudmigrate.aws.rule_entries import acl_entries, group_rules, is_whole, known_spans, readable_spans
from cloudmigrate.aws.seats import SEAT_TYPES, seats_of
from cloudmigrate.domain.network import (
    Network,
    NetworkAcl,
    Peering,
    Route,
    RouteTable,
    SecurityGroup,
    Span,
    Subnet,
    TransitGateway,
    Vpc,
)
from cloudmigrate.domain.resources import Coverage, Resource

GROUP, ACL, TABLE = "AWS::EC2::SecurityGroup", "AWS::EC2::NetworkAcl", "AWS::EC2::RouteTable"
VPC, SUBNET, PREFIX_LIST = "AWS::EC2::VPC", "AWS::EC2::Subnet", "AWS::EC2::PrefixList"
PEERING, ATTACHMENT, GATEWAY = "AWS::EC2::VPCPeeringConnection", "AWS::EC2::TransitGatewayAttachment", "AWS::EC2::TransitGateway"
NAT, ENDPOINT, INTERFACE = "AWS::EC2::NatGateway", "AWS::EC2::VPCEndpoint", "AWS::EC2::NetworkInterface"
LOAD_BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
# What judging who may talk to whom needs of an inventory.
NETWORK_RULE_TYPES: tuple[str, ...] = tuple(
    dict.fromkeys((GROUP, ACL, SUBNET, GATEWAY, NAT, ENDPOINT, LOAD_BALANCER, *NETWORK_TYPES, *HOLDER_TYPES, *SEAT_TYPES))
)
# Where a route leads, by the member that says so (EC2 API reference, Route); VPC endpoints stand under GatewayId.
_TARGETS = (
    "GatewayId",
    "NatGatewayId",
    "TransitGatewayId",
    "VpcPeeringConnectionId",
    "EgressOnlyInternetGatewayId",
    "LocalGatewayId",
    "CarrierGatewayId",
    "CoreNetworkArn",
    "NetworkInterfaceId",
    "InstanceId",
)
_KEEPS_CLIENT = frozenset({"network", "gateway"})  # kinds of load balancers behind which the client's own address is seen


def network_of(resources: Iterable[Resource], coverage: Iterable[Coverage] | None = None) -> Network:
    """All rules of an inventory and who bears them; of *resources* those of NETWORK_RULE_TYPES are needed.

    *coverage* are the snapshot's own rows: of a type without a row that says ok or empty, or with resources left out by a filter,
    absence tells nothing in that account and region. Without *coverage*, what is listed counts as all there is.
    """
    return _Reader(list(resources), None if coverage is None else is_whole(coverage)).network()


@dataclass
class _Reader:
    """One inventory, by type."""

    resources: Sequence[Resource]
    whole: Callable[[str, str, str], bool] | None  # (account, region, type): whether all of it was listed; None: everything was
    by_type: dict[str, list[Resource]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for one in self.resources:
            self.by_type[one.type].append(one)

    def network(self) -> Network:
        """Everything, joined."""
        places = {(one.account_id, one.region) for one in self.resources}
        blind = frozenset(place for place in places if not self._saw(*place, INTERFACE))
        vpcs, subnets = {one.vpc_id: one for one in self._vpcs()}, {one.subnet_id: one for one in self._subnets()}
        return Network(
            groups={one.group_id: one for one in self._groups()},
            subnets=subnets,
            vpcs=vpcs,
            peerings={one.peering_id: one for one in self._peerings()},
            transit_gateways={one.gateway_id: one for one in self._transit_gateways()},
            prefix_lists=self._list_names,
            nat_addresses={str(one.spec.get("NatGatewayId")): self._nat_addresses(one) for one in self.by_type[NAT]},
            seats=seats_of(self.resources, subnets, vpcs, blind),
            blind=blind,
        )

    def _saw(self, account_id: str, region: str, type_: str) -> bool:
        return self.whole is None or self.whole(account_id, region, type_)

    # --- rules ---

    @cached_property
    def _lists(self) -> dict[str, tuple[Span, ...] | None]:
        """Prefix list id -> what it holds."""
        return {
            str(one.spec.get("PrefixListId")): known_spans([entry.get("Cidr") for entry in mappings(one.spec.get("Entries"))])
            if one.spec.get("Entries") is not None
            else None
            for one in self.by_type[PREFIX_LIST]
        }

    @cached_property
    def _list_names(self) -> dict[str, str]:
        """Prefix list id -> its name; AWS's own are no resources of the estate: the endpoint that a route leads to names theirs."""
        found = {str(one.spec.get("PrefixListId")): str(one.spec.get("PrefixListName") or "") for one in self.by_type[PREFIX_LIST]}
        services = {str(one.spec.get("VpcEndpointId")): str(one.spec.get("ServiceName") or "") for one in self.by_type[ENDPOINT]}
        for table in self.by_type[TABLE]:
            for route in mappings(table.spec.get("Routes")):
                list_id, service = route.get("DestinationPrefixListId"), services.get(str(route.get("GatewayId")))
                if list_id and service:
                    found.setdefault(str(list_id), service)
        return found

    def _groups(self) -> Iterator[SecurityGroup]:
        uids = {str(one.spec.get("GroupId")): one.uid for one in self.by_type[GROUP]}
        lists = {str(one.spec.get("PrefixListId")): one.uid for one in self.by_type[PREFIX_LIST]}
        for one in self.by_type[GROUP]:
            spec, group_id = one.spec, str(one.spec.get("GroupId"))
            sides = spec.get("IpPermissions"), spec.get("IpPermissionsEgress")
            rules = None
            if all(isinstance(side, list) for side in sides):

                def uid_of(kind: str, peer: str, owner: str, near: Resource = one) -> str:
                    if kind != "group":
                        return lists.get(peer, peer)
                    account = owner or near.account_id
                    return uids.get(peer) or f"arn:{partition_of(near.uid)}:ec2:{near.region}:{account}:security-group/{peer}"

                rules = group_rules(group_id, sides, self._lists, uid_of)
            yield SecurityGroup(one.uid, group_id, one.account_id, one.region, str(spec.get("VpcId") or ""), rules)

    def _acls(self) -> dict[str, NetworkAcl]:
        """Subnet id -> its network ACL; every subnet has one, and it names the subnet."""
        found: dict[str, NetworkAcl] = {}
        for one in self.by_type[ACL]:
            acl_id = str(one.spec.get("NetworkAclId"))
            entries = acl_entries(acl_id, mappings(one.spec["Entries"])) if isinstance(one.spec.get("Entries"), list) else None
            if entries is None:
                continue
            acl = NetworkAcl(acl_id, entries)
            found |= {str(entry.get("SubnetId")): acl for entry in mappings(one.spec.get("Associations"))}
        return found

    # --- places ---

    def _vpcs(self) -> Iterator[Vpc]:
        keeps = {str(one.spec.get("VpcId")) for one in self.by_type[LOAD_BALANCER] if one.spec.get("Type") in _KEEPS_CLIENT}
        for one in self.by_type[VPC]:
            spec, vpc_id = one.spec, str(one.spec.get("VpcId"))
            blocks = [spec.get("CidrBlock")]
            blocks += [entry.get("CidrBlock") for entry in mappings(spec.get("CidrBlockAssociationSet")) if _is_there(entry)]
            blocks += [entry.get("Ipv6CidrBlock") for entry in mappings(spec.get("Ipv6CidrBlockAssociationSet")) if _is_there(entry)]
            # The owner of a shared subnet's VPC may be another account; its own load balancers are all that can be asked for.
            has_balancer = vpc_id in keeps or not self._saw(one.account_id, one.region, LOAD_BALANCER)
            yield Vpc(vpc_id, one.region, readable_spans(blocks), has_balancer)

    def _subnets(self) -> Iterator[Subnet]:
        acls = self._acls()
        tables, main = self._tables()
        for one in self.by_type[SUBNET]:
            spec, subnet_id, vpc_id = one.spec, str(one.spec.get("SubnetId")), str(one.spec.get("VpcId") or "")
            blocks = [spec.get("CidrBlock")]
            blocks += [entry.get("Ipv6CidrBlock") for entry in mappings(spec.get("Ipv6CidrBlockAssociationSet")) if _is_there(entry)]
            # A subnet without a table of its own has the VPC's main one; an unlisted table might be its own.
            table = tables.get(subnet_id) or (main.get(vpc_id) if self._saw(one.account_id, one.region, TABLE) else None)
            yield Subnet(subnet_id, vpc_id, readable_spans(blocks), acls.get(subnet_id), table)

    def _tables(self) -> tuple[dict[str, RouteTable], dict[str, RouteTable]]:
        """Route tables by the subnet that is associated, and main ones by VPC."""
        own: dict[str, RouteTable] = {}
        main: dict[str, RouteTable] = {}
        for one in self.by_type[TABLE]:
            if not isinstance(one.spec.get("Routes"), list):
                continue
            table = RouteTable(str(one.spec.get("RouteTableId")), tuple(map(self._route, mappings(one.spec["Routes"]))))
            for entry in mappings(one.spec.get("Associations")):
                if entry.get("SubnetId"):
                    own[str(entry["SubnetId"])] = table
                elif entry.get("Main"):
                    main[str(one.spec.get("VpcId"))] = table
        return own, main

    def _route(self, route: Mapping[str, Any]) -> Route:
        gateway = next((str(route[name]) for name in _TARGETS if route.get(name)), "")
        is_blackhole = route.get("State") == "blackhole"
        if route.get("DestinationPrefixListId"):
            list_id = str(route["DestinationPrefixListId"])
            return Route(self._lists.get(list_id), gateway, is_blackhole, list_id)
        named = [route.get("DestinationCidrBlock") or route.get("DestinationIpv6CidrBlock")]
        return Route(known_spans(named), gateway, is_blackhole)

    # --- links ---

    def _peerings(self) -> Iterator[Peering]:
        for one in self.by_type[PEERING]:
            ends = [one.spec.get(name) or {} for name in ("RequesterVpcInfo", "AccepterVpcInfo")]
            regions = {end.get("Region") for end in ends}
            yield Peering(
                str(one.spec.get("VpcPeeringConnectionId")),
                (str(ends[0].get("VpcId") or ""), str(ends[1].get("VpcId") or "")),
                (one.spec.get("Status") or {}).get("Code") == "active",
                None if None in regions else len(regions) == 1,
            )

    def _transit_gateways(self) -> Iterator[TransitGateway]:
        """Each gateway that something is attached to. That an attachment refers groups too is not in its listing: at best unknown."""
        known = {str(one.spec.get("TransitGatewayId")): one.spec.get("Options") or {} for one in self.by_type[GATEWAY]}
        tables: dict[str, dict[str, str | None]] = defaultdict(dict)
        for one in self.by_type[ATTACHMENT]:
            spec = one.spec
            if spec.get("ResourceType") == "vpc" and spec.get("State") == "available":
                gateway_id = str(spec.get("TransitGatewayId"))
                tables[gateway_id][str(spec.get("ResourceId"))] = _learning_table(spec, known.get(gateway_id, {}))
        for gateway_id in sorted(tables.keys() | known.keys()):
            support = known.get(gateway_id, {}).get("SecurityGroupReferencingSupport")
            yield TransitGateway(gateway_id, tables.get(gateway_id, {}), False if support == "disable" else None)

    def _nat_addresses(self, one: Resource) -> tuple[Span, ...]:
        return readable_spans([entry.get("PublicIp") for entry in mappings(one.spec.get("NatGatewayAddresses"))])


def _learning_table(attachment: Mapping[str, Any], options: Mapping[str, Any]) -> str | None:
    """The gateway's route table that decides for an attachment, if it learns the routes of every attachment by itself; else None."""
    association = attachment.get("Association") or {}
    table = association.get("TransitGatewayRouteTableId")
    learns = options.get("DefaultRouteTablePropagation") == "enable" and options.get("PropagationDefaultRouteTableId") == table
    return str(table) if table and learns and association.get("State") == "associated" else None


def _is_there(block: Mapping[str, Any]) -> bool:
    state = (block.get("CidrBlockState") or block.get("Ipv6CidrBlockState") or {}).get("State", "associated")
    return state in ("associated", "associating")

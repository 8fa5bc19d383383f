import pytest

from cloudmigrate.domain.iac.values import Ref
from cloudmigrate.domain.resources import Resource
from cloudmigrate.domain.target_policy import TargetPolicy
from tests.domain.iac import network_sources as net
from tests.domain.iac.drawn import ACCOUNT, EC2, TARGET, Drawn, drawn, source


@pytest.fixture(scope="module")
def whole() -> Drawn:
    """A server moves; its network comes whole."""
    return drawn([net.server()], [*net.network(), net.group(net.WEB, "web")])


def ref(whole: Drawn, key: str) -> dict[str, str]:
    return {"Ref": whole.id_of(key)}


def test_a_vpc_has_its_addresses_and_settings(whole: Drawn) -> None:
    assert whole.cloudformation(net.VPC) == {
        "CidrBlock": "10.0.0.0/16",
        "EnableDnsHostnames": True,
        "EnableDnsSupport": True,
        "InstanceTenancy": "default",
        "Tags": [{"Key": "Name", "Value": "shop"}],
    }
    assert whole.cloudformation(f"{net.VPC}#100.64.0.0/20") == {"VpcId": ref(whole, net.VPC), "CidrBlock": "100.64.0.0/20"}
    assert whole.keys("AWS::EC2::VPCCidrBlock") == [f"{net.VPC}#100.64.0.0/20"]
    assert 'resource "aws_vpc_ipv4_cidr_block_association"' in whole.terraform(f"{net.VPC}#100.64.0.0/20")


def test_nothing_of_a_whole_vpc_refers_to_what_is_not_there(whole: Drawn) -> None:
    keys = set(whole.links.resources)
    loose = [one for resource in whole.links.resources.values() for one in resource.references() if one.key not in keys]
    assert loose == []
    network = whole.blueprint.units[0]
    assert (network.wave, network.title) == (0, "foundation")
    assert [one.description for resource in network.resources for one in resource.variables()] == [
        "no target of arn:aws:s3:::shop-logs is known; targets.buckets of the estate file would say it."
    ]
    for type_, count in {
        "AWS::EC2::Subnet": 2,
        "AWS::EC2::RouteTable": 2,
        "AWS::EC2::Route": 3,
        "AWS::EC2::SubnetRouteTableAssociation": 2,
        "AWS::EC2::NetworkAcl": 1,
        "AWS::EC2::NetworkAclEntry": 2,
        "AWS::EC2::SubnetNetworkAclAssociation": 1,
        "AWS::EC2::InternetGateway": 1,
        "AWS::EC2::VPCGatewayAttachment": 1,
        "AWS::EC2::NatGateway": 1,
        "AWS::EC2::EIP": 1,
        "AWS::EC2::VPCEndpoint": 1,
        "AWS::EC2::DHCPOptions": 1,
        "AWS::EC2::VPCDHCPOptionsAssociation": 1,
        "AWS::EC2::TransitGateway": 1,
        "AWS::EC2::TransitGatewayAttachment": 1,
        "AWS::EC2::FlowLog": 1,
    }.items():
        assert len(whole.keys(type_)) == count, type_


def test_the_provider_takes_all_of_a_network(whole: Drawn) -> None:
    assert whole.complaints() == []


def test_every_member_of_a_network_is_read_or_known_to_be_no_configuration(whole: Drawn) -> None:
    assert whole.blueprint.not_carried == {}


def test_a_subnet_is_in_the_zone_of_the_same_place(whole: Drawn) -> None:
    assert whole.cloudformation(net.PRIVATE) == {
        "VpcId": ref(whole, net.VPC),
        "CidrBlock": "10.0.1.0/24",
        "AvailabilityZone": {"Fn::Select": [1, {"Fn::GetAZs": {"Ref": "AWS::Region"}}]},
        "MapPublicIpOnLaunch": False,
    }
    assert "availability_zone       = data.aws_availability_zones.available.names[1]" in whole.terraform(net.PRIVATE)


def test_routes_lead_to_what_is_made_and_the_others_are_told(whole: Drawn) -> None:
    routes = {one: whole.cloudformation(f"{net.MAIN}#route/{one}") for one in ("0.0.0.0/0", "10.9.0.0/16")}
    own = ref(whole, net.MAIN)
    assert routes["0.0.0.0/0"] == {"RouteTableId": own, "DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": ref(whole, net.NAT)}
    assert routes["10.9.0.0/16"] == {"RouteTableId": own, "DestinationCidrBlock": "10.9.0.0/16", "TransitGatewayId": ref(whole, net.HUB)}
    assert whole.one(f"{net.MAIN}#route/10.9.0.0/16").needs == (net.ATTACHED,)
    assert whole.one(f"{net.OPEN}#route/0.0.0.0/0").needs == (f"{net.GATEWAY}#attachment",)
    told = [says for path, (_, says) in whole.origins(net.MAIN).items() if path.startswith("Routes")]
    assert told == [
        "the route to 10.7.0.0/16 is left out: it leads to i-0a; add it when the target has that",
        "the route to 10.6.0.0/16 is left out: it leads nowhere (blackhole)",
    ]
    assert whole.reason(f"{net.MAIN}#route/10.8.0.0/16").startswith(f"it leads to what is not made: {net.PEERING}: its other side vpc-0f ")
    assert whole.terraform(f"{net.OPEN}#route/0.0.0.0/0").splitlines()[1:-1] == [
        '  destination_cidr_block = "0.0.0.0/0"',
        f"  gateway_id             = aws_internet_gateway.{tf(whole, net.GATEWAY)}.id",
        f"  route_table_id         = aws_route_table.{tf(whole, net.OPEN)}.id",
    ]


def tf(whole: Drawn, key: str) -> str:
    """The name of a block, as its first line says it."""
    return whole.terraform(key).splitlines()[0].split('"')[3]


def test_the_main_table_is_of_every_subnet_that_names_no_other(whole: Drawn) -> None:
    assert whole.keys("AWS::EC2::SubnetRouteTableAssociation") == [
        f"{net.MAIN}#subnet/subnet-0b",
        f"{net.OPEN}#subnet/subnet-0a",
    ]


def test_a_nat_gateway_has_another_address(whole: Drawn) -> None:
    allocation = {"Fn::GetAtt": [whole.id_of(net.ADDRESS), "AllocationId"]}
    assert whole.cloudformation(net.NAT) == {
        "SubnetId": ref(whole, net.PUBLIC),
        "ConnectivityType": "public",
        "AllocationId": allocation,
    }
    assert whole.cloudformation(net.ADDRESS) == {"Domain": "vpc"}
    assert whole.one(net.NAT).needs == (f"{net.GATEWAY}#attachment",)
    assert "203.0.113.7" not in whole.terraform(net.ADDRESS)


def test_entries_of_a_network_acl_are_copied_but_for_the_last(whole: Drawn) -> None:
    own = ref(whole, net.ACL)
    assert whole.cloudformation(f"{net.ACL}#ingress/100") == {
        "NetworkAclId": own,
        "RuleNumber": 100,
        "Egress": False,
        "Protocol": 6,
        "RuleAction": "allow",
        "CidrBlock": "10.0.0.0/8",
        "PortRange": {"From": 443, "To": 443},
    }
    assert whole.terraform(f"{net.ACL}#ingress/110").splitlines()[1:-1] == [
        "  egress          = false",
        "  icmp_code       = -1",
        "  icmp_type       = -1",
        '  ipv6_cidr_block = "::/0"',
        f"  network_acl_id  = aws_network_acl.{tf(whole, net.ACL)}.id",
        '  protocol        = "58"',
        '  rule_action     = "deny"',
        "  rule_number     = 110",
    ]


def test_an_endpoint_is_of_the_service_of_the_targets_region(whole: Drawn) -> None:
    made = whole.cloudformation(net.ENDPOINT)
    assert made["ServiceName"] == {"Fn::Join": ["", ["com.amazonaws.", {"Ref": "AWS::Region"}, ".s3"]]}
    assert made["RouteTableIds"] == [ref(whole, net.MAIN)]
    assert made["PolicyDocument"]["Statement"][0]["Action"] == "s3:Get*"
    assert 'service_name      = "com.amazonaws.${data.aws_region.current.region}.s3"' in whole.terraform(net.ENDPOINT)


def test_hosts_are_told_the_domain_of_the_targets_region(whole: Drawn) -> None:
    assert whole.cloudformation(net.DHCP) == {
        "DomainName": f"{TARGET}.compute.internal",
        "DomainNameServers": ["10.0.0.53", "AmazonProvidedDNS"],
    }


def test_a_flow_log_goes_to_the_folder_of_the_bucket(whole: Drawn) -> None:
    made = whole.cloudformation(net.LOG)
    assert (made["ResourceId"], made["ResourceType"]) == (ref(whole, net.VPC), "VPC")
    assert made["DestinationOptions"] == {"FileFormat": "parquet", "HiveCompatiblePartitions": True, "PerHourPartition": False}
    text = whole.terraform(net.LOG)
    assert "vpc_id                   = aws_vpc." in text
    assert "resource_type" not in text


def test_a_hub_is_attached_by_one_subnet_of_each_zone(whole: Drawn) -> None:
    assert whole.cloudformation(net.HUB) == {"Description": "hub", "AmazonSideAsn": 64512, "DnsSupport": "enable"}
    assert whole.cloudformation(net.ATTACHED)["SubnetIds"] == [ref(whole, net.PUBLIC), ref(whole, net.PRIVATE)]


def test_a_peering_whose_other_side_is_unknown_is_left_out_with_the_reason(whole: Drawn) -> None:
    assert whole.reason(net.PEERING) == (
        "its other side vpc-0f (account 999999999999, eu-central-1) is not in the inventory: "
        "map it in targets.vpcs, or ask its owner to peer anew"
    )


def test_a_peering_of_a_mapped_vpc_is_made_and_accepted() -> None:
    policy = TargetPolicy(region=TARGET, account=ACCOUNT, vpcs={"vpc-0f": "vpc-0e"})
    made = drawn([net.server()], [*net.network(), net.group(net.WEB, "web")], policy)
    assert made.cloudformation(net.PEERING) == {"VpcId": ref(made, net.VPC), "PeerVpcId": "vpc-0e"}
    assert "auto_accept = true" in made.terraform(net.PEERING)


def test_a_mapped_vpc_is_not_made_nor_anything_in_it() -> None:
    policy = TargetPolicy(region=TARGET, vpcs={"vpc-0a": "vpc-0e"}, subnets={"subnet-0b": "subnet-0e"})
    made = drawn([net.server()], [*net.network(), net.group(net.WEB, "web")], policy)
    assert sorted({one.type for one in made.links.resources.values()}) == ["AWS::EC2::Instance", "AWS::EC2::SecurityGroup"]
    assert made.cloudformation(net.SERVER)["SubnetId"] == "subnet-0e"
    assert made.cloudformation(net.WEB)["VpcId"] == "vpc-0e"


def test_a_subnet_that_is_not_mapped_in_a_mapped_vpc_is_asked_for() -> None:
    made = drawn([net.server()], [*net.network(), net.group(net.WEB, "web")], TargetPolicy(region=TARGET, vpcs={"vpc-0a": "vpc-0e"}))
    assert made.reason(net.PRIVATE) == "its VPC is not made by this code (targets.vpcs): map it in targets.subnets"
    assert made.origins(net.SERVER)["SubnetId"][0] == "unknown"


def test_a_vpc_of_which_only_a_subnet_is_mapped_is_asked_for() -> None:
    made = drawn(
        [net.server()], [*net.network(), net.group(net.WEB, "web")], TargetPolicy(region=TARGET, subnets={"subnet-0b": "subnet-0e"})
    )
    assert made.reason(net.VPC) == "targets.subnets maps subnet-0b, which is in it: map the VPC in targets.vpcs too"
    assert made.origins(net.WEB)["VpcId"][0] == "unknown"


def test_what_stays_in_its_account_and_region_keeps_its_network() -> None:
    made = drawn([net.server()], [*net.network(), net.group(net.WEB, "web")], TargetPolicy())
    assert made.cloudformation(net.SERVER)["SubnetId"] == "subnet-0b"
    assert list(made.links.resources) == [net.SERVER]


def _acl(entries: list[dict[str, object]]) -> Resource:
    spec = {"NetworkAclId": "acl-0d", "VpcId": "vpc-0a", "IsDefault": True, "Entries": entries, "Associations": []}
    return source("AWS::EC2::NetworkAcl", f"{EC2}:network-acl/acl-0d", spec)


def test_the_default_network_acl_is_made_only_where_it_is_not_as_aws_makes_it() -> None:
    usual = [{"RuleNumber": 100, "Egress": out, "Protocol": "-1", "RuleAction": "allow", "CidrBlock": "0.0.0.0/0"} for out in (False, True)]
    closed = [{"RuleNumber": 32767, "Egress": False, "Protocol": "-1", "RuleAction": "deny", "CidrBlock": "0.0.0.0/0"}]
    around = [net.vpc(), net.subnet(net.PRIVATE, "10.0.1.0/24", "eu-central-1b", public=False), net.group(net.WEB, "web")]
    assert drawn([net.server()], [*around, _acl(usual)]).keys("AWS::EC2::NetworkAcl") == []
    assert len(drawn([net.server()], [*around, _acl(closed)]).keys("AWS::EC2::NetworkAcl")) == 1


def test_a_prefix_list_is_made_with_its_entries_in_order() -> None:
    uid = f"{EC2}:prefix-list/pl-0a"
    spec = {
        "PrefixListId": "pl-0a",
        "PrefixListArn": uid,
        "PrefixListName": "offices",
        "AddressFamily": "IPv4",
        "MaxEntries": 5,
        "OwnerId": ACCOUNT,
        "State": "create-complete",
        "Version": 3,
        "Entries": [{"Cidr": "203.0.113.0/25", "Description": "Lyon"}, {"Cidr": "198.51.100.0/24"}],
    }
    listed = net.permission("tcp", 443, PrefixListIds=[{"PrefixListId": "pl-0a"}])
    made = drawn(
        [net.server()], [*net.network(), net.group(net.WEB, "web", IpPermissions=[listed]), source("AWS::EC2::PrefixList", uid, spec)]
    )
    assert made.cloudformation(uid) == {
        "PrefixListName": "offices",
        "AddressFamily": "IPv4",
        "MaxEntries": 5,
        "Entries": [{"Cidr": "198.51.100.0/24"}, {"Cidr": "203.0.113.0/25", "Description": "Lyon"}],
    }
    rule = made.one(f"{net.WEB}#ingress/tcp/443/443/pl-0a")
    assert rule.references() == [Ref(net.WEB, "GroupId"), Ref(uid)]


def test_an_endpoint_to_another_ones_service_is_left_out() -> None:
    spec = {
        "VpcEndpointId": "vpce-9",
        "VpcId": "vpc-0a",
        "VpcEndpointType": "Interface",
        "ServiceName": "com.amazonaws.vpce.eu-central-1.vpce-svc-1",
    }
    other = source("AWS::EC2::VPCEndpoint", f"{EC2}:vpc-endpoint/vpce-9", spec)
    made = drawn([net.server()], [*net.network(), net.group(net.WEB, "web"), other])
    assert made.reason(other.uid) == (
        "com.amazonaws.vpce.eu-central-1.vpce-svc-1 is no service of AWS: ask its owner for its name in eu-west-1, and make the endpoint"
    )


def test_the_same_network_gives_the_same_code_in_whatever_order_it_comes() -> None:
    sources = [*net.network(), net.group(net.WEB, "web")]
    assert drawn([net.server()], sources).blueprint == drawn([net.server()], list(reversed(sources))).blueprint

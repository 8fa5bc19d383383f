"""Groups, ACLs, routes and peering made with boto3 in the emulator, found by discovery over HTTP, and judged."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from cloudmigrate.aws.catalogue import CATALOGUE
from cloudmigrate.aws.discover import discover_region
from cloudmigrate.aws.network_rules import NETWORK_RULE_TYPES, network_of
from cloudmigrate.domain.estate import Scope
from cloudmigrate.domain.network import Network, ObservedEdge
from cloudmigrate.domain.reachability import allowed
from cloudmigrate.domain.rule_findings import rule_findings
from cloudmigrate.simulate.emulator import Emulator
from tests.aws.conftest import OWN, own_account, sessions_of

REGION = "us-west-2"
ROWS = tuple(row for row in CATALOGUE if row.type in NETWORK_RULE_TYPES)
SECRET = "password=hunter2secret"


@dataclass
class Made:
    """What was made in the emulator: two peered VPCs, web and app in the one, db in the other, a bastion with an address of its own."""

    ec2: Any
    ids: dict[str, str] = field(default_factory=dict)

    def uid(self, name: str) -> str:
        return f"arn:aws:ec2:{REGION}:{OWN}:instance/{self.ids[name]}"

    def vpc(self, name: str, cidr: str) -> None:
        self.ids[name] = self.ec2.create_vpc(CidrBlock=cidr)["Vpc"]["VpcId"]

    def subnet(self, name: str, vpc: str, cidr: str) -> None:
        self.ids[name] = self.ec2.create_subnet(VpcId=self.ids[vpc], CidrBlock=cidr)["Subnet"]["SubnetId"]

    def group(self, name: str, vpc: str, *permissions: dict[str, Any]) -> None:
        self.ids[name] = self.ec2.create_security_group(GroupName=name, Description=name, VpcId=self.ids[vpc])["GroupId"]
        if permissions:
            self.ec2.authorize_security_group_ingress(GroupId=self.ids[name], IpPermissions=list(permissions))

    def tcp(self, port: int, **peers: Any) -> dict[str, Any]:
        return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **peers}

    def instance(self, name: str, subnet: str, group: str, address: str) -> None:
        interface = {"DeviceIndex": 0, "SubnetId": self.ids[subnet], "Groups": [self.ids[group]], "PrivateIpAddress": address}
        made = self.ec2.run_instances(ImageId="ami-1", MinCount=1, MaxCount=1, NetworkInterfaces=[interface])
        self.ids[name] = made["Instances"][0]["InstanceId"]

    def table(self, name: str, vpc: str, subnet: str, *routes: dict[str, str]) -> None:
        self.ids[name] = self.ec2.create_route_table(VpcId=self.ids[vpc])["RouteTable"]["RouteTableId"]
        self.ec2.associate_route_table(RouteTableId=self.ids[name], SubnetId=self.ids[subnet])
        for route in routes:
            self.ec2.create_route(RouteTableId=self.ids[name], **route)

    def peering(self, name: str, one: str, other: str) -> None:
        made = self.ec2.create_vpc_peering_connection(VpcId=self.ids[one], PeerVpcId=self.ids[other])["VpcPeeringConnection"]
        self.ids[name] = made["VpcPeeringConnectionId"]
        self.ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=self.ids[name])

    def acl(self, name: str, subnet: str, *entries: dict[str, Any]) -> None:
        self.ids[name] = self.ec2.create_network_acl(VpcId=self.ids["a"])["NetworkAcl"]["NetworkAclId"]
        for number, entry in enumerate(entries, 1):
            self.ec2.create_network_acl_entry(NetworkAclId=self.ids[name], RuleNumber=number * 10, CidrBlock="0.0.0.0/0", **entry)
        for known in self.ec2.describe_network_acls()["NetworkAcls"]:
            for one in known["Associations"]:
                if one["SubnetId"] == self.ids[subnet]:
                    self.ec2.replace_network_acl_association(AssociationId=one["NetworkAclAssociationId"], NetworkAclId=self.ids[name])

    def found(self) -> Network:
        """What discovery finds of it."""
        account = own_account(REGION)
        sessions = sessions_of(account)
        got = discover_region(sessions, account, REGION, ROWS, Scope(), regions_in_scope=frozenset({REGION}), max_workers=4)
        assert [one for one in got.coverage if one.status.is_gap] == []
        return network_of(got.resources, got.coverage)

    def says(self, network: Network, source: str, target: str, port: int) -> tuple[str, str]:
        ends = [self.uid(one) if one in self.ids else one for one in (source, target)]
        (answer,) = allowed(network, [(ends[0], ends[1], 6, port)])
        return answer.verdict.value, answer.why


@pytest.fixture
def made(clean_emulator: Emulator) -> Made:
    """web (public subnet) -> app (private) -> db (the peered VPC); a bastion with a public address may reach web by ssh."""
    one = Made(sessions_of(own_account(REGION)).client(OWN, "ec2", REGION))
    one.vpc("a", "10.1.0.0/16")
    one.vpc("b", "10.2.0.0/16")
    one.subnet("public", "a", "10.1.0.0/24")
    one.subnet("private", "a", "10.1.1.0/24")
    one.subnet("far", "b", "10.2.0.0/24")
    one.peering("pcx", "a", "b")
    one.ids["igw"] = one.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    one.ec2.attach_internet_gateway(InternetGatewayId=one.ids["igw"], VpcId=one.ids["a"])
    one.table("rtb-public", "a", "public", {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": one.ids["igw"]})
    one.table("rtb-private", "a", "private", {"DestinationCidrBlock": "10.2.0.0/16", "VpcPeeringConnectionId": one.ids["pcx"]})
    one.table("rtb-far", "b", "far", {"DestinationCidrBlock": "10.1.1.0/24", "VpcPeeringConnectionId": one.ids["pcx"]})
    lists = one.ec2.create_managed_prefix_list(
        PrefixListName="offices", MaxEntries=2, AddressFamily="IPv4", Entries=[{"Cidr": "203.0.113.0/25", "Description": "Lyon"}]
    )
    one.ids["offices"] = lists["PrefixList"]["PrefixListId"]
    anyone = {"IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": SECRET}]}
    one.group("sg-bastion", "a", one.tcp(22, PrefixListIds=[{"PrefixListId": one.ids["offices"]}]))
    ssh = one.tcp(22, UserIdGroupPairs=[{"GroupId": one.ids["sg-bastion"]}])
    one.group("sg-web", "a", one.tcp(443, **anyone), ssh)
    one.group("sg-app", "a", one.tcp(8080, UserIdGroupPairs=[{"GroupId": one.ids["sg-web"]}]))
    by_group = one.tcp(5432, UserIdGroupPairs=[{"GroupId": one.ids["sg-app"]}])
    one.group("sg-db", "b", by_group, one.tcp(6379, IpRanges=[{"CidrIp": "10.1.0.0/16"}]))
    one.instance("web", "public", "sg-web", "10.1.0.10")
    one.instance("bastion", "public", "sg-bastion", "10.1.0.11")
    one.instance("app", "private", "sg-app", "10.1.1.10")
    one.instance("db", "far", "sg-db", "10.2.0.10")
    address = one.ec2.allocate_address(Domain="vpc")["AllocationId"]
    one.ec2.associate_address(AllocationId=address, InstanceId=one.ids["bastion"])
    return one


def test_what_discovery_found_is_judged_as_it_was_made(made: Made) -> None:
    network = made.found()
    judged = {
        (source, target, port): made.says(network, source, target, port)[0]
        for source, target, port in (
            ("web", "app", 8080),
            ("web", "app", 22),
            ("bastion", "web", 22),
            ("app", "db", 5432),
            ("app", "db", 6379),
            ("web", "db", 6379),
            ("external:203.0.113.0/25", "bastion", 22),
            ("external:203.0.113.128/25", "bastion", 22),
            ("external:203.0.113.0/25", "web", 443),
            ("app", "external:203.0.113.9/32", 443),
        )
    }
    assert judged == {
        ("web", "app", 8080): "yes",  # by naming sg-web
        ("web", "app", 22): "no",
        ("bastion", "web", 22): "yes",
        ("app", "db", 5432): "yes",  # by naming sg-app across peering
        ("app", "db", 6379): "yes",  # by CIDR across peering
        ("web", "db", 6379): "no",  # its subnet has no route
        ("external:203.0.113.0/25", "bastion", 22): "yes",  # by prefix list, to its public address
        ("external:203.0.113.128/25", "bastion", 22): "no",
        ("external:203.0.113.0/25", "web", 443): "no",  # open to all, but it has no public address
        ("app", "external:203.0.113.9/32", 443): "no",  # no route out
    }
    assert made.says(network, "web", "db", 6379)[1].endswith("where no private address is reached")


def test_a_network_acl_denies_and_a_route_less_breaks_the_way_back(made: Made) -> None:
    made.acl(
        "acl",
        "private",
        {"Egress": False, "Protocol": "6", "RuleAction": "deny", "PortRange": {"From": 8080, "To": 8080}},
        {"Egress": False, "Protocol": "-1", "RuleAction": "allow"},
        {"Egress": True, "Protocol": "-1", "RuleAction": "allow"},
    )
    network = made.found()
    assert made.says(network, "web", "app", 8080) == ("no", f"{made.ids['acl']}/ingress/10 denies it")
    assert made.says(network, "app", "db", 5432)[0] == "yes"
    made.ec2.delete_route(RouteTableId=made.ids["rtb-far"], DestinationCidrBlock="10.1.1.0/24")
    assert made.says(made.found(), "app", "db", 5432) == ("no", f"answers: {made.ids['rtb-far']}: no route to the address")


def test_rules_never_seen_in_use_are_found_and_no_secret_comes_along(made: Made) -> None:
    network = made.found()
    edges = [ObservedEdge(made.uid("web"), made.uid("app"), 6, 8080, 10), ObservedEdge(made.uid("app"), made.uid("db"), 6, 5432, 20)]
    days = {made.uid(one): 7 for one in ("web", "app", "bastion", "db")}
    names = {made.ids[one]: one for one in ("sg-bastion", "sg-web", "sg-app", "sg-db", "offices")}
    rows = [one for one in rule_findings(network, edges, days) if one.rule.group_id in names]
    found = {}
    for one in rows:
        text = one.rule.rule_id
        for group_id, name in names.items():
            text = text.replace(group_id, name)
        found[text] = one.finding.value
    assert found == {
        "sg-bastion/ingress/tcp/22/offices": "unused",
        "sg-bastion/egress/all/0.0.0.0/0": "unused",
        "sg-web/ingress/tcp/443/0.0.0.0/0": "unused",
        "sg-web/ingress/tcp/22/sg-bastion": "unused",
        "sg-web/egress/all/0.0.0.0/0": "used",
        "sg-app/ingress/tcp/8080/sg-web": "used",
        "sg-app/egress/all/0.0.0.0/0": "used",
        "sg-db/ingress/tcp/5432/sg-app": "used",
        "sg-db/ingress/tcp/6379/10.1.0.0/16": "unused",
        "sg-db/egress/all/0.0.0.0/0": "unused",
    }
    assert [one.rule.description for one in rows if one.rule.from_port == 443] == ["password=***"]
    assert [one.rule.rule_id for one in rows if one.finding.value == "unused" and one.rule.is_open_to_world and not one.rule.is_egress] == [
        f"{made.ids['sg-web']}/ingress/tcp/443/0.0.0.0/0"
    ]

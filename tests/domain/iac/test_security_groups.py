from datetime import UTC, datetime
from typing import Any

import pytest

from cloudmigrate.domain.iac.assemble import blueprint
from cloudmigrate.domain.iac.making import Decided
from cloudmigrate.domain.resources import Resource
from cloudmigrate.domain.target_policy import TargetPolicy
from tests.domain.iac import network_sources as net
from tests.domain.iac.drawn import ACCOUNT, EC2, TARGET, Drawn, drawn, source

OTHER = f"{EC2}:instance/i-0b"
SEEN = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)


def named(group_id: str, **more: Any) -> list[dict[str, Any]]:
    return [{"GroupId": group_id, "UserId": "111111111111", **more}]


WEB_IN = net.permission(
    "tcp", 443, IpRanges=[{"CidrIp": "198.51.100.0/24", "Description": "offices; <all>"}], Ipv6Ranges=[{"CidrIpv6": "2001:db8::/32"}]
)
WEB_OUT = net.permission("tcp", 5432, UserIdGroupPairs=named("sg-0b"))
DATABASE_IN = net.permission("tcp", 5432, UserIdGroupPairs=named("sg-0a"))


def pair(policy: TargetPolicy | None = None, *more: Resource) -> Drawn:
    """Web and database servers, whose groups name one another."""
    web = net.group(net.WEB, "web", IpPermissions=[WEB_IN], IpPermissionsEgress=[WEB_OUT])
    database = net.group(net.DATABASE, "database", IpPermissions=[DATABASE_IN], IpPermissionsEgress=[net.ALL_OUT])
    moving = [net.server(), net.server(OTHER, groups=("sg-0b",))]
    return drawn(moving, [*net.network(), web, database, *more], policy or TargetPolicy(region=TARGET))


def group_id(made: Drawn, key: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [made.id_of(key), "GroupId"]}


def test_groups_that_name_one_another_make_no_circle() -> None:
    made = pair()
    assert made.cloudformation(net.WEB) == {
        "GroupName": "web",
        "GroupDescription": "web servers",
        "VpcId": {"Ref": made.id_of(net.VPC)},
        "SecurityGroupEgress": [
            {"IpProtocol": "icmp", "CidrIp": "255.255.255.255/32", "FromPort": 252, "ToPort": 86, "Description": "Disallow all traffic"}
        ],
    }
    assert made.cloudformation(f"{net.WEB}#egress/tcp/5432/5432/sg-0b") == {
        "GroupId": group_id(made, net.WEB),
        "IpProtocol": "tcp",
        "FromPort": 5432,
        "ToPort": 5432,
        "DestinationSecurityGroupId": group_id(made, net.DATABASE),
    }
    assert made.cloudformation(f"{net.DATABASE}#ingress/tcp/5432/5432/sg-0a")["SourceSecurityGroupId"] == group_id(made, net.WEB)


def test_the_provider_takes_all_of_groups() -> None:
    assert pair().complaints() == []


def test_rules_name_one_peer_each() -> None:
    made = pair()
    assert made.cloudformation(f"{net.WEB}#ingress/tcp/443/443/198.51.100.0/24") == {
        "GroupId": group_id(made, net.WEB),
        "IpProtocol": "tcp",
        "FromPort": 443,
        "ToPort": 443,
        "Description": "offices; -all-",
        "CidrIp": "198.51.100.0/24",
    }
    assert made.cloudformation(f"{net.WEB}#ingress/tcp/443/443/2001:db8::/32")["CidrIpv6"] == "2001:db8::/32"


def test_what_goes_out_is_only_what_went_out_at_the_source() -> None:
    """CloudFormation's group lets everything out unless something is said; Terraform's lets nothing out."""
    made = pair()
    assert made.cloudformation(f"{net.DATABASE}#egress/-1///0.0.0.0/0") == {
        "GroupId": group_id(made, net.DATABASE),
        "IpProtocol": "-1",
        "CidrIp": "0.0.0.0/0",
    }
    assert [key for key in made.keys("AWS::EC2::SecurityGroupEgress") if key.startswith(net.WEB)] == [
        f"{net.WEB}#egress/tcp/5432/5432/sg-0b"
    ]
    text = made.terraform(net.WEB)
    assert "egress" not in text
    assert 'description = "web servers"' in text
    rule = made.terraform(f"{net.DATABASE}#ingress/tcp/5432/5432/sg-0a")
    assert 'resource "aws_vpc_security_group_ingress_rule"' in rule
    assert "referenced_security_group_id = aws_security_group.web_" in rule


def test_nothing_is_open_to_the_world_that_was_not() -> None:
    made = pair()
    open_ = [
        key
        for key in made.links.resources
        if "/0" in key.partition("#")[2] and "SecurityGroup" in made.one(key).type and "0.0.0.0/0" in key
    ]
    assert open_ == [f"{net.DATABASE}#egress/-1///0.0.0.0/0"]


def test_a_rule_that_names_a_group_of_which_nothing_is_made_is_left_out() -> None:
    other = net.group(f"{EC2}:security-group/sg-0c", "jump")
    web = net.group(net.WEB, "web", IpPermissions=[net.permission("tcp", 22, UserIdGroupPairs=named("sg-0c"))])
    made = drawn([net.server()], [*net.network(), web, other])
    assert made.reason(f"{net.WEB}#ingress/tcp/22/22/sg-0c") == (
        f"it leads to what is not made: {EC2}:security-group/sg-0c: nothing else that moves needs it"
    )


def test_a_rule_that_names_an_unknown_group_is_told() -> None:
    web = net.group(net.WEB, "web", IpPermissions=[net.permission("tcp", 22, UserIdGroupPairs=named("sg-0d"))])
    made = drawn([net.server()], [*net.network(), web])
    assert made.origins(net.WEB)["SecurityGroupIngress[0]"] == (
        "unknown",
        (
            "the ingress rule for tcp/22 with sg-0d is left out: the group is not in the inventory; "
            "map it in targets.security_groups of the estate file, or name its addresses"
        ),
    )
    assert "SecurityGroupIngress" not in made.cloudformation(net.WEB)


def test_a_mapped_group_is_named_and_not_made() -> None:
    made = pair(TargetPolicy(region=TARGET, security_groups={"sg-0b": "sg-0e"}))
    assert net.DATABASE not in made.links.resources
    assert made.cloudformation(f"{net.WEB}#egress/tcp/5432/5432/sg-0b")["DestinationSecurityGroupId"] == "sg-0e"
    assert made.cloudformation(OTHER)["SecurityGroupIds"] == ["sg-0e"]


def test_the_default_group_and_names_that_ec2_refuses_get_others() -> None:
    default = drawn([net.server()], [*net.network(), net.group(net.WEB, "default", Description="")])
    assert default.cloudformation(net.WEB)["GroupName"] == "cloudmigrate-default"
    hostile = drawn([net.server()], [*net.network(), net.group(net.WEB, 'a"${b}\n<c>', Description='"${x}\u65e5')])
    assert hostile.cloudformation(net.WEB)["GroupName"] == "a-${b}--c-"
    text = hostile.terraform(net.WEB)
    assert 'name        = "a-$${b}--c-"' in text
    assert 'description = "-$${x}-"' in text


def test_aws_own_list_of_another_region_is_asked_for_once() -> None:
    uid = "arn:aws:ec2:eu-central-1:aws:prefix-list/pl-6ea54007"
    own = source(
        "AWS::EC2::PrefixList", uid, {"PrefixListId": "pl-6ea54007", "PrefixListName": "com.amazonaws.eu-central-1.s3", "OwnerId": "AWS"}
    )
    rules = [net.permission("tcp", port, PrefixListIds=[{"PrefixListId": "pl-6ea54007"}]) for port in (80, 443)]
    made = drawn([net.server()], [*net.network(), net.group(net.WEB, "web", IpPermissionsEgress=rules), own])
    asked = {one for key in made.keys("AWS::EC2::SecurityGroupEgress") for one in made.one(key).variables()}
    assert [one.description for one in asked] == [
        "AWS's list com.amazonaws.eu-west-1.s3 has an id of its own in each region: aws ec2 describe-managed-prefix-lists tells it."
    ]


def row(direction: str, port: int, kind: str, peer: str, *, protocol: int = 6, edges: int = 1) -> dict[str, Any]:
    """A row of `needed_rules`."""
    return {
        "move_group": "group-1",
        "direction": direction,
        "protocol": protocol,
        "port": port,
        "peer_kind": kind,
        "peer": peer,
        "edges": edges,
        "bytes": 1000,
        "confidence": 0.9,
        "last_seen": SEEN,
    }


STAYING = source("AWS::EC2::Instance", f"{EC2}:instance/i-0c", {"InstanceId": "i-0c"}, private_ips=("10.1.2.3",))
WIDE = [
    net.permission("tcp", 0, 65535, IpRanges=[{"CidrIp": "10.0.0.0/8"}]),
    net.permission("tcp", 443, IpRanges=[{"CidrIp": "0.0.0.0/0"}]),
    net.permission("udp", 161, IpRanges=[{"CidrIp": "10.0.0.0/8"}]),
    net.permission("tcp", 5432, UserIdGroupPairs=named("sg-0a")),
]


def observed(rows: list[dict[str, Any]], rules: list[dict[str, Any]] = WIDE, *, on: bool = True) -> Drawn:
    web = net.group(net.WEB, "web", IpPermissions=rules, IpPermissionsEgress=[net.ALL_OUT])
    decided = Decided(needed_rules={"group-1": rows}, observed_rules=on)
    return drawn([net.server(), net.server(OTHER)], [*net.network(), web, STAYING], decided=decided)


def rules_of(made: Drawn) -> list[str]:
    return [key.partition("#")[2] for type_ in ("Ingress", "Egress") for key in made.keys(f"AWS::EC2::SecurityGroup{type_}")]


def test_rules_become_those_that_observed_traffic_needs() -> None:
    made = observed(
        [
            row("ingress", 8080, "resource", STAYING.uid, edges=2),
            row("ingress", 443, "cidr", "203.0.113.0/24"),
            row("ingress", 5432, "move_group", "group-1", edges=3),
            row("egress", 443, "aws_service", "S3"),
        ]
    )
    assert rules_of(made) == [
        "ingress/tcp/443/443/203.0.113.0/24",
        "ingress/tcp/5432/5432/10.0.0.0/16",
        "ingress/tcp/5432/5432/sg-0a",
        "ingress/tcp/8080/8080/10.1.2.3/32",
        "egress/tcp/443/443/0.0.0.0/0",
    ]
    assert made.origins(f"{net.WEB}#ingress/tcp/8080/8080/10.1.2.3/32")["IpProtocol"] == (
        "transformed",
        "observed traffic, 2 edges, last seen 2026-11-20 08:30 UTC",
    )
    assert made.origins(net.WEB)["SecurityGroupIngress[0]"][1] == (
        "the ingress rule for udp/161 with 10.0.0.0/8 is left out: no observed traffic needs it"
    )


CACHE = f"arn:aws:memorydb:eu-central-1:{ACCOUNT}:cluster/cache"


@pytest.mark.parametrize(
    ("peer", "port", "expected"),
    [
        pytest.param(
            {"type_": "AWS::Redshift::Cluster", "spec": {"VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-0b"}]}},
            5432,
            ["10.0.0.0/16", "100.64.0.0/20"],
            id="network-of-the-group-that-it-bears",
        ),
        pytest.param({"type_": "AWS::MemoryDB::Cluster", "spec": {}}, 6379, ["0.0.0.0/0"], id="nobody-knows-where"),
        pytest.param({"type_": "AWS::S3::Bucket", "spec": {}}, 443, ["0.0.0.0/0"], id="service-of-aws"),
        pytest.param({"type_": "AWS::S3::Bucket", "spec": {}}, 22, [], id="service-of-aws-on-no-port-of-its"),
        pytest.param({"type_": "AWS::EC2::Volume", "spec": {}}, 22, [], id="has-no-address"),
    ],
)
def test_a_peer_that_moves_becomes_its_network(peer: dict[str, Any], port: int, expected: list[str]) -> None:
    other = source(uid=CACHE, **peer)
    plan = {
        "plan_id": "plan-1",
        "content_hash": "0",
        "groups": [{"id": "group-1", "wave": 2, "members": [net.SERVER]}, {"id": "group-2", "wave": 1, "members": [CACHE]}],
    }
    web = net.group(net.WEB, "web", IpPermissionsEgress=[net.ALL_OUT])
    decided = Decided(needed_rules={"group-1": [row("egress", port, "move_group", "group-2")]}, observed_rules=True)
    sources = [net.server(), other, *net.network(), web, net.group(net.DATABASE, "database")]
    made = blueprint(plan, sources, TargetPolicy(region=TARGET), decided)
    rules = [one.key for unit in made.units for one in unit.resources if one.type == "AWS::EC2::SecurityGroupEgress"]
    assert sorted(key.split("/", 4)[-1] for key in (one.partition("#")[2] for one in rules)) == expected


def test_without_the_switch_rules_are_the_sources() -> None:
    made = observed([row("ingress", 443, "cidr", "203.0.113.0/24")], on=False)
    assert len(rules_of(made)) == 5
    assert made.origins(f"{net.WEB}#ingress/tcp/443/443/0.0.0.0/0")["CidrIp"] == ("copied", "IpPermissions[1]")


def test_groups_whose_traffic_was_not_observed_keep_their_rules() -> None:
    made = observed([])
    assert len(rules_of(made)) == 5
    assert made.origins(net.WEB)["SecurityGroupIngress[0]"][1] == (
        "its rules are the source's, not only those that traffic needs: no traffic of move group group-1, which bears it, was observed"
    )


@pytest.mark.parametrize(
    ("rule", "seen", "expected"),
    [
        pytest.param(
            net.permission("tcp", 443, IpRanges=[{"CidrIp": "203.0.113.7/32"}]),
            row("ingress", 443, "cidr", "203.0.113.0/24"),
            ["ingress/tcp/443/443/203.0.113.7/32"],
            id="traffic-seen-wider-than-allowed-stays-as-narrow-as-it-was",
        ),
        pytest.param(
            net.permission("tcp", 443, IpRanges=[{"CidrIp": "198.51.100.0/24"}]),
            row("ingress", 443, "cidr", "203.0.113.0/24"),
            [],
            id="traffic-of-others-opens-nothing",
        ),
        pytest.param(
            net.permission("tcp", 443, IpRanges=[{"CidrIp": "203.0.113.0/24"}]),
            row("ingress", 444, "cidr", "203.0.113.0/24"),
            [],
            id="another-port-opens-nothing",
        ),
        pytest.param(
            net.permission("tcp", 8000, 8999, IpRanges=[{"CidrIp": "203.0.113.0/24"}]),
            row("ingress", 0, "cidr", "203.0.113.9/32"),
            ["ingress/tcp/8000/8999/203.0.113.9/32"],
            id="a-port-that-could-not-be-told-keeps-the-range",
        ),
        pytest.param(
            net.permission("icmp", -1, -1, IpRanges=[{"CidrIp": "10.0.0.0/8"}]),
            row("ingress", 0, "cidr", "10.3.0.0/16", protocol=1),
            ["ingress/icmp/-1/-1/10.3.0.0/16"],
            id="a-protocol-without-ports",
        ),
        pytest.param(
            net.permission("-1", IpRanges=[{"CidrIp": "10.0.0.0/8"}]),
            row("ingress", 53, "cidr", "10.3.0.1/32", protocol=17),
            ["ingress/udp/53/53/10.3.0.1/32"],
            id="every-protocol-becomes-the-one-that-was-seen",
        ),
        pytest.param(
            net.permission("tcp", 443, Ipv6Ranges=[{"CidrIpv6": "::/0"}]),
            row("ingress", 443, "cidr", "2001:db8::/64"),
            ["ingress/tcp/443/443/2001:db8::/64"],
            id="ipv6",
        ),
        pytest.param(
            net.permission("tcp", 443, IpRanges=[{"CidrIp": "10.0.0.0/8"}]),
            row("ingress", 443, "aws_service", "S3"),
            [],
            id="services-of-aws-are-not-in-private-ranges",
        ),
        pytest.param(
            net.permission("tcp", 443, UserIdGroupPairs=named("sg-0a")),
            row("ingress", 443, "resource", STAYING.uid),
            [],
            id="a-peer-that-does-not-bear-the-named-group",
        ),
    ],
)
def test_a_rule_is_never_wider_than_the_source(rule: dict[str, Any], seen: dict[str, Any], expected: list[str]) -> None:
    made = observed([seen], [rule])
    assert [one for one in rules_of(made) if one.startswith("ingress")] == expected

"""Drift and connectivity: what changed around a wave, and what would no longer be let through."""

from dataclasses import asdict, replace
from typing import Any

import pytest

from cloudmigrate.aws.network_rules import network_of
from cloudmigrate.domain.diff import diff_inventories
from cloudmigrate.domain.preflight.connectivity import Judged, after_move, of_connectivity, pairs_of
from cloudmigrate.domain.preflight.drift import lasting, neighbourhood_of, of_drift
from cloudmigrate.domain.preflight.record import Check
from cloudmigrate.domain.reachability import allowed
from cloudmigrate.domain.resources import Coverage, CoverageStatus, Relation, Resource
from cloudmigrate.domain.steps import Output, Step
from tests.domain.preflight.samples import (
    ACCOUNT,
    HERE,
    ROOT,
    THERE,
    WEB,
    by_subject,
    facts,
    resource,
    server,
    states,
    step,
    steps,
    volumes,
)

DB = f"arn:aws:ec2:{HERE}:{ACCOUNT}:instance/i-2"
FAR = f"arn:aws:ec2:{HERE}:{ACCOUNT}:instance/i-3"
SG = f"arn:aws:ec2:{HERE}:{ACCOUNT}:security-group/sg-1"
GROUP = resource(SG, "AWS::EC2::SecurityGroup", {"GroupId": "sg-1", "VpcId": "vpc-0", "IpPermissions": [{"FromPort": 443}]})
HELD = [
    server(),
    *volumes(),
    GROUP,
    resource(DB, "AWS::EC2::Instance", {"InstanceId": "i-2", "InstanceType": "m5.large"}),
    resource(FAR, "AWS::EC2::Instance", {"InstanceId": "i-3", "InstanceType": "m5.large"}),
]
SEEN = CoverageStatus.OK
TYPES = ("AWS::EC2::Instance", "AWS::EC2::Volume", "AWS::EC2::SecurityGroup", "AWS::EC2::NetworkInterface")
NEAR = neighbourhood_of({WEB}, {one.uid: one for one in HELD}, [(WEB, DB), (DB, FAR)])


def coverage(**odd: CoverageStatus) -> list[Coverage]:
    return [Coverage(ACCOUNT, HERE, "ec2", one, odd.get(one.rpartition(":")[2], SEEN)) for one in TYPES]


def drift(now: list[Resource], after: tuple[Relation, ...] = (), before: tuple[Relation, ...] = (), **odd: CoverageStatus) -> list[Check]:
    then, covered = coverage(), coverage(**odd)
    diff = diff_inventories(
        (asdict(one) for one in HELD),
        (asdict(one) for one in now),
        coverage_before=[asdict(one) for one in then],
        coverage_after=[asdict(one) for one in covered],
    )
    return list(of_drift(NEAR, diff, before, after, covered))


def changed(uid: str, **spec: Any) -> list[Resource]:
    return [replace(one, spec={**one.spec, **spec}) if one.uid == uid else one for one in HELD]


def test_the_neighbourhood_is_the_members_their_parts_and_who_is_next_to_them() -> None:
    assert NEAR.members == {WEB}
    assert NEAR.uids == {WEB, ROOT, ROOT.replace("vol-1", "vol-2"), SG, DB}, "what is two steps away is not"
    assert set(TYPES) <= set(NEAR.types[ACCOUNT, HERE])


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        pytest.param(HELD, {"": ""}, id="nothing"),
        pytest.param([replace(one, tags={"a": "b"}, name="other") for one in HELD], {"": ""}, id="tags and names"),
        pytest.param(changed(FAR, InstanceType="m5.xlarge"), {"": ""}, id="elsewhere"),
        pytest.param(changed(ROOT, Size=40), {ROOT: "spec.Size was 20, is 40"}, id="a disk resized"),
        pytest.param(changed(WEB, InstanceType="t3.xlarge"), {WEB: "spec.InstanceType was t3.large, is t3.xlarge"}, id="a type changed"),
        pytest.param(changed(SG, IpPermissions=[{"FromPort": 80}]), {SG: "IpPermissions"}, id="a rule changed"),
        pytest.param(changed(DB, InstanceType="m5.xlarge"), {DB: "m5.xlarge"}, id="a neighbour changed"),
        pytest.param([one for one in HELD if one.uid != DB], {DB: "is gone since the plan"}, id="a neighbour gone"),
        pytest.param([replace(one, state="stopped") if one.uid == WEB else one for one in HELD], {WEB: "state was running"}, id="stopped"),
    ],
)
def test_what_changed_since_the_plan_stops_the_wave(now: list[Resource], expected: dict[str, str]) -> None:
    found = by_subject(drift(now))
    assert found.keys() == expected.keys()
    for subject, told in expected.items():
        assert told in found[subject].evidence
        assert found[subject].state.value == ("fail" if subject else "pass")


def test_a_new_edge_by_configuration_stops_the_wave_where_a_member_is_an_end() -> None:
    new = Relation("arn:tg", WEB, "registers")
    (found,) = drift(HELD, after=(new, Relation("arn:tg", FAR, "registers")))
    assert (found.subject, found.state.value) == (WEB, "fail")
    assert found.evidence == "new edge by configuration: registers arn:tg"
    (gone,) = drift(HELD, before=(new,))
    assert gone.evidence == "gone edge by configuration: registers arn:tg"


def test_what_could_not_be_seen_again_is_not_assessed_and_never_gone() -> None:
    without = [one for one in HELD if one.type != "AWS::EC2::Volume"]
    assert states(drift(without, Volume=CoverageStatus.DENIED)) == {"AWS::EC2::Volume": "not_assessed"}


def test_an_edge_to_what_could_not_be_seen_again_is_not_said_to_be_gone() -> None:
    without = [one for one in HELD if one.type != "AWS::EC2::Volume"]
    attached = (Relation(WEB, ROOT, "volume"),)
    assert states(drift(without, before=attached, Volume=CoverageStatus.DENIED)) == {"AWS::EC2::Volume": "not_assessed"}


# Connectivity: a server in vpc-0 that talks to a database there; after the move it is in vpc-1, another region.


def place(region: str, vpc: str, subnet: str, cidr: str, *routes: dict[str, Any]) -> list[Resource]:
    arn = f"arn:aws:ec2:{region}:{ACCOUNT}:"
    local = {"DestinationCidrBlock": f"{cidr}/16", "GatewayId": "local", "State": "active"}
    both = [
        {"RuleNumber": 100, "Protocol": "-1", "RuleAction": "allow", "Egress": egress, "CidrBlock": "0.0.0.0/0"} for egress in (True, False)
    ]
    associations = [{"SubnetId": subnet, "NetworkAclId": f"acl-{vpc}"}]
    return [
        resource(f"{arn}vpc/{vpc}", "AWS::EC2::VPC", {"VpcId": vpc, "CidrBlock": f"{cidr}/16"}, region=region),
        resource(
            f"{arn}subnet/{subnet}",
            "AWS::EC2::Subnet",
            {"SubnetId": subnet, "VpcId": vpc, "CidrBlock": f"{cidr}/24", "AvailabilityZone": f"{region}a"},
            region=region,
        ),
        resource(
            f"{arn}network-acl/acl-{vpc}",
            "AWS::EC2::NetworkAcl",
            {"NetworkAclId": f"acl-{vpc}", "VpcId": vpc, "IsDefault": True, "Entries": both, "Associations": associations},
            region=region,
        ),
        resource(
            f"{arn}route-table/rtb-{vpc}",
            "AWS::EC2::RouteTable",
            {"RouteTableId": f"rtb-{vpc}", "VpcId": vpc, "Routes": [local, *routes], "Associations": [{"Main": True}]},
            region=region,
        ),
    ]


PEERED = {
    "VpcPeeringConnectionId": "pcx-1",
    "RequesterVpcInfo": {"VpcId": "vpc-0", "Region": HERE},
    "AccepterVpcInfo": {"VpcId": "vpc-1", "Region": THERE},
    "Status": {"Code": "active"},
}
TO_THERE = {"DestinationCidrBlock": "10.1.0.0/16", "VpcPeeringConnectionId": "pcx-1", "State": "active"}
TO_HERE = {"DestinationCidrBlock": "10.0.0.0/16", "VpcPeeringConnectionId": "pcx-1", "State": "active"}
OUT = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]


def held(*, db_lets_in: dict[str, Any]) -> list[Resource]:
    arn = f"arn:aws:ec2:{HERE}:{ACCOUNT}:"
    postgres = {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, **db_lets_in}
    peering = resource(f"{arn}vpc-peering-connection/pcx-1", "AWS::EC2::VPCPeeringConnection", PEERED)
    groups = [
        {"GroupId": "sg-1", "VpcId": "vpc-0", "IpPermissions": [], "IpPermissionsEgress": OUT},
        {"GroupId": "sg-2", "VpcId": "vpc-0", "IpPermissions": [postgres], "IpPermissionsEgress": OUT},
        {"GroupId": "sg-9", "VpcId": "vpc-1", "IpPermissions": [], "IpPermissionsEgress": OUT},
    ]
    seat = {"SubnetId": "subnet-0", "VpcId": "vpc-0"}
    return [
        server(**seat, PrivateIpAddress="10.0.0.10"),
        *volumes(),
        resource(
            DB,
            "AWS::EC2::Instance",
            {"InstanceId": "i-2", **seat, "PrivateIpAddress": "10.0.0.20", "SecurityGroups": [{"GroupId": "sg-2"}]},
        ),
        *place(HERE, "vpc-0", "subnet-0", "10.0.0.0", TO_THERE),
        *place(THERE, "vpc-1", "subnet-1", "10.1.0.0", TO_HERE),
        peering,
        *(
            resource(
                f"{arn}security-group/{one['GroupId']}", "AWS::EC2::SecurityGroup", one, region=THERE if one["VpcId"] == "vpc-1" else HERE
            )
            for one in groups
        ),
    ]


EDGES = [
    {"source_uid": WEB, "target_uid": DB, "protocol": 6, "port": 5432},
    {"source_uid": DB, "target_uid": FAR, "protocol": 6, "port": 1},
]


def connectivity(resources: list[Resource], edges: list[dict[str, Any]] = EDGES) -> Check:
    wave = facts(steps(), resources)
    pairs = pairs_of(wave, edges)
    now, then = allowed(network_of(resources), pairs), allowed(network_of(after_move(resources, wave)), pairs)
    (found,) = of_connectivity(wave, [Judged(*one) for one in zip(pairs, now, then, strict=True)], is_mapped=True)
    return found


def test_what_is_let_through_after_the_move_passes() -> None:
    found = connectivity(held(db_lets_in={"IpRanges": [{"CidrIp": "10.0.0.0/8"}]}))
    assert (found.subject, found.state.value, found.region) == (WEB, "pass", THERE)
    assert found.evidence == "1 pair seen to talk: 1 let through, 0 not, 0 unknown, 0 shut today too"


def test_a_rule_that_names_the_old_group_does_not_let_the_clone_in() -> None:
    found = connectivity(held(db_lets_in={"UserIdGroupPairs": [{"GroupId": "sg-1"}]}))
    assert (found.state.value, found.bends) == ("fail", True)
    assert "i-1 to i-2 TCP 5432" in found.evidence


def test_a_rule_that_names_the_old_address_does_not_either() -> None:
    assert connectivity(held(db_lets_in={"IpRanges": [{"CidrIp": "10.0.0.10/32"}]})).state.value == "fail"


def test_servers_of_one_wave_reach_one_another_by_their_clones() -> None:
    """Each bears a clone of sg-1, which lets its own members in; the ids that steps will give are longer than EC2's."""
    resources = held(db_lets_in={"UserIdGroupPairs": [{"GroupId": "sg-1"}]})
    name = "web/" + "a-long-name-" * 8
    rule = {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "UserIdGroupPairs": [{"GroupId": Output(name, "group_id")}]}
    options = {"image_id": "ami-1", "instance_type": "t3.large", "subnet_id": "subnet-1", "group_ids": [Output(name, "group_id")]}
    both = [
        step(name, "ec2.create_security_group", {"name": "web", "description": "web", "vpc_id": "vpc-1"}),
        step("rules", "ec2.authorize_ingress", {"group_id": Output(name, "group_id"), "permissions": [rule]}, name),
        *(step(uid, "ec2.run_instance", options, name, uid=uid) for uid in (WEB, DB)),
    ]

    def judged(steps: list[Step]) -> dict[str, str]:
        wave = facts(steps, resources)
        pairs = pairs_of(wave, EDGES[:1])
        now, then = allowed(network_of(resources), pairs), allowed(network_of(after_move(resources, wave)), pairs)
        return states(of_connectivity(wave, [Judged(*one) for one in zip(pairs, now, then, strict=True)], is_mapped=True))

    assert judged(both) == {WEB: "pass", DB: "pass"}
    assert judged([both[0], *both[2:]]) == {WEB: "fail", DB: "fail"}, "without the rule of the clone"


def test_what_is_shut_today_is_not_held_against_the_move() -> None:
    found = connectivity(held(db_lets_in={"IpRanges": [{"CidrIp": "192.0.2.0/24"}]}))
    assert (found.state.value, found.evidence) == ("pass", "1 pair seen to talk: 0 let through, 0 not, 0 unknown, 1 shut today too")


def test_a_target_that_was_not_seen_is_not_assessed() -> None:
    resources = [one for one in held(db_lets_in={"IpRanges": [{"CidrIp": "10.0.0.0/8"}]}) if "acl-vpc-1" not in one.uid]
    assert connectivity(resources).state.value == "not_assessed"


def test_without_dependencies_nobody_knows_who_talks() -> None:
    (found,) = of_connectivity(facts(), (), is_mapped=False)
    assert (found.subject, found.state.value) == (WEB, "not_assessed")


def test_what_a_stop_and_a_start_change_is_no_drift() -> None:
    before = {"InstanceType": "t3.micro", "PublicIpAddress": "54.1.2.3", "NetworkInterfaces": [{"Association": {"PublicIp": "54.1.2.3"}}]}
    after = {"InstanceType": "t3.micro", "PublicIpAddress": "54.9.9.9", "NetworkInterfaces": [{"Association": {"PublicIp": "54.9.9.9"}}]}
    assert lasting(before) == lasting(after) == {"InstanceType": "t3.micro", "NetworkInterfaces": [{}]}
    assert lasting(before) != lasting(after | {"InstanceType": "t3.small"})

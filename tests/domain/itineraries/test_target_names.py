"""What the engine calls targets is what the generated code calls them: cases worked out by hand, and a law over drawn estates."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmigrate.domain.iac.assemble import blueprint, target_names
from cloudmigrate.domain.iac.distinct_names import NAMED
from cloudmigrate.domain.iac.making import Decided
from cloudmigrate.domain.iac.values import plain
from cloudmigrate.domain.itineraries.compile import compile_wave
from cloudmigrate.domain.preflight.collisions import COLLISIONS
from cloudmigrate.domain.preflight.record import CheckState
from cloudmigrate.domain.resources import Resource
from cloudmigrate.domain.steps import Gate, Step
from cloudmigrate.domain.strategies import Strategy
from cloudmigrate.domain.target_policy import TargetPolicy
from tests.domain.preflight.samples import checks, facts

ACCOUNT, OTHER, CENTRAL, EAST, TARGET = "111111111111", "222222222222", "eu-central-1", "us-east-1", "eu-west-1"
VPCS = {(ACCOUNT, CENTRAL): "vpc-0a", (ACCOUNT, EAST): "vpc-0b", (OTHER, CENTRAL): "vpc-0c", (OTHER, EAST): "vpc-0d"}
SUBNETS = {place: vpc.replace("vpc", "subnet") for place, vpc in VPCS.items()}
SAID: dict[str, Any] = {
    "region": TARGET,
    "account": "333333333333",
    "vpcs": dict.fromkeys(VPCS.values(), "vpc-0f"),
    "subnets": dict.fromkeys(SUBNETS.values(), "subnet-0f"),
    "kms_key": "alias/target",
    "databases": {"subnet_groups": {"private": "inner"}, "share_key": "alias/shared"},
}
# Where the engine says the name of what it makes, or of what it looks for: act -> type, parameter.
SAYS = {
    "rds.restore_instance": ("AWS::RDS::DBInstance", "database_id"),
    "rds.create_member": ("AWS::RDS::DBInstance", "database_id"),
    "rds.restore_cluster": ("AWS::RDS::DBCluster", "database_id"),
    "ec2.create_security_group": ("AWS::EC2::SecurityGroup", "name"),
}


def policy(**more: Any) -> TargetPolicy:
    return TargetPolicy.model_validate(SAID | more)


def source(type_: str, uid: str, spec: Mapping[str, Any], *, account: str = ACCOUNT, region: str = CENTRAL, **told: Any) -> Resource:
    usual = {"name": "it", "state": "available", "tags": {}, "stateful": False} | told
    return Resource(uid=uid, provider="aws", account_id=account, region=region, type=type_, spec=spec, **usual)


def database(name: str, *, account: str = ACCOUNT, region: str = CENTRAL, **more: Any) -> Resource:
    spec = {
        "DBInstanceIdentifier": name,
        "DBInstanceClass": "db.t3.medium",
        "Engine": "postgres",
        "EngineVersion": "16.4",
        "AllocatedStorage": 100,
        "DBSubnetGroup": {"DBSubnetGroupName": "private", "VpcId": VPCS[account, region]},
        **more,
    }
    return source("AWS::RDS::DBInstance", f"arn:aws:rds:{region}:{account}:db:{name}", spec, account=account, region=region)


def cluster(region: str) -> list[Resource]:
    """A cluster of two instances, of which the second by name writes."""
    uid = f"arn:aws:rds:{region}:{ACCOUNT}:cluster:ledger"
    members = [{"DBInstanceIdentifier": "ledger-a"}, {"DBInstanceIdentifier": "ledger-b", "IsClusterWriter": True}]
    spec = {"DBClusterIdentifier": "ledger", "Engine": "aurora-postgresql", "EngineVersion": "16.4", "DBClusterMembers": members}
    groups = {"DBSubnetGroupName": "private", "VpcId": VPCS[ACCOUNT, region]}
    subnets = source("AWS::RDS::DBSubnetGroup", f"arn:aws:rds:{region}:{ACCOUNT}:subgrp:private", groups, region=region)
    engine = {"Engine": "aurora-postgresql", "DBClusterIdentifier": "ledger", "DBSubnetGroup": None}
    instances = [database(str(one["DBInstanceIdentifier"]), region=region, **engine) for one in members]
    return [source("AWS::RDS::DBCluster", uid, spec | {"DBSubnetGroup": "private"}, region=region), *instances, subnets]


def server(number: int, group_ids: Sequence[str], *, account: str = ACCOUNT, region: str = CENTRAL, **more: Any) -> Resource:
    place = account, region
    spec = {
        "InstanceId": f"i-{number:08x}",
        "InstanceType": "t3.micro",
        "SubnetId": SUBNETS[place],
        "VpcId": VPCS[place],
        "SecurityGroups": [{"GroupId": one} for one in group_ids],
        **more,
    }
    uid = f"arn:aws:ec2:{region}:{account}:instance/i-{number:08x}"
    return source("AWS::EC2::Instance", uid, spec, account=account, region=region, state="running", name="web")


def group(number: int, name: str, *, account: str = ACCOUNT, region: str = CENTRAL) -> Resource:
    spec = {"GroupId": f"sg-{number:08x}", "GroupName": name, "Description": "x", "VpcId": VPCS[account, region]}
    uid = f"arn:aws:ec2:{region}:{account}:security-group/sg-{number:08x}"
    return source("AWS::EC2::SecurityGroup", uid, spec, account=account, region=region, name=name)


def plan_of(*waves: Iterable[Resource]) -> dict[str, Any]:
    groups = [{"id": f"g{at}", "members": [one.uid for one in some], "needs": [], "wave": at} for at, some in enumerate(waves, start=1)]
    return {"plan_id": "plan-1", "content_hash": "0" * 64, "groups": [one for one in groups if one["members"]]}


def carried_out(plan: Mapping[str, Any], resources: Sequence[Resource], said: TargetPolicy, decided: Decided | None = None) -> list[Step]:
    """The steps of all waves."""
    names = target_names(plan, resources, said, decided or Decided())
    return [step for one in plan["groups"] for step in compile_wave(plan, resources, said, one["wave"], names=names)]


def of_engine(steps: Iterable[Step]) -> list[tuple[str, str]]:
    """(type, name) of all that the engine makes."""
    named = [(SAYS[one.act][0], str(one.params[SAYS[one.act][1]])) for one in steps if one.act in SAYS and one.region == TARGET]
    return sorted(named)


def of_code(
    plan: Mapping[str, Any], resources: Sequence[Resource], said: TargetPolicy, decided: Decided | None = None
) -> list[tuple[str, str]]:
    """(type, name) of the same in the generated code."""
    made = [one for unit in blueprint(plan, resources, said, decided or Decided()).units for one in unit.resources]
    types = {type_ for type_, _ in SAYS.values()}
    return sorted((one.type, str(plain(one.properties[NAMED[one.type].property]))) for one in made if one.type in types)


def test_a_database_of_another_region_is_looked_for_made_and_watched_under_the_name_of_its_code() -> None:
    first, later = database("orders"), database("orders", region=EAST)
    steps = carried_out(plan_of([first], [later]), [first, later], policy())
    named = {(one.uid, one.params["database_id"]) for one in steps if "database_id" in one.params and one.region == TARGET}
    assert named == {(first.uid, "orders"), (later.uid, "orders-us-east-1")}
    assert {"rds.check_instance_name", "rds.restore_instance", "rds.await_instance"} <= {
        one.act for one in steps if one.params.get("database_id") == "orders-us-east-1"
    }
    closed = [one.params["database_id"] for one in steps if one.act == "rds.close_instance"]
    assert closed == ["orders", "orders"]  # the sources keep theirs


def test_instances_of_a_cluster_get_a_name_each() -> None:
    here, there = cluster(CENTRAL), cluster(EAST)
    resources, plan = [*here, *there], plan_of(here[:3], there[:3])
    found = of_engine(carried_out(plan, resources, policy()))
    assert found == [
        ("AWS::RDS::DBCluster", "ledger"),
        ("AWS::RDS::DBCluster", "ledger-us-east-1"),
        ("AWS::RDS::DBInstance", "ledger-a"),
        ("AWS::RDS::DBInstance", "ledger-a-us-east-1"),
        ("AWS::RDS::DBInstance", "ledger-b"),
        ("AWS::RDS::DBInstance", "ledger-b-us-east-1"),
    ]
    assert found == of_code(plan, resources, policy())


def test_a_cluster_that_the_estate_file_names_numbers_its_instances_the_writer_first_in_code_as_well() -> None:
    estate = cluster(CENTRAL)
    said = policy(databases=SAID["databases"] | {"overrides": [{"uid": estate[0].uid, "name": f"{'l' * 57}-books"}]})
    found = of_engine(carried_out(plan_of(estate[:3]), estate, said))
    # 63 characters at most: 58 of the cluster's name, of which the last is a hyphen, a hyphen and a number
    assert found == [
        ("AWS::RDS::DBCluster", f"{'l' * 57}-books"),
        ("AWS::RDS::DBInstance", f"{'l' * 57}-1"),
        ("AWS::RDS::DBInstance", f"{'l' * 57}-2"),
    ]
    assert found == of_code(plan_of(estate[:3]), estate, said)
    steps = carried_out(plan_of(estate[:3]), estate, said)
    assert [one.params["database_id"][-2:] for one in steps if one.act == "rds.create_member"] == ["-1", "-2"]


def test_a_name_that_the_estate_file_says_is_not_given_away() -> None:
    first, later = database("orders"), database("billing", region=EAST)
    said = policy(databases=SAID["databases"] | {"overrides": [{"uid": later.uid, "name": "orders"}]})
    steps = carried_out(plan_of([first], [later]), [first, later], said)
    restored = {one.uid: one.params["database_id"] for one in steps if one.act == "rds.restore_instance"}
    assert restored == {later.uid: "orders", first.uid: "orders-eu-central-1"}
    assert of_engine(steps) == of_code(plan_of([first], [later]), [first, later], said)


def test_what_a_wave_has_made_keeps_its_name_though_it_came_before_its_turn() -> None:
    first, later = database("orders"), database("orders", region=EAST)
    plan, resources = plan_of([first], [later]), [first, later]
    decided = Decided(existing={later.uid: "orders-us-east-1"})
    steps = carried_out(plan, resources, policy(), decided)
    restored = {one.uid: one.params["database_id"] for one in steps if one.act == "rds.restore_instance"}
    assert restored == {first.uid: "orders", later.uid: "orders-us-east-1"}
    assert of_engine(steps) == of_code(plan, resources, policy(), decided)
    anew = plan_of([later], [first])  # a later plan turns the waves around, and what is there stays as it is
    assert of_engine(carried_out(anew, resources, policy(), decided)) == of_code(anew, resources, policy(), decided) == of_engine(steps)


def test_security_groups_of_two_networks_in_one_are_cloned_under_two_names() -> None:
    groups = [group(10, "web"), group(11, "web", region=EAST), group(12, "default", account=OTHER), group(13, "default", region=EAST)]
    servers = [
        server(1, ["sg-0000000a"]),
        server(2, ["sg-0000000b", "sg-0000000d"], region=EAST),
        server(3, ["sg-0000000c"], account=OTHER),
    ]
    plan, resources = plan_of(servers), [*groups, *servers]
    found = of_engine(carried_out(plan, resources, policy()))
    assert [name for _, name in found] == ["cloudmigrate-default", "cloudmigrate-default-us-east-1", "web", "web-us-east-1"]
    assert found == of_code(plan, resources, policy())


def test_a_group_that_an_earlier_wave_cloned_keeps_its_name_once_it_is_mapped() -> None:
    groups = [group(10, "web"), group(11, "web", region=EAST)]
    servers = [server(1, ["sg-0000000a"]), server(2, ["sg-0000000b"], region=EAST)]
    said = policy(security_groups={"sg-0000000a": "sg-0f"})
    plan, resources = plan_of([servers[0]], [servers[1]]), [*groups, *servers]
    assert of_engine(carried_out(plan, resources, said)) == [("AWS::EC2::SecurityGroup", "web-us-east-1")]
    assert of_code(plan, resources, said) == [("AWS::EC2::SecurityGroup", "web-us-east-1")]


def test_a_server_is_launched_with_the_key_pair_and_the_profile_that_its_code_has_made() -> None:
    servers, made = [], []
    for number, account in enumerate((ACCOUNT, OTHER)):
        profile = f"arn:aws:iam::{account}:instance-profile/app"
        servers.append(server(number, [], account=account, KeyName="ops", IamInstanceProfile={"Arn": profile}))
        key = {"KeyName": "ops", "PublicKey": "ssh-ed25519 AAAA", "KeyPairId": f"key-{number}"}
        made.append(source("AWS::EC2::KeyPair", f"arn:aws:ec2:{CENTRAL}:{account}:key-pair/key-{number}", key, account=account))
        spec = {"InstanceProfileName": "app", "Arn": profile, "Path": "/", "Roles": []}
        made.append(source("AWS::IAM::InstanceProfile", profile, spec, account=account, region="global"))
    plan, resources = plan_of(servers), [*servers, *made]
    code = [one for unit in blueprint(plan, resources, policy(), Decided()).units for one in unit.resources]
    keys = {one.uid: plain(one.properties["KeyName"]) for one in code if one.type == "AWS::EC2::KeyPair"}
    profiles = {one.uid: plain(one.properties["InstanceProfileName"]) for one in code if one.type == "AWS::IAM::InstanceProfile"}
    assert sorted(map(str, keys.values())) == ["ops", f"ops-{OTHER}"]
    assert sorted(map(str, profiles.values())) == ["app", f"app-{OTHER}"]
    steps = carried_out(plan, resources, policy())
    wanted = {servers[0].uid: ("ops", "app"), servers[1].uid: (f"ops-{OTHER}", f"app-{OTHER}")}
    for uid, (key_name, profile_name) in wanted.items():
        (launch,) = [one for one in steps if one.uid == uid and one.act == "ec2.run_instance"]
        assert (launch.params["options"]["KeyName"], launch.params["options"]["IamInstanceProfile"]) == (key_name, {"Name": profile_name})
        looked = [one.params.get("key_name") or one.params.get("profile") for one in steps if one.uid == uid and "check_" in one.act]
        assert looked[1:] == [key_name, profile_name]
    mapped = carried_out(plan, resources, policy(key_pairs={"ops": "all"}, instance_profiles={"app": "any"}))
    assert {one.params["options"]["KeyName"] for one in mapped if one.act == "ec2.run_instance"} == {"all"}
    assert {one.params["options"]["IamInstanceProfile"]["Name"] for one in mapped if one.act == "ec2.run_instance"} == {"any"}


def test_a_function_that_programs_call_by_its_name_is_left_to_a_person_with_the_reason_of_its_code() -> None:
    spec = {"FunctionName": "orders", "Runtime": "python3.12", "Handler": "a.b", "PackageType": "Zip", "Role": "arn:aws:iam::1:role/x"}
    two = [
        source("AWS::Lambda::Function", f"arn:aws:lambda:{region}:{ACCOUNT}:function:orders", spec, region=region)
        for region in (CENTRAL, EAST)
    ]
    plan, said = plan_of([two[1]]), policy()
    both = plan_of(two[1:], two[:1])
    left = {one.uid: one.reason for one in blueprint(both, two, said, Decided()).left_out}
    assert list(left) == [two[0].uid]
    names = target_names(both, two, said, Decided())
    (step,) = compile_wave(both, two, said, 2, names=names)
    assert (step.act, step.gate) == ("by_hand.confirm", Gate.BY_HAND)
    assert left[two[0].uid] in step.params["text"]
    assert target_names(plan, two, said, Decided()).taken == {}, "one alone keeps its name"


def test_a_service_and_its_cluster_are_called_as_in_code() -> None:
    resources = [one for region in (CENTRAL, EAST) for one in container(region)]
    plan, said = plan_of(resources), policy(account=None)
    steps = carried_out(plan, resources, said)
    named = {(one.uid.split(":")[3], one.params["cluster"], one.params.get("service")) for one in steps if one.act.startswith("ecs.check_")}
    assert named == {
        (CENTRAL, "shop", None),
        (CENTRAL, "shop", "web"),
        (EAST, "shop-us-east-1", None),
        (EAST, "shop-us-east-1", "web"),
    }
    bodies = [str(one.params) for one in steps if one.act == "cloudformation.create_change_set" and one.uid.split(":")[3] == EAST]
    assert len(bodies) == 2
    assert all("shop-us-east-1" in one for one in bodies)
    shared = policy(account=None, clusters={"shop": "common"})
    named = {(one.params["cluster"], one.params["service"]) for one in carried_out(plan, resources, shared) if one.act == "ecs.check_name"}
    assert named == {("common", "web"), ("common", "web-us-east-1")}
    sources = {one.params["service"] for one in carried_out(plan, resources, shared) if one.act == "ecs.stop_source"}
    assert sources == {"web"}


def container(region: str) -> list[Resource]:
    """A cluster and a service of one container."""
    arn = f"arn:aws:ecs:{region}:{ACCOUNT}"
    task = {"family": "web", "containerDefinitions": [{"name": "web", "image": "public.ecr.aws/nginx:1", "essential": True}], "cpu": "256"}
    spec = {
        "serviceName": "web",
        "clusterArn": f"{arn}:cluster/shop",
        "taskDefinition": f"{arn}:task-definition/web:1",
        "taskDefinitionInUse": task | {"memory": "512", "networkMode": "bridge"},
        "desiredCount": 2,
        "launchType": "FARGATE",
    }
    return [
        source("AWS::ECS::Cluster", f"{arn}:cluster/shop", {"clusterName": "shop"}, region=region, name="shop"),
        source("AWS::ECS::Service", f"{arn}:service/shop/web", spec, region=region, name="web"),
    ]


NAMES = st.sampled_from(["orders", "orders-us-east-1", "orders-222222222222", "orders-1", "a" * 63, f"{'a' * 52}-us-east-1", "b" * 60])
PLACES = st.sampled_from(sorted(VPCS))


@st.composite
def estates(draw: st.DrawFn) -> tuple[list[list[Resource]], list[Resource]]:
    """Databases and servers of four places in up to three waves, and the groups that the servers bear."""
    waves: list[list[Resource]] = [[], [], []]
    for (account, region), name in sorted(draw(st.sets(st.tuples(PLACES, NAMES), min_size=1, max_size=10))):
        waves[draw(st.integers(0, 2))].append(database(name, account=account, region=region))
    groups = []
    hostile = st.one_of(NAMES, st.sampled_from(["default", "sg-1", 'a"b', "a'b", "x" * 255, "\u00fcber"]))
    for number, ((account, region), name) in enumerate(sorted(draw(st.sets(st.tuples(PLACES, hostile), max_size=6)))):
        groups.append(group(number, name, account=account, region=region))
        waves[draw(st.integers(0, 2))].append(server(number, [f"sg-{number:08x}"], account=account, region=region))
    return waves, groups


@given(estates(), st.sampled_from([{}, {"sg-00000000": "sg-0f"}]))
def test_engine_and_code_agree_and_no_two_are_called_alike(
    estate: tuple[list[list[Resource]], list[Resource]], mapped: dict[str, str]
) -> None:
    waves, groups = estate
    resources = [*(one for some in waves for one in some), *groups]
    said, plan = policy(security_groups=mapped), plan_of(*waves)
    found = of_engine(carried_out(plan, resources, said))
    assert found == of_code(plan, resources, said)
    assert len(set(found)) == len(found)
    assert [name for type_, name in found if not 0 < len(name) <= NAMED[type_].longest] == []
    assert not any("--" in name or name.endswith("-") for type_, name in found if type_ == "AWS::RDS::DBInstance")


@given(estates(), st.integers(0, 2), st.randoms(use_true_random=False))
def test_names_stay_when_something_else_is_added_or_the_order_of_the_input_changes(
    estate: tuple[list[list[Resource]], list[Resource]], wave: int, random: Any
) -> None:
    waves, groups = estate
    before = {one.uid: named for one, named in _restored(waves, groups)}
    fresh = database("aaa-something-else", account=OTHER)
    more = [[*some, *([fresh] if at == wave else [])] for at, some in enumerate(waves)]
    turned = [random.sample(some, len(some)) for some in more]
    after = {one.uid: named for one, named in _restored(turned, random.sample(groups, len(groups)))}
    assert after == before | {fresh.uid: "aaa-something-else"}


def _restored(waves: Sequence[Sequence[Resource]], groups: Sequence[Resource]) -> list[tuple[Step, str]]:
    steps = carried_out(plan_of(*waves), [*(one for some in waves for one in some), *groups], policy())
    return [(one, str(one.params["database_id"])) for one in steps if one.act == "rds.restore_instance"]


FREE = {"DescribeSecurityGroups": [], "DescribeImages": [], "DescribeDBInstances": None}


def test_preflight_finds_names_free_that_would_have_been_taken_twice() -> None:
    groups = [group(10, "web"), group(11, "web", region=EAST)]
    members = [server(1, ["sg-0000000a"]), server(2, ["sg-0000000b"], region=EAST), database("orders"), database("orders", region=EAST)]
    plan, resources = plan_of(members), [*groups, *members]
    as_sources = compile_wave(plan, resources, policy(), 1)
    twice = sorted(one.subject for one in checks(COLLISIONS, facts(as_sources), FREE) if one.state is CheckState.FAIL)
    assert twice == ["DBInstanceIdentifier orders", "security group web in vpc-0f"]
    assert {one.state for one in checks(COLLISIONS, facts(carried_out(plan, resources, policy())), FREE)} == {CheckState.PASS}


@pytest.mark.parametrize("strategy", [Strategy.RETAIN, Strategy.RETIRE])
def test_what_stays_at_its_place_claims_no_name(strategy: Strategy) -> None:
    first, later = database("orders"), database("orders", region=EAST)
    names = target_names(plan_of([first], [later]), [first, later], policy(), Decided(strategies={first.uid: strategy}))
    assert names.of(later.uid, "orders") == "orders"


def test_a_name_that_is_taken_in_every_form_gets_other_digits() -> None:
    first, later = database("orders"), database("orders", region=EAST)
    others = [database("orders-us-east-1")]
    plain_names = target_names(plan_of([first, later, *others]), [first, later, *others], policy(), Decided())
    digits = plain_names.of(later.uid, "orders")
    assert digits.startswith("orders-")
    assert len(digits) == len("orders-") + 6
    others.append(replace(database(digits), uid=f"{first.uid}-too"))
    again = target_names(plan_of([first, later, *others]), [first, later, *others], policy(), Decided()).of(later.uid, "orders")
    assert again not in {"orders", "orders-us-east-1", digits}
    assert len(again) == len(digits)

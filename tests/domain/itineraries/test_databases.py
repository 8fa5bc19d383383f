"""Databases compiled to steps, worked out by hand: by snapshot, replica, DMS and as a cluster; and what is left to a person."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from pydantic import ValidationError

from cloudmigrate.domain.database_policy import DatabasePolicy
from cloudmigrate.domain.itineraries.compile import TargetError, compile_wave
from cloudmigrate.domain.resources import Resource
from cloudmigrate.domain.steps import Gate, Output, Reversal, Step, step_document
from cloudmigrate.domain.strategies import Strategy
from cloudmigrate.domain.target_policy import TargetPolicy

ACCOUNT, OTHER, SOURCE = "111111111111", "222222222222", "eu-central-1"
UID = f"arn:aws:rds:{SOURCE}:{ACCOUNT}:db:orders"
CLUSTER_UID = f"arn:aws:rds:{SOURCE}:{ACCOUNT}:cluster:ledger"
SPEC: dict[str, Any] = {
    "DBInstanceIdentifier": "orders",
    "DBInstanceClass": "db.t3.medium",
    "Engine": "postgres",
    "EngineVersion": "16.4",
    "AllocatedStorage": 100,
    "StorageType": "gp2",
    "Endpoint": {"Address": "orders.x.eu-central-1.rds.amazonaws.com", "Port": 5432},
    "DBName": "orders",
    "BackupRetentionPeriod": 7,
    "DBSubnetGroup": {"DBSubnetGroupName": "private", "VpcId": "vpc-1"},
    "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-1", "Status": "active"}],
    "DBParameterGroups": [{"DBParameterGroupName": "default.postgres16"}],
    "OptionGroupMemberships": [{"OptionGroupName": "default:postgres-16"}],
}
TARGETS: dict[str, Any] = {
    "region": "eu-west-1",
    "vpcs": {"vpc-1": "vpc-2"},
    "kms_key": "alias/target",
    "databases": {"subnet_groups": {"private": "inner"}},
}
SECRET = "arn:aws:secretsmanager:eu-west-1:111111111111:secret:{}-AbCdEf"
ENDPOINTS = {"target": "orders-new", "source_secret": SECRET.format("source"), "target_secret": SECRET.format("target")}
REPLICATION = {
    "subnets": ["subnet-2", "subnet-3"],
    "security_groups": ["sg-9"],
    "secrets_role": "arn:aws:iam::111111111111:role/dms-secrets",
}
DMS = {"way": "dms", "overrides": [{"uid": UID, "endpoints": ENDPOINTS}], "replication": REPLICATION}
BEFORE = ["rds.check_instance", "rds.check_subnet_group", "rds.check_instance_name", "ec2.create_security_group"]
CLOSED = ["rds.close_instance", "rds.await_instance_closed", "rds.reboot_instance", "rds.await_quiet", "rds.await_instance"]
STOPPED = ["rds.stop_instance", "rds.await_instance_stopped"]


def policy(**more: Any) -> TargetPolicy:
    databases = TARGETS["databases"] | more.pop("databases", {})
    return TargetPolicy.model_validate({**TARGETS, **more, "databases": databases})


def resource(kind: str, name: str, spec: dict[str, Any], *, uid: str = "", state: str = "available") -> Resource:
    uid = uid or f"arn:aws:ec2:{SOURCE}:{ACCOUNT}:{name}"
    return Resource(
        uid=uid, provider="aws", account_id=ACCOUNT, region=SOURCE, type=kind, name=name, state=state, tags={}, stateful=True, spec=spec
    )


def database(*, state: str = "available", **more: Any) -> Resource:
    return resource("AWS::RDS::DBInstance", "orders", SPEC | more, uid=UID, state=state)


def group(group_id: str = "sg-1") -> Resource:
    rule = {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
    everything = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    spec = {"GroupId": group_id, "GroupName": "databases", "Description": "x", "VpcId": "vpc-1"}
    return resource("AWS::EC2::SecurityGroup", group_id, spec | {"IpPermissions": [rule], "IpPermissionsEgress": [everything]})


def compiled(resources: Sequence[Resource], given: TargetPolicy, *members: Resource) -> list[Step]:
    uids = [one.uid for one in members or resources[:1]]
    plan = {"plan_id": "plan-1", "groups": [{"id": "shop", "members": uids, "needs": [], "wave": 1}]}
    return compile_wave(plan, resources, given, 1)


def acts(steps: Sequence[Step]) -> list[str]:
    return [one.act for one in steps]


def one_of(steps: Sequence[Step], act: str) -> Step:
    return next(one for one in steps if one.act == act)


def test_a_database_goes_by_its_last_snapshot_and_its_source_is_touched_behind_the_gate() -> None:
    steps = compiled([database(), group()], policy())
    assert acts(steps) == [
        "ec2.create_security_group",
        "ec2.authorize_ingress",
        *BEFORE,
        *CLOSED,
        "rds.create_snapshot",
        "rds.await_snapshot",
        "rds.copy_snapshot",
        "rds.await_snapshot",
        "rds.restore_instance",
        "rds.await_instance",
        "rds.verify_instance",
        *STOPPED,
    ]
    (cutover,) = [one for one in steps if one.gate is Gate.CUTOVER]
    assert (cutover.act, cutover.limited_by) == ("rds.close_instance", (f"{ACCOUNT}/{SOURCE}/rds", UID))
    closed = one_of(steps[2:], "ec2.create_security_group")
    assert (closed.region, closed.params["name"], closed.params["vpc_id"]) == (SOURCE, "cloudmigrate-closed-orders", "vpc-1")
    assert cutover.params["closed_group_id"] == Output(closed.step_id, "group_id")
    assert cutover.params["open_group_ids"] == ["sg-1"]
    copy, restore = one_of(steps, "rds.copy_snapshot"), one_of(steps, "rds.restore_instance")
    assert (copy.region, copy.params["source_region"], copy.params["kms_key_id"]) == ("eu-west-1", SOURCE, "alias/target")
    assert restore.params["options"] == {
        "DBInstanceClass": "db.t3.medium",
        "DBSubnetGroupName": "inner",
        "VpcSecurityGroupIds": [Output(steps[0].step_id, "group_id")],
        "Port": 5432,
        "MultiAZ": False,
        "PubliclyAccessible": False,
        "AutoMinorVersionUpgrade": False,
        "StorageType": "gp2",
        "CopyTagsToSnapshot": False,
        "EnableIAMDatabaseAuthentication": False,
        "DeletionProtection": False,
    }
    verify = one_of(steps, "rds.verify_instance")
    assert (verify.params["encrypted"], verify.params["facts"]) == (True, Output(steps[10].step_id, "facts"))


def test_into_another_account_an_encrypted_snapshot_goes_by_a_key_that_may_be_shared() -> None:
    given = policy(account=OTHER, databases={"share_key": "alias/shared"})
    steps = compiled([database(StorageEncrypted=True, KmsKeyId="alias/aws/rds"), group()], given)
    copies = [(one.account_id, one.region, one.params.get("kms_key_id")) for one in steps if one.act == "rds.copy_snapshot"]
    assert copies == [(ACCOUNT, "eu-west-1", "alias/shared"), (OTHER, "eu-west-1", "alias/target")]
    share = one_of(steps, "rds.share_snapshot")
    first, second = [one for one in steps if one.act == "rds.copy_snapshot"]
    assert (share.account_id, share.region, share.params["snapshot_id"]) == (ACCOUNT, "eu-west-1", Output(first.step_id, "snapshot_id"))
    assert share.step_id in second.needs
    assert "source_region" not in second.params


def test_an_unencrypted_snapshot_is_shared_as_it_is_and_one_that_stays_is_not_copied() -> None:
    steps = compiled([database(), group()], policy(account=OTHER))
    assert [one.account_id for one in steps if one.act == "rds.copy_snapshot"] == [OTHER]
    near = {"region": None, "kms_key": None, "databases": {"overrides": [{"uid": UID, "name": "orders-new"}]}}
    steps = compiled([database(), group()], policy(**near))
    assert "rds.copy_snapshot" not in acts(steps)
    assert one_of(steps, "rds.restore_instance").params["snapshot_id"] == Output(
        one_of(steps, "rds.create_snapshot").step_id, "snapshot_id"
    )


def test_a_replica_is_promoted_when_nobody_writes_any_more_and_it_is_level() -> None:
    steps = compiled([database(StorageEncrypted=True), group()], policy(databases={"way": "replica"}))
    assert acts(steps)[2:] == [
        *BEFORE,
        "rds.create_replica",
        "rds.await_instance",
        "rds.await_lag",
        *CLOSED,
        "rds.await_lag",
        "rds.promote",
        "rds.await_promoted",
        "rds.verify_instance",
        "rds.create_snapshot",
        "rds.await_snapshot",
        *STOPPED,
    ]
    assert [one.params["limit_s"] for one in steps if one.act == "rds.await_lag"] == [30, 1]
    replica, promote = one_of(steps, "rds.create_replica"), one_of(steps, "rds.promote")
    assert (replica.params["source_arn"], replica.params["options"]["KmsKeyId"], replica.limited_by[-1]) == (UID, "alias/target", UID)
    assert (promote.params["backup_days"], promote.reversal) == (7, Reversal.NOTHING)  # the undo of the replica deletes it
    assert one_of(steps, "rds.await_quiet").params["most"] == 1


def test_by_dms_rows_are_copied_followed_and_validated_and_no_secret_is_in_a_step() -> None:
    steps = compiled([database(), group()], policy(databases=DMS))
    tested = ["dms.create_endpoint", "dms.test_connection", "dms.await_connection"]
    assert acts(steps) == [
        "rds.check_instance",
        "ec2.create_security_group",
        "rds.check_target",
        "dms.create_subnet_group",
        "dms.create_instance",
        "dms.await_instance",
        "ec2.authorize_ingress",
        *tested,
        *tested,
        "dms.create_task",
        "dms.await_ready",
        "dms.start_task",
        "dms.await_loaded",
        "dms.await_validated",
        "dms.await_latency",
        "rds.close_instance",
        "rds.await_instance_closed",
        "rds.reboot_instance",
        "rds.await_instance",
        "dms.await_drained",
        "dms.await_validated",
        "dms.stop_task",
        "dms.await_stopped",
        "rds.create_snapshot",
        "rds.await_snapshot",
        *STOPPED,
    ]
    source, target = [one.params for one in steps if one.act == "dms.create_endpoint"]
    assert source["settings"] == {
        "PostgreSQLSettings": {
            "SecretsManagerAccessRoleArn": REPLICATION["secrets_role"],
            "SecretsManagerSecretId": ENDPOINTS["source_secret"],
            "DatabaseName": "orders",
        }
    }
    assert target["settings"]["PostgreSQLSettings"]["SecretsManagerSecretId"] == ENDPOINTS["target_secret"]
    (rule,) = one_of(steps, "ec2.authorize_ingress").params["permissions"]
    assert rule["IpRanges"] == [{"CidrIp": Output(one_of(steps, "dms.await_instance").step_id, "cidr")}]
    assert "assword" not in json.dumps([step_document(one) for one in steps])


def aurora(**more: Any) -> list[Resource]:
    members = [
        {"DBInstanceIdentifier": "ledger-b", "IsClusterWriter": True},
        {"DBInstanceIdentifier": "ledger-a", "IsClusterWriter": False},
    ]
    spec: dict[str, Any] = {
        "DBClusterIdentifier": "ledger",
        "Engine": "aurora-postgresql",
        "EngineVersion": "16.4",
        "DBSubnetGroup": "private",
        "DBClusterParameterGroup": "default.aurora-postgresql16",
        "VpcSecurityGroups": SPEC["VpcSecurityGroups"],
        "DBClusterMembers": members,
        "StorageEncrypted": True,
        "Port": 5432,
    }
    instance = {"Engine": "aurora-postgresql", "DBInstanceClass": "db.r6g.large", "DBClusterIdentifier": "ledger"}
    held = [
        resource("AWS::RDS::DBInstance", name, instance | {"DBInstanceIdentifier": name}, uid=f"arn:aws:rds:{SOURCE}:{ACCOUNT}:db:{name}")
        for name in ("ledger-a", "ledger-b")
    ]
    subnets = resource("AWS::RDS::DBSubnetGroup", "private", {"DBSubnetGroupName": "private", "VpcId": "vpc-1"})
    return [resource("AWS::RDS::DBCluster", "ledger", spec | more, uid=CLUSTER_UID), *held, subnets, group()]


def test_a_cluster_goes_by_snapshot_with_its_instances_the_writer_first() -> None:
    estate = aurora(DeletionProtection=True)
    steps = compiled(estate, policy(), *estate[:3])
    own = [one for one in steps if one.uid == CLUSTER_UID]
    assert acts(own)[2:] == [
        "rds.check_cluster",
        "rds.check_subnet_group",
        "rds.check_cluster_name",
        "ec2.create_security_group",
        "rds.check_instance_name",
        "rds.check_instance_name",
        "rds.close_cluster",
        "rds.await_cluster_closed",
        "rds.reboot_instance",
        "rds.reboot_instance",
        "rds.await_quiet",
        "rds.await_instance",
        "rds.await_instance",
        "rds.await_cluster",
        "rds.create_cluster_snapshot",
        "rds.await_cluster_snapshot",
        "rds.copy_cluster_snapshot",
        "rds.await_cluster_snapshot",
        "rds.restore_cluster",
        "rds.await_cluster",
        "rds.create_member",
        "rds.await_instance",
        "rds.create_member",
        "rds.await_instance",
        "rds.verify_cluster",
        "rds.settle_cluster",
        "rds.await_cluster",
        "rds.stop_cluster",
        "rds.await_cluster_stopped",
    ]
    assert [one.params["database_id"] for one in own if one.act == "rds.create_member"] == ["ledger-b", "ledger-a"]
    assert [(one.act, one.params["text"]) for one in steps if one.uid != CLUSTER_UID] == [
        ("by_hand.retain", "it moves with its cluster ledger")
    ] * 2
    # Encrypted only by its restore: a copy of an unencrypted snapshot of a cluster takes no key.
    plain = aurora(StorageEncrypted=False)
    steps = compiled(plain, policy(), *plain[:3])
    assert "kms_key_id" not in one_of(steps, "rds.copy_cluster_snapshot").params
    assert one_of(steps, "rds.restore_cluster").params["options"]["KmsKeyId"] == "alias/target"


@pytest.mark.parametrize(
    ("changed", "given", "why"),
    [
        ({"Engine": "custom-oracle-ee"}, {}, "RDS Custom"),
        ({"Engine": "aurora-x"}, {}, "nobody here knows how engine aurora-x moves"),
        ({"state": "stopped"}, {}, "it is stopped"),
        ({"ReadReplicaSourceDBInstanceIdentifier": "x"}, {}, "it is a read replica"),
        ({"ReadReplicaDBInstanceIdentifiers": ["x"]}, {}, "it has read replicas"),
        ({"DomainMemberships": [{}]}, {}, "directory"),
        ({"AssociatedRoles": [{}]}, {}, "roles of its own"),
        ({"Engine": "oracle-ee", "OptionGroupMemberships": [{"OptionGroupName": "tde"}]}, {}, "option group tde cannot be copied"),
        ({"Engine": "oracle-ee", "LicenseModel": "bring-your-own-license"}, {"account": OTHER}, "its licence is your own"),
        ({"DBSubnetGroup": None}, {}, "it is in no VPC"),
        ({}, {"account": OTHER, "databases": {"way": "replica"}}, "a replica cannot be in another account"),
        ({}, {"region": SOURCE, "databases": {"way": "replica"}}, "a replica in its own region"),
        ({"BackupRetentionPeriod": 0}, {"databases": {"way": "replica"}}, "without automated backups"),
        ({"Engine": "sqlserver-se"}, {"databases": {"way": "dms"}}, "how DMS follows sqlserver-se"),
    ],
)
def test_what_cannot_be_moved_is_a_step_by_hand_with_its_reason(changed: dict[str, Any], given: dict[str, Any], why: str) -> None:
    (step,) = compiled([database(**changed), group()], policy(**given))
    assert (step.act, step.gate) == ("by_hand.confirm", Gate.BY_HAND)
    assert why in step.says


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"EngineMode": "serverless"}, "its engine mode is serverless"),
        ({"GlobalClusterIdentifier": "world"}, "global database"),
        ({"Engine": "neptune"}, "only clusters of Aurora"),
        ({"DBClusterMembers": [{"DBInstanceIdentifier": "other"}]}, "not all of its instances"),
    ],
)
def test_a_cluster_that_cannot_be_moved_is_moved_by_hand_with_its_instances(changed: dict[str, Any], why: str) -> None:
    estate = aurora(**changed)
    steps = compiled(estate, policy(), *estate[:3])
    assert {one.act for one in steps} == {"by_hand.confirm"}
    assert all(why in one.says for one in steps)


@pytest.mark.parametrize(
    ("changed", "given", "lack"),
    [
        ({}, {"databases": {"subnet_groups": {}}}, "targets.databases.subnet_groups"),
        ({"DBParameterGroups": [{"DBParameterGroupName": "tuned"}]}, {}, "targets.databases.parameter_groups"),
        ({"OptionGroupMemberships": [{"OptionGroupName": "audit"}]}, {}, "targets.databases.option_groups"),
        ({"StorageEncrypted": True}, {"kms_key": None}, "targets.kms_key"),
        ({"StorageEncrypted": True}, {"account": OTHER}, "targets.databases.share_key"),
        ({}, {"region": SOURCE}, "no name of its target"),
        ({}, {"vpcs": {}}, "targets.vpcs"),
        ({}, {"databases": {"way": "dms"}}, "no endpoints for the way dms"),
        ({}, {"databases": DMS | {"replication": {}}}, "targets.databases.replication.subnets"),
        ({"Engine": "mysql"}, {"databases": DMS}, "ssl_mode: none"),
        ({}, {"dns": [{"name": "db.example.com", "zone_id": "Z1", "uid": UID, "to": "private_ip"}]}, "to: endpoint"),
    ],
)
def test_what_the_estate_file_has_to_say_first_is_told_with_its_field(changed: dict[str, Any], given: dict[str, Any], lack: str) -> None:
    with pytest.raises(TargetError, match=lack):
        compiled([database(**changed), group()], policy(**given))


def test_settings_that_a_restore_does_not_take_come_after_it_and_a_mapped_group_is_not_cloned() -> None:
    source = database(DeletionProtection=True, MaxAllocatedStorage=500, MasterUserSecret={"SecretArn": "x"})
    steps = compiled([source, group()], policy(security_groups={"sg-1": "sg-2"}))
    settled = one_of(steps, "rds.settle_instance")
    assert settled.params["settings"] == {"DeletionProtection": True, "MaxAllocatedStorage": 500, "ManageMasterUserPassword": True}
    assert one_of(steps, "rds.restore_instance").params["options"]["VpcSecurityGroupIds"] == ["sg-2"]
    assert acts(steps).count("ec2.create_security_group") == 1  # the one that closes the source


def test_a_database_waits_for_no_clone_of_another_group_and_for_its_own_wherever_it_is_made() -> None:
    def web(name: str, group_id: str) -> Resource:
        spec = {"InstanceId": name, "InstanceType": "t3.micro", "SubnetId": "subnet-1", "VpcId": "vpc-1"}
        return resource("AWS::EC2::Instance", name, spec | {"SecurityGroups": [{"GroupId": group_id}]}, state="running")

    for borne, needed in (("sg-2", set()), ("sg-1", {"web"})):
        server = web("i-1", borne)
        told = [{"id": "data", "members": [UID], "needs": [], "wave": 1}, {"id": "web", "members": [server.uid], "needs": [], "wave": 1}]
        given = policy(subnets={"subnet-1": "subnet-2"})
        order = {"data": "zz", "web": "web"} if borne == "sg-1" else {"data": "data", "web": "web"}  # whose group comes first makes it
        plan = {"plan_id": "p", "groups": [{**one, "id": order[one["id"]]} for one in told]}
        steps = compile_wave(plan, [database(), server, group("sg-1"), group("sg-2")], given, 1)
        groups = {one.step_id: one.group for one in steps}
        assert {groups[need] for one in steps if one.uid == UID for need in one.needs} - {order["data"]} == needed


def test_a_source_ends_only_when_asked_and_its_last_snapshot_stays() -> None:
    steps = compiled([database(DeletionProtection=True), group()], policy(clean_up=True, databases=DMS))
    end = [one for one in steps if one.gate is Gate.CLEAN_UP]
    assert acts(end) == [
        "dms.delete_task",
        "dms.await_task_gone",
        "dms.delete_endpoint",
        "dms.delete_endpoint",
        "dms.delete_instance",
        "dms.await_instance_gone",
        "dms.delete_subnet_group",
        "rds.start_instance",
        "rds.await_instance",
        "rds.unprotect_instance",
        "rds.delete_instance",
        "rds.await_instance_gone",
        "ec2.delete_security_group",
    ]
    assert {one.reversal for one in end if "await" not in one.act} == {Reversal.NO_RETURN}
    estate = aurora()
    end = [one for one in compiled(estate, policy(clean_up=True), *estate[:3]) if one.gate is Gate.CLEAN_UP]
    assert [one.params["database_id"] for one in end if one.act in ("rds.delete_instance", "rds.delete_cluster")] == [
        "ledger-a",
        "ledger-b",
        "ledger",
    ]


def test_a_rollback_may_keep_the_copied_snapshot_and_other_strategies_are_a_persons() -> None:
    steps = compiled([database(), group()], policy(databases={"keep_snapshots": True}))
    assert one_of(steps, "rds.copy_snapshot").reversal is Reversal.NOTHING
    plan = {"plan_id": "plan-1", "groups": [{"id": "shop", "members": [UID], "needs": [], "wave": 1}]}
    (step,) = compile_wave(plan, [database()], policy(), 1, {UID: Strategy.REPLATFORM})
    assert "the plan says replatform" in step.says


@pytest.mark.parametrize(
    "said",
    [
        {"way": "ftp"},
        {"overrides": [{"uid": UID}, {"uid": UID}]},
        {"overrides": [{"uid": UID, "name": "two--hyphens"}]},
        {"overrides": [{"uid": UID, "endpoints": ENDPOINTS | {"source_secret": "hunter2"}}]},
        {"overrides": [{"uid": UID, "endpoints": ENDPOINTS | {"password": "hunter2"}}]},
        {"replication": {"secrets_role": "dms"}},
    ],
)
def test_what_the_estate_file_says_wrongly_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        DatabasePolicy.model_validate(said)

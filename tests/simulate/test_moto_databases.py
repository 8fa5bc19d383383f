"""The emulator refuses and keeps of databases what RDS and DMS do, so that a migration that is wrong fails on it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from cloudmigrate.simulate.emulator import Emulator, post
from cloudmigrate.simulate.moto_images import PENDING_PATH

SOURCE, TARGET = "eu-central-1", "eu-west-1"
ACCOUNT, OTHER = "123456789012", "222222222222"
SECRET = {"SecretsManagerSecretId": "arn:secret", "SecretsManagerAccessRoleArn": "arn:role"}


@pytest.fixture
def source(clean_emulator: Emulator) -> Any:
    return boto3.client("rds", region_name=SOURCE)


@pytest.fixture
def target(clean_emulator: Emulator) -> Any:
    return boto3.client("rds", region_name=TARGET)


@pytest.fixture
def pending(clean_emulator: Emulator) -> Iterator[None]:
    post(clean_emulator.url + PENDING_PATH, b"1")
    yield
    post(clean_emulator.url + PENDING_PATH, b"0")


def elsewhere(service: str) -> Any:
    held = boto3.client("sts").assume_role(RoleArn=f"arn:aws:iam::{OTHER}:role/Migration", RoleSessionName="test")["Credentials"]
    keys = {"aws_access_key_id": held["AccessKeyId"], "aws_secret_access_key": held["SecretAccessKey"]}
    return boto3.client(service, region_name=TARGET, aws_session_token=held["SessionToken"], **keys)


def create(rds: Any, name: str = "orders", **more: Any) -> str:
    asked = {"Engine": "postgres", "EngineVersion": "16.4", "DBInstanceClass": "db.t3.small", "AllocatedStorage": 20, "MultiAZ": True}
    asked |= {"MasterUsername": "admin1", "MasterUserPassword": "correct-horse", "BackupRetentionPeriod": 7, "DBInstanceIdentifier": name}
    return str(rds.create_db_instance(**asked | more)["DBInstance"]["DBInstanceArn"])


def status(rds: Any, name: str = "orders") -> str:
    return str(rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]["DBInstanceStatus"])


def refused(code: str, call: Any, **params: Any) -> None:
    with pytest.raises(ClientError) as told:
        call(**params)
    assert told.value.response["Error"]["Code"] == code


@pytest.mark.usefixtures("pending")
def test_a_database_shows_what_is_being_done_with_it_and_refuses_other_changes_meanwhile(source: Any) -> None:
    orders = {"DBInstanceIdentifier": "orders"}
    create(source)
    refused("InvalidDBInstanceState", source.create_db_snapshot, DBSnapshotIdentifier="last", **orders)
    refused("InvalidDBInstanceState", source.delete_db_instance, SkipFinalSnapshot=True, **orders)
    assert [status(source) for _ in range(2)] == ["creating", "available"]
    source.reboot_db_instance(**orders)
    refused("InvalidDBInstanceState", source.modify_db_instance, DeletionProtection=True, **orders)
    assert [status(source) for _ in range(2)] == ["rebooting", "available"]
    source.create_db_snapshot(DBSnapshotIdentifier="last", **orders)
    assert [status(source) for _ in range(2)] == ["backing-up", "available"]
    source.stop_db_instance(**orders)
    refused("InvalidDBInstanceState", source.start_db_instance, **orders)
    assert [status(source) for _ in range(2)] == ["stopping", "stopped"]
    refused("InvalidDBInstanceState", source.modify_db_instance, DeletionProtection=True, **orders)
    refused("InvalidDBInstanceState", source.stop_db_instance, **orders)
    source.start_db_instance(**orders)
    assert [status(source) for _ in range(2)] == ["starting", "available"]
    source.delete_db_instance(SkipFinalSnapshot=True, **orders)
    refused("InvalidDBInstanceState", source.delete_db_instance, SkipFinalSnapshot=True, **orders)
    assert status(source) == "deleting"
    refused("DBInstanceNotFound", source.describe_db_instances, **orders)


@pytest.mark.usefixtures("pending")
def test_a_snapshot_takes_its_time_and_is_not_used_before(source: Any, target: Any) -> None:
    create(source)
    assert [status(source) for _ in range(2)] == ["creating", "available"]
    arn = source.create_db_snapshot(DBSnapshotIdentifier="last", DBInstanceIdentifier="orders")["DBSnapshot"]["DBSnapshotArn"]
    copy = {"SourceDBSnapshotIdentifier": arn, "TargetDBSnapshotIdentifier": "copy", "SourceRegion": SOURCE}
    refused("InvalidDBSnapshotState", target.copy_db_snapshot, **copy)
    refused("InvalidDBSnapshotState", source.delete_db_snapshot, DBSnapshotIdentifier="last")
    seen = [source.describe_db_snapshots(DBSnapshotIdentifier="last")["DBSnapshots"][0]["Status"] for _ in range(2)]
    assert seen == ["creating", "available"]
    target.copy_db_snapshot(**copy)
    refused("DBSnapshotAlreadyExists", target.copy_db_snapshot, **copy)
    refused("InvalidDBSnapshotState", target.restore_db_instance_from_db_snapshot, DBInstanceIdentifier="x", DBSnapshotIdentifier="copy")


def test_an_encrypted_snapshot_goes_to_another_account_only_by_a_shared_key(source: Any, target: Any) -> None:
    kms = boto3.client("kms", region_name=TARGET)
    shared_key, own_key = kms.create_key()["KeyMetadata"]["Arn"], elsewhere("kms").create_key()["KeyMetadata"]["Arn"]
    create(source, StorageEncrypted=True)
    arn = source.create_db_snapshot(DBSnapshotIdentifier="last", DBInstanceIdentifier="orders")["DBSnapshot"]["DBSnapshotArn"]
    share = {"AttributeName": "restore", "ValuesToAdd": [OTHER]}
    refused("InvalidParameterValue", source.modify_db_snapshot_attribute, DBSnapshotIdentifier="last", **share)  # the default key
    far = {"SourceDBSnapshotIdentifier": arn, "TargetDBSnapshotIdentifier": "near", "SourceRegion": SOURCE}
    refused("KMSKeyNotAccessibleFault", target.copy_db_snapshot, **far)
    refused("KMSKeyNotAccessibleFault", target.copy_db_snapshot, KmsKeyId="arn:aws:kms:eu-west-1:123456789012:key/none", **far)
    near = target.copy_db_snapshot(KmsKeyId=shared_key, **far)["DBSnapshot"]["DBSnapshotArn"]
    other = elsewhere("rds")
    copy = {"SourceDBSnapshotIdentifier": near, "TargetDBSnapshotIdentifier": "own"}
    refused("DBSnapshotNotFound", other.copy_db_snapshot, KmsKeyId=own_key, **copy)
    target.modify_db_snapshot_attribute(DBSnapshotIdentifier="near", **share)
    refused("KMSKeyNotAccessibleFault", other.copy_db_snapshot, **copy)
    made = other.copy_db_snapshot(KmsKeyId=own_key, **copy)["DBSnapshot"]
    assert (made["Encrypted"], made["KmsKeyId"], made["DBInstanceIdentifier"]) == (True, own_key, "orders")


def test_a_restored_database_has_what_was_asked_for_and_is_not_protected_of_itself(source: Any) -> None:
    create(source, DeletionProtection=True, Tags=[{"Key": "App", "Value": "shop"}])
    refused("InvalidParameterCombination", source.delete_db_instance, DBInstanceIdentifier="orders", SkipFinalSnapshot=True)
    source.create_db_snapshot(DBSnapshotIdentifier="last", DBInstanceIdentifier="orders")
    restore = {"DBInstanceIdentifier": "again", "DBSnapshotIdentifier": "last", "DBInstanceClass": "db.m6g.large"}
    made = source.restore_db_instance_from_db_snapshot(MultiAZ=False, **restore)["DBInstance"]
    assert (made["DBInstanceClass"], made["MultiAZ"], made["DeletionProtection"], made["EngineVersion"]) == (
        "db.m6g.large",
        False,
        False,
        "16.4",
    )
    refused("DBInstanceAlreadyExists", source.restore_db_instance_from_db_snapshot, **restore)


def test_a_replica_is_a_database_of_its_own_once_promoted(source: Any, target: Any) -> None:
    arn = create(source)
    replica = {"DBInstanceIdentifier": "orders", "SourceDBInstanceIdentifier": arn, "SourceRegion": SOURCE}
    made = target.create_db_instance_read_replica(**replica)["DBInstance"]
    assert (made["ReadReplicaSourceDBInstanceIdentifier"], made["DBInstanceArn"].split(":")[3]) == (arn, TARGET)
    refused("DBInstanceAlreadyExists", target.create_db_instance_read_replica, **replica)
    refused("InvalidDBInstanceState", source.stop_db_instance, DBInstanceIdentifier="orders")
    (primary,) = source.describe_db_instances()["DBInstances"]
    assert primary["ReadReplicaDBInstanceIdentifiers"] == [made["DBInstanceArn"]]
    target.promote_read_replica(DBInstanceIdentifier="orders", BackupRetentionPeriod=3)
    (promoted,) = target.describe_db_instances()["DBInstances"]
    (primary,) = source.describe_db_instances()["DBInstances"]
    assert promoted.get("ReadReplicaSourceDBInstanceIdentifier") is None
    assert (promoted["BackupRetentionPeriod"], primary["ReadReplicaDBInstanceIdentifiers"]) == (3, [])
    refused("InvalidDBInstanceState", target.promote_read_replica, DBInstanceIdentifier="orders")
    create(source, "plain", BackupRetentionPeriod=0)
    no_backup = {**replica, "DBInstanceIdentifier": "plain", "SourceDBInstanceIdentifier": arn.replace("orders", "plain")}
    refused("InvalidDBInstanceState", target.create_db_instance_read_replica, **no_backup)


def test_a_group_that_a_database_bears_stays_and_connections_end_with_a_reboot(source: Any) -> None:
    ec2, cloudwatch = boto3.client("ec2", region_name=SOURCE), boto3.client("cloudwatch", region_name=SOURCE)
    subnet = ec2.describe_subnets()["Subnets"][0]
    open_id, closed_id = (
        ec2.create_security_group(GroupName=name, Description=name, VpcId=subnet["VpcId"])["GroupId"] for name in ("open", "closed")
    )
    rule = {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
    ec2.authorize_security_group_ingress(GroupId=open_id, IpPermissions=[rule])
    create(source, VpcSecurityGroupIds=[open_id])

    def connections() -> list[float]:
        now = datetime.now(UTC)
        metric = {"Namespace": "AWS/RDS", "MetricName": "DatabaseConnections"}
        dimensions = [{"Name": "DBInstanceIdentifier", "Value": "orders"}]
        query = {"Id": "m0", "MetricStat": {"Metric": {**metric, "Dimensions": dimensions}, "Period": 60, "Stat": "Maximum"}}
        asked = {"MetricDataQueries": [query], "StartTime": now - timedelta(minutes=5), "EndTime": now}
        return list(cloudwatch.get_metric_data(**asked)["MetricDataResults"][0]["Values"])

    refused("DependencyViolation", ec2.delete_security_group, GroupId=open_id)
    assert connections() == [5.0]
    source.modify_db_instance(DBInstanceIdentifier="orders", VpcSecurityGroupIds=[closed_id])
    assert connections() == [5.0]
    source.reboot_db_instance(DBInstanceIdentifier="orders")
    assert connections() == [0.0]
    ec2.delete_security_group(GroupId=open_id)


def test_a_cluster_stops_with_its_instances_and_goes_when_it_has_none(source: Any, target: Any) -> None:
    asked = {"DBClusterIdentifier": "ledger", "Engine": "aurora-postgresql", "MasterUsername": "admin1"}
    source.create_db_cluster(**asked, MasterUserPassword="correct-horse", DeletionProtection=True)
    refused("DBClusterAlreadyExistsFault", source.create_db_cluster, **asked, MasterUserPassword="correct-horse")
    source.create_db_instance(
        DBInstanceIdentifier="ledger-a", DBClusterIdentifier="ledger", DBInstanceClass="db.r6g.large", Engine="aurora-postgresql"
    )
    snapshot = {"DBClusterSnapshotIdentifier": "last", "DBClusterIdentifier": "ledger"}
    arn = source.create_db_cluster_snapshot(**snapshot)["DBClusterSnapshot"]["DBClusterSnapshotArn"]
    copy = {"SourceDBClusterSnapshotIdentifier": arn, "TargetDBClusterSnapshotIdentifier": "copy", "SourceRegion": SOURCE}
    source.modify_db_cluster_snapshot_attribute(DBClusterSnapshotIdentifier="last", AttributeName="restore", ValuesToAdd=[OTHER])
    refused("InvalidParameterValue", elsewhere("rds").copy_db_cluster_snapshot, **copy)  # another region and account at once
    refused("InvalidParameterCombination", target.copy_db_cluster_snapshot, KmsKeyId="alias/x", **copy)  # it is not encrypted
    target.copy_db_cluster_snapshot(**copy)
    restore = {"DBClusterIdentifier": "ledger", "SnapshotIdentifier": "copy", "Engine": "aurora-postgresql"}
    made = target.restore_db_cluster_from_snapshot(**restore)["DBCluster"]
    assert made["DeletionProtection"] is False
    refused("DBClusterAlreadyExistsFault", target.restore_db_cluster_from_snapshot, **restore)
    source.stop_db_cluster(DBClusterIdentifier="ledger")
    assert status(source, "ledger-a") == "stopped"
    refused("InvalidDBClusterStateFault", source.modify_db_cluster, DBClusterIdentifier="ledger", DeletionProtection=False)
    source.start_db_cluster(DBClusterIdentifier="ledger")
    refused("InvalidParameterCombination", source.delete_db_cluster, DBClusterIdentifier="ledger", SkipFinalSnapshot=True)
    source.modify_db_cluster(DBClusterIdentifier="ledger", DeletionProtection=False)
    refused("InvalidDBClusterStateFault", source.delete_db_cluster, DBClusterIdentifier="ledger", SkipFinalSnapshot=True)
    source.delete_db_instance(DBInstanceIdentifier="ledger-a", SkipFinalSnapshot=True)
    source.delete_db_cluster(DBClusterIdentifier="ledger", SkipFinalSnapshot=True)
    assert source.describe_db_clusters()["DBClusters"] == []


def by(name: str, value: str) -> dict[str, Any]:
    return {"Filters": [{"Name": name, "Values": [value]}]}


def test_dms_keeps_what_is_in_use_and_validates_what_it_copied(clean_emulator: Emulator) -> None:
    dms = boto3.client("dms", region_name=TARGET)
    refused("ResourceNotFoundFault", dms.describe_replication_tasks, **by("replication-task-id", "t"))
    dms.create_replication_subnet_group(
        ReplicationSubnetGroupIdentifier="g", ReplicationSubnetGroupDescription="g", SubnetIds=["subnet-1", "subnet-2"]
    )
    post(clean_emulator.url + PENDING_PATH, b"1")
    made = dms.create_replication_instance(
        ReplicationInstanceIdentifier="i", ReplicationInstanceClass="dms.t3.medium", ReplicationSubnetGroupIdentifier="g"
    )
    instance = made["ReplicationInstance"]["ReplicationInstanceArn"]
    refused(
        "InvalidParameterCombinationException", dms.create_endpoint, EndpointIdentifier="s", EndpointType="source", EngineName="postgres"
    )
    ends = {}
    for kind in ("source", "target"):
        asked = {"EndpointIdentifier": kind, "EndpointType": kind, "EngineName": "postgres", "PostgreSQLSettings": SECRET}
        ends[kind] = dms.create_endpoint(**asked)["Endpoint"]["EndpointArn"]
        refused("ResourceAlreadyExistsFault", dms.create_endpoint, **asked)
    task = {"ReplicationTaskIdentifier": "t", "ReplicationInstanceArn": instance, "MigrationType": "full-load-and-cdc"}
    task |= {"SourceEndpointArn": ends["source"], "TargetEndpointArn": ends["target"]}
    rules = [{"rule-type": "selection", "object-locator": {"schema-name": "public", "table-name": "%"}}]
    task |= {"TableMappings": json.dumps({"rules": rules})}
    task |= {"ReplicationTaskSettings": json.dumps({"ValidationSettings": {"EnableValidation": True}})}
    refused("InvalidResourceStateFault", dms.test_connection, ReplicationInstanceArn=instance, EndpointArn=ends["source"])
    for _ in range(2):
        dms.describe_replication_instances()
    refused("InvalidResourceStateFault", dms.create_replication_task, **task)  # nothing was tested
    for arn in ends.values():
        for _ in range(2):  # again is the same
            dms.test_connection(ReplicationInstanceArn=instance, EndpointArn=arn)
        seen = [dms.describe_connections(**by("endpoint-arn", arn))["Connections"][0]["Status"] for _ in range(2)]
        assert seen == ["testing", "successful"]
    made_task = dms.create_replication_task(**task)["ReplicationTask"]["ReplicationTaskArn"]

    def states() -> list[str]:
        return [dms.describe_replication_tasks()["ReplicationTasks"][0]["Status"] for _ in range(2)]

    assert states() == ["creating", "ready"]
    named = {"ReplicationTaskArn": made_task}
    dms.start_replication_task(StartReplicationTaskType="start-replication", **named)
    refused("InvalidResourceStateFault", dms.start_replication_task, StartReplicationTaskType="start-replication", **named)
    assert states() == ["starting", "running"]
    assert dms.describe_replication_tasks()["ReplicationTasks"][0]["ReplicationTaskStats"]["FullLoadProgressPercent"] == 100
    tables = dms.describe_table_statistics(**named)["TableStatistics"]
    assert [(one["TableName"], one["ValidationState"]) for one in tables] == [("customers", "Validated"), ("orders", "Validated")]
    refused("InvalidResourceStateFault", dms.delete_replication_task, **named)
    refused("InvalidResourceStateFault", dms.delete_endpoint, EndpointArn=ends["source"])
    refused("InvalidResourceStateFault", dms.delete_replication_instance, ReplicationInstanceArn=instance)
    dms.stop_replication_task(**named)
    assert states() == ["stopping", "stopped"]
    post(clean_emulator.url + PENDING_PATH, b"0")
    dms.delete_replication_task(**named)
    refused("InvalidResourceStateFault", dms.delete_replication_subnet_group, ReplicationSubnetGroupIdentifier="g")
    dms.delete_endpoint(EndpointArn=ends["source"])
    dms.delete_replication_instance(ReplicationInstanceArn=instance)
    dms.delete_replication_subnet_group(ReplicationSubnetGroupIdentifier="g")
    refused("ResourceNotFoundFault", dms.delete_replication_instance, ReplicationInstanceArn=instance)

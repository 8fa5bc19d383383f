"""One database with what databases have, on the emulator; all that can be left over in both places; and the steps that move it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cloudmigrate.aws.catalogue import ROWS
from cloudmigrate.aws.discover import discover_region
from cloudmigrate.aws.sessions import AwsSessions
from cloudmigrate.domain.estate import Account, Scope
from cloudmigrate.domain.itineraries.compile import compile_wave
from cloudmigrate.domain.resources import Resource
from cloudmigrate.domain.steps import Step
from cloudmigrate.domain.target_policy import TargetPolicy
from tests.execution.small_estate import ACCOUNT, OTHER, SOURCE, TARGET, groups_of, rules_of, sessions

TYPES = ("AWS::RDS::DBInstance", "AWS::RDS::DBCluster", "AWS::RDS::DBSubnetGroup", "AWS::EC2::SecurityGroup")
PASSWORD = "correct-horse-7"
POSTGRES = {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:{}-AbCdEf"


@dataclass
class SmallDatabases:
    """The estate as it was made."""

    sessions: AwsSessions
    target_account: str
    resources: list[Resource]
    policy: TargetPolicy
    groups: list[dict[str, Any]] = field(default_factory=list)
    zone_id: str = ""

    def steps(self, plan_id: str = "plan-1") -> list[Step]:
        """The wave's steps."""
        return compile_wave({"plan_id": plan_id, "groups": self.groups}, self.resources, self.policy, 1)

    def state(self) -> dict[str, Any]:
        """All that there is."""
        found: dict[str, Any] = {}
        for account_id, region in sorted({(ACCOUNT, SOURCE), (ACCOUNT, TARGET), (self.target_account, TARGET)}):
            groups = groups_of(self.sessions.client(account_id, "ec2", region))
            names = {group_id: one["GroupName"] for group_id, one in groups.items()}
            rules = {names[group_id]: rules_of(one, names) for group_id, one in groups.items()}
            databases = databases_of(self.sessions.client(account_id, "rds", region), names)
            found[f"{account_id}/{region}"] = {"groups": rules, **databases, **replication_of(self.sessions, account_id, region)}
        dns = self.sessions.client(ACCOUNT, "route53", SOURCE)
        records = dns.list_resource_record_sets(HostedZoneId=self.zone_id)["ResourceRecordSets"]
        found["dns"] = [(one["Name"], one["TTL"], _led_to(one)) for one in records if one["Type"] == "CNAME"]
        return found


def _led_to(record: Mapping[str, Any]) -> list[str]:
    """Database and region; the part between is made up for each cluster anew."""
    parts = [one["Value"].split(".") for one in record["ResourceRecords"]]
    return [f"{one[0]} {one[2]}" for one in parts]


def databases_of(rds: Any, names: Mapping[str, str]) -> dict[str, Any]:
    """Databases, clusters and snapshots that somebody made; RDS's own come and go with their database."""
    return {
        "databases": sorted(_database(one, names) for one in rds.describe_db_instances()["DBInstances"]),
        "clusters": sorted(_cluster(one, names) for one in rds.describe_db_clusters()["DBClusters"]),
        "snapshots": sorted(
            (one["DBInstanceIdentifier"], one["Status"], one["Encrypted"], one.get("KmsKeyId", ""))
            for one in rds.describe_db_snapshots()["DBSnapshots"]
            if one["SnapshotType"] == "manual"
        ),
        "cluster snapshots": sorted(
            (one["DBClusterIdentifier"], one["Status"], one["StorageEncrypted"])
            for one in rds.describe_db_cluster_snapshots()["DBClusterSnapshots"]
            if one["SnapshotType"] == "manual"
        ),
    }


def _database(one: Mapping[str, Any], names: Mapping[str, str]) -> tuple[Any, ...]:
    groups = tuple(sorted(names.get(held["VpcSecurityGroupId"], "?") for held in one["VpcSecurityGroups"]))
    return (
        one["DBInstanceIdentifier"],
        one["DBInstanceStatus"],
        one["DBInstanceClass"],
        f"{one['Engine']} {one['EngineVersion']} {one['AllocatedStorage']} GiB",
        one["StorageEncrypted"],
        groups,
        one["MultiAZ"],
        one["DeletionProtection"],
        one.get("ReadReplicaSourceDBInstanceIdentifier", "").rpartition(":")[2],
        tuple(one.get("ReadReplicaDBInstanceIdentifiers", ())),
        sorted((tag["Key"], tag["Value"]) for tag in one["TagList"] if not tag["Key"].startswith("cloudmigrate:")),
    )


def _cluster(one: Mapping[str, Any], names: Mapping[str, str]) -> tuple[Any, ...]:
    groups = tuple(sorted(names.get(held["VpcSecurityGroupId"], "?") for held in one["VpcSecurityGroups"]))
    return one["DBClusterIdentifier"], one["Status"], groups, one["DeletionProtection"], len(one["DBClusterMembers"])


def replication_of(clients: AwsSessions, account_id: str, region: str) -> dict[str, Any]:
    """What DMS has in the target; it has nothing anywhere else."""
    if region != TARGET:
        return {}
    dms = clients.client(account_id, "dms", region)
    return {
        "replication instances": [one["ReplicationInstanceStatus"] for one in dms.describe_replication_instances()["ReplicationInstances"]],
        "replication subnet groups": len(dms.describe_replication_subnet_groups()["ReplicationSubnetGroups"]),
        "endpoints": sorted((one["EndpointType"], one["EngineName"]) for one in dms.describe_endpoints()["Endpoints"]),
        "connections": sorted(one["Status"] for one in dms.describe_connections()["Connections"]),
        "tasks": [one["Status"] for one in dms.describe_replication_tasks()["ReplicationTasks"]],
    }


def make(target_account: str = ACCOUNT, *, way: str = "snapshot", is_encrypted: bool = True, clean_up: bool = False) -> SmallDatabases:
    """A PostgreSQL database behind a security group, with a name that leads to it; it goes in that way."""
    made = _places(target_account)
    made.rds.create_db_instance(
        DBInstanceIdentifier="orders",
        DBInstanceClass="db.t3.medium",
        Engine="postgres",
        EngineVersion="16.4",
        AllocatedStorage=100,
        StorageType="gp2",
        MasterUsername="admin1",
        MasterUserPassword=PASSWORD,
        DBName="orders",
        MultiAZ=True,
        BackupRetentionPeriod=7,
        DBSubnetGroupName="private",
        VpcSecurityGroupIds=[made.group_id],
        DeletionProtection=True,
        Tags=[{"Key": "App", "Value": "shop"}],
        **({"StorageEncrypted": True, "KmsKeyId": made.keys["source"]} if is_encrypted else {}),
    )
    uid = f"arn:aws:rds:{SOURCE}:{ACCOUNT}:db:orders"
    databases: dict[str, Any] = {"way": way, "subnet_groups": {"private": "inner"}, "instance_classes": {"db.t3.medium": "db.m6g.large"}}
    if way == "dms":
        made.rds_there.create_db_instance(
            DBInstanceIdentifier="orders-new",
            DBInstanceClass="db.m6g.large",
            Engine="postgres",
            EngineVersion="17.2",
            AllocatedStorage=100,
            MasterUsername="admin1",
            MasterUserPassword=PASSWORD,
            DBSubnetGroupName="inner",
        )
        secrets = {"source_secret": SECRET.format("source"), "target_secret": SECRET.format("target")}
        databases["overrides"] = [{"uid": uid, "endpoints": {"target": "orders-new", **secrets}}]
        databases["replication"] = {
            "subnets": made.target_subnets,
            "security_groups": [made.target_group_id],
            "secrets_role": f"arn:aws:iam::{ACCOUNT}:role/dms-secrets",
        }
    if target_account != ACCOUNT:
        databases["share_key"] = made.keys["share"]
    return made.estate(uid, [uid], f"orders.aaaaaaaaaa.{SOURCE}.rds.amazonaws.com", databases, clean_up=clean_up)


def make_cluster(target_account: str = ACCOUNT, *, clean_up: bool = False) -> SmallDatabases:
    """A cluster of Aurora of two instances."""
    made = _places(target_account)
    made.rds.create_db_cluster(
        DBClusterIdentifier="ledger",
        Engine="aurora-postgresql",
        EngineVersion="16.4",
        MasterUsername="admin1",
        MasterUserPassword=PASSWORD,
        DBSubnetGroupName="private",
        VpcSecurityGroupIds=[made.group_id],
        StorageEncrypted=True,
        KmsKeyId=made.keys["source"],
        DeletionProtection=True,
        Tags=[{"Key": "App", "Value": "shop"}],
    )
    uids = [f"arn:aws:rds:{SOURCE}:{ACCOUNT}:cluster:ledger"]
    for name in ("ledger-a", "ledger-b"):
        asked = {"DBClusterIdentifier": "ledger", "DBInstanceClass": "db.r6g.large", "Engine": "aurora-postgresql"}
        made.rds.create_db_instance(DBInstanceIdentifier=name, DBSubnetGroupName="private", VpcSecurityGroupIds=[made.group_id], **asked)
        uids.append(f"arn:aws:rds:{SOURCE}:{ACCOUNT}:db:{name}")
    (cluster,) = made.rds.describe_db_clusters()["DBClusters"]
    databases: dict[str, Any] = {"subnet_groups": {"private": "inner"}}
    if target_account != ACCOUNT:
        databases["share_key"] = made.keys["share"]
    return made.estate(uids[0], uids, cluster["Endpoint"], databases, clean_up=clean_up)


@dataclass
class _Places:
    """Both places before there is a database."""

    clients: AwsSessions
    target_account: str
    rds: Any
    rds_there: Any
    group_id: str
    target_group_id: str
    vpcs: Mapping[str, str]
    target_subnets: list[str]
    keys: Mapping[str, str]

    def estate(self, uid: str, members: list[str], address: str, databases: dict[str, Any], *, clean_up: bool) -> SmallDatabases:
        """The estate as discovery sees it."""
        zone_id = _zone(self.clients, address)
        said = {
            "region": TARGET,
            "account": self.target_account,
            "vpcs": self.vpcs,
            "kms_key": self.keys["target"],
            "databases": databases,
            "dns": [{"name": "db.shop.example.com", "zone_id": zone_id, "uid": uid, "zone_account": ACCOUNT, "to": "endpoint"}],
            "clean_up": clean_up,
        }
        account = Account(id=ACCOUNT, regions=(SOURCE, TARGET))
        found = discover_region(
            self.clients, account, SOURCE, ROWS, Scope(types=TYPES), regions_in_scope=frozenset({SOURCE}), max_workers=2
        )
        groups = [{"id": "shop", "members": members, "needs": [], "wave": 1}]
        return SmallDatabases(self.clients, self.target_account, list(found.resources), TargetPolicy.model_validate(said), groups, zone_id)


def _places(target_account: str) -> _Places:
    clients = sessions()
    ec2, there = clients.client(ACCOUNT, "ec2", SOURCE), clients.client(target_account, "ec2", TARGET)
    rds, rds_there = clients.client(ACCOUNT, "rds", SOURCE), clients.client(target_account, "rds", TARGET)
    subnets, target_subnets = (one.describe_subnets()["Subnets"][:2] for one in (ec2, there))
    for client, name, held in ((rds, "private", subnets), (rds_there, "inner", target_subnets)):
        ids = [one["SubnetId"] for one in held]
        client.create_db_subnet_group(DBSubnetGroupName=name, DBSubnetGroupDescription=name, SubnetIds=ids)
    vpc, target_vpc = subnets[0]["VpcId"], target_subnets[0]["VpcId"]
    group_id = ec2.create_security_group(GroupName="databases", Description="databases", VpcId=vpc)["GroupId"]
    ec2.authorize_security_group_ingress(GroupId=group_id, IpPermissions=[POSTGRES])
    target_group_id = there.create_security_group(GroupName="replication", Description="replication", VpcId=target_vpc)["GroupId"]
    keys = {
        name: clients.client(account_id, "kms", region).create_key()["KeyMetadata"]["Arn"]
        for name, account_id, region in (("source", ACCOUNT, SOURCE), ("share", ACCOUNT, TARGET), ("target", target_account, TARGET))
    }
    ids = [str(one["SubnetId"]) for one in target_subnets]
    return _Places(clients, target_account, rds, rds_there, group_id, target_group_id, {vpc: target_vpc}, ids, keys)


def _zone(clients: AwsSessions, address: str) -> str:
    dns = clients.client(ACCOUNT, "route53", SOURCE)
    reference = hashlib.sha256(address.encode()).hexdigest()
    zone_id = str(dns.create_hosted_zone(Name="example.com", CallerReference=reference)["HostedZone"]["Id"])
    record = {"Name": "db.shop.example.com", "Type": "CNAME", "TTL": 3600, "ResourceRecords": [{"Value": address}]}
    other = {**record, "Name": "aaa.example.com", "TTL": 17}
    changes = [{"Action": "CREATE", "ResourceRecordSet": one} for one in (record, other)]
    dns.change_resource_record_sets(HostedZoneId=zone_id, ChangeBatch={"Changes": changes})
    return zone_id.rpartition("/")[2]


__all__ = ["OTHER", "PASSWORD", "SmallDatabases", "make", "make_cluster"]

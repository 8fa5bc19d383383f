"""A server, a database or a volume that nobody needs, on the emulator; what its retirement leaves; and the steps that retire it."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cloudmigrate.aws.acting import AwsWorld
from cloudmigrate.aws.catalogue import ROWS
from cloudmigrate.aws.discover import discover_region
from cloudmigrate.aws.sessions import AwsSessions
from cloudmigrate.domain.acts.record import Act
from cloudmigrate.domain.acts.retiring import TOMBSTONE
from cloudmigrate.domain.estate import Account, Scope
from cloudmigrate.domain.itineraries.compile import compile_wave
from cloudmigrate.domain.itineraries.retire import DATABASE, FLOW_LOG, SERVER, VOLUME
from cloudmigrate.domain.resources import Resource
from cloudmigrate.domain.steps import Step
from cloudmigrate.domain.strategies import Strategy
from cloudmigrate.domain.target_policy import TargetPolicy
from tests.execution.small_estate import ACCOUNT, SOURCE, sessions

LOG_GROUP = "/vpc/flow"
DISKS = [
    {"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 20, "VolumeType": "gp3", "DeleteOnTermination": True}},
    {"DeviceName": "/dev/sdb", "Ebs": {"VolumeSize": 100, "VolumeType": "gp2", "DeleteOnTermination": False}},
]
NAMES = itertools.count()


def later(sessions: AwsSessions, acts: Mapping[str, Act]) -> AwsWorld:
    """The cloud as who comes back when every rest is over sees it."""
    return AwsWorld(sessions, acts=acts, pause_factor=0, now=lambda: datetime.now(UTC) + timedelta(days=90))


@dataclass
class SmallRetired:
    """The estate as it was made."""

    sessions: AwsSessions
    resources: list[Resource]
    uid: str
    policy: TargetPolicy = field(default_factory=TargetPolicy)

    def steps(self, plan_id: str = "plan-1") -> list[Step]:
        """The wave's steps: one move group with all that hangs on what is retired."""
        members = sorted(one.uid for one in self.resources if one.type in (SERVER, VOLUME, DATABASE))
        plan = {"plan_id": plan_id, "groups": [{"id": "old", "members": members, "needs": [], "wave": 1}]}
        return compile_wave(plan, self.resources, self.policy, 1, {self.uid: Strategy.RETIRE})

    def state(self) -> dict[str, Any]:
        """All that there is, with names in the place of ids, and whether it bears the tombstone."""
        ec2, rds = (self.sessions.client(ACCOUNT, service, SOURCE) for service in ("ec2", "rds"))
        servers = [one for r in ec2.describe_instances()["Reservations"] for one in r["Instances"]]
        databases, kept = rds.describe_db_instances()["DBInstances"], rds.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]
        return {
            "servers": sorted((one["State"]["Name"], _stands(one)) for one in servers if one["State"]["Name"] != "terminated"),
            "volumes": sorted((one["Size"], one["State"], _stands(one)) for one in ec2.describe_volumes()["Volumes"]),
            "images": sorted((len(one["BlockDeviceMappings"]), one["State"]) for one in ec2.describe_images(Owners=["self"])["Images"]),
            "snapshots": sorted(one["VolumeSize"] for one in ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]),
            "databases": sorted((one["DBInstanceStatus"], _stands(one)) for one in databases),
            "database snapshots": sorted((one["Status"], _stands(one)) for one in kept),
        }


def _stands(thing: Mapping[str, Any]) -> bool:
    return any(one["Key"] == TOMBSTONE for one in thing.get("Tags") or thing.get("TagList") or ())


def server() -> SmallRetired:
    """A server with two disks, in a network whose flow log goes to CloudWatch Logs."""
    clients = sessions()
    ec2, logs = (clients.client(ACCOUNT, service, SOURCE) for service in ("ec2", "logs"))
    subnet = ec2.describe_subnets()["Subnets"][0]
    logs.create_log_group(logGroupName=LOG_GROUP)
    logs.create_log_stream(logGroupName=LOG_GROUP, logStreamName="eni-0")
    role = f"arn:aws:iam::{ACCOUNT}:role/logs"
    asked = {"ResourceIds": [subnet["VpcId"]], "ResourceType": "VPC", "TrafficType": "ALL", "LogDestinationType": "cloud-watch-logs"}
    ec2.create_flow_logs(**asked, LogGroupName=LOG_GROUP, DeliverLogsPermissionArn=role)
    made = ec2.run_instances(
        ImageId="ami-0a1b2c3d4e5f60001",
        InstanceType="t3.micro",
        MinCount=1,
        MaxCount=1,
        SubnetId=subnet["SubnetId"],
        BlockDeviceMappings=DISKS,
        TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "old"}]}],
    )["Instances"][0]
    return _found(clients, f"arn:aws:ec2:{SOURCE}:{ACCOUNT}:instance/{made['InstanceId']}", SERVER, VOLUME, FLOW_LOG)


def volume() -> SmallRetired:
    """A volume that is attached to nothing."""
    clients = sessions()
    made = clients.client(ACCOUNT, "ec2", SOURCE).create_volume(AvailabilityZone=f"{SOURCE}a", Size=50, VolumeType="gp3")
    return _found(clients, f"arn:aws:ec2:{SOURCE}:{ACCOUNT}:volume/{made['VolumeId']}", VOLUME)


def database() -> SmallRetired:
    """A database of its own."""
    clients = sessions()
    made = clients.client(ACCOUNT, "rds", SOURCE).create_db_instance(
        DBInstanceIdentifier=f"orders-{next(NAMES)}",
        DBInstanceClass="db.t3.micro",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername="app",
        MasterUserPassword="hunter22hunter22",
    )["DBInstance"]
    return _found(clients, str(made["DBInstanceArn"]), DATABASE)


def _found(clients: AwsSessions, uid: str, *types: str) -> SmallRetired:
    account = Account(id=ACCOUNT, regions=(SOURCE,))
    found = discover_region(clients, account, SOURCE, ROWS, Scope(types=types), regions_in_scope=frozenset({SOURCE}), max_workers=2)
    return SmallRetired(clients, list(found.resources), uid)

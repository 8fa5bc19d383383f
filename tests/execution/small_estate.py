"""Two servers with what servers have, on the emulator; all that can be left over in both regions; and the steps that move them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cloudmigrate.aws.catalogue import ROWS
from cloudmigrate.aws.discover import discover_region
from cloudmigrate.aws.sessions import AwsSessions, CallPolicy
from cloudmigrate.domain.estate import Account, Scope
from cloudmigrate.domain.itineraries.compile import compile_wave
from cloudmigrate.domain.resources import Resource
from cloudmigrate.domain.steps import Step
from cloudmigrate.domain.target_policy import TargetPolicy

SOURCE, TARGET = "eu-central-1", "eu-west-1"
ACCOUNT, OTHER = "123456789012", "222222222222"
START_SCRIPT = "#!/bin/sh\nexport DB_PASSWORD=hunter2\n"
TYPES = ("AWS::EC2::Instance", "AWS::EC2::Volume", "AWS::EC2::SecurityGroup", "AWS::EC2::NetworkInterface")
WEB_DISKS = [
    {
        "DeviceName": "/dev/sda1",
        "Ebs": {"VolumeSize": 20, "VolumeType": "gp3", "Iops": 4000, "Throughput": 250, "DeleteOnTermination": True},
    },
    {"DeviceName": "/dev/sdb", "Ebs": {"VolumeSize": 100, "VolumeType": "gp2", "DeleteOnTermination": False}},
]
DB_DISKS = [{"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 50, "VolumeType": "io1", "Iops": 1000, "DeleteOnTermination": True}}]
HOSTILE = 'web"; $(reboot) `x` é'


def sessions() -> AwsSessions:
    """Clients of both accounts, which do not retry by themselves."""
    role = f"arn:aws:iam::{OTHER}:role/Migration"
    accounts = [Account(id=ACCOUNT, regions=(SOURCE, TARGET)), Account(id=OTHER, regions=(TARGET,), role_arn=role)]
    return AwsSessions(accounts, correlation_id="test", loopback_only=True, policy=CallPolicy(attempts=1))


@dataclass
class SmallEstate:
    """The estate as it was made."""

    sessions: AwsSessions
    target_account: str
    resources: list[Resource]
    policy: TargetPolicy
    uids: Mapping[str, str]
    groups: list[dict[str, Any]] = field(default_factory=list)
    zone_id: str = ""
    target_group: str = ""

    def steps(self, plan_id: str = "plan-1") -> list[Step]:
        """The wave's steps."""
        return compile_wave({"plan_id": plan_id, "groups": self.groups}, self.resources, self.policy, 1)

    def state(self) -> dict[str, Any]:
        """All that there is, with names in the place of ids."""
        found: dict[str, Any] = {}
        for account_id, region in sorted({(ACCOUNT, SOURCE), (self.target_account, TARGET)}):
            found[f"{account_id}/{region}"] = state_of_region(self.sessions.client(account_id, "ec2", region))
        dns = self.sessions.client(ACCOUNT, "route53", SOURCE)
        ips = {one["PrivateIpAddress"]: name for name, one in self._servers().items() if name.startswith(SOURCE)}
        records = dns.list_resource_record_sets(HostedZoneId=self.zone_id)["ResourceRecordSets"]
        found["dns"] = [_with_names(one, ips) for one in records if one["Type"] == "A"]
        health = self.sessions.client(self.target_account, "elbv2", TARGET).describe_target_health(TargetGroupArn=self.target_group)
        found["targets"] = [one["TargetHealth"]["State"] for one in health["TargetHealthDescriptions"]]
        return found

    def _servers(self) -> dict[str, Any]:
        found = {}
        for account_id, region in ((ACCOUNT, SOURCE), (self.target_account, TARGET)):
            for one in _instances(self.sessions.client(account_id, "ec2", region)):
                if one["State"]["Name"] != "terminated":
                    found[f"{region} {_name(one)}"] = one
        return found


def _with_names(record: Mapping[str, Any], ips: Mapping[str, str]) -> dict[str, Any]:
    values = [ips.get(one["Value"], one["Value"]) for one in record["ResourceRecords"]]
    return {**record, "ResourceRecords": values}


def _instances(ec2: Any) -> list[dict[str, Any]]:
    return [one for page in ec2.get_paginator("describe_instances").paginate() for r in page["Reservations"] for one in r["Instances"]]


def _name(thing: Mapping[str, Any]) -> str:
    return next((one["Value"] for one in thing.get("Tags", ()) if one["Key"] == "Name"), "")


def groups_of(ec2: Any) -> dict[str, Any]:
    """Security groups by id."""
    return {one["GroupId"]: one for one in ec2.describe_security_groups()["SecurityGroups"]}


def state_of_region(ec2: Any) -> dict[str, Any]:
    """All of EC2 that a migration could leave behind or take away."""
    groups = groups_of(ec2)
    names = {group_id: one["GroupName"] for group_id, one in groups.items()}
    volumes = ec2.describe_volumes()["Volumes"]
    images = ec2.describe_images(Owners=["self"])["Images"]
    shown = [one for one in _instances(ec2) if one["State"]["Name"] != "terminated"]
    return {
        "instances": sorted(_server(one, names) for one in shown),
        "volumes": sorted((one["Size"], one["VolumeType"], one.get("Iops", 0), one.get("Throughput", 0), one["State"]) for one in volumes),
        "images": sorted((len(one["BlockDeviceMappings"]), one["State"]) for one in images),
        "snapshots": sorted(one["VolumeSize"] for one in ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]),
        "groups": {names[group_id]: rules_of(one, names) for group_id, one in sorted(groups.items(), key=lambda pair: names[pair[0]])},
        "addresses": sorted(bool(one.get("InstanceId")) for one in ec2.describe_addresses()["Addresses"]),
        "interfaces": len(ec2.describe_network_interfaces()["NetworkInterfaces"]),
    }


def _server(one: Mapping[str, Any], names: Mapping[str, str]) -> tuple[Any, ...]:
    disks = tuple(sorted((disk["DeviceName"], disk["Ebs"]["DeleteOnTermination"]) for disk in one["BlockDeviceMappings"]))
    borne = tuple(sorted(names[group["GroupId"]] for group in one["SecurityGroups"]))
    listed = sorted(one["NetworkInterfaces"], key=lambda nic: int(nic["Attachment"]["DeviceIndex"]))
    further = tuple((nic["Description"], nic["SourceDestCheck"], [names[held["GroupId"]] for held in nic["Groups"]]) for nic in listed[1:])
    return _name(one), one["State"]["Name"], one["InstanceType"], borne, disks, one.get("KeyName", ""), *further


def rules_of(group: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    """A group's rules, with names in the place of ids."""
    found = []
    for direction in ("IpPermissions", "IpPermissionsEgress"):
        for rule in group[direction]:
            ends = [one["CidrIp"] for one in rule["IpRanges"]] + [names[one["GroupId"]] for one in rule["UserIdGroupPairs"]]
            ports = f"{rule['IpProtocol']} {rule.get('FromPort', '')}"
            found += [f"{'in' if direction == 'IpPermissions' else 'out'} {ports} {end}" for end in ends]
    return sorted(found)


def make(target_account: str = ACCOUNT, *, has_inner: bool = False, **more: Any) -> SmallEstate:
    """A web server in front of a database server, each a move group of its own, in an estate of one subnet. *more*: of the policy.

    *has_inner*: the web server has a second interface, of a subnet and a group of its own, which forwards traffic.
    """
    clients = sessions()
    ec2, there = clients.client(ACCOUNT, "ec2", SOURCE), clients.client(target_account, "ec2", TARGET)
    subnet, target_subnet = (one.describe_subnets()["Subnets"][0] for one in (ec2, there))
    web, db = (
        ec2.create_security_group(GroupName=name, Description=name, VpcId=subnet["VpcId"])["GroupId"] for name in ("web", "db servers")
    )
    https = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "all"}]}
    postgres = {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432}
    ec2.authorize_security_group_ingress(GroupId=web, IpPermissions=[https])
    ec2.authorize_security_group_ingress(GroupId=db, IpPermissions=[{**postgres, "UserIdGroupPairs": [{"GroupId": web}, {"GroupId": db}]}])
    ec2.revoke_security_group_egress(GroupId=db, IpPermissions=[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}])
    ec2.authorize_security_group_egress(GroupId=db, IpPermissions=[{**postgres, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}])
    for one in (ec2, there):
        one.create_key_pair(KeyName="ops")

    def launch(name: str, groups: list[str], disks: list[dict[str, Any]], **options: Any) -> dict[str, Any]:
        tags = [{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": name}]}]
        asked = {"ImageId": "ami-0a1b2c3d4e5f60001", "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1, "KeyName": "ops"}
        asked |= {"BlockDeviceMappings": disks, "TagSpecifications": tags}
        if "NetworkInterfaces" not in options:
            asked |= {"SubnetId": subnet["SubnetId"], "SecurityGroupIds": groups}
        (made,) = ec2.run_instances(**asked, **options)["Instances"]
        return dict(made)

    inner = _inner_subnets((ec2, subnet), (there, target_subnet)) if has_inner else {}
    seats = {"NetworkInterfaces": _interfaces(ec2, subnet, [web], next(iter(inner)))} if has_inner else {}
    servers = {"web": launch(HOSTILE, [web], WEB_DISKS, UserData=START_SCRIPT, **seats), "db": launch("db", [web, db], DB_DISKS)}
    for one in servers["web"]["NetworkInterfaces"]:
        if int(one["Attachment"]["DeviceIndex"]) == 1:
            ec2.modify_network_interface_attribute(NetworkInterfaceId=one["NetworkInterfaceId"], SourceDestCheck={"Value": False})
    uids = {name: f"arn:aws:ec2:{SOURCE}:{ACCOUNT}:instance/{one['InstanceId']}" for name, one in servers.items()}
    private_ip = target_subnet["CidrBlock"].rpartition(".")[0] + ".77"
    zone_id = _zone(clients, servers["web"]["PrivateIpAddress"])
    target_group = clients.client(target_account, "elbv2", TARGET).create_target_group(
        Name="web", Protocol="HTTP", Port=443, VpcId=target_subnet["VpcId"], TargetType="instance"
    )["TargetGroups"][0]["TargetGroupArn"]
    said: dict[str, Any] = {
        "region": TARGET,
        "account": target_account,
        "vpcs": {subnet["VpcId"]: target_subnet["VpcId"]},
        "subnets": {subnet["SubnetId"]: target_subnet["SubnetId"], **inner},
        "instance_types": {"t3.micro": "t3.small"},
        "volume_types": {"gp2": "gp3"},
        "dns": [{"name": "shop.example.com", "zone_id": zone_id, "uid": uids["web"], "zone_account": ACCOUNT}],
        "overrides": [{"uid": uids["web"], "elastic_ip": True, "private_ip": private_ip, "target_groups": [target_group]}],
    }
    account = Account(id=ACCOUNT, regions=(SOURCE, TARGET))
    found = discover_region(clients, account, SOURCE, ROWS, Scope(types=TYPES), regions_in_scope=frozenset({SOURCE}), max_workers=2)
    members = {"db": [uids["db"]], "web": [uids["web"]]}
    groups = [{"id": f"{name}-group", "members": uid, "needs": [], "wave": 1} for name, uid in members.items()]
    groups[1]["needs"] = ["db-group"]
    policy = TargetPolicy.model_validate(said | more)
    return SmallEstate(clients, target_account, list(found.resources), policy, uids, groups, zone_id, target_group)


def _inner_subnets(*places: tuple[Any, Mapping[str, Any]]) -> dict[str, str]:
    """source: target of a second subnet in the zone of each of the two."""
    made = []
    for ec2, subnet in places:
        asked = {"VpcId": subnet["VpcId"], "CidrBlock": "172.31.200.0/24", "AvailabilityZone": subnet["AvailabilityZone"]}
        made.append(str(ec2.create_subnet(**asked)["Subnet"]["SubnetId"]))
    return {made[0]: made[1]}


def _interfaces(ec2: Any, subnet: Mapping[str, Any], groups: list[str], inner: str) -> list[dict[str, Any]]:
    group_id = ec2.create_security_group(GroupName="inner", Description="inner", VpcId=subnet["VpcId"])["GroupId"]
    first = {"DeviceIndex": 0, "SubnetId": subnet["SubnetId"], "Groups": groups, "DeleteOnTermination": True}
    return [
        first,
        {"DeviceIndex": 1, "SubnetId": inner, "Groups": [group_id], "Description": "towards the inside", "DeleteOnTermination": True},
    ]


def _zone(clients: AwsSessions, address: str) -> str:
    dns = clients.client(ACCOUNT, "route53", SOURCE)
    zone_id = str(
        dns.create_hosted_zone(Name="example.com", CallerReference=hashlib.sha256(address.encode()).hexdigest())["HostedZone"]["Id"]
    )
    record = {"Name": "shop.example.com", "Type": "A", "TTL": 3600, "ResourceRecords": [{"Value": address}]}
    other = {**record, "Name": "aaa.example.com", "TTL": 17}
    changes = [{"Action": "CREATE", "ResourceRecordSet": one} for one in (record, other)]
    dns.change_resource_record_sets(HostedZoneId=zone_id, ChangeBatch={"Changes": changes})
    return zone_id.rpartition("/")[2]

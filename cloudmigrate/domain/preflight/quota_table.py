"""The quotas that waves use up, as a table: what each call of a step adds, and how what is in use now is counted.

Sources: Service Quotas console (codes), EC2 User Guide "On-Demand Instance quotas" (families), Amazon VPC User Guide "Amazon VPC quotas"
(how rules are counted), Amazon EBS User Guide "Quotas for Amazon EBS". A new itinerary adds rows to `ADDED_BY`.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cloudmigrate.domain.acts.launches import launched_interfaces
from cloudmigrate.domain.acts.record import Call
from cloudmigrate.domain.explaining import Explained
from cloudmigrate.domain.preflight.questions import WaveFacts
from cloudmigrate.domain.resources import Resource

GIB_PER_TIB = 1024


@dataclass(frozen=True, slots=True)
class Quota:
    """One quota of one region."""

    service: str  # Service Quotas' name
    code: str  # empty: it stands in the service's documentation only, and *documented* is its value
    title: str
    unit: str
    operation: str = ""  # EC2's, RDS's ...: the list call that tells what is in use; empty: each thing has its own, and begins at nothing
    reads: str = ""  # JMESPath, a list with how much each thing takes; what is no number takes one
    used_of: str = "ec2"  # whose list call it is
    params: Mapping[str, Any] | None = field(default=None, hash=False)
    documented: float | None = None
    bends: bool = False


@dataclass(frozen=True, slots=True)
class Need:
    """How much of a quota one call takes; None where it cannot be told."""

    quota: Quota
    amount: float | None
    of_each: str = ""  # the thing that has the quota for itself, such as one security group


VCPU_READS = (
    "Reservations[].Instances[?(State.Name=='running' || State.Name=='pending') && !InstanceLifecycle "
    "&& (!Placement || Placement.Tenancy!='host')][].[InstanceType, CpuOptions.CoreCount, CpuOptions.ThreadsPerCore]"
)
# (families, code, title): the first that fits. Running On-Demand instances, counted in vCPUs.
FAMILIES: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (re.compile(r"^(g|vt)\d"), "L-DB2E81BA", "running On-Demand G and VT instances"),
    (re.compile(r"^p\d"), "L-417A185B", "running On-Demand P instances"),
    (re.compile(r"^f\d"), "L-74FC7D96", "running On-Demand F instances"),
    (re.compile(r"^x\d"), "L-7295265B", "running On-Demand X instances"),
    (re.compile(r"^inf\d"), "L-1945791B", "running On-Demand Inf instances"),
    (re.compile(r"^trn\d"), "L-2C3B7624", "running On-Demand Trn instances"),
    (re.compile(r"^dl\d"), "L-6E869C2A", "running On-Demand DL instances"),
    (re.compile(r"^u\d?[a-z]*-"), "L-43DA4232", "running On-Demand High Memory instances"),
    (re.compile(r"^hpc\d"), "L-F7808C92", "running On-Demand HPC instances"),
    (re.compile(r"^(a|c|d|h|i|m|r|t|z|im|is)\d"), "L-1216C47A", "running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances"),
)
VOLUMES: Mapping[str, tuple[str, str]] = {
    "standard": ("L-9CF3C2EB", "Magnetic (standard)"),
    "gp2": ("L-D18FCD1D", "General Purpose SSD (gp2)"),
    "gp3": ("L-7A658B76", "General Purpose SSD (gp3)"),
    "io1": ("L-FD252861", "Provisioned IOPS SSD (io1)"),
    "io2": ("L-09BD8365", "Provisioned IOPS SSD (io2)"),
    "st1": ("L-82ACEF56", "Throughput Optimized HDD (st1)"),
    "sc1": ("L-17AF77E8", "Cold HDD (sc1)"),
}
ADDRESSES = Quota("ec2", "L-0263D0A3", "EC2-VPC elastic IPs", "addresses", "DescribeAddresses", "Addresses[].PublicIp")
GROUPS = Quota("vpc", "L-E79EC296", "VPC security groups per region", "groups", "DescribeSecurityGroups", "SecurityGroups[].GroupId")
INTERFACES = Quota(
    "vpc",
    "L-DF5E4CA3",
    "network interfaces per region",
    "interfaces",
    "DescribeNetworkInterfaces",
    "NetworkInterfaces[].NetworkInterfaceId",
)
RULES = Quota("vpc", "L-0EA8095F", "inbound or outbound rules per security group", "rules")
GROUPS_EACH = Quota("vpc", "L-2AFB9258", "security groups per network interface", "groups")
SNAPSHOTS = Quota(
    "ebs",
    "L-309BACF6",
    "snapshots per region",
    "snapshots",
    "DescribeSnapshots",
    "Snapshots[].SnapshotId",
    params={"OwnerIds": ["self"]},
)
COPIES = Quota(
    "ebs",
    "",
    "concurrent snapshot copies to a region",
    "copies",
    "DescribeSnapshots",
    "Snapshots[].SnapshotId",
    params={"OwnerIds": ["self"], "Filters": [{"Name": "status", "Values": ["pending"]}]},
    documented=20,
    bends=True,  # AWS Support raises it, and no API tells
)
DATABASES = Quota("rds", "L-7B6409FD", "DB instances", "instances", "DescribeDBInstances", "DBInstances[].DBInstanceArn", used_of="rds")
CLUSTERS = Quota("rds", "L-952B80B8", "DB clusters", "clusters", "DescribeDBClusters", "DBClusters[].DBClusterArn", used_of="rds")


def vcpu_quota(instance_type: str) -> Quota | None:
    """The quota that an instance of that type counts to; None for a family that has none of its own here."""
    for pattern, code, title in FAMILIES:
        if pattern.match(instance_type):
            return Quota("ec2", code, title, "vCPUs", "DescribeInstances", VCPU_READS)
    return None


def volume_quota(volume_type: str) -> Quota | None:
    """The quota of storage that volumes of that type share, in TiB."""
    if volume_type not in VOLUMES:
        return None
    code, title = VOLUMES[volume_type]
    params = {"Filters": [{"Name": "volume-type", "Values": [volume_type]}]}
    return Quota("ebs", code, f"storage of {title} volumes", "TiB", "DescribeVolumes", "Volumes[].Size", params=params)


def _launched(wave: WaveFacts, one: Explained, call: Call) -> Iterator[Need]:
    """What an instance takes but for its vCPUs, which its type's description tells."""
    made = launched_interfaces(call.params)
    yield Need(INTERFACES, len(made))
    yield Need(GROUPS_EACH, max(len(each.group_ids) for each in made), one.step.uid)
    asked = {str(disk["DeviceName"]): disk.get("Ebs") or {} for disk in call.params.get("BlockDeviceMappings") or ()}
    for device, volume in volumes_of(wave, wave.source_of(one)).items():
        kind = str(asked.get(device, {}).get("VolumeType") or volume.spec.get("VolumeType") or "")
        quota, size = volume_quota(kind), volume.spec.get("Size")
        if quota is not None:
            yield Need(quota, float(size) / GIB_PER_TIB if isinstance(size, int | float) else None)


def _snapshots(wave: WaveFacts, one: Explained, _call: Call) -> Iterator[Need]:
    yield Need(SNAPSHOTS, len(volumes_of(wave, wave.source_of(one))) or None)


def _copied(wave: WaveFacts, one: Explained, call: Call) -> Iterator[Need]:
    yield from _snapshots(wave, one, call)
    yield Need(COPIES, len(volumes_of(wave, wave.source_of(one))) or None)


def _rules(_wave: WaveFacts, _one: Explained, call: Call) -> Iterator[Need]:
    direction = "outbound" if call.operation.endswith("Egress") else "inbound"
    yield Need(RULES, rules_in(call.params.get("IpPermissions") or ()), f"{direction} rules of {call.params.get('GroupId')}")


def rules_in(permissions: Any) -> int:
    """How many rules they are to the quota: of each family of addresses apart; a group or a list counts to both."""
    ipv4 = ipv6 = 0
    for one in permissions:
        shared = len(one.get("UserIdGroupPairs") or ()) + len(one.get("PrefixListIds") or ())
        ipv4 += len(one.get("IpRanges") or ()) + shared
        ipv6 += len(one.get("Ipv6Ranges") or ()) + shared
    return max(ipv4, ipv6)


def _one_of(quota: Quota) -> "Added":
    return lambda _wave, _one, _call: iter((Need(quota, 1),))


Added = Callable[[WaveFacts, Explained, Call], Iterator[Need]]
# (service, operation) of a write call -> what it adds to which quotas, in the account and region of the call.
ADDED_BY: Mapping[tuple[str, str], Added] = {
    ("ec2", "RunInstances"): _launched,
    ("ec2", "AllocateAddress"): _one_of(ADDRESSES),
    ("ec2", "CreateSecurityGroup"): _one_of(GROUPS),
    ("ec2", "AuthorizeSecurityGroupIngress"): _rules,
    ("ec2", "AuthorizeSecurityGroupEgress"): _rules,
    ("ec2", "CreateImage"): _snapshots,
    ("ec2", "CopyImage"): _copied,
    ("rds", "CreateDBInstance"): _one_of(DATABASES),
    ("rds", "CreateDBInstanceReadReplica"): _one_of(DATABASES),
    ("rds", "RestoreDBInstanceFromDBSnapshot"): _one_of(DATABASES),
    ("rds", "CreateDBCluster"): _one_of(CLUSTERS),
    ("rds", "RestoreDBClusterFromSnapshot"): _one_of(CLUSTERS),
}


def volumes_of(wave: WaveFacts, server: Resource | None) -> dict[str, Resource]:
    """device -> volume of a server, as far as the plan's snapshot has them."""
    if server is None:
        return {}
    by_id = {str(one.spec.get("VolumeId")): one for one in wave.resources.values() if one.type == "AWS::EC2::Volume"}
    mapped = [one for one in server.spec.get("BlockDeviceMappings") or () if "Ebs" in one]
    return {str(one["DeviceName"]): by_id[one["Ebs"]["VolumeId"]] for one in mapped if one["Ebs"].get("VolumeId") in by_id}

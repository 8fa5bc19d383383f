"""A managed database in the place of a server that runs one: what is known of it, and what its owner says when the code is applied.

Source: AWS CloudFormation template reference, AWS::RDS::DBInstance and DBSubnetGroup.
"""

from collections.abc import Iterator, Mapping

from cloudmigrate.domain.iac.kinds.networks import SUBNET
from cloudmigrate.domain.iac.model import TargetResource
from cloudmigrate.domain.iac.source import NotGenerated, Source, defaulted, transformed
from cloudmigrate.domain.iac.values import Leaf, Node, Ref
from cloudmigrate.domain.resources import Resource

LEAST_GIB = 20  # of storage of type gp3; Source: RDS user guide, "DB instance storage"
BACKUP_DAYS = 7
# Members of the server that a managed database has no use for.
OF_THE_SERVER = (
    "ImageId",
    "RootDeviceName",
    "RootDeviceType",
    "KeyName",
    "IamInstanceProfile",
    "UserData",
    "MetadataOptions",
    "EbsOptimized",
    "Monitoring",
    "HibernationOptions",
    "EnclaveOptions",
    "CpuOptions",
    "PrivateDnsNameOptions",
    "Placement",
    "NetworkInterfaces",
    "PrivateIpAddress",
    "SourceDestCheck",
    "BlockDeviceMappings",
    "SubnetId",
    "VpcId",
)


def managed_database(source: Source, size: Leaf, volumes: Mapping[str, Resource]) -> Iterator[TargetResource]:
    """The database and the group of its subnets. Data are replicated or restored into it by its owner. Raises NotGenerated."""
    server = str(source.spec["InstanceId"])
    source.read |= set(OF_THE_SERVER)
    subnets = _subnets(source)
    if len(subnets) < 2:
        raise NotGenerated("its strategy is replatform: a managed database needs subnets of two zones, and its network has fewer")
    why = "a managed database takes the place of the server"
    group = source.target(
        "AWS::RDS::DBSubnetGroup",
        {
            "DBSubnetGroupDescription": defaulted("subnets of a managed database", "AWS asks for a description"),
            "SubnetIds": source.all_referred("SubnetId", subnets, where="targets.subnets"),
            "Tags": source.tags(),
        },
        part="subnets",
        name=f"{source.resource.name} subnets",
    )
    groups = [str(one["GroupId"]) for one in source.value("SecurityGroups") or ()]
    properties: dict[str, Node | None] = {
        "Engine": source.unknown("engine", f"engine that {server} runs, as RDS calls it, such as postgres, mysql or sqlserver-se"),
        "EngineVersion": source.unknown("engine version", f"version of the engine that {server} runs, or the next that RDS offers"),
        "DBInstanceClass": Leaf(
            f"db.{size.value}", transformed("InstanceType", f"{why}: its class is that of the size; {size.origin.says}")
        ),
        "AllocatedStorage": _storage(source, volumes),
        "StorageType": defaulted("gp3", "the usual type"),
        "StorageEncrypted": defaulted(value=True, why="encryption is on"),
        "KmsKeyId": Leaf(source.policy.kms_key, transformed("", "targets.kms_key")) if source.policy.kms_key else None,
        "MasterUsername": source.unknown("administrator", f"name of the administrator of the database that takes the place of {server}"),
        "ManageMasterUserPassword": defaulted(value=True, why="Secrets Manager makes and keeps the password"),
        "DBSubnetGroupName": Leaf(Ref(group.key), transformed("SubnetId", "subnets of its network, one of each zone")),
        "VPCSecurityGroups": source.all_referred("SecurityGroups", groups, attribute="GroupId", where="targets.security_groups"),
        "PubliclyAccessible": defaulted(value=False, why="no public address"),
        "MultiAZ": defaulted(value=False, why="the source is one server"),
        "BackupRetentionPeriod": defaulted(BACKUP_DAYS, "backups are on"),
        "DeletionProtection": defaulted(value=True, why="it holds data"),
        "Tags": source.tags(),
    }
    yield source.target("AWS::RDS::DBInstance", properties, stateful=True)
    yield group


def _storage(source: Source, volumes: Mapping[str, Resource]) -> Leaf:
    """As much as the server's data disks have; all of its disks where it has one only."""
    root = source.spec.get("RootDeviceName")
    sizes = {
        str(one.get("DeviceName")): int(found.spec.get("Size") or 0)
        for one in source.spec.get("BlockDeviceMappings") or ()
        if (found := volumes.get(str((one.get("Ebs") or {}).get("VolumeId")))) is not None
    }
    data = sum(size for device, size in sizes.items() if device != root) or sum(sizes.values())
    if not data:
        return source.unknown("storage", "GiB of storage of the database; the size of the server's disks is not told", kind="Number")
    return Leaf(str(max(data, LEAST_GIB)), transformed("BlockDeviceMappings", "GiB of the server's data disks together"))


def _subnets(source: Source) -> list[str]:
    """A subnet of each zone of the server's network: its own first, then those that give no public address."""
    own = source.spec.get("SubnetId")
    inside = [one.spec for one in source.relatives(source.resource, SUBNET) if one.spec.get("VpcId") == source.spec.get("VpcId")]
    chosen: dict[str, str] = {}
    for spec in sorted(
        inside, key=lambda one: (one.get("SubnetId") != own, bool(one.get("MapPublicIpOnLaunch")), str(one.get("SubnetId")))
    ):
        chosen.setdefault(str(spec.get("AvailabilityZone")), str(spec.get("SubnetId")))
    return [chosen[zone] for zone in sorted(chosen)]

"""Which row of a price list is which rate: a table of rules. A rule names every column that tells its rows from others.

A rate's key is a text such as ``ec2:m5.large:linux``. Placeholders in braces are filled from the row, in lower case with hyphens for
blanks. What AWS lists at $0.00 for capacity that is reserved, and what it sells in blocks, is no on-demand price (`rates.sql`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

ONE = Decimal(1)
PER_1024 = Decimal("0.0009765625")  # AWS states throughput per GiB/s in some lists: 1,024 MiB/s

# How AWS bills a platform, and what DescribeInstances calls it (Amazon EC2 User Guide, "AMI billing information fields").
PLATFORMS: tuple[tuple[str, str, str], ...] = (
    ("RunInstances", "Linux/UNIX", "linux"),
    ("RunInstances:00g0", "Red Hat BYOL Linux", "rhel-byol"),
    ("RunInstances:0010", "Red Hat Enterprise Linux", "rhel"),
    ("RunInstances:1010", "Red Hat Enterprise Linux with HA", "rhel-ha"),
    ("RunInstances:1014", "Red Hat Enterprise Linux with SQL Server Standard and HA", "rhel-ha-sql-std"),
    ("RunInstances:0014", "Red Hat Enterprise Linux with SQL Server Standard", "rhel-sql-std"),
    ("RunInstances:000g", "SUSE Linux", "suse"),
    ("RunInstances:0g00", "Ubuntu Pro", "ubuntu-pro"),
    ("RunInstances:0002", "Windows", "windows"),
    ("RunInstances:0800", "Windows BYOL", "windows-byol"),
    ("RunInstances:0102", "Windows with SQL Server Enterprise", "windows-sql-ent"),
    ("RunInstances:0006", "Windows with SQL Server Standard", "windows-sql-std"),
    ("RunInstances:0202", "Windows with SQL Server Web", "windows-sql-web"),
    ("RunInstances:0100", "SQL Server Enterprise", "linux-sql-ent"),
    ("RunInstances:0004", "SQL Server Standard", "linux-sql-std"),
    ("RunInstances:0200", "SQL Server Web", "linux-sql-web"),
)
# What the operation of a database's price stands for (Amazon RDS User Guide, "Billing"; the lists' own columns), in the API's words.
DATABASE_OPERATIONS: tuple[tuple[str, str], ...] = (
    ("CreateDBInstance:0002", "mysql"),
    ("CreateDBInstance:0005", "oracle-ee:byol"),
    ("CreateDBInstance:0010", "sqlserver-ex"),
    ("CreateDBInstance:0011", "sqlserver-web"),
    ("CreateDBInstance:0012", "sqlserver-se"),
    ("CreateDBInstance:0014", "postgres"),
    ("CreateDBInstance:0015", "sqlserver-ee"),
    ("CreateDBInstance:0016", "aurora-mysql"),
    ("CreateDBInstance:0018", "mariadb"),
    ("CreateDBInstance:0019", "oracle-se2:byol"),
    ("CreateDBInstance:0020", "oracle-se2"),
    ("CreateDBInstance:0021", "aurora-postgresql"),
)
# A cluster with two readable standbys is one product: its hour is of all three servers, its gigabyte of all three copies.
DEPLOYMENTS = (("Single-AZ", "single-az"), ("Multi-AZ", "multi-az"), ("Multi-AZ (readable standbys)", "multi-az-cluster"))


@dataclass(frozen=True, slots=True)
class RateRule:
    """Rows of a price list that are one sort of rate; a column that is None does not matter."""

    key: str
    service: str
    product_family: str
    usage_type: str | None = None  # a pattern of the whole usage type, without its region's prefix
    operation: str | None = None
    tenancy: str | None = None
    license_model: str | None = None
    deployment_option: str | None = None
    database_engine: str | None = None
    unit: str | None = None  # a pattern
    factor: Decimal = ONE  # by which the price is multiplied, so that it is for the key's unit


def _machines() -> Iterator[RateRule]:
    for family in ("Compute Instance", "Compute Instance (bare metal)"):
        for operation, _, name in PLATFORMS:
            for tenancy, suffix in (("Shared", ""), ("Dedicated", ":dedicated")):
                licence = "Bring your own license" if name == "windows-byol" else "No License required"
                key = f"ec2:{{instance_type}}:{name}{suffix}"
                yield RateRule(key, "AmazonEC2", family, operation=operation, tenancy=tenancy, license_model=licence)


def _disks() -> Iterator[RateRule]:
    yield RateRule("ebs:{volume_type}:storage", "AmazonEC2", "Storage", r"EBS:VolumeUsage(\.\w+)?")
    for suffix, name in (("gp3", "gp3:iops"), ("piops", "io1:iops"), ("io2", "io2:iops")):
        for family in ("System Operation", "Provisioned IOPS"):
            yield RateRule(f"ebs:{name}", "AmazonEC2", family, rf"EBS:VolumeP-IOPS\.{suffix}")
    for tier in ("tier2", "tier3"):
        yield RateRule(f"ebs:io2:iops:{tier}", "AmazonEC2", "System Operation", rf"EBS:VolumeP-IOPS\.io2\.{tier}")
    throughput = r"EBS:VolumeP-Throughput\.gp3"
    yield RateRule("ebs:gp3:throughput", "AmazonEC2", "Provisioned Throughput", throughput, unit="(?i)gibps-mo", factor=PER_1024)
    yield RateRule("ebs:gp3:throughput", "AmazonEC2", "Provisioned Throughput", throughput, unit="(?i)mibps-mo")
    yield RateRule("ebs:standard:io", "AmazonEC2", "System Operation", "EBS:VolumeIOUsage")
    yield RateRule("snapshot:storage", "AmazonEC2", "Storage Snapshot", "EBS:SnapshotUsage")
    yield RateRule("snapshot:archive", "AmazonEC2", "Storage Snapshot", "EBS:SnapshotArchiveStorage")


def _databases() -> Iterator[RateRule]:
    for operation, engine in DATABASE_OPERATIONS:
        for stated, name in DEPLOYMENTS:
            for suffix, optimized in (("", ""), (":io-optimized", "IOOptimized")):
                key = f"rds:{{instance_type}}:{engine}:{name}{suffix}"
                usage = rf"(InstanceUsage|Multi-AZUsage|Multi-AZClusterUsage){optimized}:db\..*"
                yield RateRule(key, "AmazonRDS", "Database Instance", usage, operation, deployment_option=stated)
        if engine.startswith("aurora"):
            yield RateRule(f"aurora:{engine}:storage", "AmazonRDS", "Database Storage", "Aurora:StorageUsage", operation)
            yield RateRule(f"aurora:{engine}:io", "AmazonRDS", "System Operation", "Aurora:StorageIOUsage", operation)
    for prefix, name in (("", "single-az"), ("Multi-AZ-", "multi-az"), ("Multi-AZCluster-", "multi-az-cluster")):
        any_engine = None if name == "multi-az-cluster" else "Any"
        for usage, kind in (("GP2-Storage", "gp2"), ("PIOPS-Storage", "io1"), ("StorageUsage", "standard")):
            yield RateRule(
                f"rds-storage:{kind}:{name}", "AmazonRDS", "Database Storage", f"RDS:{prefix}{usage}", database_engine=any_engine
            )
        # The lists state these engine by engine, at one price.
        for usage, kind in (("GP3-Storage", "gp3"), ("PIOPS-Storage-IO2", "io2")):
            yield RateRule(f"rds-storage:{kind}:{name}", "AmazonRDS", "Database Storage", f"RDS:{prefix}{usage}")
        for usage, kind in (("PIOPS", "io1"), ("GP3-PIOPS", "gp3"), ("PIOPS-IO2", "io2")):
            yield RateRule(f"rds-iops:{kind}:{name}", "AmazonRDS", "Provisioned IOPS", f"RDS:{prefix}{usage}")
        yield RateRule(f"rds-throughput:gp3:{name}", "AmazonRDS", "Provisioned Throughput", f"RDS:{prefix}GP3-Throughput")


# A class of S3, the usage types of its gigabytes, and what its requests' and retrieval's are called, where they have a price of their own.
OBJECT_CLASSES: tuple[tuple[str, str, str | None], ...] = (
    ("standard", "TimedStorage-ByteHrs", None),
    ("standard-ia", "TimedStorage-SIA-ByteHrs", "SIA"),
    ("onezone-ia", "TimedStorage-ZIA-ByteHrs", "ZIA"),
    ("reduced-redundancy", "TimedStorage-RRS-ByteHrs", None),
    ("intelligent", "TimedStorage-INT-FA-ByteHrs", "INT"),
    ("intelligent-ia", "TimedStorage-INT-IA-ByteHrs", None),
    ("intelligent-aia", "TimedStorage-INT-AIA-ByteHrs", None),
    ("intelligent-aa", "TimedStorage-INT-AA-ByteHrs", None),
    ("intelligent-daa", "TimedStorage-INT-DAA-ByteHrs", None),
    ("glacier-ir", "TimedStorage-GIR-ByteHrs", "GIR"),
    ("glacier", "TimedStorage-GlacierByteHrs", None),
    ("glacier-staging", "TimedStorage-GlacierStaging", None),
    ("deep-archive", "TimedStorage-GDA-ByteHrs", None),
    ("deep-archive-staging", "TimedStorage-GDA-Staging", None),
)


def _objects() -> Iterator[RateRule]:
    for name, usage, code in OBJECT_CLASSES:
        # Deep Archive has a price list of its own.
        service = "AmazonS3GlacierDeepArchive" if name.startswith("deep-archive") else "AmazonS3"
        yield RateRule(f"s3:{name}:storage", service, "Storage", usage)
        if code:
            yield RateRule(f"s3:{name}:tier1", "AmazonS3", "API Request", f"Requests-{code}-Tier1")
            yield RateRule(f"s3:{name}:tier2", "AmazonS3", "API Request", f"Requests-{code}-Tier2")
            yield RateRule(f"s3:{name}:retrieval", "AmazonS3", "Data Transfer", f"Retrieval-{code}")
    yield RateRule("s3:intelligent:objects", "AmazonS3", "Fee", "Monitoring-Automation-INT")
    yield RateRule("s3:requests:tier1", "AmazonS3", "API Request", "Requests-Tier1")
    yield RateRule("s3:requests:tier2", "AmazonS3", "API Request", "Requests-Tier2")


_OTHERS: tuple[RateRule, ...] = (
    RateRule("cache:{instance_type}:{cache_engine}", "AmazonElastiCache", "Cache Instance", "NodeUsage:.*"),
    RateRule("lambda:gb-second:x86", "AWSLambda", "Serverless", "Lambda-GB-Second"),
    RateRule("lambda:gb-second:arm", "AWSLambda", "Serverless", "Lambda-GB-Second-ARM"),
    RateRule("lambda:requests:x86", "AWSLambda", "Serverless", "Request"),
    RateRule("lambda:requests:arm", "AWSLambda", "Serverless", "Request-ARM"),
    RateRule("fargate:vcpu:x86", "AmazonECS", "Compute", "Fargate-vCPU-Hours:perCPU"),
    RateRule("fargate:gb:x86", "AmazonECS", "Compute", "Fargate-GB-Hours"),
    RateRule("fargate:vcpu:arm", "AmazonECS", "Compute", "Fargate-ARM-vCPU-Hours:perCPU"),
    RateRule("fargate:gb:arm", "AmazonECS", "Compute", "Fargate-ARM-GB-Hours"),
    RateRule("fargate:vcpu:windows", "AmazonECS", "Compute", "Fargate-Windows-vCPU-Hours:perCPU"),
    RateRule("fargate:gb:windows", "AmazonECS", "Compute", "Fargate-Windows-GB-Hours"),
    RateRule("fargate:os:windows", "AmazonECS", "Compute", "Fargate-Windows-OS-Hours:perCPU"),
    RateRule("fargate:ephemeral", "AmazonECS", "Compute", "Fargate-EphemeralStorage-GB-Hours"),
    RateRule("eks:cluster", "AmazonEKS", "Compute", "AmazonEKS-Hours:perCluster"),
    RateRule("alb:hour", "AWSELB", "Load Balancer-Application", "LoadBalancerUsage"),
    RateRule("alb:lcu", "AWSELB", "Load Balancer-Application", "LCUUsage"),
    RateRule("nlb:hour", "AWSELB", "Load Balancer-Network", "LoadBalancerUsage"),
    RateRule("nlb:lcu", "AWSELB", "Load Balancer-Network", "LCUUsage"),
    RateRule("gwlb:hour", "AWSELB", "Load Balancer-Gateway", "LoadBalancerUsage"),
    RateRule("gwlb:lcu", "AWSELB", "Load Balancer-Gateway", "LCUUsage"),
    RateRule("clb:hour", "AWSELB", "Load Balancer", "LoadBalancerUsage"),
    RateRule("clb:gb", "AWSELB", "Load Balancer", "DataProcessing-Bytes"),
    RateRule("nat:hour", "AmazonEC2", "NAT Gateway", "NatGateway-Hours"),
    RateRule("nat:gb", "AmazonEC2", "NAT Gateway", "NatGateway-Bytes"),
    RateRule("endpoint:hour", "AmazonVPC", "VpcEndpoint", "VpcEndpoint-Hours"),
    RateRule("endpoint:gb", "AmazonVPC", "VpcEndpoint", "VpcEndpoint-Bytes"),
    RateRule("address:hour", "AmazonVPC", "VpcPublicIPv4Address", "PublicIPv4:InUseAddress"),
    RateRule("address-idle:hour", "AmazonVPC", "VpcPublicIPv4Address", "PublicIPv4:IdleAddress"),
    RateRule("tgw:hour", "AmazonVPC", "Transit Gateway", "TransitGateway-Hours"),
    RateRule("apigw:rest", "AmazonApiGateway", "API Calls", "ApiGatewayRequest"),
    RateRule("apigw:http", "AmazonApiGateway", "API Calls", "ApiGatewayHttpRequest"),
    RateRule("dynamodb:rru", "AmazonDynamoDB", "Amazon DynamoDB PayPerRequest Throughput", "ReadRequestUnits"),
    RateRule("dynamodb:wru", "AmazonDynamoDB", "Amazon DynamoDB PayPerRequest Throughput", "WriteRequestUnits"),
    RateRule("dynamodb:rcu", "AmazonDynamoDB", "Provisioned IOPS", "ReadCapacityUnit-Hrs"),
    RateRule("dynamodb:wcu", "AmazonDynamoDB", "Provisioned IOPS", "WriteCapacityUnit-Hrs"),
    RateRule("dynamodb:storage", "AmazonDynamoDB", "Database Storage", "TimedStorage-ByteHrs"),
    RateRule("efs:standard", "AmazonEFS", "Storage", "TimedStorage-ByteHrs"),
    RateRule("efs:ia", "AmazonEFS", "Storage", "IATimedStorage-ByteHrs"),
    RateRule("efs:archive", "AmazonEFS", "Storage", "ArchiveTimedStorage-ByteHrs"),
    RateRule("efs:onezone", "AmazonEFS", "Storage", "TimedStorage-Z-ByteHrs"),
    RateRule("efs:onezone-ia", "AmazonEFS", "Storage", "IATimedStorage-Z-ByteHrs"),
    RateRule("efs:read", "AmazonEFS", "Storage", "ETDataAccess-Bytes", operation="Read"),
    RateRule("efs:write", "AmazonEFS", "Storage", "ETDataAccess-Bytes", operation="Write"),
    RateRule("efs:throughput", "AmazonEFS", "Provisioned Throughput", "ProvisionedTP-MiBpsHrs"),
    RateRule("kms:key", "awskms", "Encryption Key", "[a-z0-9-]+-KMS-Keys"),
    RateRule("secret:month", "AWSSecretsManager", "Secret", "AWSSecretsManager-Secrets"),
    RateRule("route53:zone", "AmazonRoute53", "DNS Zone", "HostedZone"),
    RateRule("ecr:storage", "AmazonECR", "EC2 Container Registry", "TimedStorage-ByteHrs"),
    RateRule("sqs:standard", "AWSQueueService", "API Request", "Requests-(Tier1|RBP)"),
    RateRule("sqs:fifo", "AWSQueueService", "API Request", "Requests-FIFO-(Tier1|RBP)"),
    RateRule("sns:requests", "AmazonSNS", "API Request", "Requests-Tier1"),
    RateRule("sns:http", "AmazonSNS", "Message Delivery", "DeliveryAttempts-HTTP"),
    RateRule("sns:email", "AmazonSNS", "Message Delivery", "DeliveryAttempts-SMTP"),
    RateRule("sns:firehose", "AmazonSNS", "Message Delivery", "DeliveryAttempts-FIREHOSE"),
    RateRule("transfer:internet", "AWSDataTransfer", "Data Transfer", "DataTransfer-Out-Bytes"),
    RateRule("transfer:inter-az", "AWSDataTransfer", "Data Transfer", "DataTransfer-Regional-Bytes"),
    RateRule("transfer:inter-region:{to_region}", "AWSDataTransfer", "Data Transfer", "[A-Z0-9]+-AWS-Out-Bytes"),
)
RATE_RULES: tuple[RateRule, ...] = (*_machines(), *_disks(), *_databases(), *_objects(), *_OTHERS)

"""Which metrics CloudWatch keeps of each type, and between which values they move: one row a type and namespace."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

MIB = 1024.0**2
GIB = 1024.0**3
QUIET = 0.02  # an idle server's own work makes no traffic: half a MB a day in each direction remains


@dataclass(frozen=True, slots=True)
class Measure:
    """One metric: its value (of one minute) at no use and at full use."""

    name: str
    unit: str
    low: float
    high: float
    cap: float | None = None  # a maximum never passes it
    falls: bool = False  # from high to low with use (free space)
    daily: bool = False
    burstable: bool = False  # instances of the t families only
    quiet: float = 0.0  # use of the machine itself, 0..1, of which nothing is seen here
    extra: tuple[tuple[str, str], ...] = ()  # further dimensions


@dataclass(frozen=True, slots=True)
class Gauge:
    """The metrics of one namespace; dimensions are read from the id (``id``, ``id after TEXT``) or a parameter (``=Name``)."""

    namespace: str
    dimensions: tuple[tuple[str, str], ...]
    measures: tuple[Measure, ...]
    agent: bool = False  # only where an agent runs

    def dimensions_of(self, resource_id: str, params: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
        """Dimension names and values of one resource."""
        return tuple((name, _read(where, resource_id, params)) for name, where in self.dimensions)


def _read(where: str, resource_id: str, params: Mapping[str, Any]) -> str:
    if where.startswith("="):
        return str(params[where[1:]])
    _, _, marker = where.partition(" after ")
    return resource_id.split(marker, 1)[1] if marker else resource_id


def percent(name: str, low: float = 1, high: float = 97, *, falls: bool = False) -> Measure:
    """A share of a capacity, 0..100."""
    return Measure(name, "Percent", low, high, cap=100, falls=falls)


RDS = (
    percent("CPUUtilization", 2, 95),
    Measure("DatabaseConnections", "Count", 2, 400),
    Measure("ReadIOPS", "Count/Second", 1, 3000),
    Measure("WriteIOPS", "Count/Second", 1, 2000),
    Measure("ReadThroughput", "Bytes/Second", 0, 90 * MIB),
    Measure("WriteThroughput", "Bytes/Second", 0, 60 * MIB),
    Measure("FreeStorageSpace", "Bytes", 80 * GIB, 240 * GIB, falls=True),
    Measure("FreeableMemory", "Bytes", 2 * GIB, 24 * GIB, falls=True),
)

GAUGES: Mapping[str, tuple[Gauge, ...]] = MappingProxyType(
    {
        "AWS::EC2::Instance": (
            Gauge(
                "AWS/EC2",
                (("InstanceId", "id"),),
                (
                    percent("CPUUtilization"),
                    Measure("NetworkIn", "Bytes", 400, 400 * MIB, quiet=QUIET),
                    Measure("NetworkOut", "Bytes", 400, 600 * MIB, quiet=QUIET),
                    Measure("EBSReadBytes", "Bytes", 0, 300 * MIB),
                    Measure("EBSWriteBytes", "Bytes", 4096, 200 * MIB),
                    Measure("EBSReadOps", "Count", 0, 20_000),
                    Measure("EBSWriteOps", "Count", 4, 15_000),
                    Measure("CPUCreditBalance", "Count", 20, 576, falls=True, burstable=True),
                ),
            ),
            Gauge(
                "CWAgent", (("InstanceId", "id"),), (percent("mem_used_percent", 18, 88), percent("disk_used_percent", 40, 78)), agent=True
            ),
        ),
        "AWS::EC2::Volume": (
            Gauge(
                "AWS/EBS",
                (("VolumeId", "id"),),
                (
                    Measure("VolumeReadBytes", "Bytes", 0, 250 * MIB),
                    Measure("VolumeWriteBytes", "Bytes", 0, 150 * MIB),
                    Measure("VolumeReadOps", "Count", 0, 12_000),
                    Measure("VolumeWriteOps", "Count", 0, 9_000),
                    Measure("VolumeIdleTime", "Seconds", 2, 60, cap=60, falls=True),
                ),
            ),
        ),
        "AWS::EC2::NatGateway": (
            Gauge(
                "AWS/NATGateway",
                (("NatGatewayId", "id"),),
                (
                    Measure("BytesOutToDestination", "Bytes", 0, 80 * MIB),
                    Measure("BytesInFromDestination", "Bytes", 0, 200 * MIB),
                    Measure("ActiveConnectionCount", "Count", 0, 900),
                ),
            ),
        ),
        "AWS::EC2::TransitGateway": (
            Gauge(
                "AWS/TransitGateway",
                (("TransitGateway", "id"),),
                (Measure("BytesIn", "Bytes", 0, 50 * MIB), Measure("BytesOut", "Bytes", 0, 50 * MIB)),
            ),
        ),
        "AWS::RDS::DBInstance": (Gauge("AWS/RDS", (("DBInstanceIdentifier", "id"),), RDS),),
        "AWS::RDS::DBCluster": (
            Gauge("AWS/RDS", (("DBClusterIdentifier", "id"),), (Measure("VolumeBytesUsed", "Bytes", 300 * GIB, 900 * GIB),)),
        ),
        "AWS::DynamoDB::Table": (
            Gauge(
                "AWS/DynamoDB",
                (("TableName", "id"),),
                (
                    Measure("ConsumedReadCapacityUnits", "Count", 0, 6000),
                    Measure("ConsumedWriteCapacityUnits", "Count", 0, 2500),
                    Measure("ReadThrottleEvents", "Count", 0, 0),
                    Measure("WriteThrottleEvents", "Count", 0, 3),
                ),
            ),
        ),
        "AWS::ElastiCache::CacheCluster": (
            Gauge(
                "AWS/ElastiCache",
                (("CacheClusterId", "id"),),
                (
                    percent("CPUUtilization", 1, 80),
                    Measure("CurrConnections", "Count", 3, 800),
                    Measure("FreeableMemory", "Bytes", GIB / 2, 3 * GIB, falls=True),
                    Measure("Evictions", "Count", 0, 20),
                    Measure("NetworkBytesIn", "Bytes", 1000, 90 * MIB),
                    Measure("NetworkBytesOut", "Bytes", 1000, 300 * MIB),
                ),
            ),
        ),
        "AWS::EFS::FileSystem": (
            Gauge(
                "AWS/EFS",
                (("FileSystemId", "id"),),
                (
                    Measure("DataReadIOBytes", "Bytes", 0, 400 * MIB),
                    Measure("DataWriteIOBytes", "Bytes", 0, 300 * MIB),
                    Measure("ClientConnections", "Count", 0, 5),
                    percent("PercentIOLimit", 0, 70),
                ),
            ),
        ),
        "AWS::S3::Bucket": (
            Gauge(
                "AWS/S3",
                (("BucketName", "=Bucket"),),
                (
                    Measure("BucketSizeBytes", "Bytes", 10 * GIB, 4000 * GIB, daily=True, extra=(("StorageType", "StandardStorage"),)),
                    Measure("NumberOfObjects", "Count", 1000, 2_000_000, daily=True, extra=(("StorageType", "AllStorageTypes"),)),
                ),
            ),
        ),
        "AWS::ElasticLoadBalancingV2::LoadBalancer/application": (
            Gauge(
                "AWS/ApplicationELB",
                (("LoadBalancer", "id after loadbalancer/"),),
                (
                    Measure("RequestCount", "Count", 0, 18_000),
                    Measure("TargetResponseTime", "Seconds", 0.02, 0.4),
                    Measure("ActiveConnectionCount", "Count", 1, 900),
                    Measure("HTTPCode_Target_5XX_Count", "Count", 0, 8),
                    Measure("ProcessedBytes", "Bytes", 0, 500 * MIB),
                ),
            ),
        ),
        "AWS::ElasticLoadBalancingV2::LoadBalancer/network": (
            Gauge(
                "AWS/NetworkELB",
                (("LoadBalancer", "id after loadbalancer/"),),
                (
                    Measure("ActiveFlowCount", "Count", 0, 300),
                    Measure("NewFlowCount", "Count", 0, 900),
                    Measure("ProcessedBytes", "Bytes", 0, 80 * MIB),
                ),
            ),
        ),
        "AWS::ElasticLoadBalancing::LoadBalancer": (
            Gauge(
                "AWS/ELB",
                (("LoadBalancerName", "id"),),
                (
                    Measure("RequestCount", "Count", 0, 1_200),
                    Measure("Latency", "Seconds", 0.03, 0.5),
                    Measure("EstimatedProcessedBytes", "Bytes", 0, 20 * MIB),
                ),
            ),
        ),
        "AWS::Lambda::Function": (
            Gauge(
                "AWS/Lambda",
                (("FunctionName", "id"),),
                (
                    Measure("Invocations", "Count", 0, 1_500),
                    Measure("Errors", "Count", 0, 4),
                    Measure("Throttles", "Count", 0, 0),
                    Measure("Duration", "Milliseconds", 35, 900, cap=30_000),
                    Measure("ConcurrentExecutions", "Count", 0, 40),
                ),
            ),
        ),
        "AWS::ApiGateway::RestApi": (
            Gauge(
                "AWS/ApiGateway",
                (("ApiName", "=name"),),
                (
                    Measure("Count", "Count", 0, 1_500),
                    Measure("Latency", "Milliseconds", 40, 950),
                    Measure("4XXError", "Count", 0, 20),
                    Measure("5XXError", "Count", 0, 3),
                ),
            ),
        ),
        "AWS::ApiGatewayV2::Api": (
            Gauge(
                "AWS/ApiGateway",
                (("ApiId", "id"),),
                (Measure("Count", "Count", 0, 400), Measure("Latency", "Milliseconds", 20, 300)),
            ),
        ),
        "AWS::SQS::Queue": (
            Gauge(
                "AWS/SQS",
                (("QueueName", "=QueueName"),),
                (
                    Measure("NumberOfMessagesSent", "Count", 0, 1_500),
                    Measure("ApproximateNumberOfMessagesVisible", "Count", 0, 300),
                    Measure("ApproximateAgeOfOldestMessage", "Seconds", 0, 90),
                ),
            ),
        ),
        "AWS::SNS::Topic": (
            Gauge(
                "AWS/SNS",
                (("TopicName", "=Name"),),
                (Measure("NumberOfMessagesPublished", "Count", 0, 1_500), Measure("NumberOfNotificationsFailed", "Count", 0, 0)),
            ),
        ),
        "AWS::ECS::Service": (
            Gauge(
                "AWS/ECS",
                (("ClusterName", "=cluster"), ("ServiceName", "=serviceName")),
                (percent("CPUUtilization", 2, 85), percent("MemoryUtilization", 30, 75)),
            ),
        ),
    }
)

"""Which metrics tell how hard a type works: one row per type that has a load pattern or a size. CloudWatch's own metric names."""

from dataclasses import dataclass
from enum import StrEnum


class SubjectKind(StrEnum):
    """What a resource is to its users, which decides how idleness is proved."""

    SERVER = "server"  # by its network
    DATABASE = "database"  # by its connections
    CACHE = "cache"  # by its network
    REQUESTS = "requests"  # what it is asked for is its load, so nothing else proves anything


@dataclass(frozen=True, slots=True)
class LoadMetrics:
    """A type's metrics by what they measure; empty where the type has none. ``load`` is a share of the capacity, 0..100.

    Of REQUESTS it is a count a period, several of them summed, and a period without a data point had none.
    ``network``, ``iops`` and ``throughput`` are summed over their members. ``per_second`` says that the latter two are rates already;
    elsewhere they are sums over the period.
    """

    type: str
    kind: SubjectKind
    load: tuple[str, ...]
    size_path: str = ""  # into the spec: the instance type or class
    memory_used_pct: tuple[str, ...] = ()  # the first one that has data counts
    memory_free_bytes: str | None = None
    network: tuple[str, ...] = ()
    connections: str | None = None
    iops: tuple[str, ...] = ()
    throughput: tuple[str, ...] = ()
    per_second: bool = False
    prefix: str = ""  # of the size's name, before the instance type that it is taken to equal

    @property
    def load_columns(self) -> tuple[str, ...]:
        """The columns of a wide series that hold the load."""
        stat = "Sum" if self.kind is SubjectKind.REQUESTS else "Average"
        return tuple(f"{one}|{stat}" for one in self.load)


LOAD_METRICS: tuple[LoadMetrics, ...] = (
    LoadMetrics(
        type="AWS::EC2::Instance",
        kind=SubjectKind.SERVER,
        load=("CPUUtilization",),
        size_path="InstanceType",
        memory_used_pct=("mem_used_percent", "Memory % Committed Bytes In Use"),
        network=("NetworkIn", "NetworkOut"),
        iops=("EBSReadOps", "EBSWriteOps"),
        throughput=("EBSReadBytes", "EBSWriteBytes"),
    ),
    LoadMetrics(type="AWS::ECS::Service", kind=SubjectKind.SERVER, load=("CPUUtilization",)),
    LoadMetrics(
        type="AWS::RDS::DBInstance",
        kind=SubjectKind.DATABASE,
        load=("CPUUtilization",),
        size_path="DBInstanceClass",
        memory_free_bytes="FreeableMemory",
        connections="DatabaseConnections",
        iops=("ReadIOPS", "WriteIOPS"),
        throughput=("ReadThroughput", "WriteThroughput"),
        per_second=True,
        prefix="db.",
    ),
    LoadMetrics(
        type="AWS::ElastiCache::CacheCluster",
        kind=SubjectKind.CACHE,
        load=("CPUUtilization",),
        size_path="CacheNodeType",
        memory_free_bytes="FreeableMemory",
        network=("NetworkBytesIn", "NetworkBytesOut"),
        connections="CurrConnections",
        prefix="cache.",
    ),
    LoadMetrics(type="AWS::Lambda::Function", kind=SubjectKind.REQUESTS, load=("Invocations",)),
    LoadMetrics(type="AWS::DynamoDB::Table", kind=SubjectKind.REQUESTS, load=("ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits")),
)
LOADS_BY_TYPE = {one.type: one for one in LOAD_METRICS}

"""The factors of migration risk as one table: where each number comes from, and how many points it is worth.

Points are judgement, not measurement: they order resources by how much can go wrong and how hard that is to undo. They add up to at
most 100, so that every point can be argued about on its own. Each factor is monotone: more of what it counts never lowers it.
"""

from dataclasses import dataclass
from enum import StrEnum

GIB = 2**30
DAY_S = 86_400


class Source(StrEnum):
    """What a factor is told from; a source that was not measured counts at the factor's maximum."""

    FLOW_LOGS = "flow_logs"
    METRICS = "metrics"
    RULES = "rules"
    INVENTORY = "inventory"
    TAGS = "tags"


@dataclass(frozen=True, slots=True)
class Factor:
    """One row: *steps* are (from this number on, points), rising; below the first step the factor is worth nothing."""

    name: str
    source: Source
    unit: str
    number: str  # what the number is, in words
    steps: tuple[tuple[float, float], ...]
    applies_to: frozenset[str] | None = None  # types; None: all
    not_to: frozenset[str] = frozenset()  # types that it says nothing of

    @property
    def max_points(self) -> float:
        """What an unmeasured factor counts for."""
        return self.steps[-1][1]

    def concerns(self, type_: str) -> bool:
        """Whether the factor says anything of resources of that type."""
        return type_ not in self.not_to and (self.applies_to is None or type_ in self.applies_to)


# Pieces and settings of other resources: what talks, and is exposed, is the instance or service that they belong to.
PIECES = frozenset(
    {
        "AWS::ApiGateway::VpcLink",
        "AWS::ApiGatewayV2::VpcLink",
        "AWS::ECS::Cluster",
        "AWS::ElasticLoadBalancingV2::TargetGroup",
        "AWS::EC2::Volume",
        "AWS::EC2::Snapshot",
        "AWS::EC2::Image",
        "AWS::EC2::NetworkInterface",
        "AWS::EC2::EIP",
        "AWS::AutoScaling::AutoScalingGroup",
        "AWS::ECS::TaskDefinition",
        "AWS::EKS::Nodegroup",
        "AWS::Lambda::EventSourceMapping",
        "AWS::Lambda::LayerVersion",
        "AWS::Route53::RecordSet",
        "AWS::EFS::AccessPoint",
    }
)
# Reached by AWS's own names, not by an address of the estate: flow logs never show which one was asked, and it asks nobody but what
# its configuration states.
SERVICES = frozenset(
    {
        "AWS::ApiGateway::RestApi",
        "AWS::ApiGatewayV2::Api",
        "AWS::DynamoDB::Table",
        "AWS::S3::Bucket",
        "AWS::SNS::Topic",
        "AWS::SQS::Queue",
    }
)
# Types that hold no data of their own to carry over: an instance's lies on its volumes, a replication group's in its clusters, a queue
# is drained. By type and not by what was read of one, so that a size that was read never counts more than one that was not.
WITHOUT_DATA = (PIECES | SERVICES - {"AWS::DynamoDB::Table", "AWS::S3::Bucket"}) - {
    "AWS::EC2::Volume",
    "AWS::EC2::Snapshot",
    "AWS::EC2::Image",
} | {
    "AWS::EC2::Instance",
    "AWS::ECS::Service",
    "AWS::EKS::Cluster",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::ElasticLoadBalancing::LoadBalancer",
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::Lambda::Function",
}
# AWS gives these no tags; how critical they are is said by what they belong to.
UNTAGGED = frozenset({"AWS::Lambda::EventSourceMapping", "AWS::Lambda::LayerVersion", "AWS::Route53::RecordSet"})
# Wholes that are reached, and exposed, through their parts.
REACHED_BY_PARTS = frozenset({"AWS::RDS::DBCluster", "AWS::ElastiCache::ReplicationGroup"})
WITH_CPU = frozenset({"AWS::EC2::Instance", "AWS::RDS::DBInstance", "AWS::ElastiCache::CacheCluster", "AWS::ECS::Service"})
WITH_OPERATIONS = frozenset({"AWS::EC2::Volume", "AWS::RDS::DBInstance", "AWS::RDS::DBCluster"})
WITH_VERSION = frozenset(
    {
        "AWS::RDS::DBInstance",
        "AWS::RDS::DBCluster",
        "AWS::ElastiCache::CacheCluster",
        "AWS::Lambda::Function",
        "AWS::EKS::Cluster",
    }
)

FACTORS: tuple[Factor, ...] = (
    Factor(
        "inbound_dependencies",
        Source.FLOW_LOGS,
        "dependencies",
        "what needs it, each weighted by its confidence",
        ((1, 3), (3, 6), (10, 10), (30, 15)),
        not_to=PIECES,
    ),
    Factor(
        "outbound_dependencies",
        Source.FLOW_LOGS,
        "dependencies",
        "what it needs, each weighted by its confidence",
        ((1, 2), (3, 4), (10, 7), (30, 10)),
        not_to=PIECES,
    ),
    Factor(
        "missing_evidence",
        Source.FLOW_LOGS,
        "probability",
        "that a monthly dependency was not seen in the window of flow logs",
        ((0.05, 1), (0.25, 2), (0.5, 4), (0.9, 5)),
        not_to=PIECES,
    ),
    Factor(
        "data_volume",
        Source.INVENTORY,
        "bytes",
        "data to carry over",
        ((GIB, 1), (100 * GIB, 4), (1024 * GIB, 8), (10 * 1024 * GIB, 12)),
        not_to=WITHOUT_DATA,
    ),
    Factor("statefulness", Source.INVENTORY, "yes or no", "1 where it holds data that must not diverge during the move", ((1, 8),)),
    Factor(
        "downtime_tolerance",
        Source.TAGS,
        "class",
        "criticality by its tags: 0 low, 1 medium, 2 high, 3 critical",
        ((1, 3), (2, 6), (3, 10)),
        not_to=UNTAGGED,
    ),
    Factor(
        "target_complexity", Source.INVENTORY, "class", "how much the target differs, by type: 1 to 5", ((2, 3), (3, 5), (4, 8), (5, 10))
    ),
    Factor(
        "exposure",
        Source.RULES,
        "class",
        "0 neither, 1 a rule open to the world, 2 a public address, 3 both",
        ((1, 3), (2, 5), (3, 10)),
        not_to=PIECES | REACHED_BY_PARTS,
    ),
    Factor("peak_load", Source.METRICS, "percent", "99th percentile of CPU use", ((50, 1), (70, 3), (90, 5)), applies_to=WITH_CPU),
    Factor(
        "change_rate",
        Source.METRICS,
        "operations per second",
        "99th percentile of writes: how fast a copy goes stale",
        ((100, 1), (1000, 2), (5000, 3)),
        applies_to=WITH_OPERATIONS,
    ),
    Factor("age", Source.INVENTORY, "days", "since it was created", ((365, 1), (3 * 365, 2), (5 * 365, 4))),
    Factor(
        "end_of_life",
        Source.INVENTORY,
        "days",
        "since the end of standard support of its engine or runtime; negative: until then",
        ((-365, 3), (0, 8)),
        applies_to=WITH_VERSION,
    ),
)
BY_NAME = {factor.name: factor for factor in FACTORS}

# How much has to be rebuilt, converted or kept in step, as class and in words.
CLASSES = {
    1: "follows what it belongs to",
    2: "made anew from its definition, or copied once",
    3: "made anew and joined to what surrounds it, or copied while it is written to",
    4: "replicated, with its data kept in step until the cutover",
    5: "rebuilt with all that runs in it",
}
COMPLEXITY: dict[str, int] = {
    "AWS::ApiGateway::RestApi": 3,
    "AWS::ApiGateway::VpcLink": 2,
    "AWS::ApiGatewayV2::Api": 3,
    "AWS::ApiGatewayV2::VpcLink": 2,
    "AWS::AutoScaling::AutoScalingGroup": 2,
    "AWS::DynamoDB::Table": 4,
    "AWS::EC2::EIP": 2,
    "AWS::EC2::Instance": 2,
    "AWS::EC2::NetworkInterface": 1,
    "AWS::EC2::Snapshot": 1,
    "AWS::EC2::Volume": 2,
    "AWS::ECS::Cluster": 2,
    "AWS::ECS::Service": 3,
    "AWS::ECS::TaskDefinition": 1,
    "AWS::EFS::AccessPoint": 1,
    "AWS::EFS::FileSystem": 4,
    "AWS::EKS::Cluster": 5,
    "AWS::EKS::Nodegroup": 3,
    "AWS::ElastiCache::CacheCluster": 3,
    "AWS::ElastiCache::ReplicationGroup": 4,
    "AWS::ElasticLoadBalancing::LoadBalancer": 3,
    "AWS::ElasticLoadBalancingV2::LoadBalancer": 2,
    "AWS::ElasticLoadBalancingV2::TargetGroup": 1,
    "AWS::Lambda::EventSourceMapping": 2,
    "AWS::Lambda::Function": 2,
    "AWS::Lambda::LayerVersion": 1,
    "AWS::RDS::DBCluster": 5,
    "AWS::RDS::DBInstance": 4,
    "AWS::Route53::HostedZone": 3,
    "AWS::Route53::RecordSet": 1,
    "AWS::S3::Bucket": 3,
    "AWS::SNS::Topic": 2,
    "AWS::SQS::Queue": 2,
    "AWS::SecretsManager::Secret": 2,
}

# Words in a tag of criticality, in lower case: what people write, and the class that it is worth.
CRITICALITY_TAGS = ("criticality", "business-criticality", "businesscriticality", "tier", "importance", "sla")
CRITICALITY_WORDS: dict[str, int] = {
    "critical": 3,
    "mission-critical": 3,
    "tier-0": 3,
    "tier0": 3,
    "platinum": 3,
    "high": 2,
    "tier-1": 2,
    "tier1": 2,
    "gold": 2,
    "medium": 1,
    "moderate": 1,
    "normal": 1,
    "tier-2": 1,
    "tier2": 1,
    "silver": 1,
    "low": 0,
    "none": 0,
    "tier-3": 0,
    "tier3": 0,
    "bronze": 0,
}

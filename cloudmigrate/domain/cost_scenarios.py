"""What costs are told for: scenarios, terms of payment, and what changes when a resource is put on another platform. Tables."""

from dataclasses import dataclass
from enum import StrEnum


class Scenario(StrEnum):
    """What becomes of a resource."""

    AS_IS = "as_is"
    REHOST = "rehost"
    REHOST_RIGHTSIZED = "rehost_rightsized"
    REPLATFORM = "replatform"
    RETIRE = "retire"
    RECOMMENDED = "recommended"  # each resource by its strategy; no rows of its own in `costs`, see lake/sql/term_costs.sql


ON_DEMAND, SPOT = "on_demand", "spot"


@dataclass(frozen=True, slots=True)
class Term:
    """One way to pay: its name, and how price lists state it."""

    term: str
    price_term: str
    lease_years: int | None = None
    purchase_option: str | None = None
    offering_class: str | None = None  # of reservations always standard: convertible ones are not told


def _terms() -> tuple[Term, ...]:
    found = [Term(ON_DEMAND, "on_demand")]
    for years in (1, 3):
        for option in ("no_upfront", "partial_upfront", "all_upfront"):
            found.append(Term(f"reserved_{years}y_{option}", "reserved", years, option, "standard"))
    for years in (1, 3):
        for offering, name in (("compute", "compute_savings_plan"), ("ec2_instance", "instance_savings_plan")):
            found.append(Term(f"{name}_{years}y", "savings_plan", years, "no_upfront", offering))
    return (*found, Term(SPOT, "spot"))


TERMS: tuple[Term, ...] = _terms()


@dataclass(frozen=True, slots=True)
class ScenarioRule:
    """How a scenario's lines come from the resources: which variant of a line, where, and of which size."""

    scenario: Scenario
    variant: str  # of lines that have two: now, replatform
    moves: bool  # to the target region, where the estate names one
    sizes: str  # current, rightsized, graviton


SCENARIO_RULES: tuple[ScenarioRule, ...] = (
    ScenarioRule(Scenario.AS_IS, "now", moves=False, sizes="current"),
    ScenarioRule(Scenario.REHOST, "now", moves=True, sizes="current"),
    ScenarioRule(Scenario.REHOST_RIGHTSIZED, "now", moves=True, sizes="rightsized"),
    ScenarioRule(Scenario.REPLATFORM, "replatform", moves=True, sizes="graviton"),
)

# The family of arm64 that holds per size what the x86 family holds (instance type pages of EC2, RDS, ElastiCache). Only sizes that have
# a price are taken; a family that is not here has no such sibling.
GRAVITON_SIBLINGS: tuple[tuple[str, str], ...] = (
    ("t2", "t4g"),
    ("t3", "t4g"),
    ("t3a", "t4g"),
    ("m4", "m6g"),
    ("m5", "m6g"),
    ("m5a", "m6g"),
    ("m5d", "m6gd"),
    ("m6i", "m6g"),
    ("m6a", "m6g"),
    ("m7i", "m7g"),
    ("m7a", "m7g"),
    ("c4", "c6g"),
    ("c5", "c6g"),
    ("c5a", "c6g"),
    ("c5d", "c6gd"),
    ("c5n", "c6gn"),
    ("c6i", "c6g"),
    ("c6a", "c6g"),
    ("c7i", "c7g"),
    ("c7a", "c7g"),
    ("r4", "r6g"),
    ("r5", "r6g"),
    ("r5a", "r6g"),
    ("r5d", "r6gd"),
    ("r6i", "r6g"),
    ("r6a", "r6g"),
    ("r7i", "r7g"),
    ("r7a", "r7g"),
)

# What a Fargate task may have: vCPUs, and the least and the most GB with them (Amazon ECS Developer Guide, "Fargate task CPU and memory").
FARGATE_SIZES: tuple[tuple[int, int, int], ...] = ((1, 2, 8), (2, 4, 16), (4, 8, 30), (8, 16, 60), (16, 32, 120))

# Types that cost nothing themselves: what they hold together is billed where it runs (each service's pricing page).
FREE_TYPES: frozenset[str] = frozenset(
    {
        *("AWS::AutoScaling::AutoScalingGroup", "AWS::EC2::LaunchTemplate", "AWS::EC2::Image", "AWS::EC2::KeyPair", "AWS::EC2::VPC"),
        *("AWS::EC2::Subnet", "AWS::EC2::SecurityGroup", "AWS::EC2::NetworkAcl", "AWS::EC2::PrefixList", "AWS::EC2::DHCPOptions"),
        *("AWS::EC2::RouteTable", "AWS::EC2::InternetGateway", "AWS::EC2::EgressOnlyInternetGateway", "AWS::EC2::NetworkInterface"),
        *("AWS::EC2::VPCPeeringConnection", "AWS::EC2::TransitGateway", "AWS::ECS::Cluster", "AWS::ECS::TaskDefinition"),
        *("AWS::EKS::Nodegroup", "AWS::RDS::DBSubnetGroup", "AWS::RDS::DBParameterGroup", "AWS::RDS::DBClusterParameterGroup"),
        *("AWS::ElastiCache::SubnetGroup", "AWS::ElastiCache::ReplicationGroup", "AWS::EFS::AccessPoint", "AWS::EFS::MountTarget"),
        *("AWS::ElasticLoadBalancingV2::TargetGroup", "AWS::ElasticLoadBalancingV2::Listener", "AWS::Lambda::EventSourceMapping"),
        *("AWS::IAM::Role", "AWS::IAM::ManagedPolicy", "AWS::IAM::InstanceProfile", "AWS::CloudFormation::Stack"),
        *("AWS::CertificateManager::Certificate", "AWS::Route53::RecordSet", "AWS::ApiGateway::VpcLink", "AWS::ApiGatewayV2::VpcLink"),
    }
)

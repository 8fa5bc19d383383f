"""Hours of work that moving one resource takes, and what counts as a server: tables of judgement, to be replaced by a team's own.

The hours are those of people: preparing, rehearsing, moving, checking; not the time that data takes to copy. They do not depend on the
strategy; they follow how much the target differs (``risk_factors.COMPLEXITY``), except where one type plainly takes less.
Source: judgement. No published study gives such hours by type of resource.
"""

from cloudmigrate.domain.risk_factors import COMPLEXITY

HOURS_BY_COMPLEXITY = {1: 1.0, 2: 4.0, 3: 8.0, 4: 16.0, 5: 40.0}
UNKNOWN_TYPE_HOURS = 8.0
# Types of which one person does many at once, or that come along with what they belong to.
HOURS_BY_TYPE = {
    "AWS::AutoScaling::AutoScalingGroup": 2.0,
    "AWS::EC2::EIP": 0.5,
    "AWS::EC2::NetworkInterface": 0.0,
    "AWS::EC2::Volume": 0.5,
    "AWS::ECS::TaskDefinition": 0.5,
    "AWS::ElasticLoadBalancingV2::TargetGroup": 0.5,
    "AWS::Lambda::EventSourceMapping": 0.5,
    "AWS::Lambda::LayerVersion": 0.5,
    "AWS::Route53::RecordSet": 0.25,
    "AWS::SecretsManager::Secret": 0.5,
}
# Machines that a team brings over one by one; the pilot waves' limit counts them.
SERVERS = frozenset({"AWS::EC2::Instance", "AWS::RDS::DBInstance"})


def effort_hours(type_: str) -> float:
    """Hours of work for one resource of that type."""
    if type_ in HOURS_BY_TYPE:
        return HOURS_BY_TYPE[type_]
    complexity = COMPLEXITY.get(type_)
    return UNKNOWN_TYPE_HOURS if complexity is None else HOURS_BY_COMPLEXITY[complexity]

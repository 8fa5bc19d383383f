"""Hours of work that moving one resource takes, and what counts as a server: tables of judgement, to be replaced by a team's own.

The hours are those of people: preparing, rehearsing, moving, checking; not the time that data takes to copy. They follow how much the
target differs (``risk_factors.COMPLEXITY``), except where one type plainly takes less, and are those of moving it as it is; a person who
decides on another strategy changes them by its factor.
Source: judgement. No published study gives such hours by type of resource.
"""

from cloudmigrate.domain.risk_factors import COMPLEXITY
from cloudmigrate.domain.strategies import STAYS, Strategy

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
# What a strategy takes of the hours for moving the resource as it is.
HOURS_BY_STRATEGY: dict[Strategy, float] = {
    Strategy.RETIRE: 0.25,  # asking its owner, a last copy
    Strategy.RETAIN: 0.0,
    Strategy.REHOST: 1.0,
    Strategy.RELOCATE: 0.5,  # with all that is on its host
    Strategy.REPURCHASE: 3.0,  # an offer, a contract, data carried over, people trained
    Strategy.REPLATFORM: 1.5,
    Strategy.REFACTOR: 5.0,
}
# Machines that a team brings over one by one; the pilot waves' limit counts them.
SERVERS = frozenset({"AWS::EC2::Instance", "AWS::RDS::DBInstance"})


def effort_hours(type_: str, strategy: Strategy | None = None) -> float:
    """Hours of work for one resource of that type, moved as it is unless a *strategy* says otherwise."""
    factor = 1.0 if strategy is None else HOURS_BY_STRATEGY[strategy]
    if type_ in HOURS_BY_TYPE:
        return HOURS_BY_TYPE[type_] * factor
    complexity = COMPLEXITY.get(type_)
    return (UNKNOWN_TYPE_HOURS if complexity is None else HOURS_BY_COMPLEXITY[complexity]) * factor


def complexity_of(type_: str, strategy: Strategy | None = None) -> int | None:
    """The class of how much has to be built, 1 to 5, or 0 of what stays; None of a type that the table lacks, unless a strategy says it."""
    own = COMPLEXITY.get(type_)
    if strategy is None:
        return own
    if strategy in STAYS:
        return 0
    least = {Strategy.REFACTOR: 5, Strategy.REPURCHASE: 3, Strategy.REPLATFORM: 3}.get(strategy)
    return own if least is None or (own is not None and own > least) else least

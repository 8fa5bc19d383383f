"""What the estate file's section `targets` says that a name of the source is in the target."""

from collections.abc import Callable, Mapping

from cloudmigrate.domain.iac.source import Known
from cloudmigrate.domain.target_policy import TargetPolicy

# type -> what of the section says it, and its name. An id such as subnet-1 can be of one type only; names need the type.
BY_ID: tuple[tuple[str, Callable[[TargetPolicy], Mapping[str, str]]], ...] = (
    ("targets.vpcs", lambda policy: policy.vpcs),
    ("targets.subnets", lambda policy: policy.subnets),
    ("targets.security_groups", lambda policy: policy.security_groups),
    ("targets.prefix_lists", lambda policy: policy.prefix_lists),
    ("targets.target_groups", lambda policy: policy.target_groups),
    ("targets.roles", lambda policy: policy.roles),
    ("targets.layers", lambda policy: policy.layers),
    ("targets.secrets", lambda policy: policy.secrets),
    ("targets.event_sources", lambda policy: policy.event_sources),
)
BY_NAME: Mapping[str, tuple[str, Callable[[TargetPolicy], Mapping[str, str]]]] = {
    "AWS::IAM::InstanceProfile": ("targets.instance_profiles", lambda policy: policy.instance_profiles),
    "AWS::EC2::KeyPair": ("targets.key_pairs", lambda policy: policy.key_pairs),
    "AWS::ECS::Cluster": ("targets.clusters", lambda policy: policy.clusters),
    "AWS::Logs::LogGroup": ("targets.log_groups", lambda policy: policy.log_groups),
    "AWS::RDS::DBSubnetGroup": ("targets.databases.subnet_groups", lambda policy: policy.databases.subnet_groups),
    "AWS::RDS::DBParameterGroup": ("targets.databases.parameter_groups", lambda policy: policy.databases.parameter_groups),
    "AWS::RDS::DBClusterParameterGroup": ("targets.databases.parameter_groups", lambda policy: policy.databases.parameter_groups),
    "AWS::RDS::OptionGroup": ("targets.databases.option_groups", lambda policy: policy.databases.option_groups),
}
KEY = "AWS::KMS::Key"
AWS_OWN_KEYS = "alias/aws/"


def told_by_policy(policy: TargetPolicy, name: str, type_: str | None) -> Known | None:
    """What the estate file says of a name; None where it says nothing."""
    for rule, mapping in BY_ID:
        told = mapping(policy).get(name)
        if told is not None:
            return Known(literal=told, rule=rule)
    if type_ is not None and type_ in BY_NAME:
        rule, mapping = BY_NAME[type_]
        told = mapping(policy).get(name)
        return None if told is None else Known(literal=told, rule=rule)
    if type_ == KEY and name.startswith(AWS_OWN_KEYS):
        return Known(literal=name, rule="AWS's own key of the service, which each region has")
    if type_ == KEY and policy.kms_key is not None:
        return Known(literal=policy.kms_key, rule="targets.kms_key")
    return None

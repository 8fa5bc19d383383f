"""Auto Scaling groups, with what makes them grow and shrink.

Source: AWS CloudFormation template reference, AWS::AutoScaling::AutoScalingGroup.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from cloudmigrate.domain.iac.kind import GIVEN, RUN_TIME, Kind
from cloudmigrate.domain.iac.kinds.launch_templates import GROUP, LEFT, TEMPLATE, template_of
from cloudmigrate.domain.iac.kinds.scaling import hook, policy, scheduled
from cloudmigrate.domain.iac.model import TargetResource
from cloudmigrate.domain.iac.source import NotGenerated, Source, branch, frozen, told, transformed
from cloudmigrate.domain.iac.values import Branch, Came, Items, Leaf, Node, Origin, Ref


def group(source: Source) -> Iterator[TargetResource]:
    """A group of servers, and what makes it grow and shrink."""
    spec = source.spec
    if not template_of(spec):
        named = spec.get("LaunchConfigurationName")
        what = f"launch configuration {named}" if named else "another server's configuration"
        raise NotGenerated(f"it launches from {what}: make a launch template of it first, as launch configurations are not carried")
    subnets = [one.strip() for one in str(source.value("VPCZoneIdentifier") or "").split(",") if one.strip()]
    mixed = source.value("MixedInstancesPolicy")
    properties: dict[str, Node | None] = {
        "AutoScalingGroupName": source.own_name("AutoScalingGroupName", str(spec["AutoScalingGroupName"])),
        "MinSize": _number(source, "MinSize"),
        "MaxSize": _number(source, "MaxSize"),
        "DesiredCapacity": _number(source, "DesiredCapacity"),
        "Cooldown": _number(source, "DefaultCooldown"),
        "DefaultInstanceWarmup": source.copied("DefaultInstanceWarmup"),
        "HealthCheckType": source.copied("HealthCheckType"),
        "HealthCheckGracePeriod": source.copied("HealthCheckGracePeriod"),
        "MaxInstanceLifetime": source.copied("MaxInstanceLifetime"),
        "CapacityRebalance": source.copied("CapacityRebalance"),
        "NewInstancesProtectedFromScaleIn": source.copied("NewInstancesProtectedFromScaleIn"),
        "TerminationPolicies": source.copied("TerminationPolicies"),
        "VPCZoneIdentifier": source.all_referred("VPCZoneIdentifier", subnets, where="targets.subnets"),
        "TargetGroupARNs": source.all_referred("TargetGroupARNs", source.value("TargetGroupARNs") or (), where="targets.target_groups"),
        "LoadBalancerNames": source.all_referred(
            "LoadBalancerNames", source.value("LoadBalancerNames") or (), type_="AWS::ElasticLoadBalancing::LoadBalancer"
        ),
        "LaunchTemplate": None if mixed else _launched(source, "LaunchTemplate", source.value("LaunchTemplate") or {}),
        "MixedInstancesPolicy": _mixed(source, mixed) if mixed else None,
        "MetricsCollection": _metrics(source),
        "PlacementGroup": told("the placement group has to be made in the target", "PlacementGroup")
        if source.value("PlacementGroup")
        else None,
        "Tags": _group_tags(source),
    }
    source.read |= {"AvailabilityZones", "LaunchTemplate"}
    made = source.target(GROUP, properties)
    yield made
    own = Leaf(Ref(made.key), transformed("AutoScalingGroupName", "the group that it is of"))
    for one in source.value("ScalingPolicies") or ():
        yield policy(source, own, one)
    for one in source.value("ScheduledActions") or ():
        yield scheduled(source, own, one)
    for one in source.value("LifecycleHooks") or ():
        yield hook(source, own, one)


def _number(source: Source, path: str) -> Leaf | None:
    """A number, which CloudFormation takes as text; nought is a number."""
    value = source.value(path)
    return None if value is None else Leaf(str(value), Origin(Came.COPIED, path))


def _launched(source: Source, path: str, named: Mapping[str, Any]) -> Node | None:
    """The template, of its newest version: the code makes one only."""
    by = str(named.get("LaunchTemplateId") or named.get("LaunchTemplateName") or "")
    found = source.referred(path, by, type_=TEMPLATE)
    if found is None:
        return None
    version: Leaf = (
        Leaf(Ref(found.value.key, "LatestVersionNumber"), transformed(f"{path}.Version", "the one version that is made"))
        if isinstance(found.value, Ref)
        else Leaf(str(named.get("Version") or "$Default"), Origin(Came.COPIED, f"{path}.Version"))
    )
    return branch(LaunchTemplateId=found, Version=version)


def _mixed(source: Source, mixed: Mapping[str, Any]) -> Node | None:
    path = "MixedInstancesPolicy"
    launch = mixed.get("LaunchTemplate") or {}
    overrides = []
    for number, one in enumerate(launch.get("Overrides") or ()):
        where = f"{path}.LaunchTemplate.Overrides[{number}]"
        kind = one.get("InstanceType")
        target = source.policy.instance_types.get(kind, kind) if kind else None
        origin = Origin(Came.COPIED, where) if target == kind else transformed(where, "targets.instance_types")
        overrides.append(
            branch(
                InstanceType=Leaf(target, origin) if target else None,
                WeightedCapacity=Leaf(str(one["WeightedCapacity"]), Origin(Came.COPIED, where)) if one.get("WeightedCapacity") else None,
                InstanceRequirements=told(LEFT["InstanceRequirements"], where) if one.get("InstanceRequirements") else None,
            )
        )
    spread = mixed.get("InstancesDistribution")
    return branch(
        LaunchTemplate=branch(
            LaunchTemplateSpecification=_launched(source, path, launch.get("LaunchTemplateSpecification") or {}),
            Overrides=Items(tuple(one for one in overrides if one is not None)) if overrides else None,
        ),
        InstancesDistribution=Leaf(frozen(spread), Origin(Came.COPIED, f"{path}.InstancesDistribution")) if spread else None,
    )


def _metrics(source: Source) -> Leaf | None:
    enabled = source.value("EnabledMetrics") or ()
    names = tuple(sorted(str(one["Metric"]) for one in enabled))
    if not names:
        return None
    return Leaf(({"Granularity": "1Minute", "Metrics": names},), transformed("EnabledMetrics", "the metrics that are collected"))


def _group_tags(source: Source) -> Items | None:
    source.tags()
    items = []
    for one in sorted(source.spec.get("Tags") or (), key=lambda tag: str(tag["Key"])):
        name = str(one["Key"])
        found = source.tags({name: str(one.get("Value") or "")})
        spreads = Leaf(bool(one.get("PropagateAtLaunch")), Origin(Came.COPIED, f"tag {name}"))
        for tag in found.items if isinstance(found, Items) else ():
            if isinstance(tag, Branch):
                items.append(Branch({**tag.members, "PropagateAtLaunch": spreads}))
    return Items(tuple(items)) if items else None


KINDS = (
    Kind(
        GROUP,
        group,
        asks_for=("AutoScalingGroupName", "MinSize", "MaxSize"),
        known_as=("AutoScalingGroupName",),
        arn="AutoScalingGroupARN",
        not_configuration={
            "AutoScalingGroupARN": GIVEN,
            "CreatedTime": RUN_TIME,
            "Instances": RUN_TIME,
            "SuspendedProcesses": RUN_TIME,
            "ServiceLinkedRoleARN": "AWS has one in every account",
            "TrafficSources": "the same as its target groups and load balancers",
            "Status": RUN_TIME,
            "PredictedCapacity": RUN_TIME,
            "DesiredCapacityType": "units, unless it is chosen by attributes",
            "AvailabilityZoneDistribution": "as AWS has it by itself",
            "AvailabilityZoneImpairmentPolicy": "as AWS has it by itself",
            "CapacityReservationSpecification": "reservations are of a region",
            "WarmPoolSize": RUN_TIME,
        },
    ),
)

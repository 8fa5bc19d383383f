"""What makes an Auto Scaling group grow and shrink: its policies and schedules; and hooks where a server comes or goes.

Source: AWS CloudFormation template reference, AWS::AutoScaling::ScalingPolicy, ScheduledAction, LifecycleHook.
"""

from collections.abc import Mapping
from typing import Any

from cloudmigrate.domain.iac.model import TargetResource
from cloudmigrate.domain.iac.source import Source, branch, frozen, told
from cloudmigrate.domain.iac.values import Came, Leaf, Node, Origin


def policy(source: Source, own: Leaf, one: Mapping[str, Any]) -> TargetResource:
    """What changes the group's size by a metric."""
    name = str(one["PolicyName"])
    origin = Origin(Came.COPIED, f"ScalingPolicies: {name}")
    words = (
        "PolicyType",
        "AdjustmentType",
        "MetricAggregationType",
        "EstimatedInstanceWarmup",
        "MinAdjustmentMagnitude",
        "ScalingAdjustment",
    )
    tracking, predictive = one.get("TargetTrackingConfiguration"), one.get("PredictiveScalingConfiguration")
    properties: dict[str, Node | None] = {
        "AutoScalingGroupName": own,
        **{word: Leaf(frozen(one[word]), origin) for word in words if one.get(word) not in (None, "")},
        "Cooldown": Leaf(str(one["Cooldown"]), origin) if one.get("Cooldown") is not None else None,
        "StepAdjustments": Leaf(frozen(one["StepAdjustments"]), origin) if one.get("StepAdjustments") else None,
        "TargetTrackingConfiguration": _tracking(source, name, tracking) if tracking else None,
        "PredictiveScalingConfiguration": told("predictive scaling learns from past load, which the target has not: add it after two weeks")
        if predictive
        else None,
    }
    if predictive:
        properties.pop("PolicyType", None)
    return source.target("AWS::AutoScaling::ScalingPolicy", properties, part=f"policy/{name}", name=f"{source.resource.name} {name}")


def _tracking(source: Source, name: str, given: Mapping[str, Any]) -> Node | None:
    path = f"ScalingPolicies: {name}"
    origin = Origin(Came.COPIED, path)
    predefined, own = given.get("PredefinedMetricSpecification"), given.get("CustomizedMetricSpecification")
    label = "label of the load balancer and target group in the target: app/<name>/<id>/targetgroup/<name>/<id>"
    return branch(
        PredefinedMetricSpecification=branch(
            PredefinedMetricType=Leaf(str(predefined["PredefinedMetricType"]), origin),
            ResourceLabel=source.unknown(f"{name} resource label", label) if predefined.get("ResourceLabel") else None,
        )
        if predefined
        else None,
        CustomizedMetricSpecification=_customized(own, origin) if own else None,
        TargetValue=Leaf(given["TargetValue"], origin),
        DisableScaleIn=Leaf(value=True, origin=origin) if given.get("DisableScaleIn") else None,
    )


def _customized(given: Mapping[str, Any], origin: Origin) -> Node | None:
    if given.get("Metrics"):
        return branch(Metrics=told("its metric is an expression: write it anew with the ids of the target", origin.says))
    words = ("MetricName", "Namespace", "Statistic", "Unit", "Dimensions")
    return branch(**{word: Leaf(frozen(given[word]), origin) for word in words if given.get(word)})


def scheduled(source: Source, own: Leaf, one: Mapping[str, Any]) -> TargetResource:
    """What changes the group's size at a time."""
    name = str(one["ScheduledActionName"])
    origin = Origin(Came.COPIED, f"ScheduledActions: {name}")
    words = ("MinSize", "MaxSize", "DesiredCapacity", "Recurrence", "TimeZone", "EndTime")
    properties: dict[str, Node | None] = {
        "AutoScalingGroupName": own,
        **{word: Leaf(frozen(one[word]), origin) for word in words if one.get(word) not in (None, "")},
        "StartTime": None
        if not one.get("StartTime")
        else Leaf(str(one["StartTime"]), origin)
        if not one.get("Recurrence")
        else told("when it next runs follows from its recurrence", f"ScheduledActions: {name}"),
    }
    return source.target("AWS::AutoScaling::ScheduledAction", properties, part=f"schedule/{name}", name=f"{source.resource.name} {name}")


def hook(source: Source, own: Leaf, one: Mapping[str, Any]) -> TargetResource:
    """What is waited for where a server comes or goes."""
    name = str(one["LifecycleHookName"])
    origin = Origin(Came.COPIED, f"LifecycleHooks: {name}")
    words = ("LifecycleHookName", "LifecycleTransition", "DefaultResult", "HeartbeatTimeout")
    path = "LifecycleHooks"
    properties: dict[str, Node | None] = {
        "AutoScalingGroupName": own,
        **{word: Leaf(frozen(one[word]), origin) for word in words if one.get(word) not in (None, "")},
        "NotificationMetadata": source.secret(path, "what the hook sends along, which may be a secret", part=f"{name} metadata")
        if one.get("NotificationMetadata")
        else None,
        "NotificationTargetARN": source.referred(
            path, one.get("NotificationTargetARN") or "", attribute="Arn", where="targets.event_sources"
        ),
        "RoleARN": source.referred(path, one.get("RoleARN") or "", attribute="Arn", where="targets.roles"),
    }
    return source.target("AWS::AutoScaling::LifecycleHook", properties, part=f"hook/{name}", name=f"{source.resource.name} {name}")

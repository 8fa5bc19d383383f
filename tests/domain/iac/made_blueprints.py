"""Blueprints made by hand: queues that refer to one another, for what is common to all types."""

from collections.abc import Iterable, Mapping
from typing import Any

from cloudmigrate.domain.iac.model import Blueprint, Place, TargetResource, Unit
from cloudmigrate.domain.iac.values import Came, Leaf, Origin, Ref, Value

HERE, THERE = Place("111111111111", "eu-west-1"), Place("222222222222", "eu-west-1")


def leaf(value: Value) -> Leaf:
    return Leaf(value, Origin(Came.COPIED, "member"))


def queue(key: str, *, place: Place = HERE, to: Iterable[str] = (), **more: Any) -> TargetResource:
    """A queue whose tags hold the ARNs of the queues *to*."""
    properties: dict[str, Any] = dict(more.pop("properties", {}))
    if to:
        properties["Tags"] = leaf(tuple({"Key": one, "Value": Ref(one, "Arn")} for one in to))
    return TargetResource(key, "AWS::SQS::Queue", key, place, properties, uid=key, **more)


def unit(name: str, *resources: TargetResource, wave: int = 1, place: Place = HERE) -> Unit:
    return Unit(name, name, wave, place, resources)


def blueprint(*units: Unit) -> Blueprint:
    return Blueprint("plan-1", "0" * 64, units)


def size_of_json(template: Mapping[str, Any]) -> int:
    return len(str(template))

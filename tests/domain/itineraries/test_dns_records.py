"""Records of DNS in a wave: what is the zone's own or pointed by the estate file stays; one that may lead to what moves is a person's."""

from typing import Any

import pytest

from cloudmigrate.domain.itineraries.compile import compile_wave
from cloudmigrate.domain.resources import Resource
from cloudmigrate.domain.steps import Gate
from cloudmigrate.domain.target_policy import TargetPolicy

ZONE = {"Id": "/hostedzone/Z1", "Name": "example.com."}
SHOP = {"name": "Shop.example.com", "zone_id": "Z1", "uid": "arn:web"}
POLICY = TargetPolicy.model_validate({"region": "eu-west-1", "dns": [SHOP]})


def record(kind: str, name: str = "shop.example.com.", zone: dict[str, Any] = ZONE) -> Resource:
    spec = {"Name": name, "Type": kind, "Parent": zone}
    uid = f"arn:aws:route53:::hostedzone/Z1/{name}/{kind}"
    return Resource(
        uid=uid, provider="aws", account_id="1" * 12, region="global", type="AWS::Route53::RecordSet", name=name, state="", tags={},
        spec=spec, stateful=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("one", "told"),
    [
        (record("NS", "example.com."), "stays where it is: the zone keeps its own NS record"),
        (record("SOA", "example.com."), "stays where it is: the zone keeps its own SOA record"),
        (record("MX", "example.com."), "stays where it is: a record of type MX leads to nothing that moves"),
        (record("A"), "stays where it is: the steps of the server that it leads to point it (targets.dns)"),
        (record("A", "other.example.com."), "targets.dns does not say where it leads to; where it leads to something that moves"),
        (record("CNAME", zone={**ZONE, "Id": "/hostedzone/Z2"}), "targets.dns does not say"),
    ],
    ids=["NS", "SOA", "MX", "pointed", "unknown", "the same name in another zone"],
)
def test_a_record(one: Resource, told: str) -> None:
    plan = {"plan_id": "p", "groups": [{"id": "g", "members": [one.uid], "needs": [], "wave": 1}]}
    [step] = compile_wave(plan, [one], POLICY, 1)
    assert told in step.says
    assert step.gate is (Gate.BY_HAND if "does not say" in told else Gate.EXECUTION)

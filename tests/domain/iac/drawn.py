"""Sources of one estate as the tests write them, and what code is made of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cloudmigrate.domain.iac.assemble import blueprint
from cloudmigrate.domain.iac.cloudformation import identifier, stacks_of
from cloudmigrate.domain.iac.hcl import Code
from cloudmigrate.domain.iac.links import Links, links_of
from cloudmigrate.domain.iac.making import Decided
from cloudmigrate.domain.iac.model import Blueprint, TargetResource
from cloudmigrate.domain.iac.terraform import address, attribute_there, blocks
from cloudmigrate.domain.iac.values import Ref
from cloudmigrate.domain.resources import Resource
from cloudmigrate.domain.target_policy import TargetPolicy
from reports.iac.hcl_text import hcl_text
from tests.domain.iac.provider_schema import complaints_of_blocks

ACCOUNT, REGION, TARGET = "111111111111", "eu-central-1", "eu-west-1"
THERE = TargetPolicy(region=TARGET)
EC2 = f"arn:aws:ec2:{REGION}:{ACCOUNT}"


def source(type_: str, uid: str, spec: Mapping[str, Any], *, name: str = "it", **told: Any) -> Resource:
    """One source; its name and tags are the test's."""
    given = {
        "provider": "aws",
        "account_id": ACCOUNT,
        "region": REGION,
        "state": "available",
        "tags": {},
        "stateful": False,
        **told,
    }
    return Resource(uid=uid, type=type_, name=name, spec=spec, **given)


@dataclass(frozen=True)
class Drawn:
    """The code of a plan, and what it is made of."""

    blueprint: Blueprint
    links: Links

    def one(self, key: str) -> TargetResource:
        """The resource of a key."""
        return self.links.resources[key]

    def keys(self, type_: str) -> list[str]:
        """Keys of all resources of a type."""
        return sorted(key for key, one in self.links.resources.items() if one.type == type_)

    def cloudformation(self, key: str) -> dict[str, Any]:
        """The properties of a resource as its template has them."""
        own = self.id_of(key)
        stacks = stacks_of(self.blueprint, self.links.unit_of[key], self.links, lambda template: len(str(template)))
        found: list[dict[str, Any]] = [
            template["Resources"][own] for one in stacks for template in one.templates.values() if own in template["Resources"]
        ]
        properties: dict[str, Any] = found[0].get("Properties", {})
        return properties

    def id_of(self, key: str) -> str:
        """The logical id of a resource."""
        return identifier(self.one(key))

    def terraform(self, key: str) -> str:
        """The text of a resource's blocks; every reference as within one module."""
        return hcl_text(blocks(self.one(key), self._refer))

    def complaints(self) -> list[str]:
        """Everything that the AWS provider would not take of all resources."""
        return [one for resource in self.links.resources.values() for one in complaints_of_blocks(tuple(blocks(resource, self._refer)))]

    def _refer(self, ref: Ref) -> Code:
        one = self.one(ref.key)
        return Code(f"{address(one)}.{attribute_there(one, ref.attribute)}")

    def origins(self, key: str) -> dict[str, tuple[str, str]]:
        """path -> where the attribute comes from, and what says so."""
        return {path: (leaf.origin.came.value, leaf.origin.says) for path, leaf in self.one(key).attributes()}

    def reason(self, uid: str) -> str:
        """Why nothing was made of a source."""
        return next(one.reason for one in self.blueprint.left_out if one.uid == uid)


def drawn(
    moving: Iterable[Resource], others: Iterable[Resource] = (), policy: TargetPolicy = THERE, decided: Decided | None = None
) -> Drawn:
    """The code of a plan that moves some sources in one group, while others are there."""
    moved = list(moving)
    plan = {
        "plan_id": "plan-1",
        "content_hash": "0" * 64,
        "groups": [{"id": "group-1", "wave": 1, "members": [one.uid for one in moved]}],
    }
    made = blueprint(plan, [*moved, *others], policy, decided or Decided())
    return Drawn(made, links_of(made.units))

"""What the estate file says that names of the source are in the target; what it does not say is told with the field to add it to."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from cloudmigrate.domain.itineraries.record import Move

LONGEST_STACK = 60
_NOT_IN_STACK = re.compile(r"[^A-Za-z0-9]+")


@dataclass
class Mapped:
    """Names of the target for one resource; *lacking* gets what the estate file does not say."""

    move: Move
    lacking: list[str] = field(default_factory=list)

    def role(self, arn: str) -> str:
        """The role that the target gets: within one account roles are the same in every region."""
        told = self.move.policy.roles.get(arn)
        same = arn if _account_of(arn) == self.move.target.account_id else None
        return self._told(told or same, f"no target role for {arn} (add it to targets.roles)")

    def subnets(self, ids: Iterable[str]) -> list[str]:
        """Subnets, in their order."""
        of = self.move.policy.subnets
        return [self._told(of.get(one), f"no target subnet for {one} (add it to targets.subnets)") for one in ids]

    def groups(self, ids: Iterable[str]) -> list[str]:
        """Security groups, in their order."""
        of = self.move.policy.security_groups
        return [self._told(of.get(one), f"no target group for {one} (add it to targets.security_groups)") for one in ids]

    def event_source(self, arn: str) -> str:
        """A queue, stream or topic."""
        return self._told(self.move.policy.event_sources.get(arn), f"no target for {arn} (add it to targets.event_sources)")

    def target_group(self, arn: str) -> str:
        """A load balancer's target group."""
        return self._told(self.move.policy.target_groups.get(arn), f"no target group for {arn} (add it to targets.target_groups)")

    def layer(self, arn: str) -> str | None:
        """A layer version that the target has; None for one of the source's own account, which is copied."""
        told = self.move.policy.layers.get(arn)
        if told is None and _account_of(arn) == self.move.source.account_id:
            return None
        return self._told(told, f"layer {arn} is another account's (add that of the target to targets.layers)")

    def secret(self, reference: str) -> str:
        """A secret or parameter, by the longest name that is mapped; what follows it, such as a key within, stays."""
        of = self.move.policy.secrets
        fitting = [one for one in of if reference == one or reference.startswith(f"{one}:")]
        best = max(fitting, key=len, default=None)
        told = None if best is None else f"{of[best]}{reference.removeprefix(best)}"
        return self._told(told, f"no target secret for {reference} (add it to targets.secrets)")

    def bucket(self) -> str:
        """The bucket for packages."""
        return self._told(self.move.policy.artifact_bucket, "no bucket for its package (add targets.artifact_bucket)")

    def key(self) -> str:
        """The key that the target encrypts with, by its ARN."""
        told = self.move.policy.kms_key
        arn = told if told and told.startswith("arn:") else None
        return self._told(arn, "it is encrypted with a key of its own (give targets.kms_key as an ARN)")

    def _told(self, value: str | None, lack: str) -> str:
        if value is None:
            self.lacking.append(lack)
        return value or ""


def logical_id(kind: str, of: str) -> str:
    """The name of a resource or parameter within a template: letters and digits, the same for the same thing."""
    return f"{kind}{hashlib.sha256(of.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"


def stack_name(move: Move) -> str:
    """The beginning of the stack's name, for people; the idempotency key makes it unique."""
    plain = _NOT_IN_STACK.sub("-", move.source.name or move.source.uid).strip("-")[:LONGEST_STACK].rstrip("-")
    return f"cloudmigrate-{plain}" if plain else "cloudmigrate"


def registry(account_id: str, region: str) -> str:
    """The host of an account's registry of images."""
    return f"{account_id}.dkr.ecr.{region}.amazonaws.com{'.cn' if region.startswith('cn-') else ''}"


def without_nothing(properties: dict[str, Any]) -> dict[str, Any]:
    """The properties that say something."""
    return {name: value for name, value in properties.items() if value not in (None, "", [], {})}


def speaks(names: Iterable[str]) -> Iterator[str]:
    """Names that CloudFormation would not take as names but as its own words."""
    return (one for one in names if one in {"Ref", "Condition"} or one.startswith("Fn::"))


def _account_of(arn: str) -> str:
    parts = arn.split(":")
    return parts[4] if len(parts) > 5 else ""

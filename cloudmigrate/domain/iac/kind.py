"""How a type of the source becomes code: one record per type. The catalogue lists them all."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from cloudmigrate.domain.iac.model import Place, TargetResource
from cloudmigrate.domain.iac.source import Source
from cloudmigrate.domain.iac.values import Value
from cloudmigrate.domain.resources import Resource
from cloudmigrate.domain.target_policy import TargetPolicy

# What members that nothing is made of tell instead.
GIVEN, RUN_TIME, OWNER = "given by AWS", "what it is at the moment", "its account"


def has_no_named_arn(_source: Resource, _place: Place, _policy: TargetPolicy) -> str | None:
    """Nothing: AWS makes up a part of the ARN."""
    return None


def same_name_there(source: Resource, place: Place, _policy: TargetPolicy) -> str | None:
    """The source's ARN with the target's account and region; None where both are in one place, and the name is another."""
    parts = source.uid.split(":", 5)
    if (place.account_id, place.region) == (source.account_id, source.region) or len(parts) < 6:
        return None
    return ":".join((*parts[:3], place.region if parts[3] else "", place.account_id if parts[4] else "", parts[5]))


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of the source that something is made of."""

    type: str  # of the source
    makes: Callable[[Source], Iterable[TargetResource]]  # raises NotGenerated; the first stands for the source, and others refer to it
    known_as: tuple[str, ...] = ()  # members of its configuration by whose values others name it, besides its uid
    is_shared: bool = False  # networks, identities, keys: made before the first wave where something of a wave refers to it
    arn: str = "Arn"  # the attribute of CloudFormation that is the ARN; empty: what Ref gives; OF_ITS_ID: it is made of that
    named_arn: Callable[[Resource, Place, TargetPolicy], Value] = has_no_named_arn  # its target's ARN, where names alone make it
    is_named: bool = False  # others say its ARN by its name and do not refer to it: what it refers to has policies that name it
    stays_in_place: bool = False  # where the target is in the same account and region, it is the source itself, as keys are
    asks_for: tuple[str, ...] = ()  # members of its configuration without which nothing can be made
    not_configuration: Mapping[str, str] = field(default_factory=dict)  # members that nothing is made of: what they tell instead

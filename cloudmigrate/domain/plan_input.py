"""All that a plan is made from, as values: the snapshot's resources, what joins them, and what people decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from cloudmigrate.domain.constraints import Constraints
from cloudmigrate.domain.move_groups import PlanItem
from cloudmigrate.domain.resources import Relation, RelationRole

SECONDS_A_DAY = 86_400


class Exchange(NamedTuple):
    """Observed traffic: the source needs the target; grain: (source, target, protocol, port)."""

    source_uid: str
    target_uid: str
    protocol: int | None
    port: int | None
    bytes_per_day: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was known at all when the plan was made; what was not is said in the plan."""

    traffic: bool = False
    risks: bool = False
    workloads: bool = False


NO_CONSTRAINTS, NO_EVIDENCE = Constraints(), Evidence()


@dataclass(frozen=True, slots=True)
class PlanInput:
    """What one snapshot gives for planning."""

    items: Sequence[PlanItem]
    relations: Sequence[Relation]
    roles: Mapping[str, RelationRole]
    exchanges: Sequence[Exchange] = ()
    fused: Sequence[tuple[str, str]] = ()  # plumbing and what it is folded into
    shared: Mapping[str, str] = field(default_factory=dict)  # uid -> service, of those held out
    constraints: Constraints = NO_CONSTRAINTS
    evidence: Evidence = NO_EVIDENCE

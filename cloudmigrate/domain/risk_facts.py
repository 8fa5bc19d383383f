"""What is known of a resource that bears on its risk, and each factor's number as an interval: the lowest and highest it may be."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cloudmigrate.domain.effort import complexity_of
from cloudmigrate.domain.end_of_life import NO_END, support_ends
from cloudmigrate.domain.risk_factors import (
    CRITICALITY_TAGS,
    CRITICALITY_WORDS,
    DAY_S,
    FACTORS,
    SERVICES,
)
from cloudmigrate.domain.strategies import Strategy

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Sides = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]  # the lowest and the highest number of each resource
    Numbers = Mapping[str, Sides]


@dataclass(frozen=True, slots=True)
class Degree:
    """The others on one side of a resource's dependencies, each counted once however many ports it uses."""

    others: int = 0
    observed: int = 0  # of them, seen in accepted traffic
    weight: float = 0.0  # the sum of their confidences, each 0..1


NOBODY = Degree()


@dataclass(frozen=True, slots=True)
class ResourceFacts:
    """What is known of one resource; None: not measured."""

    uid: str
    type: str
    stateful: bool | None = None
    storage_bytes: int | None = None
    inbound: Degree = NOBODY
    outbound: Degree = NOBODY
    fully_logged_days: int | None = None  # of its interfaces, in the window of flow logs
    monthly_seen_probability: float | None = None  # 0..1, dataset observation
    inbound_unread: str | None = None  # a type that could not be read whole and may state a need of it
    outbound_unread: bool = False  # whether its own configuration could not be read whole
    public_address: bool | None = None
    open_rules: int | None = None  # inbound rules open to the world; None: rules were not read
    engine: str | None = None
    engine_version: str | None = None
    runtime: str | None = None
    created_at: datetime | None = None
    may_be_older: bool = False  # created_at is only the first that is known of it
    criticality: str | None = None  # what its tag says, see criticality_of
    cpu_p99_pct: float | None = None
    writes_p99_per_s: float | None = None
    strategy: Strategy | None = None  # as a person decided it

    @property
    def traffic_was_read(self) -> bool:
        """Whether flow logs cover all of it for a day at least, so that who does not appear in them was not there."""
        return (self.fully_logged_days or 0) >= 1

    @property
    def inbound_is_known(self) -> bool:
        """Whether all that needs it had its chance to be seen."""
        return self.traffic_was_read and self.inbound_unread is None

    @property
    def outbound_is_known(self) -> bool:
        """The same of what it needs; of what asks nobody, its configuration says all."""
        return not self.outbound_unread and (self.traffic_was_read or self.type in SERVICES)


def criticality_of(tags: Mapping[str, str]) -> str | None:
    """What the tags say of a resource's criticality, in the table's words; the highest where several do; None where none does."""
    found = [
        word
        for key, value in tags.items()
        if key.strip().lower().replace("_", "-") in CRITICALITY_TAGS
        and (word := value.strip().lower().replace("_", "-")) in CRITICALITY_WORDS
    ]
    return max(sorted(found), key=CRITICALITY_WORDS.__getitem__, default=None)


def numbers_of(facts: Sequence[ResourceFacts], *, as_of: datetime) -> "Numbers":
    """For each factor the lowest and highest number of every resource: infinite at the upper end where it was not measured, minus
    infinite at both where the factor says nothing of the resource's type.
    """
    import numpy as np

    types: dict[str, int] = {}
    type_of = np.fromiter((types.setdefault(one.type, len(types)) for one in facts), dtype=np.int64, count=len(facts))
    today = as_of.astimezone(UTC)
    found = {}
    for factor in FACTORS:
        low, high = _SIDES[factor.name](facts, today)
        concerned = np.fromiter((factor.concerns(type_) for type_ in types), dtype=np.bool_, count=len(types))[type_of]
        found[factor.name] = (np.where(concerned, low, -np.inf), np.where(concerned, high, -np.inf))
    return found


def _exactly(numbers: Sequence[float | None]) -> "Sides":
    """Each number as it is; None may be any."""
    import numpy as np

    told = np.array(numbers, dtype=np.float64)
    missing = np.isnan(told)
    return np.where(missing, -np.inf, told), np.where(missing, np.inf, told)


def _degrees(degrees: Sequence[Degree], known: Sequence[bool]) -> "Sides":
    """At least as much as is believed; at most every one of them holds, or any number more where not all were seen."""
    import numpy as np

    believed, others = (np.array(side, dtype=np.float64) for side in ([one.weight for one in degrees], [one.others for one in degrees]))
    return believed, np.where(np.array(known, dtype=np.bool_), others, np.inf)


def _exposures(facts: Sequence[ResourceFacts]) -> "Sides":
    """1 for an open rule, 2 for a public address; either unread leaves the whole factor open."""
    import numpy as np

    known = np.array([2.0 * bool(one.public_address) + ((one.open_rules or 0) > 0) for one in facts], dtype=np.float64)
    unread = np.array([one.public_address is None or one.open_rules is None for one in facts], dtype=np.bool_)
    return known, np.where(unread, np.inf, known)


def _ages(facts: Sequence[ResourceFacts], today: datetime) -> "Sides":
    """Days since the first that is known of each; more where that need not be the first."""
    import numpy as np

    low, high = _exactly([None if one.created_at is None else (today - one.created_at).total_seconds() / DAY_S for one in facts])
    return low, np.where(np.array([one.may_be_older for one in facts], dtype=np.bool_), np.inf, high)


def _days_since_support(facts: Sequence[ResourceFacts], today: datetime) -> "Sides":
    """Days since support of its version ended, negative until then; minus infinite where no end is announced."""

    days: dict[tuple[str | None, str | None, str | None], float] = {}  # not a number: not known
    for one in facts:
        version = (one.engine, one.engine_version, one.runtime)
        if version not in days:
            end = support_ends(*version)
            days[version] = math.nan if end is None else -math.inf if end == NO_END else (today.date() - end).days
    return _exactly([days[one.engine, one.engine_version, one.runtime] for one in facts])


# How each factor's numbers are told of resources on a day, by the factor's name.
_SIDES: Mapping[str, Callable[[Sequence[ResourceFacts], datetime], "Sides"]] = {
    "inbound_dependencies": lambda facts, _: _degrees([one.inbound for one in facts], [one.inbound_is_known for one in facts]),
    "outbound_dependencies": lambda facts, _: _degrees([one.outbound for one in facts], [one.outbound_is_known for one in facts]),
    "missing_evidence": lambda facts, _: _exactly(
        [None if one.monthly_seen_probability is None else 1 - one.monthly_seen_probability for one in facts]
    ),
    "data_volume": lambda facts, _: _exactly([one.storage_bytes for one in facts]),
    "statefulness": lambda facts, _: _exactly([one.stateful for one in facts]),
    "downtime_tolerance": lambda facts, _: _exactly(
        [CRITICALITY_WORDS.get(one.criticality.strip().lower()) if one.criticality else None for one in facts]
    ),
    "target_complexity": lambda facts, _: _exactly([complexity_of(one.type, one.strategy) for one in facts]),
    "exposure": lambda facts, _: _exposures(facts),
    "peak_load": lambda facts, _: _exactly([one.cpu_p99_pct for one in facts]),
    "change_rate": lambda facts, _: _exactly([one.writes_p99_per_s for one in facts]),
    "age": _ages,
    "end_of_life": _days_since_support,
}

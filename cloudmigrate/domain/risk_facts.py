"""What is known of a resource that bears on its risk, and each factor's number as an interval: the lowest and highest it may be."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import chain
from typing import TYPE_CHECKING

from cloudmigrate.domain.end_of_life import NO_END, support_ends
from cloudmigrate.domain.risk_factors import (
    COMPLEXITY,
    CRITICALITY_TAGS,
    CRITICALITY_WORDS,
    DAY_S,
    FACTORS,
    SERVICES,
)

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Numbers = Mapping[str, tuple["npt.NDArray[np.float64]", "npt.NDArray[np.float64]"]]

Interval = tuple[float, float]
UNKNOWN: Interval = (float("-inf"), float("inf"))


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

    rows_of: dict[str, list[int]] = {}
    for row, one in enumerate(facts):
        rows_of.setdefault(one.type, []).append(row)
    intervals = _intervals(as_of.astimezone(UTC))
    found: dict[str, tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]] = {}
    for factor in FACTORS:
        told = np.full((len(facts), 2), -np.inf)
        interval = intervals[factor.name]
        for rows in (rows for type_, rows in rows_of.items() if factor.concerns(type_)):
            sides = chain.from_iterable(interval(facts[row]) for row in rows)
            told[rows] = np.fromiter(sides, dtype=np.float64, count=2 * len(rows)).reshape(-1, 2)
        found[factor.name] = (told[:, 0], told[:, 1])
    return found


def _intervals(today: datetime) -> Mapping[str, Callable[[ResourceFacts], Interval]]:
    """How each factor's interval is told on that day, by the factor's name."""
    ends: dict[tuple[str | None, str | None, str | None], date | None] = {}

    def since_end_of_life(one: ResourceFacts) -> Interval:
        version = (one.engine, one.engine_version, one.runtime)
        if version not in ends:
            ends[version] = support_ends(*version)
        end = ends[version]
        return (float("-inf"), float("-inf")) if end == NO_END else _exactly(None if end is None else (today.date() - end).days)

    def age(one: ResourceFacts) -> Interval:
        if one.created_at is None:
            return UNKNOWN
        days = (today - one.created_at).total_seconds() / DAY_S
        return (days, float("inf") if one.may_be_older else days)

    return {
        "inbound_dependencies": lambda one: _degree(one.inbound, known=one.inbound_is_known),
        "outbound_dependencies": lambda one: _degree(one.outbound, known=one.outbound_is_known),
        "missing_evidence": lambda one: _exactly(None if one.monthly_seen_probability is None else 1 - one.monthly_seen_probability),
        "data_volume": lambda one: _exactly(one.storage_bytes),
        "statefulness": lambda one: _exactly(one.stateful),
        "downtime_tolerance": lambda one: _exactly(CRITICALITY_WORDS.get((one.criticality or "").strip().lower())),
        "target_complexity": lambda one: _exactly(COMPLEXITY.get(one.type)),
        "exposure": _exposure,
        "peak_load": lambda one: _exactly(one.cpu_p99_pct),
        "change_rate": lambda one: _exactly(one.writes_p99_per_s),
        "age": age,
        "end_of_life": since_end_of_life,
    }


def _exactly(number: float | None) -> Interval:
    return UNKNOWN if number is None else (float(number), float(number))


def _degree(degree: Degree, *, known: bool) -> Interval:
    """At least as much as is believed; at most every one of them holds, or any number more where not all were seen."""
    return (degree.weight, float(degree.others) if known else float("inf"))


def _exposure(one: ResourceFacts) -> Interval:
    """1 for an open rule, 2 for a public address; either unread leaves the whole factor open."""
    known = 2.0 * bool(one.public_address) + ((one.open_rules or 0) > 0)
    return (known, float("inf") if one.public_address is None or one.open_rules is None else known)

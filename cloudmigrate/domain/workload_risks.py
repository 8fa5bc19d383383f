"""Migration risk per workload: that of its riskiest resource, and more where it is large or entangled with others.

Exchanges with a held-out shared service are no entanglement: every workload asks DNS, and none waits for another because of it. They
count in the degrees of both ends, where the service's own risk shows how many need it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from cloudmigrate.domain.risk import Risks
from cloudmigrate.domain.risk_factors import PIECES, SERVICES
from cloudmigrate.domain.risk_policy import RiskLevel, RiskPolicy

# (from this number on, points), rising. Judgement, as in risk_factors.
SIZE_STEPS = ((10, 3.0), (30, 6.0), (100, 10.0))  # resources that move together
ENTANGLED_STEPS = ((1, 2.0), (3, 4.0), (10, 8.0))  # other workloads that it exchanges with


@dataclass(frozen=True, slots=True)
class WorkloadRisk:
    """One workload's risk; the points of ``reason`` add up to ``upper_points``."""

    workload: str
    level: RiskLevel
    points: float  # what is known
    upper_points: float
    resources: int
    reason: str

    def row(self) -> dict[str, object]:
        """A row of the dataset ``workload_risks``."""
        return {
            "workload": self.workload,
            "level": self.level.value,
            "points": self.points,
            "upper_points": self.upper_points,
            "resources": self.resources,
            "reason": self.reason,
        }


def workload_risks(
    risks: Risks, workload_of: Mapping[str, str], edges: Iterable[tuple[str, str]], policy: RiskPolicy
) -> Iterator[WorkloadRisk]:
    """The risk of every workload that has a resource in *risks*, by name.

    *edges* are (source uid, target uid) of dependencies, those with held-out shared services left out. Where the traffic of a member
    was not read there may be more, which counts as most.
    """
    members: dict[str, list[int]] = defaultdict(list)
    for at, one in enumerate(risks.facts):
        if one.uid in workload_of:
            members[workload_of[one.uid]].append(at)
    others: dict[str, set[str]] = defaultdict(set)
    for source, target in edges:
        a, b = workload_of.get(source), workload_of.get(target)
        if a is not None and b is not None and a != b:
            others[a].add(b)
            others[b].add(a)
    for workload in sorted(members):
        yield _one(risks, workload, members[workload], len(others[workload]), policy)


def _one(risks: Risks, workload: str, rows: Sequence[int], entangled: int, policy: RiskPolicy) -> WorkloadRisk:
    known, upper = risks.scores.totals, risks.scores.upper_totals
    worst = min(rows, key=lambda row: (-upper[row], risks.facts[row].uid))
    size, between = _worth(SIZE_STEPS, len(rows)), _worth(ENTANGLED_STEPS, entangled)
    unread = sum(_may_exchange_more(risks, row) for row in rows)
    between_at_most = ENTANGLED_STEPS[-1][1] if unread else between
    points = float(max(known[row] for row in rows)) + size + between
    upper_points = float(upper[worst]) + size + between_at_most
    told = f"exchanges with {entangled} other workload{'' if entangled == 1 else 's'}"
    if unread:
        told += f", or more, as those of {unread} of its resources were not all read"
    level, alone = policy.level_of(upper_points), policy.level_of(float(upper[worst]))
    reason = (
        f"riskiest resource {risks.facts[worst].uid}: {upper[worst]:g} points; "
        f"{len(rows)} resource{'' if len(rows) == 1 else 's'}: {size:g}; {told}: {between_at_most:g}; sum {upper_points:g}"
    )
    if level is not alone:
        reason += (
            f": {level}, though by itself no resource of it is more than {alone}, as it is the move of all of them together with what they "
            "exchange data with that is rated"
        )
    return WorkloadRisk(workload, level, points, upper_points, len(rows), reason)


def _may_exchange_more(risks: Risks, row: int) -> bool:
    """Whether not all of a resource's exchanges had their chance to be seen; those of pieces and services only configuration tells."""
    one = risks.facts[row]
    if one.type in PIECES or one.type in SERVICES:
        return one.inbound_unread is not None or one.outbound_unread
    return not (one.inbound_is_known and one.outbound_is_known)


def _worth(steps: tuple[tuple[int, float], ...], number: int) -> float:
    return max((worth for start, worth in steps if number >= start), default=0.0)

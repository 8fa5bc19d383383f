"""Migration risk per workload: that of its riskiest resource, and more where it is large or entangled with others."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from cloudmigrate.domain.risk import LEVELS, RiskLevel, RiskPolicy, Risks

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
    risks: Risks, workload_of: Mapping[str, str], edges: Iterable[tuple[str, str]], policy: RiskPolicy, *, flow_logs: bool
) -> Iterator[WorkloadRisk]:
    """The risk of every workload that has a resource in *risks*, by name.

    *edges* are (source uid, target uid) of dependencies; without *flow_logs* there may be more, which counts as most.
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
        yield _one(risks, workload, members[workload], len(others[workload]), policy, flow_logs=flow_logs)


def _one(risks: Risks, workload: str, rows: list[int], entangled: int, policy: RiskPolicy, *, flow_logs: bool) -> WorkloadRisk:
    known, upper = risks.scores.totals, risks.scores.upper_totals
    worst = min(rows, key=lambda row: (-upper[row], risks.facts[row].uid))
    size, between = _worth(SIZE_STEPS, len(rows)), _worth(ENTANGLED_STEPS, entangled)
    between_at_most = between if flow_logs else ENTANGLED_STEPS[-1][1]
    points = float(max(known[row] for row in rows)) + size + between
    upper_points = float(upper[worst]) + size + between_at_most
    level = LEVELS[sum(upper_points >= bound for bound in (policy.medium_from, policy.high_from, policy.critical_from))]
    told = (
        f"exchanges with {entangled} other workload{'' if entangled == 1 else 's'}"
        if flow_logs
        else "traffic with other workloads was not measured"
    )
    reason = (
        f"riskiest resource {risks.facts[worst].uid}: {upper[worst]:g} points; {len(rows)} resources: {size:g}; {told}: {between_at_most:g}"
    )
    return WorkloadRisk(workload, level, points, upper_points, len(rows), reason)


def _worth(steps: tuple[tuple[int, float], ...], number: int) -> float:
    return max((worth for start, worth in steps if number >= start), default=0.0)

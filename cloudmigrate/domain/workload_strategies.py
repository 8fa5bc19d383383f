"""One strategy per workload, out of its resources': the most cautious that any of them has, and how they differ."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from cloudmigrate.domain.confidence import Confidence
from cloudmigrate.domain.recommendation import Recommendation
from cloudmigrate.domain.strategies import WORKLOAD_RULES, Strategy, WorkloadRule
from cloudmigrate.domain.strategy_facts import Kind

NAMED_AT_MOST = 5
_FOLLOWS = frozenset({Kind.PIECE, Kind.VOLUME})  # these follow what they belong to, whatever becomes of it


@dataclass(frozen=True, slots=True)
class Member:
    """What of a resource's recommendation counts for its workload; small, as all of an estate's are held at once."""

    uid: str
    workload: str
    kind: Kind
    pattern: str | None
    strategy: Strategy
    recommended: Strategy
    runner_up: Strategy
    confidence: Confidence
    hours: float
    is_decided: bool
    is_asking: bool

    @classmethod
    def of(cls, one: Recommendation) -> "Member | None":
        """The member; None where the resource belongs to no workload."""
        if one.facts.workload is None:
            return None
        expired = None if one.override is None else one.override.has_expired
        return cls(
            one.facts.uid,
            one.facts.workload,
            one.facts.kind,
            one.facts.pattern,
            one.strategy,
            one.recommended,
            one.alternatives[0].strategy,
            one.confidence,
            one.hours,
            is_decided=expired is False,
            is_asking=expired is True,
        )


@dataclass(frozen=True, slots=True)
class WorkloadStrategy:
    """What becomes of one workload."""

    workload: str
    rule: WorkloadRule
    recommended: Strategy
    members: tuple[Member, ...]  # those that count

    def record(self) -> dict[str, object]:
        """A row of the dataset ``recommendations``."""
        counts = Counter(one.strategy for one in self.members)
        others = [rule.strategy for rule in WORKLOAD_RULES if rule.strategy in counts and rule.strategy is not self.rule.strategy]
        least_sure = min(self.members, key=lambda one: (one.confidence.value, one.uid))
        own = counts[self.rule.strategy]
        count = len(self.members)
        reasons = [f"{own} of {count} resource{'' if count == 1 else 's'}: {self.rule.strategy}; {self.rule.why}"]
        reasons += [f"differing: {counts[other]} {other} ({self._named(other)})" for other in others]
        patterns = {one.pattern for one in self.members if one.pattern}
        asking = sum(one.is_asking for one in self.members)
        decided = sorted(one.uid for one in self.members if one.is_decided)
        return {
            "uid": self.workload,
            "level": "workload",
            "workload": self.workload,
            "pattern": patterns.pop() if len(patterns) == 1 else None,
            "strategy": self.rule.strategy.value,
            "recommended": self.recommended.value,
            "rule": "most-cautious-member",
            "confidence": round(least_sure.confidence.value, 4),
            "confidence_parts": {"least_sure": least_sure.uid, **least_sure.confidence.parts()},
            "reasons": reasons,
            "alternatives": [
                {"strategy": other.value, "resources": counts[other], "why_not": f"row {self.rule.strategy} comes first"}
                for other in others
            ],
            "runner_up": (others[0] if others else least_sure.runner_up).value,
            "effort_hours": float(sum(one.hours for one in self.members)),
            "override": {"members": decided} if decided else None,
            "open_question": f"{asking} override{'' if asking == 1 else 's'} of its resources expired: decide again, or take back"
            if asking
            else None,
            "features": {"resources": count, "strategies": {strategy.value: number for strategy, number in sorted(counts.items())}},
        }

    def _named(self, strategy: Strategy) -> str:
        uids = sorted(one.uid for one in self.members if one.strategy is strategy)
        more = f" and {len(uids) - NAMED_AT_MOST} more" if len(uids) > NAMED_AT_MOST else ""
        return ", ".join(uids[:NAMED_AT_MOST]) + more


def workload_strategies(found: Iterable[Member]) -> Iterator[WorkloadStrategy]:
    """The strategy of every workload, sorted by name."""
    members: defaultdict[str, list[Member]] = defaultdict(list)
    for one in found:
        members[one.workload].append(one)
    for workload, every in sorted(members.items()):
        counting = [one for one in every if one.kind not in _FOLLOWS] or every
        rule = most_cautious([one.strategy for one in counting])
        yield WorkloadStrategy(workload, rule, most_cautious([one.recommended for one in counting]).strategy, tuple(counting))


def most_cautious(strategies: Sequence[Strategy]) -> WorkloadRule:
    """The first row of the table that any of *strategies* is."""
    return next(rule for rule in WORKLOAD_RULES if rule.strategy in strategies)

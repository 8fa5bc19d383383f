"""Strategies that people decided on, against or before the recommendation: which hold on a day, and which have expired and ask again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from cloudmigrate.domain.decisions import Decision, DecisionKind
from cloudmigrate.domain.strategies import Strategy


@dataclass(frozen=True, slots=True)
class Override:
    """One person's strategy for one resource."""

    uid: str
    strategy: Strategy
    reason: str
    by: str
    decided_at: datetime
    expires_on: date | None
    has_expired: bool

    def question(self) -> str | None:
        """What is open again, in words; None while it holds."""
        if not self.has_expired:
            return None
        return f"{self.strategy}, decided by {self.by} ({self.reason}), expired on {self.expires_on}: decide again, or take it back"

    def record(self, would_be: Strategy | None) -> dict[str, object]:
        """As JSON values, with what is recommended without it; None where the resource has no recommendation."""
        return {
            "strategy": self.strategy.value,
            "reason": self.reason,
            "by": self.by,
            "decided_at": self.decided_at.isoformat(),
            "expires_on": self.expires_on.isoformat() if self.expires_on else None,
            "has_expired": self.has_expired,
            "would_have_been": would_be.value if would_be else None,
        }


def overrides_of(decisions: Iterable[Decision], today: date) -> Mapping[str, Override]:
    """uid -> the newest strategy that a person decided, on the day *today*; expired ones included. It holds on its last day."""
    return {
        one.subject: Override(
            one.subject,
            Strategy(one.value),
            one.reason,
            one.decided_by,
            one.decided_at,
            one.expires_on,
            has_expired=one.expires_on is not None and one.expires_on < today,
        )
        for one in decisions
        if one.kind is DecisionKind.STRATEGY and one.value is not None
    }


def holding(decisions: Iterable[Decision], today: date) -> tuple[Decision, ...]:
    """*decisions* without those that have expired on the day *today*."""
    return tuple(one for one in decisions if one.expires_on is None or one.expires_on >= today)


def decided_strategies(decisions: Iterable[Decision]) -> Mapping[str, Strategy]:
    """uid -> strategy of *decisions*, which all hold."""
    return {one.subject: Strategy(one.value) for one in decisions if one.kind is DecisionKind.STRATEGY and one.value is not None}

"""Decisions of people that outlive a run: pins, exclusions, workloads, shared services, strategies. The ledger keeps them, all obey."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from cloudmigrate.domain.strategies import Strategy

HELD_OUT, PUT_BACK = "held_out", "put_back"  # the values of a SHARED decision
WAVES_BEYOND = 50  # empty waves that a person may ask for behind a plan; two years of fortnights
_WAVE = re.compile(r"[1-9][0-9]{0,5}", re.ASCII)


class DecisionKind(StrEnum):
    """What a decision is about; its subject is a resource's uid."""

    PIN = "pin"  # value: the number of its wave
    EXCLUDE = "exclude"  # value: why it does not move
    WORKLOAD = "workload"  # value: the workload's name
    SHARED = "shared"  # value: held_out (of grouping and order) or put_back
    STRATEGY = "strategy"  # value: one of the seven strategies; may expire


@dataclass(frozen=True, slots=True)
class Decision:
    """One answer of one person; the newest on a (kind, subject) holds, and a value of None takes back what was decided before."""

    kind: DecisionKind
    subject: str
    value: str | None
    reason: str
    decided_by: str
    decided_at: datetime
    expires_on: date | None = None  # the last day on which it holds; None: until it is taken back
    before: str | None = field(default=None, compare=False)  # what held when it was decided, for the record


def check_decision(decision: Decision) -> None:
    """Nothing, if the decision can be obeyed. Raises ValueError that says what is wrong and what may stand there."""
    about = f"{decision.kind} of {decision.subject or 'no resource'}"
    if not decision.subject:
        raise ValueError(f"{about}: the resource is missing. Next: name its uid.")
    if not decision.decided_by:
        raise ValueError(f"{about}: it is not said who decided. Next: name the person.")
    if decision.decided_at.tzinfo is None:
        raise ValueError(f"{about}: the instant {decision.decided_at!r} has no time zone. Next: give it in UTC.")
    if decision.expires_on is not None and decision.kind is not DecisionKind.STRATEGY:
        raise ValueError(f"{about}: only a strategy may expire. Next: leave the day out.")
    match decision.kind, decision.value:
        case _, None:
            return
        case DecisionKind.PIN, value if not _WAVE.fullmatch(value):
            raise ValueError(f"{about}: {value!r} is no wave. Next: give a whole number from 1.")
        case DecisionKind.SHARED, value if value not in (HELD_OUT, PUT_BACK):
            raise ValueError(f"{about}: {value!r} is not understood. Next: write {HELD_OUT} or {PUT_BACK}.")
        case DecisionKind.STRATEGY, value if value not in set(Strategy):
            raise ValueError(f"{about}: {value!r} is no strategy. Next: write {', '.join(Strategy)}.")
        case DecisionKind.STRATEGY, _ if not decision.reason.strip():
            raise ValueError(f"{about}: the reason is missing. Next: say why; it is shown wherever the decision has an effect.")
        case _, value if not value.strip():
            raise ValueError(f"{about}: the value is empty. Next: give one, or take the decision back.")


def latest_sensible(last_wave: int) -> int:
    """The latest wave worth asking for in a plan of so many waves: a slip of the pen leaves no hundreds of empty ones."""
    return last_wave + WAVES_BEYOND


def too_late(wave: int, last_wave: int) -> str | None:
    """Why nothing should be asked to move in that wave of a plan of *last_wave* waves; None where it may."""
    latest = latest_sensible(last_wave)
    return f"the plan has {last_wave} waves. Next: give a wave up to {latest}." if wave > latest else None


def values_of(decisions: Iterable[Decision], kind: DecisionKind) -> Mapping[str, str]:
    """subject -> value of the decisions of that kind that hold (as ``Ledger.decisions`` gives them)."""
    return {one.subject: one.value for one in decisions if one.kind is kind and one.value is not None}

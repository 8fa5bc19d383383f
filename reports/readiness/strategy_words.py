"""The report's sentences on what is recommended."""

from collections import Counter
from collections.abc import Sequence

from reports.readiness.strategy_view import Strategies, StrategyRow
from reports.readiness.words import NARROW_SPACE, agree, count, listing

MEANINGS = {
    "retire": "switched off, after a last copy of what it holds",
    "retain": "stays where it is",
    "rehost": "moved as it is, at the size that its use needs",
    "relocate": "moved with the host or hypervisor under it",
    "repurchase": "replaced by a product that is bought as a service",
    "replatform": "moved onto another platform, its code unchanged",
    "refactor": "rebuilt",
}
HIGH, LOW = 0.8, 0.5
RUN = "`cloudmigrate metrics` recommends once use and traffic are known."


def strategies_sentence(found: Strategies | None) -> str:
    """How many resources have which strategy."""
    if found is None:
        return f"Nothing was recommended in this snapshot. {RUN}"
    if not found.resources:
        return "No resource was found that a strategy could be recommended for."
    tally = Counter(row.strategy for row in found.resources)
    ranked = sorted(tally.items(), key=lambda one: (-one[1], one[0]))
    return (
        f"{count(len(found.resources), 'resource').capitalize()}: {listing([f'{name} {amount:,}' for name, amount in ranked], at_most=7)}."
    )


def confidence_sentence(rows: Sequence[StrategyRow]) -> str:
    """How sure the recommendations are."""
    if not rows:
        return ""
    high = sum(row.confidence >= HIGH for row in rows)
    low = sum(row.confidence < LOW for row in rows)
    limit, floor = f"{HIGH:.0%}".replace("%", f"{NARROW_SPACE}%"), f"{LOW:.0%}".replace("%", f"{NARROW_SPACE}%")
    of = "the one recommendation" if len(rows) == 1 else f"{count(len(rows), 'recommendation')}"
    tally = f"Confidence is at least {limit} for {high or 'none'} of {of}, and under {floor} for {low or 'none'}."
    return f"{tally} It says how firmly the data at hand carry the choice, not how well the move will go."


def questions_sentence(rows: Sequence[StrategyRow]) -> str:
    """How many questions are open."""
    if not rows:
        return "No decision of a person has expired and none is waiting."
    open_, waits = agree(len(rows), "is open", "are open"), agree(len(rows), "waits", "wait")
    return f"{count(len(rows), 'question').capitalize()} {open_} and {waits} for a person."


def overrides_sentence(rows: Sequence[StrategyRow]) -> str:
    """How many strategies a person decided; empty where none."""
    decided = sum(row.decided_by is not None for row in rows)
    return (
        f"{count(decided, 'strategy', 'strategies').capitalize()} {agree(decided, 'was', 'were')} decided by a person." if decided else ""
    )


def why_not(row: StrategyRow) -> str:
    """The nearest alternative and why it lost; empty where there is none."""
    if not row.alternatives:
        return ""
    first = row.alternatives[0]
    return f"not {first.strategy}: {first.why_not}"

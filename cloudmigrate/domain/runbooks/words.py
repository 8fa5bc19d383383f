"""Spans, counts and lists in words, the same in every runbook."""

from collections.abc import Sequence
from datetime import datetime, timedelta


def span(value: timedelta) -> str:
    """Such as "45 s", "20 min", "1 h 05 min", "3 days 2 h"; whole seconds, rounded."""
    seconds = round(value.total_seconds())
    minutes, rest = divmod(seconds, 60)
    hours, minutes_left = divmod(minutes, 60)
    days, hours_left = divmod(hours, 24)
    if days:
        return count(days, "day") + (f" {hours_left} h" if hours_left else "")
    if hours:
        return f"{hours} h {minutes_left:02} min"
    if minutes:
        return f"{minutes} min" + (f" {rest:02} s" if rest else "")
    return f"{seconds} s"


def count(amount: int, noun: str, many: str = "") -> str:
    """Such as "1 step", "2 steps"."""
    return f"{amount} {noun if amount == 1 else many or f'{noun}s'}"


def listed(items: Sequence[str], *, at_most: int = 6) -> str:
    """Such as "a", "a and b", "a, b and 3 more"; "nobody" where there are none."""
    if not items:
        return "nobody"
    shown = list(items) if len(items) <= at_most else [*items[: at_most - 1], f"{len(items) - at_most + 1} more"]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def moment(at: datetime) -> str:
    """Such as "2026-11-28 20:30 UTC"."""
    return f"{at:%Y-%m-%d %H:%M} UTC"

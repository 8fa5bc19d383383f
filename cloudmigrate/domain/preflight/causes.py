"""Checks that one cause left unanswered, put together: a person mends it once."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from cloudmigrate.domain.preflight.record import Check, CheckState

# Who was asked what, before the reason: what AWS was asked, a type, an account, a role that could not even be tried.
_ASKED = re.compile(
    r"^(?:[A-Za-z0-9-]+:[A-Za-z0-9*]+ in \d{12} [a-z0-9-]+: )?(?:AWS::\S+ could not be looked at again: )?"
    r"(?:step \S+ for \S+ \(account \d{12}, \S+\): )?"
    r"(?:account \d{12} could not be entered: )?(?:role \S+ cannot be assumed: (?=Unable to locate credentials))?"
)


@dataclass(frozen=True, slots=True)
class Cause:
    """What one line tells: one check, or several that came to nothing for one reason."""

    why: str
    advice: str
    checks: tuple[Check, ...]


def without_who(told: str) -> str:
    """What was *told* of something that could not be seen, without who was asked what, and where."""
    return _ASKED.sub("", told)


def cause_of(check: Check) -> tuple[str, str]:
    """Why nobody could tell, without who was asked what, and what to do: "Unable to locate credentials (NoCredentialsError)"."""
    why, _, advice = without_who(check.evidence).partition(". Next: ")
    return why, advice or check.advice


def by_cause(checks: Iterable[Check]) -> list[Cause]:
    """The *checks* in their order, those that were not assessed for the same reason and with the same advice at the first of them."""
    found: dict[object, list[Check]] = {}
    for number, one in enumerate(checks):
        found.setdefault(cause_of(one) if one.state is CheckState.NOT_ASSESSED else number, []).append(one)
    return [Cause(*cause_of(some[0]), tuple(some)) for some in found.values()]

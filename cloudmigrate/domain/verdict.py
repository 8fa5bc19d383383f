"""Yes, no and unknown: answers of rules, and how answers join. What was not seen is unknown; it never becomes no."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """Whether something lets traffic through."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


YES, NO, UNKNOWN = Verdict.YES, Verdict.NO, Verdict.UNKNOWN


def all_of(verdicts: Iterable[Verdict]) -> Verdict:
    """Whether all let it through: one no is enough for no."""
    found = set(verdicts)
    return NO if NO in found else UNKNOWN if UNKNOWN in found else YES


def any_of(verdicts: Iterable[Verdict]) -> Verdict:
    """Whether one lets it through: one yes is enough for yes."""
    found = set(verdicts)
    return YES if YES in found else UNKNOWN if UNKNOWN in found else NO


def agreed(verdicts: Iterable[Verdict]) -> Verdict:
    """What holds when one of them applies and nobody knows which: theirs if they agree, else unknown."""
    found = set(verdicts)
    return found.pop() if len(found) == 1 else UNKNOWN


@dataclass(frozen=True, slots=True)
class Check:
    """One answer with its evidence."""

    verdict: Verdict
    rules: tuple[str, ...] = ()  # ids of what lets it through
    doubtful: tuple[str, ...] = ()  # ids of what may let it through: part of the addresses, of the ports, of the types
    why: str = ""  # what stops it, or what is not known; empty for yes

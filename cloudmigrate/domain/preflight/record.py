"""The records of a preflight: checks, what was waived of them, and the hash that an approval binds."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

from cloudmigrate.domain.execution_policy import Waiver
from cloudmigrate.domain.preflight.names import CheckName


class CheckState(StrEnum):
    """What a check came to."""

    FAIL = "fail"
    NOT_ASSESSED = "not_assessed"
    PASS = "pass"  # noqa: S105 - no password


ORDER = tuple(CheckState)  # the worst first


@dataclass(frozen=True, slots=True)
class Check:
    """One verdict, of one thing in one place."""

    name: CheckName
    subject: str  # uid, id or name of what was looked at; empty: the whole wave
    account_id: str
    region: str
    state: CheckState
    evidence: str  # what was seen, with figures
    advice: str = ""  # what to do now; empty for a pass
    bends: bool = False  # a failure that a person may answer for; what was not assessed always is

    @property
    def place(self) -> str:
        """Where it was looked at."""
        return " ".join(one for one in (self.account_id, self.region) if one)


@dataclass(frozen=True, slots=True)
class Preflight:
    """All checks of one wave, the blocking ones first, and how the estate file's waivers stand to them."""

    plan_id: str
    wave: int
    checks: tuple[Check, ...]
    waivers: tuple[Waiver, ...] = ()
    on: date | None = None  # the day that decides which waivers hold

    def waiver_of(self, check: Check) -> Waiver | None:
        """The waiver that lets the check pass for now: the first that holds."""
        if check.state is CheckState.PASS or (check.state is CheckState.FAIL and not check.bends):
            return None
        return next((one for one in self.waivers if _is_meant(one, check) and self._holds(one)), None)

    def _holds(self, waiver: Waiver) -> bool:
        return self.on is None or self.on <= waiver.expires

    @property
    def blocking(self) -> tuple[Check, ...]:
        """What keeps the wave from being begun."""
        return tuple(one for one in self.checks if one.state is not CheckState.PASS and self.waiver_of(one) is None)

    @property
    def blocks(self) -> bool:
        """Whether anything does."""
        return bool(self.blocking)

    @property
    def used(self) -> tuple[Waiver, ...]:
        """The waivers that let something pass."""
        found = (self.waiver_of(one) for one in self.checks)
        return tuple(sorted({one for one in found if one is not None}, key=_waiver_key))

    @property
    def idle(self) -> tuple[tuple[Waiver, str], ...]:
        """Waivers that let nothing pass, and why: expired, of a failure that nobody can waive, or of nothing that blocks."""
        used = set(self.used)
        return tuple((one, self._why_idle(one)) for one in self.waivers if one not in used)

    def _why_idle(self, waiver: Waiver) -> str:
        if not self._holds(waiver):
            return f"it expired on {waiver.expires.isoformat()}"
        meant = [one for one in self.checks if _is_meant(waiver, one) and one.state is not CheckState.PASS]
        if any(self.waiver_of(one) is None for one in meant):
            return "it names a failure that cannot be waived"
        return "another waiver covers the same" if meant else "nothing that it names blocks"

    @property
    def preflight_hash(self) -> str:
        """SHA-256, hexadecimal, of what was judged: of which thing, where, with which verdict, by which waivers.

        Evidence is not in it: its figures move from one look to the next, and the verdict says what they mean.
        """
        judged = sorted([one.name.value, one.subject, one.account_id, one.region, one.state.value] for one in self.checks)
        said = {"plan_id": self.plan_id, "wave": self.wave, "judged": judged, "waived": [_waiver_document(one) for one in self.used]}
        text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
        return hashlib.sha256(text.encode("ascii")).hexdigest()

    def document(self) -> dict[str, Any]:
        """All of it as JSON values."""
        return {
            "plan_id": self.plan_id,
            "wave": self.wave,
            "preflight_hash": self.preflight_hash,
            "blocks": self.blocks,
            "counts": {state.value: sum(one.state is state for one in self.checks) for state in ORDER},
            "checks": [self._check(one) for one in self.in_order()],
            "waived_by": [_waiver_document(one) for one in self.used],
            "idle_waivers": [{**_waiver_document(one), "why": why} for one, why in self.idle],
        }

    def in_order(self) -> list[Check]:
        """The checks: what blocks first, then what is waived, then what passed."""
        blocking = set(self.blocking)
        return sorted(self.checks, key=lambda one: (one not in blocking, ORDER.index(one.state)))

    def _check(self, one: Check) -> dict[str, Any]:
        waiver = self.waiver_of(one)
        told = {"check" if name == "name" else name: value for name, value in asdict(one).items()}
        return {**told, "waived": _waiver_document(waiver) if waiver else None}


def judged(plan_id: str, wave: int, checks: Iterable[Check], waivers: Sequence[Waiver], on: date) -> Preflight:
    """The preflight of these checks; the same verdict on the same thing stands there once, with its first evidence."""
    distinct: dict[tuple[str, str, str, str, CheckState], Check] = {}
    for one in checks:
        distinct.setdefault((one.name, one.subject, one.account_id, one.region, one.state), one)
    names = tuple(CheckName)
    ordered = sorted(distinct.values(), key=lambda one: (names.index(one.name), one.account_id, one.region, one.subject, one.state))
    return Preflight(plan_id, wave, tuple(ordered), tuple(waivers), on)


def _is_meant(waiver: Waiver, check: Check) -> bool:
    return waiver.check is check.name and (not waiver.subject or fnmatchcase(check.subject, waiver.subject))


def _waiver_document(waiver: Waiver) -> dict[str, str]:
    return {
        "check": waiver.check.value,
        "subject": waiver.subject,
        "by": waiver.by,
        "reason": waiver.reason,
        "expires": waiver.expires.isoformat(),
    }


def _waiver_key(waiver: Waiver) -> tuple[str, ...]:
    return tuple(_waiver_document(waiver).values())

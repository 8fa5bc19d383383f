"""Whether the lines of a wave's journal are those that the audit chain tells of: what is taken back by a changed line is another's."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, func, select

from cloudmigrate.domain.journal import Entry, StepState
from cloudmigrate.ledger import audit
from cloudmigrate.ledger.columns import canonical_json
from cloudmigrate.ledger.records import AuditProblem, NotedHead
from cloudmigrate.ledger.tables import audit_events
from cloudmigrate.masking import masked

TAKEN = "wave.taken"  # the event that comes before every line of a wave
OF_STEP = "step."  # what actions of lines begin with
OF_LINES = frozenset(f"{OF_STEP}{state.value}" for state in StepState)  # a confirmation is of a step too, and no line


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why what the journal says of a step is not to be acted upon."""

    why: str
    told: Mapping[str, Any] = field(default_factory=dict)  # what the chain says that the step gave, secrets masked; empty: it says nothing


@dataclass(frozen=True, slots=True)
class _Told:
    """A line as the audit chain tells it."""

    seq: int
    state: str
    outputs: Mapping[str, Any]
    outputs_hash: str | None  # None: of a release that did not tell it

    def is_of(self, line: Entry) -> bool:
        """Whether it tells of this very line."""
        same = masked(dict(line.outputs)) == self.outputs if self.outputs_hash is None else hash_of(line.outputs) == self.outputs_hash
        return self.state == line.state.value and same


def hash_of(outputs: Mapping[str, Any]) -> str:
    """SHA-256, in hex, of what a step gave, as the ledger keeps it."""
    return hashlib.sha256(canonical_json(dict(outputs)).encode("ascii")).hexdigest()


def doubts(connection: Connection, plan_id: str, wave: int, lines: Sequence[Entry], signed: Iterable[NotedHead] = ()) -> dict[str, Doubt]:
    """step -> what is wrong, for each step whose lines, read before, are not those of the chain; none of a journal that nobody changed.

    A break of the chain unsettles what lies before it: only that the next event names its hash shows that an event is the one of then.
    """
    of_wave = (audit_events.c.action == TAKEN, audit_events.c.subject == f"{plan_id}/{wave}")
    first = connection.execute(select(func.min(audit_events.c.seq)).where(*of_wave)).scalar()
    told, broken = _read(connection, plan_id, wave, first, signed) if first is not None else ({}, None)
    kept: dict[str, list[Entry]] = {}
    for line in lines:
        kept.setdefault(line.step_id, []).append(line)
    found = {step_id: _doubt(kept.get(step_id, []), told.get(step_id, []), broken) for step_id in [*kept, *(told.keys() - kept.keys())]}
    return {step_id: doubt for step_id, doubt in found.items() if doubt is not None}


def _read(
    connection: Connection, plan_id: str, wave: int, first: int, signed: Iterable[NotedHead]
) -> tuple[dict[str, list[_Told]], AuditProblem | None]:
    """step -> its lines as the chain tells them, and the last break of the chain since the wave was first taken."""
    told: dict[str, list[_Told]] = {}

    def heard(seq: int, action: str, step_id: str, detail: Mapping[str, Any]) -> None:
        if action in OF_LINES and (detail.get("plan_id"), detail.get("wave")) == (masked(plan_id), wave):
            line = _Told(seq, action.removeprefix(OF_STEP), detail.get("outputs") or {}, detail.get("outputs_hash"))
            told.setdefault(step_id, []).append(line)

    problems = list(audit.verify(connection, signed, since=first, heard=heard))
    return told, max(problems, key=lambda one: one.seq, default=None)


def _doubt(kept: Sequence[Entry], told: Sequence[_Told], broken: AuditProblem | None) -> Doubt | None:
    outputs = next((one.outputs for one in reversed(told) if one.outputs), {})
    for number, (line, event) in enumerate(zip(kept, told, strict=False), start=1):
        if not event.is_of(line):
            says = f"line {number} of it says {_words(line.state.value, masked(dict(line.outputs)))}"
            return Doubt(f"{says}, and audit event {event.seq} tells of {_words(event.state, event.outputs)}", outputs)
    if len(kept) != len(told):
        return Doubt(f"the journal has {len(kept)} lines of it, and the audit chain tells of {len(told)}", outputs)
    if broken is not None and any(one.seq <= broken.seq for one in told):
        return Doubt(f"the audit chain proves nothing of it: {broken}", outputs)
    return None


def _words(state: str, outputs: Mapping[str, Any]) -> str:
    return f"{state} {canonical_json(dict(outputs))}" if outputs else state

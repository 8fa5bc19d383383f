"""The audit chain: each event carries the hash of the one before, so that no past event can change unnoticed."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, Text, insert, select, type_coerce

from cloudmigrate.ledger.columns import canonical_json, instant_text, storable
from cloudmigrate.ledger.engine import AUDIT_LOCK, lock
from cloudmigrate.ledger.records import AuditEvent, AuditHead, AuditProblem, NotedHead
from cloudmigrate.ledger.tables import audit_events, step_entries

GENESIS = "0" * 64


def event_hash(*, seq: int, at: datetime, actor: str, action: str, subject: str, detail: Any, prev_hash: str) -> str:
    """SHA-256, in hex, of the event's canonical JSON with the hash of the event before it."""
    record = {
        "seq": seq,
        "at": instant_text(at),
        "actor": actor,
        "action": action,
        "subject": subject,
        "detail": detail,
        "prev_hash": prev_hash,
    }
    return hashlib.sha256(canonical_json(record).encode("ascii")).hexdigest()


def append(connection: Connection, at: datetime, *, actor: str, action: str, subject: str, detail: Mapping[str, Any]) -> AuditEvent:
    """Add the next link; the lock is held to the end of the transaction, so two writers never continue the same link."""
    lock(connection, AUDIT_LOCK)
    head = get_head(connection)
    seq = head.seq + 1
    at = at.astimezone(UTC)
    actor, action, subject = storable(actor), storable(action), storable(subject)
    content: dict[str, Any] = {"actor": actor, "action": action, "subject": subject, "detail": dict(detail), "prev_hash": head.hash}
    event = AuditEvent(seq=seq, at=at, **content, hash=event_hash(seq=seq, at=at, **content))
    connection.execute(insert(audit_events).values(seq=seq, at=at, **content, hash=event.hash))
    return event


def get_head(connection: Connection) -> AuditHead:
    """The newest link; seq 0 and the genesis hash while there is none."""
    query = select(audit_events.c.seq, audit_events.c.hash).order_by(audit_events.c.seq.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return AuditHead(0, GENESIS) if row is None else AuditHead(row.seq, row.hash)


def head_line(head: AuditHead) -> str:
    """The head as the one line that `cloudmigrate audit verify --exported` reads."""
    return json.dumps({"kind": "head", "head": f"{head.seq}:{head.hash}"}) + "\n"


def list_events(connection: Connection, after_seq: int, limit: int) -> tuple[AuditEvent, ...]:
    """Up to *limit* events after *after_seq*, in order."""
    query = select(audit_events).where(audit_events.c.seq > after_seq).order_by(audit_events.c.seq).limit(limit)
    return tuple(_event(row) for row in connection.execute(query))


def newest_of(connection: Connection, action: str, subject: str) -> AuditEvent | None:
    """The newest event of that action on that subject; None while there is none."""
    query = select(audit_events).where(audit_events.c.action == action, audit_events.c.subject == storable(subject))
    row = connection.execute(query.order_by(audit_events.c.seq.desc()).limit(1)).one_or_none()
    return None if row is None else _event(row)


def list_step_events(connection: Connection, plan_id: str, wave: int) -> Iterator[AuditEvent]:
    """What was recorded of a wave's steps, in order."""
    of_wave = select(step_entries.c.step_id).where(step_entries.c.plan_id == plan_id, step_entries.c.wave == wave)
    query = select(audit_events).where(audit_events.c.action.like("step.%"), audit_events.c.subject.in_(of_wave))
    for row in connection.execute(query.order_by(audit_events.c.seq)):
        if (row.detail.get("plan_id"), row.detail.get("wave")) == (plan_id, wave):  # a later plan has steps of the same ids
            yield _event(row)


def _event(row: Row[Any]) -> AuditEvent:
    return AuditEvent(row.seq, row.at, row.actor, row.action, row.subject, row.detail, row.prev_hash, row.hash)


Heard = Callable[[int, str, str, Mapping[str, Any]], None]  # of number, action, subject and detail


def verify(
    connection: Connection, noted: Iterable[NotedHead] = (), *, since: int = 1, heard: Heard | None = None
) -> Iterator[AuditProblem]:
    """Every place where the chain is broken, in order; none if it is whole. *since*: from this event on; *heard* is told of each.

    The chain alone cannot show that its tail was cut off or written anew by someone who can compute hashes:
    for that, hand in the heads as they were noted outside the database, or signed by people.
    """
    prev_hash, seq = (GENESIS, 0) if since == 1 else (None, since - 1)
    awaited: dict[int, list[NotedHead]] = defaultdict(list)
    for one in noted:
        if one.head.seq >= since or since == 1:
            awaited[one.head.seq].append(one)
    yield from _unlike(awaited.pop(0, ()), GENESIS)
    query = _as_stored(connection).where(audit_events.c.seq >= since)
    for row in connection.execution_options(yield_per=1000).execute(query):
        if row.seq != seq + 1:
            yield AuditProblem(seq + 1, f"is missing; the next event is {row.seq}")
        elif prev_hash is not None and row.prev_hash != prev_hash:
            yield AuditProblem(row.seq, "does not follow the event before it")
        problem = _changed(row)
        if problem:
            yield AuditProblem(row.seq, problem)
        elif heard is not None:
            heard(row.seq, row.action, row.subject, json.loads(row.detail))
        yield from _unlike(awaited.pop(row.seq, ()), row.hash)
        prev_hash, seq = row.hash, row.seq
    for number, heads in sorted(awaited.items()):
        for how in sorted({one.how for one in heads}):
            end = f"the chain ends at event {seq}" if number > seq else "it was removed"
            yield AuditProblem(number, f"is missing; {end}" if how == "noted" else f"is missing, whose hash was {how}; {end}")


def _unlike(noted: Iterable[NotedHead], found: str) -> Iterator[AuditProblem]:
    """The problem of each head that is not the event of its number."""
    for one in dict.fromkeys(noted):
        if one.head.hash != found:
            yield AuditProblem(one.head.seq, f"is not the event whose hash was {one.how}; the chain was written anew")


def _as_stored(connection: Connection) -> Select[Any]:
    """The events with JSON, and SQLite's instants, as the very text that is stored: another spelling of it is a change too."""
    at = audit_events.c.at
    columns = [column for column in audit_events.c if column.name not in ("at", "detail")]
    stored_at = type_coerce(at, Text).label("at") if connection.dialect.name == "sqlite" else at
    return select(*columns, stored_at, type_coerce(audit_events.c.detail, Text).label("detail")).order_by(audit_events.c.seq)


def _changed(row: Row[Any]) -> str | None:
    try:
        at = row.at if isinstance(row.at, datetime) else datetime.fromisoformat(row.at)
        detail = json.loads(row.detail)
        spelled = canonical_json(detail) == row.detail and (row.at is at or instant_text(at) == row.at)
        digest = event_hash(
            seq=row.seq, at=at, actor=row.actor, action=row.action, subject=row.subject, detail=detail, prev_hash=row.prev_hash
        )
    except (TypeError, ValueError):  # what stands there is no longer of its kind
        return "does not match its hash; it was changed"
    return None if spelled and digest == row.hash else "does not match its hash; it was changed"

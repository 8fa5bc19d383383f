"""What people decided: every decision stays, the newest on each (kind, subject) holds. Every function takes an open transaction."""

from collections.abc import Iterable
from datetime import UTC, date
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from cloudmigrate.domain.decisions import Decision, DecisionKind, check_decision
from cloudmigrate.ledger import audit
from cloudmigrate.ledger.columns import storable
from cloudmigrate.ledger.engine import AUDIT_LOCK, lock
from cloudmigrate.ledger.snapshots import RefusedError
from cloudmigrate.ledger.tables import decisions
from cloudmigrate.masking import masked


def decide(connection: Connection, estate: str, given: Iterable[Decision]) -> tuple[Decision, ...]:
    """Add *given*, each with its audit event; those that were new. Said again (a retry) a decision changes nothing.

    Raises RefusedError on one that cannot be obeyed; then none of them is added.
    """
    lock(connection, AUDIT_LOCK)  # the order of numbers is the order in which they became visible
    held = {(one.kind, one.subject): one for one in _newest(connection, estate)}
    added = []
    for decision in given:
        try:
            check_decision(decision)
        except ValueError as error:
            reason, _, next_action = str(error).partition(" Next: ")
            raise RefusedError(reason.rstrip("."), next_action) from None
        kept = _as_kept(decision)
        key = (kept.kind, kept.subject)
        if held.get(key) == kept:
            continue
        _add(connection, estate, kept)
        held[key] = kept
        added.append(kept)
    return tuple(added)


def _as_kept(decision: Decision) -> Decision:
    """The decision as both databases give it back."""
    return Decision(
        decision.kind,
        storable(decision.subject),
        None if decision.value is None else storable(decision.value),
        storable(decision.reason),
        storable(decision.decided_by),
        decision.decided_at.astimezone(UTC),
        decision.expires_on,
        None if decision.before is None else storable(decision.before),
    )


def _add(connection: Connection, estate: str, decision: Decision) -> None:
    said = {"value": decision.value, "reason": decision.reason}
    who = {"decided_by": decision.decided_by, "decided_at": decision.decided_at}
    until = {"expires_on": decision.expires_on.isoformat() if decision.expires_on else None, "before": decision.before}
    connection.execute(insert(decisions).values(estate=estate, kind=decision.kind.value, subject=decision.subject, **said, **who, **until))
    told = {name: value for name, value in until.items() if value is not None}
    audit.append(
        connection,
        decision.decided_at,
        actor=decision.decided_by,
        action=f"decision.{decision.kind.value}" if decision.value is not None else f"decision.{decision.kind.value}.withdrawn",
        subject=decision.subject,
        detail=masked({"estate": estate, **said, **told}),
    )


def list_decisions(connection: Connection, estate: str) -> tuple[Decision, ...]:
    """What holds now: the newest on each (kind, subject) that was not taken back, sorted by kind and subject."""
    return tuple(one for one in _newest(connection, estate) if one.value is not None)


def _newest(connection: Connection, estate: str) -> tuple[Decision, ...]:
    """The newest decision on each (kind, subject), withdrawals included; sorted as Python sorts, whatever the database's locale."""
    newest = select(func.max(decisions.c.seq)).where(decisions.c.estate == estate).group_by(decisions.c.kind, decisions.c.subject)
    rows = connection.execute(select(decisions).where(decisions.c.seq.in_(newest)))
    return tuple(sorted((_decision(row) for row in rows), key=lambda one: (one.kind, one.subject)))


def decision_history(connection: Connection, estate: str, limit: int) -> tuple[Decision, ...]:
    """The newest *limit* decisions, those that no longer hold included, newest first."""
    query = select(decisions).where(decisions.c.estate == estate).order_by(decisions.c.seq.desc()).limit(limit)
    return tuple(_decision(row) for row in connection.execute(query))


def _decision(row: Row[Any]) -> Decision:
    said = (DecisionKind(row.kind), row.subject, row.value, row.reason, row.decided_by, row.decided_at)
    return Decision(*said, expires_on=date.fromisoformat(row.expires_on) if row.expires_on else None, before=row.before)

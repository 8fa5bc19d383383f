"""What was checked before a wave, as it was judged at that moment; rows are only added. Functions take an open transaction."""

from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select

from cloudmigrate.ledger import audit
from cloudmigrate.ledger.engine import AUDIT_LOCK, lock
from cloudmigrate.ledger.records import PreflightRow
from cloudmigrate.ledger.tables import preflights
from cloudmigrate.masking import masked

CHECKED = "preflight.checked"


def record(connection: Connection, checked: PreflightRow, plan_hash: str) -> PreflightRow:
    """The row as it is kept, without secrets, now in the ledger with its audit event."""
    lock(connection, AUDIT_LOCK)  # the order of numbers is the order in which they became visible
    columns = [column.name for column in preflights.c if column.name not in ("seq", "document")]
    kept = {name: getattr(checked, name) for name in columns} | {"document": masked(dict(checked.document))}
    (seq,) = connection.execute(insert(preflights).values(**kept)).inserted_primary_key or (0,)
    detail = {"estate": checked.estate, "hash": checked.preflight_hash, "plan_hash": plan_hash, "steps_hash": checked.steps_hash}
    subject = f"{checked.plan_id}/{checked.wave}"
    audit.append(connection, checked.checked_at, actor=checked.checked_by, action=CHECKED, subject=subject, detail=masked(detail))
    return _row(connection.execute(select(preflights).where(preflights.c.seq == seq)).one())


def newest_of_wave(connection: Connection, plan_id: str, wave: int) -> PreflightRow | None:
    """The newest preflight of a wave; None where there never was one."""
    return _first(connection, select(preflights).where(preflights.c.plan_id == plan_id, preflights.c.wave == wave))


def newest_of_hash(connection: Connection, preflight_hash: str) -> PreflightRow | None:
    """The newest preflight that came to this result; None where none did."""
    return _first(connection, select(preflights).where(preflights.c.preflight_hash == preflight_hash))


def _first(connection: Connection, query: Select[Any]) -> PreflightRow | None:
    row = connection.execute(query.order_by(preflights.c.seq.desc()).limit(1)).one_or_none()
    return None if row is None else _row(row)


def _row(row: Row[Any]) -> PreflightRow:
    return PreflightRow(**{name: value for name, value in row._mapping.items() if name != "seq"})

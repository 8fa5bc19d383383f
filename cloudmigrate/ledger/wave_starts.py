"""With which steps each wave was begun, and what people confirmed of its steps by hand. Functions take an open transaction."""

from collections.abc import Sequence

from sqlalchemy import Connection, insert, select

from cloudmigrate.domain.confirmations import Confirmation, ConfirmationError, check, fault_of
from cloudmigrate.domain.journal import is_begun, standings
from cloudmigrate.domain.people import Person
from cloudmigrate.domain.steps import Step, step_of, steps_hash
from cloudmigrate.ledger import audit, journal
from cloudmigrate.ledger.engine import AUDIT_LOCK, lock
from cloudmigrate.ledger.records import WaveStart
from cloudmigrate.ledger.snapshots import RefusedError
from cloudmigrate.ledger.tables import audit_events, confirmations, wave_starts
from cloudmigrate.masking import masked, masked_text

STARTED = "wave.started"
RESTORE = "verify the ledger (`cloudmigrate audit verify`) and restore it from a backup."
CONFIRMED, WITHDRAWN = "step.confirmed", "step.confirmation_withdrawn"


def start(connection: Connection, given: WaveStart) -> None:
    """Add with which steps a wave begins, or goes on, and its audit event.

    Raises RefusedError where the steps are not those of their hash, or lack or change one of which something stands.
    """
    if steps_hash(step_of(one) for one in given.steps) != given.steps_hash:
        raise RefusedError("the steps to begin with are not those of their hash", "report this as a bug.")
    lock(connection, AUDIT_LOCK)
    _refuse_lost(connection, given)
    # The steps are kept as they are: what is undone by a mangled parameter is another's.
    kept = {column.name: getattr(given, column.name) for column in wave_starts.c if column.name != "seq"}
    connection.execute(insert(wave_starts).values(**kept))
    detail = {name: kept[name] for name in ("estate", "plan_hash", "steps_hash", "preflight_hash")} | {"steps": len(given.steps)}
    subject = f"{given.plan_id}/{given.wave}"
    audit.append(connection, given.started_at, actor=given.started_by, action=STARTED, subject=subject, detail=masked(detail))


def _refuse_lost(connection: Connection, given: WaveStart) -> None:
    """Raises RefusedError where what stands could not be taken back by the steps to begin with as it was made."""
    known = standings(journal.entries(connection, given.plan_id, given.wave))
    standing = {step_id for step_id, one in known.items() if is_begun(one)}
    before = newest_start(connection, given.plan_id, given.wave) if standing else None
    kept = {one["step_id"]: one for one in given.steps}
    for one in before.steps if before else ():
        if one["step_id"] in standing and kept.get(one["step_id"]) != one:
            reason = f"of step {one['step_id']} something stands, and the steps to begin with have it otherwise"
            raise RefusedError(reason, "roll its move group back first.")


def newest_start(connection: Connection, plan_id: str, wave: int) -> WaveStart | None:
    """The newest beginning of a wave; None where it never began. Raises RefusedError for steps that were changed since."""
    query = select(wave_starts).where(wave_starts.c.plan_id == plan_id, wave_starts.c.wave == wave)
    row = connection.execute(query.order_by(wave_starts.c.seq.desc()).limit(1)).one_or_none()
    if row is None:
        return None
    found = WaveStart(**{name: value for name, value in row._mapping.items() if name != "seq"})
    if steps_hash(step_of(one) for one in found.steps) != found.steps_hash:
        reason = f"the steps that wave {wave} of plan {plan_id} began with were changed since"
        raise RefusedError(reason, RESTORE)
    if not _is_in_chain(connection, found):
        raise RefusedError(f"the audit chain does not tell of the steps that wave {wave} of plan {plan_id} is to have begun with", RESTORE)
    return found


def every_step(connection: Connection, plan_id: str, wave: int) -> dict[str, Step]:
    """step -> the step as the wave had it last, of all its beginnings, those that went back and were begun otherwise included."""
    query = select(wave_starts.c.steps).where(wave_starts.c.plan_id == plan_id, wave_starts.c.wave == wave).order_by(wave_starts.c.seq)
    return {one.step_id: one for row in connection.execute(query) for one in map(step_of, row.steps)}


def _is_in_chain(connection: Connection, found: WaveStart) -> bool:
    """Whether the newest event of that beginning names these very steps."""
    of_wave = (audit_events.c.action == STARTED, audit_events.c.subject == f"{found.plan_id}/{found.wave}")
    detail = connection.execute(select(audit_events.c.detail).where(*of_wave).order_by(audit_events.c.seq.desc()).limit(1)).scalar()
    return detail is not None and detail["steps_hash"] == found.steps_hash and detail["preflight_hash"] == found.preflight_hash


def confirm(connection: Connection, given: Confirmation, people: Sequence[Person]) -> None:
    """Add a signed confirmation and its audit event. Raises RefusedError for one that proves nothing."""
    try:
        check(given)
    except ConfirmationError as error:
        raise RefusedError(f"this confirmation cannot be kept: {error}", "say it anew.") from None
    fault = fault_of(given, people)
    if fault:
        raise RefusedError(f"the confirmation is not taken: {fault}", "sign with the key that belongs to the one in the estate file.")
    if masked_text(given.note) != given.note:
        raise RefusedError("the note holds what looks like a secret, and would be kept for ever", "leave the secret out.")
    lock(connection, AUDIT_LOCK)
    kept = {column.name: getattr(given, column.name) for column in confirmations.c if column.name != "seq"}
    connection.execute(insert(confirmations).values(**kept))
    detail = {name: kept[name] for name in ("estate", "plan_id", "plan_hash", "wave", "step_hash", "note", "signature")}
    action = CONFIRMED if given.is_done else WITHDRAWN
    audit.append(connection, given.said_at, actor=given.person, action=action, subject=given.step_id, detail=masked(detail))


def list_confirmations(connection: Connection, plan_id: str, wave: int) -> tuple[Confirmation, ...]:
    """What was said of a wave's steps by hand, oldest first."""
    query = select(confirmations).where(confirmations.c.plan_id == plan_id, confirmations.c.wave == wave).order_by(confirmations.c.seq)
    return tuple(
        Confirmation(**{name: value for name, value in row._mapping.items() if name != "seq"}) for row in connection.execute(query)
    )

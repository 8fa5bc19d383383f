"""The journal of waves: written by one holder at a time, and only in the order that steps can take. Functions take an open transaction."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from cloudmigrate.domain.journal import NOTHING, Entry, StepState, after
from cloudmigrate.errors.waves import WaveBusyError
from cloudmigrate.ledger import audit, journal_proof
from cloudmigrate.ledger.engine import AUDIT_LOCK, lock
from cloudmigrate.ledger.records import JournalLine
from cloudmigrate.ledger.snapshots import RefusedError
from cloudmigrate.ledger.tables import step_entries, wave_holders
from cloudmigrate.masking import masked, masked_text


@dataclass(frozen=True, slots=True)
class WaveHold:
    """The right to write the journal of one wave, until somebody takes it over."""

    estate: str
    plan_id: str
    wave: int
    holder: str  # the person, the machine and the process
    fence: int  # a number that only grows: who has the largest holds


def take(connection: Connection, estate: str, plan_id: str, wave: int, *, holder: str, taken_at: datetime) -> WaveHold:
    """The hold on a wave's journal; whoever had it before can write no more."""
    lock(connection, AUDIT_LOCK)
    values = {"estate": estate, "plan_id": plan_id, "wave": wave, "holder": holder, "taken_at": taken_at}
    (fence,) = connection.execute(insert(wave_holders).values(**values)).inserted_primary_key or (0,)
    audit.append(connection, taken_at, actor=holder, action=journal_proof.TAKEN, subject=f"{plan_id}/{wave}", detail={"estate": estate})
    return WaveHold(estate, plan_id, wave, holder, fence)


def holder_of(connection: Connection, plan_id: str, wave: int) -> str | None:
    """Who took the wave's journal last."""
    query = select(wave_holders.c.holder).where(wave_holders.c.plan_id == plan_id, wave_holders.c.wave == wave)
    return connection.execute(query.order_by(wave_holders.c.seq.desc()).limit(1)).scalar_one_or_none()


def refuse_lost(connection: Connection, hold: WaveHold) -> None:
    """Raises WaveBusyError where somebody took the wave's journal over."""
    of_wave = (wave_holders.c.plan_id == hold.plan_id, wave_holders.c.wave == hold.wave)
    last = connection.execute(select(wave_holders.c.seq, wave_holders.c.holder).where(*of_wave).order_by(wave_holders.c.seq.desc())).first()
    if last is None or last.seq != hold.fence:
        raise WaveBusyError(hold.plan_id, hold.wave, last.holder if last else "nobody")


def record(connection: Connection, hold: WaveHold, entry: Entry, recorded_at: datetime) -> None:
    """Add a line to the journal and to the audit chain. Raises WaveBusyError, RefusedError; then nothing is added."""
    lock(connection, AUDIT_LOCK)
    refuse_lost(connection, hold)
    standing = NOTHING
    for number, line in enumerate(_entries(connection, hold.plan_id, hold.wave, entry.step_id), start=1):
        standing = after(standing, line, number)
    try:
        after(standing, entry, 0)
    except ValueError as error:
        raise RefusedError(str(error), "report this as a bug, with the journal (`cloudmigrate status`)") from None
    # Outputs are what acts name: ids. They are kept as they are, for what is undone by a mangled id is another's.
    kept = {"state": entry.state.value, "outputs": dict(entry.outputs), "error": masked_text(entry.error)}
    place = {"plan_id": hold.plan_id, "wave": hold.wave, "step_id": entry.step_id}
    connection.execute(insert(step_entries).values(**place, **kept, holder_seq=hold.fence, recorded_at=recorded_at))
    action = f"{journal_proof.OF_STEP}{entry.state.value}"
    detail = {**masked({**place, **kept}), "outputs_hash": journal_proof.hash_of(entry.outputs)}
    audit.append(connection, recorded_at, actor=hold.holder, action=action, subject=entry.step_id, detail=detail)


def entries(connection: Connection, plan_id: str, wave: int) -> tuple[Entry, ...]:
    """The journal of a wave, from its first line on."""
    return tuple(_entries(connection, plan_id, wave))


def lines(connection: Connection, plan_id: str, wave: int) -> tuple[JournalLine, ...]:
    """The journal of a wave, from its first line on, with who wrote each and when."""
    joined = step_entries.join(wave_holders, step_entries.c.holder_seq == wave_holders.c.seq)
    query = select(step_entries, wave_holders.c.holder).select_from(joined).order_by(step_entries.c.seq)
    of_wave = query.where(step_entries.c.plan_id == plan_id, step_entries.c.wave == wave)
    return tuple(
        JournalLine(row.seq, Entry(row.step_id, StepState(row.state), row.outputs, row.error), row.holder, row.recorded_at)
        for row in connection.execute(of_wave)
    )


def _entries(connection: Connection, plan_id: str, wave: int, step_id: str | None = None) -> Iterable[Entry]:
    query = select(step_entries).where(step_entries.c.plan_id == plan_id, step_entries.c.wave == wave).order_by(step_entries.c.seq)
    if step_id is not None:
        query = query.where(step_entries.c.step_id == step_id)
    for row in connection.execute(query):
        yield Entry(row.step_id, StepState(row.state), row.outputs, row.error)


def begun_waves(connection: Connection, estate: str) -> tuple[tuple[str, int], ...]:
    """(plan, wave) of every wave that was ever taken, the last taken first."""
    last = func.max(wave_holders.c.seq)
    query = select(wave_holders.c.plan_id, wave_holders.c.wave).where(wave_holders.c.estate == estate)
    grouped = query.group_by(wave_holders.c.plan_id, wave_holders.c.wave).order_by(last.desc())
    return tuple((row.plan_id, row.wave) for row in connection.execute(grouped))

"""One plan at a time moves a resource: judged in the very transaction that records its first step. Functions take an open transaction."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, Text, func, select, type_coerce

from cloudmigrate.domain.journal import standings
from cloudmigrate.domain.other_waves import OtherWave, moved_elsewhere
from cloudmigrate.domain.steps import Step, step_of
from cloudmigrate.errors.steps import StepRefusedError
from cloudmigrate.ledger import journal
from cloudmigrate.ledger.columns import canonical_json
from cloudmigrate.ledger.engine import AUDIT_LOCK, lock
from cloudmigrate.ledger.tables import wave_starts


def refuse_taken(connection: Connection, hold: journal.WaveHold, step: Step, own: Sequence[Step]) -> None:
    """Raises StepRefusedError where a wave of another plan has the resource of *step* in its hands; *own*: all steps of this wave for it.

    Whoever writes a journal holds the same lock: of two waves that begin the same resource at once, the second sees the first.
    """
    lock(connection, AUDIT_LOCK)
    found = moved_elsewhere(own, _others(connection, hold, step.uid))
    if found is not None:
        other, _ = found
        place = {"account_id": step.account_id, "region": step.region, "uid": step.uid}
        reason = f"wave {other.wave} of plan {other.plan_id} moves it and was not taken back"
        next_action = f"see `cloudmigrate status {other.plan_id} --wave {other.wave}`; go on with that one, or roll it back first"
        raise StepRefusedError(step.step_id, **place, reason=reason, next_action=next_action)


def _others(connection: Connection, hold: journal.WaveHold, uid: str) -> Iterator[OtherWave]:
    """The waves of other plans of the estate whose steps name that resource."""
    newest = select(func.max(wave_starts.c.seq)).where(wave_starts.c.estate == hold.estate, wave_starts.c.plan_id != hold.plan_id)
    newest = newest.group_by(wave_starts.c.plan_id, wave_starts.c.wave)
    named = type_coerce(wave_starts.c.steps, Text).contains(canonical_json(uid), autoescape=True)
    query = select(wave_starts.c.plan_id, wave_starts.c.wave, wave_starts.c.steps).where(wave_starts.c.seq.in_(newest), named)
    for row in connection.execute(query.order_by(wave_starts.c.seq)).all():
        known = standings(journal.entries(connection, row.plan_id, row.wave))
        yield OtherWave(row.plan_id, row.wave, [step_of(one) for one in row.steps], known)

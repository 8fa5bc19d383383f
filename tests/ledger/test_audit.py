"""The audit chain: whole under load, and broken visibly by whoever touches the past."""

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime

import pytest
from sqlalchemy import create_engine, text

from cloudmigrate.ledger.audit import GENESIS, event_hash
from cloudmigrate.ledger.columns import canonical_json, instant_text
from cloudmigrate.ledger.ledger import AuditHead, Ledger
from cloudmigrate.ledger.tables import APPEND_ONLY

T0 = datetime(2026, 11, 22, 20, 30, tzinfo=UTC)
Tamper = Callable[..., None]


@pytest.fixture
def chain(ledger: Ledger) -> Ledger:
    """Five events: e1 to e5."""
    for number in range(1, 6):
        ledger.audit("ana@example.com", "plan.published", f"p{number}", {"waves": number}, T0)
    return ledger


@pytest.fixture
def tamper(ledger_url: str, chain: Ledger) -> Tamper:
    """Run SQL as somebody would who has the database's password: triggers first taken away."""
    engine = create_engine(ledger_url)

    def run(*statements: str) -> None:
        guards = ["drop trigger audit_events_keep on audit_events"]
        if engine.dialect.name == "sqlite":
            guards = ["drop trigger audit_events_keep_update", "drop trigger audit_events_keep_delete"]
        with engine.begin() as connection:
            for statement in (*guards, *statements):
                connection.exec_driver_sql(statement)
        engine.dispose()

    return run


def told(ledger: Ledger, head: AuditHead | None = None) -> list[str]:
    return [str(problem) for problem in ledger.verify_audit(head)]


def test_the_hash_is_sha256_of_canonical_json() -> None:
    # Worked by hand: printf '%s' '{"action":"a","actor":"b",...}' | sha256sum
    record = (
        '{"action":"a","actor":"b","at":"2026-11-22T20:30:00.000000Z","detail":{"x":1},"prev_hash":"' + GENESIS + '","seq":1,"subject":"c"}'
    )
    digest = subprocess.run(["sha256sum"], input=record.encode(), capture_output=True, check=True).stdout.split()[0].decode()

    assert digest == event_hash(seq=1, at=T0, actor="b", action="a", subject="c", detail={"x": 1}, prev_hash=GENESIS)


def test_events_form_a_chain(chain: Ledger) -> None:
    events = chain.audit_events()
    assert [event.seq for event in events] == [1, 2, 3, 4, 5]
    assert events[0].prev_hash == GENESIS
    assert [event.prev_hash for event in events[1:]] == [event.hash for event in events[:-1]]
    assert chain.audit_head() == AuditHead(5, events[-1].hash)
    assert [event.seq for event in chain.audit_events(after_seq=3, limit=1)] == [4]
    assert told(chain) == []


def test_an_empty_chain_is_whole(ledger: Ledger) -> None:
    assert ledger.audit_head() == AuditHead(0, GENESIS)
    assert told(ledger, AuditHead(0, GENESIS)) == []


def test_what_is_returned_is_what_is_stored(ledger: Ledger) -> None:
    event = ledger.audit("a\x00b", "x", "\ud800", {"é": [1, None, "\x00"], "password": "hunter2"}, T0.astimezone())

    assert [event] == list(ledger.audit_events())
    assert (event.actor, event.subject, event.detail) == ("a\ufffdb", "?", {"é": [1, None, "\x00"], "password": "***"})
    assert told(ledger) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param("actor = 'mallory'", ["audit event 3: does not match its hash; it was changed"], id="actor"),
        pytest.param("""detail = '{"waves":4}'""", ["audit event 3: does not match its hash; it was changed"], id="detail"),
        pytest.param("subject = subject || ' '", ["audit event 3: does not match its hash; it was changed"], id="one-space"),
        pytest.param(
            "hash = '" + "a" * 64 + "'",
            ["audit event 3: does not match its hash; it was changed", "audit event 4: does not follow the event before it"],
            id="hash",
        ),
        pytest.param(
            "prev_hash = '" + "b" * 64 + "'",
            ["audit event 3: does not follow the event before it", "audit event 3: does not match its hash; it was changed"],
            id="prev-hash",
        ),
        pytest.param("""detail = '{"waves": 3}'""", ["audit event 3: does not match its hash; it was changed"], id="detail-respelled"),
        pytest.param("detail = 'no json'", ["audit event 3: does not match its hash; it was changed"], id="detail-unreadable"),
    ],
)
def test_a_changed_event_is_found(chain: Ledger, tamper: Tamper, change: str, expected: list[str]) -> None:
    tamper(f"update audit_events set {change} where seq = 3")
    assert told(chain) == expected


def test_a_respelled_instant_is_found(chain: Ledger, tamper: Tamper, ledger_url: str) -> None:
    if not ledger_url.startswith("sqlite"):
        return  # PostgreSQL stores instants, not their spelling
    tamper(
        "update audit_events set at = '2026-11-22T21:30:00.000000+01:00' where seq = 1", "update audit_events set at = 'soon' where seq = 2"
    )
    assert told(chain) == [
        "audit event 1: does not match its hash; it was changed",
        "audit event 2: does not match its hash; it was changed",
    ]


def test_a_changed_instant_is_found(chain: Ledger, tamper: Tamper) -> None:
    tamper("update audit_events set at = '2026-11-22T20:30:00.000001Z' where seq = 1")
    assert told(chain) == ["audit event 1: does not match its hash; it was changed"]


def test_a_removed_event_is_found(chain: Ledger, tamper: Tamper) -> None:
    tamper("delete from audit_events where seq = 3")
    assert told(chain) == ["audit event 3: is missing; the next event is 4"]


def test_a_removed_first_event_is_found(chain: Ledger, tamper: Tamper) -> None:
    tamper("delete from audit_events where seq = 1")
    assert told(chain) == ["audit event 1: is missing; the next event is 2"]


def test_a_removed_and_closed_gap_is_found(chain: Ledger, tamper: Tamper) -> None:
    tamper(
        "delete from audit_events where seq = 5", "delete from audit_events where seq = 4", "update audit_events set seq = 4 where seq = 3"
    )
    assert told(chain) == ["audit event 3: is missing; the next event is 4", "audit event 4: does not match its hash; it was changed"]


def test_a_cut_tail_is_found_by_the_noted_head(chain: Ledger, tamper: Tamper) -> None:
    head = chain.audit_head()
    tamper("delete from audit_events where seq >= 4")

    assert told(chain) == [], "the chain alone cannot know"
    assert told(chain, head) == ["audit event 5: is missing; the chain ends at event 3"]


def test_a_rewritten_tail_is_found_by_the_noted_head(chain: Ledger, tamper: Tamper) -> None:
    head = chain.audit_head()
    third = chain.audit_events()[2]
    tamper("delete from audit_events where seq >= 4")
    for number in (4, 5, 6):
        chain.audit("mallory", "plan.published", f"p{number}", {}, T0)

    assert third == chain.audit_events()[2]
    assert told(chain) == [], "the forged chain is consistent"
    assert told(chain, head) == ["audit event 5: is not the event whose hash was noted; the chain was written anew"]


def test_a_noted_head_stays_valid_as_the_chain_grows(chain: Ledger) -> None:
    head = chain.audit_head()
    chain.audit("ana", "x", "y")
    assert told(chain, head) == []


def test_twenty_threads_keep_one_chain(ledger: Ledger) -> None:
    def append(worker: int) -> None:
        for number in range(5):
            ledger.audit(f"worker-{worker}", "step.done", str(number))

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(append, range(20)))

    events = ledger.audit_events()
    assert [event.seq for event in events] == list(range(1, 101))
    assert told(ledger) == []
    for worker in range(20):
        assert [event.subject for event in events if event.actor == f"worker-{worker}"] == ["0", "1", "2", "3", "4"]


def test_three_processes_keep_one_chain(ledger: Ledger, ledger_url: str) -> None:
    script = (
        "import sys; from cloudmigrate.ledger.ledger import Ledger\n"
        "with Ledger.open(sys.argv[1]) as ledger:\n"
        "    for number in range(20): ledger.audit(sys.argv[2], 'step.done', str(number))\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", script, ledger_url, name]) for name in ("a", "b", "c")]
    assert [one.wait(120) for one in running] == [0, 0, 0]

    assert len(ledger.audit_events()) == 60
    assert told(ledger) == []


def test_the_database_itself_refuses_a_fork(chain: Ledger, ledger_url: str) -> None:
    """Even code that takes no lock cannot give an event two successors."""
    second = chain.audit_events()[1]
    values = {**asdict(second), "seq": 99, "hash": "f" * 64, "at": instant_text(second.at), "detail": canonical_json(second.detail)}
    engine = create_engine(ledger_url)
    insert = text("insert into audit_events values (:seq, :at, :actor, :action, :subject, :detail, :prev_hash, :hash)")
    with pytest.raises(Exception, match=r"(?i)unique"), engine.begin() as connection:
        connection.execute(insert, values)
    engine.dispose()


@pytest.mark.parametrize("table", [table.name for table in APPEND_ONLY])
@pytest.mark.parametrize("statement", ["delete from {}", "update {} set {column} = {column}"])
def test_history_is_append_only(chain: Ledger, ledger_url: str, table: str, statement: str) -> None:
    chain.begin_snapshot("s1", "acme", "r1")
    chain.commit_snapshot("s1", [])
    chain.set_mark("m", 1, "r1")
    chain.bind_series("s1", [], (T0, datetime(2026, 11, 23, tzinfo=UTC)))
    column = next(iter(next(one for one in APPEND_ONLY if one.name == table).columns)).name
    engine = create_engine(ledger_url)
    with engine.connect() as connection:
        rows = connection.execute(text(f"select count(*) from {table}")).scalar_one()
    if not rows and engine.dialect.name == "sqlite":
        engine.dispose()
        return  # SQLite's triggers fire per row
    with pytest.raises(Exception, match=f"{table} is append-only"), engine.begin() as connection:
        connection.execute(text(statement.format(table, column=column)))
    engine.dispose()

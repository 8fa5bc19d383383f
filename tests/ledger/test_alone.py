"""What one process does alone, another waits with; a process that dies lets go."""

import signal
import subprocess
import sys
from dataclasses import replace

import pytest
from sqlalchemy import create_engine, text

from cloudmigrate.domain.journal import Entry, StepState
from cloudmigrate.errors.waves import WaveBusyError
from cloudmigrate.ledger.ledger import Ledger, PartRow

CHILD = """
import sys, time
from cloudmigrate.ledger.ledger import Ledger
with Ledger.open(sys.argv[1]).hold("map acme") as is_ours:
    print(is_ours, flush=True)
    time.sleep(600)
"""


def test_a_name_is_held_by_one_at_a_time_and_by_name(ledger: Ledger, ledger_url: str) -> None:
    with Ledger.open(ledger_url) as other:
        with ledger.hold("map acme") as ours, other.hold("map acme") as theirs, other.hold("map umbrella") as apart:
            assert (ours, theirs, apart) == (True, False, True)
            other.begin_run("r2", "discover-estate", "acme")  # the ledger itself stays free
        with other.hold("map acme") as theirs:
            assert theirs is True


def test_who_is_killed_lets_go(ledger: Ledger, ledger_url: str) -> None:
    child = subprocess.Popen([sys.executable, "-c", CHILD, ledger_url], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "True\n"
    with ledger.hold("map acme") as ours:
        assert ours is False

    child.send_signal(signal.SIGKILL)
    child.communicate(timeout=30)

    for _ in range(200):  # a server takes a moment to see that its client is gone
        with ledger.hold("map acme") as ours:
            if ours:
                return
    raise AssertionError("still held")


def test_datasets_that_are_published_together_are_seen_together(ledger: Ledger) -> None:
    ledger.begin_snapshot("s1", "acme", "r1")
    ledger.commit_snapshot("s1", [])
    parts = {"traffic": [PartRow("traffic", "t/1", 1, 1)], "observation": []}

    ledger.publish_together("s1", parts, edition="r1")
    ledger.publish_together("s1", parts, edition="r1")  # a retry whose first answer was lost

    made = ledger.parts_of("s1")
    assert (made["traffic"], made["observation"]) == (("t/1",), ())


def test_whose_connection_was_cut_can_write_a_wave_no_more_and_ends_without_a_fault(postgres: str) -> None:
    entry = Entry("web/01", StepState.INTENT)
    with Ledger.open(postgres) as stale, Ledger.open(postgres) as fresh:
        with stale.hold("wave 1 of plan cut") as ours:
            assert ours is True
            hold = stale.take_wave("cut", 1, estate="acme", holder="olga@slow/1")
            stale.record_step(hold, entry)
            admin = create_engine(postgres)
            with admin.begin() as connection:
                cut = "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and query like :lock"
                connection.execute(text(cut), {"lock": "%pg_try_advisory_lock%"})
            admin.dispose()
            with fresh.hold("wave 1 of plan cut") as theirs:
                assert theirs is True
                fresh.take_wave("cut", 1, estate="acme", holder="ana@quick/2")
                with pytest.raises(WaveBusyError, match="ana@quick/2"):
                    stale.record_step(hold, replace(entry, state=StepState.DONE))
        assert [one.state for one in fresh.step_entries("cut", 1)] == [StepState.INTENT]

"""What one process does alone, another waits with; a process that dies lets go."""

import signal
import subprocess
import sys

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

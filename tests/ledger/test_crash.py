"""A process that dies at the worst moment leaves nothing half-written and a ledger that works."""

import signal
import subprocess
import sys
from collections.abc import Callable

import pytest

from cloudmigrate.ledger.ledger import Ledger, PartRow

# The child stops where the test says, tells so, and waits to be killed.
CHILD = """
import sys, time
from sqlalchemy import Engine, event
from cloudmigrate.ledger.ledger import Ledger, PartRow

url, moment, act = sys.argv[1:]
ledger = Ledger.open(url)

def stop(*_):
    print("here", flush=True)
    time.sleep(600)

if moment == "before-commit":
    event.listen(Engine, "commit", stop)
else:
    event.listen(Engine, "after_cursor_execute", lambda c, cur, sql, *_: stop() if f"INTO {moment}" in sql else None)
parts = [PartRow("inventory", f"inventory/{n}", n, n) for n in range(50)]
if act == "commit_snapshot":
    ledger.commit_snapshot("s1", parts)
elif act == "publish_plan":
    ledger.publish_plan("p1", "s1", "hash", "plans/p1.json", [PartRow("waves", "w", 1, 1)])
else:
    ledger.audit("ana", "x", "y")
"""


@pytest.fixture
def killed(ledger_url: str) -> Callable[[str, str], None]:
    """Run the child to that moment of that act, and kill it there."""

    def run(act: str, moment: str) -> None:
        child = subprocess.Popen([sys.executable, "-c", CHILD, ledger_url, moment, act], stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        assert child.stdout.readline() == "here\n"
        child.send_signal(signal.SIGKILL)
        child.wait(30)
        child.stdout.close()

    return run


@pytest.mark.parametrize("moment", ["editions", "parts", "before-commit"])
def test_a_snapshot_is_never_half_visible(ledger: Ledger, killed: Callable[[str, str], None], moment: str) -> None:
    ledger.begin_snapshot("s1", "acme", "r1")

    killed("commit_snapshot", moment)

    assert ledger.snapshot("s1") is None
    assert ledger.newest_snapshot("acme") is None
    assert ledger.parts_of("s1") == {}
    ledger.commit_snapshot("s1", [PartRow("inventory", "inventory/0", 0, 0)])  # the next run succeeds
    assert ledger.parts_of("s1")["inventory"] == ("inventory/0",)


@pytest.mark.parametrize("moment", ["parts", "plans", "before-commit"])
def test_a_plan_is_never_half_visible(ledger: Ledger, killed: Callable[[str, str], None], moment: str) -> None:
    ledger.begin_snapshot("s1", "acme", "r1")
    ledger.commit_snapshot("s1", [])

    killed("publish_plan", moment)

    assert ledger.newest_plan("s1") is None
    assert "waves" not in ledger.parts_of("s1")
    ledger.publish_plan("p1", "s1", "hash", "plans/p1.json", [])
    assert ledger.newest_plan("s1") is not None


def test_the_audit_chain_goes_on_after_a_killed_writer(ledger: Ledger, killed: Callable[[str, str], None]) -> None:
    ledger.audit("ana", "x", "1")
    killed("audit", "before-commit")
    ledger.audit("ana", "x", "2")

    assert [event.subject for event in ledger.audit_events()] == ["1", "2"]
    assert ledger.verify_audit() == ()

"""`cloudmigrate audit` lists who did what, and tells a whole chain from a broken one."""

import json
import re
import sqlite3
from pathlib import Path

import pytest

from cloudmigrate.ledger.ledger import Ledger
from tests.app.conftest import Cli, environment_of

ESTATE = "estate: acme\nledger: sqlite:///ledger.db\naccounts: [{id: '123456789012', regions: [us-west-2]}]\n"


@pytest.fixture
def run(tmp_path: Path) -> Cli:
    (tmp_path / "estate.yaml").write_text(ESTATE)
    ledger = Ledger.open(f"sqlite:///{tmp_path}/ledger.db")
    ledger.audit("ana", "plan.approved", "plan-1", {"waves": 3})
    ledger.audit("ben", "plan.approved", "plan-2")
    ledger.close()
    return Cli(tmp_path, environment_of(None, None))


def test_events_are_listed_oldest_first(run: Cli) -> None:
    rows = json.loads(run("audit", "--format", "json").stdout)

    assert [(row["seq"], row["actor"], row["subject"], row["detail"]) for row in rows] == [
        (1, "ana", "plan-1", {"waves": 3}),
        (2, "ben", "plan-2", {}),
    ]
    assert [row["seq"] for row in json.loads(run("audit", "--after", "1", "--format", "json").stdout)] == [2]


def test_a_whole_chain_prints_its_head_which_holds_later(run: Cli) -> None:
    head = run("audit", "verify").stdout.strip()

    assert re.fullmatch(r"2:[0-9a-f]{64}", head)
    assert run("audit", "verify", "--head", head).stdout.strip() == head
    assert "is not the event whose hash was noted" in run("audit", "verify", "--head", f"2:{'0' * 64}", code=1).stderr
    assert run("audit", "verify", "--head", "two", code=2).stderr.startswith("error: --head two: not of the form")


def test_a_changed_event_is_found(run: Cli) -> None:
    with sqlite3.connect(run.folder / "ledger.db") as database:
        for (name,) in database.execute("select name from sqlite_master where type = 'trigger'").fetchall():
            database.execute(f"drop trigger {name}")
        database.execute("update audit_events set actor = 'eve' where seq = 1")

    done = run("audit", "verify", code=1)

    assert "audit event 1: does not match its hash; it was changed" in done.stderr
    assert done.stdout == ""

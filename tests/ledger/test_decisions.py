"""Decisions of people: kept for ever, the newest holds, each in the audit chain."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from cloudmigrate.domain.decisions import Decision, DecisionKind, values_of
from cloudmigrate.errors.stores import LedgerError
from cloudmigrate.ledger import migrations
from cloudmigrate.ledger.ledger import Ledger

T0 = datetime(2026, 11, 22, 20, 30, tzinfo=UTC)
PIN = Decision(DecisionKind.PIN, "arn:web", "3", "with the shop's release", "ana@example.com", T0)
SHARED = Decision(DecisionKind.SHARED, "arn:dns", "put_back", "only two use it", "ana@example.com", T0)


OVERRIDE = Decision(
    DecisionKind.STRATEGY, "arn:web", "retain", "audit until spring", "ana", T0, expires_on=date(2027, 3, 31), before="rehost"
)


def later(decision: Decision, minutes: int = 1, **changes: object) -> Decision:
    return replace(decision, decided_at=T0 + timedelta(minutes=minutes), **changes)  # type: ignore[arg-type]


def test_nothing_was_decided(ledger: Ledger) -> None:
    assert ledger.decisions("acme") == ()
    assert ledger.decide("acme", []) == ()
    assert ledger.audit_events() == ()


def test_the_newest_on_a_subject_holds_and_all_stay(ledger: Ledger) -> None:
    moved = later(PIN, value="4")
    ledger.decide("acme", [SHARED, PIN])
    ledger.decide("acme", [moved])

    assert ledger.decisions("acme") == (moved, SHARED)
    assert ledger.decision_history("acme") == (moved, PIN, SHARED)
    assert values_of(ledger.decisions("acme"), DecisionKind.PIN) == {"arn:web": "4"}


def test_what_was_added_last_holds_whatever_the_clocks_said(ledger: Ledger) -> None:
    """Two machines' clocks differ; the order of the ledger is the order that counts."""
    ledger.decide("acme", [later(PIN, 5), later(PIN, -5, value="1")])
    assert values_of(ledger.decisions("acme"), DecisionKind.PIN) == {"arn:web": "1"}


def test_a_decision_can_be_taken_back_and_taken_again(ledger: Ledger) -> None:
    ledger.decide("acme", [PIN])
    ledger.decide("acme", [later(PIN, 1, value=None)])
    assert ledger.decisions("acme") == ()
    ledger.decide("acme", [later(PIN, 2)])
    assert ledger.decisions("acme") == (later(PIN, 2),)


def test_estates_do_not_share_decisions(ledger: Ledger) -> None:
    ledger.decide("acme", [PIN])
    ledger.decide("other", [later(PIN, value="9")])
    assert ledger.decisions("acme") == (PIN,)


def test_each_decision_is_an_audit_event(ledger: Ledger) -> None:
    ledger.decide("acme", [PIN, later(PIN, value=None, reason="release was put off", decided_by="bo")])

    told = [(event.actor, event.action, event.subject, event.detail) for event in ledger.audit_events()]
    assert told == [
        ("ana@example.com", "decision.pin", "arn:web", {"estate": "acme", "value": "3", "reason": "with the shop's release"}),
        ("bo", "decision.pin.withdrawn", "arn:web", {"estate": "acme", "value": None, "reason": "release was put off"}),
    ]
    assert ledger.verify_audit() == ()


def test_a_strategy_keeps_its_last_day_and_what_held_before(ledger: Ledger) -> None:
    ledger.decide("acme", [PIN, OVERRIDE])
    ledger.decide("acme", [later(OVERRIDE, value="retire", expires_on=None, before="retain")])

    assert [(one.value, one.expires_on, one.before) for one in ledger.decision_history("acme")] == [
        ("retire", None, "retain"),
        ("retain", date(2027, 3, 31), "rehost"),
        ("3", None, None),
    ]
    pin, first, second = (event.detail for event in ledger.audit_events())
    assert pin == {"estate": "acme", "value": "3", "reason": PIN.reason}
    assert first == {
        "estate": "acme",
        "value": "retain",
        "reason": "audit until spring",
        "expires_on": "2027-03-31",
        "before": "rehost",
    }
    assert (second["value"], second["before"]) == ("retire", "retain")
    assert ledger.verify_audit() == ()


def test_another_last_day_is_another_decision(ledger: Ledger) -> None:
    assert ledger.decide("acme", [OVERRIDE, later(OVERRIDE, 0, before="retain")]) == (OVERRIDE,), "the same, said again"
    assert len(ledger.decide("acme", [later(OVERRIDE, 0, expires_on=date(2027, 4, 30))])) == 1


def test_said_twice_it_is_recorded_once(ledger: Ledger) -> None:
    """A retry whose first answer was lost; and an instant in another zone is the same instant."""
    assert ledger.decide("acme", [PIN]) == (PIN,)
    assert ledger.decide("acme", [replace(PIN, decided_at=T0.astimezone(timezone(timedelta(hours=2))))]) == ()
    assert len(ledger.audit_events()) == 1


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        pytest.param(replace(PIN, value="soon"), r"pin of arn:web: 'soon' is no wave\. Next: give a whole number from 1\.", id="no number"),
        pytest.param(replace(PIN, value="0"), "'0' is no wave", id="wave 0"),
        pytest.param(replace(PIN, value="٣"), "is no wave", id="digits of another script"),
        pytest.param(replace(PIN, subject=""), "the resource is missing", id="no subject"),
        pytest.param(replace(PIN, decided_by=""), "who decided", id="nobody"),
        pytest.param(replace(PIN, decided_at=datetime(2026, 1, 1)), "no time zone", id="naive"),  # noqa: DTZ001
        pytest.param(replace(SHARED, value="maybe"), "write held_out or put_back", id="shared maybe"),
        pytest.param(replace(PIN, kind=DecisionKind.WORKLOAD, value=" "), "the value is empty", id="nameless workload"),
    ],
)
def test_what_nobody_could_obey_is_refused_whole(ledger: Ledger, wrong: Decision, told: str) -> None:
    with pytest.raises(LedgerError, match=told):
        ledger.decide("acme", [SHARED, wrong])
    assert ledger.decisions("acme") == ()
    assert ledger.audit_events() == ()


def test_hostile_text_comes_back_as_it_was(ledger: Ledger) -> None:
    hostile = replace(PIN, kind=DecisionKind.EXCLUDE, subject="'; drop table decisions; --", value="ünï\U0001f40d\u202e", reason="nul\x00")
    (kept,) = ledger.decide("acme", [hostile])
    assert ledger.decide("acme", [hostile]) == ()
    assert ledger.decisions("acme") == (kept,)
    assert (kept.subject, kept.value, kept.reason) == (hostile.subject, hostile.value, "nul\ufffd")


def test_the_database_keeps_every_row(ledger: Ledger, ledger_url: str) -> None:
    ledger.decide("acme", [PIN])
    engine = create_engine(ledger_url)
    for act in ("update decisions set value = '1'", "delete from decisions"):
        with pytest.raises(DBAPIError, match="decisions is append-only"), engine.begin() as connection:
            connection.execute(text(act))
    engine.dispose()


DECIDE = """
import sys
from datetime import UTC, datetime
from cloudmigrate.domain.decisions import Decision, DecisionKind
from cloudmigrate.ledger.ledger import Ledger

url, who = sys.argv[1:]
with Ledger.open(url) as ledger:
    for number in range(1, 11):
        ledger.decide("acme", [Decision(DecisionKind.PIN, "arn:web", str(number), "", who, datetime.now(UTC))])
"""


def test_two_processes_may_decide_at_once(ledger: Ledger, ledger_url: str) -> None:
    running = [
        subprocess.Popen([sys.executable, "-c", DECIDE, ledger_url, who], stderr=subprocess.PIPE, text=True) for who in ("ana", "bo")
    ]
    told = [one.communicate(timeout=120)[1] for one in running]
    assert [one.returncode for one in running] == [0, 0], told
    assert len(ledger.decision_history("acme")) == 20
    assert values_of(ledger.decisions("acme"), DecisionKind.PIN) == {"arn:web": "10"}
    assert ledger.verify_audit() == ()


def test_a_ledger_of_the_release_before_is_upgraded_and_keeps_everything(ledger: Ledger, ledger_url: str) -> None:
    """Back to revision 0001 as that release left it, then opened by this one."""
    ledger.audit("ana", "plan.published", "p1")
    engine = create_engine(ledger_url)
    with engine.begin() as connection:
        of_waves = (
            "places",
            "confirmations",
            "wave_starts",
            "preflights",
            "approval_answers",
            "approval_requests",
            "step_entries",
            "wave_holders",
        )
        for table in (*of_waves, "decisions"):
            connection.execute(text(f"drop table {table}"))
        connection.execute(text(f"update {migrations.VERSION_TABLE} set version_num = '0001'"))
    engine.dispose()

    with Ledger.open(ledger_url) as upgraded:
        assert upgraded.decisions("acme") == ()
        upgraded.decide("acme", [PIN])
        assert upgraded.decisions("acme") == (PIN,)
        assert [event.action for event in upgraded.audit_events()] == ["plan.published", "decision.pin"]
        assert upgraded.run("r1") == ledger.run("r1")

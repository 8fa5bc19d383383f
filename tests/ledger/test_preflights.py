"""Preflights: each is kept as it was judged, on the audit chain, without secrets, for ever."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from cloudmigrate.ledger.ledger import Ledger, PreflightRow

T0 = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
FIRST = PreflightRow(
    estate="acme",
    plan_id="plan-1",
    wave=2,
    steps_hash="5" * 64,
    preflight_hash="a" * 64,
    document={"checks": [{"check": "quotas", "state": "fail", "evidence": "12 of 16 vCPUs"}]},
    checked_by="ana",
    checked_at=T0,
)


def test_the_newest_of_a_wave_is_what_counts(ledger: Ledger) -> None:
    second = replace(FIRST, preflight_hash="b" * 64, document={"checks": []}, checked_at=T0 + timedelta(hours=1))
    other_wave = replace(FIRST, wave=3, preflight_hash="c" * 64)
    for row in (FIRST, second, other_wave):
        assert ledger.record_preflight(row, plan_hash="9" * 64) == row
    assert ledger.newest_preflight("plan-1", 2) == second
    assert ledger.newest_preflight("plan-1", 3) == other_wave
    assert ledger.newest_preflight("plan-1", 4) is None
    assert ledger.newest_preflight("plan-2", 2) is None


def test_an_earlier_one_is_found_by_the_hash_that_an_approval_binds(ledger: Ledger) -> None:
    again = replace(FIRST, document={"checks": [{"evidence": "13 of 16 vCPUs"}]}, checked_at=T0 + timedelta(hours=1))
    ledger.record_preflight(FIRST, plan_hash="9" * 64)
    ledger.record_preflight(replace(FIRST, preflight_hash="b" * 64), plan_hash="9" * 64)
    assert ledger.preflight("a" * 64) == FIRST
    ledger.record_preflight(again, plan_hash="9" * 64)
    assert ledger.preflight("a" * 64) == again, "the same verdicts with newer figures"
    assert ledger.preflight("d" * 64) is None


def test_each_is_an_event_of_the_audit_chain(ledger: Ledger) -> None:
    ledger.record_preflight(FIRST, plan_hash="9" * 64)
    (event,) = ledger.audit_events()
    assert (event.actor, event.action, event.subject, event.at) == ("ana", "preflight.checked", "plan-1/2", T0)
    assert event.detail == {"estate": "acme", "hash": "a" * 64, "plan_hash": "9" * 64, "steps_hash": "5" * 64}
    assert ledger.verify_audit() == ()


def test_secrets_are_masked_and_hostile_text_is_kept(ledger: Ledger) -> None:
    said = {"evidence": "denied, password=hunter2", "subject": "'; drop table preflights; --\x00"}
    elsewhere = FIRST.checked_at.astimezone(timezone(timedelta(hours=2)))
    kept = ledger.record_preflight(replace(FIRST, document=said, checked_at=elsewhere), plan_hash="9" * 64)
    assert kept.document == {"evidence": "denied, password=***", "subject": said["subject"]}
    assert kept.checked_at == T0
    assert ledger.newest_preflight("plan-1", 2) == kept


def test_the_database_keeps_every_row(ledger: Ledger, ledger_url: str) -> None:
    ledger.record_preflight(FIRST, plan_hash="9" * 64)
    engine = create_engine(ledger_url)
    for act in ("update preflights set preflight_hash = ''", "delete from preflights"):
        with pytest.raises(DBAPIError, match="preflights is append-only"), engine.begin() as connection:
            connection.execute(text(act))
    engine.dispose()

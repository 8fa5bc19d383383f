"""A preflight's verdicts, its waivers, and the hash that approvals bind."""

from dataclasses import replace
from datetime import date

from cloudmigrate.domain.execution_policy import Waiver
from cloudmigrate.domain.preflight.names import CheckName
from cloudmigrate.domain.preflight.record import Check, CheckState, Preflight, judged

DAY = date(2026, 11, 24)
PASS = Check(CheckName.LANDING, "subnet-1", "1", "r", CheckState.PASS, "12 addresses free")
BLIND = Check(CheckName.QUOTAS, "elastic IPs", "1", "r", CheckState.NOT_ASSESSED, "denied", "grant it")
FAIL = Check(CheckName.LANDING, "subnet-2", "1", "r", CheckState.FAIL, "none free", "free some")
BENDS = Check(CheckName.BACKUPS, "arn:vol", "1", "r", CheckState.FAIL, "30 h old", "make one", bends=True)


def waiver(check: CheckName = CheckName.QUOTAS, **told: object) -> Waiver:
    said = {"check": check, "by": "ana", "reason": "emulator", "expires": date(2026, 12, 31)}
    return Waiver.model_validate(said | told)


def preflight(*checks: Check, waivers: tuple[Waiver, ...] = (), on: date = DAY) -> Preflight:
    return judged("plan-1", 1, checks, waivers, on)


def test_only_passes_let_a_wave_begin() -> None:
    assert not preflight(PASS).blocks
    assert preflight(PASS, BLIND, FAIL).blocking == (BLIND, FAIL)


def test_what_was_not_assessed_can_be_waived_by_name_and_subject() -> None:
    assert not preflight(BLIND, waivers=(waiver(),)).blocks
    assert not preflight(BLIND, waivers=(waiver(subject="elastic*"),)).blocks
    assert preflight(BLIND, waivers=(waiver(subject="vcpu*"),)).blocks
    assert preflight(BLIND, waivers=(waiver(CheckName.DNS),)).blocks


def test_a_failure_can_be_waived_only_where_a_person_may_answer_for_it() -> None:
    assert not preflight(BENDS, waivers=(waiver(CheckName.BACKUPS),)).blocks
    found = preflight(FAIL, waivers=(waiver(CheckName.LANDING),))
    assert found.blocks
    assert found.idle == ((waiver(CheckName.LANDING), "it names a failure that cannot be waived"),)


def test_a_waiver_holds_to_its_last_day_and_says_so_then() -> None:
    last = (waiver(expires=DAY),)
    assert not preflight(BLIND, waivers=last).blocks
    after = preflight(BLIND, waivers=last, on=date(2026, 11, 25))
    assert after.blocks
    assert [why for _, why in after.idle] == ["it expired on 2026-11-24"]


def test_a_waiver_of_nothing_is_told() -> None:
    assert [why for _, why in preflight(PASS, waivers=(waiver(),)).idle] == ["nothing that it names blocks"]
    twice = preflight(BLIND, waivers=(waiver(), waiver(by="ben")))
    assert [(one.by, why) for one, why in twice.idle] == [("ben", "another waiver covers the same")]


def test_the_hash_is_of_verdicts_and_waivers_in_use_and_not_of_figures() -> None:
    first = preflight(PASS, BLIND, waivers=(waiver(),))
    figures = preflight(replace(PASS, evidence="11 addresses free"), replace(BLIND, advice="other"), waivers=(waiver(),))
    assert figures.preflight_hash == first.preflight_hash
    assert preflight(BLIND, PASS, waivers=(waiver(), waiver(CheckName.DNS))).preflight_hash == first.preflight_hash, "order, idle waivers"
    others = [
        preflight(PASS, BLIND),
        preflight(PASS, BLIND, waivers=(waiver(by="ben"),)),
        preflight(PASS, BLIND, waivers=(waiver(reason="other"),)),
        preflight(PASS, BLIND, FAIL, waivers=(waiver(),)),
        preflight(replace(PASS, region="q"), BLIND, waivers=(waiver(),)),
        preflight(replace(PASS, state=CheckState.FAIL), BLIND, waivers=(waiver(),)),
        judged("plan-2", 1, (PASS, BLIND), (waiver(),), DAY),
        judged("plan-1", 2, (PASS, BLIND), (waiver(),), DAY),
    ]
    assert len({first.preflight_hash, *(one.preflight_hash for one in others)}) == 1 + len(others)


def test_the_document_tells_what_blocks_first() -> None:
    document = preflight(PASS, FAIL, BLIND, waivers=(waiver(),)).document()
    assert [(one["check"], one["state"], (one["waived"] or {}).get("by")) for one in document["checks"]] == [
        ("landing", "fail", None),
        ("quotas", "not_assessed", "ana"),
        ("landing", "pass", None),
    ]
    assert (document["blocks"], document["counts"]) == (True, {"fail": 1, "not_assessed": 1, "pass": 1})
    assert document["waived_by"] == [
        {"check": "quotas", "subject": "", "by": "ana", "reason": "emulator", "expires": "2026-12-31"},
    ]


def test_the_same_verdict_stands_there_once() -> None:
    assert preflight(PASS, replace(PASS, evidence="again")).checks == (PASS,)

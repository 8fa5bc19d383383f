"""Approvals: what is signed, who opens a gate, and the laws that hold for every set of answers."""

import json
from dataclasses import fields, replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudmigrate.domain.approvals import (
    ApprovalAnswer,
    ApprovalError,
    ApprovalRequest,
    answer_document,
    answer_fault,
    answer_of,
    answer_text,
    request_fault,
    request_id_of,
)
from cloudmigrate.domain.gates import GateStanding, GateState, gate_state
from cloudmigrate.domain.people import ApprovalPolicy, GateRule, Person
from cloudmigrate.domain.roles import AnswerKind, Role
from cloudmigrate.domain.steps import Gate
from tests.signers import GENESIS, PLAN, PREFLIGHT, STEPS, T0, answer, person, request, signer

ANA, BEN, CAROL, OLGA = person("ana"), person("ben"), person("carol"), person("olga", Role.OPERATOR, Role.APPROVER)
PEOPLE = (ANA, BEN, CAROL, OLGA, person("vera", Role.VIEWER))
NOW = T0 + timedelta(hours=1)
APPROVE, REJECT = AnswerKind.APPROVE, AnswerKind.REJECT


def policy(**rule: object) -> ApprovalPolicy:
    return ApprovalPolicy(cutover=GateRule(**rule))  # type: ignore[arg-type]


def standing(
    requests: list[ApprovalRequest],
    answers: list[ApprovalAnswer],
    rules: ApprovalPolicy | None = None,
    people: tuple[Person, ...] = PEOPLE,
    **changes: object,
) -> GateStanding:
    said: dict[str, object] = {"gate": Gate.CUTOVER, "plan_hash": PLAN, "steps_hash": STEPS, "preflight_hash": PREFLIGHT}
    now = changes.pop("now", NOW)
    return gate_state(requests, answers, rules or ApprovalPolicy(), people, now, **said | changes)  # type: ignore[arg-type]


def test_the_text_that_is_signed() -> None:
    """Written out by hand: who checks a signature with another tool needs to know every byte."""
    asked = request()
    assert answer_text(asked, answer(asked, "ana", reason="CHG1 ü")) == (
        b'{"answered_at":"2026-11-22T20:35:00.000000Z","approver":"ana","audit_head":{"hash":"' + GENESIS.encode() + b'","seq":0},'
        b'"decision":"approve","purpose":"cloudmigrate.approval.answer","reason":"CHG1 \\u00fc","request":{"estate":"acme",'
        b'"expires_at":"2026-11-23T20:30:00.000000Z","gate":"cutover","plan_hash":"' + PLAN.encode() + b'","plan_id":"plan-1",'
        b'"preflight_hash":"' + PREFLIGHT.encode() + b'","requested_at":"2026-11-22T20:30:00.000000Z","requested_by":"olga",'
        b'"steps_hash":"' + STEPS.encode() + b'","wave":1},"request_id":"' + asked.request_id.encode() + b'","version":1}'
    )


def test_a_gate_opens_by_one_approver_who_did_not_ask() -> None:
    asked = request()
    waiting = standing([asked], [])
    assert (waiting.state, waiting.missing, waiting.waits_for) == (GateState.WAITING, 1, ("ana", "ben", "carol"))
    assert waiting.sentence() == "waiting for 1 more approval, by any of ana, ben, carol"
    found = standing([asked], [answer(asked, "ben")])
    assert (found.state, found.approved_by, found.sentence()) == (GateState.OPEN, ("ben",), "open: approved by ben")


def test_before_anybody_asks_a_gate_waits() -> None:
    found = standing([], [])
    assert (found.state, found.request, found.sentence()) == (GateState.WAITING, None, "waiting: nobody has asked for it yet")
    assert standing([request(gate=Gate.EXECUTION)], []).request is None


@pytest.mark.parametrize(
    ("name", "key", "why"),
    [
        pytest.param("olga", None, "olga asked for it, and may not approve it", id="requester"),
        pytest.param("vera", None, "vera may not answer at gate cutover", id="viewer"),
        pytest.param("mallory", None, "mallory is not among the people of the estate file", id="stranger"),
        pytest.param("ana", "mallory", "its signature is not by the key of ana", id="forged"),
    ],
)
def test_an_answer_that_does_not_count_is_told(name: str, key: str | None, why: str) -> None:
    asked = request()
    found = standing([asked], [answer(asked, name, key=key)])
    assert found.state is GateState.WAITING
    assert found.disregarded[0].why.startswith(why)


def test_who_asked_may_approve_where_the_policy_says_so_and_may_always_reject() -> None:
    asked = request()
    assert standing([asked], [answer(asked, "olga")], policy(not_requester=False)).state is GateState.OPEN
    assert standing([asked], [answer(asked, "olga", REJECT)]).state is GateState.REJECTED
    capitals = request(requested_by=" Olga ")
    assert standing([capitals], [answer(capitals, "olga")]).state is GateState.WAITING


def test_one_rejection_closes_until_somebody_asks_anew() -> None:
    asked = request()
    answers = [answer(asked, "ana"), answer(asked, "ben", REJECT), answer(asked, "carol")]
    found = standing([asked], answers)
    assert (found.state, found.sentence()) == (GateState.REJECTED, "rejected by ben")
    again = request(requested_at=T0 + timedelta(minutes=30), expires_at=T0 + timedelta(hours=24))
    assert standing([asked, again], answers).state is GateState.WAITING
    assert standing([asked, again], [*answers, answer(again, "ana", answered_at=NOW)]).state is GateState.OPEN


def test_a_quorum_counts_people_and_keys() -> None:
    asked = request()
    twice = [answer(asked, "ana"), answer(asked, "ana", answered_at=NOW)]
    assert standing([asked], twice, policy(quorum=2)).missing == 1
    same_key = (person("ana"), person("ben", key="ana"))
    assert standing([asked], [answer(asked, "ana"), answer(asked, "ben", key="ana")], policy(quorum=2), same_key).missing == 1
    assert standing([asked], [answer(asked, "ana"), answer(asked, "ben")], policy(quorum=2)).state is GateState.OPEN


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("plan_hash", "plan_hash differs: aaaaaaaaaaaa was asked for, and it is dddddddddddd now"),
        ("steps_hash", "steps_hash differs: bbbbbbbbbbbb was asked for, and it is dddddddddddd now"),
        ("preflight_hash", "preflight_hash differs: cccccccccccc was asked for, and it is dddddddddddd now"),
    ],
)
def test_what_changed_is_named(name: str, changed: str) -> None:
    asked = request()
    found = standing([asked], [answer(asked, "ana")], **{name: "d" * 64})
    assert (found.state, found.changed) == (GateState.VOID, (changed,))
    assert found.sentence() == f"void: {changed}"


def test_the_newest_request_that_binds_what_is_run_decides() -> None:
    first, other = request(), request(steps_hash="d" * 64)
    answers = [answer(first, "ana")]
    assert standing([first, other], answers).state is GateState.OPEN
    assert standing([first, other], answers, steps_hash="d" * 64).state is GateState.WAITING


def test_an_expired_approval_is_none() -> None:
    asked = request()
    end = asked.expires_at
    assert standing([asked], [answer(asked, "ana")], now=end - timedelta(microseconds=1)).state is GateState.OPEN
    found = standing([asked], [answer(asked, "ana")], now=end)
    assert (found.state, found.changed) == (GateState.VOID, ("it expired at 2026-11-23 20:30 UTC",))
    late = standing([asked], [answer(asked, "ana", answered_at=end)])
    assert [one.why for one in late.disregarded] == ["it was given when the request had expired"]


def test_nobody_asks_for_longer_than_the_policy_allows() -> None:
    for asked, now in [
        (request(expires_at=T0 + timedelta(hours=25)), NOW),
        (request(requested_at=T0 + timedelta(hours=9), expires_at=T0 + timedelta(hours=30)), T0),
    ]:
        found = standing([asked], [answer(asked, "ana")], now=now)
        assert found.changed == ("it would hold longer than the 24 hours that the estate file allows",)


def test_a_request_is_signed_where_the_policy_says_so() -> None:
    rules = policy(signed_request=True)
    said, proven = request(), request(sign=signer("olga"))
    assert standing([said], [answer(said, "ana")], rules).changed == ("the estate file wants a signed request, and olga did not sign",)
    assert standing([proven], [answer(proven, "ana")], rules).state is GateState.OPEN
    forged = request(sign=signer("mallory"))
    assert standing([forged], [answer(forged, "ana")], rules).state is GateState.VOID


def test_what_the_ledger_doubts_opens_nothing() -> None:
    asked = request()
    given_ = answer(asked, "ana")
    found = standing([asked], [given_], broken={given_: "its head is gone"})
    assert (found.state, [one.why for one in found.disregarded]) == (GateState.WAITING, ["its head is gone"])
    assert standing([asked], [given_], doubted={asked.request_id: "a rejection is gone"}).changed == ("the request: a rejection is gone",)


def test_a_replaced_key_proves_the_past_and_opens_nothing() -> None:
    asked = request()
    old, people = answer(asked, "ana", key="ana-2025"), (person("ana", former=("ana-2025",)), BEN)
    assert answer_fault(asked, old, people, also_former=True) is None
    assert standing([asked], [old], people=people).state is GateState.WAITING


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"plan_hash": "short"}, "plan_hash is no SHA-256"),
        ({"wave": 0}, "wave 0 is none"),
        ({"requested_by": " "}, "requested_by is missing"),
        ({"requested_by": "a\x00b"}, "holds control characters"),
        ({"requested_by": "\ud800"}, "holds control characters"),
        ({"expires_at": T0}, "it expires before it is asked"),
    ],
)
def test_a_request_that_cannot_be_kept_as_it_was_signed_is_refused(change: dict[str, object], why: str) -> None:
    with pytest.raises(ApprovalError, match=why):
        request(**change)


def test_a_rejection_needs_a_reason() -> None:
    with pytest.raises(ApprovalError, match="reason is missing"):
        answer(request(), "ana", REJECT, reason="  ")


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", "[" * 100_000, '{"request_id": 1}'])
def test_what_is_no_answer_is_told(text: str) -> None:
    with pytest.raises(ApprovalError, match="this is no signed answer"):
        answer_of(text)


def test_an_answer_is_handed_on_as_it_is() -> None:
    given_ = answer(request(), "ana", reason="über CHG-1")
    assert answer_of(json.dumps(answer_document(given_))) == given_


# laws

NAMES = ("ana", "ben", "carol", "olga", "vera", "mallory")
answers_given = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from([APPROVE, REJECT])), max_size=6)
rules_given = st.builds(lambda quorum, not_requester: policy(quorum=quorum, not_requester=not_requester), st.integers(1, 4), st.booleans())


@given(answers_given, rules_given, st.sampled_from(NAMES))
def test_more_approvals_never_close_a_gate(said: list[tuple[str, AnswerKind]], rules: ApprovalPolicy, more: str) -> None:
    asked = request()
    answers = [answer(asked, name, kind) for name, kind in said]
    before, after = standing([asked], answers, rules), standing([asked], [*answers, answer(asked, more)], rules)
    if before.state is GateState.OPEN:
        assert after.state is GateState.OPEN
    assert after.missing <= before.missing


@given(answers_given, rules_given)
def test_an_open_gate_has_its_quorum_of_people_who_may(said: list[tuple[str, AnswerKind]], rules: ApprovalPolicy) -> None:
    asked = request()
    found = standing([asked], [answer(asked, name, kind) for name, kind in said], rules)
    rule = rules.cutover
    counted = {
        name for name, kind in said if kind is APPROVE and name in ("ana", "ben", "carol", *(() if rule.not_requester else ("olga",)))
    }
    refused = {name for name, kind in said if kind is REJECT and name in ("ana", "ben", "carol", "olga")}
    expected = GateState.REJECTED if refused else GateState.OPEN if len(counted) >= rule.quorum else GateState.WAITING
    assert found.state is expected


@given(st.integers(-100, 100), st.integers(-100, 100), st.integers(1, 100))
def test_an_expired_approval_is_none_whenever_it_is_looked_at(now_s: int, answered_s: int, expires_s: int) -> None:
    asked = request(expires_at=T0 + timedelta(seconds=expires_s))
    given_ = answer(asked, "ana", answered_at=T0 + timedelta(seconds=answered_s))
    found = standing([asked], [given_], now=T0 + timedelta(seconds=now_s))
    assert (found.state is GateState.OPEN) == (now_s < expires_s and answered_s < expires_s)


@given(st.lists(st.tuples(st.sampled_from(["ana", "ben", "carol"]), st.sampled_from(["k1", "k2", "k3"])), unique_by=lambda one: one[0]))
def test_a_quorum_counts_distinct_people_and_distinct_keys(held: list[tuple[str, str]]) -> None:
    """Even if the estate file let two people share a key, which it does not."""
    asked = request()
    people = tuple(person(name, key=key) for name, key in held)
    answers = [answer(asked, name, key=key) for name, key in held] * 2
    found = standing([asked], answers, policy(quorum=3), people)
    assert found.missing == 3 - len({key for _, key in held})


@given(st.permutations(["ana", "ben", "carol"]), st.sampled_from([APPROVE, REJECT]))
def test_the_order_of_answers_is_no_matter(order: list[str], last: AnswerKind) -> None:
    asked = request()
    by_name = {"ana": answer(asked, "ana"), "ben": answer(asked, "ben"), "carol": answer(asked, "carol", last)}
    rules = policy(quorum=2)
    assert standing([asked], [by_name[name] for name in order], rules) == standing([asked], list(by_name.values()), rules)


@settings(max_examples=100)
@given(st.data())
def test_any_changed_byte_voids(data: st.DataObject) -> None:
    """Whatever an administrator of the database changes in a request or an answer, the gate is not open any more."""
    asked = request()
    given_ = answer(asked, "ana", reason="CHG-1")
    assert standing([asked], [given_]).state is GateState.OPEN
    which = data.draw(st.sampled_from(["request", "answer"]))
    found: ApprovalRequest | ApprovalAnswer = asked if which == "request" else given_
    name = data.draw(st.sampled_from([one.name for one in fields(found) if (which, one.name) != ("request", "signature")]))
    value = getattr(found, name)
    match value:
        case AnswerKind() | Gate():
            return  # each has few values, tried below
        case str():
            at = data.draw(st.integers(0, len(value) - 1))
            other = chr(ord(value[at]) ^ data.draw(st.integers(1, 7)))
            changed: object = value[:at] + other + value[at + 1 :]
        case int():
            changed = value + data.draw(st.integers(1, 99))
        case _:
            changed = value + timedelta(microseconds=data.draw(st.integers(1, 10**9)))
    edited = replace(found, **{name: changed})
    after = standing([edited], [given_]) if which == "request" else standing([asked], [edited])  # type: ignore[list-item]
    assert after.state is not GateState.OPEN


def test_another_gate_or_decision_voids() -> None:
    asked = request()
    rejected = answer(asked, "ana", REJECT)
    assert standing([asked], [replace(rejected, kind=APPROVE)]).state is GateState.WAITING
    elsewhere = request(gate=Gate.EXECUTION)
    moved = replace(elsewhere, gate=Gate.CUTOVER)
    assert request_fault(moved, PEOPLE) == "what it says was changed: it no longer matches its own id"
    renamed = replace(moved, request_id=request_id_of(moved))
    carried = replace(answer(elsewhere, "ana"), request_id=renamed.request_id)
    assert standing([renamed], [carried]).state is GateState.WAITING, "an approval of one gate is none of another"

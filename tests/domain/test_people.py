"""People and the policy of gates, as the estate file states them: each problem is told where it stands."""

import pytest

from cloudmigrate.domain.roles import Role
from cloudmigrate.domain.steps import WAVE_GATES
from cloudmigrate.errors.inputs import EstateFileError
from cloudmigrate.estate_file import parse_estate
from tests.signers import public_key

LEAST = 'estate: acme\naccounts: [{id: "111111111111", regions: [eu-central-1]}]\n'
ANA = f'  - {{name: ana, roles: [approver], key: "{public_key("ana")}"}}\n'
BEN = f'  - {{name: ben, roles: [operator, approver], key: "{public_key("ben")}"}}\n'
VERA = f'  - {{name: vera, roles: [viewer], key: "{public_key("vera")}"}}\n'


def problems(text: str) -> list[str]:
    with pytest.raises(EstateFileError) as raised:
        parse_estate(LEAST + text, "estate.yaml")
    return list(raised.value.problems)


def test_people_and_the_default_policy_are_read() -> None:
    estate = parse_estate(LEAST + "people:\n" + ANA + BEN + VERA, "estate.yaml")
    assert [(one.name, one.roles) for one in estate.people] == [
        ("ana", (Role.APPROVER,)),
        ("ben", (Role.OPERATOR, Role.APPROVER)),
        ("vera", (Role.VIEWER,)),
    ]
    for gate in WAVE_GATES:
        rule = estate.approvals.rule(gate)
        assert (rule.quorum, rule.not_requester, rule.expires_hours) == (1, True, 24)
        assert [one.name for one in estate.people if rule.may_answer(one)] == ["ana", "ben"]


def test_an_estate_without_people_is_still_one() -> None:
    assert parse_estate(LEAST, "estate.yaml").people == ()


def test_people_may_be_named_whatever_their_roles() -> None:
    estate = parse_estate(LEAST + f"people:\n{ANA}{VERA}approvals:\n  no_return: {{roles: [], people: [vera], quorum: 1}}\n", "estate.yaml")
    assert [one.name for one in estate.people if estate.approvals.no_return.may_answer(one)] == ["vera"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            f"people:\n{ANA}  - {{name: bob, roles: [aprover], key: '{public_key('bob')}'}}\n",
            "line 5, people[1].roles[0]: input should be 'admin', 'operator', 'approver' or 'viewer', not 'aprover'",
            id="unknown-role",
        ),
        pytest.param(
            f"people:\n{ANA}  - {{name: bob, roles: [approver], key: '{public_key('ana')}'}}\n",
            f"line 5, people[1].key: {public_key('ana')} is the key of ana and again of bob; each person needs a key of their own",
            id="same-key-twice",
        ),
        pytest.param(
            f"people:\n{ANA}  - {{name: bob, key: '{public_key('bob')}', former_keys: ['{public_key('ana')}']}}\n",
            f"line 5, people[1].former_keys[0]: {public_key('ana')} is the key of ana and again of bob; "
            "each person needs a key of their own",
            id="anothers-key-as-a-former-one",
        ),
        pytest.param(
            f"people:\n{ANA}  - {{name: ana, key: '{public_key('bob')}'}}\n", "line 3, people: ana is listed twice", id="same-name-twice"
        ),
        pytest.param(
            "people:\n  - {name: ana, key: 'ed25519:AAAA'}\n",
            "line 4, people[0].key: ed25519:AAAA cannot be used: an Ed25519 key has 32 bytes, not 3; "
            "take what `cloudmigrate people add` printed",
            id="bad-key",
        ),
        pytest.param(
            f"people:\n  - {{name: ../ana, key: '{public_key('ana')}'}}\n",
            "line 4, people[0].name: '../ana' does not fit; Such as ana",
            id="bad-name",
        ),
        pytest.param(
            f"people:\n{ANA}approvals:\n  cutover: {{quorum: 2}}\n",
            "line 5, approvals: cutover needs 2 to approve, and only ana may (role approver); add people or lower its quorum",
            id="quorum-nobody-reaches",
        ),
        pytest.param(
            f"people:\n{VERA}",
            "line 1, approvals: execution needs 1 to approve, and nobody may (role approver); add people or lower its quorum",
            id="nobody-may",
        ),
        pytest.param(
            f"people:\n{ANA}approvals:\n  clean_up: {{people: [carol]}}\n",
            "line 6, approvals.clean_up.people[0]: clean_up names carol, who is not in people",
            id="stranger",
        ),
        pytest.param(
            f"people:\n{ANA}approvals:\n  clean_up: {{roles: []}}\n",
            "line 6, approvals.clean_up: names neither roles nor people who may answer",
            id="nobody-meant",
        ),
        pytest.param(
            f"people:\n{ANA}approvals: {{cut_over: {{}}}}\n",
            "line 5, approvals.cut_over: is no field here; did you mean cutover?",
            id="gate",
        ),
        pytest.param(
            f"people:\n{ANA}approvals:\n  cutover: {{quorm: 2}}\n",
            "line 6, approvals.cutover.quorm: is no field here; did you mean quorum?",
            id="field-of-a-gate",
        ),
    ],
)
def test_each_problem_is_told(text: str, expected: str) -> None:
    told = problems(text)
    assert len(told) == 1
    assert told[0].startswith(expected)

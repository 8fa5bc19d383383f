"""The questions of a preflight as they are sent: right by botocore's models, and what becomes of each kind of answer."""

from collections.abc import Callable
from typing import Any

import botocore.session
import pytest
from botocore import xform_name
from botocore.validate import ParamValidator

from cloudmigrate.aws.preflight import READS, answer, answers, principals
from cloudmigrate.domain.estate import Account
from cloudmigrate.domain.preflight.kinds import questions
from cloudmigrate.domain.preflight.permissions import PERMISSIONS
from cloudmigrate.domain.preflight.questions import Question, Unseen
from cloudmigrate.domain.preflight.quotas import QUOTAS
from cloudmigrate.domain.steps import Gate, Reversal
from tests.aws.conftest import OWN, own_account, sessions_of
from tests.aws.scripted import HTML_500, Asked, Reply, ScriptedAws, ec2_error, json_error, json_reply, query_error, xml
from tests.domain.preflight import samples

Script = Callable[..., ScriptedAws]
REGION = "us-west-2"
ADDRESSES = Question(OWN, REGION, "ec2", "DescribeAddresses", {}, "Addresses[].PublicIp")
QUOTA = Question(
    OWN,
    REGION,
    "service-quotas",
    "GetServiceQuota",
    {"ServiceCode": "ec2", "QuotaCode": "L-0263D0A3"},
    "Quota.Value",
    frozenset({"NoSuchResourceException"}),
)
ROLE = f"arn:aws:iam::{OWN}:role/ops/Migration"


def every_question() -> list[Question]:
    """Of a wave that has something for each kind of check."""
    encrypted = samples.volumes(Encrypted=True, KmsKeyId=f"arn:aws:kms:eu-central-1:{samples.ACCOUNT}:key/1")
    others = [
        samples.resource(f"arn:aws:{name}", type_, spec)
        for name, type_, spec in (
            ("rds:eu-central-1:1:db:a", "AWS::RDS::DBInstance", {"DBInstanceIdentifier": "a"}),
            ("rds:eu-central-1:1:cluster:b", "AWS::RDS::DBCluster", {"DBClusterIdentifier": "b"}),
            ("s3:::c", "AWS::S3::Bucket", {}),
        )
    ]
    steps = samples.steps(account_id=samples.OTHER, key="alias/target", launch={"options": {"PrivateIpAddress": "10.0.0.9"}})
    read = samples.step("read", "dns.read_record", {"zone_id": "Z1", "name": "a.", "type": "A"}, reversal=Reversal.NOTHING)
    by_hand = [samples.step(one.uid, "by_hand.confirm", {"text": "x"}, uid=one.uid, gate=Gate.BY_HAND) for one in others]
    return questions(samples.facts([*steps, read, *by_hand], [samples.server(), *encrypted, *others]))


@pytest.mark.parametrize(
    "question",
    [pytest.param(one, id=f"{one.service}-{one.operation}") for one in {(q.service, q.operation): q for q in every_question()}.values()],
)
def test_each_question_is_a_read_that_the_service_knows(question: Question) -> None:
    session = botocore.session.get_session()
    model = session.get_service_model(question.service).operation_model(question.operation)
    report = ParamValidator().validate(dict(question.params), model.input_shape)
    assert not report.has_errors(), report.generate_report()
    assert READS.match(question.operation)
    first = question.reads.partition(".")[0].partition("[")[0]
    assert first in model.output_shape.members
    client = session.create_client(question.service, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
    can_paginate = client.can_paginate(xform_name(question.operation))
    names_one = any(key.endswith(("Ids", "Identifier", "InstanceTypes", "StartRecordName")) for key in question.params)
    assert question.pages <= can_paginate
    assert question.pages or names_one or not can_paginate or question.operation == "DescribeImages", "a list might have more pages"


def test_every_kind_of_check_asks_something() -> None:
    asked = {(one.service, one.operation) for one in every_question()}
    services = {"iam", "service-quotas", "ec2", "kms", "route53", "backup", "rds"}
    assert {service for service, _ in asked} == services


def test_answers_are_read_and_pages_are_joined(script: Script) -> None:
    def page(asked: Asked) -> Reply:
        done = asked.params.get("Marker") == "m"
        name = "ec2:StopInstances" if done else "ec2:StartInstances"
        more = "<IsTruncated>false</IsTruncated>" if done else "<IsTruncated>true</IsTruncated><Marker>m</Marker>"
        result = f"<EvalActionName>{name}</EvalActionName><EvalDecision>allowed</EvalDecision>"
        return xml("SimulatePrincipalPolicy", f"{more}<EvaluationResults><member>{result}</member></EvaluationResults>")

    script({"SimulatePrincipalPolicy": page, "GetServiceQuota": json_reply({"Quota": {"Value": 5.0}})})
    actions = {"PolicySourceArn": ROLE, "ActionNames": ["ec2:StartInstances", "ec2:StopInstances"]}
    simulated = Question(OWN, "global", "iam", "SimulatePrincipalPolicy", actions, "EvaluationResults[].EvalActionName", pages=True)
    told = answers(sessions_of(own_account()), [simulated, QUOTA])
    assert told == {simulated: ["ec2:StartInstances", "ec2:StopInstances"], QUOTA: 5.0}


@pytest.mark.parametrize(
    ("reply", "why", "advice"),
    [
        pytest.param(
            ec2_error("UnauthorizedOperation"), "(UnauthorizedOperation)", "grant ec2:DescribeAddresses to who runs this", id="denied"
        ),
        pytest.param(ec2_error("RequestLimitExceeded", status=503), "(RequestLimitExceeded)", "run again later", id="throttled"),
        pytest.param(HTML_500, "not implemented by endpoint (EndpointGap)", "this endpoint is not AWS", id="not implemented"),
        pytest.param(Reply("<broken", 200), "(ResponseParserError)", "changes the answers", id="garbled"),
        pytest.param(Reply(reset=True), "Connection", "check the network", id="reset"),
    ],
)
def test_what_gets_no_answer_is_unseen_with_place_permission_and_advice(script: Script, reply: Reply, why: str, advice: str) -> None:
    script({"DescribeAddresses": reply})
    found = answer(sessions_of(own_account()), ADDRESSES)
    assert isinstance(found, Unseen)
    assert (found.account_id, found.region, found.action) == (OWN, REGION, "ec2:DescribeAddresses")
    assert why in found.why
    assert advice in found.advice


def test_what_is_not_there_is_none_and_other_errors_are_not(script: Script) -> None:
    script({"GetServiceQuota": [json_error("NoSuchResourceException"), json_error("AccessDeniedException")]})
    sessions = sessions_of(own_account())
    assert answer(sessions, QUOTA) is None
    assert isinstance(answer(sessions, QUOTA), Unseen)


def test_a_question_that_is_no_read_is_never_sent(script: Script) -> None:
    endpoint = script({})
    with pytest.raises(ValueError, match="ec2:ReleaseAddress is no read"):
        answer(sessions_of(own_account()), Question(OWN, REGION, "ec2", "ReleaseAddress", {}, "x"))
    assert endpoint.asked == []


def test_an_account_that_cannot_be_entered_is_unseen(script: Script) -> None:
    script({"GetCallerIdentity": query_error("ExpiredToken")})
    found = answer(sessions_of(own_account()), ADDRESSES)
    assert isinstance(found, Unseen)
    assert "account 123456789012 could not be entered" in found.why


def test_the_role_of_the_estate_file_is_who_is_asked_about(script: Script) -> None:
    endpoint = script({})
    account = Account(id=OWN, regions=(REGION,), role_arn=ROLE)
    assert principals(sessions_of(account), {OWN: account}, [OWN]) == {OWN: ROLE}
    assert endpoint.asked == []


def test_the_callers_own_role_is_looked_up_for_its_path(script: Script) -> None:
    session = f"<Arn>arn:aws:sts::{OWN}:assumed-role/Migration/me</Arn><UserId>A</UserId><Account>{OWN}</Account>"
    role = f"<Role><Arn>{ROLE}</Arn><Path>/ops/</Path><RoleName>Migration</RoleName><RoleId>A</RoleId></Role>"
    script({"GetCallerIdentity": xml("GetCallerIdentity", session), "GetRole": xml("GetRole", role)})
    assert principals(sessions_of(own_account()), {OWN: own_account()}, [OWN]) == {OWN: ROLE}


def test_a_user_is_asked_about_as_it_is_and_an_unknown_account_not_at_all(script: Script) -> None:
    script({})
    found = principals(sessions_of(own_account()), {OWN: own_account()}, [OWN, "999999999999"])
    assert found[OWN] == f"arn:aws:iam::{OWN}:user/ann"
    assert isinstance(found["999999999999"], Unseen)


def test_a_role_that_may_not_be_looked_up_is_unseen(script: Script) -> None:
    session = f"<Arn>arn:aws:sts::{OWN}:assumed-role/Migration/me</Arn><UserId>A</UserId><Account>{OWN}</Account>"
    script({"GetCallerIdentity": xml("GetCallerIdentity", session), "GetRole": query_error("AccessDenied")})
    found = principals(sessions_of(own_account()), {OWN: own_account()}, [OWN])[OWN]
    assert isinstance(found, Unseen)
    assert found.action == "iam:GetRole"


def test_real_answers_make_real_verdicts(script: Script) -> None:
    """Quotas and permissions, which no emulator has, over answers in the form of the services."""

    def decision(action: str) -> str:
        return "explicitDeny" if "Release" in action else "allowed"

    def simulated(asked: Asked) -> Reply:
        names = [value for key, value in sorted(asked.params.items()) if key.startswith("ActionNames")]
        results = "".join(
            f"<member><EvalActionName>{one}</EvalActionName><EvalDecision>{decision(one)}</EvalDecision></member>" for one in names
        )
        return xml("SimulatePrincipalPolicy", f"<EvaluationResults>{results}</EvaluationResults><IsTruncated>false</IsTruncated>")

    addresses = "".join(f"<item><publicIp>192.0.2.{number}</publicIp></item>" for number in range(5))
    script(
        {
            "SimulatePrincipalPolicy": simulated,
            "GetServiceQuota": json_reply({"Quota": {"Value": 5.0}}),
            "GetAWSDefaultServiceQuota": json_reply({"Quota": {"Value": 5.0}}),
            "DescribeAddresses": Reply(f"<DescribeAddressesResponse><addressesSet>{addresses}</addressesSet></DescribeAddressesResponse>"),
        }
    )
    step = samples.step("address", "ec2.allocate_address", {}, account_id=OWN)
    wave = samples.facts([step], principals={OWN: ROLE})
    sessions = sessions_of(own_account("eu-west-1"))
    told: dict[Question, Any] = answers(sessions, [*QUOTAS.asks(wave), *PERMISSIONS.asks(wave)])
    (quota,) = QUOTAS.judges(wave, told)
    assert (quota.state.value, quota.evidence) == ("fail", "the wave needs 1 addresses, 5 in use, the quota is 5")
    assert {one.subject: one.state.value for one in PERMISSIONS.judges(wave, told)} == {ROLE: "pass", "ec2:ReleaseAddress": "fail"}

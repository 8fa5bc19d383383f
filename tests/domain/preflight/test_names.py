"""Names in DNS, names and addresses that others have, backups, and times when nothing is begun."""

from datetime import timedelta
from typing import Any

import pytest

from cloudmigrate.domain.preflight.backups import BACKUPS
from cloudmigrate.domain.preflight.collisions import COLLISIONS
from cloudmigrate.domain.preflight.dns import DNS
from cloudmigrate.domain.preflight.freeze import of_freeze
from cloudmigrate.domain.preflight.rehearsal import of_by_hand, of_rehearsal
from cloudmigrate.domain.steps import Gate, Reversal
from tests.domain.preflight.samples import (
    ACCOUNT,
    DATA,
    DENIED,
    HERE,
    MARKS,
    NOW,
    ROOT,
    WEB,
    by_subject,
    checks,
    facts,
    resource,
    server,
    states,
    step,
    steps,
    volumes,
)

NAME = "shop.example.com."
READ = step("read", "dns.read_record", {"zone_id": "Z1", "name": NAME, "type": "A"}, reversal=Reversal.NOTHING)
RECORD = {"Name": NAME, "Type": "A", "TTL": 3600, "ResourceRecords": [{"Value": "192.0.2.7"}]}
ZONE: dict[str, Any] = {
    "GetHostedZone": {"Name": "example.com."},
    "ListResourceRecordSets": [RECORD, RECORD | {"Name": "www.example.com."}],
}


@pytest.mark.parametrize(
    ("told", "state", "evidence"),
    [
        pytest.param(
            {}, "pass", "A 192.0.2.7, time to live 3600 s; lowered to 60 s, and nothing stops before 3660 s have passed", id="simple"
        ),
        pytest.param({"ListResourceRecordSets": [RECORD | {"TTL": 60}]}, "pass", "caches forget it within 60 s", id="lowered already"),
        pytest.param({"GetHostedZone": None}, "fail", "has no zone Z1", id="no zone"),
        pytest.param({"GetHostedZone": {"Name": "example.org."}}, "fail", "zone Z1 is example.org.", id="another zone"),
        pytest.param({"ListResourceRecordSets": []}, "fail", "has nothing under this name", id="no record"),
        pytest.param({"ListResourceRecordSets": [RECORD | {"Type": "CNAME"}]}, "fail", "has CNAME under this name", id="cname"),
        pytest.param(
            {"ListResourceRecordSets": [{"Name": NAME, "Type": "A", "AliasTarget": {"DNSName": "lb."}}]}, "fail", "alias of lb.", id="alias"
        ),
        pytest.param({"ListResourceRecordSets": [RECORD | {"SetIdentifier": "a"}]}, "fail", "routing policy", id="weighted"),
        pytest.param({"GetHostedZone": DENIED}, "not_assessed", "AccessDenied", id="zone denied"),
        pytest.param({"ListResourceRecordSets": DENIED}, "not_assessed", "AccessDenied", id="records denied"),
    ],
)
def test_a_name_must_be_a_simple_record_of_our_zone(told: dict[str, Any], state: str, evidence: str) -> None:
    (found,) = checks(DNS, facts([READ]), ZONE | told)
    assert (found.subject, found.state.value, found.region) == (NAME, state, "global")
    assert evidence in found.evidence


FREE: dict[str, Any] = {
    "DescribeSecurityGroups": [],
    "DescribeImages": [],
    "DescribeNetworkInterfaces": [],
    "DescribeSubnets": {"CidrBlock": "10.0.0.0/24"},
}
ADDRESS = {"options": {"PrivateIpAddress": "10.0.0.77"}}


def marked(name: str) -> list[dict[str, str]]:
    return [{"Key": f"cloudmigrate:{key}", "Value": str(value)} for key, value in {**MARKS, "step": name}.items()]


def test_names_and_addresses_that_nobody_has_are_free() -> None:
    found = by_subject(checks(COLLISIONS, facts(steps(launch=ADDRESS)), FREE))
    assert {one.state.value for one in found.values()} == {"pass"}
    assert {"security group web in vpc-1", "address 10.0.0.77 in subnet-1"} < set(found)
    assert sum(subject.startswith("image cloudmigrate-") for subject in found) == 2


@pytest.mark.parametrize(
    ("told", "subject", "state"),
    [
        pytest.param({"DescribeSecurityGroups": [["sg-5", None]]}, "security group web in vpc-1", "fail", id="group"),
        pytest.param({"DescribeSecurityGroups": [["sg-5", marked("other")]]}, "security group web in vpc-1", "fail", id="another step's"),
        pytest.param({"DescribeSecurityGroups": [["sg-5", marked("group")]]}, "security group web in vpc-1", "pass", id="made before"),
        pytest.param({"DescribeNetworkInterfaces": [["eni-5", []]]}, "address 10.0.0.77 in subnet-1", "fail", id="address"),
        pytest.param({"DescribeNetworkInterfaces": [["eni-5", marked("launch")]]}, "address 10.0.0.77 in subnet-1", "pass", id="ours"),
        pytest.param({"DescribeSubnets": {"CidrBlock": "10.9.0.0/24"}}, WEB, "fail", id="not of the subnet"),
        pytest.param({"DescribeSubnets": DENIED}, WEB, "not_assessed", id="subnet denied"),
        pytest.param({"DescribeSecurityGroups": DENIED}, "security group web in vpc-1", "not_assessed", id="denied"),
    ],
)
def test_what_somebody_has_is_told_with_who_has_it(told: dict[str, Any], subject: str, state: str) -> None:
    found = by_subject(checks(COLLISIONS, facts(steps(launch=ADDRESS)), FREE | told))
    assert found[subject].state.value == state


def test_two_steps_that_want_one_name_collide() -> None:
    again = step("again", "ec2.create_security_group", {"name": "web", "description": "web", "vpc_id": "vpc-1"})
    found = checks(COLLISIONS, facts([steps()[0], again]), FREE)
    assert [one.evidence for one in found if one.state.value == "fail"] == ["2 steps of this wave want it"]


def test_other_itineraries_names_are_looked_for_by_their_operation() -> None:
    from cloudmigrate.domain.acts.record import Call
    from cloudmigrate.domain.preflight.collisions import WANTED_BY

    call = Call("rds", "CreateDBInstanceReadReplica", {"DBInstanceIdentifier": "orders"})
    (wanted,) = WANTED_BY["rds", "CreateDBInstanceReadReplica"]((ACCOUNT, HERE), call)
    assert (wanted.question.operation, wanted.question.params) == ("DescribeDBInstances", {"DBInstanceIdentifier": "orders"})


def ago(**span: float) -> str:
    return (NOW - timedelta(**span)).isoformat()


def backups(told: dict[str, Any], **more: Any) -> dict[str, str]:
    wave = facts([one for one in steps() if one.step_id == "image"], **more)
    return states(checks(BACKUPS, wave, {"DescribeSnapshots": [], "ListRecoveryPointsByResource": []} | told))


def test_every_volume_needs_a_backup_of_the_last_day() -> None:
    fresh, old = {"DescribeSnapshots": [ago(hours=30), ago(hours=24)]}, {"DescribeSnapshots": [ago(hours=24, seconds=1)]}
    assert backups(fresh) == {ROOT: "pass", DATA: "pass"}
    assert backups(old) == {ROOT: "fail", DATA: "fail"}
    assert backups({}) == {ROOT: "fail", DATA: "fail"}
    assert backups({"ListRecoveryPointsByResource": [ago(hours=1)]}) == {ROOT: "pass", DATA: "pass"}
    assert backups(old, execution={"backup_max_age_hours": 25}) == {ROOT: "pass", DATA: "pass"}
    assert backups({}, execution={"backup_max_age_hours": None}) == {}


def test_a_backup_that_is_seen_is_enough_and_one_that_is_not_is_not_assessed() -> None:
    assert backups({"DescribeSnapshots": [ago(hours=1)], "ListRecoveryPointsByResource": DENIED}) == {ROOT: "pass", DATA: "pass"}
    assert backups({"DescribeSnapshots": [ago(days=3)], "ListRecoveryPointsByResource": DENIED}) == {
        ROOT: "not_assessed",
        DATA: "not_assessed",
    }
    future = {"DescribeSnapshots": [ago(hours=-1), "no instant", 7, None]}
    assert backups(future) == {ROOT: "fail", DATA: "fail"}, "what lies in the future, or is no instant, is no backup"


def test_a_failed_backup_can_be_answered_for_by_a_person() -> None:
    wave = facts(steps())
    found = checks(BACKUPS, wave, {"DescribeSnapshots": [], "ListRecoveryPointsByResource": []})
    assert all(one.bends and "execution.backup_max_age_hours" in one.advice for one in found)


def test_databases_are_looked_at_by_their_own_table_and_what_stays_is_not() -> None:
    db = resource(f"arn:aws:rds:{HERE}:{ACCOUNT}:db:orders", "AWS::RDS::DBInstance", {"DBInstanceIdentifier": "orders"})
    by_hand = step("db", "by_hand.confirm", {"text": "move it"}, uid=db.uid, gate=Gate.BY_HAND, region=HERE)
    stays = step("db", "by_hand.retain", {"text": "it stays"}, uid=db.uid, region=HERE)
    told = {"DescribeDBSnapshots": [], "DescribeDBInstances": [ago(minutes=5)], "ListRecoveryPointsByResource": DENIED}
    assert states(checks(BACKUPS, facts([by_hand], [db]), told)) == {db.uid: "pass"}
    assert checks(BACKUPS, facts([stays], [db]), {}) == []


QUIET = {"from": "2026-11-24T09:00:00Z", "until": "2026-11-24T10:00:00Z", "reason": "release"}


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        pytest.param({}, {"": "pass"}, id="none"),
        pytest.param(
            # begun at 8:00, the copies of the wave likely take some minutes only
            {"execution": {"freeze_windows": [QUIET]}},
            {"": "pass"},
            id="over before it",
        ),
        pytest.param(
            {"execution": {"freeze_windows": [QUIET | {"from": "2026-11-24T07:00:00Z"}]}},
            {"2026-11-24T07:00:00+00:00/2026-11-24T10:00:00+00:00": "fail"},
            id="within",
        ),
        pytest.param(
            {"execution": {"freeze_windows": [QUIET | {"from": "2026-11-24T08:00:30Z"}]}},
            {"2026-11-24T08:00:30+00:00/2026-11-24T10:00:00+00:00": "fail"},
            id="likely runs into it",
        ),
        pytest.param(
            {"execution": {"freeze_windows": [QUIET | {"from": "2026-11-24T07:00:00Z", "until": "2026-11-24T08:00:00Z"}]}},
            {"": "pass"},
            id="just over",
        ),
        pytest.param(
            {"planning": {"first_wave_on": "2026-11-01", "freeze_windows": [{"from": "2026-11-23", "to": "2026-11-24", "reason": "x"}]}},
            {"2026-11-23/2026-11-24": "fail"},
            id="days of the plan",
        ),
        pytest.param(
            {
                "planning": {
                    "first_wave_on": "2026-11-01",
                    "freeze_windows": [{"from": "2026-11-23", "to": "2026-11-24", "reason": "x", "environments": ["prod"]}],
                }
            },
            {"": "pass"},
            id="days of another environment",
        ),
    ],
)
def test_a_wave_that_meets_a_quiet_time_fails(more: dict[str, Any], expected: dict[str, str]) -> None:
    found = list(of_freeze(facts(held=[server(), *volumes()], **more)))
    assert states(found) == expected
    assert all(one.bends for one in found if one.state.value == "fail")


def test_what_aws_said_beforehand_is_a_check_for_each_step() -> None:
    refused = {"rules": "step rules was refused. Next: mend it.", "copy": "no answer. Next: run again."}
    found = by_subject(of_rehearsal(facts(), {"group": "AWS would do it"}, refused, {"copy"}))
    assert {subject: one.state.value for subject, one in found.items()} == {
        "group": "pass",
        "rules": "fail",
        "copy": "not_assessed",
        "": "pass",
    }
    assert (found["rules"].evidence, found["rules"].advice) == ("step rules was refused.", "mend it")
    assert found[""].evidence.startswith("3 of 6 steps that write could be asked about")


def test_steps_by_hand_are_counted() -> None:
    wave = facts([step("elb", "by_hand.confirm", {"text": "make it"}, gate=Gate.BY_HAND)])
    (found,) = of_by_hand(wave)
    assert (found.state.value, found.evidence) == ("pass", "1 step waits for a person: elb")

"""What one cause left unanswered is told once."""

from cloudmigrate.domain.assessment import snapshot_reasons
from cloudmigrate.domain.preflight.causes import by_cause, cause_of
from cloudmigrate.domain.preflight.names import CheckName
from cloudmigrate.domain.preflight.record import Check, CheckState

NO = "Unable to locate credentials (NoCredentialsError)"
GIVE = "give credentials"
ACCOUNT = "123456789012"


def check(subject: str, evidence: str, advice: str = GIVE, state: CheckState = CheckState.NOT_ASSESSED) -> Check:
    return Check(CheckName.LANDING, subject, ACCOUNT, "us-east-1", state, evidence, advice)


ENTERED = f"account {ACCOUNT} could not be entered: "
ROLE = "account 222222222222 could not be entered: role arn:aws:iam::222222222222:role/M cannot be assumed: "


def test_checks_of_one_cause_are_one_whoever_was_asked() -> None:
    asked = check("subnet-1", f"ec2:DescribeSubnets in {ACCOUNT} us-east-1: {ENTERED}{NO}")
    read = check("AWS::EC2::Volume", f"AWS::EC2::Volume could not be looked at again: {ROLE}{NO}. Next: {GIVE}", "mend it")
    step = check("g/1-stop", f"step g/1-stop for arn:aws:ec2:x (account {ACCOUNT}, us-east-1): {ENTERED}{NO}. Next: {GIVE}", "again")
    failed = [check(name, "no such subnet", "name another", CheckState.FAIL) for name in ("subnet-2", "subnet-3")]
    found = by_cause([failed[0], asked, failed[1], read, step])
    assert [(one.why, one.advice, one.checks) for one in found] == [
        ("no such subnet", "name another", (failed[0],)),
        (NO, GIVE, (asked, read, step)),
        ("no such subnet", "name another", (failed[1],)),
    ]


def test_other_causes_stay_apart() -> None:
    denied = check("subnet-1", f"ec2:DescribeSubnets in {ACCOUNT} us-east-1: {ROLE}not authorized (AccessDenied)")
    other = check("subnet-1", f"ec2:DescribeSubnets in {ACCOUNT} us-east-1: {NO}", "another advice")
    assert cause_of(denied) == ("role arn:aws:iam::222222222222:role/M cannot be assumed: not authorized (AccessDenied)", GIVE)
    assert len(by_cause([denied, other, check("subnet-1", NO)])) == 3


def test_a_run_that_saw_nothing_tells_each_cause_once_with_its_places() -> None:
    blind = [
        {"account_id": account, "region": region, "status": "failed", "detail": f"{before}{NO}. Next: {GIVE}"}
        for account, before in ((ACCOUNT, ENTERED), ("222222222222", ROLE))
        for region in ("global", "us-east-1", "us-east-1", "us-west-2")
    ]
    denied = {"account_id": ACCOUNT, "region": "eu-west-1", "status": "denied", "detail": None, "error_code": "AccessDenied"}
    assert snapshot_reasons([*blind, denied]) == (
        f"6 places, account {ACCOUNT} global, {ACCOUNT} us-east-1, {ACCOUNT} us-west-2 and 3 more: failed: {NO}. Next: {GIVE}",
        f"account {ACCOUNT} eu-west-1: denied: AccessDenied",
    )

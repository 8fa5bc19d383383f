"""Names that several resources bear are told apart, and ends outside are called alike everywhere."""

from dataclasses import dataclass

import pytest

from reports.readiness.naming import distinct_names, end_name

EC2 = "arn:aws:ec2:eu-central-1:111111111111:instance/"


@dataclass(frozen=True)
class Row:
    uid: str
    name: str
    type: str = "AWS::EC2::Instance"
    account_id: str = "111111111111"
    region: str = "eu-central-1"


def test_a_name_of_one_stays_and_one_of_several_gets_the_end_of_the_id() -> None:
    rows = [Row(f"{EC2}i-0a1b2c3d4e5f00001", "web"), Row(f"{EC2}i-0a1b2c3d4e5f10001", "web"), Row(f"{EC2}i-1", "db")]

    assert list(distinct_names(rows).values()) == ["web (…00001)", "web (…10001)", "db"]


def test_ends_of_ids_are_as_long_as_it_takes() -> None:
    rows = [Row(f"{EC2}i-0a1b2c3d4e1f00001", "web"), Row(f"{EC2}i-0a1b2c3d4e2f00001", "web"), Row(f"{EC2}i-77", "web")]

    assert list(distinct_names(rows).values()) == ["web (…1f00001)", "web (…2f00001)", "web (i-77)"]


def test_types_accounts_and_regions_tell_apart_where_ids_do_not() -> None:
    def queue(account_id: str, region: str) -> Row:
        return Row(f"arn:aws:sqs:{region}:{account_id}:orders", "orders", "AWS::SQS::Queue", account_id, region)

    rows = [queue("111111111111", "a"), queue("222222222222", "a"), queue("222222222222", "b"), Row(f"{EC2}i-1", "orders")]

    assert list(distinct_names(rows).values()) == [
        "orders (SQS Queue 111111111111 a)",
        "orders (SQS Queue 222222222222 a)",
        "orders (SQS Queue 222222222222 b)",
        "orders (EC2 Instance)",
    ]


def test_names_that_were_told_apart_stay_so() -> None:
    rows = [Row(f"{EC2}i-00001", "web"), Row(f"{EC2}i-00002", "web")]
    once = distinct_names(rows)

    assert distinct_names([Row(uid, name) for uid, name in once.items()]) == once
    assert once[rows[0].uid] == "web (…00001)"


@pytest.mark.parametrize(
    ("uid", "name"),
    [
        ("external:S3", "S3 (AWS service)"),
        ("external:203.0.113.0/24", "203.0.113.0/24 (outside)"),
        ("external:2001:db8::/48", "2001:db8::/48 (outside)"),
        ("unknown:10.9.8.7", "10.9.8.7 (unknown address)"),
        (f"{EC2}i-1", f"{EC2}i-1"),
    ],
)
def test_ends_outside(uid: str, name: str) -> None:
    assert end_name(uid) == name

"""Names that people give: an ARN, a name, a workload."""

import pytest

from cloudmigrate.domain.naming import UnknownNameError, called, names_of

NAMES = names_of(
    [
        ("arn:1", "web", "shop"),
        ("arn:2", "db", "shop"),
        ("arn:3", "web", None),
        ("arn:4", "cache", None),
        ("arn:5", "crm", "crm"),
        ("arn:6", "crm-db", "crm"),
        ("arn:7", "jobs", None),
        ("arn:8", "x", "jobs"),
        ("arn:aws:ec2:eu:1:instance/i-0a", None, None),
    ]
)


@pytest.mark.parametrize(
    ("name", "uids"),
    [
        pytest.param("arn:3", ("arn:3",), id="an ARN"),
        pytest.param("cache", ("arn:4",), id="a name that one bears"),
        pytest.param("i-0a", ("arn:aws:ec2:eu:1:instance/i-0a",), id="the end of an ARN"),
        pytest.param("shop", ("arn:1", "arn:2"), id="a workload"),
        pytest.param("crm", ("arn:5", "arn:6"), id="a workload that one of its resources is named after"),
    ],
)
def test_what_a_name_means(name: str, uids: tuple[str, ...]) -> None:
    assert NAMES.meant_by(name) == uids


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("web", "'web' is the name of 2 resources: arn:1, arn:3. Next: give one's ARN."),
        ("jobs", r"'jobs' is a resource \(arn:7\) and a workload. Next: give the resource's ARN."),
        ("mail", "'mail' is no resource's ARN, id or name and no workload"),
    ],
)
def test_what_a_name_cannot_mean(name: str, told: str) -> None:
    with pytest.raises(UnknownNameError, match=told):
        NAMES.meant_by(name)


def test_a_name_for_one_resource_is_no_workload_of_several() -> None:
    assert NAMES.one("cache") == "arn:4"
    with pytest.raises(UnknownNameError, match="'shop' is a workload of 2 resources: arn:1, arn:2"):
        NAMES.one("shop")


def test_what_resources_are_called() -> None:
    """A name that one bears; the end of the ARN where there is none; what tells them apart where two bear a name."""
    ec2, rds, sqs = "AWS::EC2::Instance", "AWS::RDS::DBInstance", "AWS::SQS::Queue"
    told = called(
        [
            ("arn:x:instance/i-0123456789", "web", ec2),
            ("arn:x:instance/i-9876543210", "web", ec2),
            ("arn:x:queue/jobs", None, sqs),
            ("arn:x:db/crm", "CRM", rds),
            ("arn:x:instance/i-1", "mail", ec2),
            ("arn:x:db/mail", "mail", rds),
            ("arn:aws:sqs:eu:1:orders", "orders", sqs),
            ("arn:aws:sqs:us:1:orders", "orders", sqs),
            ("first:db/old", "old", rds),
            ("second:db/old", "old", rds),
        ]
    )
    assert told == {
        "arn:x:instance/i-0123456789": "web (\u202656789)",
        "arn:x:instance/i-9876543210": "web (\u202643210)",
        "arn:x:queue/jobs": "jobs",
        "arn:x:db/crm": "CRM",
        "arn:x:instance/i-1": "mail (EC2 Instance)",
        "arn:x:db/mail": "mail (RDS DBInstance)",
        "arn:aws:sqs:eu:1:orders": "orders (eu)",
        "arn:aws:sqs:us:1:orders": "orders (us)",
        "first:db/old": "old (first:db/old)",
        "second:db/old": "old (second:db/old)",
    }


def test_a_name_that_looks_told_apart_is_no_second_one_of_another() -> None:
    """Two webs, and a third resource that is really named as the first of them would be called: both go by their ids."""
    ec2 = "AWS::EC2::Instance"
    told = called([("x/i-aaa00001", "web", ec2), ("x/i-aaa00002", "web", ec2), ("x/other", "web (\u202600001)", ec2)])
    assert told == {"x/i-aaa00001": "x/i-aaa00001", "x/i-aaa00002": "web (\u202600002)", "x/other": "x/other"}

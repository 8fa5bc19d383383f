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
    """A name that one bears; the end of the ARN where there is none; a piece of the id where two bear a name; else the whole ARN."""
    told = called(
        [
            ("arn:x:instance/i-0123456789", "web"),
            ("arn:x:instance/i-9876543210", "web"),
            ("arn:x:queue/jobs", None),
            ("arn:x:db/crm", "CRM"),
            ("arn:eu:db/old", "old"),
            ("arn:us:db/old", "old"),
        ]
    )
    assert told == {
        "arn:x:instance/i-0123456789": "web (23456789)",
        "arn:x:instance/i-9876543210": "web (76543210)",
        "arn:x:queue/jobs": "jobs",
        "arn:x:db/crm": "CRM",
        "arn:eu:db/old": "arn:eu:db/old",
        "arn:us:db/old": "arn:us:db/old",
    }

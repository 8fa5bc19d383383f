"""Names that people give: an ARN, a name, a workload."""

import pytest

from cloudmigrate.domain.naming import UnknownNameError, names_of

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
    ]
)


@pytest.mark.parametrize(
    ("name", "uids"),
    [
        pytest.param("arn:3", ("arn:3",), id="an ARN"),
        pytest.param("cache", ("arn:4",), id="a name that one bears"),
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
        ("mail", "'mail' is no resource's ARN or name and no workload"),
    ],
)
def test_what_a_name_cannot_mean(name: str, told: str) -> None:
    with pytest.raises(UnknownNameError, match=told):
        NAMES.meant_by(name)

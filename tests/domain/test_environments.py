"""Environments from tags, and hours of work by type."""

import pytest

from cloudmigrate.domain.effort import HOURS_BY_TYPE, SERVERS, effort_hours
from cloudmigrate.domain.environments import ENVIRONMENTS, WORDS, Usual, environment_of, latest, rank, usual_environments
from cloudmigrate.domain.risk_factors import COMPLEXITY


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"Environment": "Production"}, "prod"),
        ({"env": " dev-2 "}, "dev"),
        ({"STAGE": "UAT"}, "staging"),
        ({"Environment": "blue", "Stage": "qa"}, "test"),
        ({"Environment": "prod", "Stage": "dev"}, "prod"),
        ({"env": "2"}, None),
        ({"Name": "prod"}, None),
        ({}, None),
    ],
)
def test_an_environment_by_its_tags(tags: dict[str, str], expected: str | None) -> None:
    assert environment_of(tags) == expected


def test_every_word_means_an_environment() -> None:
    assert set(WORDS.values()) == set(ENVIRONMENTS)
    assert [rank(one) for one in (*ENVIRONMENTS[:3], None, "prod")] == [0, 1, 2, 2.5, 3]


def test_a_group_is_of_the_environment_that_moves_last() -> None:
    assert (latest({"dev", "prod", None}), latest({None}), latest({"dev", "test"})) == ("prod", None, "test")


def test_every_type_has_hours() -> None:
    """By its own row, else by how much its target differs; a type of a later release counts as middling."""
    assert all(effort_hours(type_) >= 0 for type_ in COMPLEXITY)
    assert HOURS_BY_TYPE.keys() | SERVERS <= COMPLEXITY.keys()
    assert (effort_hours("AWS::EC2::Instance"), effort_hours("AWS::EKS::Cluster"), effort_hours("AWS::New::Thing")) == (4, 40, 8)


def test_most_tagged_resources_of_a_workload_name_its_environment() -> None:
    """shop: 2 of 3 name prod; half and half says nothing; what has no tags does not count; what has no workload inherits nothing."""
    told = [
        *(("shop", one) for one in ("prod", "prod", "dev", None, None)),
        *(("crm", one) for one in ("prod", "dev")),
        ("jobs", None),
        (None, "test"),
    ]
    found = usual_environments(told)
    assert found == {"shop": Usual("prod", 2, 3)}
    assert found["shop"].words("shop") == "by 2 of 3 tagged resources of its workload shop"

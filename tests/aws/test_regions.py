"""Region names are checked against botocore's data, without a network."""

import pytest

from cloudmigrate.aws.regions import check_regions, home_region, known_regions, partition_of


def test_real_regions_have_no_problem() -> None:
    assert check_regions(["eu-central-1", "us-gov-west-1", "cn-north-1"]) == ()


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("eu-centrl-1", "unknown region 'eu-centrl-1'; did you mean eu-central-1?"),
        ("us-west-22", "unknown region 'us-west-22'; did you mean us-west-2?"),
        ("zz-nowhere-9", "unknown region 'zz-nowhere-9'; see `aws account list-regions`"),
        ("global", "unknown region 'global'; see `aws account list-regions`"),
    ],
)
def test_unknown_regions_get_a_suggestion(name: str, problem: str) -> None:
    assert check_regions(["eu-west-1", name]) == (problem,)


@pytest.mark.parametrize(
    ("region", "home"), [("eu-west-1", "us-east-1"), ("us-gov-east-1", "us-gov-west-1"), ("cn-northwest-1", "cn-north-1")]
)
def test_home_of_a_partition(region: str, home: str) -> None:
    assert home_region(partition_of(region)) == home


def test_every_partition_of_botocore_has_a_known_home() -> None:
    assert {home_region(partition) for partition in known_regions().values()} <= set(known_regions())
    assert all(partition_of(home_region(partition)) == partition for partition in known_regions().values())

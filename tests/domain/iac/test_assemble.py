"""Where things of the target are."""

from cloudmigrate.domain.target_policy import TargetPolicy
from tests.domain.iac.sample_estate import ACCOUNTS, blueprint_of, sample_rows


def test_what_is_global_goes_where_its_account_has_most() -> None:
    made = blueprint_of(sample_rows(), TargetPolicy())
    assert {(one.place.account_id, one.place.region) for one in made.units} <= {
        (ACCOUNTS[0], "eu-central-1"),
        (ACCOUNTS[1], "eu-central-1"),
        (ACCOUNTS[1], "us-west-2"),
        (ACCOUNTS[0], "us-west-2"),
    }


def test_a_region_and_an_account_of_the_target_hold_for_all() -> None:
    made = blueprint_of(sample_rows(), TargetPolicy(region="eu-west-1", account="333333333333"))
    assert {(one.place.account_id, one.place.region) for one in made.units} == {("333333333333", "eu-west-1")}

"""Where things of the target are."""

import pytest

from cloudmigrate.domain.iac.assemble import blueprint
from cloudmigrate.domain.iac.catalogue import BY_TYPE
from cloudmigrate.domain.iac.making import Decided
from cloudmigrate.domain.resources import Resource
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


@pytest.mark.parametrize("type_", sorted(BY_TYPE))
def test_what_the_inventory_tells_nothing_of_is_made_or_left_out_with_the_reason(type_: str) -> None:
    """One thing that discovery could not describe keeps neither the code nor the steps of the others from being made."""
    empty = Resource("uid-1", "aws", "111111111111", "eu-central-1", type_, "x", "", {}, {}, stateful=False)
    plan = {"plan_id": "plan-1", "content_hash": "0" * 64, "groups": [{"id": "g", "wave": 1, "members": ["uid-1"]}]}
    made = blueprint(plan, [empty], TargetPolicy(), Decided())
    told = {one.uid for unit in made.units for one in unit.resources} | {one.uid for one in made.left_out}
    assert "uid-1" in told
    assert all(one.reason for one in made.left_out)

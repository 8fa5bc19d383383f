"""cfn-lint, which is AWS's own linter with AWS's own schemas of every type, finds no error in a template that has each type."""

from dataclasses import replace

from cloudmigrate.domain.iac.model import Blueprint, Place, Unit
from reports.iac.tree import iac_tree
from tests.domain.iac.emulated import first_of_each_type, resources_of, with_needed
from tests.domain.iac.linted import REGION, errors
from tests.domain.iac.sample_estate import ELSEWHERE, VARIANTS, blueprint_of
from tests.domain.iac.sample_network_rows import NETWORK_ROWS

HERE = Place("333333333333", REGION)


def one_of_each_type(made: Blueprint) -> Blueprint:
    """The first resource of each type, with all that it refers to, as one unit: the linter takes seconds for each template."""
    by_key = {one.key: one for one in resources_of(made)}
    kept = {need.key: replace(need, place=HERE) for one in first_of_each_type(made).values() for need in with_needed(one, by_key)}
    return Blueprint("plan", "0" * 64, (Unit("each", "each", 1, HERE, tuple(kept.values())),))


def test_no_type_has_an_error_whatever_strangers_named_things() -> None:
    templates = [data for path, data in iac_tree(one_of_each_type(VARIANTS["hostile"]())).files.items() if path.endswith(".yaml")]
    assert [list(errors(one.decode())) for one in templates] == [[]]


def test_a_network_of_ipv6_and_a_server_with_two_interfaces_have_none() -> None:
    tree = iac_tree(blueprint_of(NETWORK_ROWS, ELSEWHERE))
    templates = [data.decode() for path, data in tree.files.items() if path.endswith(".yaml")]
    assert sum("Fn::Cidr" in one for one in templates) == 1
    assert [list(errors(one)) for one in templates] == [[], []]


def test_an_error_would_be_found() -> None:
    text = 'AWSTemplateFormatVersion: "2010-09-09"\nResources:\n  A:\n    Type: AWS::SQS::Queue\n    Properties:\n      Colour: 1\n'
    assert [one[:5] for one in errors(text)] == ["E3002"]

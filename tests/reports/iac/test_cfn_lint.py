"""cfn-lint, which is AWS's own linter with AWS's own schemas of every type, finds no error in a template that has each type."""

from collections.abc import Iterator
from dataclasses import replace

from cfnlint.api import lint
from cfnlint.config import ManualArgs

from cloudmigrate.domain.iac.model import Blueprint, Place, Unit
from reports.iac.tree import iac_tree
from tests.domain.iac.emulated import first_of_each_type, resources_of, with_needed
from tests.domain.iac.sample_estate import VARIANTS

HERE = Place("333333333333", "eu-west-1")


def errors(text: str) -> Iterator[str]:
    """What cfn-lint calls an error, in words."""
    for one in lint(text, config=ManualArgs(regions=[HERE.region], ignore_checks=["W", "I"])):
        if one.rule.severity == "error":
            yield f"{one.rule.id} {'/'.join(map(str, one.path or ()))}: {one.message}"


def one_of_each_type(made: Blueprint) -> Blueprint:
    """The first resource of each type, with all that it refers to, as one unit: the linter takes seconds for each template."""
    by_key = {one.key: one for one in resources_of(made)}
    kept = {need.key: replace(need, place=HERE) for one in first_of_each_type(made).values() for need in with_needed(one, by_key)}
    return Blueprint("plan", "0" * 64, (Unit("each", "each", 1, HERE, tuple(kept.values())),))


def test_no_type_has_an_error_whatever_strangers_named_things() -> None:
    templates = [data for path, data in iac_tree(one_of_each_type(VARIANTS["hostile"]())).files.items() if path.endswith(".yaml")]
    assert [list(errors(one.decode())) for one in templates] == [[]]


def test_an_error_would_be_found() -> None:
    text = 'AWSTemplateFormatVersion: "2010-09-09"\nResources:\n  A:\n    Type: AWS::SQS::Queue\n    Properties:\n      Colour: 1\n'
    assert [one[:5] for one in errors(text)] == ["E3002"]

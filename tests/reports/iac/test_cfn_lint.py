"""cfn-lint, which is AWS's own linter with AWS's own schemas of every type, finds no error in any template."""

from collections.abc import Iterator

import pytest
from cfnlint.api import lint
from cfnlint.config import ManualArgs

from reports.iac.tree import iac_tree
from tests.domain.iac.sample_estate import VARIANTS


def errors(text: str) -> Iterator[str]:
    """What cfn-lint calls an error, in words."""
    for one in lint(text, config=ManualArgs(regions=["eu-west-1"], ignore_checks=["W", "I"])):
        if one.rule.severity == "error":
            yield f"{one.rule.id} {'/'.join(map(str, one.path or ()))}: {one.message}"


@pytest.mark.parametrize("variant", ["elsewhere", "hostile"])
def test_no_template_has_an_error(variant: str) -> None:
    templates = {path: data for path, data in iac_tree(VARIANTS[variant]()).files.items() if path.endswith(".yaml")}
    assert templates
    found = {path: list(errors(data.decode())) for path, data in templates.items()}
    assert {path: some for path, some in found.items() if some} == {}


def test_an_error_would_be_found() -> None:
    text = 'AWSTemplateFormatVersion: "2010-09-09"\nResources:\n  A:\n    Type: AWS::SQS::Queue\n    Properties:\n      Colour: 1\n'
    assert [one[:5] for one in errors(text)] == ["E3002"]

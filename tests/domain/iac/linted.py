"""cfn-lint's opinion of templates: AWS's own linter, with AWS's own schemas of every type."""

from collections.abc import Iterator
from functools import cache

from cfnlint.config import ConfigMixIn
from cfnlint.decode import decode_str
from cfnlint.runner import Runner

REGION = "eu-west-1"


def errors(text: str) -> Iterator[str]:
    """What cfn-lint calls an error in a template, in words."""
    template, unread = decode_str(text)
    found = unread or _runner().validate_template(template or {})
    for one in found:
        if one.rule.severity == "error":
            yield f"{one.rule.id} {'/'.join(map(str, one.path or ()))}: {one.message}"


@cache
def _runner() -> Runner:
    """The linter with its rules, which take a second to read."""
    return Runner(ConfigMixIn(regions=[REGION], ignore_checks=["W", "I"]))

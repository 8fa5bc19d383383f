"""Where APIs of API Gateway lead: to a function's target, or to an address."""

import re
from collections.abc import Mapping
from typing import Any

from cloudmigrate.domain.iac.model import TargetResource
from cloudmigrate.domain.iac.source import Source, transformed
from cloudmigrate.domain.iac.values import Here, Joined, Leaf, Ref

FUNCTION = "AWS::Lambda::Function"
# arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/<ARN of the function>/invocations
INVOCATION = re.compile(r"^arn:(aws[a-z-]*):apigateway:([a-z0-9-]+):lambda:(path/2015-03-31/functions)/(arn:[^/]+)/invocations$")


def of_api(made: TargetResource, path: str, attribute: str = "") -> Leaf:
    """The API that a part of it belongs to."""
    return Leaf(Ref(made.key, attribute), transformed(path, "the API that it is of"))


def integration_uri(source: Source, uri: Any, path: str) -> Leaf | None:
    """Where an integration leads: to the target of a function; another address stays."""
    if not isinstance(uri, str) or not uri:
        return None
    found = INVOCATION.match(uri)
    if found is None:
        return Leaf(source.arn_there(uri) if uri.startswith("arn:") else uri, transformed(path, "as it is, or the ARN of the target"))
    function = source.referred(path, found.group(4), attribute="Arn", type_=FUNCTION)
    assert function is not None  # noqa: S101 - the expression has an ARN in it
    arn = function.value
    assert not isinstance(arn, tuple | Mapping | bool | int | float) and arn is not None  # noqa: S101, PT018 - a reference or text
    parts = ("arn:", Here.PARTITION, ":apigateway:", Here.REGION, f":lambda:{found.group(3)}/", arn, "/invocations")
    return Leaf(Joined(parts), function.origin)  # type: ignore[arg-type]  # of a reference, a variable or text

"""A call as the command of the AWS CLI that makes it, for a person who has to."""

import base64
import json
import shlex
from typing import Any

from botocore import xform_name

from cloudmigrate.aws.regions import GLOBAL
from cloudmigrate.domain.acts.record import Call

CLI_NAME = {"s3": "s3api"}  # where it is not botocore's name


def command_of(call: Call, region: str) -> str:
    """The line for a shell. *region*: where the call goes if it does not say so itself."""
    at = call.region or region
    where = [] if at == GLOBAL else ["--region", at]
    asked = json.dumps(call.params, sort_keys=True, ensure_ascii=True, default=_text)
    return shlex.join(["aws", CLI_NAME.get(call.service, call.service), xform_name(call.operation, "-"), *where, "--cli-input-json", asked])


def _text(value: Any) -> str:
    """Bytes as the AWS CLI takes them in JSON."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    raise TypeError(f"{type(value).__name__} stands in no request")

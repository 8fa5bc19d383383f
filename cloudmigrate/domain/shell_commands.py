"""API calls as commands of the AWS CLI, for the person who has to do by hand what could not be done for them."""

import json
import re
import shlex

from cloudmigrate.domain.acts.record import Call

# Where the CLI calls a service otherwise than botocore does. Source: AWS CLI command reference, v2.
CLI_SERVICE = {"elb": "elb", "elbv2": "elbv2", "s3": "s3api"}
_FIRST = re.compile(r"(.)([A-Z][a-z]+)")
_REST = re.compile(r"([a-z0-9])([A-Z])")


def aws_command(call: Call, region: str) -> str:
    """The command, for a POSIX shell; every value is quoted. Which credentials it is run with is the person's choice."""
    name = _REST.sub(r"\1-\2", _FIRST.sub(r"\1-\2", call.operation)).lower()
    service = CLI_SERVICE.get(call.service, call.service)
    told = json.dumps(call.params, sort_keys=True, ensure_ascii=True, default=str)
    words = ["aws", service, name, "--region", call.region or region, "--cli-input-json", told]
    return " ".join(shlex.quote(one) for one in words)

"""API calls as commands of the AWS CLI, for the person who has to do by hand what could not be done for them."""

import base64
import json
import re
import shlex
from collections.abc import Mapping

from cloudmigrate.domain.acts.catalogue import BY_NAME
from cloudmigrate.domain.acts.record import Act, Call
from cloudmigrate.domain.journal import NOTHING, Standing
from cloudmigrate.domain.steps import ItineraryError, Step, resolved

# Where the CLI calls a service otherwise than botocore does. Source: AWS CLI command reference, v2.
CLI_SERVICE = {"elb": "elb", "elbv2": "elbv2", "s3": "s3api"}
_FIRST = re.compile(r"(.)([A-Z][a-z]+)")
_REST = re.compile(r"([a-z0-9])([A-Z])")


def aws_command(call: Call, region: str) -> str:
    """The command, for a POSIX shell; every value is quoted. Which credentials it is run with is the person's choice."""
    name = _REST.sub(r"\1-\2", _FIRST.sub(r"\1-\2", call.operation)).lower()
    service = CLI_SERVICE.get(call.service, call.service)
    told = json.dumps(call.params, sort_keys=True, ensure_ascii=True, default=_text)
    at = call.region or region
    where = [] if at == "global" else ["--region", at]  # a global service's endpoint is the CLI's business
    words = ["aws", service, name, *where, "--cli-input-json", told]
    return " ".join(shlex.quote(one) for one in words)


def _text(value: object) -> str:
    """Bytes as the CLI takes them within JSON."""
    return base64.b64encode(value).decode("ascii") if isinstance(value, bytes) else str(value)


def undo_commands(step: Step, known: Mapping[str, Standing], acts: Mapping[str, Act] = BY_NAME) -> list[str]:
    """What a person runs, in this order, to take back a step whose undo failed; empty where the act has no call for it.

    Where it is not known what the step created, no command is given: it is found by its tag (`cloudmigrate orphans`).
    """
    standing = known.get(step.step_id, NOTHING)
    undoes = acts[step.act].undoes
    if undoes is None or not standing.outputs:
        return []
    given = {step_id: one.outputs for step_id, one in known.items() if one.outputs}
    try:
        found = undoes(resolved(step, given), standing.outputs)
    except ItineraryError:
        return []
    return [aws_command(one.call, step.region) for one in found]

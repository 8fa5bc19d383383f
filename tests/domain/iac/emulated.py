"""Each type of the target created, changed and deleted as a stack on the emulator, or why not; as the table of docs/iac.md.

.venv/bin/python -m tests.domain.iac.emulated        prints the table
"""

import io
import re
import urllib.request
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError
from moto.cloudformation.parsing import get_model_map

from cloudmigrate.domain.iac.cloudformation import stacks_of
from cloudmigrate.domain.iac.links import links_of
from cloudmigrate.domain.iac.model import Blueprint, Place, TargetResource
from cloudmigrate.domain.iac.shapes.catalogue import SHAPE_OF
from cloudmigrate.simulate.emulator import Emulator
from reports.iac.yaml_text import yaml_text
from tests.domain.iac.made_blueprints import unit
from tests.domain.iac.sample_estate import ELSEWHERE, blueprint_of, sample_rows

CREATED, UNKNOWN_TYPE = "created, changed and deleted", "the emulator does not know the type"
REGION, STACK = "eu-west-1", "made"
STATES = {"create": "CREATE_COMPLETE", "change": "UPDATE_COMPLETE", "delete": "DELETE_COMPLETE"}
GIVEN = {"AWS::EC2::Image::Id": "ami-03cf127a", "String": "given", "Number": "1", "CommaDelimitedList": "given,given"}
HEAD = ("| CloudFormation | made of | Terraform | on the emulator |", "|---|---|---|---|")


def table() -> list[str]:
    """The lines of the table: a row for each type of the target."""
    made = blueprint_of(sample_rows(), ELSEWHERE)
    sources: dict[str, set[str]] = {}
    types = {row["uid"]: row["type"] for row in sample_rows()}
    for one in resources_of(made):
        sources.setdefault(one.type, set()).add(types[one.uid] if one.uid else "")
    with Emulator() as emulator:
        found = outcomes(made, emulator.url)
    return [*HEAD, *(f"| {type_} | {_listed(sources[type_])} | {_terraform(type_)} | {told} |" for type_, told in found.items())]


def outcomes(made: Blueprint, url: str) -> dict[str, str]:
    """Type -> what the emulator did with the first of its resources, with all that it refers to."""
    by_key, first = {one.key: one for one in resources_of(made)}, first_of_each_type(made)
    config = Config(retries={"total_max_attempts": 1}, read_timeout=60)
    client = boto3.client(
        "cloudformation", region_name=REGION, endpoint_url=url, aws_access_key_id="test", aws_secret_access_key="test", config=config
    )
    found = {}
    for type_, one in sorted(first.items()):
        _reset(url)  # names of what an earlier stack left behind would be taken
        found[type_] = _outcome(client, with_needed(one, by_key))
    return found


def _reset(url: str) -> None:
    with urllib.request.urlopen(urllib.request.Request(f"{url}/moto-api/reset", method="POST"), timeout=60) as answer:
        assert answer.status == 200
    store = boto3.client("s3", region_name="us-east-1", endpoint_url=url, aws_access_key_id="test", aws_secret_access_key="test")
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as file:
        file.writestr("index.py", "")
    store.create_bucket(Bucket="given")  # where the package of every function is said to lie
    store.put_object(Bucket="given", Key="given", Body=package.getvalue())


def _outcome(client: Any, resources: Iterable[TargetResource]) -> str:
    parts = tuple(replace(one, place=Place("123456789012", REGION)) for one in resources)
    if parts[0].type not in get_model_map():
        return UNKNOWN_TYPE
    made = Blueprint("plan", "0" * 64, (unit(STACK, *parts, place=parts[0].place),))
    [stack] = stacks_of(made, made.units[0], links_of(made.units), lambda template: len(yaml_text(template)))
    template = _zones_said(stack.templates[STACK])
    given = [{"ParameterKey": key, "ParameterValue": GIVEN[said["Type"]]} for key, said in template.get("Parameters", {}).items()]
    for verb, text in (("create", yaml_text(template)), ("change", yaml_text({**template, "Description": "Changed."})), ("delete", "")):
        try:
            state = _called(client, verb, text, given)
        except ClientError as error:
            return f"the emulator fails to {verb} it ({_code(error)})"
        except ResponseParserError:
            return f"the emulator fails to {verb} it (no XML)"
        if state != STATES[verb]:
            return f"the emulator fails to {verb} it ({state})"
    return CREATED


def _called(client: Any, verb: str, text: str, given: list[Mapping[str, str]]) -> str:
    """The state of the stack after it. Raises ClientError, ResponseParserError."""
    if verb == "delete":
        client.delete_stack(StackName=STACK)
    else:
        told = {"StackName": STACK, "TemplateBody": text, "Parameters": given, "Capabilities": ["CAPABILITY_NAMED_IAM"]}
        (client.create_stack if verb == "create" else client.update_stack)(**told)
    states = {one["StackName"]: one["StackStatus"] for one in client.list_stacks()["StackSummaries"]}
    return str(states[STACK])


def _zones_said(value: Any) -> Any:
    """The template with the region where it asks for that region's zones: the emulator resolves no reference there."""
    if isinstance(value, Mapping):
        return {name: REGION if name == "Fn::GetAZs" else _zones_said(item) for name, item in value.items()}
    return [_zones_said(item) for item in value] if isinstance(value, list) else value


def first_of_each_type(made: Blueprint) -> dict[str, TargetResource]:
    """Type -> the first resource of it."""
    first: dict[str, TargetResource] = {}
    for one in sorted(resources_of(made), key=lambda one: one.key):
        first.setdefault(one.type, one)
    return first


def with_needed(one: TargetResource, by_key: Mapping[str, TargetResource]) -> list[TargetResource]:
    """The resource, then all that it refers to or needs, and what they do."""
    found = {one.key: one}
    waiting = [one]
    while waiting:
        current = waiting.pop()
        for key in (*(ref.key for ref in current.references()), *current.needs):
            if key not in found:
                found[key] = by_key[key]
                waiting.append(by_key[key])
    return list(found.values())


def _code(error: ClientError) -> str:
    code = str(error.response["Error"]["Code"])
    return code if re.fullmatch(r"[A-Za-z.]+", code) else "no code"


def resources_of(made: Blueprint) -> Iterator[TargetResource]:
    """Every resource of it."""
    return (resource for each in made.units for resource in each.resources)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _terraform(type_: str) -> str:
    shape = SHAPE_OF[type_]
    return ", ".join(dict.fromkeys((shape.resource, *(one.type for one in shape.beside))))


if __name__ == "__main__":
    print("\n".join(table()))

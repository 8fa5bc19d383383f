"""Each type of the target created, changed and deleted as a stack on the emulator, or why not; as the table of docs/iac.md.

.venv/bin/python -m tests.domain.iac.emulated        writes the table to the end of the page
"""

import io
import re
import urllib.request
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
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
PAGE = Path(__file__).parents[3] / "docs" / "iac.md"
HEAD = ("| CloudFormation | made of | Terraform | on the emulator |", "|---|---|---|---|")


def table() -> list[str]:
    """The lines of the table: a row for each type of the target."""
    made = sample()
    with Emulator() as emulator:
        found = outcomes(made, emulator.url)
    return [*HEAD, *(f"{row}{told} |" for row, told in zip(rows_without_outcome(made), found.values(), strict=True))]


def sample() -> Blueprint:
    """The estate that is tried."""
    return blueprint_of(sample_rows(), ELSEWHERE)


def rows_without_outcome(made: Blueprint) -> list[str]:
    """The rows, by type, as far as no emulator is needed."""
    sources: dict[str, set[str]] = {}
    types = {row["uid"]: row["type"] for row in sample_rows()}
    for one in resources_of(made):
        sources.setdefault(one.type, set()).add(types[one.uid] if one.uid else "")
    return [f"| {type_} | {_listed(sources[type_])} | {_terraform(type_)} | " for type_ in sorted(sources)]


def outcomes(made: Blueprint, url: str) -> dict[str, str]:
    """Type -> what the emulator did with the first of its resources, with all that it refers to."""
    by_key, first = {one.key: one for one in resources_of(made)}, first_of_each_type(made)
    client = stack_client(url)
    found = {}
    for type_, one in sorted(first.items()):
        fresh(url)  # names of what an earlier stack left behind would be taken
        found[type_] = _outcome(client, with_needed(one, by_key))
    return found


def stack_client(url: str) -> Any:
    """CloudFormation of the emulator."""
    config = Config(retries={"total_max_attempts": 1}, read_timeout=60)
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    return boto3.client("cloudformation", region_name=REGION, endpoint_url=url, config=config, **keys)


def fresh(url: str) -> None:
    """Nothing; the emulator holds nothing but a package for functions."""
    with urllib.request.urlopen(urllib.request.Request(f"{url}/moto-api/reset", method="POST"), timeout=60) as answer:
        assert answer.status == 200
    store = boto3.client("s3", region_name="us-east-1", endpoint_url=url, aws_access_key_id="test", aws_secret_access_key="test")
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as file:
        file.writestr("index.py", "")
    store.create_bucket(Bucket="given")  # where the package of every function is said to lie
    store.put_object(Bucket="given", Key="given", Body=package.getvalue())


def _outcome(client: Any, resources: Sequence[TargetResource]) -> str:
    return UNKNOWN_TYPE if resources[0].type not in get_model_map() else deployed(client, resources)


def deployed(client: Any, resources: Iterable[TargetResource]) -> str:
    """What the emulator says to a stack of these resources: created, changed, deleted."""
    parts = tuple(replace(one, place=Place("123456789012", REGION)) for one in resources)
    made = Blueprint("plan", "0" * 64, (unit(STACK, *parts, place=parts[0].place),))
    [stack] = stacks_of(made, made.units[0], links_of(made.units), lambda template: len(yaml_text(template)))
    template = zones_said(stack.templates[STACK])
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


def zones_said(value: Any) -> Any:
    """The template with the region where it asks for that region's zones: the emulator resolves no reference there."""
    if isinstance(value, Mapping):
        return {name: REGION if name == "Fn::GetAZs" else zones_said(item) for name, item in value.items()}
    return [zones_said(item) for item in value] if isinstance(value, list) else value


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
    every = (shape, *(one.shape for one in shape.instead))
    return ", ".join(dict.fromkeys(name for one in every for name in (one.resource, *(beside.type for beside in one.beside))))


if __name__ == "__main__":
    text = PAGE.read_text(encoding="utf-8").partition(HEAD[0])[0]
    PAGE.write_text("\n".join((text.rstrip("\n"), "", *table(), "")), encoding="utf-8")

"""Each type of the target created, changed and deleted as a stack on the emulator, or why not; as the table of docs/iac.md.

.venv/bin/python -m tests.domain.iac.emulated        prints the table
"""

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
REGION = "eu-west-1"
GIVEN = {"String": "given", "Number": "1", "CommaDelimitedList": "given,given"}
HEAD = ("| CloudFormation | made of | Terraform | on the emulator |", "|---|---|---|---|")


def table() -> list[str]:
    """The lines of the table: a row for each type of the target."""
    made = blueprint_of(sample_rows(), ELSEWHERE)
    sources: dict[str, set[str]] = {}
    types = {row["uid"]: row["type"] for row in sample_rows()}
    for one in _resources(made):
        sources.setdefault(one.type, set()).add(types[one.uid] if one.uid else "")
    with Emulator() as emulator:
        found = outcomes(made, emulator.url)
    return [*HEAD, *(f"| {type_} | {_listed(sources[type_])} | {_terraform(type_)} | {told} |" for type_, told in found.items())]


def outcomes(made: Blueprint, url: str) -> dict[str, str]:
    """Type -> what the emulator did with the first of its resources, with all that it refers to."""
    by_key = {one.key: one for one in _resources(made)}
    first: dict[str, TargetResource] = {}
    for key in sorted(by_key):
        first.setdefault(by_key[key].type, by_key[key])
    config = Config(retries={"total_max_attempts": 1}, read_timeout=60)
    client = boto3.client(
        "cloudformation", region_name=REGION, endpoint_url=url, aws_access_key_id="test", aws_secret_access_key="test", config=config
    )
    return {type_: _outcome(client, _with_needed(one, by_key), f"s{n}") for n, (type_, one) in enumerate(sorted(first.items()))}


def _outcome(client: Any, resources: Iterable[TargetResource], name: str) -> str:
    parts = tuple(replace(one, place=Place("123456789012", REGION)) for one in resources)
    if parts[0].type not in get_model_map():
        return UNKNOWN_TYPE
    made = Blueprint("plan", "0" * 64, (unit(name, *parts, place=parts[0].place),))
    [stack] = stacks_of(made, made.units[0], links_of(made.units), lambda template: len(yaml_text(template)))
    template = stack.templates[name]
    given = [{"ParameterKey": key, "ParameterValue": GIVEN[said["Type"]]} for key, said in template.get("Parameters", {}).items()]
    for verb, text in (("create", yaml_text(template)), ("change", yaml_text({**template, "Description": "Changed."})), ("delete", "")):
        try:
            _called(client, verb, name, text, given)
        except ClientError as error:
            return f"the emulator fails to {verb} it ({_code(error)})"
        except ResponseParserError:
            return f"the emulator fails to {verb} it (no XML)"
    return CREATED


def _called(client: Any, verb: str, name: str, text: str, given: list[Mapping[str, str]]) -> None:
    """Nothing; the stack is as *verb* says. Raises ClientError, ResponseParserError."""
    if verb == "delete":
        client.delete_stack(StackName=name)
        assert name not in [one["StackName"] for one in client.describe_stacks()["Stacks"]]
        return
    told = {"StackName": name, "TemplateBody": text, "Parameters": given, "Capabilities": ["CAPABILITY_NAMED_IAM"]}
    (client.create_stack if verb == "create" else client.update_stack)(**told)
    [stack] = client.describe_stacks(StackName=name)["Stacks"]
    assert stack["StackStatus"] == f"{'CREATE' if verb == 'create' else 'UPDATE'}_COMPLETE"


def _with_needed(one: TargetResource, by_key: Mapping[str, TargetResource]) -> list[TargetResource]:
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
    return code if code.isidentifier() else "no code"


def _resources(made: Blueprint) -> Iterator[TargetResource]:
    return (resource for each in made.units for resource in each.resources)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _terraform(type_: str) -> str:
    shape = SHAPE_OF[type_]
    return ", ".join(dict.fromkeys((shape.resource, *(one.type for one in shape.beside))))


if __name__ == "__main__":
    print("\n".join(table()))

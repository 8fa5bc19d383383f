"""A unit as a module of Terraform: its resources, what it asks for, and what it gives."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from cloudmigrate.domain.iac.hcl import Attribute, Block, Code, Expression, Merged, Remark, codes
from cloudmigrate.domain.iac.links import Links
from cloudmigrate.domain.iac.model import TargetResource, Unit
from cloudmigrate.domain.iac.shapes.catalogue import SHAPE_OF
from cloudmigrate.domain.iac.terraform import address, attribute_there, block_name, blocks
from cloudmigrate.domain.iac.values import Ref, Variable

REQUIRED_VERSION = ">= 1.5.0"  # of Terraform: the first with import blocks
PROVIDER_SOURCE = "hashicorp/aws"
PROVIDER_VERSION = "~> 6.62"  # the version whose schema our shapes are held to, and later ones that break nothing
OWN_TAGS = frozenset({"Name"})  # never common, even where one resource stands alone
DATA: Mapping[str, Block] = {
    "data.aws_availability_zones.available": Block(
        "data",
        ("aws_availability_zones", "available"),
        (
            Attribute("state", "available"),
            Block("filter", (), (Attribute("name", "opt-in-status"), Attribute("values", ("opt-in-not-required",)))),
        ),
    ),
    "data.aws_caller_identity.current": Block("data", ("aws_caller_identity", "current")),
    "data.aws_partition.current": Block("data", ("aws_partition", "current")),
    "data.aws_region.current": Block("data", ("aws_region", "current")),
}
TYPES = {"String": "string", "Number": "number", "Image": "string", "List": "list(string)"}


@dataclass(frozen=True, slots=True)
class Module:
    """A unit whose resources are blocks already."""

    unit: Unit
    name: str  # of the call
    resources: tuple[Block | Remark, ...]
    asked: Mapping[str, Variable]  # of people, by name
    inputs: Mapping[str, Ref]  # variable -> what another unit gives


def module_of(unit: Unit, links: Links) -> Module:
    """The unit's resources as blocks, with what they refer to elsewhere."""
    asked: dict[str, Variable] = {}
    inputs: dict[str, Ref] = {}

    def refer(ref: Ref) -> Code:
        resource = links.resources[ref.key]
        name = given_name(ref, links)
        if resource.type not in SHAPE_OF:
            asked[name] = Variable(name, f"{ref.attribute or 'Id'} of {resource.name}: no Terraform is made of {resource.type}.")
        elif links.unit_of[ref.key] is unit:
            return Code(f"{address(resource)}.{attribute_there(resource, ref.attribute)}")
        else:
            inputs[name] = ref
        return Code(f"var.{name}")

    written: list[Block | Remark] = []
    for one in sorted(unit.resources, key=lambda one: (one.type, block_name(one))):
        if one.type in SHAPE_OF:
            written += blocks(one, refer, _needs(one, unit, links))
        else:
            written.append(Remark(f"Not here: {one.name}. No Terraform is made of {one.type}; its CloudFormation is in the template."))
    used = {text for block in written for text in codes(block)}
    own = {one.name: one for resource in unit.resources for one in resource.variables() if f"var.{one.name}" in used}
    name = unit.name.replace("-", "_")
    return Module(unit, name, tuple(written), dict(sorted((asked | own).items())), dict(sorted(inputs.items())))


def given_name(ref: Ref, links: Links) -> str:
    """What an attribute of a resource is called where it goes from one module to another."""
    resource = links.resources[ref.key]
    attribute = attribute_there(resource, ref.attribute) if resource.type in SHAPE_OF else ref.attribute.lower() or "id"
    return f"{block_name(resource)}_{re.sub(r'[^a-z0-9]+', '_', attribute).strip('_')}"


def module_files(module: Module, given: Iterable[Ref], links: Links) -> dict[str, tuple[Block | Remark, ...]]:
    """Its files by name. None of them is empty."""
    files = {
        "main.tf": (*data_of(module.resources), *_with_common_tags(module.resources)),
        "variables.tf": tuple(_variables(module, links)),
        "outputs.tf": tuple(_outputs(given, links)),
        "versions.tf": (terraform_block(),),
    }
    return {name: found for name, found in files.items() if found}


def terraform_block() -> Block:
    """Which Terraform and which provider the code is for."""
    pinned: Expression = {"source": PROVIDER_SOURCE, "version": PROVIDER_VERSION}
    needed = Block("required_providers", (), (Attribute("aws", pinned),))
    return Block("terraform", (), (Attribute("required_version", REQUIRED_VERSION), needed))


def variable_block(variable: Variable) -> Block:
    """What is asked of people."""
    body: list[Attribute | Block] = [Attribute("type", Code(TYPES[variable.kind])), Attribute("description", variable.description)]
    if variable.default is not None:
        is_list = variable.kind == "List"
        body.append(Attribute("default", tuple(str(variable.default).split(",")) if is_list else variable.default))
    else:
        body.append(Attribute("nullable", value=False))
    if variable.is_secret:
        body.append(Attribute("sensitive", value=True))
    elif variable.default is None and variable.kind != "Number":  # an empty value may be right only for a secret, such as one of a program
        body.append(_validation(f"length(var.{variable.name}) > 0", f"{variable.name} is empty."))
    return Block("variable", (variable.name,), tuple(body))


def data_of(found: Iterable[Block | Remark]) -> Iterator[Block]:
    """The data sources that blocks refer to."""
    used = " ".join(text for block in found for text in codes(block))
    yield from (block for name, block in DATA.items() if name in used)


def _needs(resource: TargetResource, unit: Unit, links: Links) -> tuple[Code, ...]:
    found = (links.resources[key] for key in resource.needs if links.unit_of.get(key) is unit)
    return tuple(Code(address(one)) for one in sorted(found, key=lambda one: one.key) if one.type in SHAPE_OF)


def _with_common_tags(found: Iterable[Block | Remark]) -> Iterator[Block | Remark]:
    """The blocks with the tags that all of them have said once."""
    written = list(found)
    tagged = [tags for one in written if isinstance(one, Block) for tags in _tags_of(one)]
    first = tagged[0] if tagged else {}
    common = {
        name: value for name, value in first.items() if name not in OWN_TAGS and all(name in one and one[name] == value for one in tagged)
    }
    if not common:
        yield from written
        return
    yield Block("locals", (), (Attribute("tags", common),))
    for one in written:
        yield _tagged(one, common) if isinstance(one, Block) else one


def _tags_of(block: Block) -> Iterator[Mapping[str, Expression]]:
    for one in block.body:
        if isinstance(one, Attribute) and one.name == "tags" and isinstance(one.value, Mapping):
            yield one.value


def _tagged(block: Block, common: Mapping[str, Expression]) -> Block:
    body: list[Attribute | Block] = []
    for one in block.body:
        if isinstance(one, Attribute) and one.name == "tags" and isinstance(one.value, Mapping):
            own = {name: value for name, value in one.value.items() if name not in common}
            body.append(Attribute("tags", Merged((Code("local.tags"), own)) if own else Code("local.tags")))
        else:
            body.append(one)
    return Block(block.type, block.labels, tuple(body))


def _variables(module: Module, links: Links) -> Iterator[Block]:
    asked = {name: variable_block(one) for name, one in module.asked.items()}
    inputs = {name: _input(name, ref, links) for name, ref in module.inputs.items()}
    yield from (block for _, block in sorted((asked | inputs).items()))


def _input(name: str, ref: Ref, links: Links) -> Block:
    body: list[Attribute | Block] = [
        Attribute("type", Code("string")),
        Attribute("description", f"{_attribute(ref)} of {links.resources[ref.key].name}, which unit {links.unit_of[ref.key].name} makes."),
        Attribute("nullable", value=False),
    ]
    if name.endswith("_arn"):
        body.append(_validation(f'startswith(var.{name}, "arn:")', f"{name} is no ARN."))
    return Block("variable", (name,), tuple(body))


def _validation(condition: str, message: str) -> Block:
    return Block("validation", (), (Attribute("condition", Code(condition)), Attribute("error_message", message)))


def _outputs(given: Iterable[Ref], links: Links) -> Iterator[Block]:
    found = {given_name(ref, links): ref for ref in given}
    for name, ref in sorted(found.items()):
        resource = links.resources[ref.key]
        value = Code(f"{address(resource)}.{attribute_there(resource, ref.attribute)}")
        yield Block("output", (name,), (Attribute("description", f"{_attribute(ref)} of {resource.name}."), Attribute("value", value)))


def _attribute(ref: Ref) -> str:
    return ref.attribute or "Id"

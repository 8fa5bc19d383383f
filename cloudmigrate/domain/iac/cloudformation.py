"""Units as CloudFormation templates: plain JSON values, in the order of the reference.

Source: AWS CloudFormation user guide, "Template anatomy", "Intrinsic function reference", "CloudFormation quotas".
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cloudmigrate.domain.iac.harmless import HARMLESS, RESOLVED
from cloudmigrate.domain.iac.links import Links
from cloudmigrate.domain.iac.model import Blueprint, TargetResource, Unit
from cloudmigrate.domain.iac.stacks import Stack, cut_into_stacks, fits
from cloudmigrate.domain.iac.values import Document, Here, Joined, Ref, Slash64, Value, Variable, Zone

VERSION = "2010-09-09"
TYPES = {"String": "String", "Number": "Number", "List": "CommaDelimitedList", "Image": "AWS::EC2::Image::Id"}
CIDR_BLOCK = "AWS::EC2::VPCCidrBlock"
BUCKET, PREFIX = "TemplateBucket", "TemplatePrefix"
NOTHING = {"Ref": "AWS::NoValue"}
Size = Callable[[Mapping[str, Any]], int]  # bytes of a template's text


@dataclass(frozen=True, slots=True)
class StackTemplates:
    """A stack with its templates by the name of their files; the first is what is deployed, others are nested in it."""

    stack: Stack
    templates: Mapping[str, Mapping[str, Any]]


def stacks_of(blueprint: Blueprint, unit: Unit, links: Links, size: Size) -> Iterator[StackTemplates]:
    """The stacks of a unit, in the order in which they are deployed: one, where CloudFormation takes it as one."""
    whole = Stack(unit.name, unit, (unit.resources,))
    template = _of_part(blueprint, whole, 0, links)
    if fits(template, size):
        yield StackTemplates(whole, {unit.name: template})
        return
    alone = _Writer(whole, 0, links)
    for stack in cut_into_stacks(unit, links, lambda one: size({"Resources": {identifier(one): alone.resource(one)}})):
        if len(stack.parts) == 1:
            yield StackTemplates(stack, {stack.name: _of_part(blueprint, stack, 0, links)})
            continue
        nested = {_part_name(stack, number): _of_part(blueprint, stack, number, links) for number in range(len(stack.parts))}
        yield StackTemplates(stack, {stack.name: _of_nested(blueprint, stack, links, nested), **nested})


def identifier(resource: TargetResource) -> str:
    """The logical id of a resource: the same in every template of every plan."""
    return resource.logical_id


def parameter_id(variable: Variable) -> str:
    """The logical id of a variable's parameter."""
    return "".join(part[:1].upper() + part[1:] for part in variable.name.split("_"))


def export_name(unit: Unit, ref: Ref, links: Links) -> str:
    """The name under which an account's region knows an attribute of a unit's resource."""
    return f"{unit.name}-{_output(ref, links)}"


def _of_part(blueprint: Blueprint, stack: Stack, number: int, links: Links) -> dict[str, Any]:
    """The template of one part of a stack."""
    write = _Writer(stack, number, links)
    resources = {identifier(one): write.resource(one) for one in sorted(stack.parts[number], key=identifier)}
    outputs = {_output(ref, links): write.output(ref) for ref in links.taken_outside(write.own)}
    which = f" part {number + 1} of {len(stack.parts)}," if len(stack.parts) > 1 else ""
    return _template(
        _description(blueprint, stack, which),
        Parameters=write.parameters(),
        Conditions=write.conditions(),
        Resources=resources,
        Outputs=outputs,
    )


def _of_nested(blueprint: Blueprint, stack: Stack, links: Links, nested: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The template that has the parts of a stack nested in it."""
    asked: dict[str, Any] = {
        BUCKET: {"Type": "String", "Description": "The bucket of this region where the nested templates lie."},
        PREFIX: {"Type": "String", "Description": "What their keys begin with, such as plans/1/.", "Default": ""},
    }
    part_of, resources = stack.part_of(), {}
    for number, (name, template) in enumerate(nested.items()):
        taken = {_parameter_of(ref, links): ref for ref in _taken_beside(stack, number)}
        given: dict[str, Any] = {}
        for parameter, said in template.get("Parameters", {}).items():
            if parameter in taken:
                ref = taken[parameter]
                given[parameter] = {"Fn::GetAtt": [_part_id(part_of[ref.key]), f"Outputs.{_output(ref, links)}"]}
                continue
            asked[parameter] = said
            given[parameter] = {"Fn::Join": [",", {"Ref": parameter}]} if said["Type"] == TYPES["List"] else {"Ref": parameter}
        url = f"https://${{{BUCKET}}}.s3.${{AWS::Region}}.${{AWS::URLSuffix}}/${{{PREFIX}}}{name}.yaml"
        said = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": {"Fn::Sub": url}}}
        if given:
            said["Properties"]["Parameters"] = given
        needs = {part_of[key] for one in stack.parts[number] for key in one.needs if key in part_of} - {number}
        if needs:
            said["DependsOn"] = [_part_id(one) for one in sorted(needs)]
        resources[_part_id(number)] = said
    return _template(_description(blueprint, stack, ""), Parameters=dict(sorted(asked.items())), Resources=resources)


def _template(description: str, **sections: Mapping[str, Any]) -> dict[str, Any]:
    return {"AWSTemplateFormatVersion": VERSION, "Description": description, **{name: said for name, said in sections.items() if said}}


def _description(blueprint: Blueprint, stack: Stack, which: str) -> str:
    return f"{stack.name}:{which} wave {stack.unit.wave} of {blueprint.plan_id} ({blueprint.plan_hash[:12]})"


def _part_name(stack: Stack, number: int) -> str:
    return f"{stack.name}.part-{number + 1}"


def _part_id(number: int) -> str:
    return f"Part{number + 1}"


def _output(ref: Ref, links: Links) -> str:
    return f"{identifier(links.resources[ref.key])}{''.join(one for one in ref.attribute if one.isalnum()) or 'Ref'}"


def _parameter_of(ref: Ref, links: Links) -> str:
    return f"From{_output(ref, links)}"


def _taken_beside(stack: Stack, number: int) -> tuple[Ref, ...]:
    """What a part takes from other parts of its stack, in order."""
    part_of = stack.part_of()
    refs = {ref for one in stack.parts[number] for ref in one.references() if part_of.get(ref.key, number) != number}
    return tuple(sorted(refs, key=lambda ref: (ref.key, ref.attribute)))


class _Writer:
    """The values of one template; remembers what has to be asked for."""

    def __init__(self, stack: Stack, number: int, links: Links) -> None:
        self.unit, self.links = stack.unit, links
        self.own = {one.key for one in stack.parts[number]}
        self.of_stack = {one.key for part in stack.parts for one in part}
        self.asked: dict[str, dict[str, Any]] = {}
        self.optional: dict[str, str] = {}  # condition -> parameter

    def resource(self, one: TargetResource) -> dict[str, Any]:
        """A resource as it stands in a template."""
        said: dict[str, Any] = {"Type": one.type}
        properties = {name: self.value(value) for name, value in one.values.items()}
        if properties:
            said["Properties"] = properties
        needs = sorted(identifier(self.links.resources[key]) for key in one.needs if key in self.own)
        if needs:
            said["DependsOn"] = needs
        if one.stateful:
            said |= {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
        elif one.exists_as is not None:  # what is imported must say what becomes of it
            said["DeletionPolicy"] = "Retain"
        return said

    def value(self, value: Value) -> Any:  # noqa: PLR0911 - one return for each form
        """A value as it stands in a template."""
        if isinstance(value, Ref):
            return self._reference(value)
        if isinstance(value, Variable):
            return self._optional(value) if value.default == "" else {"Ref": self._asked_for(value)}
        if isinstance(value, Here):
            return {"Ref": value.value}
        if isinstance(value, Zone):
            return {"Fn::Select": [value.number, {"Fn::GetAZs": {"Ref": Here.REGION.value}}]}
        if isinstance(value, Slash64):
            of = self._reference(value.of) if isinstance(value.of, Ref) else {"Ref": self._asked_for(value.of)}
            return {"Fn::Select": [value.number, {"Fn::Cidr": [of, value.number + 1, 64]}]}
        if isinstance(value, Joined):
            return {
                "Fn::Join": ["", [{"Ref": self._asked_for(one)} if isinstance(one, Variable) else self.value(one) for one in value.parts]]
            }
        if isinstance(value, Document):
            return self.value(value.content)
        if isinstance(value, Mapping):
            return {name: self.value(item) for name, item in value.items()}
        return [self.value(one) for one in value] if isinstance(value, tuple) else value

    def output(self, ref: Ref) -> dict[str, Any]:
        """An attribute that others take; those of other stacks by its export."""
        said: dict[str, Any] = {"Value": self._reference(ref)}
        if not self.links.users[ref.key][ref] <= self.of_stack:
            said["Export"] = {"Name": export_name(self.unit, ref, self.links)}
        return said

    def parameters(self) -> dict[str, Any]:
        """What is asked for, sorted."""
        return dict(sorted(self.asked.items()))

    def conditions(self) -> dict[str, Any]:
        """Whether each value that may be left empty was given, sorted."""
        return {name: {"Fn::Not": [{"Fn::Equals": [{"Ref": one}, ""]}]} for name, one in sorted(self.optional.items())}

    def _reference(self, ref: Ref) -> Any:
        of = self.links.unit_of[ref.key]
        if ref.key in self.own:
            of_it = self.links.resources[ref.key]
            if of_it.type == CIDR_BLOCK and ref.attribute:
                return self._addresses(of_it)
            own = identifier(of_it)
            return {"Fn::GetAtt": [own, ref.attribute]} if ref.attribute else {"Ref": own}
        if of.place == self.unit.place and ref.key not in self.of_stack:
            return {"Fn::ImportValue": export_name(of, ref, self.links)}
        name = _parameter_of(ref, self.links)
        self.asked[name] = {"Type": "String", "Description": f"Output {_output(ref, self.links)} of the stack of {of.name}."}
        return {"Ref": name}

    def _addresses(self, block: TargetResource) -> Any:
        """The addresses that AWS gives a VPC. CloudFormation tells them of the VPC, which is in the same template."""
        vpc = self.links.resources[block.together_with]
        return {"Fn::Select": [0, {"Fn::GetAtt": [identifier(vpc), "Ipv6CidrBlocks"]}]}

    def _optional(self, variable: Variable) -> Any:
        parameter = self._asked_for(variable)
        condition = f"Has{parameter}"
        self.optional[condition] = parameter
        return {"Fn::If": [condition, {"Ref": parameter}, NOTHING]}

    def _asked_for(self, variable: Variable) -> str:
        name = parameter_id(variable)
        said: dict[str, Any] = {"Type": TYPES[variable.kind], "Description": _short(variable.description)}
        if variable.is_secret:
            said["NoEcho"] = True
        if variable.default is not None:
            said["Default"] = variable.default
        self.asked[name] = said
        return name


LONGEST_DESCRIPTION = 500  # characters of a parameter's description; CloudFormation takes 4,000, of which 200 would fill a template


def _short(text: str) -> str:
    harmless = text.replace(RESOLVED, HARMLESS)
    return harmless if len(harmless) <= LONGEST_DESCRIPTION else f"{harmless[: LONGEST_DESCRIPTION - 3]}..."

"""Units as CloudFormation templates: plain JSON values, in the order of the reference.

Source: AWS CloudFormation user guide, "Template anatomy", "Intrinsic function reference", "CloudFormation quotas".
"""

from collections.abc import Mapping
from typing import Any

from cloudmigrate.domain.iac.links import Links
from cloudmigrate.domain.iac.model import Blueprint, TargetResource, Unit
from cloudmigrate.domain.iac.naming import logical_id
from cloudmigrate.domain.iac.values import Document, Here, Joined, Ref, Value, Variable, Zone, plain

VERSION = "2010-09-09"
TYPES = {"String": "String", "Number": "Number", "List": "CommaDelimitedList", "Image": "AWS::EC2::Image::Id"}


def template(blueprint: Blueprint, unit: Unit, links: Links) -> dict[str, Any]:
    """The template of one unit, whole. Its size is not looked at."""
    write = _Writer(unit, links)
    resources = {identifier(one): write.resource(one) for one in sorted(unit.resources, key=identifier)}
    outputs = {_output(ref, links): write.output(ref) for ref in links.given.get(unit.name, ())}
    parameters = write.parameters()
    said: dict[str, Any] = {
        "AWSTemplateFormatVersion": VERSION,
        "Description": f"{unit.name}: wave {unit.wave} of {blueprint.plan_id} ({blueprint.plan_hash[:12]})",
    }
    if parameters:
        said["Parameters"] = parameters
    said["Resources"] = resources
    if outputs:
        said["Outputs"] = outputs
    return said


def identifier(resource: TargetResource) -> str:
    """The logical id of a resource: the same in every template of every plan."""
    return logical_id(resource.name, resource.key)


def parameter_id(variable: Variable) -> str:
    """The logical id of a variable's parameter."""
    return "".join(part[:1].upper() + part[1:] for part in variable.name.split("_"))


def export_name(unit: Unit, ref: Ref, links: Links) -> str:
    """The name under which an account's region knows an attribute of a unit's resource."""
    return f"{unit.name}-{_output(ref, links)}"


def _output(ref: Ref, links: Links) -> str:
    return f"{identifier(links.resources[ref.key])}{''.join(one for one in ref.attribute if one.isalnum()) or 'Ref'}"


class _Writer:
    """The values of one unit's template; remembers what has to be asked for."""

    def __init__(self, unit: Unit, links: Links) -> None:
        self.unit, self.links = unit, links
        self.asked: dict[str, dict[str, Any]] = {}

    def resource(self, one: TargetResource) -> dict[str, Any]:
        """A resource as it stands in a template."""
        said: dict[str, Any] = {"Type": one.type}
        properties = {name: self.value(value) for name, node in one.properties.items() if (value := plain(node)) is not None}
        if properties:
            said["Properties"] = properties
        needs = sorted(identifier(self.links.resources[key]) for key in one.needs if self.links.unit_of.get(key) is self.unit)
        if needs:
            said["DependsOn"] = needs
        if one.stateful:
            said |= {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
        return said

    def value(self, value: Value) -> Any:  # noqa: PLR0911 - one return for each form
        """A value as it stands in a template."""
        if isinstance(value, Ref):
            return self._reference(value)
        if isinstance(value, Variable):
            return {"Ref": self._asked_for(value)}
        if isinstance(value, Here):
            return {"Ref": value.value}
        if isinstance(value, Zone):
            return {"Fn::Select": [value.number, {"Fn::GetAZs": {"Ref": Here.REGION.value}}]}
        if isinstance(value, Joined):
            return {"Fn::Join": ["", [self.value(one) for one in value.parts]]}
        if isinstance(value, Document):
            return self.value(value.content)
        if isinstance(value, Mapping):
            return {name: self.value(item) for name, item in value.items()}
        return [self.value(one) for one in value] if isinstance(value, tuple) else value

    def output(self, ref: Ref) -> dict[str, Any]:
        """An attribute that other stacks import."""
        return {"Value": self._reference(ref), "Export": {"Name": export_name(self.unit, ref, self.links)}}

    def parameters(self) -> dict[str, Any]:
        """What is asked for, sorted."""
        return dict(sorted(self.asked.items()))

    def _reference(self, ref: Ref) -> Any:
        of = self.links.unit_of[ref.key]
        if of is self.unit:
            own = identifier(self.links.resources[ref.key])
            return {"Fn::GetAtt": [own, ref.attribute]} if ref.attribute else {"Ref": own}
        if of.place == self.unit.place:
            return {"Fn::ImportValue": export_name(of, ref, self.links)}
        name = f"From{_output(ref, self.links)}"
        self.asked[name] = {"Type": "String", "Description": f"Output {_output(ref, self.links)} of the stack of {of.name}."}
        return {"Ref": name}

    def _asked_for(self, variable: Variable) -> str:
        name = parameter_id(variable)
        said: dict[str, Any] = {"Type": TYPES[variable.kind], "Description": _short(variable.description)}
        if variable.is_secret:
            said["NoEcho"] = True
        if variable.default is not None:
            said["Default"] = variable.default
        self.asked[name] = said
        return name


LONGEST_DESCRIPTION = 4_000  # characters of a parameter's description


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_DESCRIPTION else f"{text[: LONGEST_DESCRIPTION - 3]}..."

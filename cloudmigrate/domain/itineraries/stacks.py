"""The steps of a stack, the same for whatever is in it: a change set made and listed, then executed and waited for."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from cloudmigrate.domain.acts.stacks import LONGEST_BODY, MOST_PARAMETERS, body
from cloudmigrate.domain.itineraries.building import Builder, Place, of
from cloudmigrate.domain.itineraries.mapped import logical_id
from cloudmigrate.domain.steps import Gate, Output, Step

SPARE_BYTES = 4_096  # of a template whose values earlier steps will give


@dataclass
class Template:
    """A template as it grows. Values that may be secrets become parameters without echo, told by where they are read."""

    description: str
    resources: dict[str, Any] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)  # parameter -> JMESPath into the answer that has it

    def secret(self, path: str) -> dict[str, str]:
        """The reference to a value that is read at *path* when the change set is made."""
        name = logical_id("Value", path)
        self.secrets[name] = path
        return {"Ref": name}

    def document(self) -> dict[str, Any]:
        """The template as CloudFormation takes it."""
        parameters = {name: {"Type": "String", "NoEcho": True} for name in sorted(self.secrets)}
        told = {"AWSTemplateFormatVersion": "2010-09-09", "Description": self.description, "Resources": self.resources}
        return {**told, "Parameters": parameters} if parameters else told

    def hinders(self) -> str:
        """Why CloudFormation would not take it; empty if it does."""
        if len(self.secrets) > MOST_PARAMETERS:
            return f"it has {len(self.secrets)} values that may be secrets, more than the {MOST_PARAMETERS} parameters of a stack"
        size = len(body(_plain(self.document())).encode("utf-8", "replace")) + SPARE_BYTES
        return f"its template of {size:,} bytes is larger than one request takes" if size > LONGEST_BODY else ""


def prepared(
    builder: Builder, at: Place, template: Template, *, stack: str, read: Mapping[str, Any] | None, needs: Collection[Step]
) -> tuple[Step, Step]:
    """The change set: made and listed. Nothing of it is there yet. *read*: the call that has the secrets of the template."""
    asked: dict[str, Any] = {"stack": stack, "template": template.document()}
    if template.secrets:
        asked |= {"secrets": dict(sorted(template.secrets.items())), "secrets_of": read}
    made = builder.add("cloudformation.create_change_set", asked, at, needs=needs)
    return made, builder.add("cloudformation.await_change_set", {"change_set_id": of(made, "change_set_id")}, at)


def executed(builder: Builder, at: Place, change_set: tuple[Step, Step], *, needs: Collection[Step] = (), gate: Gate | None = None) -> Step:
    """The stack, whole."""
    made, listed = change_set
    asked = {"change_set_id": of(made, "change_set_id"), "stack_id": of(made, "stack_id")}
    execute = builder.add("cloudformation.execute_change_set", asked, at, needs=(listed, *needs), gate=gate)
    return builder.add("cloudformation.await_stack", {"stack_id": of(execute, "stack_id")}, at)


def _plain(value: Any) -> Any:
    """The value with words in the place of what earlier steps will give."""
    if isinstance(value, Output):
        return f"<{value.name}>"
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value

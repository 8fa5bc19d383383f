"""Stacks as CloudFormation makes them: change sets that take time, one per token, and a resource that fails takes the others back."""

import copy
import json
from contextlib import suppress
from typing import Any

from cloudmigrate.simulate.moto_images import READY_AFTER

LONGEST_BODY = 51_200


def install() -> None:
    """Apply every fix."""
    _read_json_first()
    _make_change_sets()
    _execute()
    _take_time()
    _delete_whole()


def _refused(code: str, message: str) -> Exception:
    from moto.cloudformation.exceptions import CloudFormationError

    error: Exception = CloudFormationError(message)
    error.code = code  # type: ignore[attr-defined]
    return error


def _parsed(template: str) -> Any:
    import yaml
    from moto.cloudformation.utils import yaml_tag_constructor

    with suppress(ValueError):
        return json.loads(template)
    yaml.add_multi_constructor("", yaml_tag_constructor)
    return yaml.load(template, Loader=yaml.Loader)  # noqa: S506 - as moto does


def _read_json_first() -> None:
    """Read a template of JSON as JSON: as YAML, characters beyond 16 bits are torn in two."""
    from moto.cloudformation.models import ChangeSet, Stack

    def parse(self: Any) -> None:
        self.template_dict = _parsed(self.template)

    Stack.parse_template = staticmethod(_parsed)  # type: ignore[method-assign]
    ChangeSet._parse_template = parse  # type: ignore[method-assign]


def _make_change_sets() -> None:
    """Make a change set once per token, of a stack that is not there, from a template of known types and parameters."""
    from moto.cloudformation.responses import CloudFormationResponse

    create = CloudFormationResponse.create_change_set

    def create_change_set(self: Any) -> Any:
        backend, name = self.cloudformation_backend, self._get_param("StackName")
        asked = json.dumps({key: value for key, value in self._get_params().items() if key != "ClientToken"}, sort_keys=True, default=str)
        known = backend.__dict__.setdefault("client_tokens", {})
        token = self._get_param("ClientToken")
        if token and token in known:
            before, answered = known[token]
            if before != asked:
                raise _refused("TokenAlreadyExistsException", f"Token {token} was used with other parameters")
            return answered
        if self._get_param("ChangeSetType", "CREATE") == "CREATE":
            _check_new(backend, name, self._get_param("TemplateBody"), self._get_param("Parameters", []))
        answer: Any = create(self)
        made = backend.change_sets[answer.result["Id"]]
        looks = READY_AFTER["looks"]
        made.pending_looks = looks + 1 if looks else 0
        if token:
            known[token] = (asked, answer)
        return answer

    CloudFormationResponse.create_change_set = create_change_set  # type: ignore[method-assign]


def _check_new(backend: Any, name: str, template: str | None, given: list[dict[str, Any]]) -> None:
    from moto.cloudformation.parsing import NULL_MODELS, get_model_map

    for one in backend.stacks.values():
        if one.name == name:
            if one.status == "REVIEW_IN_PROGRESS":
                raise _refused("AlreadyExistsException", f"ChangeSet of stack {name} already exists")
            raise _refused("ValidationError", f"Stack [{name}] already exists and cannot be created again with the changeset")
    if not template:
        return
    if len(template.encode()) > LONGEST_BODY:
        raise _refused("ValidationError", f"templateBody must have length less than or equal to {LONGEST_BODY}")
    document = _parsed(template)
    kinds = {one["Type"] for one in document.get("Resources", {}).values()}
    unknown = sorted(kind for kind in kinds if kind not in get_model_map() and kind not in NULL_MODELS)
    if unknown:
        raise _refused("ValidationError", f"Template format error: Unrecognized resource types: [{', '.join(unknown)}]")
    wanted = document.get("Parameters", {})
    got = {one["ParameterKey"] for one in given}
    if got - set(wanted):
        raise _refused("ValidationError", f"Parameters: [{', '.join(sorted(got - set(wanted)))}] do not exist in the template")
    missing = sorted(key for key, one in wanted.items() if "Default" not in one and key not in got)
    if missing:
        raise _refused("ValidationError", f"Parameters: [{', '.join(missing)}] must have values")


def _change_set(backend: Any, name: str, stack: str | None) -> Any:
    for made in backend.change_sets.values():
        if made.change_set_id == name or (made.change_set_name == name and stack in (made.stack_name, made.stack_id)):
            return made
    raise _refused("ChangeSetNotFound", f"ChangeSet [{name}] does not exist")


def _execute() -> None:
    """Execute a change set that is complete; where a resource fails, what was made goes, and the stack says so."""
    from moto.cloudformation.models import CloudFormationBackend

    def execute_change_set(self: Any, change_set_name: str, stack_name: str | None = None) -> None:
        made = _change_set(self, change_set_name, stack_name)
        stack = self.stacks[made.stack_id]
        if made.__dict__.get("pending_looks") or made.status != "CREATE_COMPLETE":
            raise _refused("InvalidChangeSetStatus", f"ChangeSet [{made.change_set_id}] cannot be executed in its current status")
        kind = made.change_set_type
        stack._add_stack_event(f"{kind}_IN_PROGRESS", resource_status_reason="User Initiated")
        stack.template, stack.template_dict = made.template, made.template_dict
        try:
            made.apply()
        except Exception as error:  # noqa: BLE001 - whatever it was: CloudFormation takes back what it made
            stack.resource_map.delete()
            stack.status = "ROLLBACK_COMPLETE" if kind == "CREATE" else "UPDATE_ROLLBACK_COMPLETE"
            stack.stack_status_reason = f"The following resource(s) failed to create: {error}"
        else:
            stack.status = f"{kind}_COMPLETE"
        stack._add_stack_event(stack.status)
        stack.pending_looks = READY_AFTER["looks"] + 1 if READY_AFTER["looks"] else 0
        for one in [one for one in self.change_sets.values() if one.stack_id == stack.stack_id]:
            del self.change_sets[one.change_set_id]

    CloudFormationBackend.execute_change_set = execute_change_set  # type: ignore[method-assign]


def _take_time() -> None:
    """Show change sets and stacks as in progress for some looks, and no value of a parameter without echo."""
    from moto.cloudformation.responses import CloudFormationResponse
    from moto.core.responses import ActionResult

    describe = CloudFormationResponse.describe_stacks

    def describe_change_set(self: Any) -> Any:
        found = _change_set(self.cloudformation_backend, self._get_param("ChangeSetName"), self._get_param("StackName"))
        shown = copy.copy(found)
        silent = {key for key, one in found.template_dict.get("Parameters", {}).items() if one.get("NoEcho")}
        shown.parameters = {key: "****" if key in silent else value for key, value in found.parameters.items()}
        if _is_pending(found):
            shown.status, shown.execution_status, shown.changes = "CREATE_IN_PROGRESS", "UNAVAILABLE", []
        return ActionResult(shown)

    def describe_stacks(self: Any) -> Any:
        answer: Any = describe(self)
        answer.result["Stacks"] = [_as_seen(one) for one in answer.result["Stacks"]]
        return answer

    CloudFormationResponse.describe_change_set = describe_change_set  # type: ignore[method-assign]
    CloudFormationResponse.describe_stacks = describe_stacks  # type: ignore[method-assign]


def _is_pending(thing: Any) -> bool:
    """Whether it still shows as in progress; each look brings it nearer to its end."""
    if thing.__dict__.get("pending_looks"):
        thing.pending_looks -= 1
    return bool(thing.__dict__.get("pending_looks"))


def _as_seen(stack: Any) -> Any:
    shown = copy.copy(stack)
    if _is_pending(stack):
        shown.status = "DELETE_IN_PROGRESS" if stack.status.startswith("DELETE") else "CREATE_IN_PROGRESS"
        shown.stack_status_reason = None
    silent = {key for key, one in (stack.template_dict or {}).get("Parameters", {}).items() if one.get("NoEcho")}
    shown.__class__ = type("Shown", (type(stack),), {"parameter_list": property(lambda self: _echoed(self, silent))})
    return shown


def _echoed(stack: Any, silent: set[str]) -> list[dict[str, str]]:
    known = stack.resource_map.resolved_parameters
    return [{"ParameterKey": key, "ParameterValue": "****" if key in silent else value} for key, value in known.items()]


def _delete_whole() -> None:
    """Delete a stack with its change sets; what cannot go leaves it in DELETE_FAILED."""
    from moto.cloudformation.models import CloudFormationBackend

    delete = CloudFormationBackend.delete_stack

    def delete_stack(self: Any, name_or_stack_id: str) -> None:
        stack = next((one for one in self.stacks.values() if name_or_stack_id in (one.name, one.stack_id)), None)
        if stack is None:
            return
        for one in [one for one in self.change_sets.values() if one.stack_id == stack.stack_id]:
            del self.change_sets[one.change_set_id]
        looks = READY_AFTER["looks"]
        try:
            delete(self, stack.stack_id)
        except Exception as error:  # noqa: BLE001 - whatever keeps it: the stack says so
            self.stacks[stack.stack_id] = stack
            stack.status, stack.stack_status_reason = "DELETE_FAILED", str(error)
        stack.pending_looks = looks + 1 if looks else 0

    CloudFormationBackend.delete_stack = delete_stack  # type: ignore[method-assign]


def tags_of_stack(account_id: str, region: str, stack_id: str) -> dict[str, str]:
    """The tags that a stack gives to what it makes."""
    from moto.cloudformation.models import cloudformation_backends

    stack = cloudformation_backends[account_id][region].stacks.get(stack_id)
    return dict(stack.tags) if stack is not None else {}

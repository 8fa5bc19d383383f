"""CloudFormation: change sets made, looked at and executed, and stacks that go with everything in them. Source: its API reference."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from cloudmigrate.domain.acts.record import Act, Await, Call, Look, Params, Undo, tags_of

# It is answered for a stack that is not there; the requests below have no other fault that could be meant.
NO_STACK = frozenset({"ValidationError"})
NO_CHANGE_SET = NO_STACK | {"ChangeSetNotFound", "ChangeSetNotFoundException"}
# Parameters without echo. Source: its API reference, Parameter.
WITHOUT_ECHO = "not_null(Parameters, `[]`)[?ParameterValue=='****'].ParameterKey"
LONGEST_BODY = 51_200  # bytes of a template within a request
MOST_PARAMETERS = 200


def body(template: Mapping[str, Any]) -> str:
    """The template as it is sent: the same text for the same template."""
    return json.dumps(template, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _stack(params: Params, key: str) -> str:
    return f"{params['stack']}-{key}"


def _secrets(params: Params) -> Look | None:
    """What the source holds of values that may be secrets: it goes into parameters without echo, and stays nowhere else."""
    source = params.get("secrets_of")
    if not source:
        return None
    call = Call(source["service"], source["operation"], source["params"], region=source["region"], account_id=source["account_id"])
    return Look(call, params["secrets"])


def _deleted(stack_id: str) -> tuple[Undo, ...]:
    """Gone with all that it made. A stack that does not show yet is not deleted, and no error says so: it is looked for first."""
    seen = Look(Call("cloudformation", "DescribeStacks", {"StackName": stack_id}), {"state": "Stacks[0].StackStatus"}, NO_STACK)
    gone = Await(
        seen,
        frozenset({"DELETE_COMPLETE"}),
        frozenset({"DELETE_FAILED"}),
        within=timedelta(hours=1),
        advice="look at the stack's events for what keeps it, and delete the stack in its console",
    )
    return Undo(seen.call, NO_STACK), Undo(Call("cloudformation", "DeleteStack", {"StackName": stack_id}), gone=gone)


CREATE_CHANGE_SET = Act(
    "cloudformation.create_change_set",
    "make the change set of stack {stack}: nothing is made by it yet",
    does=lambda params, key: Call(
        "cloudformation",
        "CreateChangeSet",
        {
            "StackName": _stack(params, key),
            "ChangeSetName": f"cloudmigrate-{key}",
            "ChangeSetType": "CREATE",
            "ClientToken": key,
            "TemplateBody": body(params["template"]),
            "Parameters": [
                {"ParameterKey": name, "ParameterValue": params.get(name, "<read from the source at that moment>")}
                for name in sorted(params.get("secrets", ()))
            ],
            "Tags": tags_of(params, key),
        },
    ),
    reads=_secrets,
    gives={"change_set_id": "Id", "stack_id": "StackId"},
    look=lambda params, key: Look(
        Call("cloudformation", "DescribeChangeSet", {"StackName": _stack(params, key), "ChangeSetName": f"cloudmigrate-{key}"}),
        {"change_set_id": "ChangeSetId", "stack_id": "StackId"},
        NO_CHANGE_SET,
    ),
    undoes=lambda params, outputs: _deleted(outputs["stack_id"]),
    is_repeatable=True,
    exists=frozenset({"AlreadyExistsException"}),
    likely=timedelta(seconds=5),
    family="cloudformation",
)
AWAIT_CHANGE_SET = Act(
    "cloudformation.await_change_set",
    "wait for the change set, and list what it would make",
    awaits=lambda params: Await(
        Look(
            Call("cloudformation", "DescribeChangeSet", {"ChangeSetName": params["change_set_id"]}),
            {
                "state": "Status",
                "reason": "not_null(StatusReason, '')",
                "secrets": WITHOUT_ECHO,
                "changes": "not_null(Changes, `[]`)[].join(' ', "
                "[ResourceChange.Action, ResourceChange.ResourceType, ResourceChange.LogicalResourceId])",
            },
            NO_CHANGE_SET,  # it may show late
        ),
        frozenset({"CREATE_COMPLETE"}),
        frozenset({"FAILED"}),
        every=timedelta(seconds=5),
        within=timedelta(minutes=15),
        advice="the reason is CloudFormation's; correct what it names in the estate file or at the source, then plan anew",
    ),
    likely=timedelta(seconds=15),
)
EXECUTE_CHANGE_SET = Act(
    "cloudformation.execute_change_set",
    "execute the change set",
    does=lambda params, key: Call(
        "cloudformation", "ExecuteChangeSet", {"ChangeSetName": params["change_set_id"], "ClientRequestToken": key}
    ),
    keeps=("stack_id",),
    look=lambda params, key: Look(
        Call("cloudformation", "DescribeStacks", {"StackName": params["stack_id"]}),
        {"stack_id": "Stacks[?StackStatus!='REVIEW_IN_PROGRESS'].StackId | [0]"},
        NO_STACK,
    ),
    undoes=lambda params, outputs: _deleted(outputs["stack_id"]),
    is_repeatable=True,
    exists=frozenset({"InvalidChangeSetStatus", "InvalidChangeSetStatusException", "ChangeSetNotFound"}),  # executed, it goes
    likely=timedelta(seconds=5),
    family="cloudformation",
)
AWAIT_STACK = Act(
    "cloudformation.await_stack",
    "wait until everything of the stack is made",
    awaits=lambda params: Await(
        Look(
            Call("cloudformation", "DescribeStacks", {"StackName": params["stack_id"]}),
            {
                "state": "Stacks[0].StackStatus",
                "reason": "not_null(Stacks[0].StackStatusReason, '')",
                "secrets": f"Stacks[0].{WITHOUT_ECHO}",
            },
            NO_STACK,
        ),
        frozenset({"CREATE_COMPLETE"}),
        frozenset({"CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_COMPLETE", "DELETE_FAILED"}),
        within=timedelta(hours=4),
        advice="the stack's events name the resource that failed; correct that, then run the wave again",
    ),
    likely=timedelta(minutes=3),
)

ACTS = (CREATE_CHANGE_SET, AWAIT_CHANGE_SET, EXECUTE_CHANGE_SET, AWAIT_STACK)

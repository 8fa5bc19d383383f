"""Lambda: who may call a function, how it is called asynchronously, its url. Source: AWS Lambda API reference, the actions named here."""

import json
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from cloudmigrate.domain.acts.record import Act, Await, Call, Look, Params, Undo, quoted

NO_FUNCTION = frozenset({"ResourceNotFoundException"})  # nor a policy, a url or settings of it
CONFLICT = frozenset({"ResourceConflictException"})  # it is there, or another change is under way
CHANGED = "it was changed since the plan, or could not be seen then: scan again, then plan anew"
SIDS = "to_string(sort(not_null(from_json(Policy).Statement[].Sid, `[]`)))"
INVOCATIONS = (
    "MaximumRetryAttempts",
    "MaximumEventAgeInSeconds",
    "DestinationConfig.OnSuccess.Destination",
    "DestinationConfig.OnFailure.Destination",
)
URL = ("FunctionUrl", "AuthType", "InvokeMode")
NOT_CONDITIONS = ("StatementId", "Action", "Principal")


def told_permissions(statements: Iterable[Mapping[str, Any]]) -> str:
    """What is compared of a policy, as AWS's answer is read: the ids of its statements."""
    return _told(sorted(str(one["Sid"]) for one in statements if one.get("Sid")))


def told_invocations(config: Mapping[str, Any]) -> str:
    """What is compared of the settings of asynchronous calls, as AWS's answer is read."""
    return _told([_at(config, path) for path in INVOCATIONS])


def told_url(config: Mapping[str, Any]) -> str:
    """What is compared of a function's url, as AWS's answer is read."""
    return _told([config.get(name) for name in URL])


def _at(value: Any, path: str) -> Any:
    for name in path.split("."):
        value = (value or {}).get(name)
    return value


def _told(values: list[Any]) -> str:
    return json.dumps(values, separators=(",", ":"))


def _of(operation: str, params: Params, **more: Any) -> Call:
    return Call("lambda", operation, {"FunctionName": params["function_name"], **more})


def _check(name: str, says: str, operation: str, path: str, nothing: str) -> Act:
    """An act that sees that the source is as planned; where AWS says that there is none, *nothing* is what it is."""
    return Act(
        name,
        says,
        awaits=lambda params: Await(
            Look(_of(operation, params), {"state": path}, NO_FUNCTION, {"state": nothing}),
            frozenset({params["expected"]}),
            within=timedelta(0),
            advice=CHANGED,
        ),
    )


CHECK_PERMISSIONS = _check(
    "lambda.check_permissions",
    "see that the policy of {function_name} has the statements that were planned",
    "GetPolicy",
    SIDS,
    told_permissions(()),
)
CHECK_INVOCATIONS = _check(
    "lambda.check_invocations",
    "see that {function_name} has the settings of asynchronous calls that were planned",
    "GetFunctionEventInvokeConfig",
    f"to_string([{', '.join(INVOCATIONS)}])",
    told_invocations({}),
)
CHECK_URL = _check(
    "lambda.check_url",
    "see that {function_name} has the url that was planned, or none",
    "GetFunctionUrlConfig",
    f"to_string([{', '.join(URL)}])",
    told_url({}),
)


def _statement(permission: Params) -> str:
    """JMESPath to the id of a statement that lets in whom *permission* does, under its conditions and no other."""
    values = [value for name, value in permission.items() if name not in NOT_CONDITIONS]
    texts = [json.dumps(str(one).lower() if isinstance(one, bool) else one) for one in values]
    same = [
        f"Sid=={quoted(permission['StatementId'])}",
        f"Effect=={quoted('Allow')}",
        f"Action=={quoted(permission['Action'])}",
        f"not_null(Principal.Service, Principal.AWS, Principal)=={quoted(permission['Principal'])}",
        *(f"contains(to_string(Condition), {quoted(one)})" for one in texts),
        *(() if texts else ("Condition==`null`",)),
    ]
    return f"from_json(Policy).Statement[?{' && '.join(same)}].Sid | [0]"


ADD_PERMISSION = Act(
    "lambda.add_permission",
    "let {who} call {function_name}",
    does=lambda params, key: _of("AddPermission", params, **params["permission"]),
    keeps=("statement_id",),
    look=lambda params, key: Look(_of("GetPolicy", params), {"statement_id": _statement(params["permission"])}, NO_FUNCTION),
    undoes=lambda params, outputs: (
        Undo(_of("RemovePermission", params, StatementId=outputs["statement_id"]), NO_FUNCTION, not_yet=CONFLICT),
    ),
    exists=CONFLICT,
    not_yet=NO_FUNCTION,
    family="lambda",
)


def _settings(params: Params) -> str:
    """JMESPath to the function's name where it has the settings that were asked for; AWS may add its defaults for others."""
    wanted = [(path, _at(params["settings"], path)) for path in INVOCATIONS]
    same = " && ".join(f"{path}=={quoted(value)}" for path, value in wanted if value is not None)
    return f"({same} && {quoted(params['function_name'])}) || `null`"


SET_INVOCATIONS = Act(
    "lambda.set_invocations",
    "set how {function_name} is called asynchronously: retries, maximum age, destinations",
    does=lambda params, key: _of("PutFunctionEventInvokeConfig", params, **params["settings"]),
    keeps=("function_name",),
    look=lambda params, key: Look(_of("GetFunctionEventInvokeConfig", params), {"function_name": _settings(params)}, NO_FUNCTION),
    undoes=lambda params, outputs: (
        Undo(
            Call("lambda", "DeleteFunctionEventInvokeConfig", {"FunctionName": outputs["function_name"]}),
            NO_FUNCTION,
            not_yet=CONFLICT,
        ),
    ),
    is_repeatable=True,
    not_yet=NO_FUNCTION | CONFLICT,
    family="lambda",
)


def _url(params: Params) -> dict[str, str]:
    same = " && ".join(f"{name}=={quoted(params['config'][name])}" for name in ("AuthType", "InvokeMode") if name in params["config"])
    return {"function_name": f"({same} && {quoted(params['function_name'])}) || `null`", "function_url": "FunctionUrl"}


CREATE_URL = Act(
    "lambda.create_url",
    "give {function_name} a url of its own: its address is a new one",
    does=lambda params, key: _of("CreateFunctionUrlConfig", params, **params["config"]),
    gives={"function_url": "FunctionUrl"},
    keeps=("function_name",),
    look=lambda params, key: Look(_of("GetFunctionUrlConfig", params), _url(params), NO_FUNCTION),
    undoes=lambda params, outputs: (
        Undo(Call("lambda", "DeleteFunctionUrlConfig", {"FunctionName": outputs["function_name"]}), NO_FUNCTION, not_yet=CONFLICT),
    ),
    exists=CONFLICT,
    not_yet=NO_FUNCTION,
    family="lambda",
)

ACTS = (CHECK_PERMISSIONS, CHECK_INVOCATIONS, CHECK_URL, ADD_PERMISSION, SET_INVOCATIONS, CREATE_URL)

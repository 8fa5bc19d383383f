"""Who calls a function, and how: what of it goes to the target, and what a person does, with the reason."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cloudmigrate.domain.acts.function_callers import told_invocations, told_permissions, told_url
from cloudmigrate.domain.itineraries.building import Builder
from cloudmigrate.domain.itineraries.mapped import without_nothing
from cloudmigrate.domain.itineraries.record import Move
from cloudmigrate.domain.steps import Step

BUCKET = "AWS::S3::Bucket"
SID = re.compile(r"[A-Za-z0-9_-]{1,100}")
ACTION = re.compile(r"lambda:[*]|lambda:[a-zA-Z]+|[*]")
ROOT = re.compile(r"(?:arn:[^:]+:iam::)?(\d{12})(?::root)?")
# Conditions that AddPermission makes, by operator and key, and the member of its request that asks for each.
CONDITIONS = {
    ("arnlike", "aws:sourcearn"): "SourceArn",
    ("stringequals", "aws:sourceaccount"): "SourceAccount",
    ("stringequals", "aws:principalorgid"): "PrincipalOrgID",
    ("stringequals", "lambda:functionurlauthtype"): "FunctionUrlAuthType",
    ("bool", "lambda:invokedviafunctionurl"): "InvokedViaFunctionUrl",
}
OF_THE_URL = ("FunctionUrlAuthType", "InvokedViaFunctionUrl")


class _LeftError(Exception):
    """Why a statement or a setting is not carried over but left to a person."""


@dataclass(frozen=True, slots=True)
class Permission:
    """One statement of the source's policy."""

    sid: str
    who: str  # in words: whom it lets in, at the source
    request: Mapping[str, Any]  # of AddPermission at the target; empty where a person adds it
    left: str = ""  # why a person does
    is_of_url: bool = False  # whom it lets in come by the function's url

    @property
    def there(self) -> str:
        """In words: whom it lets in at the target."""
        arn = self.request.get("SourceArn")
        return f"{self.request['Principal']}{f' for {arn}' if arn else ''}"


def checked(builder: Builder, move: Move) -> list[Step]:
    """Steps that see that what leads to the source is what was planned: also that there is none where the inventory has none."""
    spec, name = move.source.spec, str(move.source.spec["FunctionName"])
    expected = {
        "lambda.check_permissions": told_permissions(statements_of(move)),
        "lambda.check_invocations": told_invocations(spec.get("EventInvokeConfig") or {}),
        "lambda.check_url": told_url(spec.get("UrlConfig") or {}),
    }
    return [builder.add(act, {"function_name": name, "expected": told}, move.at_source) for act, told in expected.items()]


def added(builder: Builder, move: Move, needs: Sequence[Step]) -> tuple[list[Step], list[str]]:
    """Steps that let callers in at the target as at the source; and what is left to a person, in words."""
    name = str(move.source.spec["FunctionName"])
    steps, left = list[Step](), list[str]()
    found = permissions(move)
    for one in found:
        if one.request:
            asked = {"function_name": name, "who": one.there, "statement_id": one.request["StatementId"], "permission": one.request}
            steps.append(builder.add("lambda.add_permission", asked, move.target, needs=needs))
    refused = [f"{one.sid} ({one.who}): {one.left}" for one in found if one.left]
    if refused:
        left.append(f"its policy lacks at the target what you add there if it is to be so: {'; '.join(refused)}")
    callers = list(dict.fromkeys(one.who for one in found if not one.is_of_url))
    if callers:
        left.append(f"lead to the target what calls the source: {', '.join(callers)}")
    settings, why = invocations(move)
    if settings:
        steps.append(builder.add("lambda.set_invocations", {"function_name": name, "settings": settings}, move.target, needs=needs))
    elif why:
        left.append(f"its settings of asynchronous calls are set by you: {why}")
    config = url(move)
    if config:
        made = builder.add("lambda.create_url", {"function_name": name, "config": config}, move.target, needs=needs)
        steps.append(made)
        left.append(_new_address(move, made))
    return steps, left


def _new_address(move: Move, made: Step) -> str:
    """What a new address of a url means for people."""
    config = move.source.spec["UrlConfig"]
    anybody = "; whoever knows it may call it, as at the source" if config.get("AuthType") == "NONE" else ""
    return (
        f"its url changes its address: {config.get('FunctionUrl')} goes on leading to the source, the target's is the function_url that "
        f"{made.step_id} gives (cloudmigrate status tells it){anybody}. "
        "Change DNS records, distributions, clients, web hooks and allow lists that name the old one"
    )


def permissions(move: Move) -> list[Permission]:
    """The statements of the source's policy, in their order."""
    return [_permission(move, one) for one in statements_of(move)]


def statements_of(move: Move) -> list[Mapping[str, Any]]:
    """The statements of the source's policy as the inventory has them."""
    policy = move.source.spec.get("Policy")
    return list(policy.get("Statement") or ()) if isinstance(policy, Mapping) else []


def _permission(move: Move, statement: Mapping[str, Any]) -> Permission:
    sid, who = str(statement.get("Sid") or ""), _who(statement)
    sid = sid or f"cloudmigrate-{hashlib.sha256(who.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"
    is_of_url = "functionurl" in str(statement.get("Condition")).lower()
    try:
        return Permission(sid, who, _request(move, sid, statement), is_of_url=is_of_url)
    except _LeftError as why:
        return Permission(sid, who, {}, str(why), is_of_url)


def _who(statement: Mapping[str, Any]) -> str:
    """Whom a statement lets in, in words."""
    principal = statement.get("Principal")
    names = [str(one) for one in (principal.values() if isinstance(principal, Mapping) else (principal,))]
    arns = [value for name, value in _members(statement.get("Condition")) if name[1].lower() == "aws:sourcearn"]
    return " and ".join(names) + (f" for {arns[0]}" if arns else "")


def _members(condition: Any) -> Iterator[tuple[tuple[str, str], Any]]:
    """((operator, key), value) of a condition; of one that is not as AWS has them, it has one member that nobody knows."""
    for operator, keys in condition.items() if isinstance(condition, Mapping) else {"": condition or {}}.items():
        yield from (((str(operator), str(key)), value) for key, value in (keys.items() if isinstance(keys, Mapping) else [("", keys)]))


def _request(move: Move, sid: str, statement: Mapping[str, Any]) -> dict[str, Any]:
    """What AddPermission is asked for at the target. Raises _LeftError."""
    others = sorted(statement.keys() - {"Sid", "Effect", "Principal", "Action", "Resource", "Condition"})
    action, own = statement.get("Action"), str(move.source.spec.get("FunctionArn") or move.source.uid)
    reasons = (
        (statement.get("Effect") != "Allow", "it denies, which no call adds"),
        (bool(others), f"it has {', '.join(others)}, which no call adds"),
        (not (isinstance(action, str) and ACTION.fullmatch(action)), "it names several actions"),
        (statement.get("Resource") != own, "it is of a version or an alias, which does not move"),
        (not SID.fullmatch(sid), "its id is none that a call takes"),
    )
    for holds, why in reasons:
        if holds:
            raise _LeftError(why)
    asked = {"StatementId": sid, "Action": action, "Principal": _principal(move, statement.get("Principal"))}
    asked |= _conditions(move, statement.get("Condition"))
    if asked["Principal"] == "*" and len(asked) == len(("StatementId", "Action", "Principal")):
        raise _LeftError("it lets in everybody without a condition")
    return asked


def _principal(move: Move, principal: Any) -> str:
    """Whom the target lets in. Raises _LeftError."""
    kind, value = next(iter(principal.items())) if isinstance(principal, Mapping) and len(principal) == 1 else ("AWS", principal)
    if not isinstance(value, str) or kind not in ("AWS", "Service"):
        raise _LeftError("it names several principals, or one of another kind")
    if kind == "Service":
        return value.replace(f".{move.source.region}.", f".{move.target.region}.")
    if value == "*":
        return value
    there, here = move.target.account_id, move.source.account_id
    root = ROOT.fullmatch(value)
    if root:
        return value.replace(here, there) if root[1] == here else value
    parts = value.split(":")
    if len(parts) != len(["arn", "partition", "iam", "", "account", "name"]):
        raise _LeftError("who it names is gone")
    told = move.policy.roles.get(value) or (value if parts[4] != here or there == here else "")
    if not told:
        raise _LeftError("nobody says who that is in the target's account (add it to targets.roles)")
    return told


def _conditions(move: Move, condition: Any) -> dict[str, Any]:
    """The members of AddPermission's request that ask for the condition, with names of the target. Raises _LeftError."""
    found: dict[str, Any] = {}
    for (operator, key), value in _members(condition):
        member = CONDITIONS.get((operator.lower(), key.lower()))
        if member is None or member in found or not isinstance(value, str | bool):
            raise _LeftError(f"its condition {operator} {key} is none that a call adds, or its value was never kept")
        found[member] = str(value).lower() == "true" if member == "InvokedViaFunctionUrl" else value
    before = str(found.get("SourceArn", ""))
    if before:
        found["SourceArn"] = arn_there(move, before)
    if "SourceAccount" in found:
        found["SourceAccount"] = _source_account(move, str(found["SourceAccount"]), before, str(found.get("SourceArn", "")))
    return found


def _source_account(move: Move, account: str, before: str, after: str) -> str:
    """The account that calls come from at the target. Raises _LeftError."""
    if account == _account(before) and _account(after):
        return _account(after)
    if account == move.source.account_id:
        return move.target.account_id
    if before != after:
        raise _LeftError(f"nobody says of which account, in the place of {account}, {after} is")
    return account


def _account(arn: str) -> str:
    parts = arn.split(":", 5)
    return parts[4] if len(parts) > 5 else ""


def arn_there(move: Move, arn: str) -> str:
    """The ARN of what stands in the target for *arn*. Raises _LeftError where nobody says which it is."""
    of, there, here = move.policy, move.target, move.at_source
    told = of.event_sources.get(arn) or of.target_groups.get(arn) or of.secrets.get(arn) or ""
    if told.startswith("arn:"):
        return told
    parts = arn.split(":", 5)
    if len(parts) > 5:
        _, partition, service, region, account, name = parts
        placed = f"arn:{partition}:{service}:{there.region}:{there.account_id}"
        if service == "s3":
            bucket, _, rest = name.partition("/")
            named = of.bucket_name(bucket) if bucket in of.buckets or _is_bucket(move, bucket) else None
            if named:
                return f"arn:{partition}:s3:::{named}{f'/{rest}' if rest else ''}"
        kind, _, group = name.partition(":")
        if service == "logs" and kind == "log-group" and group.removesuffix(":*") in of.log_groups:
            return f"{placed}:log-group:{of.log_groups[group.removesuffix(':*')]}{':*' if group.endswith(':*') else ''}"
        if (service, name, region, account) == ("events", "event-bus/default", here.region, here.account_id):
            return f"{placed}:{name}"  # every region has one
        if account == there.account_id and region in ("", there.region):
            return arn  # it is where the target is already
    raise _LeftError(f"nobody says what {arn} is in the target (add it to targets.event_sources, if it has one there)")


def _is_bucket(move: Move, name: str) -> bool:
    return any(one.type == BUCKET and one.name == name for one in move.inventory.values())


def invocations(move: Move) -> tuple[dict[str, Any], str]:
    """What PutFunctionEventInvokeConfig is asked for at the target, empty where the source has none; or why a person sets it."""
    held = move.source.spec.get("EventInvokeConfig") or {}
    settings = {name: held[name] for name in ("MaximumRetryAttempts", "MaximumEventAgeInSeconds") if held.get(name) is not None}
    destinations = {}
    try:
        for which in ("OnSuccess", "OnFailure"):
            named = ((held.get("DestinationConfig") or {}).get(which) or {}).get("Destination")
            if named:
                destinations[which] = {"Destination": arn_there(move, str(named))}
    except _LeftError as why:
        return {}, str(why)
    return settings | ({"DestinationConfig": destinations} if destinations else {}), ""


def url(move: Move) -> dict[str, Any]:
    """What CreateFunctionUrlConfig is asked for at the target; empty where the source has no url."""
    held = move.source.spec.get("UrlConfig") or {}
    kept = {name: held[name] for name in ("AuthType", "InvokeMode") if held.get(name)}
    cors = without_nothing(dict(held.get("Cors") or {}))
    return kept | ({"Cors": cors} if cors else {}) if kept else {}

"""Permissions: IAM asked about exactly the actions of the steps, those of waits, looks, reads and undos too.

SimulatePrincipalPolicy weighs the identity's policies, its permission boundary and the organisation's control policies, for all
resources (``*``) and without context. It does not weigh policies of resources (buckets, keys), session policies, nor endpoint policies.
Source: IAM API reference, SimulatePrincipalPolicy.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cloudmigrate.domain.counting import counted
from cloudmigrate.domain.preflight.names import CheckName
from cloudmigrate.domain.preflight.questions import (
    GLOBAL,
    Answers,
    Kind,
    Question,
    Unseen,
    WaveFacts,
    failed,
    listed,
    passed,
    unknown,
    unseen,
)
from cloudmigrate.domain.preflight.record import Check

NAME = CheckName.PERMISSIONS
AT_ONCE = 50  # actions of one request
_ASSUMED = re.compile(r"^arn:(aws[a-z-]*):sts::(\d{12}):assumed-role/([^/]+)/")
_PRINCIPAL = re.compile(r"^arn:aws[a-z-]*:iam::\d{12}:(?:role|user)/")


def needed_actions(wave: WaveFacts) -> dict[str, tuple[str, ...]]:
    """account -> the IAM actions that the wave's steps need there, sorted."""
    found: dict[str, set[str]] = defaultdict(set)
    for one in wave.explained:
        for account_id, action in one.permissions:
            found[account_id].add(action)
    return {account_id: tuple(sorted(actions)) for account_id, actions in sorted(found.items())}


def assumed_role(arn: str) -> str | None:
    """The name of the role behind the ARN of an assumed role; None for any other caller. The role's path is not in it."""
    found = _ASSUMED.match(arn)
    return found.group(3) if found else None


def is_principal(arn: str) -> bool:
    """Whether IAM can be asked about it: a role or a user; never the root user or a federated one."""
    return _PRINCIPAL.match(arn) is not None


def _questions(wave: WaveFacts) -> Iterator[tuple[str, tuple[str, ...], Question]]:
    """(account, actions, question) of each request."""
    for account_id, actions in needed_actions(wave).items():
        principal = wave.principals.get(account_id)
        if not isinstance(principal, str) or not is_principal(principal):
            continue
        for start in range(0, len(actions), AT_ONCE):
            part = actions[start : start + AT_ONCE]
            params = {"PolicySourceArn": principal, "ActionNames": list(part)}
            yield (
                account_id,
                part,
                Question(account_id, GLOBAL, "iam", "SimulatePrincipalPolicy", params, "EvaluationResults[]", pages=True),
            )


def _asks(wave: WaveFacts) -> Iterator[Question]:
    yield from (question for _, _, question in _questions(wave))


def _judges(wave: WaveFacts, answers: Answers) -> Iterator[Check]:
    asked = defaultdict(list)
    for account_id, part, question in _questions(wave):
        asked[account_id].append((part, answers[question]))
    for account_id, actions in needed_actions(wave).items():
        place, principal = (account_id, GLOBAL), wave.principals.get(account_id)
        if isinstance(principal, Unseen):
            yield unseen(NAME, account_id, place, principal)
        elif principal is None or not is_principal(principal):
            yield unknown(
                NAME,
                account_id,
                place,
                f"IAM cannot be asked about {principal or 'who we are there'}, so none of {counted(len(actions), 'action')} was assessed",
                "run as a role or user, not as the root user or a federated one",
            )
        else:
            yield from _of_answers(principal, place, asked[account_id])
    yield from _of_unforeseen(wave)


def _of_answers(principal: str, place: tuple[str, str], asked: Sequence[tuple[tuple[str, ...], Any]]) -> Iterator[Check]:
    told: dict[str, Mapping[str, Any]] = {}
    actions: list[str] = []
    for part, found in asked:
        if isinstance(found, Unseen):
            yield unseen(NAME, principal, place, found)
            continue
        actions += part
        told |= {str(one.get("EvalActionName")): one for one in found}
    allowed = [action for action in actions if _decision(told.get(action)) == "allowed"]
    if allowed:
        yield passed(NAME, principal, place, f"{counted(len(allowed), 'action')} allowed: {listed(allowed, 100)}")
    for action in actions:
        if action not in allowed:
            yield _refused(principal, place, action, told.get(action))


def _decision(result: Mapping[str, Any] | None) -> str:
    return str((result or {}).get("EvalDecision", ""))


def _refused(principal: str, place: tuple[str, str], action: str, result: Mapping[str, Any] | None) -> Check:
    decision = _decision(result)
    missing = [str(one) for one in (result or {}).get("MissingContextValues") or ()]
    if (result or {}).get("OrganizationsDecisionDetail", {}).get("AllowedByOrganizations") is False:
        told = f"{action} for {principal}: a control policy of the organisation does not allow it"
        return failed(NAME, action, place, told, "ask who owns the organisation's policies")
    if decision == "explicitDeny":
        told = f"{action} for {principal}: a policy denies it"
        return failed(NAME, action, place, told, "take the statement that denies it out of the policies or the permission boundary")
    if decision == "implicitDeny" and missing:
        told = f"{action} for {principal}: it depends on {listed(missing)}, which the simulation does not know"
        return unknown(NAME, action, place, told, "see whether the condition holds for what the steps make and touch")
    if decision == "implicitDeny":
        told = f"{action} for {principal}: no policy allows it for all resources"
        advice = "allow it; where it is allowed for the resources of these steps alone, waive it, for the simulation does not see that"
        return failed(NAME, action, place, told, advice, bends=True)
    return unknown(NAME, action, place, f"{action} for {principal}: the simulation said nothing of it", "run the preflight again")


def _of_unforeseen(wave: WaveFacts) -> Iterator[Check]:
    for one in wave.explained:
        if one.unforeseen:
            told = f"{listed(one.unforeseen)} can be told only once {listed(one.step.needs) or 'it runs'} has answered"
            yield unknown(NAME, one.step.step_id, (one.step.account_id, one.step.region), told, "see what keeps the earlier step")


PERMISSIONS = Kind(NAME, _asks, _judges)

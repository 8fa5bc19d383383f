"""The questions of a preflight, asked: reads only, few at once; what gets no answer is told with place, permission and what to do."""

import re
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jmespath
from botocore import xform_name

from cloudmigrate import log
from cloudmigrate.aws.failures import CALL_ERRORS, error_code, failure_of
from cloudmigrate.aws.sessions import AwsSessions
from cloudmigrate.domain.estate import Account
from cloudmigrate.domain.preflight.permissions import assumed_role
from cloudmigrate.domain.preflight.questions import GLOBAL, Question, Unseen

AT_ONCE = 8
READS = re.compile(r"^(Describe|Get|List|Simulate)[A-Z]")


def answers(sessions: AwsSessions, questions: Iterable[Question], *, at_once: int = AT_ONCE) -> dict[Question, Any]:
    """question -> its answer: JSON values, None where the thing is not there, Unseen where AWS did not tell. Raises faults of ours."""
    asked = list(questions)

    def ask(question: Question) -> Any:
        return answer(sessions, question)

    with ThreadPoolExecutor(at_once, thread_name_prefix="cloudmigrate-preflight") as pool:
        return dict(zip(asked, pool.map(log.carried(ask), asked), strict=True))


def answer(sessions: AwsSessions, question: Question) -> Any:
    """The answer of one question."""
    if not READS.match(question.operation):
        raise ValueError(f"{question.service}:{question.operation} is no read")
    try:
        client = sessions.client(question.account_id, question.service, question.region)
        method = xform_name(question.operation)
        if not question.pages:
            return jmespath.search(question.reads, getattr(client, method)(**question.params))
        pages = client.get_paginator(method).paginate(**question.params)
        return [item for page in pages for item in jmespath.search(question.reads, page) or ()]
    except CALL_ERRORS as error:
        if error_code(error) in question.absent:
            return None
        return _unseen(question.account_id, question.region, question.iam_action, error)


def principals(sessions: AwsSessions, accounts: Mapping[str, Account], account_ids: Iterable[str]) -> dict[str, str | Unseen]:
    """account -> ARN of the role or user whose permissions count there."""
    return {account_id: _principal(sessions, accounts.get(account_id), account_id) for account_id in sorted(set(account_ids))}


def _principal(sessions: AwsSessions, account: Account | None, account_id: str) -> str | Unseen:
    action = "sts:GetCallerIdentity"
    if account is None:
        return Unseen(account_id, GLOBAL, action, "the account is not in the estate file", "add it to accounts, with its role")
    if account.role_arn:
        return account.role_arn
    try:
        arn = sessions.identity(account_id).arn
        role = assumed_role(arn)
        if role is None:
            return arn
        action = "iam:GetRole"  # an assumed role's ARN lacks the role's path
        return str(sessions.client(account_id, "iam", GLOBAL).get_role(RoleName=role)["Role"]["Arn"])
    except CALL_ERRORS as error:
        return _unseen(account_id, GLOBAL, action, error)


def _unseen(account_id: str, region: str, action: str, error: Exception) -> Unseen:
    failure = failure_of(error, action)
    advice = f"grant {failure.missing_action} to who runs this, or waive the check" if failure.missing_action else failure.next_action
    code = f" ({failure.error_code})"
    return Unseen(account_id, region, action, failure.detail.removesuffix(code) + code, advice)

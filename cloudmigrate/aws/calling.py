"""One call to AWS for a step: sent, told to whoever listens, and what its answer means: done, refused, unclear, or not there."""

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from botocore import xform_name
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, ProxyConnectionError

from cloudmigrate.aws.expressions import evaluate
from cloudmigrate.aws.failures import CALL_ERRORS, THROTTLED, Failure, error_code, failure_of, passes, plain
from cloudmigrate.aws.hiding import without
from cloudmigrate.aws.sending import Leave, asking
from cloudmigrate.aws.sessions import AwsSessions
from cloudmigrate.domain.acts.record import Call, Look, timed
from cloudmigrate.domain.refusals import refused, unclear
from cloudmigrate.domain.steps import Step
from cloudmigrate.errors.sources import AccountAccessError
from cloudmigrate.errors.steps import StepRefusedError, StepUnclearError

NOT_SENT = (ConnectTimeoutError, EndpointConnectionError, ProxyConnectionError)
NOTHING: frozenset[str] = frozenset()
GRANT = "grant it to the role that migrates, or ask who owns the policy above it that denies it"


@dataclass(frozen=True, slots=True)
class CallMade:
    """One write call that was sent, and what came of it."""

    step: Step
    call: Call
    account_id: str
    region: str
    request_id: str  # AWS's own; empty where no answer came
    error: str = ""  # the code of the refusal, or the kind of failure; empty: it was done


def nobody(made: CallMade) -> None:
    """Nothing: nobody listens."""


class AbsentError(Exception):
    """The thing that a call is about is not there."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls to AWS of steps, by sessions that do not retry."""

    sessions: AwsSessions
    now: Callable[[], datetime] = field(repr=False)
    heard: Callable[[CallMade], None] = field(repr=False)  # hears of every write call
    may_write: Leave = field(repr=False)  # asked right before a write call is sent; raises where it may not be any more
    hidden: set[str] = field(repr=False)  # what nobody may hear

    def found(self, step: Step, look: Look) -> dict[str, Any] | None:
        """What the look finds; None where not all of it is there."""
        try:
            answer = self.answer(step, look.call, absent=look.absent)
        except AbsentError:
            return None if look.otherwise is None else dict(look.otherwise)
        found = read(look.finds, answer)
        return found if found.keys() == look.finds.keys() else None

    def found_in_pages(self, step: Step, look: Look) -> dict[str, Any] | None:
        """What the look finds in the first page that has it: logs are answered in pages, of which many are empty."""
        call: Call | None = look.call
        while call is not None:
            try:
                answer = self.answer(step, call, absent=look.absent)
            except AbsentError:
                return None
            found = read(look.finds, answer)
            if found.keys() == look.finds.keys():
                return found
            token = answer.get("nextToken")
            call = replace(call, params={**call.params, "nextToken": token}) if token else None
        return None

    def answer(
        self,
        step: Step,
        call: Call,
        *,
        absent: frozenset[str] = NOTHING,
        not_yet: frozenset[str] = NOTHING,
        exists: frozenset[str] = NOTHING,
        write: Call | None = None,
    ) -> Mapping[str, Any]:
        """The answer of one call. Raises StepRefusedError, StepUnclearError, and AbsentError for codes of *absent*.

        *write*: the call as it is told to whoever listens; None for one that changes nothing.
        """
        answer, failed = self._sent(step, call, write)
        if failed is None:
            return answer
        code = error_code(failed)
        if code in absent:
            raise AbsentError(code)
        failure = failure_of(failed, call.iam_action)
        failure = replace(failure, detail=self.plain(failure.detail))
        raise self._told(step, failed, failure, may_pass=code in not_yet, may_be_there=code in exists) from failed

    def plain(self, text: str) -> str:
        """Words of the cloud without what nobody may hear: services repeat what they do not like, also long after they were given it."""
        return plain(without(text, self.hidden))

    def _sent(self, step: Step, call: Call, write: Call | None) -> tuple[Mapping[str, Any], Exception | None]:
        """The answer of one call, or its error, once whoever listens has heard of it.

        Told outside of the handler: an error of who listens must not drag along the cloud's words, which may repeat a secret.
        """
        answer: Mapping[str, Any] = {}
        failed: Exception | None = None
        try:
            client = self.sessions.client(call.account_id or step.account_id, call.service, call.region or step.region)
            with nullcontext() if write is None else asking(self.may_write):
                answer = getattr(client, xform_name(call.operation))(**timed(call.params, self.now()))
        except CALL_ERRORS as error:
            failed = error
        if write is not None:
            told = answer if failed is None else getattr(failed, "response", None) or {}
            self.heard(_made(step, write, told, "" if failed is None else error_code(failed) or type(failed).__name__))
        return answer, failed

    def _told(
        self, step: Step, error: Exception, failure: Failure, *, may_pass: bool, may_be_there: bool
    ) -> StepRefusedError | StepUnclearError:
        next_action = f"{failure.missing_action} is missing; {GRANT}" if failure.missing_action else failure.next_action
        never_entered = isinstance(error, AccountAccessError) and passes(error.__cause__)
        if may_pass or never_entered or isinstance(error, NOT_SENT) or failure.error_code in THROTTLED:
            return unclear(step, failure.detail, next_action, was_sent=False)
        if may_be_there or passes(error):
            return unclear(step, failure.detail, next_action)
        return refused(step, failure.detail, next_action)


def _made(step: Step, call: Call, answer: Mapping[str, Any], error: str = "") -> CallMade:
    request_id = str((answer.get("ResponseMetadata") or {}).get("RequestId") or "")
    return CallMade(step, call, call.account_id or step.account_id, call.region or step.region, request_id, error)


def read(paths: Mapping[str, str], answer: Mapping[str, Any]) -> dict[str, Any]:
    """output -> value, of each path that leads to something."""
    found = {name: evaluate(path, answer) for name, path in paths.items()}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in found.items() if value is not None}

"""Questions to the cloud and their answers: what a check needs to know, as data; who asks decides nothing, and who judges asks nothing."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cloudmigrate.domain.acts.record import Call
from cloudmigrate.domain.estate import Estate
from cloudmigrate.domain.explaining import Explained, Later
from cloudmigrate.domain.preflight.names import CheckName
from cloudmigrate.domain.preflight.record import Check, CheckState
from cloudmigrate.domain.resources import Resource

GLOBAL = "global"


@dataclass(frozen=True, slots=True)
class Question:
    """One read call, and what of its answer is wanted. Equal questions are asked once."""

    account_id: str
    region: str
    service: str  # botocore's name
    operation: str  # begins with Describe, Get, List or Simulate
    params: Mapping[str, Any] = field(hash=False)
    reads: str  # JMESPath into the answer; of several pages, into each, and the lists are joined
    absent: frozenset[str] = frozenset()  # error codes that say that it is not there: the answer is None
    pages: bool = False  # whether the answer comes in pages

    @property
    def iam_action(self) -> str:
        """The permission that it takes."""
        return Call(self.service, self.operation).iam_action


@dataclass(frozen=True, slots=True)
class Unseen:
    """That a question got no answer, and why."""

    account_id: str
    region: str
    action: str
    why: str
    advice: str


Answers = Mapping[Question, Any]  # JSON values and instants, None where it is not there, Unseen where nobody knows


@dataclass(frozen=True)
class WaveFacts:
    """What is known of a wave without asking the cloud."""

    estate: Estate
    plan_id: str
    wave: int
    explained: tuple[Explained, ...]
    resources: Mapping[str, Resource]  # the plan's snapshot: members, and what hangs on them
    now: datetime
    likely: timedelta
    principals: Mapping[str, str | Unseen] = field(default_factory=dict)  # account -> ARN of the user or role whose rights count

    def calls(self, service: str, *operations: str) -> Iterable[tuple[Explained, str, str, Call]]:
        """(step, account, region, call) of each write call of these operations, as far as it can be told beforehand."""
        for one in self.explained:
            for made in one.calls:
                call = made.call
                if call is not None and made.writes and call.service == service and call.operation in operations:
                    yield one, made.account_id, made.region, call

    def source_of(self, one: Explained) -> Resource | None:
        """The resource that a step serves, as the plan's snapshot has it."""
        return self.resources.get(one.step.uid)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of check, as data: what it asks, and how it judges the answers."""

    name: CheckName
    asks: Callable[[WaveFacts], Iterable[Question]]
    judges: Callable[[WaveFacts, Answers], Iterable[Check]]


def passed(name: CheckName, subject: str, place: tuple[str, str], evidence: str) -> Check:
    """The check of something that is as it must be."""
    return Check(name, subject, *place, CheckState.PASS, evidence)


def failed(name: CheckName, subject: str, place: tuple[str, str], evidence: str, advice: str, *, bends: bool = False) -> Check:
    """The check of something that keeps the wave from ending well. *bends*: a person may answer for it."""
    return Check(name, subject, *place, CheckState.FAIL, evidence, advice, bends)


def unseen(name: CheckName, subject: str, place: tuple[str, str], *answers: Any) -> Check:
    """The check of what could not be looked at, of the first of *answers* that is none."""
    found = next(one for one in answers if isinstance(one, Unseen))
    where = " ".join(part for part in (found.account_id, found.region) if part)
    return Check(name, subject, *place, CheckState.NOT_ASSESSED, f"{found.action} in {where}: {found.why}", found.advice)


def unknown(name: CheckName, subject: str, place: tuple[str, str], evidence: str, advice: str) -> Check:
    """The check of what was looked at, and does not tell."""
    return Check(name, subject, *place, CheckState.NOT_ASSESSED, evidence, advice)


def any_unseen(*answers: Any) -> bool:
    """Whether one of them is none."""
    return any(isinstance(one, Unseen) for one in answers)


def is_known(value: Any) -> bool:
    """Whether it is a plain text that no step has to give first."""
    return isinstance(value, str) and not isinstance(value, Later)


def question_key(question: Question) -> str:
    """A text that orders questions."""
    params = json.dumps(question.params, sort_keys=True, default=str)
    return "\n".join((question.account_id, question.region, question.service, question.operation, params, question.reads))


def listed(items: Iterable[str], most: int = 5) -> str:
    """Some of the items, and how many more there are."""
    every = list(items)
    more = f" and {len(every) - most} more" if len(every) > most else ""
    return ", ".join(every[:most]) + more

"""Whether a gate is open: a pure judgement over what was asked, what was answered, and what would be run now."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from cloudmigrate.domain.approvals import (
    ApprovalAnswer,
    ApprovalRequest,
    answer_fault,
    keys_of,
    request_fault,
)
from cloudmigrate.domain.counting import counted
from cloudmigrate.domain.people import ApprovalPolicy, GateRule, Person
from cloudmigrate.domain.roles import AnswerKind
from cloudmigrate.domain.steps import Gate

_BOUND = ("plan_hash", "steps_hash", "preflight_hash")


class GateState(StrEnum):
    """How a gate stands."""

    OPEN = "open"
    WAITING = "waiting"  # for people
    REJECTED = "rejected"
    VOID = "void"  # what was asked for is not what would be run, or not any more

    @property
    def can_be_answered(self) -> bool:
        """Whether the request that decides need not be asked anew."""
        return self in (GateState.OPEN, GateState.WAITING)


@dataclass(frozen=True, slots=True)
class Disregarded:
    """An answer that does not count, and why."""

    answer: ApprovalAnswer
    why: str


@dataclass(frozen=True, slots=True)
class GateStanding:
    """How a gate stands, and by whom."""

    state: GateState
    request: ApprovalRequest | None = None  # the one that decides; None: nobody asked
    approved_by: tuple[str, ...] = ()
    rejected_by: tuple[str, ...] = ()
    missing: int = 0  # approvals still needed
    waits_for: tuple[str, ...] = ()  # people whose approval would count
    changed: tuple[str, ...] = ()  # of what is void: what differs, by name
    disregarded: tuple[Disregarded, ...] = ()

    def sentence(self) -> str:
        """How the gate stands, for a person."""
        if self.state is GateState.OPEN:
            return f"open: approved by {', '.join(self.approved_by)}"
        if self.state is GateState.REJECTED:
            return f"rejected by {', '.join(self.rejected_by)}"
        if self.state is GateState.VOID:
            return f"void: {'; '.join(self.changed)}"
        if self.request is None:
            return "waiting: nobody has asked for it yet"
        whom = f"any of {', '.join(self.waits_for)}" if self.waits_for else "nobody in the estate file who may still approve"
        return f"waiting for {self.missing} more approval{'s' if self.missing > 1 else ''}, by {whom}"


def gate_state(
    requests: Sequence[ApprovalRequest],
    answers: Sequence[ApprovalAnswer],
    policy: ApprovalPolicy,
    people: Sequence[Person],
    now: datetime,
    *,
    gate: Gate,
    plan_hash: str,
    steps_hash: str,
    preflight_hash: str,
    broken: Mapping[ApprovalAnswer, str] | None = None,
    doubted: Mapping[str, str] | None = None,
) -> GateStanding:
    """How the gate stands for exactly this plan, these steps and this result of the preflight.

    *requests* are those of one wave, oldest first. The newest one decides that binds what would be run now and has not expired;
    where there is none, the newest of all is void, and what differs is named. The ledger says what it doubts: *broken* (answer -> why)
    are answers, such as those that signed a head which is no longer in the audit chain; *doubted* (request id -> why) are
    requests, such as one with a rejection that the audit chain tells of and that is not there.
    """
    now_bound = {"plan_hash": plan_hash, "steps_hash": steps_hash, "preflight_hash": preflight_hash}
    rule = policy.rule(gate)
    of_gate = [one for one in requests if one.gate is gate]
    if not of_gate:
        return GateStanding(GateState.WAITING, missing=rule.quorum, waits_for=_able(rule, people, None))
    for request in reversed(of_gate):
        if not _differences(request, rule, people, now=now, bound=now_bound, doubted=doubted or {}):
            return _answered(request, [one for one in answers if one.request_id == request.request_id], rule, people, broken or {})
    newest = of_gate[-1]
    return GateStanding(GateState.VOID, newest, changed=_differences(newest, rule, people, now=now, bound=now_bound, doubted=doubted or {}))


def _differences(
    request: ApprovalRequest,
    rule: GateRule,
    people: Sequence[Person],
    *,
    now: datetime,
    bound: Mapping[str, str],
    doubted: Mapping[str, str],
) -> tuple[str, ...]:
    """What keeps the request from deciding: each hash that differs, by name; that it expired; that it was changed."""
    found = []
    fault = request_fault(request, people)
    if fault:
        found.append(f"the request: {fault}")
    if request.request_id in doubted:
        found.append(f"the request: {doubted[request.request_id]}")
    for name in _BOUND:
        asked, current = getattr(request, name), bound[name]
        if asked != current:
            found.append(f"{name} differs: {asked[:12]} was asked for, and it is {current[:12]} now")
    if now >= request.expires_at:
        found.append(f"it expired at {request.expires_at:%Y-%m-%d %H:%M} UTC")
    elif request.expires_at > min(request.requested_at, now) + timedelta(hours=rule.expires_hours):
        found.append(f"it would hold longer than the {counted(rule.expires_hours, 'hour')} that the estate file allows")
    if rule.signed_request and not request.signature:
        found.append(f"the estate file wants a signed request, and {request.requested_by} did not sign")
    return tuple(found)


def _answered(
    request: ApprovalRequest,
    answers: Iterable[ApprovalAnswer],
    rule: GateRule,
    people: Sequence[Person],
    broken: Mapping[ApprovalAnswer, str],
) -> GateStanding:
    known = {one.name: one for one in people}
    approved: dict[str, str] = {}  # person -> key
    rejected: list[str] = []
    disregarded: list[Disregarded] = []
    for answer in answers:
        why = answer_fault(request, answer, people) or broken.get(answer) or _uncounted(request, answer, rule, known)
        if why:
            disregarded.append(Disregarded(answer, why))
        elif answer.kind is AnswerKind.REJECT:
            rejected.append(answer.approver)
        else:
            approved[answer.approver] = keys_of(people, answer.approver)[0]
    # Distinct people and distinct keys: the estate file holds one key to be one person's, and this does not rely on it.
    counted = min(len(approved), len(set(approved.values())))
    missing = max(rule.quorum - counted, 0)
    state = GateState.REJECTED if rejected else GateState.WAITING if missing else GateState.OPEN
    return GateStanding(
        state,
        request,
        approved_by=tuple(sorted(approved)),
        rejected_by=tuple(sorted(set(rejected))),
        missing=missing,
        waits_for=tuple(name for name in _able(rule, people, request) if name not in approved) if state is GateState.WAITING else (),
        disregarded=tuple(disregarded),
    )


def _uncounted(request: ApprovalRequest, answer: ApprovalAnswer, rule: GateRule, known: Mapping[str, Person]) -> str | None:
    """Why a proven answer does not count at this gate; a rejection by who asked counts always."""
    if not rule.may_answer(known[answer.approver]):
        return f"{answer.approver} may not answer at gate {request.gate.value}"
    if rule.not_requester and answer.kind is AnswerKind.APPROVE and _is_requester(request, answer.approver):
        return f"{answer.approver} asked for it, and may not approve it"
    return None


def _able(rule: GateRule, people: Sequence[Person], request: ApprovalRequest | None) -> tuple[str, ...]:
    """The people whose approval would count."""
    return tuple(
        one.name for one in people if rule.may_answer(one) and not (request and rule.not_requester and _is_requester(request, one.name))
    )


def _is_requester(request: ApprovalRequest, name: str) -> bool:
    """Whether that is who asked, however the name is written in capitals."""
    return request.requested_by.strip().casefold() == name.casefold()

"""Approvals: what is asked before a gate, what a person signs in answer, and what is wrong with an answer that is none."""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from cloudmigrate.domain.people import Person
from cloudmigrate.domain.public_keys import is_signed
from cloudmigrate.domain.roles import AnswerKind
from cloudmigrate.domain.steps import WAVE_GATES, Gate

_SHA256 = re.compile(r"[0-9a-f]{64}")
LONGEST_TEXT = 2000
_INSTANT = "%Y-%m-%dT%H:%M:%S.%fZ"
Signer = Callable[[bytes], str]  # message -> signature in base64, by a private key that only the caller has


class ApprovalError(ValueError):
    """A request or an answer that says nothing that could be signed, or kept as it was signed."""


@dataclass(frozen=True, slots=True)
class ApprovalRequest:
    """That somebody wants to pass a gate, and with exactly what; its id is the hash of all that it says."""

    estate: str
    plan_id: str
    plan_hash: str
    wave: int
    gate: Gate
    steps_hash: str
    preflight_hash: str
    requested_by: str
    requested_at: datetime
    expires_at: datetime  # from this instant on nothing about it holds
    signature: str = ""  # of who asks, over the request's text; empty: the name is only said
    request_id: str = ""  # as it is kept; what it must be is `request_id_of`

    @property
    def place(self) -> tuple[str, int, Gate]:
        """The gate that it is about."""
        return self.plan_id, self.wave, self.gate


@dataclass(frozen=True, slots=True)
class ApprovalAnswer:
    """One person's signed answer to one request."""

    request_id: str
    kind: AnswerKind
    approver: str
    reason: str
    answered_at: datetime
    head_seq: int  # the head of the audit chain that the person saw
    head_hash: str
    signature: str = ""  # base64, over the answer's text


def request_text(request: ApprovalRequest) -> bytes:
    """What the request says, canonically: what its id hashes, what who asks signs, and a part of what every answer signs."""
    return _canonical({"purpose": "cloudmigrate.approval.request", "version": 1, **_told(request)})


def request_id_of(request: ApprovalRequest) -> str:
    """SHA-256, hexadecimal, of all that the request says."""
    return hashlib.sha256(request_text(request)).hexdigest()


def answer_text(request: ApprovalRequest, answer: ApprovalAnswer) -> bytes:
    """What a person signs: the whole request, the answer, and the head of the audit chain."""
    return _canonical(
        {
            "purpose": "cloudmigrate.approval.answer",
            "version": 1,
            "request": _told(request),
            "request_id": answer.request_id,
            "decision": answer.kind.value,
            "approver": answer.approver,
            "reason": answer.reason,
            "answered_at": _instant(answer.answered_at),
            "audit_head": {"seq": answer.head_seq, "hash": answer.head_hash},
        }
    )


def answer_hash(request: ApprovalRequest, answer: ApprovalAnswer) -> str:
    """SHA-256, hexadecimal, of the answer's text and signature: by this the audit chain holds it."""
    return hashlib.sha256(answer_text(request, answer) + b"\n" + answer.signature.encode("ascii", "replace")).hexdigest()


def asked(request: ApprovalRequest, sign: Signer | None = None) -> ApprovalRequest:
    """The request with its id, and signed if who asks has a key. Raises ApprovalError."""
    check_request(request)
    signature = sign(request_text(request)) if sign else ""
    return replace(request, request_id=request_id_of(request), signature=signature)


def answered(request: ApprovalRequest, answer: ApprovalAnswer, sign: Signer) -> ApprovalAnswer:
    """The answer, signed. Raises ApprovalError."""
    check_answer(answer)
    return replace(answer, signature=sign(answer_text(request, answer)))


def answer_document(answer: ApprovalAnswer) -> dict[str, Any]:
    """The answer as JSON values: what is handed from the one who signed to the one who records it."""
    return {
        "request_id": answer.request_id,
        "decision": answer.kind.value,
        "approver": answer.approver,
        "reason": answer.reason,
        "answered_at": _instant(answer.answered_at),
        "head_seq": answer.head_seq,
        "head_hash": answer.head_hash,
        "signature": answer.signature,
    }


def answer_of(text: str) -> ApprovalAnswer:
    """The answer that a document of JSON tells. Raises ApprovalError for one that tells none; whether it is proven is not looked at."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise ApprovalError("this is no signed answer: it is no JSON") from None
    words = {"request_id", "decision", "approver", "reason", "answered_at", "head_hash", "signature"}
    if not isinstance(document, dict) or document.keys() != words | {"head_seq"}:
        raise ApprovalError(f"this is no signed answer: it must hold exactly {', '.join(sorted(words | {'head_seq'}))}")
    if not all(isinstance(document[name], str) for name in words) or type(document["head_seq"]) is not int:
        raise ApprovalError("this is no signed answer: a value is of the wrong kind")
    told = {name: document[name] for name in words - {"decision", "answered_at"}}
    try:
        answered_at = datetime.strptime(document["answered_at"], _INSTANT).replace(tzinfo=UTC)
        found = ApprovalAnswer(**told, kind=AnswerKind(document["decision"]), answered_at=answered_at, head_seq=document["head_seq"])
    except ValueError as error:
        raise ApprovalError(f"this is no signed answer: {error}") from None
    check_answer(found)
    return found


def check_request(request: ApprovalRequest) -> None:
    """Nothing, if the request can be signed, and kept as it was signed. Raises ApprovalError."""
    for name in ("estate", "plan_id", "requested_by"):
        _check_words(name, getattr(request, name), may_be_empty=False)
    for name in ("plan_hash", "steps_hash", "preflight_hash"):
        if not _SHA256.fullmatch(getattr(request, name)):
            raise ApprovalError(f"{name} is no SHA-256: {getattr(request, name)[:80]!r}")
    if request.gate not in WAVE_GATES:
        raise ApprovalError(f"{request.gate.value} is opened step by step, not by approvals")
    if request.wave < 1:
        raise ApprovalError(f"wave {request.wave} is none")
    if request.expires_at <= request.requested_at:
        raise ApprovalError("it expires before it is asked")


def check_answer(answer: ApprovalAnswer) -> None:
    """Nothing, if the answer can be signed, and kept as it was signed. Raises ApprovalError."""
    _check_words("approver", answer.approver, may_be_empty=False)
    _check_words("reason", answer.reason, may_be_empty=answer.kind is AnswerKind.APPROVE)
    if not _SHA256.fullmatch(answer.head_hash) or answer.head_seq < 0:
        raise ApprovalError("it names no head of the audit chain")


def _check_words(name: str, text: str, *, may_be_empty: bool) -> None:
    if not text.strip() and not may_be_empty:
        raise ApprovalError(f"{name} is missing")
    if len(text) > LONGEST_TEXT or any(not (character.isprintable() or character == "\n") for character in text):
        raise ApprovalError(f"{name} is longer than {LONGEST_TEXT} characters or holds control characters")


def request_fault(request: ApprovalRequest, people: Iterable[Person], *, also_former: bool = False) -> str | None:
    """Why the request, as it is kept, is none; None for one that says what it said."""
    if request.request_id != request_id_of(request):
        return "what it says was changed: it no longer matches its own id"
    if request.signature:
        keys = keys_of(people, request.requested_by, also_former=also_former)
        if not any(is_signed(key, request_text(request), request.signature) for key in keys):
            return f"it bears a signature that is not by a key of {request.requested_by} in the estate file"
    return None


def answer_fault(
    request: ApprovalRequest | None, answer: ApprovalAnswer, people: Iterable[Person], *, also_former: bool = False
) -> str | None:
    """Why the answer, as it is kept, is none: it names what was changed or who is unknown; None for one that is proven.

    Whether the person may answer at that gate is another question. *also_former*: keys that were replaced prove it too.
    """
    if request is None:
        return "the request that it answers is not there: it was removed"
    if request.request_id != request_id_of(request):
        return "the request that it answers was changed since"
    keys = keys_of(people, answer.approver, also_former=also_former)
    if not keys:
        return f"{answer.approver} is not among the people of the estate file"
    if not any(is_signed(key, answer_text(request, answer), answer.signature) for key in keys):
        return f"its signature is not by the key of {answer.approver} in the estate file over what is kept: one of them was changed"
    if answer.answered_at >= request.expires_at:
        return "it was given when the request had expired"
    return None


def keys_of(people: Iterable[Person], name: str, *, also_former: bool = False) -> tuple[str, ...]:
    """The keys by which that person proves something."""
    return next((((one.key, *one.former_keys) if also_former else (one.key,)) for one in people if one.name == name), ())


def _told(request: ApprovalRequest) -> dict[str, Any]:
    return {
        "estate": request.estate,
        "plan_id": request.plan_id,
        "plan_hash": request.plan_hash,
        "wave": request.wave,
        "gate": request.gate.value,
        "steps_hash": request.steps_hash,
        "preflight_hash": request.preflight_hash,
        "requested_by": request.requested_by,
        "requested_at": _instant(request.requested_at),
        "expires_at": _instant(request.expires_at),
    }


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime(_INSTANT)


def _canonical(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode("ascii")

"""People of tests, each with a private key that is made from their name."""

import base64
import hashlib
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cloudmigrate.domain.approvals import ApprovalAnswer, ApprovalRequest, answered, asked
from cloudmigrate.domain.people import Person
from cloudmigrate.domain.public_keys import key_text
from cloudmigrate.domain.roles import AnswerKind, Role
from cloudmigrate.domain.steps import Gate

T0 = datetime(2026, 11, 22, 20, 30, tzinfo=UTC)
PLAN, STEPS, PREFLIGHT = "a" * 64, "b" * 64, "c" * 64
GENESIS = "0" * 64


def private_key(name: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())


def signer(name: str):  # type: ignore[no-untyped-def]
    return lambda message: base64.b64encode(private_key(name).sign(message)).decode()


def public_key(name: str) -> str:
    return key_text(private_key(name).public_key().public_bytes_raw())


def person(name: str, *roles: Role, key: str | None = None, former: tuple[str, ...] = ()) -> Person:
    return Person(name=name, roles=roles or (Role.APPROVER,), key=public_key(key or name), former_keys=tuple(map(public_key, former)))


def request(**changes: object) -> ApprovalRequest:
    said: dict[str, object] = {
        "estate": "acme",
        "plan_id": "plan-1",
        "plan_hash": PLAN,
        "wave": 1,
        "gate": Gate.CUTOVER,
        "steps_hash": STEPS,
        "preflight_hash": PREFLIGHT,
        "requested_by": "olga",
        "requested_at": T0,
        "expires_at": T0 + timedelta(hours=24),
    }
    sign = changes.pop("sign", None)
    return asked(ApprovalRequest(**said | changes), sign)  # type: ignore[arg-type]


def answer(
    asked_for: ApprovalRequest, name: str, kind: AnswerKind = AnswerKind.APPROVE, *, key: str | None = None, **changes: object
) -> ApprovalAnswer:
    said: dict[str, object] = {
        "request_id": asked_for.request_id,
        "kind": kind,
        "approver": name,
        "reason": "as tested" if kind is AnswerKind.REJECT else "",
        "answered_at": T0 + timedelta(minutes=5),
        "head_seq": 0,
        "head_hash": GENESIS,
    }
    return answered(asked_for, ApprovalAnswer(**said | changes), signer(key or name))  # type: ignore[arg-type]

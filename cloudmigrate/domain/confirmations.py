"""Confirmations: a person says, and signs, that a step by hand is done, or that it was taken back."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from cloudmigrate.domain.approvals import LONGEST_TEXT, Signer, keys_of
from cloudmigrate.domain.people import Person
from cloudmigrate.domain.public_keys import is_signed
from cloudmigrate.domain.steps import Step, steps_hash

_SHA256 = re.compile(r"[0-9a-f]{64}")


class ConfirmationError(ValueError):
    """A confirmation that says nothing that could be signed, or kept as it was signed."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """One person's word on one step by hand, as it was compiled: another text of the step would need another word."""

    estate: str
    plan_id: str
    plan_hash: str
    wave: int
    step_id: str
    step_hash: str
    is_done: bool  # False: it was taken back at the cloud, and counts as done no more
    person: str
    note: str
    said_at: datetime
    signature: str = ""  # base64, over all of the above


def text_of(confirmation: Confirmation) -> bytes:
    """What a person signs, canonically."""
    told: dict[str, Any] = {
        "purpose": "cloudmigrate.step.confirmation",
        "version": 1,
        "estate": confirmation.estate,
        "plan_id": confirmation.plan_id,
        "plan_hash": confirmation.plan_hash,
        "wave": confirmation.wave,
        "step_id": confirmation.step_id,
        "step_hash": confirmation.step_hash,
        "is_done": confirmation.is_done,
        "person": confirmation.person,
        "note": confirmation.note,
        "said_at": confirmation.said_at.astimezone(UTC).isoformat(),
    }
    return json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def signed(confirmation: Confirmation, sign: Signer) -> Confirmation:
    """The confirmation with its signature. Raises ConfirmationError."""
    check(confirmation)
    return replace(confirmation, signature=sign(text_of(confirmation)))


def check(confirmation: Confirmation) -> None:
    """Nothing, if it can be signed, and kept as it was signed. Raises ConfirmationError."""
    for name in ("estate", "plan_id", "step_id", "person"):
        if not getattr(confirmation, name).strip():
            raise ConfirmationError(f"{name} is missing")
    for name in ("plan_hash", "step_hash"):
        if not _SHA256.fullmatch(getattr(confirmation, name)):
            raise ConfirmationError(f"{name} is no SHA-256: {getattr(confirmation, name)[:80]!r}")
    note = confirmation.note
    if len(note) > LONGEST_TEXT or any(not (character.isprintable() or character == "\n") for character in note):
        raise ConfirmationError(f"the note is longer than {LONGEST_TEXT} characters or holds control characters")


def fault_of(confirmation: Confirmation, people: Iterable[Person]) -> str | None:
    """Why it proves nothing; None for one that was signed by the key of a person of the estate file, over what is kept."""
    keys = keys_of(people, confirmation.person)
    if not keys:
        return f"{confirmation.person} is not among the people of the estate file"
    if not any(is_signed(key, text_of(confirmation), confirmation.signature) for key in keys):
        return f"its signature is not by the key of {confirmation.person} in the estate file over what is kept"
    return None


def hash_of(step: Step) -> str:
    """SHA-256, hexadecimal, of one step."""
    return steps_hash([step])


def confirmed(
    confirmations: Iterable[Confirmation], steps: Iterable[Step], people: Iterable[Person], *, plan_hash: str
) -> Mapping[str, Confirmation]:
    """step -> the word by which it counts as done: the newest proven one on exactly this step of this plan says so.

    *confirmations* are those of one wave, oldest first.
    """
    known, hashes = tuple(people), {one.step_id: hash_of(one) for one in steps}
    newest: dict[str, Confirmation] = {}
    for one in confirmations:
        if one.plan_hash == plan_hash and hashes.get(one.step_id) == one.step_hash and fault_of(one, known) is None:
            newest[one.step_id] = one
    return {step_id: one for step_id, one in newest.items() if one.is_done}

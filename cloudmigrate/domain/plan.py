"""The plan: one immutable document that says what moves when, addressed by what it says.

Its ``schema_version`` is 2. A document of version 1 has groups, waves and unplanned resources only: no wave within a group, no dates,
crossings, cuts or reasons. ``upgraded`` gives it the sections that it lacks, empty, for readers; its hash stays that of version 1.
One of version 2 from before plans retired anything has neither ``retires`` of a group nor ``retired`` of the constraints: nothing is.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from cloudmigrate.domain.move_groups import MoveGroup, Unplanned
from cloudmigrate.domain.wave_policy import WavePolicy

SCHEMA_VERSION = 2
# What names a plan or says when it was drafted is no part of what the plan says.
_NOT_HASHED = frozenset({"plan_id", "created_at", "content_hash"})


@dataclass(frozen=True, slots=True)
class Plan:
    """Move groups, their waves, and every resource without one; ``plan_id`` holds the time of drafting and the content's hash."""

    plan_id: str
    snapshot_id: str
    created_at: datetime
    content_hash: str  # SHA-256, hexadecimal
    policy: WavePolicy
    groups: tuple[MoveGroup, ...]
    waves: tuple[int, ...]  # the wave of each group
    unplanned: tuple[Unplanned, ...]
    content: Mapping[str, Any] = field(repr=False)  # the document's sections, as JSON values

    def to_document(self) -> dict[str, Any]:
        """The plan as JSON values; ``verify_document`` holds for it, also after a way through JSON text."""
        name = {"plan_id": self.plan_id, "created_at": _instant(self.created_at), "content_hash": self.content_hash}
        return {**self.content, **name}

    def wave_rows(self) -> Iterator[dict[str, object]]:
        """Rows of the dataset ``waves``: one per resource that moves or is retired, in the order of cutover."""
        for _, number in sorted((wave, number) for number, wave in enumerate(self.waves)):
            group = self.groups[number]
            for uid in group.members:
                yield {"plan_id": self.plan_id, "uid": uid, "move_group": group.id, "wave": self.waves[number], "retires": group.retires}

    def unplanned_rows(self) -> Iterator[dict[str, object]]:
        """Rows of the dataset ``unplanned``: one per resource without a wave."""
        for entry in self.unplanned:
            yield {"plan_id": self.plan_id, "uid": entry.uid, "reason": entry.reason}

    @property
    def wave_count(self) -> int:
        """How many waves there are."""
        return max(self.waves, default=0)


def named_plan(
    sections: Mapping[str, Any],
    *,
    snapshot_id: str,
    created_at: datetime,
    policy: WavePolicy,
    groups: tuple[MoveGroup, ...],
    waves: tuple[int, ...],
    unplanned: tuple[Unplanned, ...],
) -> Plan:
    """The plan that says *sections*, named by their hash. Raises ValueError on a naive *created_at*."""
    if created_at.tzinfo is None:
        raise ValueError("created_at must be aware; give it in UTC")
    head = {"schema_version": SCHEMA_VERSION, "snapshot_id": snapshot_id, "policy": policy.model_dump(mode="json")}
    content = {**head, **sections}
    digest = content_hash(content)
    created = created_at.astimezone(UTC)
    return Plan(_plan_id(created, digest), snapshot_id, created, digest, policy, groups, waves, unplanned, content)


def content_hash(document: Mapping[str, Any]) -> str:
    """The SHA-256 of what a plan document says: canonical JSON (sorted keys, no spaces, ASCII) without its name, time and hash."""
    content = {key: value for key, value in document.items() if key not in _NOT_HASHED}
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def verify_document(document: Mapping[str, Any]) -> bool:
    """Whether the document says what it said when it was drafted: its hash and its name agree with its content."""
    try:
        digest = content_hash(document)
        name = _plan_id(datetime.fromisoformat(document["created_at"]), digest)
    except (KeyError, RecursionError, TypeError, ValueError):
        return False
    return document.get("content_hash") == digest and document.get("plan_id") == name


def upgraded(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with every section and field of this version; what an older one does not say is empty or None."""
    if document.get("schema_version") == SCHEMA_VERSION:
        return _retiring(document)
    wave_of = {group: wave["wave"] for wave in document["waves"] for group in wave["groups"]}
    unknown_group = dict.fromkeys(("label", "risk_level", "environment", "shared_service", "servers", "effort_hours"))
    unknown_wave = dict.fromkeys(("servers", "effort_hours", "starts_on", "ends_on", "cross_wave_bytes_per_day"))
    groups = [
        {
            **unknown_group,
            "workloads": [],
            "reasons": [],
            "resources": len(group["members"]),
            "wave": wave_of.get(group["id"]),
            "retires": False,
            **group,
        }
        for group in document["groups"]
    ]
    waves = [{**unknown_wave, "pilot": False, "reasons": [wave["reason"]], "risk_levels": {}, **wave} for wave in document["waves"]]
    empty = {
        "constraints": {"pins": [], "excluded": [], "retired": []},
        "crossings": [],
        "cuts": [],
        "held_out": [],
        "score": {},
        "notes": [],
        "evidence": {},
    }
    return {**empty, **document, "groups": groups, "waves": waves}


def _retiring(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document of this version, which says what it retires: nothing, where it is from before plans did."""
    constraints = document.get("constraints")
    if not isinstance(constraints, Mapping) or "retired" in constraints or not isinstance(document.get("groups"), list):
        return dict(document)
    groups = [{"retires": False, **group} if isinstance(group, Mapping) else group for group in document["groups"]]
    return {**document, "constraints": {**constraints, "retired": []}, "groups": groups}


def day_of(text: str | None) -> date | None:
    """A day as documents of plans have it; None where they have none."""
    return date.fromisoformat(text) if text else None


def _instant(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _plan_id(created_at: datetime, digest: str) -> str:
    return f"plan-{created_at:%Y%m%dT%H%M%SZ}-{digest[:8]}"

"""The plan: one immutable document that says what moves when, addressed by what it says."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from cloudmigrate.domain.move_groups import MoveGroup, PlanItem, Unplanned
from cloudmigrate.domain.resources import Relation, RelationRole
from cloudmigrate.domain.waves import Wave, plan_waves

SCHEMA_VERSION = 1
# What names a plan or says when it was drafted is no part of what the plan says.
_NOT_HASHED = frozenset({"plan_id", "created_at", "content_hash"})


class WavePolicy(BaseModel):
    """How large a wave may be."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    max_resources_per_wave: Annotated[
        int | None, Field(ge=1, description="Resources one wave may hold; empty: a wave is a whole layer of the dependency graph.")
    ] = 50


@dataclass(frozen=True, slots=True)
class Plan:
    """Move groups, their waves, and every resource without one; ``plan_id`` holds the time of drafting and the content's hash."""

    plan_id: str
    snapshot_id: str
    created_at: datetime
    content_hash: str  # SHA-256, hexadecimal
    policy: WavePolicy
    groups: tuple[MoveGroup, ...]
    waves: tuple[Wave, ...]
    unplanned: tuple[Unplanned, ...]

    def to_document(self) -> dict[str, Any]:
        """The plan as JSON values; ``verify_document`` holds for it, also after a way through JSON text."""
        return {
            **_content(self.snapshot_id, self.policy, self.groups, self.waves, self.unplanned),
            "plan_id": self.plan_id,
            "created_at": _instant(self.created_at),
            "content_hash": self.content_hash,
        }

    def wave_rows(self) -> Iterator[dict[str, object]]:
        """Rows of the dataset ``waves``: one per resource that moves, in the order of cutover."""
        members = {group.id: group.members for group in self.groups}
        for wave in self.waves:
            for group in wave.groups:
                for uid in members[group]:
                    yield {"plan_id": self.plan_id, "uid": uid, "move_group": group, "wave": wave.wave}

    def unplanned_rows(self) -> Iterator[dict[str, object]]:
        """Rows of the dataset ``unplanned``: one per resource without a wave."""
        for entry in self.unplanned:
            yield {"plan_id": self.plan_id, "uid": entry.uid, "reason": entry.reason}


def draft_plan(
    items: Iterable[PlanItem],
    relations: Iterable[Relation],
    roles: Mapping[str, RelationRole],
    *,
    policy: WavePolicy,
    snapshot_id: str,
    created_at: datetime,
) -> Plan:
    """The plan for one snapshot's resources. The same input gives the same content hash at any time.

    Raises ValueError on a naive *created_at* or a uid given twice.
    """
    if created_at.tzinfo is None:
        raise ValueError("created_at must be aware; give it in UTC")
    planned = plan_waves(items, relations, roles, max_resources_per_wave=policy.max_resources_per_wave)
    digest = content_hash(_content(snapshot_id, policy, planned.groups, planned.waves, planned.unplanned))
    created = created_at.astimezone(UTC)
    return Plan(_plan_id(created, digest), snapshot_id, created, digest, policy, planned.groups, planned.waves, planned.unplanned)


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
    except (KeyError, TypeError, ValueError):
        return False
    return document.get("content_hash") == digest and document.get("plan_id") == name


def _content(
    snapshot_id: str,
    policy: WavePolicy,
    groups: Iterable[MoveGroup],
    waves: Iterable[Wave],
    unplanned: Iterable[Unplanned],
) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "snapshot_id": snapshot_id,
        "policy": policy.model_dump(mode="json"),
        "groups": [_json_record(group) for group in groups],
        "waves": [_json_record(wave) for wave in waves],
        "unplanned": [_json_record(entry) for entry in unplanned],
    }


def _json_record(record: MoveGroup | Wave | Unplanned) -> dict[str, Any]:
    return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(record).items()}


def _instant(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _plan_id(created_at: datetime, digest: str) -> str:
    return f"plan-{created_at:%Y%m%dT%H%M%SZ}-{digest[:8]}"

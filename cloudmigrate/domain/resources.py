"""What discovery finds: resources, how they refer to one another, and what could not be seen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class CoverageStatus(StrEnum):
    """What became of looking at one resource type in one account and region."""

    OK = "ok"
    EMPTY = "empty"
    PARTIAL = "partial"  # listed, but some details were refused
    DENIED = "denied"
    THROTTLED = "throttled"
    FAILED = "failed"
    NOT_ATTEMPTED = "not_attempted"

    @property
    def is_gap(self) -> bool:
        """Whether something may exist that was not seen."""
        return self not in (CoverageStatus.OK, CoverageStatus.EMPTY)


@dataclass(frozen=True, slots=True)
class Resource:
    """One thing in a cloud; grain: one per uid."""

    uid: str
    provider: str
    account_id: str
    region: str  # "global" for global services
    type: str  # the CloudFormation type
    name: str
    state: str
    tags: Mapping[str, str]
    spec: Mapping[str, Any]  # JSON-serialisable; secrets never in it
    stateful: bool
    storage_bytes: int | None = None
    private_ips: tuple[str, ...] = ()
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """What became of one (account, region, type); never absent, so nothing unseen is shown as empty."""

    account_id: str
    region: str
    service: str
    type: str
    status: CoverageStatus
    error_code: str | None = None
    missing_action: str | None = None  # the IAM action to grant, such as "rds:DescribeDBInstances"
    detail: str | None = None
    resources: int = 0


class RelationRole(StrEnum):
    """What a relation means for planning."""

    NEEDS = "needs"  # the source does not work without the target
    PART = "part"  # the two move as one (an instance and its attached volume)
    SETTING = "setting"  # where or under which rules the source runs (subnet, security group, role)


@dataclass(frozen=True, slots=True)
class Relation:
    """A statement of configuration: *source_uid* needs *target_uid*; grain: one per (source, target, kind)."""

    source_uid: str
    target_uid: str
    kind: str


@dataclass(frozen=True, slots=True)
class Discovered:
    """What one (account, region) gave."""

    resources: tuple[Resource, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    calls: int = field(default=0, compare=False)

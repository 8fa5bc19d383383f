"""Everything that the dependency graph shows, as frozen records. Units are in the names; instants are aware UTC."""

from dataclasses import dataclass
from datetime import datetime

from reports.readiness.dependency_view import EdgeRow, SharedRow

__all__ = ["EdgeRow", "GraphView", "GroupRow", "NodeRow", "SharedRow", "WaveRow"]


@dataclass(frozen=True, slots=True)
class NodeRow:
    """One resource of the inventory that moves, or that an edge ends at."""

    uid: str
    name: str
    type: str
    account_id: str
    region: str
    workload: str | None = None
    move_group: str | None = None
    wave: int | None = None
    stays_reason: str | None = None  # why it has no wave
    risk_level: str | None = None  # low, medium, high, critical
    risk_points: float | None = None  # what is known
    risk_upper_points: float | None = None  # with every factor that was not measured at its maximum
    storage_bytes: int | None = None
    folded_into: str | None = None  # plumbing: the resource that it is folded into; not drawn


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One move group of the plan."""

    id: str
    wave: int
    label: str | None = None  # such as its workload; without one its members' names stand for it
    cyclic: bool = False
    reasons: tuple[str, ...] = ()  # why it is in its wave


@dataclass(frozen=True, slots=True)
class WaveRow:
    """One wave of the plan; *when* is its date as words, where the plan has a calendar."""

    wave: int
    when: str | None = None


@dataclass(frozen=True, slots=True)
class GraphView:
    """The whole graph."""

    title: str
    snapshot_id: str
    snapshot_at: datetime
    plan_id: str | None
    nodes: tuple[NodeRow, ...]
    edges: tuple[EdgeRow, ...]
    groups: tuple[GroupRow, ...] = ()
    waves: tuple[WaveRow, ...] = ()
    shared: tuple[SharedRow, ...] = ()
    traffic_from_at: datetime | None = None  # the window of flow logs that the edges come from
    traffic_to_at: datetime | None = None
    notes: tuple[str, ...] = ()  # what was not measured, in sentences
    left_out_nodes: int = 0  # by `reports.graph.limit`
    left_out_edges: int = 0

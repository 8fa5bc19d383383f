"""What an export says of each node and edge: one table of columns for all formats."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

from reports.graph.ends import outside_nodes
from reports.graph.view import EdgeRow, GraphView, NodeRow

Value = str | int | float | bool | None
_Row = TypeVar("_Row")


@dataclass(frozen=True, slots=True)
class Column(Generic[_Row]):
    """One attribute: *kind* is GraphML's word for its type."""

    name: str
    kind: str  # string, long, double, boolean
    value: Callable[[_Row], Value]


def instant(at: datetime | None) -> str | None:
    """ISO 8601 in UTC with a Z."""
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")


NODE_COLUMNS: tuple[Column[NodeRow], ...] = (
    Column("name", "string", lambda row: row.name),
    Column("type", "string", lambda row: row.type),
    Column("account_id", "string", lambda row: row.account_id or None),
    Column("region", "string", lambda row: row.region or None),
    Column("workload", "string", lambda row: row.workload),
    Column("move_group", "string", lambda row: row.move_group),
    Column("wave", "long", lambda row: row.wave),
    Column("stays_reason", "string", lambda row: row.stays_reason),
    Column("risk_level", "string", lambda row: row.risk_level),
    Column("risk_points", "double", lambda row: row.risk_points),
    Column("risk_upper_points", "double", lambda row: row.risk_upper_points),
    Column("storage_bytes", "long", lambda row: row.storage_bytes),
    Column("folded_into", "string", lambda row: row.folded_into),
)
EDGE_COLUMNS: tuple[Column[EdgeRow], ...] = (
    Column("kind", "string", lambda row: row.kind),
    Column("protocol", "long", lambda row: row.protocol),
    Column("port", "long", lambda row: row.port),
    Column("bytes", "long", lambda row: row.bytes),
    Column("packets", "long", lambda row: row.packets),
    Column("flows", "long", lambda row: row.flows),
    Column("confidence", "double", lambda row: row.confidence),
    Column("observed", "boolean", lambda row: row.observed),
    Column("configured", "boolean", lambda row: row.configured),
    Column("allowed", "boolean", lambda row: row.allowed),
    Column("first_seen", "string", lambda row: instant(row.first_seen)),
    Column("last_seen", "string", lambda row: instant(row.last_seen)),
    Column("resolution", "string", lambda row: row.resolution),
    Column("direction", "string", lambda row: row.direction),
    Column("periodicity", "string", lambda row: row.periodicity),
    Column("days_seen", "long", lambda row: row.days_seen),
    Column("days_logged", "long", lambda row: row.days_logged),
    Column("statements", "string", lambda row: " ".join(row.statements) or None),
    Column("via", "string", lambda row: " ".join(row.via) or None),
)


def exported_nodes(view: GraphView) -> tuple[NodeRow, ...]:
    """Every resource by uid, plumbing too, then the ends of edges that are none."""
    return (*sorted(view.nodes, key=lambda row: row.uid), *outside_nodes(view))


def exported_edges(view: GraphView) -> tuple[EdgeRow, ...]:
    """Every dependency by its ends, protocol and port."""
    return tuple(sorted(view.edges, key=_by_ends))


def _by_ends(row: EdgeRow) -> tuple[object, ...]:
    return (row.source_uid, row.target_uid, -1 if row.protocol is None else row.protocol, -1 if row.port is None else row.port)

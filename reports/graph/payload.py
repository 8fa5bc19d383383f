"""The graph's data for the browser: columns of small integers, repeated words as numbers; reports.readiness.payload escapes it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from cloudmigrate.domain.naming import short_type
from reports.graph import words
from reports.graph.arrange import Arranged, ShownGroup, column_label
from reports.graph.view import EdgeRow, GraphView, NodeRow, SharedRow
from reports.readiness import ports
from reports.readiness.text import visible

_MINUTE = 60


class _Words:
    """Distinct texts in the order of their first use, each known by its number; made visible on the way in."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def column(self, texts: Iterable[str | None]) -> list[int]:
        """The number of each text, -1 for None."""
        return [-1 if text is None else self._numbers.setdefault(visible(text), len(self._numbers)) for text in texts]

    def lists(self, rows: Iterable[Sequence[str]]) -> list[int]:
        """The number of each list, written as lines; -1 for an empty one."""
        return [self._numbers.setdefault("\n".join(map(visible, row)), len(self._numbers)) if row else -1 for row in rows]

    def all(self) -> list[str]:
        """Every text by its number."""
        return list(self._numbers)


def payload(view: GraphView, arranged: Arranged) -> dict[str, Any]:
    """The whole graph: nodes (``n``), groups (``g``), edges (``e``), columns of the drawing (``c``), and the words they count into.

    Times are minutes since ``since``; shares are per cent; places are whole units of the drawing; -1 stands for none.
    """
    texts = _Words()
    protocols = {edge.protocol for edge in arranged.edges if edge.protocol is not None}
    used = sorted({edge.port or 0 for edge in arranged.edges})
    since = min((edge.first_seen for edge in arranged.edges if edge.first_seen), default=view.snapshot_at)
    data = {
        "snapshot": visible(view.snapshot_id),
        "planned": any(group.wave for group in arranged.groups),
        "since": int(since.timestamp()) // _MINUTE,
        "n": _nodes(arranged, texts, {row.uid: row for row in view.shared}),
        "g": _groups(arranged, texts),
        "e": _edges(arranged, texts, since),
        "c": _columns(view, arranged, texts),
        "size": [round(arranged.layout.width), round(arranged.layout.height)],
        "protocols": {str(number): ports.protocol(number) for number in sorted(protocols)},
        "services": {str(port): ports.service(port) for port in used if ports.service(port)},
        "explain": {"direction": words.DIRECTIONS, "resolution": words.RESOLUTIONS, "periodicity": words.PERIODICITIES},
    }
    return data | {"words": texts.all()}


def _nodes(arranged: Arranged, texts: _Words, shared: dict[str, SharedRow]) -> dict[str, list[Any]]:
    rows = arranged.nodes
    prefixes = [_prefix(row) for row in rows]
    services = [shared.get(row.uid) for row in rows]
    return {
        "prefix": texts.column(prefixes),
        "rest": [visible(row.uid.removeprefix(prefix)) for row, prefix in zip(rows, prefixes, strict=True)],
        "name": [visible(row.name or row.uid) for row in rows],
        "type": texts.column(short_type(row.type) for row in rows),
        "account": texts.column(row.account_id or None for row in rows),
        "region": texts.column(row.region or None for row in rows),
        "workload": texts.column(row.workload for row in rows),
        "group": list(arranged.group_of),
        "wave": [row.wave or 0 for row in rows],
        "stays": texts.column(row.stays_reason for row in rows),
        "risk": texts.column(row.risk_level for row in rows),
        "points": [_short(row.risk_points) for row in rows],
        "upper": [_short(row.risk_upper_points) for row in rows],
        "bytes": [-1 if row.storage_bytes is None else row.storage_bytes for row in rows],
        "shared": texts.column(row.service.replace("_", " ") if row else None for row in services),
        "held": [int(bool(row and row.held_out)) for row in services],
        "why": texts.column(row.reason if row else None for row in services),
        "x": [round(x) for x, _ in arranged.layout.nodes],
        "y": [round(y) for _, y in arranged.layout.nodes],
    }


def _prefix(row: NodeRow) -> str:
    """The part of an ARN that many share: all before its resource part."""
    parts = row.uid.split(":", 5)
    return ":".join(parts[:5]) + ":" if row.uid.startswith("arn:") and len(parts) == 6 and len(row.uid) <= 200 else ""


def _groups(arranged: Arranged, texts: _Words) -> dict[str, list[Any]]:
    groups: Sequence[ShownGroup] = arranged.groups
    places = arranged.layout.groups
    return {
        "id": [visible(group.id) for group in groups],
        "label": [visible(group.label, at_most=120) for group in groups],
        "kind": texts.column(group.kind for group in groups),
        "wave": [group.wave or 0 for group in groups],
        "cyclic": [int(group.cyclic) for group in groups],
        "reasons": texts.lists(group.reasons for group in groups),
        "x": [round(place.x) for place in places],
        "y": [round(place.y) for place in places],
        "r": [round(place.radius, 1) for place in places],
        "row": [place.row for place in places],
        "lane": [place.lane for place in places],
        "slot": [round(place.slot_height, 1) for place in places],
        "width": [round(place.open_width) for place in places],
        "height": [round(place.open_height) for place in places],
    }


def _edges(arranged: Arranged, texts: _Words, since: datetime) -> dict[str, list[Any]]:
    rows: Sequence[EdgeRow] = arranged.edges
    return {
        "from": [source for source, _ in arranged.ends],
        "to": [target for _, target in arranged.ends],
        "kind": texts.column(row.kind for row in rows),
        "protocol": [-1 if row.protocol is None else row.protocol for row in rows],
        "port": [-1 if row.port is None else row.port for row in rows],
        "bytes": [row.bytes for row in rows],
        "packets": [row.packets for row in rows],
        "flows": [row.flows for row in rows],
        "confidence": [round(row.confidence * 100) for row in rows],
        "allowed": [-1 if row.allowed is None else int(row.allowed) for row in rows],
        "seen": [int(row.observed) + 2 * int(row.configured) for row in rows],
        "first": [_minutes(row.first_seen, since) for row in rows],
        "last": [_minutes(row.last_seen, since) for row in rows],
        "resolution": texts.column(row.resolution for row in rows),
        "direction": texts.column(row.direction for row in rows),
        "periodicity": texts.column(row.periodicity for row in rows),
        "days": [-1 if row.days_seen is None else row.days_seen for row in rows],
        "logged": [-1 if row.days_logged is None else row.days_logged for row in rows],
        "statements": texts.lists(row.statements for row in rows),
        "via": texts.lists(row.via for row in rows),
    }


def _columns(view: GraphView, arranged: Arranged, texts: _Words) -> dict[str, list[Any]]:
    spans = arranged.layout.columns
    planned = any(group.wave for group in arranged.groups)
    when = {row.wave: row.when for row in view.waves}
    return {
        "label": texts.column(column_label(span.column, planned=planned) for span in spans),
        "when": texts.column(when.get(span.column) if planned else None for span in spans),
        "row": [span.row for span in spans],
        "x": [round(span.left) for span in spans],
        "width": [round(span.width) for span in spans],
        "y": [round(span.top) for span in spans],
        "height": [round(span.height) for span in spans],
        "lane": _first_lanes(arranged),
    }


def _first_lanes(arranged: Arranged) -> list[int]:
    """The first lane of each column, in the order in which the layout names the columns."""
    first: dict[int, int] = {}
    for column, place in zip(arranged.columns, arranged.layout.groups, strict=True):
        first[column] = min(first.get(column, place.lane), place.lane)
    return [first[span.column] for span in arranged.layout.columns]


def _minutes(at: datetime | None, since: datetime) -> int:
    return -1 if at is None else int(at.timestamp()) // _MINUTE - int(since.timestamp()) // _MINUTE


def _short(points: float | None) -> float | int:
    """Points with one decimal at most; -1 for none."""
    if points is None:
        return -1
    cut = round(points, 1)
    return int(cut) if cut == int(cut) else cut

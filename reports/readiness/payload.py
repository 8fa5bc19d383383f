"""The tables' data for the browser: columns instead of rows, repeated words as numbers, safe inside a script element."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from cloudmigrate.domain.naming import short_type
from reports.readiness.charts import week_levels
from reports.readiness.coverage import SEEN_STATUSES
from reports.readiness.dependency_page import peer_name, sources_label
from reports.readiness.plan_page import group_names
from reports.readiness.ports import port_text
from reports.readiness.text import visible
from reports.readiness.use_payload import use_payload
from reports.readiness.view import CoverageRow, ReadinessView, UsageRow
from reports.readiness.word_list import WordList, short_number
from reports.readiness.words import day

_TAGS_AT_MOST = 20
# "<" alone would do for </script> and <!--; the rest keeps the text harmless wherever it is pasted.
_ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&'\u2028\u2029"}


def embed(data: Any) -> str:
    """*data* as JSON that no HTML parser and no script can read as markup."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False).translate(_ESCAPES)


def payload(view: ReadinessView) -> dict[str, Any]:
    """Columns for the browser: resources (``res``), measurements (``use``), weeks (``week``), relations (``rel``), look-ups (``cov``).

    Every other column counts into a list of words, or into ``res`` by position. Percentiles and means are cut to 4 significant digits.
    """
    accounts, regions, types, states, reasons, groups = (WordList() for _ in range(6))
    index = {row.uid: number for number, row in enumerate(view.resources)}
    rows = view.resources
    resources = {
        "uid": [visible(row.uid) for row in rows],
        "name": [visible(row.name) for row in rows],
        "account": [accounts.number(visible(row.account_id)) for row in rows],
        "region": [regions.number(visible(row.region)) for row in rows],
        "type": [types.number(row.type) for row in rows],
        "state": [states.number(visible(row.state, at_most=40)) for row in rows],
        "stateful": [int(row.stateful) for row in rows],
        "bytes": [row.storage_bytes for row in rows],
        "wave": [row.wave or 0 for row in rows],
        "group": [groups.number(visible(row.move_group)) if row.move_group else -1 for row in rows],
        "reason": [reasons.number(visible(row.no_wave_reason)) if row.no_wave_reason else -1 for row in rows],
        "tags": [_tags(row.tags) for row in rows],
    }
    metrics, kinds = WordList(), WordList()
    return {
        "snapshot": view.snapshot_id,
        "accounts": accounts.words,
        "regions": regions.words,
        "types": [[visible(word), visible(short_type(word))] for word in types.words],
        "states": states.words,
        "reasons": reasons.words,
        "groups": groups.words,
        "res": resources,
        "use": _usage(view.usage, index, metrics),
        "week": {
            "res": [index[row.uid] for row in view.profiles if row.uid in index],
            "metric": [visible(row.metric) for row in view.profiles if row.uid in index],
            "levels": [week_levels(row.means, row.unit) for row in view.profiles if row.uid in index],
        },
        "rel": _relations(view, index, kinds),
        "cov": _coverage(view.coverage),
        "work": _workloads(view),
        "need": _needed(view),
        "risk": _risk(view, index),
        **use_payload(view, index),
        "metrics": [list(word) for word in metrics.words],
        "kinds": kinds.words,
    }


def _usage(usage: Sequence[UsageRow], index: dict[str, int], metrics: WordList) -> dict[str, list[Any]]:
    rows = [row for row in usage if row.uid in index]
    columns: dict[str, list[Any]] = {
        "res": [index[row.uid] for row in rows],
        "metric": [metrics.number((visible(row.metric), visible(row.stat), visible(row.unit))) for row in rows],
        "samples": [row.samples for row in rows],
        "peak": [row.peak_hour_of_week for row in rows],
    }
    for name in ("coverage_share", "mean", "p50", "p95", "p99", "p995", "max", "idle_share", "peak_hour_mean"):
        columns[name] = [short_number(getattr(row, name)) for row in rows]
    return columns


def _relations(view: ReadinessView, index: dict[str, int], kinds: WordList) -> dict[str, list[Any]]:
    """Both ends as positions in ``res``; an end that was not found is its text."""
    return {
        "from": [index.get(row.source_uid, visible(row.source_uid)) for row in view.relations],
        "to": [index.get(row.target_uid, visible(row.target_uid)) for row in view.relations],
        "kind": [kinds.number(visible(row.kind)) for row in view.relations],
    }


def _coverage(rows: Sequence[CoverageRow]) -> dict[str, list[Any]]:
    """Look-ups with words of their own (``words``), those with a gap first."""
    words = WordList()
    ordered = sorted(rows, key=lambda row: row.status in SEEN_STATUSES)
    columns: dict[str, list[Any]] = {"resources": [row.resources for row in ordered]}
    for name in ("account_id", "region", "service", "type", "status", "error_code", "missing_action", "detail"):
        columns[name] = [words.number(visible(getattr(row, name) or "")) for row in ordered]
    return columns | {"words": words.words}


def _workloads(view: ReadinessView) -> dict[str, list[Any]]:
    """Workloads, the largest first; levels and sources count into ``words``."""
    words, rows = WordList(), view.workloads or ()
    return {
        "workload": [visible(row.workload) for row in rows],
        "resources": [row.resources for row in rows],
        "waves": [", ".join(map(str, row.waves)) for row in rows],
        "risk": [words.number(row.level or "") for row in rows],
        "confidence": [short_number(row.confidence) for row in rows],
        "source": [words.number(visible(sources_label(row))) for row in rows],
        "reason": [visible("; ".join(row.reasons)) for row in rows],
        "words": words.words,
    }


def _needed(view: ReadinessView) -> dict[str, list[Any]]:
    """Rules that move groups need; all but numbers count into ``words``."""
    words, rows = WordList(), view.needed_rules or ()
    resources = {row.uid: row.name for row in view.resources}
    groups = group_names(view.plan.groups, resources) if view.plan else {}
    return {
        "group": [words.number(visible(row.move_group)) for row in rows],
        "label": [words.number(visible(groups.get(row.move_group, row.move_group))) for row in rows],
        "direction": [words.number(visible(row.direction)) for row in rows],
        "port": [words.number(port_text(row.protocol, row.port)) for row in rows],
        "kind": [words.number(visible(row.peer_kind)) for row in rows],
        "peer": [words.number(visible(row.peer)) for row in rows],
        "peerLabel": [words.number(visible(peer_name(row, groups, resources))) for row in rows],
        "edges": [row.edges for row in rows],
        "bytes": [row.bytes for row in rows],
        "confidence": [short_number(row.confidence) for row in rows],
        "last": [words.number(day(row.last_seen) if row.last_seen else "") for row in rows],
        "words": words.words,
    }


def _risk(view: ReadinessView, index: dict[str, int]) -> dict[str, Any]:
    """Risk by resource, and for each factor a column of points, of the upper end where that differs, and of numbers; null for none."""
    rows = [row for row in view.risks or () if row.uid in index]
    place = {row.uid: at for at, row in enumerate(rows)}
    factors: dict[str, dict[str, Any]] = {}
    for row in view.risk_factors:
        if row.uid in place:
            column = factors.get(name := visible(row.factor))
            if column is None:
                columns: dict[str, list[Any]] = {key: [None] * len(rows) for key in ("points", "upper", "number")}
                column = factors[name] = {"unit": visible(row.unit or ""), **columns}
            at = place[row.uid]
            column["points"][at] = short_number(row.points)
            column["upper"][at] = short_number(row.upper_points) if row.upper_points > row.points else None
            column["number"][at] = short_number(row.number)
    return {
        "res": [index[row.uid] for row in rows],
        "level": [visible(row.level) for row in rows],
        "points": [short_number(row.points) for row in rows],
        "upper": [short_number(row.upper_points) for row in rows],
        "factors": factors,
    }


def _tags(tags: Iterable[tuple[str, str]]) -> str:
    pairs = [f"{visible(key, at_most=128)}={visible(value)}" for key, value in tags]
    more = [f"and {len(pairs) - _TAGS_AT_MOST} more"] if len(pairs) > _TAGS_AT_MOST else []
    return "\n".join(pairs[:_TAGS_AT_MOST] + more)

"""The tables' data for the browser: columns instead of rows, repeated words as numbers, safe inside a script element."""

import json
import math
from collections.abc import Iterable, Sequence
from typing import Any

from reports.readiness.charts import week_levels
from reports.readiness.coverage import SEEN_STATUSES
from reports.readiness.text import visible
from reports.readiness.view import CoverageRow, ReadinessView, UsageRow
from reports.readiness.words import short_type

_TAGS_AT_MOST = 20
# "<" alone would do for </script> and <!--; the rest keeps the text harmless wherever it is pasted.
_ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&'\u2028\u2029"}


def embed(data: Any) -> str:
    """*data* as JSON that no HTML parser and no script can read as markup."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False).translate(_ESCAPES)


class _Words:
    """Distinct words in the order of their first use, each known by its number."""

    def __init__(self) -> None:
        self.words: list[Any] = []
        self._numbers: dict[Any, int] = {}

    def number(self, word: Any) -> int:
        """The number of *word*."""
        if word not in self._numbers:
            self._numbers[word] = len(self.words)
            self.words.append(word)
        return self._numbers[word]


def payload(view: ReadinessView) -> dict[str, Any]:
    """Columns for the browser: resources (``res``), measurements (``use``), weeks (``week``), relations (``rel``), look-ups (``cov``).

    Every other column counts into a list of words, or into ``res`` by position. Percentiles and means are cut to 4 significant digits.
    """
    accounts, regions, types, states, reasons, groups = (_Words() for _ in range(6))
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
    metrics, kinds = _Words(), _Words()
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
        "metrics": [list(word) for word in metrics.words],
        "kinds": kinds.words,
    }


def short_number(value: float | None) -> float | int | None:
    """*value* with 4 significant digits, as an integer where it is one; None for none and not-a-number."""
    if value is None or not math.isfinite(value):
        return None
    cut = float(f"{value:.4g}")
    return int(cut) if cut == int(cut) else cut


def _usage(usage: Sequence[UsageRow], index: dict[str, int], metrics: _Words) -> dict[str, list[Any]]:
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


def _relations(view: ReadinessView, index: dict[str, int], kinds: _Words) -> dict[str, list[Any]]:
    """Both ends as positions in ``res``; an end that was not found is its text."""
    return {
        "from": [index.get(row.source_uid, visible(row.source_uid)) for row in view.relations],
        "to": [index.get(row.target_uid, visible(row.target_uid)) for row in view.relations],
        "kind": [kinds.number(visible(row.kind)) for row in view.relations],
    }


def _coverage(rows: Sequence[CoverageRow]) -> dict[str, list[Any]]:
    """Look-ups with words of their own (``words``), those with a gap first."""
    words = _Words()
    ordered = sorted(rows, key=lambda row: row.status in SEEN_STATUSES)
    columns: dict[str, list[Any]] = {"resources": [row.resources for row in ordered]}
    for name in ("account_id", "region", "service", "type", "status", "error_code", "missing_action", "detail"):
        columns[name] = [words.number(visible(getattr(row, name) or "")) for row in ordered]
    return columns | {"words": words.words}


def _tags(tags: Iterable[tuple[str, str]]) -> str:
    pairs = [f"{visible(key, at_most=128)}={visible(value)}" for key, value in tags]
    more = [f"and {len(pairs) - _TAGS_AT_MOST} more"] if len(pairs) > _TAGS_AT_MOST else []
    return "\n".join(pairs[:_TAGS_AT_MOST] + more)

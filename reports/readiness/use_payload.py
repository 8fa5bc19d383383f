"""The browser's columns on use, sizes, money and strategies; ``res`` are positions, repeated texts count into each table's ``words``."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from reports.readiness import cost_page, use_words
from reports.readiness.cost_page import Change
from reports.readiness.text import clipped, visible
from reports.readiness.view import ReadinessView
from reports.readiness.word_list import WordList, short_number

_FEATURES = ("confidence", "level_mean_pct", "high_pct", "peak_pct", "duty_cycle", "autocorrelation_day", "autocorrelation_week", "trend")
_REASON_AT_MOST = 200  # report.json has them whole


def use_payload(view: ReadinessView, index: Mapping[str, int]) -> dict[str, Any]:
    """Patterns (``pat``), sizes (``siz``), costs (``cost``), strategies (``rec``)."""
    return {"pat": _patterns(view, index), "siz": _sizes(view, index), "cost": _costs(view, index), "rec": _strategies(view, index)}


def _patterns(view: ReadinessView, index: Mapping[str, int]) -> dict[str, Any]:
    words, rows = WordList(), [row for row in view.patterns or () if row.uid in index]
    columns: dict[str, Any] = {
        "res": [index[row.uid] for row in rows],
        "pattern": [words.number(use_words.plain(row.pattern)) for row in rows],
        "rule": [words.number(visible(row.rule)) for row in rows],
        "reason": [words.number(clipped(row.reason, _REASON_AT_MOST)) for row in rows],
    }
    for name in _FEATURES:
        columns[name] = [short_number(getattr(row, name)) for row in rows]
    return columns | {"words": words.words}


def _sizes(view: ReadinessView, index: Mapping[str, int]) -> dict[str, Any]:
    words, rows = WordList(), [row for row in view.sizes or () if row.uid in index]
    return {
        "res": [index[row.uid] for row in rows],
        "profile": [words.number(visible(row.profile)) for row in rows],
        "now": [words.number(visible(row.current_type)) for row in rows],
        "to": [words.number(visible(row.target_type or "")) for row in rows],
        "verdict": [words.number(use_words.VERDICTS.get(row.verdict, row.verdict)) for row in rows],
        "risk": [row.risk for row in rows],
        "replay": [words.number(clipped(use_words.replay_sentence(row), _REASON_AT_MOST)) for row in rows],
        "reason": [words.number(clipped(row.reason, _REASON_AT_MOST)) for row in rows],
        "words": words.words,
    }


def _costs(view: ReadinessView, index: Mapping[str, int]) -> dict[str, Any]:
    """What each resource costs now and afterwards, those without a price last."""
    words = WordList()
    page = cost_page.cost_page(view)
    by_uid = {one.row.uid: one for one in page.changes} if page else {}
    rows = [row for row in (view.costs.resources if view.costs else ()) if row.uid in index]
    found = [by_uid.get(row.uid) for row in rows]
    return {
        "res": [index[row.uid] for row in rows],
        "now": [_usd(one.now.monthly_usd) if one else None for one in found],
        "low": [_usd(one.now.low_usd) if one else None for one in found],
        "high": [_usd(one.now.high_usd) if one else None for one in found],
        "after": [_usd(one.after.monthly_usd) if one and one.estimated else None for one in found],
        "strategy": [words.number(_strategy(one)) for one in found],
        "status": [words.number(use_words.plain(row.now.status)) for row in rows],
        "reason": [words.number(clipped(row.now.reason or "", _REASON_AT_MOST)) for row in rows],
        "words": words.words,
    }


def _strategy(one: Change | None) -> str:
    return one.strategy if one else ""


def _strategies(view: ReadinessView, index: Mapping[str, int]) -> dict[str, Any]:
    words = WordList()
    rows = [row for row in (view.strategies.resources if view.strategies else ()) if row.uid in index]
    return {
        "res": [index[row.uid] for row in rows],
        "strategy": [words.number(row.strategy) for row in rows],
        "confidence": [short_number(row.confidence) for row in rows],
        "workload": [words.number(visible(row.workload or "")) for row in rows],
        "reason": [words.number(_joined(row.reasons)) for row in rows],
        "not": [words.number(_joined([f"not {one.strategy}: {one.why_not}" for one in row.alternatives[:1]])) for row in rows],
        "by": [words.number(visible(row.decided_by or "")) for row in rows],
        "words": words.words,
    }


def _joined(texts: Sequence[str]) -> str:
    return clipped("; ".join(texts), _REASON_AT_MOST)


def _usd(amount: Decimal | None) -> float | None:
    """For reading and sorting on the page; report.json has the exact amount."""
    return None if amount is None else round(float(amount), 2)

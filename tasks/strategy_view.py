"""The report's view of what is recommended, read from the lake; None where nothing was."""

from collections.abc import Mapping
from typing import Any

from cloudmigrate.lake.views import Views
from reports.readiness import strategy_view as s
from tasks.evidence_view import is_made

_PARTS = ("completeness", "window", "margin", "calibration")


def strategies(views: Views) -> s.Strategies | None:
    """Every recommendation, those of workloads apart; the surest first."""
    if not is_made(views, "recommendations"):
        return None
    rows = sorted(views.rows("recommendations"), key=lambda row: (-row["confidence"], row["uid"]))
    return s.Strategies(
        resources=tuple(_row(row) for row in rows if row["level"] == "resource"),
        workloads=tuple(_row(row) for row in rows if row["level"] == "workload"),
    )


def _row(row: Mapping[str, Any]) -> s.StrategyRow:
    decided: Mapping[str, Any] = row["override"] or {}
    parts: Mapping[str, Any] = row["confidence_parts"] or {}
    holds = bool(decided.get("by")) and not decided.get("has_expired")
    return s.StrategyRow(
        uid=row["uid"],
        strategy=row["strategy"],
        recommended=row["recommended"],
        rule=row["rule"],
        confidence=row["confidence"],
        reasons=tuple(row["reasons"] or ()),
        workload=row["workload"],
        pattern=row["pattern"],
        runner_up=row["runner_up"],
        effort_hours=row["effort_hours"],
        parts=tuple(s.PartRow(name, parts[name]) for name in _PARTS if parts.get(name) is not None),
        alternatives=tuple(s.AlternativeRow(one["strategy"], one["why_not"]) for one in row["alternatives"] or ()),
        decided_by=decided["by"] if holds else None,
        decided_reason=decided["reason"] if holds else None,
        open_question=row["open_question"],
    )

"""The view as people read it: names by which resources can be told apart, and in reasons names instead of ids."""

import re
from collections.abc import Mapping
from dataclasses import replace

from reports.readiness.dependency_view import WorkloadRow
from reports.readiness.naming import distinct_names
from reports.readiness.strategy_view import Strategies, StrategyRow
from reports.readiness.view import ReadinessView

_ARN = re.compile(r"arn:[^\s,;()]*[^\s,;():.]")


def called_apart(view: ReadinessView) -> ReadinessView:
    """The view with names by which its resources can be told apart, in their rows and in what is said of strategies and risks."""
    names = distinct_names(view.resources)
    rows = tuple(row if row.name == names[row.uid] else replace(row, name=names[row.uid]) for row in view.resources)
    strategies = _strategies(view.strategies, names) if view.strategies else None
    return replace(view, resources=rows, strategies=strategies, workloads=_workloads(view.workloads, names))


def by_name(text: str, names: Mapping[str, str]) -> str:
    """The text with the name of each resource in the place of its ARN; an ARN of something else stays."""
    return _ARN.sub(lambda found: names.get(found[0], found[0]), text)


def _workloads(rows: tuple[WorkloadRow, ...] | None, names: Mapping[str, str]) -> tuple[WorkloadRow, ...] | None:
    if rows is None:
        return None
    return tuple(replace(row, risk_reason=by_name(row.risk_reason, names)) if row.risk_reason else row for row in rows)


def _strategies(found: Strategies, names: Mapping[str, str]) -> Strategies:
    return Strategies(tuple(_strategy(row, names) for row in found.resources), tuple(_strategy(row, names) for row in found.workloads))


def _strategy(row: StrategyRow, names: Mapping[str, str]) -> StrategyRow:
    return replace(
        row,
        reasons=tuple(by_name(reason, names) for reason in row.reasons),
        alternatives=tuple(replace(one, why_not=by_name(one.why_not, names)) for one in row.alternatives),
    )

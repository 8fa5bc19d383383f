"""What stands where in the section on strategies, and in the matrix of risks."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from reports.readiness import charts, strategy_words
from reports.readiness.page import BarRow
from reports.readiness.strategy_view import STRATEGIES, StrategyRow
from reports.readiness.view import ReadinessView

FIVE = 5
_LEVELS = ("critical", "high", "medium", "low")
_REACH = ((0, 0, "none"), (1, 2, "1 or 2"), (3, 9, "3 to 9"), (10, None, "10 or more"))


@dataclass(frozen=True, slots=True)
class Matrix:
    """Resources by level of risk (rows) and by how many others need them (columns)."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple["MatrixCell", ...]], ...]


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """How many resources are there, and how dark that is (0 to 4)."""

    resources: int
    shade: int


@dataclass(frozen=True, slots=True)
class StrategyPage:
    """All that the section shows."""

    bars: tuple[BarRow, ...]
    confidence: tuple[BarRow, ...]
    questions: tuple[StrategyRow, ...]
    decided: tuple[StrategyRow, ...]


def strategy_page(view: ReadinessView) -> StrategyPage:
    """The view, arranged."""
    rows = view.strategies.resources if view.strategies else ()
    every = [*rows, *(view.strategies.workloads if view.strategies else ())]
    return StrategyPage(
        bars=strategy_bars(rows),
        confidence=confidence_bars(rows),
        questions=tuple(row for row in every if row.open_question),
        decided=tuple(row for row in rows if row.decided_by is not None),
    )


def strategy_bars(rows: Sequence[StrategyRow]) -> tuple[BarRow, ...]:
    """Resources by strategy, most first; the strong part is of high confidence."""
    tally = Counter(row.strategy for row in rows)
    sure = Counter(row.strategy for row in rows if row.confidence >= strategy_words.HIGH)
    hours: dict[str, float] = defaultdict(float)
    for row in rows:
        hours[row.strategy] += row.effort_hours or 0.0
    top = max(tally.values(), default=0)
    ranked = sorted(tally, key=lambda name: (-tally[name], STRATEGIES.index(name) if name in STRATEGIES else len(STRATEGIES)))
    return tuple(
        BarRow(
            name,
            strategy_words.MEANINGS.get(name, ""),
            charts.bar(tally[name], top, part=sure[name]),
            (f"{tally[name]:,}", f"{sure[name]:,}", f"{hours[name]:,.0f}"),
        )
        for name in ranked
    )


def confidence_bars(rows: Sequence[StrategyRow]) -> tuple[BarRow, ...]:
    """Recommendations by confidence, in fifths."""
    fifths = [sum(at / 5 <= row.confidence < (at + 1) / 5 or (at == 4 and row.confidence >= 1) for row in rows) for at in range(5)]
    top = max(fifths, default=0)
    return tuple(
        BarRow(f"{at * 20} to {at * 20 + 20} %", "", charts.bar(amount, top), (f"{amount:,}",)) for at, amount in enumerate(fifths) if rows
    )


def risk_matrix(view: ReadinessView) -> Matrix | None:
    """Risk against reach; None where no risk was scored."""
    if not view.risks:
        return None
    needed: dict[str, set[str]] = defaultdict(set)
    for row in view.dependencies or ():
        needed[row.target_uid].add(row.source_uid)
    tally = Counter((risk.level, _reach(len(needed.get(risk.uid, ())))) for risk in view.risks)
    top = max(tally.values())
    rows = tuple(
        (level, tuple(MatrixCell(tally[level, at], _shade(tally[level, at], top)) for at in range(len(_REACH)))) for level in _LEVELS
    )
    return Matrix(tuple(label for *_, label in _REACH), rows)


def _reach(amount: int) -> int:
    return next(at for at, (low, high, _) in enumerate(_REACH) if amount >= low and (high is None or amount <= high))


def _shade(amount: int, top: int) -> int:
    return 0 if not amount else 1 + min(3, 4 * amount // (top + 1))


def matrix_svg(found: Matrix) -> Markup:
    """The matrix as a drawing for paper."""
    cell, left, height = 92, 58, 30
    shapes = []
    for at, label in enumerate(found.columns):
        shapes.append(Markup('<text x="{}" y="12">{}</text>').format(left + at * cell + 6, label))
    for down, (level, cells) in enumerate(found.rows):
        y = 18 + down * height
        shapes.append(Markup('<text x="0" y="{}">{}</text>').format(y + 18, level))
        for at, one in enumerate(cells):
            x = left + at * cell
            rect = Markup('<rect class="heat-{}" x="{}" y="{}" width="{}" height="{}"/>')
            shapes.append(rect.format(one.shade, x, y, cell - 2, height - 2))
            number = Markup('<text class="{}" x="{}" y="{}">{}</text>')
            shapes.append(number.format("on-dark" if one.shade > 2 else "on-light", x + 6, y + 18, f"{one.resources:,}"))
    width, tall = left + cell * len(found.columns), 18 + height * len(found.rows)
    frame = Markup('<svg class="matrix-map" width="{0}" height="{1}" viewBox="0 0 {0} {1}">{2}</svg>')
    return frame.format(width, tall, Markup("").join(shapes))

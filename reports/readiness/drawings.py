"""Larger drawings as inline SVG: a series over days, a week hour by hour, amounts side by side, steps from one amount to another.

As in `charts`, only numbers enter the markup, and every drawing stands beside words that say the same.
"""

from collections.abc import Sequence

from markupsafe import Markup

from reports.readiness.charts import NO_POINT, drawing
from reports.readiness.view import HOURS_OF_WEEK

LINE_HEIGHT = 72
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_CELL_WIDTH, _CELL_HEIGHT, _LEFT, _TOP = 18, 13, 30, 14


def line(means: Sequence[float | None], top: float, *, days_from: int = 0) -> Markup:
    """A series of hours from 0 to *top*, with a thin line at each midnight; *days_from*: hour of the day at which it begins."""
    points = len(means)
    width = max(points - 1, 1)
    grid = [_rule("grid", hour, hour, 0, LINE_HEIGHT) for hour in range((24 - days_from) % 24, points, 24)]
    grid.append(_rule("base", 0, width, LINE_HEIGHT, LINE_HEIGHT))
    path = Markup('<path class="series" d="{}"/>').format(_path(means, top))
    frame = Markup(
        '<svg class="line" width="100%" height="{0}" viewBox="0 0 {1} {0}" preserveAspectRatio="none" aria-hidden="true" '
        'focusable="false">{2}</svg>'
    )
    return frame.format(LINE_HEIGHT, width, Markup("").join([*grid, path]))


def _path(means: Sequence[float | None], top: float) -> str:
    """Lines through the points, broken where there is none; a point alone is a short dash."""
    pieces: list[str] = []
    before = False
    for hour, mean in enumerate(means):
        if mean is None:
            before = False
            continue
        height = LINE_HEIGHT - 1 - (LINE_HEIGHT - 2) * min(max(mean, 0.0), top) / top if top else LINE_HEIGHT - 1
        pieces.append(f"{'L' if before else 'M'}{hour} {height:.1f}")
        if not before:
            pieces.append("h.4")
        before = True
    return "".join(pieces)


def _rule(name: str, x1: float, x2: float, y1: float, y2: float) -> Markup:
    return Markup('<path class="{}" d="M{} {}L{} {}"/>').format(name, x1, y1, x2, y2)


def week_map(levels: str) -> Markup:
    """A week of hours, each day a row, with names of days and hours; darker is busier, empty where there was no point."""
    cells: dict[str, list[str]] = {}
    for hour, level in enumerate(levels[:HOURS_OF_WEEK]):
        if level != NO_POINT:
            x, y = _LEFT + hour % 24 * _CELL_WIDTH, _TOP + hour // 24 * _CELL_HEIGHT
            cells.setdefault(level, []).append(f"M{x} {y}h{_CELL_WIDTH - 1}v{_CELL_HEIGHT - 1}h-{_CELL_WIDTH - 1}z")
    text = Markup('<text x="{}" y="{}">{}</text>')
    days = [text.format(0, _TOP + at * _CELL_HEIGHT + 10, name) for at, name in enumerate(_DAYS)]
    hours = [text.format(_LEFT + hour * _CELL_WIDTH, 10, f"{hour:02d}") for hour in range(0, 24, 3)]
    paths = [Markup('<path class="heat-{}" d="{}"/>').format(int(level), "".join(cells[level])) for level in sorted(cells)]
    width, height = _LEFT + 24 * _CELL_WIDTH, _TOP + 7 * _CELL_HEIGHT
    frame = Markup('<svg class="week-map" width="{0}" height="{1}" viewBox="0 0 {0} {1}" aria-hidden="true" focusable="false">{2}</svg>')
    return frame.format(width, height, Markup("").join([*days, *hours, *paths]))


def ranges(rows: Sequence[tuple[str, float, float, float]], top: float) -> Markup:
    """Bars from zero, one below the other, each with its range: class, likely, low, high."""
    shapes = []
    for at, (name, likely, low, high) in enumerate(rows):
        y = at * 10
        shapes.append(Markup('<rect class="{}" width="{}%" y="{}" height="7"/>').format(name, _pct(likely, top), y))
        if high > low:
            reach = Markup('<line class="reach" x1="{}%" x2="{}%" y1="{}" y2="{}"/>')
            shapes.append(reach.format(_pct(low, top), _pct(high, top), y + 3.5, y + 3.5))
    return drawing("ranges", 10 * len(rows) - 2, shapes)


def band(lows: Sequence[float], likely: Sequence[float], highs: Sequence[float], top: float) -> Markup:
    """A curve from 0 to *top* with what lies between its low and high ends shaded; one point a month."""
    last = max(len(likely) - 1, 1)

    def at(values: Sequence[float]) -> list[str]:
        return [f"{100 * place / last:.4g} {LINE_HEIGHT - 1 - (LINE_HEIGHT - 2) * value / top if top else LINE_HEIGHT - 1:.1f}"
                for place, value in enumerate(values)]  # fmt: skip

    area = Markup('<path class="between" d="M{}L{}z"/>').format("L".join(at(highs)), "L".join(reversed(at(lows))))
    curve = Markup('<path class="series" d="M{}"/>').format("L".join(at(likely)))
    grid = [_rule("grid", 100 * month / last, 100 * month / last, 0, LINE_HEIGHT) for month in range(len(likely))]
    grid.append(_rule("base", 0, 100, LINE_HEIGHT, LINE_HEIGHT))
    frame = Markup(
        '<svg class="line" width="100%" height="{0}" viewBox="0 0 100 {0}" preserveAspectRatio="none" aria-hidden="true" '
        'focusable="false">{1}</svg>'
    )
    return frame.format(LINE_HEIGHT, Markup("").join([*grid, area, curve]))


def step(start: float, end: float, top: float, name: str) -> Markup:
    """One step of a waterfall: from one amount to another on a scale of 0 to *top*; *name* is its class."""
    left, right = min(start, end), max(start, end)
    wide = max(100 * (right - left) / top, 0.3) if top else 0
    shape = Markup('<rect class="{}" x="{}%" width="{}%" y="2" height="12"/>').format(name, _pct(left, top), f"{wide:.4g}")
    return drawing("steps", 16, [Markup('<line class="grid" x1="0" x2="0" y1="0" y2="16"/>'), shape])


def _pct(value: float, top: float) -> str:
    return f"{100 * max(value, 0.0) / top:.4g}" if top else "0"

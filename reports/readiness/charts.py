"""Small charts as inline SVG: widths in per cent, so that they fit a phone and a page; colours are the style sheet's classes.

Every chart is decoration beside a number that says the same in text, hence aria-hidden. Only numbers enter the markup.
"""

from collections.abc import Iterable, Sequence

from markupsafe import Markup

from reports.readiness.view import HOURS_OF_WEEK

NO_POINT = "."
_CELL_WIDTH, _CELL_HEIGHT = 5, 3
# Upper bounds of the first levels of a week strip, per cent of a capacity; other metrics are shown against their own peak.
_CAPACITY_BOUNDS = (5.0, 20.0, 40.0, 70.0)
_PEAK_BOUNDS = (0.05, 0.25, 0.5, 0.75)


def bar(value: float, top: float, *, part: float = 0.0) -> Markup:
    """A bar from zero, as long as *value* is of *top*; the first *part* of it in the strong tone."""
    lengths = [("bar-fill", value)] + [("bar-part", part)] * bool(part)
    rect = Markup('<rect class="{}" width="{}%" height="12" rx="1"/>')
    return drawing("bar", 12, [rect.format(name, _pct(length, top)) for name, length in lengths])


def parts_bar(amounts: Sequence[tuple[str, int]]) -> Markup:
    """One bar cut into named parts, such as seen, partly, not seen; a part's name is its class."""
    total = sum(amount for _, amount in amounts)
    rect = Markup('<rect class="part-{}" x="{}%" width="{}%" height="4"/>')
    rects, before = [], 0
    for name, amount in amounts:
        if amount:
            rects.append(rect.format(name, _pct(before, total), _pct(amount, total)))
            before += amount
    return drawing("parts", 4, rects)


def spread(p50: float, p95: float, peak: float) -> Markup:
    """Median, 95th percentile and maximum on a scale of 0 to 100 per cent."""
    low, high, top = (f"{min(max(value, 0.0), 100.0):.4g}" for value in (p50, p95, peak))
    line = Markup('<line class="{}" x1="{}%" x2="{}%" y1="{}" y2="{}"/>')
    dot = Markup('<circle class="{}" cx="{}%" cy="8" r="{}"/>')
    grid = [line.format("grid", at, at, 0, 16) for at in (0, 25, 50, 75, 100)]
    marks = [line.format("reach", low, top, 8, 8), line.format("tick", top, top, 4, 12)]
    return drawing("spread", 16, [*grid, *marks, dot.format("median", low, 3.5), dot.format("dot", high, 4.5)])


def week_levels(means: Sequence[float | None], unit: str) -> str:
    """168 characters, one for each hour of the week: "0" (lowest) to "4", "." where there was no point."""
    if unit == "percent":
        bounds: Sequence[float] = _CAPACITY_BOUNDS
    else:
        peak = max((value for value in means if value is not None), default=0.0)
        bounds = [peak * bound for bound in _PEAK_BOUNDS]
    return "".join(NO_POINT if value is None else str(sum(value >= bound and value > 0 for bound in bounds)) for value in means)


def week(levels: str) -> Markup:
    """A week as 7 rows (Monday first) of 24 hours, darker where busier; empty where there was no point."""
    cells: dict[str, list[str]] = {}
    for hour, level in enumerate(levels[:HOURS_OF_WEEK]):
        if level != NO_POINT:
            x, y = hour % 24 * _CELL_WIDTH, hour // 24 * _CELL_HEIGHT
            cells.setdefault(level, []).append(f"M{x} {y}h{_CELL_WIDTH - 1}v{_CELL_HEIGHT - 0.5}h-{_CELL_WIDTH - 1}z")
    path = Markup('<path class="heat-{}" d="{}"/>')
    paths = [path.format(int(level), "".join(cells[level])) for level in sorted(cells)]
    width, height = 24 * _CELL_WIDTH - 1, 7 * _CELL_HEIGHT - 1
    frame = Markup('<svg class="week" width="{0}" height="{1}" viewBox="0 0 {0} {1}" aria-hidden="true" focusable="false">{2}</svg>')
    return frame.format(width, height, Markup("").join(paths))


def drawing(name: str, height: float, shapes: Iterable[Markup]) -> Markup:
    """A chart as wide as the place it stands in."""
    frame = Markup('<svg class="{}" width="100%" height="{}" aria-hidden="true" focusable="false">{}</svg>')
    return frame.format(name, height, Markup("").join(shapes))


def _pct(value: float, top: float) -> str:
    return f"{100 * value / top:.4g}" if top else "0"


def span(
    start: float, length: float, *, bands: Iterable[tuple[float, float]] = (), ticks: Iterable[float] = (), name: str = "span"
) -> Markup:
    """A bar from *start*, *length* long, on a scale of 0 to 1, before bands that are shut and thin lines at *ticks*."""
    rect = Markup('<rect class="{}" x="{}%" width="{}%" y="{}" height="{}"/>')
    line = Markup('<line class="grid" x1="{0}%" x2="{0}%" y1="0" y2="20"/>')
    shapes = [rect.format("shut", _pct(at, 1), _pct(wide, 1), 0, 20) for at, wide in bands]
    shapes += [line.format(_pct(at, 1)) for at in ticks]
    return drawing("spans", 20, [*shapes, rect.format(name, _pct(start, 1), _pct(max(length, 0.004), 1), 4, 12)])


def span_axis(ticks: Iterable[tuple[float, str]]) -> Markup:
    """The labels of the scale, each beginning at its tick."""
    text = Markup('<text x="{}%" y="11">{}</text>')
    return drawing("axis", 14, [text.format(_pct(at, 1), label) for at, label in ticks])

"""Small charts as inline SVG: widths in per cent, so that they fit a phone and a page; colours are the style sheet's classes.

Every chart is decoration beside a number that says the same in text, hence aria-hidden. Only numbers enter the markup.
"""

from collections.abc import Sequence

from markupsafe import Markup

from reports.readiness.view import HOURS_OF_WEEK

NO_POINT = "."
_CELL_WIDTH, _CELL_HEIGHT = 5, 4
# Upper bounds of the first levels of a week strip, per cent of a capacity; other metrics are shown against their own peak.
_CAPACITY_BOUNDS = (5.0, 20.0, 40.0, 70.0)
_PEAK_BOUNDS = (0.05, 0.25, 0.5, 0.75)


def bar(value: float, top: float, *, part: float = 0.0) -> Markup:
    """A bar from zero, as long as *value* is of *top*; the first *part* of it in the strong tone."""
    strong = _pct(part, top)
    return Markup(
        f'<svg class="bar" width="100%" height="12" aria-hidden="true" focusable="false">'
        f'<rect class="bar-fill" width="{_pct(value, top)}%" height="12" rx="1"/>'
        + (f'<rect class="bar-part" width="{strong}%" height="12" rx="1"/>' if part else "")
        + "</svg>"
    )


def parts_bar(amounts: Sequence[tuple[str, int]]) -> Markup:
    """One bar cut into named parts, such as seen, partly, not seen; a part's name is its class."""
    total = sum(amount for _, amount in amounts)
    rects, start = [], 0.0
    for name, amount in amounts:
        if amount:
            width = max(float(_pct(amount, total)), 2.0)
            rects.append(f'<rect class="part-{name}" x="{start:.4g}%" width="{width:.4g}%" height="4"/>')
            start += width
    return Markup(f'<svg class="parts" width="100%" height="4" aria-hidden="true" focusable="false">{"".join(rects)}</svg>')


def spread(p50: float, p95: float, peak: float) -> Markup:
    """Median, 95th percentile and maximum on a scale of 0 to 100 per cent."""
    low, high, top = (f"{min(max(value, 0.0), 100.0):.4g}" for value in (p50, p95, peak))
    grid = "".join(f'<line class="grid" x1="{at}%" x2="{at}%" y1="0" y2="16"/>' for at in (0, 25, 50, 75, 100))
    return Markup(
        f'<svg class="spread" width="100%" height="16" aria-hidden="true" focusable="false">{grid}'
        f'<line class="reach" x1="{low}%" x2="{top}%" y1="8" y2="8"/>'
        f'<line class="tick" x1="{top}%" x2="{top}%" y1="4" y2="12"/>'
        f'<circle class="median" cx="{low}%" cy="8" r="3.5"/><circle class="dot" cx="{high}%" cy="8" r="4.5"/></svg>'
    )


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
            cells.setdefault(level, []).append(f"M{x} {y}h{_CELL_WIDTH - 1}v{_CELL_HEIGHT - 1}h-{_CELL_WIDTH - 1}z")
    paths = "".join(f'<path class="heat-{int(level)}" d="{"".join(cells[level])}"/>' for level in sorted(cells))
    width, height = 24 * _CELL_WIDTH - 1, 7 * _CELL_HEIGHT - 1
    return Markup(
        f'<svg class="week" width="{width}" height="{height}" viewBox="0 0 {width} {height}" aria-hidden="true" focusable="false">{paths}</svg>'
    )


def _pct(value: float, top: float) -> str:
    return f"{100 * value / top:.4g}" if top else "0"

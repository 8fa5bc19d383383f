"""What stands where in the sections on use and sizes."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from markupsafe import Markup

from reports.readiness import charts, drawings, use_words, words
from reports.readiness.page import CPU_METRIC, BarRow
from reports.readiness.use_view import PatternRow, SeriesRow, SizingRow
from reports.readiness.view import ProfileRow, ReadinessView

BUSIEST = 6
SIZES = 25


@dataclass(frozen=True, slots=True)
class Example:
    """One resource that shows a pattern: its series and the numbers behind the verdict."""

    row: PatternRow
    chart: Markup
    top: str  # what the upper edge stands for
    span: str  # the days that it shows
    numbers: str


@dataclass(frozen=True, slots=True)
class Busy:
    """The week of one of the busiest resources."""

    profile: ProfileRow
    chart: Markup
    peak: str


@dataclass(frozen=True, slots=True)
class UsePage:
    """All that the sections show."""

    patterns: tuple[BarRow, ...]
    examples: tuple[Example, ...]
    busiest: tuple[Busy, ...]
    verdicts: tuple[BarRow, ...]
    changes: tuple[SizingRow, ...]  # sizes that use speaks against
    unknown: tuple[tuple[str, int], ...]  # why sizes could not be judged, commonest first


def use_page(view: ReadinessView) -> UsePage:
    """The view, arranged."""
    sizes = view.sizes or ()
    why = Counter(row.reason for row in sizes if row.verdict == "insufficient_data")
    return UsePage(
        patterns=pattern_bars(view.patterns or ()),
        examples=_examples(view),
        busiest=busiest(view),
        verdicts=verdict_bars(sizes),
        changes=tuple(row for row in sizes if row.verdict in ("smaller", "larger")),
        unknown=tuple(sorted(why.items(), key=lambda one: (-one[1], one[0]))),
    )


def pattern_bars(rows: Sequence[PatternRow]) -> tuple[BarRow, ...]:
    """Resources by pattern, the longest bar first; what cannot be told comes last."""
    tally = Counter(row.pattern for row in rows)
    ranked = sorted(tally.items(), key=lambda one: (one[0] == "insufficient_data", -one[1], one[0]))
    top = max(tally.values(), default=0)
    return tuple(
        BarRow(
            use_words.plain(name),
            use_words.MEANINGS.get(name, ""),
            charts.bar(amount, top, part=amount if _told(name) else 0),
            (f"{amount:,}",),
        )
        for name, amount in ranked
    )


def _told(name: str) -> bool:
    return name != "insufficient_data"


def _examples(view: ReadinessView) -> tuple[Example, ...]:
    by_uid = {row.uid: row for row in view.patterns or ()}
    shown = [_example(series, by_uid[series.uid]) for series in view.pattern_examples if series.uid in by_uid]
    order = list(use_words.MEANINGS)
    return tuple(sorted(shown, key=lambda one: order.index(one.row.pattern)))


def _example(series: SeriesRow, row: PatternRow) -> Example:
    peak = max((mean for mean in series.means if mean is not None), default=0.0)
    # A quiet resource on a scale of 100 is a flat line; the scale is said beside the chart.
    top = next((edge for edge in (10.0, 25.0, 50.0, 100.0) if peak <= edge), peak) if series.unit == "percent" else peak
    last = series.first_at + timedelta(hours=len(series.means) - 1)
    return Example(
        row=row,
        chart=drawings.line(series.means, top, days_from=series.first_at.hour),
        top=words.quantity(top, series.unit),
        span=f"{words.day(series.first_at)} to {words.day(last)}",
        numbers=use_words.pattern_numbers(row),
    )


def busiest(view: ReadinessView) -> tuple[Busy, ...]:
    """The weeks of the resources with the highest p95 of CPU."""
    high = {row.uid: row.p95 for row in view.usage if row.metric == CPU_METRIC}
    rows = [row for row in view.profiles if row.metric == CPU_METRIC and row.uid in high]
    rows.sort(key=lambda row: (-high[row.uid], row.uid))
    return tuple(Busy(row, drawings.week_map(charts.week_levels(row.means, row.unit)), _peak(row)) for row in rows[:BUSIEST])


def _peak(row: ProfileRow) -> str:
    known = [(mean, -hour) for hour, mean in enumerate(row.means) if mean is not None]
    if not known:
        return "no data"
    mean, hour = max(known)
    return f"busiest {words.hour_of_week(-hour)} UTC, {words.quantity(mean, row.unit)} on average"


def verdict_bars(rows: Sequence[SizingRow]) -> tuple[BarRow, ...]:
    """Sizes by verdict, in the order in which they matter."""
    tally = Counter(row.verdict for row in rows)
    top = max(tally.values(), default=0)
    return tuple(
        BarRow(label, "", charts.bar(tally[name], top, part=tally[name] if name != "insufficient_data" else 0), (f"{tally[name]:,}",))
        for name, label in use_words.VERDICTS.items()
        if tally[name]
    )

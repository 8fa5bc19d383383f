"""What stands where in the section on waves beside the lanes: the calendar, cuts, what crosses sites, and people's decisions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from markupsafe import Markup

from reports.readiness import charts, words
from reports.readiness.plan_view import Crossing, Cut, FreezeWindow, MoveGroup, Plan, Wave
from reports.readiness.plan_words import days_of, freeze_text, levels_text
from reports.readiness.text import visible

CROSSING_ROWS = 15
CUT_EDGES = 12
PIN_ROWS = 50
_LABELS_AT_MOST = 6


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """One wave on the calendar."""

    wave: Wave
    when: str
    chart: Markup
    risk: str


@dataclass(frozen=True, slots=True)
class Calendar:
    """Waves as swimlanes over days, with the days that are kept free."""

    axis: Markup
    rows: tuple[CalendarRow, ...]
    freezes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NamedCrossing:
    """Traffic between two move groups, by their names."""

    crossing: Crossing
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class NamedCut:
    """A cut with the name of its group."""

    cut: Cut
    name: str


def calendar(plan: Plan) -> Calendar | None:
    """The calendar of a plan; None for one without dates."""
    dated = [(wave, wave.starts_on, wave.ends_on or wave.starts_on) for wave in plan.waves if wave.starts_on is not None]
    if not dated:
        return None
    first = min(starts for _, starts, _ in dated)
    last = max(ends for _, _, ends in dated if ends) + timedelta(days=1)
    ticks = _ticks(first, last)
    scale = _Scale(first, last)
    bands = [scale.part(window.first_on, window.last_on) for window in plan.freeze_windows if _touches(window, first, last)]
    rows = []
    for wave, starts, ends in dated:
        start, length = scale.part(starts, ends or starts)
        chart = charts.span(start, length, bands=bands, ticks=[at for at, _ in ticks], name="pilot" if wave.pilot else "span")
        rows.append(CalendarRow(wave, days_of(wave.starts_on, wave.ends_on), chart, levels_text(wave.risk_levels)))
    return Calendar(charts.span_axis(ticks), tuple(rows), tuple(freeze_text(window) for window in plan.freeze_windows))


@dataclass(frozen=True, slots=True)
class _Scale:
    first: date
    after: date

    def at(self, day: date) -> float:
        """Where *day* begins, 0..1."""
        return min(max((day - self.first).days / (self.after - self.first).days, 0.0), 1.0)

    def part(self, first: date, last: date) -> tuple[float, float]:
        """Where the days from *first* to *last*, both included, begin, and how long they are."""
        start = self.at(first)
        return start, self.at(last + timedelta(days=1)) - start


def _touches(window: FreezeWindow, first: date, after: date) -> bool:
    return window.first_on < after and window.last_on >= first


def _ticks(first: date, after: date) -> list[tuple[float, str]]:
    """Mondays, or the first days of months where those would be too many; at most a few, each with its label."""
    scale = _Scale(first, after)
    mondays = [first + timedelta(days=at) for at in range((after - first).days) if (first + timedelta(days=at)).weekday() == 0]
    days = mondays if len(mondays) <= 2 * _LABELS_AT_MOST else _month_starts(first, after)
    step = -(-len(days) // _LABELS_AT_MOST) or 1
    shown = days[::step] or [first]
    return [(scale.at(day), f"{day.day} {day:%b}" if days is mondays else f"{day:%b %Y}") for day in shown]


def _month_starts(first: date, after: date) -> list[date]:
    months = range(first.year * 12 + first.month - 1, after.year * 12 + after.month)
    return [day for day in (date(month // 12, month % 12 + 1, 1) for month in months) if first <= day < after]


def crossings(plan: Plan, names: Mapping[str, str]) -> tuple[NamedCrossing, ...]:
    """What runs between groups of different waves, the heaviest first."""
    return tuple(NamedCrossing(row, _name(row.source_group, names), _name(row.target_group, names)) for row in plan.crossings)


def cuts(plan: Plan, names: Mapping[str, str]) -> tuple[NamedCut, ...]:
    """The cuts, those of the largest groups first."""
    return tuple(NamedCut(cut, _name(cut.group, names)) for cut in sorted(plan.cuts, key=lambda cut: (-cut.size, cut.group)))


def group_names(groups: Sequence[MoveGroup], names: Mapping[str, str]) -> dict[str, str]:
    """What a person calls each group."""
    return words.group_names((one.id, one.label, [visible(names.get(uid, uid), at_most=60) for uid in one.members]) for one in groups)


def _name(group: str, names: Mapping[str, str]) -> str:
    return names.get(group, group)

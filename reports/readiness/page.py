"""What stands where on the page: the view, arranged for the templates, which neither sort nor count."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from cloudmigrate.domain.naming import short_type
from reports.readiness import charts, coverage, words
from reports.readiness.view import CoverageRow, KindRow, ReadinessView, ResourceRow, Totals, UsageRow

ROWS_WITHOUT_SCRIPT = 50
GAPS_AT_FIRST = 12
TYPES_AT_FIRST = 12
KINDS_AT_FIRST = 12
CPU_ROWS = 25
IDLE_ROWS = 50
UNRESOLVED_ROWS = 50
CPU_METRIC = "CPUUtilization"
_CPU_BINS = ((0, 5), (5, 10), (10, 20), (20, 40), (40, 60), (60, 80), (80, 100))


@dataclass(frozen=True, slots=True)
class Figure:
    """One key figure with the query behind it."""

    label: str
    value: str
    note: str
    query: str


@dataclass(frozen=True, slots=True)
class BarRow:
    """A labelled bar with its numbers as text."""

    label: str
    title: str
    chart: Markup
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CpuRow:
    """One resource on the CPU chart."""

    resource: ResourceRow
    usage: UsageRow
    chart: Markup


def figures(view: ReadinessView) -> tuple[Figure, ...]:
    """Four or five figures that say what there is."""
    totals = view.totals
    hidden = view.trust.gap_look_ups
    result = [
        Figure("Resources", words.number(totals.resources), f"of {words.count(totals.types, 'type')}", "resources"),
        Figure("Hold data", words.number(totals.stateful), "stateful resources, moved with care", "storage"),
        Figure(
            "Data", words.size(totals.storage_bytes), "without snapshots and images" if totals.copies_bytes else _known(totals), "storage"
        ),
    ]
    if view.plan is not None:
        groups = sum(len(wave.groups) for wave in view.plan.waves)
        result.append(Figure("Waves", words.number(len(view.plan.waves)), f"of {words.count(groups, 'move group')}", "waves"))
    if not view.trust.look_ups:
        note = "nothing was looked for"
    else:
        note = f"{words.share(hidden / view.trust.look_ups)} of what was looked for" if hidden else "everything looked for was seen"
    result.append(Figure("Look-ups not seen", words.number(hidden), note, "coverage"))
    return tuple(result)


def _known(totals: Totals) -> str:
    return f"the size of {totals.unsized:,} is not known" if totals.unsized else "of every stateful resource"


def type_bars(view: ReadinessView) -> tuple[BarRow, ...]:
    """Resources by type, longest bar first; the strong part holds data."""
    top = max((row.resources for row in view.by_type), default=0)
    return tuple(
        BarRow(
            short_type(row.type),
            row.type,
            charts.bar(row.resources, top, part=row.stateful),
            (
                words.number(row.resources),
                words.number(row.stateful),
                words.size(row.storage_bytes) if row.storage_bytes else "not stated" if row.stateful else "none",
            ),
        )
        for row in view.by_type
    )


def place_bars(view: ReadinessView) -> tuple[BarRow, ...]:
    """Resources by account and region."""
    top = max((row.resources for row in view.by_place), default=0)
    return tuple(
        BarRow(
            row.account_id,
            row.region,
            charts.bar(row.resources, top, part=row.stateful),
            (
                words.number(row.resources),
                words.number(row.stateful),
                words.size(row.storage_bytes) if row.storage_bytes else "not stated" if row.stateful else "none",
            ),
        )
        for row in view.by_place
    )


def cpu_rows(view: ReadinessView) -> tuple[CpuRow, ...]:
    """Every resource with CPU data, busiest first."""
    by_uid = {row.uid: row for row in view.resources}
    rows = [row for row in view.usage if row.metric == CPU_METRIC and row.uid in by_uid]
    rows.sort(key=lambda row: (-row.p95, -row.max, row.uid))
    return tuple(CpuRow(by_uid[row.uid], row, charts.spread(row.p50, row.p95, row.max)) for row in rows)


def cpu_bins(view: ReadinessView) -> tuple[BarRow, ...]:
    """How many resources have their CPU p95 in which range."""
    values = [row.p95 for row in view.usage if row.metric == CPU_METRIC]
    tally = [sum(low <= value < high or (high == 100 and value >= 100) for value in values) for low, high in _CPU_BINS]
    top = max(tally, default=0)
    return tuple(
        BarRow(f"{low}–{high}{words.NARROW_SPACE}%", "", charts.bar(amount, top), (words.number(amount),))
        for (low, high), amount in zip(_CPU_BINS, tally, strict=True)
    )


def look_ups(view: ReadinessView) -> tuple[CoverageRow, ...]:
    """Every look-up, those with a gap first."""
    return tuple(sorted(view.coverage, key=lambda row: row.status in coverage.SEEN_STATUSES))


def kinds(view: ReadinessView) -> tuple[tuple[KindRow, ...], tuple[KindRow, ...]]:
    """Kinds of relation that bind or order a move, then those that only say where something runs."""
    binding = tuple(row for row in view.kinds if row.role != "setting")
    return binding, tuple(row for row in view.kinds if row.role == "setting")


def plain(kind: str) -> str:
    """A kind of relation as words."""
    return kind.replace("_", " ").replace("-", " ")


def policies(view: ReadinessView) -> tuple[tuple[str, str], ...]:
    """Per account a policy document that closes its gaps, as JSON text."""
    return tuple((account, _policy(actions)) for account, actions in coverage.missing_actions(view.gaps).items())


def _policy(actions: Sequence[str]) -> str:
    statement = {"Sid": "CloudMigrateMissing", "Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2)

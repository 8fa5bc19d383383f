"""What stands where on the page: the view, arranged for the templates, which neither sort nor count."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from cloudmigrate.domain.naming import short_type
from reports.readiness import charts, coverage, words
from reports.readiness.dependency_view import FlowLogs
from reports.readiness.plan_view import MoveGroup, NoWaveRow, Plan, Wave
from reports.readiness.text import visible
from reports.readiness.view import CoverageRow, KindRow, ReadinessView, ResourceRow, Seen, Totals, UsageRow

ROWS_WITHOUT_SCRIPT = 50
GAPS_AT_FIRST = 12
TYPES_AT_FIRST = 12
KINDS_AT_FIRST = 12
CPU_ROWS = 25
IDLE_ROWS = 50
LANES_AT_FIRST = 12
GROUPS_IN_LANE = 12
GROUPS_IN_LATER_LANES = 4  # of those that are folded away: at 10,000 resources there are hundreds
UNRESOLVED_ROWS = 50
CPU_METRIC = "CPUUtilization"
_CPU_BINS = ((0, 5), (5, 10), (10, 20), (20, 40), (40, 60), (60, 80), (80, 100))


@dataclass(frozen=True, slots=True)
class TrustItem:
    """One item of the ribbon."""

    label: str
    value: str
    note: str
    tone: str  # good, gap or plain
    chart: Markup


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


@dataclass(frozen=True, slots=True)
class LaneGroup:
    """One move group in its wave."""

    group: MoveGroup
    name: str
    members: tuple[str, ...]
    more: int


@dataclass(frozen=True, slots=True)
class NotableGroup:
    """A move group worth knowing, and the relations inside it."""

    item: LaneGroup
    bound_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """One reason for having no wave."""

    reason: str
    resources: int
    types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lane:
    """One wave."""

    wave: Wave
    chart: Markup
    types: str
    groups: tuple[LaneGroup, ...]
    more_groups: int


def trust_items(view: ReadinessView) -> tuple[TrustItem, ...]:
    """The ribbon, most important first."""
    trust = view.trust
    days = view.metrics_window.days
    failed = trust.failed_critical_checks + trust.failed_warning_checks
    asked = sum(row.asked for row in view.measured)
    with_data = sum(row.with_data for row in view.measured)
    refused = sum(row.refused for row in view.measured)
    return (
        _seen_item("Accounts seen in full", trust.accounts),
        _seen_item("Account regions seen in full", trust.regions),
        _seen_item("Services seen in full", trust.services),
        TrustItem(
            "Metrics",
            words.days(days) if asked else "not read",
            f"{with_data:,} of {words.count(asked, 'resource')} with data" if asked else "no utilisation in this report",
            "good" if asked and with_data == asked else "gap" if refused or not with_data else "plain",
            charts.parts_bar((("seen", with_data), ("not-seen", asked - with_data))),
        ),
        _flow_log_item(view.flow_logs),
        _chance_item(view.flow_logs),
        _price_item(view),
        _bill_item(view),
        TrustItem(
            "Data checks passed",
            f"{trust.checks - failed:,} of {trust.checks:,}" if trust.checks else "not run",
            _checks_note(view),
            "good" if trust.checks and not failed else "gap",
            charts.parts_bar(
                (("seen", trust.checks - failed), ("partly", trust.failed_warning_checks), ("not-seen", trust.failed_critical_checks))
            ),
        ),
    )


def _seen_item(label: str, seen: Seen) -> TrustItem:
    parts = (("seen", seen.seen), ("partly", seen.partly), ("not-seen", seen.not_seen))
    return TrustItem(
        label, words.seen(seen), words.not_seen_note(seen), "good" if 0 < seen.total == seen.seen else "gap", charts.parts_bar(parts)
    )


def _flow_log_item(logs: FlowLogs | None) -> TrustItem:
    """Days with flow logs, places that could not be read, and how much AWS skipped."""
    if logs is None or not logs.days:
        note = "not looked for" if logs is None else "no place named or found" if not logs.places else "no place gave a record"
        return TrustItem("Flow logs", "not read", note, "gap", charts.parts_bar(()))
    good = sum(row.status == "ok" for row in logs.places)
    empty = sum(row.status == "empty" for row in logs.places)
    bad = len(logs.places) - good - empty
    parts = [f"{bad:,} of {words.count(len(logs.places), 'place')} not read in full"] * bool(bad)
    parts += [f"{empty:,} empty"] * bool(empty) + [f"{words.pct(logs.skipped_share)} skipped"] * bool(logs.skipped_share)
    note = ", ".join(parts) or f"{words.agree(good, 'its one place', f'all {good} places')} read in full"
    chart = charts.parts_bar((("seen", good), ("partly", empty), ("not-seen", bad)))
    return TrustItem("Flow logs", words.count(logs.days, "day"), note, "gap" if bad else "plain" if parts else "good", chart)


def _chance_item(logs: FlowLogs | None) -> TrustItem:
    """At how many resources a weekly and a monthly dependency are certain to have been seen."""
    chances = logs.chances if logs and logs.days else ()
    label = "Weekly traffic surely seen"
    if not chances:
        return TrustItem(label, "nowhere", "nor monthly; silence proves nothing", "gap", charts.parts_bar(()))
    weekly = sum(row.weekly_seen_probability >= 1 for row in chances)
    monthly = sum(row.monthly_seen_probability >= 1 for row in chances)
    never = sum(row.fully_logged_days == 0 for row in chances)
    note = f"monthly at {monthly or 'none'}" + (f"; {never:,} never logged" if never else "")
    chart = charts.parts_bar((("seen", weekly), ("partly", len(chances) - weekly - never), ("not-seen", never)))
    return TrustItem(
        label, f"{weekly:,} of {len(chances):,}", note, "gap" if never else "plain" if monthly < len(chances) else "good", chart
    )


def _price_item(view: ReadinessView) -> TrustItem:
    """Of when prices are, and how many are dated samples."""
    lists = view.costs.price_lists if view.costs else ()
    prices, samples = sum(row.prices for row in lists), sum(row.samples for row in lists)
    if not prices:
        return TrustItem("Prices", "not read", "so nothing is priced", "gap", charts.parts_bar(()))
    oldest = min((row.sampled_on for row in lists if row.sampled_on), default=None)
    note = f"{samples:,} of {prices:,} are dated samples{f', the oldest of {oldest.day} {oldest:%b %Y}' if oldest else ''}"
    chart = charts.parts_bar((("seen", prices - samples), ("partly", samples)))
    return TrustItem("Prices", f"{prices:,}", note if samples else "read from AWS", "gap" if samples else "good", chart)


def _bill_item(view: ReadinessView) -> TrustItem:
    """Whether the present bill was reproduced, and how nearly."""
    rows = view.costs.baseline if view.costs else ()
    if not rows:
        return TrustItem("Bill reproduced", "not checked", "no bill to hold against", "gap", charts.parts_bar(()))
    good, bad = (sum(row.verdict == verdict for row in rows) for verdict in ("matches", "differs"))
    worst = max((abs(row.error_pct) for row in rows if row.error_pct is not None), default=0.0)
    note = (
        f"{bad:,} off by more than {rows[0].limit_pct:g}{words.NARROW_SPACE}%"
        if bad
        else f"none off by more than {worst:.1f}{words.NARROW_SPACE}%"
    )
    chart = charts.parts_bar((("seen", good), ("partly", len(rows) - good - bad), ("not-seen", bad)))
    return TrustItem("Bill reproduced", f"{good:,} of {words.count(len(rows), 'service')}", note, "gap" if bad else "good", chart)


def _checks_note(view: ReadinessView) -> str:
    trust = view.trust
    if not trust.checks:
        return "no data checks were run"
    parts = [f"{trust.failed_critical_checks:,} critical"] * bool(trust.failed_critical_checks)
    parts += [words.count(trust.failed_warning_checks, "warning")] * bool(trust.failed_warning_checks)
    return ", ".join(parts) or "all passed"


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


def reasons(plan: Plan) -> tuple[ReasonRow, ...]:
    """Why resources have no wave, the commonest reason first."""
    found: dict[str, list[NoWaveRow]] = {}
    for row in plan.no_wave:
        found.setdefault(row.reason, []).append(row)
    rows = [
        ReasonRow(
            reason=reason,
            resources=sum(row.resources for row in hit),
            types=tuple(f"{row.resources:,} × {short_type(row.type)}" for row in sorted(hit, key=lambda row: (-row.resources, row.type))),
        )
        for reason, hit in found.items()
    ]
    return tuple(sorted(rows, key=lambda row: (-row.resources, row.reason)))


def look_ups(view: ReadinessView) -> tuple[CoverageRow, ...]:
    """Every look-up, those with a gap first."""
    return tuple(sorted(view.coverage, key=lambda row: row.status in coverage.SEEN_STATUSES))


def kinds(view: ReadinessView) -> tuple[tuple[KindRow, ...], tuple[KindRow, ...]]:
    """Kinds of relation that bind or order a move, then those that only say where something runs."""
    binding = tuple(row for row in view.kinds if row.role != "setting")
    return binding, tuple(row for row in view.kinds if row.role == "setting")


def lanes(view: ReadinessView, plan: Plan) -> tuple[Lane, ...]:
    """Every wave with its first move groups."""
    groups = {group.id: group for group in plan.groups}
    names = {row.uid: row.name for row in view.resources}
    top = max((wave.resources for wave in plan.waves), default=0)
    result = []
    for at, wave in enumerate(plan.waves):
        shown_at_most = GROUPS_IN_LANE if at < LANES_AT_FIRST else GROUPS_IN_LATER_LANES
        inside = sorted((groups[one] for one in wave.groups), key=lambda group: (not group.cyclic, -len(group.members), group.id))
        shown = tuple(lane_group(group, names) for group in inside[:shown_at_most])
        types = words.listing([f"{amount:,} × {short_type(kind)}" for kind, amount in wave.types], at_most=4)
        result.append(Lane(wave, charts.bar(wave.resources, top, part=wave.stateful), types, shown, len(inside) - len(shown)))
    return tuple(result)


def lane_group(group: MoveGroup, names: Mapping[str, str], *, at_most: int = 6) -> LaneGroup:
    """*group* with the names of its first members."""
    found = [visible(names.get(uid, uid), at_most=60) for uid in group.members]
    return LaneGroup(group, words.listing(found, at_most=3) if found else group.id, tuple(found[:at_most]), max(len(found) - at_most, 0))


def notable_groups(view: ReadinessView, plan: Plan, *, at_most: int = 15) -> tuple[NotableGroup, ...]:
    """Groups bound in a cycle, then the largest of more than one member, each with the kinds of relation that bind it."""
    names = {row.uid: row.name for row in view.resources}
    found = [group for group in plan.groups if group.cyclic or len(group.members) > 1]
    found.sort(key=lambda group: (not group.cyclic, -len(group.members), group.id))
    group_of = {uid: group.id for group in found[:at_most] for uid in group.members}
    settings = set(view.settings_kinds)
    bound: dict[str, Counter[str]] = {}
    for row in view.relations:
        group = group_of.get(row.source_uid)
        if group is not None and group == group_of.get(row.target_uid) and row.kind not in settings:
            bound.setdefault(group, Counter())[row.kind] += 1
    return tuple(
        NotableGroup(
            lane_group(group, names), tuple(f"{amount:,} × {plain(kind)}" for kind, amount in sorted(bound.get(group.id, {}).items()))
        )
        for group in found[:at_most]
    )


def plain(kind: str) -> str:
    """A kind of relation as words."""
    return kind.replace("_", " ").replace("-", " ")


def policies(view: ReadinessView) -> tuple[tuple[str, str], ...]:
    """Per account a policy document that closes its gaps, as JSON text."""
    return tuple((account, _policy(actions)) for account, actions in coverage.missing_actions(view.gaps).items())


def _policy(actions: Sequence[str]) -> str:
    statement = {"Sid": "CloudMigrateMissing", "Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2)

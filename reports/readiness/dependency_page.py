"""What stands where in the sections on dependencies, rules, risk and workloads; the templates neither sort nor count."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from reports.readiness import charts, words
from reports.readiness.dependency_view import EdgeRow, FactorRow, FlowLogs, NeededRuleRow, RiskRow, RuleRow, WorkloadRow
from reports.readiness.dependency_words import FINDINGS, LEVELS, SOURCES, is_shut
from reports.readiness.naming import end_name
from reports.readiness.page import BarRow
from reports.readiness.ports import port_text, protocol
from reports.readiness.view import ReadinessView

TALKERS = 15
SHUT_ROWS = 50
END_ROWS = 25
SHARED_ROWS = 50
RULE_ROWS = 50
RISK_ROWS = 15
PUT_BACK = "cloudmigrate decide shared UID put_back --reason WHY"
_CHANCE_BINS = (("Certain (100 %)", 1.0, 2.0), ("50 % and more", 0.5, 1.0), ("less than 50 %", 1e-9, 0.5), ("not at all (0 %)", -1.0, 1e-9))


@dataclass(frozen=True, slots=True)
class ChanceBin:
    """How many resources have such a probability, for a weekly and a monthly dependency."""

    label: str
    weekly: int
    weekly_chart: Markup
    monthly: int
    monthly_chart: Markup


@dataclass(frozen=True, slots=True)
class FarEnd:
    """An end that is no resource of the inventory, and how many dependencies end there."""

    uid: str
    kind: str  # external, unknown, not in the inventory
    name: str
    dependencies: int
    resources: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Finding:
    """How many rules have that finding."""

    label: str
    chart: Markup
    rules: int
    let_world_in: int
    let_out_to_world: int


@dataclass(frozen=True, slots=True)
class Risky:
    """One resource with its risk and the factors of it."""

    risk: RiskRow
    chart: Markup
    factors: tuple[FactorRow, ...]


@dataclass(frozen=True, slots=True)
class Unmeasured:
    """A factor that was not measured, at how many resources, and the points that it may hide there together."""

    factor: str
    source: str
    resources: int
    points: float


@dataclass(frozen=True, slots=True)
class DependencyPage:
    """All that the sections show."""

    chances: tuple[ChanceBin, ...]
    talkers: tuple[EdgeRow, ...]
    shut: tuple[EdgeRow, ...]
    far_ends: tuple[FarEnd, ...]
    findings: tuple[Finding, ...]
    open_rules: tuple[RuleRow, ...]  # inward
    open_outward: tuple[RuleRow, ...]
    unused_rules: tuple[RuleRow, ...]
    levels: tuple[BarRow, ...]
    risky: tuple[Risky, ...]
    unmeasured: tuple[Unmeasured, ...]
    workloads: tuple[WorkloadRow, ...]
    needed: tuple[NeededRuleRow, ...]


def dependency_page(view: ReadinessView) -> DependencyPage:
    """The view, arranged."""
    edges = view.dependencies or ()
    rules = view.rules or ()
    return DependencyPage(
        chances=chance_bins(view.flow_logs),
        talkers=tuple(row for row in edges if row.observed)[:TALKERS],
        shut=tuple(row for row in edges if is_shut(row)),
        far_ends=far_ends(edges, {row.uid for row in view.resources}),
        findings=findings(rules),
        open_rules=tuple(row for row in rules if row.open_to_world and row.direction == "ingress"),
        open_outward=tuple(row for row in rules if row.open_to_world and row.direction != "ingress"),
        unused_rules=tuple(row for row in rules if row.finding == "unused" and not row.open_to_world),
        levels=level_bars(view.risks or ()),
        risky=risky(view.risks or (), view.risk_factors),
        unmeasured=unmeasured(view.risk_factors),
        workloads=view.workloads or (),
        needed=view.needed_rules or (),
    )


def chance_bins(logs: FlowLogs | None) -> tuple[ChanceBin, ...]:
    """Resources with an address by the probability of having seen a weekly and a monthly dependency of theirs."""
    rows = logs.chances if logs else ()
    return tuple(
        ChanceBin(label, weekly, charts.bar(weekly, len(rows)), monthly, charts.bar(monthly, len(rows)))
        for label, low, high in _CHANCE_BINS
        for weekly in (sum(low <= row.weekly_seen_probability < high for row in rows),)
        for monthly in (sum(low <= row.monthly_seen_probability < high for row in rows),)
    )


def far_ends(edges: Sequence[EdgeRow], inside: set[str]) -> tuple[FarEnd, ...]:
    """Ends that are no resource of the inventory: those that were an address nobody held first, then by their dependencies."""
    amount: Counter[str] = Counter()
    size: Counter[str] = Counter()
    near: dict[str, set[str]] = defaultdict(set)
    for row in edges:
        for end, other in ((row.source_uid, row.target_uid), (row.target_uid, row.source_uid)):
            if end not in inside:
                amount[end] += 1
                size[end] += row.bytes
                near[end].add(other)
    rows = []
    for uid in amount:
        scheme = uid.partition(":")[0]
        known = scheme in ("external", "unknown")
        rows.append(FarEnd(uid, scheme if known else "not in the inventory", end_name(uid), amount[uid], len(near[uid]), size[uid]))
    return tuple(sorted(rows, key=lambda row: (row.kind != "unknown", -row.dependencies, -row.bytes, row.uid)))


def far_sentence(ends: Sequence[FarEnd]) -> str:
    """How many ends there are of each kind."""
    tally = Counter(row.kind for row in ends)
    forms = (
        ("external", "network or service outside", "networks or services outside"),
        ("unknown", "address that nothing known held", "addresses that nothing known held"),
        ("not in the inventory", "resource that was not found", "resources that were not found"),
    )
    parts = [words.count(tally[kind], one, many) for kind, one, many in forms if tally[kind]]
    return f"Dependencies end at {words.listing(parts)}."


def findings(rules: Sequence[RuleRow]) -> tuple[Finding, ...]:
    """Rules by finding."""
    tally = Counter(row.finding for row in rules)
    wide = Counter((row.finding, row.direction == "ingress") for row in rules if row.open_to_world)
    top = max(tally.values(), default=0)
    return tuple(
        Finding(label, charts.bar(tally[key], top, part=wide[key, True]), tally[key], wide[key, True], wide[key, False])
        for key, label in FINDINGS.items()
        if tally[key]
    )


def level_bars(risks: Sequence[RiskRow]) -> tuple[BarRow, ...]:
    """Resources by level, the highest first; the strong part is wholly measured."""
    tally = Counter(row.level for row in risks)
    measured = Counter(row.level for row in risks if not row.not_measured)
    top = max(tally.values(), default=0)
    return tuple(
        BarRow(level, "", charts.bar(tally[level], top, part=measured[level]), (words.number(tally[level]), words.number(measured[level])))
        for level in LEVELS
        if risks
    )


def risky(risks: Sequence[RiskRow], factors: Sequence[FactorRow]) -> tuple[Risky, ...]:
    """The highest risks with all their factors."""
    first = risks[:RISK_ROWS]
    wanted = {row.uid for row in first}
    of: dict[str, list[FactorRow]] = defaultdict(list)
    for row in factors:
        if row.uid in wanted:
            of[row.uid].append(row)
    return tuple(Risky(row, charts.bar(row.upper_points, 100, part=row.points), tuple(of[row.uid])) for row in first)


def unmeasured(factors: Sequence[FactorRow]) -> tuple[Unmeasured, ...]:
    """Factors without a measurement, those that may hide most first."""
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    for row in factors:
        if row.upper_points > row.points:
            found[row.factor, row.source].append(row.upper_points - row.points)
    rows = [Unmeasured(factor, source, len(hidden), sum(hidden)) for (factor, source), hidden in found.items()]
    return tuple(sorted(rows, key=lambda row: (-row.points, row.factor)))


def edge_port(row: EdgeRow) -> str:
    """Such as "TCP 5432 (postgresql)"."""
    return port_text(row.protocol, row.port)


def rule_ports(row: RuleRow) -> str:
    """Such as "TCP 443", "TCP 8000 to 8100", "all traffic"."""
    if row.protocol < 0:
        return "all traffic"
    if row.from_port < 0 or (row.from_port, row.to_port) == (0, 65535):
        return f"{protocol(row.protocol)}, all ports"
    if row.from_port == row.to_port:
        return port_text(row.protocol, row.from_port)
    return f"{protocol(row.protocol)} {row.from_port} to {row.to_port}"


def peer_name(row: NeededRuleRow, groups: Mapping[str, str], names: Mapping[str, str]) -> str:
    """What a person calls the peer: a move group by its members, a resource by its name, a CIDR as it is."""
    known = {"move_group": groups, "resource": names}.get(row.peer_kind, {})
    return known.get(row.peer, row.peer)


def sources_label(row: WorkloadRow) -> str:
    """What told the workload, in words."""
    return words.listing([SOURCES.get(source, source) for source in row.sources], at_most=3)

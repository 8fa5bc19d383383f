"""A dossier for each workload: what it holds, what it hangs on, what it does, costs and risks, and what to do with it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from reports.readiness import cost_page, cost_words, dependency_words, use_words, words
from reports.readiness.cost_page import CostPage
from reports.readiness.dependency_view import FactorRow, RiskRow, WorkloadRow
from reports.readiness.strategy_view import StrategyRow
from reports.readiness.text import clipped, visible
from reports.readiness.use_view import PatternRow, SizingRow
from reports.readiness.view import ReadinessView, ResourceRow

DOSSIERS = 60
MEMBERS = 12
SIZES = 5
RISKS = 3
_NAME_AT_MOST = 60
_REASON_AT_MOST = 200
_LEVELS = ("critical", "high", "medium", "low")


@dataclass(frozen=True, slots=True)
class Member:
    """One resource of a workload; what is not known is a dash."""

    row: ResourceRow
    pattern: str
    strategy: str
    risk: str
    cost: str


@dataclass(frozen=True, slots=True)
class Dossier:
    """One workload."""

    row: WorkloadRow
    about: str
    needs: str
    needed_by: str
    use: str  # here and below empty where nothing is known
    cost: str
    strategy: StrategyRow | None
    members: tuple[Member, ...]
    more: int
    sizes: tuple[tuple[str, str], ...]  # uid and the replay's sentence
    risks: tuple[tuple[str, str], ...]  # uid and where its points come from


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of resources, by uid."""

    patterns: Mapping[str, PatternRow]
    sizes: Mapping[str, SizingRow]
    strategies: Mapping[str, StrategyRow]
    risks: Mapping[str, RiskRow]
    factors: Mapping[str, Sequence[FactorRow]]
    changes: Mapping[str, cost_page.Change]
    workloads: Mapping[str, StrategyRow]  # by name


def dossiers(view: ReadinessView, money: CostPage | None, *, at_most: int = DOSSIERS, members: int = MEMBERS) -> tuple[Dossier, ...]:
    """The workloads of most risk, then size, each with its first *members*."""
    chosen = sorted(view.workloads or (), key=_weight)[:at_most]
    if not chosen:
        return ()
    inside = _inside(view)
    between = _between(view)
    known = _known(view, money)
    return tuple(_dossier(row, inside.get(row.workload, []), between.get(row.workload, ({}, {})), known, members) for row in chosen)


def _weight(row: WorkloadRow) -> tuple[int, int, str]:
    return (_LEVELS.index(row.level) if row.level in _LEVELS else len(_LEVELS), -row.resources, row.workload)


def _inside(view: ReadinessView) -> dict[str, list[ResourceRow]]:
    workload = {row.uid: row.workload for row in view.members}
    found: dict[str, list[ResourceRow]] = defaultdict(list)
    for row in view.resources:
        if row.uid in workload:
            found[workload[row.uid]].append(row)
    return found


def _between(view: ReadinessView) -> dict[str, tuple[dict[str, int], dict[str, int]]]:
    """Of each workload, how many dependencies it has on others and others on it, by the other's name."""
    workload = {row.uid: row.workload for row in view.members}
    found: dict[str, tuple[dict[str, int], dict[str, int]]] = defaultdict(lambda: (defaultdict(int), defaultdict(int)))
    for row in view.dependencies or ():
        source, target = _end(row.source_uid, workload), _end(row.target_uid, workload)
        if source != target:
            found[source][0][target] += 1
            found[target][1][source] += 1
    return found


def _end(uid: str, workload: Mapping[str, str]) -> str:
    return workload.get(uid) or ("outside" if uid.startswith(("external:", "unknown:")) else "no workload")


def _known(view: ReadinessView, money: CostPage | None) -> _Known:
    factors: dict[str, list[FactorRow]] = defaultdict(list)
    for row in view.risk_factors:
        factors[row.uid].append(row)
    sizes: dict[str, SizingRow] = {}
    for size in view.sizes or ():
        sizes.setdefault(size.uid, size)
    return _Known(
        patterns={row.uid: row for row in view.patterns or ()},
        sizes=sizes,
        strategies={row.uid: row for row in view.strategies.resources} if view.strategies else {},
        risks={row.uid: row for row in view.risks or ()},
        factors=factors,
        changes={one.row.uid: one for one in money.changes} if money else {},
        workloads={row.uid: row for row in view.strategies.workloads} if view.strategies else {},
    )


def _dossier(
    row: WorkloadRow,
    inside: Sequence[ResourceRow],
    between: tuple[Mapping[str, int], Mapping[str, int]],
    known: _Known,
    members: int,
) -> Dossier:
    shown = sorted(inside, key=lambda one: (*_matter(one, known), one.type, one.name))[:members]
    sized = [known.sizes[one.uid] for one in inside if one.uid in known.sizes and known.sizes[one.uid].verdict in ("smaller", "larger")]
    sized.sort(key=lambda one: (-(one.risk or 0), one.uid))
    risky = sorted((known.risks[one.uid] for one in inside if one.uid in known.risks), key=lambda one: (-one.upper_points, one.uid))
    return Dossier(
        row=row,
        about=about(row),
        needs=ends("Needs", between[0]),
        needed_by=ends("Is needed by", between[1]),
        use=use_text([known.patterns[one.uid] for one in inside if one.uid in known.patterns]),
        cost=cost_text([known.changes[one.uid] for one in inside if one.uid in known.changes]),
        strategy=known.workloads.get(row.workload),
        members=tuple(_member(one, known) for one in shown),
        more=len(inside) - len(shown),
        sizes=tuple((one.uid, f"{use_words.size_change(one)}. {use_words.replay_sentence(one)}") for one in sized[:SIZES]),
        risks=tuple((one.uid, risk_text(one, known.factors.get(one.uid, ()))) for one in risky[:RISKS]),
    )


def _matter(row: ResourceRow, known: _Known) -> tuple[float, float, bool]:
    """The riskiest first, then the dearest, then what holds data."""
    risk, change = known.risks.get(row.uid), known.changes.get(row.uid)
    dollars = float(change.now.monthly_usd or 0) if change else 0.0
    return (-(risk.upper_points if risk else 0), -dollars, not row.stateful)


def about(row: WorkloadRow) -> str:
    """What a workload holds, when it moves, at which risk, and why it is one."""
    numbers = words.listing([str(one) for one in row.waves])
    waves = f", in {words.agree(len(row.waves), 'wave', 'waves')} {numbers}" if row.waves else ", without a wave"
    points = dependency_words.scored(row.points, row.upper_points or row.points) if row.points is not None else ""
    why = f": {clipped(row.risk_reason, _REASON_AT_MOST)}" if row.risk_reason else ""
    level = f" Risk {row.level}, {points}{why}." if row.level and points else ""
    reason = f" A workload because of: {clipped('; '.join(row.reasons), _REASON_AT_MOST)}." if row.reasons else ""
    return f"{words.count(row.resources, 'resource')}{waves}.{level}{reason}".replace("\u2026.", "\u2026")


def ends(head: str, tally: Mapping[str, int]) -> str:
    """Other workloads with how many dependencies run there, most first."""
    if not tally:
        return f"{head}: nothing known."
    rows = sorted(tally.items(), key=lambda item: (-item[1], item[0]))
    return f"{head}: {words.listing([f'{visible(name, at_most=_NAME_AT_MOST)} ({amount:,})' for name, amount in rows], at_most=6)}."


def use_text(rows: Sequence[PatternRow]) -> str:
    """How many of its resources have which pattern; empty without any."""
    tally = Counter(use_words.plain(row.pattern) for row in rows)
    ranked = sorted(tally.items(), key=lambda one: (-one[1], one[0]))
    return f"Patterns of use: {words.listing([f'{amount:,} {name}' for name, amount in ranked], at_most=8)}." if rows else ""


def cost_text(found: Iterable[cost_page.Change]) -> str:
    """What its resources cost now and afterwards; empty where nothing is priced."""
    rows = list(found)
    if not rows:
        return ""
    now, after = (cost_page.amount_of(getattr(one, name) for one in rows) for name in ("now", "after"))
    text = f"Costs {cost_words.ranged(now)} a month now"
    if after.monthly_usd is None:  # withheld, or not known
        return f"{text}."
    least = "" if all(one.estimated for one in rows) else "at least "
    return f"{text}, {least}{cost_words.ranged(after)} afterwards."


def risk_text(row: RiskRow, factors: Sequence[FactorRow]) -> str:
    """Level and points, and the factors that most of them come from."""
    top = [f"{one.factor.replace('_', ' ')} {dependency_words.points(one.points, one.upper_points)}" for one in factors[:RISKS]]
    text = f"{row.level}, {dependency_words.scored(row.points, row.upper_points)}"
    return f"{text}: {', '.join(top)}" if top else text


def _member(row: ResourceRow, known: _Known) -> Member:
    pattern, strategy, risk, change = (found.get(row.uid) for found in (known.patterns, known.strategies, known.risks, known.changes))
    return Member(
        row=row,
        pattern=use_words.plain(pattern.pattern) if isinstance(pattern, PatternRow) else "–",
        strategy=strategy.strategy if isinstance(strategy, StrategyRow) else "–",
        risk=risk.level if isinstance(risk, RiskRow) else "–",
        cost=cost_words.usd(change.now.monthly_usd) if isinstance(change, cost_page.Change) else "–",
    )

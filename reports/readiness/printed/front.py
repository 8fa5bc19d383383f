"""The cover, the summary and what could not be seen."""

from typing import Any

from cloudmigrate.domain.naming import short_type
from reports.readiness import cost_page, cost_words, dependency_words, page, plan_words, strategy_words, trust_page, words
from reports.readiness.printed.blocks import (
    Block,
    Column,
    Section,
    chart,
    figures,
    heading,
    key,
    lead,
    listing,
    note,
    paragraph,
    ribbon,
    table,
)
from reports.readiness.view import Gap, ReadinessView

TYPES = 12
PLACES = 12
GAPS = 15
_GAP_COLUMNS = (Column("Account"), Column("Hidden", 2), Column("Why", 2), Column("What to do", 3))


def cover(view: ReadinessView) -> dict[str, Any]:
    """Whose report, of when, and whether it can be trusted."""
    plan = [f"Plan {view.plan.plan_id}"] if view.plan else []
    items = ((item.label, item.value, item.note, item.tone) for item in trust_page.trust_items(view))
    return {
        "kicker": "Migration readiness",
        "title": view.estate_name,
        "stamp": [f"As seen on {words.instant(view.snapshot_at)}", f"Snapshot {view.snapshot_id}", *plan],
        "blocks": [lead(words.verdict_sentence(view.trust)), ribbon(items), *_in_short(view)],
    }


def _in_short(view: ReadinessView) -> list[Block]:
    """What a reader of the first page alone takes along: money, strategies, risk, waves."""
    found: list[str] = []
    if cost_page.cost_page(view) is not None and view.costs is not None:
        found += [cost_words.costs_sentence(view.costs).replace("`", ""), cost_words.samples_sentence(view.costs.price_lists)]
    if view.strategies is not None and view.strategies.resources:
        confidence = strategy_words.confidence_sentence(view.strategies.resources)
        found.append(f"{strategy_words.strategies_sentence(view.strategies)} {confidence}".replace("`", ""))
    found += [dependency_words.risk_sentence(view.risks)] if view.risks else []
    return [lead(words.found_sentence(view.totals)), *listing([*found, words.waves_sentence(view.plan)])]


def summary(view: ReadinessView) -> Section:
    """What there is, in sentences, figures and two tables."""
    blocks: list[Block] = [lead(words.found_sentence(view.totals)), *listing(findings(view))]
    if view.totals.resources:
        blocks += [
            figures((one.label, one.value, one.note) for one in page.figures(view)),
            heading("By type"),
            table(_bar_columns("Type"), ([row.label, chart(row.chart), *row.values] for row in page.type_bars(view)[:TYPES])),
            key((("bar-part", "hold data"), ("bar-fill", "do not"))),
            *_rest(len(view.by_type) - TYPES, "further type"),
            heading("By account and region"),
            table(
                (Column("Account"), *_bar_columns("Region")),
                ([row.label, row.title, chart(row.chart), *row.values] for row in page.place_bars(view)[:PLACES]),
            ),
            *_rest(len(view.by_place) - PLACES, "further account region"),
        ]
    return Section("Summary", tuple(blocks), ("resources", "by_type", "by_place", "storage"), new_page=True)


def findings(view: ReadinessView) -> list[str]:
    """What each part of the report found, a sentence or two each."""
    plan = view.plan
    idle = f" {words.idle_sentence(view)}" if view.usage else ""
    found = [words.storage_sentence(view.totals)] if view.totals.resources else []
    found.append(f"{words.measured_sentence(view)}{idle}")
    if view.totals.resources:
        shut = f" {dependency_words.shut_sentence(view.dependencies)}" if view.dependencies else ""
        found.append(f"{dependency_words.dependencies_sentence(view)}{shut}")
    found += money_findings(view)
    found += [dependency_words.risk_sentence(view.risks)] if view.risks else []
    found += [dependency_words.open_sentence(view.rules)] if view.rules else []
    found += [dependency_words.shared_sentence(view.shared, view.flow_logs)] if view.shared else []
    when = f" {plan_words.calendar_sentence(plan)}" if plan else ""
    return [*found, f"{words.waves_sentence(plan)}{when}".strip()]


def money_findings(view: ReadinessView) -> list[str]:
    """What it costs now and afterwards; nothing where nothing is priced."""
    money = cost_page.cost_page(view)
    if money is None or view.costs is None:
        return []
    after = cost_words.gate_sentence(view.costs) if money.withheld else cost_words.after_sentence(money.outlook)
    return [f"{cost_words.costs_sentence(view.costs)} {after}".replace("`", "")]


def trust(view: ReadinessView) -> Section:
    """What could not be seen, and what to do about it."""
    blocks: list[Block] = [lead(words.coverage_sentence(view)), paragraph(words.quality_sentence(view.trust))]
    if view.gaps:
        blocks += [heading("What could not be seen"), table(_GAP_COLUMNS, (_gap(row) for row in view.gaps[:GAPS]))]
        blocks += _rest(len(view.gaps) - GAPS, "further cause")
    blocks += [heading("What silence in the traffic means"), paragraph(dependency_words.flow_logs_sentence(view.flow_logs))]
    if view.flow_logs and view.flow_logs.days:
        blocks.append(paragraph(dependency_words.chance_sentence(view.flow_logs.chances)))
    return Section("Can I trust this?", tuple(blocks), ("gaps" if view.gaps else "coverage", "checks", "flow_logs", "chances"))


def _gap(row: Gap) -> list[str]:
    what = (
        f"flow logs in {row.flow_logs}{f' after {words.instant(row.seen_until_at)}' if row.seen_until_at else ''}"
        if row.flow_logs
        else f"everything: {words.count(len(row.types), 'type')}"
        if row.whole_account
        else words.listing([short_type(one) for one in row.types], at_most=3)
    )
    why = ": ".join(part for part in (row.error_code, row.detail) if part)
    return [
        row.account_id,
        f"{what} ({words.listing(row.regions, at_most=3)})",
        f"{row.status.replace('_', ' ')}{f', {why}' if why else ''}",
        row.next_step,
    ]


def _bar_columns(head: str) -> tuple[Column, ...]:
    return (Column(head), Column("", 1), Column("Resources", number=True), Column("Hold data", number=True), Column("Data", number=True))


def _rest(amount: int, noun: str) -> list[Block]:
    return [note(f"{words.count(amount, noun).capitalize()} in readiness.html.")] if amount > 0 else []

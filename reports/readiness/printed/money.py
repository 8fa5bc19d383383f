"""What it costs, now, afterwards and month by month, on paper."""

from collections.abc import Mapping, Sequence

from cloudmigrate.domain.naming import short_type
from reports.readiness import cost_page, cost_words, words
from reports.readiness.cash_page import CashPage
from reports.readiness.cost_page import CostPage, PairRow
from reports.readiness.naming import end_name
from reports.readiness.plan_words import day_of
from reports.readiness.printed.blocks import (
    Block,
    Cell,
    Column,
    Section,
    chart,
    heading,
    key,
    lead,
    note,
    paragraph,
    picture,
    table,
    warning,
)
from reports.readiness.view import ReadinessView

GROUPS = 12
MONTHS = 36
UNPRICED = 12
LISTS = 12
SAVINGS = 5
_WIDE = 500


def costs(view: ReadinessView, names: Mapping[str, str]) -> Section:
    """All of it; a sentence where nothing was priced."""
    money, found = cost_page.cost_page(view), view.costs
    blocks: list[Block] = [lead(_plain(cost_words.costs_sentence(found)))]
    if found is None or money is None or money.before.monthly_usd is None:
        return Section("What does it cost?", tuple(blocks))
    gate = _plain(cost_words.gate_sentence(found))
    if money.withheld:
        blocks.append(warning(f"{gate} What it would cost afterwards is not shown until the estimate is near the bill."))
    else:
        blocks += [paragraph(cost_words.after_sentence(money.outlook)), paragraph(gate)]
    blocks += [
        warning(cost_words.samples_sentence(found.price_lists)),
        note("List prices in USD for a month of 730 hours, on demand unless said otherwise; before discounts, tax and support."),
        *_baseline(view),
        *_steps(money),
        *_pairs("By service", "Service", money.services, withheld=money.withheld),
        *_pairs("By workload", "Workload", money.workloads, withheld=money.withheld),
        *_pairs("By wave", "Wave", money.waves, withheld=money.withheld),
        *(_cash(money.cash) if money.cash else ()),
        *_terms(view, money),
        *_savings(view, money, names),
        *([paragraph(dearer)] if (dearer := cost_page.dearer_sentence(money)) else []),
        *_unpriced(view),
    ]
    return Section("What does it cost?", tuple(blocks), _figures(money))


def _plain(sentence: str) -> str:
    return sentence.replace("`", "")


def _figures(money: CostPage) -> tuple[str, ...]:
    curve = ("cash_curve",) if money.cash else ()
    return (
        "costs",
        "costs_after",
        "cost_services",
        "cost_workloads",
        *(("cost_waves",) if money.waves else ()),
        *curve,
        "unpriced",
        "price_lists",
    )


def _baseline(view: ReadinessView) -> list[Block]:
    rows = view.costs.baseline[:GROUPS] if view.costs else ()
    if not rows:
        return []
    columns = (
        Column("Service", 1),
        Column("Verdict"),
        Column("Billed USD", number=True),
        Column("Estimated USD", number=True),
        Column("Error", number=True),
        Column("Lines priced", number=True),
    )
    cells = [
        [
            row.service,
            row.verdict.replace("_", " "),
            cost_words.usd(row.billed_usd),
            cost_words.usd(row.estimated_usd),
            _error(row.error_pct),
            cost_words.lines_priced(row),
        ]
        for row in rows
    ]
    return [heading("Against the bill"), table(columns, cells)]


def _error(value: float | None) -> str:
    return "–" if value is None else f"{value:+.1f} %".replace("-", "\u2212")


def _steps(money: CostPage) -> list[Block]:
    if not money.steps:
        return []
    columns = (Column("Step"), Column("", 1), Column("USD a month", number=True), Column("Resources", number=True))
    return [
        heading("Now and afterwards"),
        paragraph(cost_words.waterfall_sentence(money.deltas)),
        table(columns, ([row.label, chart(row.chart), row.amount, row.resources] for row in money.steps)),
        key((("bar-part", "total"), ("step-less", "less"), ("step-more", "more"))),
    ]


def _pairs(title: str, head: str, rows: Sequence[PairRow], *, withheld: bool) -> list[Block]:
    if not rows:
        return []
    then = () if withheld else (Column("Afterwards", number=True), Column("Range", number=True))
    columns = (Column(head), Column("", 1), Column("Now USD", number=True), Column("Range", number=True), *then)
    cells = [
        [row.label, chart(row.chart), row.now, row.now_range or "–", *(() if withheld else (row.then, row.then_range or "–"))]
        for row in rows[:GROUPS]
    ]
    rest = [note(f"The first {GROUPS} of {len(rows):,}; readiness.html has more.")] if len(rows) > GROUPS else []
    legend = (("bar-part", "now"), *(() if withheld else (("bar-fill", "afterwards"),)))
    return [heading(title), table(columns, cells), key(legend), *rest]


def _cash(page: CashPage) -> list[Block]:
    running = (Column("Where it is", number=True), Column("At the target", number=True), Column("Migration", number=True))
    columns = (Column("Month"), Column("", 1), Column("Whole USD", number=True), Column("Range", number=True), *running)
    cells: list[list[Cell]] = [
        [row.label, chart(row.chart), row.whole, row.span or "–", row.source, row.target, row.extra] for row in page.months[:MONTHS]
    ]
    alt = f"Cost from {page.months[0].label} to {page.months[-1].label} between its low and high ends, from 0 to {page.top}"
    return [
        heading("Month by month"),
        paragraph(page.sentence),
        picture(page.curve, alt, width=_WIDE),
        note(f"From 0 to {page.top}; the band is between low and high."),
        table(columns, cells, small=True),
    ]


def _terms(view: ReadinessView, money: CostPage) -> list[Block]:
    if len(money.terms) < 2 or view.costs is None:
        return []
    columns = (Column("Way to pay", 1), Column("Now, a month", number=True), Column("Afterwards, a month", number=True))
    found = view.costs
    told = (
        cost_words.commitment_sentence(found),
        cost_words.commits_sentence(found.commits),
        cost_words.commits_after_sentence(found.commits_after),
    )
    text = " ".join(one for one in told if one)
    return [heading("Ways to pay"), paragraph(text), table(columns, ([row.label, row.now, row.after] for row in money.terms))]


def _savings(view: ReadinessView, money: CostPage, names: Mapping[str, str]) -> list[Block]:
    if not money.savings:
        return []
    types = {row.uid: row.type for row in view.resources}
    columns = (
        Column("Resource", 2),
        Column("Type", 1),
        Column("Strategy"),
        Column("Now USD", number=True),
        Column("After", number=True),
        Column("Less", number=True),
    )
    cells = [
        [
            names.get(one.row.uid, end_name(one.row.uid)),
            short_type(types.get(one.row.uid, "")),
            one.strategy,
            cost_words.usd(one.now.monthly_usd),
            cost_words.usd(one.after.monthly_usd),
            cost_words.usd(cost_page.saving(one)),
        ]
        for one in money.savings[:SAVINGS]
    ]
    return [heading("Largest savings"), table(columns, cells)]


def _unpriced(view: ReadinessView) -> list[Block]:
    if view.costs is None:
        return []
    blocks: list[Block] = []
    if view.costs.unpriced:
        columns = (Column("Line and reason", 3), Column("What", 2), Column("Resources", number=True))
        cells = [
            [row.reason, words.listing([f"{amount:,} × {short_type(kind)}" for kind, amount in row.types], at_most=3), f"{row.resources:,}"]
            for row in view.costs.unpriced[:UNPRICED]
        ]
        blocks += [heading("Without a price"), table(columns, cells)]
    if view.costs.price_lists:
        lists = (Column("Price list", 1), Column("Prices", number=True), Column("Dated samples", number=True), Column("Sampled on"))
        cells = [
            [row.price_version, f"{row.prices:,}", f"{row.samples:,}", day_of(row.sampled_on) if row.sampled_on else "–"]
            for row in view.costs.price_lists[:LISTS]
        ]
        blocks += [heading("Price lists"), table(lists, cells)]
    return blocks

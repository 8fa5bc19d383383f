"""What to do and what the resources do all day, on paper."""

from collections.abc import Mapping

from reports.readiness import strategy_page, strategy_words, use_page, use_words, words
from reports.readiness.naming import end_name
from reports.readiness.printed.blocks import (
    Block,
    Cell,
    Column,
    Section,
    chart,
    heading,
    key,
    lead,
    listing,
    note,
    paragraph,
    picture,
    table,
)
from reports.readiness.use_page import UsePage
from reports.readiness.view import ReadinessView

CHANGES = 15
WORKLOADS = 20
QUESTIONS = 10
BUSIEST = 3


def strategies(view: ReadinessView, names: Mapping[str, str]) -> Section:
    """What is recommended; a sentence where nothing is."""
    blocks: list[Block] = [lead(strategy_words.strategies_sentence(view.strategies).replace("`", ""))]
    figures: tuple[str, ...] = ()
    if view.strategies and view.strategies.resources:
        page = strategy_page.strategy_page(view)
        rows = view.strategies.resources
        text = f"{strategy_words.confidence_sentence(rows)} {strategy_words.overrides_sentence(rows)}"
        columns = (
            Column("Strategy"),
            Column("", 1),
            Column("Resources", number=True),
            Column("Sure", number=True),
            Column("Work, hours", number=True),
        )
        blocks += [
            paragraph(text.strip()),
            table(columns, ([row.label, chart(row.chart), *row.values] for row in page.bars)),
            key((("bar-part", "confidence of at least 80 %"), ("bar-fill", "less"))),
        ]
        if view.strategies.workloads:
            columns = (
                Column("Workload", 2),
                Column("Strategy"),
                Column("Confidence", number=True),
                Column("Work, hours", number=True),
                Column("Why", 4),
            )
            cells = [
                [row.uid, row.strategy, words.pct(row.confidence), words.number(row.effort_hours or 0), "; ".join(row.reasons)]
                for row in view.strategies.workloads[:WORKLOADS]
            ]
            blocks += [heading("By workload"), table(columns, cells, small=True)]
        blocks += [heading("Open questions"), paragraph(strategy_words.questions_sentence(page.questions))]
        blocks += listing(f"{names.get(row.uid, end_name(row.uid))}: {row.open_question}" for row in page.questions[:QUESTIONS])
        figures = ("strategies", "strategy_rows", "questions")
    if matrix := strategy_page.risk_matrix(view):
        told = "; ".join(f"{level} {', '.join(f'{one.resources:,}' for one in cells)}" for level, cells in matrix.rows)
        alt = f"Resources by level of risk, by how many others need them ({', '.join(matrix.columns)}): {told}"
        blocks += [
            heading("Risk matrix"),
            note("Resources by level of risk and by how many others need them; the stronger the colour, the more."),
            picture(strategy_page.matrix_svg(matrix), alt, share_pct=70),
        ]
        figures += ("risk_matrix",)
    return Section("What should we do?", tuple(blocks), figures)


def use(view: ReadinessView, names: Mapping[str, str]) -> Section:
    """Patterns and sizes; a sentence where nobody looked."""
    page = use_page.use_page(view)
    blocks: list[Block] = [lead(use_words.patterns_sentence(view.patterns).replace("`", ""))]
    if view.patterns:
        idle = use_words.idle_patterns_sentence(view.patterns)
        blocks += [paragraph(idle)] if idle else []
        columns = (Column("Pattern"), Column("", 1), Column("Resources", number=True))
        blocks.append(table(columns, ([row.label, chart(row.chart), *row.values] for row in page.patterns)))
        blocks += _examples(page, names)
    blocks += [heading("Sizes"), paragraph(use_words.sizes_sentence(view.sizes).replace("`", ""))]
    if page.changes:
        sized = (Column("Resource", 2), Column("Now and target", 2), Column("Risk"), Column("Replay of what was recorded", 4))
        cells = [
            [
                names.get(row.uid, end_name(row.uid)),
                use_words.size_change(row),
                use_words.risk_text(row.risk),
                use_words.replay_sentence(row),
            ]
            for row in page.changes[:CHANGES]
        ]
        blocks.append(table(sized, cells, small=True))
        if len(page.changes) > CHANGES:
            blocks.append(note(f"The first {CHANGES} of {len(page.changes):,}; readiness.html has all of them."))
    return Section("What does it do all day?", tuple(blocks), _figures(view))


def _figures(view: ReadinessView) -> tuple[str, ...]:
    return (*(("patterns", "pattern_rows") if view.patterns else ()), *(("sizes", "size_changes") if view.sizes else ()))


def _examples(page: UsePage, names: Mapping[str, str]) -> list[Block]:
    if not page.examples:
        return []
    columns = (Column("Example", 3), Column("Fourteen days, hour by hour", 5), Column("Scale", 2), Column("Numbers", 5))
    cells: list[list[Cell]] = [
        [
            f"{use_words.plain(one.row.pattern)}: {names.get(one.row.uid, end_name(one.row.uid))}",
            chart(one.chart, 320),
            f"{one.row.metric}, 0 to {one.top}",
            f"{one.numbers}. Rule {one.row.rule}",
        ]
        for one in page.examples
    ]
    blocks: list[Block] = [heading("One example of each"), table(columns, cells, small=True)]
    if page.busiest:
        blocks += [
            heading("When the busiest are busy"),
            note("CPU by hour of the week in UTC; darker is busier, in steps of 5, 20, 40 and 70 %."),
        ]
        for one in page.busiest[:BUSIEST]:
            name = names.get(one.profile.uid, end_name(one.profile.uid))
            blocks.append(picture(one.chart, f"Week of {name}: {one.peak}", share_pct=60))
            blocks.append(note(f"{name}: {one.peak}."))
    return blocks

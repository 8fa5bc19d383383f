"""The whole document as data, in the reader's order: can I trust it, what is there, in which order, at what risk, how do you know."""

from typing import Any

from reports.readiness import evidence, plan_page, words
from reports.readiness.called import called_apart
from reports.readiness.printed import annex, front, money, order, risk, use
from reports.readiness.printed.blocks import Block, Section, note
from reports.readiness.text import visible
from reports.readiness.view import ReadinessView

NAME_AT_MOST = 60


def story(view: ReadinessView) -> dict[str, Any]:
    """What the template sets: title, cover, running heads, sections with their blocks."""
    view = called_apart(view)
    names = {row.uid: visible(row.name, at_most=NAME_AT_MOST) for row in view.resources}
    groups = plan_page.group_names(view.plan.groups, names) if view.plan else {}
    told = [
        front.summary(view),
        front.trust(view),
        money.costs(view, names),
        use.strategies(view, names),
        *([order.waves(view, groups)] if view.plan else []),
        risk.risks(view, names),
        risk.dependencies(view, names),
        use.use(view, names),
        *annex.workloads(view, names),
    ]
    figures = list(dict.fromkeys(figure for section in told for figure in section.figures))
    numbers = {figure: f"Q{at}" for at, figure in enumerate(figures, start=1)}
    told.append(Section("How we know", tuple(_queries(numbers, view)), new_page=True))
    sections = [
        {"title": section.title, "new_page": section.new_page, "blocks": [*section.blocks, *_sources(section, numbers)]} for section in told
    ]
    at = view.snapshot_at
    return {
        "title": f"Migration readiness of {view.estate_name}, {words.day(at)}",
        "moment": [at.year, at.month, at.day, at.hour, at.minute, at.second],
        "header": [f"Migration readiness of {view.estate_name}", f"Snapshot {view.snapshot_id}"],
        "footer": f"As seen on {words.instant(at)}",
        "cover": front.cover(view),
        "sections": sections,
    }


def _sources(section: Section, numbers: dict[str, str]) -> list[Block]:
    if not section.figures:
        return []
    return [
        note(f"How we know: {words.listing([numbers[one] for one in dict.fromkeys(section.figures)], at_most=20)} under “How we know”.")
    ]


def _queries(numbers: dict[str, str], view: ReadinessView) -> list[Block]:
    head = note(
        "Each figure comes from the lake of this snapshot. These commands give it again, run beside estate.yaml or with --estate FILE; "
        "readiness.html and report.json hold every row of which this document shows the first."
    )
    commands: list[Block] = [
        {"kind": "command", "label": f"{number}: {figure.replace('_', ' ')}", "text": evidence.command(figure, view)}
        for figure, number in numbers.items()
    ]
    return [head, *commands]

"""The annex: one part for each of the workloads that matter most."""

from collections.abc import Mapping

from cloudmigrate.domain.naming import short_type
from reports.readiness import cost_page, dependency_words, words
from reports.readiness.naming import end_name
from reports.readiness.printed.blocks import Block, Column, Section, heading, lead, listing, note, paragraph, table
from reports.readiness.text import visible
from reports.readiness.view import ReadinessView
from reports.readiness.workload_page import Dossier, Member, dossiers

RESOURCES = 20
NAME_AT_MOST = 60
_COLUMNS = (
    Column("Resource", 3),
    Column("Type", 2),
    Column("Region", 1),
    Column("Wave", number=True),
    Column("Pattern"),
    Column("Strategy"),
    Column("Risk"),
    Column("USD a month", number=True),
)


def workloads(view: ReadinessView, names: Mapping[str, str]) -> tuple[Section, ...]:
    """The annex, or nothing where there are no workloads."""
    found = dossiers(view, cost_page.cost_page(view), members=RESOURCES)
    if not found:
        return ()
    blocks: list[Block] = [lead(dependency_words.workloads_sentence(view))]
    if len(view.workloads or ()) > len(found):
        blocks.append(note(f"The {len(found)} of most risk, then size, of {len(view.workloads or ()):,}; report.json has all of them."))
    for one in found:
        blocks += _dossier(one, names)
    return (Section("Annex: workloads", tuple(blocks), ("workloads",), new_page=True),)


def _dossier(one: Dossier, names: Mapping[str, str]) -> list[Block]:
    blocks = [heading(visible(one.row.workload, at_most=NAME_AT_MOST)), paragraph(one.about)]
    told = " ".join(text for text in (one.use, one.cost) if text)
    blocks += [paragraph(told)] if told else []
    if one.strategy:
        others = "; ".join(f"not {other.strategy}: {other.why_not}" for other in one.strategy.alternatives[:3])
        why = "; ".join(one.strategy.reasons)
        blocks.append(
            paragraph(f"{one.strategy.strategy.capitalize()}, confidence {words.pct(one.strategy.confidence)}: {why}. {others}".strip())
        )
    blocks.append(note(f"{one.needs} {one.needed_by}"))
    if one.members:
        blocks.append(table(_COLUMNS, (_member(row, names) for row in one.members), small=True))
    if one.more > 0:
        blocks.append(note(f"{words.count(one.more, 'further resource').capitalize()} in readiness.html."))
    blocks += listing(f"{names.get(uid, end_name(uid))}: {text}" for uid, text in (*one.sizes, *one.risks))
    return blocks


def _member(one: Member, names: Mapping[str, str]) -> list[str]:
    row = one.row
    return [names[row.uid], short_type(row.type), row.region, str(row.wave or "–"), one.pattern, one.strategy, one.risk, one.cost]

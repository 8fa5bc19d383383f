"""What could go wrong and what hangs together: risk, dependencies, shared services, rules."""

from collections.abc import Mapping

from cloudmigrate.domain.naming import short_type
from reports.readiness import dependency_page, dependency_words, words
from reports.readiness.dependency_page import Risky
from reports.readiness.dependency_view import EdgeRow
from reports.readiness.naming import end_name
from reports.readiness.ports import port_text
from reports.readiness.printed.blocks import Block, Column, Section, chart, heading, key, lead, note, paragraph, table
from reports.readiness.view import ReadinessView

RISKY = 20
EDGES = 15
SHARED = 12
RULES = 12


def risks(view: ReadinessView, names: Mapping[str, str]) -> Section:
    """How many resources are at which risk, and the highest."""
    blocks: list[Block] = [lead(dependency_words.risk_sentence(view.risks))]
    if not view.risks:
        return Section("Risk", tuple(blocks))
    part = dependency_page.dependency_page(view)
    types = {row.uid: row.type for row in view.resources}
    waves = {row.uid: row.wave for row in view.resources}
    blocks += [
        note("Points add up to 100 at most. What was not measured counts at its factor’s maximum, so the level goes by the upper end."),
        heading("By level"),
        table(
            (Column("Level"), Column("", 1), Column("Resources", number=True), Column("Wholly measured", number=True)),
            ([row.label, chart(row.chart), *row.values] for row in part.levels),
        ),
        key((("bar-part", "wholly measured"), ("bar-fill", "something was not measured"))),
        heading("Highest risks"),
        table(
            (
                Column("Resource", 3),
                Column("Type", 2),
                Column("Wave", number=True),
                Column("Level"),
                Column("Points"),
                Column("Most from", 4),
            ),
            (_risky(row, names, types, waves) for row in part.risky[:RISKY]),
        ),
    ]
    if part.unmeasured:
        blocks += [
            heading("What was not measured"),
            table(
                (Column("Factor", 1), Column("Told from", 1), Column("Resources", number=True), Column("Points it may hide", number=True)),
                (
                    [row.factor.replace("_", " "), row.source.replace("_", " "), f"{row.resources:,}", words.number(row.points)]
                    for row in part.unmeasured
                ),
            ),
        ]
    return Section("Risk", tuple(blocks), ("risk_levels", "risks", *(["unmeasured"] if part.unmeasured else [])))


def _risky(row: Risky, names: Mapping[str, str], types: Mapping[str, str], waves: Mapping[str, int | None]) -> list[str]:
    uid = row.risk.uid
    top = [f"{factor.factor.replace('_', ' ')} {dependency_words.points(factor.points, factor.upper_points)}" for factor in row.factors[:3]]
    return [
        names.get(uid, end_name(uid)),
        short_type(types.get(uid, "")),
        str(waves.get(uid) or "–"),
        row.risk.level,
        dependency_words.points(row.risk.points, row.risk.upper_points),
        ", ".join(top),
    ]


def dependencies(view: ReadinessView, names: Mapping[str, str]) -> Section:
    """What depends on what, told by its heaviest, and the rules that stand open."""
    part = dependency_page.dependency_page(view)
    blocks: list[Block] = [lead(dependency_words.dependencies_sentence(view))]
    blocks += [paragraph(text)] if view.dependencies and (text := dependency_words.shut_sentence(view.dependencies)) else []
    if part.talkers:
        blocks += [
            heading("Most traffic"),
            table(
                (
                    Column("Needs", 2),
                    Column("Is needed", 2),
                    Column("Port"),
                    Column("Bytes", number=True),
                    Column("Confidence", number=True),
                ),
                (_edge(row, names) for row in part.talkers[:EDGES]),
            ),
        ]
    if part.far_ends:
        blocks.append(paragraph(dependency_page.far_sentence(part.far_ends)))
    blocks += [heading("Shared services"), paragraph(dependency_words.shared_sentence(view.shared, view.flow_logs))]
    if view.shared:
        columns = (Column("Resource", 2), Column("Serves as"), Column("Others", number=True), Column("Why", 3))
        rows = ([names.get(row.uid, end_name(row.uid)), row.service.replace("_", " "), f"{row.peers:,}", row.reason] for row in view.shared)
        blocks.append(table(columns, list(rows)[:SHARED]))
    blocks += [heading("Rules"), paragraph(dependency_words.rules_sentence(view.rules, view.coverage))]
    if view.rules:
        blocks.append(paragraph(dependency_words.open_sentence(view.rules)))
    if part.open_rules:
        columns = (Column("Rule that lets the world in", 2), Column("Ports", 1), Column("Finding"), Column("Dependencies", number=True))
        cells = (
            [row.description or row.rule_id, dependency_page.rule_ports(row), row.finding.replace("_", " "), f"{row.edges:,}"]
            for row in part.open_rules[:RULES]
        )
        blocks.append(table(columns, cells))
    return Section("Dependencies", tuple(blocks), _figures(view))


def _figures(view: ReadinessView) -> tuple[str, ...]:
    told = (("dependencies", view.dependencies), ("shared", view.shared), ("rules", view.rules))
    return tuple(figure for figure, rows in told if rows) or ("relations",)


def _edge(row: EdgeRow, names: Mapping[str, str]) -> list[str]:
    return [
        names.get(row.source_uid, end_name(row.source_uid)),
        names.get(row.target_uid, end_name(row.target_uid)),
        port_text(row.protocol, row.port),
        words.size(row.bytes),
        words.pct(row.confidence),
    ]

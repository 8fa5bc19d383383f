"""The order of the move: waves on the calendar, what each holds, what crosses sites meanwhile."""

from collections.abc import Mapping

from reports.readiness import plan_page, plan_words, wave_page, words
from reports.readiness.plan_view import Plan, Wave
from reports.readiness.printed.blocks import Block, Cell, Column, Section, chart, heading, key, lead, listing, note, paragraph, table
from reports.readiness.view import ReadinessView

WAVES = 40
CROSSINGS = 12
CUTS = 8
REASONS = 12
_WIDE = 420


def waves(view: ReadinessView, groups: Mapping[str, str]) -> Section:
    """The plan's waves."""
    plan = view.plan
    if plan is None:
        return Section("Waves", (lead(words.waves_sentence(None)),))
    blocks = [lead(words.waves_sentence(plan)), *_calendar(plan), *_waves(plan)]
    if plan.crossings:
        rows = plan_page.crossings(plan, groups)[:CROSSINGS]
        columns = (
            Column("Group that needs", 2),
            Column("Wave", number=True),
            Column("Group that is needed", 2),
            Column("Wave", number=True),
        )
        blocks += [
            heading("Across sites meanwhile"),
            paragraph(plan_words.crossings_sentence(plan.crossings)),
            table(
                (*columns, Column("A day", number=True)),
                (
                    [
                        row.source,
                        str(row.crossing.source_wave),
                        row.target,
                        str(row.crossing.target_wave),
                        words.size(round(row.crossing.bytes_per_day)),
                    ]
                    for row in rows
                ),
            ),
        ]
    if plan.cuts:
        blocks += [heading("Groups larger than a wave"), paragraph(plan_words.cuts_sentence(plan.cuts))]
        blocks += listing(
            f"{row.name}: {words.count(row.cut.size, 'resource')}, cut into {len(row.cut.side_a):,} and {len(row.cut.side_b):,}; "
            f"{plan_words.cut_cost(row.cut)}."
            for row in plan_page.cuts(plan, groups)[:CUTS]
        )
    blocks += _without(plan)
    return Section("Waves", tuple(blocks), _figures(plan), new_page=True)


def _figures(plan: Plan) -> tuple[str, ...]:
    return ("waves", "move_groups", *(["crossings"] if plan.crossings else []), *(["no_wave"] if plan.no_wave else []))


def _calendar(plan: Plan) -> list[Block]:
    calendar = plan_page.calendar(plan)
    if calendar is None:
        return []
    text = f"{plan_words.calendar_sentence(plan)} {plan_words.pilots_sentence(plan.waves)}".strip()
    axis: list[Cell] = ["", "", chart(calendar.axis, _WIDE), ""]
    rows: list[list[Cell]] = [
        [f"Wave {row.wave.wave}", row.when, chart(row.chart, _WIDE), f"{row.wave.resources:,}"] for row in calendar.rows[:WAVES]
    ]
    blocks = [
        paragraph(text),
        table((Column("Wave"), Column("Days"), Column("", 1), Column("Resources", number=True)), [axis, *rows]),
        key((("span", "wave"), ("pilot", "pilot"), *((("shut", "freeze window"),) if calendar.freezes else ()))),
    ]
    if len(calendar.rows) > WAVES:
        blocks.append(note(f"The first {WAVES} of {words.count(len(calendar.rows), 'wave')}; readiness.html shows them all."))
    return [*blocks, *listing(calendar.freezes)]


def _waves(plan: Plan) -> list[Block]:
    columns = (
        Column("Wave"),
        Column("Groups", number=True),
        Column("Resources", number=True),
        Column("Data", number=True),
        Column("Work", number=True),
        Column("Risk of its groups", 1),
        Column("Needs", 1),
        Column("Why here", 2),
    )
    return [heading("What each wave holds"), table(columns, (_wave(wave) for wave in plan.waves[:WAVES]), small=True)]


def _wave(wave: Wave) -> list[str]:
    needs = words.listing([str(one) for one in wave.needs_waves], at_most=5)
    return [
        f"{wave.wave}{' (pilot)' if wave.pilot else ''}",
        f"{len(wave.groups):,}",
        f"{wave.resources:,}",
        words.size(wave.storage_bytes) if wave.storage_bytes else "–",
        f"{words.number(wave.effort_hours)} h" if wave.effort_hours is not None else "–",
        plan_words.levels_text(wave.risk_levels) or "–",
        f"{words.agree(len(wave.needs_waves), 'wave', 'waves')} {needs}" if wave.needs_waves else "no other wave",
        "; ".join(wave.reasons or (wave.reason,)),
    ]


def _without(plan: Plan) -> list[Block]:
    if not plan.no_wave:
        return []
    columns = (Column("Reason", 2), Column("What", 2), Column("Resources", number=True))
    rows = wave_page.reasons(plan)[:REASONS]
    cells = ([row.reason, words.listing(row.types, at_most=4), f"{row.resources:,}"] for row in rows)
    return [heading("Without a wave"), paragraph(words.no_wave_sentence(plan)), table(columns, cells)]

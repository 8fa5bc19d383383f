"""What the renderers say alike: the words of a decision, of a step's row, of a moment."""

import posixpath
from datetime import datetime

from cloudmigrate.domain.runbooks import words
from cloudmigrate.domain.runbooks.blocks import AuditRow, Bar, Decision, Document, EventLink, StepRow, Steps, Table, Tick

TICK_SIGNS = {
    Tick.OPEN: "\u2610",
    Tick.DOING: "\u25b6",
    Tick.DONE: "\u2611",
    Tick.FAILED: "\u2612",
    Tick.UNDOING: "\u25c0",
    Tick.UNDONE: "\u21a9",
    Tick.UNDO_FAILED: "\u2612",
}


def moment(at: datetime) -> str:
    """Such as "2026-11-28 20:30 UTC"."""
    return words.moment(at)


def stamp(document: Document) -> str:
    """What stands under the title."""
    return f"Plan {document.plan_id}, as of {moment(document.as_of)}. Steps are those that the engine carries out."


def decision_rows(one: Decision) -> tuple[tuple[str, str], ...]:
    """A decision as facts."""
    return (
        ("Question", one.question),
        ("Owners", one.owners),
        ("Stands before", one.before),
        ("Standing", one.standing),
        ("Yes", one.go),
        ("No", one.no_go),
    )


def step_heads(block: Steps) -> tuple[str, ...]:
    """The heads of a table of steps; the first is that of a figure."""
    owner = ("Workload",) if block.with_owner else ()
    live = ("Took", "Audit events") if block.is_live else ()
    return ("#", "Now", "Step", *owner, "Where", "Calls", "Starts after", "Expected", *live)


def step_cells(row: StepRow, block: Steps) -> tuple[str, ...]:
    """A step as the cells of such a table; its links to audit events as words."""
    says = f"{row.says} [{row.step_id}]"
    if row.gate:
        says += f" \u2014 gate: {row.gate}"
    if row.no_return:
        says += " \u2014 no return after this"
    if row.error:
        says += f" \u2014 {row.error}"
    owner = (row.owner,) if block.with_owner else ()
    live = (row.actual, ", ".join(event_words(one) for one in row.events)) if block.is_live else ()
    return (str(row.number), now(row), says, *owner, row.place, row.calls or "none", words.span(row.starts_after), row.expected, *live)


def now(row: StepRow) -> str:
    """Where the step is, with its sign."""
    return f"{TICK_SIGNS[row.tick]} {row.tick.value}"


def number_columns(block: Table) -> list[int]:
    """Places of the columns that hold figures."""
    return [place for place, one in enumerate(block.columns) if one.is_number]


BAR_HEADS = ("Workload", "Begins after", "Ends after", "Cutover after")


def bar_cells(bar: Bar) -> tuple[str, ...]:
    """A bar of a Gantt chart as cells. What people do lasts as long as they take, which nobody counts."""
    if not bar.lasts:
        return (bar.label, "by hand or staying", "not counted", "none")
    cutover = "none" if bar.cutover_after is None else words.span(bar.cutover_after)
    return (bar.label, words.span(bar.starts_after), words.span(bar.starts_after + bar.lasts), cutover)


def event_words(one: EventLink) -> str:
    """Such as "12 done"."""
    return f"{one.seq} {one.action.removeprefix('step.').replace('_', ' ')}"


AUDIT_HEADS = ("#", "When", "Event", "Of", "By", "Hash")


def audit_cells(row: AuditRow) -> tuple[str, ...]:
    """An audit event as cells."""
    return (str(row.seq), f"{row.at:%Y-%m-%d %H:%M:%S} UTC", row.action, row.subject, row.actor, row.digest[:16])


def way_to(document: Document, name: str, ending: str) -> str:
    """The relative path from a document's file to another's; names are letters, digits, hyphens and slashes alone."""
    return f"{posixpath.relpath(name, posixpath.dirname(document.name) or '.')}.{ending}"

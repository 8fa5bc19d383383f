"""What a runbook is made of: typed blocks of plain text. Nothing in them is markup; escaping is the renderer's work."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Tone(StrEnum):
    """How loud a note is."""

    INFO = "info"
    WARNING = "warning"


class Language(StrEnum):
    """What a command block is written in."""

    SHELL = "bash"
    SQL = "sql"
    TEXT = "text"


class Tick(StrEnum):
    """Where a step is, as a reader sees it; its words are the journal's."""

    OPEN = "open"
    DOING = "being done"
    DONE = "done"
    FAILED = "failed"
    UNDOING = "being undone"
    UNDONE = "undone"
    UNDO_FAILED = "could not be undone"


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of a section (2) or of a part of one (3)."""

    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """What must not be overlooked, or where a number comes from."""

    text: str
    tone: Tone = Tone.INFO


@dataclass(frozen=True, slots=True)
class Command:
    """Text to copy as it is, of one language; what it does stands before it."""

    text: str
    language: Language = Language.SHELL
    says: str = ""


@dataclass(frozen=True, slots=True)
class CheckItem:
    """One thing to tick off, and by what it is ticked already."""

    text: str
    done: bool = False
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Checklist:
    """Things to tick off."""

    items: tuple[CheckItem, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """The head of a column, and whether it holds figures."""

    head: str
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under heads; *empty* is said in its place where there are none."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    empty: str = "none"


@dataclass(frozen=True, slots=True)
class Pairs:
    """Facts: name and value."""

    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Bullets:
    """Points, one below the other."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PageLinks:
    """Links to other runbooks of the same plan: title and name of each."""

    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """A point at which people answer: what is asked, of whom, and what follows either answer."""

    name: str
    question: str
    before: str  # which steps wait for it
    owners: str  # people and roles, with how many it takes
    standing: str  # how it stands, where it was asked for
    go: str
    no_go: str
    command: str


@dataclass(frozen=True, slots=True)
class EventLink:
    """An event of the audit chain, by its number."""

    seq: int
    action: str


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step of the engine's own list."""

    number: int
    step_id: str
    says: str
    place: str
    calls: str  # of the cloud, by service and operation
    owner: str  # the workload that it moves
    starts_after: timedelta
    expected: str
    gate: str
    no_return: bool
    tick: Tick = Tick.OPEN
    actual: str = ""  # how long it took
    error: str = ""
    events: tuple[EventLink, ...] = ()


@dataclass(frozen=True, slots=True)
class Steps:
    """Steps in the order in which they can run. *with_owner*: whether of several workloads; *is_live*: whether any of it was begun."""

    rows: tuple[StepRow, ...]
    with_owner: bool = False
    is_live: bool = False


@dataclass(frozen=True, slots=True)
class AuditRow:
    """An event of the audit chain that a step's row links to."""

    seq: int
    at: datetime
    action: str
    subject: str
    actor: str
    digest: str


@dataclass(frozen=True, slots=True)
class AuditEvents:
    """The events that the steps link to, oldest first."""

    rows: tuple[AuditRow, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a Gantt chart: when it begins and how long it lasts, from the beginning of the wave."""

    label: str
    starts_after: timedelta
    lasts: timedelta
    cutover_after: timedelta | None = None  # when its first step behind the gate of cutover begins
    done_share: float = 0.0


@dataclass(frozen=True, slots=True)
class Gantt:
    """Bars over one axis, from the beginning of the wave to the end of the last."""

    bars: tuple[Bar, ...]
    lasts: timedelta


Block = Heading | Paragraph | Note | Command | Checklist | Table | Pairs | Bullets | PageLinks | Decision | Steps | AuditEvents | Gantt


@dataclass(frozen=True, slots=True)
class Document:
    """One runbook. *name* is safe in a path (a folder, a slash, a stem); *title* is unique within an estate."""

    name: str
    title: str
    kicker: str  # what kind of page it is
    estate: str
    plan_id: str
    as_of: datetime  # of the newest thing that it tells, never of its rendering
    blocks: tuple[Block, ...]
    parent: str = ""  # name of the page that it belongs under


def columns(*heads: str, numbers: Sequence[str] = ()) -> tuple[Column, ...]:
    """Columns of these heads; those named in *numbers* hold figures."""
    return tuple(Column(one, one in numbers) for one in heads)

"""Who is told what, when and by whom: the same messages for every wave, with its own dates and people."""

from dataclasses import dataclass
from datetime import timedelta

from cloudmigrate.domain.runbooks.blocks import Block, Column, Heading, Table
from cloudmigrate.domain.runbooks.checklist import operators
from cloudmigrate.domain.runbooks.facts import WaveFacts
from cloudmigrate.domain.steps import Gate

USERS, OWNERS, APPROVERS, ALL = "users and the service desk", "owners of what depends on it", "who answers at the gates", "everybody above"


@dataclass(frozen=True, slots=True)
class Message:
    """One message. *days*: before (negative) or after the first day of the wave; None: at the event that *at* names."""

    days: int | None
    at: str
    whom: str
    says: str
    gate: Gate | None = None  # only where the wave has that gate


# Judgement: two weeks, three days, one day. AWS Prescriptive Guidance, "Mobilize: communication plan" asks for the same receivers.
MESSAGES = (
    Message(-14, "", USERS, "what moves, when, and for how long it may be away"),
    Message(-3, "", OWNERS, "which addresses and names change, and whom to call"),
    Message(-1, "", APPROVERS, "the dry run and its hash, when each gate will ask, and who stands in"),
    Message(0, "", ALL, "the wave begins; where it can be followed"),
    Message(None, "before cutover", USERS, "from now on no writes; how long it likely takes", Gate.CUTOVER),
    Message(None, "after cutover", USERS, "it serves from the target; whom to tell of anything odd", Gate.CUTOVER),
    Message(None, "before the point of no return", APPROVERS, "what cannot be undone, and which backups are left", Gate.NO_RETURN),
    Message(None, "if it goes back", ALL, "it goes back, why, and what users have to enter again"),
    Message(None, "at the end", ALL, "moved or not, what is open, how long hypercare lasts"),
)


def communication(facts: WaveFacts) -> tuple[Block, ...]:
    """The section."""
    gates = {one.gate for one in facts.steps}
    by = operators(facts)
    rows = [(_when(facts, one), one.whom, one.says, by) for one in MESSAGES if one.gate is None or one.gate in gates]
    heads = (Column("When"), Column("Whom"), Column("What"), Column("By whom"))
    return (Heading("Plan of communication"), Table(heads, tuple(rows)))


def _when(facts: WaveFacts, one: Message) -> str:
    if one.days is None:
        return one.at
    if facts.starts_on is None:
        return f"{-one.days} days before" if one.days < -1 else "the day before" if one.days else "on the day"
    return (facts.starts_on + timedelta(days=one.days)).isoformat()

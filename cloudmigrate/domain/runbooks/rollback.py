"""The way back: the command that takes it, up to where it can be taken, and every call by hand for the night in which it fails."""

from collections.abc import Sequence

from cloudmigrate.domain.acts.catalogue import BY_NAME
from cloudmigrate.domain.explaining import ExplainedCall, rolled_back
from cloudmigrate.domain.journal import to_undo
from cloudmigrate.domain.runbooks.blocks import Block, Bullets, Column, Command, Heading, Note, Paragraph, Table, Tone
from cloudmigrate.domain.runbooks.decisions import quoted
from cloudmigrate.domain.runbooks.facts import WaveFacts, Workload
from cloudmigrate.domain.runbooks.words import listed
from cloudmigrate.domain.shell_commands import aws_command
from cloudmigrate.domain.steps import Reversal, Step


def rollback(facts: WaveFacts, steps: Sequence[Step], workloads: Sequence[Workload], *, with_calls: bool) -> tuple[Block, ...]:
    """The section. *with_calls*: with each call by hand, else with the steps alone."""
    if facts.untold or not steps:
        return ()
    blocks: list[Block] = [
        Heading("Rollback"),
        Paragraph("A step that fails takes its move group back at once. Ask for it yourself where the application is ill after cutover."),
        Heading("Point of no return", 3),
        *_points(facts, workloads),
        Heading("The command", 3),
    ]
    reason = '--reason "why, or a ticket"'
    if with_calls:
        for one in workloads:
            groups = " ".join(f"--group {quoted(str(group['id']))}" for group in one.groups)
            blocks.append(
                Command(f"cloudmigrate rollback {facts.place} {groups} {reason}", says=f"Only {one.title}, and what was built on it")
            )
    else:
        blocks.append(Command(f"cloudmigrate rollback {facts.place} {reason}", says="The whole wave"))
        blocks.append(Command(f"cloudmigrate rollback {facts.place} --group GROUP {reason}", says="One of these move groups"))
        rows = tuple((one.title, str(group["id"])) for one in workloads for group in one.groups)
        blocks.append(Table((Column("Workload"), Column("Move group")), rows))
    blocks.append(
        Note(
            "What users wrote to the target since cutover does not come back with it. The command names it and refuses until "
            "--despite-writes is added: save it first.",
            Tone.WARNING,
        )
    )
    return (*blocks, *_by_hand(facts, steps, with_calls=with_calls))


def way_back(facts: WaveFacts, steps: Sequence[Step]) -> list[Step]:
    """Steps in the order in which they are taken back: what was begun by the journal, newest first; else from the likely end."""
    begun = [one for one in to_undo(steps, facts.known) if one.reversal is Reversal.UNDO]
    if begun:
        return begun
    return [one.step for one in rolled_back(facts.by_step[one.step_id] for one in steps)]


def _points(facts: WaveFacts, workloads: Sequence[Workload]) -> tuple[Block, ...]:
    points = []
    for one in workloads:
        for group in one.groups:
            first = next((step for step in facts.own([str(group["id"])]) if step.reversal is Reversal.NO_RETURN), None)
            if first is not None:
                points.append(f"{one.title}: {first.step_id}: {first.says}. Once it was begun, nothing of its move group goes back.")
    if points:
        return (Bullets(tuple(points)),)
    return (Paragraph("None: every step has an inverse, or changes nothing."),)


def _by_hand(facts: WaveFacts, steps: Sequence[Step], *, with_calls: bool) -> tuple[Block, ...]:
    back = way_back(facts, steps)
    if not back:
        return ()
    heading = Heading("The way back, newest first", 3)
    if not with_calls:
        rows = tuple((str(number), one.step_id, _operations(facts, one), facts.tick(one).value) for number, one in enumerate(back, start=1))
        heads = (Column("#", is_number=True), Column("Takes back"), Column("Calls"), Column("Now"))
        return (heading, Paragraph("Every call with its values is in the workloads' own runbooks."), Table(heads, rows))
    by_step = facts.by_step
    blocks: list[Block] = [
        heading,
        Paragraph(
            "Only where the command above could not do it, with credentials of the account that stands before each call, in this order. "
            "Not found is as good as done. Values in angle brackets are given by the step that they name; cloudmigrate status has them."
        ),
    ]
    for number, one in enumerate(back, start=1):
        says = f"{number}. Takes back {one.step_id}"
        blocks += _commands(one, by_step[one.step_id].undo, says)
    return tuple(blocks)


def _commands(step: Step, calls: Sequence[ExplainedCall], says: str) -> list[Block]:
    made = [one for one in calls if one.call is not None]
    if not made or len(made) < len(calls):
        return [Paragraph(f"{says}: {_unforeseen(step)}")]
    if BY_NAME[step.act].is_elsewhere:
        return [Paragraph(f"{says}: not one call alone; cloudmigrate status has what it made.")]
    return [Command(aws_command(one.call, one.region), says=f"{says}, account {one.account_id}, {one.region}") for one in made if one.call]


def _unforeseen(step: Step) -> str:
    if step.act.startswith("by_hand."):
        return "a person does it, then cloudmigrate confirm ... --withdraw."
    return "its call depends on what the step will have given; cloudmigrate status has it once it ran."


def _operations(facts: WaveFacts, step: Step) -> str:
    named = [f"{one.call.service} {one.call.operation}" for one in facts.by_step[step.step_id].undo if one.call]
    return listed(list(dict.fromkeys(named))) if named else _unforeseen(step)

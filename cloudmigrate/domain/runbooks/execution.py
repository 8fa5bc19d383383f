"""The steps themselves, as the engine has them, each with when, how long, behind which gate; ticked where the journal says so."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from cloudmigrate.domain.explaining import Explained
from cloudmigrate.domain.runbooks.blocks import (
    AuditEvents,
    Bar,
    Block,
    Bullets,
    Command,
    EventLink,
    Gantt,
    Heading,
    Note,
    Paragraph,
    StepRow,
    Steps,
    Tick,
    Tone,
)
from cloudmigrate.domain.runbooks.facts import WaveFacts, Workload
from cloudmigrate.domain.runbooks.words import count, span
from cloudmigrate.domain.steps import Gate, Reversal, Step


def execution(facts: WaveFacts, steps: Sequence[Step], owners: Mapping[str, str], *, with_owner: bool) -> tuple[Block, ...]:
    """The section. *owners*: move group -> the workload that it moves."""
    if facts.untold:
        why = Note(f"The steps cannot be told yet: {facts.untold}", Tone.WARNING)
        return (Heading("Execution"), why, *([Bullets(facts.lacking)] if facts.lacking else ()))
    of_wave = f"hash of the wave's steps {facts.steps_hash[:16]}"
    told = (
        f"{count(len(steps), 'step')}, likely {likely(facts, steps)}; {of_wave}. "
        f"They are the records that the engine carries out: nobody makes these calls by hand{_but_by_hand(steps)}."
    )
    blocks: list[Block] = [
        Heading("Execution"),
        Paragraph(told),
        Command(f"cloudmigrate migrate {facts.place} --dry-run", says="Rehearse: every check and every call, nothing written"),
        Command(f"cloudmigrate migrate {facts.place}", says="Begin: checks, asks for the gate of execution, and ends"),
        Command(f"cloudmigrate resume {facts.place}", says="Go on after each answer; also where a process died"),
        Command(f"cloudmigrate status {facts.place}", says="See where it is"),
        Note(_source(facts, steps)),
    ]
    rows = tuple(_row(facts, number, one, owners) for number, one in enumerate(steps, start=1))
    blocks.append(Steps(rows, with_owner, facts.run is not None))
    return tuple(blocks)


def audit_events(facts: WaveFacts, steps: Sequence[Step]) -> tuple[Block, ...]:
    """The annex that the steps' rows link to; nothing where nothing was begun."""
    own = {one.step_id for one in steps}
    found = tuple(one for one in (facts.run.events if facts.run else ()) if one.subject in own)
    if not found:
        return ()
    after = found[0].seq - 1
    return (
        Heading("Audit events"),
        Paragraph("What the chain of the ledger holds of these steps, by number. That it is whole: cloudmigrate audit verify."),
        Command(f"cloudmigrate audit --after {after} --limit {found[-1].seq - after}", says="The same from the ledger"),
        AuditEvents(found),
    )


def gantt(facts: WaveFacts, workloads: Sequence[Workload]) -> tuple[Block, ...]:
    """When each workload likely moves, from the beginning of the wave."""
    bars = []
    for one in workloads:
        own = facts.own(one.group_ids)
        if not own:
            continue
        begins = min(facts.slots[step.step_id].starts_after for step in own)
        cutover = [facts.slots[step.step_id].starts_after for step in own if step.gate is Gate.CUTOVER]
        done = sum(facts.tick(step) is Tick.DONE for step in own)
        bars.append(Bar(one.title, begins, _ends(facts, own) - begins, min(cutover, default=None), done / len(own)))
    if not bars:
        return ()
    return (
        Heading("Timeline"),
        Paragraph(
            "When each workload likely moves, from the beginning of the wave; the mark is its cutover. Time at gates is not counted."
        ),
        Gantt(tuple(bars), max(one.starts_after + one.lasts for one in bars)),
    )


def likely(facts: WaveFacts, steps: Sequence[Step]) -> str:
    """How long these steps likely take; what people take is counted nowhere, so where all is theirs there is no figure."""
    if all(one.gate is Gate.BY_HAND for one in steps):
        return "as long as people take: all of it is by hand"
    return f"{span(_ends(facts, steps))} from the wave's beginning, time at gates not counted"


def _but_by_hand(steps: Sequence[Step]) -> str:
    by_hand = sum(one.gate is Gate.BY_HAND for one in steps)
    return f", but for {count(by_hand, 'step')} that a person does and confirms" if by_hand else ""


def _ends(facts: WaveFacts, steps: Sequence[Step]) -> timedelta:
    return max((facts.slots[one.step_id].ends_after for one in steps), default=timedelta(0))


def _source(facts: WaveFacts, steps: Sequence[Step]) -> str:
    """Where the expected durations come from."""
    own = sum(one.act in facts.measured for one in steps)
    if own == len(steps) and steps:
        return "Expected durations: the median and the 90th percentile of this estate's own past runs of each act."
    if own:
        return f"Expected durations: of {own} of {len(steps)} steps from this estate's own past runs, else the catalogue's estimates."
    return "Expected durations are the catalogue's estimates: this estate has no past run of these acts yet."


def _row(facts: WaveFacts, number: int, step: Step, owners: Mapping[str, str]) -> StepRow:
    slot, took, standing = facts.slots[step.step_id], facts.took(step), facts.known.get(step.step_id)
    return StepRow(
        number=number,
        step_id=step.step_id,
        says=step.says,
        place=f"{step.account_id} {step.region}",
        calls=_calls(facts, step),
        owner=owners.get(step.group, step.group),
        starts_after=slot.starts_after,
        expected=slot.words,
        gate=step.gate.value.replace("_", " ") if step.gate else "",
        no_return=step.reversal is Reversal.NO_RETURN,
        tick=facts.tick(step),
        actual=span(took) if took is not None else "",
        error=standing.error if standing else "",
        events=tuple(EventLink(one.seq, one.action) for one in facts.events_of.get(step.step_id, ())),
    )


def _calls(facts: WaveFacts, step: Step) -> str:
    found: Explained = facts.by_step[step.step_id]
    named = [f"{one.call.service} {one.call.operation}" for one in found.calls if one.call]
    unforeseen = ["as an earlier step answers"] if any(one.call is None for one in found.calls) else []
    return ", ".join(dict.fromkeys([*named, *unforeseen]))

"""Decision points: the gates that stand before steps, with who owns them and what follows either answer."""

import shlex
from collections.abc import Sequence

from cloudmigrate.domain.people import GateRule
from cloudmigrate.domain.runbooks.blocks import Block, Column, Decision, Heading, Paragraph, Table
from cloudmigrate.domain.runbooks.facts import WaveFacts
from cloudmigrate.domain.runbooks.words import count, listed
from cloudmigrate.domain.steps import WAVE_GATES, Gate, Step

QUESTIONS = {
    Gate.EXECUTION: "May the wave begin, with exactly these steps and this preflight?",
    Gate.CUTOVER: "May traffic and writes go to the target now?",
    Gate.NO_RETURN: "May the steps be taken that cannot be undone?",
    Gate.CLEAN_UP: "May what is left at the source be removed?",
}
GO = {
    Gate.EXECUTION: "targets are made beside the sources, which go on serving",
    Gate.CUTOVER: "sources stop taking writes and names lead to the target",
    Gate.NO_RETURN: "from here on nothing of the move group goes back",
    Gate.CLEAN_UP: "the source is removed; only backups are left of it",
}
NO_GO = {
    Gate.EXECUTION: "nothing was written; the wave is planned for another window",
    Gate.CUTOVER: "sources go on serving; wait, or take the wave back",
    Gate.NO_RETURN: "both sides stay as they are; wait, or take the wave back",
    Gate.CLEAN_UP: "the source stays, switched off, and goes on costing",
}


def used_gates(steps: Sequence[Step]) -> list[Gate]:
    """The gates that stand before some of the steps, in their order; that of execution stands before all."""
    found = {one.gate for one in steps} | {Gate.EXECUTION}
    return [gate for gate in WAVE_GATES if gate in found]


def decisions(facts: WaveFacts, steps: Sequence[Step], *, is_wave: bool) -> tuple[Block, ...]:
    """The section: each gate, then what people do by hand and confirm; of a wave that as one table."""
    blocks: list[Block] = [Heading("Decision points and their owners")]
    blocks += [_decision(facts, gate, steps) for gate in used_gates(steps)]
    by_hand = [one for one in steps if one.gate is Gate.BY_HAND]
    if by_hand:
        blocks.append(Paragraph(f"{count(len(by_hand), 'step')} by hand: what depends on one waits until a person confirms it, signed."))
        blocks += [_hand_table(facts, by_hand)] if is_wave else [_by_hand(facts, one) for one in by_hand]
    return tuple(blocks)


def _decision(facts: WaveFacts, gate: Gate, steps: Sequence[Step]) -> Decision:
    waiting = [one for one in steps if one.gate is gate]
    first = f", first {waiting[0].step_id}" if waiting else ""
    standing = facts.run.gates.get(gate) if facts.run else None
    return Decision(
        name=gate.value.replace("_", " "),
        question=QUESTIONS[gate],
        before=f"{count(len(waiting), 'step')}{first}",
        owners=owners(facts, facts.estate.approvals.rule(gate)),
        standing=standing.sentence() if standing else "not asked yet",
        go=GO[gate],
        no_go=NO_GO[gate],
        command=f"cloudmigrate approve {facts.place} --gate {gate.value}",
    )


def owners(facts: WaveFacts, rule: GateRule) -> str:
    """Who may answer, how many it takes, and for how long the answer holds."""
    able = [one.name for one in facts.estate.people if rule.may_answer(one)]
    whom = " or ".join([*(f"role {role.value}" for role in rule.roles), *rule.people])
    told = f"{count(rule.quorum, 'approval')} of {whom}: {listed(able)}"
    besides = "; not who asked" if rule.not_requester else ""
    return f"{told}{besides}; holds {count(rule.expires_hours, 'hour')}"


def _hand_table(facts: WaveFacts, steps: Sequence[Step]) -> Table:
    rows = tuple((str(one.params.get("text") or one.says), one.step_id, facts.tick(one).value) for one in steps)
    return Table((Column("What a person does"), Column("Confirmed as"), Column("Now")), rows)


def _by_hand(facts: WaveFacts, step: Step) -> Decision:
    return Decision(
        name=f"by hand: {facts.name_of(step.uid)}",
        question=str(step.params.get("text") or step.says),
        before=f"what needs {step.step_id}",
        owners="who does it signs for it with their own key",
        standing=facts.tick(step).value,
        go="what depends on it goes on with cloudmigrate resume",
        no_go="what depends on it waits",
        command=f"cloudmigrate confirm {facts.plan_id} {quoted(step.step_id)} --wave {facts.wave}",
    )


def quoted(word: str) -> str:
    """The word for a POSIX shell."""
    return shlex.quote(word)

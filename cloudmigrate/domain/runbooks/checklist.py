"""What has to be true before a wave begins, as a list to tick off; what the preflight saw is ticked by it."""

from collections.abc import Iterable

from cloudmigrate.domain.preflight.names import CheckName
from cloudmigrate.domain.roles import Role
from cloudmigrate.domain.runbooks.blocks import Block, CheckItem, Checklist, Column, Command, Heading, Note, Table, Tone
from cloudmigrate.domain.runbooks.decisions import used_gates
from cloudmigrate.domain.runbooks.facts import CheckFact, WaveFacts
from cloudmigrate.domain.runbooks.words import count, listed, moment
from cloudmigrate.domain.steps import Gate

# What each check of the preflight means to who ticks the list.
CHECK_WORDS = {
    CheckName.PERMISSIONS: "the roles may make every call of the wave",
    CheckName.QUOTAS: "quotas of the target leave room",
    CheckName.LANDING: "subnets, VPCs and groups of the target are there",
    CheckName.INSTANCE_TYPES: "the target offers the sizes that are asked for",
    CheckName.KEYS: "encryption keys can be used on both sides",
    CheckName.LICENCES: "licences may move",
    CheckName.CONNECTIVITY: "what stays behind is reached from the target",
    CheckName.DNS: "the names lead where they should, and can be changed",
    CheckName.COLLISIONS: "nothing in the target bears the same name or address",
    CheckName.BACKUPS: "each thing that holds data has a fresh backup",
    CheckName.FREEZE: "no freeze window is touched",
    CheckName.DRIFT: "the source is as it was when it was planned",
    CheckName.REHEARSAL: "AWS would do what was asked with DryRun",
    CheckName.BY_HAND: "what people do by hand is known to them",
}


def checklist(facts: WaveFacts, members: Iterable[str], *, is_wave: bool) -> tuple[Block, ...]:
    """The section: what the preflight saw, what people see to, and who they are."""
    uids = set(members)
    items = [*_people_items(facts, uids), *_preflight_items(facts, uids, is_wave=is_wave)]
    blocks: list[Block] = [Heading("Before it begins"), Checklist(tuple(items))]
    if facts.checks is None:
        blocks.append(Note("The preflight of this wave was never run, so nothing of it is ticked.", Tone.WARNING))
    elif facts.checked_at:
        blocks.append(
            Note(f"Ticks of the preflight are those of {moment(facts.checked_at)}. Whether a backup can be restored it does not see.")
        )
    blocks.append(Command(f"cloudmigrate preflight {facts.place}", says="Check it all anew; nothing is written in the cloud"))
    return (*blocks, Heading("Maintenance window and freeze", 3), *_window(facts), Heading("Contacts", 3), contacts(facts))


def _people_items(facts: WaveFacts, uids: set[str]) -> list[CheckItem]:
    holding = sorted(facts.name_of(uid) for uid in uids if uid in facts.resources and facts.resources[uid].stateful)
    limit = facts.estate.execution.backup_max_age_hours
    fresh = f"at most {limit} hours old" if limit else "as fresh as your recovery point allows"
    backups = f"Backups of what holds data ({listed(holding)}) are {fresh}, and one was restored on trial" if holding else ""
    window = f"The maintenance window {_days(facts)} is agreed with the business and in the change calendar"
    texts = [
        backups,
        "Users, the service desk and the owners of what depends on it were told (see the plan of communication)",
        window,
        "Code and configuration are frozen from the day before until hypercare ends; deployments are switched off",
        "Monitoring of source and target is watched by somebody; alarms that the wave will raise are silenced",
        f"Everybody of the contacts below can be reached; {_deputies(facts)}",
        "The dry run was read by who operates, and its hash is the one that is approved",
    ]
    return [CheckItem(text) for text in texts if text]


def _deputies(facts: WaveFacts) -> str:
    """Whether each gate has somebody in reserve."""
    short = []
    for gate in used_gates(facts.steps):
        rule = facts.estate.approvals.rule(gate)
        able = [one.name for one in facts.estate.people if rule.may_answer(one)]
        if len(able) <= rule.quorum:
            short.append(f"gate {gate.value} has nobody in reserve ({listed(able)})")
    return "; ".join(short) or "each gate has a deputy"


def _days(facts: WaveFacts) -> str:
    if facts.starts_on is None or facts.ends_on is None:
        return "(the plan has no dates: set planning.first_wave_on)"
    return f"{facts.starts_on.isoformat()} to {facts.ends_on.isoformat()}"


def _preflight_items(facts: WaveFacts, uids: set[str], *, is_wave: bool) -> list[CheckItem]:
    """One item for each kind of check; of a workload only what was looked at of its own resources or of the whole wave."""
    items = []
    for name in CheckName:
        some = [one for one in facts.checks or () if one.check == name.value and (is_wave or _concerns(one, facts, uids))]
        if facts.checks is not None and not some:
            continue
        open_ones = [one for one in some if one.state != "pass" and not one.waived_by]
        waived = sorted({one.waived_by for one in some if one.waived_by})
        told = [f"{one.state.replace('_', ' ')}: {one.subject or 'the wave'}: {one.evidence}" for one in open_ones[:3]]
        told += [f"and {count(len(open_ones) - 3, 'more like these', 'more like these')}"] if len(open_ones) > 3 else []
        told += [f"waived by {listed(waived)}"] if waived else []
        done = bool(some) and not open_ones
        detail = "; ".join(told) or (f"{count(len(some), 'check')} passed" if done else "")
        items.append(CheckItem(f"Preflight, {name.value.replace('_', ' ')}: {CHECK_WORDS[name]}", done, detail))
    return items


def _concerns(one: CheckFact, facts: WaveFacts, uids: set[str]) -> bool:
    return one.subject in uids or one.subject not in facts.resources


def _window(facts: WaveFacts) -> tuple[Block, ...]:
    planning, execution = facts.estate.planning.freeze_windows, facts.estate.execution.freeze_windows
    rows = [
        (f"{one.from_on.isoformat()} to {one.to_on.isoformat()}", listed(one.environments) if one.environments else "all", one.reason)
        for one in planning
    ]
    rows += [(f"{moment(one.from_at)} to {moment(one.until)}", "no wave is begun", one.reason) for one in execution]
    heads = (Column("When"), Column("What stays"), Column("Why"))
    note = Note(f"The wave's window: {_days(facts)}.")
    return (note, Table(heads, tuple(rows), empty="The estate file names no freeze window."))


def contacts(facts: WaveFacts) -> Table:
    """Who takes part, by the estate file, with the gates that each may open."""
    rows = []
    for person in facts.estate.people:
        gates = [
            gate.value.replace("_", " ")
            for gate in Gate
            if gate is not Gate.BY_HAND and facts.estate.approvals.rule(gate).may_answer(person)
        ]
        roles = ", ".join(role.value for role in person.roles) or "none"
        rows.append((person.name, roles, ", ".join(gates) or "none"))
    empty = "The estate file names nobody. Next: cloudmigrate people add, then put the line into the estate file."
    return Table((Column("Who"), Column("Roles"), Column("Answers at gates")), tuple(rows), empty)


def operators(facts: WaveFacts) -> str:
    """Who runs the wave."""
    found = [one.name for one in facts.estate.people if Role.OPERATOR in one.roles]
    return listed(found) if found else "whoever runs the wave (the estate file names no operator)"

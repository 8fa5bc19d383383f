"""The runbooks of a wave: one page of its own, and one of each workload that moves in it."""

from collections.abc import Mapping, Sequence
from typing import Any

from cloudmigrate.domain.runbooks.blocks import Block, Column, Document, Heading, Note, PageLinks, Pairs, Table, Tone
from cloudmigrate.domain.runbooks.checklist import checklist
from cloudmigrate.domain.runbooks.communication import communication
from cloudmigrate.domain.runbooks.decisions import decisions
from cloudmigrate.domain.runbooks.execution import audit_events, execution, gantt, likely
from cloudmigrate.domain.runbooks.facts import WaveFacts, Workload
from cloudmigrate.domain.runbooks.rollback import rollback
from cloudmigrate.domain.runbooks.validation import validation
from cloudmigrate.domain.runbooks.words import count, listed, moment
from cloudmigrate.domain.runbooks.workloads import workloads_of
from cloudmigrate.domain.wave_status import group_statuses, wave_state

TITLE_AT_MOST = 160
INDEX = "index"


def runbooks(facts: WaveFacts) -> tuple[Document, ...]:
    """The wave's own page, then those of its workloads."""
    workloads = workloads_of(facts.groups)
    owners = {group_id: one.title for one in workloads for group_id in one.group_ids}
    wave = wave_runbook(facts, workloads, owners)
    return (wave, *(workload_runbook(facts, one, owners, wave=wave) for one in workloads))


def wave_runbook(facts: WaveFacts, workloads: Sequence[Workload], owners: Mapping[str, str]) -> Document:
    """The page of a whole wave, for whoever runs it."""
    members = [uid for one in workloads for uid in one.members]
    blocks: list[Block] = [
        *_at_a_glance(facts, facts.groups),
        *gantt(facts, workloads),
        Heading("Workloads"),
        _workload_table(facts, workloads),
        PageLinks(tuple((_title(facts, one), _name(facts, one)) for one in workloads)),
        *checklist(facts, members, is_wave=True),
        *decisions(facts, facts.steps, is_wave=True),
        *execution(facts, facts.steps, owners, with_owner=True),
        *validation(facts, workloads, with_commands=False),
        *rollback(facts, facts.steps, workloads, with_calls=False),
        *communication(facts),
        *audit_events(facts, facts.steps),
    ]
    title = f"Runbook of wave {facts.wave} of {facts.estate.estate}"
    return Document(f"{_folder(facts)}/wave", title, "Wave runbook", facts.estate.estate, facts.plan_id, facts.as_of, tuple(blocks))


def workload_runbook(facts: WaveFacts, workload: Workload, owners: Mapping[str, str], *, wave: Document) -> Document:
    """The page of one workload, for the team that owns it."""
    steps = facts.own(workload.group_ids)
    blocks: list[Block] = [
        *_at_a_glance(facts, workload.groups),
        PageLinks(((wave.title, wave.name),)),
        Heading("What moves"),
        _member_table(facts, workload),
        *checklist(facts, workload.members, is_wave=False),
        *decisions(facts, steps, is_wave=False),
        *execution(facts, steps, owners, with_owner=False),
        *validation(facts, (workload,), with_commands=True),
        *rollback(facts, steps, (workload,), with_calls=True),
        *communication(facts),
        *audit_events(facts, steps),
    ]
    title, name = _title(facts, workload), _name(facts, workload)
    return Document(name, title, "Workload runbook", facts.estate.estate, facts.plan_id, facts.as_of, tuple(blocks), wave.name)


def index_page(estate: str, plan_id: str, pages: Sequence[Sequence[Document]]) -> Document:
    """The page that names all runbooks of a plan, wave by wave. *pages*: of each wave, its own first."""
    as_of = max(one.as_of for some in pages for one in some)
    blocks: list[Block] = []
    for wave, *others in pages:
        blocks += [Heading(wave.title), PageLinks(((wave.title, wave.name), *((one.title, one.name) for one in others)))]
    return Document(INDEX, f"Runbooks of {estate}", "All runbooks", estate, plan_id, as_of, tuple(blocks))


def _title(facts: WaveFacts, workload: Workload) -> str:
    short = workload.title if len(workload.title) <= TITLE_AT_MOST else f"{workload.title[:TITLE_AT_MOST]} ({workload.name[-8:]})"
    return f"Runbook of {short}, wave {facts.wave} of {facts.estate.estate}"


def _name(facts: WaveFacts, workload: Workload) -> str:
    return f"{_folder(facts)}/{workload.name}"


def _folder(facts: WaveFacts) -> str:
    return f"wave-{facts.wave:03}"


def _at_a_glance(facts: WaveFacts, groups: Sequence[Mapping[str, Any]]) -> tuple[Block, ...]:
    ids = {str(one["id"]) for one in groups}
    own = facts.own(ids)
    days = f"{facts.starts_on.isoformat()} to {facts.ends_on.isoformat()}" if facts.starts_on and facts.ends_on else "no dates in the plan"
    environments = sorted({str(one["environment"]) for one in groups if one.get("environment")})
    risks = sorted({str(one["risk_level"]) for one in groups if one.get("risk_level")})
    pairs = [
        ("Plan", f"{facts.plan_id}, hash {facts.plan_hash[:16]}"),
        ("Wave", f"{facts.wave}, {days}"),
        ("Moves", f"{count(sum(len(one['members']) for one in groups), 'resource')} in {count(len(groups), 'move group')}"),
        ("Environment", listed(environments) if environments else "not known"),
        ("Risk", listed(risks) if risks else "not assessed"),
        ("Likely takes", likely(facts, own) if own else "not known yet"),
        ("As of", moment(facts.as_of)),
    ]
    return (Heading("At a glance"), Pairs((*pairs, *_state(facts, ids))), *_needs(groups, ids))


def _state(facts: WaveFacts, ids: set[str]) -> list[tuple[str, str]]:
    """Where it is, for what was begun."""
    if facts.run is None:
        return []
    statuses = [one for one in group_statuses(facts.steps, facts.known) if one.group in ids]
    done, steps = sum(one.done for one in statuses), sum(one.steps for one in statuses)
    begun = f"begun by {facts.run.started_by} at {moment(facts.run.started_at)}"
    return [("State", f"{wave_state(statuses).value}: {done} of {count(steps, 'step')} done; {begun}")]


def _needs(groups: Sequence[Mapping[str, Any]], ids: set[str]) -> tuple[Block, ...]:
    """What has to have moved before, and what stays behind that is needed."""
    outside = sorted({str(need) for one in groups for need in one["needs"]} - ids)
    unplanned = sorted({str(need) for one in groups for need in one.get("needs_unplanned", ())})
    blocks: list[Block] = []
    if outside:
        blocks.append(Note(f"Needs these move groups, in this wave or an earlier one: {listed(outside)}."))
    if unplanned:
        blocks.append(Note(f"Needs what the plan does not move; it must be reached from the target: {listed(unplanned)}.", Tone.WARNING))
    return tuple(blocks)


def _workload_table(facts: WaveFacts, workloads: Sequence[Workload]) -> Table:
    heads = (
        Column("Workload"),
        Column("Resources", is_number=True),
        Column("Steps", is_number=True),
        Column("Environment"),
        Column("Risk"),
    )
    rows = []
    for one in workloads:
        environments = sorted({str(group["environment"]) for group in one.groups if group.get("environment")})
        risks = sorted({str(group["risk_level"]) for group in one.groups if group.get("risk_level")})
        told = (listed(environments) if environments else "not known", listed(risks) if risks else "not assessed")
        rows.append((one.title, str(len(one.members)), str(len(facts.own(one.group_ids))), *told))
    return Table(heads, tuple(rows))


def _member_table(facts: WaveFacts, workload: Workload) -> Table:
    rows = []
    for group in workload.groups:
        for uid in group["members"]:
            found = facts.resources.get(uid)
            place = f"{found.account_id} {found.region}" if found else ""
            rows.append((facts.name_of(uid), found.type if found else "not in the inventory", place, str(group["id"])))
    return Table((Column("Resource"), Column("Type"), Column("Where"), Column("Move group")), tuple(rows))

"""The annex: one part for each of the workloads that matter most."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from cloudmigrate.domain.naming import short_type
from reports.readiness import dependency_words, words
from reports.readiness.dependency_view import WorkloadRow
from reports.readiness.printed.blocks import Block, Column, Section, heading, lead, note, paragraph, table
from reports.readiness.text import visible
from reports.readiness.view import ReadinessView, ResourceRow

WORKLOADS = 60
RESOURCES = 20
NAME_AT_MOST = 60
REASON_AT_MOST = 200
_LEVELS = ("critical", "high", "medium", "low")
_COLUMNS = (
    Column("Resource", 3),
    Column("Type", 2),
    Column("Region", 1),
    Column("Wave", number=True),
    Column("Risk"),
    Column("Data", number=True),
)


def workloads(view: ReadinessView, names: Mapping[str, str]) -> tuple[Section, ...]:
    """The annex, or nothing where there are no workloads."""
    if not view.workloads:
        return ()
    chosen = sorted(view.workloads, key=_weight)[:WORKLOADS]
    blocks: list[Block] = [lead(dependency_words.workloads_sentence(view))]
    if len(view.workloads) > len(chosen):
        blocks.append(note(f"The {len(chosen)} of most risk, then size, of {len(view.workloads):,}; readiness.html has all of them."))
    of = _members(view)
    between = _between(view)
    levels = {row.uid: row.level for row in view.risks or ()}
    for row in chosen:
        blocks += _workload(row, of.get(row.workload, []), between, levels, names)
    return (Section("Annex: workloads", tuple(blocks), ("workloads",), new_page=True),)


def _weight(row: WorkloadRow) -> tuple[int, int, str]:
    return (_LEVELS.index(row.level) if row.level in _LEVELS else len(_LEVELS), -row.resources, row.workload)


def _members(view: ReadinessView) -> dict[str, list[ResourceRow]]:
    workload = {row.uid: row.workload for row in view.members}
    found: dict[str, list[ResourceRow]] = defaultdict(list)
    for row in view.resources:
        if row.uid in workload:
            found[workload[row.uid]].append(row)
    return found


def _between(view: ReadinessView) -> dict[str, tuple[dict[str, int], dict[str, int]]]:
    """Of each workload, how many dependencies it has on others and others on it, by the other's name."""
    workload = {row.uid: row.workload for row in view.members}
    found: dict[str, tuple[dict[str, int], dict[str, int]]] = defaultdict(lambda: (defaultdict(int), defaultdict(int)))
    for row in view.dependencies or ():
        source, target = _end(row.source_uid, workload), _end(row.target_uid, workload)
        if source != target:
            found[source][0][target] += 1
            found[target][1][source] += 1
    return found


def _end(uid: str, workload: Mapping[str, str]) -> str:
    return workload.get(uid) or ("outside" if uid.startswith(("external:", "unknown:")) else "no workload")


def _workload(
    row: WorkloadRow,
    resources: Sequence[ResourceRow],
    between: Mapping[str, tuple[dict[str, int], dict[str, int]]],
    levels: Mapping[str, str],
    names: Mapping[str, str],
) -> list[Block]:
    blocks = [heading(visible(row.workload, at_most=NAME_AT_MOST), 2), paragraph(about(row))]
    needs, needed = between.get(row.workload, ({}, {}))
    blocks.append(note(f"{_ends('Needs', needs)} {_ends('Is needed by', needed)}"))
    first = sorted(resources, key=lambda one: (not one.stateful, one.wave is None, one.type, one.name))[:RESOURCES]
    if first:
        blocks.append(table(_COLUMNS, (_resource(one, levels, names) for one in first), small=True))
    if len(resources) > len(first):
        blocks.append(note(f"{words.count(len(resources) - len(first), 'further resource').capitalize()} in readiness.html."))
    return blocks


def about(row: WorkloadRow) -> str:
    """What a workload holds, when it moves, at which risk, and why it is one."""
    waves = (
        f", in {words.agree(len(row.waves), 'wave', 'waves')} {words.listing([str(one) for one in row.waves])}"
        if row.waves
        else ", without a wave"
    )
    points = dependency_words.points(row.points, row.upper_points or row.points) if row.points is not None else ""
    level = (
        f" Risk {row.level}, {points} points{f': {visible(row.risk_reason, at_most=REASON_AT_MOST)}' if row.risk_reason else ''}."
        if row.level and points
        else ""
    )
    reason = f" {visible('; '.join(row.reasons), at_most=REASON_AT_MOST)}." if row.reasons else ""
    return f"{words.count(row.resources, 'resource')}{waves}.{level}{reason}"


def _ends(head: str, tally: Mapping[str, int]) -> str:
    if not tally:
        return f"{head}: nothing known."
    rows = sorted(tally.items(), key=lambda item: (-item[1], item[0]))
    return f"{head}: {words.listing([f'{visible(name, at_most=NAME_AT_MOST)} ({amount:,})' for name, amount in rows], at_most=6)}."


def _resource(row: ResourceRow, levels: Mapping[str, str], names: Mapping[str, str]) -> list[str]:
    return [
        names[row.uid],
        short_type(row.type),
        row.region,
        str(row.wave or "–"),
        levels.get(row.uid, "–"),
        words.size(row.storage_bytes) if row.storage_bytes else "–",
    ]

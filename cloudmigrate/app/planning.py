"""What the plan commands do: decide, plan, answer; only planning itself starts Prefect."""

import contextlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from cloudmigrate.app.cli_options import DONE
from cloudmigrate.app.output import print_json, say
from cloudmigrate.app.plan_names import meant
from cloudmigrate.app.reading import open_workspace
from cloudmigrate.domain.counting import counted
from cloudmigrate.domain.decisions import too_late
from cloudmigrate.domain.naming import Names
from cloudmigrate.domain.stored_plan import StoredPlan, stored_plan
from cloudmigrate.domain.what_if import WhatIf
from cloudmigrate.domain.what_if import what_if as answer_of
from cloudmigrate.errors import UsageError
from cloudmigrate.errors.plans import UnknownPlanError
from cloudmigrate.settings import acting_user
from cloudmigrate.workspace import Workspace, utc_now
from tasks.plan_reading import exchanges_of, known_plan, read_called, read_document, read_edges, read_names, rules_of

if TYPE_CHECKING:
    from cloudmigrate.app.plan_decisions import Wishes
    from cloudmigrate.domain.wave_policy import WavePolicy
    from cloudmigrate.ledger.records import PlanRow

FIGURES = {  # of a plan's score -> the words for it, those of what-if
    "cross_wave_bytes_per_day": "bytes across waves a day",
    "cross_wave_edges": "dependencies across waves",
    "transfer_usd_per_day": "transfer USD a day",
    "total": "score (lower is better)",
}


def plan_snapshot(
    path: Path, snapshot: str | None, max_resources_per_wave: int | None, wishes: Mapping[str, Sequence[str]], *, reason: str, as_json: bool
) -> int:
    """Record what is asked, if it can be obeyed, and plan waves from a snapshot; the exit code."""
    from cloudmigrate.app.plan_decisions import Wishes

    workspace = open_workspace(path)
    snapshot_id = workspace.snapshot(snapshot).snapshot_id
    policy = policy_for(workspace, max_resources_per_wave)
    notes = record(workspace, snapshot_id, policy, Wishes(**wishes, reason=reason))
    return plan_again(path, workspace, snapshot_id, policy, {"decided": notes}, as_json=as_json)


def policy_for(workspace: Workspace, max_resources_per_wave: int | None) -> "WavePolicy":
    """The estate's policy, with that limit where it is given. Raises UsageError."""
    planning = workspace.estate.planning
    if max_resources_per_wave is None:
        return planning
    try:
        return type(planning).model_validate(planning.model_dump() | {"max_resources_per_wave": max_resources_per_wave})
    except ValidationError as error:
        raise UsageError(f"--max-resources-per-wave {max_resources_per_wave}: {error.errors()[0]['msg']}") from error


def record(workspace: Workspace, snapshot_id: str, policy: "WavePolicy", wishes: "Wishes") -> list[str]:
    """Record the decisions that *wishes* stand for, all or none; what that means, in words. Raises ImpossiblePlanError, UsageError."""
    from cloudmigrate.app.plan_decisions import breaks, check_pins, check_withdrawals, decisions_for, merged, prepared_under

    if not wishes:
        return []
    with workspace.views(snapshot_id) as views:
        names = read_names(views, wishes.names())
    asked = decisions_for(wishes, names, by=acting_user(), at=utc_now())
    held = workspace.ledger.decisions(workspace.estate.estate)
    check_withdrawals(wishes, names, held)
    prepared = prepared_under(workspace, snapshot_id, policy, merged(held, asked))
    check_pins(prepared, asked)
    workspace.ledger.decide(workspace.estate.estate, asked)
    simple = [
        f"taken back: {one.kind} of {prepared.called.get(one.subject, one.subject)}"
        if one.value is None
        else f"pinned {prepared.called[one.subject]} to wave {one.value}"
        for one in asked
        if one.value is None or one.kind == "pin"
    ]
    return simple + breaks(prepared, asked)


def plan_again(
    path: Path,
    workspace: Workspace,
    snapshot_id: str,
    policy: "WavePolicy",
    told: dict[str, Any],
    *,
    as_json: bool,
    workloads_changed: bool = False,
) -> int:
    """Plan from the snapshot and tell how the figures changed against its plan before; the exit code."""
    from cloudmigrate.app.running import on_terminal, prefect_api

    before = workspace.ledger.newest_plan(snapshot_id)
    if on_terminal():
        say(f"planning the estate of {path}")
    with prefect_api():
        from flows.plan_waves import plan_waves

        plan_id: str = plan_waves(str(path), snapshot_id, policy, workloads_changed=workloads_changed)
    after = workspace.ledger.plan(plan_id)
    figures = {name: [_score(workspace, plan).get(name) for plan in (before, after)] for name in FIGURES} if before else {}
    if as_json:
        print_json({"snapshot_id": snapshot_id, "plan_id": plan_id, "before": before and before.plan_id, "figures": figures, **told})
        return DONE
    for notes in told.values():
        for note in notes:
            print(note)
    if before:
        print(f"compared with: {before.plan_id}")
    for name, (old, new) in figures.items():
        print(f"{FIGURES[name]}: {_shown(old)} -> {_shown(new)}")
    for line in wave_lines(read_document(workspace, after) if after else {}):
        print(line)
    print(f"plan: {plan_id}")
    return DONE


def wave_lines(document: Mapping[str, Any]) -> list[str]:
    """Each wave of a plan with its days, where it has any, and its size: one line a wave, under their number."""
    waves = document.get("waves", [])
    return [f"waves: {len(waves)}"] + [
        f"  {one['wave']}: "
        + (f"{one['starts_on']} to {one['ends_on']}, " if one.get("starts_on") else "")
        + f"{counted(one['resources'], 'resource')}, {counted(one['servers'], 'server')}"
        for one in waves
    ]


def _shown(number: float | None) -> str:
    return "unknown" if number is None else f"{number:,}" if isinstance(number, int) else f"{number:,.2f}"


def _score(workspace: Workspace, plan: "PlanRow | None") -> Mapping[str, Any]:
    score: Mapping[str, Any] = read_document(workspace, plan).get("score", {}) if plan else {}
    return score


def answer(path: Path, snapshot: str | None, plan_id: str | None, moves: Sequence[str]) -> WhatIf:
    """What the moves would change in a plan. Raises UsageError."""
    workspace = open_workspace(path)
    plan = known_plan(workspace, snapshot, plan_id)
    document = read_document(workspace, plan)
    stored = stored_plan(document)
    with _without_pandas(), workspace.views(plan.snapshot_id, plan.plan_id) as views:
        asked = wanted_moves(stored, read_names(views, (text.rpartition("=")[0] for text in moves)), moves)
        wanted = {group: wave for group, wave in asked.items() if stored.waves[group] != wave}  # of a workload some may be there already
        groups = [stored.problem.ids[group] for group in wanted]
        traffic = exchanges_of(views, stored.problem.policy.min_confidence, groups)
        rules = rules_of(views, groups)
    return answer_of(stored, wanted, traffic, rules)


@contextlib.contextmanager
def _without_pandas() -> Iterator[None]:
    """Inside the block importing pandas fails: DuckDB looks for it whenever it binds a value, which takes half of the second we have."""
    absent = "pandas" not in sys.modules
    if absent:
        sys.modules["pandas"] = None  # type: ignore[assignment]  # the import system's own word for: there is none
    try:
        yield
    finally:
        if absent:
            del sys.modules["pandas"]


def wanted_moves(stored: StoredPlan, names: Names, moves: Sequence[str]) -> dict[int, int]:
    """Group -> wave, as NAME=WAVE says. Raises UsageError."""
    wanted: dict[int, int] = {}
    for text in moves:
        name, separator, wave = text.rpartition("=")
        if not separator or not wave.strip().isdecimal() or not 1 <= int(wave) <= 999_999:
            raise UsageError(f"--move {text}: write NAME=WAVE, the wave a whole number from 1.")
        if late := too_late(int(wave), max(stored.waves, default=0)):
            raise UsageError(f"--move {text}: {late}")
        uids = meant(names, "--move", name)
        groups = {stored.group_of[uid] for uid in uids if uid in stored.group_of}
        if not groups:
            raise UsageError(f"--move {text}: it has no wave in {stored.plan_id}: {stored.unplanned.get(uids[0], 'it does not move')}.")
        twice = next((group for group in groups if wanted.get(group, int(wave)) != int(wave)), None)
        if twice is not None:
            raise UsageError(f"--move {text}: {stored.labels[twice]} is one move group, and another --move gives it another wave.")
        wanted |= dict.fromkeys(groups, int(wave))
    return wanted


def plan_changes(path: Path, before: str, after: str) -> list[dict[str, Any]]:
    """One row per resource whose wave differs, and cause; the most direct cause first."""
    from cloudmigrate.domain.plan_diff import Cause, diff_plans

    workspace = open_workspace(path)
    found = []
    names: dict[str, str] = {}
    for plan_id in (before, after):
        plan = workspace.ledger.plan(plan_id)
        if plan is None:
            raise UnknownPlanError(None, plan_id)
        workspace.snapshot(plan.snapshot_id)  # of this estate
        document = read_document(workspace, plan)
        with workspace.views(plan.snapshot_id, plan_id) as views:
            found.append((document, read_edges(views, float(document["policy"].get("min_confidence", 0)))))
            names |= read_called(views)
    (old, old_edges), (new, new_edges) = found
    rows = [
        {
            "cause": one.cause.value,
            "resource": names.get(one.uid, one.uid),
            "from_wave": one.from_wave,
            "to_wave": one.to_wave,
            "detail": one.detail,
            "uid": one.uid,
        }
        for one in diff_plans(old, new, edges_before=old_edges, edges_after=new_edges, called=names)
    ]
    directness = {cause.value: place for place, cause in enumerate(Cause)}
    return sorted(rows, key=lambda row: (directness[str(row["cause"])], str(row["uid"])))

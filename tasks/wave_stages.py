"""The stages of a wave as Prefect sees them: one task each, never tried again by itself, for what was written the journal decides."""

from collections.abc import Sequence
from datetime import UTC

from prefect import task
from prefect.cache_policies import NO_CACHE

from cloudmigrate.domain.counting import counted
from cloudmigrate.errors.waves import WaveFailedError
from cloudmigrate.execution.waves import GroupEnd, WaveEnd
from tasks.estate import open_estate_file
from tasks.executing import Means, WaveOutcome
from tasks.wave_progress import Progress
from tasks.wave_runs import Asked, go_back, go_on


@task(name="carry-wave-on", cache_policy=NO_CACHE, persist_result=False, tags=["migration"])
def carry_on(asked: Asked, estate: str) -> WaveOutcome:
    """Check, carry out, and stop where people have to answer; the estate file is read anew at each gate."""
    progress = Progress(asked)
    outcome = go_on(asked, reopen=lambda: open_estate_file(estate), means=Means(heard=progress.heard))
    progress.show()
    return outcome


@task(name="carry-wave-back", cache_policy=NO_CACHE, persist_result=False, tags=["migration"])
def carry_back(asked: Asked, *, reason: str, groups: Sequence[str], despite_writes: bool) -> WaveEnd:
    """Take back what was done, newest first."""
    progress = Progress(asked)
    end = go_back(asked, reason=reason, groups=groups or None, despite_writes=despite_writes, means=Means(heard=progress.heard))
    progress.show()
    return end


def conclude(asked: Asked, outcome: WaveOutcome) -> str:
    """How the wave ended, in a sentence. Raises WaveFailedError where groups went back or wait for a person to mend them."""
    end = outcome.end
    bad = {name: state.value for name, state in end.groups.items() if state in (GroupEnd.ROLLED_BACK, GroupEnd.STUCK)}
    if bad:
        raise WaveFailedError(asked.plan.plan_id, asked.wave, bad, end.failures, end.undo_failures)
    place = f"wave {asked.wave} of plan {asked.plan.plan_id}"
    if end.is_whole:
        return f"{place} is migrated: {counted(len(end.groups), 'move group')}"
    lines = [f"{place} waits:"]
    if end.waiting_until is not None:
        lines.append(f"  for a time: until {end.waiting_until.astimezone(UTC):%Y-%m-%d %H:%M} UTC at the earliest (`cloudmigrate status`)")
    lines += [f"  failed: {why}" for why in end.failures.values()]
    lines += [f"  changed since the wave began: {one}" for one in outcome.waiting.changes]
    for request, standing in outcome.waiting.requests:
        lines.append(f"  gate {request.gate.value} is {standing.sentence()}")
        lines.append(f"    cloudmigrate approve {request.plan_id} --wave {request.wave} --gate {request.gate.value}")
    for step in outcome.waiting.by_hand:
        lines.append(f"  by hand: {step.says}")
        lines.append(f"    cloudmigrate confirm {asked.plan.plan_id} --wave {asked.wave} {step.step_id}")
    todo = "answer" if outcome.waiting.requests or outcome.waiting.by_hand else "wait"
    lines.append(f"Next: {todo}, then cloudmigrate resume {asked.plan.plan_id} --wave {asked.wave}")
    return "\n".join(lines)


def conclude_rollback(asked: Asked, end: WaveEnd) -> str:
    """How the way back ended. Raises WaveFailedError where something could not be undone."""
    if end.undo_failures:
        groups = {name: state.value for name, state in end.groups.items()}
        raise WaveFailedError(asked.plan.plan_id, asked.wave, groups, {}, end.undo_failures)
    return f"wave {asked.wave} of plan {asked.plan.plan_id} is rolled back: {counted(len(end.groups), 'move group')}"

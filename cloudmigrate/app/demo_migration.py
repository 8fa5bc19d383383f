"""`cloudmigrate demo --migrate`: two waves of the demo's plan carried out on the emulator, the first with a failure on the way."""

import contextlib
import io
import os
import shutil
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloudmigrate import log
from cloudmigrate.app.output import say
from cloudmigrate.domain.counting import counted
from cloudmigrate.domain.gates import GateState
from cloudmigrate.domain.steps import Gate
from cloudmigrate.errors import CloudMigrateError
from cloudmigrate.errors.waves import WaveFailedError

if TYPE_CHECKING:
    from cloudmigrate.ledger.records import AuditEvent, PlanRow
    from cloudmigrate.workspace import Workspace

REQUESTER, APPROVER = "olga", "ana"
KEYS = "keys"
WAVES = (1, 2)
ROUNDS_AT_MOST = 20  # of answers to one wave; each opens a gate or confirms what is by hand


def prepare_migration(folder: Path) -> None:
    """Make the demo's people and their keys, the networks in the target region, and the sections of the estate file that name them."""
    from cloudmigrate.app.private_keys import make_key
    from cloudmigrate.aws.sessions import AwsSessions
    from cloudmigrate.estate_file import load_estate
    from cloudmigrate.simulate.demo import migration_yaml
    from cloudmigrate.simulate.landing_zone import prepare_landing_zone
    from cloudmigrate.workspace import utc_now

    keys, path = folder / KEYS, folder / "estate.yaml"
    shutil.rmtree(keys, ignore_errors=True)  # of an earlier demo, whose people are gone
    public = {name: make_key(keys, name, None) for name in (REQUESTER, APPROVER)}
    estate = load_estate(path)
    sessions = AwsSessions(estate.accounts, correlation_id=log.new_correlation_id(), loopback_only=True)
    mapped = prepare_landing_zone(sessions, [(account.id, region) for account in estate.accounts for region in account.regions])
    text = migration_yaml(public, mapped, operator=REQUESTER, approver=APPROVER, expires=utc_now().date() + timedelta(days=30))
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


def migrate_demo(folder: Path, url: str) -> None:
    """Carry out the first two waves; in the first, launches find no capacity, and what was begun goes back before it is tried again."""
    from cloudmigrate.app.reading import open_workspace
    from cloudmigrate.simulate.emulator import post
    from cloudmigrate.simulate.moto_launches import CAPACITY_PATH
    from tasks.migrating import plan_named

    os.environ.update(CLOUDMIGRATE_USER=REQUESTER, CLOUDMIGRATE_KEYS=str(folder / KEYS))
    path = folder / "estate.yaml"
    workspace = open_workspace(path)
    plan = plan_named(workspace, None)
    first, second = WAVES
    say(f"wave {first}: its launches will find no capacity")
    post(url + CAPACITY_PATH, b"1")
    try:
        _carry_on(path, workspace, plan, first)
    except WaveFailedError as error:
        print(f"as planted, a launch failed:\n{error}")
    else:
        raise CloudMigrateError(f"wave {first} of {plan.plan_id} came to its end, though a launch was to fail. Next: report this.")
    _tell(workspace, plan, first)
    say(f"wave {first} again, with capacity")
    _carry_on(path, workspace, plan, first)
    _tell(workspace, plan, first)
    say(f"wave {second}")
    _carry_on(path, workspace, plan, second)
    _tell(workspace, plan, second)


def _carry_on(path: Path, workspace: "Workspace", plan: "PlanRow", wave: int) -> None:
    """Run a wave until nothing waits any more, answering as the demo's people. Raises WaveFailedError."""
    from flows.migrate_wave import migrate_wave
    from tasks.wave_runs import states_of

    for _ in range(ROUNDS_AT_MOST):
        log.new_correlation_id()  # each is a run of its own in the ledger
        told: str = migrate_wave(str(path), wave, plan.plan_id, REQUESTER)
        say(told.partition("\n")[0].rstrip(":"))
        if not _answer(path, workspace, plan, wave):
            return
    raise CloudMigrateError(f"wave {wave} of {plan.plan_id} still waits: {states_of(workspace, plan)}. Next: report this.")


def _answer(path: Path, workspace: "Workspace", plan: "PlanRow", wave: int) -> bool:
    """Whether the wave waited for people, who have answered now."""
    from cloudmigrate.app.approval_commands import approve
    from cloudmigrate.app.wave_commands import confirm
    from cloudmigrate.approving import standing_of
    from cloudmigrate.workspace import utc_now
    from tasks.wave_reading import read_wave

    estate, ledger = workspace.estate, workspace.ledger
    newest = {one.gate: one for one in ledger.approvals(estate.estate, plan.plan_id, wave).requests}
    waiting: list[Gate] = [gate for gate, one in newest.items() if standing_of(estate, ledger, one, utc_now()).state is GateState.WAITING]
    for gate in waiting:
        say(f"  {APPROVER} approves gate {gate.value}: cloudmigrate approve {plan.plan_id} --wave {wave} --gate {gate.value}")
        _quietly(approve, plan.plan_id, wave=wave, gate=gate, reason="the demo", name=APPROVER, estate=path)
    found = read_wave(workspace, plan, wave)
    by_hand = found.by_hand if found else ()
    if by_hand:
        told = counted(len(by_hand), "step")
        say(f"  {APPROVER} confirms {told} that no itinerary does: cloudmigrate confirm {plan.plan_id} STEP --wave {wave}")
    for step in by_hand:
        _quietly(confirm, plan.plan_id, step.step_id, wave=wave, note="the demo does not do it", name=APPROVER, estate=path)
    return bool(waiting or by_hand)


def _quietly(command: Callable[..., int], *arguments: Any, **options: Any) -> None:
    """Run a command without what it says on the way; an error of it is raised."""
    with contextlib.redirect_stderr(io.StringIO()):
        command(*arguments, **options)


def calls_of(events: Iterable["AuditEvent"], plan_id: str, wave: int) -> int:
    """How many calls that write the audit chain has of that wave."""
    calls = [one.detail for one in events if one.action.startswith("call.")]
    return sum((one["plan_id"], one["wave"]) == (plan_id, wave) for one in calls)


def _tell(workspace: "Workspace", plan: "PlanRow", wave: int) -> None:
    """Print where the wave is and what is left over."""
    from cloudmigrate.domain.wave_status import wave_state
    from tasks.wave_reading import find_orphans, read_wave

    found = read_wave(workspace, plan, wave)
    if found is None:
        return
    left, unseen = find_orphans(workspace)
    calls = calls_of(workspace.ledger.audit_events(limit=1_000_000), plan.plan_id, wave)
    seen = f"{len(left)} left over" + (f" ({counted(len(unseen), 'place')} not looked at)" if unseen else "")
    state = wave_state(found.groups).value
    print(f"wave {wave}: {state}; {counted(len(found.lines), 'line')} of journal, {counted(calls, 'write call')} audited; {seen}")

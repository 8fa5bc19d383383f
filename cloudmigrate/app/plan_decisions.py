"""Pins and exclusions from the command line: checked against the newest snapshot before they are recorded; no Prefect, no cloud call."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cloudmigrate.app.plan_names import meant
from cloudmigrate.domain.constraints import broken_by
from cloudmigrate.domain.decisions import Decision, DecisionKind, check_decision, too_late
from cloudmigrate.domain.drafting import Prepared, conflict_with, last_wave_without, prepare
from cloudmigrate.domain.naming import Names
from cloudmigrate.domain.overrides import holding
from cloudmigrate.domain.wave_policy import WavePolicy
from cloudmigrate.domain.wave_words import listed
from cloudmigrate.errors import UsageError
from cloudmigrate.errors.plans import ImpossiblePlanError

if TYPE_CHECKING:
    from datetime import datetime

    from cloudmigrate.workspace import Workspace


NOUNS = {DecisionKind.PIN: "pin", DecisionKind.EXCLUDE: "exclusion"}


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person asks of the plan: NAME=WAVE, NAME, NAME=REASON, NAME."""

    pin: Sequence[str] = ()
    unpin: Sequence[str] = ()
    exclude: Sequence[str] = ()
    include: Sequence[str] = ()
    reason: str = ""

    def __bool__(self) -> bool:
        return any((self.pin, self.unpin, self.exclude, self.include))

    def names(self) -> set[str]:
        """Every name that may be meant."""
        pinned = {text.rpartition("=")[0] for text in self.pin}
        excluded = {text[:at] for text in self.exclude for at, letter in enumerate(text) if letter == "="}
        return pinned | excluded | set(self.unpin) | set(self.include)

    def withdrawals(self) -> Iterator[tuple[DecisionKind, str, str]]:
        """What is to be taken back: its kind, the option that says so, and the name."""
        for some, kind, option in ((self.unpin, DecisionKind.PIN, "--unpin"), (self.include, DecisionKind.EXCLUDE, "--include")):
            yield from ((kind, option, name) for name in some)


def decisions_for(wishes: Wishes, names: Names, *, by: str, at: "datetime") -> list[Decision]:
    """The decisions that *wishes* stand for, one per resource. Raises UsageError."""
    found: list[Decision] = []
    pins = ((one, DecisionKind.PIN, "--pin", "WAVE") for one in wishes.pin)
    exclusions = ((one, DecisionKind.EXCLUDE, "--exclude", "REASON") for one in wishes.exclude)
    for text, kind, option, what in (*pins, *exclusions):
        name, separator, value = text.rpartition("=") if kind is DecisionKind.PIN else _named(text, names)
        if not separator or not name:
            raise UsageError(f"{option} {text}: write NAME={what}.")
        found += [
            _checked(f"{option} {text}", Decision(kind, uid, value.strip(), wishes.reason, by, at)) for uid in meant(names, option, name)
        ]
    for kind, option, name in wishes.withdrawals():
        found += [Decision(kind, uid, None, wishes.reason, by, at) for uid in meant(names, option, name)]
    return found


def check_withdrawals(wishes: Wishes, names: Names, held: Iterable[Decision]) -> None:
    """Nothing, if each pin and exclusion that is to be taken back is *held* by one resource of its name at least. Raises UsageError."""
    holding_now = {(one.kind, one.subject) for one in held}
    for kind, option, name in wishes.withdrawals():
        if not any((kind, uid) in holding_now for uid in meant(names, option, name)):
            raise UsageError(f"{option} {name}: there is no {NOUNS[kind]} to take back. Next: see `cloudmigrate decide list`.")


def _named(text: str, names: Names) -> tuple[str, str, str]:
    """Name and reason; a name may hold = itself, and the longest that is known counts."""
    places = [at for at, letter in enumerate(text) if letter == "="]
    known = [at for at in places if text[:at] in names.uids or text[:at] in names.by_name or text[:at] in names.by_workload]
    at = max(known, default=places[0] if places else len(text))
    return text[:at], text[at : at + 1], text[at + 1 :]


def _checked(asked: str, decision: Decision) -> Decision:
    try:
        check_decision(decision)
    except ValueError as error:
        raise UsageError(f"{asked}: {error}") from error
    return decision


def merged(held: Iterable[Decision], asked: Iterable[Decision]) -> list[Decision]:
    """What holds once *asked* is recorded."""
    newest = {(one.kind, one.subject): one for one in held} | {(one.kind, one.subject): one for one in asked}
    return [one for _, one in sorted(newest.items()) if one.value is not None]


def prepared_under(workspace: "Workspace", snapshot_id: str, policy: WavePolicy, decisions: Iterable[Decision]) -> Prepared:
    """The snapshot grouped and weighed under those of *decisions* that hold today."""
    from cloudmigrate.workspace import utc_now
    from tasks.plan_reading import plan_input

    with workspace.views(snapshot_id) as views:
        return prepare(plan_input(views, policy, holding(decisions, utc_now().date())), policy)


def check_pins(prepared: Prepared, asked: Iterable[Decision]) -> None:
    """Nothing, if the pins among *asked* can be obeyed. Raises ImpossiblePlanError, UsageError."""
    pins = [one for one in asked if one.kind is DecisionKind.PIN and one.value is not None]
    stays = {one.uid: one.reason for one in prepared.grouping.unplanned}
    for one in pins:
        if one.subject in stays:
            name = prepared.called.get(one.subject, one.subject)
            raise UsageError(f"--pin {name}: it has no wave: {stays[one.subject]}. Next: pin what it belongs to, or leave it.")
    asked_for = {one.subject for one in pins}
    last = last_wave_without(prepared, asked_for) if pins else 0
    for one in pins:
        if late := too_late(int(one.value or 0), last):
            raise UsageError(f"--pin {prepared.called.get(one.subject, one.subject)}={one.value}: {late}")
    conflict = conflict_with(prepared, asked_for) if pins else ()
    if conflict:
        raise ImpossiblePlanError(listed(f"{prepared.called.get(one.subject, one.subject)} in wave {one.value}" for one in pins), conflict)


def breaks(prepared: Prepared, asked: Iterable[Decision]) -> list[str]:
    """What each exclusion among *asked* breaks, in words."""
    labels = dict(zip(prepared.problem.ids, prepared.labels, strict=True))
    broken = broken_by(prepared.causes, prepared.grouping, prepared.served)
    found = []
    for one in asked:
        if one.kind is DecisionKind.EXCLUDE and one.value is not None:
            groups = [labels[group] for group in broken.get(one.subject, ())]
            needed = f"needed by {listed(groups)}, which will reach back to it once moved" if groups else "nothing that moves needs it"
            found.append(f"excluded {prepared.called.get(one.subject, one.subject)}: {needed}")
    return found

"""Times when nothing is begun: those of `execution`, to the minute, and the days of `planning`, in UTC."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

from cloudmigrate.domain.environments import environment_of
from cloudmigrate.domain.preflight.names import CheckName
from cloudmigrate.domain.preflight.questions import WaveFacts, failed, passed
from cloudmigrate.domain.preflight.record import Check

NAME = CheckName.FREEZE
ANYWHERE = ("", "")


def of_freeze(wave: WaveFacts) -> Iterator[Check]:
    """Whether the wave, begun now and as long as it likely takes, meets a time when nothing is begun. A person may answer for it."""
    begins_at, ends_at = wave.now, wave.now + wave.likely
    met = []
    for one in wave.estate.execution.freeze_windows:
        if one.meets(begins_at, ends_at):
            met.append((f"{one.from_at.isoformat()}/{one.until.isoformat()}", one.until, one.reason))
    environments = {environment_of(source.tags) for step in wave.explained if (source := wave.source_of(step)) is not None}
    for days in wave.estate.planning.freeze_windows:
        first = datetime.combine(days.from_on, time(0), UTC)
        until = datetime.combine(days.to_on, time(0), UTC) + timedelta(days=1)
        if begins_at < until and first <= ends_at and (not days.environments or environments & set(days.environments)):
            met.append((f"{days.from_on.isoformat()}/{days.to_on.isoformat()}", until, days.reason))
    span = f"from {begins_at.isoformat(timespec='minutes')} to likely {ends_at.isoformat(timespec='minutes')}"
    for subject, until, reason in met:
        advice = f"begin it after {until.isoformat(timespec='minutes')}, or waive it"
        yield failed(NAME, subject, ANYWHERE, f"the wave, {span}, meets it: {reason}", advice, bends=True)
    if not met:
        yield passed(NAME, "", ANYWHERE, f"{span}: no time when nothing is begun")

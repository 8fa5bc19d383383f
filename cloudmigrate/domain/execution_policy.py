"""How waves are carried out: the estate file's section `execution`, with what people waive of a preflight and when nothing is begun."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from cloudmigrate.domain.people import Person
from cloudmigrate.domain.preflight.names import CheckName

LONGEST_TEXT = 1000


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=True, validate_by_alias=True, serialize_by_alias=True)


class Waiver(_Strict):
    """That a person answers for what a check could not assess, or for a failure that a person may answer for."""

    check: Annotated[CheckName, Field(description="Which check: quotas, permissions, ...; docs/preflight.md lists them.")]
    subject: Annotated[
        str, Field(max_length=LONGEST_TEXT, description="Of which subject, * for any characters; empty: of all that the check looks at.")
    ] = ""
    by: Annotated[str, Field(min_length=1, description="Who answers for it: a name of people.")]
    reason: Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT, description="Why it is no danger, or a ticket's number.")]
    expires: Annotated[date, Field(description="The last day on which it holds, such as 2027-03-31.")]

    @model_validator(mode="after")
    def _says_why(self) -> "Waiver":
        if not self.reason.strip() or not self.reason.isprintable():
            raise ValueError("reason must say something, on one line")
        return self


class QuietTime(_Strict):
    """From when until when no wave is begun, to the minute; whole days of the plan's calendar stand in planning.freeze_windows."""

    from_at: Annotated[AwareDatetime, Field(alias="from", description="Such as 2026-12-15T18:00:00+01:00.")]
    until: Annotated[AwareDatetime, Field(description="The moment from which on waves may be begun again.")]
    reason: Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT, description="Why, such as year-end close.")]

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> "QuietTime":
        if self.until <= self.from_at:
            raise ValueError(f"it ends ({self.until.isoformat()}) before it begins ({self.from_at.isoformat()})")
        return self

    def meets(self, begins_at: datetime, ends_at: datetime) -> bool:
        """Whether any moment of [begins_at, ends_at] is within."""
        return begins_at < self.until and self.from_at <= ends_at


class RunLimits(_Strict):
    """How much of a wave runs at once, and how much of it may fail."""

    at_once: Annotated[int, Field(ge=1, le=64, description="Steps of a wave at once.")] = 8
    waiting: Annotated[
        int,
        Field(ge=0, le=500, description="Steps of a wave beside them that only wait: for an image, a copy, a lag, an old time to live."),
    ] = 12
    per_account: Annotated[int, Field(ge=1, le=64, description="Of them in one account.")] = 6
    per_region: Annotated[int, Field(ge=1, le=64, description="Of them in one region of an account.")] = 6
    per_name: Annotated[
        int, Field(ge=1, le=64, description="Of them of one family of API calls in a region, or of one source database.")
    ] = 2
    failed_groups: Annotated[
        int, Field(ge=0, le=1000, description="When so many move groups have failed, no further one is begun; 0: they all are.")
    ] = 1


class ExecutionPolicy(_Strict):
    """The section `execution`. Empty: nothing is waived, and every time is as good as another but for planning.freeze_windows."""

    waivers: Annotated[tuple[Waiver, ...], Field(description="What people answer for: [{check, subject, by, reason, expires}].")] = ()
    limits: Annotated[RunLimits, Field(description="How much runs at once, and how much may fail.")] = RunLimits()
    freeze_windows: Annotated[tuple[QuietTime, ...], Field(description="When no wave is begun: [{from, until, reason}].")] = ()
    backup_max_age_hours: Annotated[
        int | None, Field(ge=1, le=24 * 366, description="How old the newest backup of what moves may be, hours; empty: it is not asked.")
    ] = 24


def check_waivers(waivers: Iterable[Waiver], people: Iterable[Person]) -> None:
    """Nothing, if everybody who waives something is one of *people*. Raises ValueError."""
    known = {one.name for one in people}
    unknown = sorted({one.by for one in waivers} - known)
    if unknown:
        raise ValueError(f"{unknown[0]} waives a check, but is nobody of people; add the person, or name another")

"""What a wave may hold and when it may take place: the estate file's section `planning`, and a form in Prefect."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

LONGEST_FREEZE_DAYS = 3660  # ten years; behind a window without an end no wave comes


class FreezeWindow(BaseModel):
    """Days on which nothing moves, or nothing of some environments."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=True, validate_by_alias=True, serialize_by_alias=True)

    from_on: Annotated[date, Field(alias="from", description="The first day, such as 2026-12-15.")]
    to_on: Annotated[date, Field(alias="to", description="The last day.")]
    reason: Annotated[str, Field(min_length=1, description="Why, such as year-end close.")]
    environments: Annotated[tuple[str, ...], Field(description="Only of these (dev, test, staging, prod); empty: of all.")] = ()

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> "FreezeWindow":
        if self.to_on < self.from_on:
            raise ValueError(f"a freeze window ends ({self.to_on}) before it begins ({self.from_on})")
        if (self.to_on - self.from_on).days > LONGEST_FREEZE_DAYS:
            raise ValueError(
                f"a freeze window from {self.from_on} to {self.to_on} is longer than {LONGEST_FREEZE_DAYS} days. "
                "Next: exclude what never moves from the plan"
            )
        return self


class WavePolicy(BaseModel):
    """How large a wave may be, when waves take place, and what is assumed of the link between the sites.

    Sources of the usual values. Pilot waves of under 10 servers: AWS Prescriptive Guidance, "Wave planning" (start small, then grow).
    ``transfer_usd_per_gb``: the list price of the first 10 TB a month out of AWS to the internet (Amazon EC2 on-demand pricing, "Data
    Transfer"); a private link costs less. ``link_latency_ms``, ``max_resources_per_wave``, ``max_effort_hours_per_wave`` (five people
    for two weeks) and ``days_between_waves``: judgement. Put your own in their place.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    max_resources_per_wave: Annotated[int | None, Field(ge=1, description="Resources one wave may hold; empty: any number.")] = 50
    max_servers_per_wave: Annotated[int | None, Field(ge=1, description="Servers one wave may hold; empty: any number.")] = None
    max_effort_hours_per_wave: Annotated[
        float | None, Field(gt=0, allow_inf_nan=False, description="Hours of work one wave may hold; empty: any number.")
    ] = 400.0
    pilot_waves: Annotated[int, Field(ge=0, le=100, description="How many of the first waves are pilots.")] = 5
    pilot_max_servers: Annotated[int, Field(ge=1, description="Servers a pilot wave should hold at most.")] = 9
    separate_layers: Annotated[
        bool, Field(description="What is needed moves in an earlier wave, never in the same one; then every need crosses waves.")
    ] = False
    first_wave_on: Annotated[date | None, Field(description="The first day of wave 1; empty: the plan has no dates.")] = None
    days_between_waves: Annotated[int, Field(ge=1, le=366, description="Days from the start of a wave to the next one's.")] = 14
    wave_days: Annotated[int, Field(ge=1, le=366, description="Days that a wave takes.")] = 2
    freeze_windows: Annotated[tuple[FreezeWindow, ...], Field(description="When nothing moves: [{from, to, reason}].")] = ()
    min_confidence: Annotated[float, Field(ge=0, le=1, description="Observed dependencies of less confidence neither group nor order.")] = (
        0.0
    )
    link_latency_ms: Annotated[
        float, Field(ge=0, allow_inf_nan=False, description="Assumed round trip between the sites, milliseconds.")
    ] = 20.0
    transfer_usd_per_gb: Annotated[
        float, Field(ge=0, allow_inf_nan=False, description="Assumed price of data between the sites, USD per GB.")
    ] = 0.09

    @model_validator(mode="after")
    def _dates_agree(self) -> "WavePolicy":
        if self.freeze_windows and self.first_wave_on is None:
            raise ValueError("freeze_windows hold only where waves have dates; give first_wave_on too")
        if self.wave_days > self.days_between_waves:
            raise ValueError(f"waves that take {self.wave_days} days cannot start every {self.days_between_waves} days")
        return self

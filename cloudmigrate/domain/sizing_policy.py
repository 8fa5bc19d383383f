"""By which rules sizes are chosen: the estate file's section `sizing`, and a form in Prefect."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

COMPUTE_OPTIMIZER = "compute-optimizer"


class SizingProfile(BaseModel):
    """One rule of sizing, by name. The usual values are those of AWS Compute Optimizer.

    AWS Compute Optimizer User Guide, "Rightsizing recommendation preferences" (CPU threshold P99.5, headroom 20 %, memory headroom 20 %,
    lookback 14 days) and "Resource requirements" (at least 30 hours of metric data in the past 14 days).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$", description="Short name; lower case, digits, hyphens.")]
    percentile: Annotated[float, Field(ge=50, le=100, description="Which percentile of use has to fit, such as 99.5.")] = 99.5
    headroom_pct: Annotated[float, Field(ge=0, lt=100, description="Percent of the CPU that stay free at that percentile.")] = 20.0
    memory_headroom_pct: Annotated[float, Field(ge=0, lt=100, description="Percent of the memory that stay free.")] = 20.0
    lookback_days: Annotated[int, Field(ge=1, le=93, description="Days of use to look at.")] = 14
    hours_at_least: Annotated[float, Field(gt=0, description="Hours of data under which nothing is proposed.")] = 30.0
    risk_at_most: Annotated[int, Field(ge=0, le=4, description="The risk, 0 to 4, up to which a size is proposed.")] = 3
    burstable: Annotated[bool, Field(description="Whether sizes with CPU credits may be proposed.")] = True
    batch_may_fill: Annotated[bool, Field(description="Whether a batch job may use all of its CPU without being too small for it.")] = True

    @model_validator(mode="after")
    def _aws_rule_is_as_aws_says(self) -> "SizingProfile":
        own = {
            name: getattr(self, name) for name in ("percentile", "headroom_pct", "memory_headroom_pct", "lookback_days", "hours_at_least")
        }
        usual = {name: type(self).model_fields[name].default for name in own}
        if self.name == COMPUTE_OPTIMIZER and own != usual:
            raise ValueError(f"{COMPUTE_OPTIMIZER} is the rule of AWS as it stands. Next: give a profile with other values another name")
        return self


class SizingPolicy(BaseModel):
    """Every rule that sizes are chosen by; each gives its own rows in `sizing`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    profiles: Annotated[
        tuple[SizingProfile, ...], Field(min_length=1, max_length=10, description="The rules, such as [{name: compute-optimizer}].")
    ] = (SizingProfile(name=COMPUTE_OPTIMIZER),)

    @model_validator(mode="after")
    def _names_are_distinct(self) -> "SizingPolicy":
        names = [one.name for one in self.profiles]
        if twice := sorted({one for one in names if names.count(one) > 1}):
            raise ValueError(f"profile {', '.join(twice)} is listed twice")
        return self

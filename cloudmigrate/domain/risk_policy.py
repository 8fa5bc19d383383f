"""The levels of migration risk, and from how many points on each holds."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator


class RiskLevel(StrEnum):
    """How much care a move needs."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


LEVELS = tuple(RiskLevel)


class RiskPolicy(BaseModel):
    """From how many upper points on a resource or workload is of which level."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    medium_from: Annotated[float, Field(gt=0, description="Upper points (of 100) from which risk is medium.")] = 30
    high_from: Annotated[float, Field(gt=0, description="Upper points from which risk is high.")] = 50
    critical_from: Annotated[float, Field(gt=0, description="Upper points from which risk is critical.")] = 70

    @model_validator(mode="after")
    def _levels_rise(self) -> "RiskPolicy":
        if not self.medium_from < self.high_from < self.critical_from:
            raise ValueError("medium_from, high_from and critical_from must rise")
        return self

    @property
    def bounds(self) -> tuple[float, float, float]:
        """The upper points from which medium, high and critical begin."""
        return self.medium_from, self.high_from, self.critical_from

    def level_of(self, upper_points: float) -> RiskLevel:
        """The level of so many points."""
        return LEVELS[sum(upper_points >= bound for bound in self.bounds)]

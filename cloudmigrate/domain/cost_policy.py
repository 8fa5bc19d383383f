"""What the estate file says of cost: where things go to, what the bill is, and how far an estimate may be from it."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from cloudmigrate.domain.sizing_policy import COMPUTE_OPTIMIZER

NO_PRICES = "no prices are held; run `cloudmigrate prices refresh`, then analyse again"

COST_EXPLORER = "cost_explorer"  # in place of an export: ask Cost Explorer, which charges 0.01 USD a request


class ManagedDatabase(BaseModel):
    """A database that somebody runs on a server, and what would manage it: nothing but a person's word tells of such."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    uid: Annotated[str, Field(min_length=1, description="Of the server that it runs on.")]
    engine: Annotated[str, Field(pattern=r"^[a-z0-9-]+$", description="As RDS calls it, such as postgres.")]
    instance_class: Annotated[str, Field(pattern=r"^db\.[a-z0-9-]+\.[a-z0-9-]+$", description="Such as db.m6g.large.")]
    multi_az: Annotated[bool, Field(description="Whether a standby in another zone is wanted.")] = False

    @property
    def rate_key(self) -> str:
        """The rate of its hour."""
        return f"rds:{self.instance_class}:{self.engine}:{'multi-az' if self.multi_az else 'single-az'}"


class CostPolicy(BaseModel):
    """The estate file's section `costs`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    target_region: Annotated[
        str | None,
        Field(pattern=r"^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$", description="Where resources move to; left out: each stays in its region."),
    ] = None
    sizing_profile: Annotated[str, Field(min_length=1, description="Whose sizes rehost_rightsized takes: a name out of sizing.")] = (
        COMPUTE_OPTIMIZER
    )
    bill: Annotated[
        str | None,
        Field(min_length=1, description="A FOCUS or CUR export (CSV or Parquet; a file or s3:// path), or the word cost_explorer."),
    ] = None
    managed_databases: Annotated[
        tuple[ManagedDatabase, ...],
        Field(description="Databases on servers that replatform moves to RDS: [{uid, engine, instance_class}]."),
    ] = ()
    cash_scenario: Annotated[
        Literal["recommended", "rehost", "rehost_rightsized", "replatform"],
        Field(description="What the target costs in the cash curve; recommended: each resource by the strategy that holds."),
    ] = "recommended"
    double_running_days: Annotated[tuple[Decimal, Decimal, Decimal], Field(description="Days that both sites run: low, likely, high.")] = (
        Decimal(7),
        Decimal(14),
        Decimal(30),
    )
    bill_error_limit_pct: Annotated[
        Decimal, Field(gt=0, le=100, description="How far a service's estimate may be from its bill before forecasts are withheld.")
    ] = Decimal(10)

"""The estate: every account and region in scope, and how to look at them. One model for file, block and form."""

import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from cloudmigrate.domain.confluence_policy import ConfluencePolicy
from cloudmigrate.domain.cost_policy import CostPolicy
from cloudmigrate.domain.execution_policy import ExecutionPolicy, check_waivers
from cloudmigrate.domain.flow_log_format import columns_of_format, missing_fields
from cloudmigrate.domain.people import ApprovalPolicy, Person, check_people, check_policy
from cloudmigrate.domain.repository_policy import RepositoryPolicy
from cloudmigrate.domain.risk_policy import RiskPolicy
from cloudmigrate.domain.sizing_policy import SizingPolicy
from cloudmigrate.domain.target_policy import TargetPolicy
from cloudmigrate.domain.wave_policy import WavePolicy

AccountId = Annotated[str, Field(pattern=r"^\d{12}$", description="The 12 digits of an AWS account, quoted in YAML.")]
RegionName = Annotated[str, Field(pattern=r"^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$", description="Such as eu-central-1.")]
FLOW_LOG_ACCOUNT = re.compile(r"/AWSLogs/(?:o-[a-z0-9]+/)?(?:aws-account-id=)?(\d{12})(?:/|$)")
# A log group's name as CreateLogGroup allows it; one that begins with a slash gives two slashes.
LOG_GROUP_URL = re.compile(r"^logs://([a-z]{2,4}(?:-[a-z]+)+-\d{1,2})/([\w.#/-]{1,512})$")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Account(_Strict):
    """One account and the regions of it that are in scope."""

    id: AccountId
    regions: Annotated[tuple[RegionName, ...], Field(min_length=1, description="Regions to look at.")]
    role_arn: Annotated[
        str | None,
        Field(
            pattern=r"^arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+$", description="Role to assume; leave out for the caller's own account."
        ),
    ] = None
    external_id: Annotated[
        str | None, Field(min_length=2, max_length=1224, description="ExternalId that the role's trust policy asks for.")
    ] = None

    @model_validator(mode="after")
    def _role_belongs_to_account(self) -> "Account":
        if self.role_arn and self.role_arn.split(":")[4] != self.id:
            raise ValueError(f"role_arn is of account {self.role_arn.split(':')[4]}, but this entry is account {self.id}")
        if self.external_id and not self.role_arn:
            raise ValueError("external_id needs a role_arn")
        if len(set(self.regions)) != len(self.regions):
            raise ValueError("a region is listed twice")
        return self


class MetricsSettings(_Strict):
    """How much of CloudWatch to read."""

    days: Annotated[int, Field(ge=1, le=455, description="How far back to look, days.")] = 14
    period_s: Annotated[int, Field(ge=60, le=86_400, multiple_of=60, description="Seconds between data points.")] = 300

    @model_validator(mode="after")
    def _period_is_retained(self) -> "MetricsSettings":
        # CloudWatch keeps 1-minute points 15 days, 5-minute points 63 days, 1-hour points 455 days (GetMetricData, "retention").
        kept_days = 15 if self.period_s < 300 else 63 if self.period_s < 3600 else 455
        if self.days > kept_days:
            raise ValueError(f"CloudWatch keeps points of {self.period_s} s for {kept_days} days only; lower days or raise period_s")
        return self


class TrafficSettings(_Strict):
    """How much of the flow logs to read."""

    days: Annotated[int, Field(ge=1, le=400, description="How far back to look, days.")] = 14


class FlowLogSource(_Strict):
    """Where VPC flow logs lie, whose credentials read them, and what their columns are."""

    url: Annotated[str, Field(min_length=1, description="s3://bucket/prefix/, logs://region/log-group-name, or a local path.")]
    account: Annotated[AccountId | None, Field(description="Whose credentials read them; default: the account in the url.")] = None
    format: Annotated[
        str | None, Field(description="The flow log's LogFormat, such as ${version} ${account-id} ...; default: the files' own header.")
    ] = None

    # On the fields, not on the model: a validator of a model renames it in the errors of the union that it is a form of.
    @field_validator("url")
    @classmethod
    def _log_group_is_named(cls, url: str) -> str:
        if url.startswith("logs://") and not LOG_GROUP_URL.match(url):
            raise ValueError(f"{url} is no log group; write logs://region/log-group-name")
        return url

    @field_validator("format")
    @classmethod
    def _format_tells_conversations(cls, log_format: str | None) -> str | None:
        columns = columns_of_format(log_format or "")
        if log_format is not None and columns is None:
            raise ValueError("this names no field; write it as the flow log's LogFormat: ${version} ${account-id} ...")
        missing = missing_fields(columns or ())
        if columns is not None and missing:
            raise ValueError(f"a flow log whose format lacks {', '.join(missing)} cannot tell who talks to whom")
        return log_format


class Estate(_Strict):
    """Every account and region in scope, where the lake and the ledger are, and how much to read."""

    estate: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$", description="Short name; lower case, digits, hyphens.")]
    lake: Annotated[str, Field(min_length=1, description="Folder or s3://bucket/prefix for the Parquet files.")] = "./lake"
    ledger: Annotated[
        str, Field(pattern=r"^(sqlite|postgresql\+psycopg)://", description="sqlite:///file.db or postgresql+psycopg://...")
    ] = "sqlite:///ledger.db"
    reports: Annotated[tuple[str, ...], Field(description="Further folders or s3:// prefixes that reports are published to.")] = ()
    accounts: Annotated[tuple[Account, ...], Field(min_length=1, description="The accounts in scope, each with its regions.")]
    metrics: Annotated[MetricsSettings, Field(description="How much of CloudWatch to read.")] = MetricsSettings()
    traffic: Annotated[TrafficSettings, Field(description="How much of the flow logs to read.")] = TrafficSettings()
    risk: Annotated[RiskPolicy, Field(description="From how many points on risk is medium, high, critical.")] = RiskPolicy()
    sizing: Annotated[SizingPolicy, Field(description="By which rules sizes are chosen from measured use.")] = SizingPolicy()
    costs: Annotated[CostPolicy, Field(description="Where resources move to, and what the bill is.")] = CostPolicy()
    flow_logs: Annotated[
        tuple[str | FlowLogSource, ...],
        Field(description="Where VPC flow logs lie: s3://.../AWSLogs/<account>/... or {url: ..., account: ..., format: ...}."),
    ] = ()
    planning: Annotated[WavePolicy, Field(description="How large waves may be, when they take place, what the link costs.")] = WavePolicy()
    targets: Annotated[TargetPolicy, Field(description="Where things move to, and what they get there.")] = TargetPolicy()

    workloads: Annotated[
        str | None, Field(min_length=1, description="A CSV file with the columns uid and workload; it wins over tags and traffic.")
    ] = None
    people: Annotated[tuple[Person, ...], Field(description="Who takes part in migrations: names, roles, public keys.")] = ()
    approvals: Annotated[ApprovalPolicy, Field(validate_default=True, description="Who must approve before which point of a wave.")] = (
        ApprovalPolicy()
    )
    execution: Annotated[
        ExecutionPolicy, Field(validate_default=True, description="How waves are carried out: waivers, times without waves, backups.")
    ] = ExecutionPolicy()

    confluence: Annotated[ConfluencePolicy, Field(description="Where runbooks are published to in Confluence; never the token itself.")] = (
        ConfluencePolicy()
    )

    repository: Annotated[
        RepositoryPolicy, Field(description="The Git repository that code and runbooks are published to; never the token itself.")
    ] = RepositoryPolicy()

    @field_validator("people")
    @classmethod
    def _people_are_distinct(cls, people: tuple[Person, ...]) -> tuple[Person, ...]:
        check_people(people)
        return people

    @field_validator("approvals")
    @classmethod
    def _gates_can_be_opened(cls, approvals: ApprovalPolicy, info: ValidationInfo) -> ApprovalPolicy:
        if "people" in info.data:  # else they are told of already
            check_policy(approvals, info.data["people"])
        return approvals

    @field_validator("execution")
    @classmethod
    def _waivers_are_answered_for(cls, execution: ExecutionPolicy, info: ValidationInfo) -> ExecutionPolicy:
        if "people" in info.data:
            check_waivers(execution.waivers, info.data["people"])
        return execution

    @property
    def sized_by(self) -> str:
        """The profile whose sizes are recommended and priced: the one that costs names, else the first that there is."""
        names = [one.name for one in self.sizing.profiles]
        return self.costs.sizing_profile if self.costs.sizing_profile in names or not names else names[0]

    @model_validator(mode="after")
    def _accounts_are_distinct(self) -> "Estate":
        ids = [account.id for account in self.accounts]
        twice = sorted({one for one in ids if ids.count(one) > 1})
        if twice:
            raise ValueError(f"account {', '.join(twice)} is listed twice")
        own = [account.id for account in self.accounts if account.role_arn is None]
        if len(own) > 1:
            raise ValueError(f"only the caller's own account may lack a role_arn, but {', '.join(own)} do")
        foreign = {self.targets.account, *(one.zone_account for one in self.targets.dns)} - {None, *ids}
        if foreign:
            raise ValueError(f"targets names account {min(map(str, foreign))}, which is not in accounts")
        for source in self.flow_log_sources():
            if source.url.startswith(("s3://", "logs://")) and source.account is None:
                raise ValueError(f"flow log prefix {source.url} names no account; write {{url: ..., account: ...}}")
            if source.account is not None and source.account not in ids:
                raise ValueError(f"flow log prefix {source.url} is of account {source.account}, which is not in accounts")
        return self

    def account(self, account_id: str) -> Account:
        """The account with that id. Raises KeyError if it is not in the estate."""
        for account in self.accounts:
            if account.id == account_id:
                return account
        raise KeyError(account_id)

    def flow_log_sources(self) -> tuple[FlowLogSource, ...]:
        """Every flow-log source with its account: the one stated, else the one named in its path."""
        sources = []
        for entry in self.flow_logs:
            source = entry if isinstance(entry, FlowLogSource) else FlowLogSource(url=entry)
            found = FLOW_LOG_ACCOUNT.search(source.url)
            sources.append(source if source.account or not found else source.model_copy(update={"account": found.group(1)}))
        return tuple(sources)


class Scope(_Strict):
    """What of the estate to look at; empty fields mean everything."""

    types: Annotated[tuple[str, ...], Field(description="CloudFormation types, such as AWS::EC2::Instance.")] = ()
    regions: Annotated[tuple[str, ...], Field(description="Regions out of the estate's.")] = ()
    tags: Annotated[
        tuple[Annotated[str, Field(pattern=r"^[^=]+=.*$")], ...], Field(description="key=value; a resource must bear all of them.")
    ] = ()

"""The estate file: YAML text -> Estate, with every problem named by its line and field."""

import difflib
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from cloudmigrate import located_yaml
from cloudmigrate.domain.confluence_policy import ConfluencePolicy
from cloudmigrate.domain.cost_policy import COST_EXPLORER, CostPolicy, ManagedDatabase
from cloudmigrate.domain.database_policy import DatabaseOverride, DatabasePolicy, Endpoints, Replication
from cloudmigrate.domain.estate import Account, Estate, FlowLogSource, MetricsSettings, TrafficSettings
from cloudmigrate.domain.execution_policy import ExecutionPolicy, QuietTime, RunLimits, Waiver
from cloudmigrate.domain.people import ApprovalPolicy, GateRule, Person
from cloudmigrate.domain.repository_policy import RepositoryPolicy
from cloudmigrate.domain.risk_policy import RiskPolicy
from cloudmigrate.domain.sizing_policy import SizingPolicy, SizingProfile
from cloudmigrate.domain.target_policy import DnsName, Override, TargetPolicy
from cloudmigrate.domain.wave_policy import FreezeWindow, WavePolicy
from cloudmigrate.errors.inputs import EstateFileError
from cloudmigrate.located_yaml import Document, Problem, shown
from cloudmigrate.masking import masked_text

CheckRegions = Callable[[Sequence[str]], Sequence[str]]
MOST_PROBLEMS = 50

# Which model stands where, indices left out: unknown fields are compared with its fields. A test walks the models and finds it complete.
MODELS: Mapping[str, type[BaseModel]] = {
    "": Estate,
    "accounts[]": Account,
    "metrics": MetricsSettings,
    "traffic": TrafficSettings,
    "flow_logs[]": FlowLogSource,
    "planning": WavePolicy,
    "planning.freeze_windows[]": FreezeWindow,
    "costs": CostPolicy,
    "costs.managed_databases[]": ManagedDatabase,
    "risk": RiskPolicy,
    "sizing": SizingPolicy,
    "sizing.profiles[]": SizingProfile,
    "targets": TargetPolicy,
    "targets.dns[]": DnsName,
    "targets.overrides[]": Override,
    "targets.databases": DatabasePolicy,
    "targets.databases.replication": Replication,
    "targets.databases.overrides[]": DatabaseOverride,
    "targets.databases.overrides[].endpoints": Endpoints,
    "execution.limits": RunLimits,
    "people[]": Person,
    "approvals": ApprovalPolicy,
    "confluence": ConfluencePolicy,
    "repository": RepositoryPolicy,
    "execution": ExecutionPolicy,
    "execution.waivers[]": Waiver,
    "execution.freeze_windows[]": QuietTime,
    **{f"approvals.{gate}": GateRule for gate in ApprovalPolicy.model_fields},
}

ESTATE_TEMPLATE = """\
# What CloudMigrate looks at, and where it keeps what it finds. Fill in the <...>, then run: cloudmigrate assess estate.yaml

# A short name: lower-case letters, digits, hyphens.
estate: my-estate

# Where the findings go: a folder (relative to this file) or s3://bucket/prefix.
lake: ./lake

# What was done and what is visible: a SQLite file, or PostgreSQL for more than one machine.
# A password never stands here: name a variable with LEDGER in its name, and it is read from the environment.
ledger: sqlite:///ledger.db
# ledger: postgresql+psycopg://cloudmigrate:${LEDGER_PASSWORD}@db.example.com/cloudmigrate

# Further places that reports are published to, besides the lake.
# reports: ["s3://bucket/reports"]

# Account ids stand in quotes. The account without a role_arn is the one that your credentials belong to; leave it out
# if you only look at others. `cloudmigrate iam-policy` prints the policy that each role needs.
accounts:
  - id: "<your account>"
    regions: [<region>]
  # - id: "222222222222"
  #   role_arn: arn:aws:iam::222222222222:role/MigrationScan
  #   external_id: the one that the role's trust policy asks for, if it does
  #   regions: [eu-central-1, us-west-2]

# How much of CloudWatch to read: days back, and seconds between points.
metrics: {days: 14, period_s: 300}

# How much of the flow logs to read: days back. What happens once a month takes a month to be seen.
traffic: {days: 14}

# Where VPC flow logs lie. Where none is named, the places that your flow logs deliver to (DescribeFlowLogs) are read.
# The credentials of the account named in the path read them, or of the one that you name.
# flow_logs:
#   - s3://bucket/AWSLogs/222222222222/vpcflowlogs/eu-central-1/
#   - {url: "s3://other-bucket/logs/", account: "222222222222"}
#   - {url: "logs://eu-central-1/log-group-name", account: "222222222222"}
flow_logs: []

# Which resource belongs to which workload, where you know: a CSV file with the columns uid,workload. It wins over tags and traffic.
# workloads: ./workloads.csv

# By which rules sizes are chosen; each gives its own rows. The first is AWS's own as it stands. `docs/patterns.md` explains each value.
# sizing:
#   profiles:
#     - {name: compute-optimizer}
#     - {name: careful, percentile: 99.9, headroom_pct: 30, memory_headroom_pct: 30, lookback_days: 14, risk_at_most: 1, burstable: false}

# Where resources move to, whose sizes are taken, and the bill that estimates are held against. `docs/costs.md` explains each.
# costs:
#   target_region: eu-central-1
#   sizing_profile: compute-optimizer
#   bill: ./focus-2026-10.parquet
#   managed_databases:
#     - {uid: "arn:aws:ec2:eu-central-1:111111111111:instance/i-0abc", engine: postgres, instance_class: db.m6g.large, multi_az: true}
#   bill_error_limit_pct: 10

# How large a wave may be, when waves take place, and what is assumed of the link between the sites. `docs/waves.md` explains each.
# Dates of waves are shifted past freeze windows; one with `environments` keeps only those back.
# planning:
#   first_wave_on: 2027-01-16
#   days_between_waves: 14
#   wave_days: 2
#   freeze_windows:
#     - {from: 2027-03-25, to: 2027-04-05, reason: quarter's end}
#     - {from: 2027-06-01, to: 2027-06-30, reason: campaign, environments: [prod]}
#   max_resources_per_wave: 50
#   max_effort_hours_per_wave: 400
#   pilot_waves: 5
#   pilot_max_servers: 9
#   link_latency_ms: 20
#   transfer_usd_per_gb: 0.09

# Where things move to; what a wave lacks here is told by `cloudmigrate preflight`, with the field. `docs/migration.md` explains each.
# targets:
#   region: eu-west-1
#   vpcs: {vpc-0a: vpc-0b}
#   subnets: {subnet-0a: subnet-0b}
#   security_groups: {sg-0a: sg-0b}
#   kms_key: alias/target
#   databases: {way: snapshot, subnet_groups: {private: inner}, parameter_groups: {tuned-16: tuned-16}}
#   dns: [{name: shop.example.com, zone_id: Z0123, uid: "arn:aws:ec2:eu-central-1:111111111111:instance/i-0abc", to: private_ip}]

# When no wave is begun, how old a backup may be, and what somebody answers for that a check found. `docs/preflight.md` explains each.
# execution:
#   freeze_windows: [{from: "2026-12-15T18:00:00+01:00", until: "2027-01-04T06:00:00+01:00", reason: year-end close}]
#   backup_max_age_hours: 24
#   waivers: [{check: quotas, subject: "snapshots*", by: ana, reason: "CHG-7: far below", expires: 2027-03-31}]

# Where runbooks are published to in Confluence (`cloudmigrate runbook --confluence SPACE`); the token is in CLOUDMIGRATE_CONFLUENCE_TOKEN
# or in the Prefect Secret block that token_block names. `user`: for Confluence Cloud alone.
# confluence: {url: "https://acme.atlassian.net/wiki", user: ana@acme.example, space: OPS, parent: Migrations}

# The Git repository that code and runbooks are published to (`cloudmigrate publish`); a token is in CLOUDMIGRATE_GIT_TOKEN
# or in a Prefect Secret block (token_block); with an SSH key none is needed.
# repository: {remote: "https://git.example.com/platform/migration.git", folder: cloudmigrate}

# Who takes part in migrations. `cloudmigrate people add ana --role approver` makes a key and prints these lines; the private key
# stays with the person. Whoever can change this file can change the keys: keep it in a repository that is reviewed.
# people:
#   - {name: ana, roles: [approver], key: "ed25519:V+nKRaTV+6XgDXk2PXR9/Tv58nilUFlYMfiQ/hxnPj0="}

# Who must approve before which point of a wave; what is left out is: one approver who did not ask. `docs/approvals.md` explains each.
# approvals:
#   cutover: {roles: [approver], quorum: 1, not_requester: true, expires_hours: 24}
"""


def load_estate(path: Path, *, check_regions: CheckRegions | None = None) -> Estate:
    """The estate in that file; its relative folders and files are relative to the file's own folder.

    *check_regions* gives one sentence per region name that does not exist. Raises EstateFileError.
    """
    source = str(path)
    try:
        with path.open("rb") as file:
            data = file.read(located_yaml.LARGEST_BYTES + 1)
    except FileNotFoundError:
        raise EstateFileError(source, ["there is no such file"], f"write one with `cloudmigrate init {source}`.") from None
    except OSError as error:
        raise EstateFileError(source, [f"it cannot be read: {error.strerror}"], "name a file that you may read.") from error
    return resolved(_parsed(data, source, check_regions), path.parent)


def parse_estate(text: str, source: str, *, check_regions: CheckRegions | None = None) -> Estate:
    """The estate in *text*, its paths as they are written; *source* is its name in messages. Raises EstateFileError."""
    return _parsed(text.encode("utf-8", "surrogatepass"), source, check_regions)


def resolved(estate: Estate, folder: Path) -> Estate:
    """*estate* with relative lake, ledger (SQLite), reports, flow logs, bill and workloads made absolute under *folder*."""
    values = estate.model_dump()
    values["lake"] = _absolute(estate.lake, folder)
    values["ledger"] = _absolute_ledger(estate.ledger, folder)
    values["reports"] = [_absolute(one, folder) for one in estate.reports]
    values["workloads"] = estate.workloads and _absolute(estate.workloads, folder)
    if estate.costs.bill not in (None, COST_EXPLORER):
        values["costs"]["bill"] = _absolute(estate.costs.bill or "", folder)
    values["flow_logs"] = [
        _absolute(one, folder) if isinstance(one, str) else one.model_copy(update={"url": _absolute(one.url, folder)}).model_dump()
        for one in estate.flow_logs
    ]
    return Estate.model_validate(values)


def _absolute(location: str, folder: Path) -> str:
    if "://" in location:
        return location
    # A ~ without a home of that name stays a plain name, as in a shell.
    return os.path.abspath(folder / os.path.expanduser(location))  # noqa: PTH100, PTH111 - resolve() would follow links


def _absolute_ledger(url: str, folder: Path) -> str:
    found = re.fullmatch(r"sqlite:///(?!/|file:)([^?]+)(\?.*)?", url, re.DOTALL)
    if not found:
        return url
    # A question mark begins the url's options: in a folder's name it has to be written otherwise.
    path = _absolute(found.group(1), folder).replace("%", "%25").replace("?", "%3F")
    return f"sqlite:///{path}{found.group(2) or ''}"


def estate_json_schema() -> dict[str, Any]:
    """The JSON schema of the estate file, for editors and forms."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Estate.model_json_schema()}


def _parsed(data: bytes, source: str, check_regions: CheckRegions | None) -> Estate:
    document = located_yaml.read(data)
    if document.problems:
        raise _refused(source, document.problems)
    if document.value is None:
        raise EstateFileError(source, ["it is empty"], f"write one with `cloudmigrate init --force {source}`.")
    if not isinstance(document.value, dict):
        raise _refused(source, [Problem(1, "top level: must be fields (estate: ..., accounts: ...), not a list or a text")])
    problems = list(_bare_account_ids(document))
    estate = None
    try:
        estate = Estate.model_validate(document.value)
    except ValidationError as error:
        named = {problem.text.split(": ", 1)[0] for problem in problems}
        problems += [one for one in _model_problems(error, document) if one.text.split(": ", 1)[0] not in named]
    if check_regions is not None:
        problems += _region_problems(document, check_regions, problems)
    if problems or estate is None:
        raise _refused(source, problems)
    return estate


def _refused(source: str, problems: Iterable[Problem]) -> EstateFileError:
    told = [str(one) for one in sorted(problems, key=lambda one: one.line)]
    more = [f"and {len(told) - MOST_PROBLEMS} more"] if len(told) > MOST_PROBLEMS else []
    return EstateFileError(source, told[:MOST_PROBLEMS] + more)


def _bare_account_ids(document: Document) -> Iterator[Problem]:
    """Account ids without quotes: YAML reads them as numbers, and those with a leading zero and no 8 or 9 as octal ones."""
    for path, text in document.raw.items():
        name = _pattern(path)
        if name not in ("accounts[].id", "flow_logs[].account") or path in document.quoted or not re.fullmatch(r"[0-9_]+", text):
            continue
        example = text if re.fullmatch(r"[0-9]{12}", text) else "123456789012"
        yield Problem(document.lines[path], f'{shown(path)}: write the account id in quotes, "{example}"; bare digits are a number to YAML')


def _region_problems(document: Document, check_regions: CheckRegions, known: Sequence[Problem]) -> Iterator[Problem]:
    told = {problem.text.split(": ", 1)[0] for problem in known}
    for path, text in document.raw.items():
        if _pattern(path) == "accounts[].regions[]" and shown(path) not in told:
            for sentence in check_regions([text]):
                yield Problem(document.lines[path], f"{shown(path)}: {sentence}")


def _pattern(path: located_yaml.Path) -> str:
    return re.sub(r"\[\d+\]", "[]", shown(path))


def _model_problems(error: ValidationError, document: Document) -> Iterator[Problem]:
    for one in error.errors(include_url=False):
        path, branch = _place(one["loc"], document)
        if branch is not None and branch != ("FlowLogSource" if isinstance(_at(document, path[:2]), dict) else "str"):
            continue  # the other form of a flow log entry, which is not the one written
        if one["type"] == "too_short" and _at(document, path):
            continue  # it has entries, and each is told by itself
        path, line = _nearest(path, one, document)
        yield Problem(line, f"{shown(path) or 'top level'}: {_sentence(one, path, document)}")


def _place(location: Sequence[str | int], document: Document) -> tuple[located_yaml.Path, str | None]:
    """The path of an error, without the name that pydantic adds for one form of a union, and that name."""
    path: located_yaml.Path = ()
    branch = None
    for step in location:
        if _pattern(path) == "flow_logs[]" and branch is None:
            branch = str(step)
        else:
            path = (*path, step)
    if branch is not None:
        path = path if path in document.lines or branch == "FlowLogSource" else path[:2]
    return path, branch


def _at(document: Document, path: located_yaml.Path) -> Any:
    value = document.value
    for step in path:
        value = value[step]
    return value


def _nearest(path: located_yaml.Path, error: ErrorDetails, document: Document) -> tuple[located_yaml.Path, int]:
    """The path and line to name: for a rule over several fields, the last field whose value the message mentions."""
    if error["type"] == "value_error":
        told = [
            (len(text), document.lines[one], one)
            for one, text in document.raw.items()
            if one[: len(path)] == path and len(text) > 3 and text in error["msg"]
        ]
        if told:
            longest = max(length for length, _, _ in told)
            _, line, found = max((entry for entry in told if entry[0] == longest), key=lambda entry: entry[1])
            return found, line
    above = path
    while above not in document.lines:
        above = above[:-1]
    return path, document.lines[above]


def _sentence(error: ErrorDetails, path: located_yaml.Path, document: Document) -> str:
    kind, given = error["type"], masked_text(repr(error.get("input")))[:80]
    expected = _description(path)
    match kind:
        case "missing":
            told = f"is missing{f'; {expected}' if expected else ''}"
        case "extra_forbidden":
            told = f"is no field here{_suggestion(path)}"
        case "value_error":
            told = error["msg"].removeprefix("Value error, ")
        case "string_type":
            told = f'must be text; write it in quotes: "{document.raw[path]}"' if path in document.raw else "must be text"
        case "tuple_type" | "list_type":
            told = f"must be a list: [...], not {given}"
        case "model_type" | "model_attributes_type" | "dict_type":
            told = f"must be fields (name: value), not {given}"
        case "string_pattern_mismatch" | "string_too_short":
            told = f"{given} does not fit{f'; {expected}' if expected else ''}"
        case "too_short":
            told = "needs at least one entry"
        case _:
            told = f"{error['msg'][:1].lower()}{error['msg'][1:]}, not {given}"
    return told


def _description(path: located_yaml.Path) -> str:
    """What the model says about that field."""
    name = _pattern(path)
    if name == "accounts[].regions[]":
        return "a region's name, such as eu-central-1"
    parent, _, last = name.rpartition(".")
    model = MODELS.get(parent)
    found = next((field for field_name, field in model.model_fields.items() if last in (field_name, field.alias)), None) if model else None
    return (found.description or "").rstrip(".") if found else ""


def _suggestion(path: located_yaml.Path) -> str:
    model = MODELS.get(_pattern(path[:-1]))
    if model is None:
        return ""
    names = [field.alias or name for name, field in model.model_fields.items()]
    near = difflib.get_close_matches(str(path[-1]).lower(), names, n=1, cutoff=0.6)
    return f"; did you mean {near[0]}?" if near else f"; the fields here are {', '.join(names)}"

"""What is wrong in an estate file, each problem with its line, its field, and what the field is to hold."""

import difflib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from cloudmigrate import located_yaml
from cloudmigrate.domain.confluence_policy import ConfluencePolicy
from cloudmigrate.domain.cost_policy import CostPolicy, ManagedDatabase
from cloudmigrate.domain.database_policy import DatabaseOverride, DatabasePolicy, Endpoints, Replication
from cloudmigrate.domain.estate import Account, Estate, FlowLogSource, MetricsSettings, TrafficSettings
from cloudmigrate.domain.execution_policy import ExecutionPolicy, QuietTime, RunLimits, Waiver
from cloudmigrate.domain.people import ApprovalPolicy, GateRule, Person
from cloudmigrate.domain.repository_policy import RepositoryPolicy
from cloudmigrate.domain.risk_policy import RiskPolicy
from cloudmigrate.domain.sizing_policy import SizingPolicy, SizingProfile
from cloudmigrate.domain.target_policy import DnsName, Override, TargetPolicy
from cloudmigrate.domain.wave_policy import FreezeWindow, WavePolicy
from cloudmigrate.located_yaml import Document, Problem, shown
from cloudmigrate.masking import masked_text

CheckRegions = Callable[[Sequence[str]], Sequence[str]]

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


def bare_account_ids(document: Document) -> Iterator[Problem]:
    """Account ids without quotes: YAML reads them as numbers, and those with a leading zero and no 8 or 9 as octal ones."""
    for path, text in document.raw.items():
        name = _pattern(path)
        if name not in ("accounts[].id", "flow_logs[].account") or path in document.quoted or not re.fullmatch(r"[0-9_]+", text):
            continue
        example = text if re.fullmatch(r"[0-9]{12}", text) else "123456789012"
        yield Problem(document.lines[path], f'{shown(path)}: write the account id in quotes, "{example}"; bare digits are a number to YAML')


def region_problems(document: Document, check_regions: CheckRegions, known: Sequence[Problem]) -> Iterator[Problem]:
    """Regions that do not exist, as *check_regions* says; none twice of what is *known*."""
    told = {problem.text.split(": ", 1)[0] for problem in known}
    for path, text in document.raw.items():
        if _pattern(path) == "accounts[].regions[]" and shown(path) not in told:
            for sentence in check_regions([text]):
                yield Problem(document.lines[path], f"{shown(path)}: {sentence}")


def _pattern(path: located_yaml.Path) -> str:
    return re.sub(r"\[\d+\]", "[]", shown(path))


def model_problems(error: ValidationError, document: Document) -> Iterator[Problem]:
    """What pydantic found, each with its line and in words of the file."""
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

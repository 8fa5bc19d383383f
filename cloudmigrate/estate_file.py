"""The estate file: YAML text -> Estate, with every problem named by its line and field."""

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from cloudmigrate import located_yaml
from cloudmigrate.domain.cost_policy import COST_EXPLORER
from cloudmigrate.domain.estate import Estate
from cloudmigrate.errors.inputs import EstateFileError
from cloudmigrate.estate_problems import CheckRegions, bare_account_ids, model_problems, region_problems
from cloudmigrate.located_yaml import Problem

MOST_PROBLEMS = 50


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
    problems = list(bare_account_ids(document))
    estate = None
    try:
        estate = Estate.model_validate(document.value)
    except ValidationError as error:
        named = {problem.text.split(": ", 1)[0] for problem in problems}
        problems += [one for one in model_problems(error, document) if one.text.split(": ", 1)[0] not in named]
    if check_regions is not None:
        problems += region_problems(document, check_regions, problems)
    if problems or estate is None:
        raise _refused(source, problems)
    return estate


def _refused(source: str, problems: Iterable[Problem]) -> EstateFileError:
    told = [str(one) for one in sorted(problems, key=lambda one: one.line)]
    more = [f"and {len(told) - MOST_PROBLEMS} more"] if len(told) > MOST_PROBLEMS else []
    return EstateFileError(source, told[:MOST_PROBLEMS] + more)

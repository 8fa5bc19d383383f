"""An estate with every type that code is made of: what discovery read of the demo's, and rows by hand for what the emulator has not."""

import itertools
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from cloudmigrate.domain.iac.assemble import blueprint
from cloudmigrate.domain.iac.making import Decided
from cloudmigrate.domain.iac.model import Blueprint
from cloudmigrate.domain.resources import Resource
from cloudmigrate.domain.target_policy import TargetPolicy
from tests.domain.iac.sample_rows import ROWS
from tests.hostile_estate import WORDS

SAMPLES = Path(__file__).with_name("sample_estate.jsonl")
ACCOUNTS = ("123456789012", "222222222222")
REGIONS = ("eu-central-1", "us-west-2")
SAME_PLACE = TargetPolicy()
ELSEWHERE = TargetPolicy(region="eu-west-1", account="333333333333")
OTHER_REGION = TargetPolicy(region="eu-west-1")
_ACCOUNT = re.compile("|".join(ACCOUNTS))
Row = Mapping[str, Any]


def sample_rows() -> list[dict[str, Any]]:
    """Every resource, with its workload, wave and move group."""
    return [*map(json.loads, SAMPLES.read_text(encoding="utf-8").splitlines()), *ROWS]


def copies(number: int) -> Iterator[dict[str, Any]]:
    """The estate so many times, each in accounts of its own."""
    texts = [json.dumps(row) for row in sample_rows()]
    for copy in range(number):
        for text in texts:
            row = json.loads(_ACCOUNT.sub(lambda found, copy=copy: f"{int(found.group()) + copy:012}", text))
            yield row | {"group": row["group"] and f"{row['group']}-{copy}", "workload": row["workload"] and f"{row['workload']}-{copy}"}


# What AWS takes as the value of a tag, and some reader of text takes for something else.
TAG_VALUES = (
    "on",
    "0123",
    "null",
    "1e3",
    "2026-11-28",
    "=1+1",
    "@SUM A1",
    "-2+3",
    " 1 ",
    "12:30:45",
    "1_000",
    ".nan",
    "日本",
    "",
    "---",
    "=",
)


def hostile_rows() -> Iterator[dict[str, Any]]:
    """The estate, in which every name and tag's value is a word that means something to some reader of text."""
    words = itertools.cycle((*WORDS, "${AWS::AccountId}", "{{resolve:secretsmanager:prod}}", "!Ref x", "%{if true}", "on", "0123"))
    values = itertools.cycle(TAG_VALUES)
    for row in sample_rows():
        tags = {name: next(values) for name in row["tags"]}
        yield row | {"name": next(words), "tags": tags, "workload": row["workload"] and f"{row['workload']} {next(words)}"}


def resource_of(row: Row) -> Resource:
    """The row as a record."""
    told = {name: row[name] for name in Resource.__dataclass_fields__ if name in row}
    return Resource(provider="aws", **{**told, "private_ips": tuple(row["private_ips"])})


def document_of(rows: Iterable[Row]) -> dict[str, Any]:
    """The document of a plan in whose waves the rows are, as far as code is made of it."""
    groups: dict[str, dict[str, Any]] = {}
    for row in rows:
        if row["group"]:
            group = groups.setdefault(row["group"], {"id": row["group"], "wave": row["wave"], "members": []})
            group["members"].append(row["uid"])
    return {"plan_id": "plan-20261128T000000Z-00000000", "content_hash": "0" * 64, "groups": [groups[name] for name in sorted(groups)]}


def blueprint_of(rows: Iterable[Row], policy: TargetPolicy, **decided: Any) -> Blueprint:
    """The blueprint of rows."""
    listed = list(rows)
    workloads = {row["uid"]: row["workload"] for row in listed if row["workload"]}
    return blueprint(document_of(listed), map(resource_of, listed), policy, Decided(workloads=workloads, **decided))


VARIANTS: Mapping[str, Callable[[], Blueprint]] = {
    "same-place": lambda: blueprint_of(sample_rows(), SAME_PLACE),
    "other-region": lambda: blueprint_of(sample_rows(), OTHER_REGION),
    "elsewhere": lambda: blueprint_of(sample_rows(), ELSEWHERE),
    "hostile": lambda: blueprint_of(hostile_rows(), ELSEWHERE),
}

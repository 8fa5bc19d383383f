"""The form of a plan's document: what each part of it must be, and what the parts must not say against one another."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cloudmigrate.domain.plan import SCHEMA_VERSION, upgraded
from cloudmigrate.domain.plan_document import shown
from cloudmigrate.domain.wave_policy import WavePolicy

_Count = Annotated[int, Field(ge=0)]
_Wave = Annotated[int, Field(ge=1, le=999_999)]
_SHOWN_AT_MOST = 3


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")


class _OldGroup(_Part):
    id: str
    members: Annotated[list[str], Field(min_length=1)]
    layer: int
    cyclic: bool
    cycle: list[str]
    needs: list[str]
    needed_by: list[str]
    needs_unplanned: list[str]


class _Group(_OldGroup):
    label: str | None
    workloads: list[str]
    risk_level: str | None
    environment: str | None
    shared_service: str | None
    servers: _Count | None
    effort_hours: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None
    wave: _Wave
    reasons: list[str]
    retires: bool


class _OldWave(_Part):
    wave: _Wave
    groups: list[str]
    reason: str


class _Unplanned(_Part):
    uid: str
    reason: str
    group: str | None
    needs: list[str]
    needs_unplanned: list[str]


class _Pin(_Part):
    uid: str
    wave: _Wave
    reason: str
    by: str
    refused: list[str]


class _Exclusion(_Part):
    uid: str
    reason: str
    by: str
    breaks: list[str]


class _Retired(_Part):
    uid: str
    reason: str
    by: str
    breaks: list[str]


class _Constraints(_Part):
    pins: list[_Pin]
    excluded: list[_Exclusion]
    retired: list[_Retired]


class _Old(_Part):
    schema_version: int
    plan_id: str
    snapshot_id: str
    created_at: str
    policy: dict[str, Any]
    groups: list[_OldGroup]
    waves: list[_OldWave]
    unplanned: list[_Unplanned]


class _Document(_Old):
    groups: list[_Group]  # type: ignore[assignment]  # more of each, in a newer version
    constraints: _Constraints
    crossings: list[dict[str, Any]]
    cuts: list[dict[str, Any]]
    held_out: list[dict[str, Any]]
    notes: list[str]
    score: dict[str, Annotated[float, Field(allow_inf_nan=False)]]


def wrong_with(document: dict[str, Any]) -> str | None:
    """What is wrong with the form of a plan's document, of this version or an older one, in words; None: nothing."""
    try:
        if document["schema_version"] < SCHEMA_VERSION:
            _Old.model_validate(document)
        WavePolicy.model_validate(document.get("policy"))
        found = _Document.model_validate(upgraded(document))
    except ValidationError as error:
        return _first_of(error)
    return next(_contradictions(found), None)


def _first_of(error: ValidationError) -> str:
    """``groups[3].wave: Input should be a valid integer, not 'two'``."""
    first = error.errors(include_url=False)[0]
    place = "".join(f"[{one}]" if isinstance(one, int) else f".{one}" for one in first["loc"]).lstrip(".")
    told = "" if first["type"] == "missing" else f", not {shown(first['input'])}"
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return f"{place or 'policy'}: {first['msg']}{told}{more}"


def _contradictions(found: _Document) -> Iterator[str]:
    """What the parts of a document say against one another."""
    waves, groups = [one.wave for one in found.waves], {one.id: one for one in found.groups}
    twice = [group for group, times in Counter(one.id for one in found.groups).items() if times > 1]
    if twice:
        yield f"group {_some(twice)} is there twice"
    if waves != list(range(1, len(waves) + 1)):
        yield f"its waves are not numbered from 1 to {len(waves)}"
    uids = Counter(uid for one in found.groups for uid in one.members) + Counter(one.uid for one in found.unplanned)
    again = [uid for uid, times in uids.items() if times > 1]
    if again:
        yield f"resource {_some(again)} is in two places: a resource is in one group, or has no wave"
    listed: dict[str, int] = {}
    for wave in found.waves:
        for group in wave.groups:
            if group not in groups:
                yield f"wave {wave.wave} holds group {shown(group)}, which is not there"
            if listed.setdefault(group, wave.wave) != wave.wave:
                yield f"group {shown(group)} is in waves {listed[group]} and {wave.wave}"
    for one in found.groups:
        if one.wave > len(waves):
            yield f"group {shown(one.id)} is in wave {one.wave}, and the last is {len(waves)}"
        elif listed.get(one.id) != one.wave:
            yield f"group {shown(one.id)} says wave {one.wave}, and the waves say {listed.get(one.id, 'none')}"
    yield from _unknown(found, groups)


def _unknown(found: _Document, groups: Mapping[str, _Group]) -> Iterator[str]:
    """Needs of what is not there."""
    staying = {one.uid for one in found.unplanned}
    needing = [(one.id, one.needs, one.needs_unplanned) for one in found.groups]
    needing += [(one.uid, one.needs, one.needs_unplanned) for one in found.unplanned]
    for name, needs, needs_unplanned in needing:
        missing = [group for group in needs if group not in groups] or [uid for uid in needs_unplanned if uid not in staying]
        if missing:
            yield f"{shown(name)} needs {_some(missing)}, which is not there"


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN_AT_MOST} more" if len(names) > _SHOWN_AT_MOST else ""
    return ", ".join(map(shown, names[:_SHOWN_AT_MOST])) + more

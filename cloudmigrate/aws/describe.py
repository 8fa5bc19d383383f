"""From an item of an AWS answer to a resource: names, tags and specs that Parquet, JSON and a terminal can hold."""

import contextlib
import math
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from cloudmigrate.aws.expressions import evaluate
from cloudmigrate.aws.resource_type import Item, ResourceType
from cloudmigrate.aws.tags import tag_value
from cloudmigrate.domain.resources import Resource

PROVIDER = "aws"
UNKNOWN_STATE = "unknown"
REPLACEMENT = "\ufffd"
# Lone surrogates are no UTF-8, NUL ends C strings, escape sequences would steer a terminal. Tab and line ends are text.
UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
NOT_ON_ONE_LINE = re.compile(r"[\t\n\r\u2028\u2029]+")
MILLISECONDS_ABOVE = 10**11  # epoch seconds reach this in the year 5138, epoch milliseconds did in 1973
INT64_MAX = 2**63 - 1
INT64_DIGITS = 19


def resource_of(row: ResourceType, item: Item, *, partition: str, account_id: str, region: str) -> Resource | None:
    """The resource that *item* describes, redacted before anything of it is kept; None when it bears no id."""
    if row.redact is not None:
        item = row.redact(item)
    spec = json_safe(item)
    own_id = evaluate(row.id, item)
    uid = arn_of(row, item, own_id, partition=partition, account_id=account_id, region=region)
    if own_id in (None, "") or not uid:
        return None
    tags = tags_of(evaluate(row.tags, item)) if row.tags else {}
    return Resource(
        uid=uid,
        provider=PROVIDER,
        account_id=account_id,
        region=region,
        type=row.type,
        name=_name(row, item, tags, str(own_id)),
        state=state_of(row, item),
        tags=tags,
        spec=spec,
        stateful=row.stateful if isinstance(row.stateful, bool) else truthy(evaluate(row.stateful, spec)),
        storage_bytes=_storage_bytes(row, spec),
        private_ips=_addresses(evaluate(row.private_ips, spec)) if row.private_ips else (),
        created_at=instant(evaluate(row.created, item)) if row.created else None,
    )


def arn_of(row: ResourceType, item: Item, own_id: Any, *, partition: str, account_id: str, region: str) -> str:
    """The resource's uid: from the item where the service tells it, else built; "" when the item lacks it."""
    if row.arn.startswith("="):
        return clean(str(evaluate(row.arn[1:], item) or ""))
    return clean(row.arn.format(partition=partition, region=region, account=account_id, id=own_id))


def state_of(row: ResourceType, item: Item) -> str:
    """The state as AWS says it, in lower case; "active" for types without states, "unknown" when the item does not tell."""
    if row.state is None:
        return "active"
    state = evaluate(row.state, item)
    return clean(str(state)).lower() if state not in (None, "") else UNKNOWN_STATE


def tags_of(raw: Any) -> dict[str, str]:
    """Tags as a mapping, from ``[{Key, Value}]`` (either case) or ``{key: value}``; values are whole but for secrets (see `tag_value`)."""
    if isinstance(raw, Mapping):
        pairs: Iterable[tuple[Any, Any]] = raw.items()
    elif isinstance(raw, list):
        pairs = ((_either(tag, "Key", "key"), _either(tag, "Value", "value")) for tag in raw if isinstance(tag, Mapping))
    else:
        return {}
    return {clean(str(key)): tag_value(str(key), clean(str(value))) if value is not None else "" for key, value in pairs if key is not None}


def clean(text: str) -> str:
    """*text* with what no file, database or terminal should be given replaced by U+FFFD."""
    return UNSTORABLE.sub(REPLACEMENT, text)


def json_safe(value: Any) -> Any:  # noqa: PLR0911 - one line for each kind of value
    """*value* as JSON can hold it: instants as ISO text in UTC, no bytes and streams (left out), no NaN (null)."""
    match value:
        case str():
            return clean(value)
        case None | bool():
            return value
        case int():
            return value if abs(value) <= INT64_MAX else str(value)
        case float():
            return value if math.isfinite(value) else None
        case datetime():
            return _utc(value).isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case Decimal():
            return _number(value) if value.is_finite() else None
        case Mapping():
            return {clean(str(key)): json_safe(one) for key, one in value.items() if _is_storable(one)}
        case list() | tuple():
            return [json_safe(one) for one in value if _is_storable(one)]
        case set() | frozenset():
            return sorted((json_safe(one) for one in value if _is_storable(one)), key=str)
        case _:
            return None


def _number(value: Decimal) -> int | float | str:
    """A finite number as it is, as text where it is larger than 64 bits hold."""
    if value.adjusted() >= INT64_DIGITS:
        return str(value)
    whole = value.to_integral_value()
    number: int | float | str = json_safe(int(whole) if value == whole else float(value))
    return number


def instant(value: Any) -> datetime | None:
    """An aware UTC instant from a datetime, ISO text or epoch seconds (or milliseconds); None when it is none of these."""
    if isinstance(value, datetime):
        return _utc(value)
    if isinstance(value, str) and value.strip().replace(".", "", 1).isdigit():
        value = float(value)
    with contextlib.suppress(ValueError, OverflowError, OSError):
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            seconds = float(value) / 1000 if value > MILLISECONDS_ABOVE else float(value)
            return datetime.fromtimestamp(seconds, UTC)
        if isinstance(value, str):
            return _utc(datetime.fromisoformat(value.strip()))
    return None


def truthy(value: Any) -> bool:
    """Truth as JMESPath has it: 0 is true; null, false and what is empty are not."""
    return value is not None and value is not False and value not in ("", [], {})


def mappings(value: Any) -> list[Item]:
    """The mappings in a list of an answer; none where it is no list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _name(row: ResourceType, item: Item, tags: Mapping[str, str], own_id: str) -> str:
    """The Name tag if not empty, else the service's own name, else the id; on one line."""
    own_name = evaluate(row.name, item) if row.name else None
    for candidate in (tags.get("Name"), own_name):
        line = NOT_ON_ONE_LINE.sub(" ", clean(str(candidate))).strip() if candidate is not None else ""
        if line:
            return line
    return clean(own_id)


def _storage_bytes(row: ResourceType, spec: Mapping[str, Any]) -> int | None:
    amount = evaluate(row.storage, spec) if row.storage else None
    if isinstance(amount, bool) or not isinstance(amount, int | float | str):
        return None
    try:
        size = float(amount) * row.storage_unit_bytes
    except ValueError:
        return None
    return int(size) if 0 <= size < INT64_MAX else None


def _addresses(value: Any) -> tuple[str, ...]:
    found = value if isinstance(value, list) else [value]
    return tuple(dict.fromkeys(clean(one) for one in found if isinstance(one, str) and one))


def _either(tag: Mapping[str, Any], *keys: str) -> Any:
    return next((tag[key] for key in keys if key in tag), None)


def _is_storable(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float | date | Decimal | Mapping | list | tuple | set | frozenset)


def _utc(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

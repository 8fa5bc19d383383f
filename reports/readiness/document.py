"""report.json: the view as data.

One JSON object: ``format`` ("cloudmigrate.readiness/1"), then every field of :class:`reports.readiness.view.ReadinessView` by its name.
Records become objects with the same keys, tuples become arrays, instants become ISO 8601 in UTC with a Z,
days ISO 8601 dates, money exact text such as "12.5000000000" (USD), missing values become null.
Names and tags are exactly as the cloud gave them (the HTML shows control characters visibly; this file does not).
A field may be added without notice; one is renamed or removed only with a new number in ``format``.
"""

import json
import math
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from reports.readiness.view import ReadinessView

FORMAT = "cloudmigrate.readiness/1"


def render_json(view: ReadinessView) -> str:
    """The report as one JSON document in ASCII, one record a line, the same bytes for the same view."""
    members = {"format": FORMAT, **as_data(view)}
    return "{\n" + ",\n".join(f" {_text(name)}: {_lines(value)}" for name, value in members.items()) + "\n}\n"


def as_data(value: Any) -> Any:
    """*value* as JSON types: records by field name, instants as text, not-a-number as null."""
    if value is None or isinstance(value, str | int):  # most values: a report of 10,000 resources has a million and a half
        return value
    if isinstance(value, tuple):
        return [as_data(item) for item in value]
    if isinstance(value, date | Decimal):
        return _as_text(value)
    if isinstance(value, float) and not math.isfinite(value):  # nan and the infinities are no JSON
        return None
    if is_dataclass(value):
        return {field.name: as_data(getattr(value, field.name)) for field in fields(value)}
    return value


def _as_text(value: date | Decimal) -> str:
    """An instant, a day, or money, which would become a double on its way as a JSON number."""
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value.isoformat()


def _lines(value: Any) -> str:
    """JSON text; each element of a list on a line of its own. (json's own `indent` takes five times as long and twice the room.)"""
    if isinstance(value, list) and value:
        return "[\n  " + ",\n  ".join(_text(one) for one in value) + "\n ]"
    return _text(value)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True, allow_nan=False)

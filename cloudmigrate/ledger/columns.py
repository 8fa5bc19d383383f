"""How the ledger keeps values: JSON in one way only, instants that sort, words that both databases take; and the columns for them."""

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, String, Text, TypeDecorator
from sqlalchemy.types import TypeEngine


def canonical_json(value: Any) -> str:
    """The one way to write *value*: sorted keys, no spaces, ASCII only. Raises ValueError for NaN, TypeError for what is no JSON."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def storable(text: str) -> str:
    """*text* as both databases can keep it: PostgreSQL refuses NUL, and neither encodes lone surrogates."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def instant_text(at: datetime) -> str:
    """*at* in UTC to the microsecond, of fixed width, so that text sorts as time does. Raises ValueError for a naive instant."""
    if at.tzinfo is None:
        raise ValueError(f"instant without a time zone: {at!r}")
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant: timestamptz in PostgreSQL, sortable text in SQLite (which has no instants)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Text of 27 characters in SQLite."""
        return dialect.type_descriptor(String(27) if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """The stored form of *value*. Raises ValueError for a naive instant."""
        if value is None:
            return None
        text = instant_text(value)
        return text if dialect.name == "sqlite" else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """An aware instant in UTC."""
        if value is None:
            return None
        return datetime.fromisoformat(value) if isinstance(value, str) else value.astimezone(UTC)


class Words(TypeDecorator[str]):
    """Text from anywhere: what a database cannot keep is replaced, never an error."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The stored form of *value*."""
        return None if value is None else storable(value)


class Json(TypeDecorator[Any]):
    """Any JSON value as canonical text: the same bytes in both databases, so that hashes hold."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        """Canonical JSON."""
        return canonical_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """The parsed value."""
        return None if value is None else json.loads(value)


# SQLite counts up by itself only for a column declared INTEGER.
Counter = BigInteger().with_variant(Integer, "sqlite")

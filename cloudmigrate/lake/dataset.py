"""The record that describes one dataset of the lake."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa

UTC_TIME = pa.timestamp("us", tz="UTC")
TAGS = pa.map_(pa.string(), pa.string())


@dataclass(frozen=True, slots=True)
class Dataset:
    """One dataset: what one row is, what identifies it, and its columns."""

    name: str
    grain: str
    keys: tuple[str, ...]
    schema: pa.Schema
    json_columns: tuple[str, ...] = ()  # stored as text, JSON in the view
    per_plan: bool = False  # the view shows one plan's rows: the newest unless another is asked for
    remarks: Mapping[str, str] = field(
        default_factory=dict, compare=False
    )  # column -> what to know of it, where the name does not say it all

    @property
    def texts(self) -> list[str]:
        """The columns of plain text."""
        return [column.name for column in self.schema if column.type == pa.string() and column.name not in self.json_columns]


def encoded(dataset: Dataset) -> pa.Schema:
    """The dataset's schema with texts as dictionaries, as which they can be written without looking at each value."""
    texts = dataset.texts
    return pa.schema([one.with_type(pa.dictionary(pa.int32(), pa.string())) if one.name in texts else one for one in dataset.schema])


def columns(*required: tuple[str, pa.DataType], nullable: tuple[tuple[str, pa.DataType], ...] = ()) -> pa.Schema:
    """A schema of columns that always have a value, then those that may have none."""
    return pa.schema([pa.field(name, kind, nullable=False) for name, kind in required] + [pa.field(name, kind) for name, kind in nullable])

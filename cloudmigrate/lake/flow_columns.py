"""Typed columns of flow log records as compiled code reads them: numbers of known width, and texts as places in a list of their values."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cloudmigrate.lake.flow_native import Native
from cloudmigrate.lake.flow_table import ACCEPTED, REFUSED

NARROW, WIDE = ("srcport", "dstport", "protocol", "tcp-flags"), ("packets", "bytes", "start", "end")
SERVICES = ("pkt-src-aws-service", "pkt-dst-aws-service")
MISSING = -1  # instead of null; no number of a record is below 0
ACTIONS = {"ACCEPT": ACCEPTED, "REJECT": REFUSED}
STATUSES = {"OK": 1}

Columns = tuple[npt.NDArray[Any], ...]
Mask = npt.NDArray[np.bool_]


def columns_of(batch: pa.RecordBatch, code: Native) -> tuple[Columns, Columns, Columns]:
    """A batch's numbers; the places of its texts in their lists; and these lists, as numbers that tell the kernel what they are."""
    names = batch.schema.names
    none = np.zeros(batch.num_rows, np.int32)
    narrow = (_numbers(batch.column(name), np.int32) if name in names else none for name in NARROW)
    wide = (_numbers(batch.column(name), np.int64) for name in WIDE)
    texts = [
        _listed(batch.column("interface-id"), code.interfaces_of, 0),
        *(
            _listed(batch.column(f"pkt-{end}" if f"pkt-{end}" in names else end), code.addresses_of, MISSING)
            for end in ("srcaddr", "dstaddr")
        ),
        *(_known(batch.column(name), known) for name, known in (("action", ACTIONS), ("log-status", STATUSES))),
    ]
    return (*narrow, *wide), tuple(places for places, _ in texts), tuple(listed for _, listed in texts)


def tells_service(batch: pa.RecordBatch) -> Mask:
    """Which rows name an AWS service; empty where no column could."""
    columns = [np.asarray(batch.column(name).is_valid()) for name in SERVICES if name in batch.schema.names]
    return np.logical_or.reduce(columns) if columns else np.zeros(0, bool)


def _numbers(column: pa.Array, kind: type[np.signedinteger[Any]]) -> npt.NDArray[Any]:
    """The column in that width; what does not fit is as wrong as before."""
    values: npt.NDArray[Any] = (column.fill_null(MISSING) if column.null_count else column).to_numpy(zero_copy_only=False)
    if values.dtype == kind:
        return values
    bounds = np.iinfo(kind)
    of = np.iinfo(values.dtype)
    narrowed: npt.NDArray[Any] = np.clip(values, max(bounds.min, of.min), min(bounds.max, of.max)).astype(kind)
    return narrowed


def _listed(column: pa.DictionaryArray, number: Callable[..., npt.NDArray[Any]], missing: int) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Each value's place in a list, and what *number* makes of the list's values; *missing* for null."""
    words = column.dictionary.fill_null("") if column.dictionary.null_count else column.dictionary
    _, bounds, text = words.buffers()
    within = np.frombuffer(bounds, np.int32)[words.offset : words.offset + len(words) + 1]
    of_words = number(np.frombuffer(text or b"\0", np.uint8), within)
    return _places(column), np.append(of_words, of_words.dtype.type(missing))


def _known(column: pa.DictionaryArray, known: dict[str, int]) -> tuple[npt.NDArray[Any], npt.NDArray[np.int8]]:
    """Each value's place in a list, and what is known of the list's values; 0 of others."""
    return _places(column), np.array([*(known.get(one, 0) for one in column.dictionary.to_pylist()), 0], np.int8)


def _places(column: pa.DictionaryArray) -> npt.NDArray[Any]:
    """Each value's place in the dictionary; of null the one behind."""
    places = column.indices.fill_null(len(column.dictionary)) if column.indices.null_count else column.indices
    return places.to_numpy(zero_copy_only=False).astype(np.int32, copy=False)  # type: ignore[no-any-return]

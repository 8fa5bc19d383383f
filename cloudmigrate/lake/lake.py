"""The lake: Parquet parts of datasets, and documents, under one root; each is written whole or not at all, and never changed."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa

from cloudmigrate.errors.stores import LakeError
from cloudmigrate.lake.dataset import Dataset, encoded
from cloudmigrate.lake.datasets import BY_NAME
from cloudmigrate.lake.parquet import batches_of, write_parquet
from cloudmigrate.lake.storage import S3Access, Store, checked_path, open_store


@dataclass(frozen=True, slots=True)
class Part:
    """One published file of a dataset; *path* is relative to the lake's root."""

    dataset: str
    path: str
    rows: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Lake:
    """A lake that can be written to and read from."""

    store: Store
    s3: S3Access | None = None

    @classmethod
    def open(cls, root: str | os.PathLike[str], *, s3: S3Access | None = None) -> "Lake":
        """The lake at a local folder (made when first written to) or at s3://bucket/prefix. Raises LakeError."""
        return cls(open_store(root, s3), s3)

    @property
    def root(self) -> str:
        """The folder's absolute path, or s3://bucket/prefix."""
        return self.store.root

    def location(self, path: str) -> str:
        """Where the file with that relative path is, for people and for DuckDB."""
        return f"{self.root}/{checked_path(path)}"

    def write(self, dataset: Dataset | str, rows: Iterable[Mapping[str, object]], *, snapshot_id: str, part: str) -> Part:
        """Publish *rows* as one part of a dataset in a snapshot; rows are streamed, so they may be more than fit in memory.

        A row has exactly the dataset's columns. Mappings become Parquet maps, or JSON text where the column holds JSON.
        Raises LakeError if a row does not fit, if the part exists, or if the place cannot be written to.
        """
        record = dataset_named(dataset)
        path = part_path(record, snapshot_id, part)
        batches = batches_of(record, rows, location=self.location(path))
        return self.write_batches(record, path, batches)

    def write_batches(self, dataset: Dataset, path: str, batches: Iterable[object], *, are_encoded: bool = False) -> Part:
        """Publish Arrow tables or record batches that have the dataset's schema, or the one of its `encoded`, as one part.

        Raises LakeError, and whatever error the batches come with.
        """
        rows = 0
        schema = encoded(dataset) if are_encoded else dataset.schema

        def produce(file: object) -> None:
            nonlocal rows
            # Readers are to find texts, however they were handed over. The least and the largest text take a quarter of the writing.
            described = [name for name in schema.names if name not in dataset.texts] if are_encoded else True
            counts = [one.name for one in dataset.schema if are_encoded and one.type == pa.int64()]
            options = {
                "use_dictionary": dataset.texts,
                "write_statistics": described,
                "store_schema": not are_encoded,
                "column_encoding": dict.fromkeys(counts, "DELTA_BINARY_PACKED"),
            }
            rows = write_parquet(file, schema, _brought(batches), **options)

        try:
            size = self.store.publish(path, produce, replace=False)
        except _BroughtError as error:
            raise error.own from error.own.__cause__
        return Part(dataset.name, path, rows, size)

    def write_document(self, path: str, data: bytes) -> str:
        """Publish a document (a plan, a report), replacing an older one at once; return where it is. Raises LakeError."""
        self.store.publish(path, lambda file: _write_all(file, data), replace=True)
        return self.location(path)

    def read_document(self, path: str) -> bytes:
        """The document's bytes. Raises LakeError if it is not there or may not be read."""
        return self.store.read(path)


class _BroughtError(Exception):
    """An error of who makes the batches, on its way past a store that would take it for one of its disk: networks fail by OSError too."""

    def __init__(self, own: OSError) -> None:
        self.own = own
        super().__init__(str(own))


def _brought(batches: Iterable[object]) -> Iterator[object]:
    try:
        yield from batches
    except OSError as error:
        raise _BroughtError(error) from error


def dataset_named(dataset: Dataset | str) -> Dataset:
    """The record of a dataset. Raises LakeError for a name that is none."""
    if isinstance(dataset, Dataset):
        return dataset
    if dataset not in BY_NAME:
        raise LakeError("find dataset", dataset, "no dataset has that name", f"use one of {', '.join(BY_NAME)}")
    return BY_NAME[dataset]


def part_path(dataset: Dataset, snapshot_id: str, part: str) -> str:
    """Where a part lies, relative to the root. Raises LakeError for ids that would leave the dataset's folder."""
    path = f"{dataset.name}/snapshot={snapshot_id}/{part}.parquet"
    if path.count("/") != 2:
        raise LakeError("address", path, "snapshot id and part name may hold no slash", "use plain names")
    return checked_path(path)


def _write_all(file: object, data: bytes) -> None:
    file.write(data)  # type: ignore[attr-defined]

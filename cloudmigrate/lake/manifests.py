"""Two buckets compared version by version: their manifests as Parquet in the lake, the comparison as SQL, and its evidence beside them."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pyarrow as pa

from cloudmigrate.errors.stores import LakeError
from cloudmigrate.lake.connection import connect, literal, lock, no_room, open_s3
from cloudmigrate.lake.dataset import UTC_TIME, Dataset, columns
from cloudmigrate.lake.definitions import escaped
from cloudmigrate.lake.lake import Lake
from cloudmigrate.lake.parquet import batches_of
from cloudmigrate.lake.results import iterate, python_value
from cloudmigrate.lake.spill import spill_folder
from cloudmigrate.lake.views import sql_text

MANIFEST = Dataset(
    "manifests",
    "one version or delete marker of an object in a bucket",
    ("key", "version_id"),
    columns(
        ("key", pa.string()),
        ("version_id", pa.string()),
        ("is_latest", pa.bool_()),
        ("is_delete_marker", pa.bool_()),
        ("last_modified", UTC_TIME),
        ("tags", pa.string()),
        nullable=(("size_bytes", pa.int64()), ("etag", pa.string()), ("storage_class", pa.string())),
    ),
)
CHECKSUMS = Dataset(
    "manifest_checksums",
    "one pair of versions that was looked at by itself",
    ("key", "version_id"),
    columns(("key", pa.string()), ("version_id", pa.string()), nullable=(("is_equal", pa.bool_()),)),  # none: no checksum to compare
)
DIFFERENCES = Dataset(
    "manifest_differences",
    "one version that is not seen to be the same in both buckets",
    ("key", "version_id"),
    columns(
        ("key", pa.string()),
        ("verdict", pa.string()),
        ("detail", pa.string()),
        nullable=(("version_id", pa.string()), ("target_version_id", pa.string())),
    ),
)
SAMPLES = 5
Pair = Mapping[str, Any]  # key, version_id, target_version_id


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a comparison holds against whom."""

    listed_at: datetime  # when the source began to be listed: what came to the target later is newer
    settled_before: datetime  # what came to the source later may still be on its way
    etags_are_md5: bool  # no key encrypts either bucket's objects, so that entity tags of whole objects are sums of their content


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the comparison of two manifests gave."""

    evidence: str  # folder
    counts: Mapping[str, int]  # verdict -> versions
    samples: tuple[str, ...] = field(default=())  # a few that are not the same, in words

    def count(self, *verdicts: str) -> int:
        """How many versions have one of these verdicts."""
        return sum(self.counts.get(one, 0) for one in verdicts)


@dataclass(frozen=True, slots=True)
class Manifests:
    """The two manifests of one comparison, under one folder of the lake."""

    lake: Lake
    folder: str
    bounds: Bounds
    memory_limit: str = "400MB"

    @property
    def place(self) -> str:
        """Where the evidence lies."""
        return self.lake.location(self.folder)

    def write(self, side: str, rows: Iterable[Mapping[str, Any]]) -> int:
        """Publish one bucket's manifest ("source" or "target"), streamed; how many versions it has. Raises LakeError."""
        return self._write(MANIFEST, side, rows)

    def unsure(self) -> Iterator[Pair]:
        """Pairs that only a look at each can tell, as long as no checksums are written. Raises LakeError."""
        return self._rows("manifest_unsure")

    def write_checksums(self, rows: Iterable[Mapping[str, Any]]) -> int:
        """Publish what the looks gave. Raises LakeError."""
        return self._write(CHECKSUMS, "checksums", rows)

    def held(self) -> Iterator[Pair]:
        """Pairs that both buckets hold. Raises LakeError."""
        return self._rows("manifest_held")

    def compare(self) -> Comparison:
        """The counts by verdict, after the differences and a summary were published as evidence. Raises LakeError."""
        counts = {str(row["verdict"]): int(row["versions"]) for row in self._rows("manifest_counts")}
        samples: list[str] = []

        def differing() -> Iterator[Pair]:
            for row in self._rows("manifest_differences"):
                if len(samples) < SAMPLES and row["verdict"] not in ("young", "newer"):
                    version = row["version_id"] or row["target_version_id"]
                    why = f" ({row['detail']})" if row["detail"] else ""
                    samples.append(f"{row['verdict']}{why}: {row['key']!r} version {version}")
                yield row

        self._write(DIFFERENCES, "differences", differing())
        told = {"counts": counts, "samples": samples, "listed_at": self.bounds.listed_at.isoformat()}
        self.lake.write_document(f"{self.folder}/summary.json", json.dumps(told, indent=1, sort_keys=True).encode())
        return Comparison(self.place, counts, tuple(samples))

    def _write(self, dataset: Dataset, name: str, rows: Iterable[Mapping[str, Any]]) -> int:
        path = f"{self.folder}/{name}.parquet"
        return self.lake.write_batches(dataset, path, batches_of(dataset, rows, location=self.lake.location(path))).rows

    def _rows(self, query: str) -> Iterator[dict[str, Any]]:
        with self._connection() as connection:
            try:
                yield from iterate(connection.execute(sql_text(query)), python_value)[1]
            except duckdb.OutOfMemoryException as error:
                raise no_room("compare manifests in", self.place, error) from error
            except duckdb.Error as error:
                raise LakeError("compare manifests in", self.place, str(error), "run again; if it stays, report this") from error

    @contextmanager
    def _connection(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with (temporary := spill_folder(None)):
            connection = self._opened(temporary)
            try:
                yield connection
            finally:
                connection.close()

    def _opened(self, temporary: TemporaryDirectory[str]) -> duckdb.DuckDBPyConnection:
        connection = connect(memory_limit=self.memory_limit, threads=2, temporary=temporary)
        if self.lake.s3 is not None:
            open_s3(connection, self.lake.s3)
        has_checksums = self.lake.store.exists(f"{self.folder}/checksums.parquet")
        files = {"source_versions": "source", "target_versions": "target", **({"checksums": "checksums"} if has_checksums else {})}
        places = {view: self.lake.location(f"{self.folder}/{name}.parquet") for view, name in files.items()}
        lock(connection, [*places.values(), *map(escaped, places.values())])
        for view, place in places.items():
            connection.execute(f"create view {view} as select * from read_parquet({literal(escaped(place))})")  # noqa: S608 - names of our own
        if not has_checksums:
            connection.execute("create table checksums (key varchar, version_id varchar, is_equal boolean)")
        connection.execute("create table manifest_bounds (listed_at timestamptz, settled_before timestamptz, etags_are_md5 boolean)")
        own = [self.bounds.listed_at, self.bounds.settled_before, self.bounds.etags_are_md5]
        connection.execute("insert into manifest_bounds values (?, ?, ?)", own)
        connection.execute(f"create view manifest_verdicts as {sql_text('manifest_verdicts')}")
        return connection

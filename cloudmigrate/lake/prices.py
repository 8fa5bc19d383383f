"""The prices series: an offer file or a few products become one part, whole or not at all; memory is bounded, money exact.

A part holds all rates of one service, region and currency. The newest part of a series says all that is known; a correction of single
products makes a new part out of the newest one. Parts are seen once the ledger has them.
"""
# ruff: noqa: S608  # names and paths are our own and quoted

import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pyarrow as pa

from cloudmigrate.errors.sources import BrokenOfferError
from cloudmigrate.lake.connection import connect, identifier, literal, lock, no_room, open_s3, without_lines
from cloudmigrate.lake.dataset import Dataset
from cloudmigrate.lake.datasets import BY_NAME
from cloudmigrate.lake.definitions import files_table, sql_type
from cloudmigrate.lake.lake import Lake, Part
from cloudmigrate.lake.parquet import batches_of
from cloudmigrate.lake.price_json import product_rows, spread_offer, spread_savings_plans
from cloudmigrate.lake.price_text import PRICE_COLUMNS, SAVINGS_PLAN_COLUMNS, csv_view, table_of
from cloudmigrate.lake.series import SeriesKind
from cloudmigrate.lake.spill import spill_folder
from cloudmigrate.lake.views import sql_text

PRICES = BY_NAME["prices"]
USUAL_CODE = re.compile(r"\^\(([A-Z0-9]+)")  # the first in a pattern of a region's codes


class OfferForm(StrEnum):
    """How an offer file is written."""

    CSV = "csv"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Offer:
    """One version of one service's prices in one region and currency."""

    service: str
    region: str
    currency: str
    version: str  # AWS's publication stamp, such as 20261120221246
    published_at: datetime
    usage_prefix: str  # pattern of what its usage types begin with
    is_savings_plan: bool = False
    families: tuple[str, ...] | None = None  # product families to keep; None: all
    origin: str = "price_list"

    @property
    def price_version(self) -> str:
        """How rows and estimates name it."""
        return f"{self.service}/{self.version}/{self.region}"

    @property
    def series(self) -> str:
        """The series that its part belongs to."""
        return price_series(self.service, self.region, self.currency)


@dataclass(frozen=True, slots=True)
class PricePart:
    """One written part, as the ledger takes it (see `SeriesPart`); *refused* rows could not be taken exactly and are not in it."""

    path: str
    series: str
    type: str  # the dataset
    version: str  # of the prices, or a digest of the rows
    collected_at: datetime
    range_from: datetime
    range_to: datetime
    rows: int
    bytes: int
    refused: int = 0
    example: str | None = None  # rate code of a refused row
    kind: SeriesKind = SeriesKind.REGULAR
    period_s: int = 0

    @property
    def uid_min(self) -> str:
        """The version: parts of prices hold no resources."""
        return self.version

    @property
    def uid_max(self) -> str:
        """The version."""
        return self.version

    @property
    def valid_from(self) -> datetime:
        """All of it."""
        return self.range_from

    @property
    def valid_to(self) -> datetime:
        """All of it."""
        return self.range_to


def price_series(service: str, region: str, currency: str) -> str:
    """The name of a series of prices."""
    return f"prices/{service}/{region}/{currency}"


def write_offer(
    lake: Lake,
    path: Path,
    form: OfferForm,
    offer: Offer,
    *,
    part: str,
    now: datetime,
    memory_limit: str = "600MB",
    threads: int | None = None,
) -> PricePart:
    """The part that an offer file gave. *part* must be unique to run and offer.

    Raises BrokenOfferError where the file is none or broken, LakeError where the part cannot be written; then nothing is in the lake.
    """
    with spill_folder(None) as folder, _Loading(folder, memory_limit, threads) as loading:
        place = Path(folder)
        match form, offer.is_savings_plan:
            case OfferForm.CSV, _:
                columns = SAVINGS_PLAN_COLUMNS if offer.is_savings_plan else PRICE_COLUMNS
                loading.take(csv_view(path, table_of(path), columns), path)
            case _, False:
                tables = spread_offer(path, place, offer.currency)
                loading.take(tables.select, *tables.files)
            case _:
                tables = spread_savings_plans(path, place)
                loading.take(tables.select, *tables.files)
        return _publish(lake, loading, offer, part=part, now=now)


def write_products(
    lake: Lake,
    items: Iterable[Mapping[str, Any]],
    offer: Offer,
    newest: Sequence[str],
    *,
    part: str,
    now: datetime,
    memory_limit: str = "600MB",
) -> PricePart:
    """A new part: the *newest* one's rows (paths in the lake; none if there is none), with those of these products in their place.

    *items* are parsed answers of GetProducts. Raises BrokenOfferError, LakeError.
    """
    with spill_folder(None) as folder, _Loading(folder, memory_limit, None) as loading:
        loading.take_table(product_rows(items, offer.currency))
        if newest and lake.s3 is not None:
            open_s3(loading.connection, lake.s3)
        older = [lake.location(one) for one in newest]
        return _publish(lake, loading, offer, older, part=part, now=now)


def write_rows(
    lake: Lake,
    dataset: str,
    rows: Iterable[Mapping[str, object]],
    *,
    series: str,
    place: str,
    version: str,
    part: str,
    span: tuple[datetime, datetime],
    now: datetime,
) -> PricePart:
    """A part of one of the smaller series (spot prices, instance types, commitments), below *place*. Raises LakeError."""
    record = BY_NAME[dataset]
    path = f"{dataset}/{place}/{part}.parquet"
    written = lake.write_batches(record, path, batches_of(record, rows, location=lake.location(path)))
    return _price_part(written, series, version, span, now)


class _Loading:
    """A DuckDB connection with the macros and the view `offer`, and the one file that it may write."""

    def __init__(self, folder: str, memory_limit: str, threads: int | None) -> None:
        self.target = Path(folder) / "part.parquet"
        self._files: list[str] = []
        self._temporary = TemporaryDirectory(dir=folder, prefix="duckdb-")
        self.connection = connect(memory_limit=memory_limit, threads=threads, temporary=self._temporary)
        self.connection.execute(sql_text("exact_money"))

    def __enter__(self) -> "_Loading":
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()
        self._temporary.cleanup()

    def take(self, select: str, *files: Path) -> None:
        """Make the view `offer`, which reads these files and no others."""
        self.connection.execute(f"create view offer as {select}")
        self._files += [str(one) for one in files]

    def take_table(self, table: pa.Table) -> None:
        """Make `offer` out of rows at hand."""
        self.connection.register("offer", table)

    def write(self, statement: str, params: Mapping[str, object], older: Sequence[str]) -> None:
        """Write what *statement* gives to the target; beside it, only the offer's and the *older* files can be read."""
        lock(self.connection, [*self._files, *older, str(self.target), f"{self.target}.kept"])
        self.copy(statement, self.target, params)

    def copy(self, statement: str, target: Path, params: Mapping[str, object] | None = None) -> None:
        # Prices are found by what many rows share: filters that name the row groups without a value would skip none, and take time.
        # Texts are either few or all different: a dictionary that does not stay small is given up early, and zstd finds no more at level 3.
        form = "(format parquet, compression zstd, compression_level 1, dictionary_size_limit 2000, write_bloom_filter false)"
        self.connection.execute(f"copy ({statement}) to {literal(str(target))} {form}", params or None)


def _publish(lake: Lake, loading: _Loading, offer: Offer, older: Sequence[str] = (), *, part: str, now: datetime) -> PricePart:
    path = f"{PRICES.name}/service={offer.service}/region={offer.region}/currency={offer.currency}/{offer.version}-{part}.parquet"
    try:
        loading.write(_statement(offer, older), _params(offer), older)
        rows, refused, example = loading.connection.execute(sql_text("price_part_counts"), {"part": str(loading.target)}).fetchone() or ()
        source = loading.target
        if refused:
            source = Path(f"{loading.target}.kept")
            loading.copy(f"select * from {files_table([str(loading.target)])} where price is not null", source)
    except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
        raise no_room("read prices for", lake.location(path), error) from error
    except duckdb.Error as error:
        raise BrokenOfferError(offer.price_version, without_lines(error)) from None  # its text quotes the file
    with source.open("rb") as file:
        size = lake.store.publish(path, lambda target: shutil.copyfileobj(file, target, 1 << 20), replace=False)
    written = Part(PRICES.name, path, rows, size)
    found = _price_part(written, offer.series, offer.price_version, (offer.published_at, offer.published_at), now)
    return replace(found, refused=refused, example=example)


def _statement(offer: Offer, older: Sequence[str]) -> str:
    """The rows in the dataset's columns and types."""
    query = sql_text("savings_plan_rates" if offer.is_savings_plan else "price_rows")
    rows = _shaped(f"{query}\n", PRICES)
    if not older:
        return rows
    kept = _shaped(f"select * from {files_table(older)} where sku not in (select sku from offer)", PRICES)
    return f"{kept} union all {rows}"


def _shaped(query: str, dataset: Dataset) -> str:
    columns = ", ".join(f"cast({identifier(name)} as {sql_type(dataset, name)}) as {identifier(name)}" for name in dataset.schema.names)
    return f"select {columns} from ({query})"


def _params(offer: Offer) -> dict[str, object]:
    common: dict[str, object] = {
        "version": offer.price_version,
        "region": offer.region,
        "prefix": offer.usage_prefix,
        "origin": offer.origin,
    }
    if offer.is_savings_plan:
        return common
    code = USUAL_CODE.match(offer.usage_prefix)
    common["code"] = f"{code[1]}-" if code else offer.usage_prefix
    return {**common, "service": offer.service, "families": list(offer.families) if offer.families is not None else None}


def _price_part(written: Part, series: str, version: str, span: tuple[datetime, datetime], now: datetime) -> PricePart:
    return PricePart(written.path, series, written.dataset, version, now, span[0], span[1], written.rows, written.bytes)

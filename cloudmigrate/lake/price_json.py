"""AWS's price lists in JSON, as the same columns of text that the CSV has: offer files by streaming, answers of GetProducts at once.

An offer file states products first and prices after; both are too many to hold. So each goes to a temporary Parquet file of its own, and
DuckDB, which may spill, joins the two.
"""

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from cloudmigrate.errors.sources import BrokenOfferError
from cloudmigrate.errors.stores import LakeError
from cloudmigrate.lake.connection import identifier, literal
from cloudmigrate.lake.json_stream import BrokenJsonError, JsonStream
from cloudmigrate.lake.price_text import PRICE_COLUMNS, folded

ROWS_A_GROUP = 20_000
TERM_COLUMNS = (
    *("sku", "ratecode", "termtype", "effectivedate", "startingrange", "endingrange", "unit", "priceperunit", "currency"),
    *("leasecontractlength", "purchaseoption", "offeringclass"),
)
PRODUCT_COLUMNS = ("sku", *(name for name in PRICE_COLUMNS if name not in TERM_COLUMNS))
RATE_COLUMNS = (
    *("plan", "ratecode", "unit", "discountedrate", "currency", "discountedsku", "discountedservicecode", "discountedusagetype"),
    *("discountedoperation", "discountedregioncode", "discountedinstancetype"),
)
PLAN_COLUMNS = ("plan", "sku", "effectivedate", "leasecontractlength", "leasecontractlengthunit")
PLAN_PRODUCT_COLUMNS = ("sku", "usagetype", "productfamily", "purchaseoption", "samplesource", "sampledon")
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class JsonTables:
    """The SELECT that gives an offer's columns, and the temporary files that it reads."""

    select: str
    files: tuple[Path, ...]


def spread_offer(path: Path, folder: Path, currency: str) -> JsonTables:
    """The columns of a service's offer file, by way of files in *folder*. Raises BrokenOfferError for what is no offer file."""
    products, terms = folder / "products.parquet", folder / "terms.parquet"
    with (
        _told(path),
        path.open(encoding="utf-8-sig", errors="replace", newline="") as file,
        _Texts(products, PRODUCT_COLUMNS) as product_rows,
        _Texts(terms, TERM_COLUMNS) as term_rows,
    ):
        stream = JsonStream(file)
        for member in stream.members():
            if member == "products":
                for _ in stream.members():
                    product_rows.add(product_row(stream.value()))
            elif member == "terms":
                for term in stream.members():
                    for _ in stream.members():
                        term_rows.add_all(rates_of(term, stream.value(), currency))
            else:
                stream.skip()
    columns = [f"p.{identifier(name)}" for name in PRODUCT_COLUMNS] + [f"t.{identifier(name)}" for name in TERM_COLUMNS if name != "sku"]
    select = f"select {', '.join(columns)} from {_file(terms)} as t inner join {_file(products)} as p on p.sku = t.sku"  # noqa: S608
    return JsonTables(select, (products, terms))


def spread_savings_plans(path: Path, folder: Path) -> JsonTables:
    """The columns of a savings plan's offer file, by way of files in *folder*. Raises BrokenOfferError for what is no offer file."""
    products, plans, rates = (folder / f"{name}.parquet" for name in ("products", "plans", "rates"))
    with (
        _told(path),
        path.open(encoding="utf-8-sig", errors="replace", newline="") as file,
        _Texts(products, PLAN_PRODUCT_COLUMNS) as product_rows,
        _Texts(plans, PLAN_COLUMNS) as plan_rows,
        _Texts(rates, RATE_COLUMNS) as rate_rows,
    ):
        stream = JsonStream(file)
        for member in stream.members():
            if member == "products":
                for _ in stream.items():
                    product_rows.add(product_row(stream.value()))
            elif member == "terms":
                for _ in stream.members():
                    for number, _ in enumerate(stream.items()):
                        plan_rows.add({**_plan(stream, str(number), rate_rows), "plan": str(number)})
            else:
                stream.skip()
    columns = [f"r.{name}" for name in RATE_COLUMNS[1:]] + [f"l.{name}" for name in PLAN_COLUMNS[1:]]
    columns += [f"coalesce(p.{name}, '') as {name}" for name in PLAN_PRODUCT_COLUMNS[1:]]
    source = f"{_file(rates)} as r inner join {_file(plans)} as l on l.plan = r.plan left join {_file(products)} as p on p.sku = l.sku"
    return JsonTables(f"select {', '.join(columns)} from {source}", (products, plans, rates))  # noqa: S608  # our own names and files


def _plan(stream: JsonStream, number: str, rates: "_Texts") -> dict[str, Any]:
    """What one plan of the list states, while its rates, which may be tens of thousands, are written away."""
    plan: dict[str, Any] = {}
    for member in stream.members():
        if member == "rates":
            for _ in stream.items():
                rate = stream.value()
                price = rate.get("discountedRate") or {}
                rates.add({**_folded(rate), "plan": number, "discountedrate": price.get("price"), "currency": price.get("currency")})
        elif member == "leaseContractLength":
            length = stream.value()
            plan |= {"leasecontractlength": length.get("duration"), "leasecontractlengthunit": length.get("unit")}
        else:
            plan[folded(member)] = stream.value()
    return plan


def product_rows(items: Iterable[Row], currency: str) -> pa.Table:
    """The columns of answers of GetProducts (each item parsed from its JSON string): one row per rate. Raises BrokenOfferError."""
    rows = []
    with _told("an answer of GetProducts"):
        for item in items:
            product = product_row(item["product"])
            terms = item.get("terms") or {}
            rows += [{**product, **rate} for term, offers in terms.items() for rate in rates_of(term, offers, currency)]
        return pa.table({name: _texts([row.get(name) for row in rows]) for name in PRICE_COLUMNS})


def product_row(product: Row) -> dict[str, Any]:
    """A product's sku, family and attributes, by folded names."""
    own = {key: value for key, value in product.items() if not isinstance(value, dict | list)}
    return {**_folded(own), **_folded(product.get("attributes") or {})}


def rates_of(term: str, offers: Row, currency: str) -> Iterator[dict[str, Any]]:
    """The rates of one product's offers of one kind (OnDemand, Reserved), in the CSV's columns; of several currencies the wanted one."""
    for offer in offers.values():
        attributes = _folded(offer.get("termAttributes") or {})
        for code, dimension in (offer.get("priceDimensions") or {}).items():
            prices = dimension.get("pricePerUnit") or {}
            chosen = currency if currency in prices else min(prices, default="")
            yield {
                "sku": offer.get("sku"),
                "ratecode": dimension.get("rateCode") or code,
                "termtype": term,
                "effectivedate": offer.get("effectiveDate"),
                "startingrange": dimension.get("beginRange"),
                "endingrange": dimension.get("endRange"),
                "unit": dimension.get("unit"),
                "priceperunit": prices.get(chosen),
                "currency": chosen,
                "leasecontractlength": attributes.get("leasecontractlength"),
                "purchaseoption": attributes.get("purchaseoption"),
                "offeringclass": attributes.get("offeringclass"),
            }


def _folded(members: Row) -> dict[str, Any]:
    return {folded(name): value for name, value in members.items()}


class _Texts:
    """Rows of text columns, written away in groups."""

    def __init__(self, path: Path, names: tuple[str, ...]) -> None:
        self._names = names
        self._schema = pa.schema([(name, pa.string()) for name in names])
        self._writer = pq.ParquetWriter(path, self._schema, compression="zstd")
        self._rows: list[Row] = []

    def __enter__(self) -> "_Texts":
        return self

    def __exit__(self, *_: object) -> None:
        self._flush()
        self._writer.close()

    def add(self, row: Row) -> None:
        self._rows.append(row)
        if len(self._rows) >= ROWS_A_GROUP:
            self._flush()

    def add_all(self, rows: Iterable[Row]) -> None:
        for row in rows:
            self.add(row)

    def _flush(self) -> None:
        arrays = [_texts([row.get(name) for row in self._rows]) for name in self._names]
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema))
        self._rows = []


def _texts(values: list[Any]) -> pa.Array:
    """Values as text: '' for none; half a surrogate pair, which JSON may state and UTF-8 cannot, becomes a question mark."""
    texts = ["" if value is None else value if isinstance(value, str) else str(value) for value in values]
    try:
        return pa.array(texts, type=pa.string())
    except UnicodeEncodeError:
        return pa.array([one.encode("utf-8", "replace").decode() for one in texts], type=pa.string())


@contextlib.contextmanager
def _told(place: Path | str) -> Iterator[None]:
    """Tell a document that is built otherwise as the fault of the file that it is."""
    try:
        yield
    except BrokenJsonError as error:
        raise BrokenOfferError(str(place), str(error)) from error
    except (AttributeError, KeyError, TypeError) as error:
        raise BrokenOfferError(str(place), f"it is not built as a price list is ({error})") from error
    except OSError as error:
        action = f"free space in {gettempdir()} (TMPDIR names another folder), then run again"
        raise LakeError("spread prices of", str(place), error.strerror or str(error), action) from error


def _file(path: Path) -> str:
    return f"read_parquet([{literal(str(path))}])"

"""AWS's offer files in CSV: where the table begins, and which of its columns are which, whatever their number and order.

Names are folded to lower-case letters and digits, so that the CSV's "Product Family" and the JSON's "productFamily" are one name.
"""
# ruff: noqa: S608  # names are our own, and paths are quoted

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cloudmigrate.errors.sources import BrokenOfferError
from cloudmigrate.lake.connection import identifier, literal

HEAD_LINES = 50  # five lines of metadata stand before the header; more than this is no offer file
HEAD_CHARACTERS = 1 << 20  # of a line of these: a file of another kind may be one line to its end
NOT_IN_NAMES = re.compile(r"[^a-z0-9]")
SKU = "sku"
# What of a price list is kept, and what of a savings plan's; each is text, '' where the file has no such column.
PRICE_COLUMNS = (
    *("sku", "ratecode", "termtype", "effectivedate", "startingrange", "endingrange", "unit", "priceperunit", "currency"),
    *("leasecontractlength", "purchaseoption", "offeringclass", "productfamily", "regioncode", "usagetype", "operation", "instancetype"),
    *("operatingsystem", "tenancy", "preinstalledsw", "licensemodel", "capacitystatus", "marketoption", "databaseengine"),
    *("databaseedition", "deploymentoption", "volumeapiname", "volumetype", "storageclass", "cacheengine", "toregioncode", "tolocation"),
    *("transfertype", "group", "samplesource", "sampledon"),
)
SAVINGS_PLAN_COLUMNS = (
    *("sku", "ratecode", "unit", "effectivedate", "discountedrate", "currency", "discountedsku", "discountedservicecode"),
    *("discountedusagetype", "discountedoperation", "discountedregioncode", "discountedinstancetype", "purchaseoption"),
    *("leasecontractlength", "leasecontractlengthunit", "usagetype", "productfamily", "samplesource", "sampledon"),
)
# What no cell is: so empty cells are empty texts at once, and need not be made so one by one.
NO_CELL = "#none of AWS's#"
LEAST_COLUMNS = frozenset({"sku", "ratecode", "unit", "currency"})


@dataclass(frozen=True, slots=True)
class Table:
    """Where the table of an offer file lies: so many rows to skip before the header, and the header's names, folded."""

    skip: int
    names: tuple[str, ...]


def folded(name: str) -> str:
    """A column's or attribute's name in lower-case letters and digits alone."""
    return NOT_IN_NAMES.sub("", name.lower())


def table_of(path: Path) -> Table:
    """Where the table of a CSV offer file begins. Raises BrokenOfferError for what is none."""
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        # Lines, not rows, are bounded: a file of another kind may be one quoted field to its end.
        rows = csv.reader(file.readline(HEAD_CHARACTERS) for _ in range(HEAD_LINES))
        try:
            for number, row in enumerate(rows):
                names = tuple(map(folded, row))
                if names[:1] == (SKU,):
                    return _checked(Table(number, names), path)
        except csv.Error as error:
            raise BrokenOfferError(str(path), str(error)) from error
    raise BrokenOfferError(str(path), f"no line of the first {HEAD_LINES} begins with SKU")


def _checked(table: Table, path: Path) -> Table:
    missing = sorted(LEAST_COLUMNS - set(table.names))
    if missing:
        raise BrokenOfferError(str(path), f"its table has no column {', '.join(missing)}")
    return table


def csv_view(path: Path, table: Table, wanted: Sequence[str]) -> str:
    """The SELECT over a CSV offer file that gives the *wanted* columns as text. The file's own names never reach SQL."""
    place: dict[str, int] = {}
    for number, name in enumerate(table.names):
        place.setdefault(name, number)
    types = ", ".join(f"'c{number}': 'VARCHAR'" for number in range(len(table.names)))
    form = f"""auto_detect = false, header = true, skip = {table.skip}, delim = ',', quote = '"', escape = '"'"""
    source = f"read_csv([{literal(str(path))}], {form}, nullstr = {literal(NO_CELL)}, columns = {{{types}}})"
    return f"select {', '.join(_columns(place, wanted))} from {source}"


def _columns(place: dict[str, int], wanted: Iterable[str]) -> Iterable[str]:
    for name in wanted:
        source = f"c{place[name]}" if name in place else "''"
        yield f"{source} as {identifier(name)}"

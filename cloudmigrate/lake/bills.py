"""Bills out of exports: FOCUS and AWS's Cost and Usage Report, in CSV or Parquet, summed by service in DuckDB."""
# ruff: noqa: S608  # names are our own table's and the file's, and quoted

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from cloudmigrate.domain.baseline import BillLine
from cloudmigrate.errors.inputs import BillFileError
from cloudmigrate.lake.connection import connect, identifier, literal, lock, no_room, open_s3, without_lines
from cloudmigrate.lake.definitions import escaped
from cloudmigrate.lake.results import python_value, rows_of
from cloudmigrate.lake.spill import spill_folder
from cloudmigrate.lake.storage import S3Access
from cloudmigrate.lake.views import sql_text

ROLES = ("account", "service", "category", "charged_from", "charged_to", "period", "amount", "currency", "provider")


@dataclass(frozen=True, slots=True)
class BillForm:
    """How one sort of export is written: which of its columns plays which role; None: it has none."""

    name: str
    columns: Mapping[str, str | None]
    categories: Mapping[str, str]  # its words -> FOCUS's; what is not there stays


_CUR_CATEGORIES = {
    **dict.fromkeys(("DiscountedUsage", "SavingsPlanCoveredUsage", "SavingsPlanNegation", "BundledDiscount"), "Usage"),
    **dict.fromkeys(("Fee", "RIFee", "SavingsPlanUpfrontFee", "SavingsPlanRecurringFee"), "Purchase"),
    **dict.fromkeys(("EdpDiscount", "PrivateRateDiscount", "RiVolumeDiscount"), "Usage"),
}


def _cur(separator: str, *, product: str, bill: str, line: str) -> dict[str, str | None]:
    def named(part: str, camel: str) -> str:
        if separator == "/":
            return f"{part}/{camel}"
        return f"{part}_{''.join(f'_{one.lower()}' if one.isupper() else one for one in camel).lstrip('_')}"

    return {
        "account": named(line, "UsageAccountId"),
        "service": named(product, "ProductCode"),
        "category": named(line, "LineItemType"),
        "charged_from": named(line, "UsageStartDate"),
        "charged_to": named(line, "UsageEndDate"),
        "period": named(bill, "BillingPeriodStartDate"),
        "amount": named(line, "UnblendedCost"),
        "currency": named(line, "CurrencyCode"),
        "provider": None,
    }


# FOCUS 1.0, "Columns"; AWS Data Exports User Guide, "Cost and Usage Report (CUR) 2.0" and "Legacy CUR: data dictionary".
BILL_FORMS: tuple[BillForm, ...] = (
    BillForm(
        "focus",
        {
            "account": "SubAccountId",
            "service": "ServiceName",
            "category": "ChargeCategory",
            "charged_from": "ChargePeriodStart",
            "charged_to": "ChargePeriodEnd",
            "period": "BillingPeriodStart",
            "amount": "BilledCost",
            "currency": "BillingCurrency",
            "provider": "ProviderName",
        },
        {},
    ),
    BillForm("cur", _cur("_", product="line_item", bill="bill", line="line_item"), _CUR_CATEGORIES),
    BillForm("cur", _cur("/", product="lineItem", bill="bill", line="lineItem"), _CUR_CATEGORIES),
)


def read_bill(location: str, *, s3: S3Access | None = None, memory_limit: str = "600MB") -> list[BillLine]:
    """What AWS charged by account, service, category and billing period, as the export at *location* tells it.

    Raises BillFileError where it is no export that we know, LakeError where memory or disk end.
    """
    _check_place(location)
    with (temporary := spill_folder(None)):
        connection = connect(memory_limit=memory_limit, threads=None, temporary=temporary)
        try:
            if s3 is not None:
                open_s3(connection, s3)
            lock(connection, [location, escaped(location)])
            form = _form_of(connection, location)
            _show(connection, location, form)
            rows = rows_of(connection.execute(sql_text("bill_sums")), python_value)[1]
        except duckdb.OutOfMemoryException as error:
            raise no_room("read a bill from", location, error) from error
        except duckdb.Error as error:
            raise BillFileError(location, without_lines(error)) from None  # its text quotes the file
        finally:
            connection.close()
    if not rows:
        raise BillFileError(location, "it has no charge of AWS")
    return list(_lines(rows, form, location))


def _check_place(location: str) -> None:
    """Raises BillFileError for what is no file: DuckDB would wait for ever, or say something else."""
    if location.startswith("s3://"):
        return
    if "://" in location:
        raise BillFileError(location, "it lies neither in a folder nor in S3")
    place = Path(location)
    if not place.is_file():
        raise BillFileError(location, "it is no file" if place.exists() else "there is no such file")
    if not os.access(place, os.R_OK):
        raise BillFileError(location, "this user may not read it")


def _source(location: str) -> str:
    if location.lower().endswith((".parquet", ".snappy.parquet")):
        return f"read_parquet({literal(escaped(location))})"
    # As text: amounts keep their digits, and words of a broken line cannot change what a column is.
    return f"read_csv({literal(escaped(location))}, all_varchar = true, header = true, nullstr = ['', 'NULL'])"


def _form_of(connection: duckdb.DuckDBPyConnection, location: str) -> BillForm:
    found = {str(row[0]).lower() for row in connection.execute(f"describe select * from {_source(location)}").fetchall()}
    missing = {}
    for form in BILL_FORMS:
        needed = [name for name in form.columns.values() if name is not None]
        lacking = [name for name in needed if name.lower() not in found]
        if not lacking:
            return form
        missing[form.name, needed[0]] = lacking
    closest = min(missing.items(), key=lambda one: len(one[1]))
    raise BillFileError(location, f"as {closest[0][0]} it lacks the columns {', '.join(closest[1])}")


def _show(connection: duckdb.DuckDBPyConnection, location: str, form: BillForm) -> None:
    """The file as the view `charges`: one text column per role."""
    roles = []
    for role in ROLES:
        column = form.columns[role]
        roles.append(f"{f'cast({identifier(column)} as varchar)' if column else 'null'} as {identifier(role)}")
    connection.execute(f"create view charges as select {', '.join(roles)} from {_source(location)}")


def _lines(rows: list[dict[str, Any]], form: BillForm, location: str) -> Iterator[BillLine]:
    for row in rows:
        if row["broken"]:
            problem = f"{row['broken']} charges of {row['service']} have no amount or no period that can be read"
            raise BillFileError(location, problem)
        yield BillLine(
            account_id=row["account_id"],
            service=row["service"],
            category=form.categories.get(row["category"], row["category"]),
            covered_from=row["covered_from"],
            covered_to=row["covered_to"],
            amount=row["amount"],
            currency=row["currency"],
            source=form.name,
        )

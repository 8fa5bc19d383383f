"""The demo's price book: real figures of AWS's prices, each with its source and day, as products and rates of a price list.

No figure is invented, remembered or carried over from another region: what has no source is not in the book, and has no price.
"""

import csv
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import MappingProxyType

HERE = Path(__file__).parent
BOOK, SPOT_BOOK, SOURCES = HERE / "price_book.csv", HERE / "spot_book.csv", HERE / "price_sources.csv"
CURRENCY = "USD"
ON_DEMAND, RESERVED = "OnDemand", "Reserved"
UPFRONT_UNIT = "Quantity"  # the unit of a reservation's fee
LOCATIONS = MappingProxyType({"us-east-1": "US East (N. Virginia)", "us-west-2": "US West (Oregon)", "eu-central-1": "EU (Frankfurt)"})
# AWS's codes: of a term, and of the two dimensions that every reservation has.
TERM_CODES: Mapping[tuple[str, str, str, str], str] = MappingProxyType(
    {
        (ON_DEMAND, "", "", ""): "JRTCKXETXF",
        (RESERVED, "1yr", "No Upfront", "standard"): "4NA7Y494T4",
        (RESERVED, "1yr", "All Upfront", "standard"): "6QCMYABX3D",
        (RESERVED, "3yr", "No Upfront", "standard"): "BPH4J8HBKS",
        (RESERVED, "3yr", "All Upfront", "standard"): "NQ3QZPMQV9",
        (RESERVED, "1yr", "No Upfront", "convertible"): "7NE97W5U4E",
        (RESERVED, "1yr", "All Upfront", "convertible"): "VJWZNREJX2",
        (RESERVED, "3yr", "No Upfront", "convertible"): "Z2E3P23VKM",
        (RESERVED, "3yr", "All Upfront", "convertible"): "MZU6U2429S",
    }
)
PER_UNIT_CODE, UPFRONT_CODE = "6YS6EN2CT7", "2TG2D8R56U"
CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
SKU_LENGTH, DIMENSION_LENGTH = 16, 10


@dataclass(frozen=True, slots=True)
class Source:
    """Where figures are from."""

    id: str
    what: str
    repository: str
    commit: str
    path: str
    licence: str
    date_is: str  # what the day of its rows is: published, charged, committed, not before
    how: str

    @property
    def citation(self) -> str:
        """Such as ``github.com/owner/name@0123456789ab path/to/file``."""
        return f"github.com/{self.repository}@{self.commit[:12]} {self.path}"


@dataclass(frozen=True, slots=True)
class Rate:
    """One price: under which term, for which unit and range, and where the figure is from."""

    term: str
    lease: str
    purchase_option: str
    offering_class: str
    unit: str
    price: Decimal
    currency: str
    begin_range: str
    end_range: str
    source: str  # id of a Source; empty for a row that AWS lists at $0.00
    sampled_on: date | None
    detail: str
    known_rate_code: str = ""

    @property
    def term_code(self) -> str:
        """AWS's code of the term."""
        return TERM_CODES[self.term, self.lease, self.purchase_option, self.offering_class]

    @property
    def is_fee(self) -> bool:
        """Whether it is a reservation's fee and no price for an hour."""
        return self.term == RESERVED and self.unit == UPFRONT_UNIT


@dataclass(frozen=True, slots=True)
class Product:
    """One product of a price list with its rates."""

    sku: str
    service: str
    region: str
    family: str
    attributes: Mapping[str, str]
    rates: tuple[Rate, ...] = field(hash=False)

    def rate_code(self, rate: Rate) -> str:
        """AWS's own code where the source tells it; otherwise one of the same form."""
        if rate.known_rate_code:
            return rate.known_rate_code
        dimension = UPFRONT_CODE if rate.is_fee else PER_UNIT_CODE
        if rate.begin_range != "0":
            dimension = code_of(f"{rate.begin_range}-{rate.end_range}", DIMENSION_LENGTH)
        return f"{self.sku}.{rate.term_code}.{dimension}"


@dataclass(frozen=True, slots=True)
class SpotRate:
    """What a type cost on the spot market in one zone on one day."""

    region: str
    zone_id: str
    instance_type: str
    product: str
    price: Decimal
    currency: str
    sampled_on: date
    source: str


@dataclass(frozen=True, slots=True)
class PriceList:
    """All products of one service in one region, as of the newest day among them."""

    service: str
    region: str
    products: tuple[Product, ...]

    @property
    def published_at(self) -> datetime:
        """Midnight of the newest day among its figures."""
        newest = max(rate.sampled_on for product in self.products for rate in product.rates if rate.sampled_on)
        return datetime(newest.year, newest.month, newest.day, tzinfo=UTC)

    @property
    def version(self) -> str:
        """AWS's form of a version: the instant of publication in digits."""
        return f"{self.published_at:%Y%m%d%H%M%S}"


def code_of(text: str, length: int) -> str:
    """An identifier in the letters of AWS's, always the same for *text*."""
    number = int.from_bytes(hashlib.sha256(text.encode()).digest())
    letters = []
    for _ in range(length):
        number, rest = divmod(number, len(CODE_LETTERS))
        letters.append(CODE_LETTERS[rest])
    return "".join(letters)


@cache
def sources() -> Mapping[str, Source]:
    """Every source by its id."""
    with SOURCES.open(encoding="utf-8", newline="") as file:
        return MappingProxyType({row["id"]: Source(**row) for row in csv.DictReader(file)})


@cache
def price_lists() -> Mapping[tuple[str, str], PriceList]:
    """The book's price lists by service and region."""
    groups: defaultdict[tuple[str, str], list[Product]] = defaultdict(list)
    for product in _products(rows()):
        groups[product.service, product.region].append(product)
    return MappingProxyType({key: PriceList(*key, tuple(found)) for key, found in sorted(groups.items())})


@cache
def spot_rates() -> tuple[SpotRate, ...]:
    """Every figure of the spot market."""
    with SPOT_BOOK.open(encoding="utf-8", newline="") as file:
        return tuple(
            SpotRate(**row | {"price": Decimal(row["price"]), "sampled_on": date.fromisoformat(row["sampled_on"])})  # type: ignore[arg-type]
            for row in csv.DictReader(file)
        )


@cache
def rows() -> tuple[Mapping[str, str], ...]:
    """The book's rows as they stand in its file."""
    with BOOK.open(encoding="utf-8", newline="") as file:
        return tuple(MappingProxyType(row) for row in csv.DictReader(file))


def _products(lines: Iterable[Mapping[str, str]]) -> Iterable[Product]:
    groups: defaultdict[tuple[str, ...], list[Mapping[str, str]]] = defaultdict(list)
    for line in lines:
        groups[tuple(line[name] for name in ("service", "region", "product_family", "usage_type", "operation", "attributes"))].append(line)
    for key, found in groups.items():
        service, region, family, usage_type, operation, text = key
        known = next((line["rate_code"] for line in found if line["rate_code"]), "")
        attributes = {
            "servicecode": service,
            "location": LOCATIONS[region],
            "locationType": "AWS Region",
            "regionCode": region,
            "usagetype": usage_type,
            "operation": operation,
            **dict(pair.split("=", 1) for pair in text.split("; ") if pair),
        }
        sku = known.split(".", maxsplit=1)[0] or code_of("|".join(key), SKU_LENGTH)
        yield Product(sku, service, region, family, MappingProxyType(attributes), tuple(map(_rate, found)))


def _rate(line: Mapping[str, str]) -> Rate:
    return Rate(
        term=line["term"],
        lease=line["lease"],
        purchase_option=line["purchase_option"],
        offering_class=line["offering_class"],
        unit=line["unit"],
        price=Decimal(line["price"]),
        currency=line["currency"],
        begin_range=line["begin_range"],
        end_range=line["end_range"],
        source=line["source"],
        sampled_on=date.fromisoformat(line["sampled_on"]),
        detail=line["detail"],
        known_rate_code=line["rate_code"],
    )

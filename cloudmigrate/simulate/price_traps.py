"""Rows that AWS's price lists have and that are no price of a running machine, at the $0.00 at which AWS lists them.

Whoever takes any row of an instance type for its price is wrong here, as with AWS's own lists. Real figures of other traps (pre-installed
software, dedicated tenancy, tiers) are in the price book.
"""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from functools import cache
from types import MappingProxyType

from cloudmigrate.simulate.price_book import ON_DEMAND, SKU_LENGTH, PriceList, Product, Rate, code_of, price_lists

COMPUTE, LINUX = "Compute Instance", "Linux"
BLOCK_FAMILIES = ("p4d.", "p5.")  # AWS sells their capacity in blocks too
NOTHING = Rate(ON_DEMAND, "", "", "", "Hrs", Decimal(0), "USD", "0", "Inf", "", None, "listed by AWS at $0.00")


@cache
def with_traps(service: str, region: str) -> PriceList:
    """The book's price list with AWS's $0.00 rows among its products. Raises KeyError where the book has no such list."""
    book = price_lists()[service, region]
    return replace(book, products=(*book.products, *(trap for product in book.products for trap in _traps(product))))


def _traps(product: Product) -> Iterator[Product]:
    attributes = product.attributes
    if product.family != COMPUTE or (attributes["operatingSystem"], attributes["tenancy"], attributes["preInstalledSw"]) != (
        LINUX,
        "Shared",
        "NA",
    ):
        return
    usage_type, kind = attributes["usagetype"], attributes["instanceType"]
    yield _nothing(product, "capacitystatus", "AllocatedCapacityReservation", usage_type.replace("BoxUsage", "Reservation"))
    if kind.startswith(BLOCK_FAMILIES):
        yield _nothing(product, "marketoption", "CapacityBlock", usage_type.replace("BoxUsage", "CapacityBlock"))


def _nothing(product: Product, attribute: str, value: str, usage_type: str) -> Product:
    attributes = {**product.attributes, attribute: value, "usagetype": usage_type}
    sku = code_of(f"{product.sku}|{attribute}|{value}", SKU_LENGTH)
    return replace(product, sku=sku, attributes=MappingProxyType(attributes), rates=(NOTHING,))

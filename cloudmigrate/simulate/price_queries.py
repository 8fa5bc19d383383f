"""What AWS's pricing service answers, from the price book: services, attributes, products by filters, price lists and their files."""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from cloudmigrate.simulate.price_book import CURRENCY, PriceList, Product, price_lists
from cloudmigrate.simulate.price_documents import item, offer_csv, offer_json
from cloudmigrate.simulate.price_traps import with_traps

FORMAT = "aws_v1"
FILES = "/offers/v1.0/aws/"
FILE_FORMATS = ("csv", "json")
MOST_ITEMS, MOST_VALUES = 100, 10_000  # a page, unless the caller wants less
ARN = re.compile(r"arn:aws:pricing:::price-list/aws/(?P<service>\w+)/(?P<currency>[A-Z]{3})/(?P<version>\d{14})/(?P<region>[a-z0-9-]+)")
FILE = re.compile(re.escape(FILES) + r"(?P<service>\w+)/(?P<version>\d{14})/(?P<region>[a-z0-9-]+)/index\.(?P<form>csv|json)")
Json = dict[str, Any]


T = TypeVar("T")


class RefusedError(Exception):
    """What the real service would refuse."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(f"{code}: {message}")


def describe_services(request: Json) -> Json:
    """Services with the names of their attributes."""
    wanted = request.get("ServiceCode")
    found = [{"ServiceCode": code, "AttributeNames": _names(code)} for code in _services() if wanted in (None, code)]
    if wanted and not found:
        raise _unknown(wanted)
    page, token = _page(found, request, MOST_ITEMS)
    return {"Services": page, "FormatVersion": FORMAT} | token


def get_attribute_values(request: Json) -> Json:
    """The values that an attribute of a service has."""
    code, name = request["ServiceCode"], request["AttributeName"]
    if name not in _names(code):
        raise RefusedError("InvalidParameterException", f"The attribute {name} of {code} is unknown.")
    values = sorted({value for prices in _lists(code) for product in prices.products for value in _members(product).get(name.lower(), ())})
    page, token = _page(values, request, MOST_VALUES)
    return {"AttributeValues": [{"Value": value} for value in page]} | token


def get_products(request: Json) -> Json:
    """Products that pass every filter, each as a JSON string."""
    code = request["ServiceCode"]
    if not _lists(code):
        raise _unknown(code)
    filters = request.get("Filters") or []
    found = [(prices, product) for prices in _lists(code) for product in prices.products if all(passes(product, one) for one in filters)]
    page, token = _page(found, request, MOST_ITEMS)
    return {"FormatVersion": FORMAT, "PriceList": [json.dumps(item(*one)) for one in page]} | token


def passes(product: Product, wanted: Mapping[str, str]) -> bool:
    """Whether *product* has what one filter wants; names are taken in any case, values as they are."""
    held, value = _members(product).get(wanted["Field"].lower(), ()), wanted["Value"]
    match wanted["Type"]:
        case "TERM_MATCH" | "EQUALS":
            return value in held
        case "CONTAINS":
            return any(value in one for one in held)
        case "ANY_OF":
            return any(one in value.split(",") for one in held)
        case "NONE_OF":
            return not any(one in value.split(",") for one in held)
        case other:
            raise RefusedError("InvalidParameterException", f"The filter type {other} is invalid.")


def list_price_lists(request: Json, effective_at: datetime) -> Json:
    """The price lists of a service that were in force at *effective_at*."""
    code, region = request["ServiceCode"], request.get("RegionCode")
    if not _lists(code):
        raise RefusedError("ResourceNotFoundException", f"There is no price list of {code}.")
    lists = [prices for prices in _lists(code) if region in (None, prices.region) and prices.published_at <= effective_at]
    found = [_reference(prices) for prices in lists if request["CurrencyCode"] == CURRENCY]
    page, token = _page(found, request, MOST_ITEMS)
    return {"PriceLists": page} | token


def get_price_list_file_url(request: Json, endpoint: str) -> Json:
    """Where the file of a price list is, on *endpoint* itself."""
    named, form = ARN.fullmatch(request["PriceListArn"]), request["FileFormat"].lower()
    if form not in FILE_FORMATS:
        raise RefusedError("InvalidParameterException", f"The file format {form} is invalid; it is one of {', '.join(FILE_FORMATS)}.")
    if named is None or named["currency"] != CURRENCY or _version_of(named) is None:
        raise RefusedError("ResourceNotFoundException", f"There is no price list {request['PriceListArn']}.")
    return {"Url": f"{endpoint}{FILES}{named['service']}/{named['version']}/{named['region']}/index.{form}"}


@cache
def offer_file(path: str) -> bytes | None:
    """The offer file at *path*; None where there is none."""
    named = FILE.fullmatch(path)
    prices = _version_of(named) if named else None
    if named is None or prices is None:
        return None
    return "".join(offer_csv(prices)).encode() if named["form"] == "csv" else json.dumps(offer_json(prices)).encode()


def _version_of(named: re.Match[str]) -> PriceList | None:
    prices = next((one for one in _lists(named["service"]) if one.region == named["region"]), None)
    return prices if prices and prices.version == named["version"] else None


def _reference(prices: PriceList) -> Json:
    return {
        "PriceListArn": f"arn:aws:pricing:::price-list/aws/{prices.service}/{CURRENCY}/{prices.version}/{prices.region}",
        "RegionCode": prices.region,
        "CurrencyCode": CURRENCY,
        "FileFormats": list(FILE_FORMATS),
    }


def _services() -> list[str]:
    return sorted({service for service, _ in price_lists()})


@cache
def _lists(service: str) -> tuple[PriceList, ...]:
    return tuple(with_traps(code, region) for code, region in price_lists() if code == service)


@cache
def _names(service: str) -> tuple[str, ...]:
    own = {name for prices in _lists(service) for product in prices.products for name in product.attributes}
    return tuple(sorted(own | {"productFamily", "termType"})) if own else ()


def _members(product: Product) -> dict[str, tuple[str, ...]]:
    """What a filter may name: attributes, and what stands beside them, by names in lower case."""
    attributes = {name.lower(): (value,) for name, value in product.attributes.items()}
    terms = tuple(dict.fromkeys(rate.term for rate in product.rates))
    return attributes | {"sku": (product.sku,), "productfamily": (product.family,), "termtype": terms}


def _unknown(service: str) -> RefusedError:
    return RefusedError("NotFoundException", f"The service {service} is unknown.")


def _page(found: Sequence[T], request: Json, most: int) -> tuple[Sequence[T], Json]:
    """The page that the request's token begins, and the next token where there is more."""
    asked = {name: value for name, value in request.items() if name not in ("NextToken", "MaxResults")}
    mark = hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()[:16]
    start = _start(request.get("NextToken"), mark)
    end = start + min(int(request.get("MaxResults") or most), most)
    return found[start:end], {"NextToken": base64.b64encode(f"{mark}:{end}".encode()).decode()} if end < len(found) else {}


def _start(token: str | None, mark: str) -> int:
    if token is None:
        return 0
    try:
        held, _, start = base64.b64decode(token, validate=True).decode().partition(":")
        if held == mark and start.isdigit():
            return int(start)
    except (binascii.Error, UnicodeDecodeError):
        pass
    raise RefusedError("InvalidNextTokenException", "The pagination token is invalid; it belongs to another request or to none.")

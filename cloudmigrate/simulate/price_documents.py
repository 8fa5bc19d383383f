"""Price lists in the forms that AWS writes: items of GetProducts, and offer files in JSON and CSV.

Two attributes are ours: ``sampleSource`` and ``sampledOn`` say where a figure is from and of what day it is.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from cloudmigrate.simulate.price_book import CURRENCY, PriceList, Product, Rate, sources

DISCLAIMER = (
    "Dated samples from public sources, for a simulated estate; not AWS's prices of today. The columns sampleSource and sampledOn tell."
)
SAMPLE_SOURCE, SAMPLED_ON = "sampleSource", "sampledOn"
RATE_COLUMNS = (
    *("SKU", "OfferTermCode", "RateCode", "TermType", "PriceDescription", "EffectiveDate", "StartingRange", "EndingRange", "Unit"),
    *("PricePerUnit", "Currency", "RelatedTo", "LeaseContractLength", "PurchaseOption", "OfferingClass", "Product Family", "serviceCode"),
)
# The columns after those: AWS's name, and the attribute that it holds.
EC2_COLUMNS = (
    *("Location", "Location Type", "Instance Type", "Current Generation", "Instance Family", "vCPU", "Physical Processor", "Clock Speed"),
    *("Memory", "Storage", "Network Performance", "Processor Architecture", "Storage Media", "Volume Type", "Max Volume Size"),
    *("Max IOPS/volume", "Max IOPS Burst Performance", "Max throughput/volume", "Provisioned", "Tenancy", "EBS Optimized"),
    *("Operating System", "License Model", "Group", "Group Description", "Transfer Type", "From Location", "From Location Type"),
    *("To Location", "To Location Type", "usageType", "operation", "AvailabilityZone", "CapacityStatus", "ClassicNetworkingSupport"),
    *("Dedicated EBS Throughput", "ECU", "Elastic Graphics Type", "Enhanced Networking Supported", "From Region Code", "GPU"),
    *("GPU Memory", "Instance", "Instance Capacity - 10xlarge", "Instance Capacity - 12xlarge", "Instance Capacity - 16xlarge"),
    *("Instance Capacity - 18xlarge", "Instance Capacity - 24xlarge", "Instance Capacity - 2xlarge", "Instance Capacity - 32xlarge"),
    *("Instance Capacity - 4xlarge", "Instance Capacity - 8xlarge", "Instance Capacity - 9xlarge", "Instance Capacity - large"),
    *("Instance Capacity - medium", "Instance Capacity - metal", "Instance Capacity - xlarge", "instanceSKU", "Intel AVX Available"),
    *("Intel AVX2 Available", "Intel Turbo Available", "MarketOption", "Normalization Size Factor", "Physical Cores"),
    *("Pre Installed S/W", "Processor Features", "Product Type", "Region Code", "Resource Type", "serviceName"),
    *("SnapshotArchiveFeeType", "To Region Code", "Volume API Name", "VPCNetworkingSupport"),
)
# What the columns of other services are called where folding the attribute's name does not give it.
COLUMN_NAMES = {
    "usagetype": "usageType",
    "operation": "operation",
    "preInstalledSw": "Pre Installed S/W",
    "capacitystatus": "CapacityStatus",
}


def item(prices: PriceList, product: Product) -> dict[str, Any]:
    """What GetProducts answers for *product*, before it is made a string."""
    return {
        "product": _product(product),
        "serviceCode": prices.service,
        "terms": {term: offers for term, offers in _terms(prices, product).items() if offers},
        "version": prices.version,
        "publicationDate": _instant(prices.published_at),
    }


def offer_json(prices: PriceList) -> dict[str, Any]:
    """The whole offer file."""
    terms: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    for product in prices.products:
        for term, offers in _terms(prices, product).items():
            terms[term][product.sku] = offers
    return {
        "formatVersion": "v1.0",
        "disclaimer": DISCLAIMER,
        "offerCode": prices.service,
        "version": prices.version,
        "publicationDate": _instant(prices.published_at),
        "products": {product.sku: _product(product) for product in prices.products},
        "terms": terms,
        "attributesList": {},
    }


def offer_csv(prices: PriceList) -> Iterator[str]:
    """The lines of the whole offer file: five of metadata, the header, a row per rate."""
    head = (
        ("FormatVersion", "v1.0"),
        ("Disclaimer", DISCLAIMER),
        ("Publication Date", _instant(prices.published_at)),
        ("Version", prices.version),
        ("OfferCode", prices.service),
    )
    columns = attribute_columns(prices)
    yield from map(_line, head)
    yield _line((*RATE_COLUMNS, *columns, SAMPLE_SOURCE, SAMPLED_ON))
    for product in prices.products:
        held = {folded(name): value for name, value in product.attributes.items()}
        values = [held.get(folded(column), "") for column in columns]
        for rate in product.rates:
            yield _line((*_rate_values(prices, product, rate), *values, *_sample([rate]).values()))


def attribute_columns(prices: PriceList) -> tuple[str, ...]:
    """The columns for attributes: all that AWS's own file has for EC2, those that occur for other services."""
    if prices.service == "AmazonEC2":
        return EC2_COLUMNS
    seen = dict.fromkeys(name for product in prices.products for name in product.attributes if name != "servicecode")
    return tuple(COLUMN_NAMES.get(name, name) for name in seen)


def folded(name: str) -> str:
    """A column's or attribute's name without what the two write differently."""
    return "".join(letter for letter in name.lower() if letter.isalnum())


def _product(product: Product) -> dict[str, Any]:
    return {
        "productFamily": product.family,
        "attributes": {**product.attributes, **{name: value for name, value in _sample(product.rates).items() if value}},
        "sku": product.sku,
    }


def _sample(rates: Sequence[Rate]) -> dict[str, str]:
    """Where the figures are from, and the oldest day among them."""
    ids = dict.fromkeys(rate.source for rate in rates if rate.source)
    days = [rate.sampled_on for rate in rates if rate.sampled_on]
    return {SAMPLE_SOURCE: "; ".join(sources()[one].citation for one in ids), SAMPLED_ON: min(days).isoformat() if days else ""}


def _terms(prices: PriceList, product: Product) -> Mapping[str, Mapping[str, Any]]:
    found: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    for rate in product.rates:
        code = f"{product.sku}.{rate.term_code}"
        term = found[rate.term].setdefault(
            code,
            {
                "priceDimensions": {},
                "sku": product.sku,
                "effectiveDate": _effective(prices, rate),
                "offerTermCode": rate.term_code,
                "termAttributes": _term_attributes(rate),
            },
        )
        ranges = {} if rate.is_fee else {"beginRange": rate.begin_range, "endRange": rate.end_range}
        term["priceDimensions"][product.rate_code(rate)] = ranges | {
            "unit": rate.unit,
            "description": description(product, rate),
            "appliesTo": [],
            "rateCode": product.rate_code(rate),
            "pricePerUnit": {rate.currency: _price(rate)},
        }
    return found


def _term_attributes(rate: Rate) -> dict[str, str]:
    if not rate.lease:
        return {}
    return {"LeaseContractLength": rate.lease, "OfferingClass": rate.offering_class, "PurchaseOption": rate.purchase_option}


def description(product: Product, rate: Rate) -> str:
    """A sentence in AWS's manner."""
    attributes = product.attributes
    if rate.is_fee:
        return "Upfront Fee"
    if not rate.source:
        return f"$0.00 per {attributes['marketoption']} {attributes['capacitystatus']} {attributes['instanceType']} Instance Hour"
    if product.family == "Compute Instance" and not rate.lease:
        return f"${rate.price} per On Demand {attributes['operatingSystem']} {attributes['instanceType']} Instance Hour"
    return f"USD {rate.price} per {rate.unit} for {attributes['usagetype']} in {attributes['location']}"


def _rate_values(prices: PriceList, product: Product, rate: Rate) -> Iterable[str]:
    ranges = ("", "") if rate.is_fee else (rate.begin_range, rate.end_range)
    return (
        *(product.sku, rate.term_code, product.rate_code(rate), rate.term, description(product, rate), _effective(prices, rate)[:10]),
        *(*ranges, rate.unit, _price(rate), CURRENCY, "", rate.lease, rate.purchase_option, rate.offering_class),
        *(product.family, prices.service),
    )


def _effective(prices: PriceList, rate: Rate) -> str:
    return f"{rate.sampled_on or prices.published_at.date():%Y-%m-%d}T00:00:00Z"


def _price(rate: Rate) -> str:
    """Ten places, as AWS writes; a fee in whole dollars."""
    return f"{rate.price:f}" if rate.is_fee else f"{rate.price:.10f}"


def _instant(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _line(values: Iterable[str]) -> str:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerow(values)
    return text.getvalue()

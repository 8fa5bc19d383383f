"""Offer files of the real layout, small: products and rates stated once, written as AWS's CSV and as its JSON."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cloudmigrate.lake.prices import Offer

VERSION, PUBLISHED_AT = "20261120221246", datetime(2026, 11, 20, 22, 12, 46, tzinfo=UTC)
ON_DEMAND, HOURLY, UPFRONT = "JRTCKXETXF", "6YS6EN2CT7", "2TG2D8R56U"
# As AWS heads the columns of products (its names in JSON are those without blanks, in camel case).
PRODUCT_HEADS = {
    "productFamily": "Product Family",
    "servicecode": "serviceCode",
    "location": "Location",
    "locationType": "Location Type",
    "instanceType": "Instance Type",
    "currentGeneration": "Current Generation",
    "vcpu": "vCPU",
    "memory": "Memory",
    "storageMedia": "Storage Media",
    "volumeType": "Volume Type",
    "tenancy": "Tenancy",
    "operatingSystem": "Operating System",
    "licenseModel": "License Model",
    "group": "Group",
    "groupDescription": "Group Description",
    "transferType": "Transfer Type",
    "fromLocation": "From Location",
    "toLocation": "To Location",
    "usagetype": "usageType",
    "operation": "operation",
    "capacitystatus": "CapacityStatus",
    "databaseEngine": "Database Engine",
    "databaseEdition": "Database Edition",
    "deploymentOption": "Deployment Option",
    "cacheEngine": "Cache Engine",
    "storageClass": "Storage Class",
    "marketoption": "MarketOption",
    "preInstalledSw": "Pre Installed S/W",
    "regionCode": "Region Code",
    "toRegionCode": "To Region Code",
    "volumeApiName": "Volume API Name",
}
RATE_HEADS = (
    *("SKU", "OfferTermCode", "RateCode", "TermType", "PriceDescription", "EffectiveDate", "StartingRange", "EndingRange", "Unit"),
    *("PricePerUnit", "Currency", "RelatedTo", "LeaseContractLength", "PurchaseOption", "OfferingClass"),
)


@dataclass(frozen=True)
class Rate:
    """One price of a product."""

    price: str
    unit: str = "Hrs"
    code: str = HOURLY
    term: str = "OnDemand"
    term_code: str = ON_DEMAND
    begin: str = "0"
    end: str = "Inf"
    currency: str = "USD"
    lease: str = ""
    option: str = ""
    offering: str = ""
    description: str = "a price"


@dataclass(frozen=True)
class Product:
    """One product and its prices."""

    sku: str
    rates: Sequence[Rate]
    attributes: Mapping[str, str] = field(default_factory=dict)


def instance(sku: str, price: str = "0.0960000000", **attributes: str) -> Product:
    """An EC2 instance's price, of the plain Linux kind but for *attributes*."""
    plain = {
        "productFamily": "Compute Instance",
        "servicecode": "AmazonEC2",
        "location": "EU (Frankfurt)",
        "instanceType": "m5.large",
        "tenancy": "Shared",
        "operatingSystem": "Linux",
        "licenseModel": "No License required",
        "usagetype": "EUC1-BoxUsage:m5.large",
        "operation": "RunInstances",
        "capacitystatus": "Used",
        "marketoption": "OnDemand",
        "preInstalledSw": "NA",
        "regionCode": "eu-central-1",
    }
    return Product(sku, (Rate(price),), plain | attributes)


def reserved(hourly: str, upfront: str | None, *, option: str, lease: str = "1yr", offering: str = "standard", code: str) -> list[Rate]:
    """The rates of a reservation: the hour, and the fee where there is one."""
    shared: dict[str, Any] = {"term": "Reserved", "term_code": code, "lease": lease, "option": option, "offering": offering}
    rates = [Rate(hourly, end="", begin="", **shared)]
    if upfront is not None:
        rates.append(Rate(upfront, unit="Quantity", code=UPFRONT, begin="", end="", description="Upfront Fee", **shared))
    return rates


def offer(service: str = "AmazonEC2", region: str = "eu-central-1", prefix: str = "^(EUC1)-", **changes: Any) -> Offer:
    return Offer(service, region, changes.pop("currency", "USD"), VERSION, PUBLISHED_AT, prefix, **changes)


def as_csv(products: Sequence[Product], *, without: Sequence[str] = (), service: str = "AmazonEC2") -> str:
    """The offer file in CSV: five lines of metadata, then the table, without the heads in *without*."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(["FormatVersion", "v1.0"])
    writer.writerow(["Disclaimer", "This pricing list is for informational purposes only, and is subject to change."])
    writer.writerow(["Publication Date", "2026-11-20T22:12:46Z"])
    writer.writerow(["Version", VERSION])
    writer.writerow(["OfferCode", service])
    heads = [one for one in (*RATE_HEADS, *PRODUCT_HEADS.values()) if one not in without]
    writer.writerow(heads)
    for product in products:
        own = {PRODUCT_HEADS[name]: value for name, value in product.attributes.items()}
        for rate in product.rates:
            row = dict(zip(RATE_HEADS, _rate_cells(product, rate), strict=True)) | own
            writer.writerow([row.get(head, "") for head in heads])
    return out.getvalue()


def _rate_cells(product: Product, rate: Rate) -> tuple[str, ...]:
    code = f"{product.sku}.{rate.term_code}.{rate.code}"
    money = (rate.price, rate.currency, "", rate.lease, rate.option, rate.offering)
    return (product.sku, rate.term_code, code, rate.term, rate.description, "2026-11-01", rate.begin, rate.end, rate.unit, *money)


def json_product(product: Product) -> dict[str, Any]:
    """The product as JSON has it."""
    attributes = dict(product.attributes)
    family = attributes.pop("productFamily", "")
    return {"sku": product.sku, "productFamily": family, "attributes": attributes}


def json_terms(product: Product) -> dict[str, dict[str, Any]]:
    """Its prices as JSON has them: kind of term -> sku.offer term -> offer."""
    found: dict[str, dict[str, Any]] = {}
    for rate in product.rates:
        own = f"{product.sku}.{rate.term_code}"
        attributes = {"LeaseContractLength": rate.lease, "PurchaseOption": rate.option, "OfferingClass": rate.offering}
        made = found.setdefault(rate.term, {}).setdefault(
            own,
            {
                "offerTermCode": rate.term_code,
                "sku": product.sku,
                "effectiveDate": "2026-11-01T00:00:00Z",
                "priceDimensions": {},
                "termAttributes": attributes if rate.lease else {},
            },
        )
        made["priceDimensions"][f"{own}.{rate.code}"] = {
            "rateCode": f"{own}.{rate.code}",
            "description": rate.description,
            **({"beginRange": rate.begin, "endRange": rate.end} if rate.begin else {}),
            "unit": rate.unit,
            "appliesTo": [],
            "pricePerUnit": {rate.currency: rate.price},
        }
    return found


def as_json(products: Sequence[Product], service: str = "AmazonEC2") -> str:
    """The offer file in JSON: products first, then the terms by kind and sku."""
    terms: dict[str, dict[str, Any]] = {}
    for product in products:
        for kind, offers in json_terms(product).items():
            terms.setdefault(kind, {})[product.sku] = offers
    head = {"formatVersion": "v1.0", "offerCode": service, "version": VERSION, "publicationDate": "2026-11-20T22:12:46Z"}
    return json.dumps({**head, "products": {one.sku: json_product(one) for one in products}, "terms": terms, "attributesList": {}})


def as_item(product: Product, service: str = "AmazonEC2") -> str:
    """The product as an item of GetProducts: a JSON string."""
    stamps = {"version": VERSION, "publicationDate": "2026-11-20T22:12:46Z"}
    return json.dumps({"product": json_product(product), "serviceCode": service, "terms": json_terms(product), **stamps})

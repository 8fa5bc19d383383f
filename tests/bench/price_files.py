"""GENERATED price lists in the full layout of AWS's EC2 offer files, of any size, for loader tests and benchmarks. No figure is real.

Every price is at least 1,000 dollars and ends in the row's number, so that none can be mistaken for AWS's. The rows are of every kind that
AWS's files mix: machines with and without installed software, on shared, dedicated and host tenancy, bought in blocks, reserved and unused
capacity, $0.00 rows, reservations with fees, tiers, disks with and without an API name, local zones.
"""

import csv
import io
import itertools
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from cloudmigrate.simulate.price_book import (
    DIMENSION_LENGTH,
    ON_DEMAND,
    PER_UNIT_CODE,
    RESERVED,
    SKU_LENGTH,
    UPFRONT_CODE,
    UPFRONT_UNIT,
    code_of,
)
from cloudmigrate.simulate.price_documents import EC2_COLUMNS, RATE_COLUMNS

FULL_ROWS = 614_000  # about 500 MB of CSV
SERVICE, REGION, LOCATION, PREFIX = "AmazonEC2", "eu-central-1", "EU (Frankfurt)", "EUC1"
PUBLISHED, VERSION, EFFECTIVE = "2026-11-20T22:12:46Z", "20261120221246", "2026-11-01"
DISCLAIMER = "GENERATED for tests and benchmarks. No figure in this file is real."
HEAD = (
    ("FormatVersion", "v1.0"),
    ("Disclaimer", DISCLAIMER),
    ("Publication Date", PUBLISHED),
    ("Version", VERSION),
    ("OfferCode", SERVICE),
)
SIZES = ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge", "metal")
LETTERS = ("m", "c", "r", "i", "x", "p")
SYSTEMS = ("Linux", "Windows", "RHEL", "SUSE")
SOFTWARE = ("NA", "SQL Std", "SQL Web", "SQL Ent")
TENANCIES = {"Shared": "BoxUsage", "Dedicated": "DedicatedUsage", "Host": "HostBoxUsage"}
STATUSES = {"Used": "", "UnusedCapacityReservation": "Unused", "AllocatedCapacityReservation": "Res"}
OPTIONS = ("No Upfront", "Partial Upfront", "All Upfront")
DISKS = {"gp2": "General Purpose", "gp3": "General Purpose", "io1": "Provisioned IOPS", "st1": "Throughput Optimized HDD", "": "Magnetic"}
LOCAL_ZONE = {
    "Location": "EU (Warsaw)",
    "Location Type": "AWS Local Zone",
    "Region Code": "eu-central-1-waw-1",
    "usageType": "WAW1-BoxUsage:t3.medium",
}
MACHINE = {
    "Location": LOCATION,
    "Location Type": "AWS Region",
    "Region Code": REGION,
    "Current Generation": "Yes",
    "Instance Family": "General purpose",
    "vCPU": "2",
    "Physical Processor": "Intel Xeon Platinum 8175 (Skylake)",
    "Clock Speed": "3.1 GHz",
    "Memory": "8 GiB",
    "Storage": "EBS only",
    "Network Performance": "Up to 10 Gigabit",
    "Processor Architecture": "64-bit",
    "ECU": "10",
    "Enhanced Networking Supported": "Yes",
    "Normalization Size Factor": "4",
    "Processor Features": "Intel AVX, Intel AVX2, Intel AVX512, Intel Turbo",
    "serviceName": "Amazon Elastic Compute Cloud",
    "Intel AVX Available": "Yes",
    "Intel AVX2 Available": "Yes",
    "Intel Turbo Available": "Yes",
    "Dedicated EBS Throughput": "Up to 2120 Mbps",
    "VPCNetworkingSupport": "true",
    "ClassicNetworkingSupport": "false",
}
# Names in JSON that are not the column's in camel case.
ATTRIBUTES = {
    "usageType": "usagetype",
    "Pre Installed S/W": "preInstalledSw",
    "CapacityStatus": "capacitystatus",
    "MarketOption": "marketoption",
    "vCPU": "vcpu",
    "ECU": "ecu",
    "serviceName": "servicename",
    "VPCNetworkingSupport": "vpcnetworkingsupport",
    "ClassicNetworkingSupport": "classicnetworkingsupport",
}
PLACE = {name: MACHINE[name] for name in ("Location", "Location Type", "Region Code", "serviceName")}


@dataclass(frozen=True, slots=True)
class Line:
    """One rate of a product."""

    term: str
    unit: str
    price: str
    lease: str = ""
    option: str = ""
    offering_class: str = ""
    begin: str = "0"
    end: str = "Inf"

    @property
    def codes(self) -> tuple[str, str]:
        """The term's code and the dimension's; only of their form AWS's."""
        term = _code("|".join((self.term, self.lease, self.option, self.offering_class)))
        if self.unit == UPFRONT_UNIT:
            return term, UPFRONT_CODE
        return term, PER_UNIT_CODE if self.begin == "0" else _code(self.begin)


@dataclass(slots=True)
class Truth:
    """What a generated file says, for who reads it."""

    rows: int = 0
    bytes: int = 0
    by_term: dict[str, int] = field(default_factory=lambda: {ON_DEMAND: 0, RESERVED: 0})
    machines: dict[str, str] = field(default_factory=dict)  # price an hour of a running Linux machine on demand, by type


Product = tuple[str, str, dict[str, str], list[Line]]  # SKU, family, attributes by column, rates


@cache
def _code(text: str) -> str:
    return code_of(text, DIMENSION_LENGTH)


def write_csv(path: Path, *, rows: int, seed: int = 1) -> Truth:
    """Write an offer file of *rows* rates."""
    truth = Truth()
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write("".join(map(_row, HEAD)) + _row((*RATE_COLUMNS, *EC2_COLUMNS)))
        for sku, family, attributes, lines in _products(rows, seed, truth):
            tail = _row((family, SERVICE, *(attributes.get(column, "") for column in EC2_COLUMNS)))
            file.write("".join(_rate(sku, line) + tail for line in lines))
    truth.bytes = path.stat().st_size
    return truth


def write_json(path: Path, *, rows: int, seed: int = 1) -> Truth:
    """Write the same rates as `write_csv` as JSON, products first and terms after, as AWS does."""
    truth = Truth()
    products: dict[str, Any] = {}
    terms: dict[str, dict[str, Any]] = {ON_DEMAND: {}, RESERVED: {}}
    for sku, family, attributes, lines in _products(rows, seed, truth):
        held = {_attribute(column): value for column, value in attributes.items()}
        products[sku] = {"sku": sku, "productFamily": family, "attributes": {"servicecode": SERVICE, **held}}
        for line in lines:
            term, dimension = line.codes
            offer = terms[line.term].setdefault(sku, {}).setdefault(f"{sku}.{term}", _offer(sku, term, line))
            ranges = {} if line.unit == UPFRONT_UNIT else {"beginRange": line.begin, "endRange": line.end}
            code = f"{sku}.{term}.{dimension}"
            offer["priceDimensions"][code] = ranges | {
                "rateCode": code,
                "description": _description(line),
                "unit": line.unit,
                "pricePerUnit": {"USD": line.price},
                "appliesTo": [],
            }
    head = {"formatVersion": "v1.0", "disclaimer": DISCLAIMER, "offerCode": SERVICE, "version": VERSION, "publicationDate": PUBLISHED}
    with path.open("w", encoding="utf-8") as file:
        json.dump(head | {"products": products, "terms": terms, "attributesList": {}}, file)
    truth.bytes = path.stat().st_size
    return truth


def _products(rows: int, seed: int, truth: Truth) -> Iterator[Product]:
    """Products until their rates are *rows*; the last is cut."""
    prices = _prices()
    for number, (family, attributes, lines) in enumerate(_shuffled(_kinds(prices), seed)):
        cut = lines[: rows - truth.rows]
        if not cut:
            return
        truth.rows += len(cut)
        for line in cut:
            truth.by_term[line.term] += 1
        if _is_machine(family, attributes):
            truth.machines[attributes["Instance Type"]] = cut[0].price
        yield code_of(f"{seed}-{number}", SKU_LENGTH), family, attributes, cut


def _is_machine(family: str, attributes: dict[str, str]) -> bool:
    wanted = {
        "Operating System": "Linux",
        "Tenancy": "Shared",
        "Pre Installed S/W": "NA",
        "CapacityStatus": "Used",
        "MarketOption": "OnDemand",
    }
    return family == "Compute Instance" and attributes["Region Code"] == REGION and wanted.items() <= attributes.items()


def _prices() -> Iterator[str]:
    """Prices of ten places that are nobody's: 1,000 dollars and more, and the number of the price."""
    return (f"{1000 + number % 97}.{number % 10**10:010d}" for number in itertools.count(1))


def _shuffled(kinds: Iterator[tuple[str, dict[str, str], list[Line]]], seed: int) -> Iterator[tuple[str, dict[str, str], list[Line]]]:
    """*kinds* in an order that *seed* gives, a thousand at a time: AWS's files follow no order that would help a reader."""
    dice = random.Random(seed)
    while some := list(itertools.islice(kinds, 1_000)):
        dice.shuffle(some)
        yield from some


def _kinds(prices: Iterator[str]) -> Iterator[tuple[str, dict[str, str], list[Line]]]:
    """Without end: the things beside machines, then machines of ever newer generations."""
    yield from _things(prices)
    for generation in itertools.count(5):
        for size, letter in itertools.product(SIZES, LETTERS):
            yield from _machines(f"{letter}{generation}.{size}", prices)


def _machines(kind: str, prices: Iterator[str]) -> Iterator[tuple[str, dict[str, str], list[Line]]]:
    for system, software, tenancy, status in itertools.product(SYSTEMS, SOFTWARE, TENANCIES, STATUSES):
        usage = f"{PREFIX}-{STATUSES[status]}{TENANCIES[tenancy]}:{kind}"
        attributes = MACHINE | {
            "Instance Type": kind,
            "Tenancy": tenancy,
            "Operating System": system,
            "Pre Installed S/W": software,
            "License Model": "No License required",
            "CapacityStatus": status,
            "MarketOption": "OnDemand",
            "usageType": usage,
            "operation": f"RunInstances:{SYSTEMS.index(system)}{SOFTWARE.index(software)}",
        }
        if status == "AllocatedCapacityReservation":
            yield "Compute Instance", attributes, [Line(ON_DEMAND, "Hrs", "0.0000000000")]
            continue
        reserved = list(_reserved(prices)) if status == "Used" and tenancy != "Host" else []
        yield "Compute Instance", attributes, [Line(ON_DEMAND, "Hrs", next(prices)), *reserved]
        if kind.startswith("p") and (system, software, tenancy, status) == ("Linux", "NA", "Shared", "Used"):
            block = attributes | {"MarketOption": "CapacityBlock", "usageType": f"{PREFIX}-CapacityBlock:{kind}"}
            yield "Compute Instance", block, [Line(ON_DEMAND, "Hrs", "0.0000000000")]


def _reserved(prices: Iterator[str]) -> Iterator[Line]:
    for lease, option, offering_class in itertools.product(("1yr", "3yr"), OPTIONS, ("standard", "convertible")):
        if option != "No Upfront":
            yield Line(RESERVED, UPFRONT_UNIT, next(prices).partition(".")[0], lease, option, offering_class)
        yield Line(RESERVED, "Hrs", "0.0000000000" if option == "All Upfront" else next(prices), lease, option, offering_class)


def _things(prices: Iterator[str]) -> Iterator[tuple[str, dict[str, str], list[Line]]]:
    for name, kind in DISKS.items():
        usage = f"{PREFIX}-EBS:VolumeUsage" + (f".{name}" if name else "")
        yield (
            "Storage",
            PLACE | {"Volume API Name": name, "Volume Type": kind, "usageType": usage},
            [Line(ON_DEMAND, "GB-Mo", next(prices))],
        )
    iops = PLACE | {"Volume API Name": "gp3", "Group": "EBS IOPS", "usageType": f"{PREFIX}-EBS:VolumeP-IOPS.gp3"}
    yield "System Operation", iops, [Line(ON_DEMAND, "IOPS-Mo", next(prices))]
    speed = PLACE | {"Volume API Name": "gp3", "Group": "EBS Throughput", "usageType": f"{PREFIX}-EBS:VolumeP-Throughput.gp3"}
    yield "Provisioned Throughput", speed, [Line(ON_DEMAND, "GiBps-mo", next(prices))]
    yield "Storage Snapshot", PLACE | {"usageType": f"{PREFIX}-EBS:SnapshotUsage"}, [Line(ON_DEMAND, "GB-Mo", next(prices))]
    for usage, unit in (("NatGateway-Hours", "Hrs"), ("NatGateway-Bytes", "GB")):
        yield "NAT Gateway", PLACE | {"Group": "NGW:NatGateway", "usageType": f"{PREFIX}-{usage}"}, [Line(ON_DEMAND, unit, next(prices))]
    out = {
        "Transfer Type": "AWS Outbound",
        "From Region Code": REGION,
        "To Location": "External",
        "usageType": f"{PREFIX}-DataTransfer-Out-Bytes",
    }
    bounds = ("0", "10240", "51200", "153600", "Inf")
    tiers = [Line(ON_DEMAND, "GB", next(prices), begin=begin, end=end) for begin, end in itertools.pairwise(bounds)]
    yield "Data Transfer", PLACE | out, tiers
    shared = {"Instance Type": "t3.medium", "Tenancy": "Shared", "Operating System": "Linux", "Pre Installed S/W": "NA"}
    local = MACHINE | shared | LOCAL_ZONE | {"CapacityStatus": "Used", "MarketOption": "OnDemand", "operation": "RunInstances"}
    yield "Compute Instance", local, [Line(ON_DEMAND, "Hrs", next(prices))]
    host = PLACE | {"Instance Type": "m5", "Tenancy": "Host", "CapacityStatus": "AllocatedHost", "usageType": f"{PREFIX}-HostUsage:m5"}
    yield "Dedicated Host", host, [Line(ON_DEMAND, "Hrs", next(prices))]


def _rate(sku: str, line: Line) -> str:
    """The columns of a rate, up to and with the comma before its product's."""
    term, dimension = line.codes
    ranges = ("", "") if line.unit == UPFRONT_UNIT else (line.begin, line.end)
    values = (
        *(sku, term, f"{sku}.{term}.{dimension}", line.term, _description(line), EFFECTIVE, *ranges, line.unit, line.price, "USD", ""),
        *(line.lease, line.option, line.offering_class),
    )
    return '"' + '","'.join(values) + '",'


def _description(line: Line) -> str:
    return "Upfront Fee" if line.unit == UPFRONT_UNIT else f"GENERATED, not real: ${line.price} per {line.unit}"


def _offer(sku: str, term: str, line: Line) -> dict[str, Any]:
    attributes = (
        {"LeaseContractLength": line.lease, "OfferingClass": line.offering_class, "PurchaseOption": line.option} if line.lease else {}
    )
    return {
        "offerTermCode": term,
        "sku": sku,
        "effectiveDate": f"{EFFECTIVE}T00:00:00Z",
        "priceDimensions": {},
        "termAttributes": attributes,
    }


@cache
def _attribute(column: str) -> str:
    """What AWS's JSON calls the attribute of a column of the CSV."""
    if column in ATTRIBUTES:
        return ATTRIBUTES[column]
    first, *rest = column.split()
    return first[0].lower() + first[1:] + "".join(word[0].upper() + word[1:] for word in rest)


def _row(values: tuple[str, ...]) -> str:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerow(values)
    return text.getvalue()

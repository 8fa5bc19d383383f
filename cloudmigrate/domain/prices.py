"""Which rows of a price list are the price of a thing: a table of rules, and one law. One tariff fits, or there is a reason why none does.

A price list has many rows for one instance type: reserved capacity at $0.00, capacity blocks, installed software, licences, dedicated
hosts, local zones. A rule names every column that tells them apart; what a rule does not name must not matter.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from cloudmigrate.domain.money import NOTHING, times, total

Row = Mapping[str, Any]  # of the dataset prices
Allowed = tuple[str | None, ...]
NONE, SEVERAL = "none", "several"
SHOWN = 3  # skus in a reason


@dataclass(frozen=True, slots=True)
class Tier:
    """A price for each unit of a month from *begin* (out) to *end* (in; None: all that follow)."""

    begin: Decimal
    end: Decimal | None
    price: Decimal


@dataclass(frozen=True, slots=True)
class Tariff:
    """What one offer asks for: a price per unit, in tiers, and a fee for the whole lease."""

    price_version: str
    sku: str
    unit: str
    currency: str
    tiers: tuple[Tier, ...]  # from 0 up
    upfront: Decimal = NOTHING
    origin: str = "price_list"
    sample_source: str | None = None
    sampled_on: str | None = None

    @property
    def price(self) -> Decimal:
        """Of the first unit; the only price where there are no tiers."""
        return self.tiers[0].price if self.tiers else NOTHING

    def cost(self, units: Decimal) -> Decimal:
        """What so many units of one month cost, exact; the upfront fee is not in it."""
        parts = []
        for tier in self.tiers:
            inside = (units if tier.end is None else min(units, tier.end)) - tier.begin
            if inside > 0:
                parts.append(times(tier.price, inside))
        return total(parts)


@dataclass(frozen=True, slots=True)
class NoTariff:
    """Why there is no price: no row fits, or rows of several offers do."""

    kind: str  # none, several
    reason: str


@dataclass(frozen=True, slots=True)
class PriceRule:
    """Which rows are the price of one sort of thing."""

    name: str
    service: str
    fixed: Mapping[str, Allowed]  # column -> values, one of which a row must have
    needs: tuple[str, ...] = ()  # columns of which the asker states the value
    usual: Mapping[str, str] = field(default_factory=dict)  # columns that the asker may state


def _rule(name: str, service: str, needs: str = "", usual: Mapping[str, str] | None = None, **fixed: str | Allowed) -> PriceRule:
    allowed = {"term": ("on_demand",)} | {column: one if isinstance(one, tuple) else (one,) for column, one in fixed.items()}
    return PriceRule(name, service, MappingProxyType(allowed), tuple(needs.split()), MappingProxyType(dict(usual or {})))


_MACHINES = ("Compute Instance", "Compute Instance (bare metal)")
# A plain machine: nothing installed, no licence of the customer's, shared hardware (AWS, "Reading a price list", and its columns' values).
_PLAIN = {"operating_system": "Linux", "tenancy": "Shared", "preinstalled_sw": "NA", "license_model": "No License required"}
_LEASE = "lease_years purchase_option offering_class"
PRICE_RULES: tuple[PriceRule, ...] = (
    _rule(
        "ec2_instance",
        "AmazonEC2",
        "instance_type",
        _PLAIN,
        product_family=_MACHINES,
        capacity_status="Used",
        market_option=("OnDemand", None),
        unit=("Hrs", "Hours"),
    ),
    _rule(
        "ec2_reserved",
        "AmazonEC2",
        f"instance_type {_LEASE}",
        _PLAIN,
        product_family=_MACHINES,
        capacity_status="Used",
        market_option=("OnDemand", None),
        term="reserved",
    ),
    _rule("ec2_savings_plan", "AmazonEC2", f"sku {_LEASE}", term="savings_plan"),
    _rule("lambda_savings_plan", "AWSLambda", f"sku {_LEASE}", term="savings_plan"),
    _rule("fargate_savings_plan", "AmazonECS", f"sku {_LEASE}", term="savings_plan"),
    _rule("ebs_storage", "AmazonEC2", "volume_type", product_family="Storage", unit=("GB-Mo", "GB-month")),
    _rule("ebs_iops", "AmazonEC2", "usage_type", product_family=("System Operation", "Provisioned IOPS"), unit=("IOPS-Mo", "IOPS-month")),
    _rule("ebs_throughput", "AmazonEC2", "volume_type", product_family="Provisioned Throughput"),
    _rule("ebs_snapshot", "AmazonEC2", product_family="Storage Snapshot", usage_type="EBS:SnapshotUsage"),
    _rule("nat_hours", "AmazonEC2", product_family="NAT Gateway", usage_type="NatGateway-Hours"),
    _rule("nat_bytes", "AmazonEC2", product_family="NAT Gateway", usage_type="NatGateway-Bytes"),
    _rule(
        "rds_instance",
        "AmazonRDS",
        "instance_type database_engine",
        {"deployment_option": "Single-AZ", "license_model": "No license required"},
        product_family="Database Instance",
    ),
    _rule(
        "rds_reserved",
        "AmazonRDS",
        f"instance_type database_engine {_LEASE}",
        {"deployment_option": "Single-AZ", "license_model": "No license required"},
        product_family="Database Instance",
        term="reserved",
    ),
    _rule(
        "rds_storage",
        "AmazonRDS",
        "volume_type",
        {"deployment_option": "Single-AZ", "database_engine": "Any"},
        product_family="Database Storage",
    ),
    _rule("cache_node", "AmazonElastiCache", "instance_type cache_engine", product_family="Cache Instance"),
    _rule("cache_reserved", "AmazonElastiCache", f"instance_type cache_engine {_LEASE}", product_family="Cache Instance", term="reserved"),
    _rule("lambda_requests", "AWSLambda", usual={"group_name": "AWS-Lambda-Requests"}),
    _rule("lambda_duration", "AWSLambda", usual={"group_name": "AWS-Lambda-Duration"}),
    _rule("fargate_vcpu", "AmazonECS", usual={"usage_type": "Fargate-vCPU-Hours:perCPU"}),
    _rule("fargate_memory", "AmazonECS", usual={"usage_type": "Fargate-GB-Hours"}),
    _rule("s3_storage", "AmazonS3", product_family="Storage", usual={"usage_type": "TimedStorage-ByteHrs"}),
    _rule("s3_requests", "AmazonS3", "group_name", product_family="API Request"),
    _rule(
        "load_balancer_hours",
        "AWSELB",
        "product_family",
        usual={"usage_type": "LoadBalancerUsage"},
    ),
    _rule("load_balancer_capacity", "AWSELB", "product_family", usual={"usage_type": "LCUUsage"}),
    _rule("efs_storage", "AmazonEFS", product_family="Storage", usual={"usage_type": "TimedStorage-ByteHrs"}),
    _rule("transfer_to_internet", "AWSDataTransfer", transfer_type="AWS Outbound", to_region="External"),
    _rule("transfer_between_zones", "AWSDataTransfer", transfer_type="IntraRegion", usage_type="DataTransfer-Regional-Bytes"),
    _rule("transfer_between_regions", "AWSDataTransfer", "to_region", transfer_type="InterRegion Outbound"),
)
RULES: Mapping[str, PriceRule] = MappingProxyType({one.name: one for one in PRICE_RULES})


def conditions(rule: PriceRule, region: str, **wanted: Any) -> dict[str, tuple[Any, ...]]:
    """Every column that tells rows apart, with the values that fit. Raises ValueError for what the rule does not take or lacks."""
    strange, missing = set(wanted) - {*rule.needs, *rule.usual}, set(rule.needs) - set(wanted)
    if strange or missing:
        raise ValueError(f"the price of {rule.name} needs {sorted(missing)} and does not take {sorted(strange)}")
    stated = {column: (value,) for column, value in {**rule.usual, **wanted}.items()}
    return {"service": (rule.service,), "region": (region,), **rule.fixed, **stated}


def fits(row: Row, wanted: Mapping[str, tuple[Any, ...]]) -> bool:
    """Whether a row has, in every named column, one of the values."""
    return all(row[column] in values for column, values in wanted.items())


def tariff(rows: Iterable[Row], rule: PriceRule, region: str, **wanted: Any) -> Tariff | NoTariff:
    """The one offer among *rows* that fits, or why there is none. Raises ValueError for a question that the rule does not take."""
    asked = conditions(rule, region, **wanted)
    offers: defaultdict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in rows:
        if fits(row, asked):
            offers[row["price_version"], row["sku"], _offer_of(row)].append(row)
    what = ", ".join(f"{column} {' or '.join(map(str, values))}" for column, values in asked.items())
    if not offers:
        return NoTariff(NONE, f"no row of the price list has {what}")
    if len(offers) > 1:
        named = sorted({f"{sku} ({version})" for version, sku, _ in offers})
        more = f" and {len(named) - SHOWN} more" if len(named) > SHOWN else ""
        return NoTariff(SEVERAL, f"{len(offers)} offers have {what}: {', '.join(named[:SHOWN])}{more}")
    (rows_of_offer,) = offers.values()
    return _added_up(rows_of_offer)


def _offer_of(row: Row) -> str:
    """The offer term of a rate code (sku.offer term.dimension); of a savings plan's rate the whole code."""
    return str(row["rate_code"]) if row["term"] == "savings_plan" else str(row["rate_code"]).rpartition(".")[0]


def _added_up(rows: list[Row]) -> Tariff | NoTariff:
    """An offer's fee and its tiers. Rows that ask for different units or whose tiers overlap or leave a gap are no one offer."""
    fees = [row for row in rows if row["upfront"]]
    priced = [row for row in rows if not row["upfront"] and row["unit"] != "Quantity"]
    shown = rows[0]
    tiers = sorted((_tier(row) for row in priced), key=lambda one: one.begin)
    ends = [Decimal(0), *(one.end for one in tiers)]
    if len({(row["unit"], row["currency"]) for row in priced}) > 1 or any(one.begin != end for one, end in zip(tiers, ends, strict=False)):
        return NoTariff(SEVERAL, f"the rows of {shown['sku']} ({shown['price_version']}) do not follow one another as tiers of one price")
    first = priced[0] if priced else shown
    return Tariff(
        price_version=shown["price_version"],
        sku=shown["sku"],
        unit=first["unit"],
        currency=shown["currency"],
        tiers=tuple(tiers),
        upfront=total(row["upfront"] for row in fees),
        origin=first["origin"],
        sample_source=first["sample_source"],
        sampled_on=str(first["sampled_on"]) if first["sampled_on"] else None,
    )


def _tier(row: Row) -> Tier:
    end = row["end_range"]
    return Tier(Decimal(str(row["begin_range"])), None if end is None else Decimal(str(end)), row["price"])

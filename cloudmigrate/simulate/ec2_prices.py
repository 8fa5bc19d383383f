"""Spot prices and reservations of moto's EC2 out of the price book; applied in the emulator's own process only.

moto answers one made-up spot price for everything, random prices for reservations, and knows no bought ones. Here a spot price is the
zone's figure of the day in the book, and what is not in the book has none.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from cloudmigrate.simulate.price_book import RESERVED, PriceList, Product, Rate, price_lists, spot_rates

LEASES = {"1yr": timedelta(days=365), "3yr": timedelta(days=3 * 365)}
PLATFORMS = {"Linux": "Linux/UNIX", "Windows": "Windows"}  # as offerings name them
IN_VPC = " (Amazon VPC)"
MOST_PRICES = 1_000  # a page of the spot price history
NAMESPACE = uuid.UUID("5f0b0f0a-6c8e-5d53-9a0e-3b1a2f6c7d10")  # any that stays the same
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Offering:
    """A reservation that AWS would sell."""

    id: str
    instance_type: str
    platform: str
    lease: str
    payment: str  # No Upfront, All Upfront
    offering_class: str
    fee: Decimal
    hourly: Decimal

    def members(self) -> Json:
        """What EC2 tells of it, offered or bought."""
        return {
            "InstanceType": self.instance_type,
            "ProductDescription": self.platform,
            "InstanceTenancy": "default",
            "Duration": int(LEASES[self.lease].total_seconds()),
            "FixedPrice": float(self.fee),
            "UsagePrice": 0.0,
            "RecurringCharges": [{"Frequency": "Hourly", "Amount": float(self.hourly)}],
            "OfferingType": self.payment,
            "OfferingClass": self.offering_class,
            "CurrencyCode": "USD",
            "Scope": "Region",
        }


def install() -> None:
    """Let moto answer from the book."""
    from moto.ec2.responses.reserved_instances import ReservedInstances
    from moto.ec2.responses.spot_instances import SpotInstances

    SpotInstances.describe_spot_price_history = _describe_spot_price_history  # type: ignore[method-assign]
    ReservedInstances.describe_reserved_instances_offerings = _describe_offerings  # type: ignore[method-assign]
    ReservedInstances.purchase_reserved_instances_offering = _purchase  # type: ignore[method-assign]
    ReservedInstances.describe_reserved_instances = _describe_reserved_instances  # type: ignore[method-assign]


def spot_history(region: str, zones: Mapping[str, str]) -> list[Json]:
    """The history of spot prices in a region: one figure per zone (name by id) and type, newest first, as EC2 orders it."""
    found = [
        {
            "AvailabilityZone": zones[rate.zone_id],
            "AvailabilityZoneId": rate.zone_id,
            "InstanceType": rate.instance_type,
            "ProductDescription": rate.product,
            "SpotPrice": f"{rate.price:.6f}",
            "Timestamp": datetime.combine(rate.sampled_on, time(), UTC),
        }
        for rate in spot_rates()
        if rate.region == region and rate.zone_id in zones
    ]
    return sorted(found, key=lambda one: (one["Timestamp"], one["InstanceType"], one["AvailabilityZone"]), reverse=True)


@cache
def offerings(region: str) -> tuple[Offering, ...]:
    """Every reservation of the book in *region*: default tenancy, no software installed."""
    prices = price_lists().get(("AmazonEC2", region))
    return tuple(_offerings(prices)) if prices else ()


def offering_id(
    region: str, instance_type: str, *, lease: str, payment: str, offering_class: str = "standard", platform: str = "Linux/UNIX"
) -> str:
    """The id under which an offering is bought; always the same."""
    return str(uuid.uuid5(NAMESPACE, "|".join((region, instance_type, lease, payment, offering_class, platform))))


def _offerings(prices: PriceList) -> Iterable[Offering]:
    for product in prices.products:
        attributes = product.attributes
        if (attributes.get("tenancy"), attributes.get("preInstalledSw")) != ("Shared", "NA"):
            continue
        terms: dict[tuple[str, str, str], list[Rate]] = {}
        for rate in product.rates:
            if rate.term == RESERVED:
                terms.setdefault((rate.lease, rate.purchase_option, rate.offering_class), []).append(rate)
        for rates in terms.values():
            yield _offering(product, rates)


def _offering(product: Product, rates: Sequence[Rate]) -> Offering:
    kind, platform, term = product.attributes["instanceType"], PLATFORMS[product.attributes["operatingSystem"]], rates[0]
    bought_as = {"lease": term.lease, "payment": term.purchase_option, "offering_class": term.offering_class, "platform": platform}
    return Offering(
        id=offering_id(product.region, kind, **bought_as),
        instance_type=kind,
        fee=sum((rate.price for rate in rates if rate.is_fee), Decimal(0)),
        hourly=sum((rate.price for rate in rates if not rate.is_fee), Decimal(0)),
        **bought_as,
    )


def _describe_spot_price_history(self: Any) -> Any:
    from moto.core.responses import ActionResult
    from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend

    params, filters = self._get_params(), self._filters_from_querystring()
    zones = {zone.zone_id: zone.name for zone in RegionsAndZonesBackend.zones[self.region]}
    wanted = {
        "InstanceType": [*(params.get("InstanceTypes") or ()), *filters.get("instance-type", ())],
        "ProductDescription": [*(params.get("ProductDescriptions") or ()), *filters.get("product-description", ())],
        "AvailabilityZone": [*filter(None, [params.get("AvailabilityZone")]), *filters.get("availability-zone", ())],
        "AvailabilityZoneId": [*filter(None, [params.get("AvailabilityZoneId")]), *filters.get("availability-zone-id", ())],
    }
    found = [one for one in spot_history(self.region, zones) if all(_is_wanted(one[name], values) for name, values in wanted.items())]
    if end := params.get("EndTime"):  # a price that began before StartTime held at StartTime, and AWS tells it
        found = [one for one in found if one["Timestamp"] <= _aware(end)]
    start, most = int(params.get("NextToken") or 0), min(int(params.get("MaxResults") or MOST_PRICES), MOST_PRICES)
    return ActionResult(
        {"SpotPriceHistory": found[start : start + most], "NextToken": str(start + most) if start + most < len(found) else ""}
    )


def _is_wanted(value: str, wanted: Sequence[str]) -> bool:
    return not wanted or value in {one.removesuffix(IN_VPC) for one in wanted}


def _aware(value: Any) -> datetime:
    at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _describe_offerings(self: Any) -> Any:
    from moto.core.responses import ActionResult

    params, filters = self._get_params(), self._filters_from_querystring()
    wanted = {
        "InstanceType": [*filter(None, [params.get("InstanceType")]), *filters.get("instance-type", ())],
        "ProductDescription": [*filter(None, [params.get("ProductDescription")]), *filters.get("product-description", ())],
        "OfferingType": [*filter(None, [params.get("OfferingType")])],
        "OfferingClass": [*filter(None, [params.get("OfferingClass")])],
    }
    ids = params.get("ReservedInstancesOfferingIds") or ()
    found = [
        {"ReservedInstancesOfferingId": one.id, "Marketplace": False, "PricingDetails": [], **one.members()}
        for one in offerings(self.region)
        if not ids or one.id in ids
    ]
    return ActionResult(
        {"ReservedInstancesOfferings": [one for one in found if all(_is_wanted(one[name], values) for name, values in wanted.items())]}
    )


def _purchase(self: Any) -> Any:
    from moto.core.responses import ActionResult
    from moto.ec2.exceptions import EC2ClientError

    params = self._get_params()
    wanted = params["ReservedInstancesOfferingId"]
    chosen = next((one for one in offerings(self.region) if one.id == wanted), None)
    if chosen is None:
        raise EC2ClientError("InvalidReservedInstancesOfferingId", f"The offering {wanted} does not exist in {self.region}")
    start = _aware(params.get("PurchaseTime") or datetime.now(UTC))
    bought = _bought(self)
    reservation_id = str(uuid.uuid5(NAMESPACE, f"{self.current_account}|{self.region}|{len(bought)}|{wanted}"))
    bought[reservation_id] = {
        **chosen.members(),
        "ReservedInstancesId": reservation_id,
        "InstanceCount": int(params["InstanceCount"]),
        "Start": start,
        "End": start + LEASES[chosen.lease],
        "State": "active",
        "Tags": [],
    }
    return ActionResult({"ReservedInstancesId": reservation_id})


def _describe_reserved_instances(self: Any) -> Any:
    from moto.core.responses import ActionResult

    params, filters = self._get_params(), self._filters_from_querystring()
    ids, states = params.get("ReservedInstancesIds") or (), filters.get("state") or ()
    now = datetime.now(UTC)
    told = [one | {"State": "active" if one["End"] > now else "retired"} for key, one in _bought(self).items() if not ids or key in ids]
    return ActionResult({"ReservedInstances": [one for one in told if not states or one["State"] in states]})


def _bought(self: Any) -> dict[str, Json]:
    # A reset empties the backend's __dict__, and the reservations with it.
    bought: dict[str, Json] = self.ec2_backend.__dict__.setdefault("reservations_bought", {})
    return bought

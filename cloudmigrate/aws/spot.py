"""Spot prices of a region over a window, as a distribution per zone, instance type and product."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from cloudmigrate.aws.failures import CALL_ERRORS, Failure, failure_of, plain
from cloudmigrate.aws.price_services import currency_of
from cloudmigrate.aws.sessions import AwsSessions
from cloudmigrate.domain.counting import counted
from cloudmigrate.domain.money import NOTHING, exact
from cloudmigrate.domain.resources import CoverageStatus
from cloudmigrate.domain.spot_prices import SpotPrice, distribution

SPOT_OPERATION, SPOT_ACTION = "describe_spot_price_history", "ec2:DescribeSpotPriceHistory"
# Accounts with a VPC only (all since 2013) see the plain names.
PRODUCTS = ("Linux/UNIX", "Windows", "Red Hat Enterprise Linux", "SUSE Linux")
PAGE = 1000
MOST_AN_HOUR = Decimal(1_000_000)  # the dearest type asks for some hundred
Market = tuple[str, str, str]  # zone, instance type, product


def spot_prices(
    sessions: AwsSessions,
    account_id: str,
    region: str,
    window: tuple[datetime, datetime],
    *,
    instance_types: Sequence[str] = (),
    products: Sequence[str] = PRODUCTS,
) -> tuple[list[dict[str, Any]], Failure | None]:
    """Rows of the dataset spot_prices, sorted; and why they are not all. Empty *instance_types*: all that the region has.

    EC2 answers with the prices that began in the window and the one before it, which held at its start. Median and p90 are weighted by
    time: a price holds until the next one. A market cut off in its middle would look cheaper or dearer: so a failure gives no row, and one
    with a price that is none (or nothing, or below) is left out, which is a failure too: a partial one, beside the other rows.
    """
    request: dict[str, Any] = {"StartTime": window[0], "EndTime": window[1], "ProductDescriptions": list(products)}
    if instance_types:
        request["InstanceTypes"] = list(instance_types)
    markets: defaultdict[Market, list[SpotPrice | None]] = defaultdict(list)
    try:
        pages = sessions.client(account_id, "ec2", region).get_paginator(SPOT_OPERATION)
        for page in pages.paginate(**request, PaginationConfig={"PageSize": PAGE}):
            _take(page.get("SpotPriceHistory") or (), markets)
    except CALL_ERRORS as error:
        return [], failure_of(error, SPOT_ACTION)
    rows, broken = [], []
    for (zone, instance_type, product), told_prices in sorted(markets.items()):
        prices = [one for one in told_prices if one is not None]
        if len(prices) < len(told_prices):
            broken.append(f"{instance_type} in {zone}")
            continue
        found = distribution(reversed(prices), *window)  # the newest comes first
        if found is not None:
            own = {"region": region, "zone": zone, "instance_type": instance_type, "product": product, "currency": currency_of(region)}
            told = {name: getattr(found, name) for name in found.__dataclass_fields__}
            rows.append({**own, **told, "origin": "price_history", "sample_source": None, "sampled_on": None})
    return rows, _left_out(broken)


def _left_out(markets: Sequence[str]) -> Failure | None:
    if not markets:
        return None
    were = counted(len(markets), "market was", "markets were")
    detail = plain(f"{were} left out, as a price of theirs is none that can hold, such as {markets[0]}")
    return Failure(CoverageStatus.PARTIAL, "BrokenItem", None, detail, "run again; if it stays, report it")


def _take(entries: Iterable[Any], markets: defaultdict[Market, list[SpotPrice | None]]) -> None:
    """Each entry to its market; None for one without a time, or a price that can be asked."""
    for one in entries:
        price = exact(str(one.get("SpotPrice") or ""))
        zone, name, product = (str(one.get(member) or "") for member in ("AvailabilityZone", "InstanceType", "ProductDescription"))
        at = one.get("Timestamp")
        holds = price is not None and NOTHING < price < MOST_AN_HOUR and isinstance(at, datetime) and zone and name
        markets[zone, name, product].append(SpotPrice(at, price) if holds and price is not None else None)

"""Spot prices of a region over a window, as a distribution per zone, instance type and product."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from cloudmigrate.aws.failures import CALL_ERRORS, Failure, coverage_status
from cloudmigrate.aws.price_services import currency_of
from cloudmigrate.aws.sessions import AwsSessions
from cloudmigrate.domain.money import exact
from cloudmigrate.domain.spot_prices import SpotPrice, distribution

SPOT_OPERATION, SPOT_ACTION = "describe_spot_price_history", "ec2:DescribeSpotPriceHistory"
# Accounts with a VPC only (all since 2013) see the plain names.
PRODUCTS = ("Linux/UNIX", "Windows", "Red Hat Enterprise Linux", "SUSE Linux")
PAGE = 1000


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
    time: a price holds until the next one. With a failure no row is given: a market cut off in its middle would look cheaper or dearer.
    """
    request: dict[str, Any] = {"StartTime": window[0], "EndTime": window[1], "ProductDescriptions": list(products)}
    if instance_types:
        request["InstanceTypes"] = list(instance_types)
    markets: defaultdict[tuple[str, str, str], list[SpotPrice]] = defaultdict(list)
    try:
        pages = sessions.client(account_id, "ec2", region).get_paginator(SPOT_OPERATION)
        for page in pages.paginate(**request, PaginationConfig={"PageSize": PAGE}):
            _take(page.get("SpotPriceHistory") or (), markets)
    except CALL_ERRORS as error:
        failure = coverage_status(error, action=SPOT_ACTION)
        if failure is None:
            raise
        return [], failure
    rows = []
    for (zone, instance_type, product), prices in sorted(markets.items()):
        found = distribution(reversed(prices), *window)  # the newest comes first
        if found is not None:
            own = {"region": region, "zone": zone, "instance_type": instance_type, "product": product, "currency": currency_of(region)}
            told = {name: getattr(found, name) for name in found.__dataclass_fields__}
            rows.append({**own, **told, "origin": "price_history", "sample_source": None, "sampled_on": None})
    return rows, None


def _take(entries: Iterable[Any], markets: defaultdict[tuple[str, str, str], list[SpotPrice]]) -> None:
    for one in entries:
        price = exact(str(one.get("SpotPrice") or ""))
        key = tuple(str(one.get(name) or "") for name in ("AvailabilityZone", "InstanceType", "ProductDescription"))
        if price is not None and all(key) and isinstance(one.get("Timestamp"), datetime):
            markets[key[0], key[1], key[2]].append(SpotPrice(one["Timestamp"], price))

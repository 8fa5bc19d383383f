"""AWS's Price List: which version of an offer holds, its file, and single products; whatever refuses is a failure, never an empty list."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from cloudmigrate.aws.answers import BrokenAnswerError
from cloudmigrate.aws.download import Patience, allowed, download, shown_host
from cloudmigrate.aws.failures import CALL_ERRORS, Failure, error_code, failure_of, plain
from cloudmigrate.aws.price_services import currency_of, pricing_home
from cloudmigrate.aws.sessions import AwsSessions
from cloudmigrate.domain.resources import CoverageStatus
from cloudmigrate.errors.sources import DownloadError

LIST_OPERATION, FILE_OPERATION = "list_price_lists", "get_price_list_file_url"
PRICE_OPERATIONS = (LIST_OPERATION, FILE_OPERATION, "get_products")
LIST_ACTION, FILE_ACTION, PRODUCTS_ACTION = "pricing:ListPriceLists", "pricing:GetPriceListFileUrl", "pricing:GetProducts"
PRICE_ACTIONS = (LIST_ACTION, FILE_ACTION, PRODUCTS_ACTION)
STAMP = re.compile(r"/(\d{14})(?:/|$)")
NONE_THERE = "ResourceNotFoundException"  # a service that has no price list for the region
PRODUCTS_A_PAGE = 100


@dataclass(frozen=True, slots=True)
class PriceList:
    """One version of one service's offer file in a region and currency."""

    arn: str
    service: str
    region: str
    currency: str
    version: str  # the publication stamp, such as 20261120221246
    published_at: datetime
    formats: tuple[str, ...]

    @property
    def form(self) -> str:
        """CSV where it is offered, as it is read many times as fast."""
        return "csv" if "csv" in self.formats or not self.formats else "json"


def newest_list(
    sessions: AwsSessions, account_id: str, service: str, region: str, now: datetime
) -> tuple[PriceList | None, Failure | None]:
    """The price list that holds *now*; None without a failure where AWS has none for the region."""
    currency = currency_of(region)
    request = {"ServiceCode": service, "EffectiveDate": now, "RegionCode": region, "CurrencyCode": currency}
    try:
        pages = _client(sessions, account_id, region).get_paginator("list_price_lists").paginate(**request)
        found = [_price_list(one, service, region, now) for page in pages for one in page.get("PriceLists") or ()]
    except CALL_ERRORS as error:
        if isinstance(error, ClientError) and error_code(error) == NONE_THERE:
            return None, None
        return None, failure_of(error, LIST_ACTION)
    fitting = [one for one in found if (one.region, one.currency) == (region, currency)]
    return max(fitting, key=lambda one: (one.version, one.arn), default=None), None


def fetch_file(sessions: AwsSessions, account_id: str, offer: PriceList, target: Path, patience: Patience | None = None) -> Failure | None:
    """None, and the offer's file is at *target*; else why it is not."""
    try:
        client = _client(sessions, account_id, offer.region)
        url = client.get_price_list_file_url(PriceListArn=offer.arn, FileFormat=offer.form).get("Url")
        if not isinstance(url, str):
            raise BrokenAnswerError("pricing", FILE_OPERATION, "no url")
        if not allowed(url, client.meta.endpoint_url):
            reason = f"the price list of {offer.service} lies at {shown_host(url)}, which is none of the endpoint's own places"
            return Failure(CoverageStatus.FAILED, "FarUrl", None, reason, "check AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_PRICING")
        download(sessions.http, url, target, patience)
    except CALL_ERRORS as error:
        return failure_of(error, FILE_ACTION)
    except DownloadError as error:
        return Failure(CoverageStatus.FAILED, "DownloadError", None, plain(f"download {error.url}: {error.reason}"), error.next_action)
    return None


def products(
    sessions: AwsSessions, account_id: str, service: str, region: str, filters: Mapping[str, str]
) -> tuple[list[dict[str, Any]], Failure | None]:
    """The products of *service* in *region* whose attributes are these, each parsed from its JSON string, and why these are not all."""
    wanted = {"regionCode": region, **filters}
    request = {
        "ServiceCode": service,
        "FormatVersion": "aws_v1",
        "Filters": [{"Type": "TERM_MATCH", "Field": name, "Value": value} for name, value in wanted.items()],
        "PaginationConfig": {"PageSize": PRODUCTS_A_PAGE},
    }
    found: list[dict[str, Any]] = []
    try:
        pages = _client(sessions, account_id, region).get_paginator("get_products").paginate(**request)
        for page in pages:
            found += _parsed(page.get("PriceList") or ())
    except CALL_ERRORS as error:
        return found, failure_of(error, PRODUCTS_ACTION)
    except ValueError:  # of the JSON within the JSON
        detail = f"GetProducts of {service} was answered with an item that is no price list's"
        return found, Failure(CoverageStatus.FAILED, "BrokenItem", None, detail, "run again; if it stays, report it")
    return found, None


def _parsed(items: Sequence[Any]) -> Iterator[dict[str, Any]]:
    """Each item from its string; numbers stay text. Raises ValueError."""
    for item in items:
        found = json.loads(item, parse_float=str) if isinstance(item, str) else item
        if not isinstance(found, dict) or not isinstance(found.get("product"), dict):
            raise ValueError("no product")
        yield found


def version_of(items: Sequence[Mapping[str, Any]], now: datetime) -> tuple[str, datetime]:
    """The newest version that these products state, and when it was published; the present where they state none."""
    stated = (str(one.get("version") or "") for one in items)
    newest = max((one for one in stated if _instant(one)), default="")  # nothing but a stamp may name a file
    return newest or f"{now:%Y%m%d%H%M%S}", _instant(newest) or now


def _price_list(entry: Mapping[str, Any] | None, service: str, region: str, now: datetime) -> PriceList:
    if not entry:
        raise BrokenAnswerError("pricing", LIST_OPERATION, "a price list that is none")
    arn = str(entry.get("PriceListArn") or "")
    stamp = STAMP.search(arn)
    version = stamp[1] if stamp else f"{now:%Y%m%d}000000"  # an ARN without one: taken for new once a day
    return PriceList(
        arn=arn,
        service=service,
        region=str(entry.get("RegionCode") or region),
        currency=str(entry.get("CurrencyCode") or currency_of(region)),
        version=version,
        published_at=_instant(version) or now,
        formats=tuple(sorted(str(one).lower() for one in entry.get("FileFormats") or ())),
    )


def _instant(stamp: str) -> datetime | None:
    try:
        return datetime.strptime(stamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def _client(sessions: AwsSessions, account_id: str, region: str) -> Any:
    return sessions.client(account_id, "pricing", pricing_home(region) or "us-east-1")

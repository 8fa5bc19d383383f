"""The Price List over the wire: newest version, the file in streams that break off, single products; refusals are failures, not lists."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cloudmigrate.aws.download import Patience, allowed
from cloudmigrate.aws.price_list import PriceList, fetch_file, newest_list, products, version_of
from cloudmigrate.aws.price_services import BILLING_CODES, BY_CODE, PRICE_SERVICES, currency_of, pricing_home, usage_prefix
from cloudmigrate.aws.regions import known_regions
from cloudmigrate.domain.resources import CoverageStatus
from cloudmigrate.errors.sources import LoopbackOnlyError
from tests.aws.conftest import OWN, own_account, sessions_of
from tests.aws.scripted import Asked, Reply, ScriptedAws, json_error, json_reply

NOW = datetime(2026, 11, 28, tzinfo=UTC)
ARN = "arn:aws:pricing:::price-list/aws/AmazonEC2/USD/{version}/eu-central-1"
Start = Callable[..., ScriptedAws]
BODY = b"0123456789" * 1000
AT_ONCE = Patience(tries=4, wait_s=0)
FILE = "GET /offers/index.csv"


def price_lists(*versions: str, formats: tuple[str, ...] = ("csv", "json"), region: str = "eu-central-1") -> Reply:
    shared = {"RegionCode": region, "CurrencyCode": "USD", "FileFormats": list(formats)}
    return json_reply({"PriceLists": [{"PriceListArn": ARN.format(version=version), **shared} for version in versions]})


def an_offer(**changes: Any) -> PriceList:
    told: dict[str, Any] = {
        "arn": ARN.format(version="20261120221246"),
        "service": "AmazonEC2",
        "region": "eu-central-1",
        "currency": "USD",
    }
    return PriceList(**{**told, "version": "20261120221246", "published_at": NOW, "formats": ("csv", "json"), **changes})


def test_the_newest_version_is_the_one(script: Start) -> None:
    running = script({"ListPriceLists": price_lists("20261101000000", "20261120221246")})
    found, failure = newest_list(sessions_of(own_account()), OWN, "AmazonEC2", "eu-central-1", NOW)
    assert failure is None
    assert found is not None
    assert (found.version, found.published_at, found.form) == ("20261120221246", datetime(2026, 11, 20, 22, 12, 46, tzinfo=UTC), "csv")
    asked = running.asked[-1].params
    assert {asked[name] for name in ("ServiceCode", "RegionCode", "CurrencyCode")} == {"AmazonEC2", "eu-central-1", "USD"}


def test_pages_are_followed_and_other_regions_left_out(script: Start) -> None:
    first = json.loads(price_lists("20261125000000", region="eu-west-1").body) | {"NextToken": "more"}
    running = script({"ListPriceLists": [json_reply(first), price_lists("20261120221246")]})
    found, _ = newest_list(sessions_of(own_account()), OWN, "AmazonEC2", "eu-central-1", NOW)
    assert found is not None
    assert found.version == "20261120221246"
    assert running.count("ListPriceLists") == 2


@pytest.mark.parametrize("answer", [json_reply({"PriceLists": []}), json_error("ResourceNotFoundException")])
def test_a_service_without_a_list_in_the_region_is_no_failure(script: Start, answer: Reply) -> None:
    script({"ListPriceLists": answer})
    assert newest_list(sessions_of(own_account()), OWN, "AmazonEC2", "eu-central-1", NOW) == (None, None)


def test_a_refusal_names_the_missing_action(script: Start) -> None:
    script({"ListPriceLists": json_error("AccessDeniedException", "not authorized to perform: pricing:ListPriceLists")})
    found, failure = newest_list(sessions_of(own_account()), OWN, "AmazonEC2", "eu-central-1", NOW)
    assert found is None
    assert failure is not None
    assert (failure.status, failure.missing_action) == (CoverageStatus.DENIED, "pricing:ListPriceLists")


def test_json_is_taken_only_where_there_is_no_csv() -> None:
    assert [an_offer(formats=one).form for one in (("csv", "json"), ("json",), ())] == ["csv", "json", "csv"]


def fetched(script: Start, folder: Path, file: Reply | Callable[[Asked], Reply] | list[Any]) -> tuple[Any, bytes, ScriptedAws]:
    running = script({FILE: file})
    running.answers["GetPriceListFileUrl"] = json_reply({"Url": f"{running.url}/offers/index.csv"})
    target = folder / "index.csv"
    failure = fetch_file(sessions_of(own_account()), OWN, an_offer(), target, AT_ONCE)
    return failure, target.read_bytes() if target.exists() else b"", running


def test_a_file_comes_whole(script: Start, tmp_path: Path) -> None:
    failure, data, running = fetched(script, tmp_path, Reply(BODY))
    assert (failure, data) == (None, BODY)
    [asked] = [one for one in running.asked if one.operation == "GetPriceListFileUrl"]
    assert asked.params == {"PriceListArn": an_offer().arn, "FileFormat": "csv"}


def test_a_download_that_breaks_off_begins_anew_where_it_cannot_go_on(script: Start, tmp_path: Path) -> None:
    """The endpoint names no version of the file, so its rest might be another's."""
    broken = Reply(BODY[:700], declared_length=len(BODY))
    failure, data, running = fetched(script, tmp_path, [broken, Reply("busy", 503), Reply(reset=True), Reply(BODY)])
    assert (failure, data) == (None, BODY)
    assert running.count(FILE) == 4


def in_parts(asked: Asked) -> Reply:
    """An endpoint that serves 4,000 bytes and hangs up, and goes on where it is asked to, if it is asked for the same version."""
    start = int(asked.headers.get("Range", "bytes=0-").removeprefix("bytes=").removesuffix("-"))
    part, tag = BODY[start : start + 4000], ("ETag", '"v1"')
    if not start:
        return Reply(part, declared_length=len(BODY), headers=(tag,))
    assert asked.headers["If-Range"] == '"v1"'
    told = ("Content-Range", f"bytes {start}-{len(BODY) - 1}/{len(BODY)}")
    return Reply(part, 206, declared_length=len(BODY) - start, headers=(tag, told))


def test_a_download_that_breaks_off_goes_on_where_it_was(script: Start, tmp_path: Path) -> None:
    failure, data, running = fetched(script, tmp_path, in_parts)
    assert (failure, data) == (None, BODY)
    assert [one.headers.get("Range") for one in running.asked if one.operation == FILE] == [None, "bytes=4000-", "bytes=8000-"]


def test_a_part_of_another_place_is_not_taken(script: Start, tmp_path: Path) -> None:
    """Then the file begins anew, and is right in the end."""
    first = Reply(BODY[:4000], declared_length=len(BODY), headers=(("ETag", '"v1"'),))
    wrong = Reply(BODY[:5000], 206, headers=(("Content-Range", f"bytes 0-4999/{len(BODY)}"),))
    failure, data, _ = fetched(script, tmp_path, [first, wrong, Reply(BODY)])
    assert (failure, data) == (None, BODY)


def test_a_file_that_changed_meanwhile_begins_anew(script: Start, tmp_path: Path) -> None:
    first = Reply(b"old" * 100, declared_length=len(BODY), headers=(("ETag", '"v1"'),))
    failure, data, _ = fetched(script, tmp_path, [first, Reply(BODY, headers=(("ETag", '"v2"'),))])
    assert (failure, data) == (None, BODY)


def test_a_download_that_always_breaks_off_is_a_failure(script: Start, tmp_path: Path) -> None:
    failure, _, running = fetched(script, tmp_path, Reply(BODY[:700], declared_length=len(BODY)))
    assert failure is not None
    assert failure.status is CoverageStatus.FAILED
    assert "it has 700 bytes, and 10000 were announced, 4 times in a row" in failure.detail
    assert running.count(FILE) == 4


@pytest.mark.parametrize("reply", [Reply("no", 403), Reply("gone", 404), Reply("elsewhere", 302)])
def test_an_answer_that_is_no_file_is_a_failure_at_once(script: Start, tmp_path: Path, reply: Reply) -> None:
    failure, data, running = fetched(script, tmp_path, reply)
    assert failure is not None
    assert f"HTTP {reply.status}" in failure.sentence
    assert (data, running.count(FILE)) == (b"", 1)


def test_a_far_url_is_never_called(script: Start, tmp_path: Path) -> None:
    running = script({})
    running.answers["GetPriceListFileUrl"] = json_reply({"Url": "https://pricing.us-east-1.amazonaws.com/offers/index.csv"})
    failure = fetch_file(sessions_of(own_account()), OWN, an_offer(), tmp_path / "index.csv", AT_ONCE)
    assert failure is not None
    assert failure.error_code == "FarUrl"
    assert not (tmp_path / "index.csv").exists()


def test_where_only_loopback_is_allowed_no_file_comes_from_elsewhere() -> None:
    with pytest.raises(LoopbackOnlyError):
        sessions_of(own_account()).http("https://pricing.us-east-1.amazonaws.com/offers/index.csv")


@pytest.mark.parametrize(
    ("url", "endpoint", "expected"),
    [
        ("https://pricing.us-east-1.amazonaws.com/x", "https://api.pricing.us-east-1.amazonaws.com", True),
        ("https://pricing.cn-northwest-1.amazonaws.com.cn/x", "https://api.pricing.cn-northwest-1.amazonaws.com.cn", True),
        ("http://pricing.us-east-1.amazonaws.com/x", "https://api.pricing.us-east-1.amazonaws.com", False),
        ("https://evil.example/x", "https://api.pricing.us-east-1.amazonaws.com", False),
        ("https://amazonaws.com.evil.example/x", "https://api.pricing.us-east-1.amazonaws.com", False),
        ("https://pricing.us-east-1.amazonaws.com@evil.example/x", "https://api.pricing.us-east-1.amazonaws.com", False),
        ("file:///etc/passwd", "http://127.0.0.1:5000", False),
        ("http://127.0.0.1:6000/x", "http://localhost:5000", True),
        ("http://prices.local/x", "http://prices.local:8080", True),
        ("http://169.254.169.254/latest", "http://prices.local:8080", False),
    ],
)
def test_where_a_file_may_lie(url: str, endpoint: str, expected: bool) -> None:
    assert allowed(url, endpoint) is expected


def test_products_are_parsed_from_their_strings_page_by_page(script: Start) -> None:
    items = [json.dumps({"product": {"sku": sku}, "version": "20261120221246"}) for sku in "AB"]
    running = script({"GetProducts": [json_reply({"PriceList": items[:1], "NextToken": "t"}), json_reply({"PriceList": items[1:]})]})
    found, failure = products(sessions_of(own_account()), OWN, "AmazonEC2", "eu-central-1", {"instanceType": "m5.large"})
    assert failure is None
    assert [one["product"]["sku"] for one in found] == ["A", "B"]
    filters = {(one["Field"], one["Value"], one["Type"]) for one in running.asked[-1].params["Filters"]}
    assert filters == {("regionCode", "eu-central-1", "TERM_MATCH"), ("instanceType", "m5.large", "TERM_MATCH")}
    assert version_of(found, NOW) == ("20261120221246", datetime(2026, 11, 20, 22, 12, 46, tzinfo=UTC))


@pytest.mark.parametrize("item", ["no JSON", "[]", "{}", '{"product": 1}'])
def test_an_item_that_is_no_product_is_a_failure(script: Start, item: str) -> None:
    script({"GetProducts": json_reply({"PriceList": [item]})})
    assert products(sessions_of(own_account()), OWN, "AmazonEC2", "eu-central-1", {})[1] is not None


def test_every_region_of_botocore_has_a_billing_code_and_a_currency() -> None:
    """Else its usage types keep their prefix, or lose a part that is none."""
    public = {region for region, partition in known_regions().items() if partition in ("aws", "aws-cn", "aws-us-gov")}
    assert public - set(BILLING_CODES) <= {"me-west-1", "sa-west-1"}, "AWS has not told these two's codes yet"
    assert {region for region in public if currency_of(region) == "CNY"} == {"cn-north-1", "cn-northwest-1"}
    assert pricing_home("us-gov-west-1") == pricing_home("eu-central-1") == "us-east-1"
    assert (pricing_home("cn-north-1"), pricing_home("us-iso-east-1")) == ("cn-northwest-1", None)


def test_prefixes_are_patterns_of_the_billing_codes() -> None:
    assert usage_prefix("eu-central-1") == "^(EUC1)-"
    assert usage_prefix("eu-west-1") == "^(EU|EUW1)-"
    assert usage_prefix("mars-north-1") == "^[A-Z]{3}[0-9]{1,2}-"


def test_services_are_distinct_and_say_what_they_are_for() -> None:
    assert len(BY_CODE) == len(PRICE_SERVICES)
    assert all(one.what for one in PRICE_SERVICES)


@pytest.mark.parametrize(
    ("operation", "answer"),
    [
        pytest.param("ListPriceLists", {"PriceLists": [None]}, id="a-list-that-is-none"),
        pytest.param("GetPriceListFileUrl", {}, id="no-url"),
        pytest.param("GetPriceListFileUrl", {"Url": 5}, id="a-number"),
        pytest.param("GetPriceListFileUrl", {"Url": "http://["}, id="half-an-address"),
        pytest.param("GetPriceListFileUrl", {"Url": "http://127.0.0.1:99999/x"}, id="no-port"),
        pytest.param("GetPriceListFileUrl", {"Url": "x" * 10_000}, id="no-url-of-any-kind"),
        pytest.param(
            "GetPriceListFileUrl", {"Url": "http://ann:AKIAABCDEFGHIJKLMNOP@evil.example/x?sig=AKIAABCDEFGHIJKLMNOP"}, id="a-secret"
        ),
    ],
)
def test_a_hostile_place_is_a_failure_that_tells_no_secret(script: Start, tmp_path: Path, operation: str, answer: dict[str, Any]) -> None:
    script({"ListPriceLists": price_lists("20261120221246"), operation: json_reply(answer)})
    sessions = sessions_of(own_account())
    offer, failure = newest_list(sessions, OWN, "AmazonEC2", "eu-central-1", NOW)
    if offer is not None:
        failure = fetch_file(sessions, OWN, offer, tmp_path / "offer", AT_ONCE)
    assert failure is not None
    assert failure.status is CoverageStatus.FAILED
    assert "AKIA" not in failure.sentence
    assert len(failure.sentence) < 600


def test_a_version_that_is_no_stamp_names_no_file() -> None:
    items = [{"version": "../../x"}, {"version": "20261120221246"}, {"version": "99999999999999"}]
    assert version_of(items, NOW)[0] == "20261120221246"
    assert version_of(items[:1], NOW) == (f"{NOW:%Y%m%d%H%M%S}", NOW)


def test_a_download_that_begins_anew_for_ever_ends(script: Start, tmp_path: Path) -> None:
    """Without a tag each try begins anew: more than the last try had is no progress if another had it before."""
    replies = [Reply(BODY[:size], declared_length=len(BODY)) for size in (500, 300, 400, 300, 400, 300)]
    failure, _, running = fetched(script, tmp_path, [*replies, Reply(BODY)])
    assert failure is not None
    assert running.count(FILE) == 4, "one that got somewhere, and three that did not"


def test_a_file_without_end_is_given_up(script: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cloudmigrate.aws.download.MOST_BYTES", 5_000)
    failure, _, _ = fetched(script, tmp_path, Reply(BODY))
    assert failure is not None
    assert "it goes on after 10000 bytes" in failure.detail

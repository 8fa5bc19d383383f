"""Flow logs in CloudWatch Logs: hours as objects, read page by page over HTTP, and what a refusal means."""

import gzip
from datetime import UTC, date, datetime, timedelta

import boto3
import pytest

from cloudmigrate.aws.failures import CALL_ERRORS, failure_of
from cloudmigrate.aws.flow_log_groups import EVENTS_ACTION, fetch_slice, list_slices
from cloudmigrate.aws.flow_log_places import FlowLogPlace
from cloudmigrate.domain.resources import CoverageStatus
from cloudmigrate.simulate.emulator import Emulator
from tests.aws.conftest import OWN, own_account, sessions_of
from tests.conftest import aws_environment
from tests.faults import fault_proxy

REGION, GROUP = "us-west-2", "/vpc/flow"
PLACE = FlowLogPlace(f"logs://{REGION}/{GROUP}", OWN, REGION, "estate file")
NOW = datetime.now(UTC)
HOUR = (NOW - timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
LINE = "2 123456789012 eni-1 10.0.0.1 10.0.0.2 40000 443 6 1 {number} 1 2 ACCEPT OK"


@pytest.fixture
def group(clean_emulator: Emulator) -> Emulator:
    """An emulator with an empty log group that has two streams."""
    logs = boto3.client("logs", region_name=REGION)
    logs.create_log_group(logGroupName=GROUP)
    logs.create_log_group(logGroupName=f"{GROUP}-of-others")
    for stream in ("eni-1-all", "eni-2-all"):
        logs.create_log_stream(logGroupName=GROUP, logStreamName=stream)
    return clean_emulator


def put(stream: str, *events: tuple[datetime, str]) -> None:
    rows = [{"timestamp": int(at.timestamp() * 1000), "message": message} for at, message in events]
    boto3.client("logs", region_name=REGION).put_log_events(logGroupName=GROUP, logStreamName=stream, logEvents=rows)


def lines(key: str) -> list[str]:
    return gzip.decompress(fetch_slice(sessions_of(own_account()), PLACE, key)).decode().splitlines()


def test_an_hour_holds_the_events_of_all_streams_from_its_first_to_its_last_millisecond(group: Emulator) -> None:
    put("eni-1-all", (HOUR - timedelta(milliseconds=1), "before"), (HOUR, "first"), (HOUR + timedelta(hours=1), "after"))
    put("eni-2-all", (HOUR + timedelta(hours=1) - timedelta(milliseconds=1), "last\n"))

    assert sorted(lines(f"{HOUR:%Y-%m-%dT%H}")) == ["first", "last"]


def test_pages_are_followed_and_the_bytes_are_the_same_at_every_reading(group: Emulator) -> None:
    put("eni-1-all", *((HOUR + timedelta(seconds=1), LINE.format(number=number)) for number in range(9_000)))
    put("eni-2-all", *((HOUR + timedelta(seconds=1), LINE.format(number=number)) for number in range(9_000, 18_000)))
    key = f"{HOUR:%Y-%m-%dT%H}"

    assert sorted(int(one.split()[9]) for one in lines(key)) == list(range(18_000))
    assert fetch_slice(sessions_of(own_account()), PLACE, key) == fetch_slice(sessions_of(own_account()), PLACE, key)


def test_an_hour_settles_once_its_events_have_had_time_to_come(group: Emulator) -> None:
    day = date(2025, 11, 22)
    now = datetime(2025, 11, 22, 5, 30, tzinfo=UTC)

    first, _ = list_slices(sessions_of(own_account()), PLACE, [day], now)
    later, _ = list_slices(sessions_of(own_account()), PLACE, [day], now + timedelta(minutes=40))

    # The group is younger than these days, so what it can hold begins with the oldest event that may be put into it.
    assert first == later == []
    with_old = [NOW.date() - timedelta(days=1), NOW.date()]
    at = datetime.combine(NOW.date(), datetime.min.time(), UTC) + timedelta(hours=5, minutes=30)
    slices, failure = list_slices(sessions_of(own_account()), PLACE, with_old, at)
    assert failure is None
    assert [one.key[-2:] for one in slices] == [f"{hour:02}" for hour in (*range(24), *range(6))]
    assert [one.key[-2:] for one in slices if one.etag != "settled"] == ["03", "04", "05"]  # 02:00 to 03:00 was settled at 05:00
    again, _ = list_slices(sessions_of(own_account()), PLACE, with_old, at + timedelta(minutes=31))
    assert [one.key[-2:] for one in again if one.etag != "settled"] == ["04", "05", "06"]
    assert not {one.etag for one in slices} & {one.etag for one in again} - {"settled"}


def test_what_retention_has_deleted_is_not_asked_for(group: Emulator) -> None:
    boto3.client("logs", region_name=REGION).put_retention_policy(logGroupName=GROUP, retentionInDays=3)
    days = [(NOW - timedelta(days=back)).date() for back in range(9, -1, -1)]

    slices, _ = list_slices(sessions_of(own_account()), PLACE, days, NOW)

    assert slices[0].key == f"{NOW - timedelta(days=3):%Y-%m-%dT%H}"


def test_a_group_that_is_not_there_is_named(group: Emulator) -> None:
    place = FlowLogPlace(f"logs://{REGION}//vpc/flo", OWN, REGION, "estate file")  # a beginning of the other's name

    slices, failure = list_slices(sessions_of(own_account()), place, [NOW.date()], NOW)

    assert slices == []
    assert failure is not None
    assert failure.sentence == f"account {OWN} has no log group /vpc/flo in {REGION}. Next: correct its name, region or account"


@pytest.mark.parametrize(
    ("code", "status", "missing"),
    [
        pytest.param("AccessDeniedException", CoverageStatus.DENIED, "logs:DescribeLogGroups", id="denied"),
        pytest.param("ThrottlingException", CoverageStatus.THROTTLED, None, id="throttled"),
    ],
)
def test_a_refused_search_for_the_group(group: Emulator, no_waiting: None, code: str, status: CoverageStatus, missing: str | None) -> None:
    with fault_proxy(group.url, warm=("sts", "logs")) as proxy, aws_environment(proxy.environment()):
        proxy.rules({"service": "logs", "operation": "DescribeLogGroups", "error": {"code": code}})
        slices, failure = list_slices(sessions_of(own_account()), PLACE, [NOW.date()], NOW)

    assert slices == []
    assert failure is not None
    assert (failure.status, failure.missing_action) == (status, missing)


def test_throttled_pages_are_asked_for_again_and_a_refusal_names_the_action(group: Emulator, no_waiting: None) -> None:
    put("eni-1-all", (HOUR, "one"))
    with fault_proxy(group.url, warm=("sts", "logs")) as proxy, aws_environment(proxy.environment()):
        proxy.rules({"service": "logs", "operation": "FilterLogEvents", "times": 2, "error": {"code": "ThrottlingException"}})
        assert lines(f"{HOUR:%Y-%m-%dT%H}") == ["one"]
        assert len(proxy.fired()) == 2

        proxy.rules({"service": "logs", "operation": "FilterLogEvents", "error": {"code": "AccessDeniedException"}})
        with pytest.raises(CALL_ERRORS) as refused:
            lines(f"{HOUR:%Y-%m-%dT%H}")

    assert failure_of(refused.value, EVENTS_ACTION).missing_action == "logs:FilterLogEvents"

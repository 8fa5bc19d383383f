"""CloudWatch's answers become columns; what did not come is recorded, per resource, metric and statistic."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from cloudmigrate.aws.failures import Failure
from cloudmigrate.aws.metric_dimensions import agent_dimensions, metrics_held
from cloudmigrate.aws.metrics import MetricChunk, fetch
from cloudmigrate.aws.metrics_plan import MetricTarget, Window, plan_requests
from cloudmigrate.domain.resources import CoverageStatus
from cloudmigrate.simulate.emulator import Emulator
from tests.aws.conftest import OWN, own_account, sessions_of
from tests.aws.scripted import Asked, Reply, ScriptedAws, json_error, json_reply

Script = Callable[..., ScriptedAws]
REGION = "us-west-2"
START = datetime(2026, 11, 1, tzinfo=UTC)
HOUR = 3600


def hour(number: int) -> datetime:
    return START + timedelta(hours=number)


def target(uid: str, metric: str = "CPUUtilization", stats: tuple[str, ...] = ("Average",), dimensions: Any = ()) -> MetricTarget:
    found = dimensions if dimensions is None else (("InstanceId", uid),)
    return MetricTarget(uid, OWN, REGION, "AWS::EC2::Instance", metric, stats, "AWS/EC2", found, HOUR)


def fetched(targets: Sequence[MetricTarget], hours: int = 4, **options: Any) -> list[MetricChunk]:
    sessions = sessions_of(own_account())
    return list(fetch(sessions, OWN, REGION, plan_requests(targets, START, hour(hours)), **options))


def result(number: int, points: dict[int, float], code: str = "Complete") -> dict[str, Any]:
    return {
        "Id": f"q{number}",
        "Label": "same for all",
        "Timestamps": [hour(at).timestamp() for at in points],
        "Values": list(points.values()),
        "StatusCode": code,
    }


def answer(*results: dict[str, Any], token: str | None = None, messages: Sequence[dict[str, str]] = ()) -> Reply:
    return json_reply({"MetricDataResults": list(results), "Messages": list(messages)} | ({"NextToken": token} if token else {}))


def statuses(chunk: MetricChunk) -> dict[str, tuple[str, int]]:
    return {f"{one.uid} {one.metric}|{one.stat}": (one.status, one.points) for one in chunk.coverage}


def test_against_an_emulator(clean_emulator: Emulator) -> None:
    cloudwatch = sessions_of(own_account()).client(OWN, "cloudwatch", REGION)
    start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=6)
    seeded = [("i-a", 0, 10.0), ("i-a", 0, 30.0), ("i-a", 2, 50.0), ("i-b", 1, 5.0)]
    data = [
        {
            "MetricName": "CPUUtilization",
            "Dimensions": [{"Name": "InstanceId", "Value": uid}],
            "Timestamp": start + timedelta(hours=at),
            "Value": value,
        }
        for uid, at, value in seeded
    ]
    cloudwatch.put_metric_data(Namespace="AWS/EC2", MetricData=data)
    targets = [target("i-a", stats=("Average", "Maximum")), target("i-b", stats=("Average", "Maximum")), target("i-none")]
    (chunk,) = fetch(sessions_of(own_account()), OWN, REGION, plan_requests(targets, start, start + timedelta(hours=4)))
    rows = list(zip(chunk.uid, ((chunk.observed_at - chunk.observed_at.min()) // np.timedelta64(1, "h")).tolist(), strict=True))
    assert rows == [("i-a", 0), ("i-a", 2), ("i-b", 1)]
    assert chunk.columns["CPUUtilization|Average"].tolist() == [20.0, 50.0, 5.0]
    assert chunk.columns["CPUUtilization|Maximum"].tolist() == [30.0, 50.0, 5.0]
    assert chunk.observed_at.dtype == np.dtype("datetime64[us]")
    assert {array.dtype for array in chunk.columns.values()} == {np.dtype("float32")}
    assert statuses(chunk)["i-none CPUUtilization|Average"] == ("no_data", 0)
    assert statuses(chunk)["i-a CPUUtilization|Maximum"] == ("ok", 2)
    assert chunk.is_complete


def test_columns_are_sorted_and_missing_points_are_nan(script: Script) -> None:
    script({"GetMetricData": answer(result(0, {3: 1.5}), result(1, {0: 9.0, 3: 8.0}), result(2, {}))})
    (chunk,) = fetched([target("i-b"), target("i-b", "NetworkIn", ("Sum",)), target("i-a", "NetworkIn", ("Sum",))])
    # planned by uid: i-a NetworkIn is query 0, i-b CPU 1, i-b NetworkIn 2
    assert chunk.uids == ("i-a", "i-b")
    assert chunk.uid.tolist() == ["i-a", "i-b", "i-b"]
    assert chunk.observed_at.tolist() == [hour(at).replace(tzinfo=None) for at in (3, 0, 3)]
    np.testing.assert_array_equal(chunk.columns["NetworkIn|Sum"], np.array([1.5, np.nan, np.nan], dtype=np.float32))
    np.testing.assert_array_equal(chunk.columns["CPUUtilization|Average"], np.array([np.nan, 9, 8], dtype=np.float32))
    assert len(chunk) == 3


def test_pages_are_followed_and_of_two_points_of_one_instant_the_last_wins(script: Script) -> None:
    running = script(
        {
            "GetMetricData": [
                answer(result(0, {0: 1.0, 1: 2.0}, "PartialData"), token="p2"),
                answer(result(0, {1: 20.0, 2: 3.0}), result(1, {0: 7.0})),
            ]
        }
    )
    (chunk,) = fetched([target("i-a"), target("i-b")])
    assert chunk.columns["CPUUtilization|Average"].tolist() == [1.0, 20.0, 3.0, 7.0]
    assert statuses(chunk) == {"i-a CPUUtilization|Average": ("ok", 3), "i-b CPUUtilization|Average": ("ok", 1)}
    assert running.asked[-1].params["NextToken"] == "p2"


def test_a_repeated_token_ends_the_call(script: Script) -> None:
    running = script({"GetMetricData": answer(result(0, {0: 1.0}, "PartialData"), token="again")})
    (chunk,) = fetched([target("i-a")])
    (one,) = chunk.coverage
    assert (one.status, one.error_code, one.points) == ("failed", "PaginationError", 1)
    assert not chunk.is_complete
    assert running.count("GetMetricData") == 2


def test_only_what_was_partial_is_asked_again(script: Script) -> None:
    running = script(
        {"GetMetricData": [answer(result(0, {0: 1.0}), result(1, {0: 5.0}, "PartialData")), answer(result(1, {0: 5.0, 1: 6.0}))]}
    )
    (chunk,) = fetched([target("i-a"), target("i-b")])
    assert statuses(chunk) == {"i-a CPUUtilization|Average": ("ok", 1), "i-b CPUUtilization|Average": ("ok", 2)}
    assert [query["Id"] for query in running.asked[-1].params["MetricDataQueries"]] == ["q1"]


@pytest.mark.parametrize("code", ["PartialData", "InternalError"])
def test_what_stays_partial_is_failed_and_keeps_its_points(script: Script, code: str) -> None:
    running = script({"GetMetricData": answer(result(0, {0: 1.0}, code))})
    (chunk,) = fetched([target("i-a")], attempts=2)
    (one,) = chunk.coverage
    assert (one.status, one.error_code, one.points) == ("failed", "PartialData", 1)
    assert running.count("GetMetricData") == 2


def test_a_forbidden_metric_is_denied_and_says_why(script: Script) -> None:
    message = {"Code": "Forbidden", "Value": "no access to the source account"}
    script({"GetMetricData": answer(result(0, {}, "Forbidden"), result(1, {0: 1.0}), messages=[message])})
    (chunk,) = fetched([target("i-a"), target("i-b")])
    assert [one.status for one in chunk.coverage] == ["denied", "ok"]
    assert chunk.is_complete  # asking again would give the same
    assert "no access to the source account" in str(chunk.coverage[0].detail)


def test_denied_is_asked_once_and_recorded_for_all(script: Script) -> None:
    running = script({"GetMetricData": json_error("AccessDenied", "is not authorized to perform: cloudwatch:GetMetricData", 403)})
    chunks = fetched([target(f"i-{n:04}") for n in range(1200)], max_workers=1)
    assert [len(chunk.coverage) for chunk in chunks] == [500, 500, 200]
    assert {(one.status, one.error_code) for chunk in chunks for one in chunk.coverage} == {("denied", "AccessDenied")}
    assert "cloudwatch:GetMetricData is missing" in str(chunks[-1].coverage[-1].detail)
    assert sum(len(chunk) for chunk in chunks) == 0
    assert running.count("GetMetricData") == 1


def test_a_throttling_storm_is_given_up_after_three_calls(script: Script) -> None:
    running = script({"GetMetricData": json_error("ThrottlingException", "Rate exceeded")})
    chunks = fetched([target(f"i-{n:04}") for n in range(3000)], max_workers=1)
    assert {one.status for chunk in chunks for one in chunk.coverage} == {"throttled"}
    assert running.count("GetMetricData") == 3 * 3  # three calls of three attempts


def test_one_failed_call_leaves_the_others(script: Script) -> None:
    def reply(asked: Asked) -> Reply:
        queries = asked.params["MetricDataQueries"]
        if any(query["MetricStat"]["Metric"]["Dimensions"][0]["Value"] == "i-0000" for query in queries):
            return json_error("InternalServiceFault", "oops", 500)
        return answer(*[result(int(query["Id"][1:]), {0: 1.0}) for query in queries])

    script({"GetMetricData": reply})
    first, second = fetched([target(f"i-{n:04}") for n in range(600)], max_workers=1)
    assert {one.status for one in first.coverage} == {"failed"}
    assert {one.status for one in second.coverage} == {"ok"}


def test_what_nothing_publishes_is_no_data_without_asking(script: Script) -> None:
    running = script({})
    (chunk,) = fetched([target("i-a", "mem_used_percent", dimensions=None)])
    (one,) = chunk.coverage
    assert (one.status, one.points, one.detail) == ("no_data", 0, "nothing publishes it")
    assert running.count("GetMetricData") == 0


def test_an_agents_metric_that_could_not_be_looked_for_is_a_gap_but_holds_up_no_other(script: Script) -> None:
    script({"GetMetricData": answer(result(0, {0: 1.0}))})
    refused = Failure(CoverageStatus.DENIED, "AccessDenied", "cloudwatch:ListMetrics", "refused", "grant it")
    (chunk,) = fetched([target("i-a"), replace(target("i-a", "mem_used_percent", dimensions=None), failure=refused)])
    assert [(one.metric, one.status) for one in chunk.coverage] == [("CPUUtilization", "ok"), ("mem_used_percent", "denied")]
    assert chunk.is_complete


def test_points_outside_the_window_and_no_numbers_are_left_out(script: Script) -> None:
    script({"GetMetricData": answer(result(0, {-1: 1.0, 0: 2.0, 4: 3.0}))})
    (chunk,) = fetched([target("i-a")])
    assert chunk.columns["CPUUtilization|Average"].tolist() == [2.0]
    assert chunk.window == Window(START, hour(4))


def test_what_is_asked(script: Script) -> None:
    running = script({"GetMetricData": answer(result(0, {}))})
    fetched([target("i-a")])
    assert running.asked[-1].params == {
        "StartTime": START.timestamp(),
        "EndTime": hour(4).timestamp(),
        "ScanBy": "TimestampAscending",
        "MetricDataQueries": [
            {
                "Id": "q0",
                "MetricStat": {
                    "Metric": {
                        "Namespace": "AWS/EC2",
                        "MetricName": "CPUUtilization",
                        "Dimensions": [{"Name": "InstanceId", "Value": "i-a"}],
                    },
                    "Period": 3600,
                    "Stat": "Average",
                },
                "ReturnData": True,
            }
        ],
    }


def listed(**dimensions: str) -> dict[str, Any]:
    return {"Namespace": "CWAgent", "MetricName": "m", "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()]}


def test_the_agents_dimensions_are_those_that_exist(script: Script) -> None:
    root = listed(path="/", InstanceId="i-1", device="sda1", fstype="xfs")
    windows = listed(InstanceId="i-2", instance="C:", objectname="LogicalDisk")
    pages = [
        json_reply({"Metrics": [listed(InstanceId="i-1", path="/data", device="sdb"), root], "NextToken": "2"}),
        json_reply({"Metrics": [windows, listed(path="/"), listed(InstanceId="i-2", instance="D:")]}),
    ]
    memory = json_reply({"Metrics": [listed(ImageId="ami", InstanceId="i-1"), listed(InstanceId="i-1")]})
    running = script({"ListMetrics": [*pages, memory]})
    found, failure = agent_dimensions(sessions_of(own_account()), OWN, REGION, {"CWAgent": ("disk_used_percent", "mem_used_percent")})
    assert failure is None
    assert found == {
        ("CWAgent", "disk_used_percent", "i-1"): (("path", "/"), ("InstanceId", "i-1"), ("device", "sda1"), ("fstype", "xfs")),
        ("CWAgent", "disk_used_percent", "i-2"): (("InstanceId", "i-2"), ("instance", "C:"), ("objectname", "LogicalDisk")),
        ("CWAgent", "mem_used_percent", "i-1"): (("InstanceId", "i-1"),),
    }
    assert running.count("ListMetrics") == 3


def test_what_cloudwatch_holds_is_listed_once_for_all_buckets(script: Script) -> None:
    one = listed(StorageType="GlacierStorage", BucketName="photos")
    running = script({"ListMetrics": [json_reply({"Metrics": [one], "NextToken": "2"}), json_reply({"Metrics": []})]})
    found, failure = metrics_held(sessions_of(own_account()), OWN, REGION, {"AWS/S3": ("BucketSizeBytes",)})
    assert (found, failure) == ({("AWS/S3", "BucketSizeBytes", (("BucketName", "photos"), ("StorageType", "GlacierStorage")))}, None)
    assert running.count("ListMetrics") == 2


def test_a_denied_list_of_agent_metrics_is_told(script: Script) -> None:
    script({"ListMetrics": json_error("AccessDenied", "no", 403)})
    found, failure = agent_dimensions(sessions_of(own_account()), OWN, REGION, {"CWAgent": ("mem_used_percent",)})
    assert found == {}
    assert failure is not None
    assert (failure.status, failure.missing_action) == (CoverageStatus.DENIED, "cloudwatch:ListMetrics")

"""The emulator's CloudWatch answers as unpatched moto does, only faster, and with the real service's limits."""

import threading
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import numpy as np
import pytest
from botocore.exceptions import ClientError

from cloudmigrate.simulate.emulator import Emulator
from cloudmigrate.simulate.series import SeriesKey, SeriesUpload, encode

START = datetime(2026, 11, 1, tzinfo=UTC)
DIMENSIONS = [{"Name": "InstanceId", "Value": "i-1"}, {"Name": "Disk", "Value": "sda"}]


def datum(minute: float, **value: Any) -> dict[str, Any]:
    return {"MetricName": "Load", "Dimensions": DIMENSIONS, "Timestamp": START + timedelta(minutes=minute), "Unit": "Percent"} | value


# Two points in the first period, none in the second, a statistic set in the third, values with counts in the fourth.
SAMPLE = [
    datum(1, Value=10.0),
    datum(4, Value=30.0),
    datum(11, StatisticValues={"Sum": 50.0, "Minimum": 5.0, "Maximum": 20.0, "SampleCount": 4.0}),
    datum(15, Values=[2.0, 8.0], Counts=[3.0, 1.0]),
    {"MetricName": "Load", "Dimensions": [{"Name": "InstanceId", "Value": "i-2"}], "Timestamp": START, "Value": 99.0},
]
PERIODS = [START, START + timedelta(minutes=10), START + timedelta(minutes=15)]


def query(stat: str, dimensions: list[dict[str, str]] = DIMENSIONS, period: int = 300) -> dict[str, Any]:
    metric = {"Namespace": "Test", "MetricName": "Load", "Dimensions": dimensions}
    return {"Id": stat.lower(), "MetricStat": {"Metric": metric, "Period": period, "Stat": stat}}


@pytest.fixture(scope="module")
def moto_url() -> Iterator[str]:
    """moto as it is installed, in this process, with none of our changes."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    threading.Thread(target=server.stop).start()


STATS = {
    "Average": [20.0, 12.5, 3.5],
    "Sum": [40.0, 50.0, 14.0],
    "Minimum": [10.0, 5.0, 2.0],
    "Maximum": [30.0, 20.0, 8.0],
    "SampleCount": [2.0, 4.0, 4.0],
}


class TestSameAsMoto:
    @pytest.fixture(params=["ours", "moto"])
    def cloudwatch(self, request: pytest.FixtureRequest, clean_emulator: Emulator) -> Any:
        url = clean_emulator.url if request.param == "ours" else request.getfixturevalue("moto_url")
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"{url}/moto-api/reset", data=b"").close()
        client = boto3.client("cloudwatch", endpoint_url=url)
        client.put_metric_data(Namespace="Test", MetricData=SAMPLE)
        return client

    @pytest.mark.parametrize("stat", STATS)
    def test_get_metric_data(self, cloudwatch: Any, stat: str) -> None:
        found = cloudwatch.get_metric_data(
            MetricDataQueries=[query(stat)], StartTime=START, EndTime=START + timedelta(minutes=30), ScanBy="TimestampAscending"
        )["MetricDataResults"]
        assert [(one["Id"], one["Label"], one["StatusCode"]) for one in found] == [(stat.lower(), f"Load {stat}", "Complete")]
        assert found[0]["Values"] == STATS[stat]
        assert found[0]["Timestamps"] == PERIODS

    def test_newest_first_unless_asked_otherwise(self, cloudwatch: Any) -> None:
        found = cloudwatch.get_metric_data(MetricDataQueries=[query("Sum")], StartTime=START, EndTime=START + timedelta(minutes=30))
        assert found["MetricDataResults"][0]["Values"] == STATS["Sum"][::-1]

    def test_the_end_is_exclusive(self, cloudwatch: Any) -> None:
        found = cloudwatch.get_metric_data(MetricDataQueries=[query("Sum")], StartTime=START, EndTime=START + timedelta(minutes=15))
        assert found["MetricDataResults"][0]["Values"] == [50.0, 40.0]

    def test_no_data_is_an_answer(self, cloudwatch: Any) -> None:
        nobody = [{"Name": "InstanceId", "Value": "i-3"}]
        found = cloudwatch.get_metric_data(MetricDataQueries=[query("Sum", nobody)], StartTime=START, EndTime=START + timedelta(days=1))
        assert [(one["Values"], one["Timestamps"]) for one in found["MetricDataResults"]] == [([], [])]

    def test_get_metric_statistics(self, cloudwatch: Any) -> None:
        found = cloudwatch.get_metric_statistics(
            Namespace="Test",
            MetricName="Load",
            Dimensions=DIMENSIONS,
            StartTime=START,
            EndTime=START + timedelta(minutes=30),
            Period=3600,
            Statistics=["Average", "Maximum"],
        )["Datapoints"]
        assert [(one["Average"], one["Maximum"]) for one in found] == [(10.4, 30.0)]  # (40 + 50 + 14) / 10

    @pytest.mark.parametrize("hours", [0, -1], ids=["no-time", "backwards"])
    def test_windows_that_make_no_sense_are_refused(self, cloudwatch: Any, hours: int) -> None:
        with pytest.raises(ClientError, match="EndTime"):
            cloudwatch.get_metric_data(MetricDataQueries=[query("Sum")], StartTime=START, EndTime=START + timedelta(hours=hours))


class TestLikeTheRealService:
    @pytest.fixture
    def cloudwatch(self, clean_emulator: Emulator) -> Any:
        client = boto3.client("cloudwatch")
        client.put_metric_data(Namespace="Test", MetricData=SAMPLE)
        return client

    def test_pages_join_to_the_whole(self, cloudwatch: Any) -> None:
        pages = list(
            cloudwatch.get_paginator("get_metric_data").paginate(
                MetricDataQueries=[query("Sum"), query("Average"), query("Maximum")],
                StartTime=START,
                EndTime=START + timedelta(hours=1),
                ScanBy="TimestampAscending",
                PaginationConfig={"PageSize": 2},
            )
        )
        found = [[(one["Id"], one["Values"], one["StatusCode"]) for one in page["MetricDataResults"]] for page in pages]
        assert found == [
            [("sum", [40.0, 50.0], "PartialData")],
            [("sum", [14.0], "Complete"), ("average", [20.0], "PartialData")],
            [("average", [12.5, 3.5], "Complete")],
            [("maximum", [30.0, 20.0], "PartialData")],
            [("maximum", [8.0], "Complete")],
        ]

    def test_each_series_is_listed_once(self, cloudwatch: Any) -> None:
        found = cloudwatch.list_metrics(Namespace="Test")["Metrics"]
        assert [sorted(one["Value"] for one in metric["Dimensions"]) for metric in found] == [["i-1", "sda"], ["i-2"]]

    def test_more_than_500_queries_are_refused(self, cloudwatch: Any) -> None:
        many = [query("Sum") | {"Id": f"q{number}"} for number in range(501)]
        with pytest.raises(ClientError, match="500"):
            cloudwatch.get_metric_data(MetricDataQueries=many, StartTime=START, EndTime=START + timedelta(hours=1))

    def test_a_foreign_token_is_refused(self, cloudwatch: Any) -> None:
        with pytest.raises(ClientError, match="InvalidNextToken"):
            cloudwatch.get_metric_data(
                MetricDataQueries=[query("Sum")], StartTime=START, EndTime=START + timedelta(hours=1), NextToken="bm9uc2Vuc2U="
            )

    def test_more_than_1440_statistics_are_refused(self, cloudwatch: Any) -> None:
        with pytest.raises(ClientError, match=r"exceeds the limit of 1,440"):
            cloudwatch.get_metric_statistics(
                Namespace="Test", MetricName="Load", StartTime=START, EndTime=START + timedelta(days=6), Period=300, Statistics=["Sum"]
            )

    def test_two_weeks_of_five_minutes_come_in_pages_of_100_800_points(self, clean_emulator: Emulator) -> None:
        values = np.arange(4032, dtype=np.float32)
        series = [
            SeriesUpload(
                key=SeriesKey("Test", "Load", (("InstanceId", f"i-{number}"),)),
                unit="Percent",
                start_s=int(START.timestamp()),
                period_s=300,
                samples=5,
                mean=np.where(values == 7, np.nan, values),
                maximum=values * 2,
                minimum=values,
            )
            for number in range(30)
        ]
        body = encode("123456789012", "us-west-2", series)
        started_s = time.monotonic()
        urllib.request.urlopen(f"{clean_emulator.url}/_simulate/metrics", data=body).close()
        asked = [query("Average", [{"Name": "InstanceId", "Value": f"i-{number}"}]) | {"Id": f"q{number}"} for number in range(30)]
        pages = list(
            boto3.client("cloudwatch")
            .get_paginator("get_metric_data")
            .paginate(MetricDataQueries=asked, StartTime=START, EndTime=START + timedelta(days=14), ScanBy="TimestampAscending")
        )
        sizes = [sum(len(one["Values"]) for one in page["MetricDataResults"]) for page in pages]
        assert sizes == [100_800, 30 * 4031 - 100_800]
        assert pages[0]["MetricDataResults"][0]["Values"][5:9] == [5.0, 6.0, 8.0, 9.0]  # the seventh point does not exist
        assert time.monotonic() - started_s < 30

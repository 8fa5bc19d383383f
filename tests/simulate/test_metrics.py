"""The demo's series look like what their shapes say, and are the same every time."""

from datetime import UTC, datetime, timedelta

import boto3
import numpy as np
import pytest

from cloudmigrate.simulate.estate import PLACES
from cloudmigrate.simulate.estate.loads import LOADS, Load, Shape
from cloudmigrate.simulate.metrics import Subject, series_of
from cloudmigrate.simulate.series import SeriesUpload
from cloudmigrate.simulate.things import Thing

NOW = datetime(2026, 11, 22, 12, 3, tzinfo=UTC)  # a Sunday
SERVER = Subject("AWS::EC2::Instance", "i-1", {"InstanceType": "m5.large"})


def made(load: Load, subject: Subject = SERVER, seed: int = 7) -> dict[str, SeriesUpload]:
    return {one.key.name: one for one in series_of(load, subject, NOW, seed)}


def cpu(shape: Shape, peak: float = 0.7) -> np.ndarray:
    return made(Load("x", shape, peak))["CPUUtilization"].mean.astype(float)


def test_fifteen_days_of_five_minutes_end_with_the_last_full_period() -> None:
    one = made(Load("x", Shape.STEADY))["CPUUtilization"]
    assert len(one.mean) == 15 * 288
    assert one.start_s + len(one.mean) * one.period_s == datetime(2026, 11, 22, 12, 0, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("shape", "p50", "p95"),
    [
        (Shape.DIURNAL, (20, 45), (55, 72)),
        (Shape.OFFICE, (1, 10), (45, 65)),
        (Shape.STEADY, (44, 54), (50, 60)),
        (Shape.BURSTY, (2, 8), (6, 70)),
        (Shape.BATCH, (1, 5), (60, 75)),
        (Shape.IDLE, (1, 3), (1, 6)),
        (Shape.GROWING, (30, 50), (55, 66)),
    ],
)
def test_a_shape_has_its_percentiles(shape: Shape, p50: tuple[float, float], p95: tuple[float, float]) -> None:
    values = cpu(shape)
    assert p50[0] <= np.percentile(values, 50) <= p50[1]
    assert p95[0] <= np.percentile(values, 95) <= p95[1]


def test_offices_are_empty_on_sunday() -> None:
    sunday = cpu(Shape.OFFICE)[-144:]  # the twelve hours before noon
    assert sunday.max() < 20


def test_values_keep_their_bounds() -> None:
    for shape in Shape:
        one = made(Load("x", shape, 1.0, agent=True))
        for series in one.values():
            assert (series.minimum <= series.mean + 1e-3).all()
            assert (series.mean <= series.maximum + 1e-3).all()
            assert series.minimum.min() >= 0
        assert one["CPUUtilization"].maximum.max() <= 100


def test_the_agent_measures_memory_only_where_it_runs() -> None:
    assert "mem_used_percent" in made(Load("x", Shape.STEADY, agent=True))
    assert "mem_used_percent" not in made(Load("x", Shape.STEADY))


def test_only_burstable_instances_have_credits() -> None:
    assert "CPUCreditBalance" not in made(Load("x", Shape.STEADY))
    assert "CPUCreditBalance" in made(Load("x", Shape.STEADY), Subject("AWS::EC2::Instance", "i-1", {"InstanceType": "t3.micro"}))


def test_a_gap_is_two_days_without_points() -> None:
    assert np.isnan(made(Load("x", Shape.STEADY, gap=True))["CPUUtilization"].mean).sum() == 2 * 288


def test_buckets_are_measured_daily() -> None:
    one = made(Load("b", Shape.GROWING), Subject("AWS::S3::Bucket", "b", {"Bucket": "b"}))["BucketSizeBytes"]
    assert one.period_s == 86_400
    assert one.start_s % 86_400 == 0
    assert len(one.mean) == 15
    assert one.key.dimensions == (("BucketName", "b"), ("StorageType", "StandardStorage"))


def test_the_seed_decides_everything() -> None:
    first, again, other = (made(Load("x", Shape.BURSTY), seed=seed)["NetworkIn"].mean for seed in (7, 7, 8))
    assert (first == again).all()
    assert (first != other).any()


def test_every_load_is_of_something_in_the_tables() -> None:
    keys = {step.key for place in PLACES for step in place.steps if isinstance(step, Thing)}
    assert {load.key.split("/")[0] if load.key.startswith("shop-web-group") else load.key for load in LOADS} <= keys
    assert len({load.key for load in LOADS}) == len(LOADS)


def test_the_emulator_answers_with_them(demo: object) -> None:
    ids, now = demo.summary.ids, demo.now  # type: ignore[attr-defined]
    cloudwatch = boto3.client("cloudwatch", region_name="eu-central-1")

    def points(instance_id: str) -> list[float]:
        metric = {
            "Namespace": "AWS/EC2",
            "MetricName": "CPUUtilization",
            "Dimensions": [{"Name": "InstanceId", "Value": instance_id}],
        }
        found = cloudwatch.get_metric_data(
            MetricDataQueries=[{"Id": "cpu", "MetricStat": {"Metric": metric, "Period": 300, "Stat": "Average"}}],
            StartTime=now.replace(minute=0, second=0, microsecond=0) - timedelta(days=14),
            EndTime=now.replace(minute=0, second=0, microsecond=0),
        )
        return list(found["MetricDataResults"][0]["Values"])

    assert len(points(ids["shop-app-1"])) == 14 * 288
    assert len(points(ids["shop-web-group/2"])) == 14 * 288
    assert max(points(ids["old-crm"])) < 10
    assert points(ids["hostile"]) == []

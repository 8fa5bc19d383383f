"""Requests to CloudWatch keep within its limits, lose nothing and ask nothing twice; windows grow by what is new."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmigrate.aws.catalogue import BY_TYPE as CATALOGUE_BY_TYPE
from cloudmigrate.aws.failures import Failure
from cloudmigrate.aws.metrics_plan import (
    POINTS_A_CALL,
    QUERIES_A_CALL,
    MetricTarget,
    Window,
    agent_metrics,
    aligned,
    fresh_window,
    listed_metrics,
    metric_targets,
    plan_requests,
    series_window,
)
from cloudmigrate.domain.resources import CoverageStatus, Resource
from tests.aws.engine_rows import BUCKET, INSTANCE, ROWS

NOW = datetime(2026, 11, 22, 21, 7, 33, tzinfo=UTC)
BY_TYPE = {row.type: row for row in ROWS}


def at(day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def target(uid: str, *, stats: tuple[str, ...] = ("Average",), period_s: int = 300, type_: str = "T", metric: str = "M") -> MetricTarget:
    return MetricTarget(uid, "1", "eu-west-1", type_, metric, stats, "AWS/T", (("Id", uid),), period_s)


def resource(row_type: str, uid: str, **spec: str) -> Resource:
    return Resource(uid, "aws", "1", "eu-west-1", row_type, uid, "running", {}, spec, stateful=False)


@pytest.mark.parametrize(
    ("instant", "period_s", "expected"),
    [(NOW, 300, at(22, 21, 5)), (NOW, 60, at(22, 21, 7)), (NOW, 86_400, at(22)), (at(22), 300, at(22)), (NOW, 3600, at(22, 21))],
)
def test_aligned(instant: datetime, period_s: int, expected: datetime) -> None:
    assert aligned(instant, period_s) == expected


def test_first_run_asks_the_whole_window() -> None:
    whole = Window(at(8, 21, 5), at(22, 21, 5))
    assert series_window(NOW, days=14, period_s=300) == whole
    assert fresh_window(None, NOW, days=14, period_s=300) == whole


def test_second_run_asks_what_is_new_and_the_last_three_hours_again() -> None:
    mark = at(21, 21, 5)
    assert fresh_window(mark, NOW, days=14, period_s=300) == Window(at(21, 18, 5), at(22, 21, 5))


@pytest.mark.parametrize(
    ("mark", "fresh_start"),
    [
        pytest.param(at(1), at(8, 21, 5), id="mark-before-the-window"),
        pytest.param(NOW, at(22, 18, 5), id="mark-is-now"),
        pytest.param(NOW + timedelta(days=2), at(22, 21, 5), id="mark-from-a-clock-ahead"),
    ],
)
def test_marks_at_the_edges(mark: datetime, fresh_start: datetime) -> None:
    assert fresh_window(mark, NOW, days=14, period_s=300) == Window(fresh_start, at(22, 21, 5))


@given(
    st.none() | st.datetimes(datetime(2026, 10, 1), datetime(2026, 12, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis adds UTC
    st.sampled_from([60, 300, 3600, 86_400]),
    st.integers(1, 60),
)
def test_the_fresh_stretch_ends_the_window_and_begins_within_it(mark: datetime | None, period_s: int, days: int) -> None:
    whole = series_window(NOW, days=days, period_s=period_s)
    fresh = fresh_window(mark, NOW, days=days, period_s=period_s)
    assert fresh.end_at == whole.end_at
    assert whole.start_at <= fresh.start_at <= fresh.end_at


def test_fourteen_days_of_five_minutes_are_25_queries_a_call() -> None:
    (batch,) = plan_requests([target(f"r{n:03}") for n in range(60)], at(1), at(15))
    assert batch.window.periods(300) == 4032
    assert [len(request.queries) for request in batch.requests] == [25, 25, 10]  # 25 x 4032 = 100,800


def test_one_hour_is_500_queries_a_call() -> None:
    (batch,) = plan_requests([target(f"r{n:03}", stats=("Average", "Maximum")) for n in range(300)], at(1), at(1, 1))
    assert [len(request.queries) for request in batch.requests] == [500, 100]


def test_statistics_of_a_metric_stay_in_one_call() -> None:
    stats = ("Average", "Maximum")
    (batch,) = plan_requests([target(f"r{n:03}", stats=stats) for n in range(20)], at(1), at(15))
    assert [len(request.queries) for request in batch.requests] == [24, 16]


def test_a_window_above_the_limit_is_cut() -> None:
    (batch,) = plan_requests([target("r", period_s=60)], at(1), at(1) + timedelta(minutes=POINTS_A_CALL + 5))
    cut = at(1) + timedelta(minutes=POINTS_A_CALL)
    assert [request.window for request in batch.requests] == [Window(at(1), cut), Window(cut, cut + timedelta(minutes=5))]


def test_batches_are_of_one_type_and_period_and_at_most_500_resources() -> None:
    targets = [target(f"r{n:04}") for n in range(501)] + [target("d", period_s=86_400), target("other", type_="U")]
    batches = list(plan_requests(reversed(targets), at(1), at(2)))
    assert [(one.type, one.period_s, len(one.uids)) for one in batches] == [("T", 300, 500), ("T", 300, 1), ("T", 86_400, 1), ("U", 300, 1)]
    assert batches[0].uids[0] == "r0000"
    assert batches[1].uids == ("r0500",)


def test_daily_metrics_reach_back_two_days_since_they_come_late() -> None:
    (batch,) = plan_requests([target("b", period_s=86_400)], at(22, 18), at(22, 21))
    assert batch.window == Window(at(20), at(22))
    (batch,) = plan_requests([target("b", period_s=86_400)], at(8, 21, 5), at(22, 21, 5))
    assert batch.window == Window(at(8), at(22))


def test_a_window_without_a_whole_period_gives_nothing() -> None:
    assert list(plan_requests([target("r")], at(1), at(1, 0, 4))) == []


def test_wide_long_batches_are_smaller_so_that_memory_is_bounded() -> None:
    stats = tuple(f"p{n}" for n in range(16))
    batches = list(plan_requests([target(f"r{n:03}", stats=stats, period_s=60) for n in range(100)], at(1), at(16)))
    assert [len(one.uids) for one in batches] == [57, 43]  # 57 x 16 columns x 21,600 periods is just under 20 million cells


@given(
    st.lists(
        st.tuples(st.integers(0, 40), st.sampled_from(["A", "B"]), st.sampled_from([60, 300, 3600]), st.integers(1, 5)),
        max_size=80,
        unique_by=lambda one: one[:3],
    ),
    st.integers(1, 200 * 24),
)
def test_no_call_exceeds_a_limit_and_every_point_is_asked_for_once(shapes: list[tuple[int, str, int, int]], hours: int) -> None:
    targets = [
        target(f"r{n}", metric=metric, period_s=period_s, stats=tuple(f"p{k}" for k in range(count)))
        for n, metric, period_s, count in shapes
    ]
    start, end = at(1), at(1) + timedelta(hours=hours)
    asked: Counter[tuple[str, str, int]] = Counter()
    for batch in plan_requests(targets, start, end):
        for request in batch.requests:
            points = request.window.periods(request.period_s)
            assert len(request.queries) <= QUERIES_A_CALL
            assert len(request.queries) * points <= POINTS_A_CALL
            for query in request.queries:
                asked[query.target.uid, query.column, query.target.period_s] += points
    expected = {(one.uid, f"{one.metric}|{stat}", one.period_s): hours * 3600 // one.period_s for one in targets for stat in one.stats}
    assert dict(asked) == expected


def test_targets_of_an_instance_with_an_agent() -> None:
    agent = {("CWAgent", "mem_used_percent", "i-1"): (("ImageId", "ami-1"), ("InstanceId", "i-1"))}
    found = {one.metric: one for one in metric_targets([resource(INSTANCE.type, "arn:i-1", InstanceId="i-1")], BY_TYPE, 300, agent)}
    assert list(found) == ["CPUUtilization", "NetworkIn", "mem_used_percent", "disk_used_percent"]
    assert found["CPUUtilization"].dimensions == (("InstanceId", "i-1"),)
    assert found["CPUUtilization"].stats == ("Average", "Maximum")
    assert found["mem_used_percent"].namespace == "CWAgent"
    assert found["mem_used_percent"].dimensions == (("ImageId", "ami-1"), ("InstanceId", "i-1"))
    assert found["disk_used_percent"].dimensions is None


def test_an_agent_that_could_not_be_asked_about_is_not_taken_for_silent() -> None:
    refused = Failure(CoverageStatus.DENIED, "AccessDenied", None, "refused", "grant it")
    instance = resource(INSTANCE.type, "arn:i-1", InstanceId="i-1")
    found = {one.metric: one.failure for one in metric_targets([instance], BY_TYPE, 300, {}, refused)}
    assert found == {"CPUUtilization": None, "NetworkIn": None, "mem_used_percent": refused, "disk_used_percent": refused}


def test_a_buckets_size_is_daily_and_has_a_storage_type() -> None:
    (one,) = metric_targets([resource(BUCKET.type, "arn:b", Name="photos")], BY_TYPE, 300)
    assert (one.period_s, one.dimensions) == (86_400, (("BucketName", "photos"), ("StorageType", "StandardStorage")))


def test_other_storage_types_are_asked_for_where_cloudwatch_lists_them() -> None:
    bucket = resource(BUCKET.type, "arn:b", Name="photos")
    archived = (("BucketName", "photos"), ("StorageType", "GlacierStorage"))
    held = frozenset({("AWS/S3", "BucketSizeBytes", archived)})
    found = {one.metric: one for one in metric_targets([bucket], CATALOGUE_BY_TYPE, 300, listed=held)}
    assert list(found) == ["BucketSizeBytes", "BucketSizeBytes/GlacierStorage", "NumberOfObjects"]
    assert found["BucketSizeBytes/GlacierStorage"].dimensions == archived
    assert found["BucketSizeBytes/GlacierStorage"].published_as == "BucketSizeBytes"
    refused = Failure(CoverageStatus.DENIED, "AccessDenied", None, "refused", "grant it")
    untold = {one.metric: one.failure for one in metric_targets([bucket], CATALOGUE_BY_TYPE, 300, list_failure=refused)}
    assert (untold["BucketSizeBytes"], untold["BucketSizeBytes/GlacierStorage"]) == (None, refused)


def test_requests_are_asked_for_where_they_are_counted_for_the_whole_bucket() -> None:
    part = {"Id": "logs", "Filter": {"Prefix": "logs/"}}
    some = resource(BUCKET.type, "arn:b", Name="photos", MetricsConfigurations=[part])
    assert [one.metric for one in metric_targets([some], CATALOGUE_BY_TYPE, 300)] == ["BucketSizeBytes", "NumberOfObjects"]
    whole = resource(BUCKET.type, "arn:b", Name="photos", MetricsConfigurations=[part, {"Id": "all"}])
    found = {one.metric: one.dimensions for one in metric_targets([whole], CATALOGUE_BY_TYPE, 300)}
    assert found["BytesDownloaded"] == found["GetRequests"] == (("BucketName", "photos"), ("FilterId", "all"))


def test_metrics_that_need_listing_by_namespace() -> None:
    assert listed_metrics(CATALOGUE_BY_TYPE.values()) == {"AWS/S3": ("BucketSizeBytes",)}


def test_what_has_no_metrics_or_lacks_its_dimension_is_not_asked_for() -> None:
    assert list(metric_targets([resource("AWS::EC2::VPC", "v"), resource("No::Such::Type", "x")], BY_TYPE, 300)) == []
    assert {one.dimensions for one in metric_targets([resource(BUCKET.type, "arn:b")], BY_TYPE, 300)} == {None}


LOAD_BALANCER, INSTANCES, CACHE = "AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::EC2::Instance", "AWS::ElastiCache::CacheCluster"


@pytest.mark.parametrize(
    ("one", "asked", "not_asked"),
    [
        pytest.param(
            resource(LOAD_BALANCER, "lb", Type="network", LoadBalancerArn="arn:x:loadbalancer/net/a/1"),
            {"ActiveFlowCount", "NewFlowCount", "ProcessedBytes"},
            {"RequestCount", "TargetResponseTime"},
            id="network-balancer",
        ),
        pytest.param(
            resource(LOAD_BALANCER, "lb", Type="application", LoadBalancerArn="arn:x:loadbalancer/app/a/1"),
            {"RequestCount", "TargetResponseTime", "ProcessedBytes"},
            {"ActiveFlowCount", "NewFlowCount"},
            id="application-balancer",
        ),
        pytest.param(
            resource(INSTANCES, "i", InstanceId="i-1", InstanceType="m5.large"),
            {"CPUUtilization", "mem_used_percent"},
            {"CPUCreditBalance", "Memory % Committed Bytes In Use"},
            id="linux-without-credits",
        ),
        pytest.param(
            resource(INSTANCES, "i", InstanceId="i-1", InstanceType="t3.large", Platform="windows"),
            {"CPUCreditBalance", "Memory % Committed Bytes In Use"},
            {"mem_used_percent"},
            id="windows-with-credits",
        ),
        pytest.param(resource(CACHE, "c", CacheClusterId="c", Engine="memcached"), {"Evictions"}, {"EngineCPUUtilization"}, id="memcached"),
    ],
)
def test_only_what_a_resource_can_have_is_asked_for(one: Resource, asked: set[str], not_asked: set[str]) -> None:
    found = [target.metric for target in metric_targets([one], CATALOGUE_BY_TYPE, 300)]
    assert asked <= set(found)
    assert not_asked.isdisjoint(found)
    assert len(found) == len(set(found))  # no two namespaces fill one column


def test_metrics_of_agents_by_namespace() -> None:
    assert agent_metrics(ROWS) == {"CWAgent": ("mem_used_percent", "disk_used_percent")}

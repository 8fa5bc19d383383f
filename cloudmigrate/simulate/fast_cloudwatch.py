"""moto's CloudWatch with indexed series and the real service's limits; applied in the emulator's own process only."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from cloudmigrate.simulate.series import STATISTICS, Answer, Points, Query, SeriesKey, SeriesStore, decode, page

# Limits of the real service (API reference of GetMetricData and GetMetricStatistics).
QUERIES_PER_CALL = 500
POINTS_PER_CALL = 100_800
STATISTICS_POINTS_PER_CALL = 1_440

Json = dict[str, Any]


def install() -> None:
    """Replace moto's metric store and everything that reads it.

    Unlike moto, a query without dimensions means the metric that has none, and buckets have no size of their own accord.
    """
    from moto.cloudwatch.models import CloudWatchBackend
    from moto.cloudwatch.responses import CloudWatchResponse

    CloudWatchBackend.put_metric_data = _put_metric_data  # type: ignore[method-assign]
    CloudWatchBackend.get_metric_statistics = _get_metric_statistics  # type: ignore[method-assign]
    CloudWatchBackend.get_all_metrics = _get_all_metrics  # type: ignore[method-assign]
    CloudWatchResponse.get_metric_data = _get_metric_data  # type: ignore[method-assign]


def upload(body: bytes) -> int:
    """Store a bulk upload (see `series.encode`); the number of series in it."""
    from moto.cloudwatch.models import cloudwatch_backends

    account_id, region, series = decode(body)
    store = _store(cloudwatch_backends[account_id][region])
    count = 0
    for key, unit, points in series:
        store.add(key, unit, points)
        count += 1
    return count


def _store(backend: Any) -> SeriesStore:
    # A reset empties the backend's __dict__, and the series with it.
    store: SeriesStore = backend.__dict__.setdefault("series", SeriesStore())
    return store


def _key(namespace: str, name: str, dimensions: Sequence[Mapping[str, str]]) -> SeriesKey:
    return SeriesKey(namespace, name, tuple(sorted((one["Name"], one["Value"]) for one in dimensions)))


def _epoch_s(at: datetime | None) -> int:
    at = at or datetime.now(UTC)
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())  # moto's instants are UTC without saying so


def _put_metric_data(self: Any, namespace: str, metric_data: list[Json]) -> None:
    for number, datum in enumerate(metric_data, 1):
        self._validate_parameters_put_metric_data(datum, number)
    rows: defaultdict[tuple[SeriesKey, str | None], list[tuple[int, float, float, float, float]]] = defaultdict(list)
    for datum in metric_data:
        key = _key(namespace, datum["MetricName"], datum.get("Dimensions") or ())
        rows[key, datum.get("Unit")] += _rows(datum)
    for (key, unit), found in rows.items():
        _store(self).add(key, unit, Points.of(found))


def _rows(datum: Json) -> list[tuple[int, float, float, float, float]]:
    at_s = _epoch_s(datum.get("Timestamp"))
    if stats := datum.get("StatisticValues"):
        return [(at_s, float(stats["Sum"]), float(stats["Minimum"]), float(stats["Maximum"]), float(stats["SampleCount"]))]
    values = [float(value) for value in datum.get("Values") or [datum.get("Value", 0)]]
    counts = [float(count) for count in datum.get("Counts") or [1] * len(values)]
    return [(at_s, value * count, value, value, count) for value, count in zip(values, counts, strict=True)]


def _get_all_metrics(self: Any) -> list[Any]:
    """One datum per series, for ListMetrics."""
    from moto.cloudwatch.models import MetricDatumBase

    return [
        MetricDatumBase(key.namespace, key.name, [{"Name": name, "Value": value} for name, value in key.dimensions], None)
        for key in _store(self).known()
    ]


def _get_metric_statistics(  # noqa: PLR0917 - moto's own signature
    self: Any,
    namespace: str,
    metric_name: str,
    start_time: datetime,
    end_time: datetime,
    period: int,
    stats: list[str],
    dimensions: list[dict[str, str]],
    unit: str | None = None,
) -> list[Any]:
    from moto.cloudwatch.exceptions import InvalidParameterCombination, InvalidParameterValue
    from moto.cloudwatch.models import MetricAggregatedDatum, Statistics

    start_s, end_s = _epoch_s(start_time), _epoch_s(end_time)
    if start_s >= end_s:
        raise InvalidParameterValue("The parameter StartTime must be less than the parameter EndTime.")
    if (end_s - start_s) / period > STATISTICS_POINTS_PER_CALL:
        raise InvalidParameterCombination(
            f"You have requested up to {(end_s - start_s) // period:,} datapoints, which exceeds the limit of "
            f"{STATISTICS_POINTS_PER_CALL:,}. You may reduce the datapoints requested by increasing Period, or decreasing the time range."
        )
    points = _store(self).points(_key(namespace, metric_name, dimensions or ()), unit)
    columns = [points.per_period(start_s, end_s, period, one) for one in ("Minimum", "Maximum", "SampleCount", "Sum")]
    found = []
    for index, low, high, samples, total in zip(columns[0][0], *(values for _, values in columns), strict=True):
        at = start_time.replace(microsecond=0) + timedelta(seconds=int(index) * period)
        bucket = Statistics(stats, at, unit)
        bucket.metric_data = [MetricAggregatedDatum(namespace, metric_name, low, high, samples, total, [], at, unit)]
        found.append(bucket)
    return found


def _get_metric_data(self: Any) -> Any:
    """The response to GetMetricData, in pages of at most MaxDatapoints points."""
    from moto.cloudwatch.exceptions import CloudWatchException, ValidationError
    from moto.core.responses import ActionResult

    params = self._get_params()
    start, end = params["StartTime"].replace(microsecond=0), params["EndTime"].replace(microsecond=0)
    asked = params.get("MetricDataQueries") or []
    if problem := _problem(start, end, asked):
        raise ValidationError(problem)
    limit = int(params.get("MaxDatapoints") or POINTS_PER_CALL)
    if limit > POINTS_PER_CALL:
        raise ValidationError(f"The parameter MaxDatapoints must be at most {POINTS_PER_CALL}.")
    try:
        answers, token = page(
            _store(self.cloudwatch_backend),
            [_query(one) for one in asked],
            start_s=_epoch_s(start),
            end_s=_epoch_s(end),
            descending=(params.get("ScanBy") or "TimestampDescending") == "TimestampDescending",
            token=params.get("NextToken"),
            limit=limit,
        )
    except ValueError as error:
        invalid = CloudWatchException(f"The token {error} is invalid.")
        invalid.code = "InvalidNextToken"
        raise invalid from error
    if "x-amz-target" in self.headers:
        return 200, {"Content-Type": "application/x-amz-json-1.0"}, _json(answers, token)
    results = [
        {
            "id": one.query.id,
            "label": one.query.label,
            "values": one.values,
            "timestamps": [datetime.fromtimestamp(at_s, UTC).replace(tzinfo=start.tzinfo) for at_s in one.starts_s],
            "status_code": "Complete" if one.complete else "PartialData",
        }
        for one in answers
    ]
    return ActionResult({"MetricDataResults": results} | ({"NextToken": token} if token else {}))


def _json(answers: Sequence[Answer], token: str | None) -> str:
    """The body of the JSON protocol, which boto3 speaks; moto's serializer takes 10 microseconds a point."""
    results = [
        {
            "Id": one.query.id,
            "Label": one.query.label,
            "Timestamps": one.starts_s,
            "Values": one.values,
            "StatusCode": "Complete" if one.complete else "PartialData",
        }
        for one in answers
    ]
    return json.dumps({"MetricDataResults": results} | ({"NextToken": token} if token else {}))


def _problem(start: datetime, end: datetime, queries: Sequence[Json]) -> str | None:
    """What the real service would refuse about the call; None when nothing."""
    if start > end:
        return "The parameter EndTime must be greater than StartTime."
    if start == end:
        return "The parameter StartTime must not equal parameter EndTime."
    if len(queries) > QUERIES_PER_CALL:
        return f"The collection MetricDataQueries must not have a size greater than {QUERIES_PER_CALL}."
    for number, query in enumerate(queries, 1):
        if "MetricStat" not in query:
            return f"The parameter MetricDataQueries.member.{number}.MetricStat is required.\n"  # metric math is not simulated
        if query["MetricStat"]["Stat"] not in STATISTICS:
            return (
                f"The value {query['MetricStat']['Stat']} for parameter MetricDataQueries.member.{number}.MetricStat.Stat is not supported."
            )
    return None


def _query(asked: Json) -> Query:
    wanted = asked["MetricStat"]
    metric = wanted["Metric"]
    return Query(
        id=asked["Id"],
        label=asked.get("Label") or f"{metric['MetricName']} {wanted['Stat']}",
        key=_key(metric["Namespace"], metric["MetricName"], metric.get("Dimensions") or ()),
        statistic=wanted["Stat"],
        period_s=int(wanted["Period"]),
        unit=wanted.get("Unit"),
    )

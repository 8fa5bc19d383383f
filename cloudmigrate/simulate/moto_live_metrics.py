"""What CloudWatch says now of databases that move: open connections, lag of replicas, latency of DMS tasks."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cloudmigrate.simulate.moto_databases import connections
from cloudmigrate.simulate.moto_dms import progressed
from cloudmigrate.simulate.moto_images import READY_AFTER

RECENT = timedelta(minutes=10)  # a question about longer ago is about the history that was recorded
BEHIND_S = 120.0


def install() -> None:
    """Answer GetMetricData about now from what the emulator holds. After the metric store was replaced."""
    from moto.cloudwatch.responses import CloudWatchResponse

    recorded = CloudWatchResponse.get_metric_data

    def get_metric_data(self: Any) -> Any:
        params = self._get_params()
        asked = params.get("MetricDataQueries") or []
        metrics = [one["MetricStat"]["Metric"] for one in asked if "MetricStat" in one]
        is_live = metrics and all((one["Namespace"], one["MetricName"]) in LIVE for one in metrics)
        if not is_live or datetime.now(UTC) - _utc(params["StartTime"]) > RECENT:
            return recorded(self)
        now_s = int(datetime.now(UTC).timestamp()) // 60 * 60
        results = []
        for one, metric in zip(asked, metrics, strict=True):
            dimensions = {held["Name"]: held["Value"] for held in metric.get("Dimensions") or ()}
            value = LIVE[metric["Namespace"], metric["MetricName"]](self, dimensions)
            values = [] if value is None else [value]
            points = {"Timestamps": [now_s] * len(values), "Values": values}
            results.append({"Id": one["Id"], "Label": metric["MetricName"], "StatusCode": "Complete", **points})
        return 200, {"Content-Type": "application/x-amz-json-1.0"}, json.dumps({"MetricDataResults": results})

    CloudWatchResponse.get_metric_data = get_metric_data  # type: ignore[method-assign]


def _utc(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _database(response: Any, dimensions: Mapping[str, str]) -> Any:
    from moto.rds.models import rds_backends

    held = rds_backends[response.current_account][response.region].databases
    return held.get(dimensions.get("DBInstanceIdentifier", ""))


def _connections(response: Any, dimensions: Mapping[str, str]) -> float | None:
    database = _database(response, dimensions)
    return None if database is None else float(connections(database))


def _lag(response: Any, dimensions: Mapping[str, str]) -> float | None:
    """Behind for as many looks as things are pending."""
    database = _database(response, dimensions)
    if database is None or not database.is_replica or database.status != "available":
        return None
    left = database.__dict__.setdefault("lag_looks", READY_AFTER["looks"])
    database.__dict__["lag_looks"] = max(0, left - 1)
    return BEHIND_S if left else 0.0


def _of_task(response: Any, dimensions: Mapping[str, str]) -> float | None:
    from moto.dms.models import dms_backends

    tasks = dms_backends[response.current_account][response.region].replication_tasks.values()
    wanted = dimensions.get("ReplicationTaskIdentifier")
    task = next((one for one in tasks if one.arn.rpartition(":")[2] == wanted), None)
    if task is None or task.status != "running":
        return None
    return BEHIND_S if progressed(task) < 1 else 0.0


LIVE: Mapping[tuple[str, str], Callable[[Any, Mapping[str, str]], float | None]] = {
    ("AWS/RDS", "DatabaseConnections"): _connections,
    ("AWS/RDS", "ReplicaLag"): _lag,
    **{
        ("AWS/DMS", name): _of_task
        for name in ("CDCLatencySource", "CDCLatencyTarget", "CDCIncomingChanges", "CDCChangesMemoryTarget", "CDCChangesDiskTarget")
    },
}

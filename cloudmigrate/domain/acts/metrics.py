"""What CloudWatch says of a database that moves: open connections, how far a replica or DMS is behind.

Source: RDS user guide, "Amazon CloudWatch instance-level metrics"; DMS user guide, "Replication task metrics".
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from cloudmigrate.domain.acts.record import Act, Await, Before, Call, Look, Params

MINUTE_S = 60
LATEST = timedelta(minutes=2)  # one whole minute, and the one that is being written
QUIET = timedelta(minutes=5)


def _points(queries: Iterable[tuple[str, str, Mapping[str, Any]]], *, statistic: str, window: timedelta) -> Call:
    """The values of metrics by the minute, newest first. *queries*: namespace, metric, dimensions."""
    asked = [
        {
            "Id": f"m{number}",
            "MetricStat": {
                "Metric": {
                    "Namespace": namespace,
                    "MetricName": metric,
                    "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
                },
                "Period": MINUTE_S,
                "Stat": statistic,
            },
        }
        for number, (namespace, metric, dimensions) in enumerate(queries)
    ]
    times = {"StartTime": Before(window), "EndTime": Before(timedelta(0)), "ScanBy": "TimestampDescending"}
    return Call("cloudwatch", "GetMetricData", {"MetricDataQueries": asked, **times})


def _each(condition: str) -> str:
    """Whether the condition holds of each metric; one without points says nothing, and so holds nowhere."""
    state = (
        f"length(MetricDataResults) > `0` && length(MetricDataResults[?length(Values) > `0` && {condition}]) == length(MetricDataResults)"
    )
    return f"({state}) && 'yes' || 'not yet'"


def _lag(params: Params) -> Await:
    """The least of each minute: PostgreSQL counts up between two segments of its log when nothing is written."""
    query = ("AWS/RDS", "ReplicaLag", {"DBInstanceIdentifier": params["database_id"]})
    least, most = "`0`", f"`{int(params['limit_s'])}`"  # below nought says that nothing is replicated
    return Await(
        Look(_points([query], statistic="Minimum", window=LATEST), {"state": _each(f"Values[0] >= {least} && Values[0] <= {most}")}),
        frozenset({"yes"}),
        every=timedelta(seconds=30),
        within=timedelta(hours=24),
        advice="read the replica's log: a long transaction, a small instance class, or replication that stopped",
    )


def _connections(params: Params) -> Await:
    queries = [("AWS/RDS", "DatabaseConnections", {"DBInstanceIdentifier": one}) for one in params["database_ids"]]
    most = f"max(Values) <= `{int(params['most'])}`"
    return Await(
        Look(_points(queries, statistic="Maximum", window=QUIET), {"state": _each(most)}),
        frozenset({"yes"}),
        every=timedelta(seconds=30),
        within=timedelta(minutes=45),
        advice="somebody still gets in: look who, in the database's own list of sessions",
    )


def _of_task(params: Params, *metrics: str) -> list[tuple[str, str, Mapping[str, Any]]]:
    dimensions = {
        "ReplicationInstanceIdentifier": params["instance_name"],
        "ReplicationTaskIdentifier": str(params["task_arn"]).rpartition(":")[2],
    }
    return [("AWS/DMS", one, dimensions) for one in metrics]


def _latency(params: Params) -> Await:
    queries = _of_task(params, "CDCLatencySource", "CDCLatencyTarget")
    return Await(
        Look(_points(queries, statistic="Maximum", window=QUIET), {"state": _each(f"max(Values) <= `{int(params['limit_s'])}`")}),
        frozenset({"yes"}),
        every=timedelta(seconds=30),
        within=timedelta(hours=24),
        advice="read the task's log: a larger replication instance, or fewer tables in one task",
    )


def _drained(params: Params) -> Await:
    queries = _of_task(params, "CDCIncomingChanges", "CDCChangesMemoryTarget", "CDCChangesDiskTarget")
    return Await(
        Look(_points(queries, statistic="Maximum", window=QUIET), {"state": _each("max(Values) == `0`")}),
        frozenset({"yes"}),
        every=timedelta(seconds=30),
        within=timedelta(hours=2),
        advice="read the task's log: changes that were read are not written to the target",
    )


AWAIT_LAG = Act(
    "rds.await_lag", "wait until {database_id} is {limit_s} s behind its source at most", awaits=_lag, likely=timedelta(minutes=5)
)
AWAIT_QUIET = Act(
    "rds.await_quiet", "wait until nobody was connected to the source for five minutes", awaits=_connections, likely=timedelta(minutes=6)
)
AWAIT_LATENCY = Act("dms.await_latency", "wait until the task is {limit_s} s behind at most", awaits=_latency, likely=timedelta(minutes=6))
AWAIT_DRAINED = Act(
    "dms.await_drained", "wait until no change is on its way for five minutes", awaits=_drained, likely=timedelta(minutes=6)
)

ACTS = (AWAIT_LAG, AWAIT_QUIET, AWAIT_LATENCY, AWAIT_DRAINED)

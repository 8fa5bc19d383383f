"""How much was written to a target since an instant, by CloudWatch: a figure for whoever decides on a rollback, never a proof of none."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from cloudmigrate.aws.failures import CALL_ERRORS, failure_of
from cloudmigrate.aws.sessions import AwsSessions

PERIOD = timedelta(minutes=5)
# What a step gave -> namespace, dimension, metric and unit. Sources: EC2 user guide, "CloudWatch metrics for your instances"; RDS user
# guide, "Amazon CloudWatch metrics for Amazon RDS" (WriteIOPS is a mean per second).
METRICS = {
    "instance_id": ("AWS/EC2", "InstanceId", "EBSWriteBytes", "bytes"),
    "database_id": ("AWS/RDS", "DBInstanceIdentifier", "WriteIOPS", "writes"),
}


def written_since(sessions: AwsSessions, place: tuple[str, str], holds: Mapping[str, Any], since: datetime, now: datetime) -> str:
    """In words how much was written, or why that is not known."""
    name = next((one for one in METRICS if holds.get(one)), None)
    if name is None:
        return "how much was written is not measured"
    namespace, dimension, metric, unit = METRICS[name]
    asked = {
        "Namespace": namespace,
        "MetricName": metric,
        "Dimensions": [{"Name": dimension, "Value": str(holds[name])}],
        "StartTime": since,
        "EndTime": max(now, since + PERIOD),
        "Period": int(PERIOD.total_seconds()),
        "Statistics": ["Sum" if unit == "bytes" else "Average"],
    }
    try:
        points = sessions.client(place[0], "cloudwatch", place[1]).get_metric_statistics(**asked)["Datapoints"]
    except CALL_ERRORS as error:
        failure = failure_of(error, "cloudwatch:GetMetricStatistics")
        return f"how much was written is not known: {failure.detail}"
    if not points:
        return "CloudWatch has no figures of it yet"
    total = sum(one.get("Sum", one.get("Average", 0.0) * PERIOD.total_seconds()) for one in points)
    return f"{total:,.0f} {unit} written, by {metric}"

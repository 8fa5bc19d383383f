"""Recorded CPU series of others (see the `README` of the folder of third-party samples), and what is known of each."""

import csv
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from cloudmigrate.domain.load_metrics import LOADS_BY_TYPE
from cloudmigrate.domain.pattern_features import Pattern
from cloudmigrate.domain.patterns import Verdict
from cloudmigrate.lake.patterns import verdicts_of
from tests.pattern_lake import END, INSTANCE, series_views, window

FIVE_MINUTES = timedelta(minutes=5)
LITTLE, MUCH = 100.0, 1e6  # bytes in five minutes, of our own making: CPU and network files belong to different instances

# (series, network) -> what it is.
KNOWN: Mapping[tuple[str, float | None], Pattern] = {
    **{
        (f"ec2_cpu_utilization_{name}", network): pattern
        for name in ("53ea38", "24ae8d", "c6585a")
        for network, pattern in ((None, Pattern.INSUFFICIENT_DATA), (LITTLE, Pattern.IDLE))
    },
    ("ec2_cpu_utilization_5f5533", None): Pattern.STEADY,
    ("ec2_cpu_utilization_825cc2", None): Pattern.STEADY,
    **{("ec2_cpu_utilization_fe7f93", network): Pattern.BURSTY for network in (None, LITTLE, MUCH)},
}
# Listed as diurnal where they come from; within their days nothing repeats.
LISTED_AS_DIURNAL = ("rds_cpu_utilization_cc0c53", "rds_cpu_utilization_e47b3b", "cpu_utilization_asg_misconfiguration")


def recorded_verdict(data: Path, name: str, network_bytes: float | None) -> Verdict:
    """The verdict on the last 14 days of a recorded CPU series, with a constant network or none."""
    with (data / "cloudwatch-nab" / f"{name}.csv").open() as file:
        points = {datetime.fromisoformat(row["timestamp"]): float(row["value"]) for row in csv.DictReader(file)}
    last = max(points)
    load = np.full(14 * 288, np.nan)
    for at, value in points.items():
        if (back := (last - at) // FIVE_MINUTES) < len(load):
            load[-1 - back] = value
    columns: dict[str, object] = {"CPUUtilization|Average": load, "CPUUtilization|Maximum": load}
    if network_bytes is not None:
        columns |= {"NetworkIn|Sum": network_bytes, "NetworkOut|Sum": network_bytes}
    with series_views({name: columns}) as views:
        (found,) = verdicts_of(views, LOADS_BY_TYPE[INSTANCE], window(end=END))
    return found

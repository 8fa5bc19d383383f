"""Every dataset of the lake: its grain, keys and schema, as one table of records.

Views, docs, validation and the writer derive from it. `snapshot` is a column of every view and no column of a file.
"""

import pyarrow as pa

from cloudmigrate.lake.cost_datasets import COST_DATASETS
from cloudmigrate.lake.dataset import TAGS, UTC_TIME, Dataset, columns
from cloudmigrate.lake.dependency_datasets import DEPENDENCY_DATASETS
from cloudmigrate.lake.pattern_datasets import PATTERN_DATASETS
from cloudmigrate.lake.price_datasets import PRICE_DATASETS
from cloudmigrate.lake.recommendation_datasets import RECOMMENDATION_DATASETS
from cloudmigrate.lake.traffic_datasets import TRAFFIC_DATASETS

INVENTORY = Dataset(
    name="inventory",
    grain="one row per resource",
    keys=("uid",),
    json_columns=("spec",),
    remarks={
        "uid": "ARN; record sets: zone ARN/name/type/set id",
        "provider": "aws",
        "region": '"global" for global services',
        "type": "CloudFormation type; snapshots and images: AWS::EC2::Snapshot, AWS::EC2::Image",
        "name": "Name tag, else the service's own name, else the id",
        "spec": "what the service says of it; Lambda environments and user data as names, hash and endpoints only",
        "stateful": "holds data that a migration must carry over",
    },
    schema=columns(
        ("uid", pa.string()),
        ("provider", pa.string()),
        ("account_id", pa.string()),
        ("region", pa.string()),
        ("type", pa.string()),
        ("name", pa.string()),
        ("state", pa.string()),
        ("tags", TAGS),
        ("spec", pa.string()),
        ("stateful", pa.bool_()),
        nullable=(("storage_bytes", pa.int64()), ("private_ips", pa.list_(pa.string())), ("created_at", UTC_TIME)),
    ),
)
COVERAGE = Dataset(
    name="coverage",
    grain="one row per (account, region, type) that was in scope",
    keys=("account_id", "region", "type"),
    remarks={
        "status": "ok, empty, partial (some details refused), denied, throttled, failed, not_attempted",
        "missing_action": "IAM action to grant, such as rds:DescribeDBInstances",
        "resources": "how many were found",
    },
    schema=columns(
        ("account_id", pa.string()),
        ("region", pa.string()),
        ("service", pa.string()),
        ("type", pa.string()),
        ("status", pa.string()),
        nullable=(
            ("error_code", pa.string()),
            ("missing_action", pa.string()),
            ("detail", pa.string()),
            ("resources", pa.int64()),
        ),
    ),
)
RELATIONS = Dataset(
    name="relations",
    grain="one row per statement of configuration (source needs target)",
    keys=("source_uid", "target_uid", "kind"),
    remarks={
        "source_uid": "needs the target",
        "kind": "which statement of configuration",
    },
    schema=columns(("source_uid", pa.string()), ("target_uid", pa.string()), ("kind", pa.string())),
)
METRICS = Dataset(
    name="metrics",
    grain="one row per (uid, metric, stat, period); stored wide per type, shown long",
    keys=("uid", "metric", "stat", "observed_at"),
    remarks={
        "stat": "CloudWatch statistic: Average, Maximum, Sum, ...",
        "observed_at": "start of the period",
        "value": "in the metric's unit",
    },
    schema=columns(
        ("uid", pa.string()), ("metric", pa.string()), ("stat", pa.string()), ("observed_at", UTC_TIME), ("value", pa.float32())
    ),
)
METRIC_COVERAGE = Dataset(
    name="metric_coverage",
    grain="one row per (uid, metric, stat) asked for in the snapshot's window",
    keys=("uid", "metric", "stat"),
    remarks={
        "period_s": "seconds between data points",
        "status": "ok, no_data, denied, throttled, failed",
        "points": "data points received",
    },
    schema=columns(
        ("uid", pa.string()),
        ("account_id", pa.string()),
        ("region", pa.string()),
        ("type", pa.string()),
        ("metric", pa.string()),
        ("stat", pa.string()),
        ("period_s", pa.int32()),
        ("status", pa.string()),  # ok, no_data, denied, throttled, failed
        ("points", pa.int64()),
        nullable=(("error_code", pa.string()), ("detail", pa.string())),
    ),
)
UTILISATION = Dataset(
    name="utilisation",
    grain="one row per (uid, metric) with data in the snapshot's window",
    keys=("uid", "metric"),
    remarks={
        "stat": "what mean and percentiles are over: Average where it was fetched, else Sum, else Maximum",
        "unit": "of mean, stddev, percentiles, max and peak_hour_mean",
        "samples": "data points",
        "coverage_share": "0..1: samples / periods in the window",
        "stddev": "of the sample",
        "p50": "exact, interpolated",
        "p995": "99.5th percentile",
        "max": "over Maximum where it was fetched",
        "idle_share": "0..1: share of samples under the idle threshold; null where the metric is no share of a capacity",
        "peak_hour_of_week": "hour with the highest mean: 0 = Monday 00:00 UTC ... 167",
        "first_at": "first data point",
        "last_at": "last data point",
    },
    schema=columns(
        ("uid", pa.string()),
        ("metric", pa.string()),
        ("stat", pa.string()),  # the statistic that mean and percentiles are over; max is over Maximum where it was fetched
        ("unit", pa.string()),
        ("samples", pa.int64()),
        ("coverage_share", pa.float64()),  # samples / periods in the window
        ("mean", pa.float64()),
        ("stddev", pa.float64()),
        ("p50", pa.float64()),
        ("p95", pa.float64()),
        ("p99", pa.float64()),
        ("p995", pa.float64()),
        ("max", pa.float64()),
        nullable=(
            ("idle_share", pa.float64()),  # share of samples under the idle threshold; null where the metric is no share of a capacity
            ("peak_hour_of_week", pa.int32()),  # 0 = Monday 00:00 UTC ... 167
            ("peak_hour_mean", pa.float64()),
            ("first_at", UTC_TIME),
            ("last_at", UTC_TIME),
        ),
    ),
)
UTILISATION_PROFILE = Dataset(
    name="utilisation_profile",
    grain="one row per (uid, metric, hour of week) with data",
    keys=("uid", "metric", "hour_of_week"),
    remarks={
        "hour_of_week": "0 = Monday 00:00 UTC ... 167",
        "mean": "in the metric's unit",
        "max": "in the metric's unit",
    },
    schema=columns(
        ("uid", pa.string()), ("metric", pa.string()), ("hour_of_week", pa.int32()), ("mean", pa.float64()), ("max", pa.float64())
    ),
)
QUALITY = Dataset(
    name="quality",
    grain="one row per data check",
    keys=("dataset", "check_name"),
    remarks={
        "severity": "critical (stops the analysis), warning",
        "sample": "a few of the failing rows' keys",
    },
    schema=columns(
        ("dataset", pa.string()),
        ("check_name", pa.string()),
        ("severity", pa.string()),  # critical, warning
        ("passed", pa.bool_()),
        ("checked_rows", pa.int64()),
        ("failed_rows", pa.int64()),
        nullable=(("sample", pa.string()), ("detail", pa.string())),
    ),
)
WAVES = Dataset(
    name="waves",
    grain="one row per (plan, resource that moves or is retired)",
    keys=("plan_id", "uid"),
    per_plan=True,
    remarks={
        "move_group": "what moves together",
        "wave": "from 1; what a workload needs moves no later than it does, what is retired no sooner than what needs it",
        "retires": "true: its wave retires it in the place of moving it; null in plans from before that was so",
    },
    schema=columns(
        ("plan_id", pa.string()),
        ("uid", pa.string()),
        ("move_group", pa.string()),
        ("wave", pa.int32()),
        nullable=(("retires", pa.bool_()),),
    ),
)
UNPLANNED = Dataset(
    name="unplanned",
    grain="one row per (plan, resource without a wave), with the reason",
    keys=("plan_id", "uid"),
    per_plan=True,
    remarks={
        "reason": "why it has no wave",
    },
    schema=columns(("plan_id", pa.string()), ("uid", pa.string()), ("reason", pa.string())),
)

DATASETS: tuple[Dataset, ...] = (
    INVENTORY,
    COVERAGE,
    RELATIONS,
    METRICS,
    METRIC_COVERAGE,
    UTILISATION,
    UTILISATION_PROFILE,
    QUALITY,
    WAVES,
    UNPLANNED,
    *TRAFFIC_DATASETS,
    *DEPENDENCY_DATASETS,
    *PATTERN_DATASETS,
    *PRICE_DATASETS,
    *RECOMMENDATION_DATASETS,
    *COST_DATASETS,
)
BY_NAME = {dataset.name: dataset for dataset in DATASETS}

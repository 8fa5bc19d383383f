"""The datasets of workload patterns and rightsizing; `datasets` joins them to the others."""

import pyarrow as pa

from cloudmigrate.lake.dataset import UTC_TIME, Dataset, columns

TEXT, COUNT, SMALL, NUMBER, YES = pa.string(), pa.int64(), pa.int32(), pa.float64(), pa.bool_()
TEXTS = pa.list_(pa.string())

PATTERNS = Dataset(
    name="patterns",
    grain="one row per resource that is compute, database or cache, with its pattern of use and every number behind it",
    keys=("uid",),
    remarks={
        "pattern": "idle, steady, bursty, batch, diurnal, growing, declining, insufficient_data",
        "metric": "the load that was looked at: percent of the CPU; of functions and tables, requests in percent of their own busiest hour",
        "rule": "which rule decided, such as compute-optimizer-idle; model: the forest's votes did",
        "reason": "a sentence with the numbers",
        "rules_met": "rules of AWS that hold word for word, whatever the verdict",
        "confidence": "0..1: share of the votes (1 for a rule) times share of 14 days that has data; null for insufficient_data",
        "age_days": "from the first data point in the window to its end, never from created_at",
        "samples": "data points of the metric",
        "hours": "with data; all that follows is over hourly means",
        "gaps": "stretches of hours without data between the first and last",
        "floor_pct": "5th percentile",
        "high_pct": "95th percentile",
        "top_pct": "99th percentile",
        "peak_pct": "highest data point, over Maximum where it was fetched",
        "peak_measured": "whether Maximum was fetched",
        "spread": "standard deviation, in points",
        "spikes": "hours a week over 2.5 times their day's mean (and 2 points)",
        "autocorrelation_day": "-1..1, lag 24 h, of each hour less its day's mean; null where it cannot be told",
        "autocorrelation_week": "-1..1, lag 168 h",
        "daily_share": "0..1: what of the variation within days the hour of the day explains",
        "daily_swing_pct": "between the busiest and the quietest hour of the mean day, in points",
        "trend": "points a week",
        "trend_share": "of the level, a week",
        "trend_fit": "0..1: what of the variation between days a straight line explains",
        "step_fit": "0..1: what one single step explains",
        "duty_cycle": "0..1: share of hours above 5 %",
        "low_cpu_days": "days with a mean CPU of at most 10 %",
        "low_days": "of these, days with at most 5 MB of network",
        "network_mb_a_day": "in and out, 10^6 bytes; null where it was not measured",
        "network_mb_a_day_max": "of the busiest day",
        "connections_max": "of databases and caches",
    },
    schema=columns(
        ("uid", TEXT),
        ("pattern", TEXT),
        ("rule", TEXT),
        ("reason", TEXT),
        ("rules_met", TEXTS),
        ("metric", TEXT),
        nullable=(
            ("confidence", NUMBER),
            ("age_days", NUMBER),
            ("samples", COUNT),
            ("hours", COUNT),
            ("gaps", COUNT),
            ("gap_hours", COUNT),
            ("first_at", UTC_TIME),
            ("last_at", UTC_TIME),
            ("level_mean_pct", NUMBER),
            ("level_median_pct", NUMBER),
            ("floor_pct", NUMBER),
            ("high_pct", NUMBER),
            ("top_pct", NUMBER),
            ("peak_pct", NUMBER),
            ("peak_measured", YES),
            ("spread", NUMBER),
            ("spikes", NUMBER),
            ("autocorrelation_day", NUMBER),
            ("autocorrelation_week", NUMBER),
            ("daily_share", NUMBER),
            ("daily_swing_pct", NUMBER),
            ("trend", NUMBER),
            ("trend_share", NUMBER),
            ("trend_fit", NUMBER),
            ("step_fit", NUMBER),
            ("duty_cycle", NUMBER),
            ("days", COUNT),
            ("low_cpu_days", COUNT),
            ("low_days", COUNT),
            ("network_days", COUNT),
            ("network_hours", COUNT),
            ("network_mb_a_day", NUMBER),
            ("network_mb_a_day_max", NUMBER),
            ("connection_hours", COUNT),
            ("connections_max", NUMBER),
        ),
    ),
)

_USED = {
    "cpu": "vCPUs",
    "memory": "bytes",
    "network": "gigabits a second, in and out added; capacities are baselines",
    "iops": "of EBS, a second; capacities are baselines",
    "throughput": "of EBS, megabits a second; capacities are baselines",
    "credits": "CPU credits an hour: spent on average, and earned",
}
SIZING = Dataset(
    name="sizing",
    grain="one row per (resource that has a size, profile): what size its use needs, and what was run against what",
    keys=("uid", "profile"),
    remarks={
        "profile": "by which rule of the estate file's `sizing`",
        "current_type": "as its service calls it, such as db.m5.large",
        "target_type": "null where no size is large enough, or data are lacking",
        "verdict": "keep, smaller, larger, insufficient_data",
        "risk": "0..4: the highest of the dimensions'; of the target, or of the present size",
        "runner_up": "what came second",
        "arm_type": "an option, where it is x86 now and not Windows",
        "arm_effort": "what has to be built anew for it",
        "credits_surplus_vcpu_hours": "what unlimited mode would have charged for over the lookback; null where the size is not burstable",
        **{f"{name}_used": f"{unit}; at the profile's percentile" for name, unit in _USED.items() if name != "credits"},
        "credits_used": _USED["credits"],
        **{f"{name}_short_minutes": "in the replay on the target; a period counts wholly" for name in _USED},
        **{f"{name}_measured_minutes": "of the replay; null where nothing was measured" for name in _USED},
    },
    schema=columns(
        ("uid", TEXT),
        ("profile", TEXT),
        ("current_type", TEXT),
        ("verdict", TEXT),
        ("reason", TEXT),
        nullable=(
            ("target_type", TEXT),
            ("risk", SMALL),
            *(
                (f"{name}_{column}", SMALL if column == "risk" else NUMBER)
                for name in _USED
                for column in ("used", "capacity_now", "capacity_target", "short_minutes", "measured_minutes", "risk")
            ),
            ("runner_up", TEXT),
            ("runner_up_reason", TEXT),
            ("arm_type", TEXT),
            ("arm_effort", TEXT),
            ("credits_surplus_vcpu_hours", NUMBER),
        ),
    ),
)

PATTERN_DATASETS = (PATTERNS, SIZING)

"""Sizes for the whole estate: use by percentile, then every shortlisted size run against the recorded series, in DuckDB and numpy.

Network and EBS: AWS states a baseline and a peak, and of EBS that the peak lasts for 30 minutes at least once a day (Amazon EC2 User
Guide, "Amazon EBS-optimized instance types"). For networks it publishes no such time; the same is assumed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from cloudmigrate.domain.cpu_credits import replay_credits
from cloudmigrate.domain.instance_sizes import InstanceType, TypesOfRegion, types_by_region
from cloudmigrate.domain.load_metrics import LOAD_METRICS, LoadMetrics, SubjectKind
from cloudmigrate.domain.sizing import settle, shortlist
from cloudmigrate.domain.sizing_policy import SizingPolicy, SizingProfile
from cloudmigrate.domain.sizing_records import Dimension, Replayed, Shortage, Shortlist, Sizing, Subject, Use
from cloudmigrate.lake.connection import identifier
from cloudmigrate.lake.lake import Part
from cloudmigrate.lake.pattern_datasets import SIZING
from cloudmigrate.lake.results import python_value, rows_of
from cloudmigrate.lake.series import Window
from cloudmigrate.lake.utilisation import AFTER_EVERY_UID
from cloudmigrate.lake.views import Views, WideSeries, sql_text

BURST_MINUTES = 30
VALUES_A_RANGE = 16_000_000  # DuckDB keeps every value of a range for exact percentiles
CELLS_A_RANGE = 8_000_000  # of series x period, for the replay of credits: 64 MB
DIMENSIONS = 6
REPLAYED = (Dimension.CPU, Dimension.MEMORY, Dimension.NETWORK, Dimension.IOPS, Dimension.THROUGHPUT)
BURSTING = (Dimension.NETWORK, Dimension.IOPS, Dimension.THROUGHPUT)  # that have a baseline and a peak
EXTREMES = ("cpu_most", "memory_most", "memory_free_least", "network_most", "iops_most", "throughput_most")
Extremes = Mapping[str, float | None]
SIZES = pa.schema(
    [
        ("pair_no", pa.int64()),
        ("uid", pa.string()),
        ("cpu_pct", pa.float64()),
        ("memory_pct", pa.float64()),
        ("memory_free_bytes", pa.float64()),
    ]
    + [(f"{name}_{kind}", pa.float64()) for name in BURSTING for kind in ("baseline", "peak")]
)


@dataclass(frozen=True, slots=True)
class _Points:
    """The points of one type, shown as the view `sizing_points`."""

    views: Views
    series: tuple[WideSeries, ...]
    window: Window

    def since(self, profile: SizingProfile) -> datetime:
        return max(self.window.start, self.window.end - timedelta(days=profile.lookback_days))


def write_sizing(views: Views, policy: SizingPolicy, *, window: Window, part: str = "all") -> Part:
    """Publish `sizing` of the snapshot's metrics as one part: a row for each resource that has a size, and profile. Raises LakeError."""
    types = types_by_region(views.rows("instance_types"))
    rows = (row_of(one) for one in sizings(views, types, policy, window=window))
    return views.lake.write(SIZING, rows, snapshot_id=views.selection.snapshot_id, part=part)


def sizings(views: Views, types: Mapping[str, TypesOfRegion], policy: SizingPolicy, *, window: Window) -> Iterator[Sizing]:
    """The choice for every resource that has a size, profile by profile."""
    for loads in LOAD_METRICS:
        if not loads.size_path:
            continue
        subjects = [_subject(row, loads) for row in views.run("sizing_subjects", type=loads.type, size_path=f"$.{loads.size_path}")]
        points = _show_points(views, loads, window)
        for profile in policy.profiles:
            used, extremes = _used(points, profile) if points else ({}, {})
            listed = [shortlist(one, used.get(one.uid), types.get(one.region), profile) for one in subjects]
            runs = [one for one in listed if isinstance(one, Shortlist)]
            replayed = _replayed(points, runs, extremes, profile) if points and runs else {}
            yield from settle(listed, replayed, profile)


def row_of(one: Sizing) -> dict[str, Any]:
    """The choice as a row of `sizing`."""
    row: dict[str, Any] = {
        "uid": one.uid,
        "profile": one.profile,
        "current_type": one.current_type,
        "target_type": one.target_type,
        "verdict": str(one.verdict),
        "risk": one.risk,
        "reason": one.reason,
        "runner_up": one.runner_up,
        "runner_up_reason": one.runner_up_reason,
        "arm_type": one.arm_type,
        "arm_effort": one.arm_effort,
        "credits_surplus_vcpu_hours": one.surplus_vcpu_hours,
    }
    for dimension in Dimension:
        found = one.dimensions.get(dimension)
        for name in ("used", "capacity_now", "capacity_target", "short_minutes", "measured_minutes", "risk"):
            row[f"{dimension}_{name}"] = getattr(found, name) if found else None
    return row


def _subject(row: Mapping[str, Any], loads: LoadMetrics) -> Subject:
    told = {name: row[name] for name in ("uid", "region", "size_name", "is_windows", "is_batch")}
    return Subject(**told, prefix=loads.prefix, is_managed=loads.kind is not SubjectKind.SERVER)


def _show_points(views: Views, loads: LoadMetrics, window: Window) -> _Points | None:
    series = tuple(one for one in views.wide if one.type == loads.type and set(loads.load_columns) <= set(one.value_columns))
    if not series:
        return None
    views.execute(f"create or replace temp view sizing_points as {' union all '.join(_columns(one, loads) for one in series)}")
    return _Points(views, series, window)


def _columns(series: WideSeries, loads: LoadMetrics) -> str:
    """One series as rows of `sizing_points`; what it has no column for is null."""

    def column(metric: str | None, *stats: str) -> str:
        found = next((f"{metric}|{stat}" for stat in stats if metric and f"{metric}|{stat}" in series.value_columns), None)
        return f"cast({identifier(found)} as double)" if found else "cast(null as double)"

    def total(metrics: Iterable[str], *stats: str) -> str:
        return "(" + (" + ".join(column(one, *stats) for one in metrics) or "cast(null as double)") + ")"

    seconds = 1 if loads.per_second else series.period_s
    stats = ("Maximum", "Average") if loads.per_second else ("Sum",)
    memory = ", ".join(column(one, "Maximum", "Average") for one in loads.memory_used_pct) or "cast(null as double)"
    return (
        f"select uid, observed_at, {series.period_s} as period_s, {column(loads.load[0], 'Average')} as cpu,"  # noqa: S608  # names quoted
        f" {column(loads.load[0], 'Maximum')} as cpu_peak, coalesce({memory}) as memory_pct,"
        f" {column(loads.memory_free_bytes, 'Minimum', 'Average')} as memory_free_bytes,"
        f" {total(loads.network, 'Sum')} * 8 / 1e9 / {series.period_s} as network_gbps, {total(loads.iops, *stats)} / {seconds} as iops,"
        f" {total(loads.throughput, *stats)} * 8 / 1e6 / {seconds} as throughput_mbps from wide.{identifier(series.view)}"
    )


def _used(points: _Points, profile: SizingProfile) -> tuple[dict[str, Use], dict[str, Extremes]]:
    """The use of every resource with CPU data, and its extremes, by uid."""
    used: dict[str, Use] = {}
    extremes: dict[str, Extremes] = {}
    values = sum(part.rows for one in points.series for part in one.parts) * DIMENSIONS
    for uids in _uid_ranges(points.views, values):
        params = {"since": points.since(profile), "percentile": profile.percentile / 100, **uids}
        rows: Any = rows_of(points.views.execute(sql_text("sizing_use"), params), python_value)[1]
        for row in rows:
            extremes[row["uid"]] = {name: row.pop(name) for name in EXTREMES}
            measured = {one: float(minutes) for one in REPLAYED if (minutes := row.pop(f"{one}_measured"))}
            used[row["uid"]] = Use(**row, measured_minutes=measured)
    return used, extremes


def _uid_ranges(views: Views, values: int) -> Iterator[dict[str, object]]:
    """Ranges of uids that hold about as many values as memory is granted; together they hold every uid once."""
    count = -(-values // VALUES_A_RANGE)
    bounds = [""]
    if count > 1:
        uids = [str(row[0]) for row in views.execute("select distinct uid from sizing_points order by uid").fetchall()]
        bounds += [uids[len(uids) * index // count] for index in range(1, count)]
    for start, end in zip(bounds, [*bounds[1:], AFTER_EVERY_UID], strict=True):
        if start < end:
            yield {"uid_from": start, "uid_before": end}


def _replayed(
    points: _Points, runs: Sequence[Shortlist], extremes: Mapping[str, Extremes], profile: SizingProfile
) -> dict[str, dict[str, Replayed]]:
    """By uid and size, what the series run against it gave."""
    pairs = [(one, size) for one in runs for size in one.to_run]
    sizes = [_size(number, one.subject.uid, size, one.current) for number, (one, size) in enumerate(pairs)]
    points.views.register("sizes", [size for size in sizes if _is_ever_short(size, extremes[size["uid"]])], SIZES)
    since = points.since(profile)
    found: Any = rows_of(points.views.execute(sql_text("sizing_replay"), {"since": since, "burst_minutes": BURST_MINUTES}), python_value)[1]
    short_of = {row["pair_no"]: row for row in found}
    credits_of = _credits(points, runs, since)
    replayed: dict[str, dict[str, Replayed]] = {}
    for number, (one, size) in enumerate(pairs):
        shortages = _shortages(one.use.measured_minutes, short_of.get(number, {}), size)
        shortage, surplus, spent = credits_of.get((one.subject.uid, size.instance_type), (None, 0.0, None))
        if shortage:
            shortages[Dimension.CREDITS] = shortage
        replayed.setdefault(one.subject.uid, {})[size.instance_type] = Replayed(shortages, surplus, spent)
    return replayed


def _is_ever_short(size: Mapping[str, Any], extremes: Extremes) -> bool:
    """Whether a point of the series is over a limit of *size*, a row of `sizes`: of most sizes there is none, and nothing to replay."""
    pairs = [(extremes["cpu_most"], size["cpu_pct"]), (extremes["memory_most"], size["memory_pct"])]
    pairs.append((size["memory_free_bytes"], extremes["memory_free_least"]))
    pairs += [(extremes[f"{name}_most"], size[f"{name}_{kind}"]) for name in BURSTING for kind in ("baseline", "peak")]
    return any(high > low for high, low in pairs if high is not None and low is not None)


def _size(number: int, uid: str, size: InstanceType, current: InstanceType) -> dict[str, Any]:
    """A row of `sizes`: the thresholds of *size* on the scale of *current*."""
    return {
        "pair_no": number,
        "uid": uid,
        "cpu_pct": 100 * size.vcpus / current.vcpus,
        "memory_pct": 100 * size.memory_bytes / current.memory_bytes,
        "memory_free_bytes": float(current.memory_bytes - size.memory_bytes),
        "network_baseline": size.network_baseline_gbps,
        "network_peak": size.network_peak_gbps,
        "iops_baseline": size.ebs_baseline_iops,
        "iops_peak": size.ebs_peak_iops,
        "throughput_baseline": size.ebs_baseline_mbps,
        "throughput_peak": size.ebs_peak_mbps,
    }


def _shortages(measured: Mapping[Dimension, float], short: Mapping[str, Any], size: InstanceType) -> dict[Dimension, Shortage]:
    """What was measured and has a capacity to compare with."""
    untold = {
        Dimension.NETWORK: size.network_baseline_gbps is None and size.network_peak_gbps is None,
        Dimension.IOPS: size.ebs_baseline_iops is None and size.ebs_peak_iops is None,
        Dimension.THROUGHPUT: size.ebs_baseline_mbps is None and size.ebs_peak_mbps is None,
    }
    return {one: Shortage(float(short.get(one, 0)), minutes) for one, minutes in measured.items() if not untold.get(one)}


def _credits(points: _Points, runs: Sequence[Shortlist], since: datetime) -> dict[tuple[str, str], tuple[Shortage, float, float]]:
    """(uid, burstable size) -> the shortage of credits, what unlimited mode would charge (vCPU-hours), and credits spent an hour."""
    pairs = [(one, size) for one in runs for size in one.to_run if size.burstable and size.credits_per_hour is not None]
    period_s = min(one.period_s for one in points.series)
    slots = max(int((points.window.end - since).total_seconds()) // period_s, 1)
    step = max(CELLS_A_RANGE // slots, 1)
    found: dict[tuple[str, str], tuple[Shortage, float, float]] = {}
    for first in range(0, len(pairs), step):
        some = pairs[first : first + step]
        rows = {uid: number for number, uid in enumerate(dict.fromkeys(one.subject.uid for one, _ in some))}
        load = _load(points, rows, since, period_s, slots)
        replay = replay_credits(
            load[[rows[one.subject.uid] for one, _ in some]] / 100 * np.array([[one.current.vcpus] for one, _ in some]),
            period_s=period_s,
            credits_per_hour=np.array([size.credits_per_hour or 0.0 for _, size in some]),
            max_credits=np.array([size.max_credits if size.max_credits is not None else np.inf for _, size in some]),
        )
        for number, (one, size) in enumerate(some):
            shortage = Shortage(float(replay.short_minutes[number]), float(replay.measured_minutes[number]))
            told = (shortage, float(replay.surplus_vcpu_hours[number]), float(replay.spent_per_hour[number]))
            found[one.subject.uid, size.instance_type] = told
    return found


def _load(points: _Points, rows: Mapping[str, int], since: datetime, period_s: int, slots: int) -> Any:
    """Mean CPU as a matrix of resource x period, NaN where there is none; a longer period fills the shorter ones that it spans."""
    points.views.register("sizing_rows", [{"uid": uid, "row_no": number} for uid, number in rows.items()])
    got: Any = points.views.execute(sql_text("sizing_load"), {"since": since, "slot_s": period_s}).fetchnumpy()
    load = np.full((len(rows), slots), np.nan)
    for ahead in range(int(got["spans"].max(initial=1))):
        at = (got["spans"] > ahead) & (got["slot"] + ahead < slots)
        load[got["row_no"][at], got["slot"][at] + ahead] = got["cpu"][at]
    return load

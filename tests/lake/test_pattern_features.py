"""Features of small series, worked out by hand.

The SQL files pattern_hours, pattern_requests, pattern_days, pattern_rhythm, pattern_trends, pattern_features and pattern_subjects.
"""

import numpy as np
import pytest

from cloudmigrate.domain.load_metrics import LOADS_BY_TYPE
from cloudmigrate.domain.pattern_features import Features
from cloudmigrate.lake import patterns
from cloudmigrate.lake.patterns import features_of, verdicts_of, write_patterns
from cloudmigrate.lake.views import Selection, Views
from tests.pattern_lake import DATABASE, END, INSTANCE, resource, series_views, window

DAY_OF_WORK = [2.0] * 20 + [50.0] * 4  # hourly: four hours of work, mean 10


def features(columns: dict[str, object], *, type_: str = INSTANCE, period_s: int = 3600, days: int = 14) -> Features:
    with series_views({"i-1": columns}, type_=type_, period_s=period_s, days=days) as views:
        ((one,),) = features_of(views, LOADS_BY_TYPE[type_], window(days))
        return one


def test_every_number_of_four_alike_days() -> None:
    """Four days of 20 hours at 2 % and 4 hours at 50 %: the day's mean is (40 + 200) / 24 = 10."""
    cpu = {"CPUUtilization|Average": DAY_OF_WORK * 4, "CPUUtilization|Maximum": [3.0] * 95 + [77.0]}
    one = features({**cpu, "NetworkIn|Sum": 1e5, "NetworkOut|Sum": 2e5})
    assert (one.samples, one.hours, one.gaps, one.gap_hours, one.age_days) == (96, 96, 0, 0, 4.0)
    assert (one.first_at, one.last_at) == (END.replace(day=19), END.replace(day=22, hour=23))
    assert one.level_mean_pct == pytest.approx(10)
    assert (one.level_median_pct, one.floor_pct, one.high_pct, one.top_pct, one.peak_pct, one.peak_measured) == (2, 2, 50, 50, 77, True)
    assert one.spread == pytest.approx(np.sqrt(96 * (20 * 64 + 4 * 1600) / 24 / 95))  # of the sample: 8 and 40 off the mean
    assert one.duty_cycle == pytest.approx(4 / 24)
    assert one.spikes == pytest.approx(28)  # 50 is over 2.5 * 10 + 2: four hours a day, seven days a week
    assert one.autocorrelation_day == pytest.approx(1)
    assert one.autocorrelation_week is None  # nothing is 168 hours apart
    assert one.daily_share == pytest.approx(1)
    assert one.daily_swing_pct == pytest.approx(48)
    assert (one.trend, one.trend_fit, one.step_fit) == (0, 0, 0)
    assert (one.days, one.low_cpu_days, one.low_days, one.network_days, one.network_hours) == (4, 4, 0, 4, 96)
    assert one.network_mb_a_day == pytest.approx(7.2)  # 300,000 bytes an hour
    assert one.network_mb_a_day_max == pytest.approx(7.2)
    assert (one.connection_hours, one.connections_max) == (0, None)


def test_hours_are_means_of_their_points_and_days_end_with_the_window() -> None:
    """Twelve points an hour, 0 and 24 by turns: every hour's mean is 12."""
    one = features({"CPUUtilization|Average": [0.0, 24.0] * (6 * 24 * 5)}, period_s=300)
    assert (one.samples, one.hours, one.days) == (1440, 120, 5)
    assert one.level_mean_pct == pytest.approx(12)
    assert (one.spread, one.spikes, one.daily_swing_pct, one.daily_share) == (0, 0, 0, 0)
    assert one.autocorrelation_day is None  # what never changes has no rhythm
    assert (one.peak_pct, one.peak_measured) == (24, False)


def test_a_line_and_a_step_are_told_apart() -> None:
    """Days at 10, 20, 30, 40 rise by 70 points a week; a line explains all of it and the best step, between 20 and 30, 400 of 500."""
    line = features({"CPUUtilization|Average": np.repeat([10.0, 20, 30, 40], 24)})
    assert line.trend == pytest.approx(70)
    assert line.trend_share == pytest.approx(2.8)
    assert line.trend_fit == pytest.approx(1)
    assert line.step_fit == pytest.approx(0.8)
    step = features({"CPUUtilization|Average": np.repeat([10.0, 10, 30, 30], 24)})
    assert step.trend == pytest.approx(56)  # slope: (-1.5 * -10 - 0.5 * -10 + 0.5 * 10 + 1.5 * 10) / 5 = 8 a day
    assert step.trend_fit == pytest.approx(0.8)  # 8 * 8 * 5 of 400
    assert step.step_fit == pytest.approx(1)
    assert step.autocorrelation_day is None  # a shift of level is no rhythm


def test_gaps_are_counted_and_nothing_is_read_into_them() -> None:
    """Six days, of which 30 hours in one stretch and 2 in another have no data; both day ends stay."""
    load = np.array(DAY_OF_WORK * 6)
    load[26:56] = np.nan
    load[100:102] = np.nan
    one = features({"CPUUtilization|Average": load})
    assert (one.hours, one.gaps, one.gap_hours) == (112, 2, 32)
    assert one.days == 4  # the second has 2 hours and the third 16
    assert one.autocorrelation_day == pytest.approx(1, abs=0.05)


def test_a_week_repeats() -> None:
    """The mean of two weeks with one busy day: lag 168 is exact."""
    one = features({"CPUUtilization|Average": ([5.0] * 144 + [60.0] * 24) * 2})
    assert one.autocorrelation_week == pytest.approx(1)
    assert one.autocorrelation_day is None


def test_network_is_of_both_directions_and_scaled_up_where_periods_are_missing() -> None:
    """An hour with one of two periods measured counts double; a day is low at exactly 5 MB and 10 %."""
    half = np.where(np.arange(2 * 96) % 2 == 0, 5e6 / 48, np.nan)
    with_hole = features({"CPUUtilization|Average": 10.0, "NetworkIn|Sum": half, "NetworkOut|Sum": 0.0}, period_s=1800, days=4)
    assert with_hole.network_mb_a_day == pytest.approx(5)
    assert (with_hole.days, with_hole.low_cpu_days, with_hole.low_days) == (4, 4, 4)
    one_way = features({"CPUUtilization|Average": [1.0] * 96, "NetworkIn|Sum": 1.0})
    assert (one_way.network_hours, one_way.network_mb_a_day) == (0, None)


def test_a_databases_connections_are_its_highest() -> None:
    one = features(
        {"CPUUtilization|Average": [1.0] * 96, "DatabaseConnections|Average": 0.1, "DatabaseConnections|Maximum": [0.0] * 95 + [3.0]},
        type_=DATABASE,
    )
    assert (one.connection_hours, one.connections_max) == (96, 3)


def test_requests_are_told_by_their_own_busiest_hour_and_missing_ones_are_none() -> None:
    """Invocations at 01:00 and 02:00 alone, 50 and 200, for five days: 25 % and 100 % of the busiest hour, 0 % in the hours between.

    From the first request on 4 days and 23 hours have passed, of which ten hours had any.
    """
    day = np.full(24, np.nan)
    day[1:3] = 50.0, 200.0
    one = features({"Invocations|Sum": np.tile(day, 5)}, type_="AWS::Lambda::Function", days=5)
    assert (one.samples, one.hours, one.gaps, one.first_at) == (10, 119, 0, END.replace(day=18, hour=1))
    assert one.level_mean_pct == pytest.approx(5 * 125 / 119)
    assert (one.floor_pct, one.level_median_pct, one.peak_pct) == (0, 0, 100)
    assert one.duty_cycle == pytest.approx(10 / 119)
    assert (one.network_hours, one.connection_hours) == (0, 0)


def test_a_table_counts_reads_and_writes_and_an_unasked_one_has_no_pattern() -> None:
    table = "AWS::DynamoDB::Table"
    units = {"ConsumedReadCapacityUnits|Sum": [1.0] * 96, "ConsumedWriteCapacityUnits|Sum": [np.nan] * 48 + [3.0] * 48}
    unasked = {"ConsumedReadCapacityUnits|Sum": [0.0] * 96, "ConsumedWriteCapacityUnits|Sum": 0.0}
    inventory = [resource(uid, table) for uid in ("t", "unasked")]
    with series_views({"t": units, "unasked": unasked}, type_=table, period_s=3600, days=4, datasets={"inventory": inventory}) as views:
        ((one,),) = features_of(views, LOADS_BY_TYPE[table], window(4))
        assert one.level_mean_pct == pytest.approx((25 + 100) / 2)
        found = {verdict.uid: verdict for verdict in verdicts_of(views, LOADS_BY_TYPE[table], window(4))}
    assert (found["unasked"].pattern, found["unasked"].rule) == ("insufficient_data", "no-data")


def test_cutting_into_ranges_of_uids_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    series = {uid: {"CPUUtilization|Average": np.full(96, float(number))} for number, uid in enumerate(["A", "a'b", "ü", "z", "~"])}
    with series_views(series, period_s=3600, days=4) as views:
        (whole,) = features_of(views, LOADS_BY_TYPE[INSTANCE], window(4))
        monkeypatch.setattr(patterns, "POINTS_A_RANGE", 100)
        cut = [one for some in features_of(views, LOADS_BY_TYPE[INSTANCE], window(4)) for one in some]
    assert sorted(cut, key=lambda one: one.uid) == whole


def test_every_resource_has_one_row_also_without_data() -> None:
    """i-1 has a pattern, i-2 was denied, i-3 never asked for, i-4 has no data; a bucket has no pattern."""
    coverage = [
        {
            "uid": uid,
            "account_id": "1",
            "region": "eu-central-1",
            "type": INSTANCE,
            "metric": "CPUUtilization",
            "stat": stat,
            "period_s": 3600,
            "status": status,
            "points": 0,
            "error_code": None,
            "detail": None,
        }
        for uid, stat, status in [("i-2", "Average", "ok"), ("i-2", "Maximum", "denied"), ("i-4", "Average", "no_data")]
    ]
    inventory = [resource(uid, INSTANCE) for uid in ("i-1", "i-2", "i-3", "i-4")] + [resource("b", "AWS::S3::Bucket")]
    with series_views(
        {"i-1": {"CPUUtilization|Average": DAY_OF_WORK * 14, "NetworkIn|Sum": 1e6, "NetworkOut|Sum": 1e6}},
        period_s=3600,
        datasets={"inventory": inventory, "metric_coverage": coverage},
    ) as views:
        part = write_patterns(views, window=window())
        with Views(views.lake, Selection("s", {"patterns": (part.path,)})) as written:
            rows = {row["uid"]: row for row in written.rows("patterns")}
    assert rows.keys() == {"i-1", "i-2", "i-3", "i-4"}
    assert (rows["i-1"]["pattern"], rows["i-1"]["rule"], rows["i-1"]["confidence"]) == ("batch", "periodic-low-duty", 1.0)
    assert {rows[uid]["pattern"] for uid in ("i-2", "i-3", "i-4")} == {"insufficient_data"}
    assert rows["i-2"]["reason"] == "CPUUtilization could not be read (denied). Next: mend the access and collect metrics again"
    assert rows["i-3"]["reason"] == "CPUUtilization was not asked for"
    assert rows["i-4"]["reason"] == "CPUUtilization has no data point in the window"
    assert rows["i-4"]["level_mean_pct"] is None

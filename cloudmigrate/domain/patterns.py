"""Which pattern each resource's use follows: rules of AWS where they exist, a small model for the rest, and what forbids a verdict.

Sources of the rules. `compute-optimizer-idle`: AWS Compute Optimizer User Guide, "Viewing idle resource recommendations" (EC2: the peak CPU
utilization is below 5 % and the network I/O is less than 5 MB a day over the 14-day lookback period). `trusted-advisor-low-utilisation`:
AWS Trusted Advisor check reference, "Low Utilization Amazon EC2 Instances" (10 % or less daily average CPU utilization and 5 MB or less
network I/O on at least 4 of the previous 14 days). Databases: the same page of Compute Optimizer (no connections, low CPU).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cloudmigrate.domain.counting import counted
from cloudmigrate.domain.load_metrics import LoadMetrics, SubjectKind
from cloudmigrate.domain.pattern_features import LEAST_LEVEL_PCT, Features, Pattern, matrix
from cloudmigrate.domain.pattern_forest import Forest

LOOKBACK_DAYS = 14
HOUR_DAYS = 1 / 24
DAY_S = 86_400
IDLE_PEAK_BELOW_PCT = 5.0
IDLE_MB_BELOW = 5.0
LOW_DAILY_CPU_PCT = 10.0
LOW_DAILY_MB = 5.0
LOW_DAYS_AT_LEAST = 4
# Trusted Advisor looks at daily means alone, under which a machine that works for an hour a day at full load is "low". Above this peak we
# do not call it idle (judgement; a nightly backup or an update of the system stays under it).
QUIET_PEAK_PCT = 20.0
NEAR_IDLE_PCT = 5.0  # an hour above it is one of duty
FULL_DAY_HOURS = 18  # hours of data that make a day count
BATCH_DUTY_AT_MOST = 0.25
PERIODIC_FROM = 0.5  # autocorrelation at a day or a week
DIURNAL_FROM = 0.3  # autocorrelation at a day under which nothing is called diurnal
TREND_SHARE_FROM = 0.15  # of the level, a week (judgement): what drifts by less in two weeks is called steady
TREND_FIT_FROM = 0.5
HOURS_AT_LEAST = 96  # four days: less shows no rhythm of the day
DATA_SHARE_AT_LEAST = 0.5  # of the hours between first and last data point
LOOKBACK_SHARE_AT_LEAST = 0.9  # of the lookback's hours with data, for a peak to be that of the lookback
SILENT_DAYS = 2.0  # without data at the window's end, from which on the reason says so
NETWORK_SHARE_AT_LEAST = 0.9  # of the hours with load, for network or connections to count as measured


@dataclass(frozen=True, slots=True)
class Verdict:
    """One resource's pattern: what decided (a rule's name, or "model"), how sure, why, and which rules of AWS hold besides."""

    uid: str
    pattern: Pattern
    rule: str
    reason: str
    confidence: float | None
    rules_met: tuple[str, ...] = ()
    features: Features | None = None


def unmeasured(uid: str, loads: LoadMetrics, status: str | None) -> Verdict:
    """The verdict on a resource without a single data point of its load."""
    metric = ", ".join(loads.load)
    nothing = f"{metric} has no data point in the window"
    if loads.kind is SubjectKind.REQUESTS:
        nothing = f"{metric} counts nothing in the window: looks idle, and no other measure proves it"
    told = {None: f"{metric} was not asked for", "no_data": nothing, "ok": nothing}
    reason = told.get(status, f"{metric} could not be read ({status}). Next: mend the access and collect metrics again")
    return Verdict(uid, Pattern.INSUFFICIENT_DATA, "no-data", reason, None)


def classify(features: Sequence[Features], forest: Forest) -> Iterator[Verdict]:
    """The verdict on each resource, in order. Pure; the same input gives the same answer."""
    votes = forest.votes(matrix(features))
    for one, vote in zip(features, votes, strict=True):
        yield _too_little(one) or _idle(one) or _batch(one) or _modelled(one, vote, forest)


def is_low_on_cpu(one: Features) -> bool:
    """Whether CPU alone looks idle: by Compute Optimizer's peak over the whole lookback, or by Trusted Advisor's days and a quiet peak."""
    return _low_by_peak(one) or _low_by_days(one)


def rules_met(one: Features) -> tuple[str, ...]:
    """The rules of AWS that hold word for word, whatever the verdict; none without network data."""
    found = []
    measured = one.peak_measured and _measured(one, one.network_hours)
    if measured and _low_by_peak(one) and (one.network_mb_a_day_max or 0) < IDLE_MB_BELOW:
        found.append("compute-optimizer-idle")
    if one.low_days >= LOW_DAYS_AT_LEAST:
        found.append("trusted-advisor-low-utilisation")
    return tuple(found)


def completeness(one: Features) -> float:
    """0..1: the share of the lookback's hours that have data."""
    return min(one.hours / (LOOKBACK_DAYS * 24), 1.0)


def _too_little(one: Features) -> Verdict | None:
    if one.hours < HOURS_AT_LEAST:
        had = counted(one.hours, "hour has", "hours have")
        reason = f"{had} data and {HOURS_AT_LEAST} are needed; the first data point is {one.age_days:.1f} days old"
        return _insufficient(one, "too-few-hours", reason)
    share = one.hours / (one.hours + one.gap_hours)
    if share < DATA_SHARE_AT_LEAST:
        reason = f"only {share:.0%} of the hours since the first data point have data ({counted(one.gaps, 'gap')})"
        return _insufficient(one, "too-many-gaps", reason)
    return None


def _idle(one: Features) -> Verdict | None:
    """Idle where CPU is low and nobody talks to it; undecided where CPU is low and that was not measured."""
    if not is_low_on_cpu(one):
        return None
    cpu = f"CPU peaks at {one.peak_pct:.1f} %{'' if one.peak_measured else ' (of means: Maximum was not fetched)'}"
    proof = _proof(one)
    if not _proved(one):
        return _insufficient(one, "looks-idle-unproved", f"looks idle, {proof} not measured: {cpu}")
    return _idle_database(one, cpu) if proof == "connections" else _idle_server(one, cpu)


def _idle_database(one: Features, cpu: str) -> Verdict | None:
    if one.connections_max:
        return None
    return _by_rule(one, Pattern.IDLE, "database-without-connections", f"{cpu} and nobody connected in {one.age_days:.0f} days")


def _idle_server(one: Features, cpu: str) -> Verdict | None:
    met = rules_met(one)
    if "compute-optimizer-idle" in met:
        reason = f"{cpu} and network at {one.network_mb_a_day_max:.2f} MB on its busiest day, over {one.age_days:.0f} days"
        return _by_rule(one, Pattern.IDLE, "compute-optimizer-idle", reason)
    if "trusted-advisor-low-utilisation" in met and one.low_days == one.days:
        low = f"CPU at {LOW_DAILY_CPU_PCT:g} % or less and network at {LOW_DAILY_MB:g} MB or less"
        reason = f"{low} on {one.low_days} of {one.days} days; {cpu}"
        return _by_rule(one, Pattern.IDLE, "trusted-advisor-low-utilisation", reason, min(one.low_days / LOOKBACK_DAYS, 1.0))
    return None


def _batch(one: Features) -> Verdict | None:
    if not _may_be_batch(one):
        return None
    rhythm = max(("day", one.autocorrelation_day), ("week", one.autocorrelation_week), key=lambda pair: pair[1] or 0)
    if (rhythm[1] or 0) < PERIODIC_FROM:
        return None
    reason = f"at work in {one.duty_cycle:.0%} of the hours, every {rhythm[0]} alike ({rhythm[1]:.2f}), else at {one.floor_pct:.1f} %"
    return _by_rule(one, Pattern.BATCH, "periodic-low-duty", reason)


def _may_be_batch(one: Features) -> bool:
    return one.floor_pct < NEAR_IDLE_PCT and 0 < one.duty_cycle <= BATCH_DUTY_AT_MOST


def _modelled(one: Features, vote: NDArray[np.float64], forest: Forest) -> Verdict:
    """The pattern with the most votes among those that no guard forbids."""
    forbidden = _forbidden(one)
    allowed = [(float(share), -number, pattern) for number, (share, pattern) in enumerate(zip(vote, forest.classes, strict=True))]
    first = max(allowed)
    share, _, pattern = max(entry for entry in allowed if entry[2] not in forbidden)
    if pattern is Pattern.STEADY and _low_and_unproved(one):
        reason = f"steady at {one.level_mean_pct:.1f} % CPU, which may be idle: {_proof(one)} not measured"
        return _insufficient(one, "low-cpu-unproved", reason)
    veto = f"; the model's first choice, {first[2]}, is out: {forbidden[first[2]]}" if first[2] in forbidden else ""
    reason = f"{_told(pattern, one)}; {share:.0%} of the votes{veto}{_silence(one)}"
    return Verdict(one.uid, pattern, "model", reason, share * completeness(one), rules_met(one), one)


def _forbidden(one: Features) -> Mapping[Pattern, str]:
    """Pattern -> why the numbers rule it out. Bursty and steady are never ruled out, so one always remains."""
    found: dict[Pattern, str] = {}
    correlation = one.autocorrelation_day or 0.0
    if not _may_be_batch(one):
        found[Pattern.BATCH] = f"at work in {one.duty_cycle:.0%} of the hours, and not near idle ({one.floor_pct:.1f} %) in the others"
    elif max(correlation, one.autocorrelation_week or 0.0) < DIURNAL_FROM:
        found[Pattern.BATCH] = "no rhythm of day or week"
    if correlation < DIURNAL_FROM:
        found[Pattern.DIURNAL] = f"days are not alike ({correlation:.2f})"
    for pattern, sign in ((Pattern.GROWING, 1), (Pattern.DECLINING, -1)):
        if sign * one.trend_share < TREND_SHARE_FROM or one.trend_fit < TREND_FIT_FROM:
            found[pattern] = f"the trend is {one.trend_share:+.0%} of the level a week, and explains {one.trend_fit:.0%}"
    return found


def _told(pattern: Pattern, one: Features) -> str:
    """The features that speak for the pattern, in words."""
    level = f"at {one.level_mean_pct:.1f} % on average"
    match pattern:
        case Pattern.DIURNAL:
            return f"{level}, days alike ({one.autocorrelation_day or 0:.2f}), {one.daily_swing_pct:.1f} points between the day's hours"
        case Pattern.GROWING | Pattern.DECLINING:
            return f"{level}, {one.trend:+.1f} points a week ({one.trend_share:+.0%}), a line explains {one.trend_fit:.0%} of the days"
        case Pattern.BURSTY:
            return f"{level}, {one.spikes:.1f} spikes a week, busiest hours at {one.top_pct:.1f} %, no rhythm"
        case _:
            step = f", with a step that explains {one.step_fit:.0%} of the days" if one.step_fit > 0.8 else ""
            share = one.spread / max(one.level_mean_pct, LEAST_LEVEL_PCT)
            return f"{level}, hours spread by {one.spread:.1f} points ({share:.0%}){step}"


def _low_by_peak(one: Features) -> bool:
    is_seen = one.age_days >= LOOKBACK_DAYS - HOUR_DAYS and completeness(one) >= LOOKBACK_SHARE_AT_LEAST
    return is_seen and one.peak_pct < IDLE_PEAK_BELOW_PCT


def _low_by_days(one: Features) -> bool:
    return one.low_cpu_days >= LOW_DAYS_AT_LEAST and one.low_cpu_days == one.days and one.peak_pct < QUIET_PEAK_PCT


def _low_and_unproved(one: Features) -> bool:
    return one.level_mean_pct <= LOW_DAILY_CPU_PCT and not _proved(one)


def _proof(one: Features) -> str:
    """What shows whether anybody uses it."""
    return "connections" if one.kind is SubjectKind.DATABASE else "network"


def _proved(one: Features) -> bool:
    match one.kind:
        case SubjectKind.REQUESTS:
            return True
        case SubjectKind.DATABASE:
            return _measured(one, one.connection_hours)
        case _:
            return _measured(one, one.network_hours)


def _measured(one: Features, hours: int) -> bool:
    return hours >= NETWORK_SHARE_AT_LEAST * one.hours


def _by_rule(one: Features, pattern: Pattern, rule: str, reason: str, certainty: float = 1.0) -> Verdict:
    return Verdict(one.uid, pattern, rule, reason + _silence(one), certainty * completeness(one), rules_met(one), one)


def _silence(one: Features) -> str:
    """That a resource has fallen silent, where it has: it may have been stopped."""
    silent_days = one.age_days - (one.last_at - one.first_at).total_seconds() / DAY_S
    return f"; no data for the last {silent_days:.1f} days" if silent_days > SILENT_DAYS else ""


def _insufficient(one: Features, rule: str, reason: str) -> Verdict:
    return Verdict(one.uid, Pattern.INSUFFICIENT_DATA, rule, reason, None, rules_met(one), one)

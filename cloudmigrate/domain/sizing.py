"""Which size a resource needs by its measured use, and what came second. Pure.

First a shortlist from percentiles; then, in the lake, the recorded series is run against every size of it; then the choice.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cloudmigrate.domain.instance_sizes import InstanceType, Pool, TypesOfRegion, distinct
from cloudmigrate.domain.sizing_policy import SizingProfile
from cloudmigrate.domain.sizing_records import (
    Dimension,
    DimensionRow,
    Replayed,
    Shortlist,
    SizeVerdict,
    Sizing,
    Subject,
    Use,
)
from cloudmigrate.domain.sizing_risk import highest, rows_of

PERIOD_AT_MOST_S = 300  # longer periods hide peaks, so nothing smaller is proposed from them
TRIED = 3  # sizes of a shortlist that are run, besides the present one
GIB = 1024**3
ROUNDING = 1e-9
WORDS = {Dimension.CPU: "CPU", Dimension.IOPS: "IOPS", Dimension.CREDITS: "CPU credits"}
REBUILD = "medium: programs, containers, agents and drivers have to be built or fetched for arm64, and the image made anew and tested"
RESTART = "low: the service runs the engine; a change of class with a restart, after a test of the engine's version on it"


def shortlist(subject: Subject, use: Use | None, types: TypesOfRegion | None, profile: SizingProfile) -> Shortlist | Sizing:
    """The sizes to run the series against; or the end of it, where data or sizes are lacking."""
    current = types.by_name.get(subject.instance_type) if types else None
    if types is None or current is None or use is None or use.hours < profile.hours_at_least:
        reason = _lacking(subject, use, types, current, profile=profile)
        return Sizing(subject.uid, profile.name, subject.size_name, SizeVerdict.INSUFFICIENT_DATA, reason)
    held = _held(use)
    pool = types.candidates(current, managed=subject.is_managed, arm=current.is_arm, burstable=profile.burstable)
    places = _fitting(pool, use, current, profile)
    arms: Iterator[InstanceType] = iter(())
    if not current.is_arm and not subject.is_windows:
        arm_pool = types.candidates(current, managed=subject.is_managed, arm=True, burstable=profile.burstable)
        arms = _allowed(arm_pool, _fitting(arm_pool, use, current, profile), current, held)
    return Shortlist(
        subject=subject,
        use=use,
        current=current,
        tried=distinct(_allowed(pool, places, current, held), TRIED),
        arm=next(arms, None),
        too_small=_too_small(pool, places, use, current, profile=profile),
        current_fits=_misfit(current, use, current, profile) is None,
        held=held,
    )


def settle(
    listed: Sequence[Shortlist | Sizing], replayed: Mapping[str, Mapping[str, Replayed]], profile: SizingProfile
) -> Iterator[Sizing]:
    """The choice for every resource, in order; *replayed* holds by uid and size what was run."""
    for one in listed:
        yield one if isinstance(one, Sizing) else choose(one, replayed[one.subject.uid], profile)


def choose(listed: Shortlist, replayed: Mapping[str, Replayed], profile: SizingProfile) -> Sizing:
    """The smallest size of the shortlist whose risk the profile allows; *replayed* holds every size that was to be run, by name."""
    return _Choice(listed, replayed, profile).made()


@dataclass(frozen=True, slots=True)
class _Choice:
    """A shortlist after its replay."""

    listed: Shortlist
    replayed: Mapping[str, Replayed]
    profile: SizingProfile

    def made(self) -> Sizing:
        listed, current = self.listed, self.listed.current
        keeps = listed.current_fits and self.allows(current)
        if not keeps and self.fills_its_cpu():
            return self.decided(
                SizeVerdict.KEEP, current, f"{self.too_small_now('a batch fills the CPU that it has')}; a larger size would end sooner"
            )
        better = [one for one in listed.tried if one.size < current.size or not keeps]
        target = next((one for one in better if self.allows(one)), None)
        if target is None and not keeps:
            rest = "every larger size that was tried would be short too" if listed.tried else "no size of its families would do"
            return self.decided(SizeVerdict.LARGER, None, f"{self.too_small_now()}; {rest}")
        if target is None or target.instance_type == current.instance_type:
            return self.decided(SizeVerdict.KEEP, current, self.kept())
        if target.size < current.size:
            return self.decided(SizeVerdict.SMALLER, target, self.shrunk(target))
        return self.decided(SizeVerdict.LARGER, target, self.too_small_now())

    def decided(self, verdict: SizeVerdict, target: InstanceType | None, reason: str) -> Sizing:
        shown = target or self.listed.current
        rows, prefix = self.rows(shown), self.listed.subject.prefix
        runner_up, why = self.runner_up(shown)
        arm = self.listed.arm if self.listed.arm and self.listed.arm.size <= shown.size and self.allows(self.listed.arm) else None
        return Sizing(
            uid=self.listed.subject.uid,
            profile=self.profile.name,
            current_type=self.listed.subject.size_name,
            verdict=verdict,
            reason=reason,
            target_type=prefix + target.instance_type if target else None,
            dimensions=rows,
            risk=highest(rows),
            runner_up=prefix + runner_up.instance_type if runner_up else None,
            runner_up_reason=why,
            arm_type=prefix + arm.instance_type if arm else None,
            arm_effort=(RESTART if self.listed.subject.is_managed else REBUILD) if arm else None,
            surplus_vcpu_hours=self.replayed[shown.instance_type].surplus_vcpu_hours if shown.burstable else None,
        )

    def rows(self, one: InstanceType) -> dict[Dimension, DimensionRow]:
        return rows_of(one, self.listed.current, self.listed.use, self.replayed[one.instance_type], self.profile)

    def allows(self, one: InstanceType) -> bool:
        return highest(self.rows(one)) <= self.profile.risk_at_most

    def runner_up(self, target: InstanceType) -> tuple[InstanceType | None, str | None]:
        """What came second: the largest smaller size that lost in the replay or by percentile, else the next larger one."""
        listed, current = self.listed, self.listed.current
        order = target.order(current)
        if lost := [one for one in listed.tried if one.order(current) < order and one != current]:
            return lost[-1], _worst(self.rows(lost[-1]))
        if listed.held and target == current:
            return None, None
        under = listed.too_small
        if under and under[0] != current and under[0].order(current) < order:
            return under
        larger = next((one for one in listed.tried if one.order(current) > order), None)
        return larger, f"it holds the use too, and is larger: {larger.vcpus} vCPUs, {larger.memory_bytes / GIB:g} GiB" if larger else None

    def kept(self) -> str:
        current = self.listed.current
        if self.listed.held:
            told = f"no smaller size is proposed: {self.listed.held}"
        elif any(one.size < current.size for one in self.listed.tried):
            told = "smaller sizes that fit by percentile would have been short"
        else:
            told = f"no smaller size fits at the {self.profile.percentile:g}th percentile with {self.profile.headroom_pct:g} % headroom"
        hours = self.replayed[current.instance_type].surplus_vcpu_hours
        return f"{told}; beyond its CPU credits it used {hours:.1f} vCPU-hours" if hours else told

    def shrunk(self, target: InstanceType) -> str:
        use, current = self.listed.use, self.listed.current
        share = use.cpu_pct / 100 * current.vcpus / target.vcpus
        told = f"CPU would be at {share:.0%} of it at the {self.profile.percentile:g}th percentile"
        if not target.burstable:
            return told
        lacking = self.rows(target)[Dimension.CREDITS].short_minutes
        if not lacking:
            return f"{told}; its CPU credits suffice"
        hours = self.replayed[target.instance_type].surplus_vcpu_hours
        return f"{told}; CPU credits lack for {lacking:.0f} minutes: in unlimited mode {hours:.1f} vCPU-hours would be charged instead"

    def fills_its_cpu(self) -> bool:
        """Whether the present size is short of nothing but CPU, and that for a batch: it takes what there is, whatever its size."""
        listed = self.listed
        if not (listed.subject.is_batch and self.profile.batch_may_fill):
            return False
        others: dict[Dimension, DimensionRow] = {name: row for name, row in self.rows(listed.current).items() if name is not Dimension.CPU}
        fits = _misfit(listed.current, replace(listed.use, cpu_pct=0.0), listed.current, self.profile) is None
        return fits and highest(others) <= self.profile.risk_at_most

    def too_small_now(self, beginning: str = "too small now") -> str:
        misfit = _misfit(self.listed.current, self.listed.use, self.listed.current, self.profile)
        told = misfit.replace("would be", "is") if misfit else _worst(self.rows(self.listed.current)).replace("would have been", "were")
        return f"{beginning}: {told}"


def _lacking(
    subject: Subject, use: Use | None, types: TypesOfRegion | None, current: InstanceType | None, *, profile: SizingProfile
) -> str:
    """Which data or sizes are missing."""
    if types is None:
        return "the sizes that its region offers were never read. Next: refresh prices, then analyse again"
    if current is None:
        return f"nothing is known of the size {subject.instance_type}"
    if use is None:
        return "its CPU has no data point in the lookback"
    return f"{use.hours:.0f} hours have data and {profile.hours_at_least:g} are needed"


def _held(use: Use) -> str | None:
    """Why nothing smaller may be proposed from these data."""
    found = []
    if use.period_s > PERIOD_AT_MOST_S:
        found.append(f"its data points are {use.period_s} s apart, and more than {PERIOD_AT_MOST_S} s hide peaks")
    if not use.has_maximum:
        found.append("only means of CPU were fetched, no Maximum")
    return "; ".join(found) or None


def _allowed(pool: Pool, places: NDArray[np.int64], current: InstanceType, held: str | None) -> Iterator[InstanceType]:
    """The fitting sizes that may be proposed, smallest first."""
    found = (pool.types[place] for place in places)
    return (one for one in found if not held or one.size >= current.size)


def _fitting(pool: Pool, use: Use, current: InstanceType, profile: SizingProfile) -> NDArray[np.int64]:
    """The places in *pool* of the sizes that hold the use: those without a `_misfit`, for hundreds of sizes at once."""
    needs = use.needs(current)
    memory = needs.get(Dimension.MEMORY)
    fits = needs[Dimension.CPU] / pool.vcpus <= 1 - profile.headroom_pct / 100 + ROUNDING
    if memory is None:
        fits &= pool.memory_bytes >= current.memory_bytes
    else:
        fits &= memory <= pool.memory_bytes * (1 - profile.memory_headroom_pct / 100 + ROUNDING)
    for dimension, peak in zip((Dimension.NETWORK, Dimension.IOPS, Dimension.THROUGHPUT), pool.peaks, strict=True):
        if dimension in needs:
            fits &= needs[dimension] <= peak
    return np.flatnonzero(fits)


def _too_small(
    pool: Pool, places: NDArray[np.int64], use: Use, current: InstanceType, *, profile: SizingProfile
) -> tuple[InstanceType, str] | None:
    """The largest size under the first that fits, of its family if there is one, and why it does not fit."""
    under = pool.types[: places[0]] if len(places) else pool.types
    same_family = [one for one in under if len(places) and one.family == pool.types[places[0]].family]
    closest = same_family or under
    return (closest[-1], _misfit(closest[-1], use, current, profile) or "") if closest else None


def _misfit(one: InstanceType, use: Use, current: InstanceType, profile: SizingProfile) -> str | None:
    """Why the percentiles of use do not fit into a size; None if they do. Baselines and credits are for the replay."""
    needs = use.needs(current)
    cpu, memory = needs[Dimension.CPU] / one.vcpus, needs.get(Dimension.MEMORY)
    if cpu > 1 - profile.headroom_pct / 100 + ROUNDING:
        return f"CPU would be at {cpu:.0%} of it, and {profile.headroom_pct:g} % are to stay free"
    if memory is None and one.memory_bytes < current.memory_bytes:
        return "its memory is smaller, and memory was not measured"
    if memory is not None and memory > one.memory_bytes * (1 - profile.memory_headroom_pct / 100 + ROUNDING):
        return f"memory would be at {memory / one.memory_bytes:.0%} of it, and {profile.memory_headroom_pct:g} % are to stay free"
    peaks = (
        ("network", needs.get(Dimension.NETWORK), one.network_peak_gbps),
        ("IOPS", needs.get(Dimension.IOPS), one.ebs_peak_iops),
        ("throughput", needs.get(Dimension.THROUGHPUT), one.ebs_peak_mbps),
    )
    over = ((name, used, peak) for name, used, peak in peaks if used is not None and peak is not None and used > peak)
    return next((f"{name} would be at {used:.4g}, over its peak of {peak:.4g}" for name, used, peak in over), None)


def _worst(rows: Mapping[Dimension, DimensionRow]) -> str:
    """The dimension with the highest risk, in words."""
    dimension, row = max(rows.items(), key=lambda pair: (pair[1].risk, pair[1].short_minutes or 0))
    name = WORDS.get(dimension, str(dimension))
    if not row.short_minutes:
        return f"{name} would be smaller than now and was not measured"
    return f"{row.short_minutes:.0f} of {row.measured_minutes or 0:.0f} minutes would have been short of {name}"

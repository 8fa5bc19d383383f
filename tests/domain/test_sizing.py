"""Which size is chosen and why, over hand-made sizes; what was run against them is given."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from cloudmigrate.domain import sizing
from cloudmigrate.domain.instance_sizes import InstanceType, TypesOfRegion, types_by_region
from cloudmigrate.domain.sizing import choose, settle, shortlist
from cloudmigrate.domain.sizing_policy import COMPUTE_OPTIMIZER, SizingPolicy, SizingProfile
from cloudmigrate.domain.sizing_records import Dimension, Replayed, Shortage, Shortlist, SizeVerdict, Sizing, Subject, Use

GIB = 1024**3
MINUTES = 20_160.0  # of 14 days
PROFILE = SizingProfile(name=COMPUTE_OPTIMIZER)


def size(name: str, vcpus: int, gib: float, *, arm: bool = False, **more: object) -> InstanceType:
    return InstanceType(name, vcpus, int(gib * GIB), ("arm64",) if arm else ("x86_64",), **more)  # type: ignore[arg-type]


TYPES = TypesOfRegion(
    {
        one.instance_type: one
        for one in (
            size("t3.large", 2, 8, burstable=True, baseline_cpu_pct=30.0, credits_per_hour=36.0, max_credits=864.0),
            size("t3.xlarge", 4, 16, burstable=True, baseline_cpu_pct=40.0, credits_per_hour=96.0, max_credits=2304.0),
            size("m5.large", 2, 8, network_baseline_gbps=0.75, network_peak_gbps=10.0, ebs_baseline_iops=3600),
            size("m5.xlarge", 4, 16, network_baseline_gbps=1.25, network_peak_gbps=10.0, ebs_baseline_iops=6000),
            size("m5.2xlarge", 8, 32, network_baseline_gbps=2.5, network_peak_gbps=10.0, ebs_baseline_iops=12000),
            size("m5.4xlarge", 16, 64),
            size("m5a.xlarge", 4, 16),
            size("m5d.xlarge", 4, 16),
            size("m5.metal", 96, 384),
            size("r5.large", 2, 16),
            size("c5.xlarge", 4, 8),
            size("m6g.large", 2, 8, arm=True),
            size("m6g.xlarge", 4, 16, arm=True),
            size("m1.large", 2, 7.5, generation_current=False),
            size("g4dn.xlarge", 4, 16, gpu_count=1),
            size("i3.large", 2, 15.25),
            size("t2.large", 2, 8, burstable=True),
            size("m4.large", 2, 8),
        )
    }
)
SERVER = Subject("i-1", "eu-central-1", "m5.2xlarge")
QUIET = Use("i-1", hours=336, period_s=300, has_maximum=True, cpu_pct=18.0, memory_pct=15.0, network_gbps=0.2, iops=900.0)
NEVER_SHORT = {one: Shortage(0, MINUTES) for one in (Dimension.CPU, Dimension.MEMORY, Dimension.NETWORK, Dimension.IOPS)}
STEADY_PROFILE = PROFILE.model_copy(update={"burstable": False})


def listed(use: Use | None = QUIET, subject: Subject = SERVER, profile: SizingProfile = STEADY_PROFILE) -> Shortlist:
    found = shortlist(subject, use, TYPES, profile)
    assert isinstance(found, Shortlist)
    return found


def chosen(use: Use = QUIET, subject: Subject = SERVER, profile: SizingProfile = STEADY_PROFILE, **short: dict[Dimension, float]) -> Sizing:
    """The choice where nothing is ever short but what *short* says, by the size's name with _ for its dot."""
    one = listed(use, subject, profile)
    replayed = {
        name: Replayed(NEVER_SHORT | {key: Shortage(minutes, MINUTES) for key, minutes in short.get(name.replace(".", "_"), {}).items()})
        for name in (size.instance_type for size in one.to_run)
    }
    return choose(one, replayed, profile)


def test_half_the_size_is_enough() -> None:
    """18 % of 8 vCPUs are 1.44: of 2 they are 72 %, under 80; 15 % of 32 GiB are 4.8: of 8 they are 60 %."""
    found = chosen()
    assert (found.verdict, found.current_type, found.target_type, found.risk) == (SizeVerdict.SMALLER, "m5.2xlarge", "m5.large", 0)
    assert found.reason == "CPU would be at 72% of it at the 99.5th percentile"
    cpu, memory = found.dimensions[Dimension.CPU], found.dimensions[Dimension.MEMORY]
    assert (cpu.used, cpu.capacity_now, cpu.capacity_target, cpu.short_minutes) == (pytest.approx(1.44), 8, 2, 0)
    assert (memory.used, memory.capacity_target) == (pytest.approx(4.8 * GIB), 8 * GIB)
    assert (found.runner_up, found.runner_up_reason) == ("r5.large", "it holds the use too, and is larger: 2 vCPUs, 16 GiB")
    assert found.arm_type == "m6g.large"
    assert found.arm_effort is not None
    assert found.arm_effort.startswith("medium: programs")


@pytest.mark.parametrize(
    ("change", "tried", "too_small"),
    [
        pytest.param({}, ["m5.large", "r5.large", "c5.xlarge"], None, id="by-vcpus-then-memory"),
        pytest.param({"cpu_pct": 20.0}, ["m5.large", "r5.large", "c5.xlarge"], None, id="exactly-80-percent-fits"),
        pytest.param(
            {"cpu_pct": 20.1},
            ["c5.xlarge", "m5.xlarge", "m5.2xlarge"],
            ("r5.large", "CPU would be at 80% of it, and 20 % are to stay free"),
            id="a-little-more-does-not",
        ),
        pytest.param(
            {"memory_pct": 30.0},
            ["r5.large", "m5.xlarge", "m5.2xlarge"],
            ("m5.large", "memory would be at 120% of it, and 20 % are to stay free"),
            id="memory-too",
        ),
        pytest.param(
            {"memory_pct": None},
            ["m5.2xlarge", "m5.4xlarge"],
            ("m5.xlarge", "its memory is smaller, and memory was not measured"),
            id="unmeasured-memory-is-never-reduced",
        ),
        pytest.param(
            {"network_gbps": 10.5},
            ["c5.xlarge", "m5.4xlarge"],
            None,
            id="over-the-peak-of-the-network",
        ),
    ],
)
def test_shortlists(change: dict[str, float | None], tried: list[str], too_small: tuple[str, str] | None) -> None:
    found = listed(replace(QUIET, **change))  # type: ignore[arg-type]
    if "network_gbps" not in change:
        assert [one.instance_type for one in found.tried] == tried
    else:
        assert not {"m5.large", "m5.xlarge", "m5.2xlarge"} & {one.instance_type for one in found.tried}
    if too_small:
        assert found.too_small is not None
        assert (found.too_small[0].instance_type, found.too_small[1]) == too_small


@pytest.mark.parametrize("memory_pct", [None, 12.0, 25.0])
@pytest.mark.parametrize("cpu_pct", [9.0, 10.0, 20.0, 80.0, 81.0])
def test_all_sizes_at_once_are_judged_like_each_alone(cpu_pct: float, memory_pct: float | None) -> None:
    current = TYPES.by_name["m5.2xlarge"]
    use = replace(QUIET, cpu_pct=cpu_pct, memory_pct=memory_pct, network_gbps=10.0, iops=2e4)
    pool = TYPES.candidates(current, managed=False, arm=False, burstable=True)
    alone = [number for number, one in enumerate(pool.types) if sizing._misfit(one, use, current, PROFILE) is None]
    assert sizing._fitting(pool, use, current, PROFILE).tolist() == alone


def test_only_like_stands_in_for_like() -> None:
    """No GPU, metal, local disk or older generation; clones of one size are one choice, the own family first."""
    names = [one.instance_type for one in TYPES.candidates(TYPES.by_name["m5.2xlarge"], managed=False, arm=False, burstable=True).types]
    assert names[:6] == ["t3.large", "m5.large", "r5.large", "c5.xlarge", "t3.xlarge", "m5.xlarge"]
    assert not {"g4dn.xlarge", "m5.metal", "i3.large", "m1.large", "t2.large", "m4.large", "m5d.xlarge"} & set(names)
    assert names.index("m5.xlarge") < names.index("m5a.xlarge")
    own = [one.instance_type for one in TYPES.candidates(TYPES.by_name["g4dn.xlarge"], managed=False, arm=False, burstable=True).types]
    assert own == ["g4dn.xlarge"]
    managed = [one.instance_type for one in TYPES.candidates(TYPES.by_name["m5.2xlarge"], managed=True, arm=False, burstable=True).types]
    assert managed == ["m5.large", "m5.xlarge", "m5.2xlarge", "m5.4xlarge"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        pytest.param({"period_s": 3600}, "its data points are 3600 s apart, and more than 300 s hide peaks", id="hours"),
        pytest.param({"period_s": 301}, "its data points are 301 s apart", id="a-second-more-than-300"),
        pytest.param({"has_maximum": False}, "only means of CPU were fetched, no Maximum", id="no-maximum"),
    ],
)
def test_nothing_smaller_is_proposed_from_data_that_hide_peaks(change: dict[str, object], told: str) -> None:
    found = chosen(replace(QUIET, **change))  # type: ignore[arg-type]
    assert (found.verdict, found.target_type, found.runner_up) == (SizeVerdict.KEEP, "m5.2xlarge", None)
    assert found.reason.startswith("no smaller size is proposed: ")
    assert told in found.reason
    assert found.arm_type is None  # every arm size that fits is smaller, or there is none of its size


def test_larger_is_proposed_from_such_data_too() -> None:
    found = chosen(replace(QUIET, cpu_pct=90.0, period_s=3600, has_maximum=False))
    assert (found.verdict, found.target_type) == (SizeVerdict.LARGER, "m5.4xlarge")
    assert found.reason == "too small now: CPU is at 90% of it, and 20 % are to stay free"


def test_a_batch_may_fill_its_cpu_but_nothing_else() -> None:
    """At 95 % of 8 vCPUs a server is too small; a batch takes what there is, and would take it on twice the size too."""
    batch, full = replace(SERVER, is_batch=True), replace(QUIET, cpu_pct=95.0)
    assert chosen(full).verdict is SizeVerdict.LARGER
    found = chosen(full, batch)
    assert (found.verdict, found.target_type, found.runner_up) == (SizeVerdict.KEEP, "m5.2xlarge", "m5.4xlarge")
    assert found.reason == (
        "a batch fills the CPU that it has: CPU is at 95% of it, and 20 % are to stay free; a larger size would end sooner"
    )
    assert chosen(replace(full, memory_pct=95.0), batch).verdict is SizeVerdict.LARGER
    assert chosen(full, batch, STEADY_PROFILE.model_copy(update={"batch_may_fill": False})).verdict is SizeVerdict.LARGER


def test_the_replay_rules_out_what_percentiles_let_pass() -> None:
    """m5.large lacks network for 300 of 20,160 minutes: over 1 %, risk 4. The next one in size that is never short is taken."""
    found = chosen(m5_large={Dimension.NETWORK: 300.0})
    assert (found.target_type, found.runner_up) == ("r5.large", "m5.large")
    assert found.runner_up_reason == "300 of 20160 minutes would have been short of network"


@pytest.mark.parametrize(
    ("short_minutes", "risk"),
    [
        pytest.param(0.0, 0, id="never"),
        pytest.param(20.0, 2, id="up-to-a-thousandth"),  # 20.16
        pytest.param(25.0, 3, id="more"),
        pytest.param(201.0, 3, id="up-to-a-hundredth"),
        pytest.param(205.0, 4, id="more-than-that"),
    ],
)
def test_risk_rises_with_the_minutes_that_are_short(short_minutes: float, risk: int) -> None:
    found = chosen(profile=STEADY_PROFILE.model_copy(update={"risk_at_most": 4}), m5_large={Dimension.CPU: short_minutes})
    assert found.target_type == "m5.large"
    assert (found.dimensions[Dimension.CPU].risk, found.risk) == (risk, risk)


def test_eating_into_headroom_is_a_risk_of_one() -> None:
    """With no headroom asked for percentiles at 95 % fit; measured against the baseline, IOPS of 4,000 on 3,600 do too, at risk 1."""
    found = chosen(replace(QUIET, iops=4000.0))
    assert (found.target_type, found.dimensions[Dimension.IOPS].risk, found.risk) == ("m5.large", 1, 1)


def test_what_was_not_measured_and_shrinks_is_a_risk_of_two() -> None:
    one = listed(replace(QUIET, network_gbps=None))
    measured = {key: value for key, value in NEVER_SHORT.items() if key is not Dimension.NETWORK}
    found = choose(one, {size.instance_type: Replayed(measured) for size in one.to_run}, STEADY_PROFILE)
    assert (found.target_type, found.dimensions[Dimension.NETWORK].risk, found.risk) == ("m5.large", 2, 2)


def test_the_series_ran_on_the_present_size() -> None:
    """Bursts that should not have lasted did, so they do not make it too small; smaller sizes that would be short lose to it."""
    tight = replace(QUIET, cpu_pct=30.0, memory_pct=30.0)
    found = chosen(tight, m5_2xlarge={Dimension.IOPS: 1000.0}, m5_xlarge={Dimension.IOPS: 1000.0})
    assert (found.verdict, found.target_type, found.risk, found.runner_up) == (SizeVerdict.KEEP, "m5.2xlarge", 0, "m5.xlarge")
    assert found.reason == "smaller sizes that fit by percentile would have been short"
    assert found.runner_up_reason == "1000 of 20160 minutes would have been short of IOPS"


def test_where_no_size_is_large_enough_none_is_named() -> None:
    found = chosen(replace(QUIET, cpu_pct=99.0), Subject("i-1", "r", "m5.4xlarge"))
    assert (found.verdict, found.target_type) == (SizeVerdict.LARGER, None)
    assert found.reason == "too small now: CPU is at 99% of it, and 20 % are to stay free; no size of its families would do"


def test_burstable_sizes_compete_with_what_their_credits_give() -> None:
    """4 % of 8 vCPUs are 0.32: under the baseline of t3.large, 0.6. Where its credits lack, what unlimited mode charges is told."""
    profile = PROFILE.model_copy(update={"risk_at_most": 4})
    one = listed(replace(QUIET, cpu_pct=4.0), profile=profile)
    lasting = {size.instance_type: Replayed({**NEVER_SHORT, Dimension.CREDITS: Shortage(0, MINUTES)}, 0.0, 19.2) for size in one.to_run}
    found = choose(one, lasting, profile)
    assert (found.target_type, found.surplus_vcpu_hours) == ("t3.large", 0)
    assert found.reason.endswith("its CPU credits suffice")
    assert found.dimensions[Dimension.CREDITS].used == 19.2
    lacking = {**lasting, "t3.large": Replayed({**NEVER_SHORT, Dimension.CREDITS: Shortage(400, MINUTES)}, 3.25, 40.0)}
    told = "CPU credits lack for 400 minutes: in unlimited mode 3.2 vCPU-hours would be charged instead"
    assert choose(one, lacking, profile).reason.endswith(told)
    careful = choose(one, lacking, PROFILE)
    assert (careful.target_type, careful.runner_up) == ("m5.large", "t3.large")
    assert careful.runner_up_reason == "400 of 20160 minutes would have been short of CPU credits"


def test_arm_is_no_option_for_windows_and_costs_less_effort_where_the_service_runs_it() -> None:
    assert chosen(subject=replace(SERVER, is_windows=True)).arm_type is None
    database = chosen(
        replace(QUIET, memory_pct=None, memory_free_bytes=27.2 * GIB), Subject("db", "r", "db.m5.2xlarge", "db.", is_managed=True)
    )
    assert (database.current_type, database.target_type, database.arm_type) == ("db.m5.2xlarge", "db.m5.large", "db.m6g.large")
    assert database.arm_effort is not None
    assert database.arm_effort.startswith("low: the service")
    assert database.dimensions[Dimension.MEMORY].used == pytest.approx(4.8 * GIB)


@pytest.mark.parametrize(
    ("use", "types", "subject", "reason"),
    [
        pytest.param(None, TYPES, SERVER, "its CPU has no data point in the lookback", id="no-data"),
        pytest.param(replace(QUIET, hours=29.4), TYPES, SERVER, "29 hours have data and 30 are needed", id="under-30-hours"),
        pytest.param(QUIET, None, SERVER, "the sizes that its region offers were never read. Next: refresh prices", id="no-sizes"),
        pytest.param(QUIET, TYPES, Subject("i", "r", "x9.huge"), "nothing is known of the size x9.huge", id="unknown-size"),
    ],
)
def test_what_is_lacking_is_said(use: Use | None, types: TypesOfRegion | None, subject: Subject, reason: str) -> None:
    found = shortlist(subject, use, types, PROFILE)
    assert isinstance(found, Sizing)
    assert found.verdict is SizeVerdict.INSUFFICIENT_DATA
    assert found.reason.startswith(reason)
    assert list(settle([found], {}, PROFILE)) == [found]


def test_rows_of_the_lake_become_types_by_region() -> None:
    row = {"region": "r", "instance_type": "m5.large", "vcpus": 2, "memory_bytes": 8 * GIB, "architectures": ["x86_64"], "burstable": False}
    (found,) = types_by_region([{**row, "generation_current": True, "gpu_count": 0, "origin": "x", "max_credits": None}])[
        "r"
    ].by_name.values()
    assert (found.family, found.letter, found.is_arm, found.size) == ("m5", "m", False, 28)


def test_the_rule_of_aws_keeps_its_name_and_names_are_distinct() -> None:
    with pytest.raises(ValidationError, match="Next: give a profile with other values another name"):
        SizingProfile(name=COMPUTE_OPTIMIZER, headroom_pct=30)
    with pytest.raises(ValidationError, match="profile a is listed twice"):
        SizingPolicy(profiles=(SizingProfile(name="a"), SizingProfile(name="a", percentile=95)))
    assert [one.name for one in SizingPolicy().profiles] == [COMPUTE_OPTIMIZER]


@given(
    cpu_pct=st.floats(0, 100),
    memory_pct=st.none() | st.floats(0, 100),
    network_gbps=st.none() | st.floats(0, 20),
    period_s=st.sampled_from([60, 300, 301, 3600]),
    has_maximum=st.booleans(),
    short=st.dictionaries(st.sampled_from([one.instance_type for one in TYPES.by_name.values()]), st.floats(0, MINUTES), max_size=5),
    name=st.sampled_from(["m5.large", "m5.xlarge", "m5.2xlarge", "t3.xlarge"]),
)
def test_laws_of_every_choice(
    cpu_pct: float,
    memory_pct: float | None,
    network_gbps: float | None,
    period_s: int,
    has_maximum: bool,
    short: dict[str, float],
    name: str,
) -> None:
    """Nothing smaller from data that hide peaks, a target within the allowed risk, no less memory where none was measured."""
    use = Use("i-1", 336, period_s, has_maximum, cpu_pct, memory_pct=memory_pct, network_gbps=network_gbps)
    one = listed(use, Subject("i-1", "r", name), PROFILE)
    replayed = {size.instance_type: Replayed({Dimension.CPU: Shortage(short.get(size.instance_type, 0.0), MINUTES)}) for size in one.to_run}
    found = choose(one, replayed, PROFILE)
    target = TYPES.by_name.get(found.target_type or "")
    if target is None:
        assert found.verdict is SizeVerdict.LARGER
        return
    assert (found.verdict is SizeVerdict.SMALLER) == (target.size < one.current.size)
    assert (found.risk or 0) <= PROFILE.risk_at_most
    if period_s > 300 or not has_maximum:
        assert found.verdict is not SizeVerdict.SMALLER
        assert found.arm_type is None or TYPES.by_name[found.arm_type].size >= one.current.size
    if memory_pct is None:
        assert target.memory_bytes >= one.current.memory_bytes
    assert choose(one, replayed, PROFILE) == found

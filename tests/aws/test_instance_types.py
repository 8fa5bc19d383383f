"""Instance types, CPU credits and spot prices of a region, from AWS's recorded answers and from scripted pages."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from cloudmigrate.aws.cpu_credits import CPU_CREDITS
from cloudmigrate.aws.instance_types import instance_types, network_gbps, type_row
from cloudmigrate.aws.spot import spot_prices
from cloudmigrate.domain.resources import CoverageStatus
from cloudmigrate.lake.datasets import BY_NAME
from tests.aws.conftest import OWN, own_account, sessions_of
from tests.aws.scripted import ScriptedAws, ec2_error, xml

Start = Callable[..., ScriptedAws]
WINDOW = (datetime(2026, 11, 14, tzinfo=UTC), datetime(2026, 11, 28, tzinfo=UTC))


@pytest.fixture(scope="module")
def real_types() -> dict[str, dict[str, Any]]:
    """What AWS answered, as moto ships it (asked of the emulator, the same takes seconds)."""
    from moto.ec2.models.instance_types import INSTANCE_TYPES

    rows = (type_row(one, "us-west-2") for one in INSTANCE_TYPES.values())
    return {row["instance_type"]: row for row in rows if row is not None}


def test_real_types(real_types: dict[str, dict[str, Any]]) -> None:
    """An m5.large has 2 vCPUs, 8 GiB, 0.75 Gbps for ever and 10 at most; a t3.micro is burstable."""
    assert len(real_types) > 1000
    assert {frozenset(row) for row in real_types.values()} == {frozenset(BY_NAME["instance_types"].schema.names)}
    plain, burst = real_types["m5.large"], real_types["t3.micro"]
    assert (plain["vcpus"], plain["memory_bytes"], plain["architectures"]) == (2, 8 * 1024**3, ["x86_64"])
    assert (plain["network_baseline_gbps"], plain["network_peak_gbps"]) == (0.75, 10.0)
    assert (plain["ebs_baseline_iops"], plain["ebs_baseline_mbps"], plain["ebs_peak_iops"], plain["ebs_peak_mbps"]) == (
        3600,
        650,
        18750,
        4750,
    )
    assert (plain["burstable"], plain["credits_per_hour"]) == (False, None)
    assert (burst["burstable"], burst["credits_per_hour"], burst["max_credits"], burst["baseline_cpu_pct"]) == (True, 12, 288, 10)
    assert real_types["m7g.large"]["architectures"] == ["arm64"]
    assert real_types["p4d.24xlarge"]["gpu_count"] == 8


def test_the_table_of_credits_knows_every_burstable_type_and_their_sizes(real_types: dict[str, dict[str, Any]]) -> None:
    burstable = {name: row["vcpus"] for name, row in real_types.items() if row["burstable"] and not name.startswith("t1.")}
    assert burstable == {name: one.vcpus for name, one in CPU_CREDITS.items()}


def test_types_come_page_by_page_and_what_is_no_type_is_left_out(script: Start) -> None:
    def item(name: str) -> str:
        size = "<vCpuInfo><defaultVCpus>2</defaultVCpus></vCpuInfo><memoryInfo><sizeInMiB>8192</sizeInMiB></memoryInfo>"
        return f"<item><instanceType>{name}</instanceType>{size}</item>"

    first = xml("DescribeInstanceTypes", f"<instanceTypeSet>{item('m5.large')}<item/></instanceTypeSet><nextToken>t</nextToken>")
    second = xml("DescribeInstanceTypes", f"<instanceTypeSet>{item('c5.large')}</instanceTypeSet>")
    script({"DescribeInstanceTypes": [first, second]})
    rows, failure = instance_types(sessions_of(own_account()), OWN, "us-west-2")
    assert failure is None
    assert [row["instance_type"] for row in rows] == ["c5.large", "m5.large"]


@pytest.mark.parametrize("name", CPU_CREDITS)
def test_credits_follow_from_the_baseline(name: str) -> None:
    """A credit is a vCPU's minute; a day of them is saved at most."""
    one = CPU_CREDITS[name]
    assert one.credits_per_hour == pytest.approx(one.vcpus * one.baseline_cpu_pct / 100 * 60)
    assert one.max_credits == pytest.approx(24 * one.credits_per_hour)


@pytest.mark.parametrize(
    ("network", "expected"),
    [
        pytest.param({"NetworkPerformance": "Up to 10 Gigabit"}, (None, 10.0), id="words-up-to"),
        pytest.param({"NetworkPerformance": "25 Gigabit"}, (25.0, 25.0), id="words"),
        pytest.param({"NetworkPerformance": "4x 100 Gigabit"}, (400.0, 400.0), id="four-cards-in-words"),
        pytest.param({"NetworkPerformance": "Moderate"}, (None, None), id="no-figure"),
        pytest.param({"NetworkCards": [{"BaselineBandwidthInGbps": 1.5, "PeakBandwidthInGbps": 10}] * 2}, (3.0, 20.0), id="two-cards"),
        pytest.param({"NetworkCards": [{}], "NetworkPerformance": "Up to 5 Gigabit"}, (None, 5.0), id="a-card-without-figures"),
        pytest.param({}, (None, None), id="nothing"),
    ],
)
def test_what_a_network_gives(network: dict[str, object], expected: tuple[float | None, float | None]) -> None:
    assert network_gbps(network) == expected


def test_a_denied_region_gives_no_types_and_says_why(script: Start) -> None:
    script({"DescribeInstanceTypes": ec2_error("UnauthorizedOperation")})
    rows, failure = instance_types(sessions_of(own_account()), OWN, "us-west-2")
    assert rows == []
    assert failure is not None
    assert (failure.status, failure.missing_action) == (CoverageStatus.DENIED, "ec2:DescribeInstanceTypes")


def spot_page(*prices: tuple[datetime, str], token: str = "") -> str:
    items = "".join(
        f"<item><instanceType>m5.large</instanceType><productDescription>Linux/UNIX</productDescription><spotPrice>{price}</spotPrice>"
        f"<timestamp>{at:%Y-%m-%dT%H:%M:%S}.000Z</timestamp><availabilityZone>us-west-2a</availabilityZone></item>"
        for at, price in prices
    )
    return f"<spotPriceHistorySet>{items}</spotPriceHistorySet><nextToken>{token}</nextToken>"


def test_spot_prices_become_a_distribution_over_all_pages(script: Start) -> None:
    """14 days: 0.0400 for 10 of them, 0.0500 for 3, 0.0900 for the last; the first began before the window. AWS lists the newest first."""
    start, end = WINDOW
    first = xml("DescribeSpotPriceHistory", spot_page((end - timedelta(days=1), "0.0900"), (end - timedelta(days=4), "0.0500"), token="t"))
    second = xml("DescribeSpotPriceHistory", spot_page((start - timedelta(days=30), "0.0400")))
    running = script({"DescribeSpotPriceHistory": [first, second]})
    [row], failure = spot_prices(sessions_of(own_account()), OWN, "us-west-2", WINDOW)
    assert failure is None
    assert row == {
        "region": "us-west-2",
        "zone": "us-west-2a",
        "instance_type": "m5.large",
        "product": "Linux/UNIX",
        "window_from": start,
        "window_to": end,
        "samples": 3,
        "median": Decimal("0.04"),
        "p90": Decimal("0.05"),
        "currency": "USD",
        "origin": "price_history",
        "sample_source": None,
        "sampled_on": None,
    }
    assert running.count("DescribeSpotPriceHistory") == 2


def test_a_history_that_is_cut_off_gives_no_row(script: Start) -> None:
    """Half of it would say something else."""
    page = xml("DescribeSpotPriceHistory", spot_page((WINDOW[0], "0.04"), token="t"))
    script({"DescribeSpotPriceHistory": [page, ec2_error("RequestLimitExceeded", status=503)]})
    rows, failure = spot_prices(sessions_of(own_account()), OWN, "us-west-2", WINDOW)
    assert rows == []
    assert failure is not None
    assert failure.status is CoverageStatus.THROTTLED


@pytest.mark.parametrize("price", ["NaN", "Infinity", "1e400", "-0.01", "0", "", "free", "9999999"])
def test_a_market_with_a_price_that_is_none_is_left_out_and_told(script: Start, price: str) -> None:
    """Without that price the one before it would seem to have held on."""
    told = spot_page((WINDOW[1] - timedelta(days=1), price), (WINDOW[0], "0.0400"))
    sound = spot_page((WINDOW[0], "0.0500")).replace("us-west-2a", "../2b&lt;script>").replace("<nextToken></nextToken>", "")
    script({"DescribeSpotPriceHistory": xml("DescribeSpotPriceHistory", sound.replace("</spotPriceHistorySet>", told.split(">", 1)[1], 1))})
    [row], failure = spot_prices(sessions_of(own_account()), OWN, "us-west-2", WINDOW)
    assert (row["zone"], row["median"]) == ("../2b<script>", Decimal("0.05"))
    assert failure is not None
    assert failure.status is CoverageStatus.PARTIAL
    assert "1 market was left out" in failure.sentence
    assert "m5.large in us-west-2a" in failure.sentence


def test_prices_of_other_ages_hold_where_they_should(script: Start) -> None:
    """One that began in the year 1 holds until the next, one of the year 9999 not yet."""
    told = spot_page((datetime(9999, 12, 31, tzinfo=UTC), "9"), (datetime(1, 1, 1, tzinfo=UTC), "0.04")).replace(
        "<timestamp>1-", "<timestamp>0001-"
    )
    script({"DescribeSpotPriceHistory": xml("DescribeSpotPriceHistory", told)})
    [row], failure = spot_prices(sessions_of(own_account()), OWN, "us-west-2", WINDOW)
    assert failure is None
    assert (row["window_from"], row["median"], row["p90"]) == (WINDOW[0], Decimal("0.04"), Decimal("0.04"))


@pytest.mark.parametrize(
    ("vcpus", "mebibytes", "more"),
    [
        pytest.param("1" * 30, "8192", "", id="thirty-digits-of-cpus"),
        pytest.param("2", "9" * 19, "", id="more-memory-than-64-bits"),
        pytest.param("-2", "8192", "", id="below-0"),
        pytest.param("0", "0", "", id="nothing"),
        pytest.param("2", "8192", f"<networkInfo><networkPerformance>{'9' * 400} Gigabit</networkPerformance></networkInfo>", id="words"),
        pytest.param(
            "2", "8192", f"<ebsInfo><ebsOptimizedInfo><baselineIops>{'9' * 20}</baselineIops></ebsOptimizedInfo></ebsInfo>", id="operations"
        ),
    ],
)
def test_figures_that_no_machine_has_are_left_out_and_told(script: Start, vcpus: str, mebibytes: str, more: str) -> None:
    def item(name: str, cpus: str, memory: str, rest: str = "") -> str:
        sizes = f"<vCpuInfo><defaultVCpus>{cpus}</defaultVCpus></vCpuInfo><memoryInfo><sizeInMiB>{memory}</sizeInMiB></memoryInfo>"
        return f"<item><instanceType>{name}</instanceType>{sizes}{rest}</item>"

    items = item("m5.large", "2", "8192") + item("x9.absurd", vcpus, mebibytes, more)
    script({"DescribeInstanceTypes": xml("DescribeInstanceTypes", f"<instanceTypeSet>{items}</instanceTypeSet>")})
    rows, failure = instance_types(sessions_of(own_account()), OWN, "us-west-2")
    if "networkPerformance" in more:  # words that are no figures say nothing, and the type stays
        assert ([row["network_peak_gbps"] for row in rows], failure) == ([None, None], None)
        return
    assert [row["instance_type"] for row in rows] == ["m5.large"]
    assert failure is not None
    assert failure.status is CoverageStatus.PARTIAL
    assert "x9.absurd" in failure.sentence

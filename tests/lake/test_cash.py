"""What a plan's waves cost, exchange and leave behind: wave_money, wave_traffic, wave_families, by hand; and the curve in the lake."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from cloudmigrate.domain.cash_curve import CashPolicy, Lease, Span, WaveMoney, WaveTraffic, cash_curve
from cloudmigrate.lake.cash import has_costs, leases_left, snapshot_price, target_scenario, wave_money, wave_traffic, write_cash_curve
from tests.cost_lake import FRANKFURT, OREGON, lake_views, price, row_of, strategy, thing, written
from tests.lake.test_cost_lines import edge

SERVER = "AWS::EC2::Instance"
WAVES = [row_of("waves", plan_id="p", uid=uid, move_group="g", wave=wave) for uid, wave in (("a", 1), ("b", 2), ("c", 2))]
SIZES = (("a", "m5.large", 10**11), ("b", "m5.xlarge", None))
THINGS = [{**thing(uid, SERVER, InstanceType=kind), "storage_bytes": size} for uid, kind, size in SIZES]


def cost(uid: str, scenario: str, amount: str | None) -> dict[str, Any]:
    value = None if amount is None else Decimal(amount)
    status = "unpriced" if amount is None else "priced"
    money = {"monthly_cost_usd": value, "low_usd": value, "high_usd": value}
    return row_of("costs", uid=uid, scenario=scenario, term="on_demand", region="r", status=status, components="[]") | money


def test_a_wave_costs_what_its_resources_cost() -> None:
    rows = [cost("a", "as_is", "10"), cost("a", "rehost", "8"), cost("b", "as_is", "5"), cost("b", "rehost", None), cost("c", "as_is", "1")]
    with lake_views({"waves": WAVES, "costs": rows, "inventory": THINGS}) as views:
        assert has_costs(views)
        assert wave_money(views, "rehost", {1: 0, 2: 3}) == [
            WaveMoney(1, 0, Span.of(10), Span.of(8), Decimal(100), moving=Span.of(8)),
            WaveMoney(2, 3, Span.of(6), Span.of(0), Decimal(0), target_open=2, moving=Span.of(0)),
        ]


def test_what_is_retained_or_retired_runs_nowhere_twice_and_takes_no_data_along() -> None:
    """a is retained at 10 with its 100 GB; b is rightsized to 4, c is refactored at a cost that nobody knows: 4 at least, never 4 + 0."""
    rows = [cost("a", "as_is", "10"), cost("a", "rehost", "8"), cost("b", "as_is", "5"), cost("b", "rehost_rightsized", "4")]
    rows += [cost("c", "as_is", "1"), cost("c", "rehost", "1")]
    told = [strategy("a", "retain"), strategy("b", "rehost"), strategy("c", "refactor")]
    with lake_views({"waves": WAVES, "costs": rows, "inventory": THINGS, "recommendations": told}) as views:
        assert target_scenario(views, "recommended") == "recommended"
        assert wave_money(views, "recommended", {1: 0, 2: 3}) == [
            WaveMoney(1, 0, Span.of(10), Span.of(10), Decimal(0), moving=Span.of(0)),
            WaveMoney(2, 3, Span.of(6), Span.of(4), Decimal(0), target_open=1, moving=Span.of(4)),
        ]
        # The family stays with what is retained.
        assert {row["wave"] for row in views.run("wave_families", scenario="recommended", target_region=None)} == {None}
        assert {row["wave"] for row in views.run("wave_families", scenario="rehost", target_region="us-west-2")} == {2}
    with lake_views({"waves": WAVES, "costs": rows, "inventory": THINGS}) as views:
        assert target_scenario(views, "recommended") == "rehost"


def test_what_the_plan_retires_costs_nothing_in_the_target_and_leaves_its_family() -> None:
    """a is retired by wave 1, whatever its strategy says; b and c move. Without recommendations all is priced like for like."""
    waves = [{**one, "retires": one["uid"] == "a"} for one in WAVES]
    rows = [cost("a", "as_is", "10"), cost("a", "rehost", None), cost("b", "as_is", "5"), cost("b", "rehost", "4")]
    with lake_views({"waves": waves, "costs": rows, "inventory": THINGS}) as views:
        assert wave_money(views, "rehost", {1: 0, 2: 3}) == [
            WaveMoney(1, 0, Span.of(10), Span.of(0), Decimal(0), moving=Span.of(0)),
            WaveMoney(2, 3, Span.of(5), Span.of(4), Decimal(0), moving=Span.of(4)),
        ]
    alone = {"waves": [{**WAVES[0], "retires": True}], "inventory": THINGS[:1]}
    with lake_views(alone) as views:
        assert [row["wave"] for row in views.run("wave_families", scenario="rehost", target_region=None)] == [1], "nothing goes on using it"
    with lake_views({**alone, "waves": WAVES[:1]}) as views:
        assert [row["wave"] for row in views.run("wave_families", scenario="rehost", target_region=None)] == [None], (
            "moved within its region"
        )


def test_what_is_retired_exchanges_with_what_moved_before_it_only() -> None:
    """7 GB in seven days are 30.416667 a month. b and c are of wave 2; a is of wave 1 in the first two, then of wave 3."""

    def exchanged(*retired: str, wave: int) -> list[WaveTraffic]:
        waves = [{**one, "wave": wave if one["uid"] == "a" else 2, "retires": one["uid"] in retired} for one in WAVES]
        with lake_views({"waves": waves, "traffic": [edge("a", "b", 7)]}) as views:
            return wave_traffic(views)

    month = Decimal("30.416667")
    assert exchanged(wave=1) == [WaveTraffic(1, 2, month)]
    assert exchanged("a", wave=1) == exchanged("a", "b", wave=1) == []
    assert exchanged("a", wave=3) == [WaveTraffic(2, 3, month)]
    assert exchanged("b", wave=3) == []
    assert exchanged("b", wave=1) == [WaveTraffic(1, 2, month)]


def test_waves_exchange_what_was_measured() -> None:
    """70 GB there and 7 GB back in seven days: 77 x 730 / 24 / 7 = 334.583333 a month; what stays inside a wave is none."""
    edges = [edge("a", "b", 70), edge("c", "a", 7), edge("b", "c", 99), edge("a", "x", 99)]
    with lake_views({"waves": WAVES, "traffic": edges}) as views:
        assert wave_traffic(views) == [WaveTraffic(1, 2, Decimal("334.583333"))]


def held(commitment_id: str, size: str, **more: Any) -> dict[str, Any]:
    stated = {"account_id": "1", "region": FRANKFURT, "commitment_id": commitment_id, "kind": "reserved_instance", "scope": "Region"}
    stated |= {"count": 2, "upfront": Decimal(876), "currency": "USD", "state": "active", "instance_type": size, "term": "1y"}
    stated |= {"recurring_hourly": Decimal("0.05"), "offering_class": "standard", "end_at": datetime(2027, 5, 20, tzinfo=UTC)}
    return row_of("commitments", **{**stated, **more})


def test_a_lease_is_left_with_the_last_of_its_family() -> None:
    """m5 leaves with wave 2. Two at 0.05 + 876 / 8,760 = 0.15 an hour: 219.00 a month, from November six months to May."""
    rows = [held("r", "m5.large"), held("old", "m5.large", state="retired"), held("other", "c5.large")]
    with lake_views({"waves": WAVES, "inventory": THINGS, "commitments": rows}) as views:
        (lease,) = leases_left(views, date(2026, 11, 28), "us-west-2")
        assert (lease.wave, lease.monthly_usd, lease.months, lease.may_be_given_back) == (2, 219, 6, False)
        assert leases_left(views, date(2026, 11, 28), None) == leases_left(views, date(2026, 11, 28), FRANKFURT) == []
    stays = [*THINGS, thing("d", SERVER, InstanceType="m5.large")]
    with lake_views({"waves": WAVES, "inventory": stays, "commitments": rows}) as views:
        assert {row["wave"] for row in views.run("wave_families", scenario="rehost", target_region="us-west-2")} == {None}
        assert leases_left(views, date(2026, 11, 28), "us-west-2") == []


def sized(uid: str, scenario: str, size: str, region: str = FRANKFURT) -> dict[str, Any]:
    """The costs of a server of that size."""
    lines = [{"line": "compute", "rate_key": f"ec2:{size}:linux"}, {"line": "transfer", "rate_key": "transfer:zone"}]
    return cost(uid, scenario, "5") | {"region": region, "components": lines}


def test_a_lease_is_left_by_another_family_in_the_same_region_too() -> None:
    """a goes onto arm64 with wave 1, b with wave 2: nothing is m5 then. But where a third one becomes m5, or b stays, it is used."""
    rows, day = [held("r", "m5.large")], date(2026, 11, 28)
    arm = [sized("a", "replatform", "m6g.large"), sized("b", "replatform", "m6g.large")]
    larger = [*THINGS, thing("c", SERVER, InstanceType="t3.large")]
    retained = [strategy("a", "replatform"), strategy("b", "retain")]
    told = [strategy("a", "replatform"), strategy("b", "replatform"), strategy("c", "rehost")]

    def left(costs: list[dict[str, Any]], scenario: str = "replatform", target: str | None = None, **more: Any) -> list[Lease]:
        with lake_views({"waves": WAVES, "inventory": THINGS, "commitments": rows, "costs": costs, **more}) as views:
            return leases_left(views, day, target, scenario)

    lease = Lease(2, Decimal(219), 6, False)
    assert left(arm) == left(arm, target=FRANKFURT) == [lease]
    assert left([sized("a", "replatform", "m5.xlarge"), arm[1]]) == []
    assert left([*arm, sized("b", "as_is", "m5.xlarge")], "recommended", recommendations=retained) == []
    assert left([*arm, sized("c", "rehost_rightsized", "m5.large")], "recommended", inventory=larger, recommendations=told) == []
    # In another region the family there is not the one that is reserved here.
    moved = [sized("a", "rehost", "m5.large", OREGON), sized("b", "rehost", "m5.xlarge", OREGON)]
    assert left(moved, "rehost", OREGON) == [lease]


def test_an_instance_savings_plan_is_left_with_its_family_and_a_compute_plan_is_not() -> None:
    """0.20 an hour, whatever was paid at once: 146.00 a month, six months from November to May, with m5's last wave."""
    stated = {"kind": "savings_plan", "instance_type": None, "recurring_hourly": None, "hourly_commitment": Decimal("0.20"), "count": 1}
    tied = {**stated, "offering_class": "ec2_instance", "instance_family": "m5"}
    rows = [
        held("sp", "", **tied),
        held("c", "", **{**tied, "instance_family": "c5"}),
        held("any", "", **{**stated, "offering_class": "compute", "region": "global"}),
        held("else", "", **{**tied, "region": "us-west-2"}),
        held("gone", "", **{**tied, "state": "retired"}),
    ]
    with lake_views({"waves": WAVES, "inventory": THINGS, "commitments": rows}) as views:
        assert leases_left(views, date(2026, 11, 28), "us-west-2") == [Lease(2, Decimal(146), 6, False)]
        assert leases_left(views, date(2026, 11, 28), None) == []


def test_snapshots_cost_what_the_target_asks() -> None:
    prices = [price("AmazonEC2", "Storage Snapshot", "EBS:SnapshotUsage", amount, "GB-Mo", region=region) for region, amount in SNAPSHOTS]
    with lake_views({"inventory": THINGS, "prices": prices}) as views:
        assert snapshot_price(views, "us-west-2") == Decimal("0.05")
        assert snapshot_price(views, None) == Decimal("0.054")
        assert snapshot_price(views, "eu-west-1") is None


SNAPSHOTS = ((FRANKFURT, "0.054"), ("us-west-2", "0.05"))


def test_the_curve_is_kept_with_its_plan() -> None:
    policy = CashPolicy(Decimal("0.02"), None, months_after=0)
    entries = cash_curve([WaveMoney(1, 0, Span.of(10), Span.of(8), Decimal(100))], [], [Lease(1, Decimal(3), 9, False)], policy)
    with lake_views({"inventory": THINGS}) as views:
        part = write_cash_curve(views, "p", entries, part="c")
        rows = {row["item"]: (row["low_usd"], row["likely_usd"], row["high_usd"]) for row in written(views, "cash_curve", part.path)}
    assert rows == {  # 8 x 7, 14 and 30 days of 30.41666...; 100 GB x 0.02 copied 1, 1.2 and 1.5 times; nothing is told of snapshots
        "source": (10, 10, 10),
        "double_running": (Decimal("1.84"), Decimal("3.68"), Decimal("7.89")),
        "replication": (Decimal(2), Decimal("2.4"), Decimal(3)),
    }

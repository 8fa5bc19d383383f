"""Costs by scenario and term, worked out by hand: lines meet rates, in the estate's region or in the target's."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from cloudmigrate.domain.cost_policy import CostPolicy, ManagedDatabase
from cloudmigrate.domain.money import total
from cloudmigrate.lake import costs as costs_module
from cloudmigrate.lake.costs import has_prices, write_costs
from cloudmigrate.lake.lake import Lake
from tests.cost_lake import FRANKFURT, OREGON, database, disk, lake_views, lines_of, machine, price, row_of, thing, together, used, written
from tests.planned_estate import dependency

# Behind these: rates scenario_lines tiered_totals line_cost shared_out costs retired spot_fits scheduled_servers.
SERVER, VOLUME, DATABASE = "AWS::EC2::Instance", "AWS::EC2::Volume", "AWS::RDS::DBInstance"
LINUX = {"PlatformDetails": "Linux/UNIX"}
LOGGED = {"interfaces": 1, "logged_interfaces": 1, "fully_logged_days": 7, "skipped_share": 0.0, "weekly_seen_probability": 1.0}
Costs = dict[tuple[str, str, str], dict[str, Any]]


def server(uid: str = "i-1", kind: str = "m5.large", **more: Any) -> dict[str, Any]:
    return thing(uid, SERVER, InstanceType=kind, **{**LINUX, **more})


def logged(*uids: str) -> list[dict[str, Any]]:
    return [row_of("observation", uid=uid, monthly_seen_probability=0.2, **LOGGED) for uid in uids]


def costs(things: list[dict[str, Any]], prices: list[dict[str, Any]], policy: CostPolicy | None = None, **more: Any) -> Costs:
    """The dataset costs, by its keys; every server's traffic is logged, and there is none."""
    servers = [one["uid"] for one in things if one["type"] == SERVER]
    rows = together({"inventory": things, "prices": prices, "observation": logged(*servers)}, more)
    with lake_views(rows) as views:
        part = write_costs(views, policy or CostPolicy())
        found = written(views, "costs", part.path)
    assert len({(row["uid"], row["scenario"], row["term"]) for row in found}) == len(found) == part.rows
    return {(row["uid"], row["scenario"], row["term"]): row for row in found}


def usd(found: Costs, uid: str, scenario: str = "as_is", term: str = "on_demand") -> Decimal | None:
    amount = found[uid, scenario, term]["monthly_cost_usd"]
    return None if amount is None else Decimal(amount)


def test_a_month_has_730_hours_and_components_add_up() -> None:
    """0.115 x 730 = 83.95; 500 GB of gp2 at 0.119 = 59.50."""
    found = costs(
        [server(), thing("v-1", VOLUME, VolumeType="gp2", Size=500), server("i-2", state="stopped")],
        [machine("m5.large", "0.115"), disk("gp2", "0.119")],
    )
    assert (usd(found, "i-1"), usd(found, "v-1"), usd(found, "i-2")) == (Decimal("83.95"), Decimal("59.5"), 0)
    row = found["i-1", "as_is", "on_demand"]
    assert (row["status"], row["reason"], row["price_version"]) == ("priced", None, "AmazonEC2/20261120000000/eu-central-1")
    assert total(Decimal(one["monthly_usd"]) for one in lines_of(row).values()) == row["monthly_cost_usd"]


@pytest.mark.parametrize(
    ("hourly", "fee", "lease", "expected"),
    [
        pytest.param("0.07", None, (1, "no_upfront"), "51.1", id="no-upfront"),
        pytest.param("0.035", "310", (1, "partial_upfront"), "51.3833333333", id="partial"),  # 25.55 + 310 / 12
        pytest.param("0", "1255", (3, "all_upfront"), "34.8611111111", id="all-upfront"),  # 1,255 / 36
    ],
)
def test_an_upfront_fee_is_spread_over_its_lease(hourly: str, fee: str | None, lease: tuple[int, str], expected: str) -> None:
    stated = {"term": "reserved", "lease_years": lease[0], "purchase_option": lease[1], "offering_class": "standard"}
    prices = [machine("m5.large", "0.115"), machine("m5.large", hourly, **stated)]
    if fee:
        prices.append(machine("m5.large", "0", unit="Quantity", upfront=Decimal(fee), **stated))
    found = costs([server(), server("i-2", state="stopped")], prices)
    assert usd(found, "i-1", term=f"reserved_{lease[0]}y_{lease[1]}") == Decimal(expected)
    assert not [term for uid, _, term in found if uid == "i-2" and term != "on_demand"]  # nothing to commit to


def test_lines_without_a_price_of_the_term_stay_on_demand() -> None:
    lease = {"term": "reserved", "lease_years": 1, "purchase_option": "no_upfront", "offering_class": "standard"}
    storage = price("AmazonRDS", "Database Storage", "RDS:GP2-Storage", "0.137", "GB-Mo", database_engine="Any")
    found = costs(
        [thing("d", DATABASE, DBInstanceClass="db.m5.large", Engine="postgres", AllocatedStorage=100, StorageType="gp2")],
        [database("db.m5.large", "0.201"), database("db.m5.large", "0.143", **lease), storage],
    )
    assert usd(found, "d") == Decimal("160.43")  # 146.73 + 13.70
    row = found["d", "as_is", "reserved_1y_no_upfront"]
    assert row["monthly_cost_usd"] == Decimal("118.09")  # 104.39 + 13.70
    assert {name: one["term"] for name, one in lines_of(row).items()} == {"compute": "reserved_1y_no_upfront", "storage": "on_demand"}


def test_what_has_no_price_is_not_nothing() -> None:
    found = costs(
        [server(kind="x9.huge"), thing("v", VOLUME, VolumeType="gp3", Size=10, Iops=4000), thing("k", "AWS::KMS::Key")],
        [disk("gp3", "0.09")],
    )
    assert (usd(found, "i-1"), found["i-1", "as_is", "on_demand"]["status"]) == (None, "unpriced")
    assert found["i-1", "as_is", "on_demand"]["reason"] == "compute: no price of ec2:x9.huge:linux in eu-central-1"
    assert (usd(found, "v"), found["v", "as_is", "on_demand"]["status"]) == (Decimal("0.9"), "partly")
    assert found["v", "as_is", "on_demand"]["reason"] == "iops: no price of ebs:gp3:iops in eu-central-1"
    assert found["k", "as_is", "on_demand"]["status"] == "unpriced"


@pytest.mark.parametrize(
    ("prices", "reason"),
    [
        pytest.param(
            [machine("m5.large", "0.1", sku="A"), machine("m5.large", "0.2", sku="B")],
            "compute: several prices of ec2:m5.large:linux in eu-central-1: A, B",
            id="two-products",
        ),
        pytest.param(
            [machine("m5.large", "0.1", currency="CNY")],
            "compute: the price of ec2:m5.large:linux in eu-central-1 is in CNY",
            id="currency",
        ),
    ],
)
def test_a_doubtful_price_is_not_taken(prices: list[dict[str, Any]], reason: str) -> None:
    row = costs([server()], prices)["i-1", "as_is", "on_demand"]
    assert (row["status"], row["monthly_cost_usd"], row["reason"]) == ("unpriced", None, reason)


def test_rehost_is_priced_where_it_goes() -> None:
    """0.115 x 730 in Frankfurt, 0.096 x 730 = 70.08 in Oregon."""
    found = costs(
        [server()],
        [machine("m5.large", "0.115"), machine("m5.large", "0.096", region=OREGON)],
        CostPolicy(target_region=OREGON),
    )
    assert (usd(found, "i-1"), usd(found, "i-1", "rehost")) == (Decimal("83.95"), Decimal("70.08"))
    assert found["i-1", "rehost", "on_demand"]["region"] == OREGON


def sized(uid: str, target: str | None, profile: str = "compute-optimizer", **more: Any) -> dict[str, Any]:
    verdict = {"verdict": "smaller" if target else "insufficient_data", "reason": "r", "current_type": "m5.large"}
    return row_of("sizing", uid=uid, target_type=target, profile=profile, **{**verdict, **more})


def test_rightsized_takes_the_profiles_size_and_never_another_price() -> None:
    sizes = [sized("i-1", "t3.medium"), sized("i-1", "m5.xlarge", profile="other"), sized("i-2", None), sized("i-3", "z1.none")]
    found = costs([server(), server("i-2"), server("i-3")], [machine("m5.large", "0.115"), machine("t3.medium", "0.048")], sizing=sizes)
    assert usd(found, "i-1", "rehost_rightsized") == Decimal("35.04")
    assert lines_of(found["i-1", "rehost_rightsized", "on_demand"])["compute"]["assumption"] == "m5.large becomes t3.medium"
    assert usd(found, "i-2", "rehost_rightsized") == Decimal("83.95")
    assert usd(found, "i-3", "rehost_rightsized") is None


@pytest.mark.parametrize(
    ("more", "sizes", "expected"),
    [
        pytest.param({}, [], "67.16", id="sibling-of-the-family"),  # m6g.large: 0.092 x 730
        pytest.param({}, [sized("i-1", None, verdict="keep", arm_type="t4g.large")], "56.064", id="arm-size-of-sizing"),  # 0.0768 x 730
        pytest.param({"PlatformDetails": "Windows"}, [], "151.11", id="windows-stays"),  # 0.207 x 730
        pytest.param({"kind": "m4.large"}, [], "87.6", id="no-price-no-sibling"),
    ],
)
def test_replatform_goes_to_graviton_where_it_can(more: dict[str, Any], sizes: list[dict[str, Any]], expected: str) -> None:
    kind = more.pop("kind", "m5.large")
    prices = [machine("m5.large", "0.115"), machine("m5.large", "0.207", operation="RunInstances:0002"), machine("m4.large", "0.12")]
    prices += [machine("t4g.large", "0.0768")] + ([] if kind == "m4.large" else [machine("m6g.large", "0.092")])
    found = costs([server(kind=kind, **more)], prices, sizing=sizes)
    assert usd(found, "i-1", "replatform") == Decimal(expected)


def test_a_database_on_a_server_is_managed_only_where_somebody_says_so() -> None:
    """db.m6g.large at 0.353 with a standby: 257.69; the other server stays what it is."""
    told = ManagedDatabase(uid="i-1", engine="postgres", instance_class="db.m6g.large", multi_az=True)
    prices = [machine("m5.large", "0.115"), database("db.m6g.large", "0.353", deployment="Multi-AZ")]
    found = costs([server(), server("i-2")], prices, CostPolicy(managed_databases=(told,)))
    assert (usd(found, "i-1", "replatform"), usd(found, "i-2", "replatform")) == (Decimal("257.69"), Decimal("83.95"))
    assert usd(found, "i-1", "rehost") == Decimal("83.95")
    assert "as the estate file says" in lines_of(found["i-1", "replatform", "on_demand"])["compute"]["assumption"]


def test_databases_and_caches_have_siblings_too() -> None:
    cache = {"instance_type": "cache.m6g.large", "cache_engine": "Redis"}
    found = costs(
        [
            thing("d", DATABASE, DBInstanceClass="db.m5.large", Engine="aurora-mysql"),
            thing("c", "AWS::ElastiCache::CacheCluster", CacheNodeType="cache.m5.large", Engine="redis", NumCacheNodes=1),
        ],
        [
            database("db.m6g.large", "0.3", operation="CreateDBInstance:0016"),
            price("AmazonElastiCache", "Cache Instance", "NodeUsage:cache.m6g.large", "0.177", **cache),
        ],
    )
    assert (usd(found, "d", "replatform"), usd(found, "c", "replatform")) == (Decimal(219), Decimal("129.21"))


def test_gp2_becomes_gp3_of_the_same_speed() -> None:
    """500 GB: 59.50 on gp2; on gp3 47.60, 1,500 IOPS are included, and 125 MiB/s more at 0.048 cost 6.00."""
    throughput = price("AmazonEC2", "Provisioned Throughput", "EBS:VolumeP-Throughput.gp3", "0.048", "MiBps-Mo", volume_type="gp3")
    volume = thing("v", VOLUME, VolumeType="gp2", Size=500)
    found = costs([volume], [disk("gp2", "0.119"), disk("gp3", "0.0952"), throughput])
    assert (usd(found, "v", "rehost"), usd(found, "v", "replatform")) == (Decimal("59.5"), Decimal("53.6"))


def test_retired_costs_nothing_and_says_what_remains() -> None:
    volume = thing("v", VOLUME, VolumeType="gp3", Size=10, Attachments=[{"DeleteOnTermination": False}])
    relations = [row_of("relations", source_uid="i-1", target_uid="v", kind="volume")]
    found = costs([server(), volume], [], relations=relations)
    row = found["i-1", "retire", "on_demand"]
    assert (row["monthly_cost_usd"], row["status"]) == (0, "priced")
    assert row["reason"] == "volume v stays unless it is retired too"


TIERS = [("0.09", 0.0, 100.0), ("0.05", 100.0, None)]


def test_tiers_are_of_the_whole_estate_and_shared_by_quantity() -> None:
    """Buckets of 150 and 50 GB at 0.09 up to 100 GB and 0.05 above: 9 + 5 = 14 in all, 10.50 and 3.50."""
    prices = [
        price("AmazonS3", "Storage", "TimedStorage-ByteHrs", amount, "GB-Mo", begin_range=begin, end_range=end)
        for amount, begin, end in TIERS
    ]
    measured = together(*(used(uid, "BucketSizeBytes", gib * 1024**3) for uid, gib in (("a", 150), ("b", 50))))
    found = costs([thing(uid, "AWS::S3::Bucket") for uid in "ab"], prices, **measured)
    assert (usd(found, "a"), usd(found, "b")) == (Decimal("10.5"), Decimal("3.5"))
    assert found["a", "as_is", "on_demand"]["status"] == "partly"  # requests are not measured


def test_tiers_that_end_before_the_quantity_are_no_price() -> None:
    prices = [price("AmazonS3", "Storage", "TimedStorage-ByteHrs", "0.09", "GB-Mo", end_range=100.0)]
    found = costs([thing("a", "AWS::S3::Bucket")], prices, **used("a", "BucketSizeBytes", 150 * 1024**3))
    assert usd(found, "a") is None


@pytest.mark.parametrize(
    ("pattern", "kept", "offered"),
    [
        pytest.param("batch", True, True, id="batch"),
        pytest.param("bursty", True, True, id="bursty"),
        pytest.param("steady", True, False, id="steady"),
        pytest.param("batch", False, False, id="a-disk-outlives-it"),
    ],
)
def test_spot_is_only_for_bursts_that_keep_nothing(pattern: str, kept: bool, offered: bool) -> None:
    span = {"window_from": datetime(2026, 11, 1, tzinfo=UTC), "window_to": datetime(2026, 11, 15, tzinfo=UTC), "samples": 9}
    spot = row_of(
        "spot_prices", region=FRANKFURT, zone="a", instance_type="m5.large", product="Linux/UNIX", currency="USD", origin="sample"
    )
    spot |= {"median": Decimal("0.04"), "p90": Decimal("0.05"), "sampled_on": date(2026, 11, 15), **span}
    told = row_of("patterns", uid="i-1", pattern=pattern, rule="model", reason="r", rules_met=[], metric="CPUUtilization")
    disks = [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeId": "v", "DeleteOnTermination": kept}}]
    found = costs([server(BlockDeviceMappings=disks)], [machine("m5.large", "0.115")], spot_prices=[spot], patterns=[told])
    assert (("i-1", "as_is", "spot") in found) is offered
    if offered:
        row = found["i-1", "as_is", "spot"]
        assert (row["low_usd"], row["monthly_cost_usd"], row["high_usd"]) == (Decimal("29.2"), Decimal("29.2"), Decimal("36.5"))
        assert row["sampled_on"] == date(2026, 11, 15)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        # A fifth of 730 hours is 146: 16 x 146 x 0.04 + 32 x 146 x 0.005 = 93.44 + 23.36.
        pytest.param({}, "116.8", id="on-fargate-while-it-works"),
        pytest.param({"duty": 0.3}, "496.4", id="at-work-too-often"),
        pytest.param({"days": 6}, "496.4", id="not-watched-for-a-week"),
        pytest.param({"called": True}, "496.4", id="somebody-calls-it"),
        pytest.param({"gib": 128}, "496.4", id="more-memory-than-fargate-has"),
        pytest.param({"gib": 16}, "116.8", id="less-memory-than-fargate-has"),
        pytest.param({"pattern": "bursty"}, "496.4", id="no-batch"),
        pytest.param({"PlatformDetails": "Windows"}, "496.4", id="windows"),
    ],
)
def test_a_batch_is_replatformed_as_a_container_on_a_schedule(change: dict[str, Any], expected: str) -> None:
    """A server costs 0.68 x 730 = 496.40, however little it works; what it takes is 16 vCPUs and 32 GB in a fifth of the hours."""
    pattern = {"pattern": change.get("pattern", "batch"), "rule": "r", "reason": "r", "rules_met": [], "metric": "CPUUtilization"}
    size = row_of("instance_types", region=FRANKFURT, instance_type="c5.4xlarge", vcpus=16, architectures=["x86_64"], burstable=False)
    size |= {"memory_bytes": change.get("gib", 32) * 1024**3, "generation_current": True, "gpu_count": 0, "origin": "o"}
    platform = change.get("PlatformDetails", "Linux/UNIX")
    prices = [machine("c5.4xlarge", "0.68"), machine("c5.4xlarge", "0.68", "RunInstances:0002")]
    prices += [
        price("AmazonECS", "Compute", f"Fargate-{what}", usd) for what, usd in (("vCPU-Hours:perCPU", "0.04"), ("GB-Hours", "0.005"))
    ]
    rows = {
        "inventory": [server(kind="c5.4xlarge", PlatformDetails=platform)],
        "prices": prices,
        "observation": [{**logged("i-1")[0], "fully_logged_days": change.get("days", 7)}],
        "patterns": [row_of("patterns", uid="i-1", duty_cycle=change.get("duty", 0.2), **pattern)],
        "instance_types": [size],
        "dependencies": [dependency("x", "i-1", port=443)] if change.get("called") else [],
    }
    with lake_views(rows) as views:
        found = {(row["scenario"], row["term"]): row for row in written(views, "costs", write_costs(views, CostPolicy()).path)}
    assert found["replatform", "on_demand"]["monthly_cost_usd"] == Decimal(expected)
    assert {found[scenario, "on_demand"]["monthly_cost_usd"] for scenario in ("as_is", "rehost")} == {Decimal("496.4")}


def test_what_was_between_regions_is_between_zones_once_both_have_moved() -> None:
    edge = row_of("traffic", source_uid="i-1", target_uid="i-2", protocol=6, port=443, action="ACCEPT", bytes=7 * 1024**3, days_logged=7)
    edge |= {"days_seen": 7, "packets": 1, "flows": 1, "first_seen": 0, "last_seen": 0, "active_hours": 1, "confidence": 1.0}
    edge |= {"direction": "syn", "resolution": "resolved", "periodicity": "daily", "skipped_share": 0.0}
    far = {**server("i-2"), "region": OREGON}
    found = costs([server(), far], [machine("m5.large", "0.1", region=OREGON)], CostPolicy(target_region=OREGON), traffic=[edge])
    line = f"transfer:inter-region:{OREGON}"
    assert lines_of(found["i-1", "as_is", "on_demand"])[line]["rate_key"] == line
    moved = lines_of(found["i-1", "rehost", "on_demand"])[line]
    assert (moved["rate_key"], moved["assumption"].split("; ")[-1]) == ("transfer:inter-az", "both ends move to one region")


def test_ranges_of_uids_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    things, prices = [server(f"i-{number}") for number in range(5)], [machine("m5.large", "0.115")]
    whole = costs(things, prices)
    monkeypatch.setattr(costs_module, "UIDS_A_RANGE", 2)
    assert costs(things, prices) == whole


def test_a_snapshot_without_prices_says_so() -> None:
    with lake_views({"inventory": [server()]}) as views:
        assert not has_prices(views)
        assert isinstance(views.lake, Lake)


def summed(name: str, rows: Mapping[str, Any], **options: Any) -> list[dict[str, Any]]:
    with lake_views(rows, **options) as views:
        return views.run(name)


def cost(uid: str, term: str, amount: str | None, status: str = "priced") -> dict[str, Any]:
    value = None if amount is None else Decimal(amount)
    return row_of("costs", uid=uid, scenario="as_is", term=term, region="r", status=status, components="[]") | {
        "monthly_cost_usd": value,
        "low_usd": value,
        "high_usd": value,
    }


@pytest.mark.parametrize(
    ("name", "group", "dataset"),
    [pytest.param("costs_by_workload", "workload", "workloads", id="workload"), pytest.param("costs_by_wave", "wave", "waves", id="wave")],
)
def test_sums_take_each_resource_at_the_term_that_it_has(name: str, group: str, dataset: str) -> None:
    """a has a reservation at 6 and costs 10 on demand, b only costs 5 on demand, c is not priced: 15 on demand, 11 reserved."""
    members = {
        "workloads": [row_of("workloads", uid=uid, workload="shop", source="tag", reason="r", confidence=1.0) for uid in "abc"],
        "waves": [row_of("waves", plan_id="p", uid=uid, move_group="g", wave=1) for uid in "abc"],
    }[dataset]
    rows = [cost("a", "on_demand", "10"), cost("a", "reserved_1y_no_upfront", "6"), cost("b", "on_demand", "5")]
    rows.append(cost("c", "on_demand", None, "unpriced"))
    found = summed(name, {dataset: members, "costs": rows})
    assert [(row["term"], row["monthly_cost_usd"], row["committed_usd"], row["resources"], row["unpriced"]) for row in found] == [
        ("on_demand", 15, 15, 3, 1),
        ("reserved_1y_no_upfront", 11, 6, 3, 1),
    ]
    assert found[0][group] == (1 if group == "wave" else "shop")

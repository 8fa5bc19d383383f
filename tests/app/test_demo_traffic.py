"""The demo's flow logs, read back end to end: exactly the conversations that they were made from, and the stories that they tell."""

from collections.abc import Callable
from typing import Any

import pytest

from cloudmigrate.simulate.estate import PLACES
from cloudmigrate.simulate.estate.parts import DATA
from cloudmigrate.simulate.seed import SeedSummary
from cloudmigrate.simulate.things import Thing
from tests.app.conftest import Cli, Demo

pytestmark = pytest.mark.xdist_group("demo")

TYPES = {step.key: step.type for place in PLACES for step in place.steps if isinstance(step, Thing)}
ECS_SERVICE = f"arn:aws:ecs:us-west-2:{DATA}:service/partner/"
Uid = Callable[[str], str]


@pytest.fixture(scope="module")
def run(assessed: tuple[Cli, dict[str, Any]]) -> Cli:
    return assessed[0]


@pytest.fixture(scope="module")
def uid(run: Cli, seeded: SeedSummary) -> Uid:
    """The uid of a thing (key), of a stranger's name as it is."""
    known: dict[tuple[str, str], str] = {}
    for row in run.query("select uid, type from inventory"):
        known |= {(row["type"], row["uid"].rpartition(mark)[2]): row["uid"] for mark in ":/"}
        known |= {(row["type"], row["uid"].partition("loadbalancer/")[2]): row["uid"]}

    def find(key: str) -> str:
        if key.startswith(("external:", "unknown:")):
            return key
        id_ = seeded.ids[key].removeprefix(ECS_SERVICE)
        return known[TYPES.get(key, "AWS::EC2::Instance"), id_.partition("loadbalancer/")[2] or id_]

    return find


def test_traffic_is_what_the_tables_say(run: Cli, uid: Uid, seeded: SeedSummary) -> None:
    expected = {
        (uid(one.client), uid(one.server), one.protocol, one.port, one.action): (one.bytes, one.periodicity)
        for one in seeded.traffic.expected
    }
    rows = run.query("select source_uid, target_uid, protocol, port, action, bytes, periodicity from traffic")
    found = {tuple(list(row.values())[:5]): (row["bytes"], row["periodicity"]) for row in rows}

    assert found == expected
    assert len(expected) > 150


def test_every_object_was_read_and_one_line_was_none(run: Cli) -> None:
    sources = run.query("select split_part(source, ':', 1) as kind, found_by, status from flow_log_sources order by source")
    assert sources == [
        {"kind": "logs", "found_by": "DescribeFlowLogs", "status": "ok"},
        {"kind": "s3", "found_by": "DescribeFlowLogs", "status": "ok"},
        {"kind": "s3", "found_by": "DescribeFlowLogs", "status": "ok"},
    ]
    totals = run.query("select sum(broken) as broken, sum(skipdata) as skipped, sum(nodata) > 1000 as idle from flow_log_objects")
    assert totals == [{"broken": 1, "skipped": 4, "idle": True}]


def edge(run: Cli, source: str, target: str, port: int | None) -> dict[str, Any] | None:
    where = f"source_uid = '{source}' and target_uid = '{target}' and port {'is null' if port is None else f'= {port}'}"
    rows = run.query(f"select kind, observed, configured, allowed, periodicity from dependencies where {where}")
    assert len(rows) < 2
    return rows[0] if rows else None


@pytest.mark.parametrize(
    ("client", "server", "port", "expected"),
    [
        pytest.param(
            "shop-alb",
            "shop-web-group/1",
            8080,
            {"kind": "both", "observed": True, "configured": True, "allowed": True, "periodicity": "continuous"},
            id="as-configured",
        ),
        pytest.param(
            "shop-app-1",
            "shop-db",
            5432,
            {"kind": "both", "observed": True, "configured": True, "allowed": True, "periodicity": "continuous"},
            id="as-a-start-script-says",
        ),
        pytest.param(
            "shop-legacy-elb",
            "shop-app-1",
            None,
            {"kind": "config", "observed": False, "configured": True, "allowed": None, "periodicity": None},
            id="configured-and-never-seen",
        ),
        pytest.param(
            "erp-report",
            "shop-db-replica",
            5432,
            {"kind": "traffic", "observed": True, "configured": False, "allowed": True, "periodicity": "daily"},
            id="undocumented-nightly-over-a-peering",
        ),
        pytest.param(
            "batch-1",
            "erp-db",
            1433,
            {"kind": "traffic", "observed": True, "configured": False, "allowed": True, "periodicity": "weekly"},
            id="undocumented-weekly-from-another-account",
        ),
        pytest.param(
            "shop-search-1",
            "erp-files",
            445,
            {"kind": "traffic", "observed": True, "configured": False, "allowed": True, "periodicity": "hourly"},
            id="one-half-of-a-cycle",
        ),
        pytest.param(
            "erp-files",
            "shop-search-1",
            9200,
            {"kind": "traffic", "observed": True, "configured": False, "allowed": True, "periodicity": "daily"},
            id="the-other-half",
        ),
        pytest.param(
            "old-crm",
            "shop-db",
            5432,
            {"kind": "traffic", "observed": True, "configured": False, "allowed": False, "periodicity": "daily"},
            id="not-allowed-any-more",
        ),
        pytest.param(
            "batch-2",
            "external:S3",
            443,
            {"kind": "traffic", "observed": True, "configured": False, "allowed": True, "periodicity": "daily"},
            id="an-aws-service-by-an-endpoint",
        ),
        pytest.param(
            "shop-app-1",
            "external:192.0.2.0/24",
            443,
            {"kind": "traffic", "observed": True, "configured": False, "allowed": True, "periodicity": "hourly"},
            id="the-internet-by-nat",
        ),
        pytest.param(
            "external:203.0.113.0/24",
            "us-alb",
            80,
            {"kind": "traffic", "observed": True, "configured": False, "allowed": True, "periodicity": "hourly"},
            id="customers-from-a-log-group",
        ),
        pytest.param(
            "erp-files",
            "unknown:10.99.3.7",
            515,
            {"kind": "traffic", "observed": True, "configured": False, "allowed": None, "periodicity": "daily"},
            id="an-address-that-nobody-knows",
        ),
        pytest.param("external:198.18.7.0/24", "bastion-1", 22, None, id="rejected-is-no-dependency"),
    ],
)
def test_stories(run: Cli, uid: Uid, client: str, server: str, port: int | None, expected: dict[str, Any] | None) -> None:
    assert edge(run, uid(client), uid(server), port) == expected


def test_equal_addresses_are_told_apart_by_their_vpc(run: Cli, uid: Uid) -> None:
    seen = edge(run, uid("rehearsal-web"), uid("rehearsal-app-1"), 9000)
    assert seen is not None
    assert seen["periodicity"] == "hourly"


def test_who_went_is_unknown(run: Cli, seeded: SeedSummary, uid: Uid) -> None:
    rows = run.query(f"select source_uid from dependencies where target_uid = '{uid('shop-app-1')}' and source_uid like 'unknown:%'")
    gone = [one.client for one in seeded.traffic.expected if one.client.startswith("unknown:")]
    assert [row["source_uid"] for row in rows] == gone


def test_shared_services_are_held_out(run: Cli, uid: Uid) -> None:
    rows = run.query("select uid, service, held_out from shared_services")
    expected = {
        "dns-1": "dns",
        "dns-2": "dns",
        "time-1": "ntp",
        "directory-1": "directory",
        "monitoring-1": "monitoring",
        "bastion-1": "bastion",
        "proxy-1": "proxy",
    }
    assert {(row["uid"], row["service"], row["held_out"]) for row in rows} == {(uid(key), name, True) for key, name in expected.items()}


@pytest.mark.parametrize(
    ("key", "weekly", "monthly"),
    [
        pytest.param("shop-db", 1.0, 14 / 30, id="two-whole-weeks"),
        pytest.param("erp-app-3", 1.0, 13 / 30, id="a-day-with-lost-records"),
        pytest.param("partner-worker", 0.0, 0.0, id="no-flow-log"),
    ],
)
def test_what_silence_can_mean(run: Cli, uid: Uid, key: str, weekly: float, monthly: float) -> None:
    (row,) = run.query(f"select weekly_seen_probability as w, monthly_seen_probability as m from observation where uid = '{uid(key)}'")
    assert row == {"w": pytest.approx(weekly), "m": pytest.approx(monthly)}


def test_what_silence_can_mean_in_a_log_group_that_keeps_a_week(demo_run: Demo, uid: Uid) -> None:
    """Seven days back from its last hour are six whole ones and two parts, but for the hour that is midnight."""
    days = 7 if demo_run.as_of.hour == 0 else 6
    test_what_silence_can_mean(demo_run.run, uid, "us-db", days / 7, days / 30)


def test_a_vpc_without_flow_logs_is_not_measured(run: Cli) -> None:
    rows = run.query(f"select count(*) as n from flow_log_coverage where account_id = '{DATA}' and region = 'us-west-2'")
    assert rows == [{"n": 0}]


def test_rules_that_nobody_used_are_told(run: Cli, uid: Uid) -> None:
    rows = run.query("select group_uid, from_port, peer, finding, open_to_world from rule_findings where direction = 'ingress'")
    found = {(row["group_uid"], row["from_port"], row["peer"]): (row["finding"], row["open_to_world"]) for row in rows}
    assert found[uid("erp-app"), 3389, "10.10.0.0/24"] == ("unused", False)
    assert found[uid("shop-edge"), 80, "0.0.0.0/0"] == ("unused", True)
    assert found[uid("shop-edge"), 443, "0.0.0.0/0"] == ("used", True)
    assert found[uid("partner-edge"), 443, "0.0.0.0/0"] == ("not_measured", True)

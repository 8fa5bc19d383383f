"""The queries that the stages and the artifacts run, on an estate of three resources worked out by hand."""

from collections.abc import Iterator
from typing import Any

import pytest

from cloudmigrate.lake import datasets
from cloudmigrate.lake.lake import Lake
from cloudmigrate.lake.views import Selection, Views

SNAPSHOT = "20261122T203000Z-3f9a1c"
ONE, TWO = "111111111111", "222222222222"
WEB = "arn:aws:ec2:eu-central-1:111111111111:instance/i-1"
DISK = "arn:aws:ec2:eu-central-1:111111111111:volume/vol-1"
DB = "arn:aws:rds:us-west-2:222222222222:db:orders"


def resource(uid: str, type_: str, account_id: str, region: str, name: str) -> dict[str, Any]:
    return {
        "uid": uid,
        "provider": "aws",
        "account_id": account_id,
        "region": region,
        "type": type_,
        "name": name,
        "state": "running",
        "tags": {"App": name},
        "spec": {"Id": uid[-3:]},
        "stateful": type_ != "AWS::EC2::Instance",
        "storage_bytes": None,
        "private_ips": [],
        "created_at": None,
    }


def look_up(account_id: str, region: str, service: str, type_: str, status: str, **more: Any) -> dict[str, Any]:
    known = {"error_code": None, "missing_action": None, "detail": None, "resources": 0}
    return {"account_id": account_id, "region": region, "service": service, "type": type_, "status": status} | known | more


def usage(uid: str, metric: str, p95: float, idle_share: float | None) -> dict[str, Any]:
    numbers = {"mean": 1.0, "stddev": 0.5, "p50": 2.04, "p95": p95, "p99": 30.0, "p995": 31.0, "max": 40.0}
    return {
        "uid": uid,
        "metric": metric,
        "stat": "Average",
        "unit": "percent",
        "samples": 100,
        "coverage_share": 0.5,
        **numbers,
        "idle_share": idle_share,
        "peak_hour_of_week": 9,
        "peak_hour_mean": 5.0,
        "first_at": None,
        "last_at": None,
    }


ROWS: dict[str, list[dict[str, Any]]] = {
    "inventory": [
        resource(WEB, "AWS::EC2::Instance", ONE, "eu-central-1", "web"),
        resource(DISK, "AWS::EC2::Volume", ONE, "eu-central-1", "disk"),
        resource(DB, "AWS::RDS::DBInstance", TWO, "us-west-2", "orders"),
    ],
    "coverage": [
        look_up(ONE, "eu-central-1", "ec2", "AWS::EC2::Instance", "ok", resources=1),
        look_up(ONE, "eu-central-1", "ec2", "AWS::EC2::Volume", "ok", resources=1),
        look_up(TWO, "us-west-2", "rds", "AWS::RDS::DBInstance", "ok", resources=1),
        look_up(TWO, "us-west-2", "sqs", "AWS::SQS::Queue", "denied", error_code="AccessDenied", missing_action="sqs:ListQueues"),
        look_up(TWO, "us-west-2", "sqs", "AWS::SNS::Topic", "denied", error_code="AccessDenied", missing_action="sns:ListTopics"),
    ],
    "relations": [
        {"source_uid": WEB, "target_uid": DISK, "kind": "volume"},
        {"source_uid": WEB, "target_uid": DB, "kind": "endpoint"},
    ],
    "utilisation": [
        usage(WEB, "CPUUtilization", 12.34, 0.25),
        usage(DB, "CPUUtilization", 56.78, 0.0),
        usage(WEB, "NetworkIn", 1e9, None),
    ],
    "quality": [
        {
            "dataset": "inventory",
            "check_name": "uid_unique",
            "severity": "critical",
            "passed": True,
            "checked_rows": 3,
            "failed_rows": 0,
            "sample": None,
            "detail": None,
        }
    ],
    "waves": [
        {"plan_id": "p", "uid": DB, "move_group": "db", "wave": 1, "retires": False},
        {"plan_id": "p", "uid": WEB, "move_group": "web", "wave": 2, "retires": False},
        {"plan_id": "p", "uid": DISK, "move_group": "web", "wave": 2, "retires": False},
    ],
}


@pytest.fixture(scope="module")
def views(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Views]:
    lake = Lake.open(tmp_path_factory.mktemp("lake"))
    parts = {name: (lake.write(datasets.BY_NAME[name], rows, snapshot_id=SNAPSHOT, part="p").path,) for name, rows in ROWS.items()}
    with Views(lake, Selection(SNAPSHOT, parts, plan_id="p")) as opened:
        yield opened


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param(
            "counts_by_type",
            [
                {"type": "AWS::EC2::Instance", "resources": 1},
                {"type": "AWS::EC2::Volume", "resources": 1},
                {"type": "AWS::RDS::DBInstance", "resources": 1},
            ],
            id="counts_by_type",
        ),
        pytest.param("coverage_by_status", [{"status": "denied", "look_ups": 2}, {"status": "ok", "look_ups": 3}], id="coverage_by_status"),
        pytest.param(
            "units_with_resources",
            [
                {"account_id": ONE, "region": "eu-central-1", "resources": 2},
                {"account_id": TWO, "region": "us-west-2", "resources": 1},
            ],
            id="units_with_resources",
        ),
        pytest.param(
            "plan_items",
            [
                {"uid": WEB, "type": "AWS::EC2::Instance", "name": "web", "tags": {"App": "web"}, "risk_level": None, "workload": None},
                {"uid": DISK, "type": "AWS::EC2::Volume", "name": "disk", "tags": {"App": "disk"}, "risk_level": None, "workload": None},
                {
                    "uid": DB,
                    "type": "AWS::RDS::DBInstance",
                    "name": "orders",
                    "tags": {"App": "orders"},
                    "risk_level": None,
                    "workload": None,
                },
            ],
            id="plan_items",
        ),
        pytest.param(
            "relations_all",
            [
                {"source_uid": WEB, "target_uid": DISK, "kind": "volume"},
                {"source_uid": WEB, "target_uid": DB, "kind": "endpoint"},
            ],
            id="relations_all",
        ),
        pytest.param(
            "artifact_waves",
            [
                {"wave": 1, "resources": 1, "move_groups": 1, "types": "1 AWS::RDS::DBInstance"},
                {"wave": 2, "resources": 2, "move_groups": 1, "types": "1 AWS::EC2::Instance, 1 AWS::EC2::Volume"},
            ],
            id="artifact_waves",
        ),
        pytest.param("quality_all", ROWS["quality"], id="quality_all"),
    ],
)
def test_rows(views: Views, query: str, expected: list[dict[str, Any]]) -> None:
    assert views.run(query) == expected


def test_artifact_coverage_puts_gaps_first_with_all_that_is_missing(views: Views) -> None:
    rows = views.run("artifact_coverage")

    assert rows[0] == {
        "account_id": TWO,
        "region": "us-west-2",
        "service": "sqs",
        "status": "denied",
        "types": 2,
        "resources": 0,
        "error_codes": "AccessDenied",
        "missing_actions": "sns:ListTopics, sqs:ListQueues",
    }
    assert [(row["service"], row["types"], row["resources"]) for row in rows[1:]] == [("ec2", 2, 2), ("rds", 1, 1)]


def test_artifact_utilisation_shows_shares_of_a_capacity_busiest_first(views: Views) -> None:
    rows = views.run("artifact_utilisation")

    assert [(row["name"], row["metric"], row["p50"], row["p95"], row["idle_pct"], row["measured_pct"]) for row in rows] == [
        ("orders", "CPUUtilization", 2.0, 56.8, 0, 50),
        ("web", "CPUUtilization", 2.0, 12.3, 25, 50),
    ]


def test_coverage_all_puts_gaps_first(views: Views) -> None:
    assert [(row["type"], row["status"]) for row in views.run("coverage_all")] == [
        ("AWS::SNS::Topic", "denied"),
        ("AWS::SQS::Queue", "denied"),
        ("AWS::EC2::Instance", "ok"),
        ("AWS::EC2::Volume", "ok"),
        ("AWS::RDS::DBInstance", "ok"),
    ]


def test_inventory_all_gives_records_in_the_order_of_their_uids(views: Views) -> None:
    rows = views.run("inventory_all")

    assert [row["uid"] for row in rows] == [WEB, DISK, DB]
    assert (rows[0]["snapshot"], rows[0]["tags"], rows[0]["spec"], rows[0]["stateful"]) == (SNAPSHOT, {"App": "web"}, {"Id": "i-1"}, False)


def test_inventory_of_unit_gives_one_account_and_region(views: Views) -> None:
    rows = views.run("inventory_of_unit", account_id=ONE, region="eu-central-1")

    assert [row["uid"] for row in rows] == [WEB, DISK]
    assert "tags" not in rows[0]


def test_wave_resources_are_the_members_and_all_that_members_may_bear(views: Views) -> None:
    found = views.run("wave_resources", uids=[DB], types=["AWS::EC2::Volume"])
    assert [(one["uid"], one["type"], one["tags"], one["spec"]) for one in found] == [
        (DISK, "AWS::EC2::Volume", {"App": "disk"}, {"Id": "l-1"}),
        (DB, "AWS::RDS::DBInstance", {"App": "orders"}, {"Id": "ers"}),
    ]

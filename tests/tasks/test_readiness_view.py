"""The readiness view from a tiny lake: every number worked out by hand.

readiness_checks, readiness_coverage, readiness_kinds, readiness_measured, readiness_metric_gaps, readiness_most_needed,
readiness_profiles, readiness_relations, readiness_resources, readiness_usage.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cloudmigrate.lake.lake import Lake
from cloudmigrate.lake.views import Selection, Views
from reports.readiness import evidence
from reports.readiness.plan_view import NoWaveRow
from reports.readiness.view import MetricsWindow, ReadinessView, Seen, Totals
from tasks.readiness_view import build_view, snapshot_time

SNAPSHOT_ID = "20261122T203000Z-3f9a1c"
PLAN_ID = "plan-20261122T203412Z-8c41d0aa"
GIB = 1024**3
WEB = "arn:aws:ec2:eu-central-1:111111111111:instance/i-web"
DISK = "arn:aws:ec2:eu-central-1:111111111111:volume/vol-web"
COPY = "arn:aws:ec2:eu-central-1:111111111111:snapshot/snap-web"
BASE = "arn:aws:rds:us-west-2:222222222222:db:orders"
QUEUE = "arn:aws:sqs:us-west-2:222222222222:jobs"
GONE = "arn:aws:iam::999999999999:role/partner"


def _resource(
    uid: str, kind: str, name: str, *, stateful: bool = False, storage: int | None = None, **changes: object
) -> dict[str, object]:
    _, _, _, region, account, _ = uid.split(":", 5)
    row: dict[str, object] = {
        "uid": uid,
        "provider": "aws",
        "account_id": account,
        "region": region,
        "type": kind,
        "name": name,
        "state": "running",
        "tags": {},
        "spec": {},
        "stateful": stateful,
        "storage_bytes": storage,
        "private_ips": None,
        "created_at": None,
    }
    return row | changes


def _looked(account: str, region: str, service: str, kind: str, status: str, found: int = 0, **changes: object) -> dict[str, object]:
    row: dict[str, object] = {
        "account_id": account,
        "region": region,
        "service": service,
        "type": kind,
        "status": status,
        "error_code": None,
        "missing_action": None,
        "detail": None,
        "resources": found,
    }
    return row | changes


def _used(uid: str, metric: str, p95: float, **changes: object) -> dict[str, object]:
    row: dict[str, object] = {
        "uid": uid,
        "metric": metric,
        "stat": "Average",
        "unit": "percent",
        "samples": 336,
        "coverage_share": 1.0,
        "mean": p95 / 2,
        "stddev": 1.0,
        "p50": p95 / 2,
        "p95": p95,
        "p99": p95,
        "p995": p95,
        "max": p95,
        "idle_share": 0.5,
        "peak_hour_of_week": 9,
        "peak_hour_mean": p95,
        "first_at": datetime(2026, 11, 8, tzinfo=UTC),
        "last_at": datetime(2026, 11, 22, tzinfo=UTC),
    }
    return row | changes


def _asked(uid: str, kind: str, metric: str, status: str, points: int) -> dict[str, object]:
    account = uid.split(":")[4]
    return {
        "uid": uid,
        "account_id": account,
        "region": uid.split(":")[3],
        "type": kind,
        "metric": metric,
        "stat": "Average",
        "period_s": 300,
        "status": status,
        "points": points,
        "error_code": "AccessDenied" if status == "denied" else None,
        "detail": None,
    }


ROWS: dict[str, list[dict[str, Any]]] = {
    "inventory": [
        _resource(WEB, "AWS::EC2::Instance", "web", tags={"owner": "<b>", "app": "shop"}),
        _resource(DISK, "AWS::EC2::Volume", "web-disk", stateful=True, storage=100 * GIB),
        _resource(COPY, "AWS::EC2::Snapshot", "web-copy", stateful=True, storage=30 * GIB),
        _resource(BASE, "AWS::RDS::DBInstance", "orders", stateful=True),  # its size is only measured
        _resource(QUEUE, "AWS::SQS::Queue", "jobs"),
    ],
    "coverage": [
        _looked("111111111111", "eu-central-1", "ec2", "AWS::EC2::Instance", "ok", 1),
        _looked("111111111111", "eu-central-1", "ec2", "AWS::EC2::Volume", "ok", 1),
        _looked(
            "111111111111",
            "eu-central-1",
            "ecs",
            "AWS::ECS::Cluster",
            "denied",
            missing_action="ecs:ListClusters",
            error_code="AccessDenied",
        ),
        _looked(
            "111111111111", "us-west-2", "ecs", "AWS::ECS::Cluster", "denied", missing_action="ecs:ListClusters", error_code="AccessDenied"
        ),
        _looked("111111111111", "global", "iam", "AWS::IAM::Role", "empty"),
        _looked("222222222222", "us-west-2", "rds", "AWS::RDS::DBInstance", "ok", 1),
        _looked("222222222222", "us-west-2", "sqs", "AWS::SQS::Queue", "ok", 1),
        _looked(
            "333333333333", "us-west-2", "ec2", "AWS::EC2::Instance", "denied", missing_action="sts:AssumeRole", error_code="AccessDenied"
        ),
    ],
    "relations": [
        {"source_uid": WEB, "target_uid": DISK, "kind": "instance_volume"},
        {"source_uid": WEB, "target_uid": BASE, "kind": "reads"},
        {"source_uid": QUEUE, "target_uid": BASE, "kind": "reads"},
        {"source_uid": WEB, "target_uid": GONE, "kind": "role"},
        {"source_uid": DISK, "target_uid": QUEUE, "kind": "dead-letter"},
    ],
    "utilisation": [
        _used(WEB, "CPUUtilization", 4.0),
        _used(WEB, "NetworkIn", 900.0, unit="bytes", idle_share=None),
        _used(BASE, "CPUUtilization", 60.0, last_at=datetime(2026, 11, 22, 12, tzinfo=UTC)),
        _used(BASE, "VolumeBytesUsed", float(50 * GIB), unit="bytes"),
        _used(BASE, "DatabaseConnections", 0.0, unit="count", coverage_share=0.4),
    ],
    "utilisation_profile": [
        {"uid": WEB, "metric": "CPUUtilization", "hour_of_week": 0, "mean": 1.5, "max": 2.0},
        {"uid": WEB, "metric": "CPUUtilization", "hour_of_week": 167, "mean": 3.0, "max": 4.0},
        {"uid": WEB, "metric": "NetworkIn", "hour_of_week": 0, "mean": 500.0, "max": 900.0},
    ],
    "metric_coverage": [
        _asked(WEB, "AWS::EC2::Instance", "CPUUtilization", "ok", 336),
        _asked(WEB, "AWS::EC2::Instance", "mem_used_percent", "no_data", 0),
        _asked(BASE, "AWS::RDS::DBInstance", "CPUUtilization", "ok", 336),
        _asked(QUEUE, "AWS::SQS::Queue", "NumberOfMessagesSent", "denied", 0),
        _asked(DISK, "AWS::EC2::Volume", "VolumeReadOps", "no_data", 0),
    ],
    "quality": [
        {"dataset": "inventory", "check_name": "uid_unique", "severity": "critical", "passed": True, "checked_rows": 5, "failed_rows": 0}
        | {"sample": None, "detail": None},
        {
            "dataset": "relations",
            "check_name": "targets_resolve",
            "severity": "warning",
            "passed": False,
            "checked_rows": 5,
            "failed_rows": 1,
        }
        | {"sample": GONE, "detail": None},
    ],
    "waves": [
        {"plan_id": PLAN_ID, "uid": BASE, "move_group": "orders", "wave": 1, "retires": False},
        {"plan_id": PLAN_ID, "uid": WEB, "move_group": "web", "wave": 2, "retires": False},
        {"plan_id": PLAN_ID, "uid": DISK, "move_group": "web", "wave": 2, "retires": False},
        {"plan_id": PLAN_ID, "uid": QUEUE, "move_group": "jobs", "wave": 2, "retires": False},
    ],
    "unplanned": [{"plan_id": PLAN_ID, "uid": COPY, "reason": "a snapshot is a copy"}],
}
PLAN: dict[str, Any] = {
    "plan_id": PLAN_ID,
    "snapshot_id": SNAPSHOT_ID,
    "content_hash": "ab" * 32,
    "policy": {"max_resources_per_wave": 50},
    "groups": [
        {"id": "orders", "members": [BASE], "cyclic": False, "cycle": [], "needs": []},
        {"id": "web", "members": [WEB, DISK], "cyclic": False, "cycle": [], "needs": ["orders"]},
        {"id": "jobs", "members": [QUEUE], "cyclic": True, "cycle": [QUEUE], "needs": ["orders", "web"]},
    ],
    "waves": [
        {"wave": 1, "groups": ["orders"], "resources": 1, "reason": "needs nothing"},
        {"wave": 2, "groups": ["web", "jobs"], "resources": 3, "reason": "needs wave 1"},
    ],
}
ROLES = {"instance_volume": "part", "reads": "needs", "role": "setting", "dead-letter": "setting"}


@pytest.fixture(scope="module")
def views(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Views]:
    lake = Lake.open(tmp_path_factory.mktemp("lake"))
    parts = {name: (lake.write(name, rows, snapshot_id=SNAPSHOT_ID, part="all").path,) for name, rows in ROWS.items()}
    with Views(lake, Selection(SNAPSHOT_ID, parts, plan_id=PLAN_ID)) as opened:
        yield opened


@pytest.fixture(scope="module")
def view(views: Views) -> ReadinessView:
    return build_view(views, estate_name="acme", snapshot_id=SNAPSHOT_ID, plan_document=PLAN, relation_roles=ROLES)


def test_snapshot_time_comes_from_the_id(view: ReadinessView) -> None:
    assert view.snapshot_at == datetime(2026, 11, 22, 20, 30, tzinfo=UTC)


def test_an_id_without_a_time_is_refused() -> None:
    with pytest.raises(ValueError, match="yesterday"):
        snapshot_time("yesterday")


def test_totals_leave_copies_out_of_storage(view: ReadinessView) -> None:
    assert view.totals == Totals(resources=5, types=5, accounts=2, regions=2, stateful=3, storage_bytes=150 * GIB, copies_bytes=30 * GIB)


def test_trust_counts_what_was_seen_partly_and_not_at_all(view: ReadinessView) -> None:
    # Accounts: 2222 in full, 1111 lacks ECS, 3333 refused. Regions: 1111 eu partly, 1111 us not, 2222 us in full, 3333 us not.
    assert view.trust.accounts == Seen(seen=1, partly=1, not_seen=1)
    assert view.trust.regions == Seen(seen=1, partly=1, not_seen=2)
    # ec2 is refused in 3333 only; ecs nowhere seen; iam, rds, sqs in full.
    assert view.trust.services == Seen(seen=3, partly=1, not_seen=1)
    assert (view.trust.look_ups, view.trust.gap_look_ups) == (8, 3)
    assert (view.trust.checks, view.trust.failed_critical_checks, view.trust.failed_warning_checks) == (2, 0, 1)


def test_gaps_are_one_row_per_account_and_action_whole_accounts_first_metrics_last(view: ReadinessView) -> None:
    assert [(gap.account_id, gap.missing_action, gap.look_ups, gap.whole_account) for gap in view.gaps] == [
        ("333333333333", "sts:AssumeRole", 1, True),
        ("111111111111", "ecs:ListClusters", 2, False),
        ("222222222222", "cloudwatch:GetMetricData", 1, False),
    ]
    assert view.gaps[1].regions == ("eu-central-1", "us-west-2")


def test_resources_come_with_tags_and_their_place_in_the_plan(view: ReadinessView) -> None:
    by_uid = {row.uid: row for row in view.resources}
    assert [row.uid for row in view.resources] == [WEB, COPY, DISK, BASE, QUEUE]
    assert by_uid[WEB].tags == (("app", "shop"), ("owner", "<b>"))
    assert (by_uid[WEB].wave, by_uid[WEB].move_group, by_uid[WEB].no_wave_reason) == (2, "web", None)
    assert (by_uid[COPY].wave, by_uid[COPY].move_group, by_uid[COPY].no_wave_reason) == (None, None, "a snapshot is a copy")


def test_window_spans_the_oldest_and_newest_point(view: ReadinessView) -> None:
    assert view.metrics_window == MetricsWindow(first_at=datetime(2026, 11, 8, tzinfo=UTC), last_at=datetime(2026, 11, 22, 12, tzinfo=UTC))
    assert view.metrics_window.days == 14.5


def test_measured_counts_a_resource_by_its_best_answer(view: ReadinessView) -> None:
    assert [(row.type, row.asked, row.with_data, row.no_data, row.refused) for row in view.measured] == [
        ("AWS::EC2::Instance", 1, 1, 0, 0),
        ("AWS::EC2::Volume", 1, 0, 1, 0),
        ("AWS::RDS::DBInstance", 1, 1, 0, 0),
        ("AWS::SQS::Queue", 1, 0, 0, 1),
    ]


def test_idle_needs_half_the_window_measured(view: ReadinessView) -> None:
    # The database had no connection, but in only 0.4 of the window: no proof.
    assert [(row.uid, row.metric, row.value) for row in view.idle] == [(WEB, "CPUUtilization", 4.0)]


def test_profile_is_of_the_most_telling_metric_with_holes_kept(view: ReadinessView) -> None:
    (profile,) = view.profiles
    assert (profile.uid, profile.metric, profile.unit) == (WEB, "CPUUtilization", "percent")
    assert profile.means == (1.5, *[None] * 166, 3.0)


def test_kinds_count_unresolved_targets(view: ReadinessView) -> None:
    assert [(row.kind, row.role, row.relations, row.sources, row.targets, row.unresolved) for row in view.kinds] == [
        ("reads", "needs", 2, 2, 1, 0),
        ("dead-letter", "setting", 1, 1, 1, 0),
        ("instance_volume", "part", 1, 1, 1, 0),
        ("role", "setting", 1, 1, 1, 1),
    ]


def test_most_needed_leaves_settings_out(view: ReadinessView) -> None:
    assert [(row.uid, row.dependents) for row in view.most_needed] == [(BASE, 2), (DISK, 1)]


def test_waves_know_what_they_hold_and_need(view: ReadinessView) -> None:
    assert view.plan is not None
    first, second = view.plan.waves
    assert (first.resources, first.stateful, first.storage_bytes, first.needs_waves) == (1, 1, 50 * GIB, ())
    assert (second.resources, second.stateful, second.storage_bytes, second.needs_waves) == (3, 1, 100 * GIB, (1,))
    assert second.types == (("AWS::EC2::Instance", 1), ("AWS::EC2::Volume", 1), ("AWS::SQS::Queue", 1))
    assert view.plan.no_wave == (NoWaveRow("a snapshot is a copy", "AWS::EC2::Snapshot", 1),)
    assert [group.id for group in view.plan.groups if group.cyclic] == ["jobs"]


def test_without_a_plan_the_view_has_none(views: Views) -> None:
    assert build_view(views, estate_name="acme", snapshot_id=SNAPSHOT_ID).plan is None


def test_an_empty_lake_gives_an_empty_view(tmp_path: Path) -> None:
    with Views(Lake.open(tmp_path), Selection(SNAPSHOT_ID, {})) as nothing:
        view = build_view(nothing, estate_name="acme", snapshot_id=SNAPSHOT_ID)
    assert view.totals == Totals()
    assert view.trust.look_ups == 0
    assert view.metrics_window.days == 0.0


@pytest.mark.parametrize("figure", sorted(evidence.QUERIES))
def test_every_evidence_query_runs_and_survives_a_shell_word(views: Views, view: ReadinessView, figure: str) -> None:
    sql = evidence.statement(figure, view)
    views.query(sql)
    assert not set(sql) & set('"$`\\!\n')


@pytest.mark.parametrize(
    ("figure", "expected"),
    [
        pytest.param("resources", [{"resources": 5, "types": 5, "accounts": 2}], id="resources"),
        pytest.param("storage", [{"stateful": 3, "storage_bytes": 150 * GIB}], id="storage-without-copies"),
        pytest.param(
            "coverage",
            [{"status": "denied", "look_ups": 3}, {"status": "empty", "look_ups": 1}, {"status": "ok", "look_ups": 4}],
            id="coverage",
        ),
        pytest.param("idle", [{"uid": WEB, "metric": "CPUUtilization", "p95": 4.0, "max": 4.0, "coverage_share": 1.0}], id="idle"),
        pytest.param("waves", [{"wave": 1, "move_groups": 1, "resources": 1}, {"wave": 2, "move_groups": 2, "resources": 3}], id="waves"),
        pytest.param("most_needed", [{"target_uid": BASE, "dependents": 2}, {"target_uid": DISK, "dependents": 1}], id="most-needed"),
        pytest.param("no_wave", [{"reason": "a snapshot is a copy", "type": "AWS::EC2::Snapshot", "resources": 1}], id="no-wave"),
    ],
)
def test_evidence_reproduces_the_figure(views: Views, view: ReadinessView, figure: str, expected: list[dict[str, object]]) -> None:
    rows = views.query(evidence.statement(figure, view)).rows
    assert [{key: int(value) if key == "storage_bytes" else value for key, value in row.items()} for row in rows] == expected

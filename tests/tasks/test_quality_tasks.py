"""The data checks within a run: before a snapshot is committed, and again when its metrics are there.

quality_all, quality_row_counts, quality_inventory, quality_inventory_groups, quality_metrics, quality_metrics_groups,
quality_relations, quality_relations_groups, quality_coverage.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cloudmigrate.aws.catalogue import CATALOGUE
from cloudmigrate.domain.assessment import GLOBAL
from cloudmigrate.domain.estate import Account, Estate, Scope
from cloudmigrate.errors.stores import DataQualityError
from cloudmigrate.lake import datasets
from cloudmigrate.lake.lake import Part
from cloudmigrate.lake.series import Window, select_series, write_series
from cloudmigrate.workspace import Workspace, utc_now
from tasks import quality
from tasks.discovery import UnitSummary
from tasks.snapshots import begin_snapshot, commit_snapshot

pytestmark = pytest.mark.xdist_group("great-expectations")

ACCOUNT, REGION, EC2 = "111111111111", "eu-central-1", "AWS::EC2::Instance"
UID = f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-1"
RUN = {"run_id": "run-1"}


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The tables shown in the Prefect UI, without a server."""
    found: list[dict[str, Any]] = []
    monkeypatch.setattr(quality, "create_table_artifact", lambda table, **other: found.append({"table": table, **other}))
    return found


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    account = Account(id=ACCOUNT, regions=(REGION,))
    return Workspace.open(Estate(estate="acme", lake=str(tmp_path / "lake"), ledger=f"sqlite:///{tmp_path}/ledger.db", accounts=(account,)))


def coverage_rows(scope: Scope) -> list[dict[str, Any]]:
    """An "empty" row for each type in scope, as discovery of the estate writes them."""
    return [
        {
            "account_id": ACCOUNT,
            "region": GLOBAL if row.is_global else REGION,
            "service": row.service,
            "type": row.type,
            "status": "empty",
            "error_code": None,
            "missing_action": None,
            "detail": None,
            "resources": 0,
        }
        for row in CATALOGUE
        if not scope.types or row.type in scope.types
    ]


def discovered(workspace: Workspace, snapshot_id: str, scope: Scope, *, created_in: timedelta) -> tuple[list[UnitSummary], Part]:
    """One instance, made that long from now, in a whole coverage; one unit and no relations."""
    instance = {
        "uid": UID, "provider": "aws", "account_id": ACCOUNT, "region": REGION, "type": EC2, "name": "web", "state": "running",
        "tags": {}, "spec": {}, "stateful": False, "storage_bytes": None, "private_ips": [], "created_at": utc_now() + created_in,
    }  # fmt: skip
    parts = (
        workspace.lake.write(datasets.INVENTORY, [instance], snapshot_id=snapshot_id, part="i"),
        workspace.lake.write(datasets.COVERAGE, coverage_rows(scope), snapshot_id=snapshot_id, part="c"),
    )
    relations = workspace.lake.write(datasets.RELATIONS, [], snapshot_id=snapshot_id, part="r")
    return [UnitSummary(ACCOUNT, REGION, parts, {EC2: 1}, ())], relations


@pytest.mark.parametrize("scope", [pytest.param(Scope(), id="everything"), pytest.param(Scope(types=(EC2,)), id="one type")])
def test_a_sound_snapshot_goes_on(workspace: Workspace, shown: list[dict[str, Any]], scope: Scope) -> None:
    """Types left out by the scope are no gap; metrics' results stand beside the earlier ones."""
    workspace.ledger.begin_run(RUN["run_id"], flow="discover-estate", estate="acme", parameters={})
    snapshot_id = begin_snapshot(workspace, scope, **RUN)
    units, relations = discovered(workspace, snapshot_id, scope, created_in=-timedelta(days=1))
    checks = quality.check_snapshot.fn(workspace.estate, scope, units, relations, snapshot_id=snapshot_id, **RUN)
    quality.refuse_critical(checks.rows, snapshot_id)
    assert [row for row in checks.rows if not row["passed"]] == []
    commit_snapshot(workspace, snapshot_id, [*units[0].parts, relations, checks.part])

    later = quality.check_metrics.fn(workspace.estate, snapshot_id=snapshot_id, **RUN)
    with workspace.views(snapshot_id) as views:
        stored = views.run("quality_all")
    assert {row["dataset"] for row in stored} == {"inventory", "coverage", "relations", "metrics"}
    assert len(stored) == len(later.rows) == len({(row["dataset"], row["check_name"]) for row in stored})
    assert [one["key"] for one in shown] == ["quality-acme", "quality-acme"]


def test_an_impossible_instant_stops_the_run(workspace: Workspace, shown: list[dict[str, Any]]) -> None:
    workspace.ledger.begin_run(RUN["run_id"], flow="discover-estate", estate="acme", parameters={})
    snapshot_id = begin_snapshot(workspace, Scope(), **RUN)
    units, relations = discovered(workspace, snapshot_id, Scope(), created_in=timedelta(days=2))
    checks = quality.check_snapshot.fn(workspace.estate, Scope(), units, relations, snapshot_id=snapshot_id, **RUN)
    with pytest.raises(DataQualityError, match="not_created_in_the_future: 1 of 1 row"):
        quality.refuse_critical(checks.rows, snapshot_id)
    assert "1 of " in shown[0]["description"]
    assert shown[0]["table"][0]["check_name"] == "not_created_in_the_future"


def test_impossible_points_stop_the_run_once_the_result_is_published(workspace: Workspace, shown: list[dict[str, Any]]) -> None:
    workspace.ledger.begin_run(RUN["run_id"], flow="discover-estate", estate="acme", parameters={})
    snapshot_id = begin_snapshot(workspace, Scope(), **RUN)
    units, relations = discovered(workspace, snapshot_id, Scope(), created_in=-timedelta(days=1))
    commit_snapshot(workspace, snapshot_id, [*units[0].parts, relations])
    noon = utc_now().replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(hours=12)
    columns = {"uid": [UID], "observed_at": [noon], "CPUUtilization|Average": [250.0]}
    window = Window(noon - timedelta(hours=1), noon + timedelta(hours=1))
    ids: dict[str, Any] = {"account_id": ACCOUNT, "region": REGION, "type": EC2, "period_s": 300, "collected_at": utc_now(), "part": "m"}
    parts = select_series(write_series(workspace.lake, columns, run=window, **ids), window)
    workspace.ledger.add_series(parts, account_id=ACCOUNT, region=REGION, run_id=RUN["run_id"], marks={})
    workspace.ledger.bind_series(snapshot_id, parts, (window.start, window.end))
    with pytest.raises(DataQualityError, match="percentages_in_range: 1 of 1 row"):
        quality.check_metrics.fn(workspace.estate, snapshot_id=snapshot_id, **RUN)
    with workspace.views(snapshot_id) as views:
        assert [row["check_name"] for row in views.run("quality_all") if not row["passed"]] == ["percentages_in_range"]
    assert "1 of 6 failed" in shown[0]["description"]

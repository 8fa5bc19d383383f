"""What of traffic could not be seen is told as such, and never shown as no traffic."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from cloudmigrate.aws.flow_log_places import FlowLogPlace
from cloudmigrate.aws.interfaces import INTERFACE
from cloudmigrate.domain.wave_policy import WavePolicy
from cloudmigrate.workspace import Workspace
from tasks.dependencies import flow_log_gaps
from tasks.plan_reading import plan_input
from tasks.traffic import _source_row
from tests.mapped_estate import DB, JOB, NOW, WEB, looked, map_here, put_logs, take_usual_snapshot
from tests.planned_estate import ACCOUNT, REGION, resource

REFUSED = looked(INTERFACE, "denied", "ec2:DescribeNetworkInterfaces")


def edges(workspace: Workspace, snapshot_id: str) -> set[tuple[str, str, int]]:
    with workspace.views(snapshot_id) as views:
        return {(row["source_uid"], row["target_uid"], row["bytes"]) for row in views.rows("dependencies")}


def test_flow_logs_that_could_not_be_listed_are_a_gap(workspace: Workspace) -> None:
    unnamed = Workspace.open(workspace.estate.model_copy(update={"flow_logs": ()}))
    snapshot_id = take_usual_snapshot(unnamed, looked("AWS::EC2::FlowLog", "denied", "ec2:DescribeFlowLogs"))

    map_here(unnamed, snapshot_id, "r")

    assert flow_log_gaps(unnamed, snapshot_id) == 1
    with unnamed.views(snapshot_id) as views:
        [row] = views.rows("flow_log_sources")
    assert (row["status"], row["missing_action"], row["objects"]) == ("denied", "ec2:DescribeFlowLogs", 0)


def test_interfaces_that_could_not_be_listed_are_as_they_were_seen_last(workspace: Workspace) -> None:
    """And where they were never seen, addresses stay unknown, and planning does not take that for observed traffic."""
    blind = take_usual_snapshot(workspace, REFUSED, interfaces=False)
    map_here(workspace, blind, "r1")
    assert edges(workspace, blind) == {(f"unknown:{one.address}", f"unknown:{DB.address}", 12_000) for one in (WEB, JOB)}
    with workspace.views(blind) as views:
        assert not plan_input(views, WavePolicy()).evidence.traffic
        assert [row["uid"] for row in views.rows("observation") if row["fully_logged_days"]] == []

    take_usual_snapshot(workspace)
    later = take_usual_snapshot(workspace, REFUSED, interfaces=False)
    map_here(workspace, later, "r2")
    assert edges(workspace, later) == {(one.uid, DB.uid, 12_000) for one in (WEB, JOB)}


@pytest.mark.parametrize(("traffic_type", "days"), [("ALL", 1), ("ACCEPT", 1), ("REJECT", 0)])
def test_where_rejected_traffic_alone_is_logged_silence_says_nothing(
    workspace: Workspace, tmp_path: Path, traffic_type: str, days: int
) -> None:
    """A day without data at WEB's interface, as the flow log of its VPC tells it."""
    spec = {"FlowLogId": "fl-1", "ResourceId": WEB.vpc_id, "TrafficType": traffic_type}
    flow_log = resource(f"arn:aws:ec2:{REGION}:{ACCOUNT}:vpc-flow-log/fl-1", "AWS::EC2::FlowLog", spec=spec)
    shutil.rmtree(tmp_path / "logs")
    yesterday = NOW.replace(hour=0) - timedelta(days=1)
    hours = [int((yesterday + timedelta(hours=hour)).timestamp()) for hour in range(24)]
    put_logs(tmp_path, "web", [f"2 {ACCOUNT} {WEB.interface_id} - - - - - - - {begin} {begin + 3599} - NODATA" for begin in hours])
    snapshot_id = take_usual_snapshot(workspace, others=[flow_log])

    map_here(workspace, snapshot_id, "r")

    with workspace.views(snapshot_id) as views:
        [web] = [row for row in views.rows("observation") if row["uid"] == WEB.uid]
        assert (web["fully_logged_days"], web["weekly_seen_probability"]) == (days, days / 7)
        assert plan_input(views, WavePolicy()).evidence.traffic == bool(days)


def test_flow_logs_that_share_a_log_group_are_named_with_the_place() -> None:
    place = FlowLogPlace("logs://eu-central-1/vpc-flow", "111111111111", "eu-central-1", "DescribeFlowLogs", shared_by=("fl-a", "fl-b"))

    row = _source_row(place, None, has_records=False)

    assert row["detail"] == (
        "fl-a, fl-b deliver to this one log group: where two cover an interface, its records count twice. "
        "Next: keep one of them, or give each a log group of its own"
    )


def test_a_file_that_is_gone_when_it_is_read_is_a_gap_and_its_batch_waits(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot_id = take_usual_snapshot(workspace)
    real = Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path.name == "job.log.gz":
            raise FileNotFoundError(2, "No such file or directory", str(path))
        return real(path)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", refuse)
        map_here(workspace, snapshot_id, "r1")
    assert flow_log_gaps(workspace, snapshot_id) == 1
    with workspace.views(snapshot_id) as views:
        [row] = views.rows("flow_log_sources")
    assert row["status"] == "failed"
    assert "job.log.gz: No such file or directory. Next: check the path" in row["detail"]

    map_here(workspace, snapshot_id, "r2")
    assert flow_log_gaps(workspace, snapshot_id) == 0
    assert edges(workspace, snapshot_id) == {(one.uid, DB.uid, 12_000) for one in (WEB, JOB)}

"""The cash curve as a task: drawn with the plan's dates, kept with the plan; without costs there is none."""

from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from cloudmigrate.domain.plan import Plan
from cloudmigrate.domain.wave_policy import WavePolicy
from cloudmigrate.workspace import Workspace
from tasks.cash import draw_cash_curve, months_of
from tasks.planning import publish_plan
from tests.lake.test_cash import cost
from tests.planned_estate import dependency, estate_in, logged, resource, server, take_snapshot

WEB, DB = server("web"), server("db")
# What is needed moves no later: the database is in wave 1, the web server in wave 2, a month after.
POLICY = WavePolicy(first_wave_on=date(2027, 1, 16), days_between_waves=31, separate_layers=True)


def planned(folder: Path, **derived: Any) -> tuple[Workspace, Plan]:
    """A web server that needs a database, in two waves; 7 GB in a day between them."""
    workspace = Workspace.open(estate_in(folder, POLICY))
    things = [resource(WEB), {**resource(DB), "storage_bytes": 10**11}]
    snapshot_id = take_snapshot(
        workspace, things, dependencies=[dependency(WEB, DB, port=5432)], flow_log_coverage=[logged(WEB)], **derived
    )
    return workspace, publish_plan.fn(workspace.estate, POLICY, snapshot_id=snapshot_id, run_id="made")


def test_the_curve_follows_the_plans_dates(tmp_path: Path) -> None:
    """Month 0: both sources (10 + 20) and the database's target (8) beside its source for 14 of 30.41666... days: 3.68; 100 GB copied 1.2
    times at 0.09: 10.80. Month 1: 8 and 20, and the web server's target (16) for 14 days: 7.36. From then on 8 and 16.
    """
    costs = [cost(DB, "as_is", "10"), cost(DB, "rehost", "8"), cost(WEB, "as_is", "20"), cost(WEB, "rehost", "16")]
    workspace, plan = planned(tmp_path, costs=costs)
    assert draw_cash_curve.fn(workspace.estate, plan) > 0
    with workspace.views(plan.snapshot_id, plan.plan_id) as views:
        rows = views.query("select month, sum(likely_usd) as usd from cash_curve group by month order by month").rows
    assert [(row["month"], row["usd"]) for row in rows] == [(0, 44.48), (1, 35.36), (2, 24), (3, 24), (4, 24)]


def test_without_costs_there_is_no_curve(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    workspace, plan = planned(tmp_path)
    assert draw_cash_curve.fn(workspace.estate, plan) == 0
    written = capsys.readouterr()
    assert "cloudmigrate prices refresh" in written.out + written.err


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        pytest.param(["2026-12-20", "2027-01-03"], {1: 0, 2: 1}, id="by-date-over-the-year"),
        pytest.param([None, None], {1: 0, 2: 1}, id="by-distance"),
    ],
)
def test_months_count_from_the_first_wave(dates: list[str | None], expected: dict[int, int]) -> None:
    waves = [{"wave": number, "starts_on": day} for number, day in enumerate(dates, start=1)]
    plan = SimpleNamespace(content={"waves": waves}, policy=POLICY, created_at=datetime(2026, 11, 28, tzinfo=UTC))
    assert months_of(cast("Plan", plan))[0] == expected

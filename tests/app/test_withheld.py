"""A service that is more than 10 % off its bill: no forecast is shown anywhere, and the warning names the service.

In this process, over one estate: analysis by its tasks, then the report, the artifacts and the command line.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from cloudmigrate.app.cli import run
from cloudmigrate.estate_file import load_estate
from cloudmigrate.workspace import Workspace
from reports.readiness.printed.story import story
from tasks import artifacts
from tasks.bills import fetch_bill, hold_against_bill
from tasks.readiness_view import build_view
from tasks.recommending import publish_recommendations
from tasks.reporting import render_report
from tests.tasks.test_bills import HEAD, NOW
from tests.tasks.test_recommendations import LAKE, WEB, cost
from tests.tasks.test_risk import ACCOUNT, REGION, RUN, SNAPSHOT, fill

# Estimated: 100 of servers now. Each scenario's amount is its own, so that it would be seen wherever it came through.
FORECASTS = {"rehost": "123456.11", "rehost_rightsized": "123456.22", "replatform": "123456.33"}
LINE = {"line": "compute", "rate_key": "ec2:m5.large:linux", "monthly_usd": "100"}
COSTS = [cost(WEB, "as_is", "100") | {"components": [LINE]}, *(cost(WEB, name, amount) for name, amount in FORECASTS.items())]
COSTS.append(cost(WEB, "as_is", "123456.44") | {"term": "reserved_1y_no_upfront"})
SHOWN = ("123456", "123,456")


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Workspace:
    """The estate, its bill of two months (1,464 hours) at so much for servers, and a service that nobody prices."""
    monkeypatch.chdir(tmp_path)
    spans = (("2026-09-01", "2026-10-01"), ("2026-10-01", "2026-11-01"))
    rows = [f"AWS,1,Amazon Elastic Compute Cloud,Usage,{a},{b},{a},{request.param},USD" for a, b in spans]
    Path("focus.csv").write_text("\n".join([HEAD, *rows]))
    accounts = f'accounts: [{{id: "{ACCOUNT}", regions: [{REGION}]}}]\ncosts: {{bill: ./focus.csv}}'
    Path("estate.yaml").write_text(f"estate: acme\nlake: {tmp_path}/lake\nledger: sqlite:///{tmp_path}/ledger.db\n{accounts}\n")
    workspace = fill(load_estate(Path("estate.yaml")), LAKE | {"costs": COSTS})
    fetch_bill.fn(workspace.estate, snapshot_id=SNAPSHOT, run_id=RUN, now=NOW)
    hold_against_bill.fn(workspace.estate, snapshot_id=SNAPSHOT, run_id=RUN)
    publish_recommendations(workspace, SNAPSHOT, "run-2")
    return workspace


def tables(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[str, str]]:
    """The artifacts of costs and recommendations as Prefect would get them: key -> rows as text, description."""
    found: dict[str, tuple[str, str]] = {}

    def keep(rows: list[dict[str, Any]], *, key: str, description: str) -> None:
        found[key] = (json.dumps(rows, default=str), description)

    monkeypatch.setattr(artifacts, "create_table_artifact", keep)
    artifacts.costs_table(workspace, SNAPSHOT)
    artifacts.recommendations_table(workspace, SNAPSHOT)
    return found


@pytest.mark.parametrize("made", ["80"], indirect=True)  # 100 estimated: a quarter above 79.78 billed a month
def test_no_forecast_is_shown(made: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    report = render_report(made, SNAPSHOT, None)
    with made.views(SNAPSHOT) as views:
        printed = json.dumps(story(build_view(views, estate_name="acme", snapshot_id=SNAPSHOT)), default=str)
    shown = tables(made, monkeypatch)
    capsys.readouterr()
    assert run(["recommendations", "--json"]) == 0
    told = capsys.readouterr()
    everything = {
        "html": report.files["html"].decode(),
        "json": report.files["json"].decode(),
        "pdf": printed,
        "cli": told.out + told.err,
        **{key: " ".join(both) for key, both in shown.items()},
    }
    assert {name: text for name, text in everything.items() if any(one in text for one in SHOWN)} == {}
    assert {name for name, text in everything.items() if "Amazon EC2" not in text} == set()
    assert "warning: Costs bear on none of them: forecasts are withheld: more than 10 % from the bill: Amazon EC2" in told.err
    assert "Forecasts are withheld: the estimate of Amazon EC2 (+25.3" in everything["html"]
    assert json.loads(shown["costs-acme"][0])[0]["monthly"] == "100.00"
    # The lake is the user's own.
    with made.views(SNAPSHOT) as views:
        assert str(views.query("select max(monthly_cost_usd) as usd from costs").rows[0]["usd"]).startswith("123456.44")


@pytest.mark.parametrize("made", ["100"], indirect=True)  # 99.73 a month: a quarter of a percent
def test_within_the_limit_they_are(made: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    report = render_report(made, SNAPSHOT, None)
    shown = tables(made, monkeypatch)
    assert "123,456" in report.files["html"].decode()
    assert "123456.22" in shown["costs-acme"][0]
    assert "Amazon EC2" not in shown["recommendations-acme"][1]

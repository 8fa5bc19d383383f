"""Costs as a task: published out of the prices that a snapshot sees, the same when told again; artifact_costs sums them."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cloudmigrate.domain.cost_policy import CostPolicy
from cloudmigrate.domain.estate import Account, Estate
from cloudmigrate.workspace import Workspace
from tasks.costs import compute_costs
from tasks.snapshots import part_row, publish
from tests.cost_lake import disk, machine, thing

SNAPSHOT, RUN = "20261123T000000Z-3f9a1c", "run-1"
THINGS = [
    thing("i-1", "AWS::EC2::Instance", InstanceType="m5.large", PlatformDetails="Linux/UNIX"),
    thing("v-1", "AWS::EC2::Volume", VolumeType="gp3", Size=100),
]
PRICES = [machine("m5.large", "0.115"), disk("gp3", "0.0952")]


@pytest.fixture
def estate(tmp_path: Path) -> Estate:
    accounts = (Account(id="111111111111", regions=("eu-central-1",)),)
    return Estate(
        estate="acme", lake=str(tmp_path / "lake"), ledger=f"sqlite:///{tmp_path}/ledger.db", accounts=accounts, costs=CostPolicy()
    )


def filled(estate: Estate, prices: list[dict[str, Any]]) -> Workspace:
    workspace = Workspace.open(estate)
    workspace.ledger.begin_run(RUN, flow="discover-estate", estate="acme", parameters={})
    workspace.ledger.begin_snapshot(SNAPSHOT, "acme", RUN, started_at=datetime(2026, 11, 23, tzinfo=UTC))
    inventory = workspace.lake.write("inventory", THINGS, snapshot_id=SNAPSHOT, part="p")
    workspace.ledger.commit_snapshot(SNAPSHOT, [part_row(inventory)])
    if prices:
        publish(workspace, SNAPSHOT, "prices", [workspace.lake.write("prices", prices, snapshot_id=SNAPSHOT, part="p")], RUN)
    return workspace


def test_costs_are_published_and_told_again_alike(estate: Estate) -> None:
    """0.115 x 730 = 83.95 and 100 GB at 0.0952 = 9.52: 93.47."""
    workspace = filled(estate, PRICES)
    workspace.ledger.begin_run("run-2", flow="analyse-workloads", estate="acme", parameters={})
    rows = compute_costs.fn(estate, snapshot_id=SNAPSHOT, run_id=RUN)
    with workspace.views(SNAPSHOT) as views:
        first = views.query("from costs order by all").rows
        (as_is,) = [row for row in views.run("artifact_costs", forecasts=True) if (row["scenario"], row["term"]) == ("as_is", "on_demand")]
    assert rows == len(first) == 10  # two resources, five scenarios, no other term
    assert (as_is["monthly"], as_is["resources"], as_is["partly"]) == (Decimal("93.47"), 2, 1)
    compute_costs.fn(estate, snapshot_id=SNAPSHOT, run_id="run-2")
    with workspace.views(SNAPSHOT) as views:
        assert views.query("from costs order by all").rows == first


def test_without_prices_there_is_no_cost_and_the_log_says_what_to_do(estate: Estate, capsys: pytest.CaptureFixture[str]) -> None:
    workspace = filled(estate, [])
    assert compute_costs.fn(estate, snapshot_id=SNAPSHOT, run_id=RUN) == 0
    with workspace.views(SNAPSHOT) as views:
        assert views.rows("costs") == []
    written = capsys.readouterr()
    assert "cloudmigrate prices refresh" in written.out + written.err

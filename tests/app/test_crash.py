"""Killed, interrupted, refused or out of space: a clear end, nothing half-written to be seen, and a next run that succeeds."""

import json
import resource
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cloudmigrate.simulate.demo import demo_estate_yaml
from cloudmigrate.simulate.emulator import Emulator
from tests.app.conftest import Cli, environment_of
from tests.faults import fault_proxy

pytestmark = pytest.mark.xdist_group("demo")

FEW = ("--types", "AWS::EC2::VPC", "AWS::EC2::Subnet", "AWS::EC2::Instance")
OWN_ACCOUNT = "estate: acme\naccounts: [{id: '123456789012', regions: [eu-central-1]}]\n"


def wait_for(condition: Callable[[], bool], running: subprocess.Popen[str], timeout_s: float = 120) -> None:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if condition():
            return
        assert running.poll() is None, f"ended early with {running.returncode}: {running.communicate()}"
        time.sleep(0.01)
    raise AssertionError("waited in vain")


def snapshots(cli: Cli) -> list[str]:
    done = cli("query", "select distinct snapshot from coverage", "--format", "json", code=None)
    return [] if done.returncode else [row["snapshot"] for row in json.loads(done.stdout)]


@pytest.mark.parametrize("seen", ["lake/coverage", "lake/inventory", "lake/relations"])
def test_a_killed_discovery_leaves_no_half_snapshot(cli: Cli, seen: str) -> None:
    (cli.folder / "estate.yaml").write_text(demo_estate_yaml())
    with cli.running("discover", *FEW) as process:
        wait_for(lambda: any((cli.folder / seen).rglob("*.parquet")), process)

    before = snapshots(cli)
    document = cli.json("discover", *FEW, "--json")

    assert len(before) <= 1  # committed whole just before the kill, or not at all
    assert snapshots(cli) == [document["snapshot_id"]]
    assert cli.query("select count(*) as n from coverage where status <> 'ok' and status <> 'empty'") == [{"n": 0}]


def test_metrics_killed_on_the_way_are_complete_after_the_next_run(cli: Cli) -> None:
    (cli.folder / "estate.yaml").write_text(demo_estate_yaml())
    cli.json("discover", "--types", "AWS::EC2::Instance", "AWS::RDS::DBInstance", "--regions", "eu-central-1", "--json")
    with cli.running("metrics") as process:
        wait_for(lambda: any((cli.folder / "lake" / "metrics").rglob("*.parquet")), process)

    cli.json("metrics", "--json")

    assert cli.query(
        "select count(*) > 1000 as many, count(*) = count(distinct (uid, metric, stat, observed_at)) as once from metrics"
    ) == [{"many": True, "once": True}]
    assert cli.query("select min(coverage_share) > 0.85 as whole from utilisation where metric = 'CPUUtilization'") == [{"whole": True}]


def test_ctrl_c_ends_at_once_and_says_so(cli: Cli) -> None:
    (cli.folder / "estate.yaml").write_text(demo_estate_yaml())
    with cli.running("discover") as process:
        wait_for(lambda: any((cli.folder / "lake").rglob("*.parquet")), process)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)

    assert process.returncode == 130, (out, err)
    assert "interrupted" in err
    assert out == ""
    assert snapshots(cli) == []


@pytest.mark.parametrize(
    ("line", "told"),
    [
        pytest.param("lake: ./in-the-way", "in-the-way", id="lake-is-a-file"),
        pytest.param("lake: /proc/lake", "/proc/lake", id="lake-cannot-be-made"),
        pytest.param("ledger: sqlite:///in-the-way/ledger.db", "ledger", id="ledger-folder-is-a-file"),
    ],
)
def test_a_place_that_cannot_be_written_is_named(cli: Cli, line: str, told: str) -> None:
    (cli.folder / "in-the-way").write_text("a file")
    (cli.folder / "estate.yaml").write_text(OWN_ACCOUNT + line + "\n")

    done = cli("discover", *FEW, code=1)

    assert told in done.stderr
    assert "Next:" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_full_disk_is_told_and_leaves_nothing(cli: Cli) -> None:
    (cli.folder / "estate.yaml").write_text(OWN_ACCOUNT)
    cli("discover", *FEW)
    first = snapshots(cli)
    done = subprocess.run(
        cli.command(["discover"]),
        cwd=cli.folder,
        env=cli.environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (6000, 6000)),  # no file may grow over 6 kB
    )

    assert done.returncode == 1, done.stdout + done.stderr
    assert "Next:" in done.stderr
    assert "Traceback" not in done.stderr
    assert snapshots(cli) == first
    assert not [path for path in (cli.folder / "lake").rglob("*") if path.is_file() and path.suffix != ".parquet"]


def test_an_account_of_somebody_else_is_a_gap_and_never_empty(cli: Cli) -> None:
    both = "accounts:\n- {id: '999999999999', regions: [eu-central-1]}\n"
    both += "- {id: '222222222222', role_arn: 'arn:aws:iam::222222222222:role/MigrationScan', regions: [eu-central-1]}\n"
    (cli.folder / "estate.yaml").write_text(f"estate: acme\n{both}")

    document = cli.json("discover", *FEW, "--json", code=3)

    assert document["counts"]["AWS::EC2::VPC"] >= 1
    rows = cli.query("select distinct status, detail from coverage where account_id = '999999999999'")
    assert len(rows) == 1
    assert rows[0]["status"] in ("denied", "failed")
    assert "123456789012" in rows[0]["detail"]
    assert "999999999999" in cli("coverage", "--gaps", code=3).stdout


def test_an_estate_of_which_nothing_can_be_seen_fails(cli: Cli) -> None:
    (cli.folder / "estate.yaml").write_text("estate: acme\naccounts: [{id: '999999999999', regions: [eu-central-1]}]\n")

    done = cli("discover", *FEW, code=1)

    assert "nothing of estate 'acme' could be seen" in done.stderr
    assert "999999999999" in done.stderr
    assert snapshots(cli) == []


def test_a_refused_type_names_the_action_to_grant(tmp_path: Path, demo_emulator: Emulator, prefect_url: str) -> None:
    with fault_proxy(demo_emulator.url) as proxy:
        proxy.rules({"service": "ec2", "operation": "DescribeVolumes", "error": {"code": "UnauthorizedOperation"}})
        cli = Cli(tmp_path, environment_of(None, prefect_url) | proxy.environment())
        (tmp_path / "estate.yaml").write_text(OWN_ACCOUNT)

        cli("discover", "--types", "AWS::EC2::Volume", "AWS::EC2::VPC", code=3)

        rows = cli.query("select type, status, missing_action, resources from coverage order by type")
        noted = cli("query", "select count(*) as n from waves", "--format", "json").stderr
    assert rows[0] == {"type": "AWS::EC2::VPC", "status": "ok", "missing_action": None, "resources": rows[0]["resources"]}
    assert rows[1] == {"type": "AWS::EC2::Volume", "status": "denied", "missing_action": "ec2:DescribeVolumes", "resources": 0}
    assert "was taken of types AWS::EC2::Volume, AWS::EC2::VPC only" in noted
    assert "waves was never made" in noted

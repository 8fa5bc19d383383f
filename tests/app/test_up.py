"""`cloudmigrate up`: a server, a worker and every deployment, from one command that ends whole."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from cloudmigrate.estate_file import load_estate
from tests.app.conftest import environment_of

pytestmark = pytest.mark.xdist_group("up")

ASSESS = Path(__file__).parents[2] / "deployments" / "ci" / "assess.sh"
DEPLOYMENTS = {
    "scheduled": {"estate", "scope"},
    "full": {"estate", "scope", "policy"},
    "metrics": {"estate", "snapshot_id"},
    "dependencies": {"estate", "snapshot_id", "offline"},
    "prices": {"estate", "regions", "only"},
    "analysis": {"estate", "snapshot_id"},
    "plan": {"estate", "snapshot_id", "policy", "workloads_changed"},
    "repository": {"estate", "plan_id", "requested_by"},
    "runbooks": {"estate", "plan_id", "wave", "confluence"},
    "report": {"estate", "snapshot_id", "plan_id"},
    "code": {"estate", "plan_id"},
    "wave": {"estate", "wave", "plan_id", "requested_by"},
    "rollback": {"estate", "wave", "reason", "plan_id", "groups", "despite_writes", "requested_by"},
}


def post(api: str, path: str, body: dict[str, Any]) -> Any:
    request = urllib.request.Request(f"{api}{path}", data=json.dumps(body).encode(), headers={"Content-Type": "application/json"})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
        return json.loads(answer.read())


def test_up_serves_the_demo_estate_and_ends_whole(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "cloudmigrate.app.cli", "up", "--port", "0"],
        cwd=tmp_path,
        env=environment_of(None, None),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("Prefect UI: http://127.0.0.1:"), line + (process.stderr.read() if process.stderr else "")
        api = line.removeprefix("Prefect UI: ").strip() + "/api"

        deployed = {one["name"]: one for one in post(api, "/deployments/filter", {})}
        assert {name: set(one["parameter_openapi_schema"]["properties"]) for name, one in deployed.items()} == DEPLOYMENTS
        [schedule] = deployed["scheduled"]["schedules"]
        assert schedule["schedule"]["cron"] == "17 2 * * *"

        with ThreadPoolExecutor(1) as beside:
            unknown = beside.submit(triggered, api, ESTATE="no-such-estate")
            assert triggered(api, "--param", 'scope={"types": ["AWS::EC2::VPC"]}', ESTATE="acme") == 0
            assert unknown.result() == 1
        runs = post(api, "/flow_runs/filter", {"flow_runs": {"deployment_id": {"any_": [deployed["full"]["id"]]}}})
        assert {(one["parameters"]["estate"], one["state_type"]) for one in runs} == {("acme", "COMPLETED"), ("no-such-estate", "FAILED")}
        assert {json.dumps(one["parameters"].get("scope")) for one in runs} == {'{"types": ["AWS::EC2::VPC"]}', "null"}
        limits = post(api, "/concurrency_limits/filter", {})
        assert {one["tag"] for one in limits} == {"aws-read:123456789012", "aws-read:222222222222"}
        assert {one["key"] for one in post(api, "/artifacts/latest/filter", {})} >= {"coverage-acme", "quality-acme"}
        assert any("discovered" in one["message"] for one in post(api, "/logs/filter", {"limit": 200}))
    finally:
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert load_estate(tmp_path / "demo" / "estate.yaml").reports == ()  # its place was the emulator's
    left = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert str(tmp_path) not in left


def triggered(api: str, *arguments: str, **environment: str) -> int:
    """The exit code of the script that a CI job runs."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", str(ASSESS), *arguments],
        env={**environment_of(None, api), "PATH": path, "TIMEOUT_S": "200", **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
        timeout=220,
    ).returncode

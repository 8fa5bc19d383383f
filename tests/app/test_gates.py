"""What a run must not pass over in silence: data that contradicts itself, metrics that were refused; and what changed between two runs."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from cloudmigrate.simulate.emulator import Emulator
from tests.app.conftest import Cli, environment_of
from tests.faults import fault_proxy

pytestmark = pytest.mark.xdist_group("gates")

REGION = "us-west-2"
ESTATE = f"estate: acme\naccounts: [{{id: '123456789012', regions: [{REGION}]}}]\nmetrics: {{days: 1, period_s: 3600}}\n"
INSTANCES = ("--types", "AWS::EC2::Instance")


@pytest.fixture
def run(tmp_path: Path, clean_emulator: Emulator, prefect_url: str) -> Cli:
    (tmp_path / "estate.yaml").write_text(ESTATE)
    return Cli(tmp_path, environment_of(clean_emulator, prefect_url))


@pytest.fixture
def instance_id(clean_emulator: Emulator) -> str:
    ec2 = boto3.client("ec2", region_name=REGION)
    return ec2.run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]


def put_cpu(instance_id: str, percent: float, *, hours_ago: int = 1) -> None:
    then = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=hours_ago)
    dimensions = [{"Name": "InstanceId", "Value": instance_id}]
    point: Any = {"MetricName": "CPUUtilization", "Dimensions": dimensions, "Timestamp": then, "Value": percent}
    boto3.client("cloudwatch", region_name=REGION).put_metric_data(Namespace="AWS/EC2", MetricData=[point])


def test_impossible_values_stop_the_assessment_before_analysis(run: Cli, instance_id: str) -> None:
    put_cpu(instance_id, 5000.0)

    done = run("assess", *INSTANCES, "--json", code=1)

    assert "fails critical data checks" in done.stderr
    assert "metrics.percentages_in_range" in done.stderr
    assert done.stdout == ""
    assert run.query("select check_name from quality where not passed and severity = 'critical'") == [
        {"check_name": "percentages_in_range"}
    ]
    assert run.query("select (select count(*) from utilisation) as u, (select count(*) from waves) as w") == [{"u": 0, "w": 0}]


def test_refused_metrics_are_gaps_of_the_assessment(run: Cli, instance_id: str, clean_emulator: Emulator) -> None:
    with fault_proxy(clean_emulator.url, warm=("ec2", "cloudwatch")) as proxy:
        proxy.rules({"service": "cloudwatch", "operation": "GetMetricData", "error": {"code": "AccessDenied"}})
        refused = Cli(run.folder, run.environment | proxy.environment())

        document = refused.json("assess", *INSTANCES, "--json", code=3)

    assert document["coverage"] == {"ok": 1}
    assert document["metric_gaps"] > 0
    assert run.query("select distinct status, error_code from metric_coverage where error_code is not null") == [
        {"status": "denied", "error_code": "AccessDenied"}
    ]


def test_agents_metrics_that_may_not_be_listed_hold_up_no_other_metric(run: Cli, instance_id: str, clean_emulator: Emulator) -> None:
    put_cpu(instance_id, 42.0)
    with fault_proxy(clean_emulator.url, warm=("ec2", "cloudwatch")) as proxy:
        proxy.rules({"service": "cloudwatch", "operation": "ListMetrics", "error": {"code": "AccessDenied"}})
        refused = Cli(run.folder, run.environment | proxy.environment())

        document = refused.json("assess", *INSTANCES, "--json", code=3)

    assert document["metric_gaps"] > 0
    assert run.query("select distinct metric, value from metrics where stat = 'Average'") == [{"metric": "CPUUtilization", "value": 42.0}]
    assert run.query("select distinct status from metric_coverage where metric = 'mem_used_percent'") == [{"status": "denied"}]


def test_an_older_snapshot_stays_as_it_was_and_the_diff_tells_what_changed(run: Cli, instance_id: str) -> None:
    ec2 = boto3.client("ec2", region_name=REGION)
    ec2.create_tags(Resources=[instance_id], Tags=[{"Key": "Name", "Value": "web"}, {"Key": "env", "Value": "test"}])
    first = run("discover", *INSTANCES, "--json")
    assert first.stderr == ""  # quiet in a pipe
    before = json.loads(first.stdout)["snapshot_id"]
    ec2.create_tags(Resources=[instance_id], Tags=[{"Key": "env", "Value": "prod"}])
    second = ec2.run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    after = run.json("discover", *INSTANCES, "--json")["snapshot_id"]

    envs = "select name, tags['env'] as env from inventory order by name desc"
    assert run.query(envs) == [{"name": "web", "env": "prod"}, {"name": second, "env": None}]
    assert run.query(envs, before) == [{"name": "web", "env": "test"}]
    rows = run.json("diff", before, after, "--format", "json")
    assert {(row["change"], row["name"], row["attribute"], row["before"], row["after"]) for row in rows} == {
        ("appeared", second, None, None, None),
        ("changed", "web", "tags.env", "test", "prod"),
    }


def test_a_second_run_sees_late_points_of_three_hours_and_asks_for_nothing_older(run: Cli, instance_id: str) -> None:
    put_cpu(instance_id, 10.0, hours_ago=10)
    run.json("discover", *INSTANCES, "--json")
    run("metrics")
    seen = "select value from metrics where metric = 'CPUUtilization' and stat = 'Average' order by observed_at"
    assert run.query(seen) == [{"value": 10.0}]

    put_cpu(instance_id, 20.0, hours_ago=20)  # long read: nobody asks for that hour again
    put_cpu(instance_id, 30.0, hours_ago=2)
    run("metrics")

    assert run.query(seen) == [{"value": 10.0}, {"value": 30.0}]

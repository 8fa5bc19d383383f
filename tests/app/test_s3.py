"""Lake and reports in S3: the same contract as a folder."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from tests.app.conftest import Cli

pytestmark = pytest.mark.xdist_group("demo")
BUCKET = "acme-lake-elsewhere"


@pytest.fixture
def bucket(demo_emulator: Any) -> Iterator[Any]:
    # In a region that no estate of the tests has in scope, so that the shared emulator's inventory stays as it is.
    client = boto3.client("s3", endpoint_url=demo_emulator.url, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    client.create_bucket(Bucket=BUCKET)
    yield client
    for listed in client.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        client.delete_object(Bucket=BUCKET, Key=listed["Key"])
    client.delete_bucket(Bucket=BUCKET)


ESTATE = f"""
estate: acme
lake: s3://{BUCKET}/lake of acme
reports: [s3://{BUCKET}/published]
accounts: [{{id: "123456789012", regions: [us-west-2]}}]
metrics: {{days: 2, period_s: 3600}}
"""


def test_an_estate_is_assessed_into_s3_and_asked_there(cli: Cli, bucket: Any) -> None:
    (cli.folder / "estate.yaml").write_text(ESTATE)

    document = cli.json("assess", "--types", "AWS::EC2::Instance", "AWS::EC2::Subnet", "AWS::EC2::VPC", "--json")

    assert set(document) == {"snapshot_id", "plan_id", "reports", "counts", "coverage", "metric_gaps", "flow_log_gaps"}
    files = ["readiness.html", "report.json", "graph.html", "readiness.pdf"]
    assert [place.rpartition("/")[2] for place in document["reports"]] == [*files * 2, "index.html", "index.html"]
    assert all(place.startswith(f"s3://{BUCKET}/lake of acme/reports/acme/") for place in document["reports"][:4])
    assert all(place.startswith(f"s3://{BUCKET}/published/acme/") for place in document["reports"][4:8])
    for place in document["reports"]:
        body = bucket.get_object(Bucket=BUCKET, Key=place.removeprefix(f"s3://{BUCKET}/"))["Body"].read()
        assert body.startswith((b"<!doctype html>", b"%PDF-")) or json.loads(body)
    assert cli.query("select count(*) as n from inventory where type = 'AWS::EC2::VPC'") == [{"n": document["counts"]["AWS::EC2::VPC"]}]
    assert cli.query("select count(*) > 0 as some from metrics") == [{"some": True}]
    assert not (cli.folder / "lake").exists()
    cli("plan", "--json")


def test_a_bucket_that_is_not_there_is_named(cli: Cli) -> None:
    (cli.folder / "estate.yaml").write_text(ESTATE.replace(BUCKET, "no-such-bucket-of-acme"))

    done = cli("discover", "--types", "AWS::EC2::VPC", code=1)

    assert "no-such-bucket-of-acme" in done.stderr
    assert "Next:" in done.stderr
    assert "Traceback" not in done.stderr

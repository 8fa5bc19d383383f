"""Discovery of many accounts and regions: ours against sequential boto3 making the same calls, and against Cloud Custodian.

    .venv/bin/python -m tests.bench.bench_discovery [--scale 1] [--c7n-python .venv-c7n/bin/python]

Every call is answered 50 ms later than it is asked, from memory (see slow_endpoint.py). The calls of boto3 are exactly those that our
run made, written down as botocore makes them and made again one after the other with one client per service, region and account.
Cloud Custodian lists the types that both know, in one account and region; its run is timed after its imports, as ours is.
"""

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.bench.child import answered
from tests.bench.lines import Target, line, skipped
from tests.bench.peak import peak_mb

LATENCY_MS = 50
ACCOUNTS, REGIONS = 10, ("eu-central-1", "eu-west-1", "us-east-1", "us-west-2")
SEQUENTIAL = Target(ratio_at_least=10)
CUSTODIAN = Target(ratio_at_least=1)
UNITS_AT_ONCE = 8  # as flows/discover_estate.py has it
GLOBAL = "global"
OWN = "123456789012"
HERE = Path(__file__).parent
ROOT = HERE.parent.parent

# Our type -> Cloud Custodian's resource name. Not SQS: Custodian names AWS's own endpoint for it, and nothing here leaves the machine.
C7N_TYPES = {
    "AWS::EC2::VPC": "aws.vpc",
    "AWS::EC2::Subnet": "aws.subnet",
    "AWS::EC2::SecurityGroup": "aws.security-group",
    "AWS::EC2::RouteTable": "aws.route-table",
    "AWS::EC2::InternetGateway": "aws.internet-gateway",
    "AWS::EC2::NatGateway": "aws.nat-gateway",
    "AWS::EC2::NetworkAcl": "aws.network-acl",
    "AWS::EC2::EIP": "aws.elastic-ip",
    "AWS::EC2::NetworkInterface": "aws.eni",
    "AWS::EC2::VPCEndpoint": "aws.vpc-endpoint",
    "AWS::EC2::VPCPeeringConnection": "aws.peering-connection",
    "AWS::EC2::TransitGateway": "aws.transit-gateway",
    "AWS::EC2::Instance": "aws.ec2",
    "AWS::EC2::Volume": "aws.ebs",
    "AWS::EC2::Snapshot": "aws.ebs-snapshot",
    "AWS::EC2::Image": "aws.ami",
    "AWS::EC2::KeyPair": "aws.key-pair",
    "AWS::AutoScaling::AutoScalingGroup": "aws.asg",
    "AWS::ElasticLoadBalancingV2::LoadBalancer": "aws.app-elb",
    "AWS::ElasticLoadBalancingV2::TargetGroup": "aws.app-elb-target-group",
    "AWS::ElasticLoadBalancing::LoadBalancer": "aws.elb",
    "AWS::RDS::DBInstance": "aws.rds",
    "AWS::RDS::DBCluster": "aws.rds-cluster",
    "AWS::RDS::DBSubnetGroup": "aws.rds-subnet-group",
    "AWS::RDS::DBParameterGroup": "aws.rds-param-group",
    "AWS::DynamoDB::Table": "aws.dynamodb-table",
    "AWS::ElastiCache::CacheCluster": "aws.cache-cluster",
    "AWS::EFS::FileSystem": "aws.efs",
    "AWS::SNS::Topic": "aws.sns",
    "AWS::Lambda::Function": "aws.lambda",
    "AWS::ApiGateway::RestApi": "aws.rest-api",
    "AWS::ECS::Cluster": "aws.ecs",
    "AWS::ECR::Repository": "aws.ecr",
    "AWS::EKS::Cluster": "aws.eks",
    "AWS::SecretsManager::Secret": "aws.secrets-manager",
    "AWS::KMS::Key": "aws.kms-key",
    "AWS::CertificateManager::Certificate": "aws.acm-certificate",
    "AWS::CloudFormation::Stack": "aws.cfn",
}


def accounts(count: int) -> list[tuple[str, str | None]]:
    """Account ids with the role that leads into each (none for the caller's own)."""
    others = [f"{333_000_000_000 + number}" for number in range(1, count)]
    return [(OWN, None), *((one, f"arn:aws:iam::{one}:role/MigrationScan") for one in others)]


def fill(url: str, count: int, regions: tuple[str, ...]) -> None:
    """A small application in every account and region, so that details are asked for too."""
    from cloudmigrate.simulate.estate.parts import bucket, function, instance, role, security_group, subnet, table
    from cloudmigrate.simulate.seed import create
    from cloudmigrate.simulate.things import Act, Place, Thing

    tags = {"App": "bench", "Env": "prod"}

    def place(account_id: str, region: str) -> Place:
        steps: tuple[Thing | Act, ...] = (
            *((role("functions", "lambda", tags),) if region == regions[0] else ()),
            Thing("vpc", "AWS::EC2::VPC", {"CidrBlock": "10.0.0.0/16"}, tags),
            *(subnet(f"subnet-{zone}", "vpc", f"10.0.{number}.0/24", f"{region}{zone}", tags) for number, zone in enumerate("ab")),
            *security_group("web", "vpc", "web", tags, (443, "10.0.0.0/8")),
            *(instance(f"server-{number}", "m5.large", "subnet-a", ("web",), tags) for number in range(3)),
            Thing("jobs", "AWS::SQS::Queue", {"QueueName": "jobs"}, tags),
            Thing("events", "AWS::SNS::Topic", {"Name": "events"}, tags),
            table("orders", "order", tags),
            function("worker", "functions", account_id, {"TABLE": "orders"}, tags),
            *(bucket(f"bench-{account_id}-{region}", region, tags) if region != "us-east-1" else ()),
        )
        return Place(account_id, region, steps)

    create(url, [place(account_id, region) for account_id, _ in accounts(count) for region in regions])


@contextlib.contextmanager
def slow_endpoint(upstream: str) -> Iterator[str]:
    """The url of an endpoint that passes on to *upstream*, without delay until it is told."""
    command = [sys.executable, str(HERE / "slow_endpoint.py"), "--upstream", upstream]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.stdin.close()


def ask(url: str, path: str) -> dict[str, int]:
    """What the slow endpoint says about itself."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{url}/_slow/{path}") as answer:
        told: dict[str, int] = json.loads(answer.read())
    return told


def run_ours(count: int, regions: tuple[str, ...], types: tuple[str, ...], recorded: Path | None) -> dict[str, Any]:
    """Discover every account and region as the flow does; write down the calls where *recorded* says so."""
    from cloudmigrate import settings
    from cloudmigrate.aws.catalogue import CATALOGUE
    from cloudmigrate.aws.discover import discover_region
    from cloudmigrate.aws.models import operations_of
    from cloudmigrate.aws.sessions import AwsSessions
    from cloudmigrate.domain.estate import Account, Scope

    calls: list[tuple[str, str, str, str, dict[str, Any]]] = []
    if recorded:
        _record_calls(calls)
    entries = [Account(id=one, regions=regions, role_arn=role) for one, role in accounts(count)]
    units = [(account, region) for account in entries for region in (*regions, *(() if types else (GLOBAL,)))]
    started_s = time.perf_counter()
    sessions = AwsSessions(entries, correlation_id="bench", loopback_only=True, operations=operations_of(CATALOGUE))

    def discover(unit: tuple[Account, str]) -> Any:
        account, region = unit
        workers = settings.current().workers
        return discover_region(
            sessions, account, region, CATALOGUE, Scope(types=types), regions_in_scope=frozenset(regions), max_workers=workers
        )

    with ThreadPoolExecutor(UNITS_AT_ONCE) as threads:
        found = list(threads.map(discover, units))
    seconds = time.perf_counter() - started_s
    if recorded:
        recorded.write_text("\n".join(json.dumps(one, default=str) for one in calls))
    return {
        "seconds": seconds,
        "resources": sum(len(one.resources) for one in found),
        "counts": Counter(one.type for region in found for one in region.resources),
        "gaps": sorted({f"{row.type}: {row.detail}" for one in found for row in one.coverage if row.status.is_gap}),
    }


def _record_calls(calls: list[tuple[str, str, str, str, dict[str, Any]]]) -> None:
    """Write down every request that botocore is about to make: key id, region, service, operation, parameters."""
    import botocore.client

    make, lock = botocore.client.BaseClient._make_api_call, threading.Lock()

    def make_and_note(self: Any, operation: str, params: dict[str, Any]) -> Any:
        credentials = self._request_signer._credentials
        key_id = credentials.get_frozen_credentials().access_key if credentials else ""
        with lock:
            calls.append((key_id, self.meta.region_name, self.meta.service_model.service_name, operation, dict(params)))
        return make(self, operation, params)

    botocore.client.BaseClient._make_api_call = make_and_note


def run_boto3(recorded: Path) -> dict[str, Any]:
    """Make the recorded calls with plain boto3, one after the other."""
    import boto3
    from botocore import xform_name
    from botocore.exceptions import ClientError

    calls = [json.loads(line) for line in recorded.read_text().splitlines()]
    started_s = time.perf_counter()
    session = boto3.Session()
    own = session.get_credentials().get_frozen_credentials()
    keys: dict[str, dict[str, str]] = {own.access_key: {}}
    clients: dict[tuple[str, str, str], Any] = {}
    refused = 0
    # Roles are assumed where our run assumed them: the answers give the keys that the calls after them need.
    for key_id, region, service, operation, params in sorted(calls, key=lambda call: call[3] != "AssumeRole"):
        client = clients.get((key_id, region, service))
        if client is None:
            client = clients[key_id, region, service] = session.client(service, region_name=region, **keys[key_id])
        try:
            answer = getattr(client, xform_name(operation))(**params)
        except ClientError:
            refused += 1  # "there is no bucket policy" and the like are answers
            continue
        if operation == "AssumeRole":
            held = answer["Credentials"]
            keys[held["AccessKeyId"]] = {
                "aws_access_key_id": held["AccessKeyId"],
                "aws_secret_access_key": held["SecretAccessKey"],
                "aws_session_token": held["SessionToken"],
            }
    return {"seconds": time.perf_counter() - started_s, "made": len(calls), "refused": refused}


def run_c7n(region: str, names: list[str]) -> dict[str, Any]:
    """List these resource types with Cloud Custodian; only this function runs in its environment."""
    from c7n.config import Config
    from c7n.loader import PolicyLoader
    from c7n.resources import load_resources

    _refuse_far_hosts()
    load_resources(names)
    with tempfile.TemporaryDirectory() as folder:
        options = Config.empty(region=region, regions=[region], account_id=OWN, output_dir=folder, cache="memory", cache_period=0)
        policies = [{"name": name.replace(".", "-"), "resource": name} for name in names]
        loaded = PolicyLoader(options).load_data({"policies": policies}, "memory://bench")
        started_s = time.perf_counter()
        counts, failed = {}, {}
        for policy in loaded:
            try:
                counts[policy.resource_type] = len(policy.resource_manager.resources())
            except Exception as error:  # noqa: BLE001 - a type that it cannot list here is left out of the comparison, by name
                failed[policy.resource_type] = f"{type(error).__name__}: {error}"[:200]
        return {"seconds": time.perf_counter() - started_s, "counts": counts, "failed": failed}


def _refuse_far_hosts() -> None:
    """Let no request leave this machine: some of Custodian's resources name an endpoint of their own."""
    import botocore.httpsession

    send = botocore.httpsession.URLLib3Session.send

    def send_near(self: Any, request: Any) -> Any:
        if not request.url.startswith("http://127.0.0.1:"):
            raise RuntimeError(f"refused to call {request.url}")
        return send(self, request)

    botocore.httpsession.URLLib3Session.send = send_near


def measured(url: str, side: str, *arguments: str, python: str = sys.executable) -> dict[str, Any]:
    """What one side did in a process of its own, with its peak memory and the endpoint's counts."""
    from cloudmigrate.simulate.emulator import environment_for

    ask(url, "stats")
    environment = {**environment_for(url), "NO_PROXY": "127.0.0.1", "AWS_MAX_ATTEMPTS": "1"}
    return answered("discovery", "--side", side, *arguments, python=python, environment=environment) | ask(url, "stats")


def against_boto3(url: str, count: int, regions: tuple[str, ...], options: argparse.Namespace) -> str:
    """The line of ours against sequential boto3."""
    where = ("--accounts", str(count), "--regions", ",".join(regions))
    with tempfile.TemporaryDirectory() as folder:
        recorded = Path(folder) / "calls.jsonl"
        shape = (*where, "--recorded", str(recorded))
        ask(url, "latency/0")
        measured(url, "ours", *shape)  # fills the endpoint's memory and writes the calls down
        measured(url, "boto3", *shape)
        ask(url, f"latency/{options.latency_ms}")
        ours = [measured(url, "ours", *where) for _ in range(options.repeat)]
        peer = measured(url, "boto3", *shape)
    middle = sorted(ours, key=lambda one: one["seconds"])[options.repeat // 2]  # not the fastest: boto3 has one run only
    assert middle["calls"] == peer["calls"], f"ours made {middle['calls']} calls, boto3 {peer['calls']}"
    assert not middle.get("fetched"), "the emulator was asked while the clock ran"
    print(
        f"discovery: {count} accounts x {len(regions)} regions, {middle['resources']} resources, {middle['calls']} calls each, "
        f"at most {middle['most_at_once']} at once",
        flush=True,
    )
    for gap in middle["gaps"]:
        print(f"discovery: gap: {gap}")
    ratio = peer["seconds"] / middle["seconds"]
    return line(
        "discovery-vs-sequential",
        middle["seconds"],
        "boto3",
        peer["seconds"],
        ratio=ratio,
        peak_mb=max(one["peak_mb"] for one in ours),
        target=SEQUENTIAL if options.scale >= 1 else None,
    )


def against_c7n(url: str, options: argparse.Namespace) -> str:
    """The line of ours against Cloud Custodian, over the types that both can list here."""
    if not Path(options.c7n_python).exists():
        return skipped("discovery-vs-c7n", f"there is no {options.c7n_python} (`make bench` builds it)")
    names = ",".join(C7N_TYPES.values())
    ask(url, "latency/0")
    tried = measured(url, "c7n", "--types", names, python=options.c7n_python)
    for name, reason in tried["failed"].items():
        print(f"discovery: c7n cannot list {name} here: {reason}")
    failed = {name.removeprefix("aws.") for name in tried["failed"]}
    types = {ours: name for ours, name in C7N_TYPES.items() if name.removeprefix("aws.") not in failed}
    arguments = ("--accounts", "1", "--regions", REGIONS[0], "--types", ",".join(types))
    measured(url, "ours", *arguments)
    ask(url, f"latency/{options.latency_ms}")
    ours, peers = [], []
    for _ in range(options.repeat):
        ours.append(measured(url, "ours", *arguments))
        peers.append(measured(url, "c7n", "--types", ",".join(types.values()), python=options.c7n_python))
    _same_counts(types, ours[0]["counts"], peers[0]["counts"])
    seconds, peer_seconds = (min(one["seconds"] for one in side) for side in (ours, peers))
    print(
        f"discovery: {len(types)} types in one account and region, {ours[0]['resources']} resources; "
        f"calls: ours {ours[0]['calls']}, c7n {peers[0]['calls']}",
        flush=True,
    )
    return line(
        "discovery-vs-c7n",
        seconds,
        "c7n",
        peer_seconds,
        ratio=peer_seconds / seconds,
        peak_mb=max(one["peak_mb"] for one in ours),
        target=CUSTODIAN if options.scale >= 1 else None,
        remark=f"c7n {max(one['peak_mb'] for one in peers):.0f} MB",
    )


def _same_counts(types: dict[str, str], ours: dict[str, int], peers: dict[str, int]) -> None:
    """Say where the two sides do not list the same number."""
    by_name = {name.removeprefix("aws."): count for name, count in peers.items()}
    for kind, name in types.items():
        if ours.get(kind, 0) != by_name.get(name.removeprefix("aws."), 0):
            print(f"discovery: {kind}: ours lists {ours.get(kind, 0)}, c7n {by_name.get(name.removeprefix('aws.'), 0)}")


def run_side(arguments: argparse.Namespace) -> None:
    """The work of one child process: its result is one line of JSON."""
    types = tuple(arguments.types.split(",")) if arguments.types else ()
    recorded = Path(arguments.recorded) if arguments.recorded else None
    if arguments.side == "ours":
        told = run_ours(arguments.accounts, tuple(arguments.regions.split(",")), types, recorded)
    elif arguments.side == "boto3":
        assert recorded is not None
        told = run_boto3(recorded)
    else:
        told = run_c7n(REGIONS[0], list(types))
    print(json.dumps(told | {"peak_mb": peak_mb()}))


def main(argv: list[str] | None = None) -> None:
    """Run both comparisons and print their lines."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1, help="share of ten accounts of four regions; targets are judged from 1 on")
    parser.add_argument(
        "--repeat",
        type=int,
        default=3,
        help="runs of ours and of c7n: the median of ours against boto3's one, the fastest of each against c7n",
    )
    parser.add_argument("--latency-ms", type=float, default=LATENCY_MS)
    parser.add_argument("--c7n-python", default=".venv-c7n/bin/python")
    for hidden in ("--side", "--types", "--recorded", "--regions"):
        parser.add_argument(hidden, help=argparse.SUPPRESS)
    parser.add_argument("--accounts", type=int, default=1, help=argparse.SUPPRESS)
    arguments = parser.parse_args(argv)
    if arguments.side:
        run_side(arguments)
        return
    from cloudmigrate.simulate.emulator import Emulator

    count = max(round(ACCOUNTS * arguments.scale), 1)
    regions = REGIONS[: max(round(ACCOUNTS * len(REGIONS) * arguments.scale / count), 1)]
    with Emulator() as emulator, slow_endpoint(emulator.url) as url:
        fill(emulator.url, count, regions)
        print(against_boto3(url, count, regions, arguments), flush=True)
        print(against_c7n(url, arguments), flush=True)


if __name__ == "__main__":
    main()

"""Dependencies end to end: configuration and traffic of an emulated estate, folded and joined; and again offline, as people decide."""

import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from cloudmigrate.simulate.emulator import Emulator
from tests.app.conftest import Cli, environment_of
from tests.flow_log_samples import Host, conversation, packed

pytestmark = pytest.mark.xdist_group("dependencies")

ACCOUNT, REGION, BUCKET = "123456789012", "us-west-2", "flow-logs-of-acme"
PREFIX = f"AWSLogs/{ACCOUNT}/vpcflowlogs/{REGION}/"
TYPES = (
    "AWS::EC2::Instance",
    "AWS::EC2::NetworkInterface",
    "AWS::EC2::VPC",
    "AWS::EC2::Subnet",
    "AWS::EC2::SecurityGroup",
    "AWS::EC2::NetworkAcl",
    "AWS::EC2::RouteTable",
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::ElasticLoadBalancingV2::TargetGroup",
    "AWS::Lambda::Function",
    "AWS::Lambda::EventSourceMapping",
    "AWS::SQS::Queue",
)
ESTATE = f"""\
estate: acme
accounts: [{{id: "{ACCOUNT}", regions: [{REGION}]}}]
traffic: {{days: 3}}
workloads: ./workloads.csv
"""
FLOW_LOGS = f'flow_logs: ["s3://{BUCKET}/{PREFIX}"]\n'


def client(service: str) -> Any:
    return boto3.client(service, region_name=REGION)


class World:
    """Two web servers behind a balancer, a database server, a DNS server that all ask, and a function fed by a queue."""

    def __init__(self) -> None:
        ec2 = client("ec2")
        self.vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        zones = (f"{REGION}a", f"{REGION}b")
        subnets = [
            ec2.create_subnet(VpcId=self.vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
            for number, zone in enumerate(zones)
        ]
        group = ec2.create_security_group(GroupName="app", Description="app", VpcId=self.vpc)["GroupId"]
        ec2.authorize_security_group_ingress(
            GroupId=group,
            IpPermissions=[
                {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "10.0.0.0/16"}]},
                {"IpProtocol": "udp", "FromPort": 53, "ToPort": 53, "IpRanges": [{"CidrIp": "10.0.0.0/16"}]},
            ],
        )
        names = ("web-1", "web-2", "db", "dns", "job-1", "job-2")
        made = ec2.run_instances(
            ImageId="ami-12345678", MinCount=len(names), MaxCount=len(names), SubnetId=subnets[0], SecurityGroupIds=[group]
        )["Instances"]
        self.hosts = {
            name: Host(
                one["InstanceId"],
                one["NetworkInterfaces"][0]["PrivateIpAddress"],
                self.vpc,
                one["NetworkInterfaces"][0]["NetworkInterfaceId"],
            )
            for name, one in zip(names, made, strict=True)
        }
        for name, host in self.hosts.items():
            tags = [{"Key": "Name", "Value": name}] + ([{"Key": "App", "Value": "Shop"}] if name in ("web-1", "web-2") else [])
            ec2.create_tags(Resources=[host.name], Tags=tags)
        elb = client("elbv2")
        self.balancer = elb.create_load_balancer(Name="front", Subnets=subnets, SecurityGroups=[group])["LoadBalancers"][0][
            "LoadBalancerArn"
        ]
        self.targets = elb.create_target_group(Name="web", Protocol="HTTP", Port=80, VpcId=self.vpc)["TargetGroups"][0]["TargetGroupArn"]
        elb.register_targets(TargetGroupArn=self.targets, Targets=[{"Id": self.hosts[name].name} for name in ("web-1", "web-2")])
        forward = [{"Type": "forward", "TargetGroupArn": self.targets}]
        elb.create_listener(LoadBalancerArn=self.balancer, Protocol="HTTP", Port=80, DefaultActions=forward)
        self._function()

    def _function(self) -> None:
        role = client("iam").create_role(RoleName="worker", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": []}))
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            archive.writestr("main.py", "def handler(event, context): ...")
        queue = client("sqs").create_queue(QueueName="jobs")["QueueUrl"]
        self.queue = client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        self.function = client("lambda").create_function(
            FunctionName="worker",
            Runtime="python3.12",
            Role=role["Role"]["Arn"],
            Handler="main.handler",
            Code={"ZipFile": code.getvalue()},
        )["FunctionArn"]
        mapping = client("lambda").create_event_source_mapping(EventSourceArn=self.queue, FunctionName="worker")
        self.mapping = f"arn:aws:lambda:{REGION}:{ACCOUNT}:event-source-mapping:{mapping['UUID']}"

    def uid(self, name: str) -> str:
        return f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/{self.hosts[name].name}"

    def talk(self) -> None:
        """A day's flow logs: the web servers ask the database and each other's balancer port, and everybody asks the DNS server."""
        at = datetime.now(UTC) - timedelta(days=1)
        lines = [line for name in ("web-1", "web-2") for line in conversation(self.hosts[name], self.hosts["db"], 5432, at=at)]
        lines += conversation(self.hosts["job-1"], self.hosts["job-2"], 80, at=at)
        lines += [
            line
            for name in self.hosts
            if name != "dns"
            for line in conversation(self.hosts[name], self.hosts["dns"], 53, at=at, protocol=17)
        ]
        s3 = client("s3")
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_object(Bucket=BUCKET, Key=f"{PREFIX}{at:%Y/%m/%d}/one.log.gz", Body=packed(lines))


@pytest.fixture
def run(tmp_path: Path, clean_emulator: Emulator, prefect_url: str) -> Cli:
    (tmp_path / "workloads.csv").write_text("uid,workload\n")
    return Cli(tmp_path, environment_of(clean_emulator, prefect_url))


@pytest.fixture
def world(clean_emulator: Emulator) -> World:
    return World()


def test_configuration_and_traffic_become_dependencies_and_people_decide_offline(run: Cli, world: World, prefect_url: str) -> None:
    (run.folder / "estate.yaml").write_text(ESTATE + FLOW_LOGS)
    (run.folder / "workloads.csv").write_text(f"uid,workload\n{world.uid('db')},Data\narn:aws:gone,Old\n")
    world.talk()
    run("discover", "--types", *TYPES)

    told = run("dependencies")

    assert "workloads name resources that the snapshot lacks" in told.stderr + told.stdout
    rows = run.query("select source_uid, target_uid, kind, port, allowed, statements, via from dependencies order by all")
    kinds = [row["kind"] for row in rows]
    seen, stated, both = len(rows) - kinds.count("config"), len(rows) - kinds.count("traffic"), kinds.count("both")
    assert f"dependencies: {len(rows)}; {seen} seen in traffic, {stated} stated by configuration, {both} both;" in told.stdout
    edges = {(row["source_uid"], row["target_uid"], row["kind"], row["port"], row["allowed"]) for row in rows}
    uid = world.uid
    assert edges == {
        (world.balancer, uid("web-1"), "config", None, None),
        (world.balancer, uid("web-2"), "config", None, None),
        (world.function, world.queue, "config", None, None),
        # Seen, and by the rules of today not allowed any more: shown as such.
        (uid("web-1"), uid("db"), "traffic", 5432, False),
        (uid("web-2"), uid("db"), "traffic", 5432, False),
        (uid("job-1"), uid("job-2"), "traffic", 80, True),
        *((uid(name), uid("dns"), "traffic", 53, True) for name in world.hosts if name != "dns"),
    }
    through = {(row["source_uid"], tuple(row["via"])) for row in rows if row["kind"] == "config"}
    assert through == {(world.balancer, (world.targets,)), (world.function, (world.mapping,))}
    folded = {(row["uid"], row["into_uid"]) for row in run.query("select uid, into_uid from plumbing")}
    assert {(world.targets, world.balancer), (world.mapping, world.function)} < folded
    assert len(folded) == 2 + len(world.hosts)  # and every instance's interface
    shared = "select uid, service, peers, held_out from shared_services"
    assert run.query(shared) == [{"uid": uid("dns"), "service": "dns", "peers": 5, "held_out": True}]
    assert workloads(run, uid("web-1"), uid("db"), world.balancer, world.targets) == {
        uid("web-1"): ("Shop", "tag"),
        uid("db"): ("Data", "mapping"),
        world.balancer: ("Shop", "traffic"),
        world.targets: ("Shop", "traffic"),
    }
    assert run.query("select count(*) as n from rule_findings where finding = 'used'") != [{"n": 0}]

    offline = Cli(run.folder, environment_of(None, prefect_url) | {"AWS_EC2_METADATA_DISABLED": "true", "HOME": str(run.folder)})
    offline("decide", "shared", uid("dns"), "put_back", "--reason", "ours alone", CLOUDMIGRATE_USER="ada")
    offline("decide", "workload", uid("db"), "Ledger", "--reason", "they pay", CLOUDMIGRATE_USER="ada")
    offline("decide", "workload", "arn:aws:nobody", "Ledger", code=2)
    offline("dependencies", "--offline")

    assert offline.query(shared) == [{"uid": uid("dns"), "service": "dns", "peers": 5, "held_out": False}]
    assert workloads(offline, uid("db")) == {uid("db"): ("Ledger", "decision")}
    assert offline.query("select count(*) as n from dependencies") == [{"n": len(rows)}]
    offline("decide", "withdraw", "workload", uid("db"), CLOUDMIGRATE_USER="ada")
    assert [row["kind"] for row in offline.json("decide", "list", "--format", "json")] == ["shared"]
    assert len(offline.json("decide", "list", "--history", "--format", "json")) == 3


def workloads(run: Cli, *uids: str) -> dict[str, tuple[str, str]]:
    found = {row["uid"]: (row["workload"], row["source"]) for row in run.query("select uid, workload, source from workloads")}
    return {uid: found[uid] for uid in uids}


def test_without_flow_logs_configuration_speaks_and_it_is_said(run: Cli, world: World) -> None:
    (run.folder / "estate.yaml").write_text(ESTATE)
    run("discover", "--types", *TYPES)

    done = run("dependencies")

    assert "traffic is not measured" in done.stdout
    assert run.query("select distinct kind, observed from dependencies") == [{"kind": "config", "observed": False}]
    assert "traffic is not measured" in run("query", "select count(*) from traffic").stderr


def test_a_bad_list_of_workloads_is_told_by_file_and_line_before_anything_is_read(run: Cli, world: World) -> None:
    (run.folder / "estate.yaml").write_text(ESTATE)
    run("discover", "--types", "AWS::EC2::VPC")
    (run.folder / "workloads.csv").write_text("uid,workload\narn:a,Shop\narn:a,Crm\n")

    done = run("dependencies", code=2)

    assert "workloads.csv is not a valid list of workloads" in done.stderr
    assert "line 3: arn:a is in 'Crm' here and in 'Shop' on line 2" in done.stderr

"""A container service behind a load balancer, on the emulator; all that can be left over in both regions; and the steps that move it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cloudmigrate.aws.sessions import AwsSessions
from cloudmigrate.domain.itineraries.compile import compile_wave
from cloudmigrate.domain.resources import Resource
from cloudmigrate.domain.steps import Step
from cloudmigrate.domain.target_policy import TargetPolicy
from tests.execution.small_estate import ACCOUNT, SOURCE, TARGET, sessions
from tests.execution.small_functions import discovered, network_of, repositories
from tests.execution.small_images import push, push_index

SECRET = "hunter2, with a comma"
HOST = f"{ACCOUNT}.dkr.ecr.{SOURCE}.amazonaws.com"
TYPES = ("AWS::ECS::Service", "AWS::ECS::Cluster", "AWS::ECS::TaskDefinition")
SECRET_ARN = "arn:aws:secretsmanager:{}:123456789012:secret:api-{}"
ROLE = "arn:aws:iam::123456789012:role/pulls-images"


@dataclass
class SmallServices:
    """What was made, and what was discovered of it."""

    sessions: AwsSessions
    resources: list[Resource]
    policy: TargetPolicy
    uids: Mapping[str, str]
    target_group: str

    def steps(self) -> list[Step]:
        """The steps of the only wave."""
        group = {"id": "shop-group", "members": sorted(self.uids.values()), "needs": [], "wave": 1}
        return compile_wave({"plan_id": "plan-1", "groups": [group]}, self.resources, self.policy, 1)

    def state(self) -> dict[str, Any]:
        """All that there is, with names in the place of ids."""
        elbv2 = self.sessions.client(ACCOUNT, "elbv2", TARGET)
        health = elbv2.describe_target_health(TargetGroupArn=self.target_group)["TargetHealthDescriptions"]
        found = {region: state_of_region(self.sessions, region) for region in (SOURCE, TARGET)}
        return {**found, "healthy": len(health), "repositories": repositories(self.sessions)}


def state_of_region(clients: AwsSessions, region: str) -> dict[str, Any]:
    """All of ECS and CloudFormation that a migration could leave behind or take away."""
    ecs, stacks = (clients.client(ACCOUNT, service, region) for service in ("ecs", "cloudformation"))
    clusters = [one.rpartition("/")[2] for one in ecs.list_clusters()["clusterArns"]]
    services = []
    for cluster in clusters:
        arns = ecs.list_services(cluster=cluster)["serviceArns"]
        for one in ecs.describe_services(cluster=cluster, services=arns)["services"] if arns else ():
            if one["status"] == "ACTIVE":
                services.append((cluster, one["serviceName"], one["desiredCount"], one["runningCount"], one["launchType"]))
    return {
        "clusters": sorted(clusters),
        "services": sorted(services),
        "tasks": sorted(_task(ecs, arn) for arn in ecs.list_task_definitions(status="ACTIVE")["taskDefinitionArns"]),
        "stacks": sorted(one["StackStatus"] for one in stacks.describe_stacks()["Stacks"]),
        "change_sets": len(stacks.list_change_sets(StackName="any")["Summaries"]),
    }


def _task(ecs: Any, arn: str) -> str:
    task = ecs.describe_task_definition(taskDefinition=arn)["taskDefinition"]
    shown = ("name", "image", "command", "environment", "secrets", "logConfiguration", "portMappings")
    containers = [{name: one.get(name) for name in shown} for one in task["containerDefinitions"]]
    return repr((task["family"], task.get("cpu"), task.get("memory"), task.get("executionRoleArn"), containers))


def make(*, kind: str = "FARGATE", **more: Any) -> SmallServices:
    """A service of two containers of ECR and a public one. *more*: of the policy; *kind*: its launch type."""
    clients = sessions()
    ecs, ecr, ec2, there = (clients.client(ACCOUNT, *one) for one in (("ecs", SOURCE), ("ecr", SOURCE), ("ec2", SOURCE), ("ec2", TARGET)))
    push(ecr, "team/web", "v1")
    push_index(ecr, "team/agent", "v2")
    (subnet, group), (target_subnet, target_group) = (network_of(one) for one in (ec2, there))
    balanced = [_target_group(clients, region, one) for region, one in ((SOURCE, ec2), (TARGET, there))]
    cluster = ecs.create_cluster(clusterName="shop")["cluster"]["clusterArn"]
    task = ecs.register_task_definition(**task_definition(kind))["taskDefinition"]["taskDefinitionArn"]
    network = {"awsvpcConfiguration": {"subnets": [subnet], "securityGroups": [group], "assignPublicIp": "DISABLED"}}
    service = ecs.create_service(
        cluster="shop",
        serviceName="web",
        taskDefinition=task,
        desiredCount=3,
        launchType=kind,
        networkConfiguration=network,
        loadBalancers=[{"targetGroupArn": balanced[0], "containerName": "web", "containerPort": 8080}],
        tags=[{"key": "team", "value": "shop"}],
    )["service"]["serviceArn"]
    said: dict[str, Any] = {
        "region": TARGET,
        "subnets": {subnet: target_subnet},
        "security_groups": {group: target_group},
        "target_groups": {balanced[0]: balanced[1]},
        "secrets": {SECRET_ARN.format(SOURCE, "aB1"): SECRET_ARN.format(TARGET, "cD2")},
        "log_groups": {"/shop/web": "/target/web"},
    }
    policy = TargetPolicy.model_validate(said | more)
    return SmallServices(clients, discovered(clients, TYPES), policy, {"service": service, "cluster": cluster, "task": task}, balanced[1])


def task_definition(kind: str) -> dict[str, Any]:
    """What the service runs."""
    log = {"awslogs-group": "/shop/web", "awslogs-region": SOURCE, "awslogs-stream-prefix": "web"}
    web = {
        "name": "web",
        "image": f"{HOST}/team/web:v1",
        "essential": True,
        "portMappings": [{"containerPort": 8080, "protocol": "tcp"}],
        "command": ["serve", "--token", SECRET],
        "environment": [{"name": "DB_PASSWORD", "value": SECRET}, {"name": "STAGE", "value": "production"}],
        "secrets": [{"name": "API_KEY", "valueFrom": f"{SECRET_ARN.format(SOURCE, 'aB1')}:key::"}],
        "logConfiguration": {"logDriver": "awslogs", "options": log},
    }
    agent = {"name": "agent", "image": f"{HOST}/team/agent:v2", "essential": False, "memory": 64}
    public = {"name": "proxy", "image": "public.ecr.aws/nginx/nginx:1.27", "essential": False}
    return {
        "family": "web",
        "networkMode": "awsvpc",
        "requiresCompatibilities": [kind],
        "cpu": "256",
        "memory": "512",
        "executionRoleArn": ROLE,
        "containerDefinitions": [web, agent, public],
    }


def _target_group(clients: AwsSessions, region: str, ec2: Any) -> str:
    elbv2, vpc = clients.client(ACCOUNT, "elbv2", region), ec2.describe_subnets()["Subnets"][0]["VpcId"]
    made = elbv2.create_target_group(Name="web", Protocol="HTTP", Port=8080, VpcId=vpc, TargetType="ip")
    return str(made["TargetGroups"][0]["TargetGroupArn"])

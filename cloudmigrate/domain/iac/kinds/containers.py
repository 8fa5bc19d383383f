"""ECS clusters and services.

Source: AWS CloudFormation template reference, AWS::ECS::Cluster and Service.
"""

from collections.abc import Iterator

from cloudmigrate.domain.iac.kind import GIVEN, Kind, same_name_there
from cloudmigrate.domain.iac.kinds.task_definitions import SERVICE, task_of, with_capitals
from cloudmigrate.domain.iac.model import TargetResource
from cloudmigrate.domain.iac.source import NotGenerated, Source, as_it_is, branch, frozen, transformed
from cloudmigrate.domain.iac.values import Items, Leaf, Node, Ref

CLUSTER = "AWS::ECS::Cluster"
GROUP = "AWS::ElasticLoadBalancingV2::TargetGroup"
RUN_TIME = "what it does at the moment"
AWS_PROVIDERS = ("FARGATE", "FARGATE_SPOT")


def cluster(source: Source) -> Iterator[TargetResource]:
    """A cluster with its settings; what runs in it comes by its services, and servers of it by themselves."""
    providers = [one for one in source.value("capacityProviders") or () if one in AWS_PROVIDERS]
    properties: dict[str, Node | None] = {
        "ClusterName": source.same_name("clusterName"),
        "CapacityProviders": Leaf(tuple(providers), transformed("capacityProviders", "those that AWS has")) if providers else None,
        "ClusterSettings": _capital(source, "settings"),
        "DefaultCapacityProviderStrategy": _capital(source, "defaultCapacityProviderStrategy") if providers else None,
        "Tags": source.tags(),
    }
    source.read |= {"clusterName", "defaultCapacityProviderStrategy"}
    yield source.target(CLUSTER, properties)


def service(source: Source) -> Iterator[TargetResource]:
    """A service with the task definition that it runs. It begins with no task: cutover starts them."""
    if str((source.value("deploymentController") or {}).get("type", "ECS")) != "ECS":
        raise NotGenerated("CodeDeploy or another controller deploys it; deploy it by its own pipeline into the target's cluster")
    task = source.value("taskDefinitionInUse")
    if not task:
        raise NotGenerated("its task definition was not read; grant ecs:DescribeTaskDefinition and discover again")
    made = task_of(source, task, "taskDefinitionInUse")
    network = "networkConfiguration.awsvpcConfiguration"
    strategy = _capital(source, "capacityProviderStrategy")
    deployment = source.value("deploymentConfiguration") or {}
    properties: dict[str, Node | None] = {
        "ServiceName": source.same_name("serviceName"),
        "Cluster": source.referred("clusterArn", type_=CLUSTER, where="targets.clusters"),
        "TaskDefinition": Leaf(Ref(made.key), transformed("taskDefinition", "the task definition of the target")),
        "DesiredCount": Leaf(source.value("desiredCount"), transformed("desiredCount", "as many as at the source")),
        "LaunchType": None if strategy else source.copied("launchType"),
        "CapacityProviderStrategy": strategy,
        "DeploymentConfiguration": branch(
            MaximumPercent=as_it_is(deployment.get("maximumPercent"), "deploymentConfiguration.maximumPercent"),
            MinimumHealthyPercent=as_it_is(deployment.get("minimumHealthyPercent"), "deploymentConfiguration.minimumHealthyPercent"),
            DeploymentCircuitBreaker=as_it_is(
                with_capitals(deployment.get("deploymentCircuitBreaker")), "deploymentConfiguration.deploymentCircuitBreaker"
            ),
        ),
        "LoadBalancers": _balancers(source),
        "NetworkConfiguration": branch(
            AwsvpcConfiguration=branch(
                AssignPublicIp=source.copied(f"{network}.assignPublicIp"),
                SecurityGroups=source.all_referred(
                    network, source.value(f"{network}.securityGroups") or (), where="targets.security_groups"
                ),
                Subnets=source.all_referred(network, source.value(f"{network}.subnets") or (), where="targets.subnets"),
            )
        ),
        "HealthCheckGracePeriodSeconds": source.copied("healthCheckGracePeriodSeconds"),
        "PlatformVersion": source.copied("platformVersion"),
        "PropagateTags": source.copied("propagateTags") if source.spec.get("propagateTags") != "NONE" else None,
        "SchedulingStrategy": source.copied("schedulingStrategy"),
        "EnableECSManagedTags": source.copied("enableECSManagedTags"),
        "EnableExecuteCommand": source.copied("enableExecuteCommand"),
        "PlacementConstraints": _capital(source, "placementConstraints"),
        "PlacementStrategies": _capital(source, "placementStrategy"),
        "Tags": source.tags(),
    }
    source.read |= {"serviceName", "launchType", "taskDefinition", "propagateTags"}
    yield source.target(SERVICE, properties)
    yield made


def _balancers(source: Source) -> Items | None:
    found = []
    for number, one in enumerate(source.value("loadBalancers") or ()):
        path = f"loadBalancers[{number}]"
        group = source.referred(path, one.get("targetGroupArn") or "", type_=GROUP, where="targets.target_groups")
        members = branch(
            ContainerName=as_it_is(one.get("containerName"), path),
            ContainerPort=as_it_is(one.get("containerPort"), path),
            TargetGroupArn=group,
        )
        found += [members] if members and group else []
    return Items(tuple(found)) if found else None


def _capital(source: Source, path: str) -> Leaf | None:
    found = source.value(path)
    return Leaf(frozen(with_capitals(found)), transformed(path, "as it is")) if found else None


KINDS = (
    Kind(
        CLUSTER,
        cluster,
        known_as=("clusterName",),
        named_arn=same_name_there,
        not_configuration={
            "clusterArn": GIVEN,
            "status": RUN_TIME,
            "pendingTasksCount": RUN_TIME,
            "runningTasksCount": RUN_TIME,
            "activeServicesCount": RUN_TIME,
            "registeredContainerInstancesCount": RUN_TIME,
            "containerInstanceArns": RUN_TIME,
            "containerInstances": "servers move by themselves",
        },
    ),
    Kind(
        SERVICE,
        service,
        not_configuration={
            "Parent": GIVEN,
            "serviceArn": GIVEN,
            "status": RUN_TIME,
            "pendingCount": RUN_TIME,
            "runningCount": RUN_TIME,
            "createdAt": RUN_TIME,
            "createdBy": RUN_TIME,
            "deployments": RUN_TIME,
            "events": RUN_TIME,
            "platformFamily": GIVEN,
            "roleArn": "AWS's own role of ECS",
        },
    ),
)

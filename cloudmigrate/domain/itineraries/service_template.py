"""A container service and its task definition as CloudFormation has them, made from the inventory. The same input, the same template.

Source: AWS CloudFormation template reference, AWS::ECS::TaskDefinition and AWS::ECS::Service.
"""

from collections.abc import Mapping
from typing import Any

from cloudmigrate.domain.acts.record import quoted
from cloudmigrate.domain.itineraries.mapped import Mapped, without_nothing
from cloudmigrate.domain.itineraries.stacks import Template

# Members of a container that mean the same in the target and hold no secret.
CONTAINER = (
    "cpu",
    "dependsOn",
    "disableNetworking",
    "dnsSearchDomains",
    "dnsServers",
    "dockerSecurityOptions",
    "essential",
    "extraHosts",
    "hostname",
    "interactive",
    "links",
    "linuxParameters",
    "memory",
    "memoryReservation",
    "mountPoints",
    "name",
    "portMappings",
    "privileged",
    "pseudoTerminal",
    "readonlyRootFilesystem",
    "resourceRequirements",
    "restartPolicy",
    "startTimeout",
    "stopTimeout",
    "systemControls",
    "ulimits",
    "user",
    "versionConsistency",
    "volumesFrom",
    "workingDirectory",
)
TASK = ("cpu", "ephemeralStorage", "family", "ipcMode", "memory", "networkMode", "pidMode", "placementConstraints", "runtimePlatform")
SERVICE = (
    "enableECSManagedTags",
    "enableExecuteCommand",
    "healthCheckGracePeriodSeconds",
    "placementConstraints",
    "placementStrategy",
    "platformVersion",
    "propagateTags",
    "schedulingStrategy",
)


def task_resource(task: Mapping[str, Any], images: Mapping[str, Any], mapped: Mapped, template: Template) -> dict[str, Any]:
    """The task definition. *images*: what is copied, by the name that the source has for it."""
    containers = [_container(one, number, images, mapped, template) for number, one in enumerate(task["containerDefinitions"])]
    properties = {
        **_capital({name: task.get(name) for name in TASK}),
        "ContainerDefinitions": containers,
        "ExecutionRoleArn": mapped.role(str(task["executionRoleArn"])) if task.get("executionRoleArn") else None,
        "RequiresCompatibilities": task.get("requiresCompatibilities"),
        "TaskRoleArn": mapped.role(str(task["taskRoleArn"])) if task.get("taskRoleArn") else None,
        "Volumes": [{"Name": one["name"]} for one in task.get("volumes") or ()],
    }
    return {"Type": "AWS::ECS::TaskDefinition", "Properties": without_nothing(properties)}


def service_resource(spec: Mapping[str, Any], cluster: str, task: str, desired: Any, mapped: Mapped) -> dict[str, Any]:
    """The service. *task*: the logical id of its task definition; *desired*: how many run, as many as at the source."""
    network = (spec.get("networkConfiguration") or {}).get("awsvpcConfiguration")
    deployment = spec.get("deploymentConfiguration") or {}
    kept = ("deploymentCircuitBreaker", "maximumPercent", "minimumHealthyPercent")
    properties = {
        **_capital({name: spec.get(name) for name in SERVICE}),
        "CapacityProviderStrategy": _capital(spec.get("capacityProviderStrategy")),
        "Cluster": cluster,
        "DeploymentConfiguration": _capital({name: deployment.get(name) for name in kept}),
        "DesiredCount": desired,
        "LaunchType": None if spec.get("capacityProviderStrategy") else spec.get("launchType"),
        "LoadBalancers": [_balanced(one, mapped) for one in spec.get("loadBalancers") or ()],
        "NetworkConfiguration": {"AwsvpcConfiguration": _network(network, mapped)} if network else None,
        "ServiceName": spec["serviceName"],
        "TaskDefinition": {"Ref": task},
    }
    return {"Type": "AWS::ECS::Service", "Properties": without_nothing(properties)}


def cluster_resource(spec: Mapping[str, Any]) -> dict[str, Any]:
    """The cluster, with its settings; what runs in it comes by its services."""
    providers = [one for one in spec.get("capacityProviders") or () if one in ("FARGATE", "FARGATE_SPOT")]
    properties = {
        "CapacityProviders": providers,
        "ClusterName": spec["clusterName"],
        "ClusterSettings": _capital(spec.get("settings")),
        "DefaultCapacityProviderStrategy": _capital(spec.get("defaultCapacityProviderStrategy")),
    }
    return {"Type": "AWS::ECS::Cluster", "Properties": without_nothing(properties)}


def _container(container: Mapping[str, Any], number: int, images: Mapping[str, Any], mapped: Mapped, template: Template) -> dict[str, Any]:
    path = f"taskDefinition.containerDefinitions[{number}]"

    def words(member: str, of: str, value: Any) -> list[Any]:
        return [template.secret(f"{of}.{member}[{place}]") for place in range(int(value["words"]))] if value else []

    health = container.get("healthCheck") or {}
    environment = [
        {"Name": one["name"], "Value": template.secret(f"{path}.environment[?name=={quoted(one['name'])}].value | [0]")}
        for one in container.get("environment") or ()
    ]
    labels = {one["name"]: template.secret(f"{path}.dockerLabels.{_key(one['name'])}") for one in container.get("dockerLabels") or ()}
    checks = {**_capital({name: value for name, value in health.items() if name != "command"})}
    checks |= {"Command": words("command", f"{path}.healthCheck", health["command"])} if health.get("command") else {}
    login = (container.get("repositoryCredentials") or {}).get("credentialsParameter")
    properties = {
        **_capital({name: container.get(name) for name in CONTAINER}),
        "Command": words("command", path, container.get("command")),
        "DockerLabels": labels,
        "EntryPoint": words("entryPoint", path, container.get("entryPoint")),
        "Environment": environment,
        "HealthCheck": checks,
        "Image": images.get(str(container["image"]), container["image"]),
        "LogConfiguration": _log(container.get("logConfiguration"), path, mapped, template),
        "RepositoryCredentials": {"CredentialsParameter": mapped.secret(str(login))} if login else None,
        "Secrets": [{"Name": one["name"], "ValueFrom": mapped.secret(str(one["valueFrom"]))} for one in container.get("secrets") or ()],
    }
    return without_nothing(properties)


def _log(log: Mapping[str, Any] | None, path: str, mapped: Mapped, template: Template) -> dict[str, Any] | None:
    """Where it logs to: CloudWatch of the target's region; what another driver is told may be a secret."""
    if not log:
        return None
    options: dict[str, Any] = dict(log.get("options") or {})
    if "awslogs-region" in options:
        options["awslogs-region"] = mapped.move.target.region
    group = str(options.get("awslogs-group", ""))
    if group in mapped.move.policy.log_groups:
        options["awslogs-group"] = mapped.move.policy.log_groups[group]
    elif group:
        options["awslogs-create-group"] = "true"
    for one in log.get("redactedOptions") or ():
        options[one["name"]] = template.secret(f"{path}.logConfiguration.options.{_key(one['name'])}")
    secrets = [{"Name": one["name"], "ValueFrom": mapped.secret(str(one["valueFrom"]))} for one in log.get("secretOptions") or ()]
    return without_nothing({"LogDriver": log["logDriver"], "Options": options, "SecretOptions": secrets})


def _network(network: Mapping[str, Any], mapped: Mapped) -> dict[str, Any]:
    found = {
        "AssignPublicIp": network.get("assignPublicIp"),
        "SecurityGroups": mapped.groups([str(one) for one in network.get("securityGroups") or ()]),
        "Subnets": mapped.subnets([str(one) for one in network.get("subnets") or ()]),
    }
    return without_nothing(found)


def _balanced(balancer: Mapping[str, Any], mapped: Mapped) -> dict[str, Any]:
    group = mapped.target_group(str(balancer.get("targetGroupArn", "")))
    return {"ContainerName": balancer["containerName"], "ContainerPort": balancer["containerPort"], "TargetGroupArn": group}


def _key(name: str) -> str:
    """A member's name within a JMESPath."""
    return quoted(name)[1:-1].replace("\\`", "`")


def _capital(value: Any) -> Any:
    """The value with its members' names as CloudFormation spells them: with a capital letter."""
    if isinstance(value, Mapping):
        return {f"{name[:1].upper()}{name[1:]}": _capital(item) for name, item in value.items() if item not in (None, [], {}, "")}
    return [_capital(item) for item in value] if isinstance(value, list | tuple) else value

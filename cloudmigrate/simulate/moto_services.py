"""Container services as ECS runs them: as many as wanted, of images that can be pulled, registered with their target groups."""

import copy
from collections.abc import Mapping
from typing import Any

from cloudmigrate.simulate.moto_images import READY_AFTER
from cloudmigrate.simulate.moto_registries import image_at
from cloudmigrate.simulate.moto_stacks import tags_of_stack

ECR_HOST = ".dkr.ecr."
FREE_TEXT = frozenset({"dockerLabels", "options"})  # members whose own members are anybody's names


def install() -> None:
    """Apply every fix."""
    _run_as_many()
    _take_time()
    _make_tasks()
    _make_services()
    _make_clusters()


def _lower(value: Any, *, is_free: bool = False) -> Any:
    """A template's value with names as the API has them: with a small letter."""
    if isinstance(value, Mapping):
        named = {(str(name) if is_free else f"{name[:1].lower()}{name[1:]}"): item for name, item in value.items()}
        return {name: _lower(item, is_free=name in FREE_TEXT) for name, item in named.items()}
    return [_lower(item) for item in value] if isinstance(value, list) else value


def _run_as_many() -> None:
    """Run as many tasks as are wanted, and register each with the service's target groups."""
    from moto.ecs.models import EC2ContainerServiceBackend

    create, update = EC2ContainerServiceBackend.create_service, EC2ContainerServiceBackend.update_service
    delete = EC2ContainerServiceBackend.delete_service

    def create_service(self: Any, *args: Any, **named: Any) -> Any:
        service = create(self, *args, **named)
        _settle(service)
        return service

    def update_service(self: Any, service_properties: dict[str, Any]) -> Any:
        service = update(self, service_properties)
        _settle(service)
        return service

    def delete_service(self: Any, cluster_name: str, service_name: str, force: Any) -> Any:
        service = delete(self, cluster_name, service_name, force)
        service.desired_count = 0
        _settle(service)
        return service

    EC2ContainerServiceBackend.create_service = create_service  # type: ignore[method-assign]
    EC2ContainerServiceBackend.update_service = update_service  # type: ignore[method-assign]
    EC2ContainerServiceBackend.delete_service = delete_service  # type: ignore[method-assign]


def _settle(service: Any) -> None:
    service.running_count, service.pending_count = service.desired_count, 0
    service.pending_looks = READY_AFTER["looks"]
    for one in service.deployments:
        counts = {"desiredCount": service.desired_count, "runningCount": service.desired_count, "pendingCount": 0}
        one |= {**counts, "rolloutState": "COMPLETED", "taskDefinition": service.task_definition}
    for balancer in service.load_balancers:
        _register(service, balancer)


def _register(service: Any, balancer: Mapping[str, Any]) -> None:
    from moto.elbv2.models import elbv2_backends

    backend = elbv2_backends[service._account_id][service.region_name]
    group = backend.target_groups.get(str(balancer.get("targetGroupArn")))
    if group is None:
        return
    place, port = sum(f"{service.cluster_name}/{service.name}".encode()) % 200, int(balancer["containerPort"])
    group.deregister([{"Id": one} for one in list(group.targets) if one.startswith(f"10.255.{place}.")])
    group.register([{"Id": f"10.255.{place}.{number}", "Port": port} for number in range(1, service.desired_count + 1)])


def _take_time() -> None:
    """Show a service's tasks as pending for some looks."""
    from moto.ecs.responses import EC2ContainerServiceResponse

    describe = EC2ContainerServiceResponse.describe_services

    def describe_services(self: Any) -> Any:
        answer: Any = describe(self)
        answer.result["services"] = [_as_seen(one) for one in answer.result["services"]]
        return answer

    EC2ContainerServiceResponse.describe_services = describe_services  # type: ignore[method-assign]


def _as_seen(service: Any) -> Any:
    if not service.__dict__.get("pending_looks"):
        return service
    service.pending_looks -= 1
    shown = copy.copy(service)
    shown.running_count, shown.pending_count = (0, service.desired_count) if service.desired_count else (1, 0)
    return shown


def _make_tasks() -> None:
    """Give a task definition that a stack makes all of its properties, and let it go with the stack."""
    from moto.ecs.models import TaskDefinition, ecs_backends

    def create(cls: Any, /, resource_name: str, cloudformation_json: dict[str, Any], account_id: str, region_name: str, **of: Any) -> Any:
        properties = cloudformation_json["Properties"]
        plain = {f"{name[:1].lower()}{name[1:]}": value for name, value in properties.items()}
        return ecs_backends[account_id][region_name].register_task_definition(
            family=plain["family"],
            container_definitions=_lower(plain["containerDefinitions"]),
            volumes=_lower(plain.get("volumes", [])),
            network_mode=plain.get("networkMode"),
            placement_constraints=_lower(plain.get("placementConstraints")),
            requires_compatibilities=plain.get("requiresCompatibilities"),
            cpu=plain.get("cpu"),
            memory=plain.get("memory"),
            task_role_arn=plain.get("taskRoleArn"),
            execution_role_arn=plain.get("executionRoleArn"),
            runtime_platform=_lower(plain.get("runtimePlatform")),
            ephemeral_storage=_lower(plain.get("ephemeralStorage")),
            tags=_tags(account_id, region_name, of["StackId"]),
        )

    def delete(self: Any, account_id: str, region_name: str) -> None:
        ecs_backends[account_id][region_name].deregister_task_definition(self.arn)

    TaskDefinition.create_from_cloudformation_json = classmethod(create)  # type: ignore[assignment]
    TaskDefinition.delete = delete  # type: ignore[attr-defined]


def _make_services() -> None:
    """Give a service that a stack makes all of its properties; one whose image cannot be pulled fails, as it never gets stable."""
    from moto.ecs.exceptions import EcsClientException
    from moto.ecs.models import Service, ecs_backends

    def create(cls: Any, /, resource_name: str, cloudformation_json: dict[str, Any], account_id: str, region_name: str, **of: Any) -> Any:
        backend, properties = ecs_backends[account_id][region_name], cloudformation_json["Properties"]
        plain = _lower(properties)
        cluster = backend._get_cluster(plain["cluster"])
        if cluster.status != "ACTIVE" or _is_there(backend, cluster.name, resource_name):
            raise EcsClientException("Creation of service was not idempotent, or its cluster is not active.")
        task = backend.describe_task_definition(plain["taskDefinition"])
        for image in [str(one["image"]) for one in task.container_definitions]:
            if ECR_HOST in image and image_at(image) is None:
                raise EcsClientException(f"CannotPullContainerError: {image}: not found")
        return backend.create_service(
            plain["cluster"],
            resource_name,
            int(plain.get("desiredCount", 1)),
            task_definition_str=task.arn,
            load_balancers=plain.get("loadBalancers"),
            scheduling_strategy=plain.get("schedulingStrategy"),
            tags=_tags(account_id, region_name, of["StackId"]),
            launch_type=plain.get("launchType"),
            platform_version=plain.get("platformVersion"),
            network_configuration=plain.get("networkConfiguration"),
            propagate_tags=plain.get("propagateTags") or "NONE",
        )

    def delete(self: Any, account_id: str, region_name: str) -> None:
        backend = ecs_backends[account_id][region_name]
        backend.delete_service(self.cluster_name, self.name, force=True)
        backend.services.pop(f"{self.cluster_name}:{self.name}", None)

    Service.create_from_cloudformation_json = classmethod(create)  # type: ignore[assignment]
    Service.delete = delete  # type: ignore[attr-defined]


def _make_clusters() -> None:
    """Refuse a cluster that is there already, and to delete one in which services run."""
    from moto.ecs.exceptions import EcsClientException
    from moto.ecs.models import Cluster, ecs_backends

    def create(cls: Any, /, resource_name: str, cloudformation_json: dict[str, Any], account_id: str, region_name: str, **of: Any) -> Any:
        backend = ecs_backends[account_id][region_name]
        known = backend.clusters.get(resource_name)
        if known is not None and known.status == "ACTIVE":
            raise EcsClientException(f"Cluster {resource_name} already exists.")
        tags = _tags(account_id, region_name, of["StackId"])
        return backend.create_cluster(resource_name, tags)

    def delete(self: Any, account_id: str, region_name: str) -> None:
        backend = ecs_backends[account_id][region_name]
        if any(one.cluster_name == self.name and one.status == "ACTIVE" for one in backend.services.values()):
            raise EcsClientException("The Cluster cannot be deleted while Services are active.")
        backend.clusters.pop(self.name, None)

    Cluster.create_from_cloudformation_json = classmethod(create)  # type: ignore[assignment]
    Cluster.delete = delete  # type: ignore[attr-defined]


def _is_there(backend: Any, cluster: str, name: str) -> bool:
    known = backend.services.get(f"{cluster}:{name}")
    return known is not None and known.status == "ACTIVE"


def _tags(account_id: str, region: str, stack_id: str) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in tags_of_stack(account_id, region, stack_id).items()]

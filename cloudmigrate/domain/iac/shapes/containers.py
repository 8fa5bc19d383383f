"""ECS in Terraform."""

from collections.abc import Mapping

from cloudmigrate.domain.iac.shape import TAGS, Argument, Beside, Inlined, Nested, Shape, as_document, named
from cloudmigrate.domain.iac.values import Value

STRATEGY = named(CapacityProvider="capacity_provider", Weight="weight", Base="base")


def _containers(value: Value) -> Value:
    """Container definitions as the JSON of ECS's own API: members with a small letter."""
    return as_document(_small(value))


KEPT = ("Options", "DockerLabels")  # their members are names of others, not of the API


def _small(value: Value) -> Value:
    if isinstance(value, Mapping):
        return {f"{name[:1].lower()}{name[1:]}": item if name in KEPT else _small(item) for name, item in value.items()}
    return tuple(map(_small, value)) if isinstance(value, tuple) else value


SHAPES = (
    Shape(
        "AWS::ECS::Cluster",
        "aws_ecs_cluster",
        {
            **named(ClusterName="name"),
            "ClusterSettings": Nested("setting", named(Name="name", Value="value")),
            "Tags": TAGS,
        },
        attributes={"": "name", "Arn": "arn"},
        beside=(
            Beside(
                "aws_ecs_cluster_capacity_providers",
                {"cluster_name": "name"},
                {
                    **named(CapacityProviders="capacity_providers"),
                    "DefaultCapacityProviderStrategy": Nested("default_capacity_provider_strategy", STRATEGY),
                },
            ),
        ),
    ),
    Shape(
        "AWS::ECS::Service",
        "aws_ecs_service",
        {
            **named(
                ServiceName="name",
                Cluster="cluster",
                TaskDefinition="task_definition",
                DesiredCount="desired_count",
                LaunchType="launch_type",
                HealthCheckGracePeriodSeconds="health_check_grace_period_seconds",
                PlatformVersion="platform_version",
                PropagateTags="propagate_tags",
                SchedulingStrategy="scheduling_strategy",
                EnableECSManagedTags="enable_ecs_managed_tags",
                EnableExecuteCommand="enable_execute_command",
            ),
            "CapacityProviderStrategy": Nested("capacity_provider_strategy", STRATEGY),
            "DeploymentConfiguration": Inlined(
                {
                    **named(MaximumPercent="deployment_maximum_percent", MinimumHealthyPercent="deployment_minimum_healthy_percent"),
                    "DeploymentCircuitBreaker": Nested("deployment_circuit_breaker", named(Enable="enable", Rollback="rollback")),
                }
            ),
            "LoadBalancers": Nested(
                "load_balancer", named(ContainerName="container_name", ContainerPort="container_port", TargetGroupArn="target_group_arn")
            ),
            "NetworkConfiguration": Inlined(
                {
                    "AwsvpcConfiguration": Nested(
                        "network_configuration",
                        {
                            **named(SecurityGroups="security_groups", Subnets="subnets"),
                            "AssignPublicIp": Argument("assign_public_ip", lambda value: value == "ENABLED"),
                        },
                    )
                }
            ),
            "PlacementConstraints": Nested("placement_constraints", named(Type="type", Expression="expression")),
            "PlacementStrategies": Nested("ordered_placement_strategy", named(Type="type", Field="field")),
            "Tags": TAGS,
        },
        attributes={"": "id", "Name": "name", "ServiceArn": "arn"},
    ),
    Shape(
        "AWS::ECS::TaskDefinition",
        "aws_ecs_task_definition",
        {
            **named(
                Family="family",
                Cpu="cpu",
                Memory="memory",
                NetworkMode="network_mode",
                IpcMode="ipc_mode",
                PidMode="pid_mode",
                ExecutionRoleArn="execution_role_arn",
                TaskRoleArn="task_role_arn",
                RequiresCompatibilities="requires_compatibilities",
            ),
            "ContainerDefinitions": Argument("container_definitions", _containers),
            "EphemeralStorage": Nested("ephemeral_storage", named(SizeInGiB="size_in_gib")),
            "PlacementConstraints": Nested("placement_constraints", named(Type="type", Expression="expression")),
            "RuntimePlatform": Nested(
                "runtime_platform", named(CpuArchitecture="cpu_architecture", OperatingSystemFamily="operating_system_family")
            ),
            "Volumes": Nested(
                "volume",
                {
                    **named(Name="name"),
                    "Host": Inlined(named(SourcePath="host_path")),
                    "EFSVolumeConfiguration": Nested(
                        "efs_volume_configuration",
                        named(FilesystemId="file_system_id", RootDirectory="root_directory", TransitEncryption="transit_encryption"),
                    ),
                },
            ),
            "Tags": TAGS,
        },
        attributes={"": "arn", "TaskDefinitionArn": "arn"},
    ),
)

"""Rows for containers: ECS clusters, services and task definitions, EKS clusters and node groups."""

from cloudmigrate.aws import redact
from cloudmigrate.aws.catalogue.rules import PART, SETTING, encrypted_by, environment, runs_as, security_groups, subnets
from cloudmigrate.aws.resource_type import Call, Metric, MetricSource, Parent, RelationRule, ResourceType

SERVICE_METRICS = MetricSource(
    namespace="AWS/ECS",
    dimensions={"ClusterName": "part(clusterArn, '/', `-1`)", "ServiceName": "serviceName"},
    metrics=(
        Metric("CPUUtilization", "percent", capacity_pct=True),
        Metric("MemoryUtilization", "percent", capacity_pct=True),
    ),
)
ECS_TAGS = "tags[].{Key: key, Value: value}"
TARGET_GROUP = "AWS::ElasticLoadBalancingV2::TargetGroup"


def needs_of_task(task: str) -> tuple[RelationRule, ...]:
    """What a task definition at *task* (a path ending in a dot, or empty) needs."""
    return (
        runs_as(f"[{task}taskRoleArn, {task}executionRoleArn]"),
        RelationRule("container-image", f"{task}containerDefinitions[].image", "AWS::ECR::Repository", by="image", role=SETTING),
        RelationRule(
            "secret",
            f"{task}containerDefinitions[].[secrets[].valueFrom, logConfiguration.secretOptions[].valueFrom, "
            "[repositoryCredentials.credentialsParameter]][][]",
            "AWS::SecretsManager::Secret",
            by="arn",
            role=SETTING,
        ),
        RelationRule("file-system", f"{task}volumes[].efsVolumeConfiguration.fileSystemId", "AWS::EFS::FileSystem"),
        RelationRule(
            "environment-file", f"{task}containerDefinitions[].environmentFiles[].value", "AWS::S3::Bucket", by="arn", role=SETTING
        ),
        *environment(f"{task}containerDefinitions[].environment[].endpoints[]", f"{task}containerDefinitions[].environment[]"),
        environment(f"{task}containerDefinitions[].[command, entryPoint][].endpoints[]", "")[0],
    )


ECS = (
    ResourceType(
        type="AWS::ECS::Cluster",
        service="ecs",
        operation="list_clusters",
        path="clusterArns[].{clusterArn: @}",
        id="part(clusterArn, '/', `-1`)",
        arn="=clusterArn",
        role="compute",
        moves=True,
        name="clusterName",
        state="status",
        tags=ECS_TAGS,
        gone_states=frozenset({"deprovisioning", "inactive"}),
        calls=(
            Call(
                "describe_clusters",
                {"clusters": "clusterArn"},
                "clusters[]",
                "@",
                constant={"include": ["TAGS", "SETTINGS", "CONFIGURATIONS"]},
                batch=100,
                batch_on="clusterArn",
                batch_key="clusterArn",
            ),
            Call(
                "list_container_instances",
                {"cluster": "clusterArn"},
                "containerInstanceArns[]",
                "containerInstanceArns",
                when="registeredContainerInstancesCount > `0`",
                gone_codes=("ClusterNotFoundException",),
            ),
            Call(
                "describe_container_instances",
                {"cluster": "clusterArn", "containerInstances": "Each"},
                "containerInstances[].{containerInstanceArn: containerInstanceArn, ec2InstanceId: ec2InstanceId}",
                "containerInstances",
                each="chunks(containerInstanceArns, `100`)",
                gone_codes=("ClusterNotFoundException",),
            ),
        ),
        relations=(RelationRule("container-instance", "containerInstances[].Value[].ec2InstanceId", "AWS::EC2::Instance"),),
    ),
    ResourceType(
        type="AWS::ECS::Service",
        service="ecs",
        operation="list_services",
        path="serviceArns[].{serviceArn: @}",
        id="part(serviceArn, '/', `-1`)",
        arn="=serviceArn",
        role="compute",
        moves=True,
        name="serviceName",
        state="status",
        created="createdAt",
        tags=ECS_TAGS,
        gone_states=frozenset({"draining", "inactive"}),
        page_size=100,
        parent=Parent("list_clusters", "clusterArns[].{clusterArn: @}", {"cluster": "clusterArn"}),
        calls=(
            Call(
                "describe_services",
                {"cluster": "Parent.clusterArn", "services": "serviceArn"},
                "services[]",
                "@",
                constant={"include": ["TAGS"]},
                batch=10,
                batch_on="serviceArn",
                batch_key="serviceArn",
            ),
            # A service may stay on an older revision than its family's newest, which is all that the task definition's row lists.
            Call(
                "describe_task_definition",
                {"taskDefinition": "taskDefinition"},
                "taskDefinition",
                "taskDefinitionInUse",
                when="taskDefinition",
                secret=True,
            ),
        ),
        redact=redact.service,
        relations=(
            RelationRule("cluster", "clusterArn || Parent.clusterArn", "AWS::ECS::Cluster", by="arn"),
            RelationRule("task-definition", "taskDefinition", "AWS::ECS::TaskDefinition", by="arn"),
            RelationRule("registered-in", "loadBalancers[].targetGroupArn", TARGET_GROUP, by="arn", role=SETTING),
            RelationRule("target", "loadBalancers[].targetGroupArn", TARGET_GROUP, by="arn", reverse=True),
            RelationRule(
                "target",
                "loadBalancers[].loadBalancerName",
                "AWS::ElasticLoadBalancing::LoadBalancer",
                reverse=True,
                keep_unresolved=False,
            ),
            subnets("networkConfiguration.awsvpcConfiguration.subnets[]"),
            security_groups("networkConfiguration.awsvpcConfiguration.securityGroups[]"),
            *needs_of_task("taskDefinitionInUse."),
        ),
        metric_source=SERVICE_METRICS,
    ),
    ResourceType(
        type="AWS::ECS::TaskDefinition",
        service="ecs",
        operation="list_task_definition_families",
        path="families[].{family: @}",
        id="join(':', [family, to_string(revision)])",
        arn="=taskDefinitionArn",
        role="compute",
        moves=True,
        name="family",
        state="status",
        created="registeredAt",
        tags=ECS_TAGS,
        gone_states=frozenset({"delete_in_progress", "inactive"}),
        params={"status": "ACTIVE"},
        page_size=100,
        calls=(
            # A family's name alone means its newest active revision (ECS API reference, DescribeTaskDefinition).
            Call(
                "describe_task_definition",
                {"taskDefinition": "family"},
                "merge(taskDefinition, {tags: tags})",
                "@",
                constant={"include": ["TAGS"]},
                secret=True,
            ),
        ),
        redact=redact.task_definition,
        relations=needs_of_task(""),
    ),
)

EKS = (
    ResourceType(
        type="AWS::EKS::Cluster",
        service="eks",
        operation="list_clusters",
        path="clusters[].{name: @}",
        id="name",
        arn="arn:{partition}:eks:{region}:{account}:cluster/{id}",
        role="compute",
        moves=True,
        name="name",
        state="status",
        created="createdAt",
        tags="tags",
        gone_states=frozenset({"deleting"}),
        calls=(Call("describe_cluster", {"name": "name"}, "cluster", "@", gone_codes=("ResourceNotFoundException",)),),
        dns_names=("endpoint",),
        relations=(
            runs_as("roleArn"),
            RelationRule("vpc", "resourcesVpcConfig.vpcId", "AWS::EC2::VPC", role=SETTING),
            subnets("resourcesVpcConfig.subnetIds[]"),
            security_groups("[resourcesVpcConfig.securityGroupIds, [resourcesVpcConfig.clusterSecurityGroupId]][]"),
            encrypted_by("encryptionConfig[].provider.keyArn"),
        ),
    ),
    ResourceType(
        type="AWS::EKS::Nodegroup",
        service="eks",
        operation="list_nodegroups",
        path="nodegroups[].{nodegroupName: @}",
        id="join('/', [Parent.name, nodegroupName])",
        arn="=nodegroupArn",
        role="compute",
        moves=True,
        name="nodegroupName",
        state="status",
        created="createdAt",
        tags="tags",
        gone_states=frozenset({"deleting"}),
        parent=Parent("list_clusters", "clusters[].{name: @}", {"clusterName": "name"}),
        calls=(
            Call(
                "describe_nodegroup",
                {"clusterName": "Parent.name", "nodegroupName": "nodegroupName"},
                "nodegroup",
                "@",
                gone_codes=("ResourceNotFoundException",),
            ),
        ),
        relations=(
            RelationRule("eks-cluster", "clusterName", "AWS::EKS::Cluster", role=PART),
            RelationRule(
                "node-group-member",
                "resources.autoScalingGroups[].name",
                "AWS::AutoScaling::AutoScalingGroup",
                role=PART,
                keep_unresolved=False,
            ),
            runs_as("nodeRole"),
            subnets("subnets[]"),
            RelationRule("launch-template", "launchTemplate.id", "AWS::EC2::LaunchTemplate", role=SETTING),
            RelationRule("key-pair", "remoteAccess.ec2SshKey", "AWS::EC2::KeyPair", by="name", role=SETTING),
        ),
    ),
)

ROWS: tuple[ResourceType, ...] = (*ECS, *EKS)

"""How each type of a simulated estate is created: one row a type."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from cloudmigrate.simulate.things import Tags


@dataclass(frozen=True, slots=True)
class Maker:
    """The call that creates one type, where its answer names the new resource, and how the type is tagged.

    ``id`` and ``attributes`` are JMESPath over the answer; ``=Member`` reads the request instead.
    ``tags`` is one of: ``spec:KIND`` (EC2's TagSpecifications), ``nameless:KIND`` (the same for what has no Name of its own accord),
    ``list:MEMBER`` ([{Key, Value}]), ``lower:MEMBER`` ([{key, value}]), ``map:MEMBER`` ({key: value}), or empty where the creating
    call takes none.
    """

    service: str
    operation: str
    id: str
    tags: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)

    def tag_params(self, key: str, tags: Tags) -> dict[str, Any]:
        """The request members that carry *tags*; EC2's resources are named *key* unless they have a Name already."""
        style, _, where = self.tags.partition(":")
        if style == "spec" or (style == "nameless" and tags):
            named = ({"Name": key} if style == "spec" else {}) | dict(tags)
            pairs = [{"Key": one, "Value": value} for one, value in named.items()]
            return {"TagSpecifications": [{"ResourceType": where, "Tags": pairs}]}
        if not tags or not style:
            return {}
        match style:
            case "map":
                return {where: dict(tags)}
            case "lower":
                return {where: [{"key": one, "value": value} for one, value in tags.items()]}
            case _:
                return {where: [{"Key": one, "Value": value} for one, value in tags.items()]}


LIST = "list:Tags"
MAP = "map:Tags"

MAKERS: Mapping[str, Maker] = MappingProxyType(
    {
        # Network
        "AWS::EC2::VPC": Maker("ec2", "create_vpc", "Vpc.VpcId", "spec:vpc"),
        "AWS::EC2::Subnet": Maker("ec2", "create_subnet", "Subnet.SubnetId", "spec:subnet"),
        "AWS::EC2::InternetGateway": Maker("ec2", "create_internet_gateway", "InternetGateway.InternetGatewayId", "spec:internet-gateway"),
        "AWS::EC2::RouteTable": Maker("ec2", "create_route_table", "RouteTable.RouteTableId", "spec:route-table"),
        "AWS::EC2::NatGateway": Maker("ec2", "create_nat_gateway", "NatGateway.NatGatewayId", "spec:natgateway"),
        "AWS::EC2::EIP": Maker("ec2", "allocate_address", "AllocationId", "spec:elastic-ip", {"ip": "PublicIp"}),
        "AWS::EC2::SecurityGroup": Maker("ec2", "create_security_group", "GroupId", "spec:security-group"),
        "AWS::EC2::NetworkAcl": Maker("ec2", "create_network_acl", "NetworkAcl.NetworkAclId", "spec:network-acl"),
        "AWS::EC2::PrefixList": Maker("ec2", "create_managed_prefix_list", "PrefixList.PrefixListId", "spec:prefix-list"),
        "AWS::EC2::VPCEndpoint": Maker("ec2", "create_vpc_endpoint", "VpcEndpoint.VpcEndpointId", "spec:vpc-endpoint"),
        "AWS::EC2::VPCPeeringConnection": Maker(
            "ec2", "create_vpc_peering_connection", "VpcPeeringConnection.VpcPeeringConnectionId", "spec:vpc-peering-connection"
        ),
        "AWS::EC2::TransitGateway": Maker("ec2", "create_transit_gateway", "TransitGateway.TransitGatewayId", "spec:transit-gateway"),
        "AWS::EC2::TransitGatewayAttachment": Maker(
            "ec2", "create_transit_gateway_vpc_attachment", "TransitGatewayVpcAttachment.TransitGatewayAttachmentId"
        ),
        "AWS::EC2::NetworkInterface": Maker(
            "ec2", "create_network_interface", "NetworkInterface.NetworkInterfaceId", "nameless:network-interface"
        ),
        "AWS::EC2::FlowLog": Maker("ec2", "create_flow_logs", "FlowLogIds[0]", "spec:vpc-flow-log"),
        # Compute
        "AWS::EC2::KeyPair": Maker("ec2", "import_key_pair", "KeyPairId", "spec:key-pair"),
        "AWS::EC2::LaunchTemplate": Maker("ec2", "create_launch_template", "LaunchTemplate.LaunchTemplateId", "spec:launch-template"),
        "AWS::EC2::Instance": Maker(
            "ec2", "run_instances", "Instances[0].InstanceId", "spec:instance", {"ip": "Instances[0].PrivateIpAddress"}
        ),
        "AWS::EC2::Volume": Maker("ec2", "create_volume", "VolumeId", "spec:volume"),
        "AWS::EC2::Snapshot": Maker("ec2", "create_snapshot", "SnapshotId", "spec:snapshot"),
        "AWS::EC2::Image": Maker("ec2", "create_image", "ImageId", "spec:image"),
        "AWS::AutoScaling::AutoScalingGroup": Maker("autoscaling", "create_auto_scaling_group", "=AutoScalingGroupName"),
        # Load balancing
        "AWS::ElasticLoadBalancingV2::LoadBalancer": Maker(
            "elbv2",
            "create_load_balancer",
            "LoadBalancers[0].LoadBalancerArn",
            LIST,
            {"dns": "LoadBalancers[0].DNSName", "zone": "LoadBalancers[0].CanonicalHostedZoneId"},
        ),
        "AWS::ElasticLoadBalancingV2::TargetGroup": Maker("elbv2", "create_target_group", "TargetGroups[0].TargetGroupArn", LIST),
        "AWS::ElasticLoadBalancingV2::Listener": Maker("elbv2", "create_listener", "Listeners[0].ListenerArn", LIST),
        "AWS::ElasticLoadBalancing::LoadBalancer": Maker("elb", "create_load_balancer", "=LoadBalancerName", LIST, {"dns": "DNSName"}),
        # Data
        "AWS::RDS::DBSubnetGroup": Maker("rds", "create_db_subnet_group", "=DBSubnetGroupName", LIST),
        "AWS::RDS::DBParameterGroup": Maker("rds", "create_db_parameter_group", "=DBParameterGroupName", LIST),
        "AWS::RDS::DBInstance": Maker(
            "rds",
            "create_db_instance",
            "DBInstance.DBInstanceIdentifier",
            LIST,
            {"endpoint": "DBInstance.Endpoint.Address", "arn": "DBInstance.DBInstanceArn"},
        ),
        "AWS::RDS::DBCluster": Maker(
            "rds",
            "create_db_cluster",
            "DBCluster.DBClusterIdentifier",
            LIST,
            {"endpoint": "DBCluster.Endpoint", "arn": "DBCluster.DBClusterArn"},
        ),
        "AWS::DynamoDB::Table": Maker("dynamodb", "create_table", "=TableName", LIST, {"arn": "TableDescription.TableArn"}),
        "AWS::ElastiCache::ReplicationGroup": Maker("elasticache", "create_replication_group", "=ReplicationGroupId", LIST),
        "AWS::ElastiCache::CacheCluster": Maker("elasticache", "create_cache_cluster", "=CacheClusterId", LIST),
        "AWS::EFS::FileSystem": Maker("efs", "create_file_system", "FileSystemId", LIST),
        "AWS::EFS::MountTarget": Maker("efs", "create_mount_target", "MountTargetId"),
        "AWS::S3::Bucket": Maker("s3", "create_bucket", "=Bucket"),
        # Integration
        "AWS::SQS::Queue": Maker("sqs", "create_queue", "QueueUrl", "map:tags"),
        "AWS::SNS::Topic": Maker("sns", "create_topic", "TopicArn", LIST),
        "AWS::Lambda::Function": Maker("lambda", "create_function", "=FunctionName", MAP, {"arn": "FunctionArn"}),
        "AWS::Lambda::EventSourceMapping": Maker("lambda", "create_event_source_mapping", "UUID"),
        "AWS::ApiGateway::RestApi": Maker("apigateway", "create_rest_api", "id", "map:tags", {"root": "rootResourceId"}),
        "AWS::ApiGatewayV2::Api": Maker("apigatewayv2", "create_api", "ApiId", MAP),
        # Containers
        "AWS::ECS::Cluster": Maker("ecs", "create_cluster", "cluster.clusterName", "lower:tags"),
        "AWS::ECS::TaskDefinition": Maker("ecs", "register_task_definition", "taskDefinition.taskDefinitionArn", "lower:tags"),
        "AWS::ECS::Service": Maker("ecs", "create_service", "service.serviceArn", "lower:tags"),
        "AWS::ECR::Repository": Maker(
            "ecr", "create_repository", "repository.repositoryName", "list:tags", {"url": "repository.repositoryUri"}
        ),
        "AWS::EKS::Cluster": Maker("eks", "create_cluster", "cluster.name", "map:tags"),
        # Identity, names, secrets, stacks
        "AWS::IAM::Role": Maker("iam", "create_role", "Role.RoleName", LIST, {"arn": "Role.Arn"}),
        "AWS::IAM::InstanceProfile": Maker("iam", "create_instance_profile", "InstanceProfile.InstanceProfileName", LIST),
        "AWS::KMS::Key": Maker("kms", "create_key", "KeyMetadata.KeyId", "", {"arn": "KeyMetadata.Arn"}),
        "AWS::SecretsManager::Secret": Maker("secretsmanager", "create_secret", "ARN", LIST),
        "AWS::CertificateManager::Certificate": Maker("acm", "request_certificate", "CertificateArn", LIST),
        "AWS::Route53::HostedZone": Maker("route53", "create_hosted_zone", "HostedZone.Id"),
        "AWS::Route53::RecordSet": Maker("route53", "change_resource_record_sets", "=HostedZoneId"),
        "AWS::CloudFormation::Stack": Maker("cloudformation", "create_stack", "StackId", LIST),
    }
)

"""Rows for load balancers: application, network, gateway and classic, with their target groups."""

from cloudmigrate.aws import redact
from cloudmigrate.aws.catalogue.rules import SETTING, security_groups, subnets
from cloudmigrate.aws.resource_type import Call, Metric, MetricSource, RelationRule, ResourceType

APPLICATION = "Type == 'application'"
NETWORK = "Type == 'network'"
NETWORK_ELB = "AWS/NetworkELB"
LOAD_BALANCER_METRICS = MetricSource(
    namespace="AWS/ApplicationELB",
    dimensions={"LoadBalancer": "part(LoadBalancerArn, 'loadbalancer/', `1`)"},
    metrics=(
        Metric("RequestCount", "count", stats=("Sum",), when=APPLICATION),
        Metric("TargetResponseTime", "seconds", when=APPLICATION),
        Metric("ActiveConnectionCount", "count", stats=("Sum",), when=APPLICATION),
        Metric("HTTPCode_Target_5XX_Count", "count", stats=("Sum",), when=APPLICATION),
        Metric("ProcessedBytes", "bytes", stats=("Sum",), when=APPLICATION),
        Metric("ActiveFlowCount", "count", namespace=NETWORK_ELB, when=NETWORK),
        Metric("NewFlowCount", "count", stats=("Sum",), namespace=NETWORK_ELB, when=NETWORK),
        Metric("ProcessedBytes", "bytes", stats=("Sum",), namespace=NETWORK_ELB, when=NETWORK),
    ),
)
CLASSIC_METRICS = MetricSource(
    namespace="AWS/ELB",
    dimensions={"LoadBalancerName": "LoadBalancerName"},
    metrics=(
        Metric("RequestCount", "count", stats=("Sum",)),
        Metric("Latency", "seconds"),
        Metric("EstimatedProcessedBytes", "bytes", stats=("Sum",)),
    ),
)
NO_BALANCER = ("LoadBalancerNotFound",)
NO_TARGET_GROUP = ("TargetGroupNotFound",)
CERTIFICATE = "AWS::CertificateManager::Certificate"
TARGET_GROUP = "AWS::ElasticLoadBalancingV2::TargetGroup"
LOAD_BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"


def tags_in_batches(arn: str) -> Call:
    """The tags of up to 20 load balancers or target groups a request (ELB API reference, DescribeTags)."""
    return Call(
        "describe_tags",
        {"ResourceArns": arn},
        "TagDescriptions[]",
        "TagDescription",
        batch=20,
        batch_on=arn,
        batch_key="ResourceArn",
        gone_codes=(*NO_BALANCER, *NO_TARGET_GROUP),
    )


ACTIONS = "[Listeners[].DefaultActions[], ListenerRules[].Value[].Actions[]][]"

ROWS: tuple[ResourceType, ...] = (
    ResourceType(
        type=LOAD_BALANCER,
        service="elbv2",
        operation="describe_load_balancers",
        path="LoadBalancers[]",
        id="LoadBalancerName",
        arn="=LoadBalancerArn",
        role="integration",
        moves=True,
        name="LoadBalancerName",
        state="State.Code",
        created="CreatedTime",
        tags="TagDescription.Tags",
        page_size=400,
        calls=(
            tags_in_batches("LoadBalancerArn"),
            Call(
                "describe_load_balancer_attributes",
                {"LoadBalancerArn": "LoadBalancerArn"},
                "Attributes[]",
                "Attributes",
                gone_codes=NO_BALANCER,
            ),
            Call("describe_listeners", {"LoadBalancerArn": "LoadBalancerArn"}, "Listeners[]", "Listeners", gone_codes=NO_BALANCER),
            Call(
                "describe_rules",
                {"ListenerArn": "Each"},
                "Rules[]",
                "ListenerRules",
                each="Listeners[].ListenerArn",
                when=APPLICATION,  # the others forward by their default action only
                absent_codes=("ListenerNotFound",),
            ),
        ),
        redact=redact.load_balancer,
        dns_names=("DNSName",),
        relations=(
            RelationRule(
                "listener-target",
                f"{ACTIONS}.[TargetGroupArn, ForwardConfig.TargetGroups[].TargetGroupArn][][]",
                TARGET_GROUP,
                by="arn",
            ),
            RelationRule("certificate", "Listeners[].Certificates[].CertificateArn", CERTIFICATE, by="arn", role=SETTING),
            subnets("AvailabilityZones[].SubnetId"),
            security_groups("SecurityGroups[]"),
            RelationRule("vpc", "VpcId", "AWS::EC2::VPC", role=SETTING),
            RelationRule(
                "elastic-ip",
                "AvailabilityZones[].LoadBalancerAddresses[].AllocationId",
                "AWS::EC2::EIP",
                role=SETTING,
            ),
        ),
        metric_source=LOAD_BALANCER_METRICS,
    ),
    ResourceType(
        type=TARGET_GROUP,
        service="elbv2",
        operation="describe_target_groups",
        path="TargetGroups[]",
        id="TargetGroupName",
        arn="=TargetGroupArn",
        role="integration",
        moves=True,
        name="TargetGroupName",
        tags="TagDescription.Tags",
        page_size=400,
        calls=(
            tags_in_batches("TargetGroupArn"),
            Call(
                "describe_target_group_attributes",
                {"TargetGroupArn": "TargetGroupArn"},
                "Attributes[]",
                "Attributes",
                gone_codes=NO_TARGET_GROUP,
            ),
            Call(
                "describe_target_health",
                {"TargetGroupArn": "TargetGroupArn"},
                "TargetHealthDescriptions[].{Target: Target, State: TargetHealth.State}",
                "Targets",
                gone_codes=NO_TARGET_GROUP,
            ),
        ),
        relations=(
            RelationRule("listener-target", "LoadBalancerArns[]", LOAD_BALANCER, by="arn", reverse=True),
            RelationRule("target", "TargetType == 'instance' && Targets[].Target.Id", "AWS::EC2::Instance"),
            RelationRule(
                "target",
                "TargetType == 'ip' && Targets[].Target.Id",
                ("AWS::EC2::Instance", "AWS::EC2::NetworkInterface"),
                by="ip",
            ),
            RelationRule("target", "TargetType == 'lambda' && Targets[].Target.Id", "AWS::Lambda::Function", by="arn"),
            RelationRule("target", "TargetType == 'alb' && Targets[].Target.Id", LOAD_BALANCER, by="arn"),
            RelationRule("vpc", "VpcId", "AWS::EC2::VPC", role=SETTING),
        ),
    ),
    ResourceType(
        type="AWS::ElasticLoadBalancing::LoadBalancer",
        service="elb",
        operation="describe_load_balancers",
        path="LoadBalancerDescriptions[]",
        id="LoadBalancerName",
        arn="arn:{partition}:elasticloadbalancing:{region}:{account}:loadbalancer/{id}",
        role="integration",
        moves=True,
        name="LoadBalancerName",
        created="CreatedTime",
        tags="TagDescription.Tags",
        page_size=400,
        calls=(
            Call(
                "describe_tags",
                {"LoadBalancerNames": "LoadBalancerName"},
                "TagDescriptions[]",
                "TagDescription",
                batch=20,
                batch_on="LoadBalancerName",
                batch_key="LoadBalancerName",
                gone_codes=NO_BALANCER,
            ),
            Call(
                "describe_load_balancer_attributes",
                {"LoadBalancerName": "LoadBalancerName"},
                "LoadBalancerAttributes",
                "Attributes",
                gone_codes=NO_BALANCER,
            ),
        ),
        dns_names=("DNSName", "CanonicalHostedZoneName"),
        relations=(
            RelationRule("target", "Instances[].InstanceId", "AWS::EC2::Instance"),
            RelationRule("certificate", "ListenerDescriptions[].Listener.SSLCertificateId", CERTIFICATE, by="arn", role=SETTING),
            subnets("Subnets[]"),
            security_groups("SecurityGroups[]"),
            RelationRule("vpc", "VPCId", "AWS::EC2::VPC", role=SETTING),
        ),
        metric_source=CLASSIC_METRICS,
    ),
)

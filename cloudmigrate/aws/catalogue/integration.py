"""Rows for what connects programs: API Gateway, queues, topics, DNS."""

from cloudmigrate.aws import redact
from cloudmigrate.aws.catalogue.rules import ENDPOINT_TYPES, SETTING, encrypted_by, security_groups, subnets
from cloudmigrate.aws.resource_type import Call, Metric, MetricSource, Parent, RelationRule, ResourceType

# IAM knows API Gateway's management calls by HTTP verb on a path (service authorization reference, "API Gateway Management").
API_GET = "apigateway:GET"
NO_API = ("NotFoundException",)
LOAD_BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"

REST_METRICS = MetricSource(
    namespace="AWS/ApiGateway",
    dimensions={"ApiName": "name"},
    metrics=(
        Metric("Count", "count", stats=("Sum",)),
        Metric("Latency", "milliseconds"),
        Metric("4XXError", "count", stats=("Sum",)),
        Metric("5XXError", "count", stats=("Sum",)),
    ),
)
HTTP_METRICS = MetricSource(
    namespace="AWS/ApiGateway",
    dimensions={"ApiId": "ApiId"},
    metrics=(
        Metric("Count", "count", stats=("Sum",)),
        Metric("Latency", "milliseconds"),
        Metric("4xx", "count", stats=("Sum",)),
        Metric("5xx", "count", stats=("Sum",)),
    ),
)
QUEUE_METRICS = MetricSource(
    namespace="AWS/SQS",
    dimensions={"QueueName": "part(QueueUrl, '/', `-1`)"},
    metrics=(
        Metric("NumberOfMessagesSent", "count", stats=("Sum",)),
        Metric("ApproximateNumberOfMessagesVisible", "count"),
        Metric("ApproximateAgeOfOldestMessage", "seconds", stats=("Maximum",)),
    ),
)
TOPIC_METRICS = MetricSource(
    namespace="AWS/SNS",
    dimensions={"TopicName": "part(TopicArn, ':', `-1`)"},
    metrics=(
        Metric("NumberOfMessagesPublished", "count", stats=("Sum",)),
        Metric("NumberOfNotificationsFailed", "count", stats=("Sum",)),
    ),
)


def rest_detail(operation: str, path: str, into: str, **more: object) -> Call:
    """One enriching call about a REST API."""
    return Call(operation, {"restApiId": "id"}, path, into, gone_codes=NO_API, action=API_GET, constant=more)


def http_detail(operation: str, into: str) -> Call:
    """One enriching call about an HTTP or WebSocket API."""
    return Call(operation, {"ApiId": "ApiId"}, "Items[]", into, gone_codes=NO_API, action=API_GET)


APIS = (
    ResourceType(
        type="AWS::ApiGateway::RestApi",
        service="apigateway",
        operation="get_rest_apis",
        path="items[]",
        id="id",
        arn="arn:{partition}:apigateway:{region}::/restapis/{id}",
        role="integration",
        moves=True,
        name="name",
        created="createdDate",
        tags="tags",
        action=API_GET,
        page_size=500,
        calls=(
            rest_detail("get_resources", "items[]", "Resources", embed=["methods"]),
            rest_detail("get_stages", "item[]", "Stages"),
            rest_detail("get_authorizers", "items[]", "Authorizers"),
        ),
        redact=redact.rest_api,
        dns_names=("{id}.execute-api.{region}.amazonaws.com",),
        relations=(
            RelationRule("integration", "Resources[].resourceMethods.*[].methodIntegration.uri", ENDPOINT_TYPES, by="endpoint"),
            RelationRule(
                "vpc-link",
                "Resources[].resourceMethods.*[].methodIntegration.connectionId",
                "AWS::ApiGateway::VpcLink",
                keep_unresolved=False,
            ),
            RelationRule("authorizer", "Authorizers[].authorizerUri", "AWS::Lambda::Function", by="endpoint"),
            RelationRule("api-endpoint", "endpointConfiguration.vpcEndpointIds[]", "AWS::EC2::VPCEndpoint", role=SETTING),
        ),
        metric_source=REST_METRICS,
    ),
    ResourceType(
        type="AWS::ApiGateway::VpcLink",
        service="apigateway",
        operation="get_vpc_links",
        path="items[]",
        id="id",
        arn="arn:{partition}:apigateway:{region}::/vpclinks/{id}",
        role="integration",
        moves=True,
        name="name",
        state="status",
        tags="tags",
        gone_states=frozenset({"deleting", "failed"}),
        action=API_GET,
        relations=(RelationRule("vpc-link-target", "targetArns[]", LOAD_BALANCER, by="arn"),),
    ),
    ResourceType(
        type="AWS::ApiGatewayV2::Api",
        service="apigatewayv2",
        operation="get_apis",
        path="Items[]",
        id="ApiId",
        arn="arn:{partition}:apigateway:{region}::/apis/{id}",
        role="integration",
        moves=True,
        name="Name",
        created="CreatedDate",
        action=API_GET,
        calls=(
            http_detail("get_integrations", "Integrations"),
            http_detail("get_routes", "Routes"),
            http_detail("get_stages", "Stages"),
            http_detail("get_authorizers", "Authorizers"),
        ),
        redact=redact.http_api,
        dns_names=("ApiEndpoint", "{id}.execute-api.{region}.amazonaws.com"),
        relations=(
            RelationRule("integration", "Integrations[].IntegrationUri", ENDPOINT_TYPES, by="endpoint"),
            RelationRule("vpc-link", "Integrations[].ConnectionId", "AWS::ApiGatewayV2::VpcLink", keep_unresolved=False),
            RelationRule("authorizer", "Authorizers[].AuthorizerUri", "AWS::Lambda::Function", by="endpoint"),
        ),
        metric_source=HTTP_METRICS,
    ),
    ResourceType(
        type="AWS::ApiGatewayV2::VpcLink",
        service="apigatewayv2",
        operation="get_vpc_links",
        path="Items[]",
        id="VpcLinkId",
        arn="arn:{partition}:apigateway:{region}::/vpclinks/{id}",
        role="integration",
        moves=True,
        name="Name",
        state="VpcLinkStatus",
        created="CreatedDate",
        gone_states=frozenset({"deleting", "failed"}),
        single_page=True,
        action=API_GET,
        relations=(subnets("SubnetIds[]"), security_groups("SecurityGroupIds[]")),
    ),
)

NO_QUEUE = ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")

MESSAGES = (
    ResourceType(
        type="AWS::SQS::Queue",
        service="sqs",
        operation="list_queues",
        path="QueueUrls[].{QueueUrl: @}",  # an empty answer lacks QueueUrls
        id="part(QueueUrl, '/', `-1`)",
        arn="arn:{partition}:sqs:{region}:{account}:{id}",
        role="integration",
        moves=True,
        created="CreatedTimestamp",
        page_size=1000,  # without it SQS stops at 1,000 queues and gives no token
        calls=(
            Call(
                "get_queue_attributes",
                {"QueueUrl": "QueueUrl"},
                "merge(Attributes || `{}`, {Policy: from_json(Attributes.Policy), RedrivePolicy: from_json(Attributes.RedrivePolicy), "
                "RedriveAllowPolicy: from_json(Attributes.RedriveAllowPolicy)})",
                "@",
                constant={"AttributeNames": ["All"]},
                gone_codes=NO_QUEUE,  # a queue is listed for up to a minute after it was deleted
            ),
            Call("list_queue_tags", {"QueueUrl": "QueueUrl"}, "Tags", "Tags", gone_codes=NO_QUEUE),
        ),
        dns_names=("QueueUrl",),
        relations=(
            RelationRule("dead-letter", "RedrivePolicy.deadLetterTargetArn", "AWS::SQS::Queue", by="arn"),
            encrypted_by("KmsMasterKeyId"),
        ),
        metric_source=QUEUE_METRICS,
    ),
    ResourceType(
        type="AWS::SNS::Topic",
        service="sns",
        operation="list_topics",
        path="Topics[]",
        id="part(TopicArn, ':', `-1`)",
        arn="=TopicArn",
        role="integration",
        moves=True,
        calls=(
            Call(
                "get_topic_attributes",
                {"TopicArn": "TopicArn"},
                "merge(Attributes || `{}`, {Policy: from_json(Attributes.Policy), "
                "EffectiveDeliveryPolicy: from_json(Attributes.EffectiveDeliveryPolicy)})",
                "@",
                gone_codes=("NotFound", "NotFoundException"),
            ),
            Call(
                "list_tags_for_resource",
                {"ResourceArn": "TopicArn"},
                "Tags[]",
                "Tags",
                gone_codes=("ResourceNotFound", "ResourceNotFoundException"),
            ),
            Call(
                "list_subscriptions_by_topic",
                {"TopicArn": "TopicArn"},
                "Subscriptions[]",
                "Subscriptions",
                gone_codes=("NotFound", "NotFoundException"),
            ),
        ),
        redact=redact.topic,
        relations=(
            RelationRule("subscription", "Subscriptions[].Endpoint", ("AWS::SQS::Queue", "AWS::Lambda::Function"), by="arn"),
            encrypted_by("KmsMasterKeyId"),
        ),
        metric_source=TOPIC_METRICS,
    ),
)

DNS_TARGETS = tuple(one for one in ENDPOINT_TYPES if not one.startswith(("AWS::SecretsManager", "AWS::DynamoDB", "AWS::SNS")))

DNS = (
    ResourceType(
        type="AWS::Route53::HostedZone",
        service="route53",
        operation="list_hosted_zones",
        path="HostedZones[]",
        id="part(Id, '/', `-1`)",
        arn="arn:{partition}:route53:::hostedzone/{id}",
        role="network",
        moves=False,
        name="Name",
        is_global=True,
        calls=(
            Call(
                "get_hosted_zone",
                {"Id": "Id"},
                "VPCs[]",
                "VPCs",
                gone_codes=("NoSuchHostedZone",),
                when="Config.PrivateZone",
            ),
            Call(
                "list_tags_for_resource",
                {"ResourceId": "part(Id, '/', `-1`)"},
                "ResourceTagSet.Tags[]",
                "Tags",
                constant={"ResourceType": "hostedzone"},
                gone_codes=("NoSuchHostedZone",),
            ),
        ),
        relations=(RelationRule("vpc", "VPCs[].VPCId", "AWS::EC2::VPC", role=SETTING, keep_unresolved=False),),
    ),
    ResourceType(
        type="AWS::Route53::RecordSet",
        service="route53",
        operation="list_resource_record_sets",
        path="ResourceRecordSets[]",
        id="SetIdentifier && join('/', [part(Parent.Id, '/', `-1`), Name, Type, SetIdentifier]) "
        "|| join('/', [part(Parent.Id, '/', `-1`), Name, Type])",
        arn="arn:{partition}:route53:::hostedzone/{id}",
        role="integration",
        moves=True,
        name="Name",
        tags=None,
        is_global=True,
        parent=Parent("list_hosted_zones", "HostedZones[]", {"HostedZoneId": "Id"}),
        dns_names=("Name",),
        relations=(
            RelationRule("zone", "part(Parent.Id, '/', `-1`)", "AWS::Route53::HostedZone", role=SETTING),
            RelationRule("dns-target", "AliasTarget.DNSName", DNS_TARGETS, by="dns"),
            RelationRule("dns-target", "Type == 'CNAME' && ResourceRecords[].Value", DNS_TARGETS, by="dns"),
            RelationRule(
                "dns-target",
                "contains(['A', 'AAAA'], Type) && ResourceRecords[].Value",
                ("AWS::EC2::Instance", "AWS::EC2::EIP", "AWS::EC2::NetworkInterface"),
                by="ip",
            ),
            # An alias to S3's website endpoint names no bucket: the bucket bears the record's name (Route 53 guide, S3 websites).
            RelationRule(
                "dns-target",
                "starts_with(AliasTarget.DNSName || '', 's3-website') && Name",
                "AWS::S3::Bucket",
                by="name",
            ),
        ),
    ),
)

ROWS: tuple[ResourceType, ...] = (*APIS, *MESSAGES, *DNS)

"""Rows for Lambda: functions, their layers, and what feeds them."""

from cloudmigrate.aws import redact
from cloudmigrate.aws.catalogue.rules import (
    PART,
    SETTING,
    encrypted_by,
    environment,
    runs_as,
    security_groups,
    subnets,
)
from cloudmigrate.aws.resource_type import Call, Metric, MetricSource, RelationRule, ResourceType

FUNCTION_METRICS = MetricSource(
    namespace="AWS/Lambda",
    dimensions={"FunctionName": "FunctionName"},
    metrics=(
        Metric("Invocations", "count", stats=("Sum",)),
        Metric("Errors", "count", stats=("Sum",)),
        Metric("Throttles", "count", stats=("Sum",)),
        Metric("Duration", "milliseconds"),
        Metric("ConcurrentExecutions", "count", stats=("Maximum",)),
    ),
)
NO_FUNCTION = ("ResourceNotFoundException",)
EVENT_TARGETS = ("AWS::SQS::Queue", "AWS::SNS::Topic", "AWS::Lambda::Function", "AWS::S3::Bucket")

ROWS: tuple[ResourceType, ...] = (
    ResourceType(
        type="AWS::Lambda::Function",
        service="lambda",
        operation="list_functions",
        path="Functions[]",
        id="FunctionName",
        arn="=FunctionArn",
        role="compute",
        moves=True,
        name="FunctionName",
        state="State || 'Active'",  # the listing leaves State out
        created="LastModified",
        gone_states=frozenset({"deleting"}),
        # GetFunction would tell tags and image too, but it also lets the caller download the code: not needed to assess.
        calls=(
            Call("list_tags", {"Resource": "FunctionArn"}, "Tags", "Tags", gone_codes=NO_FUNCTION),
            Call("get_policy", {"FunctionName": "FunctionName"}, "from_json(Policy)", "Policy", absent_codes=NO_FUNCTION),
            Call(
                "get_function_url_config",
                {"FunctionName": "FunctionName"},
                "{FunctionUrl: FunctionUrl, AuthType: AuthType, Cors: Cors, InvokeMode: InvokeMode}",
                "UrlConfig",
                absent_codes=NO_FUNCTION,
            ),
            Call(
                "get_function_event_invoke_config",
                {"FunctionName": "FunctionName"},
                "{MaximumRetryAttempts: MaximumRetryAttempts, MaximumEventAgeInSeconds: MaximumEventAgeInSeconds, "
                "DestinationConfig: DestinationConfig}",
                "EventInvokeConfig",
                absent_codes=NO_FUNCTION,
            ),
        ),
        redact=redact.function,
        dns_names=("UrlConfig.FunctionUrl",),
        relations=(
            runs_as("Role"),
            RelationRule("vpc", "VpcConfig.VpcId", "AWS::EC2::VPC", role=SETTING),
            subnets("VpcConfig.SubnetIds[]"),
            security_groups("VpcConfig.SecurityGroupIds[]"),
            RelationRule("layer", "Layers[].Arn", "AWS::Lambda::LayerVersion", by="arn", role=SETTING),
            RelationRule("dead-letter", "DeadLetterConfig.TargetArn", EVENT_TARGETS, by="arn"),
            RelationRule(
                "event-destination",
                "EventInvokeConfig.DestinationConfig.[OnSuccess.Destination, OnFailure.Destination]",
                EVENT_TARGETS,
                by="arn",
            ),
            RelationRule("file-system", "FileSystemConfigs[].Arn", "AWS::EFS::AccessPoint", by="arn"),
            encrypted_by("KMSKeyArn"),
            *environment("Environment.Variables[].endpoints[]", "Environment.Variables[]"),
        ),
        metric_source=FUNCTION_METRICS,
    ),
    ResourceType(
        type="AWS::Lambda::EventSourceMapping",
        service="lambda",
        operation="list_event_source_mappings",
        path="EventSourceMappings[]",
        id="UUID",
        arn="arn:{partition}:lambda:{region}:{account}:event-source-mapping:{id}",
        role="integration",
        moves=True,
        state="State",
        created="LastModified",
        tags=None,
        gone_states=frozenset({"deleting"}),
        relations=(
            RelationRule("mapping-of", "FunctionArn", "AWS::Lambda::Function", by="arn", role=PART),
            RelationRule("event-source", "EventSourceArn", ("AWS::SQS::Queue", "AWS::DynamoDB::Table"), by="arn"),
            RelationRule("event-source", "EventSourceArn", ("AWS::SQS::Queue", "AWS::DynamoDB::Table"), by="arn", source="FunctionArn"),
            RelationRule("dead-letter", "DestinationConfig.OnFailure.Destination", EVENT_TARGETS, by="arn"),
        ),
    ),
    ResourceType(
        type="AWS::Lambda::LayerVersion",
        service="lambda",
        operation="list_layers",
        path="Layers[]",
        id="LayerName",
        arn="=LatestMatchingVersion.LayerVersionArn",
        role="artifact",
        moves=False,
        name="LayerName",
        created="LatestMatchingVersion.CreatedDate",
        tags=None,
    ),
)

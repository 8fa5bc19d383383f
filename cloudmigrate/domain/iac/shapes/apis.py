"""API Gateway in Terraform."""

from cloudmigrate.domain.iac.shape import TAGS, Argument, Beside, Inlined, Member, Nested, NotThere, Shape, named

OF_METHOD = {name: name for name in ("rest_api_id", "resource_id", "http_method")}


INTEGRATION: dict[str, Member] = {
    **named(
        Type="type",
        IntegrationHttpMethod="integration_http_method",
        Uri="uri",
        ConnectionType="connection_type",
        ConnectionId="connection_id",
        Credentials="credentials",
        PassthroughBehavior="passthrough_behavior",
        ContentHandling="content_handling",
        TimeoutInMillis="timeout_milliseconds",
        RequestParameters="request_parameters",
        RequestTemplates="request_templates",
    ),
    "IntegrationResponses": NotThere("each is a resource of its own"),
}
INTEGRATION_RESPONSE = named(
    StatusCode="status_code",
    SelectionPattern="selection_pattern",
    ContentHandling="content_handling",
    ResponseParameters="response_parameters",
    ResponseTemplates="response_templates",
)

SHAPES = (
    Shape(
        "AWS::ApiGateway::Method",
        "aws_api_gateway_method",
        {
            **named(
                RestApiId="rest_api_id",
                ResourceId="resource_id",
                HttpMethod="http_method",
                AuthorizationType="authorization",
                AuthorizerId="authorizer_id",
                AuthorizationScopes="authorization_scopes",
                ApiKeyRequired="api_key_required",
                OperationName="operation_name",
                RequestParameters="request_parameters",
            )
        },
        attributes={"": "id"},
        beside=(
            Beside("aws_api_gateway_integration", OF_METHOD, {"Integration": Inlined(INTEGRATION)}),
            Beside(
                "aws_api_gateway_method_response",
                OF_METHOD,
                named(StatusCode="status_code", ResponseParameters="response_parameters"),
                each="MethodResponses",
            ),
            Beside("aws_api_gateway_integration_response", OF_METHOD, INTEGRATION_RESPONSE, each="Integration.IntegrationResponses"),
        ),
    ),
    Shape(
        "AWS::ApiGateway::RestApi",
        "aws_api_gateway_rest_api",
        {
            **named(
                Name="name",
                Description="description",
                ApiKeySourceType="api_key_source",
                BinaryMediaTypes="binary_media_types",
                DisableExecuteApiEndpoint="disable_execute_api_endpoint",
                Policy="policy",
            ),
            "MinimumCompressionSize": Argument("minimum_compression_size", lambda value: str(value) if isinstance(value, int) else value),
            "EndpointConfiguration": Nested("endpoint_configuration", named(Types="types", VpcEndpointIds="vpc_endpoint_ids")),
            "Tags": TAGS,
        },
        attributes={"": "id", "RestApiId": "id", "RootResourceId": "root_resource_id"},
    ),
    Shape(
        "AWS::ApiGateway::Resource",
        "aws_api_gateway_resource",
        named(RestApiId="rest_api_id", ParentId="parent_id", PathPart="path_part"),
    ),
    Shape(
        "AWS::ApiGateway::Authorizer",
        "aws_api_gateway_authorizer",
        named(
            RestApiId="rest_api_id",
            Name="name",
            Type="type",
            AuthorizerUri="authorizer_uri",
            AuthorizerCredentials="authorizer_credentials",
            IdentitySource="identity_source",
            IdentityValidationExpression="identity_validation_expression",
            ProviderARNs="provider_arns",
            AuthorizerResultTtlInSeconds="authorizer_result_ttl_in_seconds",
        ),
        attributes={"": "id"},
    ),
    Shape("AWS::ApiGateway::Deployment", "aws_api_gateway_deployment", named(RestApiId="rest_api_id"), attributes={"": "id"}),
    Shape(
        "AWS::ApiGateway::Stage",
        "aws_api_gateway_stage",
        named(
            RestApiId="rest_api_id",
            DeploymentId="deployment_id",
            StageName="stage_name",
            Description="description",
            TracingEnabled="xray_tracing_enabled",
            CacheClusterEnabled="cache_cluster_enabled",
            CacheClusterSize="cache_cluster_size",
            Variables="variables",
        ),
        attributes={"": "stage_name"},
    ),
    Shape(
        "AWS::ApiGateway::VpcLink",
        "aws_api_gateway_vpc_link",
        {**named(Name="name", Description="description", TargetArns="target_arns"), "Tags": TAGS},
        attributes={"": "id"},
    ),
    Shape(
        "AWS::ApiGatewayV2::Api",
        "aws_apigatewayv2_api",
        {
            **named(
                Name="name",
                Description="description",
                ProtocolType="protocol_type",
                RouteSelectionExpression="route_selection_expression",
                ApiKeySelectionExpression="api_key_selection_expression",
                DisableExecuteApiEndpoint="disable_execute_api_endpoint",
                Tags="tags",
            ),
            "CorsConfiguration": Nested(
                "cors_configuration",
                named(
                    AllowCredentials="allow_credentials",
                    AllowHeaders="allow_headers",
                    AllowMethods="allow_methods",
                    AllowOrigins="allow_origins",
                    ExposeHeaders="expose_headers",
                    MaxAge="max_age",
                ),
            ),
        },
        attributes={"": "id", "ApiId": "id", "ApiEndpoint": "api_endpoint"},
    ),
    Shape(
        "AWS::ApiGatewayV2::Integration",
        "aws_apigatewayv2_integration",
        named(
            ApiId="api_id",
            IntegrationUri="integration_uri",
            ConnectionId="connection_id",
            ConnectionType="connection_type",
            ContentHandlingStrategy="content_handling_strategy",
            CredentialsArn="credentials_arn",
            Description="description",
            IntegrationMethod="integration_method",
            IntegrationSubtype="integration_subtype",
            IntegrationType="integration_type",
            PassthroughBehavior="passthrough_behavior",
            PayloadFormatVersion="payload_format_version",
            RequestParameters="request_parameters",
            RequestTemplates="request_templates",
            TemplateSelectionExpression="template_selection_expression",
            TimeoutInMillis="timeout_milliseconds",
        ),
        attributes={"": "id"},
    ),
    Shape(
        "AWS::ApiGatewayV2::Authorizer",
        "aws_apigatewayv2_authorizer",
        {
            **named(
                ApiId="api_id",
                AuthorizerUri="authorizer_uri",
                AuthorizerPayloadFormatVersion="authorizer_payload_format_version",
                AuthorizerResultTtlInSeconds="authorizer_result_ttl_in_seconds",
                AuthorizerType="authorizer_type",
                EnableSimpleResponses="enable_simple_responses",
                IdentitySource="identity_sources",
                Name="name",
            ),
            "IdentityValidationExpression": NotThere("the provider has it for REST APIs only; HTTP APIs take none"),
            "JwtConfiguration": Nested("jwt_configuration", named(Audience="audience", Issuer="issuer")),
        },
        attributes={"": "id"},
    ),
    Shape(
        "AWS::ApiGatewayV2::Route",
        "aws_apigatewayv2_route",
        named(
            ApiId="api_id",
            RouteKey="route_key",
            AuthorizationType="authorization_type",
            AuthorizationScopes="authorization_scopes",
            ApiKeyRequired="api_key_required",
            OperationName="operation_name",
            AuthorizerId="authorizer_id",
            Target="target",
        ),
        attributes={"": "id"},
    ),
    Shape(
        "AWS::ApiGatewayV2::Stage",
        "aws_apigatewayv2_stage",
        {
            **named(
                ApiId="api_id", StageName="name", Description="description", AutoDeploy="auto_deploy", StageVariables="stage_variables"
            ),
            "DefaultRouteSettings": Nested(
                "default_route_settings",
                named(
                    DataTraceEnabled="data_trace_enabled",
                    DetailedMetricsEnabled="detailed_metrics_enabled",
                    LoggingLevel="logging_level",
                    ThrottlingBurstLimit="throttling_burst_limit",
                    ThrottlingRateLimit="throttling_rate_limit",
                ),
            ),
        },
        attributes={"": "name"},
    ),
    Shape(
        "AWS::ApiGatewayV2::VpcLink",
        "aws_apigatewayv2_vpc_link",
        named(Name="name", SubnetIds="subnet_ids", SecurityGroupIds="security_group_ids"),
        attributes={"": "id"},
    ),
)

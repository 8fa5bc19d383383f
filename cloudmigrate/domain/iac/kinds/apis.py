"""APIs of API Gateway: REST, and HTTP or WebSocket.

Source: AWS CloudFormation template reference, AWS::ApiGateway::RestApi, Resource, Method, Authorizer, Deployment, Stage, VpcLink;
AWS::ApiGatewayV2::Api, Integration, Route, Authorizer, Stage, VpcLink.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from cloudmigrate.domain.iac.hidden import hidden_by_name, shown
from cloudmigrate.domain.iac.kind import Kind
from cloudmigrate.domain.iac.model import TargetResource
from cloudmigrate.domain.iac.source import Source, as_it_is, branch, defaulted, transformed
from cloudmigrate.domain.iac.values import Branch, Here, Items, Joined, Leaf, Node, Ref

REST, REST_LINK = "AWS::ApiGateway::RestApi", "AWS::ApiGateway::VpcLink"
HTTP, HTTP_LINK = "AWS::ApiGatewayV2::Api", "AWS::ApiGatewayV2::VpcLink"
FUNCTION = "AWS::Lambda::Function"
GIVEN, RUN_TIME = "given by AWS", "what it is at the moment"
# arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/<ARN of the function>/invocations
INVOCATION = re.compile(r"^arn:(aws[a-z-]*):apigateway:([a-z0-9-]+):lambda:(path/2015-03-31/functions)/(arn:[^/]+)/invocations$")


def rest_api(source: Source) -> Iterator[TargetResource]:
    """A REST API with its paths, methods, authorizers, and each stage with a deployment."""
    properties: dict[str, Node | None] = {
        "Name": source.copied("name"),
        "Description": source.copied("description"),
        "ApiKeySourceType": source.copied("apiKeySource"),
        "BinaryMediaTypes": source.copied("binaryMediaTypes"),
        "MinimumCompressionSize": source.copied("minimumCompressionSize"),
        "DisableExecuteApiEndpoint": source.copied("disableExecuteApiEndpoint"),
        "EndpointConfiguration": branch(
            Types=source.copied("endpointConfiguration.types"),
            VpcEndpointIds=source.all_referred("endpointConfiguration", source.value("endpointConfiguration.vpcEndpointIds") or ()),
        ),
        "Policy": source.rewritten("policy") if isinstance(source.spec.get("policy"), Mapping) else None,
        "Tags": source.tags(),
    }
    made = source.target(REST, properties)
    yield made
    authorizers = {}
    for one in source.value("Authorizers") or ():
        authorizers[str(one.get("id"))] = _rest_authorizer(source, made, one)
    yield from authorizers.values()
    methods: list[TargetResource] = []
    paths = {str(one["id"]): one for one in source.value("Resources") or ()}
    for one in sorted(paths.values(), key=lambda item: str(item.get("path", ""))):
        if one.get("path") != "/":
            yield _path(source, made, paths, one)
        methods += [_method(source, made, one, verb, authorizers) for verb in sorted(one.get("resourceMethods") or {})]
    yield from methods
    for stage in source.value("Stages") or ():
        yield from _rest_stage(source, made, stage, methods)


def http_api(source: Source) -> Iterator[TargetResource]:
    """An HTTP or WebSocket API with its integrations, routes, authorizers and stages."""
    same = (
        "Description",
        "ProtocolType",
        "RouteSelectionExpression",
        "ApiKeySelectionExpression",
        "CorsConfiguration",
        "DisableExecuteApiEndpoint",
    )
    properties: dict[str, Node | None] = {"Name": source.copied("Name")}
    properties |= {name: source.copied(name) for name in same}
    properties["Tags"] = (
        Leaf(dict(sorted(source.resource.tags.items())), transformed("Tags", "as they are")) if source.resource.tags else None
    )
    source.read |= {"Tags", "Version"}
    made = source.target(HTTP, properties)
    yield made
    integrations = {str(one["IntegrationId"]): _http_integration(source, made, one) for one in source.value("Integrations") or ()}
    authorizers = {str(one["AuthorizerId"]): _http_authorizer(source, made, one) for one in source.value("Authorizers") or ()}
    yield from integrations.values()
    yield from authorizers.values()
    for one in source.value("Routes") or ():
        yield _route(source, made, one, integrations, authorizers)
    for one in source.value("Stages") or ():
        yield _http_stage(source, made, one)


def rest_link(source: Source) -> Iterator[TargetResource]:
    """A REST API's way into a network, by a network load balancer."""
    properties: dict[str, Node | None] = {
        "Name": source.copied("name"),
        "Description": source.copied("description"),
        "TargetArns": source.all_referred("targetArns", source.value("targetArns") or ()),
        "Tags": source.tags(),
    }
    yield source.target(REST_LINK, properties)


def http_link(source: Source) -> Iterator[TargetResource]:
    """An HTTP API's way into a network."""
    properties: dict[str, Node | None] = {
        "Name": source.copied("Name"),
        "SubnetIds": source.all_referred("SubnetIds", source.value("SubnetIds") or (), where="targets.subnets"),
        "SecurityGroupIds": source.all_referred(
            "SecurityGroupIds", source.value("SecurityGroupIds") or (), where="targets.security_groups"
        ),
    }
    source.read |= {"Tags"}
    yield source.target(HTTP_LINK, properties)


def _of(made: TargetResource, path: str, attribute: str = "") -> Leaf:
    return Leaf(Ref(made.key, attribute), transformed(path, "the API that it is of"))


def _path(source: Source, made: TargetResource, paths: Mapping[str, Any], one: Mapping[str, Any]) -> TargetResource:
    above = paths.get(str(one.get("parentId")))
    if above is None or above.get("path") == "/":
        parent = _of(made, "Resources", "RootResourceId")
    else:
        parent = Leaf(Ref(f"{source.resource.uid}#path {above['path']}"), transformed("Resources", "the path that it is under"))
    properties: dict[str, Node | None] = {
        "RestApiId": _of(made, "Resources"),
        "ParentId": parent,
        "PathPart": Leaf(str(one.get("pathPart", "")), transformed("Resources", "as it is")),
    }
    return source.target("AWS::ApiGateway::Resource", properties, part=f"path {one['path']}", name=f"{source.resource.name} {one['path']}")


def _method(
    source: Source, made: TargetResource, of: Mapping[str, Any], verb: str, authorizers: Mapping[str, TargetResource]
) -> TargetResource:
    method = of["resourceMethods"][verb]
    path = f"Resources[{of.get('path')}].{verb}"
    where = _of(made, path, "RootResourceId")
    if of.get("path") != "/":
        where = Leaf(Ref(f"{source.resource.uid}#path {of['path']}"), transformed(path, "the path that it is of"))
    authorizer = authorizers.get(str(method.get("authorizerId")))
    properties: dict[str, Node | None] = {
        "RestApiId": _of(made, path),
        "ResourceId": where,
        "HttpMethod": Leaf(verb, transformed(path, "as it is")),
        "AuthorizationType": Leaf(str(method.get("authorizationType", "NONE")), transformed(path, "as it is")),
        "AuthorizerId": Leaf(Ref(authorizer.key), transformed(path, "the authorizer of the target")) if authorizer else None,
        "AuthorizationScopes": as_it_is(method.get("authorizationScopes"), path),
        "ApiKeyRequired": as_it_is(method.get("apiKeyRequired"), path),
        "OperationName": as_it_is(method.get("operationName"), path),
        "RequestParameters": as_it_is(method.get("requestParameters"), path),
        "Integration": _rest_integration(source, method.get("methodIntegration"), path),
        "MethodResponses": _responses(method.get("methodResponses"), path),
    }
    return source.target(
        "AWS::ApiGateway::Method", properties, part=f"method {of.get('path')} {verb}", name=f"{source.resource.name} {verb}"
    )


def _rest_integration(source: Source, given: Any, path: str) -> Node | None:
    if not given:
        return None
    linked = given.get("connectionType") == "VPC_LINK" and given.get("connectionId")
    return branch(
        Type=as_it_is(given.get("type"), path),
        IntegrationHttpMethod=as_it_is(given.get("httpMethod"), path),
        Uri=_uri(source, given.get("uri"), path),
        ConnectionType=as_it_is(given.get("connectionType"), path),
        ConnectionId=source.referred(path, given["connectionId"], type_=REST_LINK) if linked else None,
        Credentials=source.referred(path, given["credentials"], attribute="Arn", type_="AWS::IAM::Role", where="targets.roles")
        if given.get("credentials")
        else None,
        PassthroughBehavior=as_it_is(given.get("passthroughBehavior"), path),
        ContentHandling=as_it_is(given.get("contentHandling"), path),
        TimeoutInMillis=as_it_is(given.get("timeoutInMillis"), path),
        RequestParameters=shown(source, given.get("requestParameters"), "Resources", f"{path} parameters"),
        RequestTemplates=hidden_by_name(source, given.get("requestTemplates"), "Resources", f"{path} template"),
        IntegrationResponses=_integration_responses(source, given.get("integrationResponses"), path),
    )


def _integration_responses(source: Source, given: Any, path: str) -> Items | None:
    found = [
        branch(
            StatusCode=Leaf(str(status), transformed(path, "as it is")),
            SelectionPattern=as_it_is(one.get("selectionPattern"), path),
            ContentHandling=as_it_is(one.get("contentHandling"), path),
            ResponseParameters=shown(source, one.get("responseParameters"), "Resources", f"{path} {status} parameters"),
            ResponseTemplates=hidden_by_name(source, one.get("responseTemplates"), "Resources", f"{path} {status} template"),
        )
        for status, one in sorted((given or {}).items())
    ]
    kept = tuple(one for one in found if one is not None)
    return Items(kept) if kept else None


def _responses(given: Any, path: str) -> Items | None:
    found = tuple(
        Branch(
            {
                name: node
                for name, node in (
                    ("StatusCode", Leaf(str(status), transformed(path, "as it is"))),
                    ("ResponseParameters", as_it_is(one.get("responseParameters"), path)),
                )
                if node is not None
            }
        )
        for status, one in sorted((given or {}).items())
    )
    return Items(found) if found else None


def _uri(source: Source, uri: Any, path: str) -> Leaf | None:
    """Where an integration leads: to the target of a function; another address stays."""
    if not isinstance(uri, str) or not uri:
        return None
    found = INVOCATION.match(uri)
    if found is None:
        return Leaf(source.arn_there(uri) if uri.startswith("arn:") else uri, transformed(path, "as it is, or the ARN of the target"))
    function = source.referred(path, found.group(4), attribute="Arn", type_=FUNCTION)
    assert function is not None  # noqa: S101 - the expression has an ARN in it
    arn = function.value
    assert not isinstance(arn, tuple | Mapping | bool | int | float) and arn is not None  # noqa: S101, PT018 - a reference or text
    parts = ("arn:", Here.PARTITION, ":apigateway:", Here.REGION, f":lambda:{found.group(3)}/", arn, "/invocations")
    return Leaf(Joined(parts), function.origin)  # type: ignore[arg-type]  # of a reference, a variable or text


def _rest_authorizer(source: Source, made: TargetResource, one: Mapping[str, Any]) -> TargetResource:
    path = f"Authorizers[{one.get('id')}]"
    properties: dict[str, Node | None] = {
        "RestApiId": _of(made, path),
        "Name": as_it_is(one.get("name"), path),
        "Type": as_it_is(one.get("type"), path),
        "AuthorizerUri": _uri(source, one.get("authorizerUri"), path),
        "AuthorizerCredentials": source.referred(path, one["authorizerCredentials"], attribute="Arn", type_="AWS::IAM::Role")
        if one.get("authorizerCredentials")
        else None,
        "IdentitySource": as_it_is(one.get("identitySource"), path),
        "IdentityValidationExpression": as_it_is(one.get("identityValidationExpression"), path),
        "ProviderARNs": as_it_is(one.get("providerARNs"), path),
        "AuthorizerResultTtlInSeconds": as_it_is(one.get("authorizerResultTtlInSeconds"), path),
    }
    return source.target("AWS::ApiGateway::Authorizer", properties, part=path, name=f"{source.resource.name} {one.get('name')}")


def _rest_stage(source: Source, made: TargetResource, stage: Mapping[str, Any], methods: list[TargetResource]) -> Iterator[TargetResource]:
    name = str(stage["stageName"])
    path = f"Stages[{name}]"
    deployment = source.target(
        "AWS::ApiGateway::Deployment",
        {"RestApiId": _of(made, path)},
        part=f"deployment {name}",
        name=f"{source.resource.name} {name}",
        needs=tuple(sorted(one.key for one in methods)),
    )
    yield deployment
    properties: dict[str, Node | None] = {
        "RestApiId": _of(made, path),
        "DeploymentId": Leaf(Ref(deployment.key), transformed(path, "a deployment of all methods")),
        "StageName": Leaf(name, transformed(path, "as it is")),
        "Description": as_it_is(stage.get("description"), path),
        "TracingEnabled": as_it_is(stage.get("tracingEnabled"), path),
        "CacheClusterEnabled": as_it_is(stage.get("cacheClusterEnabled"), path),
        "CacheClusterSize": as_it_is(stage.get("cacheClusterSize"), path) if stage.get("cacheClusterEnabled") else None,
        "Variables": hidden_by_name(source, stage.get("variables"), "Stages", f"{name} variable"),
    }
    yield source.target("AWS::ApiGateway::Stage", properties, part=f"stage {name}", name=f"{source.resource.name} {name}")


def _http_integration(source: Source, made: TargetResource, one: Mapping[str, Any]) -> TargetResource:
    path = f"Integrations[{one['IntegrationId']}]"
    linked = one.get("ConnectionType") == "VPC_LINK" and one.get("ConnectionId")
    uri = str(one.get("IntegrationUri") or "")
    function = source.referred(path, uri, attribute="Arn", type_=FUNCTION) if uri.startswith("arn:") and ":lambda:" in uri else None
    if uri.startswith("arn:") and function is None:  # a listener, or a registered service
        function = source.referred(path, uri)
    properties: dict[str, Node | None] = {
        "ApiId": _of(made, path),
        "IntegrationUri": _uri(source, uri, path) if INVOCATION.match(uri) else function or as_it_is(uri, path),
        "ConnectionId": source.referred(path, one["ConnectionId"], type_=HTTP_LINK) if linked else None,
        "CredentialsArn": source.referred(path, one["CredentialsArn"], attribute="Arn", type_="AWS::IAM::Role", where="targets.roles")
        if one.get("CredentialsArn")
        else None,
        "RequestParameters": shown(source, one.get("RequestParameters"), "Integrations", f"{path} parameters"),
        "RequestTemplates": hidden_by_name(source, one.get("RequestTemplates"), "Integrations", f"{path} template"),
    }
    same = (
        "ConnectionType",
        "ContentHandlingStrategy",
        "Description",
        "IntegrationMethod",
        "IntegrationSubtype",
        "IntegrationType",
        "PassthroughBehavior",
        "PayloadFormatVersion",
        "TemplateSelectionExpression",
        "TimeoutInMillis",
    )
    properties |= {name: as_it_is(one.get(name), path) for name in same}
    return source.target("AWS::ApiGatewayV2::Integration", properties, part=path, name=f"{source.resource.name} integration")


def _http_authorizer(source: Source, made: TargetResource, one: Mapping[str, Any]) -> TargetResource:
    path = f"Authorizers[{one['AuthorizerId']}]"
    same = (
        "AuthorizerPayloadFormatVersion",
        "AuthorizerResultTtlInSeconds",
        "AuthorizerType",
        "EnableSimpleResponses",
        "IdentitySource",
        "IdentityValidationExpression",
        "JwtConfiguration",
        "Name",
    )
    properties: dict[str, Node | None] = {"ApiId": _of(made, path), "AuthorizerUri": _uri(source, one.get("AuthorizerUri"), path)}
    properties |= {name: as_it_is(one.get(name), path) for name in same}
    return source.target("AWS::ApiGatewayV2::Authorizer", properties, part=path, name=f"{source.resource.name} {one.get('Name')}")


def _route(
    source: Source,
    made: TargetResource,
    one: Mapping[str, Any],
    integrations: Mapping[str, TargetResource],
    authorizers: Mapping[str, TargetResource],
) -> TargetResource:
    path = f"Routes[{one.get('RouteKey')}]"
    integration = integrations.get(str(one.get("Target") or "").removeprefix("integrations/"))
    authorizer = authorizers.get(str(one.get("AuthorizerId")))
    properties: dict[str, Node | None] = {
        "ApiId": _of(made, path),
        "RouteKey": as_it_is(one.get("RouteKey"), path),
        "AuthorizationType": as_it_is(one.get("AuthorizationType"), path),
        "AuthorizationScopes": as_it_is(one.get("AuthorizationScopes"), path),
        "ApiKeyRequired": as_it_is(one.get("ApiKeyRequired"), path),
        "OperationName": as_it_is(one.get("OperationName"), path),
        "AuthorizerId": Leaf(Ref(authorizer.key), transformed(path, "the authorizer of the target")) if authorizer else None,
        "Target": Leaf(Joined(("integrations/", Ref(integration.key))), transformed(path, "the integration of the target"))
        if integration
        else None,
    }
    return source.target("AWS::ApiGatewayV2::Route", properties, part=path, name=f"{source.resource.name} {one.get('RouteKey')}")


def _http_stage(source: Source, made: TargetResource, one: Mapping[str, Any]) -> TargetResource:
    path = f"Stages[{one.get('StageName')}]"
    properties: dict[str, Node | None] = {
        "ApiId": _of(made, path),
        "StageName": as_it_is(one.get("StageName"), path),
        "Description": as_it_is(one.get("Description"), path),
        "AutoDeploy": defaulted(value=True, why="the target has no deployment yet: it makes one of its routes"),
        "DefaultRouteSettings": as_it_is(one.get("DefaultRouteSettings"), path),
        "StageVariables": hidden_by_name(source, one.get("StageVariables"), "Stages", f"{one.get('StageName')} variable"),
    }
    return source.target("AWS::ApiGatewayV2::Stage", properties, part=path, name=f"{source.resource.name} {one.get('StageName')}")


KINDS = (
    Kind(
        REST,
        rest_api,
        known_as=("id",),
        not_configuration={
            "id": GIVEN,
            "rootResourceId": GIVEN,
            "createdDate": RUN_TIME,
            "version": "what its author called it",
            "warnings": RUN_TIME,
        },
    ),
    Kind(REST_LINK, rest_link, known_as=("id",), not_configuration={"id": GIVEN, "status": RUN_TIME, "statusMessage": RUN_TIME}),
    Kind(
        HTTP,
        http_api,
        known_as=("ApiId",),
        not_configuration={"ApiId": GIVEN, "ApiEndpoint": GIVEN, "CreatedDate": RUN_TIME, "ApiGatewayManaged": GIVEN},
    ),
    Kind(
        HTTP_LINK,
        http_link,
        known_as=("VpcLinkId",),
        not_configuration={
            "VpcLinkId": GIVEN,
            "VpcLinkStatus": RUN_TIME,
            "VpcLinkStatusMessage": RUN_TIME,
            "VpcLinkVersion": GIVEN,
            "CreatedDate": RUN_TIME,
        },
    ),
)

"""HTTP and WebSocket APIs of API Gateway.

Source: AWS CloudFormation template reference, AWS::ApiGatewayV2::Api, Integration, Route, Authorizer, Stage, VpcLink.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from cloudmigrate.domain.iac.hidden import hidden_by_name, shown
from cloudmigrate.domain.iac.kind import GIVEN, RUN_TIME, Kind
from cloudmigrate.domain.iac.kinds.integrations import FUNCTION, INVOCATION, integration_uri, of_api
from cloudmigrate.domain.iac.model import TargetResource
from cloudmigrate.domain.iac.source import Source, as_it_is, defaulted, transformed
from cloudmigrate.domain.iac.values import Joined, Leaf, Node, Ref

HTTP, HTTP_LINK = "AWS::ApiGatewayV2::Api", "AWS::ApiGatewayV2::VpcLink"


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
    integrations = {str(one["IntegrationId"]): _integration(source, made, one) for one in source.value("Integrations") or ()}
    authorizers = {str(one["AuthorizerId"]): _authorizer(source, made, one) for one in source.value("Authorizers") or ()}
    yield from integrations.values()
    yield from authorizers.values()
    for one in source.value("Routes") or ():
        yield _route(source, made, one, integrations, authorizers)
    for one in source.value("Stages") or ():
        yield _stage(source, made, one)


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


def _integration(source: Source, made: TargetResource, one: Mapping[str, Any]) -> TargetResource:
    path = f"Integrations[{one['IntegrationId']}]"
    linked = one.get("ConnectionType") == "VPC_LINK" and one.get("ConnectionId")
    uri = str(one.get("IntegrationUri") or "")
    function = source.referred(path, uri, attribute="Arn", type_=FUNCTION) if uri.startswith("arn:") and ":lambda:" in uri else None
    if uri.startswith("arn:") and function is None:  # a listener, or a registered service
        function = source.referred(path, uri)
    properties: dict[str, Node | None] = {
        "ApiId": of_api(made, path),
        "IntegrationUri": integration_uri(source, uri, path) if INVOCATION.match(uri) else function or as_it_is(uri, path),
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


def _authorizer(source: Source, made: TargetResource, one: Mapping[str, Any]) -> TargetResource:
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
    properties: dict[str, Node | None] = {
        "ApiId": of_api(made, path),
        "AuthorizerUri": integration_uri(source, one.get("AuthorizerUri"), path),
    }
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
        "ApiId": of_api(made, path),
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


def _stage(source: Source, made: TargetResource, one: Mapping[str, Any]) -> TargetResource:
    path = f"Stages[{one.get('StageName')}]"
    properties: dict[str, Node | None] = {
        "ApiId": of_api(made, path),
        "StageName": as_it_is(one.get("StageName"), path),
        "Description": as_it_is(one.get("Description"), path),
        "AutoDeploy": defaulted(value=True, why="the target has no deployment yet: it makes one of its routes"),
        "DefaultRouteSettings": as_it_is(one.get("DefaultRouteSettings"), path),
        "StageVariables": hidden_by_name(source, one.get("StageVariables"), "Stages", f"{one.get('StageName')} variable"),
    }
    return source.target("AWS::ApiGatewayV2::Stage", properties, part=path, name=f"{source.resource.name} {one.get('StageName')}")


KINDS = (
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

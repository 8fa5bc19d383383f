"""REST APIs of API Gateway.

Source: AWS CloudFormation template reference, AWS::ApiGateway::RestApi, Resource, Method, Authorizer, Deployment, Stage, VpcLink.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from cloudmigrate.domain.iac.hidden import hidden_by_name, shown
from cloudmigrate.domain.iac.kind import GIVEN, RUN_TIME, Kind
from cloudmigrate.domain.iac.kinds.integrations import integration_uri, of_api
from cloudmigrate.domain.iac.model import TargetResource
from cloudmigrate.domain.iac.source import Source, as_it_is, branch, transformed
from cloudmigrate.domain.iac.values import Branch, Items, Leaf, Node, Ref

REST, REST_LINK = "AWS::ApiGateway::RestApi", "AWS::ApiGateway::VpcLink"


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
        authorizers[str(one.get("id"))] = _authorizer(source, made, one)
    yield from authorizers.values()
    methods: list[TargetResource] = []
    paths = {str(one["id"]): one for one in source.value("Resources") or ()}
    for one in sorted(paths.values(), key=lambda item: str(item.get("path", ""))):
        if one.get("path") != "/":
            yield _path(source, made, paths, one)
        methods += [_method(source, made, one, verb, authorizers) for verb in sorted(one.get("resourceMethods") or {})]
    yield from methods
    for stage in source.value("Stages") or ():
        yield from _stage(source, made, stage, methods)


def rest_link(source: Source) -> Iterator[TargetResource]:
    """A REST API's way into a network, by a network load balancer."""
    properties: dict[str, Node | None] = {
        "Name": source.copied("name"),
        "Description": source.copied("description"),
        "TargetArns": source.all_referred("targetArns", source.value("targetArns") or ()),
        "Tags": source.tags(),
    }
    yield source.target(REST_LINK, properties)


def _path(source: Source, made: TargetResource, paths: Mapping[str, Any], one: Mapping[str, Any]) -> TargetResource:
    above = paths.get(str(one.get("parentId")))
    if above is None or above.get("path") == "/":
        parent = of_api(made, "Resources", "RootResourceId")
    else:
        parent = Leaf(Ref(f"{source.resource.uid}#path {above['path']}"), transformed("Resources", "the path that it is under"))
    properties: dict[str, Node | None] = {
        "RestApiId": of_api(made, "Resources"),
        "ParentId": parent,
        "PathPart": Leaf(str(one.get("pathPart", "")), transformed("Resources", "as it is")),
    }
    return source.target("AWS::ApiGateway::Resource", properties, part=f"path {one['path']}", name=f"{source.resource.name} {one['path']}")


def _method(
    source: Source, made: TargetResource, of: Mapping[str, Any], verb: str, authorizers: Mapping[str, TargetResource]
) -> TargetResource:
    method = of["resourceMethods"][verb]
    path = f"Resources[{of.get('path')}].{verb}"
    where = of_api(made, path, "RootResourceId")
    if of.get("path") != "/":
        where = Leaf(Ref(f"{source.resource.uid}#path {of['path']}"), transformed(path, "the path that it is of"))
    authorizer = authorizers.get(str(method.get("authorizerId")))
    properties: dict[str, Node | None] = {
        "RestApiId": of_api(made, path),
        "ResourceId": where,
        "HttpMethod": Leaf(verb, transformed(path, "as it is")),
        "AuthorizationType": Leaf(str(method.get("authorizationType", "NONE")), transformed(path, "as it is")),
        "AuthorizerId": Leaf(Ref(authorizer.key), transformed(path, "the authorizer of the target")) if authorizer else None,
        "AuthorizationScopes": as_it_is(method.get("authorizationScopes"), path),
        "ApiKeyRequired": as_it_is(method.get("apiKeyRequired"), path),
        "OperationName": as_it_is(method.get("operationName"), path),
        "RequestParameters": as_it_is(method.get("requestParameters"), path),
        "Integration": _integration(source, method.get("methodIntegration"), path),
        "MethodResponses": _responses(method.get("methodResponses"), path),
    }
    return source.target(
        "AWS::ApiGateway::Method", properties, part=f"method {of.get('path')} {verb}", name=f"{source.resource.name} {verb}"
    )


def _integration(source: Source, given: Any, path: str) -> Node | None:
    if not given:
        return None
    linked = given.get("connectionType") == "VPC_LINK" and given.get("connectionId")
    return branch(
        Type=as_it_is(given.get("type"), path),
        IntegrationHttpMethod=as_it_is(given.get("httpMethod"), path),
        Uri=integration_uri(source, given.get("uri"), path),
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


def _authorizer(source: Source, made: TargetResource, one: Mapping[str, Any]) -> TargetResource:
    path = f"Authorizers[{one.get('id')}]"
    properties: dict[str, Node | None] = {
        "RestApiId": of_api(made, path),
        "Name": as_it_is(one.get("name"), path),
        "Type": as_it_is(one.get("type"), path),
        "AuthorizerUri": integration_uri(source, one.get("authorizerUri"), path),
        "AuthorizerCredentials": source.referred(path, one["authorizerCredentials"], attribute="Arn", type_="AWS::IAM::Role")
        if one.get("authorizerCredentials")
        else None,
        "IdentitySource": as_it_is(one.get("identitySource"), path),
        "IdentityValidationExpression": as_it_is(one.get("identityValidationExpression"), path),
        "ProviderARNs": as_it_is(one.get("providerARNs"), path),
        "AuthorizerResultTtlInSeconds": as_it_is(one.get("authorizerResultTtlInSeconds"), path),
    }
    return source.target("AWS::ApiGateway::Authorizer", properties, part=path, name=f"{source.resource.name} {one.get('name')}")


def _stage(source: Source, made: TargetResource, stage: Mapping[str, Any], methods: list[TargetResource]) -> Iterator[TargetResource]:
    name = str(stage["stageName"])
    path = f"Stages[{name}]"
    deployment = source.target(
        "AWS::ApiGateway::Deployment",
        {"RestApiId": of_api(made, path)},
        part=f"deployment {name}",
        name=f"{source.resource.name} {name}",
        needs=tuple(sorted(one.key for one in methods)),
    )
    yield deployment
    properties: dict[str, Node | None] = {
        "RestApiId": of_api(made, path),
        "DeploymentId": Leaf(Ref(deployment.key), transformed(path, "a deployment of all methods")),
        "StageName": Leaf(name, transformed(path, "as it is")),
        "Description": as_it_is(stage.get("description"), path),
        "TracingEnabled": as_it_is(stage.get("tracingEnabled"), path),
        "CacheClusterEnabled": as_it_is(stage.get("cacheClusterEnabled"), path),
        "CacheClusterSize": as_it_is(stage.get("cacheClusterSize"), path) if stage.get("cacheClusterEnabled") else None,
        "Variables": hidden_by_name(source, stage.get("variables"), "Stages", f"{name} variable"),
    }
    yield source.target("AWS::ApiGateway::Stage", properties, part=f"stage {name}", name=f"{source.resource.name} {name}")


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
)

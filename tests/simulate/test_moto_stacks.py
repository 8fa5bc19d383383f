"""The emulator's stacks, functions, registries and services do what AWS does where a wrong migration would fail on it."""

import base64
import hashlib
import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from cloudmigrate.simulate.emulator import Emulator, post
from cloudmigrate.simulate.moto_images import PENDING_PATH

REGION = "eu-west-1"
ROLE = "arn:aws:iam::123456789012:role/runs"
CODE = base64.b64decode("UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==")  # an empty zip file
QUEUE = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "first"}}


@pytest.fixture
def pending(clean_emulator: Emulator) -> Iterator[None]:
    post(clean_emulator.url + PENDING_PATH, b"2")
    yield
    post(clean_emulator.url + PENDING_PATH, b"0")


def client(service: str) -> Any:
    return boto3.client(service, region_name=REGION)


def refused(code: str, call: Any, **params: Any) -> str:
    with pytest.raises(ClientError) as told:
        call(**params)
    assert told.value.response["Error"]["Code"] == code
    return str(told.value)


def template(*, parameters: dict[str, Any] | None = None, **resources: Any) -> str:
    return json.dumps({"Resources": resources, **({"Parameters": parameters} if parameters else {})})


def asked(body: str, **more: Any) -> dict[str, Any]:
    return {"StackName": "shop", "ChangeSetName": "first", "ChangeSetType": "CREATE", "TemplateBody": body, **more}


def role() -> None:
    client("iam").create_role(RoleName="runs", AssumeRolePolicyDocument="{}")


@pytest.mark.usefixtures("pending")
def test_a_change_set_and_its_stack_take_time_and_are_made_once_per_token() -> None:
    cloud = client("cloudformation")
    made = cloud.create_change_set(**asked(template(Queue=QUEUE), ClientToken="t1", Tags=[{"Key": "a", "Value": "b"}]))
    again = cloud.create_change_set(**asked(template(Queue=QUEUE), ClientToken="t1", Tags=[{"Key": "a", "Value": "b"}]))
    assert (made["Id"], made["StackId"]) == (again["Id"], again["StackId"])
    refused("TokenAlreadyExistsException", cloud.create_change_set, **asked(template(Other=QUEUE), ClientToken="t1"))
    refused("AlreadyExistsException", cloud.create_change_set, **asked(template(Queue=QUEUE)))
    refused("InvalidChangeSetStatus", cloud.execute_change_set, ChangeSetName=made["Id"])
    shown = [cloud.describe_change_set(ChangeSetName="first", StackName="shop")["Status"] for _ in range(3)]
    assert shown == ["CREATE_IN_PROGRESS", "CREATE_IN_PROGRESS", "CREATE_COMPLETE"]
    changes = cloud.describe_change_set(ChangeSetName=made["Id"])["Changes"]
    assert [one["ResourceChange"]["ResourceType"] for one in changes] == ["AWS::SQS::Queue"]
    assert cloud.describe_stacks(StackName="shop")["Stacks"][0]["StackStatus"] == "REVIEW_IN_PROGRESS"
    cloud.execute_change_set(ChangeSetName=made["Id"])
    states = [cloud.describe_stacks(StackName="shop")["Stacks"][0]["StackStatus"] for _ in range(3)]
    assert states == ["CREATE_IN_PROGRESS", "CREATE_IN_PROGRESS", "CREATE_COMPLETE"]
    refused("ChangeSetNotFound", cloud.describe_change_set, ChangeSetName=made["Id"])
    refused("ValidationError", cloud.create_change_set, **asked(template(Queue=QUEUE), ChangeSetName="second"))
    cloud.delete_stack(StackName=made["StackId"])
    states = [cloud.describe_stacks(StackName=made["StackId"])["Stacks"][0]["StackStatus"] for _ in range(3)]
    assert states == ["DELETE_IN_PROGRESS", "DELETE_IN_PROGRESS", "DELETE_COMPLETE"]
    assert client("sqs").list_queues().get("QueueUrls", []) == []


@pytest.mark.usefixtures("clean_emulator")
def test_a_resource_that_fails_takes_the_others_back_and_the_stack_says_why() -> None:
    cloud = client("cloudformation")
    function = {"Type": "AWS::Lambda::Function", "Properties": {"Role": ROLE, "Code": {"S3Bucket": "none", "S3Key": "none"}}}
    made = cloud.create_change_set(**asked(template(Queue=QUEUE, Function=function)))
    cloud.execute_change_set(ChangeSetName=made["Id"])
    (stack,) = cloud.describe_stacks(StackName="shop")["Stacks"]
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "NoSuchBucket" in stack["StackStatusReason"]
    assert client("sqs").list_queues().get("QueueUrls", []) == []
    cloud.delete_stack(StackName="shop")
    assert cloud.describe_stacks()["Stacks"] == []


@pytest.mark.usefixtures("clean_emulator")
def test_a_template_that_aws_would_not_take_is_refused_and_secrets_are_not_shown() -> None:
    cloud, silent = client("cloudformation"), {"Secret": {"Type": "String", "NoEcho": True}}
    told = refused("ValidationError", cloud.create_change_set, **asked(template(Thing={"Type": "AWS::Foo::Bar"})))
    assert "Unrecognized resource types: [AWS::Foo::Bar]" in told
    refused("ValidationError", cloud.create_change_set, **asked(template(parameters=silent, Queue=QUEUE)))
    given = [{"ParameterKey": "Secret", "ParameterValue": "hunter2"}]
    refused("ValidationError", cloud.create_change_set, **asked(template(Queue=QUEUE), Parameters=given))
    refused("ValidationError", cloud.create_change_set, **asked(template(Queue=QUEUE) + " " * 51_200))
    cloud.create_change_set(**asked(template(parameters=silent, Queue=QUEUE), Parameters=given))
    shown = cloud.describe_change_set(ChangeSetName="first", StackName="shop")["Parameters"]
    assert shown == [{"ParameterKey": "Secret", "ParameterValue": "****"}]


@pytest.mark.usefixtures("clean_emulator")
def test_a_function_has_its_package_all_its_settings_and_one_mapping_of_a_queue() -> None:
    role()
    functions, sqs = client("lambda"), client("sqs")
    functions.create_function(FunctionName="source", Runtime="python3.12", Handler="a.b", Role=ROLE, Code={"ZipFile": CODE})
    got = functions.get_function(FunctionName="source")
    with urllib.request.urlopen(got["Code"]["Location"]) as answer:
        assert base64.b64encode(hashlib.sha256(answer.read()).digest()).decode() == got["Configuration"]["CodeSha256"]
    layer = functions.publish_layer_version(LayerName="tools", Content={"ZipFile": CODE})
    found = functions.get_layer_version_by_arn(Arn=layer["LayerVersionArn"])
    assert found["Content"]["Location"].startswith("http://127.0.0.1:")
    queue = sqs.get_queue_attributes(QueueUrl=sqs.create_queue(QueueName="q")["QueueUrl"], AttributeNames=["QueueArn"])["Attributes"]
    mapping = {"FunctionName": "source", "EventSourceArn": queue["QueueArn"]}
    made = functions.create_event_source_mapping(**mapping)
    refused("ResourceConflictException", functions.create_event_source_mapping, **mapping)
    functions.delete_event_source_mapping(UUID=made["UUID"])
    refused("ResourceNotFoundException", functions.delete_event_source_mapping, UUID=made["UUID"])
    bucket = {"Bucket": "code", "CreateBucketConfiguration": {"LocationConstraint": REGION}}
    client("s3").create_bucket(**bucket)
    client("s3").put_object(Bucket="code", Key="k", Body=CODE)
    code = {"S3Bucket": "code", "S3Key": "k"}
    properties = {"FunctionName": "made", "Runtime": "python3.12", "Handler": "a.b", "Role": ROLE, "Code": code, "Architectures": ["arm64"]}
    cloud = client("cloudformation")
    body = template(Function={"Type": "AWS::Lambda::Function", "Properties": properties})
    cloud.create_change_set(**asked(body, Tags=[{"Key": "team", "Value": "shop"}]))
    cloud.execute_change_set(ChangeSetName="first", StackName="shop")
    there = functions.get_function(FunctionName="made")
    assert there["Configuration"]["CodeSha256"] == got["Configuration"]["CodeSha256"]
    assert there["Configuration"]["Architectures"] == ["arm64"]
    assert there["Tags"]["team"] == "shop"


@pytest.mark.usefixtures("clean_emulator")
def test_a_function_has_one_statement_of_an_id_one_url_and_the_last_settings_of_asynchronous_calls() -> None:
    functions = client("lambda")
    role()
    functions.create_function(FunctionName="f", Role=ROLE, Runtime="python3.12", Handler="a.b", Code={"ZipFile": CODE})
    refused("ResourceNotFoundException", functions.get_policy, FunctionName="f")
    asked_for = {"FunctionName": "f", "StatementId": "url", "Action": "lambda:InvokeFunctionUrl", "Principal": "*"}
    functions.add_permission(**asked_for, FunctionUrlAuthType="NONE", PrincipalOrgID="o-a1b2c3d4e5f", SourceAccount="123456789012")
    refused("ResourceConflictException", functions.add_permission, **asked_for)
    functions.add_permission(**asked_for | {"StatementId": "by-url", "InvokedViaFunctionUrl": True})
    one, other = json.loads(functions.get_policy(FunctionName="f")["Policy"])["Statement"]
    equal = {"AWS:SourceAccount": "123456789012", "lambda:FunctionUrlAuthType": "NONE", "aws:PrincipalOrgID": "o-a1b2c3d4e5f"}
    assert (one["Condition"], other["Condition"]) == ({"StringEquals": equal}, {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}})
    assert not {"FunctionUrlAuthType", "PrincipalOrgID", "InvokedViaFunctionUrl"} & (one.keys() | other.keys())
    functions.remove_permission(FunctionName="f", StatementId="url")
    refused("ResourceNotFoundException", functions.remove_permission, FunctionName="f", StatementId="url")
    for tries in (2, 0):
        functions.put_function_event_invoke_config(FunctionName="f", MaximumRetryAttempts=tries)
    assert functions.get_function_event_invoke_config(FunctionName="f")["MaximumRetryAttempts"] == 0
    functions.delete_function_event_invoke_config(FunctionName="f")
    refused("ResourceNotFoundException", functions.delete_function_event_invoke_config, FunctionName="f")
    made = functions.create_function_url_config(FunctionName="f", AuthType="NONE")
    refused("ResourceConflictException", functions.create_function_url_config, FunctionName="f", AuthType="NONE")
    held = functions.get_function_url_config(FunctionName="f")
    assert (held["FunctionUrl"], held["InvokeMode"]) == (made["FunctionUrl"], "BUFFERED")
    functions.delete_function_url_config(FunctionName="f")
    refused("ResourceNotFoundException", functions.delete_function_url_config, FunctionName="f")


@pytest.mark.usefixtures("clean_emulator")
def test_a_registry_believes_digests_only_and_gives_what_it_has() -> None:
    ecr, data = client("ecr"), b"a layer"
    ecr.create_repository(repositoryName="web")
    named = f"sha256:{hashlib.sha256(data).hexdigest()}"
    manifest = {"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json", "config": {"digest": named}}
    text = json.dumps({**manifest, "layers": [{"digest": named}]})
    put = {"repositoryName": "web", "imageManifest": text, "imageTag": "v1"}
    refused("LayersNotFoundException", ecr.put_image, **put)
    for digest, is_right in ((f"sha256:{'0' * 64}", False), (named, True)):
        upload = {"repositoryName": "web", "uploadId": ecr.initiate_layer_upload(repositoryName="web")["uploadId"]}
        ecr.upload_layer_part(**upload, partFirstByte=0, partLastByte=len(data) - 1, layerPartBlob=data)
        if is_right:
            ecr.complete_layer_upload(**upload, layerDigests=[digest])
        else:
            refused("InvalidLayerException", ecr.complete_layer_upload, **upload, layerDigests=[digest])
    refused("ImageDigestDoesNotMatchException", ecr.put_image, **put, imageDigest=f"sha256:{'0' * 64}")
    image = ecr.put_image(**put)["image"]
    assert image["imageId"]["imageDigest"] == f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
    with urllib.request.urlopen(ecr.get_download_url_for_layer(repositoryName="web", layerDigest=named)["downloadUrl"]) as answer:
        assert answer.read() == data
    refused("ImageAlreadyExistsException", ecr.put_image, **put)


@pytest.mark.usefixtures("clean_emulator")
def test_a_service_runs_as_many_as_wanted_and_one_without_its_image_fails() -> None:
    ecs, cloud = client("ecs"), client("cloudformation")
    ecs.create_cluster(clusterName="shop")
    host = f"123456789012.dkr.ecr.{REGION}.amazonaws.com"
    for name, image, state in (("public", "nginx", "CREATE_COMPLETE"), ("lost", f"{host}/web:v1", "ROLLBACK_COMPLETE")):
        task = {"Family": name, "ContainerDefinitions": [{"Name": "web", "Image": image, "Memory": 64, "DockerLabels": {"Ab": "c"}}]}
        service = {"Cluster": "shop", "ServiceName": name, "DesiredCount": 2, "TaskDefinition": {"Ref": "Task"}, "LaunchType": "FARGATE"}
        kinds = {"Task": ("TaskDefinition", task), "Service": ("Service", service)}
        body = template(**{one: {"Type": f"AWS::ECS::{kind}", "Properties": of} for one, (kind, of) in kinds.items()})
        cloud.create_change_set(**asked(body, StackName=name))
        cloud.execute_change_set(ChangeSetName="first", StackName=name)
        assert cloud.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"] == state
    found = ecs.describe_services(cluster="shop", services=["public", "lost"])
    assert [(one["serviceName"], one["runningCount"], one["launchType"]) for one in found["services"]] == [("public", 2, "FARGATE")]
    task = ecs.describe_task_definition(taskDefinition="public")["taskDefinition"]["containerDefinitions"][0]
    assert (task["image"], task["dockerLabels"]) == ("nginx", {"Ab": "c"})
    cloud.delete_stack(StackName="public")
    assert ecs.list_task_definitions(status="ACTIVE")["taskDefinitionArns"] == []
    assert ecs.list_services(cluster="shop")["serviceArns"] == []


@pytest.mark.usefixtures("clean_emulator")
def test_a_cluster_in_which_services_run_stays_and_one_of_a_name_that_is_taken_is_not_made() -> None:
    ecs, cloud = client("ecs"), client("cloudformation")
    body = template(Cluster={"Type": "AWS::ECS::Cluster", "Properties": {"ClusterName": "shop"}})
    for name, state in (("first", "CREATE_COMPLETE"), ("second", "ROLLBACK_COMPLETE")):
        cloud.create_change_set(**asked(body, StackName=name))
        cloud.execute_change_set(ChangeSetName="first", StackName=name)
        assert cloud.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"] == state
    ecs.register_task_definition(family="web", containerDefinitions=[{"name": "web", "image": "nginx", "memory": 64}])
    ecs.create_service(cluster="shop", serviceName="web", taskDefinition="web", desiredCount=1)
    cloud.delete_stack(StackName="first")
    assert cloud.describe_stacks(StackName="first")["Stacks"][0]["StackStatus"] == "DELETE_FAILED"
    ecs.delete_service(cluster="shop", service="web", force=True)
    cloud.delete_stack(StackName="first")
    assert ecs.list_clusters()["clusterArns"] == []

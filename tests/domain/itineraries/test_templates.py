"""Templates of functions and container services, worked out by hand; hostile names stay data, and no value that may be secret is there."""

import json
import re
from dataclasses import replace
from typing import Any

import jmespath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmigrate.domain.acts.stacks import body
from cloudmigrate.domain.itineraries.building import Builder, Place
from cloudmigrate.domain.itineraries.function import function_steps, hinders
from cloudmigrate.domain.itineraries.mapped import Mapped, logical_id, stack_name
from cloudmigrate.domain.itineraries.record import Move
from cloudmigrate.domain.itineraries.service import service_template
from cloudmigrate.domain.resources import Resource
from cloudmigrate.domain.steps import step_document
from cloudmigrate.domain.target_policy import TargetPolicy

ACCOUNT, OTHER = "111111111111", "222222222222"
SOURCE, TARGET = Place(ACCOUNT, "eu-central-1"), Place(OTHER, "eu-west-1")
ROLE, THERE = f"arn:aws:iam::{ACCOUNT}:role/runs", f"arn:aws:iam::{OTHER}:role/runs"
QUEUE, QUEUE_THERE = f"arn:aws:sqs:eu-central-1:{ACCOUNT}:dead", f"arn:aws:sqs:eu-west-1:{OTHER}:dead"
POLICY = TargetPolicy.model_validate(
    {
        "region": TARGET.region,
        "account": OTHER,
        "artifact_bucket": "artifacts",
        "roles": {ROLE: THERE},
        "event_sources": {QUEUE: QUEUE_THERE},
        "subnets": {"subnet-a": "subnet-b"},
        "security_groups": {"sg-a": "sg-b"},
        "secrets": {"arn:aws:secretsmanager:x:1:secret:api-aB1": "arn:aws:secretsmanager:y:2:secret:api-cD2"},
        "target_groups": {"here": "there"},
    }
)
FUNCTION = {
    "FunctionName": "checkout",
    "FunctionArn": f"arn:aws:lambda:eu-central-1:{ACCOUNT}:function:checkout",
    "CodeSha256": "n2hYDK46tCcs/TBJ7Bh/Sb5WmvoFiCUrYogCj+e+oOo=",
    "Runtime": "python3.12",
    "Handler": "a.b",
    "MemorySize": 128,
    "Timeout": 3,
    "PackageType": "Zip",
    "Architectures": ["arm64"],
    "Role": ROLE,
    "Environment": {"Variables": [{"name": "TOKEN", "sha256": "0" * 64, "endpoints": []}]},
    "EphemeralStorage": {"Size": 512},
    "TracingConfig": {"Mode": "PassThrough"},
    "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
    "VpcConfig": {"SubnetIds": ["subnet-a"], "SecurityGroupIds": ["sg-a"], "VpcId": "vpc-a"},
    "DeadLetterConfig": {"TargetArn": QUEUE},
}


def move(spec: dict[str, Any], name: str = "checkout", type_: str = "AWS::Lambda::Function", **more: Any) -> Move:
    uid = str(spec.get("FunctionArn", "arn:service"))
    source = Resource(
        uid=uid,
        provider="aws",
        account_id=ACCOUNT,
        region=SOURCE.region,
        type=type_,
        name=name,
        state="active",
        tags={},
        spec=spec,
        stateful=False,
    )
    return Move(source, TARGET, POLICY.model_copy(update=more), {uid: source})


def steps_of(one: Move) -> list[dict[str, Any]]:
    builder = Builder("group", one.source.uid, one.source.name, {"plan": "p", "wave": 1})
    function_steps(builder, one)
    return [step_document(step) for step in builder.steps]


def test_a_function_is_this_template() -> None:
    (made,) = [one for one in steps_of(move(FUNCTION)) if one["act"] == "cloudformation.create_change_set"]
    value, function = logical_id("Value", 'Environment.Variables."TOKEN"'), logical_id("Function", str(FUNCTION["FunctionArn"]))
    copied = {
        "output_of": "group/checkout-" + made["step_id"].split("checkout-")[1].split("/")[0] + "/06-copy_package",
        "name": "object_key",
    }
    assert made["params"]["template"] == {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Function checkout, moved by CloudMigrate",
        "Parameters": {value: {"Type": "String", "NoEcho": True}},
        "Resources": {
            function: {
                "Type": "AWS::Lambda::Function",
                "Properties": {
                    "Architectures": ["arm64"],
                    "FunctionName": "checkout",
                    "Handler": "a.b",
                    "MemorySize": 128,
                    "PackageType": "Zip",
                    "Runtime": "python3.12",
                    "Timeout": 3,
                    "Code": {"S3Bucket": "artifacts", "S3Key": copied},
                    "DeadLetterConfig": {"TargetArn": QUEUE_THERE},
                    "Environment": {"Variables": {"TOKEN": {"Ref": value}}},
                    "EphemeralStorage": {"Size": 512},
                    "Role": THERE,
                    "TracingConfig": {"Mode": "PassThrough"},
                    "VpcConfig": {"SecurityGroupIds": ["sg-b"], "SubnetIds": ["subnet-b"]},
                },
            }
        },
    }
    assert made["params"]["secrets"] == {value: 'Environment.Variables."TOKEN"'}
    assert made["params"]["secrets_of"]["operation"] == "GetFunctionConfiguration"


@given(st.text(max_size=80), st.text(max_size=300))
def test_whatever_a_function_is_called_and_says_it_stays_data(name: str, description: str) -> None:
    one = move({**FUNCTION, "Description": description}, name)
    assert steps_of(one) == steps_of(one)
    (made,) = [step for step in steps_of(one) if step["act"] == "cloudformation.create_change_set"]
    template = made["params"]["template"]
    assert json.loads(body(template)) == template
    assert all(re.fullmatch(r"[A-Za-z0-9]{1,255}", key) for part in ("Parameters", "Resources") for key in template[part])
    assert re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{0,90}", stack_name(one))
    assert all(
        re.fullmatch(r"cloudmigrate/[A-Za-z0-9._/-]+\.zip", step["params"]["object_key"]) for step in steps_of(one) if "copy" in step["act"]
    )


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        pytest.param({"FileSystemConfigs": [{"Arn": "x"}]}, "mounts a file system", id="file system"),
        pytest.param({"SigningJobArn": "x"}, "is signed", id="signed code"),
        pytest.param({"Environment": {"Variables": [{"name": "Ref"}]}}, "a word of its own", id="a name that is a word"),
        pytest.param({"Environment": {"Variables": [{"name": f"N{n}"} for n in range(201)]}}, "201 values", id="too many secrets"),
        pytest.param({"Description": "x" * 50_000}, "larger than one request takes", id="too large"),
    ],
)
def test_what_cannot_be_moved_is_told_with_its_reason(spec: dict[str, Any], why: str) -> None:
    assert hinders(move(FUNCTION)) == ""
    assert why in hinders(move(FUNCTION | spec))
    stays = replace(move(FUNCTION), target=SOURCE)
    assert "name is taken" in hinders(stays)


TASK = {
    "family": "web",
    "cpu": "256",
    "networkMode": "awsvpc",
    "requiresCompatibilities": ["FARGATE"],
    "executionRoleArn": ROLE,
    "containerDefinitions": [
        {
            "name": "web",
            "image": "1.dkr/web:v1",
            "essential": True,
            "portMappings": [{"containerPort": 80, "appProtocol": "http"}],
            "command": {"sha256": "0", "words": 2},
            "environment": [{"name": "A`'\"B", "sha256": "0"}],
            "dockerLabels": [{"name": "team.of", "sha256": "0"}],
            "healthCheck": {"command": {"sha256": "0", "words": 1}, "interval": 30},
            "secrets": [{"name": "KEY", "valueFrom": "arn:aws:secretsmanager:x:1:secret:api-aB1:key::"}],
            "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "g", "awslogs-region": "eu-central-1"}},
        }
    ],
}


def test_a_task_definition_and_a_service_are_these_resources_and_their_secrets_are_found_where_they_are_read() -> None:
    network = {"awsvpcConfiguration": {"subnets": ["subnet-a"], "securityGroups": ["sg-a"], "assignPublicIp": "ENABLED"}}
    balanced = [{"targetGroupArn": "here", "containerName": "web", "containerPort": 80}]
    spec = {
        "serviceName": "web",
        "clusterArn": f"arn:aws:ecs:eu-central-1:{ACCOUNT}:cluster/shop",
        "taskDefinition": "arn:aws:ecs:task-definition/web:7",
        "taskDefinitionInUse": TASK,
        "launchType": "FARGATE",
        "desiredCount": 2,
        "networkConfiguration": network,
        "loadBalancers": balanced,
    }
    mapped = Mapped(move(spec, type_="AWS::ECS::Service"))
    template = service_template(mapped.move, mapped, {"1.dkr/web:v1": {"Fn::Join": ["", ["there"]]}}, 3)
    task, service = template.resources.values()
    answer = {
        "taskDefinition": {
            "containerDefinitions": [
                {
                    "command": ["serve", "token"],
                    "environment": [{"name": "other", "value": "no"}, {"name": "A`'\"B", "value": "secret"}],
                    "dockerLabels": {"team.of": "shop"},
                    "healthCheck": {"command": ["CMD"]},
                }
            ]
        }
    }
    read = {name: jmespath.search(path, answer) for name, path in template.secrets.items()}

    def value(of: Any) -> Any:
        if isinstance(of, dict) and of.keys() == {"Ref"}:
            return read[of["Ref"]]
        if isinstance(of, dict):
            return {name: value(one) for name, one in of.items()}
        return [value(one) for one in of] if isinstance(of, list) else of

    assert value(task["Properties"]) == {
        "Cpu": "256",
        "Family": "web",
        "NetworkMode": "awsvpc",
        "ExecutionRoleArn": THERE,
        "RequiresCompatibilities": ["FARGATE"],
        "ContainerDefinitions": [
            {
                "Command": ["serve", "token"],
                "DockerLabels": {"team.of": "shop"},
                "Environment": [{"Name": "A`'\"B", "Value": "secret"}],
                "Essential": True,
                "HealthCheck": {"Command": ["CMD"], "Interval": 30},
                "Image": {"Fn::Join": ["", ["there"]]},
                "LogConfiguration": {
                    "LogDriver": "awslogs",
                    "Options": {"awslogs-group": "g", "awslogs-region": "eu-west-1", "awslogs-create-group": "true"},
                },
                "Name": "web",
                "PortMappings": [{"ContainerPort": 80, "AppProtocol": "http"}],
                "Secrets": [{"Name": "KEY", "ValueFrom": "arn:aws:secretsmanager:y:2:secret:api-cD2:key::"}],
            }
        ],
    }
    assert service["Properties"] == {
        "Cluster": "shop",
        "DesiredCount": 3,
        "LaunchType": "FARGATE",
        "LoadBalancers": [{"ContainerName": "web", "ContainerPort": 80, "TargetGroupArn": "there"}],
        "NetworkConfiguration": {"AwsvpcConfiguration": {"AssignPublicIp": "ENABLED", "SecurityGroups": ["sg-b"], "Subnets": ["subnet-b"]}},
        "ServiceName": "web",
        "TaskDefinition": {"Ref": logical_id("Task", "arn:aws:ecs:task-definition/web:7")},
    }
    assert mapped.lacking == []

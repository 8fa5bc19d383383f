"""A function with what functions have, on the emulator; all that can be left over in both regions; and the steps that move it."""

import base64
import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cloudmigrate.aws.catalogue import ROWS
from cloudmigrate.aws.discover import discover_region
from cloudmigrate.aws.sessions import AwsSessions
from cloudmigrate.domain.estate import Account, Scope
from cloudmigrate.domain.itineraries.compile import compile_wave
from cloudmigrate.domain.resources import Resource
from cloudmigrate.domain.steps import Step
from cloudmigrate.domain.target_policy import TargetPolicy
from tests.execution.small_estate import ACCOUNT, SOURCE, TARGET, sessions
from tests.execution.small_images import push

NAME = "checkout"
SECRET = 'hunter2 "quoted" ${x} \U0001f511'
BUCKET = "artifacts-of-the-target"
TYPES = ("AWS::Lambda::Function", "AWS::Lambda::EventSourceMapping", "AWS::Lambda::LayerVersion")
TOPIC, TOPIC_THERE = f"arn:aws:sns:{SOURCE}:{ACCOUNT}:paid", f"arn:aws:sns:{TARGET}:{ACCOUNT}:paid"
API = f"arn:aws:execute-api:{SOURCE}:{ACCOUNT}:a1b2c3/*/GET/orders"  # its id in the target nobody knows
PARTNER = "arn:aws:iam::999999999999:root"
ROLE = {"Version": "2012-10-17", "Statement": []}


@dataclass
class SmallFunctions:
    """What was made, and what was discovered of it."""

    sessions: AwsSessions
    resources: list[Resource]
    policy: TargetPolicy
    uids: list[str]
    marks: dict[str, Any] = field(default_factory=dict)

    def steps(self) -> list[Step]:
        """The steps of the only wave."""
        group = {"id": "checkout-group", "members": self.uids, "needs": [], "wave": 1}
        return compile_wave({"plan_id": "plan-1", "groups": [group]}, self.resources, self.policy, 1)

    def state(self) -> dict[str, Any]:
        """All that there is, with names in the place of ids."""
        regions = {region: state_of_region(self.sessions, region) for region in (SOURCE, TARGET)}
        s3 = self.sessions.client(ACCOUNT, "s3", TARGET)
        objects = s3.list_objects_v2(Bucket=BUCKET).get("Contents", ())
        return {**regions, "objects": sorted(one["Size"] for one in objects), "repositories": repositories(self.sessions)}


def state_of_region(clients: AwsSessions, region: str) -> dict[str, Any]:
    """All of Lambda and CloudFormation that a migration could leave behind or take away."""
    functions = clients.client(ACCOUNT, "lambda", region)
    stacks = clients.client(ACCOUNT, "cloudformation", region)
    return {
        "functions": sorted(_function(one) for one in functions.list_functions()["Functions"]),
        "mappings": sorted(
            (one["EventSourceArn"].rpartition(":")[2], one["FunctionArn"].rpartition(":")[2], one["State"], one["BatchSize"])
            for one in functions.list_event_source_mappings()["EventSourceMappings"]
        ),
        "callers": [callers_of(functions, one["FunctionName"]) for one in functions.list_functions()["Functions"]],
        "layers": sorted(one["LayerName"] for one in functions.list_layers()["Layers"]),
        "stacks": sorted(one["StackStatus"] for one in stacks.describe_stacks()["Stacks"]),
        "change_sets": len(stacks.list_change_sets(StackName="any")["Summaries"]),
    }


def callers_of(functions: Any, name: str) -> dict[str, Any]:
    """Statements of its policy, settings of asynchronous calls and url of a function; nothing that differs each time."""

    def told(operation: str, *members: str) -> dict[str, Any]:
        try:
            answer = getattr(functions, operation)(FunctionName=name)
        except functions.exceptions.ResourceNotFoundException:
            return {}
        return {member: answer.get(member) for member in members}

    policy = json.loads(told("get_policy", "Policy").get("Policy") or '{"Statement": []}')
    return {
        "statements": [{key: value for key, value in one.items() if key != "Resource"} for one in policy["Statement"]],
        "invocations": told("get_function_event_invoke_config", "MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig"),
        "url": told("get_function_url_config", "AuthType", "InvokeMode", "Cors"),
    }


def _function(one: Mapping[str, Any]) -> str:
    held = (
        "FunctionName",
        "CodeSha256",
        "Runtime",
        "Handler",
        "MemorySize",
        "Timeout",
        "Architectures",
        "Environment",
        "State",
        "ImageConfigResponse",
    )
    layers = [layer["Arn"].split(":")[6] for layer in one.get("Layers", ())]
    network = (one.get("VpcConfig") or {}).get("SubnetIds", [])
    return json.dumps([*(one.get(name) for name in held), layers, len(network), one["Role"]], sort_keys=True)


def repositories(clients: AwsSessions) -> dict[str, Any]:
    """Region and repository -> digests of what is in it, with the number of tags of each."""
    found = {}
    for region in (SOURCE, TARGET):
        ecr = clients.client(ACCOUNT, "ecr", region)
        for one in ecr.describe_repositories()["repositories"]:
            images = ecr.describe_images(repositoryName=one["repositoryName"])["imageDetails"]
            digests = sorted((image["imageDigest"], len(image.get("imageTags", ()))) for image in images)
            found[f"{region} {one['repositoryName']}"] = digests
    return found


def package(text: str) -> bytes:
    """A zip file with one member; the same text gives the same bytes."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as file:
        file.writestr(zipfile.ZipInfo("index.py"), text)
    return held.getvalue()


def digest(data: bytes) -> str:
    """As Lambda names a package."""
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


def make(*, is_image: bool = False, is_called: bool = True, **more: Any) -> SmallFunctions:
    """A function with a layer, secrets and a queue; its queue and its network are in the target already. *more*: of the policy.

    *is_called*: others may call it, it has a url, and settings of asynchronous calls: its last step is a person's. *is_image*: its code
    is a container image, with words of its command line that may be secrets.
    """
    clients = sessions()
    role = _role(clients)
    functions, ec2, there = (clients.client(ACCOUNT, *one) for one in (("lambda", SOURCE), ("ec2", SOURCE), ("ec2", TARGET)))
    queues = [_queue(clients, region) for region in (SOURCE, TARGET)]
    (subnet, group), (target_subnet, target_group) = (network_of(one) for one in (ec2, there))
    clients.client(ACCOUNT, "s3", TARGET).create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": TARGET})
    made = functions.create_function(
        FunctionName=NAME,
        Role=role,
        **(_image(clients) if is_image else _zip(functions)),
        Environment={"Variables": {"DB_PASSWORD": SECRET, "STAGE": "production", "EMPTY": ""}},
        MemorySize=512,
        Timeout=17,
        Architectures=["arm64"],
        VpcConfig={"SubnetIds": [subnet], "SecurityGroupIds": [group]},
        Tags={"team": "shop"},
    )
    functions.create_event_source_mapping(EventSourceArn=queues[0], FunctionName=NAME, BatchSize=7, Enabled=True)
    if is_called:
        _let_in(functions, queues[0])
    said: dict[str, Any] = {
        "region": TARGET,
        "subnets": {subnet: target_subnet},
        "security_groups": {group: target_group},
        "artifact_bucket": BUCKET,
        "event_sources": {queues[0]: queues[1], TOPIC: TOPIC_THERE},
    }
    return SmallFunctions(clients, discovered(clients, TYPES), TargetPolicy.model_validate(said | more), [made["FunctionArn"]])


def _let_in(functions: Any, queue: str) -> None:
    """A topic may call it, an API that has no target too, and whoever signs a request to its url; what fails goes to its queue."""
    call = {"FunctionName": NAME, "Action": "lambda:InvokeFunction"}
    functions.add_permission(**call, StatementId="topic", Principal="sns.amazonaws.com", SourceArn=TOPIC, SourceAccount=ACCOUNT)
    functions.add_permission(**call, StatementId="api", Principal="apigateway.amazonaws.com", SourceArn=API)
    by_url = {"FunctionName": NAME, "Action": "lambda:InvokeFunctionUrl", "FunctionUrlAuthType": "AWS_IAM"}
    functions.add_permission(**by_url, StatementId="partner", Principal=PARTNER)
    failed = {"OnFailure": {"Destination": queue}}
    functions.put_function_event_invoke_config(
        FunctionName=NAME, MaximumRetryAttempts=0, MaximumEventAgeInSeconds=300, DestinationConfig=failed
    )
    functions.create_function_url_config(FunctionName=NAME, AuthType="AWS_IAM", Cors={"AllowOrigins": ["https://shop.example.com"]})


def _zip(functions: Any) -> dict[str, Any]:
    layer = functions.publish_layer_version(LayerName="tools", Content={"ZipFile": package("LAYER = 1")}, CompatibleRuntimes=["python3.12"])
    code = {"ZipFile": package("def handler(*_): pass")}
    return {"Runtime": "python3.12", "Handler": "index.handler", "Code": code, "Layers": [layer["LayerVersionArn"]]}


def _image(clients: AwsSessions) -> dict[str, Any]:
    push(clients.client(ACCOUNT, "ecr", SOURCE), "team/checkout", "v1")
    uri = f"{ACCOUNT}.dkr.ecr.{SOURCE}.amazonaws.com/team/checkout:v1"
    return {"PackageType": "Image", "Code": {"ImageUri": uri}, "ImageConfig": {"Command": ["serve", SECRET]}}


def discovered(clients: AwsSessions, types: tuple[str, ...]) -> list[Resource]:
    """The inventory of the source, of these types."""
    account = Account(id=ACCOUNT, regions=(SOURCE, TARGET))
    found = discover_region(clients, account, SOURCE, ROWS, Scope(types=types), regions_in_scope=frozenset({SOURCE}), max_workers=2)
    return list(found.resources)


def _role(clients: AwsSessions) -> str:
    iam = clients.client(ACCOUNT, "iam", "global")
    made = iam.create_role(RoleName="runs-functions", AssumeRolePolicyDocument=json.dumps(ROLE))
    return str(made["Role"]["Arn"])


def _queue(clients: AwsSessions, region: str) -> str:
    sqs = clients.client(ACCOUNT, "sqs", region)
    url = sqs.create_queue(QueueName="orders")["QueueUrl"]
    return str(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"])


def network_of(ec2: Any) -> tuple[str, str]:
    """The first subnet of a region, and the default group of its network."""
    subnet = ec2.describe_subnets()["Subnets"][0]
    groups = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": ["default"]}])["SecurityGroups"]
    return subnet["SubnetId"], next(one["GroupId"] for one in groups if one["VpcId"] == subnet["VpcId"])

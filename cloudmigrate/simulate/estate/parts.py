"""What the demo estate's tables share: accounts, tag sets, planted secrets, and short forms of the wordier resources."""

import base64
import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any

from cloudmigrate.simulate.things import Act, Tags, Thing

OWN = "123456789012"  # moto's account for keys it does not know
DATA = "222222222222"
DATA_ROLE = f"arn:aws:iam::{DATA}:role/MigrationScan"
EUROPE = "eu-central-1"
OREGON = "us-west-2"

LINUX = "ami-0a1b2c3d4e5f60001"
LINUX_ARM = "ami-0a1b2c3d4e5f60002"
WINDOWS = "ami-0a1b2c3d4e5f60003"

# Tags as they are in real estates: a scheme that most follow, some half, and some not at all.
# How much it hurts when it stands still: said of few, as in real estates.
CRITICAL, UNIMPORTANT = {"Criticality": "critical"}, {"Criticality": "low"}
SHOP = {"App": "shop", "Env": "prod", "Owner": "team-shop", "CostCenter": "4711"}
ERP = {"App": "erp", "Env": "prod", "Owner": "finance-it", "CostCenter": "2300"}
SHARED = {"App": "shared-services", "Env": "prod", "Owner": "platform"}
ANALYTICS = {"App": "analytics", "Env": "prod", "CostCenter": "5100"}
API = {"App": "partner-api", "Env": "prod", "Owner": "team-api", "CostCenter": "5200"}
PILOT = {"env": "test"} | UNIMPORTANT  # another spelling, and no owner
REHEARSAL = {"App": "shop-rehearsal", "Env": "test", "Owner": "team-shop"} | UNIMPORTANT

PLANTED_SECRETS = (
    "planted-db-password-7Q2xv9",
    "planted-webhook-token-Lm40Zp",
    "planted-userdata-key-9sTr61",
    "planted-task-password-B8c2Wd",
    "planted-secret-value-Kx7731",
)
"""Fake secrets in places where real estates have them; none may ever appear in a lake, a report or a log."""
DB_PASSWORD, WEBHOOK_TOKEN, USER_DATA_KEY, TASK_PASSWORD, SECRET_VALUE = PLANTED_SECRETS

HOSTILE_NAME = "<script>alert('x')</script>\"'"
HOSTILE_TAGS = {
    "Name": HOSTILE_NAME,
    "App": "../../etc/passwd",
    "Owner": "Zoë Ångström 株式会社 🚀",
    "note": "'; drop table inventory; --",
    "formula": "=cmd|' /C calc'!A0",
    "long": "x" * 256,
}


def trust(service: str) -> str:
    """The policy that lets a service assume a role."""
    statement = {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def role(name: str, service: str, tags: Tags) -> Thing:
    """A role for *service*."""
    return Thing(name, "AWS::IAM::Role", {"RoleName": name, "AssumeRolePolicyDocument": trust(service)}, tags)


def profile(name: str, tags: Tags) -> tuple[Thing | Act, ...]:
    """A role for instances and its instance profile of the same name."""
    return (
        role(name, "ec2", tags),
        Thing(f"{name}-profile", "AWS::IAM::InstanceProfile", {"InstanceProfileName": name}, tags),
        Act("iam", "add_role_to_instance_profile", {"InstanceProfileName": name, "RoleName": name}),
    )


def disk(device: str, size_gib: int, kind: str = "gp3") -> dict[str, Any]:
    """A block device mapping."""
    return {
        "DeviceName": device,
        "Ebs": {"VolumeSize": size_gib, "VolumeType": kind, "DeleteOnTermination": device in ("/dev/xvda", "/dev/sda1")},
    }


def attached(key: str, to: str, device: str, *, zone: str, params: Mapping[str, Any], tags: Tags) -> tuple[Thing | Act, ...]:
    """A volume with *params*, attached to an instance (key)."""
    return (
        Thing(key, "AWS::EC2::Volume", {"AvailabilityZone": zone, **params}, tags),
        Act("ec2", "attach_volume", {"VolumeId": f"${{{key}}}", "InstanceId": f"${{{to}}}", "Device": device}),
    )


def instance(
    key: str,
    kind: str,
    subnet: str,
    groups: Iterable[str],
    tags: Tags,
    *,
    image: str = LINUX,
    disks: tuple[dict[str, Any], ...] = (),
    profile_name: str | None = None,
    user_data: str | None = None,
) -> Thing:
    """A server in *subnet* with security *groups* (keys); one 20 GiB root disk unless *disks* says more."""
    root = "/dev/sda1" if image == WINDOWS else "/dev/xvda"
    params: dict[str, Any] = {
        "ImageId": image,
        "InstanceType": kind,
        "MinCount": 1,
        "MaxCount": 1,
        "SubnetId": f"${{{subnet}}}",
        "SecurityGroupIds": [f"${{{group}}}" for group in groups],
        "BlockDeviceMappings": list(disks) or [disk(root, 20)],
    }
    if profile_name:
        params["IamInstanceProfile"] = {"Name": profile_name}
    if user_data:
        params["UserData"] = user_data
    return Thing(key, "AWS::EC2::Instance", params, tags)


def security_group(key: str, vpc: str, about: str, tags: Tags, *allowed: tuple[int | str, str]) -> tuple[Thing | Act, ...]:
    """A security group that lets ports in (``443`` by TCP, ``"53/udp"``) from CIDR blocks or from groups (``sg:KEY``, itself too)."""
    made = Thing(key, "AWS::EC2::SecurityGroup", {"GroupName": key, "Description": about, "VpcId": f"${{{vpc}}}"}, tags)
    return (made, *allow(key, *allowed))


def allow(key: str, *allowed: tuple[int | str, str]) -> tuple[Act, ...]:
    """Further permissions of a security group (key)."""
    permissions: list[dict[str, Any]] = []
    for what, source in allowed:
        port, _, protocol = str(what).partition("/")
        group = source.removeprefix("sg:")
        where: dict[str, Any] = (
            {"IpRanges": [{"CidrIp": source}]} if group == source else {"UserIdGroupPairs": [{"GroupId": f"${{{group}}}"}]}
        )
        permissions.append({"IpProtocol": protocol or "tcp", "FromPort": int(port), "ToPort": int(port)} | where)
    if not permissions:
        return ()
    return (Act("ec2", "authorize_security_group_ingress", {"GroupId": f"${{{key}}}", "IpPermissions": permissions}),)


def subnet(key: str, vpc: str, block: str, zone: str, tags: Tags) -> Thing:
    """A subnet of *vpc* (key)."""
    return Thing(key, "AWS::EC2::Subnet", {"VpcId": f"${{{vpc}}}", "CidrBlock": block, "AvailabilityZone": zone}, tags)


def route_table(key: str, vpc: str, subnets: Iterable[str], routes: Iterable[Mapping[str, str]], tags: Tags) -> tuple[Thing | Act, ...]:
    """A route table with its subnets (keys) and routes."""
    table = f"${{{key}}}"
    return (
        Thing(key, "AWS::EC2::RouteTable", {"VpcId": f"${{{vpc}}}"}, tags),
        *(Act("ec2", "associate_route_table", {"RouteTableId": table, "SubnetId": f"${{{one}}}"}) for one in subnets),
        *(Act("ec2", "create_route", {"RouteTableId": table, **one}) for one in routes),
    )


def function(key: str, role_name: str, account_id: str, environment: Mapping[str, str], tags: Tags, **more: Any) -> Thing:
    """A Python function with these environment variables."""
    params: dict[str, Any] = {
        "FunctionName": key,
        "Runtime": "python3.12",
        "Role": f"arn:aws:iam::{account_id}:role/{role_name}",
        "Handler": "app.handler",
        "Code": {"ZipFile": _package()},
        "MemorySize": 256,
        "Timeout": 30,
        "Environment": {"Variables": dict(environment)},
    }
    return Thing(key, "AWS::Lambda::Function", params | more, tags)


def _package() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr(zipfile.ZipInfo("app.py", (2026, 1, 1, 0, 0, 0)), "def handler(event, context):\n    return {}\n")
    return held.getvalue()


def bucket(name: str, region: str, tags: Tags) -> tuple[Thing | Act, ...]:
    """A bucket of *region* with its tags."""
    made = Thing(name, "AWS::S3::Bucket", {"Bucket": name, "CreateBucketConfiguration": {"LocationConstraint": region}})
    if not tags:
        return (made,)
    pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
    return made, Act("s3", "put_bucket_tagging", {"Bucket": name, "Tagging": {"TagSet": pairs}})


def table(key: str, hash_key: str, tags: Tags) -> Thing:
    """A DynamoDB table with on-demand capacity."""
    params = {
        "TableName": key,
        "AttributeDefinitions": [{"AttributeName": hash_key, "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": hash_key, "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    return Thing(key, "AWS::DynamoDB::Table", params, tags)


def record(zone: str, name: str, kind: str, *values: str, alias_zone: str | None = None) -> Thing:
    """A record set; with *alias_zone* an alias for its one value."""
    target: dict[str, Any] = {"Name": name, "Type": kind}
    if alias_zone:
        target["AliasTarget"] = {"HostedZoneId": alias_zone, "DNSName": values[0], "EvaluateTargetHealth": False}
    else:
        target |= {"TTL": 300, "ResourceRecords": [{"Value": value} for value in values]}
    batch = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": target}]}
    return Thing(f"{name}/{kind}", "AWS::Route53::RecordSet", {"HostedZoneId": f"${{{zone}}}", "ChangeBatch": batch})


def rest_api(key: str, function_key: str, account_id: str, region: str, tags: Tags) -> tuple[Thing | Act, ...]:
    """A REST API whose root is answered by a function."""
    api, arn = f"${{{key}}}", f"arn:aws:lambda:{region}:{account_id}:function:{function_key}"
    method = {"restApiId": api, "resourceId": f"${{{key}:root}}", "httpMethod": "ANY"}
    uri = f"arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{arn}/invocations"
    return (
        Thing(key, "AWS::ApiGateway::RestApi", {"name": key}, tags),
        Act("apigateway", "put_method", method | {"authorizationType": "NONE"}),
        Act("apigateway", "put_integration", method | {"type": "AWS_PROXY", "integrationHttpMethod": "POST", "uri": uri}),
        Act("apigateway", "create_deployment", {"restApiId": api, "stageName": "prod"}),
    )


def public_key(name: str) -> bytes:
    """The text of an SSH public key that belongs to nobody: its modulus is spelt from *name*, not a product of primes."""
    modulus = b"\x00\xc1" + (name.encode() * 255)[:254] + b"\x01"
    fields = (b"ssh-rsa", b"\x01\x00\x01", modulus)
    return b"ssh-rsa " + base64.b64encode(b"".join(len(one).to_bytes(4, "big") + one for one in fields))

"""The uid behind an ARN: qualifiers, paths and integrations that AWS hangs on a resource's ARN are taken off."""

import re
from collections.abc import Callable, Mapping

ARN = re.compile(r"arn:(aws[a-z-]*):([a-z0-9-]+):([a-z0-9-]*):([a-z0-9-]*):(.+)", re.DOTALL)
INNER_ARN = re.compile(r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_-]+")
ECR_IMAGE = re.compile(r"(\d{12})\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/([a-z0-9][a-z0-9._/-]*)")


def _function(rest: str) -> str:
    return ":".join(rest.split(":")[:2]) if rest.startswith("function:") else rest


def _bucket(rest: str) -> str:
    return rest if rest.startswith("accesspoint") else rest.split("/", maxsplit=1)[0]


def _table(rest: str) -> str:
    return "/".join(rest.split("/")[:2]) if rest.startswith("table/") else rest


def _load_balancer(rest: str) -> str:
    return "loadbalancer/" + "/".join(rest.split("/")[1:4]) if rest.startswith(("listener/", "listener-rule/")) else rest


def _secret(rest: str) -> str:
    return ":".join(rest.split(":")[:2])


def _topic(rest: str) -> str:
    return rest.split(":", maxsplit=1)[0]


# What follows the account in an ARN, cut back to the resource itself.
TRIMS: Mapping[str, Callable[[str], str]] = {
    "dynamodb": _table,
    "elasticloadbalancing": _load_balancer,
    "lambda": _function,
    "s3": _bucket,
    "secretsmanager": _secret,
    "sns": _topic,
}


def resource_arn(arn: str) -> str | None:
    """The ARN of the resource that *arn* is about, in the form of its uid; None when it names no single resource.

    Lambda versions, queue-integration paths, S3 objects, DynamoDB streams and indexes, listeners, secret versions and
    API stages lead to the function, queue, bucket, table, load balancer, secret and API that they belong to.
    """
    match = ARN.fullmatch(arn)
    if match is None or "*" in arn or "${" in arn:
        return None
    partition, service, region, account, rest = match.groups()
    if service == "apigateway":
        return _of_api(partition, region, account, rest)
    trim = TRIMS.get(service)
    return f"arn:{partition}:{service}:{region}:{account}:{trim(rest)}" if trim else arn


def image_repository(image: str, partition: str) -> str | None:
    """The ARN of the ECR repository that a container image lies in; None for images of other registries."""
    match = ECR_IMAGE.match(image)
    if match is None:
        return None
    account, region, path = match.groups()
    return f"arn:{partition}:ecr:{region}:{account}:repository/{path.rstrip('/.-_')}"


def partition_of(arn: str) -> str:
    """The partition of an ARN: aws, aws-cn, aws-us-gov."""
    return arn.split(":", 2)[1]


def place_of(arn: str) -> tuple[str, str]:
    """The account and region of an ARN; empty where it has none."""
    parts = arn.split(":", 5)
    return (parts[4], parts[3]) if len(parts) == 6 else ("", "")


def last_part(arn: str) -> str:
    """What follows the account in an ARN."""
    return arn.split(":", 5)[-1]


def _of_api(partition: str, region: str, service: str, rest: str) -> str | None:
    """The API of an API Gateway ARN, or the resource that an integration's URI calls (API reference, "Integration", uri)."""
    if rest.startswith("/"):
        return f"arn:{partition}:apigateway:{region}::" + "/".join(rest.split("/")[:3])
    inner = INNER_ARN.search(rest)
    if inner is not None:
        return inner.group(0)
    # arn:aws:apigateway:REGION:SERVICE:path/... : the called service stands where ARNs have the account.
    pieces = rest.removeprefix("path/").split("/") if rest.startswith("path/") else [""]
    if service == "sqs" and len(pieces) >= 2 and pieces[0].isdigit():
        return f"arn:{partition}:sqs:{region}:{pieces[0]}:{pieces[1]}"
    if service == "s3" and pieces[0] and "{" not in pieces[0]:
        return f"arn:{partition}:s3:::{pieces[0]}"
    return None

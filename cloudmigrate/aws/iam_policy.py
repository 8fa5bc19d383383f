"""The least-privilege IAM policy that discovery, metrics and prices need, derived from the catalogue: read-only by construction."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from cloudmigrate.aws.catalogue import CATALOGUE
from cloudmigrate.aws.commitments import COMMITMENT_SOURCES
from cloudmigrate.aws.cost_explorer import BILL_ACTION
from cloudmigrate.aws.flow_log_groups import EVENTS_ACTION, FIND_ACTION
from cloudmigrate.aws.flow_log_objects import LIST_ACTION, READ_ACTION
from cloudmigrate.aws.instance_types import TYPES_ACTION
from cloudmigrate.aws.price_list import PRICE_ACTIONS
from cloudmigrate.aws.resource_type import ResourceType
from cloudmigrate.aws.spot import SPOT_ACTION

Statement = dict[str, Any]
# IAM counts a managed policy without white space (IAM User Guide, "IAM and AWS STS quotas").
MAX_POLICY_CHARACTERS = 6_144
IDENTITY_ACTIONS = ("sts:GetCallerIdentity",)
METRIC_ACTIONS = ("cloudwatch:GetMetricData", "cloudwatch:ListMetrics")
API_GATEWAY = "apigateway:GET"
# The management paths that the catalogue reads. Not among them: /apikeys, whose answers can hold the keys.
API_GATEWAY_PATHS = ("/apis", "/apis/*", "/restapis", "/restapis/*", "/vpclinks", "/vpclinks/*")


def iam_policy(
    rows: Sequence[ResourceType] = CATALOGUE,
    *,
    flow_log_buckets: Sequence[str] = (),
    flow_log_groups: Sequence[str] = (),
    assumed_roles: Sequence[str] = (),
    partition: str = "aws",
) -> dict[str, Any]:
    """The policy document for a scan of *rows*: statements with Sids, actions sorted, resources as narrow as the API allows.

    *flow_log_buckets* are buckets or ``s3://bucket/prefix/`` urls whose objects the scan reads; *flow_log_groups* ``logs://region/group``
    urls whose events it reads; *assumed_roles* are the ARNs of
    the roles in further accounts, which the caller's own policy must let it assume. Describe and List calls of
    most services know no resource-level permission, hence ``"*"`` for these.
    """
    actions = actions_of(rows)
    statements = [
        _statement("ReadInventory", (one for one in actions if one != API_GATEWAY)),
        _statement("KnowOwnIdentity", IDENTITY_ACTIONS),
        _statement("ReadMetrics", METRIC_ACTIONS),
        _statement("ReadPrices", (*PRICE_ACTIONS, SPOT_ACTION, TYPES_ACTION)),
        _statement("ReadCommitments", (one.action for one in COMMITMENT_SOURCES)),
        _statement("ReadBill", (BILL_ACTION,)),
    ]
    if API_GATEWAY in actions:
        paths = [f"arn:{partition}:apigateway:*::{path}" for path in API_GATEWAY_PATHS]
        statements.insert(1, _statement("ReadApis", (API_GATEWAY,), *paths))
    if flow_log_buckets:
        places = [_bucket_and_prefix(one) for one in flow_log_buckets]
        buckets = [f"arn:{partition}:s3:::{bucket}" for bucket, _ in places]
        objects = [f"arn:{partition}:s3:::{bucket}/{prefix}*" for bucket, prefix in places]
        statements.append(_statement("ListFlowLogs", ("s3:GetBucketLocation", LIST_ACTION), *buckets))
        statements.append(_statement("ReadFlowLogs", (READ_ACTION,), *objects))
    if flow_log_groups:
        places = [one.removeprefix("logs://").partition("/")[::2] for one in flow_log_groups]
        groups = [f"arn:{partition}:logs:{region}:*:log-group:{group}:*" for region, group in places]
        statements.append(_statement("FindFlowLogGroups", (FIND_ACTION,)))
        statements.append(_statement("ReadFlowLogGroups", (EVENTS_ACTION,), *groups))
    if assumed_roles:
        statements.append(_statement("EnterFurtherAccounts", ("sts:AssumeRole",), *assumed_roles))
    return {"Version": "2012-10-17", "Statement": [one for one in statements if one["Action"]]}


def actions_of(rows: Iterable[ResourceType]) -> tuple[str, ...]:
    """Every IAM action that listing and describing *rows* takes, sorted, each once."""
    found = set()
    for row in rows:
        found.add(iam_action(row.service, row.operation, row.action))
        if row.parent is not None:
            found.add(iam_action(row.service, row.parent.operation, row.parent.action))
        found.update(iam_action(call.service or row.service, call.operation, call.action) for call in row.calls)
    return tuple(sorted(found))


def iam_action(service: str, operation: str, stated: str | None = None) -> str:
    """The IAM action of a client's method: the stated one, else the service's signing name and the operation's API name."""
    return stated or _modelled_actions(service)[operation]


@lru_cache(maxsize=64)
def _modelled_actions(service: str) -> dict[str, str]:
    """Method name -> IAM action for one service, from botocore's model (no client, no credentials)."""
    import botocore.session
    from botocore import xform_name

    model = botocore.session.get_session().get_service_model(service)
    return {xform_name(name): f"{model.signing_name}:{name}" for name in model.operation_names}


def _statement(sid: str, actions: Iterable[str], *resources: str) -> Statement:
    listed = sorted(set(resources))
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Action": sorted(actions),
        "Resource": listed[0] if len(listed) == 1 else listed or "*",
    }


def _bucket_and_prefix(url: str) -> tuple[str, str]:
    bucket, _, prefix = url.removeprefix("s3://").partition("/")
    return bucket, prefix

"""The generated policy: what it grants, what it never grants, and that the committed files are the generated ones."""

import json
import re
from pathlib import Path

import pytest

from cloudmigrate.aws.catalogue import BY_TYPE, CATALOGUE
from cloudmigrate.aws.docs_table import render
from cloudmigrate.aws.iam_policy import MAX_POLICY_CHARACTERS, actions_of, iam_action, iam_policy

ROOT = Path(__file__).parents[2]
READING_VERBS = ("Describe", "List", "Get", "Filter", "GET")


def granted() -> set[str]:
    return {action for statement in iam_policy()["Statement"] for action in statement["Action"]}


def test_committed_policy_is_the_generated_one() -> None:
    """Regenerate with `cloudmigrate iam-policy > deployments/iam/cloudmigrate-scan.json` when the catalogue changed."""
    assert json.loads((ROOT / "deployments/iam/cloudmigrate-scan.json").read_text()) == iam_policy()


def test_committed_docs_are_the_generated_ones() -> None:
    """Regenerate with `python -m cloudmigrate.aws.docs_table` when the catalogue changed."""
    assert (ROOT / "docs/resource-types.md").read_text() == render()


def test_policy_is_read_only() -> None:
    """Every action is a reading verb, fully written out: no wildcard can ever grant a write."""
    for action in granted():
        assert re.fullmatch(r"[a-z0-9-]+:[A-Z][A-Za-z0-9]+", action), action
        assert action.partition(":")[2].startswith(READING_VERBS), action
    assert all(statement["Effect"] == "Allow" for statement in iam_policy()["Statement"])


@pytest.mark.parametrize(
    "action",
    [
        "secretsmanager:GetSecretValue",
        "lambda:GetFunction",
        "s3:GetObject",
        "ssm:GetParameter",
        "kms:Decrypt",
        "ec2:GetPasswordData",
        "logs:FilterLogEvents",
    ],
)
def test_policy_never_reads_contents(action: str) -> None:
    """No secret value, code, object or password can be read with it."""
    assert action not in granted()


@pytest.mark.parametrize(
    "action",
    [
        # Names that differ from the API operation (Service Authorization Reference).
        "s3:ListAllMyBuckets",
        "s3:GetEncryptionConfiguration",
        "s3:GetLifecycleConfiguration",
        "s3:GetReplicationConfiguration",
        "s3:GetBucketNotification",
        "s3:GetBucketPublicAccessBlock",
        "s3:GetBucketObjectLockConfiguration",
        "s3:GetBucketCORS",
        "apigateway:GET",
        # Prefixes that differ from the client's name.
        "elasticloadbalancing:DescribeLoadBalancers",
        "elasticloadbalancing:DescribeRules",
        "elasticfilesystem:DescribeFileSystems",
        "cloudwatch:GetMetricData",
        "cloudwatch:ListMetrics",
        "sts:GetCallerIdentity",
        "iam:GetAccountAuthorizationDetails",
        "rds:DescribeDBInstances",
        "ec2:DescribeInstances",
        "route53:ListResourceRecordSets",
    ],
)
def test_policy_grants_what_the_calls_take(action: str) -> None:
    """The names are IAM's, not the SDK's."""
    assert action in granted()


def test_policy_fits_one_managed_policy() -> None:
    """IAM refuses managed policies of more than 6,144 characters without white space; a few flow-log buckets still fit."""
    document = iam_policy(flow_log_buckets=[f"s3://flow-logs-of-a-long-named-account-{number}/AWSLogs/" for number in range(5)])
    assert len(re.sub(r"\s", "", json.dumps(document))) < MAX_POLICY_CHARACTERS


def test_sids_are_unique_and_plain() -> None:
    """IAM takes only letters and digits in a Sid, each once."""
    sids = [statement["Sid"] for statement in iam_policy(flow_log_buckets=["logs"], flow_log_groups=["logs://r/g"])["Statement"]]
    assert len(sids) == len(set(sids))
    assert all(sid.isalnum() for sid in sids)


def test_flow_log_buckets_are_read_below_their_prefix_only() -> None:
    """Objects of the named buckets, under the named prefix, and nothing else of S3's contents."""
    document = iam_policy(flow_log_buckets=["s3://central-logs/AWSLogs/111111111111/vpcflowlogs/", "plain"], partition="aws-cn")
    by_sid = {statement["Sid"]: statement for statement in document["Statement"]}
    assert by_sid["ReadFlowLogs"]["Action"] == ["s3:GetObject"]
    assert by_sid["ReadFlowLogs"]["Resource"] == [
        "arn:aws-cn:s3:::central-logs/AWSLogs/111111111111/vpcflowlogs/*",
        "arn:aws-cn:s3:::plain/*",
    ]
    assert by_sid["ListFlowLogs"]["Resource"] == ["arn:aws-cn:s3:::central-logs", "arn:aws-cn:s3:::plain"]


def test_events_of_the_named_log_groups_are_read_and_no_others() -> None:
    document = iam_policy(flow_log_groups=["logs://eu-central-1/vpc-flow", "logs://us-east-1//aws/vpc"])
    by_sid = {statement["Sid"]: statement for statement in document["Statement"]}
    assert by_sid["FindFlowLogGroups"]["Action"] == ["logs:DescribeLogGroups"]
    assert by_sid["ReadFlowLogGroups"]["Action"] == ["logs:FilterLogEvents"]
    assert by_sid["ReadFlowLogGroups"]["Resource"] == [
        "arn:aws:logs:eu-central-1:*:log-group:vpc-flow:*",
        "arn:aws:logs:us-east-1:*:log-group:/aws/vpc:*",
    ]


def test_policy_of_few_rows_grants_only_their_calls() -> None:
    """A scan of instances needs no word about S3."""
    document = iam_policy([BY_TYPE["AWS::EC2::Instance"]])
    assert document["Statement"][0]["Action"] == ["ec2:DescribeInstanceAttribute", "ec2:DescribeInstances"]


def test_parent_listings_are_granted() -> None:
    """Record sets cannot be listed without their zones."""
    assert actions_of([BY_TYPE["AWS::Route53::RecordSet"]]) == ("route53:ListHostedZones", "route53:ListResourceRecordSets")


def test_iam_action_of_an_unknown_method_is_an_error() -> None:
    """A typing mistake in the catalogue cannot become a grant."""
    with pytest.raises(KeyError):
        iam_action("ec2", "describe_everything")


def test_every_row_has_an_action() -> None:
    """No row is listed without a grant."""
    assert all(actions_of([row]) for row in CATALOGUE)


def test_trust_policy_asks_for_the_external_id() -> None:
    """The template lets nobody in who does not know the external id."""
    document = json.loads((ROOT / "deployments/iam/trust-policy.json").read_text())
    [statement] = document["Statement"]
    assert statement["Action"] == "sts:AssumeRole"
    assert statement["Condition"]["StringEquals"].keys() == {"sts:ExternalId"}
    assert "*" not in json.dumps(statement["Principal"])


def test_the_callers_policy_lets_it_assume_the_estates_roles_only() -> None:
    role = "arn:aws:iam::222222222222:role/MigrationScan"

    [entering] = [one for one in iam_policy(assumed_roles=[role])["Statement"] if "sts:AssumeRole" in one["Action"]]

    assert entering["Resource"] == role
    assert "sts:AssumeRole" not in {action for one in iam_policy()["Statement"] for action in one["Action"]}

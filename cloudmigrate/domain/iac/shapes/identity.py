"""Roles, policies and instance profiles in Terraform."""

from cloudmigrate.domain.iac.shape import TAGS, Argument, Beside, Reshaped, Shape, named, the_one

SHAPES = (
    Shape(
        "AWS::IAM::Role",
        "aws_iam_role",
        {
            **named(
                RoleName="name",
                Path="path",
                Description="description",
                MaxSessionDuration="max_session_duration",
                AssumeRolePolicyDocument="assume_role_policy",
                PermissionsBoundary="permissions_boundary",
            ),
            "Tags": TAGS,
        },
        attributes={"": "name", "Arn": "arn", "RoleId": "unique_id"},
        beside=(
            Beside("aws_iam_role_policy", {"role": "name"}, named(PolicyName="name", PolicyDocument="policy"), each="Policies"),
            Beside("aws_iam_role_policy_attachment", {"role": "name"}, {"": Argument("policy_arn")}, each="ManagedPolicyArns"),
        ),
    ),
    Shape(
        "AWS::IAM::ManagedPolicy",
        "aws_iam_policy",
        named(ManagedPolicyName="name", Path="path", Description="description", PolicyDocument="policy"),
        attributes={"": "arn", "PolicyArn": "arn", "Arn": "arn"},
    ),
    Shape(
        "AWS::IAM::InstanceProfile",
        "aws_iam_instance_profile",
        {**named(InstanceProfileName="name", Path="path"), "Roles": Reshaped(the_one, Argument("role"))},
        attributes={"": "name", "Arn": "arn"},
    ),
)

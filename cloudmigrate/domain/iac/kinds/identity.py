"""Roles, policies and instance profiles, where the target is another account; within one account they are the same everywhere.

Source: AWS CloudFormation template reference, AWS::IAM::Role, InstanceProfile and ManagedPolicy.
"""

from collections.abc import Iterator

from cloudmigrate.domain.iac.kind import GIVEN, Kind, same_name_there
from cloudmigrate.domain.iac.model import TargetResource
from cloudmigrate.domain.iac.source import NotGenerated, Source, branch, transformed
from cloudmigrate.domain.iac.values import Items, Leaf, Node

POLICY, ROLE, PROFILE = "AWS::IAM::ManagedPolicy", "AWS::IAM::Role", "AWS::IAM::InstanceProfile"
RUN_TIME = "what it was used for"


def role(source: Source) -> Iterator[TargetResource]:
    """A role with its own policies; those of AWS stay, and those of the account come along."""
    if str(source.value("Path") or "").startswith("/aws-service-role/"):
        raise NotGenerated("AWS makes this role itself where the service is used first")
    inline = source.value("RolePolicyList") or ()
    policies = tuple(
        branch(
            PolicyName=Leaf(str(one["PolicyName"]), transformed(f"RolePolicyList[{number}].PolicyName", "as it is")),
            PolicyDocument=source.rewritten(f"RolePolicyList[{number}]", one["PolicyDocument"]),
        )
        for number, one in enumerate(inline)
    )
    properties: dict[str, Node | None] = {
        "RoleName": source.copied("RoleName"),
        "Path": source.copied("Path"),
        "Description": source.copied("Description"),
        "MaxSessionDuration": source.copied("MaxSessionDuration"),
        "AssumeRolePolicyDocument": source.rewritten("AssumeRolePolicyDocument"),
        "ManagedPolicyArns": _attached(source),
        "PermissionsBoundary": source.referred("PermissionsBoundary.PermissionsBoundaryArn", type_=POLICY, where="targets.roles"),
        "Policies": Items(tuple(one for one in policies if one is not None)) if policies else None,
        "Tags": source.tags(),
    }
    yield source.target(ROLE, properties)


def profile(source: Source) -> Iterator[TargetResource]:
    """What gives a server its role."""
    roles = [one["Arn"] for one in source.value("Roles") or ()]
    properties: dict[str, Node | None] = {
        "InstanceProfileName": source.copied("InstanceProfileName"),
        "Path": source.copied("Path"),
        "Roles": source.all_referred("Roles", roles, type_=ROLE, where="targets.roles"),
    }
    yield source.target(PROFILE, properties)


def policy(source: Source) -> Iterator[TargetResource]:
    """A policy of the account, in its default version."""
    versions = source.value("PolicyVersionList") or ()
    document = next((one.get("Document") for one in versions if one.get("IsDefaultVersion")), None)
    if not document:
        raise NotGenerated("its text was not read; grant iam:GetAccountAuthorizationDetails and discover again, or write it by hand")
    properties: dict[str, Node | None] = {
        "ManagedPolicyName": source.copied("PolicyName"),
        "Path": source.copied("Path"),
        "Description": source.copied("Description"),
        "PolicyDocument": source.rewritten("PolicyVersionList", document),
    }
    yield source.target(POLICY, properties)


def _attached(source: Source) -> Items | None:
    found: list[Node] = []
    for number, one in enumerate(source.value("AttachedManagedPolicies") or ()):
        path, arn = f"AttachedManagedPolicies[{number}]", str(one["PolicyArn"])
        if ":iam::aws:policy/" in arn:
            found.append(Leaf(arn, transformed(path, "AWS's own policy, as it is")))
        else:
            leaf = source.referred(path, arn, type_=POLICY)
            found += [leaf] if leaf else []
    return Items(tuple(found)) if found else None


KINDS = (
    Kind(
        ROLE,
        role,
        known_as=("RoleName",),
        is_shared=True,
        named_arn=same_name_there,
        not_configuration={
            "Arn": GIVEN,
            "RoleId": GIVEN,
            "CreateDate": RUN_TIME,
            "RoleLastUsed": RUN_TIME,
            "InstanceProfileList": "made of the instance profiles themselves",
        },
    ),
    Kind(
        PROFILE,
        profile,
        known_as=("InstanceProfileName",),
        is_shared=True,
        named_arn=same_name_there,
        not_configuration={"Arn": GIVEN, "InstanceProfileId": GIVEN, "CreateDate": RUN_TIME},
    ),
    Kind(
        POLICY,
        policy,
        arn="",
        known_as=("PolicyName",),
        is_shared=True,
        named_arn=same_name_there,
        not_configuration={
            "Arn": GIVEN,
            "PolicyId": GIVEN,
            "CreateDate": RUN_TIME,
            "UpdateDate": RUN_TIME,
            "AttachmentCount": RUN_TIME,
            "PermissionsBoundaryUsageCount": RUN_TIME,
            "IsAttachable": GIVEN,
            "DefaultVersionId": GIVEN,
        },
    ),
)

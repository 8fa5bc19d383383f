"""Rows for who may do what, and with which keys and secrets. Prepared in the target, they do not move."""

from cloudmigrate.aws.catalogue.rules import SETTING, encrypted_by
from cloudmigrate.aws.resource_type import Call, RelationRule, ResourceType

# One listing tells every role with its inline policies: 3 calls per role fewer than ListRoles and its details.
AUTHORIZATION_DETAILS = "get_account_authorization_details"

IAM = (
    ResourceType(
        type="AWS::IAM::Role",
        service="iam",
        operation=AUTHORIZATION_DETAILS,
        path="RoleDetailList[]",
        id="RoleName",
        arn="=Arn",
        role="identity",
        moves=False,
        name="RoleName",
        created="CreateDate",
        params={"Filter": ["Role"]},
        is_global=True,
        # AWS makes service-linked roles itself, in every account that uses the service: there is nothing to prepare.
        keep="!starts_with(Path || '/', '/aws-service-role/')",
        relations=(
            RelationRule(
                "managed-policy",
                "AttachedManagedPolicies[?!contains(PolicyArn, ':iam::aws:policy/')].PolicyArn",
                "AWS::IAM::ManagedPolicy",
                by="arn",
                role=SETTING,
            ),
            RelationRule(
                "permissions-boundary",
                "[PermissionsBoundary.PermissionsBoundaryArn][?@ && !contains(@, ':iam::aws:policy/')]",
                "AWS::IAM::ManagedPolicy",
                by="arn",
                role=SETTING,
            ),
        ),
    ),
    ResourceType(
        type="AWS::IAM::ManagedPolicy",
        service="iam",
        operation=AUTHORIZATION_DETAILS,
        path="Policies[]",
        id="PolicyName",
        arn="=Arn",
        role="identity",
        moves=False,
        name="PolicyName",
        created="CreateDate",
        tags=None,  # this listing has none
        params={"Filter": ["LocalManagedPolicy"]},
        is_global=True,
    ),
    ResourceType(
        type="AWS::IAM::InstanceProfile",
        service="iam",
        operation="list_instance_profiles",
        path="InstanceProfiles[]",
        id="InstanceProfileName",
        arn="=Arn",
        role="identity",
        moves=False,
        name="InstanceProfileName",
        created="CreateDate",
        is_global=True,
        calls=(
            Call(
                "list_instance_profile_tags",
                {"InstanceProfileName": "InstanceProfileName"},
                "Tags[]",
                "Tags",
                gone_codes=("NoSuchEntity",),
            ),
        ),
        relations=(RelationRule("role", "Roles[].Arn", "AWS::IAM::Role", by="arn", role=SETTING),),
    ),
)

CUSTOMER_KEY = "KeyManager == 'CUSTOMER'"
NO_KEY = ("NotFoundException",)

KEYS = (
    ResourceType(
        type="AWS::KMS::Key",
        service="kms",
        operation="list_keys",
        path="Keys[]",
        id="KeyId",
        arn="=KeyArn",
        role="identity",
        moves=False,
        name="Aliases[0].AliasName",
        state="KeyState",
        created="CreationDate",
        tags="Tags[].{Key: TagKey, Value: TagValue}",
        gone_states=frozenset({"pendingdeletion", "pendingreplicadeletion"}),
        keep="KeyManager != 'AWS'",  # AWS's own keys exist in every account; a key that could not be described is kept
        aliases="Aliases[].AliasName",
        calls=(
            Call("describe_key", {"KeyId": "KeyId"}, "KeyMetadata", "@", gone_codes=NO_KEY),
            Call("list_aliases", {"KeyId": "KeyId"}, "Aliases[]", "Aliases", gone_codes=NO_KEY, when=CUSTOMER_KEY),
            Call("list_resource_tags", {"KeyId": "KeyId"}, "Tags[]", "Tags", gone_codes=NO_KEY, when=CUSTOMER_KEY),
            Call(
                "get_key_policy",
                {"KeyId": "KeyId"},
                "from_json(Policy)",
                "Policy",
                constant={"PolicyName": "default"},
                gone_codes=NO_KEY,
                when=CUSTOMER_KEY,
            ),
            Call(
                "get_key_rotation_status",
                {"KeyId": "KeyId"},
                "{KeyRotationEnabled: KeyRotationEnabled, RotationPeriodInDays: RotationPeriodInDays}",
                "Rotation",
                gone_codes=NO_KEY,
                # Other kinds of keys cannot rotate: AWS answers UnsupportedOperationException.
                when="KeyManager == 'CUSTOMER' && KeySpec == 'SYMMETRIC_DEFAULT' && Origin == 'AWS_KMS'",
            ),
        ),
    ),
    ResourceType(
        type="AWS::SecretsManager::Secret",
        service="secretsmanager",
        operation="list_secrets",
        path="SecretList[]",
        id="Name",
        arn="=ARN",
        role="identity",
        moves=False,
        name="Name",
        created="CreatedDate",
        relations=(
            encrypted_by("KmsKeyId"),
            RelationRule("rotation-function", "RotationLambdaARN", "AWS::Lambda::Function", by="arn", role=SETTING),
        ),
    ),
)

ROWS: tuple[ResourceType, ...] = (*IAM, *KEYS)

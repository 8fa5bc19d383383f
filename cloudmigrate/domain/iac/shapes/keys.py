"""Keys, secrets and repositories of images in Terraform."""

from cloudmigrate.domain.iac.shape import TAGS, Argument, Beside, Inlined, Nested, NotThere, Shape, named

SHAPES = (
    Shape(
        "AWS::KMS::Key",
        "aws_kms_key",
        {
            **named(
                Description="description",
                KeyPolicy="policy",
                KeySpec="customer_master_key_spec",
                KeyUsage="key_usage",
                MultiRegion="multi_region",
                Enabled="is_enabled",
                EnableKeyRotation="enable_key_rotation",
                RotationPeriodInDays="rotation_period_in_days",
            ),
            "Tags": TAGS,
        },
        attributes={"": "key_id", "Arn": "arn", "KeyId": "key_id"},
        import_id="key_id",
    ),
    Shape(
        "AWS::KMS::Alias",
        "aws_kms_alias",
        named(AliasName="name", TargetKeyId="target_key_id"),
        attributes={"": "name"},
        import_id="name",
    ),
    Shape(
        "AWS::SecretsManager::Secret",
        "aws_secretsmanager_secret",
        {
            **named(Name="name", Description="description", KmsKeyId="kms_key_id"),
            "SecretString": NotThere("its value is put in by who may read it, and is in no code and no state"),
            "Tags": TAGS,
        },
        attributes={"": "arn", "Id": "arn"},
        import_id="arn",
    ),
    Shape(
        "AWS::ECR::Repository",
        "aws_ecr_repository",
        {
            **named(RepositoryName="name", ImageTagMutability="image_tag_mutability"),
            "ImageTagMutabilityExclusionFilters": Nested(
                "image_tag_mutability_exclusion_filter",
                named(ImageTagMutabilityExclusionFilterType="filter_type", ImageTagMutabilityExclusionFilterValue="filter"),
            ),
            "ImageScanningConfiguration": Nested("image_scanning_configuration", named(ScanOnPush="scan_on_push")),
            "EncryptionConfiguration": Nested("encryption_configuration", named(EncryptionType="encryption_type", KmsKey="kms_key")),
            "Tags": TAGS,
        },
        attributes={"": "name", "Arn": "arn", "RepositoryUri": "repository_url"},
        beside=(
            Beside(
                "aws_ecr_lifecycle_policy",
                {"repository": "name"},
                {"LifecyclePolicy": Inlined({"LifecyclePolicyText": Argument("policy")})},
            ),
            Beside("aws_ecr_repository_policy", {"repository": "name"}, {"RepositoryPolicyText": Argument("policy")}),
        ),
        import_id="name",
    ),
)

"""Keys, secrets and repositories as code."""

import json
from typing import Any

from cloudmigrate.domain.iac.values import Here, Joined, Ref
from cloudmigrate.domain.target_policy import TargetPolicy
from tests.domain.iac.data_rows import ACCOUNT, KEY, OTHER_ACCOUNT, REGION, Row, by_key, came, kms_key, made, row, said, terraform

THERE = TargetPolicy(region="eu-west-1", account=OTHER_ACCOUNT)
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:shop/db-AbCdEf"
REPOSITORY = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/shop/web"


def alone(one: Row, policy: TargetPolicy = THERE) -> Any:
    """The blueprint of a plan that moves only this."""
    return made([one | {"wave": 1, "group": "g1"}], policy)


def test_a_key_has_a_policy_of_the_target_and_its_aliases() -> None:
    found = by_key(alone(kms_key()))
    properties: Any = said(found[KEY])
    policy = properties.pop("KeyPolicy").content
    assert properties == {
        "Description": "Databases",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "MultiRegion": False,
        "Enabled": True,
        "EnableKeyRotation": True,
        "RotationPeriodInDays": 180,
    }
    own, service = policy["Statement"]
    assert own["Principal"] == {"AWS": Joined(("arn:aws:iam::", Here.ACCOUNT, ":root"))}
    assert service["Resource"] == "*"
    assert service["Condition"] == {"StringEquals": {"kms:ViaService": "rds.eu-west-1.amazonaws.com", "kms:CallerAccount": Here.ACCOUNT}}
    assert said(found[f"{KEY}#alias/shop"]) == {"AliasName": "alias/shop", "TargetKeyId": Ref(KEY)}
    assert found[KEY].stateful


def test_a_key_that_does_not_rotate_does_so_there() -> None:
    found = by_key(alone(kms_key(Rotation={"KeyRotationEnabled": False, "RotationPeriodInDays": None})))[KEY]
    assert said(found)["EnableKeyRotation"] is True
    assert came(found, "EnableKeyRotation")[0] == "defaulted"
    signing = by_key(alone(kms_key(KeySpec="RSA_2048", Rotation=None)))[KEY]
    assert "EnableKeyRotation" not in said(signing)


def test_material_that_is_not_awss_is_made_by_hand() -> None:
    (left,) = alone(kms_key(Origin="EXTERNAL")).left_out
    assert "targets.kms_key" in left.reason
    (left,) = alone(kms_key(MultiRegionConfiguration={"MultiRegionKeyType": "REPLICA"})).left_out
    assert "replicate its primary key" in left.reason


def test_terraform_has_the_same_key() -> None:
    text = terraform(alone(kms_key()), KEY)
    assert 'kms:ViaService" = "rds.eu-west-1.amazonaws.com"' in text
    assert "arn:aws:iam::${data.aws_caller_identity.current.account_id}:root" in text
    assert "target_key_id = aws_kms_key.alias_shop_" in terraform(alone(kms_key()), f"{KEY}#alias/shop")


def secret(**more: Any) -> Row:
    spec = {
        "ARN": SECRET,
        "Name": "shop/db",
        "Description": "Of the shop's database",
        "KmsKeyId": KEY,
        "RotationEnabled": True,
        "RotationLambdaARN": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:rotates",
        "RotationRules": {"AutomaticallyAfterDays": 30},
        "SecretVersionsToStages": {"1": ["AWSCURRENT"]},
        "CreatedDate": "2020-01-01",
        "Tags": [],
        **more,
    }
    return row("AWS::SecretsManager::Secret", SECRET, "shop/db", spec)


def test_a_secret_is_made_without_its_value_and_its_rotation_is_told() -> None:
    blueprint = made([secret(), kms_key()], THERE)
    found = by_key(blueprint)[SECRET]
    assert said(found) == {
        "Name": "shop/db",
        "Description": "Of the shop's database",
        "KmsKeyId": Ref(KEY, "Arn"),
        "Tags": ({"Key": "App", "Value": "shop"},),
    }
    assert came(found, "SecretString")[0] == "secret"
    assert blueprint.not_carried == {SECRET: ("RotationEnabled", "RotationLambdaARN", "RotationRules")}
    assert "secret_string" not in terraform(blueprint, SECRET)


def test_a_secret_that_a_service_made_is_made_by_it_again() -> None:
    (left,) = made([secret(OwningService="rds")], THERE).left_out
    assert left.reason.startswith("rds made it")


def repository(**more: Any) -> Row:
    spec = {
        "repositoryArn": REPOSITORY,
        "registryId": ACCOUNT,
        "repositoryName": "shop/web",
        "repositoryUri": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/shop/web",
        "createdAt": "2020-01-01",
        "imageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
        "imageTagMutabilityExclusionFilters": [{"filterType": "WILDCARD", "filter": "dev-*"}],
        "imageScanningConfiguration": {"scanOnPush": False},
        "encryptionConfiguration": {"encryptionType": "KMS", "kmsKey": KEY},
        "lifecyclePolicy": {"rules": [{"rulePriority": 1, "action": {"type": "expire"}}]},
        "policy": {"Statement": [{"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "ecr:*"}]},
        "imageSizesInBytes": [1],
        **more,
    }
    return row("AWS::ECR::Repository", REPOSITORY, "shop/web", spec)


def test_a_repository_keeps_its_rules_and_scans_what_comes() -> None:
    blueprint = made([repository(), kms_key()], THERE)
    properties: Any = said(by_key(blueprint)[REPOSITORY])
    policy = properties.pop("RepositoryPolicyText").content
    assert policy["Statement"][0]["Principal"] == {"AWS": Joined(("arn:aws:iam::", Here.ACCOUNT, ":root"))}
    rules = json.loads(properties.pop("LifecyclePolicy")["LifecyclePolicyText"])
    assert rules == {"rules": [{"rulePriority": 1, "action": {"type": "expire"}}]}
    assert properties == {
        "RepositoryName": "shop/web",
        "ImageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
        "ImageTagMutabilityExclusionFilters": (
            {"ImageTagMutabilityExclusionFilterType": "WILDCARD", "ImageTagMutabilityExclusionFilterValue": "dev-*"},
        ),
        "ImageScanningConfiguration": {"ScanOnPush": True},
        "EncryptionConfiguration": {"EncryptionType": "KMS", "KmsKey": Ref(KEY, "Arn")},
        "Tags": ({"Key": "App", "Value": "shop"},),
    }
    assert blueprint.not_carried == {}
    text = terraform(blueprint, REPOSITORY)
    assert "image_scanning_configuration {\nscan_on_push = true\n}" in text
    assert 'resource "aws_ecr_lifecycle_policy"' in text
    assert 'resource "aws_ecr_repository_policy"' in text

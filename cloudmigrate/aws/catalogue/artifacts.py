"""Rows for what is prepared in the target before anything moves: images, snapshots, keys, certificates, repositories, stacks."""

from cloudmigrate.aws import redact
from cloudmigrate.aws.catalogue.rules import SETTING, encrypted_by, runs_as
from cloudmigrate.aws.resource_type import Call, RelationRule, ResourceType

# ListCertificates gives only RSA certificates of up to 2048 bits unless every key type is named (ACM API reference, "Filters").
KEY_TYPES = ["RSA_1024", "RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1"]

IMAGES = (
    ResourceType(
        type="AWS::EC2::Image",
        service="ec2",
        operation="describe_images",
        path="Images[]",
        id="ImageId",
        arn="arn:{partition}:ec2:{region}::image/{id}",
        role="artifact",
        moves=False,
        name="Name",
        state="State",
        created="CreationDate",
        gone_states=frozenset({"deregistered", "error", "failed", "invalid"}),
        params={"Owners": ["self"]},
        relations=(
            RelationRule(
                "from-snapshot", "BlockDeviceMappings[].Ebs.SnapshotId", "AWS::EC2::Snapshot", role=SETTING, keep_unresolved=False
            ),
        ),
    ),
    ResourceType(
        type="AWS::EC2::Snapshot",
        service="ec2",
        operation="describe_snapshots",
        path="Snapshots[]",
        id="SnapshotId",
        arn="arn:{partition}:ec2:{region}::snapshot/{id}",
        role="artifact",
        moves=False,
        state="State",
        created="StartTime",
        gone_states=frozenset({"error"}),
        params={"OwnerIds": ["self"]},
        page_size=1000,
        relations=(
            encrypted_by("KmsKeyId"),
            RelationRule("snapshot-of", "VolumeId", "AWS::EC2::Volume", role=SETTING, keep_unresolved=False),
        ),
    ),
    ResourceType(
        type="AWS::EC2::KeyPair",
        service="ec2",
        operation="describe_key_pairs",
        path="KeyPairs[]",
        id="KeyName",
        arn="arn:{partition}:ec2:{region}:{account}:key-pair/{id}",
        role="artifact",
        moves=False,
        name="KeyName",
        created="CreateTime",
        params={"IncludePublicKey": True},  # the public half lets the target import the same pair
        single_page=True,
    ),
)

SOFTWARE = (
    ResourceType(
        type="AWS::ECR::Repository",
        service="ecr",
        operation="describe_repositories",
        path="repositories[]",
        id="repositoryName",
        arn="=repositoryArn",
        role="artifact",
        moves=False,
        name="repositoryName",
        created="createdAt",
        calls=(
            Call(
                "list_tags_for_resource",
                {"resourceArn": "repositoryArn"},
                "tags[]",
                "tags",
                gone_codes=("RepositoryNotFoundException",),
            ),
            Call(
                "get_repository_policy",
                {"repositoryName": "repositoryName"},
                "from_json(policyText)",
                "policy",
                absent_codes=("RepositoryPolicyNotFoundException",),
                gone_codes=("RepositoryNotFoundException",),
            ),
            Call(
                "get_lifecycle_policy",
                {"repositoryName": "repositoryName"},
                "from_json(lifecyclePolicyText)",
                "lifecyclePolicy",
                absent_codes=("LifecyclePolicyNotFoundException",),
                gone_codes=("RepositoryNotFoundException",),
            ),
            Call(
                "describe_images",
                {"repositoryName": "repositoryName"},
                "imageDetails[].imageSizeInBytes",
                "imageSizesInBytes",
                gone_codes=("RepositoryNotFoundException",),
            ),
        ),
        tags="tags",
        relations=(encrypted_by("encryptionConfiguration.kmsKey"),),
    ),
    ResourceType(
        type="AWS::CertificateManager::Certificate",
        service="acm",
        operation="list_certificates",
        path="CertificateSummaryList[]",
        id="part(CertificateArn, '/', `-1`)",
        arn="=CertificateArn",
        role="artifact",
        moves=False,
        name="DomainName",
        state="Status",
        created="CreatedAt",
        params={"Includes": {"keyTypes": KEY_TYPES}},
        calls=(
            Call(
                "describe_certificate",
                {"CertificateArn": "CertificateArn"},
                "Certificate",
                "@",
                gone_codes=("ResourceNotFoundException",),
            ),
            Call(
                "list_tags_for_certificate",
                {"CertificateArn": "CertificateArn"},
                "Tags[]",
                "Tags",
                gone_codes=("ResourceNotFoundException",),
            ),
        ),
    ),
    ResourceType(
        type="AWS::CloudFormation::Stack",
        service="cloudformation",
        operation="describe_stacks",
        path="Stacks[]",
        id="StackName",
        arn="=StackId",
        role="artifact",
        moves=False,
        name="StackName",
        state="StackStatus",
        created="CreationTime",
        gone_states=frozenset({"delete_complete", "delete_in_progress"}),
        calls=(
            Call(
                "list_stack_resources",
                {"StackName": "StackId"},
                "StackResourceSummaries[].{LogicalResourceId: LogicalResourceId, PhysicalResourceId: PhysicalResourceId, "
                "ResourceType: ResourceType, ResourceStatus: ResourceStatus}",
                "Resources",
            ),
        ),
        redact=redact.stack,
        relations=(
            RelationRule("stack-member", "Resources[?ResourceStatus != 'DELETE_COMPLETE']", (), by="member", role=SETTING),
            RelationRule("parent-stack", "ParentId", "AWS::CloudFormation::Stack", by="arn", role=SETTING),
            runs_as("RoleARN"),
        ),
    ),
)

ROWS: tuple[ResourceType, ...] = (*IMAGES, *SOFTWARE)

"""What several rows share: ARN formats, and relations that read the same everywhere."""

from cloudmigrate.aws.resource_type import RelationRule
from cloudmigrate.domain.resources import RelationRole

NEEDS = RelationRole.NEEDS
PART = RelationRole.PART
SETTING = RelationRole.SETTING
GIB = 1024**3
EC2_ARN = "arn:{{partition}}:ec2:{{region}}:{{account}}:{kind}/{{id}}"

# What a program may talk to: a variable or a start script that mentions one of these needs it.
ENDPOINT_TYPES = (
    "AWS::RDS::DBInstance",
    "AWS::RDS::DBCluster",
    "AWS::ElastiCache::CacheCluster",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::DynamoDB::Table",
    "AWS::S3::Bucket",
    "AWS::SQS::Queue",
    "AWS::SNS::Topic",
    "AWS::EFS::FileSystem",
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::ElasticLoadBalancing::LoadBalancer",
    "AWS::ApiGateway::RestApi",
    "AWS::ApiGatewayV2::Api",
    "AWS::Lambda::Function",
    "AWS::EC2::Instance",
    "AWS::EKS::Cluster",
    "AWS::Route53::RecordSet",
    "AWS::SecretsManager::Secret",
)

IN_VPC = RelationRule("vpc", "VpcId", "AWS::EC2::VPC", role=SETTING)
IN_SUBNET = RelationRule("subnet", "SubnetId", "AWS::EC2::Subnet", role=SETTING)


def ec2_arn(kind: str) -> str:
    """The ARN format of an EC2 resource kind (service authorization reference of Amazon EC2, "resource types")."""
    return EC2_ARN.format(kind=kind)


def encrypted_by(path: str) -> RelationRule:
    """The key at *path*, written as ARN, id or alias. AWS's own keys exist everywhere and are no resources: unmatched ones drop."""
    return RelationRule("kms-key", path, "AWS::KMS::Key", by="name", role=SETTING)


def subnets(path: str) -> RelationRule:
    """The subnets at *path*."""
    return RelationRule("subnet", path, "AWS::EC2::Subnet", role=SETTING)


def security_groups(path: str) -> RelationRule:
    """The security groups at *path*."""
    return RelationRule("security-group", path, "AWS::EC2::SecurityGroup", role=SETTING)


def runs_as(path: str) -> RelationRule:
    """The IAM roles at *path*, by ARN."""
    return RelationRule("role", path, "AWS::IAM::Role", by="arn", role=SETTING)


def environment(endpoints: str, variables: str) -> tuple[RelationRule, RelationRule]:
    """What redacted variables mention: by endpoint, or by bearing exactly a resource's name."""
    return (
        RelationRule("environment", endpoints, ENDPOINT_TYPES, by="endpoint"),
        RelationRule("environment", variables, ENDPOINT_TYPES, by="hash"),
    )


ENCRYPTED_BY = encrypted_by("KmsKeyId")

"""What services are called on bills, and which lines of our estimates belong to which: a table."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BillService:
    """One service: how rate keys of it begin, and its names in Cost Explorer, FOCUS and CUR exports."""

    name: str
    prefixes: tuple[str, ...]  # of a rate key, up to its first colon
    bill_names: tuple[str, ...]


BILL_SERVICES: tuple[BillService, ...] = (
    # Cost Explorer splits EC2 in two where exports keep it as one; transfer between zones and to the internet is billed with it.
    BillService(
        "Amazon EC2",
        ("ec2", "ebs", "snapshot", "nat", "transfer"),
        (
            *("Amazon Elastic Compute Cloud", "Amazon Elastic Compute Cloud - Compute", "EC2 - Other", "AmazonEC2", "AWS Data Transfer"),
            "AWSDataTransfer",
        ),
    ),
    BillService(
        "Amazon RDS",
        ("rds", "rds-storage", "rds-iops", "rds-throughput", "rds-cluster", "aurora"),
        ("Amazon Relational Database Service", "AmazonRDS"),
    ),
    BillService(
        "Amazon S3", ("s3",), ("Amazon Simple Storage Service", "AmazonS3", "Amazon S3 Glacier Deep Archive", "AmazonS3GlacierDeepArchive")
    ),
    BillService("AWS Lambda", ("lambda",), ("AWS Lambda", "AWSLambda")),
    BillService("Amazon ECS", ("fargate", "ecs"), ("Amazon Elastic Container Service", "AmazonECS")),
    BillService(
        "Amazon EKS",
        ("eks",),
        ("Amazon Elastic Container Service for Kubernetes", "Amazon Elastic Kubernetes Service", "AmazonEKS"),
    ),
    BillService("Amazon ElastiCache", ("cache",), ("Amazon ElastiCache", "AmazonElastiCache")),
    BillService(
        "Elastic Load Balancing", ("alb", "nlb", "gwlb", "clb"), ("Amazon Elastic Load Balancing", "Elastic Load Balancing", "AWSELB")
    ),
    BillService("Amazon VPC", ("endpoint", "address", "address-idle", "tgw"), ("Amazon Virtual Private Cloud", "AmazonVPC")),
    BillService("Amazon API Gateway", ("apigw",), ("Amazon API Gateway", "AmazonApiGateway")),
    BillService("Amazon DynamoDB", ("dynamodb",), ("Amazon DynamoDB", "AmazonDynamoDB")),
    BillService("AWS Key Management Service", ("kms",), ("AWS Key Management Service", "awskms")),
    BillService("AWS Secrets Manager", ("secret",), ("AWS Secrets Manager", "AWSSecretsManager")),
    BillService("Amazon Route 53", ("route53",), ("Amazon Route 53", "AmazonRoute53")),
    BillService("Amazon ECR", ("ecr",), ("Amazon EC2 Container Registry (ECR)", "AmazonECR")),
    BillService("Amazon SQS", ("sqs",), ("Amazon Simple Queue Service", "AWSQueueService")),
    BillService("Amazon SNS", ("sns",), ("Amazon Simple Notification Service", "AmazonSNS")),
    BillService("Amazon EFS", ("efs",), ("Amazon Elastic File System", "AmazonEFS")),
)
SERVICE_OF_BILL_NAME: Mapping[str, str] = {name: one.name for one in BILL_SERVICES for name in one.bill_names}
SERVICE_OF_PREFIX: Mapping[str, str] = {prefix: one.name for one in BILL_SERVICES for prefix in one.prefixes}

"""Which price lists are read, what of them is kept, and how a region's usage types begin: tables."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from cloudmigrate.aws.regions import partition_of


@dataclass(frozen=True, slots=True)
class PriceService:
    """One price list: its service code, and the product families of it that an estimate may need (None: all)."""

    code: str
    families: tuple[str, ...] | None
    what: str
    is_savings_plan: bool = False


PRICE_SERVICES: tuple[PriceService, ...] = (
    PriceService(
        "AmazonEC2",
        (
            *("Compute Instance", "Compute Instance (bare metal)", "Dedicated Host", "CPU Credits", "Storage", "Storage Snapshot"),
            *("System Operation", "Provisioned Throughput", "Provisioned IOPS", "Data Transfer", "NAT Gateway", "IP Address"),
            *("Load Balancer", "Load Balancer-Application", "Load Balancer-Network", "Load Balancer-Gateway", "Fast Snapshot Restore"),
        ),
        "instances, EBS volumes and snapshots, NAT gateways, addresses",
    ),
    PriceService("AmazonRDS", None, "database instances, Aurora, their storage and I/O"),
    PriceService("AmazonS3", None, "storage classes, requests, retrieval"),
    PriceService("AWSLambda", None, "requests and GB-seconds"),
    PriceService("AmazonECS", None, "Fargate's vCPU and memory"),
    PriceService("AmazonEKS", None, "hours of clusters' control planes"),
    PriceService("AmazonElastiCache", None, "cache nodes"),
    PriceService("AWSELB", None, "load balancers"),
    PriceService("AmazonVPC", None, "endpoints, public addresses, VPN"),
    PriceService("AmazonApiGateway", None, "requests"),
    PriceService("AmazonDynamoDB", None, "requests, capacity, storage"),
    PriceService("AmazonEFS", None, "file storage"),
    PriceService("AmazonS3GlacierDeepArchive", None, "the storage class of that name"),
    PriceService("awskms", None, "keys"),
    PriceService("AWSSecretsManager", None, "secrets"),
    PriceService("AmazonECR", None, "storage of container images"),
    PriceService("AWSQueueService", None, "requests to SQS"),
    PriceService("AmazonSNS", None, "requests and deliveries"),
    PriceService("AWSDataTransfer", None, "between zones, regions and the internet"),
    PriceService("ComputeSavingsPlans", None, "rates under Compute and EC2 Instance savings plans", is_savings_plan=True),
)
BY_CODE: Mapping[str, PriceService] = {one.code: one for one in PRICE_SERVICES}

# Source: docs.aws.amazon.com/global-infrastructure/latest/regions/aws-region-billing-codes.html. eu-west-1 is EU there; us-east-1 has none
# in most usage types and USE1 in the others; CPT and TLV are older codes of two regions.
BILLING_CODES: Mapping[str, tuple[str, ...]] = {
    "us-east-1": ("USE1",),
    "us-east-2": ("USE2",),
    "us-west-1": ("USW1",),
    "us-west-2": ("USW2",),
    "ca-central-1": ("CAN1",),
    "ca-west-1": ("CAN2",),
    "mx-central-1": ("MXC1",),
    "sa-east-1": ("SAE1",),
    "af-south-1": ("AFS1", "CPT"),
    "ap-east-1": ("APE1",),
    "ap-east-2": ("APE2",),
    "ap-northeast-1": ("APN1",),
    "ap-northeast-2": ("APN2",),
    "ap-northeast-3": ("APN3",),
    "ap-southeast-1": ("APS1",),
    "ap-southeast-2": ("APS2",),
    "ap-south-1": ("APS3",),
    "ap-southeast-3": ("APS4",),
    "ap-south-2": ("APS5",),
    "ap-southeast-4": ("APS6",),
    "ap-southeast-5": ("APS7",),
    "ap-southeast-6": ("APS8",),
    "ap-southeast-7": ("APS9",),
    "eu-west-1": ("EU", "EUW1"),
    "eu-west-2": ("EUW2",),
    "eu-west-3": ("EUW3",),
    "eu-central-1": ("EUC1",),
    "eu-central-2": ("EUC2",),
    "eu-north-1": ("EUN1",),
    "eu-south-1": ("EUS1",),
    "eu-south-2": ("EUS2",),
    "il-central-1": ("ILC1", "TLV"),
    "me-south-1": ("MES1",),
    "me-central-1": ("MEC1",),
    "us-gov-west-1": ("UGW1",),
    "us-gov-east-1": ("UGE1",),
    "cn-north-1": ("CNN1",),
    "cn-northwest-1": ("CNW1",),
}
UNKNOWN_CODE = r"^[A-Z]{3}[0-9]{1,2}-"  # of a region newer than the table
# Where the Price List API answers (AWS General Reference, "AWS Price List endpoints"); its answers cover all regions of a partition.
# There is none in GovCloud: its prices are told to accounts of the commercial partition.
PRICING_HOMES: Mapping[str, str] = {"aws": "us-east-1", "aws-cn": "cn-northwest-1"}
TOLD_BY: Mapping[str, str] = {"aws-us-gov": "aws"}
CURRENCIES: Mapping[str, str] = {"aws-cn": "CNY"}


def usage_prefix(region: str) -> str:
    """The pattern of what usage types of *region* begin with, and what is taken off them."""
    codes = BILLING_CODES.get(region)
    return f"^({'|'.join(map(re.escape, codes))})-" if codes else UNKNOWN_CODE


def currency_of(region: str) -> str:
    """The currency in which AWS asks for money there."""
    return CURRENCIES.get(partition_of(region), "USD")


def pricing_partition(region: str) -> str:
    """The partition whose accounts may ask for the prices of *region*."""
    partition = partition_of(region)
    return TOLD_BY.get(partition, partition)


def pricing_home(region: str) -> str | None:
    """The region whose endpoint tells the prices of *region*; None where there is none."""
    return PRICING_HOMES.get(pricing_partition(region))

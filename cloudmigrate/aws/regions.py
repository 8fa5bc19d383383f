"""Which regions exist, from botocore's own data: no network, no credentials."""

import difflib
from collections.abc import Iterable, Mapping
from functools import cache

import botocore.loaders

# Where a partition's global services (IAM, Route 53, the list of buckets) are signed for and answered.
# Source: AWS General Reference, "Service endpoints and quotas" of each global service.
HOME_REGIONS: Mapping[str, str] = {
    "aws": "us-east-1",
    "aws-us-gov": "us-gov-west-1",
    "aws-cn": "cn-north-1",
    "aws-iso": "us-iso-east-1",
    "aws-iso-b": "us-isob-east-1",
    "aws-iso-e": "eu-isoe-west-1",
    "aws-iso-f": "us-isof-south-1",
    "aws-eusc": "eusc-de-east-1",
}
GLOBAL = "global"
# Buckets older than 2016 say "EU" (S3 API reference, GetBucketLocation).
OLD_REGION_NAMES: Mapping[str, str] = {"EU": "eu-west-1"}


@cache
def known_regions() -> Mapping[str, str]:
    """Every region that botocore knows, and its partition: ``{"eu-west-1": "aws", ...}``."""
    partitions = botocore.loaders.create_loader().load_data("partitions")["partitions"]
    return {
        region: partition["id"]
        for partition in partitions
        for region in partition["regions"]
        if region != GLOBAL and not region.endswith("-global")
    }


def partition_of(region: str) -> str:
    """The partition of *region*; ``aws`` for one that botocore does not know."""
    return known_regions().get(region, "aws")


def home_region(partition: str) -> str:
    """The region that answers for the global services of *partition*."""
    return HOME_REGIONS.get(partition, "us-east-1")


def check_regions(names: Iterable[str]) -> tuple[str, ...]:
    """One sentence for each name that is no AWS region, with the nearest real name; empty when all exist."""
    return tuple(_problem(name) for name in names if name not in known_regions())


def _problem(name: str) -> str:
    near = difflib.get_close_matches(name, known_regions(), n=1, cutoff=0.6)
    return f"unknown region {name!r}" + (f"; did you mean {near[0]}?" if near else "; see `aws account list-regions`")

"""Where things move to: the estate file's section `targets`, rules that map what a resource has at the source to what it has there."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from cloudmigrate.domain.database_policy import DatabasePolicy

_Account = Annotated[str, Field(pattern=r"^\d{12}$")]
_Region = Annotated[str, Field(pattern=r"^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$")]
_Subnet = Annotated[str, Field(pattern=r"^subnet-[0-9a-f]+$")]
_Vpc = Annotated[str, Field(pattern=r"^vpc-[0-9a-f]+$")]
_Group = Annotated[str, Field(pattern=r"^sg-[0-9a-f]+$")]
_List = Annotated[str, Field(pattern=r"^pl-[0-9a-f]+$")]
_InstanceType = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*\.[a-z0-9-]+$")]
_Key = Annotated[str, Field(min_length=1, max_length=2048, pattern=r"^[\w:/-]+$")]
_Name = Annotated[str, Field(min_length=1, max_length=255)]
_Arn = Annotated[str, Field(min_length=20, max_length=2048, pattern=r"^arn:aws[a-z-]*:[a-z0-9-]+:")]
_Address = Annotated[str, Field(pattern=r"^\d{1,3}(\.\d{1,3}){3}$")]
# Source: S3 user guide, "General purpose bucket naming rules".
_BUCKET = re.compile(r"^(?!xn--|sthree-|amzn-s3-demo-)(?!.*\.\.)(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")
_RESERVED_ENDS = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")


def _bucket(name: str) -> str:
    if not _BUCKET.match(name) or name.endswith(_RESERVED_ENDS):
        raise ValueError(f"{name!r} is no name for a bucket: 3 to 63 lower-case letters, digits, dots and hyphens")
    return name


_Bucket = Annotated[str, AfterValidator(_bucket)]
_Role = Annotated[str, Field(max_length=600, pattern=r"^[\w+=,.@/-]+$")]
_VolumeType = Literal["gp2", "gp3", "io1", "io2", "st1", "sc1", "standard"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DnsName(_Strict):
    """A name that leads to a server or a database, and is pointed at its target."""

    name: Annotated[
        str,
        Field(
            max_length=254,
            pattern=r"^([A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)+[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.?$",
            description="Such as shop.example.com; a simple record of the zone: A for a server, CNAME for a database.",
        ),
    ]
    zone_id: Annotated[str, Field(pattern=r"^[A-Z0-9]{1,32}$", description="The hosted zone's id in Route 53.")]
    zone_account: Annotated[_Account | None, Field(description="The account of the zone; empty: that of the source.")] = None
    uid: Annotated[str, Field(min_length=1, description="The server or database that it leads to.")]
    to: Annotated[
        Literal["private_ip", "elastic_ip", "endpoint", "reader_endpoint"] | None,
        Field(description="What of the target it gets; empty: a server's private address, a database's endpoint."),
    ] = None

    @property
    def fqdn(self) -> str:
        """The name as Route 53 lists it: lower case, with the dot at its end."""
        return self.name.lower().rstrip(".") + "."


class Override(_Strict):
    """What one resource gets that the rules would not give it."""

    uid: Annotated[str, Field(min_length=1)]
    subnet: _Subnet | None = None
    instance_type: _InstanceType | None = None
    private_ip: Annotated[_Address | None, Field(description="The address that its interface gets.")] = None
    elastic_ip: Annotated[bool | None, Field(description="Whether it gets an elastic address of its own.")] = None
    target_groups: Annotated[tuple[str, ...] | None, Field(description="ARNs of target groups that it is registered with.")] = None


class TargetPolicy(_Strict):
    """The section `targets`. Empty: nothing can be migrated, only planned."""

    region: Annotated[_Region | None, Field(description="Where things move to.")] = None
    account: Annotated[_Account | None, Field(description="Into which account; empty: each stays in its own.")] = None
    vpcs: Annotated[Mapping[_Vpc, _Vpc], Field(description="Source VPC: target VPC.")] = {}
    subnets: Annotated[Mapping[_Subnet, _Subnet], Field(description="Source subnet: target subnet.")] = {}
    security_groups: Annotated[
        Mapping[_Group, _Group], Field(description="Source group: a group that the target has; all others are cloned with their rules.")
    ] = {}
    prefix_lists: Annotated[Mapping[_List, _List], Field(description="Source prefix list: target prefix list.")] = {}
    instance_types: Annotated[Mapping[_InstanceType, _InstanceType], Field(description="Source type: target type; else the same.")] = {}
    volume_types: Annotated[Mapping[_VolumeType, _VolumeType], Field(description="Source type: target type, such as gp2: gp3.")] = {}
    kms_key: Annotated[_Key | None, Field(description="Key that copies are encrypted with in the target region; empty: as they are.")] = (
        None
    )
    instance_profiles: Annotated[Mapping[_Name, _Name], Field(description="Source name: target name; else the same.")] = {}
    key_pairs: Annotated[Mapping[_Name, _Name], Field(description="Source name: target name; else the same.")] = {}
    target_groups: Annotated[
        Mapping[str, str], Field(description="ARN of a source target group: ARN of that of the target. Its servers are registered there.")
    ] = {}
    artifact_bucket: Annotated[
        _Bucket | None, Field(description="A bucket of the target region and account: packages of functions are copied there.")
    ] = None
    roles: Annotated[
        Mapping[_Arn, _Arn], Field(description="ARN of a source role: ARN of that of the target; within an account the same role stays.")
    ] = {}
    layers: Annotated[
        Mapping[_Arn, _Arn], Field(description="ARN of a layer version: ARN of that of the target; else own ones are copied.")
    ] = {}
    secrets: Annotated[
        Mapping[_Name, _Name], Field(description="ARN of a source secret or parameter: ARN of that of the target; values are never read.")
    ] = {}
    event_sources: Annotated[
        Mapping[_Arn, _Arn],
        Field(description="ARN of a queue, stream or topic, or of what else calls a function: ARN of that of the target."),
    ] = {}
    clusters: Annotated[
        Mapping[_Name, _Name], Field(description="Name of a source ECS cluster: name of one that the target has; others are made.")
    ] = {}
    log_groups: Annotated[
        Mapping[_Name, _Name],
        Field(description="Name of a source log group: name of one that the target has; else one is made by the task."),
    ] = {}
    dns: Annotated[tuple[DnsName, ...], Field(description="Names that are pointed at targets: [{name, zone_id, uid}].")] = ()
    dns_ttl_s: Annotated[int, Field(ge=1, le=86_400, description="To what the names' time to live is lowered beforehand, seconds.")] = 60
    consistency: Annotated[
        Literal["stopped", "crash"],
        Field(description="stopped: the source stops, then its image is made. crash: while it runs; what it writes afterwards is lost."),
    ] = "stopped"
    same_private_ip: Annotated[bool, Field(description="Whether targets keep the address: their subnet must have it.")] = False
    user_data: Annotated[bool, Field(description="Whether the start script goes along; it runs at the target's first start.")] = True
    keep_images: Annotated[bool, Field(description="Whether a rollback keeps the copied image and its snapshots.")] = False
    clean_up: Annotated[
        bool, Field(description="Whether sources are terminated in the end, behind a gate of its own; else they stay, stopped.")
    ] = False
    databases: Annotated[DatabasePolicy, Field(description="How databases move.")] = DatabasePolicy()
    buckets: Annotated[Mapping[str, _Bucket], Field(description="Source bucket: name of its target, which nobody has yet.")] = {}
    bucket_suffix: Annotated[
        str | None, Field(pattern=r"^[a-z0-9.-]{0,40}[a-z0-9]$", description="What all other targets' names have after the source's.")
    ] = None
    bucket_writers: Annotated[
        Mapping[str, str],
        Field(description="Source bucket: what writes to it and how that is pointed at the target; a person does it before cutover ends."),
    ] = {}
    replication_role: Annotated[
        _Role | None, Field(description="Role of the source's account under which S3 replicates and runs batch jobs.")
    ] = None
    retire_after_days: Annotated[
        int, Field(ge=1, le=60, description="How long what is retired stands still and is watched for callers before it is deleted.")
    ] = 14
    rightsized: Annotated[
        bool, Field(description="Whether generated code gives a server the smaller size that its use needs (`sizing`), else its own.")
    ] = True
    observed_rules: Annotated[
        bool,
        Field(
            description="Whether generated security groups have only what observed traffic needs of their rules (docs/rules.md, Needed)."
        ),
    ] = False
    overrides: Annotated[tuple[Override, ...], Field(description="What single resources get: [{uid, subnet, instance_type, ...}].")] = ()

    @model_validator(mode="after")
    def _says_each_thing_once(self) -> "TargetPolicy":
        names = [one.fqdn for one in self.dns]
        targets = list(self.buckets.values())
        uids = [one.uid for one in self.overrides]
        for what, given in (("dns name", names), ("override", uids), ("target bucket", targets)):
            twice = sorted({one for one in given if given.count(one) > 1})
            if twice:
                raise ValueError(f"{what} {twice[0]} is given twice")
        return self

    def bucket_name(self, source: str) -> str | None:
        """The name of a bucket's target; None where the rules give none that S3 would take."""
        if source in self.buckets or self.bucket_suffix is None:
            return self.buckets.get(source)
        name = f"{source}{self.bucket_suffix}"
        return name if _BUCKET.match(name) and not name.endswith(_RESERVED_ENDS) else None

    def override(self, uid: str) -> Override:
        """What is said of one resource."""
        return next((one for one in self.overrides if one.uid == uid), Override(uid=uid))

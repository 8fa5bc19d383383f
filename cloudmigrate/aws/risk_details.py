"""What the provider's own answers say that bears on risk: engine and version, public addresses, age.

What was not read is None, never "no". Sources: the API references of the services named, and their guides where a comment says so.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cloudmigrate.aws.describe import instant, mappings

Spec = Mapping[str, Any]

# Kinds of relations: how a resource bears a security group, of itself or through its interfaces, and which parts speak for a whole.
BEARS_GROUP, HAS_INTERFACE = "security-group", "network-interface"
PARTS_OF_WHOLES = ("db-cluster", "replication-group")
# Which metric tells how much is written, and its period where CloudWatch counts over one of its own: of Aurora's volumes it tells the
# operations of five minutes (Aurora guide, "Cluster-level metrics"); sums are over the period that was asked for.
OPERATIONS_OVER_5_MIN = "VolumeWriteIOPs"
INTERNET = ("0.0.0.0/0", "::/0")
ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"


@dataclass(frozen=True, slots=True)
class RiskDetails:
    """What one resource's spec says; None: it does not say, or it was not read."""

    engine: str | None = None
    engine_version: str | None = None
    runtime: str | None = None
    public_address: bool | None = None
    is_guarded: bool = False  # by security groups: these say what may reach it; else what is public is open
    open_ways: int | None = None  # of what is not guarded: ways in that are open to the world
    storage_bytes: int | None = None  # where the spec knows better than the inventory's column
    created_at: datetime | None = None
    may_be_older: bool = False


def risk_details(type_: str, spec: Spec, *, created_at: datetime | None, is_whole: bool) -> RiskDetails:
    """What a resource's *spec* says. Where not all of its type could be read (*is_whole*), what is absent is not known to be none."""
    public = _PUBLIC[type_](spec) if type_ in _PUBLIC else None
    if public is None and is_whole and type_ in _PRIVATE_UNLESS_SAID:
        public = False
    guarded = type_ in _GUARDED and _GUARDED[type_](spec)
    engine, version = _engine(type_, spec)
    created, older = _created(type_, spec, created_at)
    return RiskDetails(
        engine=engine,
        engine_version=version,
        runtime=_text(spec.get("Runtime")) if type_ == "AWS::Lambda::Function" else None,
        public_address=public,
        is_guarded=guarded,
        open_ways=None if public is None or guarded else int(public and _is_open(type_, spec)),
        # An Aurora instance keeps its data in the cluster's volume, which counts there.
        storage_bytes=0 if type_ == "AWS::RDS::DBInstance" and (engine or "").startswith("aurora") else None,
        created_at=created,
        may_be_older=older,
    )


def version_of(type_: str, spec: Spec) -> tuple[str | None, str | None, str | None]:
    """(engine, its version, Lambda runtime) as the *spec* says."""
    return *_engine(type_, spec), _text(spec.get("Runtime")) if type_ == "AWS::Lambda::Function" else None


def _engine(type_: str, spec: Spec) -> tuple[str | None, str | None]:
    if type_ == "AWS::EKS::Cluster":
        return "kubernetes", _text(spec.get("version"))
    if type_ in ("AWS::RDS::DBInstance", "AWS::RDS::DBCluster", "AWS::ElastiCache::CacheCluster"):
        return _text(spec.get("Engine")), _text(spec.get("EngineVersion"))
    return None, None


# The instant that these call their creation is that of the last change, or of the newest revision (Lambda LastModified, ECS registeredAt;
# S3: "this date can change when making changes to your bucket").
_DATED_BY_CHANGE = frozenset({"AWS::Lambda::Function", "AWS::Lambda::EventSourceMapping", "AWS::ECS::TaskDefinition", "AWS::S3::Bucket"})


def _created(type_: str, spec: Spec, created_at: datetime | None) -> tuple[datetime | None, bool]:
    """Since when it is known to be there, and whether it may be older."""
    if type_ != "AWS::EC2::Instance":
        return created_at, type_ in _DATED_BY_CHANGE
    # LaunchTime is that of the last start; the first interface is attached once, when the instance is made.
    interfaces = [_mapping(one.get("Attachment")) for one in mappings(spec.get("NetworkInterfaces"))]
    attached = [instant(one.get("AttachTime")) for one in interfaces if one.get("DeviceIndex") == 0]
    known = [at for at in (created_at, *attached) if at is not None]
    return min(known, default=None), not any(attached)


def _instance_is_public(spec: Spec) -> bool | None:
    if "InstanceId" not in spec:
        return None
    interfaces = list(mappings(spec.get("NetworkInterfaces")))
    v4 = any(_mapping(one.get("Association")).get("PublicIp") for one in interfaces)
    return bool(spec.get("PublicIpAddress")) or v4 or any(one.get("Ipv6Addresses") for one in interfaces)


def _database_is_public(spec: Spec) -> bool | None:
    found = spec.get("PubliclyAccessible")
    return found if isinstance(found, bool) else None


def _balancer_is_public(spec: Spec) -> bool | None:
    return {"internet-facing": True, "internal": False}.get(str(spec.get("Scheme")))


def _service_is_public(spec: Spec) -> bool | None:
    network = _mapping(_mapping(spec.get("networkConfiguration")).get("awsvpcConfiguration"))
    return network.get("assignPublicIp") == "ENABLED" if network else None


def _cluster_is_public(spec: Spec) -> bool | None:
    found = _mapping(spec.get("resourcesVpcConfig")).get("endpointPublicAccess")
    return found if isinstance(found, bool) else None


def _function_is_public(spec: Spec) -> bool | None:
    return _mapping(spec.get("UrlConfig")).get("AuthType") == "NONE" or _lets_anyone(spec.get("Policy")) or None


def _rest_api_is_public(spec: Spec) -> bool | None:
    kinds = _mapping(spec.get("endpointConfiguration")).get("types")
    return any(one != "PRIVATE" for one in kinds) if isinstance(kinds, list) and kinds else None


def _bucket_is_public(spec: Spec) -> bool | None:
    block = _mapping(spec.get("PublicAccessBlock"))
    if all(block.get(name) is True for name in ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")):
        return False
    granted = any(_mapping(one.get("Grantee")).get("URI") == ALL_USERS for one in mappings(spec.get("Grants")))
    lets_anyone = _lets_anyone(spec.get("Policy"))
    return (granted and not block.get("IgnorePublicAcls")) or (lets_anyone and not block.get("RestrictPublicBuckets")) or None


def _policy_is_public(spec: Spec) -> bool | None:
    return _lets_anyone(spec["Policy"]) if "Policy" in spec else None


def _never(_spec: Spec) -> bool | None:
    """In a VPC without public addresses by the service's design, or reached with the account's own credentials only."""
    return False


# A type that is not here is not known to be reached by nobody.
_PUBLIC: dict[str, Callable[[Spec], bool | None]] = {
    "AWS::ApiGateway::RestApi": _rest_api_is_public,
    "AWS::ApiGatewayV2::Api": lambda spec: True if spec.get("ApiId") else None,  # there is no private kind
    "AWS::DynamoDB::Table": _never,
    "AWS::EC2::Instance": _instance_is_public,
    "AWS::ECS::Service": _service_is_public,
    "AWS::EFS::FileSystem": _never,
    "AWS::EKS::Cluster": _cluster_is_public,
    "AWS::ElastiCache::CacheCluster": _never,
    "AWS::ElasticLoadBalancing::LoadBalancer": _balancer_is_public,
    "AWS::ElasticLoadBalancingV2::LoadBalancer": _balancer_is_public,
    "AWS::Lambda::Function": _function_is_public,
    "AWS::RDS::DBInstance": _database_is_public,
    "AWS::S3::Bucket": _bucket_is_public,
    "AWS::SNS::Topic": _policy_is_public,
    "AWS::SQS::Queue": _policy_is_public,
}
# Where all was read, these are public only if something says so; an ECS service without a network of its own has its hosts' addresses.
_PRIVATE_UNLESS_SAID = frozenset({"AWS::ECS::Service", "AWS::Lambda::Function", "AWS::S3::Bucket", "AWS::SNS::Topic", "AWS::SQS::Queue"})
# A network load balancer may have no security groups: then nothing holds anybody off.
_GUARDED: dict[str, Callable[[Spec], bool]] = {
    "AWS::EC2::Instance": lambda _: True,
    "AWS::ECS::Service": lambda spec: bool(_mapping(spec.get("networkConfiguration")).get("awsvpcConfiguration")),
    "AWS::EFS::FileSystem": lambda _: True,
    "AWS::ElastiCache::CacheCluster": lambda _: True,
    "AWS::ElasticLoadBalancing::LoadBalancer": lambda spec: bool(spec.get("SecurityGroups")),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": lambda spec: bool(spec.get("SecurityGroups")),
    "AWS::RDS::DBInstance": lambda _: True,
}


def _is_open(type_: str, spec: Spec) -> bool:
    """Whether what is public lets everyone in; EKS's public endpoint may be kept to some networks."""
    if type_ != "AWS::EKS::Cluster":
        return True
    allowed = _mapping(spec.get("resourcesVpcConfig")).get("publicAccessCidrs")
    return not isinstance(allowed, list) or not allowed or any(one in INTERNET for one in allowed)


def _lets_anyone(policy: Any) -> bool:
    """Whether a resource policy lets everybody in, whoever they are and wherever they come from."""
    statements = _mapping(policy).get("Statement")
    return any(
        one.get("Effect") == "Allow" and not one.get("Condition") and _is_anyone(one.get("Principal"))
        for one in mappings([statements] if isinstance(statements, Mapping) else statements)
    )


def _is_anyone(principal: Any) -> bool:
    named = _mapping(principal).get("AWS", principal)
    return "*" in (named if isinstance(named, list) else [named])


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _mapping(value: Any) -> Spec:
    return value if isinstance(value, Mapping) else {}

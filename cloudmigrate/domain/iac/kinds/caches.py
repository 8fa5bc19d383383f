"""Caches: clusters of their own, replication groups with their members, subnet groups.

Source: AWS CloudFormation template reference, AWS::ElastiCache::CacheCluster, ReplicationGroup and SubnetGroup; ElastiCache API reference.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from cloudmigrate.domain.iac.kind import GIVEN, Kind, same_name_there
from cloudmigrate.domain.iac.kinds.classes import chosen_class
from cloudmigrate.domain.iac.kinds.key_use import key_or_told
from cloudmigrate.domain.iac.model import TargetResource
from cloudmigrate.domain.iac.naming import slug
from cloudmigrate.domain.iac.source import NotGenerated, Source, branch, defaulted, told, transformed
from cloudmigrate.domain.iac.values import Came, Items, Leaf, Node, Origin
from cloudmigrate.domain.resources import Resource

CACHE, GROUP, SUBNETS = "AWS::ElastiCache::CacheCluster", "AWS::ElastiCache::ReplicationGroup", "AWS::ElastiCache::SubnetGroup"
RUN_TIME = "what it does at the moment"
PREFERRED_SINCE = 7  # major version of Redis OSS; every Valkey has it
MEMBERS = "a member of the replication group says so"
LOST = "a cache starts empty: to start it with what the source holds, name a backup that was copied to the target"


def cluster(source: Source) -> Iterator[TargetResource]:
    """A cluster of its own."""
    group = source.value("ReplicationGroupId")
    if group:
        raise NotGenerated(f"it is a part of replication group {group}, and made with it")
    spec = source.spec
    is_redis = spec.get("Engine") != "memcached"
    yield source.target(
        CACHE,
        {
            "ClusterName": source.own_name("CacheClusterId", str(spec["CacheClusterId"])),
            "CacheNodeType": chosen_class(source, "CacheNodeType"),
            "Engine": source.copied("Engine"),
            "EngineVersion": source.copied("EngineVersion"),
            "NumCacheNodes": source.copied("NumCacheNodes"),
            "AZMode": _zones(source),
            "Port": _port(source.value("CacheNodes"), source.value("ConfigurationEndpoint")),
            **_network(source, source, ""),
            "CacheParameterGroupName": _parameters(source, source.value("CacheParameterGroup"), "CacheParameterGroup"),
            "AutoMinorVersionUpgrade": source.copied("AutoMinorVersionUpgrade"),
            "PreferredMaintenanceWindow": source.copied("PreferredMaintenanceWindow"),
            "NotificationTopicArn": _topic(source, source.value("NotificationConfiguration")),
            "SnapshotRetentionLimit": source.copied("SnapshotRetentionLimit") if is_redis else None,
            "SnapshotWindow": source.copied("SnapshotWindow") if is_redis else None,
            "SnapshotName": told(LOST) if is_redis else None,
            "TransitEncryptionEnabled": source.copied("TransitEncryptionEnabled"),
            "NetworkType": source.copied("NetworkType"),
            "IpDiscovery": source.copied("IpDiscovery"),
            "LogDeliveryConfigurations": _logs(source),
            "Tags": source.tags(),
        },
        stateful=is_redis,
    )


def replication_group(source: Source) -> Iterator[TargetResource]:
    """A replication group with its members, encrypted at rest and under way."""
    if source.value("GlobalReplicationGroupInfo"):
        raise NotGenerated("it is a part of a global datastore: add the target's region to that one instead")
    member = _member(source)
    properties: dict[str, Node | None] = {
        "ReplicationGroupId": source.own_name("ReplicationGroupId", str(source.spec["ReplicationGroupId"])),
        "ReplicationGroupDescription": source.copied("Description") or defaulted(source.resource.name, "the source has no description"),
        "CacheNodeType": chosen_class(source, "CacheNodeType"),
        "Engine": source.copied("Engine"),
        "EngineVersion": _of_member(member, "EngineVersion"),
        **_members(source),
        "AutomaticFailoverEnabled": source.copied("AutomaticFailover", of=_is_on),
        "MultiAZEnabled": source.copied("MultiAZ", of=_is_on),
        "DataTieringEnabled": source.copied("DataTiering", of=_is_on),
        "ClusterMode": source.copied("ClusterMode"),
        "Port": _group_port(source),
        **(_network(source, member, f"{MEMBERS}: ") if member else {}),
        **_encryption(source, member),
        "AuthToken": source.secret("AuthTokenEnabled", "the token that clients log in with") if source.value("AuthTokenEnabled") else None,
        "UserGroupIds": source.unknown("user groups", f"user groups {source.spec['UserGroupIds']} are made by hand", kind="List")
        if source.value("UserGroupIds")
        else None,
        "AutoMinorVersionUpgrade": source.copied("AutoMinorVersionUpgrade"),
        "PreferredMaintenanceWindow": _of_member(member, "PreferredMaintenanceWindow"),
        "SnapshotRetentionLimit": source.copied("SnapshotRetentionLimit"),
        "SnapshotWindow": source.copied("SnapshotWindow", of=_hours),
        "SnapshotName": told(LOST),
        "NetworkType": source.copied("NetworkType"),
        "IpDiscovery": source.copied("IpDiscovery"),
        "LogDeliveryConfigurations": _logs(source),
        "Tags": source.tags(),
    }
    if member is not None:
        parameters = _parameters(source, member.spec.get("CacheParameterGroup"), "MemberClusters")
        properties["CacheParameterGroupName"] = parameters
        properties["NotificationTopicArn"] = _topic(source, member.spec.get("NotificationConfiguration"), "MemberClusters")
    yield source.target(GROUP, properties, stateful=True)


def subnet_group(source: Source) -> Iterator[TargetResource]:
    """The subnets that caches are in."""
    name = str(source.spec["CacheSubnetGroupName"])
    ids = [one["SubnetIdentifier"] for one in source.value("Subnets") or ()]
    kept = source.own_name("CacheSubnetGroupName", name)
    yield source.target(
        SUBNETS,
        {
            "CacheSubnetGroupName": defaulted(slug(name, source.resource.uid), "the name default is AWS's own")
            if name == "default"
            else kept,
            "Description": source.copied("CacheSubnetGroupDescription") or defaulted(name, "the source has no description"),
            "SubnetIds": source.all_referred("Subnets", ids, type_="AWS::EC2::Subnet", where="targets.subnets"),
            "Tags": source.tags(),
        },
    )


def _member(source: Source) -> Resource | None:
    """The first of a group's clusters: they say what the group does not."""
    names = list(source.value("MemberClusters") or ())
    found = [one for one in source.relatives(source.resource, CACHE) if one.spec.get("CacheClusterId") in names]
    return min(found, key=lambda one: str(one.spec["CacheClusterId"]), default=None)


def _of_member(member: Resource | None, name: str) -> Leaf | None:
    found = member.spec.get(name) if member else None
    return Leaf(str(found), transformed(f"MemberClusters.{name}", MEMBERS)) if found else None


def _members(source: Source) -> dict[str, Node | None]:
    """How many shards and replicas it has."""
    groups = source.value("NodeGroups") or ()
    if source.value("ClusterEnabled") and groups:
        replicas = max(len(one.get("NodeGroupMembers") or ()) for one in groups) - 1
        return {
            "NumNodeGroups": Leaf(len(groups), transformed("NodeGroups", "their number")),
            "ReplicasPerNodeGroup": Leaf(
                max(replicas, 0), transformed("NodeGroups[].NodeGroupMembers", "the most of any, less its primary")
            ),
        }
    count = len(source.value("MemberClusters") or ())
    return {"NumCacheClusters": Leaf(max(count, 1), transformed("MemberClusters", "their number"))}


def _encryption(source: Source, member: Resource | None) -> dict[str, Node | None]:
    """On at rest and under way. Clients that do not encrypt are let in where the engine knows how."""
    at_rest, transit = source.copied("AtRestEncryptionEnabled"), source.copied("TransitEncryptionEnabled")
    found: dict[str, Node | None] = {"KmsKeyId": key_or_told(source, "KmsKeyId")}
    found["AtRestEncryptionEnabled"] = (
        at_rest if at_rest and at_rest.value is True else defaulted(value=True, why="it is encrypted at rest, though the source is not")
    )
    if transit and transit.value is True:
        return found | {"TransitEncryptionEnabled": transit, "TransitEncryptionMode": source.copied("TransitEncryptionMode")}
    source.read.add("TransitEncryptionMode")
    version = str(member.spec.get("EngineVersion", "")) if member else ""
    if not _lets_both_in(str(source.spec.get("Engine")), version):
        why = f"clients have to use TLS from cutover on: an engine before version {PREFERRED_SINCE} lets no others in"
        return found | {"TransitEncryptionEnabled": defaulted(value=True, why=why)}
    return found | {
        "TransitEncryptionEnabled": defaulted(value=True, why="connections may be encrypted, though the source's are not"),
        "TransitEncryptionMode": defaulted("preferred", "clients that do not use TLS yet are let in"),
    }


def _lets_both_in(engine: str, version: str) -> bool:
    """Whether clients with and without TLS can be let in at once."""
    major = version.split(".", maxsplit=1)[0]
    return engine == "valkey" or (major.isdigit() and int(major) >= PREFERRED_SINCE)


def _network(source: Source, teller: Source | Resource, why: str) -> dict[str, Node | None]:
    """The subnet group and security groups, as the cluster itself or a group's member tells them."""
    spec = teller.spec
    path = "MemberClusters" if why else "CacheSubnetGroupName"
    if not why:
        source.read |= {"CacheSubnetGroupName", "SecurityGroups"}
    ids = [one["SecurityGroupId"] for one in spec.get("SecurityGroups") or ()]
    groups = source.all_referred(
        "MemberClusters" if why else "SecurityGroups",
        ids,
        attribute="GroupId",
        type_="AWS::EC2::SecurityGroup",
        where="targets.security_groups",
    )
    subnets = source.referred(path, spec.get("CacheSubnetGroupName") or "", type_=SUBNETS)
    return {"CacheSubnetGroupName": subnets, ("SecurityGroupIds" if why else "VpcSecurityGroupIds"): groups}


def _parameters(source: Source, given: Any, path: str) -> Leaf | None:
    name = str((given or {}).get("CacheParameterGroupName") or "")
    if not name or name.startswith("default."):
        return Leaf(None, Origin(Came.DEFAULTED, "AWS's own parameter group of the engine")) if name else None
    return source.unknown(
        "parameter group", f"parameter group {name} is no part of the inventory: make it by hand in the target, and name it here"
    )


def _topic(source: Source, given: Any, path: str = "NotificationConfiguration") -> Leaf | None:
    arn = (given or {}).get("TopicArn")
    return source.referred(path, arn, attribute="Arn", where="targets.event_sources") if arn else None


def _zones(source: Source) -> Leaf | None:
    """Nodes in several zones stay so."""
    zones = {one.get("CustomerAvailabilityZone") for one in source.value("CacheNodes") or ()}
    if source.value("PreferredAvailabilityZone") == "Multiple" or len(zones) > 1:
        return Leaf("cross-az", transformed("PreferredAvailabilityZone", "its nodes are in several zones"))
    return None


def _port(nodes: Any, configuration: Any) -> Leaf | None:
    ports = [one["Endpoint"]["Port"] for one in nodes or () if (one.get("Endpoint") or {}).get("Port")]
    port = (configuration or {}).get("Port") or next(iter(ports), None)
    return Leaf(int(port), transformed("CacheNodes[].Endpoint.Port", "that of its nodes")) if port else None


def _group_port(source: Source) -> Leaf | None:
    ends = [one.get("PrimaryEndpoint") or {} for one in source.value("NodeGroups") or ()]
    port = (source.value("ConfigurationEndpoint") or {}).get("Port") or next((one["Port"] for one in ends if one.get("Port")), None)
    return Leaf(int(port), transformed("NodeGroups[].PrimaryEndpoint.Port", "that of its endpoints")) if port else None


def _logs(source: Source) -> Items | None:
    """Where the engine's logs go."""
    made = []
    for number, one in enumerate(source.value("LogDeliveryConfigurations") or ()):
        path = f"LogDeliveryConfigurations[{number}]"
        node = branch(
            DestinationType=Leaf(str(one["DestinationType"]), Origin(Came.COPIED, f"{path}.DestinationType")),
            LogFormat=Leaf(str(one["LogFormat"]), Origin(Came.COPIED, f"{path}.LogFormat")),
            LogType=Leaf(str(one["LogType"]), Origin(Came.COPIED, f"{path}.LogType")),
            DestinationDetails=_destination(source, path, one.get("DestinationDetails") or {}),
        )
        made += [node] if node else []
    return Items(tuple(made)) if made else None


def _destination(source: Source, path: str, given: Mapping[str, Any]) -> Node | None:
    logs, stream = (
        (given.get("CloudWatchLogsDetails") or {}).get("LogGroup"),
        (given.get("KinesisFirehoseDetails") or {}).get("DeliveryStream"),
    )
    at = f"{path}.DestinationDetails"
    if logs:
        return branch(
            CloudWatchLogsDetails=branch(LogGroup=source.referred(at, logs, type_="AWS::Logs::LogGroup", where="targets.log_groups"))
        )
    return branch(KinesisFirehoseDetails=branch(DeliveryStream=source.referred(at, stream or "")))


def _is_on(value: Any) -> bool:
    return str(value) in ("enabled", "enabling")


def _hours(value: Any) -> str:
    """A window with two digits an hour, as 05:00-6:00 is no window."""
    return "-".join(one.strip().zfill(5) for one in str(value).split("-"))


STATE = {"AuthTokenLastModifiedDate": RUN_TIME, "ARN": GIVEN, "PendingModifiedValues": RUN_TIME}
KINDS = (
    Kind(
        CACHE,
        cluster,
        known_as=("CacheClusterId",),
        asks_for=("CacheClusterId",),
        named_arn=same_name_there,
        is_named=True,
        not_configuration={
            **STATE,
            "CacheClusterId": "its name",
            "ClientDownloadLandingPage": GIVEN,
            "CacheClusterStatus": RUN_TIME,
            "CacheClusterCreateTime": RUN_TIME,
            "AtRestEncryptionEnabled": "of replication groups",
            "ReplicationGroupLogDeliveryEnabled": "of replication groups",
        },
    ),
    Kind(
        GROUP,
        replication_group,
        known_as=("ReplicationGroupId",),
        asks_for=("ReplicationGroupId",),
        named_arn=same_name_there,
        is_named=True,
        not_configuration={
            **STATE,
            "Status": RUN_TIME,
            "ReplicationGroupCreateTime": RUN_TIME,
            "SnapshottingClusterId": "chosen by AWS among its members",
            "EffectiveDurability": RUN_TIME,
        },
    ),
    Kind(
        SUBNETS,
        subnet_group,
        known_as=("CacheSubnetGroupName",),
        asks_for=("CacheSubnetGroupName",),
        is_shared=True,
        not_configuration={"ARN": GIVEN, "VpcId": "that of its subnets", "SupportedNetworkTypes": GIVEN},
    ),
)

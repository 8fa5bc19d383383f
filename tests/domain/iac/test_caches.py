"""Caches as code."""

from typing import Any

from cloudmigrate.domain.iac.values import Ref, Variable
from cloudmigrate.domain.target_policy import TargetPolicy
from tests.domain.iac.data_rows import ACCOUNT, KEY, REGION, Row, by_key, came, kms_key, made, row, said, shared, terraform

THERE = TargetPolicy(region="eu-west-1", subnets={"subnet-0a": "subnet-1a"}, security_groups={"sg-0a": "sg-1a"})
HERE = f"arn:aws:elasticache:{REGION}:{ACCOUNT}"
GROUP, MEMBER, PAGES, SUBNETS = (
    f"{HERE}:replicationgroup:carts",
    f"{HERE}:cluster:carts-001",
    f"{HERE}:cluster:pages",
    f"{HERE}:subnetgroup:inner",
)


def group(**more: Any) -> Row:
    spec = {
        "ReplicationGroupId": "carts",
        "ARN": GROUP,
        "Description": "Carts",
        "Status": "available",
        "Engine": "redis",
        "CacheNodeType": "cache.r6g.large",
        "ClusterEnabled": False,
        "ClusterMode": "disabled",
        "MemberClusters": ["carts-001", "carts-002"],
        "NodeGroups": [{"NodeGroupId": "0001", "PrimaryEndpoint": {"Address": "carts.x", "Port": 6380}, "NodeGroupMembers": [{}, {}]}],
        "AutomaticFailover": "enabled",
        "MultiAZ": "enabled",
        "DataTiering": "disabled",
        "AtRestEncryptionEnabled": False,
        "TransitEncryptionEnabled": True,
        "TransitEncryptionMode": "required",
        "AuthTokenEnabled": True,
        "AutoMinorVersionUpgrade": True,
        "SnapshotRetentionLimit": 3,
        "SnapshotWindow": "05:00-6:00",
        "LogDeliveryConfigurations": [
            {
                "LogType": "slow-log",
                "LogFormat": "json",
                "DestinationType": "cloudwatch-logs",
                "DestinationDetails": {"CloudWatchLogsDetails": {"LogGroup": "slow"}},
                "Status": "active",
            }
        ],
        **more,
    }
    return row("AWS::ElastiCache::ReplicationGroup", GROUP, "carts", spec)


def member(**more: Any) -> Row:
    spec = {
        "CacheClusterId": "carts-001",
        "ARN": MEMBER,
        "ReplicationGroupId": "carts",
        "Engine": "redis",
        "EngineVersion": "7.1.0",
        "CacheNodeType": "cache.r6g.large",
        "CacheSubnetGroupName": "inner",
        "SecurityGroups": [{"SecurityGroupId": "sg-0a", "Status": "active"}],
        "CacheParameterGroup": {"CacheParameterGroupName": "default.redis7"},
        "PreferredMaintenanceWindow": "sun:03:00-sun:04:00",
        **more,
    }
    return row("AWS::ElastiCache::CacheCluster", MEMBER, "carts-001", spec)


def subnets(name: str = "inner") -> Row:
    spec = {
        "CacheSubnetGroupName": name,
        "CacheSubnetGroupDescription": "Inner subnets",
        "ARN": SUBNETS,
        "VpcId": "vpc-0a",
        "Subnets": [{"SubnetIdentifier": "subnet-0a"}],
    }
    return shared("AWS::ElastiCache::SubnetGroup", SUBNETS, name, spec)


def test_a_replication_group_is_made_with_what_its_members_tell() -> None:
    blueprint = made([group(), member(), subnets()], THERE.model_copy(update={"log_groups": {"slow": "slow-there"}}))
    found = by_key(blueprint)
    properties = said(found[GROUP])
    token = properties.pop("AuthToken")
    assert isinstance(token, Variable)
    assert token.is_secret
    assert properties == {
        "ReplicationGroupId": "carts",
        "ReplicationGroupDescription": "Carts",
        "CacheNodeType": "cache.r6g.large",
        "Engine": "redis",
        "EngineVersion": "7.1.0",
        "NumCacheClusters": 2,
        "AutomaticFailoverEnabled": True,
        "MultiAZEnabled": True,
        "DataTieringEnabled": False,
        "ClusterMode": "disabled",
        "Port": 6380,
        "CacheSubnetGroupName": Ref(SUBNETS),
        "SecurityGroupIds": ("sg-1a",),
        "AtRestEncryptionEnabled": True,
        "TransitEncryptionEnabled": True,
        "TransitEncryptionMode": "required",
        "AutoMinorVersionUpgrade": True,
        "PreferredMaintenanceWindow": "sun:03:00-sun:04:00",
        "SnapshotRetentionLimit": 3,
        "SnapshotWindow": "05:00-06:00",
        "LogDeliveryConfigurations": (
            {
                "DestinationType": "cloudwatch-logs",
                "LogFormat": "json",
                "LogType": "slow-log",
                "DestinationDetails": {"CloudWatchLogsDetails": {"LogGroup": "slow-there"}},
            },
        ),
        "Tags": ({"Key": "App", "Value": "shop"},),
    }
    assert [(one.uid, one.reason) for one in blueprint.left_out] == [(MEMBER, "it is a part of replication group carts, and made with it")]
    assert blueprint.not_carried == {}
    assert came(found[GROUP], "AtRestEncryptionEnabled")[0] == "defaulted"
    assert came(found[GROUP], "SnapshotName")[0] == "unknown"


def test_shards_are_counted() -> None:
    shards = [{"NodeGroupId": f"000{number}", "NodeGroupMembers": [{}, {}, {}]} for number in (1, 2)]
    properties = said(by_key(made([group(ClusterEnabled=True, NodeGroups=shards), member(), subnets()], THERE))[GROUP])
    assert (properties["NumNodeGroups"], properties["ReplicasPerNodeGroup"]) == (2, 2)
    assert "NumCacheClusters" not in properties


def test_clients_without_tls_are_let_in_where_the_engine_can() -> None:
    off = {"TransitEncryptionEnabled": False, "TransitEncryptionMode": None, "AuthTokenEnabled": False}
    new = by_key(made([group(**off), member(), subnets()], THERE))[GROUP]
    assert (said(new)["TransitEncryptionEnabled"], said(new)["TransitEncryptionMode"]) == (True, "preferred")
    old = by_key(made([group(**off), member(EngineVersion="6.2.6"), subnets()], THERE))[GROUP]
    assert said(old)["TransitEncryptionEnabled"] is True
    assert "TransitEncryptionMode" not in said(old)
    assert "clients have to use TLS" in came(old, "TransitEncryptionEnabled")[1]


def test_a_cache_gets_the_key_of_its_source() -> None:
    found = by_key(made([group(KmsKeyId=KEY, AtRestEncryptionEnabled=True), member(), subnets(), kms_key()], THERE))[GROUP]
    assert said(found)["KmsKeyId"] == Ref(KEY, "Arn")


def pages() -> Row:
    spec = {
        "CacheClusterId": "pages",
        "ARN": PAGES,
        "Engine": "memcached",
        "EngineVersion": "1.6.22",
        "CacheNodeType": "cache.m5.large",
        "NumCacheNodes": 2,
        "PreferredAvailabilityZone": "Multiple",
        "CacheNodes": [{"Endpoint": {"Address": "pages.1", "Port": 11211}, "CustomerAvailabilityZone": f"{REGION}a"}],
        "CacheSubnetGroupName": "inner",
        "SecurityGroups": [{"SecurityGroupId": "sg-0a"}],
        "CacheParameterGroup": {"CacheParameterGroupName": "ours"},
        "SnapshotRetentionLimit": 0,
    }
    return row("AWS::ElastiCache::CacheCluster", PAGES, "pages", spec)


def test_a_cluster_of_its_own_is_sized_by_its_use() -> None:
    sized = {PAGES: {"verdict": "smaller", "target_type": "cache.t4g.medium", "reason": "half is free"}}
    blueprint = made([pages(), subnets()], THERE, sizing=sized)
    properties = said(by_key(blueprint)[PAGES])
    assert isinstance(properties.pop("CacheParameterGroupName"), Variable)
    assert properties == {
        "ClusterName": "pages",
        "CacheNodeType": "cache.t4g.medium",
        "Engine": "memcached",
        "EngineVersion": "1.6.22",
        "NumCacheNodes": 2,
        "AZMode": "cross-az",
        "Port": 11211,
        "CacheSubnetGroupName": Ref(SUBNETS),
        "VpcSecurityGroupIds": ("sg-1a",),
        "Tags": ({"Key": "App", "Value": "shop"},),
    }
    assert not by_key(blueprint)[PAGES].stateful
    assert blueprint.not_carried == {}


def test_the_name_default_is_awss_own() -> None:
    one = pages()
    one["spec"]["CacheSubnetGroupName"] = "default"
    name = said(by_key(made([one, subnets("default")], THERE))[SUBNETS])["CacheSubnetGroupName"]
    assert str(name).startswith("default-")


def test_a_global_datastore_is_left_to_a_person() -> None:
    (left,) = made([group(GlobalReplicationGroupInfo={"GlobalReplicationGroupId": "g"})], THERE).left_out
    assert "add the target's region" in left.reason


def test_terraform_has_the_same_caches() -> None:
    blueprint = made([group(), member(), subnets(), pages()], THERE)
    text = terraform(blueprint, GROUP)
    for part in (
        "num_cache_clusters = 2",
        "at_rest_encryption_enabled = true",
        "auth_token = var.carts_authtokenenabled_",
        'security_group_ids = ["sg-1a"]',
        "log_delivery_configuration {\ndestination = var.",
    ):
        assert part in text, part
    assert 'cluster_id = "pages"' in terraform(blueprint, PAGES)
    assert 'subnet_ids = ["subnet-1a"]' in terraform(blueprint, SUBNETS)

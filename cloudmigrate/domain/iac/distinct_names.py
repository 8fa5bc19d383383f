"""Names in the target that two sources would share: the later one gets another name, or is left out where its clients go by the name.

Two regions or accounts may each have an "orders"; in one target region there can be one. The generator of code and the execution engine ask
for the same names (`target_names`), so that what one makes the other finds. Source of the limits: the API reference of each
service, the operation that makes the resource.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from cloudmigrate.domain.iac.existing import IMPORTED_BY
from cloudmigrate.domain.iac.model import TargetResource
from cloudmigrate.domain.iac.naming import short_hash
from cloudmigrate.domain.iac.source import transformed
from cloudmigrate.domain.iac.values import Here, Leaf, Value, plain
from cloudmigrate.domain.resources import Resource


class Within(StrEnum):
    """Within what a name is one thing's only."""

    REGION = "region"  # of an account
    ACCOUNT = "account"  # whatever the letters' case
    NETWORK = "network"
    CLUSTER = "cluster"
    WORLD = "world"


@dataclass(frozen=True, slots=True)
class Named:
    """A type of the target whose name the source gives."""

    property: str
    longest: int  # characters
    member: str  # of the source's configuration, for what is there already
    within: Within = Within.REGION
    clients: str = ""  # who would not find it under another name: then it is left out; empty: it is renamed


BY_THEIR_CODE = (
    "programs call it by that name alone: move it into another region or account, or give it another name at the source together with them"
)
NAMED: Mapping[str, Named] = {
    "AWS::AutoScaling::AutoScalingGroup": Named("AutoScalingGroupName", 255, "AutoScalingGroupName"),
    "AWS::DynamoDB::Table": Named("TableName", 255, "TableName", clients=BY_THEIR_CODE),
    "AWS::EC2::KeyPair": Named("KeyName", 255, "KeyName"),
    "AWS::EC2::LaunchTemplate": Named("LaunchTemplateName", 128, "LaunchTemplateName"),
    "AWS::EC2::SecurityGroup": Named("GroupName", 255, "GroupName", Within.NETWORK),
    "AWS::ECR::Repository": Named("RepositoryName", 256, "repositoryName"),
    "AWS::ECS::Cluster": Named("ClusterName", 255, "clusterName"),
    "AWS::ECS::Service": Named("ServiceName", 255, "serviceName", Within.CLUSTER),
    "AWS::ElastiCache::CacheCluster": Named("ClusterName", 50, "CacheClusterId"),
    "AWS::ElastiCache::ReplicationGroup": Named("ReplicationGroupId", 40, "ReplicationGroupId"),
    "AWS::ElastiCache::SubnetGroup": Named("CacheSubnetGroupName", 255, "CacheSubnetGroupName"),
    "AWS::ElasticLoadBalancing::LoadBalancer": Named("LoadBalancerName", 32, "LoadBalancerName"),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": Named("Name", 32, "LoadBalancerName"),
    "AWS::ElasticLoadBalancingV2::TargetGroup": Named("Name", 32, "TargetGroupName"),
    "AWS::IAM::InstanceProfile": Named("InstanceProfileName", 128, "InstanceProfileName", Within.ACCOUNT),
    "AWS::IAM::ManagedPolicy": Named("ManagedPolicyName", 128, "PolicyName", Within.ACCOUNT),
    "AWS::IAM::Role": Named("RoleName", 64, "RoleName", Within.ACCOUNT),
    "AWS::KMS::Alias": Named("AliasName", 256, ""),
    "AWS::Lambda::Function": Named("FunctionName", 64, "FunctionName", clients=BY_THEIR_CODE),
    "AWS::Lambda::LayerVersion": Named("LayerName", 140, "LayerName"),
    "AWS::RDS::DBCluster": Named("DBClusterIdentifier", 63, "DBClusterIdentifier"),
    "AWS::RDS::DBClusterParameterGroup": Named("DBClusterParameterGroupName", 255, "DBClusterParameterGroupName"),
    "AWS::RDS::DBInstance": Named("DBInstanceIdentifier", 63, "DBInstanceIdentifier"),
    "AWS::RDS::DBParameterGroup": Named("DBParameterGroupName", 255, "DBParameterGroupName"),
    "AWS::RDS::DBSubnetGroup": Named("DBSubnetGroupName", 255, "DBSubnetGroupName"),
    "AWS::S3::Bucket": Named(
        "BucketName",
        63,
        "Name",
        Within.WORLD,
        clients="clients know a bucket by its name: give it another one in targets.buckets of the estate file",
    ),
    "AWS::SNS::Topic": Named("TopicName", 256, "TopicArn"),
    "AWS::SQS::Queue": Named("QueueName", 80, "QueueArn"),
    "AWS::SecretsManager::Secret": Named("Name", 512, "Name", clients=BY_THEIR_CODE),
}
KEPT_ENDS = (".fifo",)  # what a name has to end with
NO_ENDS = "-._ "  # with what the beginning of a name does not end: RDS takes no two hyphens in a row
_Claim = tuple[str, Within, str, str]  # type, scope, which one of it, name
_Known = tuple[str, str, str, str]  # type, account, region and name of a source


@dataclass(frozen=True, slots=True)
class Names:
    """What is not called as its source is."""

    renamed: Mapping[str, Leaf] = field(default_factory=dict)  # key -> its name in the target
    taken: Mapping[str, str] = field(default_factory=dict)  # uid of a source that is left out -> why
    by_source: Mapping[_Known, str] = field(default_factory=dict)  # the same, for who knows a source by its name

    def applied(self, made: TargetResource) -> TargetResource:
        """The resource by its name in the target."""
        leaf = self.renamed.get(made.key)
        return made if leaf is None else replace(made, properties={**made.properties, NAMED[made.type].property: leaf})

    def in_arn(self, source: Resource, arn: Value) -> Value:
        """The ARN of a source's target, which ends with its name."""
        leaf = self.renamed.get(source.uid)
        stem = arn[: -len(_own(source))] if isinstance(arn, str) and leaf is not None else None
        return arn if stem is None or leaf is None else f"{stem}{leaf.value}"

    def of(self, uid: str, name: str) -> str:
        """The name of a source's target, which would be *name* if nothing else were called so."""
        leaf = self.renamed.get(uid)
        return name if leaf is None else str(leaf.value)

    def of_named(self, type_: str, account_id: str, region: str, name: str) -> str:
        """What the target of a source is called that another one of its account and region knows by its *name*."""
        return self.by_source.get((type_, account_id, region, name), name)


def _own(source: Resource) -> str:
    """The name of a source."""
    member = NAMED[source.type].member
    return str(source.spec.get(member) or "").rpartition(":")[2] if member.endswith("Arn") else str(source.spec.get(member) or "")


@dataclass(frozen=True, slots=True)
class Claimants:
    """What is to be called something in the target, and what is known of it. Who has a name keeps it, in this order:

    what stays in its place or is *mapped*, what is *there* already, what the estate file has *told* a name of, then by wave and uid.
    """

    made: Iterable[TargetResource]
    inventory: Mapping[str, Resource]
    waves: Mapping[str, int]  # by uid; what is prepared before the first is in none
    there: Mapping[str, str] = field(default_factory=dict)  # uid of what was migrated already -> the id of its target
    told: Container[str] = ()  # uids
    mapped: Iterable[TargetResource] = ()  # the target has it, by whatever name: nothing is made of it

    def called(self, one: TargetResource) -> str:
        """What one would be called if nothing else were; what is there is called as it is. Empty where nobody knows it yet."""
        name, own = _name(one, self.inventory), NAMED[one.type].property
        is_id = own in one.properties and IMPORTED_BY.get(one.type) == own
        return self.there.get(str(one.uid), name) if is_id else name

    def order(self, one: TargetResource) -> tuple[bool, bool, bool, int, str]:
        """Who keeps a name comes first."""
        uid = str(one.uid)
        return NAMED[one.type].property in one.properties, uid not in self.there, uid not in self.told, self.waves.get(uid, 0), one.key


def distinct_names(found: Claimants) -> Names:
    """What gets another name, and what is left out, as two would be called alike."""
    claims: defaultdict[_Claim, list[TargetResource]] = defaultdict(list)
    mapped: dict[_Claim, TargetResource] = {}
    renamed: dict[str, Leaf] = {}
    for one in found.mapped:
        mapped.setdefault(_claim(one, found.called(one)), one)
    for one in (one for one in found.made if one.type in NAMED):
        name = found.called(one)
        if name:
            claims[_claim(one, name)].append(one)
        if name and name != _name(one, found.inventory):
            renamed[one.key] = Leaf(name, transformed(NAMED[one.type].member, "what a wave has made is called so"))
    used = claims.keys() | mapped.keys()
    taken: dict[str, str] = {}
    for claim, claimants in sorted(claims.items()):
        by_right = [mapped[claim]] if claim in mapped else []
        first, *later = (*by_right, *sorted(claimants, key=found.order))
        for one in later:
            rule, name = NAMED[one.type], found.called(one)
            if rule.clients:
                taken[str(one.uid)] = f"{first.uid} is called {claim[3]} there, and {rule.clients}"
                continue
            other, what = next(pair for pair in _other_names(first, one, name, found.inventory) if _claim(one, pair[0]) not in used)
            used.add(_claim(one, other))
            why = f"{first.uid} is called {name} there: the name with {what}"
            renamed[one.key] = Leaf(other, transformed(rule.member or "Aliases", why))
    return Names(renamed, taken, dict(_by_source(renamed, found.inventory)))


def _by_source(renamed: Mapping[str, Leaf], inventory: Mapping[str, Resource]) -> Iterator[tuple[_Known, str]]:
    for key, leaf in renamed.items():
        source = inventory.get(key)
        if source is not None and source.type in NAMED:
            yield (source.type, source.account_id, source.region, _own(source)), str(leaf.value)


def _claim(one: TargetResource, name: str) -> _Claim:
    """A name in the target, and within what nothing else of its type may have it. IAM takes names that differ in case only for one."""
    scope = NAMED[one.type].within
    within = {
        Within.REGION: f"{one.place.account_id} {one.place.region}",
        Within.ACCOUNT: one.place.account_id,
        Within.NETWORK: _told(one, "VpcId"),
        Within.CLUSTER: _told(one, "Cluster"),
        Within.WORLD: "",
    }[scope]
    return one.type, scope, within, name.lower() if scope is Within.ACCOUNT else name


def _name(one: TargetResource, inventory: Mapping[str, Resource]) -> str:
    """What a resource is called; what stays in its place gets a name of AWS's, and that of the source is the source's."""
    node = one.properties.get(NAMED[one.type].property)
    if node is None:
        source = inventory.get(str(one.uid))
        return _own(source) if source is not None and source.type == one.type else ""
    value = plain(node)
    return value if isinstance(value, str) and not isinstance(value, Here) else ""


def _told(one: TargetResource, member: str) -> str:
    """What says in which network or cluster it is: an id, or the key of what is made."""
    node = one.properties.get(member)
    return f"{one.place.account_id} {one.place.region} {'' if node is None else plain(node)}"


def _other_names(first: TargetResource, one: TargetResource, name: str, inventory: Mapping[str, Resource]) -> Iterator[tuple[str, str]]:
    """Names for the later of two that would be called *name*, each with what it says; the last one is its alone."""
    rule = NAMED[one.type]
    own, other = inventory[str(one.uid)], inventory[str(first.uid)]
    end = next((end for end in KEPT_ENDS if name.endswith(end)), "")
    for differs, said, what in (
        (own.region != other.region, own.region, "its region"),
        (own.account_id != other.account_id, own.account_id, "its account"),
        (rule.within is Within.NETWORK, str(own.spec.get("VpcId")), "its VPC"),
        *((True, short_hash(f"{one.key}{number or ''}"), "six digits of its own") for number in range(100)),
    ):
        if differs:
            room = rule.longest - len(end) - len(said) - 1
            yield f"{name.removesuffix(end)[:room].rstrip(NO_ENDS)}-{said}{end}", what

"""What no itinerary moves yet: a person does it by a text and confirms, and what depends on it waits."""

from cloudmigrate.domain.itineraries.building import Builder, Place
from cloudmigrate.domain.resources import Resource
from cloudmigrate.domain.steps import Gate, Reversal, Step
from cloudmigrate.printable import one_line

# What to do for types without an itinerary; the words are for whoever has the wave at night.
RUNBOOKS = {
    "AWS::Route53::RecordSet": "where it leads to something that moves, point it at the target, and lower its time to live beforehand",
    "AWS::EC2::Volume": "snapshot the unattached volume, copy the snapshot to the target, create the volume there, compare sizes",
    "AWS::ElasticLoadBalancingV2::LoadBalancer": "create it with listeners, rules and certificates; test it by its own name first",
    "AWS::ElasticLoadBalancingV2::TargetGroup": "create it with the same port and health check, name it in targets.target_groups",
    "AWS::ElasticLoadBalancing::LoadBalancer": "create an application or network load balancer in the target for this classic one",
    "AWS::ElastiCache::ReplicationGroup": "back it up, export the backup to a bucket, copy it, create the group in the target from it",
    "AWS::ElastiCache::CacheCluster": "create it in the target; Memcached holds nothing to copy, Redis a backup",
    "AWS::DynamoDB::Table": "add a replica in the target region (global table), or back up and restore there; compare item counts",
    "AWS::EFS::FileSystem": "replicate it to the target (EFS replication or DataSync), fail over, mount it there",
    "AWS::ApiGateway::RestApi": "export it with its extensions, import it in the target, deploy its stages, move its domain names",
    "AWS::ApiGatewayV2::Api": "export it, import it in the target, deploy its stages, move its domain names",
    "AWS::EKS::Cluster": "create it in the target, restore objects and volumes with a backup tool such as Velero, move its names",
    "AWS::AutoScaling::AutoScalingGroup": "copy its launch template and image to the target, create it there, then set this one to zero",
}
GENERAL = "recreate it in the target as its configuration says, copy what it holds, and test it there"


def by_hand(builder: Builder, resource: Resource, at: Place, *, why: str = "") -> Step:
    """The one step of a resource that a person moves; *why*: what keeps us from it."""
    task = RUNBOOKS.get(resource.type, GENERAL)
    text = one_line(f"{resource.type} {resource.name or resource.uid} ({resource.uid}): {f'{why}; ' if why else ''}{task}")
    return builder.add("by_hand.confirm", {"text": text}, at, gate=Gate.BY_HAND, reversal=Reversal.UNDO)

"""Which AWS resources are plumbing, and whose: the table that folding follows.

Listeners and their rules are no rows: the inventory keeps them within their load balancer. Subnet groups, security groups and the like
state where something runs, not what it needs, so there is nothing to fold of them.
"""

from collections.abc import Iterable

from cloudmigrate.aws.interfaces import INTERFACE, holders
from cloudmigrate.domain.folding import FoldRule
from cloudmigrate.domain.resources import Resource

FOLD_RULES: tuple[FoldRule, ...] = (
    FoldRule(
        INTERFACE, "network-interface", owner_is_source=True, is_fused=True, reason="network interface: it is how its resource is reached"
    ),
    FoldRule("AWS::EC2::EIP", "elastic-ip", owner_is_source=True, is_fused=True, reason="Elastic IP address of the resource"),
    FoldRule(
        "AWS::ElasticLoadBalancingV2::TargetGroup",
        "listener-target",
        owner_is_source=True,
        is_fused=False,
        reason="target group: its load balancer forwards through it",
    ),
    FoldRule(
        "AWS::Lambda::EventSourceMapping",
        "mapping-of",
        owner_is_source=False,
        is_fused=True,
        reason="event source mapping: its function reads through it",
    ),
    FoldRule(
        "AWS::EFS::AccessPoint", "access-point-of", owner_is_source=False, is_fused=True, reason="access point: a way into its file system"
    ),
    FoldRule("AWS::ApiGateway::VpcLink", "vpc-link", owner_is_source=True, is_fused=False, reason="VPC link: its API reaches through it"),
    FoldRule("AWS::ApiGatewayV2::VpcLink", "vpc-link", owner_is_source=True, is_fused=False, reason="VPC link: its API reaches through it"),
)


def interfaces_held(resources: Iterable[Resource]) -> dict[str, str]:
    """Interface uid -> uid of the resource that it serves, of those whose holder is told (`cloudmigrate.aws.interfaces`)."""
    listed = list(resources)
    uids = {str(one.spec.get("NetworkInterfaceId")): one.uid for one in listed if one.type == INTERFACE}
    found = ((uids.get(one.interface_id), one.holder_uid) for one in holders(listed))
    return {uid: holder for uid, holder in found if uid is not None and uid != holder}

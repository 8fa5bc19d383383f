"""Hosted zones and their records, where the target is another account; within one the migration points the records elsewhere itself.

Source: AWS CloudFormation template reference, AWS::Route53::HostedZone and RecordSet.
"""

from collections.abc import Iterator
from typing import Any

from cloudmigrate.domain.iac.kind import Kind
from cloudmigrate.domain.iac.model import TargetResource
from cloudmigrate.domain.iac.source import NotGenerated, Source, branch, transformed
from cloudmigrate.domain.iac.values import Branch, Items, Leaf, Node, Ref

ZONE, RECORD = "AWS::Route53::HostedZone", "AWS::Route53::RecordSet"
OF_THE_ZONE = ("NS", "SOA")  # Route 53 makes these with the zone
ADDRESSES = ("A", "AAAA")
NAMES = ("CNAME",)


def zone(source: Source) -> Iterator[TargetResource]:
    """A hosted zone; a private one with the networks of the target that ask it."""
    if source.stays_in_account:
        raise NotGenerated("its zone stays in the account; the migration points records elsewhere (targets.dns)")
    vpcs: list[Node] = []
    for number, one in enumerate(source.value("VPCs") or ()):
        vpc = source.referred(f"VPCs[{number}]", one["VPCId"], where="targets.vpcs")
        region = Leaf(source.place.region, transformed(f"VPCs[{number}].VPCRegion", "the region of the target"))
        found = branch(VPCId=vpc, VPCRegion=region)
        vpcs += [found] if found else []
    properties: dict[str, Node | None] = {
        "Name": source.copied("Name"),
        "HostedZoneConfig": branch(Comment=source.copied("Config.Comment")),
        "VPCs": Items(tuple(vpcs)) if vpcs else None,
        "HostedZoneTags": source.tags(),
    }
    yield source.target(ZONE, properties, stateful=True)


def record(source: Source) -> Iterator[TargetResource]:
    """A record, which leads to the target of what it led to."""
    spec = source.spec
    if spec.get("Type") in OF_THE_ZONE:
        raise NotGenerated("Route 53 makes it with the zone")
    if source.stays_in_account:
        raise NotGenerated("it is in a zone that stays; the migration points it at its target (targets.dns)")
    properties: dict[str, Node | None] = {
        "HostedZoneId": source.referred("Parent", str((source.value("Parent") or {}).get("Id", "")), type_=ZONE),
        "Name": source.copied("Name"),
        "Type": source.copied("Type"),
        "TTL": source.copied("TTL", of=str),
        "ResourceRecords": _values(source),
        "AliasTarget": _alias(source),
    }
    same = ("SetIdentifier", "Weight", "Region", "Failover", "MultiValueAnswer", "GeoLocation")
    properties |= {name: source.copied(name) for name in same}
    yield source.target(RECORD, properties)


def _alias(source: Source) -> Branch | None:
    given = source.value("AliasTarget")
    if not given:
        return None
    name = str(given["DNSName"]).rstrip(".").removeprefix("dualstack.")
    known = source.find(source.resource, name, None)
    evaluates = Leaf(bool(given.get("EvaluateTargetHealth")), transformed("AliasTarget.EvaluateTargetHealth", "as it is"))
    if known is not None and known.key is not None:
        rule = "the load balancer of the target that stands for it"
        zone_of_it = "CanonicalHostedZoneID" if "/app/" in known.key or "/net/" in known.key else "CanonicalHostedZoneNameID"
        return Branch(
            {
                "DNSName": Leaf(Ref(known.key, "DNSName"), transformed("AliasTarget.DNSName", rule)),
                "HostedZoneId": Leaf(Ref(known.key, zone_of_it), transformed("AliasTarget.HostedZoneId", rule)),
                "EvaluateTargetHealth": evaluates,
            }
        )
    if known is None and not name.endswith(("amazonaws.com", "cloudfront.net")):  # a record of the same zone
        return None
    why = "where the alias leads is made elsewhere"
    return Branch(
        {
            "DNSName": source.unknown("alias name", why),
            "HostedZoneId": source.unknown("alias zone", why),
            "EvaluateTargetHealth": evaluates,
        }
    )


def _values(source: Source) -> Items | None:
    """Its values; an address or a name that AWS gave a source is another one in the target."""
    given = source.value("ResourceRecords") or ()
    found: list[Node] = []
    for number, one in enumerate(given):
        value = str(one["Value"])
        path = f"ResourceRecords[{number}]"
        if _is_of_aws(source, value):
            found.append(source.unknown(f"value {number}", f"what stands in the target for {value}"))
        else:
            found.append(Leaf(value, transformed(path, "as it is")))
    return Items(tuple(found)) if found else None


def _is_of_aws(source: Source, value: str) -> bool:
    type_: Any = source.spec.get("Type")
    if type_ in NAMES:
        return value.rstrip(".").endswith((".amazonaws.com", ".amazonaws.com.cn"))
    return type_ in ADDRESSES and source.find(source.resource, value, None) is not None


KINDS = (
    Kind(
        ZONE,
        zone,
        known_as=("Id",),
        is_shared=True,
        not_configuration={"CallerReference": "given by who made it", "ResourceRecordSetCount": "what it holds", "Config": "read"},
    ),
    Kind(RECORD, record, not_configuration={"HealthCheckId": "a health check is made anew, by hand"}),
)

"""Network ACLs with their entries, and the subnets that they guard.

Source: AWS CloudFormation template reference, AWS::EC2::NetworkAcl, NetworkAclEntry, SubnetNetworkAclAssociation.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from cloudmigrate.domain.iac.kind import GIVEN, OWNER, Kind
from cloudmigrate.domain.iac.model import TargetResource, keys_of
from cloudmigrate.domain.iac.source import OF_ITS_ID, Source, transformed
from cloudmigrate.domain.iac.values import Came, Leaf, Node, Origin, Ref

LAST_ENTRY = 32767  # a network ACL's last entry, which AWS makes, denies everything
ALLOWS_ALL = {(100, False, "-1", "allow", "0.0.0.0/0"), (100, True, "-1", "allow", "0.0.0.0/0")}
ALLOWS_ALL_6 = ALLOWS_ALL | {(101, False, "-1", "allow", "::/0"), (101, True, "-1", "allow", "::/0")}


def network_acl(source: Source) -> Iterator[TargetResource]:
    """A network ACL with its entries, and the subnets that it guards."""
    properties = {"VpcId": source.referred("VpcId", where="targets.vpcs"), "Tags": source.tags()}
    made = source.target("AWS::EC2::NetworkAcl", properties)
    yield made
    own = Leaf(Ref(made.key), transformed("NetworkAclId", "the network ACL that it is of"))
    source.value("Entries")
    for number, entry in enumerate(source.spec.get("Entries") or ()):
        if int(entry["RuleNumber"]) < LAST_ENTRY:
            yield _entry(source, own, number, entry)
    source.value("Associations")
    for one in source.spec.get("Associations") or ():
        subnet_id = str(one.get("SubnetId", ""))
        guarded = source.referred("Associations", subnet_id, where="targets.subnets")
        properties = {"NetworkAclId": own, "SubnetId": guarded}
        yield source.target("AWS::EC2::SubnetNetworkAclAssociation", properties, part=f"subnet/{subnet_id}", only_with=keys_of(guarded))


def _entry(source: Source, own: Leaf, number: int, entry: Mapping[str, Any]) -> TargetResource:
    path = f"Entries[{number}]"
    copied = Origin(Came.COPIED, path)
    ports, icmp = entry.get("PortRange"), entry.get("IcmpTypeCode")
    properties: dict[str, Node | None] = {
        "NetworkAclId": own,
        "RuleNumber": Leaf(int(entry["RuleNumber"]), copied),
        "Egress": Leaf(bool(entry.get("Egress")), copied),
        "Protocol": Leaf(int(entry["Protocol"]), copied),
        "RuleAction": Leaf(str(entry["RuleAction"]), copied),
        "CidrBlock": Leaf(str(entry["CidrBlock"]), copied) if entry.get("CidrBlock") else None,
        "Ipv6CidrBlock": Leaf(str(entry["Ipv6CidrBlock"]), copied) if entry.get("Ipv6CidrBlock") else None,
        "PortRange": Leaf({"From": int(ports["From"]), "To": int(ports["To"])}, copied) if ports else None,
        "Icmp": Leaf({"Type": int(icmp["Type"]), "Code": int(icmp["Code"])}, copied) if icmp else None,
    }
    way = "egress" if entry.get("Egress") else "ingress"
    name = f"{source.resource.name} {way} {entry['RuleNumber']}"
    return source.target("AWS::EC2::NetworkAclEntry", properties, part=f"{way}/{entry['RuleNumber']}", name=name)


def allows_all(spec: Mapping[str, Any]) -> bool:
    """Whether an ACL lets everything through, as the one does that AWS makes with a VPC."""
    return _entries(spec) in (ALLOWS_ALL, ALLOWS_ALL_6)


def _entries(spec: Mapping[str, Any]) -> set[tuple[int, bool, str, str, str]]:
    return {
        (
            int(one["RuleNumber"]),
            bool(one.get("Egress")),
            str(one.get("Protocol")),
            str(one.get("RuleAction")),
            str(one.get("CidrBlock") or one.get("Ipv6CidrBlock")),
        )
        for one in spec.get("Entries") or ()
        if int(one["RuleNumber"]) < LAST_ENTRY
    }


KINDS = (
    Kind(
        "AWS::EC2::NetworkAcl",
        network_acl,
        is_shared=True,
        stays_in_place=True,
        arn=OF_ITS_ID,
        not_configuration={"NetworkAclId": GIVEN, "IsDefault": GIVEN, "OwnerId": OWNER},
    ),
)

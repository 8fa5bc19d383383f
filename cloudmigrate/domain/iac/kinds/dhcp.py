"""DHCP options: what hosts of a VPC are told of names and time.

Source: AWS CloudFormation template reference, AWS::EC2::DHCPOptions, VPCDHCPOptionsAssociation.
"""

from collections.abc import Iterator

from cloudmigrate.domain.iac.kind import GIVEN, OWNER, Kind
from cloudmigrate.domain.iac.model import TargetResource
from cloudmigrate.domain.iac.source import OF_ITS_ID, Source, transformed
from cloudmigrate.domain.iac.values import Came, Leaf, Node, Origin
from cloudmigrate.domain.resources import Resource


def dhcp_options(source: Source) -> Iterator[TargetResource]:
    """What hosts of a VPC are told of names and time."""
    given = _options(source.resource)
    source.value("DhcpConfigurations")

    def listed(word: str) -> Leaf | None:
        return Leaf(tuple(given[word]), Origin(Came.COPIED, "DhcpConfigurations")) if given.get(word) else None

    domain = given.get("domain-name", [""])[0]
    own = _own_domain(source.resource.region)
    node_type = given.get("netbios-node-type")
    properties: dict[str, Node | None] = {
        "DomainName": None
        if not domain
        else Leaf(_own_domain(source.place.region), transformed("DhcpConfigurations", "AWS's own name, with the target's region"))
        if domain == own
        else Leaf(domain, Origin(Came.COPIED, "DhcpConfigurations")),
        "DomainNameServers": listed("domain-name-servers"),
        "NtpServers": listed("ntp-servers"),
        "NetbiosNameServers": listed("netbios-name-servers"),
        "NetbiosNodeType": Leaf(int(node_type[0]), Origin(Came.COPIED, "DhcpConfigurations")) if node_type else None,
        "Tags": source.tags(),
    }
    yield source.target("AWS::EC2::DHCPOptions", properties)


def told_to_hosts(source: Source, own: Leaf) -> Iterator[TargetResource]:
    """Which DHCP options the VPC has, unless they are those that AWS gives."""
    given = str(source.value("DhcpOptionsId") or "default")
    for one in source.relatives(source.resource, "AWS::EC2::DHCPOptions"):
        if one.spec.get("DhcpOptionsId") == given and not _are_aws_own(one):
            options = source.referred("DhcpOptionsId")
            yield source.target("AWS::EC2::VPCDHCPOptionsAssociation", {"VpcId": own, "DhcpOptionsId": options}, part="dhcp")


def _options(resource: Resource) -> dict[str, list[str]]:
    return {
        str(one["Key"]): [str(value["Value"]) for value in one.get("Values") or ()] for one in resource.spec.get("DhcpConfigurations") or ()
    }


def _own_domain(region: str) -> str:
    return "ec2.internal" if region == "us-east-1" else f"{region}.compute.internal"


def _are_aws_own(resource: Resource) -> bool:
    return _options(resource) in (
        {"domain-name": [_own_domain(resource.region)], "domain-name-servers": ["AmazonProvidedDNS"]},
        {"domain-name-servers": ["AmazonProvidedDNS"]},
    )


KINDS = (
    Kind(
        "AWS::EC2::DHCPOptions",
        dhcp_options,
        known_as=("DhcpOptionsId",),
        is_shared=True,
        stays_in_place=True,
        arn=OF_ITS_ID,
        not_configuration={"DhcpOptionsId": GIVEN, "OwnerId": OWNER},
    ),
)

"""Networks: VPCs with their subnets, network ACLs, DHCP options, prefix lists and flow logs.

A VPC that the estate file maps is not made, nor is anything of it but security groups. One that is made has all its parts made with it.
Source: AWS CloudFormation template reference, AWS::EC2::VPC, VPCCidrBlock, Subnet, NetworkAcl, DHCPOptions, PrefixList, FlowLog.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from cloudmigrate.domain.iac.kind import Kind
from cloudmigrate.domain.iac.model import TargetResource
from cloudmigrate.domain.iac.source import OF_ITS_ID, NotGenerated, Source, branch, defaulted, told, transformed
from cloudmigrate.domain.iac.values import Came, Here, Joined, Leaf, Node, Origin, Ref, Value, Zone
from cloudmigrate.domain.resources import Resource

VPC, SUBNET = "AWS::EC2::VPC", "AWS::EC2::Subnet"
GIVEN = "given by AWS"
RUN_TIME = "what it is at the moment"
OWNER = "its account"
# What lies in a VPC, and is made with one that is made.
LINKS = (
    "AWS::EC2::InternetGateway",
    "AWS::EC2::EgressOnlyInternetGateway",
    "AWS::EC2::VPCPeeringConnection",
    "AWS::EC2::TransitGatewayAttachment",
    "AWS::EC2::FlowLog",
)
PARTS = (SUBNET, "AWS::EC2::RouteTable", "AWS::EC2::NetworkAcl", "AWS::EC2::NatGateway", "AWS::EC2::VPCEndpoint", *LINKS)
LAST_ENTRY = 32767  # a network ACL's last entry, which AWS makes, denies everything
ALLOWS_ALL = {(100, False, "-1", "allow", "0.0.0.0/0"), (100, True, "-1", "allow", "0.0.0.0/0")}
ALLOWS_ALL_6 = ALLOWS_ALL | {(101, False, "-1", "allow", "::/0"), (101, True, "-1", "allow", "::/0")}


def vpc(source: Source) -> Iterator[TargetResource]:
    """A network with its address ranges; all that lies in it is asked for."""
    mapped = _mapped_subnet(source, str(source.spec["VpcId"]))
    if mapped:
        raise NotGenerated(f"targets.subnets maps {mapped}, which is in it: map the VPC in targets.vpcs too")
    properties: dict[str, Node | None] = {
        "CidrBlock": source.copied("CidrBlock"),
        "EnableDnsHostnames": source.copied("EnableDnsHostnames"),
        "EnableDnsSupport": source.copied("EnableDnsSupport"),
        "InstanceTenancy": source.copied("InstanceTenancy"),
        "Tags": source.tags(),
    }
    made = source.target(VPC, properties)
    yield made
    own = Leaf(Ref(made.key), transformed("VpcId", "the VPC that it is of"))
    for one in source.value("CidrBlockAssociationSet") or ():
        block = str(one.get("CidrBlock", ""))
        state = (one.get("CidrBlockState") or {}).get("State", "associated")
        if block != source.spec.get("CidrBlock") and state == "associated":
            cidr = Leaf(block, Origin(Came.COPIED, "CidrBlockAssociationSet"))
            yield source.target("AWS::EC2::VPCCidrBlock", {"VpcId": own, "CidrBlock": cidr}, part=block)
    if source.value("Ipv6CidrBlockAssociationSet"):
        why = "AWS gives the VPC addresses of its own, as it did to the source"
        provided = Leaf(value=True, origin=transformed("Ipv6CidrBlockAssociationSet", why))
        yield source.target("AWS::EC2::VPCCidrBlock", {"VpcId": own, "AmazonProvidedIpv6CidrBlock": provided}, part="ipv6")
    yield from _dhcp(source, own)
    for type_ in PARTS:
        for part in source.relatives(source.resource, type_):
            if _is_part(source, part):
                source.wants(part)


def _mapped_subnet(source: Source, vpc_id: str) -> str:
    """A subnet of the VPC that the estate file maps; empty if it maps none."""
    inside = (str(one.spec.get("SubnetId")) for one in source.relatives(source.resource, SUBNET) if one.spec.get("VpcId") == vpc_id)
    return next((one for one in inside if one in source.policy.subnets), "")


def _dhcp(source: Source, own: Leaf) -> Iterator[TargetResource]:
    """Which DHCP options the VPC has, unless they are those that AWS gives."""
    given = str(source.value("DhcpOptionsId") or "default")
    for one in source.relatives(source.resource, "AWS::EC2::DHCPOptions"):
        if one.spec.get("DhcpOptionsId") == given and not _are_aws_own(one):
            options = source.referred("DhcpOptionsId")
            yield source.target("AWS::EC2::VPCDHCPOptionsAssociation", {"VpcId": own, "DhcpOptionsId": options}, part="dhcp")


def _is_part(source: Source, part: Resource) -> bool:
    """Whether a thing is in the VPC, and is not made by AWS with it."""
    own, spec = source.spec["VpcId"], part.spec
    if part.type in LINKS:
        return _is_linked(source, part)
    if spec.get("VpcId") != own:
        return False
    if part.type == "AWS::EC2::NetworkAcl":
        return not (spec.get("IsDefault") and _entries(spec) in (ALLOWS_ALL, ALLOWS_ALL_6))
    return not (part.type == "AWS::EC2::RouteTable" and is_main(spec) and not routes_of(spec)) and not spec.get("RequesterManaged")


def _is_linked(source: Source, part: Resource) -> bool:
    """Whether a thing that names the VPC in another way is of it."""
    own, spec = source.spec["VpcId"], part.spec
    if part.type in ("AWS::EC2::InternetGateway", "AWS::EC2::EgressOnlyInternetGateway"):
        return any(one.get("VpcId") == own for one in spec.get("Attachments") or ())
    if part.type == "AWS::EC2::VPCPeeringConnection":
        return own in ((spec.get("RequesterVpcInfo") or {}).get("VpcId"), (spec.get("AccepterVpcInfo") or {}).get("VpcId"))
    if part.type == "AWS::EC2::TransitGatewayAttachment":
        return bool(spec.get("ResourceId") == own)
    inside = {one.spec.get("SubnetId") for one in source.relatives(source.resource, SUBNET) if one.spec.get("VpcId") == own}
    return spec.get("ResourceId") in {own, *inside}


def is_main(spec: Mapping[str, Any]) -> bool:
    """Whether a route table is that of all subnets which name none."""
    return any(one.get("Main") for one in spec.get("Associations") or ())


def routes_of(spec: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The routes of a table that somebody made: not those that AWS gives, an endpoint writes, or a gateway propagates."""
    return [
        one
        for one in spec.get("Routes") or ()
        if one.get("Origin") not in ("CreateRouteTable", "EnableVgwRoutePropagation")
        and one.get("GatewayId") != "local"
        and not (one.get("DestinationPrefixListId") and str(one.get("GatewayId", "")).startswith("vpce-"))
    ]


def subnet(source: Source) -> Iterator[TargetResource]:
    """A subnet of a VPC that is made, in the zone of the same letter."""
    where = source.referred("VpcId", where="targets.vpcs")
    if where is None or not isinstance(where.value, Ref):
        raise NotGenerated(f"its VPC is not made by this code ({where.origin.says if where else 'none'}): map it in targets.subnets")
    mapped = _mapped_subnet(source, str(source.spec["VpcId"]))
    if mapped:
        raise NotGenerated(f"targets.subnets maps {mapped} of the same VPC: map this one too")
    zone = str(source.value("AvailabilityZone") or "")
    number = max(ord(zone[-1:] or "a") - ord("a"), 0)
    source.read |= {"AvailabilityZoneId"}
    has_ipv6 = bool(source.value("Ipv6CidrBlockAssociationSet"))
    if source.value("Ipv6Native"):
        raise NotGenerated(
            "it has IPv6 only, and AWS gives the VPC other addresses: make it once they are known, and map it in targets.subnets"
        )
    why = "AWS gives the VPC other addresses: give the subnet one /64 of them once they are known"
    properties: dict[str, Node | None] = {
        "VpcId": where,
        "CidrBlock": source.copied("CidrBlock"),
        "AvailabilityZone": Leaf(Zone(number), transformed("AvailabilityZone", f"the zone of the region at the place of {zone}")),
        "MapPublicIpOnLaunch": source.copied("MapPublicIpOnLaunch"),
        "Ipv6CidrBlock": told(why, "Ipv6CidrBlockAssociationSet") if has_ipv6 else None,
        "AssignIpv6AddressOnCreation": told(why, "AssignIpv6AddressOnCreation") if source.value("AssignIpv6AddressOnCreation") else None,
        "EnableDns64": told(why, "EnableDns64") if source.value("EnableDns64") else None,
        "PrivateDnsNameOptionsOnLaunch": host_names(source, "PrivateDnsNameOptionsOnLaunch", aaaa=False),
        "Tags": source.tags(),
    }
    yield source.target(SUBNET, properties)


def host_names(source: Source, path: str, *, aaaa: bool) -> Node | None:
    """How hosts are named, where it is not as AWS does by itself."""
    given = source.value(path) or {}
    if given.get("HostnameType", "ip-name") == "ip-name" and not given.get("EnableResourceNameDnsARecord"):
        return None
    return branch(
        HostnameType=source.copied(f"{path}.HostnameType"),
        EnableResourceNameDnsARecord=source.copied(f"{path}.EnableResourceNameDnsARecord"),
        EnableResourceNameDnsAAAARecord=source.copied(f"{path}.EnableResourceNameDnsAAAARecord") if aaaa else None,
    )


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


def keys_of(leaf: Leaf | None) -> tuple[str, ...]:
    """The key of what an attribute refers to, for `TargetResource.only_with`."""
    return (leaf.value.key,) if leaf is not None and isinstance(leaf.value, Ref) else ()


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


def prefix_list(source: Source) -> Iterator[TargetResource]:
    """A list of address ranges that rules and routes name."""
    if source.value("OwnerId") == "AWS":
        raise NotGenerated("it is AWS's own: the target's region has one of the same name; map it in targets.prefix_lists")
    entries = source.value("Entries") or ()
    if source.spec.get("OwnerId") not in (None, source.resource.account_id):
        raise NotGenerated(
            f"account {source.spec['OwnerId']} shares it: have it shared in the target too, and map it in targets.prefix_lists"
        )
    given = tuple({"Cidr": str(one["Cidr"]), **_with_words(one)} for one in sorted(entries, key=lambda one: str(one["Cidr"])))
    properties: dict[str, Node | None] = {
        "PrefixListName": source.copied("PrefixListName"),  # names of lists need not be unique
        "AddressFamily": source.copied("AddressFamily"),
        "MaxEntries": source.copied("MaxEntries") or defaulted(max(len(given), 1), "as many as there are"),
        "Entries": Leaf(given, Origin(Came.COPIED, "Entries")) if given else None,
        "Tags": source.tags(),
    }
    yield source.target("AWS::EC2::PrefixList", properties)


def _with_words(entry: Mapping[str, Any]) -> dict[str, Value]:
    return {"Description": str(entry["Description"])} if entry.get("Description") else {}


def flow_log(source: Source) -> Iterator[TargetResource]:
    """The record of who talks to whom in a VPC or subnet."""
    of = str(source.value("ResourceId") or "")
    if not of.startswith(("vpc-", "subnet-")):
        raise NotGenerated(f"it is of {of}, which has another id in the target: make it when that is there")
    what = source.referred("ResourceId", where="targets.vpcs or targets.subnets")
    kind = "VPC" if of.startswith("vpc-") else "Subnet"
    properties: dict[str, Node | None] = {
        "ResourceId": what,
        "ResourceType": Leaf(kind, transformed("ResourceId", "what its id begins with")),
        "TrafficType": source.copied("TrafficType"),
        "LogDestinationType": source.copied("LogDestinationType"),
        "LogDestination": _destination(source),
        "DeliverLogsPermissionArn": source.referred("DeliverLogsPermissionArn", attribute="Arn", where="targets.roles"),
        "LogFormat": source.copied("LogFormat"),
        "MaxAggregationInterval": source.copied("MaxAggregationInterval"),
        "DestinationOptions": source.copied("DestinationOptions"),
        "Tags": source.tags(),
    }
    yield source.target("AWS::EC2::FlowLog", properties, only_with=keys_of(what))


def _destination(source: Source) -> Leaf | None:
    """Where the record goes: a bucket with the folder in it, or a log group of the target."""
    group, given = source.value("LogGroupName"), str(source.value("LogDestination") or "")
    if given.startswith("arn:") and ":logs:" not in given:
        stem, slash, folder = given.partition("/")
        found = source.referred("LogDestination", stem, attribute="Arn", where="targets.buckets")
        if found is not None and slash and isinstance(found.value, Ref | str):
            return Leaf(Joined((found.value, f"/{folder}")) if isinstance(found.value, Ref) else f"{found.value}/{folder}", found.origin)
        return found
    name = str(group or given.partition(":log-group:")[2].removesuffix(":*"))
    if not name:
        return None
    name = source.policy.log_groups.get(name, name)
    parts = ("arn:", Here.PARTITION, ":logs:", Here.REGION, ":", Here.ACCOUNT, f":log-group:{name}")
    return Leaf(Joined(parts), transformed("LogGroupName", "the log group of that name in the target, which has to be there"))


KINDS = (
    Kind(
        VPC,
        vpc,
        asks_for=("VpcId", "CidrBlock"),
        known_as=("VpcId",),
        is_shared=True,
        stays_in_place=True,
        arn=OF_ITS_ID,
        not_configuration={
            "VpcId": GIVEN,
            "State": RUN_TIME,
            "OwnerId": OWNER,
            "IsDefault": "code makes no default VPC: the target is an ordinary one with the same addresses",
            "BlockPublicAccessStates": "a setting of its account",
        },
    ),
    Kind(
        SUBNET,
        subnet,
        asks_for=("SubnetId", "VpcId"),
        known_as=("SubnetId",),
        is_shared=True,
        stays_in_place=True,
        arn=OF_ITS_ID,
        not_configuration={
            "SubnetId": GIVEN,
            "SubnetArn": GIVEN,
            "State": RUN_TIME,
            "AvailableIpAddressCount": RUN_TIME,
            "OwnerId": OWNER,
            "DefaultForAz": "code makes no default subnet",
            "BlockPublicAccessStates": "a setting of its account",
        },
    ),
    Kind(
        "AWS::EC2::NetworkAcl",
        network_acl,
        is_shared=True,
        stays_in_place=True,
        arn=OF_ITS_ID,
        not_configuration={"NetworkAclId": GIVEN, "IsDefault": GIVEN, "OwnerId": OWNER},
    ),
    Kind(
        "AWS::EC2::DHCPOptions",
        dhcp_options,
        known_as=("DhcpOptionsId",),
        is_shared=True,
        stays_in_place=True,
        arn=OF_ITS_ID,
        not_configuration={"DhcpOptionsId": GIVEN, "OwnerId": OWNER},
    ),
    Kind(
        "AWS::EC2::PrefixList",
        prefix_list,
        asks_for=("PrefixListName", "AddressFamily"),
        known_as=("PrefixListId",),
        is_shared=True,
        stays_in_place=True,
        not_configuration={"PrefixListId": GIVEN, "PrefixListArn": GIVEN, "State": RUN_TIME, "Version": RUN_TIME},
    ),
    Kind(
        "AWS::EC2::FlowLog",
        flow_log,
        is_shared=True,
        stays_in_place=True,
        arn=OF_ITS_ID,
        not_configuration={
            "FlowLogId": GIVEN,
            "CreationTime": RUN_TIME,
            "DeliverLogsStatus": RUN_TIME,
            "DeliverLogsErrorMessage": RUN_TIME,
            "FlowLogStatus": RUN_TIME,
        },
    ),
)

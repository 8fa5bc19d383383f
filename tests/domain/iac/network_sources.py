"""A network as EC2 describes it (EC2 API reference, the answers of DescribeVpcs and so on), with all that lies in it."""

from typing import Any

from cloudmigrate.domain.resources import Resource
from tests.domain.iac.drawn import ACCOUNT, EC2, source

VPC = f"{EC2}:vpc/vpc-0a"
PUBLIC, PRIVATE = f"{EC2}:subnet/subnet-0a", f"{EC2}:subnet/subnet-0b"
GATEWAY, NAT, ADDRESS = f"{EC2}:internet-gateway/igw-0a", f"{EC2}:natgateway/nat-0a", f"{EC2}:elastic-ip/eipalloc-0a"
MAIN, OPEN = f"{EC2}:route-table/rtb-0a", f"{EC2}:route-table/rtb-0b"
ACL, DHCP, ENDPOINT, LOG = (
    f"{EC2}:network-acl/acl-0a",
    f"{EC2}:dhcp-options/dopt-0a",
    f"{EC2}:vpc-endpoint/vpce-0a",
    f"{EC2}:vpc-flow-log/fl-0a",
)
PEERING, HUB, ATTACHED = (
    f"{EC2}:vpc-peering-connection/pcx-0a",
    f"{EC2}:transit-gateway/tgw-0a",
    f"{EC2}:transit-gateway-attachment/tgw-attach-0a",
)
WEB, DATABASE = f"{EC2}:security-group/sg-0a", f"{EC2}:security-group/sg-0b"
SERVER = f"{EC2}:instance/i-0a"


def tagged(name: str) -> list[dict[str, str]]:
    return [{"Key": "Name", "Value": name}]


def vpc(**more: Any) -> Resource:
    spec = {
        "CidrBlock": "10.0.0.0/16",
        "CidrBlockAssociationSet": [
            {"AssociationId": "vpc-cidr-assoc-1", "CidrBlock": "10.0.0.0/16", "CidrBlockState": {"State": "associated"}},
            {"AssociationId": "vpc-cidr-assoc-2", "CidrBlock": "100.64.0.0/20", "CidrBlockState": {"State": "associated"}},
            {"AssociationId": "vpc-cidr-assoc-3", "CidrBlock": "100.65.0.0/20", "CidrBlockState": {"State": "disassociated"}},
        ],
        "Ipv6CidrBlockAssociationSet": [],
        "DhcpOptionsId": "dopt-0a",
        "EnableDnsHostnames": True,
        "EnableDnsSupport": True,
        "InstanceTenancy": "default",
        "IsDefault": False,
        "OwnerId": ACCOUNT,
        "State": "available",
        "VpcId": "vpc-0a",
        "Tags": tagged("shop"),
        **more,
    }
    return source("AWS::EC2::VPC", VPC, spec, name="shop", tags={"Name": "shop", "aws:cloudformation:stack-name": "old"})


def subnet(uid: str, cidr: str, zone: str, *, public: bool, **more: Any) -> Resource:
    spec = {
        "SubnetId": uid.rpartition("/")[2],
        "SubnetArn": uid,
        "VpcId": "vpc-0a",
        "CidrBlock": cidr,
        "AvailabilityZone": zone,
        "AvailabilityZoneId": "euc1-az1",
        "AvailableIpAddressCount": 250,
        "MapPublicIpOnLaunch": public,
        "AssignIpv6AddressOnCreation": False,
        "Ipv6CidrBlockAssociationSet": [],
        "Ipv6Native": False,
        "DefaultForAz": False,
        "EnableDns64": False,
        "OwnerId": ACCOUNT,
        "State": "available",
        "PrivateDnsNameOptionsOnLaunch": {
            "HostnameType": "ip-name",
            "EnableResourceNameDnsARecord": False,
            "EnableResourceNameDnsAAAARecord": False,
        },
        **more,
    }
    return source("AWS::EC2::Subnet", uid, spec, name="public" if public else "private")


def network() -> list[Resource]:
    """All that lies in the VPC, without security groups and servers."""
    internet = {
        "AllocationId": "eipalloc-0a",
        "Domain": "vpc",
        "PublicIp": "203.0.113.7",
        "NetworkInterfaceId": "eni-0a",
        "AssociationId": "a",
    }
    nat = {
        "NatGatewayId": "nat-0a",
        "ConnectivityType": "public",
        "NatGatewayAddresses": [{"AllocationId": "eipalloc-0a", "PublicIp": "203.0.113.7", "PrivateIp": "10.0.0.9", "IsPrimary": True}],
        "State": "available",
        "SubnetId": "subnet-0a",
        "VpcId": "vpc-0a",
    }
    main = {
        "RouteTableId": "rtb-0a",
        "VpcId": "vpc-0a",
        "OwnerId": ACCOUNT,
        "PropagatingVgws": [],
        "Associations": [{"Main": True, "RouteTableAssociationId": "rtbassoc-1", "RouteTableId": "rtb-0a"}],
        "Routes": [
            {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "Origin": "CreateRouteTable", "State": "active"},
            {"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-0a", "Origin": "CreateRoute", "State": "active"},
            {"DestinationCidrBlock": "10.9.0.0/16", "TransitGatewayId": "tgw-0a", "Origin": "CreateRoute", "State": "active"},
            {"DestinationCidrBlock": "10.8.0.0/16", "VpcPeeringConnectionId": "pcx-0a", "Origin": "CreateRoute", "State": "active"},
            {"DestinationCidrBlock": "10.7.0.0/16", "InstanceId": "i-0a", "NetworkInterfaceId": "eni-1", "State": "active"},
            {"DestinationCidrBlock": "10.6.0.0/16", "NatGatewayId": "nat-9", "Origin": "CreateRoute", "State": "blackhole"},
            {"DestinationPrefixListId": "pl-6ea54007", "GatewayId": "vpce-0a", "Origin": "CreateRoute", "State": "active"},
        ],
    }
    open_ = {
        "RouteTableId": "rtb-0b",
        "VpcId": "vpc-0a",
        "Associations": [{"Main": False, "RouteTableAssociationId": "rtbassoc-2", "RouteTableId": "rtb-0b", "SubnetId": "subnet-0a"}],
        "Routes": [{"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-0a", "Origin": "CreateRoute", "State": "active"}],
    }
    acl = {
        "NetworkAclId": "acl-0a",
        "VpcId": "vpc-0a",
        "IsDefault": False,
        "OwnerId": ACCOUNT,
        "Associations": [{"NetworkAclAssociationId": "aclassoc-1", "NetworkAclId": "acl-0a", "SubnetId": "subnet-0b"}],
        "Entries": [
            {
                "RuleNumber": 100,
                "Egress": False,
                "Protocol": "6",
                "RuleAction": "allow",
                "CidrBlock": "10.0.0.0/8",
                "PortRange": {"From": 443, "To": 443},
            },
            {
                "RuleNumber": 110,
                "Egress": False,
                "Protocol": "58",
                "RuleAction": "deny",
                "Ipv6CidrBlock": "::/0",
                "IcmpTypeCode": {"Type": -1, "Code": -1},
            },
            {"RuleNumber": 32767, "Egress": False, "Protocol": "-1", "RuleAction": "deny", "CidrBlock": "0.0.0.0/0"},
        ],
    }
    dhcp = {
        "DhcpOptionsId": "dopt-0a",
        "OwnerId": ACCOUNT,
        "DhcpConfigurations": [
            {"Key": "domain-name", "Values": [{"Value": "eu-central-1.compute.internal"}]},
            {"Key": "domain-name-servers", "Values": [{"Value": "10.0.0.53"}, {"Value": "AmazonProvidedDNS"}]},
        ],
    }
    endpoint = {
        "VpcEndpointId": "vpce-0a",
        "VpcEndpointType": "Gateway",
        "VpcId": "vpc-0a",
        "ServiceName": "com.amazonaws.eu-central-1.s3",
        "State": "available",
        "PolicyDocument": '{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:Get*","Resource":"*"}]}',
        "RouteTableIds": ["rtb-0a"],
        "SubnetIds": [],
        "Groups": [],
        "PrivateDnsEnabled": False,
        "RequesterManaged": False,
        "NetworkInterfaceIds": [],
        "DnsEntries": [],
        "OwnerId": ACCOUNT,
    }
    log = {
        "FlowLogId": "fl-0a",
        "ResourceId": "vpc-0a",
        "TrafficType": "ALL",
        "LogDestinationType": "s3",
        "LogDestination": "arn:aws:s3:::shop-logs/vpc",
        "FlowLogStatus": "ACTIVE",
        "MaxAggregationInterval": 60,
        "DestinationOptions": {"FileFormat": "parquet", "HiveCompatiblePartitions": True, "PerHourPartition": False},
    }
    attached = {
        "TransitGatewayAttachmentId": "tgw-attach-0a",
        "TransitGatewayId": "tgw-0a",
        "TransitGatewayOwnerId": ACCOUNT,
        "ResourceId": "vpc-0a",
        "ResourceOwnerId": ACCOUNT,
        "ResourceType": "vpc",
        "State": "available",
    }
    hub = {
        "TransitGatewayId": "tgw-0a",
        "TransitGatewayArn": HUB,
        "OwnerId": ACCOUNT,
        "State": "available",
        "Description": "hub",
        "Options": {"AmazonSideAsn": 64512, "DnsSupport": "enable", "TransitGatewayCidrBlocks": []},
    }
    peering = {
        "VpcPeeringConnectionId": "pcx-0a",
        "RequesterVpcInfo": {"VpcId": "vpc-0a", "OwnerId": ACCOUNT, "Region": "eu-central-1", "CidrBlock": "10.0.0.0/16"},
        "AccepterVpcInfo": {"VpcId": "vpc-0f", "OwnerId": "999999999999", "Region": "eu-central-1", "CidrBlock": "10.8.0.0/16"},
        "Status": {"Code": "active", "Message": "Active"},
    }
    return [
        vpc(),
        subnet(PUBLIC, "10.0.0.0/24", "eu-central-1a", public=True),
        subnet(PRIVATE, "10.0.1.0/24", "eu-central-1b", public=False),
        source(
            "AWS::EC2::InternetGateway",
            GATEWAY,
            {"InternetGatewayId": "igw-0a", "Attachments": [{"State": "available", "VpcId": "vpc-0a"}]},
        ),
        source("AWS::EC2::EIP", ADDRESS, internet),
        source("AWS::EC2::NatGateway", NAT, nat),
        source("AWS::EC2::RouteTable", MAIN, main, name="main"),
        source("AWS::EC2::RouteTable", OPEN, open_, name="open"),
        source("AWS::EC2::NetworkAcl", ACL, acl, name="guard"),
        source("AWS::EC2::DHCPOptions", DHCP, dhcp),
        source("AWS::EC2::VPCEndpoint", ENDPOINT, endpoint),
        source("AWS::EC2::FlowLog", LOG, log),
        source("AWS::EC2::TransitGateway", HUB, hub),
        source("AWS::EC2::TransitGatewayAttachment", ATTACHED, attached),
        source("AWS::EC2::VPCPeeringConnection", PEERING, peering),
    ]


def group(uid: str, name: str, **more: Any) -> Resource:
    spec = {
        "GroupId": uid.rpartition("/")[2],
        "GroupName": name,
        "Description": f"{name} servers",
        "OwnerId": ACCOUNT,
        "VpcId": "vpc-0a",
        "IpPermissions": [],
        "IpPermissionsEgress": [],
        "SecurityGroupArn": uid,
        **more,
    }
    return source("AWS::EC2::SecurityGroup", uid, spec, name=name)


def permission(protocol: str, first: int | None = None, last: int | None = None, **peers: Any) -> dict[str, Any]:
    """A rule as EC2 describes it."""
    ports = {} if first is None else {"FromPort": first, "ToPort": first if last is None else last}
    return {"IpProtocol": protocol, **ports, "IpRanges": [], "Ipv6Ranges": [], "PrefixListIds": [], "UserIdGroupPairs": [], **peers}


ALL_OUT = permission("-1", IpRanges=[{"CidrIp": "0.0.0.0/0"}])


def server(uid: str = SERVER, *, groups: tuple[str, ...] = ("sg-0a",), **more: Any) -> Resource:
    spec = {
        "InstanceId": uid.rpartition("/")[2],
        "InstanceType": "m5.large",
        "ImageId": "ami-0a",
        "RootDeviceName": "/dev/xvda",
        "RootDeviceType": "ebs",
        "SubnetId": "subnet-0b",
        "VpcId": "vpc-0a",
        "PrivateIpAddress": "10.0.1.10",
        "SecurityGroups": [{"GroupId": one, "GroupName": one} for one in groups],
        "BlockDeviceMappings": [],
        **more,
    }
    return source("AWS::EC2::Instance", uid, spec, name="web", state="running", private_ips=("10.0.1.10",))

"""A network with IPv6 and a server with two interfaces in it, by hand, as the EC2 API reference describes them."""

from typing import Any

ACCOUNT, REGION = "123456789012", "eu-central-1"
VPC, INSIDE, OUTSIDE, GROUP = "vpc-f6f6f6f6", "subnet-f6f6f6f0", "subnet-f6f6f6f1", "sg-f6f6f6f6"
SERVER, ADDRESS, TABLE, GATEWAY = "i-f6f6f6f6", "eipalloc-f6f6f6f6", "rtb-f6f6f6f6", "eigw-f6f6f6f6"


def _ec2(resource: str, type_: str, *, moves: bool = False, **spec: Any) -> dict[str, Any]:
    """A resource of EC2; only what moves is in the wave."""
    return {
        "uid": f"arn:aws:ec2:{REGION}:{ACCOUNT}:{resource}",
        "type": f"AWS::EC2::{type_}",
        "account_id": ACCOUNT,
        "region": REGION,
        "name": "dual-stack",
        "state": "available",
        "tags": {"App": "shop"},
        "spec": spec,
        "stateful": False,
        "storage_bytes": None,
        "private_ips": [],
        "workload": "by-hand" if moves else None,
        "wave": 1 if moves else None,
        "group": "by-hand" if moves else None,
    }


def _addresses(network: str) -> list[dict[str, Any]]:
    return [{"AssociationId": "assoc", "Ipv6CidrBlock": network, "Ipv6CidrBlockState": {"State": "associated"}}]


def _subnet(id_: str, number: int) -> dict[str, Any]:
    return _ec2(
        f"subnet/{id_}",
        "Subnet",
        SubnetId=id_,
        VpcId=VPC,
        CidrBlock=f"10.66.{number}.0/24",
        AvailabilityZone=f"{REGION}a",
        AssignIpv6AddressOnCreation=number == 1,
        Ipv6CidrBlockAssociationSet=_addresses(f"2001:db8:0:66{number:02x}::/64"),
        MapPublicIpOnLaunch=False,
    )


def _interface(id_: str, number: int, subnet: str) -> dict[str, Any]:
    first, second = f"10.66.{number}.10", f"10.66.{number}.11"
    return {
        "NetworkInterfaceId": id_,
        "Attachment": {"DeviceIndex": number, "NetworkCardIndex": 0, "DeleteOnTermination": True},
        "Description": f"interface {number}",
        "Groups": [{"GroupId": GROUP, "GroupName": "dual-stack"}],
        "InterfaceType": "interface",
        "Ipv6Addresses": [{"Ipv6Address": f"2001:db8:0:66{number:02x}::10"}],
        "PrivateIpAddress": first,
        "PrivateIpAddresses": [{"Primary": True, "PrivateIpAddress": first}, {"Primary": False, "PrivateIpAddress": second}][: number + 1],
        "SourceDestCheck": number == 0,
        "SubnetId": subnet,
        "VpcId": VPC,
    }


NETWORK_ROWS: tuple[dict[str, Any], ...] = (
    _ec2(
        f"vpc/{VPC}",
        "VPC",
        VpcId=VPC,
        CidrBlock="10.66.0.0/16",
        Ipv6CidrBlockAssociationSet=_addresses("2001:db8:0:6600::/56"),
        EnableDnsSupport=True,
    ),
    _subnet(INSIDE, 0),
    _subnet(OUTSIDE, 1),
    _ec2(
        f"security-group/{GROUP}",
        "SecurityGroup",
        GroupId=GROUP,
        GroupName="dual-stack",
        Description="IPv6 of the shop",
        VpcId=VPC,
        IpPermissions=[{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "Ipv6Ranges": [{"CidrIpv6": "2001:db8:1::/48"}]}],
        IpPermissionsEgress=[{"IpProtocol": "-1", "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}],
    ),
    _ec2(
        f"egress-only-internet-gateway/{GATEWAY}",
        "EgressOnlyInternetGateway",
        EgressOnlyInternetGatewayId=GATEWAY,
        Attachments=[{"State": "attached", "VpcId": VPC}],
    ),
    _ec2(
        f"route-table/{TABLE}",
        "RouteTable",
        RouteTableId=TABLE,
        VpcId=VPC,
        Associations=[{"Main": True, "RouteTableId": TABLE}],
        Routes=[
            {"DestinationIpv6CidrBlock": "::/0", "EgressOnlyInternetGatewayId": GATEWAY, "Origin": "CreateRoute", "State": "active"},
        ],
    ),
    _ec2(
        f"instance/{SERVER}",
        "Instance",
        moves=True,
        InstanceId=SERVER,
        InstanceType="m5.large",
        ImageId="ami-f6f6f6f6",
        RootDeviceName="/dev/xvda",
        RootDeviceType="ebs",
        SubnetId=INSIDE,
        VpcId=VPC,
        PrivateIpAddress="10.66.0.10",
        SecurityGroups=[{"GroupId": GROUP, "GroupName": "dual-stack"}],
        NetworkInterfaces=[_interface("eni-f6f6f6f0", 0, INSIDE), _interface("eni-f6f6f6f1", 1, OUTSIDE)],
        BlockDeviceMappings=[],
    ),
    _ec2(
        f"elastic-ip/{ADDRESS}",
        "EIP",
        AllocationId=ADDRESS,
        Domain="vpc",
        PublicIp="203.0.113.66",
        InstanceId=SERVER,
        NetworkInterfaceId="eni-f6f6f6f1",
    ),
)

"""Ways out of networks, and what ties them together, in Terraform."""

from cloudmigrate.domain.iac.shape import TAGS, Argument, Inlined, NotThere, Reshaped, Shape, named
from cloudmigrate.domain.iac.values import Value


def _accepted(value: Value) -> Value:
    """The other side of a peering connection, which is accepted at once: CloudFormation does so by itself."""
    return {"of": value, "accepts": True}


def _number(value: Value) -> Value:
    return int(str(value))


SHAPES = (
    Shape(
        "AWS::EC2::RouteTable",
        "aws_route_table",
        {"VpcId": Argument("vpc_id"), "Routes": NotThere("routes are resources of their own"), "Tags": TAGS},
        attributes={"": "id", "RouteTableId": "id"},
    ),
    Shape(
        "AWS::EC2::Route",
        "aws_route",
        named(
            RouteTableId="route_table_id",
            DestinationCidrBlock="destination_cidr_block",
            DestinationIpv6CidrBlock="destination_ipv6_cidr_block",
            DestinationPrefixListId="destination_prefix_list_id",
            GatewayId="gateway_id",
            VpcEndpointId="vpc_endpoint_id",
            NatGatewayId="nat_gateway_id",
            TransitGatewayId="transit_gateway_id",
            VpcPeeringConnectionId="vpc_peering_connection_id",
            EgressOnlyInternetGatewayId="egress_only_gateway_id",
        ),
    ),
    Shape(
        "AWS::EC2::SubnetRouteTableAssociation",
        "aws_route_table_association",
        named(RouteTableId="route_table_id", SubnetId="subnet_id"),
    ),
    Shape("AWS::EC2::InternetGateway", "aws_internet_gateway", {"Tags": TAGS}),
    Shape(
        "AWS::EC2::VPCGatewayAttachment",
        "aws_internet_gateway_attachment",
        named(InternetGatewayId="internet_gateway_id", VpcId="vpc_id"),
    ),
    Shape("AWS::EC2::EgressOnlyInternetGateway", "aws_egress_only_internet_gateway", {"VpcId": Argument("vpc_id"), "Tags": TAGS}),
    Shape(
        "AWS::EC2::NatGateway",
        "aws_nat_gateway",
        {
            **named(
                SubnetId="subnet_id",
                ConnectivityType="connectivity_type",
                AllocationId="allocation_id",
                SecondaryAllocationIds="secondary_allocation_ids",
            ),
            "Tags": TAGS,
        },
    ),
    Shape(
        "AWS::EC2::EIP",
        "aws_eip",
        {
            **named(Domain="domain", InstanceId="instance"),
            "Address": NotThere("the source's address stays there"),
            "Tags": TAGS,
        },
        attributes={"": "public_ip", "AllocationId": "allocation_id", "PublicIp": "public_ip"},
    ),
    Shape(
        "AWS::EC2::VPCEndpoint",
        "aws_vpc_endpoint",
        {
            **named(
                VpcId="vpc_id",
                ServiceName="service_name",
                VpcEndpointType="vpc_endpoint_type",
                PolicyDocument="policy",
                RouteTableIds="route_table_ids",
                SubnetIds="subnet_ids",
                SecurityGroupIds="security_group_ids",
                PrivateDnsEnabled="private_dns_enabled",
                IpAddressType="ip_address_type",
            ),
            "Tags": TAGS,
        },
    ),
    Shape(
        "AWS::EC2::VPCPeeringConnection",
        "aws_vpc_peering_connection",
        {
            "VpcId": Argument("vpc_id"),
            "PeerVpcId": Reshaped(_accepted, Inlined(named(of="peer_vpc_id", accepts="auto_accept"))),
            "Tags": TAGS,
        },
    ),
    Shape(
        "AWS::EC2::TransitGateway",
        "aws_ec2_transit_gateway",
        {
            **named(
                Description="description",
                AutoAcceptSharedAttachments="auto_accept_shared_attachments",
                DefaultRouteTableAssociation="default_route_table_association",
                DefaultRouteTablePropagation="default_route_table_propagation",
                DnsSupport="dns_support",
                VpnEcmpSupport="vpn_ecmp_support",
                MulticastSupport="multicast_support",
                SecurityGroupReferencingSupport="security_group_referencing_support",
                TransitGatewayCidrBlocks="transit_gateway_cidr_blocks",
            ),
            "AmazonSideAsn": Argument("amazon_side_asn", _number),
            "Tags": TAGS,
        },
        attributes={"": "id", "Id": "id", "TransitGatewayArn": "arn"},
    ),
    Shape(
        "AWS::EC2::TransitGatewayAttachment",
        "aws_ec2_transit_gateway_vpc_attachment",
        {**named(TransitGatewayId="transit_gateway_id", VpcId="vpc_id", SubnetIds="subnet_ids"), "Tags": TAGS},
    ),
)

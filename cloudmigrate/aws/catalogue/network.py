"""Rows for what traffic runs through: VPCs and all that lies in them. Networks are prepared in the target, they do not move."""

from cloudmigrate.aws.resource_type import Call, Metric, MetricSource, RelationRule, ResourceType
from cloudmigrate.domain.resources import RelationRole

SETTING = RelationRole.SETTING
EC2_ARN = "arn:{{partition}}:ec2:{{region}}:{{account}}:{kind}/{{id}}"


def ec2_arn(kind: str) -> str:
    """The ARN format of an EC2 resource kind (service authorization reference of Amazon EC2, "resource types")."""
    return EC2_ARN.format(kind=kind)


IN_VPC = RelationRule("vpc", "VpcId", "AWS::EC2::VPC", role=SETTING)
IN_SUBNET = RelationRule("subnet", "SubnetId", "AWS::EC2::Subnet", role=SETTING)

NAT_METRICS = MetricSource(
    namespace="AWS/NATGateway",
    dimensions={"NatGatewayId": "NatGatewayId"},
    metrics=(
        Metric("BytesOutToDestination", "bytes", stats=("Sum",)),
        Metric("BytesInFromDestination", "bytes", stats=("Sum",)),
        Metric("ActiveConnectionCount", "count", stats=("Maximum",)),
    ),
)
TRANSIT_GATEWAY_METRICS = MetricSource(
    namespace="AWS/TransitGateway",
    dimensions={"TransitGateway": "TransitGatewayId"},
    metrics=(Metric("BytesIn", "bytes", stats=("Sum",)), Metric("BytesOut", "bytes", stats=("Sum",))),
)

VPCS = (
    ResourceType(
        type="AWS::EC2::VPC",
        service="ec2",
        operation="describe_vpcs",
        path="Vpcs[]",
        id="VpcId",
        arn=ec2_arn("vpc"),
        role="network",
        moves=False,
        state="State",
        owner="OwnerId",
        calls=(
            Call(
                "describe_vpc_attribute",
                params={"VpcId": "VpcId"},
                constant={"Attribute": "enableDnsHostnames"},
                path="EnableDnsHostnames.Value",
                into="EnableDnsHostnames",
            ),
            Call(
                "describe_vpc_attribute",
                params={"VpcId": "VpcId"},
                constant={"Attribute": "enableDnsSupport"},
                path="EnableDnsSupport.Value",
                into="EnableDnsSupport",
            ),
        ),
    ),
    ResourceType(
        type="AWS::EC2::Subnet",
        service="ec2",
        operation="describe_subnets",
        path="Subnets[]",
        id="SubnetId",
        arn=ec2_arn("subnet"),
        role="network",
        moves=False,
        state="State",
        owner="OwnerId",
        relations=(IN_VPC,),
    ),
    ResourceType(
        type="AWS::EC2::SecurityGroup",
        service="ec2",
        operation="describe_security_groups",
        path="SecurityGroups[]",
        id="GroupId",
        arn=ec2_arn("security-group"),
        role="network",
        moves=False,
        name="GroupName",
        owner="OwnerId",
        relations=(
            IN_VPC,
            RelationRule(
                "rule-source", "IpPermissions[].UserIdGroupPairs[].GroupId", "AWS::EC2::SecurityGroup", role=SETTING, keep_unresolved=False
            ),
            RelationRule(
                "rule-destination",
                "IpPermissionsEgress[].UserIdGroupPairs[].GroupId",
                "AWS::EC2::SecurityGroup",
                role=SETTING,
                keep_unresolved=False,
            ),
            RelationRule(
                "prefix-list",
                "[IpPermissions, IpPermissionsEgress][].PrefixListIds[].PrefixListId",
                "AWS::EC2::PrefixList",
                role=SETTING,
                keep_unresolved=False,
            ),
        ),
    ),
    ResourceType(
        type="AWS::EC2::NetworkAcl",
        service="ec2",
        operation="describe_network_acls",
        path="NetworkAcls[]",
        id="NetworkAclId",
        arn=ec2_arn("network-acl"),
        role="network",
        moves=False,
        owner="OwnerId",
        relations=(
            IN_VPC,
            RelationRule("network-acl", "Associations[].SubnetId", "AWS::EC2::Subnet", role=SETTING, reverse=True),
        ),
    ),
    ResourceType(
        type="AWS::EC2::PrefixList",
        service="ec2",
        operation="describe_managed_prefix_lists",
        path="PrefixLists[]",
        id="PrefixListId",
        arn="=PrefixListArn",
        role="network",
        moves=False,
        name="PrefixListName",
        state="State",
        gone_states=frozenset({"delete-in-progress", "delete-complete"}),
        owner="OwnerId",  # AWS's own lists are of owner "AWS": every region has them already
        calls=(Call("get_managed_prefix_list_entries", params={"PrefixListId": "PrefixListId"}, path="Entries[]", into="Entries"),),
    ),
    ResourceType(
        type="AWS::EC2::DHCPOptions",
        service="ec2",
        operation="describe_dhcp_options",
        path="DhcpOptions[]",
        id="DhcpOptionsId",
        arn=ec2_arn("dhcp-options"),
        role="network",
        moves=False,
        owner="OwnerId",
    ),
    ResourceType(
        type="AWS::EC2::FlowLog",
        service="ec2",
        operation="describe_flow_logs",
        path="FlowLogs[]",
        id="FlowLogId",
        arn=ec2_arn("vpc-flow-log"),
        role="network",
        moves=False,
        state="FlowLogStatus",
        created="CreationTime",
        relations=(
            RelationRule(
                "flow-log-of",
                "ResourceId",
                ("AWS::EC2::VPC", "AWS::EC2::Subnet", "AWS::EC2::NetworkInterface", "AWS::EC2::TransitGateway"),
                role=SETTING,
            ),
            RelationRule("log-destination", "LogDestination", "AWS::S3::Bucket", by="arn", role=SETTING),
            RelationRule("delivery-role", "DeliverLogsPermissionArn", "AWS::IAM::Role", by="arn", role=SETTING),
        ),
    ),
)

GATEWAYS = (
    ResourceType(
        type="AWS::EC2::RouteTable",
        service="ec2",
        operation="describe_route_tables",
        path="RouteTables[]",
        id="RouteTableId",
        arn=ec2_arn("route-table"),
        role="network",
        moves=False,
        owner="OwnerId",
        relations=(
            IN_VPC,
            RelationRule("route-table", "Associations[].SubnetId", "AWS::EC2::Subnet", role=SETTING, reverse=True),
            RelationRule(
                "route-target",
                "Routes[].[GatewayId, NatGatewayId, TransitGatewayId, VpcPeeringConnectionId, EgressOnlyInternetGatewayId, "
                "InstanceId, NetworkInterfaceId][]",
                (
                    "AWS::EC2::InternetGateway",
                    "AWS::EC2::VPCEndpoint",
                    "AWS::EC2::NatGateway",
                    "AWS::EC2::TransitGateway",
                    "AWS::EC2::VPCPeeringConnection",
                    "AWS::EC2::EgressOnlyInternetGateway",
                    "AWS::EC2::Instance",
                    "AWS::EC2::NetworkInterface",
                ),
                role=SETTING,
            ),
            RelationRule("prefix-list", "Routes[].DestinationPrefixListId", "AWS::EC2::PrefixList", role=SETTING, keep_unresolved=False),
        ),
    ),
    ResourceType(
        type="AWS::EC2::InternetGateway",
        service="ec2",
        operation="describe_internet_gateways",
        path="InternetGateways[]",
        id="InternetGatewayId",
        arn=ec2_arn("internet-gateway"),
        role="network",
        moves=False,
        owner="OwnerId",
        relations=(RelationRule("vpc", "Attachments[].VpcId", "AWS::EC2::VPC", role=SETTING),),
    ),
    ResourceType(
        type="AWS::EC2::EgressOnlyInternetGateway",
        service="ec2",
        operation="describe_egress_only_internet_gateways",
        path="EgressOnlyInternetGateways[]",
        id="EgressOnlyInternetGatewayId",
        arn=ec2_arn("egress-only-internet-gateway"),
        role="network",
        moves=False,
        relations=(RelationRule("vpc", "Attachments[].VpcId", "AWS::EC2::VPC", role=SETTING),),
    ),
    ResourceType(
        type="AWS::EC2::NatGateway",
        service="ec2",
        operation="describe_nat_gateways",
        path="NatGateways[]",
        id="NatGatewayId",
        arn=ec2_arn("natgateway"),
        role="network",
        moves=False,
        state="State",
        created="CreateTime",
        gone_states=frozenset({"deleted", "deleting", "failed"}),
        private_ips="NatGatewayAddresses[].PrivateIp",
        relations=(
            IN_VPC,
            IN_SUBNET,
            RelationRule("elastic-ip", "NatGatewayAddresses[].AllocationId", "AWS::EC2::EIP", role=SETTING),
        ),
        metric_source=NAT_METRICS,
    ),
    ResourceType(
        type="AWS::EC2::EIP",
        service="ec2",
        operation="describe_addresses",
        path="Addresses[]",
        id="AllocationId || PublicIp",
        arn=ec2_arn("elastic-ip"),
        role="network",
        moves=False,
        name="PublicIp",
        single_page=True,
        relations=(
            RelationRule("elastic-ip", "InstanceId", "AWS::EC2::Instance", role=SETTING, reverse=True),
            RelationRule("elastic-ip", "NetworkInterfaceId", "AWS::EC2::NetworkInterface", role=SETTING, reverse=True),
        ),
    ),
    ResourceType(
        type="AWS::EC2::NetworkInterface",
        service="ec2",
        operation="describe_network_interfaces",
        path="NetworkInterfaces[]",
        id="NetworkInterfaceId",
        arn=ec2_arn("network-interface"),
        role="network",
        moves=False,
        state="Status",
        tags="TagSet",
        owner="OwnerId",
        private_ips="PrivateIpAddresses[].PrivateIpAddress",
        dns_names=("PrivateDnsName",),
        relations=(
            IN_VPC,
            IN_SUBNET,
            RelationRule("security-group", "Groups[].GroupId", "AWS::EC2::SecurityGroup", role=SETTING),
        ),
    ),
)

LINKS = (
    ResourceType(
        type="AWS::EC2::VPCEndpoint",
        service="ec2",
        operation="describe_vpc_endpoints",
        path="VpcEndpoints[]",
        id="VpcEndpointId",
        arn=ec2_arn("vpc-endpoint"),
        role="network",
        moves=False,
        name="ServiceName",
        state="State",
        created="CreationTimestamp",
        gone_states=frozenset({"deleted", "Deleted", "deleting", "Deleting"}),
        owner="OwnerId",
        dns_names=("DnsEntries[].DnsName",),
        relations=(
            IN_VPC,
            RelationRule("subnet", "SubnetIds[]", "AWS::EC2::Subnet", role=SETTING),
            RelationRule("route-table-of-endpoint", "RouteTableIds[]", "AWS::EC2::RouteTable", role=SETTING),
            RelationRule("security-group", "Groups[].GroupId", "AWS::EC2::SecurityGroup", role=SETTING),
            RelationRule("network-interface", "NetworkInterfaceIds[]", "AWS::EC2::NetworkInterface", role=RelationRole.PART),
        ),
    ),
    ResourceType(
        type="AWS::EC2::VPCPeeringConnection",
        service="ec2",
        operation="describe_vpc_peering_connections",
        path="VpcPeeringConnections[]",
        id="VpcPeeringConnectionId",
        arn=ec2_arn("vpc-peering-connection"),
        role="network",
        moves=False,
        state="Status.Code",
        gone_states=frozenset({"deleted", "deleting", "expired", "failed", "rejected"}),
        relations=(RelationRule("peered-vpc", "[RequesterVpcInfo.VpcId, AccepterVpcInfo.VpcId]", "AWS::EC2::VPC", role=SETTING),),
    ),
    ResourceType(
        type="AWS::EC2::TransitGateway",
        service="ec2",
        operation="describe_transit_gateways",
        path="TransitGateways[]",
        id="TransitGatewayId",
        arn="=TransitGatewayArn",
        role="network",
        moves=False,
        name="Description",
        state="State",
        created="CreationTime",
        gone_states=frozenset({"deleted", "deleting"}),
        owner="OwnerId",
        metric_source=TRANSIT_GATEWAY_METRICS,
    ),
    ResourceType(
        type="AWS::EC2::TransitGatewayAttachment",
        service="ec2",
        operation="describe_transit_gateway_attachments",
        path="TransitGatewayAttachments[]",
        id="TransitGatewayAttachmentId",
        arn=ec2_arn("transit-gateway-attachment"),
        role="network",
        moves=False,
        state="State",
        created="CreationTime",
        gone_states=frozenset({"deleted", "deleting", "failed", "rejected"}),
        relations=(
            RelationRule("transit-gateway", "TransitGatewayId", "AWS::EC2::TransitGateway", role=SETTING),
            RelationRule("attached-vpc", "ResourceId", "AWS::EC2::VPC", role=SETTING, keep_unresolved=False),
        ),
    ),
)

ROWS: tuple[ResourceType, ...] = (*VPCS, *GATEWAYS, *LINKS)

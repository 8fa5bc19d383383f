"""Networks in Terraform."""

from cloudmigrate.domain.iac.shape import TAGS, Argument, Inlined, Instead, Member, Nested, NotThere, Shape, named
from cloudmigrate.domain.iac.values import Value


def _text(value: Value) -> Value:
    """A number as text."""
    return str(value)


_FLOW_LOG: dict[str, Member] = {
    **named(
        TrafficType="traffic_type",
        LogDestinationType="log_destination_type",
        LogDestination="log_destination",
        DeliverLogsPermissionArn="iam_role_arn",
        LogFormat="log_format",
        MaxAggregationInterval="max_aggregation_interval",
    ),
    "DestinationOptions": Nested(
        "destination_options",
        named(
            FileFormat="file_format",
            HiveCompatiblePartitions="hive_compatible_partitions",
            PerHourPartition="per_hour_partition",
        ),
    ),
    "ResourceType": NotThere("the argument of the id tells what it is of"),
    "Tags": TAGS,
}
SHAPES = (
    Shape(
        "AWS::EC2::VPC",
        "aws_vpc",
        {
            **named(
                CidrBlock="cidr_block",
                EnableDnsHostnames="enable_dns_hostnames",
                EnableDnsSupport="enable_dns_support",
                InstanceTenancy="instance_tenancy",
            ),
            "Tags": TAGS,
        },
        attributes={"": "id", "VpcId": "id"},
    ),
    Shape(
        "AWS::EC2::VPCCidrBlock",
        "aws_vpc_ipv4_cidr_block_association",
        named(VpcId="vpc_id", CidrBlock="cidr_block"),
        instead=(
            Instead(
                "AmazonProvidedIpv6CidrBlock",
                Shape(
                    "AWS::EC2::VPCCidrBlock",
                    "aws_vpc_ipv6_cidr_block_association",
                    named(VpcId="vpc_id", AmazonProvidedIpv6CidrBlock="assign_generated_ipv6_cidr_block"),
                    attributes={"": "id", "Ipv6CidrBlock": "ipv6_cidr_block"},
                ),
            ),
        ),
    ),
    Shape(
        "AWS::EC2::Subnet",
        "aws_subnet",
        {
            **named(
                VpcId="vpc_id",
                CidrBlock="cidr_block",
                AvailabilityZone="availability_zone",
                MapPublicIpOnLaunch="map_public_ip_on_launch",
                Ipv6CidrBlock="ipv6_cidr_block",
                AssignIpv6AddressOnCreation="assign_ipv6_address_on_creation",
                EnableDns64="enable_dns64",
                Ipv6Native="ipv6_native",
            ),
            "PrivateDnsNameOptionsOnLaunch": Inlined(
                named(
                    HostnameType="private_dns_hostname_type_on_launch",
                    EnableResourceNameDnsARecord="enable_resource_name_dns_a_record_on_launch",
                    EnableResourceNameDnsAAAARecord="enable_resource_name_dns_aaaa_record_on_launch",
                )
            ),
            "Tags": TAGS,
        },
        attributes={"": "id", "SubnetId": "id"},
    ),
    Shape("AWS::EC2::NetworkAcl", "aws_network_acl", {"VpcId": Argument("vpc_id"), "Tags": TAGS}, attributes={"": "id", "Id": "id"}),
    Shape(
        "AWS::EC2::NetworkAclEntry",
        "aws_network_acl_rule",
        {
            **named(
                NetworkAclId="network_acl_id",
                RuleNumber="rule_number",
                Egress="egress",
                RuleAction="rule_action",
                CidrBlock="cidr_block",
                Ipv6CidrBlock="ipv6_cidr_block",
            ),
            "Protocol": Argument("protocol", _text),
            "PortRange": Inlined(named(From="from_port", To="to_port")),
            "Icmp": Inlined(named(Type="icmp_type", Code="icmp_code")),
        },
    ),
    Shape(
        "AWS::EC2::SubnetNetworkAclAssociation",
        "aws_network_acl_association",
        named(NetworkAclId="network_acl_id", SubnetId="subnet_id"),
    ),
    Shape(
        "AWS::EC2::DHCPOptions",
        "aws_vpc_dhcp_options",
        {
            **named(
                DomainName="domain_name",
                DomainNameServers="domain_name_servers",
                NtpServers="ntp_servers",
                NetbiosNameServers="netbios_name_servers",
            ),
            "NetbiosNodeType": Argument("netbios_node_type", _text),
            "Tags": TAGS,
        },
    ),
    Shape(
        "AWS::EC2::VPCDHCPOptionsAssociation",
        "aws_vpc_dhcp_options_association",
        named(VpcId="vpc_id", DhcpOptionsId="dhcp_options_id"),
    ),
    Shape(
        "AWS::EC2::PrefixList",
        "aws_ec2_managed_prefix_list",
        {
            **named(PrefixListName="name", AddressFamily="address_family", MaxEntries="max_entries"),
            "Entries": Nested("entry", named(Cidr="cidr", Description="description")),
            "Tags": TAGS,
        },
        attributes={"": "id", "PrefixListId": "id", "Arn": "arn"},
    ),
    Shape(
        "AWS::EC2::FlowLog",
        "aws_flow_log",
        {**_FLOW_LOG, "ResourceId": Argument("vpc_id")},
        instead=(
            Instead(
                "ResourceType", Shape("AWS::EC2::FlowLog", "aws_flow_log", {**_FLOW_LOG, "ResourceId": Argument("subnet_id")}), "Subnet"
            ),
        ),
    ),
)

"""Security groups in Terraform."""

from cloudmigrate.domain.iac.shape import TAGS, Member, NotThere, Shape, named

BY_ITSELF = "Terraform takes away the rule that lets everything out by itself; rules are resources of their own"


RULE: dict[str, Member] = named(
    GroupId="security_group_id",
    IpProtocol="ip_protocol",
    FromPort="from_port",
    ToPort="to_port",
    CidrIp="cidr_ipv4",
    CidrIpv6="cidr_ipv6",
    Description="description",
)
SHAPES = (
    Shape(
        "AWS::EC2::SecurityGroup",
        "aws_security_group",
        {
            **named(GroupName="name", GroupDescription="description", VpcId="vpc_id"),
            "SecurityGroupEgress": NotThere(BY_ITSELF),
            "SecurityGroupIngress": NotThere(BY_ITSELF),
            "Tags": TAGS,
        },
        attributes={"": "id", "GroupId": "id"},
    ),
    Shape(
        "AWS::EC2::SecurityGroupIngress",
        "aws_vpc_security_group_ingress_rule",
        {**RULE, **named(SourceSecurityGroupId="referenced_security_group_id", SourcePrefixListId="prefix_list_id")},
    ),
    Shape(
        "AWS::EC2::SecurityGroupEgress",
        "aws_vpc_security_group_egress_rule",
        {**RULE, **named(DestinationSecurityGroupId="referenced_security_group_id", DestinationPrefixListId="prefix_list_id")},
    ),
)

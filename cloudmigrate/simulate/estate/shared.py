"""Own account, Europe: the networks and what every system uses (keys, roles, names, bastion, directory, monitoring)."""

from cloudmigrate.simulate.estate.parts import (
    ERP,
    EUROPE,
    HOSTILE_TAGS,
    OWN,
    PILOT,
    SHARED,
    SHOP,
    USER_DATA_KEY,
    WINDOWS,
    bucket,
    disk,
    instance,
    profile,
    public_key,
    role,
    route_table,
    security_group,
    subnet,
)
from cloudmigrate.simulate.things import Act, Thing

IDENTITY = (
    *profile("shop-server", SHOP),
    *profile("erp-server", ERP),
    *profile("shared-server", SHARED),
    role("shop-functions", "lambda", SHOP),
    role("flow-log-delivery", "vpc-flow-logs", {}),
    role("legacy-admin", "ec2", {}),
    Thing("data-key", "AWS::KMS::Key", {"Description": "Databases and volumes"}),
    Act("kms", "create_alias", {"AliasName": "alias/acme-data", "TargetKeyId": "${data-key}"}),
    Act("kms", "enable_key_rotation", {"KeyId": "${data-key}"}),
    Thing("legacy-key", "AWS::KMS::Key", {"Description": "Nobody knows"}),
    Thing("ops", "AWS::EC2::KeyPair", {"KeyName": "ops", "PublicKeyMaterial": public_key("ops")}, SHARED),
)

NETWORK = (
    Thing("shop-vpc", "AWS::EC2::VPC", {"CidrBlock": "10.10.0.0/16"}, SHOP),
    subnet("shop-public-a", "shop-vpc", "10.10.0.0/24", "eu-central-1a", SHOP),
    subnet("shop-public-b", "shop-vpc", "10.10.1.0/24", "eu-central-1b", SHOP),
    subnet("shop-private-a", "shop-vpc", "10.10.10.0/24", "eu-central-1a", SHOP),
    subnet("shop-private-b", "shop-vpc", "10.10.11.0/24", "eu-central-1b", SHOP),
    Thing("erp-vpc", "AWS::EC2::VPC", {"CidrBlock": "10.20.0.0/16"}, ERP),
    subnet("erp-private-a", "erp-vpc", "10.20.10.0/24", "eu-central-1a", ERP),
    subnet("erp-private-b", "erp-vpc", "10.20.11.0/24", "eu-central-1b", ERP),
    Thing("shop-internet", "AWS::EC2::InternetGateway", {}, SHOP),
    Act("ec2", "attach_internet_gateway", {"InternetGatewayId": "${shop-internet}", "VpcId": "${shop-vpc}"}),
    Thing("shop-nat-address", "AWS::EC2::EIP", {"Domain": "vpc"}, SHOP),
    Thing("shop-nat", "AWS::EC2::NatGateway", {"SubnetId": "${shop-public-a}", "AllocationId": "${shop-nat-address}"}, SHOP),
    Thing("unused-address", "AWS::EC2::EIP", {"Domain": "vpc"}),
    Thing("shop-to-erp", "AWS::EC2::VPCPeeringConnection", {"VpcId": "${shop-vpc}", "PeerVpcId": "${erp-vpc}"}, SHARED),
    Act("ec2", "accept_vpc_peering_connection", {"VpcPeeringConnectionId": "${shop-to-erp}"}),
    Thing("hub", "AWS::EC2::TransitGateway", {"Description": "Hub of all networks"}, SHARED),
    Thing(
        "hub-to-erp",
        "AWS::EC2::TransitGatewayAttachment",
        {"TransitGatewayId": "${hub}", "VpcId": "${erp-vpc}", "SubnetIds": ["${erp-private-a}"]},
    ),
    *route_table(
        "shop-public",
        "shop-vpc",
        ("shop-public-a", "shop-public-b"),
        ({"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "${shop-internet}"},),
        SHOP,
    ),
    *route_table(
        "shop-private",
        "shop-vpc",
        ("shop-private-a", "shop-private-b"),
        (
            {"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "${shop-nat}"},
            {"DestinationCidrBlock": "10.20.0.0/16", "VpcPeeringConnectionId": "${shop-to-erp}"},
        ),
        SHOP,
    ),
    *route_table(
        "erp-private",
        "erp-vpc",
        ("erp-private-a", "erp-private-b"),
        (
            {"DestinationCidrBlock": "10.10.0.0/16", "VpcPeeringConnectionId": "${shop-to-erp}"},
            {"DestinationCidrBlock": "10.90.0.0/16", "TransitGatewayId": "${hub}"},  # the offices, behind a VPN
        ),
        ERP,
    ),
    Thing(
        "shop-s3",
        "AWS::EC2::VPCEndpoint",
        {"VpcId": "${shop-vpc}", "ServiceName": f"com.amazonaws.{EUROPE}.s3", "RouteTableIds": ["${shop-private}"]},
        SHOP,
    ),
    Thing(
        "offices",
        "AWS::EC2::PrefixList",
        {
            "PrefixListName": "offices",
            "MaxEntries": 5,
            "AddressFamily": "IPv4",
            "Entries": [{"Cidr": "198.51.100.0/24", "Description": "Berlin"}, {"Cidr": "203.0.113.0/25", "Description": "Lyon"}],
        },
        SHARED,
    ),
    Thing("erp-acl", "AWS::EC2::NetworkAcl", {"VpcId": "${erp-vpc}"}, ERP),
    Act(
        "ec2",
        "create_network_acl_entry",
        {
            "NetworkAclId": "${erp-acl}",
            "RuleNumber": 100,
            "Protocol": "-1",
            "RuleAction": "allow",
            "Egress": False,
            "CidrBlock": "10.0.0.0/8",
        },
    ),
)

SHARED_SERVICES = (
    *security_group("bastion", "shop-vpc", "Way in for operators", SHARED, (22, "198.51.100.0/24")),
    *security_group(
        "core",
        "shop-vpc",
        "DNS, time, directory, proxy, monitoring",
        SHARED,
        (53, "10.0.0.0/8"),
        ("53/udp", "10.0.0.0/8"),
        ("123/udp", "10.0.0.0/8"),
        (88, "10.0.0.0/8"),
        (389, "10.0.0.0/8"),
        (443, "10.10.0.0/16"),
        (3128, "10.0.0.0/8"),
        (9100, "10.0.0.0/8"),
        (22, "sg:bastion"),
    ),
    Thing(
        "shop-secrets",
        "AWS::EC2::VPCEndpoint",
        {
            "VpcId": "${shop-vpc}",
            "ServiceName": f"com.amazonaws.{EUROPE}.secretsmanager",
            "VpcEndpointType": "Interface",
            "SubnetIds": ["${shop-private-a}", "${shop-private-b}"],
            "SecurityGroupIds": ["${core}"],
        },
        SHOP,
    ),
    instance("bastion-1", "t3.micro", "shop-public-a", ("bastion",), SHARED, profile_name="shared-server"),
    instance("dns-1", "t3.small", "shop-private-a", ("core",), SHARED),
    instance("dns-2", "t3.small", "shop-private-b", ("core",), SHARED),
    instance("directory-1", "m5.large", "shop-private-a", ("core",), SHARED, image=WINDOWS, disks=(disk("/dev/sda1", 100),)),
    instance(
        "monitoring-1",
        "r5.large",
        "shop-private-b",
        ("core",),
        SHARED,
        disks=(disk("/dev/xvda", 30), disk("/dev/sdf", 500)),
        user_data=f"#!/bin/sh\nexport API_KEY={USER_DATA_KEY}\ncurl https://alerts.acme.example/hook\n",
    ),
    instance("time-1", "t3.nano", "shop-private-b", ("core",), SHARED),
    instance("proxy-1", "t3.medium", "shop-private-a", ("core",), SHARED),
    instance("old-crm", "m4.xlarge", "shop-private-a", ("core",), {"App": "crm"}, disks=(disk("/dev/xvda", 200, "gp2"),)),
    instance("hostile", "t3.micro", "shop-private-b", ("core",), HOSTILE_TAGS),
    instance("decommissioned-jenkins", "t3.medium", "shop-private-a", ("core",), {}),
    Thing("crm-archive", "AWS::EC2::Volume", {"AvailabilityZone": "eu-central-1a", "Size": 800, "VolumeType": "st1"}, {"App": "crm"}),
    Thing("nobodys-disk", "AWS::EC2::Volume", {"AvailabilityZone": "eu-central-1b", "Size": 100, "VolumeType": "gp2"}, PILOT),
    Thing("golden-linux", "AWS::EC2::Image", {"InstanceId": "${bastion-1}", "Name": "golden-linux-2026-09"}, SHARED),
    *bucket("acme-flow-logs", EUROPE, SHARED),
    *bucket("acme-migration-reports", EUROPE, SHARED),
    *bucket("acme-old-backups", EUROPE, {}),
    Act(
        "s3",
        "put_bucket_lifecycle_configuration",
        {
            "Bucket": "acme-flow-logs",
            "LifecycleConfiguration": {
                "Rules": [{"ID": "expire", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 90}}],
            },
        },
    ),
    Thing("acme/base", "AWS::ECR::Repository", {"repositoryName": "acme/base"}, SHARED),
)

STEPS: tuple[Thing | Act, ...] = (*IDENTITY, *NETWORK, *SHARED_SERVICES)
ENDED = frozenset({"decommissioned-jenkins"})
ACCOUNT_ID = OWN

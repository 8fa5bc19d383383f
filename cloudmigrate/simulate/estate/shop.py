"""Own account, Europe: the web shop's security groups, servers and names; its data and its messages have modules of their own."""

from cloudmigrate.simulate.estate import shop_data, shop_messaging
from cloudmigrate.simulate.estate.parts import (
    EUROPE,
    SHOP,
    allow,
    disk,
    instance,
    record,
    security_group,
)
from cloudmigrate.simulate.things import Act, Thing

# Operators come by the bastion; monitoring asks every server for its figures.
OPERATED: tuple[tuple[int | str, str], ...] = ((22, "sg:bastion"), (9100, "sg:core"))

GROUPS = (
    *security_group("shop-edge", "shop-vpc", "Load balancer", SHOP, (443, "0.0.0.0/0"), (80, "0.0.0.0/0")),
    *security_group(
        "shop-web",
        "shop-vpc",
        "Web servers",
        SHOP,
        (8080, "sg:shop-edge"),
        (9000, "sg:shop-web"),
        *OPERATED,
    ),
    *security_group(
        "shop-app",
        "shop-vpc",
        "Application servers",
        SHOP,
        (9000, "sg:shop-web"),
        (9200, "sg:shop-app"),
        (9200, "10.20.10.0/24"),
        *OPERATED,
    ),
    *security_group(
        "shop-data", "shop-vpc", "Database and cache", SHOP, (5432, "sg:shop-app"), (6379, "sg:shop-app"), (11211, "sg:shop-app")
    ),
    *security_group("shop-copy", "shop-vpc", "Copy of the database", SHOP, (5432, "sg:shop-app"), (5432, "10.20.11.0/24")),
    *allow("shop-data", (5432, "sg:shop-copy")),
)

# The application servers' start script says what they talk to, as most do; nothing says so of the web servers and the search server.
START = """#!/bin/sh
export DB_HOST=${shop-db:endpoint}
export SEARCH_URL=http://search.corp.acme.internal:9200
exec /opt/shop/start
"""

SERVERS = (
    instance("shop-app-1", "m5.large", "shop-private-a", ("shop-app",), SHOP, profile_name="shop-server", user_data=START),
    instance("shop-app-2", "m5.large", "shop-private-b", ("shop-app",), SHOP, profile_name="shop-server", user_data=START),
    instance(
        "shop-search-1", "r5.xlarge", "shop-private-a", ("shop-app",), SHOP, disks=(disk("/dev/xvda", 30), disk("/dev/sdf", 300, "gp2"))
    ),
    Thing(
        "shop-web-template",
        "AWS::EC2::LaunchTemplate",
        {
            "LaunchTemplateName": "shop-web",
            "LaunchTemplateData": {
                "ImageId": "ami-0a1b2c3d4e5f60001",
                "InstanceType": "c5.large",
                "SecurityGroupIds": ["${shop-web}"],
                "TagSpecifications": [
                    {"ResourceType": "instance", "Tags": [{"Key": key, "Value": value} for key, value in SHOP.items()]},
                ],
            },
        },
        SHOP,
    ),
    Thing(
        "shop-web-targets",
        "AWS::ElasticLoadBalancingV2::TargetGroup",
        {"Name": "shop-web", "Protocol": "HTTP", "Port": 8080, "VpcId": "${shop-vpc}", "TargetType": "instance"},
        SHOP,
    ),
    Thing(
        "shop-app-targets",
        "AWS::ElasticLoadBalancingV2::TargetGroup",
        {"Name": "shop-app", "Protocol": "HTTP", "Port": 9000, "VpcId": "${shop-vpc}", "TargetType": "instance"},
        SHOP,
    ),
    Act(
        "elbv2",
        "register_targets",
        {"TargetGroupArn": "${shop-app-targets}", "Targets": [{"Id": "${shop-app-1}"}, {"Id": "${shop-app-2}"}]},
    ),
    Thing(
        "shop-web-group",
        "AWS::AutoScaling::AutoScalingGroup",
        {
            "AutoScalingGroupName": "shop-web",
            "MinSize": 2,
            "MaxSize": 8,
            "DesiredCapacity": 3,
            "LaunchTemplate": {"LaunchTemplateId": "${shop-web-template}", "Version": "$Latest"},
            "VPCZoneIdentifier": "${shop-private-a},${shop-private-b}",
            "TargetGroupARNs": ["${shop-web-targets}"],
            "Tags": [{"Key": key, "Value": value, "PropagateAtLaunch": True} for key, value in ({"Name": "shop-web"} | SHOP).items()],
        },
    ),
    Thing(
        "shop-certificate",
        "AWS::CertificateManager::Certificate",
        {"DomainName": "www.acme.example", "SubjectAlternativeNames": ["acme.example"], "ValidationMethod": "DNS"},
        SHOP,
    ),
    Thing(
        "shop-alb",
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        {
            "Name": "shop",
            "Subnets": ["${shop-public-a}", "${shop-public-b}"],
            "SecurityGroups": ["${shop-edge}"],
            "Scheme": "internet-facing",
            "Type": "application",
        },
        SHOP,
    ),
    Thing(
        "shop-https",
        "AWS::ElasticLoadBalancingV2::Listener",
        {
            "LoadBalancerArn": "${shop-alb}",
            "Protocol": "HTTPS",
            "Port": 443,
            "Certificates": [{"CertificateArn": "${shop-certificate}"}],
            "DefaultActions": [{"Type": "forward", "TargetGroupArn": "${shop-web-targets}"}],
        },
    ),
    Thing(
        "shop-internal",
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        {
            "Name": "shop-internal",
            "Subnets": ["${shop-private-a}", "${shop-private-b}"],
            "SecurityGroups": ["${shop-web}"],
            "Scheme": "internal",
            "Type": "application",
        },
        SHOP,
    ),
    Thing(
        "shop-internal-http",
        "AWS::ElasticLoadBalancingV2::Listener",
        {
            "LoadBalancerArn": "${shop-internal}",
            "Protocol": "HTTP",
            "Port": 9000,
            "DefaultActions": [{"Type": "forward", "TargetGroupArn": "${shop-app-targets}"}],
        },
    ),
    Thing(
        "shop-legacy-elb",
        "AWS::ElasticLoadBalancing::LoadBalancer",
        {
            "LoadBalancerName": "shop-legacy",
            "Listeners": [{"Protocol": "HTTP", "LoadBalancerPort": 80, "InstanceProtocol": "HTTP", "InstancePort": 9000}],
            "Subnets": ["${shop-public-a}"],
            "SecurityGroups": ["${shop-edge}"],
        },
        SHOP,
    ),
    Act(
        "elb", "register_instances_with_load_balancer", {"LoadBalancerName": "shop-legacy", "Instances": [{"InstanceId": "${shop-app-1}"}]}
    ),
)

NAMES = (
    Thing("acme.example", "AWS::Route53::HostedZone", {"Name": "acme.example", "CallerReference": "acme-public"}),
    record("acme.example", "www.acme.example", "A", "${shop-alb:dns}", alias_zone="${shop-alb:zone}"),
    record("acme.example", "shop.acme.example", "CNAME", "www.acme.example"),
    record("acme.example", "acme.example", "MX", "10 mail.acme.example"),
    Thing(
        "corp.acme.internal",
        "AWS::Route53::HostedZone",
        {
            "Name": "corp.acme.internal",
            "CallerReference": "acme-private",
            "HostedZoneConfig": {"PrivateZone": True},
            "VPC": {"VPCRegion": EUROPE, "VPCId": "${shop-vpc}"},
        },
    ),
    record("corp.acme.internal", "db.corp.acme.internal", "CNAME", "${shop-db:endpoint}"),
    record("corp.acme.internal", "app.corp.acme.internal", "A", "${shop-internal:dns}", alias_zone="${shop-internal:zone}"),
    record("corp.acme.internal", "bastion.corp.acme.internal", "A", "${bastion-1:ip}"),
    record("corp.acme.internal", "search.corp.acme.internal", "A", "${shop-search-1:ip}"),
)

STEPS: tuple[Thing | Act, ...] = (*GROUPS, *shop_data.STEPS, *SERVERS, *shop_messaging.STEPS, *NAMES)

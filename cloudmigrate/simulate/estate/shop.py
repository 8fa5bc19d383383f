"""Own account, Europe: the web shop, and the pricing and catalogue services that call each other."""

import json

from cloudmigrate.simulate.estate.parts import (
    CRITICAL,
    DB_PASSWORD,
    EUROPE,
    OWN,
    SECRET_VALUE,
    SHOP,
    WEBHOOK_TOKEN,
    allow,
    bucket,
    disk,
    function,
    instance,
    record,
    rest_api,
    security_group,
)
from cloudmigrate.simulate.things import Act, Thing

PRICING = {"App": "pricing", "Env": "prod", "Owner": "team-shop"}
CATALOGUE = {"App": "catalogue", "Env": "prod", "Owner": "team-shop"}
QUEUES = f"arn:aws:sqs:{EUROPE}:{OWN}"

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

DATA_STORES = (
    Thing(
        "shop-db-subnets",
        "AWS::RDS::DBSubnetGroup",
        {
            "DBSubnetGroupName": "shop",
            "DBSubnetGroupDescription": "Private subnets of the shop",
            "SubnetIds": ["${shop-private-a}", "${shop-private-b}"],
        },
        SHOP,
    ),
    Thing(
        "shop-postgres",
        "AWS::RDS::DBParameterGroup",
        {"DBParameterGroupName": "shop-postgres", "DBParameterGroupFamily": "postgres16", "Description": "Longer statements"},
        SHOP,
    ),
    Thing(
        "shop-db",
        "AWS::RDS::DBInstance",
        {
            "DBInstanceIdentifier": "shop-db",
            "Engine": "postgres",
            "EngineVersion": "16.3",
            "DBInstanceClass": "db.r6g.xlarge",
            "AllocatedStorage": 500,
            "StorageType": "gp3",
            "MultiAZ": True,
            "MasterUsername": "shop",
            "MasterUserPassword": DB_PASSWORD,
            "DBName": "shop",
            "Port": 5432,
            "DBSubnetGroupName": "${shop-db-subnets}",
            "DBParameterGroupName": "${shop-postgres}",
            "VpcSecurityGroupIds": ["${shop-data}"],
            "StorageEncrypted": True,
            "KmsKeyId": "${data-key:arn}",
            "BackupRetentionPeriod": 14,
        },
        SHOP | CRITICAL,
    ),
    Thing(
        "shop-db-replica",
        "AWS::RDS::DBInstance",
        {
            "DBInstanceIdentifier": "shop-db-replica",
            "SourceDBInstanceIdentifier": "${shop-db}",
            "DBInstanceClass": "db.r6g.large",
            "VpcSecurityGroupIds": ["${shop-copy}"],
        },
        SHOP,
        operation="create_db_instance_read_replica",
    ),
    Thing(
        "shop-sessions",
        "AWS::ElastiCache::ReplicationGroup",
        {
            "ReplicationGroupId": "shop-sessions",
            "ReplicationGroupDescription": "Sessions and carts",
            "Engine": "redis",
            "CacheNodeType": "cache.r6g.large",
            "NumCacheClusters": 2,
            "AutomaticFailoverEnabled": True,
        },
        SHOP,
    ),
    *(
        Thing(
            f"shop-sessions-00{number}",
            "AWS::ElastiCache::CacheCluster",
            {
                "CacheClusterId": f"shop-sessions-00{number}",
                "ReplicationGroupId": "${shop-sessions}",
                "Engine": "redis",
                "CacheNodeType": "cache.r6g.large",
                "NumCacheNodes": 1,
                "SecurityGroupIds": ["${shop-data}"],
            },
            SHOP,
        )
        for number in (1, 2)
    ),
    Thing(
        "shop-fragments",
        "AWS::ElastiCache::CacheCluster",
        {"CacheClusterId": "shop-fragments", "Engine": "memcached", "CacheNodeType": "cache.t3.medium", "NumCacheNodes": 1},
        SHOP,
    ),
    *bucket("acme-shop-assets", EUROPE, SHOP),
    Act("s3", "put_bucket_versioning", {"Bucket": "acme-shop-assets", "VersioningConfiguration": {"Status": "Enabled"}}),
    Act(
        "s3",
        "put_bucket_policy",
        {
            "Bucket": "acme-shop-assets",
            "Policy": json.dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": "*",
                            "Action": "s3:GetObject",
                            "Resource": "arn:aws:s3:::acme-shop-assets/public/*",
                        }
                    ],
                }
            ),
        },
    ),
    *bucket("acme-shop-uploads", EUROPE, SHOP),
    Thing("shop/db", "AWS::SecretsManager::Secret", {"Name": "shop/db", "SecretString": SECRET_VALUE, "KmsKeyId": "${data-key:arn}"}, SHOP),
    Thing("shop/payment", "AWS::SecretsManager::Secret", {"Name": "shop/payment", "SecretString": SECRET_VALUE}, SHOP),
)

MESSAGING = (
    Thing("orders-dead", "AWS::SQS::Queue", {"QueueName": "orders-dead"}, SHOP),
    Thing(
        "orders",
        "AWS::SQS::Queue",
        {
            "QueueName": "orders",
            "Attributes": {"RedrivePolicy": json.dumps({"deadLetterTargetArn": f"{QUEUES}:orders-dead", "maxReceiveCount": 5})},
        },
        SHOP,
    ),
    Thing("mail", "AWS::SQS::Queue", {"QueueName": "mail"}),
    Thing("order-events", "AWS::SNS::Topic", {"Name": "order-events"}, SHOP),
    Act("sns", "subscribe", {"TopicArn": "${order-events}", "Protocol": "sqs", "Endpoint": f"{QUEUES}:orders"}),
    Act("sns", "subscribe", {"TopicArn": "${order-events}", "Protocol": "sqs", "Endpoint": f"{QUEUES}:mail"}),
    function(
        "order-worker",
        "shop-functions",
        OWN,
        {"DB_HOST": "${shop-db:endpoint}", "DB_PASSWORD": DB_PASSWORD, "EVENTS_TOPIC": "${order-events}", "MODE": "live"},
        SHOP,
        VpcConfig={"SubnetIds": ["${shop-private-a}", "${shop-private-b}"], "SecurityGroupIds": ["${shop-app}"]},
    ),
    Thing(
        "orders-to-worker",
        "AWS::Lambda::EventSourceMapping",
        {"EventSourceArn": f"{QUEUES}:orders", "FunctionName": "${order-worker}", "BatchSize": 10},
    ),
    function("thumbnails", "shop-functions", OWN, {"BUCKET": "acme-shop-uploads", "HOOK_TOKEN": WEBHOOK_TOKEN}, SHOP),
    Act(
        "s3",
        "put_bucket_notification_configuration",
        {
            "Bucket": "acme-shop-uploads",
            "NotificationConfiguration": {
                "LambdaFunctionConfigurations": [{"LambdaFunctionArn": "${thumbnails:arn}", "Events": ["s3:ObjectCreated:*"]}]
            },
        },
    ),
)


def _calls(api: str) -> str:
    return f"https://${{{api}}}.execute-api.{EUROPE}.amazonaws.com/prod"


# Pricing asks the catalogue for products, the catalogue asks pricing for prices: neither can move alone.
CYCLE = (
    function("pricing", "shop-functions", OWN, {}, PRICING),
    function("catalogue", "shop-functions", OWN, {}, CATALOGUE),
    *rest_api("pricing-api", "pricing", OWN, EUROPE, PRICING),
    *rest_api("catalogue-api", "catalogue", OWN, EUROPE, CATALOGUE),
    Act(
        "lambda",
        "update_function_configuration",
        {"FunctionName": "pricing", "Environment": {"Variables": {"CATALOGUE_URL": _calls("catalogue-api")}}},
    ),
    Act(
        "lambda",
        "update_function_configuration",
        {"FunctionName": "catalogue", "Environment": {"Variables": {"PRICING_URL": _calls("pricing-api")}}},
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

STEPS: tuple[Thing | Act, ...] = (*GROUPS, *DATA_STORES, *SERVERS, *MESSAGING, *CYCLE, *NAMES)

"""Data account, Oregon: the partner API (gateway, functions, tables) and its services in containers."""

from cloudmigrate.simulate.estate.parts import (
    API,
    DATA,
    OREGON,
    SECRET_VALUE,
    TASK_PASSWORD,
    bucket,
    function,
    instance,
    record,
    rest_api,
    role,
    security_group,
    subnet,
    table,
)
from cloudmigrate.simulate.things import Act, Thing

IMAGE = f"{DATA}.dkr.ecr.{OREGON}.amazonaws.com/partner/worker:1.4"

STEPS: tuple[Thing | Act, ...] = (
    role("partner-functions", "lambda", API),
    role("partner-tasks", "ecs-tasks", API),
    role("partner-cluster", "eks", API),
    Thing("partner-vpc", "AWS::EC2::VPC", {"CidrBlock": "10.40.0.0/16"}, API),
    subnet("partner-a", "partner-vpc", "10.40.0.0/20", "us-west-2a", API),
    subnet("partner-b", "partner-vpc", "10.40.16.0/20", "us-west-2b", API),
    *security_group("partner-edge", "partner-vpc", "Load balancer", API, (443, "0.0.0.0/0")),
    *security_group("partner-tasks", "partner-vpc", "Containers", API, (8080, "sg:partner-edge")),
    instance("partner-jumphost", "t3.nano", "partner-a", ("partner-tasks",), {}),
    table("partners", "partner", API),
    table("partner-orders", "order", API),
    function("partner-orders-api", "partner-functions", DATA, {"TABLE": "partner-orders", "PARTNERS": "partners"}, API),
    *rest_api("partner-rest", "partner-orders-api", DATA, OREGON, API),
    function("partner-status", "partner-functions", DATA, {"TABLE": "partner-orders", "QUEUE_URL": "${partner-jobs}"}, API),
    Thing("partner-http", "AWS::ApiGatewayV2::Api", {"Name": "partner-http", "ProtocolType": "HTTP"}, API),
    Act(
        "apigatewayv2",
        "create_integration",
        {
            "ApiId": "${partner-http}",
            "IntegrationType": "AWS_PROXY",
            "IntegrationUri": "${partner-status:arn}",
            "PayloadFormatVersion": "2.0",
        },
    ),
    Thing("partner/worker", "AWS::ECR::Repository", {"repositoryName": "partner/worker"}, API),
    Thing("partner", "AWS::ECS::Cluster", {"clusterName": "partner"}, API),
    Thing(
        "partner-worker-task",
        "AWS::ECS::TaskDefinition",
        {
            "family": "partner-worker",
            "networkMode": "awsvpc",
            "requiresCompatibilities": ["FARGATE"],
            "cpu": "512",
            "memory": "1024",
            "executionRoleArn": f"arn:aws:iam::{DATA}:role/partner-tasks",
            "taskRoleArn": f"arn:aws:iam::{DATA}:role/partner-tasks",
            "containerDefinitions": [
                {
                    "name": "worker",
                    "image": IMAGE,
                    "essential": True,
                    "portMappings": [{"containerPort": 8080}],
                    "environment": [{"name": "QUEUE_URL", "value": "${partner-jobs}"}, {"name": "PASSWORD", "value": TASK_PASSWORD}],
                }
            ],
        },
        API,
    ),
    Thing(
        "partner-targets",
        "AWS::ElasticLoadBalancingV2::TargetGroup",
        {"Name": "partner-worker", "Protocol": "HTTP", "Port": 8080, "VpcId": "${partner-vpc}", "TargetType": "ip"},
        API,
    ),
    Thing(
        "partner-alb",
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        {
            "Name": "partner",
            "Subnets": ["${partner-a}", "${partner-b}"],
            "SecurityGroups": ["${partner-edge}"],
            "Scheme": "internet-facing",
            "Type": "application",
        },
        API,
    ),
    Thing(
        "partner-listener",
        "AWS::ElasticLoadBalancingV2::Listener",
        {
            "LoadBalancerArn": "${partner-alb}",
            "Protocol": "HTTP",
            "Port": 80,
            "DefaultActions": [{"Type": "forward", "TargetGroupArn": "${partner-targets}"}],
        },
    ),
    Thing(
        "partner-worker",
        "AWS::ECS::Service",
        {
            "cluster": "${partner}",
            "serviceName": "partner-worker",
            "taskDefinition": "${partner-worker-task}",
            "desiredCount": 2,
            "launchType": "FARGATE",
            "loadBalancers": [{"targetGroupArn": "${partner-targets}", "containerName": "worker", "containerPort": 8080}],
            "networkConfiguration": {
                "awsvpcConfiguration": {"subnets": ["${partner-a}", "${partner-b}"], "securityGroups": ["${partner-tasks}"]},
            },
        },
        API,
    ),
    Thing(
        "partner-eks",
        "AWS::EKS::Cluster",
        {
            "name": "partner",
            "version": "1.30",
            "roleArn": f"arn:aws:iam::{DATA}:role/partner-cluster",
            "resourcesVpcConfig": {"subnetIds": ["${partner-a}", "${partner-b}"]},
        },
        API,
    ),
    Thing("partner/token", "AWS::SecretsManager::Secret", {"Name": "partner/token", "SecretString": SECRET_VALUE}, API),
    *bucket("acme-partner-drop", OREGON, API),
    Thing("partners.example", "AWS::Route53::HostedZone", {"Name": "partners.example", "CallerReference": "partners"}),
    record("partners.example", "api.partners.example", "A", "${partner-alb:dns}", alias_zone="${partner-alb:zone}"),
)
STEPS = (Thing("partner-jobs", "AWS::SQS::Queue", {"QueueName": "partner-jobs"}, API), *STEPS)

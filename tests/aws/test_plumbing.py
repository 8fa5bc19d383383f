"""Which interfaces belong to whom where no relation says so."""

from typing import Any

from cloudmigrate.aws.plumbing import interfaces_held
from cloudmigrate.domain.resources import Resource

PLACE = "eu-central-1:111111111111"


def interface(interface_id: str, description: str, **more: Any) -> Resource:
    spec = {"NetworkInterfaceId": interface_id, "VpcId": "vpc-1", "Description": description, **more}
    uid = f"arn:aws:ec2:{PLACE}:network-interface/{interface_id}"
    return Resource(
        uid, "aws", "111111111111", "eu-central-1", "AWS::EC2::NetworkInterface", interface_id, "in-use", {}, spec, stateful=False
    )


def test_a_balancers_a_functions_and_a_services_interfaces() -> None:
    tags = [{"Key": "aws:ecs:clusterName", "Value": "blue"}, {"Key": "aws:ecs:serviceName", "Value": "cart"}]
    found = interfaces_held(
        [
            interface("eni-1", "ELB app/front/50dc6c495c0c9188"),
            interface("eni-2", "AWS Lambda VPC ENI-worker-5d1f2a3b-0000-1111-2222-333344445555"),
            interface("eni-3", "arn:aws:ecs:eu-central-1:111111111111:attachment/x", TagSet=tags),
            interface("eni-4", "whose is this"),
        ]
    )

    prefix = f"arn:aws:ec2:{PLACE}:network-interface/"
    assert found == {
        f"{prefix}eni-1": f"arn:aws:elasticloadbalancing:{PLACE}:loadbalancer/app/front/50dc6c495c0c9188",
        f"{prefix}eni-2": f"arn:aws:lambda:{PLACE}:function:worker",
        f"{prefix}eni-3": f"arn:aws:ecs:{PLACE}:service/blue/cart",
    }

"""Network interfaces that services keep in a VPC: AWS makes them along with the service and describes them so; moto does not.

Sources of the descriptions: Amazon EC2 User Guide, "Requester-managed network interfaces", and the guides of Elastic Load Balancing,
RDS, ElastiCache, Lambda and ECS.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cloudmigrate.simulate.estate.parts import DATA, EUROPE, OREGON, OWN
from cloudmigrate.simulate.things import Thing

LAMBDA = "AWS Lambda VPC ENI-order-worker-5b1c7f0e-9d3a-4c52-8e6f-{:012d}"
TASK = f"arn:aws:ecs:{OREGON}:{DATA}:attachment/3f2a9c14-6d0b-4e7a-b1c8-{{:012d}}"


@dataclass(frozen=True, slots=True)
class ServiceInterface:
    """An interface of the service that the thing *key* is: its subnet and security groups (keys), its address and description."""

    key: str
    subnet: str
    groups: tuple[str, ...]
    address: str
    description: str
    tags: Mapping[str, str] = field(default_factory=dict)

    def thing(self, number: int) -> Thing:
        """What creates the interface."""
        params = {
            "SubnetId": f"${{{self.subnet}}}",
            "PrivateIpAddress": self.address,
            "Groups": [f"${{{group}}}" for group in self.groups],
            "Description": self.description,
        }
        return Thing(f"{self.key}@{number}", "AWS::EC2::NetworkInterface", params, self.tags)


def balancer(key: str, group: str, **addresses: str) -> tuple[ServiceInterface, ...]:
    """The interfaces of a load balancer (key), one in each subnet: ``shop_public_a="10.10.0.200"``."""
    description = f"ELB ${{{key}:path}}"
    return tuple(ServiceInterface(key, one.replace("_", "-"), (group,), at, description) for one, at in addresses.items())


def database(key: str, subnet: str, group: str, address: str) -> ServiceInterface:
    """The interface of an RDS instance (key)."""
    return ServiceInterface(key, subnet, (group,), address, "RDSNetworkInterface")


def cache(key: str, subnet: str, address: str) -> ServiceInterface:
    """The interface of a cache node (key)."""
    return ServiceInterface(key, subnet, ("shop-data",), address, f"ElastiCache {key}")


IN_PLACE: Mapping[tuple[str, str], tuple[ServiceInterface, ...]] = {
    (OWN, EUROPE): (
        *balancer("shop-alb", "shop-edge", shop_public_a="10.10.0.200", shop_public_b="10.10.1.200"),
        *balancer("shop-internal", "shop-web", shop_private_a="10.10.10.200", shop_private_b="10.10.11.200"),
        *balancer("shop-legacy-elb", "shop-edge", shop_public_a="10.10.0.210"),
        *balancer("erp-nlb", "erp-app", erp_private_a="10.20.10.200", erp_private_b="10.20.11.200"),
        database("shop-db", "shop-private-a", "shop-data", "10.10.10.220"),
        database("shop-db-replica", "shop-private-a", "shop-copy", "10.10.10.221"),
        database("erp-db", "erp-private-a", "erp-data", "10.20.10.220"),
        cache("shop-sessions-001", "shop-private-a", "10.10.10.230"),
        cache("shop-sessions-002", "shop-private-b", "10.10.11.230"),
        cache("shop-fragments", "shop-private-b", "10.10.11.231"),
        ServiceInterface("order-worker", "shop-private-a", ("shop-app",), "10.10.10.240", LAMBDA.format(1)),
        ServiceInterface("order-worker", "shop-private-b", ("shop-app",), "10.10.11.240", LAMBDA.format(2)),
    ),
    (OWN, OREGON): (
        *balancer("us-alb", "us-web", us_public_a="10.30.0.200", us_public_b="10.30.1.200"),
        database("us-db", "us-public-a", "us-data", "10.30.0.220"),
    ),
    (DATA, EUROPE): (database("warehouse-writer", "analytics-a", "warehouse-access", "10.50.0.220"),),
    (DATA, OREGON): (
        *balancer("partner-alb", "partner-edge", partner_a="10.40.0.200", partner_b="10.40.16.200"),
        *(
            ServiceInterface(
                "partner-worker",
                f"partner-{zone}",
                ("partner-tasks",),
                address,
                TASK.format(number),
                {"aws:ecs:clusterName": "partner", "aws:ecs:serviceName": "partner-worker"},
            )
            for number, zone, address in ((1, "a", "10.40.0.240"), (2, "b", "10.40.16.240"))
        ),
    ),
}


def interfaces_of(account_id: str, region: str) -> tuple[Thing, ...]:
    """What creates the interfaces of an account and region, each by ``<key of its service>@<number>``."""
    return tuple(one.thing(number) for number, one in enumerate(IN_PLACE.get((account_id, region), ()), 1))

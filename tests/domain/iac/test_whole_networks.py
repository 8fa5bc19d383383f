"""Networks and security groups of the demo's estate, made whole."""

from cloudmigrate.domain.iac.model import Blueprint, TargetResource
from cloudmigrate.domain.iac.values import Ref, plain
from tests.domain.iac.sample_estate import VARIANTS, resource_of, sample_rows

MADE = VARIANTS["elsewhere"]()
WORLD = ("0.0.0.0/0", "::/0")


def of_networks(made: Blueprint) -> list[TargetResource]:
    """What is prepared before the first wave."""
    return [one for unit in made.units if unit.wave == 0 for one in unit.resources]


def test_a_network_refers_only_to_what_is_made() -> None:
    keys = {one.key for unit in MADE.units for one in unit.resources}
    made = [one for one in of_networks(MADE) if one.type.startswith("AWS::EC2::")]
    assert {"AWS::EC2::VPC", "AWS::EC2::Subnet", "AWS::EC2::Route", "AWS::EC2::NatGateway"} <= {one.type for one in made}
    assert [(one.key, ref) for one in made for ref in one.references() if ref.key not in keys] == []


def test_every_subnet_that_is_made_is_in_a_vpc_that_is_made() -> None:
    types = {one.key: one.type for one in of_networks(MADE)}
    homes = [plain(one.properties["VpcId"]) for one in of_networks(MADE) if one.type == "AWS::EC2::Subnet"]
    assert homes
    assert {types[home.key] for home in homes if isinstance(home, Ref)} == {"AWS::EC2::VPC"}


def test_no_group_is_open_to_the_world_that_was_not() -> None:
    open_at_source = {
        (source.uid, direction)
        for source in map(resource_of, sample_rows())
        if source.type == "AWS::EC2::SecurityGroup"
        for direction, member in (("Ingress", "IpPermissions"), ("Egress", "IpPermissionsEgress"))
        if any(word in str(source.spec.get(member)) for word in WORLD)
    }
    open_there = {
        (one.uid, one.type.removeprefix("AWS::EC2::SecurityGroup"))
        for one in of_networks(MADE)
        if one.type.startswith("AWS::EC2::SecurityGroup")
        and {plain(node) for name, node in one.properties.items() if "Cidr" in name} & {*WORLD}
    }
    assert open_there
    assert open_there <= open_at_source

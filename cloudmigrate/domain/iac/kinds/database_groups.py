"""What databases are configured by: subnet groups, and parameter groups with what somebody set.

Source: AWS CloudFormation template reference, AWS::RDS::DBSubnetGroup, DBParameterGroup and DBClusterParameterGroup.
"""

from collections.abc import Callable, Iterator
from functools import partial

from cloudmigrate.domain.iac.kind import GIVEN, Kind
from cloudmigrate.domain.iac.model import TargetResource
from cloudmigrate.domain.iac.naming import slug
from cloudmigrate.domain.iac.source import NotGenerated, Source, defaulted
from cloudmigrate.domain.iac.values import Came, Leaf, Origin

SUBNETS = "AWS::RDS::DBSubnetGroup"
PARAMETERS = "AWS::RDS::DBParameterGroup"
CLUSTER_PARAMETERS = "AWS::RDS::DBClusterParameterGroup"
AT_ONCE = "immediate"


def subnet_group(source: Source) -> Iterator[TargetResource]:
    """The subnets that databases are in."""
    name = str(source.spec["DBSubnetGroupName"])
    ids = [one["SubnetIdentifier"] for one in source.value("Subnets") or ()]
    is_aws_own = name == "default" or name.startswith("default-vpc-")
    kept = source.own_name("DBSubnetGroupName", name)
    yield source.target(
        SUBNETS,
        {
            "DBSubnetGroupName": defaulted(slug(name, source.resource.uid), f"the name {name} is AWS's own") if is_aws_own else kept,
            "DBSubnetGroupDescription": source.copied("DBSubnetGroupDescription") or defaulted(name, "the source has no description"),
            "SubnetIds": source.all_referred("Subnets", ids, type_="AWS::EC2::Subnet", where="targets.subnets"),
            "Tags": source.tags(),
        },
    )


def parameter_group(source: Source, type_: str, name: str, family: str) -> Iterator[TargetResource]:
    """A parameter group with the parameters that somebody set: all others are the engine's."""
    own = str(source.spec[name])
    if own.startswith("default."):
        raise NotGenerated("it is AWS's own, which every region has: nothing is to be done")
    given = {str(one["ParameterName"]): str(one["ParameterValue"]) for one in source.value("Parameters") or () if one.get("ParameterValue")}
    parameters = Leaf(dict(sorted(given.items())), Origin(Came.COPIED, "Parameters"))
    if not given:
        parameters = Leaf({} if type_ == CLUSTER_PARAMETERS else None, Origin(Came.COPIED, "Parameters"))
    yield source.target(
        type_,
        {
            name: source.own_name(name, own),
            "Family": source.copied(family),
            "Description": source.copied("Description") or defaulted(own, "the source has no description"),
            "Parameters": parameters,
            "Tags": source.tags(),
        },
    )


def _parameters(type_: str, name: str) -> Callable[[Source], Iterator[TargetResource]]:
    return partial(parameter_group, type_=type_, name=name, family="DBParameterGroupFamily")


KINDS = (
    Kind(
        SUBNETS,
        subnet_group,
        known_as=("DBSubnetGroupName",),
        asks_for=("DBSubnetGroupName",),
        is_shared=True,
        not_configuration={
            "DBSubnetGroupArn": GIVEN,
            "SubnetGroupStatus": "what it does at the moment",
            "VpcId": "that of its subnets",
            "SupportedNetworkTypes": GIVEN,
        },
    ),
    Kind(
        PARAMETERS,
        _parameters(PARAMETERS, "DBParameterGroupName"),
        known_as=("DBParameterGroupName",),
        asks_for=("DBParameterGroupName",),
        is_shared=True,
        not_configuration={"DBParameterGroupArn": GIVEN},
    ),
    Kind(
        CLUSTER_PARAMETERS,
        _parameters(CLUSTER_PARAMETERS, "DBClusterParameterGroupName"),
        known_as=("DBClusterParameterGroupName",),
        asks_for=("DBClusterParameterGroupName",),
        is_shared=True,
        not_configuration={"DBClusterParameterGroupArn": GIVEN},
    ),
)

"""What the generator of code makes of a source, as a stack of the engine has it.

Names of the source are what the estate file says that they are in the target; values that may be secrets are read when the change set is
made; what earlier steps copy is put in its place by who asks.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from cloudmigrate.domain.iac.catalogue import BY_TYPE
from cloudmigrate.domain.iac.model import Place, TargetResource
from cloudmigrate.domain.iac.source import Known, Source
from cloudmigrate.domain.iac.told import KEY
from cloudmigrate.domain.iac.values import Ref, Value, Variable, plain
from cloudmigrate.domain.itineraries.mapped import Mapped
from cloudmigrate.domain.itineraries.record import Move
from cloudmigrate.domain.itineraries.stacks import Template

ROLE, SECRET, GROUP = "AWS::IAM::Role", "AWS::SecretsManager::Secret", "AWS::ElasticLoadBalancingV2::TargetGroup"
CLUSTER, LAYER = "AWS::ECS::Cluster", "AWS::Lambda::LayerVersion"
OF_THE_STACK = "Tags"  # the stack's own are on everything that it makes


def generated(mapped: Mapped) -> Iterator[TargetResource]:
    """What is made of the source of a move, the source's own first. *mapped* gets what the estate file does not say of those taken."""
    move = mapped.move
    source = Source(
        move.source,
        Place(move.target.account_id, move.target.region),
        move.policy,
        lambda _, name, type_: _known(mapped, name, type_),
        names_in_values=False,  # values of variables are taken as they are
    )
    return (move.names.applied(one) for one in BY_TYPE[move.source.type].makes(source))


def target_cluster(move: Move, name: str) -> str:
    """The name that a cluster beside the source of a move has in the target."""
    source = move.source
    return move.policy.clusters.get(name) or move.names.of_named(CLUSTER, source.account_id, source.region, name)


def said(resource: TargetResource, template: Template, ids: Mapping[str, str], *, without: Collection[str] = ()) -> dict[str, Any]:
    """The resource as it stands in *template*. *ids*: logical id of each resource of it, by key. *without*: properties that others give."""
    left = {OF_THE_STACK, *without}
    values = {name: plain(node) for name, node in resource.properties.items() if name not in left}
    properties = {name: _said(value, template, ids) for name, value in values.items() if value not in (None, "", (), {})}
    return {"Type": resource.type, "Properties": properties}


def _said(value: Value, template: Template, ids: Mapping[str, str]) -> Any:
    if isinstance(value, Variable):
        return template.secret(value.read_at)
    if isinstance(value, Ref):
        return {"Ref": ids[value.key]}
    if isinstance(value, Mapping):
        return {name: _said(item, template, ids) for name, item in value.items() if item not in (None, "", (), {})}
    return [_said(one, template, ids) for one in value] if isinstance(value, tuple) else value


def _known(mapped: Mapped, name: str, type_: str | None) -> Known:
    """What the estate file says of a name."""
    if type_ == ROLE:
        literal = mapped.role(name)
    elif type_ == KEY:
        literal = mapped.key()
    elif type_ == SECRET:
        literal = mapped.secret(name)
    elif type_ == GROUP:
        literal = mapped.target_group(name)
    elif type_ == CLUSTER:
        literal = target_cluster(mapped.move, name.rpartition("/")[2])
    elif type_ == LAYER:  # who makes the stack puts them in their place
        literal = name
    elif name.startswith("subnet-"):
        (literal,) = mapped.subnets([name])
    elif name.startswith("sg-"):
        (literal,) = mapped.groups([name])
    else:
        literal = mapped.event_source(name)
    return Known(literal=literal, rule="the estate file")

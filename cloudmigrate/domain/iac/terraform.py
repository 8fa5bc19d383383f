"""Resources of the target as blocks of Terraform, by the shapes of their types."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from cloudmigrate.domain.iac.hcl import Attribute, Block, Code, Encoded, Expression, Text
from cloudmigrate.domain.iac.model import TargetResource
from cloudmigrate.domain.iac.naming import slug
from cloudmigrate.domain.iac.shape import Argument, Beside, Inlined, Member, Nested, NotThere, Reshaped, Shape, Within
from cloudmigrate.domain.iac.shapes.catalogue import SHAPE_OF
from cloudmigrate.domain.iac.values import Document, Here, Joined, Ref, Slash64, Value, Variable, Zone

HERE: Mapping[Here, Code] = {
    Here.ACCOUNT: Code("data.aws_caller_identity.current.account_id"),
    Here.REGION: Code("data.aws_region.current.region"),
    Here.PARTITION: Code("data.aws_partition.current.partition"),
}
# Arguments by which the provider wants a name, where CloudFormation makes one up if there is none.
NAMED_BY: Mapping[str, str] = {
    "aws_api_gateway_api_key": "name",
    "aws_api_gateway_rest_api": "name",
    "aws_api_gateway_usage_plan": "name",
    "aws_api_gateway_vpc_link": "name",
    "aws_apigatewayv2_api": "name",
    "aws_apigatewayv2_vpc_link": "name",
    "aws_autoscaling_lifecycle_hook": "name",
    "aws_autoscaling_policy": "name",
    "aws_autoscaling_schedule": "scheduled_action_name",
    "aws_dms_endpoint": "endpoint_id",
    "aws_dms_replication_instance": "replication_instance_id",
    "aws_dms_replication_subnet_group": "replication_subnet_group_id",
    "aws_dms_replication_task": "replication_task_id",
    "aws_dynamodb_table": "name",
    "aws_ecr_repository": "name",
    "aws_ecs_cluster": "name",
    "aws_ecs_service": "name",
    "aws_elasticache_cluster": "cluster_id",
    "aws_elasticache_parameter_group": "name",
    "aws_elasticache_replication_group": "replication_group_id",
    "aws_elasticache_subnet_group": "name",
    "aws_iam_group": "name",
    "aws_iam_user": "name",
    "aws_kinesis_stream": "name",
    "aws_lambda_function": "function_name",
    "aws_lb_cookie_stickiness_policy": "name",
    "aws_placement_group": "name",
}
LONGEST_NAME = 40  # characters: the fewest that one of these types allows
Refer = Callable[[Ref], Code]  # how a reference is said where a block stands


def address(resource: TargetResource) -> str:
    """How a resource is referred to within its module."""
    return f"{shape_of(resource).resource}.{block_name(resource)}"


def shape_of(resource: TargetResource) -> Shape:
    """How it is said. Raises KeyError for a type that has no shape."""
    shape = SHAPE_OF[resource.type]
    for one in shape.instead:
        value = resource.values.get(one.property)
        if value is not None and one.value in (None, value):
            return one.shape
    return shape


def block_name(resource: TargetResource) -> str:
    """The name of its block."""
    return resource.block_name


def attribute_there(resource: TargetResource, attribute: str) -> str:
    """What an attribute of CloudFormation is called of this resource. Raises KeyError for one that its shape does not name."""
    return shape_of(resource).attributes[attribute]


def blocks(resource: TargetResource, refer: Refer, depends_on: tuple[Code, ...] = ()) -> Iterator[Block]:
    """The resource, and those that Terraform has for parts of it. Raises KeyError for a property that its shape does not name."""
    shape = shape_of(resource)
    values = resource.values
    aside = {name for one in shape.beside for name in (*one.members, one.each) if name}
    own = {name: value for name, value in values.items() if name in shape.members or name not in aside}
    body = _sorted((*_name_of(resource, shape, own), *_members(own, shape.members, refer)))
    if depends_on:
        body = (*body, Attribute("depends_on", depends_on))
    if resource.stateful:
        body = (*body, Block("lifecycle", (), (Attribute("prevent_destroy", value=True),)))
    yield Block("resource", (shape.resource, block_name(resource)), body)
    for one in shape.beside:
        yield from _beside(one, resource, shape, values, refer)


def _name_of(resource: TargetResource, shape: Shape, values: Mapping[str, Value]) -> Iterator[Attribute]:
    """The name of ours that the provider needs, where the target has none: what can be read of its own, and digits."""
    argument = NAMED_BY.get(shape.resource)
    given = {member.name for name, member in shape.members.items() if name in values and isinstance(member, Argument)}
    if argument is not None and argument not in given:
        readable, _, digits = slug(resource.name, resource.key).rpartition("-")
        yield Attribute(argument, f"{readable[: LONGEST_NAME - len(digits) - 1].rstrip('-')}-{digits}")


def _beside(one: Beside, resource: TargetResource, shape: Shape, values: Mapping[str, Value], refer: Refer) -> Iterator[Block]:
    parent = tuple(Attribute(name, Code(f"{address(resource)}.{attribute}")) for name, attribute in one.parent.items())
    if one.each:
        items = _at(values, one.each)
        for number, item in enumerate(items if isinstance(items, tuple) else ()):
            members = item if isinstance(item, Mapping) else {"": item}
            body = (*parent, *_sorted(_members(members, one.members, refer)))
            yield Block("resource", (one.type, f"{block_name(resource)}_{number}"), body)
        return
    own = {name: value for name, value in values.items() if name in one.members}
    if own:
        body = (*parent, *_sorted(_members(own, one.members, refer)))
        first = next((other for other in shape.beside if other.type == one.after and not other.each), None)
        if first is not None and any(name in values for name in first.members):
            body = (*body, Attribute("depends_on", (Code(f"{first.type}.{block_name(resource)}"),)))
        yield Block("resource", (one.type, block_name(resource)), body)


def _at(values: Mapping[str, Value], path: str) -> Value:
    """The value at a path such as ``Integration.IntegrationResponses``; None where there is none."""
    found: Value = values
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _members(values: Mapping[str, Value], members: Mapping[str, Member], refer: Refer) -> Iterator[Attribute | Block]:
    shared: dict[str, list[Attribute | Block]] = {}
    for name, value in values.items():
        member = members[name]
        if isinstance(member, Within):
            shared.setdefault(member.block, []).extend(_member(value, member.member, refer))
        else:
            yield from _member(value, member, refer)
    for name, body in shared.items():
        yield Block(name, (), _sorted(body))


def _member(value: Value, member: Member, refer: Refer) -> Iterator[Attribute | Block]:
    if isinstance(member, NotThere):
        return
    if isinstance(member, Argument):
        yield Attribute(member.name, expression(member.via(value) if member.via else value, refer))
    elif isinstance(member, Reshaped):
        exchanged = member.via(value)
        if exchanged is not None:
            yield from _member(exchanged, member.member, refer)
    elif isinstance(member, Inlined):
        assert isinstance(value, Mapping)  # noqa: S101 - the shape says that it is an object
        yield from _members(value, member.members, refer)
    elif isinstance(member, Nested):
        for one in value if isinstance(value, tuple) else (value,):
            assert isinstance(one, Mapping)  # noqa: S101 - the shape says that it is an object
            yield Block(member.name, (), _sorted(_members(one, member.members, refer)))


def _sorted(body: Iterable[Attribute | Block]) -> tuple[Attribute | Block, ...]:
    """Arguments by name, then blocks in their order, as Terraform's style has it."""
    found = list(body)
    attributes = sorted((one for one in found if isinstance(one, Attribute)), key=lambda one: one.name)
    return (*attributes, *(one for one in found if isinstance(one, Block)))


def expression(value: Value, refer: Refer) -> Expression:  # noqa: PLR0911 - one return for each form
    """A value as an expression."""
    if isinstance(value, Ref):
        return refer(value)
    if isinstance(value, Variable):
        return Code(f"var.{value.name}")
    if isinstance(value, Here):
        return HERE[value]
    if isinstance(value, Zone):
        return Code(f"data.aws_availability_zones.available.names[{value.number}]")
    if isinstance(value, Slash64):
        of = refer(value.of).text if isinstance(value.of, Ref) else f"var.{value.of.name}"
        return Code(f"cidrsubnet({of}, 8, {value.number})")
    if isinstance(value, Joined):
        return Text(tuple(_part(one, refer) for one in value.parts))
    if isinstance(value, Document):
        return Encoded(expression(value.content, refer))
    if isinstance(value, Mapping):
        return {name: expression(item, refer) for name, item in value.items()}
    return tuple(expression(one, refer) for one in value) if isinstance(value, tuple) else value


def _part(part: str | Ref | Variable | Here, refer: Refer) -> str | Code:
    found = expression(part, refer)
    assert isinstance(found, str | Code)  # noqa: S101 - parts of text are text or references
    return found

import re

import pytest

from cloudmigrate.domain.iac.hcl import Attribute, Block, Code
from cloudmigrate.domain.iac.import_ids import import_id
from cloudmigrate.domain.iac.model import Place, TargetResource
from cloudmigrate.domain.iac.shape import Argument, Beside, Nested, Shape
from cloudmigrate.domain.iac.shapes.catalogue import SHAPES
from cloudmigrate.domain.iac.values import Came, Leaf, Origin, Ref
from tests.domain.iac.provider_schema import can_be_read, complaints_of_blocks, complaints_of_shape, resource_schema


@pytest.mark.parametrize("shape", SHAPES, ids=lambda one: one.type)
def test_every_name_of_a_shape_is_one_that_the_provider_knows(shape: Shape) -> None:
    assert list(complaints_of_shape(shape)) == []


def test_no_type_has_two_shapes() -> None:
    types = [one.type for one in SHAPES]
    assert len(types) == len(set(types))


def test_names_that_the_provider_does_not_know_are_told() -> None:
    wrong = Shape(
        "AWS::EC2::Volume",
        "aws_ebs_volume",
        {"Size": Argument("size"), "Colour": Argument("colour"), "Parts": Nested("parts", {})},
        attributes={"": "id", "Arn": "amazon_resource_name"},
        beside=(Beside("aws_volume_attachment", {"volume": "id"}, {"Device": Argument("device")}),),
    )
    assert list(complaints_of_shape(wrong)) == [
        "AWS::EC2::Volume: aws_ebs_volume has no argument colour",
        "AWS::EC2::Volume: aws_ebs_volume has no block parts",
        "AWS::EC2::Volume: aws_ebs_volume has no attribute amazon_resource_name",
        "AWS::EC2::Volume: aws_volume_attachment has no argument device",
        "AWS::EC2::Volume: aws_volume_attachment has no argument volume",
    ]
    assert list(complaints_of_shape(Shape("AWS::A::B", "aws_a_b", {}))) == ["AWS::A::B: no resource aws_a_b"]


def test_what_the_provider_would_refuse_of_blocks_is_told() -> None:
    record = Block(
        "resource",
        ("aws_route53_record", "www"),
        (
            Attribute("name", ("www",)),
            Attribute("ttl", "soon"),
            Attribute("zone_id", Code("aws_route53_zone.shop.number")),
            Block("alias", (), (Attribute("name", "a"),)),
            Block("alias", (), ()),
        ),
    )
    assert list(complaints_of_blocks((record,))) == [
        "aws_route53_zone.shop.number: aws_route53_zone has no attribute number",
        "aws_route53_record.www lacks type",
        "aws_route53_record.www.name is string, and gets ('www',)",
        "aws_route53_record.www.ttl is number, and gets 'soon'",
        "aws_route53_record.www has alias 2 times",
        "aws_route53_record.www has alias 2 times",
    ]


@pytest.mark.parametrize("shape", SHAPES, ids=lambda one: one.type)
def test_the_id_of_an_import_is_made_of_what_a_resource_has(shape: Shape) -> None:
    named = set(re.findall(r"\{(\w+)\}", shape.import_id))
    schema = resource_schema(shape.resource)
    assert named or (schema is not None and can_be_read(schema, shape.import_id))
    assert named <= {"id", *shape.members}


@pytest.mark.parametrize(
    ("exists_as", "form", "expected"),
    [
        ("i-1", "id", "i-1"),
        ("arn:aws:rds:eu-west-1:1:db:shop", "identifier", "shop"),
        ("arn:aws:ecs:eu-west-1:1:cluster/shop", "name", "shop"),
        ("arn:aws:lambda:eu-west-1:1:function:shop", "name", "shop"),
        ("shop", "name", "shop"),
        ("arn:aws:sns:eu-west-1:1:news", "arn", "arn:aws:sns:eu-west-1:1:news"),
        ("news", "arn", None),
        ("arn:aws:sqs:eu-west-1:1:orders", "url", "https://sqs.eu-west-1.amazonaws.com/1/orders"),
        ("https://sqs.eu-west-1.amazonaws.com/1/orders", "url", "https://sqs.eu-west-1.amazonaws.com/1/orders"),
        ("orders", "url", None),
        ("arn:aws-cn:sqs:cn-north-1:1:orders", "url", None),
        ("x", "{Zone}_{Name}_{Type}", "Z1_www_A"),
        ("x", "{Zone}/{Target}", None),
        ("x", "{Zone}/{id}", "Z1/x"),
        (None, "id", None),
    ],
)
def test_ids_of_imports(exists_as: str | None, form: str, expected: str | None) -> None:
    known = {"Zone": "Z1", "Name": "www", "Type": "A", "Target": Ref("elsewhere")}
    properties = {name: Leaf(value, Origin(Came.COPIED)) for name, value in known.items()}
    made = TargetResource("k", "AWS::X::Y", "n", Place("1", "eu-west-1"), properties, exists_as=exists_as)
    assert import_id(made, form) == expected

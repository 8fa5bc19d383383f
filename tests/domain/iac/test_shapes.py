import pytest

from cloudmigrate.domain.iac.hcl import Attribute, Block, Code
from cloudmigrate.domain.iac.shape import Argument, Beside, Nested, Shape
from cloudmigrate.domain.iac.shapes.catalogue import SHAPES
from tests.domain.iac.provider_schema import complaints_of_blocks, complaints_of_shape


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

"""The layout of the Terraform of a blueprint: modules, roots of waves, and what goes between them."""

from typing import Any

import pytest

from cloudmigrate.domain.iac.hcl import Attribute, Block, Code, Remark
from cloudmigrate.domain.iac.links import links_of
from cloudmigrate.domain.iac.model import Blueprint, Place, TargetResource, Unit
from cloudmigrate.domain.iac.naming import terraform_name
from cloudmigrate.domain.iac.terraform import NAMED_BY
from cloudmigrate.domain.iac.terraform_files import not_in_terraform, terraform_files
from cloudmigrate.domain.iac.terraform_module import PROVIDER_VERSION
from cloudmigrate.domain.iac.values import Branch, Came, Document, Here, Items, Joined, Leaf, Node, Origin, Ref, Value, Variable
from reports.iac.hcl_text import hcl_text
from tests.domain.iac.provider_schema import tables
from tests.domain.iac.terraform_wiring import complaints_of_tree

SHOP, PARTNER = Place("111111111111", "eu-west-1"), Place("222222222222", "us-east-1")
COPIED = Origin(Came.COPIED, "Source")


def leaf(value: Value) -> Leaf:
    return Leaf(value, COPIED)


def tags(**found: str) -> Items:
    return Items(tuple(Branch({"Key": leaf(name), "Value": leaf(value)}) for name, value in found.items()))


def resource(key: str, type_: str, place: Place = SHOP, **more: Any) -> TargetResource:
    described = {name: more.pop(name) for name in list(more) if name[0].isupper()}
    properties: dict[str, Node] = {name: one if isinstance(one, Items | Branch) else leaf(one) for name, one in described.items()}
    return TargetResource(key, type_, key, place, properties, **more)


def queue(key: str, **more: Any) -> TargetResource:
    return resource(key, "AWS::SQS::Queue", **more)


def unit(name: str, wave: int, *resources: TargetResource, place: Place = SHOP) -> Unit:
    return Unit(name, name, wave, place, resources)


def blueprint(*units: Unit) -> Blueprint:
    return Blueprint("plan-1", "abc", units)


def files(*units: Unit) -> dict[str, tuple[Block | Remark, ...]]:
    """The tree, which fits together whatever else a test says of it."""
    found = blueprint(*units)
    made = terraform_files(found, links_of(found.units))
    assert list(complaints_of_tree(made)) == []
    return made


def texts(*units: Unit) -> dict[str, str]:
    return {path: hcl_text(blocks) for path, blocks in files(*units).items()}


def named(key: str) -> str:
    return terraform_name(key, key)


def test_a_unit_is_a_module_and_a_wave_a_root_and_no_file_is_empty() -> None:
    found = files(unit("base", 0, queue("a")), unit("shop", 12, queue("b")))

    assert list(found) == [
        "modules/base/main.tf",
        "modules/base/versions.tf",
        "modules/shop/main.tf",
        "modules/shop/versions.tf",
        "waves/00-foundation/main.tf",
        "waves/00-foundation/providers.tf",
        "waves/00-foundation/variables.tf",
        "waves/00-foundation/versions.tf",
        "waves/12/main.tf",
        "waves/12/providers.tf",
        "waves/12/variables.tf",
        "waves/12/versions.tf",
    ]
    assert all(found.values())


def test_tags_that_all_have_are_said_once_but_for_names() -> None:
    found = texts(
        unit(
            "shop",
            1,
            queue("a", Tags=tags(App="shop", Env="prod", Name="a")),
            queue("b", Tags=tags(App="shop", Env="test")),
            queue("c"),
        )
    )
    assert (
        found["modules/shop/main.tf"]
        == f"""\
locals {{
  tags = {{
    App = "shop"
  }}
}}

resource "aws_sqs_queue" "{named("a")}" {{
  tags = merge(local.tags, {{
    Env  = "prod"
    Name = "a"
  }})
}}

resource "aws_sqs_queue" "{named("b")}" {{
  tags = merge(local.tags, {{
    Env = "test"
  }})
}}

resource "aws_sqs_queue" "{named("c")}" {{
}}
"""
    )


def test_a_lone_name_is_no_common_tag() -> None:
    found = texts(unit("shop", 1, queue("a", Tags=tags(Name="a"))))
    assert "locals" not in found["modules/shop/main.tf"]


def test_a_provider_stands_for_each_place_of_a_wave_and_its_modules_get_it() -> None:
    there = queue("b", place=PARTNER)
    found = texts(unit("shop", 1, queue("a")), unit("partner", 1, there, place=PARTNER))

    assert (
        found["waves/01/providers.tf"]
        == """\
provider "aws" {
  alias               = "in_111111111111_eu_west_1"
  region              = "eu-west-1"
  allowed_account_ids = ["111111111111"]

  dynamic "assume_role" {
    for_each = compact([lookup(var.assume_role_arns, "111111111111", "")])

    content {
      role_arn = assume_role.value
    }
  }
}

provider "aws" {
  alias               = "in_222222222222_us_east_1"
  region              = "us-east-1"
  allowed_account_ids = ["222222222222"]

  dynamic "assume_role" {
    for_each = compact([lookup(var.assume_role_arns, "222222222222", "")])

    content {
      role_arn = assume_role.value
    }
  }
}
"""
    )
    assert (
        found["waves/01/main.tf"]
        == """\
module "shop" {
  source = "../../modules/shop"
  providers = {
    aws = aws.in_111111111111_eu_west_1
  }
}

module "partner" {
  source = "../../modules/partner"
  providers = {
    aws = aws.in_222222222222_us_east_1
  }
}
"""
    )


def test_what_another_unit_of_the_wave_makes_comes_from_its_module() -> None:
    topic = resource("news", "AWS::SNS::Topic", TopicName="news")
    letters = resource("letters", "AWS::SNS::Subscription", Protocol="sqs", Endpoint=Ref("a", "Arn"), TopicArn=Ref("news"))
    found = texts(unit("base", 1, queue("a"), topic), unit("shop", 1, letters))

    assert f"  endpoint  = var.{named('a')}_arn\n" in found["modules/shop/main.tf"]
    assert (
        found["modules/shop/variables.tf"]
        == f"""\
variable "{named("a")}_arn" {{
  type        = string
  description = "Arn of a, which unit base makes."
  nullable    = false

  validation {{
    condition     = startswith(var.{named("a")}_arn, "arn:")
    error_message = "{named("a")}_arn is no ARN."
  }}
}}

variable "{named("news")}_arn" {{
  type        = string
  description = "Id of news, which unit base makes."
  nullable    = false

  validation {{
    condition     = startswith(var.{named("news")}_arn, "arn:")
    error_message = "{named("news")}_arn is no ARN."
  }}
}}
"""
    )
    assert (
        found["modules/base/outputs.tf"]
        == f"""\
output "{named("a")}_arn" {{
  description = "Arn of a."
  value       = aws_sqs_queue.{named("a")}.arn
}}

output "{named("news")}_arn" {{
  description = "Id of news."
  value       = aws_sns_topic.{named("news")}.arn
}}
"""
    )
    assert f"= module.base.{named('a')}_arn\n" in found["waves/01/main.tf"]
    assert "terraform_remote_state" not in found["waves/01/main.tf"]
    assert "state_backend" not in found["waves/01/variables.tf"]


def test_what_an_earlier_wave_made_comes_from_its_state() -> None:
    policy = resource("p", "AWS::SQS::QueuePolicy", PolicyDocument=Document({"Version": "2012-10-17"}), Queues=(Ref("a"),))
    found = texts(unit("base", 0, queue("a")), unit("shop", 2, policy))

    assert (
        found["waves/00-foundation/outputs.tf"]
        == f"""\
output "{named("a")}_url" {{
  description = "Id of a."
  value       = module.base.{named("a")}_url
}}
"""
    )
    assert found["waves/02/main.tf"].startswith("""\
data "terraform_remote_state" "foundation" {
  backend = var.state_backend
  config  = merge(var.state_config, var.state_backend == "local" ? tomap({ path = "${path.module}/../00-foundation/terraform.tfstate" }) : \
tomap({ key = "${var.state_key_prefix}/00-foundation/terraform.tfstate" }))
}
""")
    assert f"  {named('a')}_url = data.terraform_remote_state.foundation.outputs.{named('a')}_url\n" in found["waves/02/main.tf"]
    assert 'variable "state_backend"' in found["waves/02/variables.tf"]


def test_what_is_asked_of_people_goes_through_the_root_and_secrets_stay_hidden() -> None:
    password = Variable("password_1", "Of the shop.", is_secret=True)
    found = texts(
        unit(
            "shop",
            1,
            resource("s", "AWS::SNS::Subscription", Protocol=Variable("how", "How?", default="sqs"), Endpoint=password, TopicArn="arn:x"),
            queue("q", DelaySeconds=Variable("delay", "How long?", kind="Number"), QueueName=Variable("name_1", "Its name?")),
        )
    )
    expected = """\
variable "delay" {
  type        = number
  description = "How long?"
  nullable    = false
}

variable "how" {
  type        = string
  description = "How?"
  default     = "sqs"
}

variable "name_1" {
  type        = string
  description = "Its name?"
  nullable    = false

  validation {
    condition     = length(var.name_1) > 0
    error_message = "name_1 is empty."
  }
}

variable "password_1" {
  type        = string
  description = "Of the shop."
  nullable    = false
  sensitive   = true
}
"""
    assert found["modules/shop/variables.tf"] == expected
    assert found["waves/01/variables.tf"].endswith(expected)
    assert found["waves/01/main.tf"].endswith("""\
  delay      = var.delay
  how        = var.how
  name_1     = var.name_1
  password_1 = var.password_1
}
""")


def test_data_sources_are_there_only_where_something_refers_to_them() -> None:
    arn = Joined(("arn:", Here.PARTITION, ":sns:", Here.REGION, ":", Here.ACCOUNT, ":x"))
    with_them = resource("s", "AWS::SNS::Subscription", Protocol="sqs", Endpoint=arn, TopicArn="arn:x")
    found = files(unit("shop", 1, with_them), unit("bare", 1, queue("a")))

    data = [one.labels[0] for one in found["modules/shop/main.tf"] if isinstance(one, Block) and one.type == "data"]
    assert data == ["aws_caller_identity", "aws_partition", "aws_region"]
    assert [one.type for one in found["modules/bare/main.tf"] if isinstance(one, Block)] == ["resource"]


def test_what_exists_is_imported_by_the_id_that_its_type_takes() -> None:
    known = "arn:aws:sqs:eu-west-1:111111111111:orders"
    found = texts(
        unit(
            "shop",
            1,
            queue("a", exists_as=known),
            resource("t", "AWS::SNS::Topic", exists_as="news"),
        )
    )
    assert (
        found["waves/01/imports.tf"]
        == f"""\
import {{
  to = module.shop.aws_sqs_queue.{named("a")}
  id = "https://sqs.eu-west-1.amazonaws.com/111111111111/orders"
}}

# module.shop.aws_sns_topic.{named("t")} exists as news, which does not tell its id for an import (arn): import it by hand.
"""
    )


def test_a_type_that_terraform_has_no_words_for_is_told_and_what_refers_to_it_asks() -> None:
    odd = resource("o", "AWS::Odd::Thing")
    letters = resource("s", "AWS::SNS::Subscription", Protocol="sqs", Endpoint=Ref("o", "Arn"), TopicArn="arn:x")
    units = (unit("base", 1, odd), unit("shop", 1, letters))
    found = texts(*units)

    assert found["modules/base/main.tf"] == (
        "# Not here: o. No Terraform is made of AWS::Odd::Thing; its CloudFormation is in the template.\n"
    )
    assert 'description = "Arn of o: no Terraform is made of AWS::Odd::Thing."\n' in found["modules/shop/variables.tf"]
    assert f"  {named('o')}_arn = var.{named('o')}_arn\n" in found["waves/01/main.tf"]
    assert [one.key for one in not_in_terraform(blueprint(*units))] == ["o"]


def test_what_has_to_be_there_first_is_waited_for() -> None:
    first, second = queue("a"), queue("b", needs=("a",))
    assert f"depends_on = [aws_sqs_queue.{named('a')}]" in texts(unit("shop", 1, first, second))["modules/shop/main.tf"]
    assert "depends_on = [module.base]" in texts(unit("base", 1, first), unit("shop", 1, second))["waves/01/main.tf"]
    assert "depends_on" not in "".join(texts(unit("base", 0, first), unit("shop", 1, second)).values())


def test_a_name_that_only_terraform_needs_is_made_of_the_source_s() -> None:
    long = "orders-of-the-whole-shop-and-all-of-its-partners"
    made = texts(unit("shop", 1, TargetResource("k", "AWS::ECS::Cluster", long, SHOP, {})))["modules/shop/main.tf"]
    assert '  name = "orders-of-the-whole-shop-and-all-' in made
    assert len(made.split('name = "')[1].split('"')[0]) <= 40


@pytest.mark.parametrize(("type_", "argument"), NAMED_BY.items())
def test_names_that_the_provider_needs_are_those_that_it_says(type_: str, argument: str) -> None:
    assert argument in tables()["resources"][type_]["required"]


def test_the_provider_asked_for_is_the_one_whose_schema_we_hold_to() -> None:
    assert tables()["provider"].startswith(f"hashicorp/aws {PROVIDER_VERSION.removeprefix('~> ')}.")


@pytest.mark.parametrize("name", ["${x}", '"}\n}', "a/../b", "\ud800", "日本"])
def test_hostile_names_of_sources_end_in_values_only(name: str) -> None:
    made = TargetResource(name, "AWS::SQS::Queue", name, SHOP, {"QueueName": leaf(name), "Tags": tags(**{name: name})})
    asks = resource("s", "AWS::SNS::Subscription", Protocol="sqs", Endpoint=Ref(name, "Arn"), TopicArn="arn:x")
    found = files(unit("base", 0, made), unit("shop", 1, asks))

    assert all(set(path) <= set("abcdefghijklmnopqrstuvwxyz0123456789-./") for path in found)
    names = [label for blocks in found.values() for one in blocks if isinstance(one, Block) for label in one.labels]
    assert all(set(one) <= set("abcdefghijklmnopqrstuvwxyz0123456789_") for one in names)
    assert list(complaints_of_tree(found)) == []


def test_what_does_not_fit_together_is_told() -> None:
    odd = {
        "modules/a/main.tf": (
            Block("resource", ("aws_sqs_queue", "q"), (Attribute("name", Code("var.n")), Attribute("tags", Code("local.t")))),
        ),
        "modules/a/outputs.tf": (Block("output", ("o",), (Attribute("value", Code("aws_sqs_queue.r.arn")),)),),
        "modules/a/variables.tf": (Block("variable", ("m",)),),
        "waves/01/main.tf": (
            Block("module", ("a",), (Attribute("source", "../../modules/a"), Attribute("x", Code("module.a.p")))),
            Block("module", ("b",), (Attribute("source", "../../modules/b"),)),
            Block("import", (), (Attribute("to", Code("module.a.aws_sqs_queue.z")), Attribute("id", "1"))),
        ),
        "waves/01/outputs.tf": (),
    }
    assert list(complaints_of_tree(odd)) == [
        "waves/01/outputs.tf is empty",
        "modules/a: var.n is declared nowhere",
        "modules/a: local.t is declared nowhere",
        "modules/a: aws_sqs_queue.r.arn is declared nowhere",
        "waves/01: module a has no variable x",
        "waves/01: module a lacks m",
        "waves/01: module.a.p is no output",
        "waves/01: module b has no files",
        "waves/01: module.a.aws_sqs_queue.z is not in the module",
    ]

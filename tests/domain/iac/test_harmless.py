"""Values of strangers that CloudFormation would read as its own."""

import pytest

from cloudmigrate.domain.iac.harmless import AS_FUNCTION, SPACED, with_harmless_values
from cloudmigrate.domain.iac.values import Branch, Came, Document, Items, Joined, Leaf, Node, Origin, Ref, Value, Variable, plain
from tests.domain.iac.made_blueprints import leaf, queue

SECRET = "{{resolve:secretsmanager:prod}}"


def harmless(node: Node) -> Node:
    return with_harmless_values(queue("q", properties={"Member": node})).properties["Member"]


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (SECRET, "{{ resolve:secretsmanager:prod}}"),
        ({"a": (f"x{SECRET}{SECRET}",)}, {"a": ("x{{ resolve:secretsmanager:prod}}{{ resolve:secretsmanager:prod}}",)}),
        (Document({"Sid": SECRET}), Document({"Sid": "{{ resolve:secretsmanager:prod}}"})),
        (Joined((Ref("k"), SECRET)), Joined((Ref("k"), "{{ resolve:secretsmanager:prod}}"))),
    ],
)
def test_text_that_would_be_exchanged_for_a_secret_gets_a_space(value: Value, kept: Value) -> None:
    assert harmless(leaf(value)) == Leaf(kept, Origin(Came.TRANSFORMED, SPACED, "member"))


@pytest.mark.parametrize("value", [{"Ref": "x"}, {"a": ({"Fn::Sub": "${x}"},)}, Document({"Fn::Transform": {"Name": "AWS::Include"}})])
def test_a_member_that_would_be_a_function_is_left_out_and_told(value: Value) -> None:
    assert harmless(Branch({"a": Items((leaf(value), leaf("kept")))})) == Branch(
        {"a": Items((Leaf(None, Origin(Came.UNKNOWN, AS_FUNCTION, "member")), leaf("kept")))}
    )


@pytest.mark.parametrize(
    "value", ["${AWS::AccountId}", "{{x}}", {"Reference": "x", "fn": "Fn::Sub"}, ("Ref",), 5, True, None, Variable("a", "b")]
)
def test_all_else_stays(value: Value) -> None:
    assert harmless(leaf(value)) == leaf(value)


def test_a_reference_of_ours_to_a_secret_stays() -> None:
    ours = Leaf(SECRET, Origin(Came.SECRET, "in Secrets Manager", "MasterUserPassword"))
    assert plain(harmless(ours)) == SECRET

"""Catalogue expressions: the fast way gives what JMESPath gives, and the added functions what they say."""

from typing import Any

import jmespath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmigrate.aws.expressions import evaluate

MEMBERS = ["A", "B", "C"]
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["x", ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(MEMBERS), inner, max_size=3),
    max_leaves=12,
)
PATHS = st.lists(st.tuples(st.sampled_from(MEMBERS), st.booleans()), min_size=1, max_size=4).map(
    lambda steps: ".".join(name + ("[]" if is_list else "") for name, is_list in steps)
)


@given(PATHS, DOCUMENTS)
def test_plain_paths_mean_what_jmespath_says(path: str, document: Any) -> None:
    """The shortcut past the interpreter changes no answer."""
    assert evaluate(path, document) == jmespath.search(path, document)


@pytest.mark.parametrize(
    ("expression", "item", "expected"),
    [
        ("part(Arn, '/', `-1`)", {"Arn": "a/b/c"}, "c"),
        ("part(Arn, '/', `1`)", {"Arn": "a/b/c"}, "b"),
        ("part(Arn, 'loadbalancer/', `1`)", {"Arn": "arn:x:loadbalancer/app/n/1"}, "app/n/1"),
        ("part(Arn, '/', `7`)", {"Arn": "a/b"}, None),
        ("part(Arn, '/', `0`)", {}, None),
        ("split(Zones, ',')", {"Zones": "subnet-1, subnet-2,"}, ["subnet-1", "subnet-2"]),
        ("split(Zones, ',')", {}, []),
        ("chunks(Ids, `2`)", {"Ids": ["a", "b", "c"]}, [["a", "b"], ["c"]]),
        ("chunks(Ids, `2`)", {}, []),
        ("from_json(Policy)", {"Policy": '{"a": [1]}'}, {"a": [1]}),
        ("from_json(Policy)", {"Policy": "no json"}, "no json"),
        ("from_json(Policy)", {}, None),
    ],
)
def test_added_functions(expression: str, item: dict[str, Any], expected: Any) -> None:
    """Null in, nothing out: a member may be missing wherever a call was refused."""
    assert evaluate(expression, item) == expected


def test_a_value_of_another_type_is_no_failure() -> None:
    """What a function does not take names nothing."""
    assert evaluate("starts_with(Engine, 'aurora')", {"Engine": 7}) is None
    assert evaluate("join('/', [A, B])", {"A": "x"}) is None


def test_unknown_function_is_a_fault_of_ours() -> None:
    """A typing mistake in the catalogue is not swallowed."""
    with pytest.raises(jmespath.exceptions.UnknownFunctionError):
        evaluate("prat(A, '/', `0`)", {"A": "x"})

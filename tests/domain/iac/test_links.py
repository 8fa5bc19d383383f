"""What resources give one another, and what of it is needed outside a part of them."""

from cloudmigrate.domain.iac.links import links_of
from cloudmigrate.domain.iac.values import Ref
from tests.domain.iac.made_blueprints import queue, unit

# "a" refers to itself; "b" and, in another unit, "c" refer to "a"; "c" refers to "b"
UNITS = (unit("u", queue("a", to=["a"]), queue("b", to=["a"])), unit("v", queue("c", to=["b", "a"])))
LINKS = links_of(UNITS)


def test_users_are_those_that_refer_to_a_resource_itself_not_among_them() -> None:
    assert LINKS.users == {"a": {Ref("a", "Arn"): {"b", "c"}}, "b": {Ref("b", "Arn"): {"c"}}}


def test_what_only_the_part_itself_takes_is_not_taken_outside() -> None:
    assert LINKS.taken_outside({"a", "b", "c"}) == ()
    assert LINKS.taken_outside({"a", "b"}) == (Ref("a", "Arn"), Ref("b", "Arn"))
    assert LINKS.taken_outside({"b", "c"}) == ()
    assert LINKS.taken_outside({"c"}) == ()

"""What a table of snapshots says of their plans."""

import pytest

from cloudmigrate.app.reading import with_newest_plan


@pytest.mark.parametrize(
    ("plans", "told"), [("plan-c, plan-b, plan-a", "plan-c and 2 older"), ("plan-a", "plan-a"), ("", "")], ids=["three", "one", "none"]
)
def test_the_newest_plan_is_named_and_the_others_counted(plans: str, told: str) -> None:
    assert with_newest_plan({"snapshot": "s", "plans": plans}) == {"snapshot": "s", "plans": told}

"""Hypothesis strategies: small estates with every kind of resource and relation, dense enough to hold circles."""

from hypothesis import strategies as st

from cloudmigrate.domain.move_groups import PlanItem
from cloudmigrate.domain.resources import Relation, RelationRole

ROLES = {"needs": RelationRole.NEEDS, "part": RelationRole.PART, "setting": RelationRole.SETTING}


def item(uid: str, *, moves: bool = True, why_not: str | None = None) -> PlanItem:
    return PlanItem(uid, "AWS::EC2::Instance", moves, why_not)


def needs(source: str, target: str) -> Relation:
    return Relation(source, target, "needs")


def part(source: str, target: str) -> Relation:
    return Relation(source, target, "part")


def setting(source: str, target: str) -> Relation:
    return Relation(source, target, "setting")


@st.composite
def estates(draw: st.DrawFn) -> tuple[list[PlanItem], list[Relation]]:
    """Up to 14 resources, some of which stay, and relations also to things that were never seen."""
    count = draw(st.integers(0, 14))
    uids = [f"arn:aws:ec2:::r/{number:02}" for number in range(count)]
    items = [PlanItem(uid, "t", draw(st.integers(0, 3)) > 0, "stays") for uid in uids]
    ends = st.sampled_from([*uids, "arn:aws:unseen"])
    kinds = st.sampled_from(["needs", "needs", "needs", "part", "setting"])
    relations = draw(st.lists(st.builds(Relation, ends, ends, kinds), max_size=count * 2))
    return items, relations

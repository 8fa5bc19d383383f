"""Move groups: what fuses, what is a circle, and what each group is called."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmigrate.domain.group_names import group_id
from cloudmigrate.domain.move_groups import MoveGroup, PlanItem, Unplanned, move_groups
from cloudmigrate.domain.resources import Relation, RelationRole
from tests.domain.graphs import ROLES, estates, item, needs, part

INSTANCE = "arn:aws:ec2:eu-central-1:111111111111:instance/i-0abc"
VOLUME = "arn:aws:ec2:eu-central-1:111111111111:volume/vol-1"
SPARE = "arn:aws:ec2:eu-central-1:111111111111:volume/vol-2"


def test_an_attached_volume_moves_with_its_instance_and_a_spare_one_alone() -> None:
    found = move_groups([item(INSTANCE), item(VOLUME), item(SPARE)], [part(INSTANCE, VOLUME)], ROLES)
    assert [group.members for group in found.groups] == [(INSTANCE, VOLUME), (SPARE,)]
    assert found.groups[0].id.startswith("i-0abc-")
    assert not found.groups[0].cyclic


def test_needs_between_groups_are_told_from_both_ends() -> None:
    found = move_groups([item(uid) for uid in "abv"], [part("a", "v"), needs("v", "b"), needs("a", "b")], ROLES)
    a, b = found.groups
    assert (a.members, a.needs, a.needed_by, a.layer) == (("a", "v"), (b.id,), (), 2)
    assert (b.members, b.needs, b.needed_by, b.layer) == (("b",), (), (a.id,), 1)


def test_a_need_passes_through_what_stays_and_what_is_fused_with_it() -> None:
    stays = [item(uid, moves=False) for uid in "bc"]
    found = move_groups([item("a"), *stays, item("d")], [needs("a", "b"), part("c", "b"), needs("c", "d")], ROLES)
    assert {group.members: group.layer for group in found.groups} == {("a",): 2, ("d",): 1}


def test_needing_a_part_of_oneself_is_no_circle() -> None:
    found = move_groups([item("a"), item("v")], [part("a", "v"), needs("a", "v"), needs("v", "a")], ROLES)
    assert [(group.cyclic, group.cycle) for group in found.groups] == [(False, ())]


@pytest.mark.parametrize(
    ("relations", "members", "cycle"),
    [
        pytest.param([needs("a", "b"), needs("b", "a")], ("a", "b"), ("a", "b"), id="two"),
        pytest.param(
            [needs("a", "b"), needs("b", "c"), needs("c", "d"), needs("d", "a"), needs("b", "a")],
            ("a", "b", "c", "d"),
            ("a", "b"),
            id="the shortest through the first",
        ),
        pytest.param([needs("a", "b"), needs("b", "v"), part("a", "v")], ("a", "b", "v"), ("a", "b", "v"), id="closed by a part"),
        pytest.param([needs("a", "s"), needs("s", "b"), needs("b", "a")], ("a", "b"), ("a", "s", "b"), id="through what stays"),
        pytest.param([needs("a", "s"), needs("s", "a")], ("a",), ("a", "s"), id="one that moves, and what stays"),
    ],
)
def test_a_circle_is_one_group_with_a_witness(relations: list[Relation], members: tuple[str, ...], cycle: tuple[str, ...]) -> None:
    used = {end for one in relations for end in (one.source_uid, one.target_uid)}
    found = move_groups([item(uid, moves=uid != "s") for uid in used], relations, ROLES)
    assert [(group.members, group.cyclic, group.cycle) for group in found.groups] == [(members, True, cycle)]


def test_what_stays_says_why_and_passes_order_on() -> None:
    items = [item("web"), item("zone", moves=False, why_not="prepared in the target"), item("alb"), item("z-role", moves=False)]
    found = move_groups(items, [needs("web", "zone"), needs("zone", "alb"), needs("zone", "z-role")], ROLES)
    alb, web = found.groups
    assert (web.layer, web.needs, web.needs_unplanned) == (2, (), ("zone",))
    assert found.unplanned == (
        Unplanned("z-role", "AWS::EC2::Instance gets no wave of its own"),
        Unplanned("zone", "prepared in the target", needs=(alb.id,), needs_unplanned=("z-role",)),
    )


def test_a_part_that_stays_names_its_group() -> None:
    found = move_groups([item("a"), item("eni", moves=False), item("b")], [part("a", "eni"), needs("b", "eni")], ROLES)
    a, b = found.groups
    assert (a.members, b.needs, b.layer) == (("a",), (a.id,), 2)
    assert found.unplanned[0].group == a.id


def test_a_uid_given_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="resource a is given twice"):
        move_groups([item("a"), item("a")], [], ROLES)


@pytest.mark.parametrize(
    ("uid", "slug"),
    [
        ("arn:aws:s3:::my.Bucket", "my-bucket"),
        ("arn:aws:rds:eu-central-1:111111111111:db:orders", "orders"),
        ("arn:aws:route53:::hostedzone/Z1/<script>alert(1)</script>/A/", "a"),
        ("arn:x:../../etc/passwd", "passwd"),
        ("arn:x:/日本", "group"),
        ("arn:x:" + "y" * 300, "y" * 40),
        ("arn:x:\ud800", "group"),
    ],
)
def test_a_group_is_named_for_its_smallest_uid_in_safe_letters(uid: str, slug: str) -> None:
    name = group_id([uid])
    assert name.rpartition("-")[0] == slug
    assert len(name.rpartition("-")[2]) == 10


def test_a_group_keeps_its_name_while_its_members_stay() -> None:
    """Published, so that plans of different releases can be compared."""
    assert group_id(["arn:b", "arn:a"]) == group_id(["arn:a", "arn:b"]) == "a-a916258cfd"  # printf 'arn:a\narn:b' | sha256sum
    assert group_id(["arn:a"]) != group_id(["arn:a", "arn:b"])


def is_step(source: str, target: str, relations: set[Relation], parts: dict[str, set[str]]) -> bool:
    return Relation(source, target, "needs") in relations or target in parts[source]


@given(estates())
def test_a_witness_is_a_circle(estate: tuple[list[PlanItem], list[Relation]]) -> None:
    """Each uid of a cycle needs the next or is of one piece with it, none comes twice, and some need crosses pieces."""
    items, relations = estate
    known = {one.uid for one in items}
    pieces = {uid: {uid} for uid in known}
    for one in relations:
        if one.kind == "part" and {one.source_uid, one.target_uid} <= known:
            merged = pieces[one.source_uid] | pieces[one.target_uid]
            for uid in merged:
                pieces[uid] = merged
    for group in move_groups(items, relations, ROLES).groups:
        assert bool(group.cycle) == group.cyclic
        assert len(set(group.cycle)) == len(group.cycle)
        following = group.cycle[1:] + group.cycle[:1]
        assert all(is_step(source, target, set(relations), pieces) for source, target in zip(group.cycle, following, strict=True))
        if group.cyclic:
            assert len({frozenset(pieces[uid]) for uid in group.cycle}) > 1


@given(estates())
def test_layers_rise_along_needs(estate: tuple[list[PlanItem], list[Relation]]) -> None:
    """A group is one layer above the highest that it needs, directly or through what stays; ids are distinct."""
    found = move_groups(*estate, ROLES)
    groups = {group.id: group for group in found.groups}
    staying = {one.uid: one for one in found.unplanned}
    bound: dict[str, set[str]] = {uid: set() for uid in staying}  # what stays -> what stays and is fused with it
    for relation in estate[1]:
        ends = relation.source_uid, relation.target_uid
        if ROLES.get(relation.kind) is RelationRole.PART and set(ends) <= set(bound):
            bound[ends[0]].add(ends[1])
            bound[ends[1]].add(ends[0])
    assert len(groups) == len(found.groups)

    def reached(one: MoveGroup | Unplanned, seen: frozenset[str]) -> set[str]:
        ids = set(one.needs)
        fused = bound[one.uid] if isinstance(one, Unplanned) else set()
        for uid in (set(one.needs_unplanned) | fused) - seen:
            # A part of a group that stays stands for the whole group.
            ids |= {staying[uid].group or ""} - {""} or reached(staying[uid], seen | {uid})
        return ids

    for group in found.groups:
        below = reached(group, frozenset()) - {group.id}
        assert group.layer == 1 + max((groups[one].layer for one in below), default=0)
        assert all(group.id in groups[one].needed_by for one in group.needs)


@given(st.lists(st.text(min_size=1), min_size=1, unique=True))
def test_group_ids_are_safe_in_paths(uids: list[str]) -> None:
    assert set(group_id(uids)) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")

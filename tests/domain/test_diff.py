"""What changed between two snapshots, and what only looks like a change because one of them could not look."""

import json
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmigrate.domain.diff import UNLISTED_NOTES, InventoryDiff, diff_inventories
from cloudmigrate.domain.spec_diff import Change, changes_between, is_volatile
from cloudmigrate.lake.lake import Lake
from cloudmigrate.lake.views import Selection, Views

ACCOUNT, REGION, EC2 = "111111111111", "eu-central-1", "AWS::EC2::Instance"


def row(uid: str = "arn:i-1", **other: Any) -> dict[str, Any]:
    found = {
        "uid": uid,
        "provider": "aws",
        "account_id": ACCOUNT,
        "region": REGION,
        "type": EC2,
        "name": "web",
        "state": "running",
        "tags": {},
        "spec": {},
        "stateful": False,
        "storage_bytes": None,
        "private_ips": [],
        "created_at": datetime(2026, 1, 1, tzinfo=UTC),
    }
    return found | other


def look(status: str = "ok", type_: str = EC2, **other: Any) -> dict[str, Any]:
    return {"account_id": ACCOUNT, "region": REGION, "type": type_, "status": status} | other


def diff(before: list[dict[str, Any]], after: list[dict[str, Any]], **other: Any) -> InventoryDiff:
    usual: dict[str, Any] = {"coverage_before": [look()], "coverage_after": [look()]}
    return diff_inventories(before, after, **(usual | other))


def fates(found: InventoryDiff) -> dict[str, str]:
    """The fate of each resource that is in one snapshot only, and why it is not surer."""
    named = {"appeared": found.appeared, "vanished": found.vanished, "first_seen": found.first_seen, "not_seen": found.not_seen}
    return {entry.uid: fate + (f": {entry.why}" if entry.why else "") for fate, entries in named.items() for entry in entries}


def changes(found: InventoryDiff) -> list[tuple[str, Any, Any]]:
    return [(change.path, change.before, change.after) for one in found.changed for change in one.changes]


def test_appeared_and_vanished_where_both_looked() -> None:
    found = diff([row("a"), row("b")], [row("c"), row("b")])
    assert fates(found) == {"c": "appeared", "a": "vanished"}
    assert (found.changed, found.unchanged) == ((), 1)


@pytest.mark.parametrize(
    ("coverage", "why"),
    [
        pytest.param([look("ok")], None, id="ok"),
        pytest.param([look("empty")], None, id="empty"),
        pytest.param([look("partial")], None, id="partial: the listing was whole"),
        pytest.param(
            [look("partial", detail="items of 2 parents could not be listed: no access")],
            "partial: items of 2 parents could not be listed: no access",
            id="partial: some were not listed",
        ),
        pytest.param([look("denied")], "denied", id="denied"),
        pytest.param([look("throttled")], "throttled", id="throttled"),
        pytest.param([look("failed")], "failed", id="failed"),
        pytest.param([look("not_attempted")], "not_attempted", id="not-attempted"),
        pytest.param([], "out of scope", id="no-row"),
        pytest.param([look(type_="AWS::EC2::Volume")], "out of scope", id="another-type"),
        pytest.param([look(region="us-west-2")], "out of scope", id="another-region"),
        pytest.param([look(account_id="222222222222")], "out of scope", id="another-account"),
    ],
)
def test_what_one_snapshot_could_not_see_is_no_change(coverage: list[dict[str, Any]], why: str | None) -> None:
    gone = diff([row()], [], coverage_after=coverage)
    come = diff([], [row()], coverage_before=coverage)
    assert fates(gone) == {"arn:i-1": f"not_seen: {why}" if why else "vanished"}
    assert fates(come) == {"arn:i-1": f"first_seen: {why}" if why else "appeared"}


def test_a_tag_filter_hides_what_does_not_bear_the_tag() -> None:
    """What bore the tag and is gone has left the filtered estate; what never bore it was not looked for."""
    before = [row("in", tags={"env": "prod"}), row("out", tags={"env": "test"}), row("bare")]
    assert fates(diff(before, [], tags_after=["env=prod"])) == {
        "in": "vanished",
        "out": "not_seen: scope asks for tag env=prod",
        "bare": "not_seen: scope asks for tag env=prod",
    }


BUCKET = "AWS::S3::Bucket"
LISTED = [look(type_=BUCKET, region="global")]


@pytest.mark.parametrize(
    ("coverage", "regions", "expected"),
    [
        pytest.param([*LISTED, look()], (), "vanished", id="its region was looked at"),
        pytest.param([*LISTED, look(region="us-west-2")], (), "not_seen: out of scope", id="only another region was looked at"),
        pytest.param(LISTED, (), "vanished", id="buckets only, no filter by region"),
        pytest.param(LISTED, ("us-west-2",), "not_seen: out of scope", id="buckets of another region"),
        pytest.param(LISTED, (REGION,), "vanished", id="buckets of its region"),
        pytest.param([look("denied", BUCKET, region="global"), look()], (), "not_seen: denied", id="buckets were denied"),
        pytest.param([look()], (), "not_seen: out of scope", id="buckets were not asked for"),
    ],
)
def test_a_bucket_is_listed_globally_and_lives_in_a_region(coverage: list[dict[str, Any]], regions: tuple[str, ...], expected: str) -> None:
    assert fates(diff([row("b", type=BUCKET)], [], coverage_after=coverage, regions_after=regions)) == {"b": expected}


def test_notes_of_an_incomplete_listing_are_those_that_discovery_writes() -> None:
    """A partial look hides resources only where discovery says so in these words."""
    text = resources.files("cloudmigrate.aws").joinpath("discover.py").read_text()
    assert [note for note in UNLISTED_NOTES if note not in text] == []


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param({"name": "web"}, {"name": "shop"}, [("name", "web", "shop")], id="name"),
        pytest.param({"state": "running"}, {"state": "stopped"}, [("state", "running", "stopped")], id="state"),
        pytest.param({"storage_bytes": None}, {"storage_bytes": 8}, [("storage_bytes", None, 8)], id="storage"),
        pytest.param(
            {"tags": {"a": "1", "b": "2"}},
            {"tags": {"a": "1", "b": "3", "c d": "<b>"}},
            [("tags.b", "2", "3"), ('tags["c d"]', None, "<b>")],
            id="tags-key-by-key",
        ),
        pytest.param(
            {"tags": {"a": "1"}, "spec": {"Tags": [{"Key": "a", "Value": "1"}], "TagsOnCreate": 1}},
            {"tags": {"a": "2"}, "spec": {"Tags": [{"Key": "a", "Value": "2"}], "TagsOnCreate": 2}},
            [("tags.a", "1", "2"), ("spec.TagsOnCreate", 1, 2)],
            id="a-tag-is-told-once",
        ),
        pytest.param(
            {"spec": {"Endpoint": {"Port": 5432}}},
            {"spec": {"Endpoint": {"Port": 5433}}},
            [("spec.Endpoint.Port", 5432, 5433)],
            id="spec-by-path",
        ),
        pytest.param({"private_ips": ["10.0.0.1", "10.0.0.2"]}, {"private_ips": ["10.0.0.2", "10.0.0.1"]}, [], id="order-of-addresses"),
        pytest.param(
            {"private_ips": ["10.0.0.1"]},
            {"private_ips": ["10.0.0.9"]},
            [("private_ips[]", "10.0.0.1", None), ("private_ips[]", None, "10.0.0.9")],
            id="address",
        ),
        pytest.param(
            {"created_at": datetime(2026, 1, 1, tzinfo=UTC)},
            {"created_at": datetime(2026, 1, 2, tzinfo=UTC)},
            [("created_at", "2026-01-01T00:00:00+00:00", "2026-01-02T00:00:00+00:00")],
            id="made-anew",
        ),
        pytest.param({"spec": json.dumps({"A": 1})}, {"spec": {"A": 1}}, [], id="json-text-or-value"),
        pytest.param({"tags": None}, {"tags": {}}, [], id="no-tags"),
    ],
)
def test_changes_by_attribute(before: dict[str, Any], after: dict[str, Any], expected: list[tuple[str, Any, Any]]) -> None:
    assert changes(diff([row(**before)], [row(**after)])) == expected


def test_what_moves_by_itself_is_no_change() -> None:
    table, queue = "AWS::DynamoDB::Table", "AWS::SQS::Queue"
    before = [
        row("t", type=table, storage_bytes=1, spec={"ItemCount": 1, "GlobalSecondaryIndexes": [{"IndexName": "i", "IndexSizeBytes": 1}]}),
        row("q", type=queue, spec={"Attributes": {"ApproximateNumberOfMessages": "1", "DelaySeconds": "0"}}),
    ]
    after = [
        row("t", type=table, storage_bytes=9, spec={"ItemCount": 9, "GlobalSecondaryIndexes": [{"IndexName": "i", "IndexSizeBytes": 9}]}),
        row("q", type=queue, spec={"Attributes": {"ApproximateNumberOfMessages": "9", "DelaySeconds": "5"}}),
    ]
    both = [look(type_=table), look(type_=queue)]
    found = diff(before, after, coverage_before=both, coverage_after=both)
    assert changes(found) == [("spec.Attributes.DelaySeconds", "0", "5")]
    assert found.unchanged == 1


@pytest.mark.parametrize(
    ("type_", "path", "expected"),
    [
        ("AWS::RDS::DBInstance", "spec.LatestRestorableTime", True),
        ("AWS::RDS::DBInstance", "storage_bytes", False),
        ("AWS::S3::Bucket", "storage_bytes", True),
        ("AWS::EC2::Volume", "storage_bytes", False),
        ("AWS::ECS::Service", "spec.deployments[Id=ecs-svc].runningCount", True),
        ("AWS::ECS::Service", "spec.desiredCount", False),
        ("AWS::EC2::Instance", "spec.ItemCount", False),
    ],
)
def test_table_of_what_moves_by_itself(type_: str, path: str, expected: bool) -> None:
    assert is_volatile(type_, path) is expected


def test_a_refused_detail_is_no_change() -> None:
    """Of a bucket whose policy was refused in one snapshot, only what both could read is compared."""
    full, bare = {"Policy": {"Sid": "x"}, "Versioning": "Enabled"}, {"Versioning": "Suspended"}
    versioning = ("spec.Versioning", "Enabled", "Suspended")
    policy = ("spec.Policy", {"Sid": "x"}, None)
    assert changes(diff([row(spec=full)], [row(spec=bare)], coverage_after=[look("partial")])) == [versioning]
    assert changes(diff([row(spec=full)], [row(spec=bare)], coverage_before=[look("partial")])) == [policy, versioning]
    assert changes(diff([row(spec=full)], [row(spec=bare)])) == [policy, versioning]


def test_an_inner_value_that_goes_is_a_change_also_where_details_were_refused() -> None:
    before, after = row(spec={"Rules": {"Allow": [1, 2]}}), row(spec={"Rules": {"Allow": [1]}})
    assert changes(diff([before], [after], coverage_after=[look("partial")])) == [("spec.Rules.Allow[]", 2, None)]


LISTS = [
    pytest.param([1, 2, 2], [2, 1, 2], [], id="same bag"),
    pytest.param([1, 2, 2], [2, 1], [("x[]", 2, None)], id="one of two equal ones gone"),
    pytest.param(
        [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}],
        [{"Key": "b", "Value": "3"}, {"Key": "a", "Value": "1"}],
        [("x[Key=b].Value", "2", "3")],
        id="by name",
    ),
    pytest.param([{"Key": "a b", "Value": "1"}], [], [('x[Key="a b"]', {"Key": "a b", "Value": "1"}, None)], id="a name that needs quotes"),
    pytest.param(
        [{"From": 1, "To": 2}], [{"From": 1, "To": 3}], [("x[]", {"From": 1, "To": 2}, None), ("x[]", None, {"From": 1, "To": 3})], id="bag"
    ),
    pytest.param(
        [{"Key": "a"}, {"Key": "a"}], [{"Key": "a"}], [("x[]", {"Key": "a"}, None)], id="a name that is not distinct names nothing"
    ),
    pytest.param({"a": 1}, [1], [("x", {"a": 1}, [1])], id="another kind of value"),
    pytest.param({"a": None}, {}, [], id="null and absent"),
    pytest.param({"a.b": 1}, {"a.b": 2}, [('x["a.b"]', 1, 2)], id="a key that is no plain word"),
]


@pytest.mark.parametrize(("before", "after", "expected"), LISTS)
def test_json_values_path_by_path(before: Any, after: Any, expected: list[tuple[str, Any, Any]]) -> None:
    assert [(one.path, one.before, one.after) for one in changes_between("x", before, after)] == expected


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["Key", "Id", "a", "b c"]), inner, max_size=4),
    max_leaves=15,
)


@given(json_values, json_values)
def test_changes_of_json_values(before: Any, after: Any) -> None:
    """None against itself, and the way back is the way there turned round."""
    assert list(changes_between("x", before, before)) == []
    there = [Change(one.path, one.after, one.before) for one in changes_between("x", before, after)]
    assert sorted(map(repr, there)) == sorted(map(repr, changes_between("x", after, before)))


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 2)), st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 2)))
def test_every_resource_has_one_fate(before: dict[str, int], after: dict[str, int]) -> None:
    found = diff([row(uid, spec={"v": value}) for uid, value in before.items()], [row(uid, spec={"v": v}) for uid, v in after.items()])
    both = before.keys() & after.keys()
    assert {entry.uid for entry in found.appeared} == after.keys() - before.keys()
    assert {entry.uid for entry in found.vanished} == before.keys() - after.keys()
    assert {one.entry.uid for one in found.changed} == {uid for uid in both if before[uid] != after[uid]}
    assert found.unchanged == sum(before[uid] == after[uid] for uid in both)


def test_entries_are_sorted_and_make_a_document() -> None:
    found = diff([row("b"), row("a", name="<script>")], [row("d"), row("c")])
    document = json.loads(json.dumps(found.document()))
    assert [entry["uid"] for entry in document["vanished"]] == ["a", "b"]
    assert [entry["uid"] for entry in document["appeared"]] == ["c", "d"]
    assert document["vanished"][0] == {
        "uid": "a", "account_id": ACCOUNT, "region": REGION, "type": EC2, "name": "<script>", "why": None,
    }  # fmt: skip


def test_two_snapshots_of_a_lake(tmp_path: Path) -> None:
    """The rows that diff_inventory gives are compared like any others."""
    lake = Lake.open(tmp_path)
    hostile = {"<script>": "';--", "ключ": "значение"}
    older = [row("a", tags=hostile, spec={"Port": 1}, private_ips=["10.0.0.1"]), row("b")]
    newer = [row("a", tags=hostile | {"x": "y"}, spec={"Port": 2}, private_ips=["10.0.0.1"]), row("c")]
    read = []
    for snapshot_id, rows in (("20261122T203000Z-000001", older), ("20261123T203000Z-000002", newer)):
        part = lake.write("inventory", rows, snapshot_id=snapshot_id, part="p")
        with Views(lake, Selection(snapshot_id, {"inventory": (part.path,)})) as views:
            read.append(views.run("diff_inventory"))
    found = diff(read[0], read[1])
    assert fates(found) == {"b": "vanished", "c": "appeared"}
    assert changes(found) == [("tags.x", None, "y"), ("spec.Port", 1, 2)]
    assert read[0][0]["created_at"] == datetime(2026, 1, 1, tzinfo=UTC)

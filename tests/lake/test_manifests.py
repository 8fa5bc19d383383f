"""Two buckets compared: every verdict on fixtures worked out by hand, and what is kept as evidence."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from cloudmigrate.lake.lake import Lake
from cloudmigrate.lake.manifests import Bounds, Manifests

LISTED = datetime(2026, 3, 1, 12, tzinfo=UTC)
OLD = LISTED - timedelta(days=1)
MD5, OTHER_MD5, PARTS, OTHER_PARTS = "0" * 32, "1" * 32, f"{'2' * 32}-2", f"{'3' * 32}-3"


def version(key: str, version_id: str = "v1", **more: Any) -> dict[str, Any]:
    row = {"key": key, "version_id": version_id, "is_latest": True, "is_delete_marker": False, "last_modified": OLD, "tags": "[]"}
    return {**row, "size_bytes": 10, "etag": MD5, "storage_class": "STANDARD", **more}


def marker(key: str, version_id: str, **more: Any) -> dict[str, Any]:
    return version(key, version_id, is_delete_marker=True, size_bytes=None, etag=None, **more)


def compared(tmp_path: Path, source: list[dict[str, Any]], target: list[dict[str, Any]], *, are_md5: bool = True) -> Manifests:
    bounds = Bounds(LISTED, LISTED - timedelta(minutes=15), are_md5)
    made = Manifests(Lake.open(tmp_path), "evidence/one", bounds, "200MB")
    assert (made.write("source", source), made.write("target", target)) == (len(source), len(target))
    return made


def test_each_version_has_the_verdict_that_its_two_sides_give(tmp_path: Path) -> None:
    recent = LISTED - timedelta(minutes=5)
    source = [
        version("same"),
        version("two", "v1", is_latest=False),
        marker("two", "v2"),
        version("missing"),
        version("young", last_modified=recent),
        version("size"),
        version("tags", tags='[["kind","image"]]'),
        version("content"),
        version("kind"),
        version("parts", etag=PARTS),
        version("summed", etag=PARTS),
        version("spoilt", etag=PARTS),
        version("order", "v1", is_latest=False),
        version("order", "v2"),
    ]
    target = [
        version("same"),
        version("two", "v1", is_latest=False),
        marker("two", "v2"),
        version("size", size_bytes=11),
        version("tags"),
        version("content", etag=OTHER_MD5),
        marker("kind", "v1"),
        version("parts", etag=OTHER_PARTS),
        version("summed", etag=OTHER_PARTS),
        version("spoilt", etag=OTHER_PARTS),
        version("order", "v1"),
        version("order", "v2", is_latest=False),
        version("extra"),
        version("newer", last_modified=LISTED + timedelta(seconds=1)),
    ]
    made = compared(tmp_path, source, target)
    assert sorted(one["key"] for one in made.unsure()) == ["content", "parts", "spoilt", "summed"]
    looked = [("content", None), ("parts", None), ("summed", True), ("spoilt", False)]
    made.write_checksums({"key": key, "version_id": "v1", "is_equal": equal} for key, equal in looked)
    found = made.compare()
    # same: same, two (2), summed; different: size, tags, content, kind, spoilt, order (2)
    assert found.counts == {"same": 4, "missing": 1, "young": 1, "different": 7, "size_only": 1, "extra": 1, "newer": 1}
    assert found.count("missing", "different") == 8
    assert found.samples[0] == "different (content): 'content' version v1"
    rows = duckdb.sql(f"select key, verdict, detail from '{found.evidence}/differences.parquet' order by all").fetchall()
    assert rows == [
        ("content", "different", "content"),
        ("extra", "extra", ""),
        ("kind", "different", "kind"),
        ("missing", "missing", ""),
        ("newer", "newer", ""),
        ("order", "different", "order"),
        ("order", "different", "order"),
        ("parts", "size_only", ""),
        ("size", "different", "size"),
        ("spoilt", "different", "checksum"),
        ("tags", "different", "tags"),
        ("young", "young", ""),
    ]
    told = json.loads((Path(found.evidence) / "summary.json").read_text())
    assert told["counts"] == found.counts


@pytest.mark.parametrize(
    ("target", "verdicts"),
    [
        pytest.param([version("a", "null", is_latest=False), version("a", "v2")], {"same": 2}, id="keeps-the-id"),
        pytest.param([version("a", "n7", is_latest=False), version("a", "v2")], {"same": 2}, id="has-one-of-its-own"),
        pytest.param([version("a", "v2")], {"missing": 1, "same": 1}, id="is-not-there"),
        pytest.param(
            [version("a", "n7", is_latest=False), version("a", "n8", last_modified=OLD + timedelta(hours=1)), version("a", "v2")],
            {"extra": 1, "same": 2},
            id="only-the-oldest-is-its",
        ),
        pytest.param(
            [version("a", "null", is_latest=False), version("a", "n8"), version("a", "v2")], {"extra": 1, "same": 2}, id="both-ways"
        ),
    ],
)
def test_a_version_from_before_versioning_finds_its_own(tmp_path: Path, target: list[dict[str, Any]], verdicts: dict[str, int]) -> None:
    made = compared(tmp_path, [version("a", "null", is_latest=False), version("a", "v2")], target)
    assert made.compare().counts == verdicts


def test_sums_under_a_key_say_nothing_and_the_size_is_all_there_is(tmp_path: Path) -> None:
    made = compared(tmp_path, [version("a"), version("b")], [version("a", etag=OTHER_MD5), version("b", size_bytes=1)], are_md5=False)
    assert made.compare().counts == {"size_only": 1, "different": 1}


def test_what_is_held_in_both_comes_with_both_ids_and_nothing_else(tmp_path: Path) -> None:
    source = [version("a", "null"), version("b"), version("gone")]
    made = compared(tmp_path, source, [version("a", "n1"), version("b", size_bytes=1), version("extra")])
    held = sorted((one["key"], one["version_id"], one["target_version_id"]) for one in made.held())
    assert held == [("a", "null", "n1"), ("b", "v1", "v1")]


def test_two_empty_buckets_are_the_same(tmp_path: Path) -> None:
    assert compared(tmp_path, [], []).compare().counts == {}


# The queries by name: manifest_verdicts, manifest_counts, manifest_differences, manifest_unsure, manifest_held.

"""Rows go into a part exactly as the dataset says, or not at all."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from botocore.exceptions import ReadTimeoutError

from cloudmigrate.errors.stores import LakeError
from cloudmigrate.lake.datasets import BY_NAME
from cloudmigrate.lake.lake import Lake, Part
from cloudmigrate.lake.parquet import ROWS_A_GROUP, json_text

HOSTILE = "<script>alert('1')</script> ../../etc/passwd \"; drop table inventory; -- ünïcode \u202e\U0001f4a9"


def resource(uid: str, **changes: Any) -> dict[str, object]:
    return {
        "uid": uid,
        "provider": "aws",
        "account_id": "111111111111",
        "region": "eu-central-1",
        "type": "AWS::EC2::Instance",
        "name": uid,
        "state": "running",
        "tags": {},
        "spec": {},
        "stateful": False,
        "storage_bytes": None,
        "private_ips": (),
        "created_at": None,
        **changes,
    }


def relation(number: int) -> dict[str, object]:
    return {"source_uid": f"{number:06d}", "target_uid": "t", "kind": "k"}


def stored(lake: Lake, part: Part) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(lake.location(part.path), partitioning=None).to_pylist()
    return rows


def test_a_part_lies_under_its_dataset_and_snapshot(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path)
    part = lake.write("relations", [relation(1)], snapshot_id="20261122T203000Z-3f9a1c", part="r-1")
    file = tmp_path / "relations" / "snapshot=20261122T203000Z-3f9a1c" / "r-1.parquet"
    assert part == Part("relations", "relations/snapshot=20261122T203000Z-3f9a1c/r-1.parquet", rows=1, bytes=file.stat().st_size)
    assert pq.ParquetFile(file).metadata.row_group(0).column(0).compression == "ZSTD"


def test_values_come_back_as_they_went_in(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path)
    created_at = datetime(2026, 11, 22, 20, 30, 0, 123456, tzinfo=UTC)
    row = resource("u", tags={HOSTILE: HOSTILE, "a": "x" * 10_000}, spec={"b": [1, None], "a": HOSTILE}, private_ips=("10.0.0.1",))
    part = lake.write("inventory", [{**row, "created_at": created_at, "storage_bytes": 2**53 + 1}], snapshot_id="s", part="p")
    (found,) = stored(lake, part)
    assert dict(found["tags"]) == {HOSTILE: HOSTILE, "a": "x" * 10_000}
    assert found["spec"] == f'{{"a":{json_text(HOSTILE)},"b":[1,null]}}'
    assert (found["private_ips"], found["created_at"], found["storage_bytes"]) == (["10.0.0.1"], created_at, 2**53 + 1)


def test_half_a_surrogate_pair_becomes_the_replacement_character(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path)
    part = lake.write("inventory", [resource("u", name="a\ud800b", tags={"k": "\udfff"}, spec={"s": "\ud800"})], snapshot_id="s", part="p")
    (found,) = stored(lake, part)
    assert (found["name"], dict(found["tags"]), found["spec"]) == ("a\ufffdb", {"k": "\ufffd"}, '{"s":"\ufffd"}')


def test_json_text_is_the_same_for_the_same_value() -> None:
    assert json_text({"b": {1, 2}, "a": datetime(2026, 1, 1, tzinfo=UTC)}) == '{"a":"2026-01-01T00:00:00+00:00","b":[1,2]}'


def test_rows_are_sorted_by_their_keys(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path)
    part = lake.write("relations", [relation(3), relation(1), relation(2)], snapshot_id="s", part="p")
    assert [row["source_uid"] for row in stored(lake, part)] == ["000001", "000002", "000003"]


def test_many_rows_are_streamed_in_bounded_groups(tmp_path: Path) -> None:
    lake, taken = Lake.open(tmp_path), 0

    def rows() -> Iterator[dict[str, object]]:
        nonlocal taken
        for number in range(2 * ROWS_A_GROUP + 5):
            taken += 1
            yield relation(number)

    part = lake.write("relations", rows(), snapshot_id="s", part="p")
    metadata = pq.ParquetFile(lake.location(part.path)).metadata
    assert [metadata.row_group(number).num_rows for number in range(metadata.num_row_groups)] == [ROWS_A_GROUP, ROWS_A_GROUP, 5]
    assert part.rows == taken == 2 * ROWS_A_GROUP + 5


def test_no_rows_make_an_empty_part_with_the_schema(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path)
    part = lake.write("relations", [], snapshot_id="s", part="p")
    assert (part.rows, pq.read_schema(lake.location(part.path)).names) == (0, ["source_uid", "target_uid", "kind"])


@pytest.mark.parametrize(
    ("row", "said"),
    [
        pytest.param({"source_uid": "a", "target_uid": "b"}, r"lacks \['kind'\]", id="a-column-is-missing"),
        pytest.param({**relation(1), "more": 1}, r"unknown \['more'\]", id="a-column-too-many"),
        pytest.param({**relation(1), "kind": None}, "has no kind", id="null-where-none-may-be"),
        pytest.param({**relation(1), "kind": 3}, "column kind does not take a value", id="another-type"),
    ],
)
def test_a_row_that_does_not_fit_is_refused_and_nothing_is_written(tmp_path: Path, row: dict[str, object], said: str) -> None:
    with pytest.raises(LakeError, match=said):
        Lake.open(tmp_path).write("relations", [relation(0), row], snapshot_id="s", part="p")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_bad_row_after_many_good_ones_leaves_nothing(tmp_path: Path) -> None:
    rows = [relation(number) for number in range(2 * ROWS_A_GROUP)] + [{"source_uid": "a"}]
    with pytest.raises(LakeError):
        Lake.open(tmp_path).write("relations", rows, snapshot_id="s", part="p")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(("snapshot_id", "part"), [("../s", "p"), ("s", "a/b"), ("s", "../../p"), ("", "a/b")])
def test_ids_cannot_leave_the_dataset(tmp_path: Path, snapshot_id: str, part: str) -> None:
    with pytest.raises(LakeError):
        Lake.open(tmp_path).write("relations", [], snapshot_id=snapshot_id, part=part)


def test_an_unknown_dataset_is_named(tmp_path: Path) -> None:
    with pytest.raises(LakeError, match=r"nonsense.*use one of inventory"):
        Lake.open(tmp_path).write("nonsense", [], snapshot_id="s", part="p")


def test_documents(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path)
    assert lake.write_document("plans/p-1.json", b"{}") == f"{tmp_path}/plans/p-1.json"
    assert lake.read_document("plans/p-1.json") == b"{}"


def test_opening_a_lake_writes_nothing(tmp_path: Path) -> None:
    Lake.open(tmp_path / "not-yet")
    assert not (tmp_path / "not-yet").exists()


def test_a_network_that_fails_while_rows_come_is_not_taken_for_the_disk(tmp_path: Path) -> None:
    """botocore's time-outs are OSErrors: who reads a bucket must hear of them as such, and try again."""

    def rows() -> Iterator[Any]:
        yield from ()
        raise ReadTimeoutError(endpoint_url="http://127.0.0.1:9")

    lake = Lake.open(tmp_path)
    assert issubclass(ReadTimeoutError, OSError)
    with pytest.raises(ReadTimeoutError):
        lake.write_batches(BY_NAME["relations"], "evidence/relations.parquet", rows())
    assert not [one for one in tmp_path.rglob("*") if one.is_file()], "nothing is left half-written"
